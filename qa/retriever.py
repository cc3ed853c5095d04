"""Passages most relevant to a question."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from embeddings.words import fold, grams, numbers
from qa.config import Config
from qa.fusion import fuse
from qa.question import analyse
from qa.reply import Hit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from embeddings.library import Library, Snapshot
    from qa.question import Question
    from qa.where import Where


class Retriever:
    """Searches a library by meaning and by words."""

    def __init__(self, library: Library, config: Config | None = None) -> None:
        self.library = library
        self.config = config or Config()

    def search(
        self,
        question: str | Question,
        k: int = 10,
        view: Snapshot | None = None,
        where: Where | None = None,
    ) -> list[Hit]:
        """At most ``k`` hits, most relevant first, ties by passage id; near-duplicates are folded.

        ``view`` is the state of the library to search, by default the newest; ``where`` restricts the
        articles.

        QuestionError when the question is empty or too long.
        """
        asked = analyse(question) if isinstance(question, str) else question
        view = view or self.library.snapshot()
        vectors = view.embedder.encode_questions([asked.text])
        only = view.passage_ids([row.id for row in view.articles() if where.allows(row)]) if where else None
        near = view.nearest(vectors, self.config.candidates, only=only)[0]
        dense = [(i, s) for i, s in near if s > 0]
        lexical = view.matching(asked.words, asked.grams, self.config.candidates, only=only)
        found = {i for i, _ in dense} | {i for i, _ in lexical}
        # What one side found is measured by the other too, so that both columns are whole.
        similarity = dict(dense) | view.similarities(vectors[0], sorted(found - {i for i, _ in dense}))
        words = dict(lexical) | dict(
            view.matching(asked.words, asked.grams, len(found), only=sorted(found - {i for i, _ in lexical}))
        )
        fused = fuse(
            words, similarity, most=view.most(asked.words, asked.grams), weight=self.config.dense_weight
        )
        dense_rank = {i: rank for rank, (i, _) in enumerate(dense, 1)}
        lexical_rank = {i: rank for rank, (i, _) in enumerate(lexical, 1)}
        passages = {passage.id: passage for passage in view.passages([i for i, _ in fused])}
        hits = (
            Hit(
                passage=passages[i],
                text=view.text(passages[i]),
                similarity=similarity.get(i, 0.0),
                dense_rank=dense_rank.get(i),
                lexical_rank=lexical_rank.get(i),
                relevance=relevance,
                matched=_matched(asked, view.text(passages[i])),
            )
            for i, relevance in fused
            if i in passages
        )
        return _distinct(hits, k, self.config.duplicate)


def _distinct(hits: Iterable[Hit], k: int, duplicate: float) -> list[Hit]:
    """The first ``k`` hits that differ; the others are folded into the hit they repeat.

    What differs in a number, or in the question's words that it holds, is another fact in the same form.
    Once there are ``k``, the next ``k`` are still looked at for twins.
    """
    kept: list[Hit] = []
    seen: list[tuple[set[str], set[str]]] = []
    past = 0
    for hit in hits:
        own = {gram.term for gram in grams(hit.text)}
        counted = {number.term for number in numbers(hit.text)}
        twin = next(
            (
                i
                for i, (other, theirs) in enumerate(seen)
                if counted == theirs
                and set(hit.matched) == set(kept[i].matched)
                and _jaccard(own, other) >= duplicate
            ),
            None,
        )
        if twin is not None:
            kept[twin] = replace(kept[twin], duplicates=(*kept[twin].duplicates, hit.passage))
        elif len(kept) < k:
            kept.append(hit)
            seen.append((own, counted))
        else:
            past += 1
            if past > k:
                break
    return kept


def _matched(asked: Question, text: str) -> tuple[str, ...]:
    """The question's words that stand in ``text``, numbers and dates however they are written."""
    folded = fold(text)
    plain = {number.term for number in numbers(text)}
    return tuple(word for word in asked.words if word in folded or word in plain)


def _jaccard(a: set[str], b: set[str]) -> float:
    return len(a & b) / len(a | b) if a or b else 1.0
