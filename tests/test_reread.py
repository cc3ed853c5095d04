from itertools import pairwise

import numpy as np
import pytest
from fakes import MarkingReader
from hypothesis import given
from hypothesis import strategies as st

from embeddings.article import Span
from qa.candidates import Candidate, ReadablePassage
from qa.evidence import FEATURES
from qa.layered import Layered
from qa.reread import (
    AGAIN,
    LAST_BY,
    LONGEST,
    ORDERED_BY,
    STRETCHES,
    Again,
    last_rows,
    order_rows,
    pieces,
    said_again,
    stretches,
)
from qa.together import FAR, TOGETHER

TEXT = "甲乙。丙丁。戊己。"


def candidate(passage, start, end, strength=0.0):
    evidence = dict.fromkeys((*FEATURES, *AGAIN, *TOGETHER), 0.0)
    return Candidate(passage, Span(start, end), Span(start, end), 0.0, strength, evidence)


def test_reread_pieces_are_whole_sentences_about_equally_long():
    spans = [Span(100 * i, 100 * i + 100) for i in range(6)]
    assert pieces(spans, "字" * 600) == [Span(0, 200), Span(200, 400), Span(400, 600)]
    assert pieces([Span(5, 900), Span(900, 905)], "字" * 905) == [Span(5, 900), Span(900, 905)]
    assert pieces([], "") == []


def test_reread_pieces_of_english_are_as_many_words():
    spans = [Span(100 * i, 100 * i + 100) for i in range(9)]
    assert pieces(spans, "word " * 180) == [Span(0, 500), Span(500, 900)]


@given(st.lists(st.integers(1, 400), min_size=1, max_size=30))
def test_reread_pieces_hold_every_sentence_once(sizes):
    ends = np.cumsum(sizes).tolist()
    spans = [Span(end - size, end) for end, size in zip(ends, sizes, strict=True)]
    found = pieces(spans, "字" * ends[-1])
    assert found[0].start == 0
    assert found[-1].end == ends[-1]
    assert all(a.end == b.start for a, b in pairwise(found))
    assert all(len(piece) <= LONGEST or piece in spans for piece in found)


def test_reread_the_strongest_stretches_are_read():
    found = [candidate(i, 0, 3, -float(i)) for i in range(8)]
    assert [stretch.passage for stretch in stretches(found, [TEXT] * 8)] == list(range(STRETCHES))


def test_reread_what_is_said_again_by_hand():
    passages = [ReadablePassage(TEXT, "题"), ReadablePassage("庚辛。")]
    found = [candidate(1, 0, 3, 2.0), candidate(0, 3, 6, 1.0), candidate(0, 0, 3, 0.0)]
    reader = MarkingReader(丙丁=3.0)
    told = said_again("什么？", passages, found, reader)
    assert reader.seen == [("庚辛。", ""), (TEXT[:6], "题")]
    share = 3.0 - np.log(1 + np.exp(3.0) + 2 * np.exp(-FAR))
    assert list(told[1][0].values()) == pytest.approx([3.0, 3.0, 0.0, share, 1.0], abs=1e-4)
    assert told[1][1] == ((Span(3, 5), 3.0),)
    for other in (0, 2):
        assert list(told[other][0].values())[:3] == [-FAR, -FAR, -FAR]


def plain(names, **weights):
    """A network whose logit is the sum of the named numbers by their weights."""
    row = [weights.get(name, 0.0) for name in names]
    return Layered(
        {
            "mean": [0.0] * len(row), "scale": [1.0] * len(row), "hidden": [row],
            "hidden_bias": [1000.0], "out": [1.0], "out_bias": [-1000.0],
        }, len(row), "test", "",
    )  # fmt: skip


def test_reread_order_goes_by_what_is_said_again():
    passages = [ReadablePassage(TEXT), ReadablePassage("庚辛。")]
    found = [candidate(1, 0, 3, 2.0), candidate(0, 3, 6, 1.0), candidate(0, 0, 3, 0.0)]
    orders = [plain(names, again_mass=10.0, first_strength=1.0) for names in (ORDERED_BY, LAST_BY)]
    again = Again(MarkingReader(丙丁=3.0), *orders).ordered("什么？", passages, found)
    assert [(c.passage, c.sentence.start) for c in again] == [(0, 3), (1, 0), (0, 0)]
    assert again[0].strength == pytest.approx(31.0)
    assert again[0].marked == ((Span(3, 5), 3.0),)
    assert again[0].evidence["again_read"] == 1.0


def test_reread_last_order_goes_by_what_is_said_of_the_first_few_together():
    passages = [ReadablePassage("甲乙。丙丁。戊己。庚辛。壬癸。")]
    found = [candidate(0, 3 * i, 3 * i + 3, -float(i)) for i in range(5)]
    first = plain(ORDERED_BY, first_strength=1.0)
    last = plain(LAST_BY, together_mass=1.0, together_read=100.0)
    reader = MarkingReader(戊己=3.0)
    again = Again(reader, first, last).ordered("什么？", passages, found)
    assert [c.sentence.start for c in again] == [6, 0, 3, 9, 12]  # the fifth is not read with the others
    assert again[0].evidence["together_mass"] == pytest.approx(3.0)
    assert again[-1].evidence["together_read"] == 0.0
    assert again[0].marked == ((Span(6, 8), 3.0),)  # of its passage, by the reading of its stretch
    assert len(reader.seen) == 2
    assert Again(reader, first, last).ordered("什么？", passages, []) == []


def test_reread_last_rows_follow_the_rows_before():
    assert last_rows([[1.0], [2.0]], {1: dict.fromkeys(TOGETHER, 3.0)}) == [
        [1.0] + [0.0] * len(TOGETHER), [2.0] + [3.0] * len(TOGETHER),
    ]  # fmt: skip


def test_reread_order_rows_say_how_each_stood_before():
    rows = order_rows([candidate(0, 0, 3, 2.0), candidate(0, 3, 6, 0.5)], {1: {"again_mass": 4.0}})
    assert rows[0][:4] == [2.0, 0.0, 0.0, 0.0]
    assert rows[1][:4] == pytest.approx([0.5, -1.5, np.log(2), 4.0])
    assert len(rows[0]) == len(ORDERED_BY)


def test_reread_order_rows_compare_each_with_the_best_of_the_others():
    found = [candidate(0, 0, 3, 2.0), candidate(0, 3, 6, 0.5), candidate(0, 6, 9, 0.5)]
    rows = order_rows(found, {0: {"again_mass": 1.0}, 2: {"again_mass": 4.0}})
    at = [ORDERED_BY.index(f"{name}_over") for name in ("first_strength", "again_mass")]
    assert [[row[place] for place in at] for row in rows] == [[1.5, -3.0], [-1.5, -4.0], [-1.5, 3.0]]
    alone = order_rows(found[:1], {})
    assert [alone[0][place] for place in at] == [0.0, 0.0]
    assert order_rows([], {}) == []
