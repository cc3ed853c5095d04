from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.fusion import fuse


def test_fusion_by_hand() -> None:
    found = fuse({7: 6.0, 8: 3.0}, {7: 0.5, 8: 0.9}, most=12.0, weight=0.25)
    assert found == [
        (7, pytest.approx(0.75 * 0.5 + 0.25 * 0.5)),
        (8, pytest.approx(0.75 * 0.25 + 0.25 * 0.9)),
    ]


def test_fusion_a_side_that_lacks_a_passage_counts_nothing() -> None:
    found = fuse({1: 5.0}, {2: 0.8}, most=10.0, weight=0.5)
    assert found == [(2, pytest.approx(0.4)), (1, pytest.approx(0.25))]
    assert fuse({}, {3: 0.5}, most=0.0, weight=0.1) == [(3, pytest.approx(0.05))]
    assert fuse({3: 5.0}, {}, most=10.0, weight=0.1) == [(3, pytest.approx(0.45))]
    assert fuse({}, {}, most=0.0, weight=0.1) == []


def test_fusion_ties_go_by_id() -> None:
    assert [i for i, _ in fuse({9: 1.0, 4: 1.0, 6: 2.0}, {}, most=4.0, weight=0.1)] == [6, 4, 9]


def test_fusion_keeps_relevance_within_0_and_1() -> None:
    # The title may lift a BM25 sum over the most that the text alone can reach.
    assert fuse({1: 15.0, 2: 0.0}, {1: 1.0000001, 2: -0.3}, most=10.0, weight=0.5) == [(1, 1.0), (2, 0.0)]


@given(
    st.dictionaries(st.integers(0, 9), st.floats(0, 50)),
    st.dictionaries(st.integers(0, 9), st.floats(-1, 1)),
    st.floats(0, 60),
    st.floats(0, 1),
)
def test_fusion_is_ordered_and_loses_nothing(
    lexical: dict[int, float], similarity: dict[int, float], most: float, weight: float
) -> None:
    found = fuse(lexical, similarity, most=most, weight=weight)
    assert {i for i, _ in found} == lexical.keys() | similarity.keys()
    assert found == sorted(found, key=lambda pair: (-pair[1], pair[0]))
    assert all(0 <= relevance <= 1 for _, relevance in found)
