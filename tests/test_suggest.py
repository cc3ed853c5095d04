from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from fake_engine import FakeEngine, FakeLibrary, article

from embeddings.article import Article, Passage, Span
from embeddings.errors import QuestionError
from qa.reply import Answer, Reply, Source
from qa.suggest import ASKS, SURE, Suggestions

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST, SECOND, THIRD = (
    "老铁山灯塔位于辽宁省旅顺口区。",
    "老铁山灯塔始建于1893年。",
    "它的灯光能照到25海里外。",
)
LIGHTHOUSE = article("灯塔", FIRST + SECOND + THIRD, "老铁山灯塔", author="林舟")
PLACE, YEAR, AUTHOR = "老铁山灯塔在哪里？", "老铁山灯塔是什么时候始建的？", "《老铁山灯塔》是谁写的？"
OTHER = article("别的", "今天下雨。")


def reply(question: str, told: Article, sentence: str, phrase: str = "", confidence: float = 0.9) -> Reply:
    """That ``phrase``, in ``sentence`` of ``told``, answers; the front matter where there is no sentence."""
    around = Span(0, 0)
    if sentence:
        start = told.text.index(sentence)
        around = Span(start, start + len(sentence))
    start = told.text.index(phrase, around.start) if phrase else around.start
    span = Span(start, start + len(phrase)) if phrase else around
    passage = Passage(1, told.id, Span(0, len(told.text))) if sentence else None
    answer = Answer(
        phrase or sentence or "林舟", sentence, confidence, (Source(told, span, around, passage),)
    )
    return Reply(question, question, True, (answer,), ())


