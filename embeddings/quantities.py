"""Numbers and dates of a folded text in their plain form: ``15000``, ``93%``, ``2024-03-05``."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_DIGITS = {"零": 0, "〇": 0, "一": 1, "壹": 1, "二": 2, "两": 2, "贰": 2, "三": 3, "叁": 3, "四": 4, "肆": 4,
           "五": 5, "伍": 5, "六": 6, "陆": 6, "七": 7, "柒": 7, "八": 8, "捌": 8, "九": 9, "玖": 9}  # fmt: skip
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_MYRIADS = {"万": 10**4, "亿": 10**8}
_ENGLISH_TENS = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
MONTHS = {name: month for month, name in enumerate(
    "january february march april may june july august september october november december".split(), 1)}  # fmt: skip
"""The English months, folded -> 1..12, in order."""

# What must not stand before a number is looked for behind its first digit: a search for a digit is ten times as
# fast as one that looks back from every character.
_YEAR_MONTH_DAY = re.compile(
    r"(\d(?<!\d\d)\d{3})\s*(?:年\s*|[-/.])(\d{1,2})\s*(?:月\s*|[-/.])(\d{1,2})(?!\d)\s*[日号]?"
)
_YEAR_MONTH = re.compile(r"(\d(?<!\d\d)\d{3})\s*年\s*(\d{1,2})\s*月(?:份)?")
_YEAR = re.compile(r"([12](?<!\d.)\d{3})\s*年(?!\s*\d{1,2}\s*月)")
_HAN_YEAR = re.compile(r"([一二三四五六七八九〇零○]{4})年")
_MONTH_DAY = re.compile(r"(\d(?<![\d年]\d)\d?)\s*月\s*(\d{1,2})\s*[日号]")
_ENGLISH_DATE = re.compile(
    rf"\b({'|'.join(MONTHS)})\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})\b"
    rf"|\b(\d{{1,2}})(?:st|nd|rd|th)?\s+({'|'.join(MONTHS)}),?\s+(\d{{4}})\b"
)
_UNIT = "千万|百万|十万|万亿|万|亿|千|百"
_NUMBER = re.compile(
    r"(\d(?<![\d.]\d)(?:\d{0,2}(?:,\d{3})+(?:\.\d+)?|\d*(?:\.\d+)?))[^\S\n]*"
    rf"({_UNIT}|thousand\b|million\b|billion\b|trillion\b)?\s*(%|percent\b)?"
)
_BARE_YEAR = re.compile(r"(?:19|20)\d\d")
_UNIT_IN_NAME = re.compile("百度|万科|万达|千里")
_HAN_DIGIT = "[零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟]"
_LONGER_HAN_NUMBER = re.compile(f"{_HAN_DIGIT}(?:{_HAN_DIGIT}|分之|点)")
_HAN_NUMBER = re.compile(
    rf"(百分之)?({_HAN_DIGIT}+)"
    rf"(?:点([零〇一二三四五六七八九]+)({_UNIT})?)?"
)


def quantities(folded: str) -> Iterator[tuple[str, int, int]]:
    """The numbers and dates of a folded text: (plain form, start, end), some in several forms."""
    taken = bytearray(len(folded))

    def take(match: re.Match[str]) -> bool:
        """Whether the range of the match is free; takes it."""
        start, end = match.span()
        if 1 in taken[start:end]:
            return False
        taken[start:end] = b"\1" * (end - start)
        return True

    for needed, pattern, read in _DATES:
        for match in pattern.finditer(folded) if needed in folded else ():
            if (forms := read(match)) and take(match):
                yield from ((form, *match.span()) for form in forms)
    for match in _NUMBER.finditer(folded):
        if take(match):
            yield from _read_number(match)
    for match in _han_numbers(folded):
        if 1 not in taken[slice(*match.span())]:
            yield from _read_han_number(match)


def _han_numbers(folded: str) -> Iterator[re.Match[str]]:
    """The numbers in Chinese, but 一个, 三星: one character is too common and too often part of a word."""
    at = 0
    while begun := _LONGER_HAN_NUMBER.search(folded, at):
        match = _HAN_NUMBER.match(folded, begun.start())
        if match is None:  # what begins like a number is one
            return
        at = match.end()
        if len(match[2]) > 1 or match[1] or match[3]:
            yield match


def _read_number(match: re.Match[str]) -> Iterator[tuple[str, int, int]]:
    if match[2] and _BARE_YEAR.fullmatch(match[1]):
        yield (match[1], *match.span(1))
        if _UNIT_IN_NAME.match(match.string, match.start(2)):  # 2020百度世界大会; but 2000万元 is both
            return
    yield from _number(match, float(match[1].replace(",", "")) * _unit(match[2] or ""), bool(match[3]))


def _read_han_number(match: re.Match[str]) -> Iterator[tuple[str, int, int]]:
    value = _han_value(match[2])
    if value is not None:
        value += float("0." + "".join(str(_DIGITS[c]) for c in match[3])) if match[3] else 0
        yield from _number(match, value * _unit(match[4] or ""), bool(match[1]))


def _date_forms(year: str, month: str, day: str) -> list[str]:
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return []
    return [f"{year}-{int(month):02}-{int(day):02}", f"{year}-{int(month):02}", year]


def _read_month(match: re.Match[str]) -> list[str]:
    return [f"{match[1]}-{int(match[2]):02}", match[1]] if 1 <= int(match[2]) <= 12 else []


def _read_english(match: re.Match[str]) -> list[str]:
    if match[1]:
        return _date_forms(match[3], str(MONTHS[match[1]]), match[2])
    return _date_forms(match[6], str(MONTHS[match[5]]), match[4])


def _read_month_day(match: re.Match[str]) -> list[str]:
    month, day = int(match[1]), int(match[2])
    return [f"{month:02}-{day:02}"] if 1 <= month <= 12 and 1 <= day <= 31 else []


# What a text must hold for the pattern to be tried, the pattern, and what makes plain forms of a match.
_DATES = (
    (
        "",
        _YEAR_MONTH_DAY,
        lambda m: [
            *_date_forms(m[1], m[2], m[3]),
            *([f"{int(m[2]):02}-{int(m[3]):02}"] if _date_forms(m[1], m[2], m[3]) else []),
        ],
    ),
    ("", _ENGLISH_DATE, _read_english),
    ("年", _YEAR_MONTH, _read_month),
    ("年", _HAN_YEAR, lambda m: ["".join("0" if c == "○" else str(_DIGITS[c]) for c in m[1])]),
    ("年", _YEAR, lambda m: [m[1]]),
    ("月", _MONTH_DAY, _read_month_day),
)


def _unit(word: str) -> float:
    if word in _ENGLISH_TENS:
        return _ENGLISH_TENS[word]
    value = 1.0
    for char in word:
        value *= _TENS.get(char) or _MYRIADS[char]
    return value


def _han_value(text: str) -> float | None:
    """The value of a number written in Chinese; None when it is none (亿万, 百)."""
    if text[0] in _MYRIADS or (text[0] in _TENS and text[0] not in "十拾"):
        return None
    if all(char in _DIGITS for char in text):
        return float("".join(str(_DIGITS[char]) for char in text))
    total, section, digit = 0.0, 0, 0  # a float grows to infinity where an int would not fit one
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _TENS:
            section += (digit or 1) * _TENS[char]
            digit = 0
        else:
            own, unit = section + digit, _MYRIADS[char]
            # 三亿二千万: 万 counts only what stands since 亿; 二千万亿, 五万万: all that stands before.
            total = total + own * unit if own and total > unit else (total + own) * unit
            section = digit = 0
    if text[-1] in _DIGITS and text[-2] not in _DIGITS:  # 一万五 is 15000
        return total + section + digit * _unit(text[-2]) / 10
    return total + section + digit


def _number(match: re.Match[str], value: float, percent: bool) -> Iterator[tuple[str, int, int]]:
    """The number in its plain form; nothing where it is too large for a float."""
    if math.isfinite(value):
        yield (_plain(value) + ("%" if percent else ""), *match.span())


def _plain(value: float) -> str:
    rounded = round(value, 6)
    return str(int(rounded)) if rounded == int(rounded) else f"{rounded:.6f}".rstrip("0")
