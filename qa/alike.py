"""How near the words of a sentence come to a question's in meaning, word by word.

Each word of the question looks for its nearest in the sentence, by the vectors that the bundled reader
learnt of words (late interaction, as in ColBERT, Khattab and Zaharia 2020, but of static vectors).
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from embeddings.words import STOPWORDS, fold, stem
from qa.question import ASKING
from qa.span_reader import bundled
from qa.synonyms import synonyms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from embeddings.article import Span
    from qa.lexicon import Lexicon

    Floats = NDArray[np.float32]

NAMES = (
    "soft", "soft_own", "soft_rest", "soft_around", "soft_passage", "soft_near",
    "said", "said_own", "said_rest", "said_around", "said_passage",
)  # fmt: skip
"""The names of what :meth:`Alike.of` gives, in order: "soft" by vectors too, "said" by what is the same or says
the same otherwise.
"""

NEAR = 0.55
"""Cosine (-1..1) from which two words are taken to be near; 0.9 are those that could be exchanged."""
RAREST = 9.0
"""Inverse passage frequency (nats) that no word exceeds; a word that is not known has it."""
STEM = 0.95
"""What two forms of one Latin word (moved, move) count."""
OTHERWISE = 0.9
"""What a word counts that may be said in place of another, which vectors do not tell from one that goes with it."""


@dataclass(frozen=True)
class _Terms:
    words: list[str]
    rows: NDArray[np.int32]
    start: list[int]


class Alike:
    """The words of the bundled reader with their unit vectors."""

    def __init__(self, lexicon: Lexicon, vectors: Floats) -> None:
        size = np.linalg.norm(vectors, axis=1, keepdims=True)
        self._lexicon, self._unit = lexicon, vectors / np.maximum(size, 1e-6)

    def of(self, question: str, text: str, heading: str, sentences: Sequence[Span]) -> list[list[float]]:
        """For each of the ``sentences`` of ``text`` the numbers of :data:`NAMES`, each -1..1.

        The mean, by rarity, of how near the sentence's nearest word is to each word of the question; how
        much nearer than the mean of all sentences; of the words that the heading lacks; of the sentence
        with its neighbours and the heading; of the whole passage; "near": of the near ones alone.
        """
        asked = self._terms(ASKING.sub(" ", fold(question)))
        if not asked.words or not sentences:
            return [[0.0] * len(NAMES) for _ in sentences]
        weight = np.where(asked.rows, np.minimum(self._lexicon.idf[asked.rows], RAREST), RAREST)
        weight /= max(float(weight.sum()), 1e-6)
        held, above = self._terms(fold(text)), self._terms(fold(heading))
        edges = [bisect_left(held.start, span.start) for span in sentences] + [len(held.start)]
        said, said_above = _said(asked, held), _said(asked, above)
        soft = np.maximum(said, self._cosines(asked, held))
        best = _nearest(soft, edges)
        close = np.where(best >= NEAR, (best - NEAR) / (1 - NEAR), 0.0)
        columns = [
            *_columns(best, np.maximum(said_above, self._cosines(asked, above)), weight),
            close @ weight,
            *_columns(_nearest(said, edges), said_above, weight),
        ]
        rows: list[list[float]] = np.stack(columns, 1).tolist()
        return rows

    def closeness(self, word: str, others: Sequence[str]) -> list[float]:
        """The cosines (0..1) of a folded word with each of ``others``; 0 where a vector is lacking."""
        asked = self._terms(word)
        held = [self._terms(other) for other in others]
        if not asked.words or not asked.rows[-1]:
            return [0.0] * len(others)
        own = self._unit[asked.rows[-1]]
        return [
            max(0.0, float(self._unit[h.rows[-1]] @ own)) if h.words and h.rows[-1] else 0.0 for h in held
        ]

    def _terms(self, folded: str) -> _Terms:
        tokens = self._lexicon.tokens(folded)
        words, rows, start = [], [], []
        for i, key in enumerate(tokens.key):
            if tokens.place[i] in (2, 3) or not key[0].isalnum():
                continue
            last = i
            while last + 1 < len(tokens.key) and tokens.place[i] == 1 and tokens.place[last] != 3:
                last += 1
            word = folded[tokens.start[i] : tokens.end[last]]
            if word not in STOPWORDS:
                words.append(word)
                rows.append(tokens.word[i])
                start.append(int(tokens.start[i]))
        return _Terms(words, np.array(rows, np.int32), start)

    def _cosines(self, asked: _Terms, held: _Terms) -> Floats:
        """``(asked, held)``: the cosine where it is above 0; 0 where a word has no vector."""
        near: Floats = np.maximum(self._unit[asked.rows] @ self._unit[held.rows].T, 0.0)
        near[asked.rows == 0] = 0.0
        near[:, held.rows == 0] = 0.0
        return near


def _said(asked: _Terms, held: _Terms) -> Floats:
    """``(asked, held)``: 1 for the same word, less for another form of it or another way to say it, else 0."""
    out = np.zeros((len(asked.words), len(held.words)), np.float32)
    places: dict[str, list[int]] = {}
    for at, word in enumerate(held.words):
        places.setdefault(word, []).append(at)
        if (root := stem(word)) != word:
            places.setdefault(root, []).append(at)
    for i, word in enumerate(asked.words):
        out[i, [at for other in synonyms(word) for at in places.get(other, ())]] = OTHERWISE
        out[i, places.get(stem(word), [])] = STEM
        out[i, [at for at in places.get(word, []) if held.words[at] == word]] = 1.0
    return out


def _nearest(near: Floats, edges: Sequence[int]) -> Floats:
    """``(sentences, asked)``: the nearest within each range of ``edges``; 0 in an empty one."""
    best = np.zeros((len(edges) - 1, len(near)), np.float32)
    for i, (first, last) in enumerate(pairwise(edges)):
        if first < last:
            best[i] = near[:, first:last].max(1)
    return best


def _columns(best: Floats, above: Floats, weight: Floats) -> list[Floats]:
    """What :meth:`Alike.of` says of nearness: in itself, own, rest, around, passage."""
    title = above.max(1, initial=0.0)
    around = np.maximum(best, title)
    around[1:] = np.maximum(around[1:], best[:-1])
    around[:-1] = np.maximum(around[:-1], best[1:])
    rest = np.where(title < STEM, weight, 0.0)
    return [
        best @ weight,
        (best - best.mean(0)) @ weight,
        best @ rest / max(float(rest.sum()), 1e-6),
        around @ weight,
        np.full(len(best), np.maximum(best.max(0), title) @ weight),
    ]


@lru_cache(maxsize=1)
def bundled_alike() -> Alike:
    """The words of the reader that lies in the package."""
    _, lexicon, weights = bundled()
    return Alike(lexicon, weights["word"])