class Told:
    """Answers the questions it was told the answers of."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = {one.question: one for one in replies}
        self.asked: list[str] = []

    def __call__(self, question: str) -> Reply:
        self.asked.append(question)
        return self.replies.get(question, Reply(question, question, False, (), ()))


ALL = (reply(PLACE, LIGHTHOUSE, FIRST), reply(YEAR, LIGHTHOUSE, SECOND), reply(AUTHOR, LIGHTHOUSE, ""))


def after(told: Told, given: Reply, asked: Sequence[str] = (), **kept: int) -> list[str]:
    view = FakeLibrary([LIGHTHOUSE, OTHER]).snapshot()
    return Suggestions(told).after(given, view, asked, **kept)  # type: ignore[arg-type]


BEAM = reply("灯光能照多远？", LIGHTHOUSE, THIRD, "25海里")


def test_suggest_the_nearest_to_the_answer_come_first() -> None:
    assert after(Told(*ALL), BEAM) == [YEAR, PLACE, AUTHOR]
    assert after(Told(*ALL), reply("林舟写了什么？", LIGHTHOUSE, "")) == [PLACE, YEAR, AUTHOR]


def test_suggest_nothing_that_the_same_sentence_answers() -> None:
    assert after(Told(*ALL), reply("在辽宁吗？", LIGHTHOUSE, FIRST)) == [YEAR, AUTHOR]
    twice = (reply(PLACE, LIGHTHOUSE, SECOND), *ALL[1:])
    assert after(Told(*twice), BEAM) == [YEAR, AUTHOR]


def test_suggest_nothing_that_was_asked() -> None:
    assert after(Told(*ALL), BEAM, [YEAR]) == [PLACE, AUTHOR]
    assert after(Told(*ALL), BEAM, ["老鐵山燈塔 是什么时候始建的", "老铁山灯塔在哪里！"]) == [AUTHOR]
    told = Told(*ALL)
    same = Reply("它在哪？", PLACE, True, BEAM.answers, ())
    assert after(told, same) == [YEAR, AUTHOR]
    assert told.asked == [YEAR, AUTHOR]


@pytest.mark.parametrize(("confidence", "offered"), [(SURE, True), (SURE - 0.01, False)])
def test_suggest_only_what_is_surely_answered(confidence: float, offered: bool) -> None:
    told = Told(ALL[0], reply(YEAR, LIGHTHOUSE, SECOND, confidence=confidence))
    assert after(told, BEAM) == ([YEAR, PLACE] if offered else [PLACE])


def test_suggest_only_what_the_same_article_answers() -> None:
    assert after(Told(ALL[0], reply(YEAR, OTHER, "今天下雨。"), ALL[2]), BEAM) == [PLACE, AUTHOR]


def test_suggest_nothing_where_nothing_is_answered() -> None:
    told = Told(*ALL)
    assert after(told, Reply("？", "？", False, (), ())) == []
    assert told.asked == []
    assert after(Told(), BEAM) == []


@pytest.mark.parametrize(
    ("n", "found"), [(0, []), (1, [YEAR]), (2, [YEAR, PLACE]), (9, [YEAR, PLACE, AUTHOR])]
)
def test_suggest_no_more_than_wanted(n: int, found: list[str]) -> None:
    told = Told(*ALL)
    assert after(told, BEAM, n=n) == found
    assert told.asked == found


def test_suggest_asks_a_bounded_number_of_questions() -> None:
    many = article("塔", "".join(f"第{n}号灯塔位于海边。第{n}号灯塔很高。" for n in range(20)), "灯塔")
    told = Told()
    assert after(told, reply("？", many, "第3号灯塔很高。")) == []
    assert len(told.asked) == len(set(told.asked)) == ASKS


def test_suggest_remembers_what_a_question_finds_until_the_library_changes() -> None:
    told = Told(*ALL)
    suggestions, library = Suggestions(told), FakeLibrary([LIGHTHOUSE])
    for _ in range(2):
        assert suggestions.after(BEAM, library.snapshot(), []) == [YEAR, PLACE, AUTHOR]  # type: ignore[arg-type]
    assert told.asked == [YEAR, PLACE, AUTHOR]
    library.revision += 1
    del told.replies[YEAR]
    assert suggestions.after(BEAM, library.snapshot(), []) == [PLACE, AUTHOR]  # type: ignore[arg-type]


RAIL = article(
    "铁路",
    "京张铁路很长。詹天佑主持修建京张铁路。詹天佑是工程师。Ada Lovelace met Charles Babbage. Ada Lovelace wrote. "
    "居庸关在山里。" + "铁路" * 40,
    "随笔",
)
ENGLISH = article("ada", "Ada Lovelace met Charles Babbage. Ada Lovelace wrote notes.", "Notes")


@pytest.mark.parametrize(
    ("told", "name", "question"),
    [
        (RAIL, "詹天佑", "詹天佑是什么？"),
        (RAIL, "京张铁路", "京张铁路是什么？"),
        (RAIL, "居庸关", ""),
        (RAIL, "很长。", ""),
        (ENGLISH, "Ada Lovelace", "What is Ada Lovelace?"),
        (ENGLISH, "Charles Babbage", ""),
        (ENGLISH, "wrote notes", ""),
    ],
)
def test_suggest_asks_of_a_name_that_answers(told: Article, name: str, question: str) -> None:
    asked = Told()
    after(asked, reply("？", told, told.text, name))
    about = [one for one in asked.asked if name in one]
    assert about == asked.asked[: len(about)] == ([question] if question else [])


@pytest.mark.parametrize(
    ("told", "name", "asks", "question"),
    [
        (RAIL, "詹天佑", "谁主持修建了铁路？", "詹天佑是谁？"),
        (ENGLISH, "Ada Lovelace", "Who wrote the notes?", "Who was Ada Lovelace?"),
    ],
)
def test_suggest_asks_who_only_after_a_person_was_asked_for(
    told: Article, name: str, asks: str, question: str
) -> None:
    asked = Told()
    after(asked, reply(asks, told, told.text, name))
    assert asked.asked[0] == question


def test_suggest_what_goes_wrong_is_for_the_caller() -> None:
    def ask(question: str) -> Reply:
        raise QuestionError("the question is too long")

    with pytest.raises(QuestionError, match="too long"):
        Suggestions(ask).after(BEAM, FakeLibrary([LIGHTHOUSE]).snapshot(), [])  # type: ignore[arg-type]


def test_suggest_what_an_engine_answers() -> None:
    engine = FakeEngine(FakeLibrary([LIGHTHOUSE, OTHER]), enough=0.4)
    given = engine.ask("它的灯光能照到多少海里外？")
    found = Suggestions(engine.ask).after(given, engine.library.snapshot(), [given.question])  # type: ignore[arg-type]
    assert found == [YEAR, PLACE]
    answers = [engine.ask(question).answers[0] for question in found]
    assert [answer.sentence for answer in answers] == [SECOND, FIRST]


@pytest.mark.parametrize("field", ["title", "count"])
def test_suggest_nothing_after_a_list_of_articles(field: str) -> None:
    asked = Told()
    listed = reply("有哪些？", RAIL, RAIL.text, "詹天佑")
    answers = tuple(replace(answer, field=field) for answer in listed.answers)
    assert after(asked, replace(listed, answers=answers)) == []
    assert asked.asked == []
