"""The best candidates read once more, together: in one row the encoder compares what it could only weigh apart.

Each row of a second reading is read by itself, and its strength is over its own "nothing here". Here the first few
sentences stand in one text, with what stands before each as far as there is room, and share one softmax.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from embeddings.article import Span
from embeddings.chunk import mostly_latin
from qa.encoder_reader import LONGEST_QUESTION, LONGEST_TITLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.candidates import Candidate, ReadablePassage
    from qa.reader import Reader

TOGETHER: tuple[str, ...] = ("together_mass", "together_share", "together_read", "together_over")
"""What that reading says of a sentence, by name: the log odds of all answers there against "nothing here"; the log of its
share of all that is read; whether it was read; by how much the first exceeds that of the best of the others. All 0 where
it was not; all but the third within -:data:`FAR`..:data:`FAR`.
"""

FAR = 12.0

MOST = 4
"""Sentences."""

ROOM = 300
"""Characters of question, heading and text, of which each is a token at most: they fit a row, so that one softmax holds all."""


def said_together(
    question: str,
    passages: Sequence[ReadablePassage],
    found: Sequence[Candidate],
    strengths: Sequence[float],
    reader: Reader,
) -> dict[int, dict[str, float]]:
    """For each candidate that was read with others, by its place, :data:`TOGETHER`: those that are strongest.

    Empty where there are not two, and where the strongest stands in Latin script: read together, English was answered no
    better.
    """
    best = sorted(range(len(found)), key=lambda at: (-strengths[at], at))[:MOST]
    if len(best) < 2 or mostly_latin(passages[found[best[0]].passage].text):
        return {}
    heading = passages[min(found[at].passage for at in best)].heading
    room = ROOM - min(len(question), LONGEST_QUESTION) - min(len(heading), LONGEST_TITLE)
    text, places = composed(passages, found, best, room)
    (reading,) = reader.read(question, [text], [heading])
    masses = [_kept(mass) for mass in reading.sentence_mass(list(places.values()))]
    every = float(np.logaddexp.reduce([0.0, *masses]))
    return {
        at: dict(zip(TOGETHER, (mass, _kept(mass - every), 1.0, _kept(own)), strict=True))
        for at, mass, own in zip(places, masses, over(masses), strict=True)
    }


def composed(
    passages: Sequence[ReadablePassage], found: Sequence[Candidate], chosen: Sequence[int], room: int
) -> tuple[str, dict[int, Span]]:
    """A text of at most ``room`` characters (and line ends) with the ``chosen`` candidates, in the order of the passages,
    and where each lies in it.

    Where all do not fit, the longest are cut to the same length, about the words marked in them; where there is room left,
    what stands before comes with each.
    """
    longest = level([len(found[at].sentence) for at in chosen], room)
    kept = {at: _cut(found[at], longest) for at in chosen}
    left = (room - sum(map(len, kept.values()))) // len(chosen)
    lines: list[str] = []
    places: dict[int, Span] = {}
    start = 0
    for at in sorted(chosen, key=lambda at: (found[at].passage, found[at].sentence.start)):
        text, own = passages[found[at].passage].text, kept[at]
        before = text[max(0, own.start - left) : own.start]
        lines.append(before + own.of(text))
        places[at] = Span(start + len(before), start + len(before) + len(own))
        start += len(lines[-1]) + 1
    return "\n".join(lines), places


def level(sizes: Sequence[int], room: int) -> int:
    """To what length the longest have to be cut, so that all are ``room`` together."""
    for count, size in enumerate(sorted(sizes)):
        share = room // (len(sizes) - count)
        if size > share:
            return share
        room -= size
    return max(sizes, default=0)


def _cut(candidate: Candidate, longest: int) -> Span:
    """As much of the candidate's sentence, about what is marked in it, or from its beginning."""
    sentence = candidate.sentence
    if len(sentence) <= longest:
        return sentence
    inside = [(-margin, span) for span, margin in candidate.marked if sentence.contains(span)]
    about = min(inside)[1] if inside else Span(sentence.start, sentence.start)
    middle = (about.start + about.end) // 2
    start = min(max(sentence.start, middle - longest // 2), sentence.end - longest)
    return Span(start, start + longest)


def over(values: Sequence[float]) -> list[float]:
    """By how much each of the values exceeds the largest of the others; 0 where there is no other."""
    if len(values) < 2:
        return [0.0] * len(values)
    best, second = sorted(values, reverse=True)[:2]
    return [value - (second if value == best else best) for value in values]


def _kept(value: float) -> float:
    return max(-FAR, min(FAR, float(value)))
