from __future__ import annotations

import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fake_engine import FakeEngine, FakeLibrary, Flat, article

import app
from embeddings.errors import FingerprintMismatch
from embeddings.library import Library
from qa.serve import POLICY, bring, free_port, sample_library
from qa.strings import EN, ZH
from qa.visit import Session

ARTICLES = [
    article("a", "老铁山灯塔位于旅顺口区。老铁山灯塔很高。", "老铁山灯塔", author="林舟", date="2020-01-02"),
    article("b", "The Eddystone Lighthouse is a tower. The Eddystone Lighthouse is lit.", "Eddystone"),
]


def desk(lang: str = "auto") -> app.Desk:
    return app.Desk(FakeEngine(FakeLibrary(ARTICLES), enough=0.6), lang)


def arrived(here: app.Desk, accept: str) -> list[Any]:
    return here.arrive(SimpleNamespace(headers={"accept-language": accept}))


def clicked(**data: str) -> Any:
    return SimpleNamespace(_data=data)


def test_app_arrives_in_the_language_of_the_browser() -> None:
    assert arrived(desk(), "zh-HK,en;q=0.5")[0].words is ZH
    assert arrived(desk(), "en-GB")[0].words is EN
    assert arrived(desk("zh"), "en-GB")[0].words is ZH


def test_app_lists_the_articles_and_questions_to_try() -> None:
    session, _, library, _, _, _, examples, *_ = arrived(desk(), "zh")
    assert session.listed == ("a", "b")
    assert "林舟" in library
    assert "2020-01-02" in library
    assert "老铁山灯塔在哪里？" in session.questions
    assert all(question in examples for question in session.questions if "“" not in question)


def test_app_tries_examples_once_for_each_revision() -> None:
    here = desk()
    arrived(here, "zh")
    asked = len(here.engine.asked)
    assert asked
    arrived(here, "zh")
    assert len(here.engine.asked) == asked
    here.engine.library.revision += 1
    arrived(here, "zh")
    assert len(here.engine.asked) == 2 * asked


def test_app_shows_the_question_at_once_and_then_the_answer() -> None:
    here = desk()
    first, second = here.ask("老铁山灯塔位于哪里", arrived(here, "zh")[0])
    assert first[0] == ""
    assert ZH.searching in first[2]
    _, session, conversation, reader = second
    assert len(session.turns) == 1
    assert "老铁山灯塔位于旅顺口区。" in conversation
    assert '<mark class="answer passage sentence">老铁山灯塔位于旅顺口区。</mark>' in reader


def test_app_keeps_what_another_visitor_asked_apart() -> None:
    here = desk()
    one, other = arrived(here, "zh")[0], arrived(here, "zh")[0]
    *_, last = here.ask("老铁山灯塔位于哪里", one)
    assert len(last[1].turns) == 1
    assert other.turns == []


def test_app_asks_an_example_and_opens_sources_and_articles() -> None:
    here = desk()
    session = arrived(here, "zh")[0]
    *_, (_, session, _, _) = here.talk(session, clicked(act="example", number="0"))
    assert session.turns[0].question == session.questions[0]
    ((_, session, _, reader),) = here.talk(session, clicked(act="hit", turn="0", number="0"))
    assert 'class="passage"' in reader
    session, reader = here.read(session, clicked(act="read", number="1"))
    assert "The Eddystone Lighthouse is lit." in reader
    assert session.place.article.id == "b"


def test_app_asks_a_follow_up_with_what_was_said_and_as_typed_without() -> None:
    here = desk()
    session = arrived(here, "zh")[0]
    list(here.ask("老铁山灯塔位于哪里", session))
    list(here.ask("它在哪里", session))
    assert [said.question for said in here.engine.told[-1]] == ["老铁山灯塔位于哪里"]
    list(here.talk(session, clicked(act="plain", turn="1")))
    assert here.engine.asked[-1] == "它在哪里"
    assert here.engine.told[-1] == ()


def test_app_gives_back_what_was_searched_for_to_be_edited() -> None:
    here = desk()
    session = arrived(here, "zh")[0]
    list(here.ask("老铁山灯塔位于哪里", session))
    ((box, *_),) = here.talk(session, clicked(act="edit", turn="0"))
    assert box == "老铁山灯塔位于哪里"
    assert len(session.turns) == 1


