import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.article import Span
from embeddings.chunk import sentences
from qa.alike import NAMES, OTHERWISE, STEM, Alike, bundled_alike
from qa.lexicon import CHAR_CLASSES, Lexicon


@pytest.fixture(scope="module")
def small():
    """A lexicon of four words: the vectors of 买 and 坐 alike (cosine 0.8), 车 and 猫 at right angles to all."""
    words = {"买": 1, "坐": 2, "车": 3, "猫": 4}
    ones = np.ones(5, np.float32)
    lexicon = Lexicon(words, {}, -ones, ones, np.ones(len(CHAR_CLASSES), np.float32))
    vectors = np.array([[0, 0, 0, 0], [2, 0, 0, 0], [0.8, 0.6, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], np.float32)
    return Alike(lexicon, vectors)


def test_alike_by_hand(small):
    text = "坐车。猫。"
    rows = small.of("买车", text, "", sentences(text))
    first, second = (dict(zip(NAMES, row, strict=True)) for row in rows)
    assert first["soft"] == pytest.approx((0.8 + 1.0) / 2)
    assert second["soft"] == pytest.approx(0.0)
    assert first["soft_own"] == pytest.approx(0.45)
    assert second["soft_own"] == pytest.approx(-0.45)
    assert first["soft_near"] == pytest.approx(((0.8 - 0.55) / 0.45 + 1.0) / 2)
    assert first["soft_around"] == second["soft_around"] == pytest.approx(0.9)
    assert first["soft_passage"] == pytest.approx(0.9)


def test_alike_what_the_heading_holds_is_left_out_of_the_rest(small):
    (row,) = small.of("买车", "坐。", "车", [Span(0, 2)])
    named = dict(zip(NAMES, row, strict=True))
    assert named["soft_rest"] == pytest.approx(0.8)
    assert named["soft"] == pytest.approx(0.4)
    assert named["soft_around"] == pytest.approx(0.9)


def test_alike_another_way_to_say_it():
    words = {"建造": 1, "修建": 2, "兴建": 3, "造": 4, "房子": 5}
    ones = np.ones(6, np.float32)
    small = Alike(Lexicon(words, {}, -ones, ones, np.ones(len(CHAR_CLASSES), np.float32)), np.eye(6)[:, 1:])
    text = "造房子。修建。"
    rows = small.of("建造", text, "兴建", sentences(text))
    first, second = (dict(zip(NAMES, row, strict=True)) for row in rows)
    assert first["said"] == first["soft"] == pytest.approx(OTHERWISE)  # 造
    assert second["said"] == pytest.approx(OTHERWISE)
    assert first["said_own"] == pytest.approx(0.0)
    assert first["said_rest"] == pytest.approx(OTHERWISE)  # 兴建 is not the word itself
    assert first["said_around"] == first["said_passage"] == pytest.approx(OTHERWISE)


def test_alike_a_near_vector_says_nothing_for_sure(small):
    (row,) = small.of("买", "坐。", "", [Span(0, 2)])
    named = dict(zip(NAMES, row, strict=True))
    assert named["soft"] == pytest.approx(0.8)
    assert named["said"] == 0.0


def test_alike_forms_of_a_latin_word(small):
    ((soft, *_),) = small.of("moved", "They move.", "", [Span(0, 10)])
    assert soft == pytest.approx(STEM)


def test_alike_closeness_by_hand(small):
    assert small.closeness("买", ["坐", "车", "狗"]) == pytest.approx([0.8, 0.0, 0.0])
    assert small.closeness("狗", ["坐"]) == [0.0]


def test_alike_of_nothing(small):
    assert small.of("的", "坐车。", "", [Span(0, 3)]) == [[0.0] * len(NAMES)]
    assert small.of("买", "坐车。", "", []) == []


def test_alike_the_bundled_words_know_what_is_near():
    near, far = bundled_alike().closeness("毕业", ["就读", "降雨"])
    assert near > 0.6 > far
    across, other = bundled_alike().closeness("lighthouse", ["灯塔", "降雨"])
    assert across > other


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=30), st.text(max_size=80), st.text(max_size=10))
def test_alike_of_anything_is_within_bounds(question, text, heading):
    spans = sentences(text)
    rows = bundled_alike().of(question, text, heading, spans)
    assert len(rows) == len(spans)
    assert all(-1.001 <= value <= 1.001 for row in rows for value in row)
