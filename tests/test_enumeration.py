import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.article import Span
from qa.enumeration import is_item, is_whole_item, items_after, items_around, items_within, list_below


@pytest.mark.parametrize(
    ("text", "items"),
    [
        (
            "方案包括智能银行云、智能保险云、智能投资云和开放平台。",
            "智能银行云、智能保险云、智能投资云和开放平台",
        ),
        ("四大发明是造纸、印刷、火药、指南针，影响很大。", "造纸、印刷、火药、指南针"),
        (
            "It began with diphtheria, tetanus, polio and measles in 1974.",
            "diphtheria, tetanus, polio and measles in 1974",
        ),
    ],
)
def test_enumeration_within_a_sentence(text, items):
    found = items_within(text, Span(0, len(text)))
    assert found is not None
    assert found.of(text) == items


def test_enumeration_none_in_a_plain_sentence():
    assert items_within("他去了北京。", Span(0, 6)) is None


def test_enumeration_takes_the_lines_below_its_announcement():
    text = "分四步：\n1. 烧水\n2. 温杯\n3. 投茶\n\n然后喝。"
    found = items_after(text, Span(0, 4))
    assert found is not None
    assert found.of(text) == "分四步：\n1. 烧水\n2. 温杯\n3. 投茶"


def test_enumeration_the_list_below_is_told_from_its_announcement():
    text = "分两步：\n\n1. 烧水\n2. 温杯\n然后喝。"
    whole, items = list_below(text, Span(0, 4))
    assert whole.of(text) == "分两步：\n\n1. 烧水\n2. 温杯"
    assert items.of(text) == "1. 烧水\n2. 温杯"
    assert list_below("今天好。", Span(0, 4)) is None


def test_enumeration_needs_an_announcement_and_items():
    assert items_after("他说：\n今天好。", Span(0, 3)) is None
    assert items_after("今天好。\n- 一\n- 二", Span(0, 4)) is None


def test_enumeration_knows_an_item():
    assert is_item("- 一", 0)
    assert is_item("x\n2. 二", 2)
    assert not is_item("今天", 0)


@pytest.mark.parametrize(
    ("text", "sentence", "block"),
    [
        ("三条：\n- 甲\n- 乙\n- 丙\n完。", "乙", "- 甲\n- 乙\n- 丙"),
        ("- 甲\n- 乙", "甲", "- 甲\n- 乙"),
        ("表\n年 | 人\n1 | 甲\n2 | 乙\n\n后", "1 | 甲", "年 | 人\n1 | 甲\n2 | 乙"),
        ("- 甲\n完。", "甲", None),
        ("没有列表。", "没有", None),
    ],
)
def test_enumeration_the_items_around_one(text, sentence, block):
    at = text.index(sentence)
    found = items_around(text, Span(at, at + len(sentence)))
    assert (found and found.of(text)) == block


@given(st.text(alphabet="甲- \n|12.。", max_size=40), st.data())
def test_enumeration_what_is_around_holds_the_line_and_lies_within(text, data):
    at = data.draw(st.integers(0, max(0, len(text) - 1)))
    found = items_around(text, Span(at, min(len(text), at + 1)))
    if found:
        assert 0 <= found.start <= at <= found.end <= len(text)
        assert "\n" in found.of(text)


@pytest.mark.parametrize(
    ("words", "whole"),
    [("拒诊、拒治伤病员", True), ("（一）拒诊、拒治伤病员；", True), ("拒治伤病员", False), ("拒诊", False)],
)
def test_enumeration_an_item_is_said_whole(words, whole):
    text = "不得：\n（一）拒诊、拒治伤病员；\n（二）借用。"
    sentence = Span(4, text.find("\n（二"))
    at = text.find(words)
    assert is_whole_item(text, sentence, Span(at, at + len(words))) is whole
    assert not is_whole_item(text, Span(0, 3), Span(0, 3))


def test_enumeration_an_indented_line_goes_on_with_its_item_and_an_empty_one_is_none():
    text = "做法\n\n1. 打开\n   没有就跳过\n2. 还原\n\n完。"
    found = items_around(text, Span(text.find("1."), text.find("\n   ")))
    assert found is not None
    assert found.of(text) == "1. 打开\n   没有就跳过\n2. 还原"
    assert not is_item("\n- 水", 0)
