"""Questions to ask next: of the same article, near the answer; each known to be answered."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from embeddings.words import fold
from qa.examples import language, questions_of
from qa.facts import NOWHERE
from qa.question import analyse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from embeddings.article import Article, Span
    from embeddings.library import Snapshot
    from qa.reply import Answer, Reply

OFFERED = 3
"""Questions offered at most."""

ASKS = 8
"""Questions asked, at most, to find those that are answered."""

SURE = 0.5
"""Confidence (0..1) from which a question counts as answered well enough to be offered."""


class Found(NamedTuple):
    """What a question finds: the article of its first answer, its sentence there, and the confidence."""

    article_id: str
    sentence: Span | None
    confidence: float


class Suggestions:
    """What to ask next, in a library that ``ask`` asks; it remembers what it found for each revision."""

    def __init__(self, ask: Callable[[str], Reply]) -> None:
        self._ask = ask
        self._found = lru_cache(maxsize=4096)(self._probe)

    def after(self, reply: Reply, view: Snapshot, asked: Sequence[str], n: int = OFFERED) -> list[str]:
        """At most ``n`` questions about the article that answered, the nearest to the answer first.

        Each is answered by that article, with :data:`SURE`, by another sentence than ``reply`` and the
        questions before it. None of ``asked`` is among them; none where nothing was answered, or with a list
        of articles, of which none is meant.
        """
        if not reply.answers or reply.answers[0].field in ("title", "count"):
            return []
        answer = reply.answers[0]
        article = answer.source.article
        known = {_bare(question) for question in (*asked, reply.question, reply.standalone_question)}
        shown = {_sentence(answer)} - {None}
        found: list[str] = []
        for tried, question in enumerate(_candidates(answer, reply.standalone_question, known)):
            if len(found) == n or tried == ASKS:
                break
            told = self._found(view.revision, question)
            if told.article_id == article.id and told.confidence >= SURE and told.sentence not in shown:
                found.append(question)
                shown |= {told.sentence} - {None}
        return found

    def _probe(self, _revision: int, question: str) -> Found:
        reply = self._ask(question)
        if not reply.answers:
            return Found("", None, 0.0)
        best = reply.answers[0]
        return Found(best.source.article.id, _sentence(best), best.confidence)


def _sentence(answer: Answer) -> Span | None:
    return answer.source.sentence if answer.source.passage else None


def _candidates(answer: Answer, question: str, known: set[str]) -> Iterator[str]:
    """Questions about what the answer names, then those of the article, by their distance to the answer."""
    article = answer.source.article
    at = answer.source.span.start if answer.source.passage else 0
    made = sorted(questions_of(article), key=lambda one: (one.at == NOWHERE, abs(one.at - at)))
    person = "person" in analyse(question).kinds
    for text in (*_of_name(answer.text, article, person=person), *(one.text for one in made)):
        if _bare(text) not in known:
            known.add(_bare(text))
            yield text


def _of_name(text: str, article: Article, *, person: bool) -> Iterator[str]:
    """Who or what the answer is, where it is a name that the article speaks of more than once."""
    name = text.strip()
    if article.text.count(name) < 2:
        return
    if language(article.text) == "zh" and _HAN_NAME.fullmatch(name):
        yield f"{name}是谁？" if person else f"{name}是什么？"
    elif _LATIN_NAME.fullmatch(name):
        yield f"Who was {name}?" if person else f"What is {name}?"


_HAN_NAME = re.compile(r"[㐀-䶿一-鿿·]{2,8}")
_LATIN_NAME = re.compile(r"[A-Z][\w'’-]+(?: [A-Z][\w'’-]+){1,2}")


def _bare(question: str) -> str:
    return re.sub(r"[\W_]+", "", fold(question))
