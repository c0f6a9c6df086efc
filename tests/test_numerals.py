"""Numerals: every way of writing a number reads as the same exact decimal."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import FaduError
from ingest.extract.numerals import NumeralError, parse_number

_DIGITS = "零一二三四五六七八九"
_FORMAL = str.maketrans("一二三四五六七八九十百千", "壹贰叁肆伍陆柒捌玖拾佰仟")
_TRADITIONAL = str.maketrans("万亿", "萬億")


def chinese_from_number(number: int) -> str:
    """Write a number below 10**16 in Chinese, by the school rule: one 零 for any run of empty places."""
    if number == 0:
        return "零"
    text, pending_zero = "", False
    for scale, name in ((10**12, "万"), (10**8, "亿"), (10**4, "万"), (1, "")):
        section, number = divmod(number, scale)
        if scale == 10**12 and section:
            text += _section(section) + name + ("亿" if number < 10**8 else "")
            pending_zero = number // 10**8 < 1000
            continue
        if section:
            text += ("零" if text and (pending_zero or section < 1000) else "") + _section(section) + name
            pending_zero = False
        elif text:
            pending_zero = True
    return text


def _section(section: int) -> str:
    text, zero = "", False
    for scale, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, section = divmod(section, scale)
        if digit:
            text += ("零" if zero and text else "") + _DIGITS[digit] + name
            zero = False
        else:
            zero = True
    return text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,179,859", "1179859"),  # grouped
        ("1，179，859", "1179859"),  # full-width commas
        ("1 179 859", "1179859"),  # blanks
        ("62,240,671.30", "62240671.30"),  # grouped with decimals
        ("１２．５", "12.5"),  # full width
        ("1.12亿", "112000000"),  # scale after decimals
        ("3千", "3000"),
        ("2.5万", "25000"),
        ("3亿5000万", "350000000"),  # two scales
        ("7万5千4百", "75400"),
        ("1万600", "10600"),  # digits after a scale keep their value
        ("5个亿", "500000000"),  # 个亿
        ("一千零五", "1005"),
        ("一万五", "15000"),  # the scale left unsaid
        ("二百五", "250"),
        ("一百二十", "120"),
        ("十五", "15"),
        ("廿五", "25"),
        ("卅", "30"),
        ("两千三百", "2300"),
        ("俩", "2"),
        ("壹佰贰拾叁", "123"),  # formal
        ("參萬肆仟", "34000"),  # formal, traditional
        ("二〇二一", "2021"),  # digit by digit
        ("一九九五", "1995"),
        ("三点五", "3.5"),
        ("零點零五", "0.05"),  # traditional
        ("三点五万", "35000"),
        ("四千五百六十九万八千三百一十一亿", "4569831100000000"),  # 万 of 亿
        ("五兆六十二亿", "5006200000000"),
        ("三百余万", "3000000"),  # 余 carries no value
        ("半", "0.5"),
        ("一半", "0.5"),
        ("三分之一", "0.3333333333333333333333333333"),
        ("一又二分之一", "1.5"),
        ("百分之五", "0.05"),
        ("3/4", "0.75"),
        ("负三十二", "-32"),
        ("-1,200", "-1200"),
        ("三千 八百 九十六", "3896"),  # blanks between the parts
    ],
)
def test_parse_number(text: str, value: str) -> None:
    assert parse_number(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "元",
        "一百元",
        "点一",
        "一点",
        "十一十二",
        "百十一",
        "10..1万",
        "10.1万零100",
        "五分之",
        "零分之三",
        "-",
        "参保",
    ],
)
def test_what_is_no_numeral_is_refused(text: str) -> None:
    with pytest.raises(NumeralError, match="is not a numeral") as refused:
        parse_number(text)
    assert isinstance(refused.value, FaduError)
    assert refused.value.text == text


@given(st.integers(0, 10**16 - 1))
def test_chinese_numerals_read_back(number: int) -> None:
    text = chinese_from_number(number)
    assert parse_number(text) == number
    assert parse_number(text.translate(_TRADITIONAL)) == number
    assert parse_number(text.translate(_FORMAL)) == number


@given(st.integers(0, 10**15), st.integers(0, 999))
def test_grouping_does_not_change_the_value(whole: int, decimals: int) -> None:
    plain = f"{whole}.{decimals:03}"
    assert parse_number(f"{whole:,}.{decimals:03}") == Decimal(plain) == parse_number(plain)


@given(st.text(max_size=30))
def test_anything_is_a_number_or_refused(text: str) -> None:
    try:
        value = parse_number(text)
    except NumeralError:
        return
    assert value.is_finite()
