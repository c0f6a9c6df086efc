"""The web page: one search box, and hits with what matched marked in them."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse

from api.library import Library, library_of
from api.present import describe_bound, describe_document, describe_rule

if TYPE_CHECKING:
    from kb.types import Hit, SearchResult

router = APIRouter(include_in_schema=False)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_STYLE = """
body { font: 16px/1.7 system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; color: #222;
  max-width: 52rem; margin: 2rem auto; padding: 0 1rem }
form { display: flex; gap: .5rem }
input { flex: 1; font: inherit; padding: .5rem }
button { font: inherit; padding: .5rem 1.2rem }
article { border-top: 1px solid #ddd; padding: .8rem 0 }
h2 { font-size: 1rem; margin: 0 }
.place { color: #666; font-size: .85rem; margin: 0 }
mark { background: #ffe58a }
table { border-collapse: collapse; width: 100%; font-size: .9rem; margin: 1rem 0 }
td, th { border-top: 1px solid #ddd; text-align: left; padding: .3rem; vertical-align: top }
"""
_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>法度 fadu</title><style>{style}</style></head>
<body><h1>法度 <small>fadu</small></h1>
<form action="/" role="search"><input name="q" value="{query}" aria-label="检索" autofocus
 placeholder="三级医院住院报销比例是多少"><button>检索</button></form>
{body}
<footer class="place"><a href="/docs">API</a></footer></body></html>"""


@router.get("/")
def show_page(
    library: Annotated[Library, Depends(library_of)], q: Annotated[str, Query(max_length=2000)] = ""
) -> HTMLResponse:
    """The search page; everything from documents and from the query is escaped."""
    query = q.strip()
    body = _results(library.kb.search(query, k=10)) if query else _welcome(len(library.kb.documents()))
    text = _PAGE.format(style=_STYLE, query=escape(query), body=body)
    return HTMLResponse(text, headers={"Content-Security-Policy": _POLICY})


def _welcome(documents: int) -> str:
    return f"<p>知识库中有 {documents} 份文件。可用简体或繁体检索，也可直接输入条款，如“社会保险法第二十三条”。</p>"


def _results(result: SearchResult) -> str:
    if not result.hits and not result.rules:
        return "<p>知识库中没有相关规定。</p>"
    return _rules(result) + "".join(map(_article, result.hits))


def _rules(result: SearchResult) -> str:
    if not result.rules:
        return ""
    rows = "".join(
        f"<tr><td>{escape(describe_bound(rule.record))}</td><td>{escape(describe_rule(rule.record))}</td>"
        f"<td>{escape(describe_document(rule.document))} {escape(rule.provision_label or '')}</td></tr>"
        for rule in result.rules
    )
    return f"<table><thead><tr><th>限值</th><th>规则</th><th>出处</th></tr></thead><tbody>{rows}</tbody></table>"


def _article(hit: Hit) -> str:
    link = f"/api/documents/{quote(hit.document.id, safe='')}/text"
    return (
        f"<article><h2>{escape(describe_document(hit.document))}</h2>"
        f'<p class="place"><a href="{link}">{escape(hit.path or hit.label)}</a> · {hit.start}–{hit.end}</p>'
        f"<p>{mark_words(hit.quote, hit.why)}</p>{_elsewhere(hit.also)}</article>"
    )


def _elsewhere(places: tuple[str, ...]) -> str:
    return f'<p class="place">另见：{escape("；".join(places))}</p>' if places else ""


def mark_words(text: str, words: tuple[str, ...]) -> str:
    """`text` as HTML with every occurrence of `words` in <mark>.

    >>> mark_words("报销<b>比例", ("比例", "dense"))
    '报销&lt;b&gt;<mark>比例</mark>'
    """
    wanted = sorted((word for word in words if word), key=len, reverse=True)
    if not wanted:
        return escape(text)
    pieces = re.split(f"({'|'.join(map(re.escape, wanted))})", text)
    return "".join(f"<mark>{escape(p)}</mark>" if i % 2 else escape(p) for i, p in enumerate(pieces))
