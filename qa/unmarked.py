"""A list that nothing marks, as texts have it that lost their bullets: lines right below what announces them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from embeddings.article import Span
from embeddings.chunk import LATIN, mostly_latin
from embeddings.words import fold
from qa.enumeration import MOST_ITEMS, is_item

if TYPE_CHECKING:
    from collections.abc import Sequence

SHORT = 45
"""Characters of a line that may be an item, at most; :data:`embeddings.chunk.LATIN` times as many in Latin letters."""

_SAYS_SO = re.compile(r"(?:如下[^,。:]{0,4}|(?:以下|下面|下列)[^,。:]{2,16})。$")
_HAN = "一二三四五六七八九十"
_COUNTS = re.compile(
    rf"(?<![第这那\d.\-~至到])(?P<n>两|(?<![{_HAN}])[{_HAN[1:]}]|\d{{1,2}}) ?(?:大|个|种|类|点|项|条|步|场|款|部分|方面|层|本|首|篇|道|位|名|家|部|章|件)[^,。:\d]{{0,8}}[。:]$"
)
_SPEAKS = re.compile(r"(?:[说问答道称写]|表示|认为|指出|^作者|^来源|said|asked):$")
_TERM = re.compile(r"[^\n:。!?;]{1,24}:\s*\S")
_NO_ITEM = re.compile(r"[。!?]|[.:]$|^\d+(?:\.\d+)* ")
_TURNS = re.compile(r"做法|步骤|注意|提示|备注|小贴士")
_OTHER = re.compile(r"\s*(?:[#>|<]|[`~]{3}|[=-]{3,}\s*$)")
_GOES_ON = re.compile(r"[ \t]*\n[ \t]*\S")
_SOME = re.compile(r"少许|适量|若干")


def lines_around(text: str, sentence: Span, words: Span | None) -> tuple[Span, Span] | None:
    """The lines that ``sentence`` announces, or is one of, when its ``words`` that answer begin it: with the
    announcement, and by themselves; None for none.
    """
    above = text.find("\n", sentence.start, sentence.end)
    lead = Span(sentence.start, above) if above >= 0 else sentence
    found = lines_below(text, lead)
    if found or words is None or words.start - sentence.start > 1:
        return found
    at = sentence.start
    for _ in range(MOST_ITEMS):
        at = text.rfind("\n", 0, at)
        if at < 0:
            break
        found = lines_below(text, Span(text.rfind("\n", 0, at) + 1, at))
        if found:
            return found if found[1].contains(sentence) else None
    return None


def lines_below(text: str, lead: Span) -> tuple[Span, Span] | None:
    """The lines that ``lead``, to the end of its line, announces: with it, and by themselves; None for none.

    They are as many as it says; else all that explain a term, as the first does, or all that are short and no sentences.
    Where it ends in no colon it has to say so, in Chinese, or how many terms.
    """
    said = fold(lead.of(text)).rstrip()
    count, colon = _count(said), said.endswith(":")
    if _SPEAKS.search(said) or not (colon or count or _SAYS_SO.search(said)):
        return None
    lines = _lines(text, lead.end)
    size = _size([fold(line.of(text)) for line in lines], count, said)
    if not 1 < size <= MOST_ITEMS:
        return None
    items = Span(lines[0].start, lines[size - 1].end)
    # A few characters without the amount that all others have rather head what follows.
    own = [fold(line.of(text)) for line in lines[:size]]
    if not count and _GOES_ON.match(text, items.end) and _heads(own):
        items = Span(items.start, lines[size - 2].end)
    return Span(lead.start, items.end), items


def _size(own: Sequence[str], count: int, said: str) -> int:
    """How many of the lines belong to what was ``said`` to be ``count``, 0 for any number."""
    longest = SHORT * (LATIN if mostly_latin(said) else 1)
    explain = bool(own) and bool(_TERM.match(own[0]))
    size = 0
    while (
        size < len(own)
        and not _TURNS.match(own[size])
        and (_TERM.match(own[size]) if explain else _short(own[size], longest))
    ):
        size += 1
    if not explain and 0 < size < len(own) and all(line[-1] in ";,、" for line in own[:size]):
        size += own[size].endswith("。") and _short(own[size][:-1], longest)  # the last of 水；茶；糖。
    if not said.endswith(":"):
        # Of lines below a sentence that only counts, those that explain as many are meant, or that are as many and alike.
        begins, ends = {line[:1] for line in own[:size]}, {line[-2:] for line in own[:size]}
        alike = size == count and 1 in (len(begins), len(ends))
        return size if not count else count if alike or (explain and size >= count) else 0
    counted = own[:count]
    whole = len(counted) == count and all(len(line) <= 3 * longest and line[-1] != ":" for line in counted)
    return count if count and (size > count or whole) else size


def _lines(text: str, start: int) -> list[Span]:
    """The lines below ``start``, if it ends its own, until an empty one or what is marked as something else; one may be
    empty before them.
    """
    found: list[Span] = []
    at = text.find("\n", start)
    if at < 0 or text[start:at].strip():
        return []
    for number, line in enumerate(text[at + 1 :].split("\n", MOST_ITEMS + 2)[: MOST_ITEMS + 2]):
        if line.strip() and not is_item(line, 0) and not _OTHER.match(line):
            own = at + 1 + len(line) - len(line.lstrip())
            found.append(Span(own, own + len(line.strip())))
        elif line.strip() or number:
            break
        at += 1 + len(line)
    return found


def _count(said: str) -> int:
    found = _COUNTS.search(said)
    if not found:
        return 0
    n = found["n"]
    return int(n) if n.isdecimal() else 2 if n == "两" else 1 + _HAN.index(n)


def _short(line: str, longest: int) -> bool:
    return len(line) <= longest and not _NO_ITEM.search(line)


def _heads(lines: Sequence[str]) -> bool:
    """Whether the last of the lines rather heads what follows: a few characters, no amount, and all before it have a digit."""
    *others, last = lines
    digits = all(any(char.isdigit() for char in line) for line in others)
    few = len(last) <= HEADING and not any(char.isdigit() for char in last) and not _SOME.search(last)
    return len(others) > 1 and digits and few


HEADING = 8
"""Characters of a heading that is told from an item, at most."""
