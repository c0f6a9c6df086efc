"""What fadu tells people: every message in both languages, filled with the values that the code gives."""

from __future__ import annotations

import pickle
import re
import string
from pathlib import Path

import pytest

from ingest.errors import ReadError
from ingest.lexicon import load_table
from ingest.messages import say
from ingest.readers.refusals import CODES

ROOT = Path(__file__).parent.parent
SOURCES = [path for folder in ("ingest", "kb", "api") for path in (ROOT / folder).rglob("*.py")]
CALL = re.compile(r"""say\((?:\s*)(f?)"([a-z_{}]+)"((?: if .{1,80}? else )"([a-z_]+)")?""")


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", load_table("messages"))
def test_a_message_is_whole_in_both_languages(code: str) -> None:
    texts = load_table("messages")[code]
    assert set(texts) == {"en", "zh"}
    assert fields(texts["zh"]) <= fields(texts["en"]), "the English text names every value there is"
    words = re.sub(r"\{[^}]*\}", "", texts["zh"])
    assert re.search("[\u4e00-\u9fff]", words)
    assert not re.search(r"[a-z]{3,} [a-z]{2,}", words), "no English sentence"
    if code != "other":
        assert "; " in texts["en"], "why, and what to do"
        assert "；" in texts["zh"]


def test_every_code_is_used_and_every_use_has_a_text() -> None:
    used = set(CODES) | {f"{code}_unconverted" for code in ("old_word", "old_excel", "rtf", "open_document", "office")}
    for path in SOURCES:
        for formatted, code, _, other in CALL.findall(path.read_text(encoding="utf-8")):
            used |= {code, other} - {""} if not formatted else set()
    assert used == set(load_table("messages"))


def test_a_refusal_survives_the_way_between_processes() -> None:
    refused = pickle.loads(pickle.dumps(ReadError("a.pdf", say("pdf_too_long", pages=3000, most=2000))))
    assert str(refused) == "a.pdf: it has 3,000 pages, more than the 2,000 fadu reads; split it"
    assert refused.message.said("zh") == "有 3,000 页，超过上限 2,000 页；请拆分"
