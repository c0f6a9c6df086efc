// What every page does with a script running; all of it works without one, only less conveniently.
"use strict";

const say = (() => {
  const box = document.getElementById("say");
  let timer;
  return (name, text) => {
    box.textContent = text || document.body.dataset[`say${name[0].toUpperCase()}${name.slice(1)}`];
    box.classList.add("on");
    clearTimeout(timer);
    timer = setTimeout(() => box.classList.remove("on"), 2000);
  };
})();

// Copying: a citation, or a path on this server as a full address.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const text = button.dataset.copy.startsWith("/") ? location.origin + button.dataset.copy : button.dataset.copy;
  try {
    await navigator.clipboard.writeText(text);
    say("copied");
  } catch {
    say("failed");
  }
});

// Suggestions under the search box: arrows choose, Enter opens, Escape closes.
for (const form of document.querySelectorAll("form[data-suggest]")) {
  const input = form.querySelector("[role=combobox]");
  const list = form.querySelector("[role=listbox]");
  let chosen = -1;
  let waiting;
  let asked;

  const close = () => {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const choose = (at) => {
    const options = [...list.children];
    chosen = (at + options.length + 1) % (options.length + 1);
    if (chosen === options.length) chosen = -1;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === chosen)));
    if (chosen < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", options[chosen].id);
      options[chosen].scrollIntoView({ block: "nearest" });
    }
  };
  const ask = async () => {
    const typed = input.value.trim();
    asked?.abort();
    if (typed.length < 2) return close();
    asked = new AbortController();
    try {
      const answer = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(typed)}`, { signal: asked.signal });
      list.innerHTML = answer.ok ? await answer.text() : "";
    } catch {
      return; // a newer request took its place, or the server is gone: the box itself still works
    }
    chosen = -1;
    list.hidden = !list.children.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
  };
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 120);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const none = chosen < 0;
      choose(event.key === "ArrowDown" ? chosen + 1 : none ? list.children.length - 1 : chosen - 1);
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      list.children[chosen].click();
    } else if (event.key === "Escape") close();
  });
  input.addEventListener("blur", () => setTimeout(close, 200));
}

// "/" puts the cursor into the search box.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const box = document.getElementById("q") || document.querySelector("[data-slash]");
  if (box) {
    event.preventDefault();
    box.focus();
    box.select();
  }
});

// Fields that act when they change.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit], .asof input")) event.target.form.requestSubmit();
});

// What folds away on narrow screens.
if (matchMedia("(max-width: 60rem)").matches) {
  for (const details of document.querySelectorAll("[data-fold]")) details.open = false;
}

// Layers of a document.
const sheet = document.querySelector("article.sheet");
if (sheet) {
  const apply = (box) => sheet.classList.toggle(`show-${box.dataset.layer}`, box.checked);
  for (const box of document.querySelectorAll("[data-layer]")) {
    apply(box);
    box.addEventListener("change", () => apply(box));
  }
}

// The quote of a row in its context, in a panel beside the table.
const panel = document.getElementById("panel");
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-context]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const body = panel.querySelector(".panel-body");
  body.textContent = document.body.dataset.sayLoading;
  if (!panel.open) panel.showModal();
  try {
    const answer = await fetch(link.dataset.context);
    if (!answer.ok) throw new Error(answer.statusText);
    body.innerHTML = await answer.text();
    body.querySelector(".m-hit")?.scrollIntoView({ block: "center" });
  } catch {
    location.href = link.href;
  }
});
panel.addEventListener("click", (event) => {
  if (event.target === panel) panel.close();
});

// What cannot be undone is asked for once more.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-confirm]");
  if (button && !confirm(button.dataset.confirm)) event.preventDefault();
});

// What was read at a marked place of a document, in the panel.
if (sheet) {
  sheet.addEventListener("click", async (event) => {
    const mark = event.target.closest("mark");
    if (!mark || getSelection().type === "Range") return;
    const shown = [...document.querySelectorAll("[data-layer]:checked")].some((box) => mark.classList.contains(`m-${box.dataset.layer}`));
    if (!shown) return;
    const line = mark.closest("[data-at]");
    const before = document.createRange();
    before.setStart(line, 0);
    before.setEndBefore(mark);
    const at = Number(line.dataset.at) + [...before.toString()].length;
    const body = panel.querySelector(".panel-body");
    try {
      const answer = await fetch(sheet.dataset.notes + at);
      if (!answer.ok) throw new Error(answer.statusText);
      body.innerHTML = await answer.text();
      if (!panel.open) panel.showModal();
    } catch {
      say("failed");
    }
  });
}
