"""Passages to candidates: the words that may answer, and how strong the evidence for each is."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from embeddings.article import Span
from embeddings.chunk import sentences
from embeddings.encode import embedder as load_embedder
from qa.alike import bundled_alike
from qa.enumeration import is_item
from qa.evidence import FEATURES, evidence
from qa.phrase import asks_list, phrase
from qa.ranker import bundled_ranker
from qa.reader import BUNDLED
from qa.reader import reader as load_reader
from qa.reread import AGAIN, bundled_again
from qa.tables import worded
from qa.together import TOGETHER

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from embeddings.encode import Embedder
    from qa.lists import Above
    from qa.nearby import Before
    from qa.question import Question
    from qa.ranker import Ranker
    from qa.reader import Reader
    from qa.reading import Marked, SpanReading
    from qa.reread import Again
    from qa.tables import Worded


@dataclass(frozen=True, slots=True)
class ReadablePassage:
    """A passage to read: its text, what stands above it, its cosine with the question, its relevance (0..1); the names of the
    columns where it begins within a table; the title of its article and the headings that hold in it.
    """

    text: str
    heading: str = ""
    similarity: float = 0.0
    relevance: float = 0.0
    columns: tuple[str, ...] | None = None
    title: str = ""
    headings: tuple[Above, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """Words that may answer; offsets are characters of the passage's text.

    ``strength`` is a logit that compares the candidates of one question. ``phrase`` lies within
    ``sentence``; ``sure``, 0..1, is how probable it is that the phrase alone answers. ``marked`` are the spans
    of its passage that the reader marked, with their logits. ``listed``, 0..1, is how probable it is that it is the list
    that was asked for (:mod:`qa.listed`); 0 for all others.
    """

    passage: int
    sentence: Span
    phrase: Span
    sure: float
    strength: float
    evidence: Mapping[str, float]
    marked: Marked = field(default=(), repr=False, compare=False)
    listed: float = 0.0


def candidates(
    question: Question,
    passages: Sequence[ReadablePassage],
    weights: Mapping[str, float],
    reader: Reader | None = None,
    ranker: Ranker | None = None,
    embedder: Embedder | None = None,
    again: Again | None = None,
    before: Before | None = None,
) -> list[Candidate]:
    """One candidate for each sentence of the passages, strongest first; ties by passage, then place.

    ``weights`` are the inverse document frequencies of the question's terms; ``embedder``, by default the
    bundled one whatever the library's is, compares sentences with the question. ``again`` reads the likeliest
    once more: by default, and unless a ``ranker`` is given, the bundled encoder does, or ``reader`` where that is
    another than the bundled one, which then reads first. It reads what is near the answer ``before``, of the same
    article, rather than what is far.
    """
    first, again = _two(question, reader, again) if ranker is None else (reader, again)
    originals = passages
    tables = [worded(passage.text, passage.columns) for passage in passages]
    passages = [
        replace(passage, text=table.text) if table else passage
        for passage, table in zip(passages, tables, strict=True)
    ]
    readings = None
    if first and first.understands(question.text) and not _crosses(question, passages):
        readings = first.read(
            question.text, [passage.text for passage in passages], [passage.heading for passage in passages]
        )
    split = [
        units(passage.text, table.rows if table else frozenset())
        for passage, table in zip(passages, tables, strict=True)
    ]
    near = _similarities(question, passages, split, embedder)
    rows: list[list[float]] = []
    places: list[tuple[int, Span]] = []
    for index, passage in enumerate(passages):
        spans = split[index]
        rows += evidence(
            question,
            passage.text,
            spans,
            weights,
            heading=passage.heading,
            similarity=passage.similarity,
            relevance=passage.relevance,
            readings=by_sentence(readings[index], spans) if readings else (),
            similarities=near[index],
            alike=bundled_alike().of(question.text, passage.text, passage.heading, spans),
        )
        places += [(index, span) for span in spans]
    strengths = (ranker or bundled_ranker()).strengths(rows)
    found = []
    for i in sorted(range(len(places)), key=lambda i: (-strengths[i], places[i])):
        index, span = places[i]
        named = dict(zip(FEATURES, rows[i], strict=True)) | dict.fromkeys((*AGAIN, *TOGETHER), 0.0)
        marked = readings[index].spans if readings else ()
        found.append(Candidate(index, span, span, 0.0, float(strengths[i]), named, marked))
    if readings and again:
        stand = (_original(candidate, tables) for candidate in found)
        gains = [before.gain(one.passage, one.sentence) for one in stand] if before else []
        found = again.ordered(question.text, passages, found, gains)
    found = [_original(candidate, tables) for candidate in found]
    passages = originals
    if before:
        found = [replace(c, marked=before.anew(c.passage, c.marked)) for c in found]
    # The bundled readers find the sentence of an English answer more often than the words in it.
    whole = reader is not None and reader.name == BUNDLED and question.folded.isascii()
    found = [
        _phrased(question, passages[candidate.passage].text, candidate, whole=whole) for candidate in found
    ]
    if asks_list(question):
        found = list_first(found, [passage.text for passage in passages])
    return found


def _original(candidate: Candidate, tables: Sequence[Worded | None]) -> Candidate:
    """The candidate as it stands in its passage, where that was read in other words."""
    table = tables[candidate.passage]
    if table is None:
        return candidate
    sentence = table.back(candidate.sentence) or Span(0, 0)
    marked: dict[Span, float] = {}
    for span, logit in candidate.marked:
        own = table.back(span)
        if own:
            marked[own] = float(np.logaddexp(marked.get(own, -np.inf), logit))
    return replace(candidate, sentence=sentence, phrase=sentence, marked=tuple(marked.items()))


def _two(
    question: Question, reader: Reader | None, again: Again | None
) -> tuple[Reader | None, Again | None]:
    """Who reads everything, and who reads the likeliest again."""
    if reader is None or again or not reader.understands(question.text):
        return reader, again
    if reader.name == BUNDLED:
        return reader, bundled_again()
    bundled = load_reader()
    if bundled.understands(question.text):
        return bundled, replace(bundled_again(), reader=reader)
    return reader, None


def _phrased(question: Question, text: str, candidate: Candidate, *, whole: bool) -> Candidate:
    """The candidate with the words that answer, and with more of the text where they are a list."""
    marked = () if whole else candidate.marked
    sentence, words, sure = phrase(question, text, candidate.sentence, marked)
    return replace(candidate, sentence=sentence, phrase=words, sure=sure)


def list_first(found: list[Candidate], texts: Sequence[str]) -> list[Candidate]:
    """The candidates in passages of these ``texts``, a list of lines before the best where that is none and hardly stronger than
    all that stands in the list together; not one of which the best is a part.
    """
    if not found or _lines(found[0], texts):
        return found
    best = found[0]
    for candidate in found[1:LOOKED_AT]:
        if _lines(candidate, texts) and not _holds(candidate, best):
            strength = _altogether(candidate, found)
            if strength >= best.strength - HARDLY:
                rest = (other for other in found if other is not candidate)
                return [replace(candidate, strength=strength), *rest]
    return found


def _lines(candidate: Candidate, texts: Sequence[str]) -> bool:
    return "\n" in candidate.phrase.of(texts[candidate.passage]).strip()


def _holds(whole: Candidate, candidate: Candidate) -> bool:
    return candidate.passage == whole.passage and whole.sentence.contains(candidate.sentence)


def _altogether(whole: Candidate, found: Sequence[Candidate]) -> float:
    """How strong the candidates are together that stand in the list of one of them: as three like the best at most, or any
    would be that is long.
    """
    strengths = [each.strength for each in found if _holds(whole, each)]
    return min(float(np.logaddexp.reduce(strengths)), max(strengths) + math.log(3))


LOOKED_AT = 5
"""Candidates among which a list is looked for."""
HARDLY = 2.0
"""Logits by which a candidate is hardly stronger than a list: who asks for one has little of a single thing."""


def _crosses(question: Question, passages: Sequence[ReadablePassage]) -> bool:
    """Whether question and most passages are in different scripts, which no reader here has learnt to read."""
    text = "".join(passage.text[:SCRIPT_SEEN] for passage in passages)
    letters = sum(char.isalpha() for char in text)
    han = sum("\u3400" <= char <= "\u9fff" for char in text)
    asked = any("\u3400" <= char <= "\u9fff" for char in question.folded)
    return letters > 0 and asked != (han > letters / 2)


SCRIPT_SEEN = 200
"""Characters of each passage by which its script is told."""


def _similarities(
    question: Question,
    passages: Sequence[ReadablePassage],
    split: Sequence[Sequence[Span]],
    embedder: Embedder | None,
) -> list[list[float]]:
    """For each passage the cosines of its sentences with the question."""
    texts = [span.of(passage.text) for passage, spans in zip(passages, split, strict=True) for span in spans]
    if not texts:
        return [[] for _ in passages]
    model = embedder or bundled_embedder()
    near = (model.encode_passages(texts) @ model.encode_questions([question.text])[0]).tolist()
    ends = list(accumulate(len(spans) for spans in split))
    return [near[end - len(spans) : end] for end, spans in zip(ends, split, strict=True)]


@lru_cache(maxsize=1)
def bundled_embedder() -> Embedder:
    """The embedder that lies in the package, loaded once: it compares sentences whatever the library's is."""
    return load_embedder()


