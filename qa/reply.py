"""What comes back: hits, answers, replies. Plain values, ready for a page, a terminal or JSON."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from embeddings.article import Article, Passage, Span
    from qa.where import Where


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found, and why.

    ``similarity`` is the cosine with the question, -1..1. ``dense_rank`` and ``lexical_rank`` count
    from 1; None where that side did not find the passage. ``relevance``, 0..1, is what hits are
    ordered by, falling; it compares hits of one question, not of two. ``matched`` are the words of
    the question that stand in the passage. ``duplicates`` are near-identical passages folded into it.
    """

    passage: Passage
    text: str
    similarity: float
    dense_rank: int | None
    lexical_rank: int | None
    relevance: float
    matched: tuple[str, ...] = ()
    duplicates: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Where an answer stands: ``article.text[span.start:span.end]`` is the answer.

    ``sentence`` is the range of the sentence or enumeration around it. An answer from the front
    matter has neither a passage nor a span: ``passage`` is None and both ranges are empty.
    """

    article: Article
    span: Span
    sentence: Span
    passage: Passage | None

    @property
    def page(self) -> int | None:
        """The page (from 1) of a PDF on which the answer stands; None elsewhere."""
        return self.article.page_of(self.span.start) if self.passage else None


@dataclass(frozen=True, slots=True)
class Answer:
    """The very words of an article that answer, and where they stand.

    ``text`` is the phrase where the reader is sure of one, else the sentence. ``confidence``, 0..1,
    is how often answers with such evidence were right on development data. ``sources`` has the place
    it was taken from first, then other articles that say the same. ``field`` is "" for an answer from the
    text; else the front-matter field that answers ("author", "date", "title", ...), "count" for a number of
    articles, "lead" or "heading" for an extract that stands for a summary. ``part`` is the part of the
    question that it answers, where that asks several things at once; else "".
    """

    text: str
    sentence: str
    confidence: float
    sources: tuple[Source, ...]
    field: str = ""
    part: str = ""
    evidence: Mapping[str, float] = dataclasses.field(default_factory=dict)

    @property
    def source(self) -> Source:
        """The place the answer was taken from."""
        return self.sources[0]


@dataclass(frozen=True, slots=True)
class Reply:
    """All that came of one question.

    ``standalone_question`` is what was searched for: a follow-up written out, a wrong character put right
    (then ``did_you_mean`` says the same). ``where`` is what the articles were restricted to;
    ``disagree``: two articles answer with different dates or numbers.
    ``answers`` have the best one first, and do not overlap; of the further ones another article's may stand
    before a surer one, and those to a question of several parts are in its order. They are empty where
    ``answered`` is False: the articles do not say, and ``hits`` are the nearest passages. ``remark`` is a short reply of another
    kind: to a greeting, or to a question about the tool. ``answerable`` is how probable it is, 0..1, that the articles answer at
    all; 1 where their front matter did. ``timings`` are in milliseconds.
    """

    question: str
    standalone_question: str
    answered: bool
    answers: tuple[Answer, ...]
    hits: tuple[Hit, ...]
    remark: str = ""
    did_you_mean: str = ""
    disagree: bool = False
    answerable: float = 0.0
    where: Where | None = None
    timings: Mapping[str, float] = dataclasses.field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The reply as JSON values."""
        return {
            "question": self.question,
            "standalone_question": self.standalone_question,
            "answered": self.answered,
            "answers": [_answer_json(answer) for answer in self.answers],
            "hits": [hit_json(hit) for hit in self.hits],
            "remark": self.remark,
            "did_you_mean": self.did_you_mean,
            "disagree": self.disagree,
            "answerable": round(self.answerable, 4),
            "where": {name: value for name, value in dataclasses.asdict(self.where).items() if value}
            if self.where
            else {},
            "timings_ms": {name: round(value, 1) for name, value in self.timings.items()},
        }


def hit_json(hit: Hit) -> dict[str, Any]:
    """A hit as JSON values."""
    return {
        "passage_id": hit.passage.id,
        "article_id": hit.passage.article_id,
        "span": [hit.passage.span.start, hit.passage.span.end],
        "text": hit.text,
        "headings": list(hit.passage.headings),
        "similarity": round(hit.similarity, 4),
        "dense_rank": hit.dense_rank,
        "lexical_rank": hit.lexical_rank,
        "relevance": round(hit.relevance, 4),
        "matched": list(hit.matched),
    }


def _answer_json(answer: Answer) -> dict[str, Any]:
    return {
        "text": answer.text,
        "sentence": answer.sentence,
        "confidence": round(answer.confidence, 4),
        "article": _article_json(answer.source.article),
        "span": [answer.source.span.start, answer.source.span.end],
        "page": answer.source.page,
        "field": answer.field,
        "part": answer.part,
        "also_in": [
            {"article": _article_json(source.article), "span": [source.span.start, source.span.end]}
            for source in answer.sources[1:]
        ],
    }


def _article_json(article: Article) -> dict[str, Any]:
    return {
        "id": article.id,
        "title": article.title,
        "author": article.metadata.author,
        "date": article.metadata.date,
        "source": article.source,
    }
