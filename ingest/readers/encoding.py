"""Bytes to text: which encoding, how sure, and what could not be decoded.

The order of proof: byte-order mark, UTF-16 byte pattern, strict UTF-8, then every codec Chinese policy texts come in
is tried and the decoded text judged by how much it looks like Chinese; cchardet and charset-normalizer are asked only
when that judgement is close.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from ingest.errors import ReadError
from ingest.messages import say

SAMPLE_BYTES = 65_536
"""Bytes the candidates are judged on; accuracy is level above 200 bytes, so this only bounds the time."""

MAX_BAD_SHARE = 0.05
"""Undecodable places per character above which a text is refused: measured damage in real copies is below 1%."""

MAX_CONTROL_SHARE = 0.02
"""Control characters per character above which bytes are called binary: text has none but stray form feeds."""

MIN_PLAUSIBILITY = 0.1
"""Score per character a text must reach: policy prose has 0.5 to 0.9, its bytes in a wrong codec -0.6 to 0.1."""

DECLARED_LEAD = 0.3
"""How much better another codec must read before a declared one is disbelieved."""

DAMAGED_PLAUSIBILITY = -0.3
"""Score a short text with a lost byte may fall to (everything after it is shifted); it must lead by as much too."""

MAX_NUL_SHARE = 0.005
"""NUL bytes per byte that pass as damage in a one-byte or multi-byte encoding; UTF-16 and binary files have more."""

SHOWN_POSITIONS = 10
"""Positions a warning lists before it says how many more there are."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)

_BIG5_FAMILY = ("big5", "cp950", "big5hkscs")
_CANDIDATES = ("utf-8", "gb18030", "cp950", "utf-16-le", "utf-16-be")
"""Codecs tried on every text; cp950 stands for the Big5 family, which `_choose_big5` tells apart."""

_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
"""Codecs of texts that hold NUL bytes."""

_SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "cp936": "gb18030",
    "gb18030": "gb18030",
    "hz": "hz",
    "big5": "big5",
    "cp950": "cp950",
    "big5hkscs": "big5hkscs",
    "utf-8": "utf-8",
    "ascii": "utf-8",
    "utf-16": "utf-16",
}
"""What a declared or guessed codec is decoded with: what calls itself gb2312 often holds GBK or GB18030 characters."""

_FREQUENT = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法"
    "学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实第条规应保险社费单位政府管机关缴纳基金工医疗员职业失待遇项"
    "月日办市县区省务院者按照依或及由每元百十二三四五六七八九万内违反款责任处罚情况标准支付申请参加养老伤服构制度通公布施级门相民卫障报"
    "告建立各类型等比例统筹账户体企這個們來爲為國說時會對於過發後裏裡種經麼學現當沒動還進樣開從實條規應險費單機關繳納醫療員職業項辦縣"
    "區務萬內違責處罰況標準請參養傷構佈級門衛報類統籌賬戶體與並給著臺號勞兩專據總權選區間點"
)
"""Characters most frequent in modern Chinese and in administrative prose, both scripts: half of any policy text."""

_ODD = re.compile(
    "[\u0080-\u00a0\u00a1-\u00a6\u00a8-\u00af\u00b1-\u00b6\u00b8-\u00d6\u00d8-\u00f6\u00f8-\u024f"  # Latin-1 remains
    "\u02b0-\u036f\u0400-\u1fff\u2200-\u2207\u2209-\u2219\u221b-\u225f\u2262-\u2263\u2266-\u22ff"
    "\u2500-\u259f\u3040-\u30ff\u3100-\u312f\uac00-\ud7ff\ue000-\uf8ff\ufe30-\ufe6f\uff64-\uffdf]"
)
"""Characters that policy texts hardly use and wrong codecs produce."""

