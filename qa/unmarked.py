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

_SAYS_SO = re.compile(r"(?:如下|以下|下面|下列)[^,。:]{0,16}。$")
_HAN = "一二三四五六七八九十"
_COUNTS = re.compile(
    rf"(?<!第)(?P<n>两|(?<![{_HAN}])[{_HAN[1:]}]|(?<![\d.])\d{{1,2}}) ?(?:大|个|种|类|点|项|条|步|场|款|部分|方面|层|本|首|篇|道)[^,。:\d]{{0,8}}[。:]$"
)
_TERM = re.compile(r"[^\n:。!?;]{1,24}:\s*\S")
_GOES_ON = re.compile(r"[ \t]*\n[ \t]*\S")
_OTHER = re.compile(r"\s*(?:[#>|]|`{3})")
_NO_ITEM = re.compile(r"[。!?]|[.:]$|^\d+(?:\.\d+)* ")


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
    Where it ends in no colon it has to say so, or how many.
    """
    said = fold(lead.of(text)).rstrip()
    count, colon = _count(said), said.endswith(":")
    if not colon and not count and not _SAYS_SO.search(said):
        return None
    lines = _lines(text, lead.end)
    own = [fold(line.of(text)) for line in lines]
    if len(own) < 2:
        return None
    longest = SHORT * (LATIN if mostly_latin(said) else 1)
    explain = bool(_TERM.match(own[0]))
    size = 0
    while size < len(own) and (_TERM.match(own[size]) if explain else _short(own[size], longest)):
        size += 1
    if count and size != count:
        counted = own[:count]
        whole = len(counted) == count and all(
            len(line) <= 3 * longest and line[-1] != ":" for line in counted
        )
        size = count if size > count or (colon and whole) else size if colon else 0
    elif not explain and size and _GOES_ON.match(text, lines[size - 1].end):
        size -= _heads(own[:size])
    if not 1 < size <= MOST_ITEMS:
        return None
    items = Span(lines[0].start, lines[size - 1].end)
    return Span(lead.start, items.end), items


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
    """Whether the last of the lines rather heads what follows: a few characters, and alone with a digit or without one."""
    digits = [any(char.isdigit() for char in line) for line in lines]
    return len(lines) > 2 and len(lines[-1]) <= HEADING and digits[:-1] == [not digits[-1]] * (len(lines) - 1)


HEADING = 8
"""Characters of a heading that is told from an item, at most."""
