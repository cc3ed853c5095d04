"""Passages to candidates: the words that may answer, and how strong the evidence for each is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from embeddings.chunk import sentences
from qa.evidence import FEATURES, evidence
from qa.phrase import phrase
from qa.ranker import bundled_ranker

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from embeddings.article import Span
    from qa.question import Question
    from qa.ranker import Ranker
    from qa.reader import Reader, SpanReading


@dataclass(frozen=True, slots=True)
class ReadablePassage:
    """A passage to read: its text, what stands above it, and how relevant it is (0..1)."""

    text: str
    heading: str = ""
    relevance: float = 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """Words that may answer; offsets are characters of the passage's text.

    ``strength`` is a logit that compares the candidates of one question. ``phrase`` lies within
    ``sentence``; ``sure``, 0..1, is how probable it is that the phrase alone answers.
    """

    passage: int
    sentence: Span
    phrase: Span
    sure: float
    strength: float
    evidence: Mapping[str, float]


def candidates(
    question: Question,
    passages: Sequence[ReadablePassage],
    weights: Mapping[str, float],
    reader: Reader | None = None,
    ranker: Ranker | None = None,
) -> list[Candidate]:
    """One candidate for each sentence of the passages, strongest first; ties by passage, then place.

    ``weights`` are the inverse document frequencies of the question's terms.
    """
    readings = reader.read(question.text, [passage.text for passage in passages]) if reader else None
    rows: list[list[float]] = []
    places: list[tuple[int, Span]] = []
    for index, passage in enumerate(passages):
        spans = sentences(passage.text)
        rows += evidence(
            question,
            passage.text,
            spans,
            weights,
            heading=passage.heading,
            relevance=passage.relevance,
            readings=by_sentence(readings[index], spans) if readings else (),
        )
        places += [(index, span) for span in spans]
    strengths = (ranker or bundled_ranker()).strengths(rows)
    found = []
    for i in sorted(range(len(places)), key=lambda i: (-strengths[i], places[i])):
        index, span = places[i]
        marked = readings[index].spans if readings else ()
        sentence, words, sure = phrase(question, passages[index].text, span, marked)
        named = dict(zip(FEATURES, rows[i], strict=True))
        found.append(Candidate(index, sentence, words, sure, float(strengths[i]), named))
    return found


def by_sentence(reading: SpanReading, spans: Sequence[Span]) -> list[tuple[float, float, float]]:
    """For each sentence what :func:`qa.evidence.evidence` takes as its reading.

    The reader's mass there; the logit of its best span there over its best anywhere, and over its
    "nothing here". Logit differences are kept within -10..10.
    """
    masses = reading.sentence_mass(spans)
    best = max((logit for _, logit in reading.spans), default=0.0)
    found = []
    for span, mass in zip(spans, masses, strict=True):
        own = max((logit for at, logit in reading.spans if span.contains(at)), default=best - 10.0)
        found.append((float(mass), max(-10.0, own - best), max(-10.0, min(10.0, own - reading.null))))
    return found