_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Decoded text with its proof.

    Attributes:
        text: the text without byte-order mark; undecodable places stand as U+FFFD.
        encoding: Python codec name.
        confidence: 0 to 1; 1 for a byte-order mark or strict UTF-8.
        how: what decided: `byte-order mark`, `strict utf-8`, `byte pattern`, `declared`, `characters`,
            `second opinion`.
        warnings: what was lost or guessed, one sentence each.
    """

    text: str
    encoding: str
    confidence: float
    how: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Detection:
    """An encoding, how sure (0 to 1) and by what evidence (see `Decoded.how`)."""

    encoding: str
    confidence: float
    how: str


def decode(data: bytes, name: str, declared: str | None = None) -> Decoded:
    """Decode bytes of unknown encoding.

    Args:
        data: the whole file.
        name: path or label, for messages.
        declared: codec name the file states about itself (an HTML charset); believed unless the bytes disprove it.

    Returns:
        The text and its proof. A few bad bytes or a cut-off last character are replaced and reported in `warnings`.

    Raises:
        ReadError: the bytes are binary, or no encoding makes text of them.

    >>> decode("第五条".encode("gbk") * 5, "a.txt").encoding
    'gb18030'
    """
    found = detect(data, declared)
    if found is None:
        raise ReadError(name, say("not_text"))
    body = _without_bom(data, found.encoding)
    text = body.decode(found.encoding, "replace")
    lost = [m.start() for m in re.finditer("\ufffd", text)]
    if len(lost) > MAX_BAD_SHARE * max(len(text), 40):
        raise ReadError(name, say("undecodable", lost=len(lost), length=len(text), encoding=found.encoding))
    if len(_CONTROL.findall(text)) > MAX_CONTROL_SHARE * len(text):
        raise ReadError(name, say("not_text"))
    already = body.decode(found.encoding, "ignore").count("\ufffd") if lost else 0
    warnings = list(_damage_warnings(found.encoding, lost, already, len(text)))
    if found.confidence < 0.75:
        warnings.append(f"the encoding {found.encoding} is a guess (confidence {found.confidence:.2f})")
    confidence = found.confidence if not lost else round(found.confidence * (1 - len(lost) / len(text)), 3)
    return Decoded(text, found.encoding, confidence, found.how, tuple(warnings))


def detect(data: bytes, declared: str | None = None) -> Detection | None:
    """Find the encoding of bytes, or None when they are not text.

    Args:
        data: the whole file.
        declared: codec name the file states about itself.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return Detection(encoding, 1.0, "byte-order mark")
    nuls = data.count(0)
    if nuls:
        wide = _detect_wide(data)
        if wide is not None or nuls > MAX_NUL_SHARE * len(data):
            return wide
    try:
        data.decode("utf-8")
        return Detection("utf-8", 1.0, "strict utf-8")
    except UnicodeDecodeError:
        return _detect_by_characters(data, declared)


def codec_of(label: str | None) -> str | None:
    """Resolve a charset label to the codec to decode with, None when unknown.

    >>> codec_of("GB2312"), codec_of("x-sjis-made-up")
    ('gb18030', None)
    """
    if not label:
        return None
    try:
        canonical = codecs.lookup(label.strip().lower().replace("_", "-")).name
    except LookupError:
        return None
    return _SUPERSETS.get(canonical, canonical)


def _without_bom(data: bytes, encoding: str) -> bytes:
    for bom, codec in _BOMS:
        if codec == encoding and data.startswith(bom):
            return data[len(bom) :]
    return data


def _damage_warnings(encoding: str, lost: list[int], already: int, length: int) -> Iterable[str]:
    """Say how many places were lost, and where (code point offsets in the decoded text)."""
    if not lost:
        return
    if lost == [length - 1] and not already:
        yield f"the last character is cut off (stands as U+FFFD at character {lost[0]}): the file may be truncated"
        return
    where = ", ".join(str(p) for p in lost[:SHOWN_POSITIONS])
    more = f" and {len(lost) - SHOWN_POSITIONS} more" if len(lost) > SHOWN_POSITIONS else ""
    undecodable = len(lost) - already
    if undecodable > 0:
        yield f"{undecodable} places are not valid {encoding} and stand as U+FFFD, at characters {where}{more}"
    if already > 0:
        yield f"{already} replacement characters U+FFFD were in the file already: an earlier conversion lost them"


def _detect_wide(data: bytes) -> Detection | None:
    """UTF-16 or UTF-32 without byte-order mark: bytes with NULs that are text in one of them, or else binary."""
    sample = data[:SAMPLE_BYTES]
    scores = {codec: _plausibility(sample.decode(codec, "replace")) for codec in _WIDE}
    best = max(scores, key=lambda codec: scores[codec])
    return Detection(best, 0.97, "byte pattern") if scores[best] > MIN_PLAUSIBILITY else None


