from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.chunk import sentences
from qa.facts import LOOKED_INTO, Made, questions_in_place, topic_of

TITLE = "京张铁路：一条铁路的故事"


def made(text: str, title: str = TITLE) -> list[str]:
    return [one.text for one in questions_in_place(title, text)]


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("京张铁路于1909年通车。", "京张铁路什么时候通车？"),
        ("京张铁路1909年10月2日通车。", "京张铁路什么时候通车？"),
        ("京张铁路在1905年正式开工。", "京张铁路什么时候正式开工？"),
        ("京张铁路最终于公元1909年底通车。", "京张铁路最终什么时候通车？"),
        ("京张铁路最终于1909年底通车。", "京张铁路最终什么时候通车？"),
        ("京张铁路开工于1905年。", "京张铁路开工于什么时候？"),
        ("京张铁路全长约200公里。", "京张铁路全长多少公里？"),
        ("京张铁路全长201.2公里！", "京张铁路全长多少公里？"),
        ("京张铁路花费693万元，比预算少。", "京张铁路花费多少元？"),
        ("京张铁路共有十二座车站。", "京张铁路共有多少座车站？"),
        ("京张铁路由詹天佑主持修建。", "京张铁路是谁主持修建的？"),
        ("京张铁路是由詹天佑设计。", "京张铁路是谁设计的？"),
        ("京张铁路位于北京和张家口之间。", "京张铁路在哪里？"),
        ("  京张铁路坐落在华北。", "京张铁路在哪里？"),
        ("后来，京张铁路于1909年通车。", "京张铁路什么时候通车？"),
    ],
)
def test_facts_a_statement_becomes_a_question(text: str, question: str) -> None:
    assert made(text) == [question]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "京张铁路",
        "京张铁路。",
        "京张铁路很长。",
        "这条京张铁路于1909年通车。",
        "川汉铁路于1909年通车。",
        "京张铁路于1909年通车之后。",
        "京张铁路在1909年和它的支线。",
        "京张铁路于1909年（宣统元年）通车。",
        "京张铁路的起点在1909年通车的。",
        "京张铁路其中200公里在山里。",
        "京张铁路，位于北京。",
        "京张铁路于1909年经过了很多很多很多很多很多很多周折才终于通车。",
        "The railway was opened in 1909.",
    ],
)
def test_facts_what_does_not_stand_alone_becomes_no_question(text: str) -> None:
    assert made(text) == []


def test_facts_say_where_they_stand() -> None:
    text = "前言。京张铁路于1909年通车；京张铁路全长约200公里。\n京张铁路很长。京张铁路由詹天佑设计。"
    assert list(questions_in_place(TITLE, text)) == [
        Made("京张铁路什么时候通车？", 3),
        Made("京张铁路全长多少公里？", 3),
        Made("京张铁路是谁设计的？", text.index("京张铁路由")),
    ]


def test_facts_are_of_what_clauses_open_with_again_and_again() -> None:
    text = "老铁山灯塔位于海边。老铁山灯塔很高。老铁山灯塔很亮。老铁山灯塔于1893年建成。"
    assert made(text, "随笔") == ["老铁山灯塔在哪里？", "老铁山灯塔什么时候建成？"]
    assert made("老铁山灯塔位于海边。老铁山灯塔很高。老铁山灯塔很亮。", "随笔") == []
    assert made("老铁山灯塔位于海边。老铁山灯塔于1893年建成。", "老铁山灯塔的夜") == [
        "老铁山灯塔在哪里？",
        "老铁山灯塔什么时候建成？",
    ]


def test_facts_of_an_article_end_where_no_more_is_looked_into() -> None:
    filler = "海很深。" * (LOOKED_INTO // 4)
    assert made(filler[:-12] + "京张铁路于1909年通车。") == ["京张铁路什么时候通车？"]
    assert made(filler + "京张铁路于1909年通车。") == []


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("京张铁路：故事", "京张铁路"),
        ("京张铁路: 故事", "京张铁路"),
        ("京张铁路 ｜ 故事", "京张铁路"),
        ("京张铁路—百年", "京张铁路"),
        ("Rust: a language", "Rust"),
        ("京张铁路：故事：续", "京张铁路"),
        ("京张铁路", ""),
        ("甲：乙", ""),
        ("：乙", ""),
        ("一二三四五六七八九十一二：故事", "一二三四五六七八九十一二"),
        ("一二三四五六七八九十一二三：故事", ""),
        ("", ""),
    ],
)
def test_facts_a_title_names_its_topic_before_the_colon(title: str, topic: str) -> None:
    assert topic_of(title) == topic


PIECES = st.sampled_from(
    "京张铁路 老铁山 灯塔 于1909年 通车 在 位于 北京 由詹天佑 设计 主持修建 全长约 200公里 693万元 十二座 车站 它 的 之后 ， 。 ； ！ \n 《 》 （ ） a 约".split(" ")
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=60)


@given(TEXTS, TEXTS | st.sampled_from([TITLE, "老铁山灯塔"]))
def test_facts_questions_open_with_words_of_their_sentence(text: str, title: str) -> None:
    starts = {span.start: span.of(text) for span in sentences(text)}
    for question, at in questions_in_place(title, text):
        assert question.endswith("？")
        assert question[:2] in starts[at]
        assert "\n" not in question
        asks = set("什么时候多少是谁的在哪里？")
        assert set(question) - asks <= set(starts[at])


@given(TEXTS)
def test_facts_a_topic_is_the_beginning_of_its_title(title: str) -> None:
    topic = topic_of(title)
    assert title.lstrip().startswith(topic)
    assert topic == "" or 2 <= len(topic) <= 12
