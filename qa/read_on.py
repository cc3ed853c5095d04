"""What is answered from the article just spoken of without a search: what it says next, or its n-th item."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from qa.numbered import item, item_asked
from qa.onward import goes_on, onward
from qa.reply import Answer, Hit, Reply, Source
from qa.topic import joined, topic

if TYPE_CHECKING:
    from embeddings.article import Article, Span
    from embeddings.library import Snapshot
    from qa.topic import Exchange


def read_on(question: str, before: Exchange, view: Snapshot) -> Reply | None:
    """The reply to "and then?" and to "and the third?" in the words of the article of ``before``; None for
    another question, or where the article has no such words, or is gone.
    """
    begun = time.perf_counter()
    try:
        article = view.article(before.article)
    except KeyError:  # nothing was answered, or the article is gone since
        return None
    found = _asked(question, article, before)
    held = found and next((p for p in view.passages_of(article.id) if p.span.overlaps(found[0])), None)
    if not found or not held:
        return None
    span, sentence = found
    answer = Answer(
        text=span.of(article.text),
        sentence=sentence.of(article.text),
        confidence=min(before.confidence, ONWARD),
        sources=(Source(article, span, sentence, held),),
    )
    hit = Hit(held, view.text(held), 0.0, None, None, answer.confidence)
    took = 1000 * (time.perf_counter() - begun)
    return Reply(
        question, joined(topic(before), question.strip()), answered=True, answers=(answer,), hits=(hit,),
        answerable=1.0, timings={"search": took, "read": 0.0},
    )  # fmt: skip


def _asked(question: str, article: Article, before: Exchange) -> tuple[Span, Span] | None:
    if goes_on(question):
        return onward(article, before)
    ordinal = item_asked(question)
    found = item(ordinal, before) if ordinal else None
    return (found, found) if found else None


ONWARD = 0.6
"""Confidence (0..1) that what comes next, or the item, is what was asked for, at most."""
