import time

import pytest

from embeddings.words import fold
from qa.amounts import amount


@pytest.mark.parametrize(
    ("question", "written", "other"),
    [
        ("门票多少钱？", "每张120元", "两万多名游客"),
        ("奖金有多少", "奖励5000美元", "20名"),
        ("婴儿的票价是多少", "收$40", "40岁"),
        ("到会的有多少人？", "246名委员", "246项"),
        ("他多大年纪", "今年38岁", "38名"),
        ("失业率涨了多少？", "上升了0.3个百分点", "3万人"),
        ("早餐几点开始", "上午8时30分", "8月"),
        ("桥是哪年修的", "1937年建成", "19米"),
        ("会议几号开", "9月16日上午", "16人"),
        ("隧道有多长？", "全长12.5公里", "12.5亿元"),
        ("要烤多久？", "烤15分钟", "15克"),
        ("牛肉放几克", "牛肉200克", "200元"),
        ("一共去了几次", "上门骚扰了三次", "三人"),
        ("他花了几年写完这本书", "前后5年", "5元"),
        ("How old is the mayor?", "the mayor, 54 years old", "54 people"),
        ("How long did the talks last?", "after three hours of talks", "three people"),
    ],
)
def test_amounts_finds_the_kind_that_is_asked_for(question, written, other):
    wanted = amount(fold(question))
    assert wanted is not None
    assert wanted.search(fold(written))
    assert not wanted.search(fold(other))


@pytest.mark.parametrize(
    "question",
    [
        "谁发明了印刷术？",
        "为什么天是蓝的",
        "Who built it?",
        "",
        "影响房价的因素有哪些？",
        "哪个省人口最多？",
        "谁的身高最高？",
        "为什么说年龄不是问题",
        "保护环境的几点建议是什么？",
        "共捐多少本书",
        "where is the price determined?",
        "How long is the wall?",
    ],
)
def test_amounts_other_questions_ask_for_none(question):
    assert amount(question) is None


@pytest.mark.parametrize("text", ["5" + " " * 20_000, "万" * 20_000, "1 " * 20_000, "1,1." * 20_000])
def test_amounts_are_looked_for_in_time_that_grows_with_the_text(text):
    for asked in ("多少钱", "几点", "多久", "多长", "多少人", "百分之几"):
        wanted = amount(asked)
        assert wanted is not None
        begun = time.perf_counter()
        wanted.search(text)
        assert time.perf_counter() - begun < 2.0
