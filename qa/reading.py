"""What a reader says of one passage: its best spans, "nothing here", and the evidence for every span."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from embeddings.article import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Marked = tuple[tuple[Span, float], ...]
    """Spans with their logits, or with their margins over "nothing here"."""

KEPT = 20
"""Spans kept of a passage."""


@dataclass(frozen=True)
class SpanReading:
    """What one passage says to the question.

    ``spans``: at most ``KEPT`` spans with their logits, best first; offsets are characters of the
    passage as it was given. ``null`` is the logit of "nothing here", on the same scale: a span's
    margin is its logit less ``null``. Logits of different passages compare by their margins.
    """

    spans: Marked
    null: float
    evidence: tuple[Evidence, ...] = field(default=(), repr=False, compare=False)

    def sentence_mass(self, spans: Sequence[Span]) -> list[float]:
        """For each span (of a sentence, say) the log of the summed odds of all answers within it
        against null; ``-inf`` where none fits. Above 0: more likely there than nowhere.
        """
        return [
            float(np.logaddexp.reduce([e.within(span) for e in self.evidence] or [-np.inf])) for span in spans
        ]


@dataclass(frozen=True)
class Evidence:
    """Margins ``(tokens, longest)`` of the spans of one window, by first token and length less one."""

    margins: Floats
    start: NDArray[np.int32]
    end: NDArray[np.int32]

    def within(self, span: Span) -> float:
        """The log of the summed odds of the answers that lie within ``span``."""
        first = int(np.searchsorted(self.start, span.start, "left"))
        last = int(np.searchsorted(self.end, span.end, "right"))
        if first >= last:
            return -np.inf
        rows = self.margins[first:last]
        fits = np.arange(rows.shape[1])[None] < np.arange(last - first, 0, -1)[:, None]
        return _logsumexp(rows[fits])


NOTHING = SpanReading((), 0.0)
"""What is read in a passage without a token."""


def margins_of(start: Floats, end: Floats, null: float, longest: int) -> Floats:
    """The margins of a window's spans of at most ``longest`` tokens, from logits of their first and last tokens:
    ``(tokens, longest)``, -inf where a span would end outside.
    """
    padded = np.concatenate([end, np.full(longest - 1, -np.inf, np.float32)])
    ends = np.lib.stride_tricks.sliding_window_view(padded, longest)
    margins: Floats = (start[:, None] + ends - null).astype(np.float32)
    return margins


def reading_of(windows: Sequence[Evidence], null: float) -> SpanReading:
    """The reading of a passage from its windows, whose margins are put back upon ``null``."""
    best: dict[Span, float] = {}
    for window in windows:
        flat = window.margins.ravel()
        top = np.argpartition(-flat, min(KEPT, len(flat) - 1))[: KEPT + 1]
        for place in top[np.isfinite(flat[top])]:
            first, more = divmod(int(place), window.margins.shape[1])
            start, end = int(window.start[first]), int(window.end[first + more])
            if start < end:  # a special token stands for no characters
                span = Span(start, end)
                best[span] = max(best.get(span, -np.inf), float(flat[place]) + null)
    ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))
    return SpanReading(tuple(ranked[:KEPT]), float(null), tuple(windows))


def _logsumexp(x: Floats) -> float:
    top = float(x.max())
    return top + float(np.log(np.exp(x - top).sum())) if np.isfinite(top) else top
