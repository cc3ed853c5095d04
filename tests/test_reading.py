from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.article import Span
from qa.reading import KEPT, Evidence, margins_of, reading_of


def window(start: list[float], end: list[float], places: list[tuple[int, int]], null: float) -> Evidence:
    firsts, lasts = (np.array(side, np.int32) for side in zip(*places, strict=True))
    margins = margins_of(np.array(start, np.float32), np.array(end, np.float32), null, 60)
    return Evidence(margins, firsts, lasts)


def test_reading_spans_by_hand() -> None:
    held = window([0.0, 3.0, 1.0], [0.0, 1.0, 4.0], [(0, 2), (2, 5), (5, 6)], null=2.0)
    spans = reading_of([held], 2.0).spans
    assert spans[0] == (Span(2, 6), pytest.approx(7.0))
    assert spans[1] == (Span(5, 6), pytest.approx(5.0))
    # A span never ends before it begins: six of nine pairs remain.
    assert len(spans) == 6


def test_reading_spans_of_two_windows_are_measured_against_their_own_null() -> None:
    early = window([3.0], [3.0], [(0, 1)], null=4.0)  # margin 2
    late = window([1.0], [1.0], [(5, 6)], null=-1.0)  # margin 3
    again = window([1.0], [1.0], [(0, 1)], null=0.0)  # margin 2: the same place, no better
    found = reading_of([early, late, again], -1.0)
    assert found.spans == ((Span(5, 6), 2.0), (Span(0, 1), 1.0))
    assert found.null == -1.0


def test_reading_a_token_without_characters_begins_no_span_of_its_own() -> None:
    found = reading_of([window([9.0, 1.0], [9.0, 1.0], [(0, 0), (0, 2)], null=0.0)], 0.0)
    assert [span for span, _ in found.spans] == [Span(0, 2)]


@given(st.lists(st.floats(-5, 5, width=32), min_size=1, max_size=40), st.integers(1, 9))
def test_reading_margins_are_of_all_spans_short_enough(logits: list[float], longest: int) -> None:
    values = np.array(logits, np.float32)
    margins = margins_of(values, values[::-1], 0.5, longest)
    for first in range(len(values)):
        for more in range(longest):
            if first + more < len(values):
                expected = values[first] + values[::-1][first + more] - 0.5
                assert margins[first, more] == pytest.approx(expected, abs=1e-5)
            else:
                assert margins[first, more] == -np.inf
    places = [(at, at + 1) for at in range(len(values))]
    starts, ends = (np.array(side, np.int32) for side in zip(*places, strict=True))
    spans = reading_of([Evidence(margins, starts, ends)], 0.0).spans
    assert len(spans) == min(KEPT, int(np.isfinite(margins).sum()))
    assert [logit for _, logit in spans] == sorted((logit for _, logit in spans), reverse=True)
