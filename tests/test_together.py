"""The first few candidates in one text, and what a reading of it says of each."""

import numpy as np
import pytest
from fakes import MarkingReader
from hypothesis import given
from hypothesis import strategies as st

from embeddings.article import Span
from qa.candidates import Candidate, ReadablePassage
from qa.encoder_reader import CLS, LONGEST_QUESTION, LONGEST_TITLE, SEP, WINDOW, EncoderReader, rows_of
from qa.together import FAR, MOST, ROOM, TOGETHER, composed, level, over, said_together

FIRST = "前文说了不少。甲河长十里。乙河长二十里。"
SECOND = "丙河长三十里。"


def candidate(passage, start, end, marked=()):
    return Candidate(passage, Span(start, end), Span(start, end), 0.0, 0.0, {}, tuple(marked))


def test_together_text_holds_each_sentence_in_its_place_with_what_stands_before():
    passages = [ReadablePassage(FIRST), ReadablePassage(SECOND)]
    found = [candidate(1, 0, 7), candidate(0, 7, 13)]
    text, places = composed(passages, found, [0, 1], 100)
    assert text == f"{FIRST[:13]}\n{SECOND}"
    assert {at: span.of(text) for at, span in places.items()} == {1: "甲河长十里。", 0: SECOND}
    text, places = composed(passages, found, [0, 1], 13 + 4)  # two characters before each
    assert text == f"少。甲河长十里。\n{SECOND}"
    assert places[1] == Span(2, 8)


def test_together_the_longest_are_cut_about_what_is_marked_in_them():
    text = "一二三四五六七八九十" * 2
    passages = [ReadablePassage(text), ReadablePassage("短句。")]
    marked = [(Span(11, 13), 1.0), (Span(3, 4), 0.5), (Span(19, 22), 9.0)]
    for spans, kept in (
        (marked, text[9:16]),
        ([(Span(19, 20), 1.0)], text[13:]),
        ([(Span(0, 1), 1.0)], text[:7]),
        ([], text[:7]),
    ):
        found = [candidate(0, 0, 20, spans), candidate(1, 0, 3)]
        assert composed(passages, found, [0, 1], 10)[0] == f"{kept}\n短句。"


def test_together_level_by_hand():
    assert level([5, 20, 30], 100) == 30
    assert level([5, 20, 30], 45) == 20
    assert level([5, 20, 30], 41) == 18
    assert level([9, 9, 9], 10) == 3
    assert level([], 10) == 0


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 300), st.integers(1, 200)), min_size=1, max_size=MOST
    ),
    st.integers(20, ROOM),
)
def test_together_text_fits_and_its_places_hold_the_words_of_the_articles(drawn, room):
    passages = [ReadablePassage("".join(chr(0x4E00 + 600 * n + i) for i in range(500))) for n in range(4)]
    found = [candidate(passage, start, start + size) for passage, start, size in drawn]
    text, places = composed(passages, found, range(len(found)), room)
    assert len(text) <= room + len(found) - 1
    assert sorted(places) == list(range(len(found)))
    for at, span in places.items():
        whole = found[at].sentence.of(passages[found[at].passage].text)
        assert span.of(text) in whole
        assert span.of(text) == whole or sum(len(c.sentence) for c in found) > room


@pytest.mark.parametrize(
    ("question", "heading"), [("谁？", ""), ("问" * 90, "题" * 90), ("问" * 40, "题" * 10)]
)
def test_together_text_is_one_row_of_the_encoder(question, heading):
    passages = [ReadablePassage("河流山川" * 100, heading)]
    found = [candidate(0, 100 * i, 100 * i + 100) for i in range(4)]
    reader = MarkingReader()
    said_together(question, passages, found, [4.0, 3.0, 2.0, 1.0], reader)
    ((text, _),) = reader.seen
    tokens = EncoderReader()._model.tokenizer
    asked = tokens.encode(question, add_special_tokens=False).ids[:LONGEST_QUESTION]
    head = tokens.encode(heading, add_special_tokens=False).ids[:LONGEST_TITLE]
    (row,) = rows_of(asked, head, tokens.encode(text, add_special_tokens=False), text)
    assert row.ids[0] == CLS
    assert row.ids[-1] == SEP
    assert WINDOW - 25 < len(row.ids) <= WINDOW  # and as much of the articles as fits


def test_together_what_is_said_by_hand():
    passages = [ReadablePassage(FIRST, "河流"), ReadablePassage(SECOND, "别的")]
    found = [candidate(0, 0, 7), candidate(0, 7, 13), candidate(0, 13, 20), candidate(1, 0, 7)]
    reader = MarkingReader(十里=2.0, 三十里=4.0)
    told = said_together("多长？", passages, found, [0.0, 3.0, -9.0, 5.0], reader)
    assert sorted(told) == [0, 1, 2, 3]
    ((text, heading),) = reader.seen
    assert heading == "河流"
    assert text.count(SECOND) == 1
    every = np.log(1 + np.exp(2.0) + np.exp(4.0))
    assert list(told[1].values()) == pytest.approx([2.0, 2.0 - every, 1.0, -2.0], abs=1e-3)
    assert list(told[3].values()) == pytest.approx([4.0, 4.0 - every, 1.0, 2.0], abs=1e-3)
    assert list(told[0].values()) == [-FAR, -FAR, 1.0, -FAR]
    assert tuple(told[0]) == TOGETHER


def test_together_only_the_strongest_are_read():
    found = [candidate(0, i, i + 1) for i in range(9)]
    told = said_together(
        "谁？", [ReadablePassage("一二三四五六七八九")], found, [float(i) for i in range(9)], MarkingReader()
    )
    assert sorted(told) == [5, 6, 7, 8]


def test_together_one_alone_and_english_are_not_read():
    reader = MarkingReader()
    assert said_together("谁？", [ReadablePassage(FIRST)], [candidate(0, 0, 7)], [1.0], reader) == {}
    assert said_together("谁？", [], [], [], reader) == {}
    english = [ReadablePassage("The river is long. It is ten miles long.")]
    found = [candidate(0, 0, 18), candidate(0, 19, 40)]
    assert said_together("How long?", english, found, [1.0, 0.0], reader) == {}
    assert reader.seen == []


def test_together_over_compares_with_the_best_of_the_others():
    assert over([1.0, 4.0, 2.0]) == [-3.0, 2.0, -2.0]
    assert over([4.0, 4.0]) == [0.0, 0.0]
    assert over([4.0]) == [0.0]
    assert over([]) == []