def _plausibility(text: str) -> float:
    """How much a text looks like Chinese prose, per non-ASCII character: about 0.7 for prose, below 0 for mojibake."""
    common = _common_characters()
    total = score = 0.0
    for char, count in Counter(text).items():
        if char < "\x80":
            if _CONTROL.match(char):
                total += count
                score -= 3 * count
            continue
        total += count
        if char in _FREQUENT:
            score += count
        elif char in common:
            score += 0.4 * count
        elif char == "\ufffd":
            score -= 3 * count
        elif _ODD.match(char):
            score -= 1.5 * count
        else:
            score -= 0.6 * count
    return score / total if total else 0.5


@cache
def _common_characters() -> frozenset[str]:
    """Level 1 of GB 2312 and of Big5 (the characters their makers held to be in common use) and the punctuation."""
    gb = bytes(b for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF) for b in (row, cell))
    trails = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    big5 = bytes(b for row in range(0xA4, 0xC6) for cell in trails for b in (row, cell))
    marks = "，。、；：？！“”‘’「」『』（）《》〈〉【】〔〕［］…—－～·％‰℃①②③④⑤⑥⑦⑧⑨⑩○〇．　／×○●□■★◎"
    full_width = "".join(map(chr, range(0xFF01, 0xFF5F)))
    return frozenset(gb.decode("gb2312", "ignore") + big5.decode("big5", "ignore") + marks + full_width)


def _detect_by_characters(data: bytes, declared: str | None) -> Detection | None:
    """Judge every candidate by the text it makes; ask the libraries when none makes good Chinese."""
    sample = data[:SAMPLE_BYTES]
    scores = {codec: _plausibility(sample.decode(codec, "replace")) for codec in _CANDIDATES}
    best, second = sorted(scores, key=lambda codec: -scores[codec])[:2]
    stated = codec_of(declared)
    if stated in _BIG5_FAMILY:
        stated = "cp950"
    if stated in scores and scores[stated] > max(MIN_PLAUSIBILITY, scores[best] - DECLARED_LEAD):
        return Detection(_choose_big5(data) if stated == "cp950" else stated, 0.99, "declared")
    lead = scores[best] - scores[second]
    if scores[best] > MIN_PLAUSIBILITY or (scores[best] > DAMAGED_PLAUSIBILITY and lead > -DAMAGED_PLAUSIBILITY):
        confidence = _confidence(scores[best], lead, len(data))
        return Detection(_choose_big5(data) if best == "cp950" else best, confidence, "characters")
    return _second_opinion(sample, stated)


def _confidence(score: float, margin: float, length: int) -> float:
    """Map a score, its lead over the next and the length in bytes to a confidence (see tests/test_encoding.py)."""
    lead = min(1.0, max(0.0, margin) / 0.4)
    return round(min(0.99, (0.5 + 0.5 * lead) * min(1.0, 0.6 + max(0.0, score)) * min(1.0, 0.8 + length / 160)), 3)


def _choose_big5(data: bytes) -> str:
    """Tell Big5, its Windows form and its Hong Kong form apart by the characters each makes of the same bytes.

    Big5 proper wins ties: where no byte pair distinguishes them, all three make the same text. Hong Kong's form has a
    character for nearly every pair, damaged ones too, so it must explain at least twice as much.
    """

    def oddities(codec: str) -> float:
        text = data.decode(codec, "replace")
        return len(_ODD.findall(text)) + 3 * text.count("\ufffd")

    big5, cp950, hkscs = (oddities(codec) for codec in _BIG5_FAMILY)
    if hkscs < min(big5, cp950) / 2:
        return "big5hkscs"
    return "big5" if big5 <= cp950 else "cp950"


def _second_opinion(sample: bytes, stated: str | None) -> Detection | None:
    """Text of another language: the codec that two of label, cchardet and charset-normalizer name, or one if Latin."""
    import cchardet
    from charset_normalizer import from_bytes

    guess = codec_of(cchardet.detect(sample)["encoding"])
    match = from_bytes(sample).best()
    votes = [codec for codec in (stated, guess, codec_of(match.encoding) if match else None) if codec]
    if not votes:
        return None
    encoding, count = Counter(votes).most_common(1)[0]
    latin = sum(0x20 <= byte < 0x7F for byte in sample) > len(sample) / 2
    return Detection(encoding, 0.7 if count > 1 else 0.5, "second opinion") if count > 1 or latin else None
