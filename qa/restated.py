"""A question's numbers and dates as the articles write them: 五千七百一十万 becomes their 5710万."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import zip_longest
from typing import TYPE_CHECKING

from embeddings.words import fold, numbers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HAN_DIGITS = "〇一二三四五六七八九"
_HAN_DATE = re.compile(
    r"(?P<year>[零〇○一二三四五六七八九]{4})年(?:(?P<month>[一二三四五六七八九十]{1,2})月(?:份|(?P<day>[一二三四五六七八九十]{1,3})[日号])?)?"
)
_YEAR_END = re.compile(r"(?P<year>[12]\d{3})年?年?[末底]")
_LARGER = {"公斤": ("克", 1000), "千克": ("克", 1000), "公里": ("米", 1000), "千米": ("米", 1000), "吨": ("公斤", 1000),
           "升": ("毫升", 1000), "kg": ("g", 1000), "km": ("m", 1000), "小时": ("分钟", 60)}  # fmt: skip
_MEASURED = re.compile(rf"(?P<n>\d+(?:\.\d+)?)\s*(?P<unit>{'|'.join(_LARGER)})(?![a-z])")

_CLOCK = re.compile(r"(?<![\d:])(?P<hour>[01]?\d|2[0-4])(?:[:：]|[时点])(?P<minute>[0-5]\d)分?(?![\d:])")
_ROUND = re.compile(r"(?P<n>[零一二两三四五六七八九十百千]{2,}|\d+)[多余](?P<unit>[万亿])")
_PER_MILLE = re.compile(r"(?P<n>\d+)‰|千分之(?P<han>[零一二三四五六七八九十]{1,3})")


def restated(question: str, texts: Sequence[str], dates: Sequence[str] = ()) -> str:
    """``question`` with the numbers and dates that none of ``texts`` writes so as the first of them does.

    Only what has the same value, or is the same day, is put in its place; the question itself where there
    is nothing to change. ``dates`` are those of the texts' articles: a day without its year is of a year that
    its text holds, or of its article's.
    """
    folded = fold(question)
    if not _ANY.search(folded):
        return question
    held = [fold(text) for text in texts]
    written = _written(held, dates)
    changes = []
    for start, end, terms in _asked(folded):
        if any(folded[start:end] in text for text in held):
            continue
        other = next((written[term] for term in terms if term in written), "") or _otherwise(
            folded[start:end], held
        )
        # A question in Latin letters stays one.
        if other and (other.isascii() or not folded.isascii()):
            changes.append((start, end, other))
    for start, end, other in reversed(changes):
        question = question[:start] + other + question[end:]
    return question


_ANY = re.compile(r"\d|千分之|[零〇○一二两三四五六七八九十百千万亿]{2}")


def _asked(folded: str) -> list[tuple[int, int, list[str]]]:
    """(start, end, plain forms, the exactest first) of what the question says, in order, apart."""
    found: list[tuple[int, int, list[str]]] = []

    def add(start: int, end: int, terms: list[str]) -> None:
        if not any(start < e and s < end for s, e, _ in found):
            found.append((start, end, terms))

    for match in _HAN_DATE.finditer(folded):
        add(*match.span(), [_day(match)])
    for match in _YEAR_END.finditer(folded):
        add(*match.span(), [f"{match['year']}-12-31"])
    for pattern in (_MEASURED, _CLOCK, _ROUND, _PER_MILLE):
        for match in pattern.finditer(folded):
            add(*match.span(), [])
    for (start, end), terms in _spans(folded).items():
        if _NAME.fullmatch(folded[start:end]) and folded[end : end + 1] not in _UNITS:
            continue
        day = len(terms) > 1
        # Of a date only the day itself, or the day of a text that leaves out the year.
        exact = [terms[0], f"alone {terms[0]}"] if day else terms
        if (
            folded[start:end] != terms[0]
            or day
            or re.fullmatch(r"\d{4}-\d\d-\d\d|\d{3,}(?:\.\d+)?%?|\d+%", terms[0])
        ):
            add(start, end, exact)
    return sorted(found)


_NAME = re.compile(r"[〇○零一二三四五六七八九]{2,}")
"""Digits with nothing that says their tens: a name (九一八, 五四), unless a unit follows."""
_UNITS = tuple("年月日号点%米元人个")


def _spans(folded: str) -> Mapping[tuple[int, int], list[str]]:
    held: dict[tuple[int, int], list[str]] = defaultdict(list)
    for number in numbers(folded):
        said = folded[number.start : number.end].rstrip()
        held[number.start, number.start + len(said)].append(number.term)
    return held


def _written(texts: Sequence[str], dates: Sequence[str]) -> Mapping[str, str]:
    """Plain form -> how the first text writes it; "alone 2022-12-04" for a day that is written without its
    year, of each year that its text, or the date of its article, holds.
    """
    found: dict[str, str] = {}
    for text, date in zip_longest(texts, dates[: len(texts)], fillvalue=""):
        spans = _spans(text)
        years = {m.group() for terms in spans.values() for term in terms if (m := _YEAR.match(term))}
        years |= {date[:4]} - {""}
        for (start, end), terms in spans.items():
            day = re.fullmatch(r"\d\d-\d\d", terms[0])
            for term in [f"alone {year}-{terms[0]}" for year in years] if day else terms[:1]:
                found.setdefault(term, text[start:end])
    return found


_YEAR = re.compile(r"[12]\d{3}(?!\d)")


def _otherwise(said: str, texts: Sequence[str]) -> str:
    """The same in a smaller unit, a time or a rough number in other signs, or the end of a year by its name,
    as the texts write it; "" for none.
    """
    pattern = _pattern(said)
    return next((m.group() for text in texts if pattern and (m := re.search(pattern, text))), "")


def _pattern(said: str) -> str:
    """What finds the other ways to write what is ``said``; "" where none is known."""
    if match := _MEASURED.fullmatch(said):
        unit, factor = _LARGER[match["unit"]]
        return rf"(?<![\d.]){round(float(match['n']) * factor, 3):.12g}\s*{unit}"
    if match := _CLOCK.fullmatch(said):
        hour, minute = int(match["hour"]), int(match["minute"])
        return (
            rf"(?<!\d)0?{hour}(?:[:：]|[时点])0?{minute}(?!\d)分?"
            if minute
            else rf"(?<!\d)0?{hour}(?:[时点]整?|:00)"
        )
    if match := _ROUND.fullmatch(said):
        return rf"(?<![\d.]){_value(match['n'])}[多余]{match['unit']}|{match['n']}[多余]{match['unit']}"
    if match := _PER_MILLE.fullmatch(said):
        digits = match["n"] or _value(match["han"])
        return rf"(?<![\d.]){digits}‰|千分之(?:{digits}|{_in_han(digits)})"
    if match := re.fullmatch(r"(?P<year>\d{4})\D{1,2}12\D{1,2}31[日号]?", said):
        return rf"{match['year']}年年?[末底]"
    return ""


def _value(text: str) -> str:
    """The plain form of a number in figures or in Chinese: 三百三十 is 330."""
    return next((number.term for number in numbers(text)), text)


def _in_han(digits: str) -> str:
    """A whole number below 100 in Chinese; the digits themselves for any other."""
    if not digits.isdigit() or not 0 < int(digits) < 100:
        return digits
    tens, ones = divmod(int(digits), 10)
    return (
        ("" if tens < 2 else _HAN_DIGITS[tens]) + ("十" if tens else "") + (_HAN_DIGITS[ones] if ones else "")
    )


def _day(match: re.Match[str]) -> str:
    year = "".join(str(_HAN_DIGITS.find("〇" if c in "零○" else c)) for c in match["year"])
    parts = (_small(match[name]) for name in ("month", "day") if match[name])
    return "-".join([year, *(f"{part:02}" for part in parts)])


def _small(han: str) -> int:
    """The value of a number of one to three characters: 三十一 is 31."""
    tens, ten, ones = han.rpartition("十")
    value = (_HAN_DIGITS.find(tens) if tens else 1) * 10 if ten else 0
    return value + (_HAN_DIGITS.find(ones) if ones else 0)
