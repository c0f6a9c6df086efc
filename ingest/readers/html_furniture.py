"""What on a page is not the document: found from markup, link density and trafilatura's idea of the main text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from ingest.lexicon import load_table
from ingest.readers.html_blocks import Block, Page
from ingest.readers.layout import clean_cell

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_JUDGED = 20_000
"""Elements of a page above which trafilatura is not asked: it takes 1.5 s for so many, and such a page is all text."""

MIN_MAIN = 15
"""Characters of a block that, found in trafilatura's text, marks where the main text begins or ends."""

MAX_STRAY = 40
"""Characters below which a block outside the main text, with no sentence in it, is page furniture."""

MAX_POSTING = 120
"""Characters of a line of posting data (source, date, clicks, font size) in an element named so."""

LINK_SHARE = 0.75
"""Share of linked characters above which a block is a list of links."""

MAX_DEPTH = 200
"""Nesting trafilatura is given: it walks a tree by recursion."""

_META_NAMES = frozenset(
    {"ArticleTitle", "PubDate", "ContentSource", "SiteName", "ColumnName", "author", "keywords", "description"}
)
"""`meta` names that the PRC's government site rules prescribe, and the common HTML ones."""

_SENTENCE = re.compile("[。；;！？]")
_SQUEEZE = re.compile(r"[\s\u3000\xa0:：【】\[\]]+")
_LABELLED = re.compile(r"\s*【?([^:：】]{2,14})】?\s*[:：]\s*(\S.{0,80})")
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


@dataclass(frozen=True, slots=True)
class Hint:
    """What markup says a block is: by the kind of an element (`sure`), or only by a class or id word."""

    reason: str
    sure: bool = False


def find_furniture(page: Page) -> dict[int, str]:
    """Find the blocks that are not the document.

    Args:
        page: the page; trafilatura changes its tree, so this comes last.

    Returns:
        The reason by block index: `navigation`, `links`, `advert` or `posting data`; nothing when it would be all.
    """
    blocks = page.blocks
    hints = _hints_of(blocks)
    main = _find_main(page)
    strong = [i for i in main if len(blocks[i].text) >= MIN_MAIN and not _is_links(blocks[i]) and not hints[i].sure]
    first, last = min(strong, default=0), max(strong, default=len(blocks) - 1)
    homes = {home for i in strong for home in (blocks[i].element, blocks[i].element.getparent())}
    titles = _titles_of(page)
    reasons: dict[int, str] = {}
    for index, (block, hint) in enumerate(zip(blocks, hints, strict=True)):
        outside = not first <= index <= last
        beside = block.element in homes or block.element.getparent() in homes
        if not hint.sure and _SQUEEZE.sub("", block.text) in titles:
            continue
        if hint.sure or (hint.reason and outside and index not in main) or (hint.reason and _is_links(block)):
            reasons[index] = hint.reason
        elif _is_links(block) and (outside or block.links > 1):
            reasons[index] = "links"
        elif outside and index not in main and not beside and _is_stray(block, MAX_STRAY):
            reasons[index] = "navigation"
        elif hint.reason in ("posting data", "advert") and _is_stray(block, MAX_POSTING):
            reasons[index] = hint.reason
    return reasons if len(reasons) < len(blocks) else {}


def read_metadata(page: Page) -> tuple[dict[str, str], list[int]]:
    """Read what the page says of its document.

    Args:
        page: the page.

    Returns:
        Fields by label as found (blanks and colons removed; the title under `title`, `meta` elements under their
        name), and the blocks that hold nothing but such fields.
    """
    labels = _labels()
    metadata: dict[str, str] = {}
    title = page.root.findtext(".//title")
    if title and title.strip():
        metadata["title"] = " ".join(title.split())
    for meta in page.root.iter("meta"):
        name, content = meta.get("name", ""), (meta.get("content") or "").strip()
        if name in _META_NAMES and content:
            metadata[name] = content
    posting: list[int] = []
    listed: list[tuple[int, str, str]] = []
    for index, block in enumerate(page.blocks):
        if block.grid is not None:
            found = _fields_of_table([[i for i in row if isinstance(i, str)] for row in block.grid])
            if len(found) > 1:
                metadata.update(found)
                posting.append(index)
        elif (match := _LABELLED.fullmatch(block.text)) and _SQUEEZE.sub("", match.group(1)) in labels:
            listed.append((index, _SQUEEZE.sub("", match.group(1)), match.group(2).strip()))
    if len(listed) > 1 and listed[-1][0] - listed[0][0] <= 2 * len(listed):
        metadata.update({label: value for _, label, value in listed})
        posting.extend(index for index, _, _ in listed)
    return metadata, posting


