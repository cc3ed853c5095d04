"""The n-th item of an enumeration that the article itself numbers: "and the third?"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from embeddings.article import Span
from embeddings.words import fold
from qa.items import NTH, place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qa.topic import Exchange

_HAN = "一二三四五六七八九十"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩"
_BEGINS = r"(?:(?<=[。；;：:，,\n！？])|^)[ \t　“]*"
_MARKS = (
    re.compile(
        rf"{_BEGINS}第(?P<n>[{_HAN}])(?:[点条项步个]|方面|阶段)?(?:[，,、：:]|是(?!否))[ \t　]*", re.MULTILINE
    ),
    re.compile(
        rf"{_BEGINS}(?:(?P<n>[{_HAN}])(?:是(?!否)|要|则)|而?另一[个条种方项点类][^，。；是为\n]{{0,6}}[是为])[ \t　]*",
        re.MULTILINE,
    ),
    re.compile(rf"(?P<n>[{_CIRCLED}])[ \t　]*"),
    re.compile(rf"{_BEGINS}[（(](?P<n>[{_HAN}]|\d{{1,2}})[）)][ \t　]*", re.MULTILINE),
    re.compile(rf"{_BEGINS}(?P<n>\d{{1,2}}|[{_HAN}])(?:[、．]|[.)](?!\d))[ \t　]*", re.MULTILINE),
)
_IN_TURN = re.compile(
    rf"{_BEGINS}(?:(?P<first>首先)|(?P<last>最后)|其次|再次|再者|然后|接着)[，,：:]?[ \t　]*", re.MULTILINE
)
_BULLET = re.compile(r"^[ \t]*[-*+•·●]\s+", re.MULTILINE)
_ENDS = re.compile(r"[。；;！？\n]|\. ")
_ASKED = re.compile(r"(?:(?:又|都)?(?:是|讲|说)(?:什么|啥|哪[个项条点步一]*)|呢|的)*[?？。\s]*")


def item_asked(question: str) -> re.Match[str] | None:
    """The ordinal of a question that asks for no more than what the n-th item is; None for another."""
    folded = fold(question.strip())
    found = NTH.match(folded)
    asks = found and not found["former"] and not found["latter"] and _ASKED.fullmatch(folded, found.end())
    return found if asks else None


def item(ordinal: re.Match[str], last: Exchange) -> Span | None:
    """Where the item stands that an ordinal names: of the enumeration of the last article that has the answer
    of ``last`` for an item, or begins right after it; None where there is none.

    What was said of an item, as the year of the first, is asked of the next again: that is no item.
    """
    at = last.text.find(last.sentence) if last.sentence else -1
    if at < 0:
        return None
    within = max(last.sentence.find(last.answer), 0)
    answered = Span(at + within, at + within + len(last.answer))
    n = place(ordinal)
    near = [
        (max(items[0].start - answered.end, 0), items)
        for items in enumerations(last.text)
        if len(items) > n and _belongs(answered, at + len(last.sentence), items)
    ]
    return min(near, key=lambda held: held[0])[1][n] if near else None


def _belongs(answered: Span, end: int, items: list[Span]) -> bool:
    inside = [item for item in items if item.start < answered.end and answered.start < item.end]
    if inside:
        return answered.start - inside[0].start <= NAMED
    return answered.end <= items[0].start <= end + NEAR


NEAR = 30
"""Characters between the end of a sentence and the first item of the enumeration that it announces."""
NAMED = 4
"""Characters of an item before what was answered, where that is the item and not what is said of it."""


def enumerations(text: str) -> list[list[Span]]:
    """The items of each enumeration of two or more, to the end of their first sentences."""
    runs = [run for marks in _MARKS for run in _counted(text, marks)]
    runs += [*_in_turn(text), *_bulleted(text)]
    found = [_items(text, run) for run in runs if len(run) > 1]
    return [items for items in found if all(item.of(text).strip() for item in items)]


def _items(text: str, run: list[re.Match[str]]) -> list[Span]:
    ends = [*(mark.start() for mark in run[1:]), len(text)]
    return [Span(mark.end(), _end(text, mark.end(), end)) for mark, end in zip(run, ends, strict=True)]


def _counted(text: str, marks: re.Pattern[str]) -> Iterator[list[re.Match[str]]]:
    run: list[re.Match[str]] = []
    for mark in marks.finditer(text):
        n = _number(mark["n"] or "二")  # 一是… and 另一个是…
        if n != len(run) + 1:
            yield run
            run = []
        if n == len(run) + 1:
            run.append(mark)
    yield run


def _in_turn(text: str) -> Iterator[list[re.Match[str]]]:
    run: list[re.Match[str]] = []
    for mark in _IN_TURN.finditer(text):
        if mark["first"]:
            run = []
        if mark["first"] or run:
            run.append(mark)
        if mark["last"]:
            yield run
            run = []


def _bulleted(text: str) -> Iterator[list[re.Match[str]]]:
    run: list[re.Match[str]] = []
    for mark in _BULLET.finditer(text):
        if run and len(text[run[-1].end() : mark.start()].strip().splitlines()) > 1:
            yield run
            run = []
        run.append(mark)
    yield run


def _number(said: str) -> int:
    return int(said) if said.isdecimal() else (_HAN if said in _HAN else _CIRCLED).index(said) + 1


def _end(text: str, start: int, most: int) -> int:
    found = _ENDS.search(text, start, most)
    if not found:
        return start + len(text[start:most].rstrip())
    return found.start() if found.group() == "\n" else found.start() + 1
