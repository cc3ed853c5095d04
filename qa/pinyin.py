"""Chinese names written in Latin letters: what "Dujiangyan" or "Tu Youyou" is in the titles and tags there are."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

MOST_TEXTS = 10_000
"""Titles and tags that names are looked for in; with more there are none: it would take too long."""

LONGEST_NAME = 5
SHORTEST = 5
"""Characters that a name has at most; letters that its spelling has at least."""

_HAN = re.compile(r"[㐀-鿿]{2,}")
_LATIN = re.compile(r"[A-Za-z'’]+(?:[ -][A-Za-z'’]+)*")


def names(
    question: str, texts: Sequence[str], common: Container[str] = (), *, once: bool = False
) -> dict[str, list[str]]:
    """What stands in ``texts`` and is spelt in the question, in pinyin without tones, in its order; each with the words
    that spell it there.

    A word that is ``common`` in English (women, change) spells nothing by itself. What ``texts`` spell is kept
    for the next question, unless they are looked at ``once``.
    """
    if len(texts) > MOST_TEXTS or not any(_HAN.search(text) for text in texts):
        return {}
    table = _spellings(texts) if once else _spelt(tuple(texts))
    found: dict[str, list[str]] = {}
    for run in _LATIN.finditer(question):
        parts = re.split(r"[ -]", run.group())
        at = 0
        while at < len(parts):
            size = next(
                (
                    n
                    for n in range(min(LONGEST_NAME, len(parts) - at), 0, -1)
                    if (key := _key(parts[at : at + n])) in table and not (n == 1 and key in common)
                ),
                0,
            )
            if size:
                found.setdefault(table[_key(parts[at : at + size])], parts[at : at + size])
            at += max(1, size)
    return found


def sounds(text: str) -> list[str]:
    """How each character of a Chinese text sounds by itself, in pinyin without tones."""
    return [_sound(char) for char in text]


@lru_cache(maxsize=8192)
def _sound(char: str) -> str:
    from pypinyin import lazy_pinyin

    return str(lazy_pinyin(char)[0])


def _key(parts: Sequence[str]) -> str:
    key = "".join(re.sub(r"[^a-z]", "", part.lower().removesuffix("'s").removesuffix("’s")) for part in parts)
    return key if len(key) >= SHORTEST else ""


@lru_cache(maxsize=4)
def _spelt(texts: tuple[str, ...]) -> Mapping[str, str]:
    return _spellings(texts)


def _spellings(texts: Sequence[str]) -> Mapping[str, str]:
    """Spelling -> name, for every stretch of two to five characters of the texts; the first one counts."""
    from pypinyin import lazy_pinyin

    table: dict[str, str] = {}
    for text in texts:
        for run in _HAN.findall(text):
            spelt = lazy_pinyin(run)
            for size in range(2, LONGEST_NAME + 1):
                for at in range(len(run) - size + 1):
                    table.setdefault("".join(spelt[at : at + size]).replace("ü", "v"), run[at : at + size])
    return table
