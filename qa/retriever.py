"""Passages most relevant to a question."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from embeddings.words import fold, numbers
from qa.config import Config
from qa.fusion import fuse
from qa.question import analyse
from qa.reply import Hit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from embeddings.article import Passage
    from embeddings.library import Library, Snapshot
    from qa.question import Question
    from qa.where import Where


class Retriever:
    """Searches a library by meaning and by words."""

    def __init__(self, library: Library, config: Config | None = None) -> None:
        self.library = library
        self.config = config or Config()
        self._aside = ThreadPoolExecutor(thread_name_prefix="nearest")

    def search(
        self,
        question: str | Question,
        k: int = 10,
        view: Snapshot | None = None,
        where: Where | None = None,
        within: str = "",
    ) -> list[Hit]:
        """At most ``k`` hits, most relevant first, ties by passage id; near-duplicates are folded.

        ``view`` is the state of the library to search, by default the newest; ``where`` restricts the
        articles, ``within`` is the id of the only one to search.

        QuestionError when the question is empty or too long.
        """
        asked = analyse(question) if isinstance(question, str) else question
        view = view or self.library.snapshot()
        vectors = view.embedder.encode_questions([" ".join([asked.text, *asked.bridge])])
        only = _only(view, where, within)
        terms, most = asked.words_by(view.segmenter), self.config.candidates

        def by_meaning() -> tuple[list[tuple[int, float]], list[tuple[int, float]]]:
            """What is near, and the words of the nearest, whatever else matches."""
            near = [(i, s) for i, s in view.nearest(vectors, most, only=only)[0] if s > 0]
            return near, view.matching(terms, asked.grams, MEASURED, only=[i for i, _ in near[:MEASURED]])

        later = self._aside.submit(by_meaning)  # both searches at once
        lexical = view.matching(terms, asked.grams, most, only=only)
        dense, words_of_near = later.result()
        # What one side found is measured by the other too, so that both columns are whole.
        words, similarity = dict(words_of_near) | dict(lexical), dict(dense)
        similarity |= view.similarities(vectors[0], sorted(words.keys() - similarity.keys()))
        fused = fuse(words, similarity, most=view.most(terms, asked.grams), weight=self.config.dense_weight)
        dense_rank = {i: rank for rank, (i, _) in enumerate(dense, 1)}
        lexical_rank = {i: rank for rank, (i, _) in enumerate(lexical, 1)}
        hits = (
            Hit(
                passage=passage,
                text=view.text(passage),
                similarity=similarity.get(passage.id, 0.0),
                dense_rank=dense_rank.get(passage.id),
                lexical_rank=lexical_rank.get(passage.id),
                relevance=relevance,
                matched=_matched(terms, view.text(passage)),
            )
            for passage, relevance in _passages(fused, view, 2 * k)
        )
        return _distinct(hits, k, self.config.duplicate)


def _only(view: Snapshot, where: Where | None, within: str) -> list[int] | None:
    """The passages to search; None for all."""
    if within:
        return view.passage_ids([within])
    return view.passage_ids([row.id for row in view.articles() if where.allows(row)]) if where else None


MEASURED = 10
"""Of the passages nearest by vector, those whose words are matched whatever else matches."""


def _passages(
    fused: Sequence[tuple[int, float]], view: Snapshot, at_once: int
) -> Iterator[tuple[Passage, float]]:
    """The passages with their relevance, read only as far as they are asked for."""
    for start in range(0, len(fused), at_once):
        part = dict(fused[start : start + at_once])
        for passage in view.passages(list(part)):
            yield passage, part[passage.id]


def _distinct(hits: Iterable[Hit], k: int, duplicate: float) -> list[Hit]:
    """The first ``k`` hits that differ; the others are folded into the hit they repeat.

    What differs in a number, or in the question's words that it holds, is another fact in the same form.
    Once there are ``k``, the next ``k`` are still looked at for twins.
    """
    kept: list[Hit] = []
    past = 0
    for hit in hits:
        twin = next((i for i, other in enumerate(kept) if _repeats(hit, other, duplicate)), None)
        if twin is not None:
            kept[twin] = replace(kept[twin], duplicates=(*kept[twin].duplicates, hit.passage))
        elif len(kept) < k:
            kept.append(hit)
        else:
            past += 1
            if past > k:
                break
    return kept


def _repeats(hit: Hit, other: Hit, duplicate: float) -> bool:
    """Whether ``hit`` says what ``other`` says, in nearly the same words; the cheap checks first."""
    return (
        set(hit.matched) == set(other.matched)
        and _are_like(_pairs(hit.text), _pairs(other.text), duplicate)
        and _numbers(hit.text) == _numbers(other.text)
    )


@lru_cache(maxsize=64)
def _numbers(text: str) -> frozenset[str]:
    return frozenset(number.term for number in numbers(text))


@lru_cache(maxsize=64)
def _pairs(text: str) -> NDArray[np.int64]:
    """The distinct pairs of characters that follow each other, as numbers, rising."""
    codes = np.frombuffer(fold(text).encode("utf-32-le", "surrogatepass"), "<u4").astype(np.int64)
    return np.unique(codes[:-1] << 21 | codes[1:])  # a code point has 21 bits


def _matched(words: Sequence[str], text: str) -> tuple[str, ...]:
    """The question's words that stand in ``text``, numbers and dates however they are written."""
    folded = fold(text)
    return tuple(word for word in words if word in folded or (_DIGIT.search(word) and word in _numbers(text)))


_DIGIT = re.compile("[0-9]")


def _are_like(a: NDArray[np.int64], b: NDArray[np.int64], share: float) -> bool:
    """Whether the Jaccard index of the two sets is at least ``share``."""
    if min(len(a), len(b)) < share * max(len(a), len(b)):
        return False
    both = len(np.intersect1d(a, b, assume_unique=True))
    return both >= share * (len(a) + len(b) - both)
