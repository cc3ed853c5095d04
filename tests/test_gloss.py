import pytest

from qa.gloss import gloss

CHINESE = "2023年，华为的门将买下了灯塔，价格是500万元。马克龙和妻子到了成都。"


def test_gloss_takes_the_words_that_the_passages_hold():
    assert gloss("What was the price of the lighthouse?", [CHINESE]) == "价格 价 灯塔 什么？"


def test_gloss_numbers_and_names_stay():
    assert gloss("Who is Macron's wife in 2023?", [CHINESE]) == "马克龙 妻子 2023 谁？"


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("How old is the lighthouse?", "多少岁？"),
        ("How many lighthouses are there?", "多少？"),
        ("In what year was the lighthouse bought?", "哪一年？"),
        ("What does the lighthouse cost when it is sold?", "什么？"),
        ("Did the lighthouse fall?", "吗？"),
    ],
)
def test_gloss_the_first_question_word_stands_at_the_end(question, asks):
    assert gloss(question, [CHINESE]).endswith(f" {asks}")


def test_gloss_a_word_that_no_passage_holds_is_said_by_its_first_translation():
    assert "价格" in gloss("price of the lighthouse", ["灯塔很高。"])


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        ("What is the price of the lighthouse?", ["The lighthouse was sold in 2023 for a good price."]),
        ("灯塔的价格是多少？", [CHINESE]),
        ("What is the lighthouse?", []),
        ("qwxzj?", [CHINESE]),
    ],
)
def test_gloss_of_what_needs_none_is_empty(question, texts):
    assert gloss(question, texts) == ""


def test_gloss_a_name_stands_without_the_letters_that_spell_it():
    text = "京张铁路由詹天佑主持修建。"
    assert gloss("Who designed the Jingzhang railway?", [text]) == "京张 设计 铁路 谁？"
    assert gloss("Who designed Jingzhang's railway?", [text]) == "京张 设计 铁路 谁？"


def test_gloss_the_first_passages_tell_the_language():
    english = "The lighthouse was sold in 2023 for a good price."
    assert gloss("price of the lighthouse", [CHINESE, english]) != ""
    assert gloss("price of the lighthouse", [english, CHINESE, CHINESE]) == ""  # 5/6 of 11/6
    assert gloss("price of the lighthouse", [english, CHINESE, CHINESE, CHINESE]) != ""  # 13/12 of 25/12
