// Files dropped, uploads with their progress, checks under way, remarks, questions: the pages that do work.
"use strict";

// Dropping files anywhere on a drop field; the names chosen are shown in it.
for (const drop of document.querySelectorAll("[data-drop]")) {
  const input = drop.querySelector("input[type=file]");
  const names = drop.querySelector(".names");
  const show = () => {
    names.textContent = [...input.files].map((file) => file.name).slice(0, 4).join("、") + (input.files.length > 4 ? ` … ${input.files.length}` : "");
  };
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    const kept = new DataTransfer();
    for (const file of input.multiple ? event.dataTransfer.files : [...event.dataTransfer.files].slice(0, 1)) kept.items.add(file);
    input.files = kept.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  input.addEventListener("change", show);
}

// Uploads one after another, each with its own bar.
const uploader = document.querySelector("[data-uploader]");
if (uploader) {
  const list = document.querySelector("ul.uploads");
  const input = uploader.querySelector("input[type=file]");
  const send = (file) =>
    new Promise((done) => {
      const row = document.createElement("li");
      const name = document.createElement("span");
      name.className = "file";
      name.textContent = file.name;
      const bar = document.createElement("progress");
      bar.max = 1;
      bar.value = 0;
      bar.setAttribute("aria-label", file.name);
      row.append(name, bar);
      list.append(row);
      const request = new XMLHttpRequest();
      request.upload.addEventListener("progress", (event) => {
        if (event.loaded < event.total) bar.value = event.loaded / event.total;
        else bar.removeAttribute("value"); // all of it is there; now it is being read
      });
      const settle = () => {
        const page = new DOMParser().parseFromString(request.responseText || "", "text/html");
        const answer = page.querySelector("li");
        if (answer) row.replaceWith(document.adoptNode(answer));
        else {
          bar.remove();
          row.classList.add("refused");
          const why = document.createElement("span");
          why.className = "outcome";
          why.textContent = [...page.querySelectorAll(".empty h1, .empty h1 + p")].map((one) => one.textContent).join("：") || document.body.dataset.sayOffline;
          row.append(why);
        }
        done();
      };
      request.addEventListener("loadend", settle);
      request.open("POST", uploader.action);
      request.setRequestHeader("X-Fadu-Part", "1");
      request.setRequestHeader("Accept", "text/html");
      const form = new FormData();
      form.append("files", file);
      request.send(form);
    });
  let queue = Promise.resolve();
  const add = () => {
    const files = [...input.files];
    uploader.reset();
    uploader.querySelector(".names").textContent = "";
    for (const file of files) queue = queue.then(() => send(file));
    queue.then(async () => {
      const answer = await fetch(location.href);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of ["main .grid-wrap", "main .empty", "main .pager"]) document.querySelector(part)?.remove();
      for (const part of ["main .grid-wrap", "main .empty", "main .pager"]) {
        const found = page.querySelector(part);
        if (found) document.querySelector("main").append(document.adoptNode(found));
      }
      document.querySelector(".toolbar .count").textContent = page.querySelector(".toolbar .count").textContent;
    });
  };
  uploader.querySelector("button").hidden = true;
  input.addEventListener("change", add);
  uploader.addEventListener("submit", (event) => event.preventDefault());
}

// The sample documents, one request each, so that every one is seen to arrive.
for (const form of document.querySelectorAll("[data-sample]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    const list = form.parentElement.querySelector("ul.uploads");
    const total = Number(form.dataset.sample);
    const bar = document.createElement("progress");
    bar.max = total;
    bar.value = 0;
    bar.setAttribute("aria-label", button.textContent);
    button.disabled = true;
    button.after(bar);
    try {
      for (let number = 0; number < total; number += 1) {
        const body = new FormData();
        body.append("number", number);
        const answer = await fetch(form.action, { method: "POST", headers: { "X-Fadu-Part": "1" }, body });
        if (!answer.ok) throw new Error(answer.statusText);
        list.insertAdjacentHTML("beforeend", await answer.text());
        bar.value = number + 1;
      }
      location.href = "/documents";
    } catch {
      button.disabled = false;
      bar.remove();
      say("failed");
    }
  });
}

// A check under way: the server tells every step; a connection that breaks is made anew by the browser.
const waiting = document.querySelector("[data-watch]");
if (waiting && !waiting.querySelector("[data-done]")) {
  const steps = new EventSource(waiting.dataset.watch);
  steps.addEventListener("state", (event) => (waiting.innerHTML = JSON.parse(event.data)));
  steps.addEventListener("end", (event) => {
    steps.close();
    if (JSON.parse(event.data) === "done") location.reload();
  });
}

// Remarks are kept without leaving the place.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-note]");
  if (!form) return;
  event.preventDefault();
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
    if (!answer.ok) throw new Error(answer.statusText);
    form.closest(".finding").classList.toggle("handled", form.elements.handled.checked);
    say("kept");
  } catch {
    say("failed");
  }
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-note] [name=handled]")) event.target.form.requestSubmit();
});

// What a server sends step by step: each event with its name and its data.
const events = async function* (answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const lines = Object.fromEntries(part.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]));
      yield { name: lines.event, data: JSON.parse(lines.data) };
    }
  }
};

// Questions are answered below one another. Each answer brings fields of the form along: they are the conversation.
const chat = document.querySelector("[data-chat]");
if (chat) {
  const talk = document.querySelector(".talk");
  const box = chat.elements.q;
  const button = chat.querySelector("button");
  const element = (name, className, text) => Object.assign(document.createElement(name), { className, textContent: text });
  const ask = async (question) => {
    const body = new FormData(chat);
    body.set("q", question);
    talk.querySelector(".examples")?.remove();
    document.querySelector(".fresh").hidden = false;
    const turn = element("section", "turn", "");
    const said = element("div", "said writing", document.body.dataset.saySearching);
    turn.append(element("h2", "asked", question), said);
    talk.append(turn);
    talk.setAttribute("aria-busy", "true");
    button.disabled = true;
    turn.scrollIntoView({ block: "nearest" });
    let words = "";
    try {
      const answer = await fetch(chat.dataset.chat, { method: "POST", body });
      if (!answer.ok) throw new Error(answer.statusText);
      for await (const { name, data } of events(answer)) {
        if (name === "text") {
          if (!words) said.classList.add("original");
          said.textContent = words += data;
        } else if (name === "end") turn.outerHTML = data;
        else said.textContent = data;
        chat.scrollIntoView({ block: "end" });
      }
    } catch {
      said.textContent = document.body.dataset.sayOffline;
    }
    said.classList.remove("writing");
    button.disabled = false;
    talk.removeAttribute("aria-busy");
    box.focus();
  };
  chat.addEventListener("submit", (event) => {
    event.preventDefault();
    const question = box.value.trim();
    if (!question || button.disabled) return;
    box.value = "";
    ask(question);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      chat.requestSubmit();
    }
  });
  talk.addEventListener("click", (event) => {
    const link = event.target.closest("[data-ask]");
    if (!link) return;
    event.preventDefault();
    ask(link.textContent);
  });
}
