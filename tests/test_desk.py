from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from fake_engine import FakeEngine, FakeLibrary, Flat, article

from embeddings.library import Library
from embeddings.update import sync
from qa import desk as module
from qa.desk import Desk
from qa.settings import Settings
from qa.strings import EN, ZH
from qa.visit import LISTED, Session
from qa.where import Where

if TYPE_CHECKING:
    from pathlib import Path

ARTICLES = [
    article("a", "老铁山灯塔位于旅顺口区。老铁山灯塔很高。", "老铁山灯塔", author="林舟", date="2020-01-02"),
    article("b", "The Eddystone Lighthouse is a tower. The Eddystone Lighthouse is lit.", "Eddystone"),
]


@pytest.fixture
def here(tmp_path: Path) -> Desk:
    return opened(tmp_path)


def opened(path: Path, **settings: Any) -> Desk:
    return Desk(FakeEngine(FakeLibrary(ARTICLES, path), enough=0.6), Settings(**settings), uploads=path)


def arrived(desk: Desk, accept: str = "zh", **query: str) -> tuple[Session, list[dict[str, Any]]]:
    session = Session()
    return session, list(desk.arrive(session, accept, query))


def did(desk: Desk, session: Session, act: str, **data: Any) -> dict[str, Any]:
    """All that the act painted, what came later over what came before."""
    whole: dict[str, Any] = {}
    for painting in desk.act(session, {"act": act, **data}):
        whole |= painting
    return whole


def sent(painting: dict[str, Any]) -> dict[str, Any]:
    html = painting["outbox"]
    return json.loads(html[html.index(">") + 1 : html.rindex("<")].replace("&quot;", '"'))


def test_desk_arrives_in_the_language_of_the_browser(here: Desk, tmp_path: Path) -> None:
    assert arrived(here, "zh-HK,en;q=0.5")[0].words is ZH
    assert arrived(here, "en-GB")[0].words is EN
    assert arrived(opened(tmp_path, lang="zh"), "en-GB")[0].words is ZH


def test_desk_lists_the_articles_and_questions_to_try(here: Desk) -> None:
    session, (painted,) = arrived(here)
    assert session.listed == ("a", "b")
    assert "林舟" in painted["shelf"]
    assert "2020-01-02" in painted["shelf"]
    assert "老铁山灯塔在哪里？" in session.questions
    assert all(question in painted["chips"] for question in session.questions if "“" not in question)


def test_desk_tries_examples_once_for_each_revision(here: Desk) -> None:
    arrived(here)
    asked = len(here.engine.asked)
    assert asked
    arrived(here)
    assert len(here.engine.asked) == asked
    here.engine.library.revision += 1
    arrived(here)
    assert len(here.engine.asked) == 2 * asked


def test_desk_asks_what_a_link_asks(here: Desk) -> None:
    session, paintings = arrived(here, q="老铁山灯塔位于哪里")
    assert [turn.question for turn in session.turns] == ["老铁山灯塔位于哪里"]
    assert "旅顺口区" in paintings[-1]["chat"]


def test_desk_opens_what_a_link_names(here: Desk) -> None:
    _, paintings = arrived(here, article="a", at="7-11")
    assert '<mark class="answer">旅顺口区</mark>' in paintings[-1]["reader"]
    _, paintings = arrived(here, article="zzz", at="0-1")
    assert ZH.no_link in paintings[-1]["reader"]


def test_desk_shows_the_question_at_once_then_the_answer_then_what_to_ask_next(here: Desk) -> None:
    session, _ = arrived(here)
    first, second = here.ask("老铁山灯塔位于哪里", session)
    assert first["box"] == {"value": ""}
    assert ZH.searching in first["chat"]
    assert "老铁山灯塔位于旅顺口区。" in second["chat"]
    assert '<mark class="answer passage sentence">老铁山灯塔位于旅顺口区。</mark>' in second["reader"]
    (third,) = here.suggest(session)
    assert list(third) == ["chips"]
    assert "老铁山灯塔位于哪里" not in session.questions


def test_desk_keeps_what_another_visitor_asked_apart(here: Desk) -> None:
    one, other = arrived(here)[0], arrived(here)[0]
    list(here.ask("老铁山灯塔位于哪里", one))
    assert len(one.turns) == 1
    assert other.turns == []