def units(text: str, rows: Collection[int] = ()) -> list[Span]:
    """The sentences of ``text``; one that ends in a colon together with the next, apart from lists and the ``rows`` of tables that
    begin there.
    """
    joined: list[Span] = []
    for span in sentences(text):
        before = joined[-1] if joined else None
        announced = before and text[before.end - 1] in "：:" and len(before) + len(span) <= LONGEST_UNIT
        apart = is_item(text, span.start) or span.start in rows or " | " in span.of(text)
        if before and announced and not apart:
            joined[-1] = Span(before.start, span.end)
        else:
            joined.append(span)
    return joined


LONGEST_UNIT = 300
"""Characters; a longer sentence is not joined to the one that announces it."""


def by_sentence(reading: SpanReading, spans: Sequence[Span]) -> list[tuple[float, float, float]]:
    """For each sentence what :func:`qa.evidence.evidence` takes as its reading.

    The log odds of all answers there against "nothing here"; the logit of its best span there over
    its best anywhere, and over "nothing here". Each is kept within -10..10.
    """
    best = max((logit for _, logit in reading.spans), default=0.0)
    found = []
    for span, mass in zip(spans, reading.sentence_mass(spans), strict=True):
        own = max((logit for at, logit in reading.spans if span.contains(at)), default=best - 10.0)
        found.append((_kept(mass), _kept(own - best), _kept(own - reading.null)))
    return found


def _kept(value: float) -> float:
    return max(-10.0, min(10.0, float(value)))
