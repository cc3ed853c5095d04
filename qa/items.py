"""The things that were listed, and "the second one" among them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from embeddings.article import Span
from embeddings.words import fold
from qa.enumeration import is_item, items_after, items_around
from qa.topic import DOUBTFUL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.topic import Exchange

MEASURE = "个条点种项类家位座步款篇章期件次"
ORDINAL = re.compile(
    rf"第(?P<n>[一二三四五六七八九十]|[1-9]\d?)[{MEASURE}]?|(?P<bare>[一二三四五六七八九]|[1-9])[{MEASURE}](?=呢|$)"
    rf"|(?P<end>最后(?:那|一)*)[{MEASURE}]|(?P<former>前者|the former)|(?P<latter>后者|the latter)|the (?P<en>first|second|third|fourth|fifth|last)(?: one)?(?=\s*\??$|\s+(?:one|did|was|is|were|do|does|has|had)\b)"
)
NTH = re.compile(rf"(?:那么?|and )?(?:{ORDINAL.pattern})(?=[^月年日号\d]|$)")
_ORDINALS = {name: n for n, name in enumerate("first second third fourth fifth".split())}
_ITEMS = re.compile(r"\n+|、|；|;|(?<=[^\d]),\s*(?:and\s+)?|\s+and\s+|和(?=[^和]{2,12}$)")
_ASKED = re.compile(
    rf"第(?:[一二三四五六七八九十]|[1-9]\d?)[{MEASURE}]?|(?:最后|另)一?[{MEASURE}]|\b(?:first|second|third|fourth|fifth|last)\b"
)


def nth(ordinal: re.Match[str], history: Sequence[Exchange]) -> str:
    """The name of the n-th thing of the list that was answered last; "" where there is none."""
    named = names(history)
    n = place(ordinal)
    return named[n] if len(named) > max(n, 1) else ""


def names(history: Sequence[Exchange]) -> list[str]:
    """What the things of the list that was answered last are called; [] where none was."""
    found = (listed(last) for last in reversed(history))
    # A long item explains itself; its first words name it.
    return [re.split(r"[，,：:（(—。]", item)[0] for item in next(filter(None, found), [])]


def ranked(ordinal: re.Match[str], last: Exchange) -> str:
    """The question before with its ordinal replaced (第一步 by 第二步); "" where it has none."""
    held = _ASKED.search(fold(last.question))
    if not held or ordinal["former"] or ordinal["latter"]:
        return ""
    said = ordinal["en"] or ordinal.group().removeprefix("那").removeprefix("么")
    if not ordinal["en"] and said[-1] not in MEASURE and held.group()[-1] in MEASURE:
        said += held.group()[-1]
    return last.question[: held.start()] + said + last.question[held.end() :]


def listed(last: Exchange) -> list[str]:
    """The things an answer lists: in its own words, else in the lines that it announces or is one of."""
    whole = last.answer.strip() == last.sentence.strip() and is_item(last.sentence, 0)
    own = [] if whole and "\n" not in last.answer else _items(last.answer)
    if len(own) > 1 or not last.sentence or last.confidence < DOUBTFUL:
        return own if len(own) > 1 else []
    at = last.text.find(last.sentence)
    sentence = Span(max(at, 0), max(at, 0) + len(last.sentence))
    below = items_after(last.text, sentence) if at >= 0 else None
    if below:
        return _items(last.text[sentence.end : below.end].strip(), lines=True)
    beside = items_around(last.text, sentence) if at >= 0 else None
    return _items(beside.of(last.text), lines=True) if beside else []


def _items(text: str, *, lines: bool = False) -> list[str]:
    parts = (part.strip(" -*•0123456789.、)）。|") for part in (_LINES if lines else _ITEMS).split(text))
    return [part for part in parts if part]


_LINES = re.compile(r"\n+")


def place(ordinal: re.Match[str]) -> int:
    """The place, from 0, that an ordinal names; -1 for the last."""
    number = ordinal["n"] or ordinal["bare"]
    if number:
        return int(number) - 1 if number.isdigit() else "一二三四五六七八九十".index(number)
    return 0 if ordinal["former"] else _ORDINALS.get(ordinal["en"] or "last", -1)
