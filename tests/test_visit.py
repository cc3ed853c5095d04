from __future__ import annotations

import pytest
from fake_engine import FakeEngine, FakeLibrary, article

from embeddings.article import Span
from embeddings.errors import LibraryCorrupt
from qa.page import Place
from qa.reply import Answer, Reply, Source
from qa.strings import EN, ZH
from qa.visit import Session, answered, first_place, place_of

ONE = article("a", "开头一句。老铁山灯塔建于1893年。", "灯塔")


def engine(phrases: dict[str, str] | None = None, enough: float = 0.5) -> FakeEngine:
    return FakeEngine(FakeLibrary([ONE]), phrases, enough)


def test_visit_opens_the_best_answer() -> None:
    turn = answered(engine({"老铁山灯塔建于哪年": "1893年"}), "老铁山灯塔建于哪年", ZH)
    assert turn.articles == {"a": ONE}
    assert first_place(turn) == Place(ONE, Span(0, 18), Span(5, 18), Span(12, 17))


def test_visit_opens_what_was_clicked() -> None:
    session = Session(turns=[answered(engine(), "老铁山灯塔建于哪年", ZH)])
    source = {"act": "source", "turn": "0", "answer": "0", "number": "0"}
    assert place_of(session, source) == Place(ONE, Span(0, 18), Span(5, 18), Span(5, 18))
    assert place_of(session, {"act": "hit", "turn": "0", "number": "0"}) == Place(ONE, Span(0, 18))


def test_visit_opens_an_article_at_its_field() -> None:
    answer = Answer("林", "林", 1.0, (Source(ONE, Span(0, 0), Span(0, 0), None),), field="author")
    engine_ = engine()
    engine_.ask = lambda question, said: Reply(question, question, True, (answer,), ())  # type: ignore[method-assign]
    assert first_place(answered(engine_, "谁写的", ZH)) == Place(ONE, field="author")


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

    def ask(_: str, __: object) -> Reply:
        raise LibraryCorrupt("lib", "is torn", "rebuild it")

    broken.ask = ask  # type: ignore[method-assign]
    assert answered(broken, "问", EN).error == EN.broken.format("lib: is torn -- rebuild it")


def test_visit_has_no_place_without_an_answer() -> None:
    assert first_place(answered(engine(enough=2), "老铁山", ZH)) is None