def _fields_of_table(rows: Sequence[Sequence[str]]) -> dict[str, str]:
    """Label and value pairs of a table in which most filled cells are such pairs; else nothing."""
    labels = _labels()
    fields: dict[str, str] = {}
    filled = 0
    for row in rows:
        cells = [clean_cell(cell) for cell in row]
        filled += sum(bool(cell) for cell in cells)
        for label, value in zip(cells, [*cells[1:], ""], strict=True):
            key = _SQUEEZE.sub("", label)
            if key in labels and _SQUEEZE.sub("", value) not in labels:
                fields[key] = value.strip()
            elif (match := _LABELLED.fullmatch(label)) and _SQUEEZE.sub("", match.group(1)) in labels:
                fields[_SQUEEZE.sub("", match.group(1))] = match.group(2).strip()
                filled += 1
    return {key: value for key, value in fields.items() if value} if len(fields) * 2 >= filled * 0.6 else {}


def _titles_of(page: Page) -> set[str]:
    """The page's title as it may stand in the text: whole, before the site's name, and as `meta` elements give it."""
    title = page.root.findtext(".//title") or ""
    found = [title, *re.split("[-_|—–－]", title)]
    found += [meta.get("content") or "" for meta in page.root.iter("meta") if meta.get("name") == "ArticleTitle"]
    return {_SQUEEZE.sub("", text) for text in found} - {""}


def _find_main(page: Page) -> set[int]:
    """The blocks whose text trafilatura keeps."""
    if page.elements > MAX_JUDGED or page.depth > MAX_DEPTH:
        return set()
    from trafilatura import extract

    kept = (extract(page.root, include_comments=False, include_tables=True, favor_recall=True) or "").splitlines()
    lines = {_SQUEEZE.sub("", line.lstrip("- ")) for line in kept}
    cells = {_SQUEEZE.sub("", cell) for line in kept if line.startswith("|") for cell in line.split("|")} - {""}
    main = set()
    for index, block in enumerate(page.blocks):
        texts = [block.text] if block.grid is None else [i for row in block.grid for i in row if isinstance(i, str)]
        if any(_SQUEEZE.sub("", text) in known for text in texts for known in (lines, cells)):
            main.add(index)
    return main


def _is_links(block: Block) -> bool:
    return block.linked > LINK_SHARE * len(block.text.replace(" ", ""))


def _is_stray(block: Block, length: int) -> bool:
    """A short line that is no sentence."""
    return block.grid is None and len(block.text) <= length and not _SENTENCE.search(block.text)


def _hints_of(blocks: Sequence[Block]) -> list[Hint]:
    """What markup says each block is: an ancestor's kind if any tells, else the nearest telling name."""
    known: dict[HtmlElement, Hint] = {}
    hints = []
    for block in blocks:
        path: list[HtmlElement] = []
        element = block.element
        while element is not None and element not in known:
            path.append(element)
            element = element.getparent()
        hint = known[element] if element is not None else Hint("")
        for element in reversed(path):
            if not hint.sure:
                hint = _own_hint(element) or hint
            known[element] = hint
        hints.append(hint)
    return hints


def _own_hint(element: HtmlElement) -> Hint | None:
    sure = _sure_reason(element.tag, element.get("role", ""))
    if sure:
        return Hint(sure, sure=True)
    if element.tag in ("html", "body"):
        return None
    named = _named_reason(f"{element.get('class', '')} {element.get('id', '')}")
    return Hint(named) if named else None


@lru_cache(maxsize=4096)
def _sure_reason(tag: str, role: str) -> str:
    """The reason an element's kind or role gives, or nothing."""
    table = load_table("pages")
    for section, value in (("elements", tag), ("roles", role)):
        for reason, names in table[section].items():
            if value in names:
                return str(reason)
    return ""


@lru_cache(maxsize=4096)
def _named_reason(names: str) -> str:
    """The reason a class and id give by one of their words, or nothing."""
    words = {word.lower() for word in _WORDS.findall(names)}
    return next((reason for reason, telling in _telling_words().items() if words & telling), "")


@cache
def _telling_words() -> dict[str, frozenset[str]]:
    return {reason: frozenset(words) for reason, words in load_table("pages")["words"].items()}


@cache
def _labels() -> frozenset[str]:
    return frozenset(load_table("pages")["metadata"]["labels"])
