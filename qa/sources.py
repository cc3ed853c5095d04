"""Candidates to answers: the words in their article, and where the same words stand again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embeddings.article import Span
from qa.enumeration import is_item, items_around, list_below
from qa.reply import Answer, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embeddings.article import Article
    from embeddings.library import Snapshot
    from qa.candidates import Candidate
    from qa.reply import Hit


def answer_of(
    candidate: Candidate,
    hit: Hit,
    article: Article,
    confidence: float,
    sure: float,
    *,
    whole: bool,
    listed: bool = False,
) -> Answer:
    """The candidate as an answer with its place in the article: its sentence where that is ``whole`` or the
    phrase less certain than ``sure`` (0..1). Where a list was asked for (``listed``), with the one that begins or goes on
    in the next passage.
    """
    start = hit.passage.span.start
    sentence = candidate.sentence.shifted(start)
    longer = _over_the_end(candidate, hit, article, listed=listed)
    if longer:
        with_lead, items = longer
        return Answer(
            items.of(article.text), with_lead.of(article.text), confidence,
            (Source(article, items, with_lead, hit.passage),), evidence=candidate.evidence,
        )  # fmt: skip
    span = candidate.phrase.shifted(start) if candidate.sure >= sure and not whole else sentence
    return Answer(
        text=span.of(article.text),
        sentence=sentence.of(article.text),
        confidence=confidence,
        sources=(Source(article, span, sentence, hit.passage),),
        evidence=candidate.evidence,
    )


def _over_the_end(
    candidate: Candidate, hit: Hit, article: Article, *, listed: bool
) -> tuple[Span, Span] | None:
    """The list that goes on, or where one was asked for begins, over the end of its passage: with what announces it, and by
    itself; None for none.
    """
    start = hit.passage.span.start
    sentence, phrase = candidate.sentence.shifted(start), candidate.phrase.shifted(start)
    if article.text[sentence.end : hit.passage.span.end].strip():
        return None
    if "\n" in phrase.of(article.text) and is_item(article.text, phrase.start):
        block = items_around(article.text, phrase)
        if block and block.end > phrase.end:
            return Span(min(sentence.start, block.start), block.end), block
    before = article.text[sentence.start : phrase.start].rstrip()
    leads = [Span(sentence.start, sentence.start + len(before))] if before else []
    for lead in [*leads, *([sentence] if listed else [])]:
        below = list_below(article.text, lead)
        if below and below[0].end > sentence.end:
            return below
    return None


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
