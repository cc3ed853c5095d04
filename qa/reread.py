"""The likeliest stretches read a second time, by the encoder, then the best sentences together, and the candidates ordered anew.

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
from qa.together import FAR, TOGETHER, over, said_together

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qa.candidates import Candidate, ReadablePassage
    from qa.reader import Reader
    from qa.reading import Marked, SpanReading


STRETCHES = 4
"""Stretches read again."""

LONGEST = 260
"""Characters of a stretch, unless one sentence is longer; :data:`embeddings.chunk.LATIN` times as many in Latin letters."""

AGAIN: tuple[str, ...] = ("again_mass", "again_margin", "again_best", "again_share", "again_read")
"""What the second reading says of a sentence, by name: the log odds of all answers there against "nothing here" in
its stretch; those of the best one; that less the best of all stretches; the log of its share of all that is read;
whether it was read. All 0 where it was not; the first four within -:data:`FAR`..:data:`FAR`.
"""

OVER: tuple[str, ...] = ("first_strength", *AGAIN)
"""What is compared with the other candidates of a question."""

ORDERED_BY: tuple[str, ...] = (
    "first_strength", "first_lead", "first_rank", *AGAIN, *FEATURES, *(f"{name}_over" for name in OVER)
)  # fmt: skip
"""What the order is made of: the strength before, over the strongest's, and its place; then all evidence; last, by how
much the candidate has more of :data:`OVER` than the best of the others.
"""

LAST_BY: tuple[str, ...] = (*ORDERED_BY, *TOGETHER)
"""What the last order is made of, when the first of that order have been read together."""


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
    """The second reader, and the networks that order the candidates by what it says: of each alone (:data:`ORDERED_BY`),
    and then of the first few together (:data:`LAST_BY`).
    """

    reader: Reader
    order: Layered
    last: Layered

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
        rows = order_rows(found, {at: said for at, (said, _) in told.items()})
        seen = [
            replace(candidate, evidence={**candidate.evidence, **told[at][0]}, marked=told[at][1])
            if at in told
            else candidate
            for at, candidate in enumerate(found)
        ]
        before = self.order.logits(rows).tolist()
        together = said_together(question, passages, seen, before, self.reader)
        strengths = self.last.logits(last_rows(rows, together)).tolist()
        last = [
            replace(c, strength=strengths[at], evidence={**c.evidence, **together.get(at, {})})
            for at, c in enumerate(seen)
        ]
        return [last[at] for at in sorted(range(len(last)), key=lambda at: (-strengths[at], at))]


def last_rows(
    rows: Sequence[Sequence[float]], together: Mapping[int, Mapping[str, float]]
) -> list[list[float]]:
    """:data:`LAST_BY` of each candidate, from its row of :func:`order_rows`."""
    return [
        [*row, *(together.get(at, {}).get(name, 0.0) for name in TOGETHER)] for at, row in enumerate(rows)
    ]


def order_rows(found: Sequence[Candidate], told: Mapping[int, Mapping[str, float]]) -> list[list[float]]:
    """:data:`ORDERED_BY` of each candidate; ``told`` is :data:`AGAIN` of those that were read again, by place."""
    strongest = found[0].strength if found else 0.0
    plain = [
        [candidate.strength, candidate.strength - strongest, float(np.log1p(at))]
        + [told.get(at, {}).get(name, 0.0) for name in AGAIN]
        + [candidate.evidence[name] for name in FEATURES]
        for at, candidate in enumerate(found)
    ]
    columns = [over([row[at] for row in plain]) for at in map(ORDERED_BY.index, OVER)]
    return [[*row, *own] for row, *own in zip(plain, *columns, strict=True)]


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
    """The encoder and the orders that lie in the package."""
    file = resources.files("qa") / "models" / "again.json"
    name, mend = "bundled order", "run python -m qa.training.again, or install the package again"
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
        if [held["ordered_by"], held.get("last_by")] != [list(ORDERED_BY), list(LAST_BY)]:
            raise ModelError(name, "was trained on other evidence", mend)
        order = Layered(held["weights"], len(ORDERED_BY), name, mend)
        last = Layered(held["last"], len(LAST_BY), name, mend)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(name, f"cannot be read: {error!r}", mend) from error
    return Again(EncoderReader(), order, last)
