"""A follow-up read in the article just spoken of: its sentences, ordered by what all readings of it say together."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from embeddings.errors import ModelError
from qa.candidates import ReadablePassage
from qa.confidence import SIGNALS, Calibration
from qa.evidence import FEATURES
from qa.layered import Layered
from qa.nearby import GAINS, before_of, nearness
from qa.reread import AGAIN, said_again
from qa.tables import worded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from embeddings.article import Span
    from qa.candidates import Candidate
    from qa.question import Question
    from qa.reader import Reader
    from qa.reply import Hit
    from qa.topic import Exchange

STRENGTHS = (
    "first_strength", "said_strength", "most_strength", "mean_strength",
    "first_lead", "said_lead", "most_lead",
    "first_share", "said_share", "most_share", "least_share", "all_share",
)  # fmt: skip
"""What the readings say of a sentence: its strength in the likeliest one, in the question as it was said, in that
where it is most, on average; the same over the strongest sentence there; the log of its share of all sentences there, the least
where every reading has found it, and of the mean share.
"""

NEAR = tuple(f"near_{place}" for place in range(len(GAINS)))
"""Where it stands to the answer before: one of :data:`qa.nearby.GAINS`."""

PLACED = ("distance", "after", "here", "holds_before", "shows_before", "long", "place", "readings", "asked", "sure_before")  # fmt: skip
"""The log of the characters between (less than 0 before it); whether after it, or the same sentence; whether it
holds where that answer begins, and some phrase shares words with it; its length, its place, the number of readings,
the question's length, how sure the answer before was.
"""

ORDERED_BY: tuple[str, ...] = (
    *STRENGTHS, *NEAR, *PLACED, *AGAIN,
    *(f"first_{name}" for name in AGAIN), *(f"said_{name}" for name in AGAIN),
    *(f"told_{name}" for name in AGAIN), *FEATURES,
)  # fmt: skip
"""What the order is made of; :data:`AGAIN` and the other evidence are those of the reading where the sentence is
strongest, the likeliest, the one as it was said, and the one that is told what was spoken of.
"""

LONGEST_TOLD = 24
"""Characters of the answer before that are told."""

UNREAD = -12.0
"""What the strength of a sentence counts in a reading that has not found it (logits)."""

LATER = 1.0
"""Logits by which a sentence must be stronger in a later reading to be taken from that."""


@dataclass(frozen=True)
class Read:
    """One reading, whether it was put in the article's language, the passages that it found, and their sentences as
    :func:`qa.candidates.candidates` orders them; ``columns`` are those of the tables that passages begin within, by the passages' ids.
    """

    asked: Question
    hits: Sequence[Hit]
    found: Sequence[Candidate]
    glossed: bool = False
    columns: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Joined:
    """The sentences of all readings, strongest first, in the passages of all; ``read`` is the place of the reading where
    the first was strongest.
    """

    hits: list[Hit]
    found: list[Candidate]
    read: int


@dataclass(frozen=True)
class Joint:
    """The network that orders them (:data:`ORDERED_BY`), and how often the first is right."""

    order: Layered
    right: Calibration

    def joined(self, reads: Sequence[Read], said: int, last: Exchange, reader: Reader) -> Joined | None:
        """What the readings say together; ``said`` is the place of the one that is the question as it was said, which
        ``reader`` reads once more, told what was spoken of. None where none has found anything, or nobody has read the
        article.
        """
        held = by_sentence(reads)
        if not any(c.evidence["again_read"] for own in held.values() for c in own.values()):
            return None
        hits, own = merged(reads, held)
        columns = {place: names for read in reads for place, names in read.columns.items()}
        told = told_again(reads[said].asked.text, last, hits, own, reader, columns)
        strengths = self.order.logits(rows(reads, said, last, held, told)).tolist()
        found = [replace(one, strength=strength) for one, strength in zip(own, strengths, strict=True)]
        order = sorted(range(len(found)), key=lambda at: (-strengths[at], at))
        return Joined(hits, [found[at] for at in order], strongest(list(held.values())[order[0]]))


def as_said(question: str, readings: Sequence[str]) -> tuple[list[str], int]:
    """The readings with the question as it was said, which is the last where it is none of them, and its place."""
    texts = [*readings, *([] if question in readings else [question])]
    return texts, texts.index(question)


Held = dict[int, dict[int, "Candidate"]]
"""Each sentence, by where it begins in the article, in each reading that has found it."""


def by_sentence(reads: Sequence[Read]) -> Held:
    """The sentences in their order in the article."""
    held: Held = {}
    for number, read in enumerate(reads):
        for candidate in read.found:
            start = read.hits[candidate.passage].passage.span.start + candidate.sentence.start
            held.setdefault(start, {}).setdefault(number, candidate)
    return dict(sorted(held.items()))


def strongest(own: Mapping[int, Candidate]) -> int:
    """The reading where a sentence is strongest, the likelier ones first."""
    return max(own, key=lambda read: own[read].strength - LATER * read)


def merged(reads: Sequence[Read], held: Held) -> tuple[list[Hit], list[Candidate]]:
    """The passages of all readings, and each sentence in them as the reading has it where it is strongest."""
    hits: dict[int, Hit] = {}
    for hit in (hit for read in reads for hit in read.hits):
        known = hits.get(hit.passage.id)
        if (
            known is None or hit.relevance > known.relevance
        ):  # one reading finds what another read as a neighbour
            hits[hit.passage.id] = hit
    place = {passage: at for at, passage in enumerate(hits)}
    found = []
    for own in held.values():
        read = strongest(own)
        candidate = own[read]
        passage = reads[read].hits[candidate.passage].passage.id
        found.append(replace(candidate, passage=place[passage]))
    return list(hits.values()), found


def spoken_of(question: str, answer: str) -> str:
    """What stands above a stretch where a follow-up is read: the question before, and its answer."""
    return f"{question} {answer[:LONGEST_TOLD]}"


def told_again(
    question: str,
    last: Exchange,
    hits: Sequence[Hit],
    found: Sequence[Candidate],
    reader: Reader,
    columns: Mapping[int, tuple[str, ...]] | None = None,
) -> list[Mapping[str, float]]:
    """:data:`qa.reread.AGAIN` of each of the sentences, by a reader of the question as it was said that is told what
    was spoken of; nothing of those that it did not read.
    """
    above = spoken_of(last.question, last.answer)
    before = before_of(last, hits)
    gains = [before.gain(one.passage, one.sentence) for one in found] if before else []
    tables = [worded(hit.text, (columns or {}).get(hit.passage.id)) for hit in hits]
    passages = [
        ReadablePassage(table.text if table else hit.text, above)
        for hit, table in zip(hits, tables, strict=True)
    ]
    read = [
        replace(one, sentence=table.forth(one.sentence)) if (table := tables[one.passage]) else one
        for one in found
    ]
    told = said_again(question, passages, read, reader, gains)
    return [told[at][0] if at in told else {} for at in range(len(found))]


def rows(
    reads: Sequence[Read], said: int, last: Exchange, held: Held, told: Sequence[Mapping[str, float]]
) -> list[list[float]]:
    """:data:`ORDERED_BY` of each of the sentences; ``told`` is of :func:`told_again`."""
    scales = [_scale([candidate.strength for candidate in read.found]) for read in reads]
    found = []
    for (start, own), spoken in zip(held.items(), told, strict=True):
        best = own[strongest(own)]
        asked = float(len(reads[said].asked.text)) / 10
        values = [*_strengths(own, said, scales), *_placed(start, own, last)]
        values += [float(len(reads)), asked, last.confidence]
        for one in (best, own.get(0), own.get(said)):
            values += [one.evidence[name] if one else 0.0 for name in AGAIN]
        values += [spoken.get(name, 0.0) for name in AGAIN]
        found.append([*values, *(best.evidence[name] for name in FEATURES)])
    return found


def _scale(strengths: Sequence[float]) -> tuple[float, float]:
    """The largest, and the log of the sum of all."""
    return (max(strengths), float(np.logaddexp.reduce(strengths))) if strengths else (0.0, 0.0)


def _strengths(own: Mapping[int, Candidate], said: int, scales: Sequence[tuple[float, float]]) -> list[float]:
    plain = {read: candidate.strength for read, candidate in own.items()}
    leads = {read: strength - scales[read][0] for read, strength in plain.items()}
    shares = {read: strength - scales[read][1] for read, strength in plain.items()}
    everywhere = len(own) == len(scales)
    return [
        plain.get(0, UNREAD), plain.get(said, UNREAD), max(plain.values()), sum(plain.values()) / len(plain),
        leads.get(0, UNREAD), leads.get(said, UNREAD), max(leads.values()),
        shares.get(0, UNREAD), shares.get(said, UNREAD), max(shares.values()),
        min(shares.values()) if everywhere else UNREAD,
        float(np.logaddexp.reduce(list(shares.values()))) - math.log(len(scales)),
    ]  # fmt: skip


def _placed(start: int, own: Mapping[int, Candidate], last: Exchange) -> list[float]:
    best = own[strongest(own)]
    sentence = best.sentence.shifted(start - best.sentence.start)
    before, words = last.place, last.words
    if before is None or words is None:
        raise ValueError("the answer before stands in no sentence")
    gain = nearness(sentence, before)
    apart = max(sentence.start - before.end, before.start - sentence.end, 0)
    phrases: list[Span] = [each.phrase.shifted(start - each.sentence.start) for each in own.values()]
    return [
        *(float(gain == one) for one in GAINS),
        math.copysign(math.log1p(apart), sentence.start - before.start),
        float(sentence.start >= before.end), float(sentence.overlaps(before)),
        float(sentence.start <= words.start < sentence.end),
        float(any(phrase.overlaps(words) for phrase in phrases)),
        len(sentence) / 100, start / 2000,
    ]  # fmt: skip


@lru_cache(maxsize=1)
def bundled_joint() -> Joint:
    """The network and the calibration that lie in the package."""
    name, mend = (
        "bundled order of follow-ups",
        "run python -m qa.training.follow, or install the package again",
    )
    file = resources.files("qa") / "models" / "joint.json"
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
        if held["ordered_by"] != list(ORDERED_BY) or held["signals"] != list(SIGNALS):
            raise ModelError(name, "was trained on other evidence", mend)
        right = Calibration.of(held["right"])
        return Joint(Layered(held["weights"], len(ORDERED_BY), name, mend), right)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(name, f"cannot be read: {error!r}", mend) from error
