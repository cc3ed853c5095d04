"""The items that an article numbers, with texts by hand."""

import pytest

from qa.numbered import enumerations, item, item_asked
from qa.topic import Exchange

WORK = "要做好三项工作。第一，稳住增长。扩大内需。第二，守住安全。要防风险。第三，管好规划。"
STEPS = "做法如下。\n1. 打鸡蛋 2 个\n2. 烤 15 分钟\n3. 翻面\n"
TIPS = "三条建议：\n\n- 从公园进。\n- 扶着走。\n\n- 看水。"


def said(text):
    return [[found.of(text) for found in items] for items in enumerations(text)]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        (WORK, ["稳住增长。", "守住安全。", "管好规划。"]),
        ("一是修路；二是架桥；三是通水。", ["修路；", "架桥；", "通水。"]),
        (
            "两条线，一是甲银，做同业。客户多。而另一条主线是甲企，做企业。",
            ["甲银，做同业。", "甲企，做企业。"],
        ),
        ("首先洗菜。其次，切菜。最后下锅。还要洗碗。", ["洗菜。", "切菜。", "下锅。"]),
        ("① 停止 ② 恢复。", ["停止", "恢复。"]),
        (STEPS, ["打鸡蛋 2 个", "烤 15 分钟", "翻面"]),
        (TIPS, ["从公园进。", "扶着走。", "看水。"]),
    ],
)
def test_numbered_items_end_with_their_first_sentence(text, items):
    assert said(text) == [items]


@pytest.mark.parametrize(
    "text", ["第二，没有第一。", "他是第一，她也是第一，都好。", "- 只有一条", "1.5 和 2.5", ""]
)
def test_numbered_nothing_is_numbered(text):
    assert said(text) == []


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("第二呢？", True),
        ("第三项？", True),
        ("那第四点呢", True),
        ("最后一项是什么？", True),
        ("第二条是谁提的？", False),
        ("后者呢？", False),
        ("第二年呢？", False),
        ("油呢？", False),
    ],
)
def test_numbered_an_item_is_asked_for(question, asked):
    assert bool(item_asked(question)) is asked


@pytest.mark.parametrize(
    ("question", "answer", "sentence", "text", "found"),
    [
        ("第二呢？", "稳住增长", "第一，稳住增长。", WORK, "守住安全。"),
        ("第三项？", "守住安全。", "守住安全。", WORK, "管好规划。"),
        ("最后一项呢？", "三项", "要做好三项工作。", WORK, "管好规划。"),
        ("第二条呢？", "三条", "三条建议：", TIPS, "扶着走。"),
        ("第四项？", "稳住增长", "第一，稳住增长。", WORK, None),
        # The minutes are said of an item: it is they that are asked for.
        ("第三步呢？", "15 分钟", "2. 烤的时候不要打开，15 分钟", "1. 打\n2. 烤的时候不要打开，15 分钟\n3. 翻", None),
        ("第二呢？", "增长", "别处的增长。", WORK, None),
        ("第二呢？", "", "", WORK, None),
    ],
)  # fmt: skip
def test_numbered_the_item_is_of_the_list_just_spoken_of(question, answer, sentence, text, found):
    span = item(item_asked(question), Exchange("", answer, sentence, "", text))
    assert (span and span.of(text)) == found