def test_desk_asks_an_example_and_opens_sources_and_articles(here: Desk) -> None:
    session, _ = arrived(here)
    question = session.questions[0]
    did(here, session, "example", number="0")
    assert session.turns[0].question == question
    assert 'class="passage"' in did(here, session, "hit", turn="0", number="0")["reader"]
    assert "The Eddystone Lighthouse is lit." in did(here, session, "read", number="1")["reader"]
    assert session.place
    assert session.place.article.id == "b"


@pytest.mark.parametrize(
    "clicked",
    [
        {"act": "nothing"},
        {"act": "read", "number": "9"},
        {"act": "remove", "id": "zzz"},
        {"act": "read", "number": "-1"},
        {"act": "hit", "turn": "0", "number": "0"},
        {"act": "export", "kind": "passwords"},
        {"act": "filter", "value": "secret 0"},
        {"act": "resume", "questions": "{}"},
        {"act": "upload", "files": [{"path": "/etc/passwd", "name": "a.txt"}]},
        {"act": "upload", "files": [{"path": "nowhere/../../../etc/passwd", "name": "a.txt"}]},
    ],
)
def test_desk_refuses_what_nothing_on_the_page_sends(here: Desk, clicked: dict[str, Any]) -> None:
    with pytest.raises((KeyError, IndexError, ValueError)):
        list(here.act(arrived(here)[0], clicked))


def test_desk_asks_a_follow_up_with_what_was_said_and_as_typed_without(here: Desk) -> None:
    session, _ = arrived(here)
    list(here.ask("老铁山灯塔位于哪里", session))
    asked = here.ask("它在哪里", session)
    next(asked)
    next(asked)
    assert [said.question for said in here.engine.told[-1]] == ["老铁山灯塔位于哪里"]
    plain = here.act(session, {"act": "plain", "turn": "1"})
    next(plain)
    next(plain)
    assert here.engine.asked[-1] == "它在哪里"
    assert here.engine.told[-1] == ()


def test_desk_gives_back_what_was_searched_for_to_be_edited(here: Desk) -> None:
    session, _ = arrived(here)
    list(here.ask("老铁山灯塔位于哪里", session))
    assert did(here, session, "edit", turn="0") == {"box": {"value": "老铁山灯塔位于哪里"}}
    assert len(session.turns) == 1


def test_desk_replaces_an_edited_question_and_what_followed(here: Desk) -> None:
    session, _ = arrived(here)
    for question in ("老铁山灯塔位于哪里", "它在哪里", "它高吗"):
        list(here.ask(question, session))
    painted = did(here, session, "edit_question", turn="1")
    assert painted["box"] == {"value": "它在哪里"}
    assert "turn editing" in painted["chat"]
    assert "turn editing" not in did(here, session, "cancel")["chat"]
    did(here, session, "edit_question", turn="1")
    list(here.ask("灯塔位于何处", session))
    assert [turn.question for turn in session.turns] == ["老铁山灯塔位于哪里", "灯塔位于何处"]


def test_desk_answers_a_question_again_in_its_place(here: Desk) -> None:
    session, _ = arrived(here)
    list(here.ask("老铁山灯塔位于哪里", session))
    list(here.ask("它高吗", session))
    here.engine.library.held = {"b": ARTICLES[1]}
    here.engine.library.revision += 1
    did(here, session, "retry", turn="0")
    assert [turn.question for turn in session.turns] == ["老铁山灯塔位于哪里", "它高吗"]
    assert session.turns[0].reply
    assert not session.turns[0].reply.answered


def test_desk_does_nothing_for_white_space(here: Desk) -> None:
    assert list(here.ask(" \n", arrived(here)[0])) == []
    assert " \n" not in here.engine.asked


def test_desk_loses_no_turn_of_events_that_overlap(here: Desk) -> None:
    session, _ = arrived(here)
    slow, quick = here.ask("老铁山灯塔位于哪里", session), here.ask("Eddystone Lighthouse", session)
    next(slow)
    list(quick)
    list(slow)
    assert [turn.question for turn in session.turns] == ["Eddystone Lighthouse", "老铁山灯塔位于哪里"]


