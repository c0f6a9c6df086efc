"""Encoding detection: every codec, short and long text in both scripts, clean and damaged."""

from __future__ import annotations

import codecs
import json
import os
import random
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import ReadError
from ingest.readers.encoding import MAX_BAD_SHARE, codec_of, decode, detect

TABLE = Path(__file__).parent / "cases" / "encodings.jsonl"
CASES = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]
BIG5 = {"big5", "cp950", "big5hkscs"}
SIMPLIFIED = "第五条 参保单位每年三月底前申报职工人数；逾期未申报的，按上年人数的一倍半核定应缴金额，并书面告知单位。\n"
TRADITIONAL = "第十條 本補助之經費，由縣政府編列百分之七十五，其餘由鄉鎮公所分擔；申請逾期者，不予受理。\n"


PAIRS = [(case["text"] * case.get("repeat", 1), codec, case["why"]) for case in CASES for codec in case["codecs"]]


@pytest.mark.parametrize(("text", "codec", "why"), PAIRS)
def test_clean_text_round_trips(text: str, codec: str, why: str) -> None:
    decoded = decode(text.encode(codec), "case.txt")
    assert decoded.text == text, why
    assert decoded.warnings == (), why
    assert decoded.confidence >= 0.8, why
    assert text.encode(codec).decode(decoded.encoding) == text, why


@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (b"\x84\x31\x95\x33", "gb18030"),
    ],
)
def test_byte_order_mark_is_proof_and_not_text(mark: bytes, codec: str) -> None:
    decoded = decode(mark + SIMPLIFIED.encode(codec), "a.txt")
    assert (decoded.text, decoded.encoding, decoded.confidence) == (SIMPLIFIED, codec, 1.0)
    assert decoded.how == "byte-order mark"


DAMAGED = [(SIMPLIFIED, c) for c in ("utf-8", "gb18030", "utf-16-le", "utf-16-be")] + [
    (TRADITIONAL, c) for c in ("utf-8", "big5", "cp950", "big5hkscs", "gb18030", "utf-16-le")
]


@pytest.mark.parametrize(("text", "codec"), DAMAGED)
@pytest.mark.parametrize("repeat", [1, 30])
def test_last_byte_cut_off(text: str, codec: str, repeat: int) -> None:
    whole = text.rstrip("\n。") * repeat
    decoded = decode(whole.encode(codec)[:-1], "a.txt")
    assert decoded.text == whole[:-1] + "\ufffd"
    assert decoded.warnings == (
        f"the last character is cut off (stands as U+FFFD at character {len(whole) - 1}): the file may be truncated",
    )


@pytest.mark.parametrize(("text", "codec"), DAMAGED)
def test_bad_bytes_are_counted_and_placed(text: str, codec: str) -> None:
    data = bytearray((text * 40).encode(codec))
    rng = random.Random(7)
    for _ in range(len(data) // 400):
        data[rng.randrange(len(data))] = 0xFF
    decoded = decode(bytes(data), "a.txt")
    assert decoded.encoding == codec or {decoded.encoding, codec} <= BIG5
    places = [i for i, char in enumerate(decoded.text) if char == "\ufffd"]
    if places:
        assert f"{len(places)} places are not valid" in decoded.warnings[0]
        assert f"at characters {places[0]}" in decoded.warnings[0]
        assert decoded.confidence < 1


def test_replacement_characters_already_in_the_file_are_reported() -> None:
    assert decode((SIMPLIFIED + "\ufffd参保").encode(), "a.txt").warnings == (
        "1 replacement characters U+FFFD were in the file already: an earlier conversion lost them",
    )


@pytest.mark.parametrize(
    ("label", "actual", "expected"),
    [
        ("gb2312", "gb18030", "gb18030"),
        ("big5", "big5", "big5"),
        ("utf-8", "gb18030", "gb18030"),
        ("gb2312", "big5", "big5"),
        ("nonsense", "gb18030", "gb18030"),
        ("gb2312", "utf-8", "utf-8"),
    ],
)
def test_declared_charset_is_believed_unless_disproved(label: str, actual: str, expected: str) -> None:
    text = TRADITIONAL if actual == "big5" else SIMPLIFIED
    assert decode(text.encode(actual), "a.html", label).encoding == expected


def test_declared_charset_decides_between_close_candidates() -> None:
    assert detect("１２３％".encode("gbk"), "gbk") is not None


@pytest.mark.parametrize(
    ("label", "codec"), [("GB2312", "gb18030"), ("x-unknown", None), ("Big5-HKSCS", "big5hkscs"), (None, None)]
)
def test_codec_of_label(label: str | None, codec: str | None) -> None:
    assert codec_of(label) == codec


@pytest.mark.parametrize(
    "data",
    [
        os.urandom(4000),
        b"\x00" * 100 + b"\x01\x02" * 50,
        Path(sys.executable).resolve().read_bytes()[:50_000],
        b"text\x00\x00\x00\x00\x00text",
    ],
    ids=["random", "zeros", "program", "mostly NUL"],
)
def test_binary_is_refused(data: bytes) -> None:
    with pytest.raises(ReadError, match="binary"):
        decode(data, "a.txt")


def test_text_with_too_many_bad_places_is_refused() -> None:
    data = bytearray((SIMPLIFIED * 20).encode())
    for i in range(0, len(data), 20):
        data[i] = 0xFF
    with pytest.raises(ReadError, match=r"characters cannot be decoded as utf-8|binary"):
        decode(bytes(data), "a.txt")
    assert 0 < MAX_BAD_SHARE < 0.2


def test_other_languages_keep_a_modest_confidence() -> None:
    decoded = decode(
        "Règlement général : l'assuré reçoit 70 % des frais, l'État paie le reste.".encode("cp1252"), "a.txt"
    )
    assert "assuré" in decoded.text
    assert decoded.confidence < 0.8
    assert "guess" in decoded.warnings[-1]


POLICY = st.text(st.sampled_from(SIMPLIFIED + TRADITIONAL + "0123456789%％，。；（）\n"), min_size=24, max_size=200)


@given(POLICY, st.sampled_from(["utf-8", "gb18030", "utf-16-le", "utf-16-be"]))
def test_any_policy_like_text_round_trips(text: str, codec: str) -> None:
    if sum(char >= "\u4e00" for char in text) >= 12:
        assert decode(text.encode(codec), "a.txt").text == text


@given(st.binary(max_size=300))
def test_decode_never_fails_in_another_way(data: bytes) -> None:
    try:
        decoded = decode(data, "a.txt")
    except ReadError:
        return
    assert data.decode(decoded.encoding, "replace").lstrip("\ufeff") == decoded.text.lstrip("\ufeff")
    assert 0 <= decoded.confidence <= 1