def test_app_does_nothing_for_white_space() -> None:
    here = desk()
    assert list(here.ask(" \n", arrived(here, "zh")[0])) == []
    assert " \n" not in here.engine.asked


def test_app_events_that_overlap_lose_no_turn() -> None:
    here = desk()
    session = arrived(here, "zh")[0]
    slow, quick = here.ask("老铁山灯塔位于哪里", session), here.ask("Eddystone Lighthouse", session)
    next(slow)
    list(quick)
    list(slow)
    assert [turn.question for turn in session.turns] == ["Eddystone Lighthouse", "老铁山灯塔位于哪里"]


def test_app_says_that_an_article_is_gone() -> None:
    here = desk()
    session = arrived(here, "en")[0]
    del here.engine.library.held["b"]
    with pytest.raises(app.gr.Error, match="no longer in the library"):
        here.read(session, clicked(act="read", number="1"))


def test_app_switches_the_language_and_keeps_the_conversation() -> None:
    here = desk()
    *_, (_, session, _, _) = here.ask("老铁山灯塔位于哪里", arrived(here, "zh")[0])
    switched = here.switch(session)
    assert switched[0].words is EN
    assert "老铁山灯塔位于旅顺口区。" in switched[5]
    assert here.switch(switched[0])[0].words is ZH


def test_app_keeps_a_bounded_conversation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "KEPT", 2)
    here, session = desk(), Session()
    for question in ("甲", "乙", "丙"):
        *_, (_, session, _, _) = here.ask(question, session)
    assert [turn.question for turn in session.turns] == ["乙", "丙"]


def test_app_builds_a_page_that_many_may_use_at_once() -> None:
    page = app.build(FakeEngine(FakeLibrary(ARTICLES)))
    asking = [fn for fn in page.fns.values() if fn.fn and fn.fn.__name__ in ("ask", "talk")]
    assert len(asking) == 3
    assert page._queue.default_concurrency_limit == app.AT_ONCE > 1
    assert all(fn.api_visibility == "private" for fn in page.fns.values())


def test_app_policy_lets_a_page_fetch_only_from_itself() -> None:
    assert "default-src 'self'" in POLICY
    assert "http" not in POLICY


def test_app_takes_the_first_free_port() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"port {port} of 127.0.0.1 cannot be used"):
            free_port("127.0.0.1", port)
    assert free_port("127.0.0.1", port) == port
    assert 7860 <= free_port("127.0.0.1", None) < 7960


def test_app_says_in_one_line_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "nothing here")
    assert app.main([missing, "--library", str(tmp_path / "library")]) == 1
    error = capsys.readouterr().err
    assert "nothing here" in error
    assert error.count("\n") == 1
    assert app.main(["--library", missing]) == 1
    assert "there is no library here" in capsys.readouterr().err


def test_app_keeps_the_sample_library_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    one, other = sample_library(Path("one")), sample_library(Path("other"))
    assert one.parent == other.parent == tmp_path / "article-qa"
    assert one != other


def test_app_makes_the_sample_library_anew_for_another_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, library = tmp_path / "articles", tmp_path / "library"
    folder.mkdir()
    (folder / "a.md").write_text("one article.")
    bring(library, folder, Flat("one"))
    assert "1 added" in capsys.readouterr().err
    with pytest.raises(FingerprintMismatch):
        bring(library, folder, Flat("two"))
    bring(library, folder, Flat("two"), anew=True)
    assert "1 unchanged" in capsys.readouterr().err
    assert len(Library.open(library, Flat("two")).snapshot()) == 1


def test_app_lists_the_articles_that_failed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "empty.md").write_bytes(b"")
    bring(tmp_path / "library", folder, Flat("one"))
    said = capsys.readouterr().err
    assert "not added: " in said
    assert "empty.md: the file is empty" in said
    assert "1 failed" in said


def test_app_watches_only_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        app.main(["--watch"])
    assert "--watch needs a FOLDER to watch" in capsys.readouterr().err
