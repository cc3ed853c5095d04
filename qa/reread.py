"""The likeliest stretches read a second time, by the encoder, and the candidates ordered anew.

The first reader is quick and reads everything; the encoder understands more and costs more, so that it sees only
where an answer may stand (a cascade, as Wang et al. 2011 call it).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from embeddings.article import Span
from embeddings.chunk import LATIN, mostly_latin
from embeddings.errors import ModelError
from qa.encoder_reader import EncoderReader
from qa.evidence import FEATURES
from qa.layered import Layered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qa.candidates import Candidate, ReadablePassage
    from qa.reader import Reader
    from qa.reading import Marked, SpanReading


STRETCHES = 5
"""Stretches read again."""

LONGEST = 260
"""Characters of a stretch, unless one sentence is longer; :data:`embeddings.chunk.LATIN` times as many in Latin letters."""

AGAIN: tuple[str, ...] = ("again_mass", "again_margin", "again_best", "again_share", "again_read")
"""What the second reading says of a sentence, by name: the log odds of all answers there against "nothing here" in
its stretch; those of the best one; that less the best of all stretches; the log of its share of all that is read;
whether it was read. All 0 where it was not; the first four within -:data:`FAR`..:data:`FAR`.
"""

FAR = 12.0

OVER: tuple[str, ...] = ("first_strength", *AGAIN)
"""What is compared with the other candidates of a question."""

ORDERED_BY: tuple[str, ...] = (
    "first_strength", "first_lead", "first_rank", *AGAIN, *FEATURES, *(f"{name}_over" for name in OVER)
)  # fmt: skip
"""What the order is made of: the strength before, over the strongest's, and its place; then all evidence; last, by how
much the candidate has more of :data:`OVER` than the best of the others.
"""


@dataclass(frozen=True)
class Stretch:
    """Sentences of one passage that are read together, and the candidates in it, by their places."""

    passage: int
    span: Span
    holds: tuple[int, ...]


def stretches(
    found: Sequence[Candidate],
    texts: Sequence[str],
    gains: Sequence[float] = (),
    most: int = STRETCHES,
) -> list[Stretch]:
    """At most so many that hold the strongest candidates, strongest first, of the passages' ``texts``; ``gains``, one a
    candidate, are added to their strengths.
    """
    cut = {
        index: pieces([c.sentence for c in sorted(found, key=_place) if c.passage == index], texts[index])
        for index in {candidate.passage for candidate in found}
    }
    order: dict[tuple[int, Span], list[int]] = {}
    strengths = [
        candidate.strength + gain for candidate, gain in zip(found, gains or [0.0] * len(found), strict=True)
    ]
    for at in sorted(range(len(found)), key=lambda at: (-strengths[at], at)):
        candidate = found[at]
        own = next(
            piece for piece in cut[candidate.passage] if piece.start <= candidate.sentence.start < piece.end
        )
        order.setdefault((candidate.passage, own), []).append(at)
    return [Stretch(index, span, tuple(held)) for (index, span), held in list(order.items())[:most]]


def _place(candidate: Candidate) -> int:
    return candidate.sentence.start


def pieces(sentences: Sequence[Span], text: str) -> list[Span]:
    """Ranges of whole sentences of ``text``, about equally long, none over :data:`LONGEST` that has more than one."""
    if not sentences:
        return []
    longest = LONGEST * LATIN if mostly_latin(text) else LONGEST
    total = sentences[-1].end - sentences[0].start
    each = total / -(-total // longest)
    found: list[Span] = []
    for sentence in sentences:
        size = sentence.end - found[-1].start if found else 0
        if found and size <= min(longest, each * 1.15):
            found[-1] = Span(found[-1].start, sentence.end)
        else:
            found.append(sentence)
    return found


@dataclass(frozen=True)
class Again:
    """The second reader, and the network that orders the candidates by what it says (:data:`ORDERED_BY`)."""

    reader: Reader
    order: Layered

    def ordered(
        self,
        question: str,
        passages: Sequence[ReadablePassage],
        found: Sequence[Candidate],
        gains: Sequence[float] = (),
    ) -> list[Candidate]:
        """The candidates with the strengths, marks and evidence of the second reading, strongest first.

        ``found`` are in the order of the first reading; each is one sentence. ``gains``, one a candidate, are added
        to their strengths where those to read are chosen.
        """
        told = said_again(question, passages, found, self.reader, gains)
        strengths = self.order.logits(order_rows(found, {at: said for at, (said, _) in told.items()}))
        again = []
        for at, candidate in enumerate(found):
            said, marked = told.get(at, ({}, candidate.marked))
            evidence = {**candidate.evidence, **said}
            again.append(replace(candidate, strength=float(strengths[at]), evidence=evidence, marked=marked))
        return [again[at] for at in sorted(range(len(again)), key=lambda at: (-strengths[at], at))]


def order_rows(found: Sequence[Candidate], told: Mapping[int, Mapping[str, float]]) -> list[list[float]]:
    """:data:`ORDERED_BY` of each candidate; ``told`` is :data:`AGAIN` of those that were read again, by place."""
    strongest = found[0].strength if found else 0.0
    plain = [
        [candidate.strength, candidate.strength - strongest, float(np.log1p(at))]
        + [told.get(at, {}).get(name, 0.0) for name in AGAIN]
        + [candidate.evidence[name] for name in FEATURES]
        for at, candidate in enumerate(found)
    ]
    columns = [_over([row[at] for row in plain]) for at in map(ORDERED_BY.index, OVER)]
    return [[*row, *own] for row, *own in zip(plain, *columns, strict=True)]


def _over(values: Sequence[float]) -> list[float]:
    """By how much each of the values exceeds the largest of the others; 0 where there is no other."""
    if len(values) < 2:
        return [0.0] * len(values)
    best, second = sorted(values, reverse=True)[:2]
    return [value - (second if value == best else best) for value in values]


def said_again(
    question: str,
    passages: Sequence[ReadablePassage],
    found: Sequence[Candidate],
    reader: Reader,
    gains: Sequence[float] = (),
) -> dict[int, tuple[dict[str, float], Marked]]:
    """For each candidate that was read again, by its place, :data:`AGAIN` and the spans marked in its stretch."""
    chosen = stretches(found, [passage.text for passage in passages], gains)
    readings = reader.read(
        question,
        [stretch.span.of(passages[stretch.passage].text) for stretch in chosen],
        [passages[stretch.passage].heading for stretch in chosen],
    )
    raw: dict[int, tuple[float, float]] = {}
    marked: dict[int, Marked] = {}
    for stretch, reading in zip(chosen, readings, strict=True):
        spans = _shifted(reading, stretch.span.start)
        sentences = [found[at].sentence.shifted(-stretch.span.start) for at in stretch.holds]
        for at, mass in zip(stretch.holds, reading.sentence_mass(sentences), strict=True):
            own = [margin for span, margin in spans if found[at].sentence.contains(span)]
            raw[at] = max(-FAR, mass), max([-FAR, *own])
            marked[at] = spans
    if not raw:
        return {}
    best = max(margin for _, margin in raw.values())
    every = float(np.logaddexp.reduce([0.0, *(mass for mass, _ in raw.values())]))
    told = {
        at: dict(zip(AGAIN, (*map(_kept, (mass, margin, margin - best, mass - every)), 1.0), strict=True))
        for at, (mass, margin) in raw.items()
    }
    return {at: (told[at], marked[at]) for at in raw}


def _shifted(reading: SpanReading, by: int) -> Marked:
    """The spans in their passage, with their margins over "nothing here"."""
    return tuple((span.shifted(by), logit - reading.null) for span, logit in reading.spans)


def _kept(value: float) -> float:
    return max(-FAR, min(FAR, float(value)))


@lru_cache(maxsize=1)
def bundled_again() -> Again:
    """The encoder and the order that lie in the package."""
    file = resources.files("qa") / "models" / "again.json"
    name, mend = "bundled order", "run python -m qa.training.again, or install the package again"
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
        if held["ordered_by"] != list(ORDERED_BY):
            raise ModelError(name, "was trained on other evidence", mend)
        weights = held["weights"]
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(name, f"cannot be read: {error!r}", mend) from error
    return Again(EncoderReader(), Layered(weights, len(ORDERED_BY), name, mend))