def test_desk_drops_an_answer_that_a_new_conversation_does_not_wait_for(here: Desk) -> None:
    session, _ = arrived(here)
    late = here.ask("老铁山灯塔位于哪里", session)
    next(late)
    did(here, session, "new")
    list(late)
    assert (session.turns, session.place) == ([], None)


def test_desk_answers_again_the_turn_that_was_meant(here: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 3)
    session, _ = arrived(here)
    for question in ("甲", "乙", "丙"):
        list(here.ask(question, session))
    again = here.act(session, {"act": "retry", "turn": "1"})
    next(again)
    list(here.ask("丁", session))
    list(again)
    assert [turn.question for turn in session.turns] == ["乙", "丙", "丁"]
    gone = here.act(session, {"act": "retry", "turn": "0"})
    next(gone)
    list(here.ask("戊", session))
    list(gone)
    assert [turn.question for turn in session.turns] == ["丙", "丁", "戊"]


def test_desk_clicks_replace_no_question_that_is_being_edited(here: Desk) -> None:
    session, _ = arrived(here)
    list(here.ask("老铁山灯塔位于哪里", session))
    did(here, session, "edit_question", turn="0")
    session.questions = ("Eddystone Lighthouse",)
    did(here, session, "example", number="0")
    assert len(session.turns) == 2


