from __future__ import annotations

import pytest
from fake_engine import FakeEngine, FakeLibrary, article

from embeddings.article import Span
from embeddings.errors import LibraryCorrupt
from qa.browse import Filter
from qa.page import Place, Turn
from qa.reply import Answer, Reply, Source
from qa.strings import EN, ZH
from qa.visit import LISTED, Session, answered, at_offsets, first_place, place_of, places_of
from qa.where import Where

ONE = article("a", "开头一句。老铁山灯塔建于1893年。", "灯塔")


def engine(phrases: dict[str, str] | None = None, enough: float = 0.5) -> FakeEngine:
    return FakeEngine(FakeLibrary([ONE]), phrases, enough)


def test_visit_opens_the_best_answer() -> None:
    turn = answered(engine({"老铁山灯塔建于哪年": "1893年"}), "老铁山灯塔建于哪年", ZH)
    assert turn.articles == {"a": ONE}
    assert first_place(turn) == Place(ONE, Span(0, 18), Span(5, 18), Span(12, 17), count=1)


def test_visit_opens_what_was_clicked() -> None:
    session = Session(turns=[answered(engine(), "老铁山灯塔建于哪年", ZH)])
    source = {"act": "source", "turn": "0", "answer": "0", "number": "0"}
    assert place_of(session, source) == Place(ONE, Span(0, 18), Span(5, 18), Span(5, 18), count=1)
    assert place_of(session, {"act": "hit", "turn": "0", "number": "0"}) == Place(ONE, Span(0, 18))


def test_visit_opens_an_article_at_its_field() -> None:
    answer = Answer("林", "林", 1.0, (Source(ONE, Span(0, 0), Span(0, 0), None),), field="author")
    engine_ = engine()
    engine_.ask = lambda question, said, where: Reply(question, question, True, (answer,), ())  # type: ignore[method-assign]
    assert first_place(answered(engine_, "谁写的", ZH)) == Place(ONE, field="author", count=1)


@pytest.mark.parametrize(
    "clicked", [{"turn": "4", "number": "0", "act": "hit"}, {"turn": "0", "number": "9", "act": "hit"}]
)
def test_visit_refuses_a_click_on_what_is_not_there(clicked: dict[str, str]) -> None:
    with pytest.raises(IndexError):
        place_of(Session(turns=[answered(engine(), "老铁山", ZH)]), clicked)


def test_visit_says_what_is_wrong_with_a_question() -> None:
    assert answered(engine(), " ", EN).error == EN.no_question
    long = answered(engine(), "长" * 100_000, ZH)
    assert long.error == ZH.too_long
    assert len(long.question) == 200


def test_visit_says_what_is_wrong_with_the_library() -> None:
    broken = engine()

    def ask(_: str, __: object, ___: object) -> Reply:
        raise LibraryCorrupt("lib", "is torn", "rebuild it")

    broken.ask = ask  # type: ignore[method-assign]
    assert answered(broken, "问", EN).error == EN.broken.format("lib: is torn -- rebuild it")


def test_visit_has_no_place_without_an_answer() -> None:
    assert first_place(answered(engine(enough=2), "老铁山", ZH)) is None


def test_visit_numbers_the_places_of_all_sources() -> None:
    one, two = (Source(article(name, "甲。", name), Span(0, 1), Span(0, 2), None) for name in "ab")
    first, second = Answer("甲", "甲。", 1.0, (one, two)), Answer("乙", "乙", 0.5, (two,))
    turn = Turn("问", Reply("问", "问", True, (first, second), ()))
    assert [(p.article.id, p.number, p.count) for p in places_of(turn)] == [
        ("a", 0, 3),
        ("b", 1, 3),
        ("b", 2, 3),
    ]
    clicked = {"act": "source", "turn": "0", "answer": "1", "number": "0"}
    assert place_of(Session(turns=[turn]), clicked) == places_of(turn)[2]
    with pytest.raises(IndexError):
        place_of(Session(turns=[turn]), {**clicked, "answer": "0", "number": "2"})


@pytest.mark.parametrize(
    ("at", "span"),
    [
        ("5-18", Span(5, 18)),
        ("", Span(0, 0)),
        ("5", Span(0, 0)),
        ("18-5", Span(0, 0)),
        ("5-19", Span(0, 0)),
        ("5-5", Span(0, 0)),
        ("-1-5", Span(0, 0)),
        ("<b>", Span(0, 0)),
        ("9" * 50 + "-" + "9" * 51, Span(0, 0)),
    ],
)
def test_visit_opens_a_link_at_its_offsets(at: str, span: Span) -> None:
    assert at_offsets(ONE, at) == Place(ONE, answer=span)


def test_visit_restricts_questions() -> None:
    here = engine()
    told: list[object] = []
    here.ask = lambda question, said, where: told.append(where) or Reply(question, question, False, (), ())  # type: ignore[method-assign,func-returns-value]
    answered(here, "问", ZH, (), Where(author="甲"))
    assert told == [Where(author="甲")]


def test_visit_narrows_and_restarts() -> None:
    session = Session(shown=3 * LISTED, editing=1, where=Where(tag="x"), turns=[Turn("问")])
    session.narrow(author="甲")
    session.narrow(text="海")
    assert session.filter == Filter(text="海", author="甲")
    assert session.shown == LISTED
    session.restart()
    assert (session.turns, session.editing, session.where) == ([], None, None)
    assert session.filter == Filter(text="海", author="甲")
