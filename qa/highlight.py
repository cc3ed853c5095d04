"""Overlapping spans to runs of text: what a page shows, without building HTML."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embeddings.article import Span


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of text and the labels of all spans over it, sorted."""

    text: str
    labels: tuple[str, ...] = ()


def segments(text: str, spans: Sequence[tuple[Span, str]]) -> list[Segment]:
    """The runs of ``text`` in order; joined, they are exactly ``text``.

    Neighbouring runs differ in their labels. Empty spans mark nothing.

    Raises:
        ValueError: a span ends after the text.
    """
    opening: dict[int, list[str]] = {}
    closing: dict[int, list[str]] = {}
    for span, label in spans:
        if span.end > len(text):
            raise ValueError(f"[{span.start}, {span.end}) lies outside a text of {len(text)} characters")
        if len(span):
            opening.setdefault(span.start, []).append(label)
            closing.setdefault(span.end, []).append(label)
    found: list[Segment] = []
    current: Counter[str] = Counter()
    labels: tuple[str, ...] = ()
    start = 0
    for cut in sorted({*opening, *closing}):
        current.update(opening.get(cut, ()))
        current.subtract(closing.get(cut, ()))
        after = tuple(sorted(label for label, count in current.items() if count))
        if after != labels:
            if cut > start:
                found.append(Segment(text[start:cut], labels))
            start, labels = cut, after
    if start < len(text):
        found.append(Segment(text[start:], labels))
    return found