def test_desk_keeps_a_bounded_conversation(here: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    session = Session()
    for question in ("甲", "乙", "丙"):
        list(here.ask(question, session))
    assert [turn.question for turn in session.turns] == ["乙", "丙"]


def test_desk_says_that_an_article_is_gone(here: Desk) -> None:
    session, _ = arrived(here, "en")
    del here.engine.library.held["b"]
    here.engine.library.revision += 1
    painted = did(here, session, "read", number="1")
    assert sent(painted) == {"text": EN.gone}
    assert "Eddystone" not in painted["shelf"]


def test_desk_switches_the_language_and_keeps_the_conversation(here: Desk) -> None:
    session, _ = arrived(here)
    list(here.ask("老铁山灯塔位于哪里", session))
    offered = session.questions
    painted = did(here, session, "lang")
    assert session.words is EN
    assert "老铁山灯塔位于旅顺口区。" in painted["chat"]
    assert session.questions == offered
    did(here, session, "lang")
    assert session.words is ZH


def test_desk_finds_and_filters_articles_and_asks_only_those(here: Desk) -> None:
    session, _ = arrived(here)
    (painted,) = here.find("eddy", session)
    assert session.listed == ("b",)
    assert "1 / 2" in painted["shelf"]
    did(here, session, "clear")
    assert session.listed == ("a", "b")
    did(here, session, "filter", value="author 0")
    assert session.listed == ("a",)
    painted = did(here, session, "ask_only")
    assert session.where == Where(author="林舟")
    assert ZH.asking_only.format("林舟") in painted["tools"]
    wheres: list[Where | None] = []
    ask = here.engine.ask

    def watched(question: str, said: Any = (), where: Where | None = None) -> Any:
        wheres.append(where)
        return ask(question, said, where)

    here.engine.ask = watched  # type: ignore[method-assign]
    next(asked := here.ask("老铁山灯塔位于哪里", session))
    next(asked)
    assert wheres == [Where(author="林舟")]
    *_, painted = here.ask("青海湖有多深？", session)
    assert 'data-act="everywhere"' in painted["chat"]  # which no article answers
    did(here, session, "everywhere", turn="1")
    assert wheres[-1] is None
    assert len(session.turns) == 2
    did(here, session, "ask_only")
    did(here, session, "ask_all")
    assert session.where is None


def test_desk_lists_the_articles_of_an_author_that_is_clicked(here: Desk) -> None:
    session, _ = arrived(here)
    did(here, session, "read", number="0")
    session.narrow(text="nothing like it")
    painted = did(here, session, "narrow", kind="author", number="0")
    assert session.listed == ("a",)
    assert painted["find"] == {"value": ""}


def test_desk_lists_more(tmp_path: Path) -> None:
    many = [article(f"{number:04}", "文。") for number in range(LISTED + 3)]
    desk = Desk(FakeEngine(FakeLibrary(many, tmp_path)), Settings())
    session, (painted,) = arrived(desk)
    assert len(session.listed) == LISTED
    assert ZH.more_articles.format(3) in painted["shelf"]
    did(desk, session, "more")
    assert len(session.listed) == LISTED + 3


def test_desk_shows_a_change_made_elsewhere(here: Desk) -> None:
    session, (painted,) = arrived(here)
    assert 'data-revision="1"' in painted["shelf"]
    assert here.health()["revision"] == 1
    here.engine.library.held["c"] = article("c", "新的。", "新文章")
    here.engine.library.revision += 1
    painted = did(here, session, "refresh")
    assert "新文章" in painted["shelf"]
    assert f'data-revision="{here.health()["revision"]}"' in painted["shelf"]


def test_desk_steps_through_the_places_of_a_reply(here: Desk) -> None:
    session, _ = arrived(here)
    list(here.ask("Eddystone Lighthouse", session))
    count = session.place.count if session.place else 0
    assert count >= 1
    did(here, session, "step", number=str(count - 1))
    assert session.place
    assert session.place.number == count - 1
    with pytest.raises(IndexError):
        did(here, session, "step", number=str(count))


def test_desk_records_what_is_asked_and_what_is_thought_of_it(here: Desk) -> None:
    session, _ = arrived(here)
    list(here.ask("老铁山灯塔位于哪里", session))
    list(here.ask("量子退火", session))
    assert here.asked
    assert [turn.number for turn in session.turns] == [1, 2]
    assert sent(did(here, session, "judge", turn="0", good="1")) == {"text": ZH.thanks}
    figures = here.asked.figures()
    assert (figures.asked, figures.answered, figures.right, figures.wrong) == (2, 1, 1, 0)
    did(here, session, "judge", turn="0", good="1")
    assert here.asked.figures().right == 0
    did(here, session, "judge", turn="0", good="0")
    assert here.asked.figures().wrong == 1
    painted = did(here, session, "statistics")
    assert "量子退火" in painted["reader"]
    assert "50%" in painted["reader"]


def test_desk_records_nothing_where_it_must_not(tmp_path: Path) -> None:
    desk = opened(tmp_path, no_record=True)
    session, _ = arrived(desk)
    list(desk.ask("老铁山灯塔位于哪里", session))
    assert list(tmp_path.iterdir()) == []
    assert "data-good" not in str(did(desk, session, "lang")["chat"])
    assert EN.not_recorded in did(desk, session, "statistics")["reader"]


def test_desk_begins_anew_and_takes_up_what_the_browser_kept(here: Desk) -> None:
    session, _ = arrived(here)
    list(here.ask("老铁山灯塔位于哪里", session))
    painted = did(here, session, "new")
    assert (session.turns, session.place) == ([], None)
    assert ZH.welcome in painted["chat"]
    assert session.questions
    did(here, session, "resume", questions=json.dumps(["老铁山灯塔位于哪里", "它高吗"]))
    assert [turn.question for turn in session.turns] == ["老铁山灯塔位于哪里", "它高吗"]
    assert all(turn.number == 0 for turn in session.turns)
    assert here.asked
    assert here.asked.figures().asked == 1


def test_desk_asks_again_only_the_last_of_many_kept_questions(here: Desk) -> None:
    session, _ = arrived(here)
    did(here, session, "resume", questions=json.dumps([str(number) for number in range(50)]))
    assert [turn.question for turn in session.turns] == [str(number) for number in range(30, 50)]


def test_desk_exports_the_conversation_and_the_judgments(here: Desk) -> None:
    session, _ = arrived(here)
    list(here.ask("老铁山灯塔位于哪里", session))
    did(here, session, "judge", turn="0", good="1")
    (file,) = sent(did(here, session, "export", kind="json"))["files"]
    assert json.loads(file["text"])[0]["question"] == "老铁山灯塔位于哪里"
    (file,) = sent(did(here, session, "export", kind="markdown"))["files"]
    assert "老铁山灯塔位于旅顺口区。" in file["text"]
    assert file["name"].endswith(".md")
    (file,) = sent(did(here, session, "export_judged", kind="squad"))["files"]
    paragraph = json.loads(file["text"])["data"][0]["paragraphs"][0]
    (answer,) = paragraph["qas"][0]["answers"]
    assert paragraph["context"][answer["answer_start"] :].startswith(answer["text"])
    ranked, questions = sent(did(here, session, "export_judged", kind="qrels"))["files"]
    assert (ranked["text"], questions["text"]) == ("1 0 a 1\n", "1\t老铁山灯塔位于哪里\n")


@pytest.mark.parametrize(
    ("settings", "change", "see"),
    [
        ({}, True, True),
        ({"host": "localhost"}, True, True),
        ({"host": "0.0.0.0"}, False, False),
        ({"read_only": True}, False, True),
        ({"admin_password": "x"}, False, False),
        ({"auth": ("a:b",)}, False, False),
        ({"host": "::1"}, True, True),
        ({"root_path": "/qa"}, False, False),
    ],
)
def test_desk_lets_only_those_manage_who_may(
    tmp_path: Path, settings: dict[str, Any], change: bool, see: bool
) -> None:
    desk = opened(tmp_path, **settings)
    session, (painted,) = arrived(desk)
    access = desk.paint.access(session)
    assert (access.change, access.see) == (change, see)
    assert desk.may_upload("") is change
    assert bool(painted["add"]) is change
    assert ('data-open="confirm"' in painted["shelf"]) is change
    if not change:
        assert ZH.not_allowed in did(desk, session, "remove", id="a")["report"]
        assert ZH.not_allowed in did(desk, session, "upload", files=[])["report"]
        assert "a" in desk.engine.library.held
    if not see:
        assert did(desk, session, "statistics") == {}
        with pytest.raises(ValueError, match="nothing can be exported"):
            did(desk, session, "export_judged", kind="squad")


def test_desk_opens_to_the_password_and_closes_again(tmp_path: Path) -> None:
    desk = opened(tmp_path, admin_password="sesame")
    session, _ = arrived(desk)
    assert sent(did(desk, session, "unlock", password="open")) == {"text": ZH.wrong_password}
    painted = did(desk, session, "unlock", password="sesame")
    token = sent(painted)["token"]
    assert token == session.token
    assert painted["add"]
    assert desk.may_upload(token)
    again = Session()
    list(desk.arrive(again, "zh", {}, "1.2.3.4", token))
    assert desk.paint.access(again).unlocked
    assert sent(did(desk, session, "lock")) == {"token": ""}
    assert not desk.may_upload(token)
    assert not desk.paint.access(again).change


def test_desk_slows_down_who_tries_passwords(tmp_path: Path) -> None:
    desk = opened(tmp_path, admin_password="sesame")
    session, _ = arrived(desk)
    said = [sent(did(desk, session, "unlock", password="x"))["text"] for _ in range(6)]
    assert said == [ZH.wrong_password] * 5 + [ZH.wait.format(1)]
    assert sent(did(desk, session, "unlock", password="sesame"))["text"] == ZH.wait.format(1)


def test_desk_adds_uploaded_files_and_removes_articles(tmp_path: Path) -> None:
    folder, uploads, path = tmp_path / "articles", tmp_path / "uploads", tmp_path / "library"
    folder.mkdir()
    uploads.mkdir()
    (folder / "old.md").write_text("# 旧\n\n旧的文章。")
    sync(path, [folder], Flat("flat"))
    desk = Desk(FakeEngine(Library.open(path, Flat("flat"))), Settings(), uploads=uploads)
    session, _ = arrived(desk)
    (uploads / "x").write_text("# 新\n\n新的文章。")
    files = [{"path": str(uploads / "x"), "name": "blog/new.md"}]
    first, *_, last = desk.act(session, {"act": "upload", "files": files, "refused": [["a.exe", "no"]]})
    assert "<progress" in first["report"]
    assert "blog/new.md" in last["report"]
    assert "a.exe" in last["report"]
    assert last["report"].index("a.exe") < last["report"].index("blog/new.md")
    assert not (uploads / "x").exists()
    assert len(session.listed) == 2
    titles = {row.id: row.title for row in desk.engine.library.snapshot().articles()}
    did(desk, session, "read", number="0")
    assert session.place
    removed = titles[session.listed[0]]
    painted = did(desk, session, "remove", id=session.listed[0])
    assert removed in painted["report"]
    assert ZH.removed in painted["report"]
    assert session.place is None
    assert [row.title for row in desk.engine.library.snapshot().articles()] == [
        title for title in titles.values() if title != removed
    ]
