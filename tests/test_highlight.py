from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.article import Span
from qa.highlight import Segment, segments


def test_highlight_nests_answer_in_sentence_in_passage() -> None:
    found = segments(
        "甲乙丙丁戊己", [(Span(3, 4), "answer"), (Span(2, 5), "sentence"), (Span(1, 6), "passage")]
    )
    assert found == [
        Segment("甲"),
        Segment("乙", ("passage",)),
        Segment("丙", ("passage", "sentence")),
        Segment("丁", ("answer", "passage", "sentence")),
        Segment("戊", ("passage", "sentence")),
        Segment("己", ("passage",)),
    ]


def test_highlight_splits_spans_that_cross() -> None:
    assert segments("abcd", [(Span(0, 3), "x"), (Span(2, 4), "y")]) == [
        Segment("ab", ("x",)),
        Segment("c", ("x", "y")),
        Segment("d", ("y",)),
    ]


def test_highlight_joins_neighbours_of_one_label() -> None:
    assert segments("abcd", [(Span(1, 2), "x"), (Span(2, 3), "x"), (Span(1, 3), "x")]) == [
        Segment("a"),
        Segment("bc", ("x",)),
        Segment("d"),
    ]


def test_highlight_of_nothing() -> None:
    assert segments("", []) == []
    assert segments("ab", []) == [Segment("ab")]
    assert segments("ab", [(Span(1, 1), "x")]) == [Segment("ab")]


def test_highlight_refuses_a_span_outside_the_text() -> None:
    with pytest.raises(ValueError, match="outside a text of 2"):
        segments("ab", [(Span(1, 3), "x")])


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, list[tuple[Span, str]]]:
    text = draw(st.text(max_size=30))
    place = st.integers(0, len(text))
    ranges = st.tuples(place, place).map(lambda pair: Span(min(pair), max(pair)))
    return text, draw(st.lists(st.tuples(ranges, st.sampled_from("abc")), max_size=8))


@given(marked())
def test_highlight_rejoins_and_labels_each_character(case: tuple[str, list[tuple[Span, str]]]) -> None:
    text, spans = case
    found = segments(text, spans)
    assert "".join(run.text for run in found) == text
    assert all(run.text for run in found)
    assert all(a.labels != b.labels for a, b in pairwise(found))
    labels = [run.labels for run in found for _ in run.text]
    for at in range(len(text)):
        assert set(labels[at]) == {label for span, label in spans if span.start <= at < span.end}
