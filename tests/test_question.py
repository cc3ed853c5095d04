from __future__ import annotations

import pytest

from embeddings.errors import QuestionError
from qa.question import MAX_QUESTION, analyse


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("京张铁路什么时候通车？", "time"),
        ("哪年建成", "time"),
        ("When was it built?", "time"),
        ("估值多少？", "number"),
        ("塔有多高？", "number"),
        ("How many people died?", "number"),
        ("是谁设计的？", "person"),
        ("Who designed it?", "person"),
        ("总部在哪里？", "place"),
        ("總部在哪裡？", "place"),
        ("Where is it?", "place"),
        ("为什么要修？", "reason"),
        ("為什麼要修？", "reason"),
        ("Why was it closed?", "reason"),
        ("怎样制作酸面包", "manner"),
        ("How do I feed it?", "manner"),
        ("有哪些种类？", "list"),
        ("中国茶分哪几类？", "list"),
        ("什么是惊蛰？", "definition"),
        ("What is a starter?", "definition"),
        ("开幕了吗？", "decision"),
        ("开幕了没有", "decision"),
        ("难不难？", "decision"),
        ("啥时候开的", "time"),
        ("哪几天休息", "time"),
        ("周几开门", "time"),
        ("能撑几年？", "duration"),
        ("有多贵", "number"),
        ("去哪买", "place"),
        ("啥地方的人", "place"),
        ("图啥呢", "reason"),
        ("咋就倒闭了", "reason"),
        ("咋弄", "manner"),
        ("都有啥好处", "list"),
        ("这词啥意思", "definition"),
    ],
)
def test_question_kind_by_its_words(text: str, kind: str) -> None:
    assert kind in analyse(text).kinds


@pytest.mark.parametrize("text", ["中国茶分哪几类", "这几年卖得好", "好几个人", "前几名是谁", "哪几年修的"])
def test_question_few_or_which_ones_is_no_number(text: str) -> None:
    assert not {"number", "duration"} & analyse(text).kinds
    assert analyse(text).unit == ""


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("几天里涨了多少？", {"number"}),
        ("几个月后谁来了？", {"person"}),
        ("石头几吨？", {"number"}),
        ("几小时内不能吃太多东西？", {"duration", "number"}),
        ("几年后才建成，花了多少钱？", {"duration", "number"}),
        ("几年内建成？", {"duration", "number"}),
        ("几天能到，要多少钱？", {"duration", "number"}),
    ],
)
def test_question_what_passes_meanwhile_is_not_asked_for(text: str, kinds: set[str]) -> None:
    assert analyse(text).kinds == kinds


@pytest.mark.parametrize("text", ["北京。", "几乎没有", "beijing"])
def test_question_without_a_question_word_has_no_kind(text: str) -> None:
    assert analyse(text).kinds == frozenset()


def test_question_folds_its_text_and_keeps_the_original() -> None:
    asked = analyse("  ＸＰＳ的內存？\n")
    assert asked.text == "ＸＰＳ的內存？"
    assert asked.folded == "xps的内存?"


def test_question_terms_are_distinct_and_leave_out_what_asks() -> None:
    asked = analyse("长城为什么叫长城？长城有多少年？")
    assert asked.words.count("长城") == 1
    assert asked.words[0] == "长城"
    assert not {"什么", "为什么", "多少"} & {*asked.words, *asked.grams}
    assert len(set(asked.grams)) == len(asked.grams)


def test_question_terms_leave_out_what_asks_in_everyday_words() -> None:
    assert (
        analyse("衢州为啥啥时候咋样热闹").words
        == analyse("衢州为什么什么时候怎么样热闹").words
        == ("衢州", "热闹")
    )
    assert analyse("干嘛修长城").grams == analyse("修长城").grams


def test_question_finds_a_code_and_a_date_in_their_plain_forms() -> None:
    assert {"xps-9380", "9380"} <= set(analyse("XPS-9380的内存？").words)
    assert "2024-03-05" in analyse("2024年3月5日發生了什麼").words
    assert "2024-03-05" in analyse("What happened on March 5, 2024?").words


@pytest.mark.parametrize("text", ["", " ", "\n\t　", "\u2003"])
def test_question_empty_is_an_error(text: str) -> None:
    with pytest.raises(QuestionError, match="the question is empty"):
        analyse(text)


def test_question_over_the_limit_is_an_error_that_says_how_long() -> None:
    assert analyse("问" * MAX_QUESTION + "  ").text == "问" * MAX_QUESTION
    with pytest.raises(QuestionError, match=r"100,000 characters; at most 2,000"):
        analyse("问" * 100_000)


@pytest.mark.parametrize("text", ["😀😀", "？", "\u200d", "\x00", "的"])
def test_question_of_marks_has_no_terms(text: str) -> None:
    asked = analyse(text)
    assert (asked.words, asked.grams) == ((), ())
