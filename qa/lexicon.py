"""Tokens with offsets, as the span reader sees them, and the words and characters that it knows.

A token is one Chinese character, one run of Latin letters, one run of digits or one mark; white
space is no token. Every token knows the word it lies in (most probable segmentation over the
reader's own words), so the network sees words and answers in characters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from embeddings.words import stem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Floats = NDArray[np.float32]

CHAR_CLASSES = (
    "<pad>",
    "<unknown>",
    "<1>",
    "<12>",
    "<123>",
    "<1234>",
    "<year>",
    "<12345>",
    "<ab>",
    "<abcd>",
    "<long>",
)
"""The first rows of the character table; digits and Latin words share a row by their length."""

MAX_WORD = 6

_TOKEN = re.compile(r"[a-zà-ÿ]+|\d+|\S")
_HAN = re.compile(r"[㐀-䶿一-鿿豈-﫿𠀀-𯿿]+")
_SENTENCE_END = frozenset("。！？!?；;")
_CLAUSE_END = _SENTENCE_END | frozenset("，,、：:（）()")


class Tokens(NamedTuple):
    """A folded text as parallel arrays, a row a token; ``start`` and ``end`` are characters."""

    text: str
    key: list[str]
    start: Ints
    end: Ints
    char: Ints
    word: Ints
    place: Ints
    sentence: Ints
    clause: Ints


@dataclass(frozen=True, eq=False)
class Lexicon:
    """The words and characters that a reader knows.

    ``words`` maps a word to its row from 1 (0: none); ``logp`` and ``idf`` (nats) have that row
    order, with row 0 for every unknown word. ``chars`` maps a character to its row, which
    ``char_idf`` has too.
    """

    words: dict[str, int]
    chars: dict[str, int]
    logp: Floats
    idf: Floats
    char_idf: Floats

    def tokens(self, folded: str) -> Tokens:
        """The tokens of a text that is folded already; those of the texts asked last are kept."""
        return _kept(self, folded)

    def _tokens(self, folded: str) -> Tokens:
        matches = list(_TOKEN.finditer(folded))
        key = [m.group() for m in matches]
        start = np.array([m.start() for m in matches], np.int32)
        end = np.array([m.end() for m in matches], np.int32)
        word, place = self._words(folded, key, start)
        breaks = _breaks(folded, key, end)
        return Tokens(
            folded,
            key,
            start,
            end,
            np.array([self._char(k) for k in key], np.int32),
            word,
            place,
            _numbered(breaks >= 2),
            _numbered(breaks >= 1),
        )

    def rarity(self, key: str) -> float:
        """The inverse passage frequency of a token, in nats."""
        if not key[0].isalnum():
            return 0.0
        if key[0].isdigit():
            return min(1.0 + len(key), 7.0)
        if "a" <= key[0] <= "ÿ":
            return float(self.idf[self._row(key)])
        return float(self.char_idf[self.chars.get(key, 1)])

    def _char(self, key: str) -> int:
        if key in self.chars:
            return self.chars[key]
        if key[0].isdigit():
            if len(key) == 4:
                return 6 if "1000" <= key < "2100" else 5
            return (2, 3, 4, 7)[min(len(key), 4) - 1]
        if "a" <= key[0] <= "ÿ":
            return 8 if len(key) < 4 else 9 if len(key) < 8 else 10
        return 1

    def _words(self, folded: str, key: list[str], start: Ints) -> tuple[Ints, Ints]:
        """The word row of each token, and its place in the word: alone 0, first 1, within 2, last 3."""
        row = np.zeros(len(key), np.int32)
        place = np.zeros(len(key), np.int32)
        at = {int(s): i for i, s in enumerate(start)}
        for run in _HAN.finditer(folded):
            first = at[run.start()]
            for a, b in self.cut(run.group()):
                row[first + a : first + b] = self.words.get(run.group()[a:b], 0)
                if b - a > 1:
                    place[first + a : first + b] = 2
                    place[first + a], place[first + b - 1] = 1, 3
        for i, k in enumerate(key):
            if "a" <= k[0] <= "ÿ":
                row[i] = self._row(k)
        return row, place

    def _row(self, latin: str) -> int:
        """The row of a Latin word, or of its stem."""
        return self.words.get(latin) or self.words.get(stem(latin), 0)

    def cut(self, run: str) -> list[tuple[int, int]]:
        """The most probable segmentation of a run of Chinese characters, as ranges."""
        words, logp, n = self.words, self.logp, len(run)
        best = [0.0] * (n + 1)
        width = [1] * (n + 1)
        for i in range(n - 1, -1, -1):
            top = best[i + 1] + (logp[words[run[i]]] if run[i] in words else -16.0)
            for size in range(2, min(MAX_WORD, n - i) + 1):
                known = words.get(run[i : i + size])
                if known is not None and (value := best[i + size] + logp[known]) > top:
                    top, width[i] = value, size
            best[i] = top
        ranges, i = [], 0
        while i < n:
            ranges.append((i, i + width[i]))
            i += width[i]
        return ranges


@lru_cache(maxsize=256)
def _kept(lexicon: Lexicon, folded: str) -> Tokens:
    return lexicon._tokens(folded)  # noqa: SLF001


def _numbered(ends: NDArray[np.bool_]) -> Ints:
    """The number of the unit each token lies in, where ``ends`` marks the last token of a unit."""
    return (
        np.concatenate([[0], np.cumsum(ends)[:-1]]).astype(np.int32) if len(ends) else np.zeros(0, np.int32)
    )


def _breaks(folded: str, key: list[str], end: Ints) -> Ints:
    """2 at a token that ends a sentence, 1 at one that ends a clause, else 0."""
    level = np.zeros(len(key), np.int32)
    for i, k in enumerate(key):
        if k in _CLAUSE_END:
            level[i] = 2 if k in _SENTENCE_END else 1
        elif folded.startswith("\n", end[i]) or (
            k == "."
            and i
            and key[i - 1][-1].isalpha()
            and (end[i] == len(folded) or folded[end[i]].isspace())
        ):
            level[i] = 2
    for i, (a, b) in enumerate(pairwise(key)):  # a closing quote belongs to the sentence before it
        if level[i] == 2 and b in "”’」』）)" and a in _SENTENCE_END:
            level[i], level[i + 1] = 0, 2
    return level
