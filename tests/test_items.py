import pytest

from qa.items import NTH, listed, nth, ranked
from qa.topic import Exchange

TEXT = (
    "工程分三步走：\n\n1. 北斗一号：2000年底建成。\n2. 北斗二号：2012年底建成。\n3. 北斗三号：2020年建成。\n"
)
STEPS = Exchange("分几步走？", "三步", "工程分三步走：", "北斗", TEXT)
FIRST = Exchange("哪年建成的？", "2000年", "1. 北斗一号：2000年底建成。", "北斗", TEXT)
RIVERS = Exchange("分成什么？", "内江和外江", "分成内江和外江。", "", "分成内江和外江。")


@pytest.mark.parametrize(
    ("said", "history", "named"),
    [
        ("最后一步是什么时候建成的", [STEPS], "北斗三号"),
        ("第二个呢", [FIRST], "北斗二号"),
        ("第四个呢", [STEPS], ""),
        ("前者用来做什么", [RIVERS], "内江"),
        ("后者呢", [RIVERS], "外江"),
        ("后者呢", [RIVERS, Exchange("内江有多宽？")], "外江"),
        ("the latter", [Exchange("", "Eagle and Columbia")], "Columbia"),
    ],
)
def test_items_an_ordinal_names_one_of_what_was_listed(said, history, named):
    assert nth(NTH.match(said), history) == named


def test_items_a_doubted_answer_announces_nothing():
    assert listed(Exchange("几步？", "三步", "工程分三步走：", "", TEXT, confidence=0.1)) == []


@pytest.mark.parametrize(
    ("said", "question", "asked"),
    [
        ("第二步", "泡茶的第一步是什么？", "泡茶的第二步是什么？"),
        ("第二", "第一条主线叫什么？", "第二条主线叫什么？"),
        ("the second", "Who built the first tower?", "Who built the second tower?"),
        ("第二步", "怎么泡茶？", ""),
    ],
)
def test_items_another_ordinal_takes_the_place_of_one(said, question, asked):
    assert ranked(NTH.match(said), Exchange(question)) == asked
