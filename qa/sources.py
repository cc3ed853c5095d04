"""Candidates to answers: the words in their article, and where the same words stand again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embeddings.article import Span
from qa.enumeration import items_after
from qa.reply import Answer, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embeddings.article import Article
    from embeddings.library import Snapshot
    from qa.candidates import Candidate
    from qa.reply import Hit


def answer_of(
    candidate: Candidate, hit: Hit, article: Article, confidence: float, sure: float, *, whole: bool
) -> Answer:
    """The candidate as an answer with its place in the article: its sentence where that is ``whole`` or the
    phrase less certain than ``sure`` (0..1).
    """
    start = hit.passage.span.start
    sentence = candidate.sentence.shifted(start)
    if sentence.end == hit.passage.span.end and len(candidate.phrase) < len(candidate.sentence):
        # A list goes on over the end of its passage.
        longer = items_after(article.text, Span(sentence.start, start + candidate.phrase.start))
        if longer and longer.end > sentence.end:
            whole_list = Span(start + candidate.phrase.start, longer.end)
            return Answer(
                whole_list.of(article.text), longer.of(article.text), confidence,
                (Source(article, whole_list, longer, hit.passage),), evidence=candidate.evidence,
            )  # fmt: skip
    span = candidate.phrase.shifted(start) if candidate.sure >= sure and not whole else sentence
    return Answer(
        text=span.of(article.text),
        sentence=sentence.of(article.text),
        confidence=confidence,
        sources=(Source(article, span, sentence, hit.passage),),
        evidence=candidate.evidence,
    )


def with_further(sources: tuple[Source, ...], further: Sequence[Source]) -> tuple[Source, ...]:
    """The sources with those of ``further`` from articles that are not among them."""
    known = {source.article.id for source in sources}
    return (*sources, *(source for source in further if source.article.id not in known))


def repeated(answer: Answer, hit: Hit, view: Snapshot) -> list[Source]:
    """Where the answer's sentence stands again, in the near-duplicates of its passage."""
    found = []
    inner = answer.source.span.shifted(-answer.source.sentence.start)
    for passage in hit.duplicates:
        article = view.article(passage.article_id)
        at = article.text.find(answer.sentence, passage.span.start, passage.span.end)
        if at >= 0:
            found.append(Source(article, inner.shifted(at), Span(at, at + len(answer.sentence)), passage))
    return found
