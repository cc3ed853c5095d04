import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.pinyin import MOST_TEXTS, names

TITLES = ["都江堰：两千年不退休的水利工程", "北斗是怎样知道你在哪里的", "屠呦呦", "京张铁路", "Apollo 11"]


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("When was Dujiangyan built?", ["都江堰"]),
        ("Who wrote the BeiDou article?", ["北斗"]),
        ("What prize did Tu Youyou win?", ["屠呦呦"]),
        ("Tu Youyou's birthplace", ["屠呦呦"]),
        ("Dujiangyan or Beidou?", ["都江堰", "北斗"]),
        ("Who sent the woman?", []),
        ("Apollo 11", []),
        ("都江堰", []),
        ("", []),
    ],
)
def test_pinyin_finds_the_names(question, meant):
    assert list(names(question, TITLES)) == meant


def test_pinyin_a_common_word_spells_nothing_by_itself():
    assert names("How many women vote?", ["我们的城市"]) == {"我们": ["women"]}
    assert names("How many women vote?", ["我们的城市"], {"women"}) == {}


def test_pinyin_too_many_titles_are_not_spelt():
    assert names("Dujiangyan", ["都江堰"] * (MOST_TEXTS + 1)) == {}


@given(st.text(max_size=40), st.lists(st.text(max_size=12), max_size=4))
def test_pinyin_what_is_found_stands_in_the_texts(question, texts):
    assert all(any(name in text for text in texts) for name in names(question, texts))
