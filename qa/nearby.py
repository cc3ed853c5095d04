"""Where the answer to a follow-up stands: mostly in the sentence of the answer before, or in the next one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa.reply import Hit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embeddings.article import Passage, Span
    from embeddings.library import Snapshot
    from qa.reading import Marked
    from qa.topic import Exchange

HERE = 2.4
"""What the very sentence of the answer before gains in strength (logits) where those to read again are chosen."""

AFTER = ((50, 1.7), (150, -0.1))
BEFORE = ((50, 0.2), (150, -0.6))
"""What sentences within so many characters after and before it gain."""

FAR = -1.4
"""What all others gain.

Of 298 follow-ups of the golden questions, "dev" part, whose answer stands in the article of the answer before, 37 in 100
are answered by its sentence (3 in 100 of all sentences), 32 by one that begins at most 50 characters after it (6 in 100), 7 by one
at most 150 after (8 in 100), 8 and 4 likewise before (7 and 8 in 100): the logarithms of these
ratios. What nearness counts for the answer itself is learnt (:mod:`qa.joint`).
"""


GAINS = (HERE, *(gain for _, gain in (*AFTER, *BEFORE)), FAR)
"""All that a sentence can gain; no two are alike."""


def nearness(sentence: Span, last: Span) -> float:
    """What a sentence gains by where it stands, ``last`` being the sentence of the answer before."""
    if sentence.overlaps(last):
        return HERE
    after = sentence.start >= last.end
    distance = sentence.start - last.end if after else last.start - sentence.end
    return next((gain for most, gain in (AFTER if after else BEFORE) if distance <= most), FAR)


def around(last: Span, passages: Sequence[Passage]) -> list[Passage]:
    """Of the passages of an article, in order, those that hold the sentence ``last``, the one before and the one after:
    "why?" has no word by which to find them.
    """
    held = [at for at, passage in enumerate(passages) if passage.span.overlaps(last)]
    return list(passages[max(held[0] - 1, 0) : held[-1] + 2]) if held else []


@dataclass(frozen=True)
class Before:
    """Where the answer before stood in its article, sentence and words, and where each passage begins there."""

    sentence: Span
    words: Span
    starts: Sequence[int]

    def gain(self, passage: int, sentence: Span) -> float:
        """What a sentence of a passage gains in strength (logits) where those to read again are chosen."""
        return nearness(sentence.shifted(self.starts[passage]), self.sentence)

    def anew(self, passage: int, marked: Marked) -> Marked:
        """The spans marked in a passage without those that share words with the answer before: one asks for what
        is new.
        """
        here = self.words.shifted(-self.starts[passage]) if self.words.start >= self.starts[passage] else None
        return tuple(pair for pair in marked if here is None or not pair[0].overlaps(here))


def before_of(last: Exchange | None, hits: Sequence[Hit]) -> Before | None:
    """Where the answer of ``last`` stands, for passages of its article."""
    if not last or last.place is None or last.words is None:
        return None
    return Before(last.place, last.words, [hit.passage.span.start for hit in hits])


def with_neighbours(hits: Sequence[Hit], last: Exchange, view: Snapshot) -> list[Hit]:
    """The hits in the article of ``last``, and what stands around the answer there."""
    near = around(last.place, view.passages_of(last.article)) if last.place else []
    found = {passage.id for hit in hits for passage in (hit.passage, *hit.duplicates)}
    return [
        *hits,
        *(Hit(each, view.text(each), 0.0, None, None, 0.0) for each in near if each.id not in found),
    ]
