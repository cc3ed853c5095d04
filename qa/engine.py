"""Asking: from a question to a reply. The only thing the page and the terminal call."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from embeddings.article import Span
from embeddings.encode import embedder as load_embedder
from embeddings.library import Library
from embeddings.words import fold
from qa.about import about, chosen, values
from qa.candidates import ReadablePassage, candidates
from qa.confidence import bundled_confidence, signals
from qa.config import Config
from qa.question import analyse
from qa.reader import reader as load_reader
from qa.reply import Answer, Reply, Source
from qa.retriever import Retriever

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from embeddings.article import Article
    from embeddings.library import Snapshot
    from qa.candidates import Candidate
    from qa.confidence import Confidence
    from qa.question import Question
    from qa.reader import Reader
    from qa.reply import Hit


class Engine:
    """Answers questions from one library; safe to ask from many threads."""

    def __init__(
        self,
        library: Library,
        reader: Reader | None = None,
        config: Config | None = None,
        confidence: Confidence | None = None,
    ) -> None:
        self.library = library
        self.config = config or Config()
        self.retriever = Retriever(library, self.config)
        self._reader = reader or load_reader()
        self._confidence = confidence or bundled_confidence()

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        embedder: str | None = None,
        reader: str | None = None,
        config: Config | None = None,
        allow_download: bool = False,
    ) -> Engine:
        """An engine over the library at ``path``.

        ``embedder`` and ``reader`` name models other than those the library was made with and the
        bundled one; only with ``allow_download`` is a model fetched. LibraryError and ModelError say
        what is wrong.
        """
        model = load_embedder(embedder, allow_download=allow_download) if embedder else None
        return cls(Library.open(path, model), load_reader(reader, allow_download=allow_download), config)

    def ask(self, question: str) -> Reply:
        """The reply to ``question``; QuestionError when it is empty or too long."""
        begun = time.perf_counter()
        asked = analyse(question)
        view = self.library.snapshot()
        hits = self.retriever.search(asked, self.config.read, view)
        searched = time.perf_counter()
        answers = self._about(asked, hits, view) or self._read(asked, hits, view)
        done = time.perf_counter()
        return Reply(
            question=question,
            standalone_question=asked.text,
            answered=bool(answers),
            answers=tuple(answers),
            hits=tuple(hits[: self.config.shown]),
            timings={"search": 1000 * (searched - begun), "read": 1000 * (done - searched)},
        )

    def _about(self, asked: Question, hits: Sequence[Hit], view: Snapshot) -> list[Answer]:
        """Answers from the front matter of the article that is asked about; none for other questions."""
        nowhere = Span(0, 0)
        return [
            Answer(
                value,
                value,
                self._confidence.metadata,
                (Source(article, nowhere, nowhere, None),),
                field=name,
            )
            for article, name, value in from_front_matter(asked, hits, view)
        ]

    def _read(self, asked: Question, hits: Sequence[Hit], view: Snapshot) -> list[Answer]:
        """Answers from the texts, best first; none where the best is below the threshold."""
        articles = {hit.passage.article_id: view.article(hit.passage.article_id) for hit in hits}
        readable = [
            ReadablePassage(
                hit.text, heading_of(articles[hit.passage.article_id], hit), hit.similarity, hit.relevance
            )
            for hit in hits
        ]
        found = candidates(asked, readable, weights_of(asked, view), self._reader)
        calibration = self._confidence.of(found)
        threshold = self.config.threshold if self.config.threshold >= 0 else calibration.threshold
        answers: list[Answer] = []
        for index, candidate in enumerate(found[: 4 * self.config.answers]):
            hit = hits[candidate.passage]
            confidence = calibration.probability(signals(found, index, hits))
            if index == 0 and confidence < threshold:
                break
            answer = _answer(candidate, hit, articles[hit.passage.article_id], confidence, self.config.phrase)
            answer = replace(answer, sources=(answer.source, *_repeated(answer, hit, view)))
            twin = next((i for i, other in enumerate(answers) if _same(answer, other)), None)
            if twin is not None:
                answers[twin] = replace(answers[twin], sources=_joined(answers[twin].sources, answer.sources))
            elif (
                confidence >= max(threshold, RUNNER_UP if answers else 0.0)
                and len(answers) < self.config.answers
            ):
                answers.append(answer)
        return answers


TITLE_SHARE = 0.5
"""Share (0..1) of a topic's characters that an article's title must hold to be the one asked about."""

RUNNER_UP = 0.3
"""Confidence (0..1) under which nothing is given as a further answer."""


def from_front_matter(asked: Question, hits: Sequence[Hit], view: Snapshot) -> list[tuple[Article, str, str]]:
    """(article, field, value) of the article that is asked about; empty for other questions.

    That is the article whose title holds most of the question's topic, or, without a topic, the only
    one of the library.
    """
    wanted = about(asked.text)
    if not wanted:
        return []
    if wanted.topic:
        ids = dict.fromkeys(hit.passage.article_id for hit in hits)
        ranked = chosen(wanted.topic, map(view.article, ids))
        articles = [article for article, share in ranked[:1] if share >= TITLE_SHARE]
    else:
        rows = view.articles()
        articles = [view.article(rows[0].id)] if len(rows) == 1 else []
    return [(article, name, value) for article in articles for name, value in values(article, wanted.field)]


def weights_of(asked: Question, view: Snapshot) -> dict[str, float]:
    """The inverse document frequencies of the question's terms."""
    return dict(view.idf([*asked.words, *asked.grams]))


def heading_of(article: Article, hit: Hit) -> str:
    """The title and headings above a passage, as one line."""
    return " ".join(dict.fromkeys([article.title, *hit.passage.headings]))


def _answer(candidate: Candidate, hit: Hit, article: Article, confidence: float, sure: float) -> Answer:
    start = hit.passage.span.start
    sentence = candidate.sentence.shifted(start)
    span = candidate.phrase.shifted(start) if candidate.sure >= sure else sentence
    return Answer(
        text=span.of(article.text),
        sentence=sentence.of(article.text),
        confidence=confidence,
        sources=(Source(article, span, sentence, hit.passage),),
        evidence=candidate.evidence,
    )


def _same(a: Answer, b: Answer) -> bool:
    """Whether two answers say the same: the same words, or one stands within the other in one place."""
    if _bare(a.text) == _bare(b.text):
        return True
    return a.source.article.id == b.source.article.id and a.source.span.overlaps(b.source.span)


def _bare(text: str) -> str:
    return "".join(char for char in fold(text) if char.isalnum())


def _joined(sources: tuple[Source, ...], further: Sequence[Source]) -> tuple[Source, ...]:
    """The sources with those of ``further`` from articles that are not among them."""
    known = {source.article.id for source in sources}
    return (*sources, *(source for source in further if source.article.id not in known))


def _repeated(answer: Answer, hit: Hit, view: Snapshot) -> list[Source]:
    """Where the answer's sentence stands again, in the near-duplicates of its passage."""
    found = []
    inner = answer.source.span.shifted(-answer.source.sentence.start)
    for passage in hit.duplicates:
        article = view.article(passage.article_id)
        at = article.text.find(answer.sentence, passage.span.start, passage.span.end)
        if at >= 0:
            found.append(Source(article, inner.shifted(at), Span(at, at + len(answer.sentence)), passage))
    return found
