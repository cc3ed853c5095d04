from __future__ import annotations

import json
import logging
import os
import sqlite3
import tempfile
import threading
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from fake_engine import article
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from embeddings.article import Article, Passage, Span
from qa import asked as module
from qa.asked import DAY, FILE, LISTED, Asked, Count, Figures, Judged, qrels, queries, squad
from qa.evaluation import Example, read_examples
from qa.reply import Answer, Hit, Reply, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

NOW = 1_800_000_000.0
SEA = article("sea", "海是咸的。河水把盐带进海里。海很深。", "海")
RAIL = article("rail", "京张铁路于1909年通车。", "京张铁路", author="陆远山")
NOTHING = Figures(30, 0, 0, 0, 0, 0.0, 0.0, (), (), ())


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    held = SimpleNamespace(now=NOW)
    monkeypatch.setattr(module, "time", SimpleNamespace(time=lambda: held.now))
    return held


@pytest.fixture
def asked(tmp_path: Path, clock: SimpleNamespace) -> Asked:
    return Asked(tmp_path)


def reply(
    question: str, told: Article, phrase: str, *, passage: Span | None = None, confidence: float = 0.75
) -> Reply:
    """That ``phrase`` of ``told``, whose passage is all of it unless said, answers."""
    start = told.text.index(phrase)
    span = Span(start, start + len(phrase))
    held = Passage(1, told.id, passage or Span(0, len(told.text)))
    answer = Answer(phrase, told.text, confidence, (Source(told, span, span, held),))
    return Reply(question, question, True, (answer,), (hit(told),))


def hit(told: Article) -> Hit:
    return Hit(Passage(1, told.id, Span(0, len(told.text))), told.text, 0.5, 1, None, 0.5)


def no_reply(question: str, *nearest: Article, remark: str = "") -> Reply:
    return Reply(question, question, False, (), tuple(map(hit, nearest)), remark)


def of_field(question: str) -> Reply:
    answer = Answer("陆远山", "陆远山", 0.9, (Source(RAIL, Span(0, 0), Span(0, 0), None),), field="author")
    return Reply(question, question, True, (answer,), ())


def rows(asked: Asked, columns: str = "*") -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(asked.path)) as base:
        return base.execute(f"SELECT {columns} FROM asked ORDER BY id").fetchall()


def at_once(tasks: Sequence[Callable[[], None]]) -> None:
    barrier = threading.Barrier(len(tasks))

    def run(task: Callable[[], None]) -> None:
        barrier.wait(10)
        task()

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)


def test_asked_keeps_question_answer_and_time(asked: Asked) -> None:
    told = reply("它哪年通车？", RAIL, "1909年")
    told = Reply(told.question, "京张铁路哪年通车？", True, told.answers, told.hits)
    assert asked.record(told, 12.5) == 1
    assert rows(asked) == [
        (1, NOW, "京张铁路哪年通车？", 1, "1909年", "rail", "京张铁路", 0.75, 12.5, None, "", -1)
    ]


def test_asked_keeps_what_was_typed_where_nothing_was_searched_for(asked: Asked) -> None:
    asked.record(Reply("海？", "", False, (), ()), 1.0)
    assert rows(asked, "question") == [("海？",)]


def test_asked_keeps_the_nearest_article_where_nothing_is_said(asked: Asked) -> None:
    assert asked.record(no_reply("月球多大？", SEA, RAIL), 3.0) == 1
    assert asked.record(no_reply("月球多大？"), 4.0) == 2
    assert rows(asked, "answered, answer, article_id, title, confidence, milliseconds") == [
        (0, "", "sea", "", 0.0, 3.0),
        (0, "", "", "", 0.0, 4.0),
    ]


def test_asked_does_not_keep_greetings(asked: Asked, tmp_path: Path) -> None:
    assert asked.record(no_reply("你好", remark="你好！"), 1.0) == 0
    assert list(tmp_path.iterdir()) == []
    assert asked.record(no_reply("文章的作者是谁？", SEA, remark="没有注明作者。"), 1.0) == 1


def test_asked_keeps_text_that_is_no_unicode(asked: Asked) -> None:
    told = reply("\ud800海\0？", article("x", "a\udfffb", "t\ud800"), "\udfffb")
    number = asked.record(told, 1.0)
    assert asked.judge(number, True, told)
    assert rows(asked, "question, answer, title, context, start") == [("?海\0？", "?b", "t?", "a?b", 1)]


def test_asked_judgments_are_kept_changed_and_taken_back(asked: Asked) -> None:
    told = reply("哪年通车？", RAIL, "1909年")
    first, second = asked.record(told, 1.0), asked.record(told, 1.0)
    assert asked.judge(first, True, told)
    assert rows(asked, "judged") == [(1,), (None,)]
    assert asked.judge(first, False, told)
    assert asked.judge(second, True, told)
    assert rows(asked, "judged") == [(0,), (1,)]
    assert asked.judge(first, None, told)
    assert [one.id for one in asked.judged()] == [second]


@pytest.mark.parametrize("number", [0, -1, 2])
def test_asked_what_was_not_recorded_cannot_be_judged(asked: Asked, number: int) -> None:
    told = reply("哪年通车？", RAIL, "1909年")
    asked.record(told, 1.0)
    assert not asked.judge(number, True, told)
    assert rows(asked, "judged") == [(None,)]


def test_asked_judged_replies_come_with_their_passage(asked: Asked) -> None:
    tail = reply("盐从哪来？", SEA, "河水", passage=Span(5, 14))
    replies = [tail, no_reply("月球？", RAIL, SEA), of_field("谁写的？"), no_reply("空？")]
    for number, told in enumerate(replies, 1):
        assert asked.record(told, 1.0) == number
        assert asked.judge(number, number != 2, told)
    assert asked.judged() == [
        Judged(1, "盐从哪来？", True, "河水", "sea", "海", "河水把盐带进海里。", 0),
        Judged(2, "月球？", False, "", "rail", "", RAIL.text, -1),
        Judged(3, "谁写的？", True, "陆远山", "rail", "京张铁路", "", -1),
        Judged(4, "空？", True, "", "", "", "", -1),
    ]


def test_asked_a_list_may_go_on_beyond_its_passage(asked: Asked) -> None:
    told = reply("怎样？", SEA, "河水把盐带进海里。海很深。", passage=Span(5, 9))
    asked.judge(asked.record(told, 1.0), True, told)
    (one,) = asked.judged()
    assert (one.context, one.start) == ("河水把盐带进海里。海很深。", 0)
    told = reply("怎样？", SEA, "是咸的。河水", passage=Span(3, 14))
    asked.judge(asked.record(told, 1.0), True, told)
    assert (asked.judged()[1].context, asked.judged()[1].start) == ("是咸的。河水把盐带进海里。", 0)


def test_asked_nothing_is_judged_where_nothing_is_recorded(asked: Asked, tmp_path: Path) -> None:
    assert asked.judged() == []
    assert list(tmp_path.iterdir()) == []


def test_asked_figures_of_nothing_are_zero(asked: Asked) -> None:
    assert asked.figures() == NOTHING
    assert asked.figures(7).days == 7


def test_asked_figures_count_what_was_asked(asked: Asked, clock: SimpleNamespace) -> None:
    rail, other = reply("通车？", RAIL, "1909年"), reply("通车？", RAIL, "京张铁路")
    sea, moon, mars = reply("咸？", SEA, "咸的"), no_reply("月球？", SEA), no_reply("火星？")
    given_ = [(rail, 40, True), (moon, 10, None), (other, 30, False), (sea, 50, False), (mars, 20, None), (moon, 60, True)]  # fmt: skip
    for told, milliseconds, good in given_:
        clock.now += 1
        number = asked.record(told, milliseconds)
        if good is not None:
            assert asked.judge(number, good, told)
    assert asked.figures() == Figures(
        days=30,
        asked=6,
        answered=3,
        right=2,
        wrong=2,
        p50=30.0,  # the 3rd of 10 20 30 40 50 60
        p95=60.0,  # the 6th: 5.7 rounded up
        most=(Count("月球？", 2), Count("通车？", 2), Count("火星？", 1), Count("咸？", 1)),
        nothing=(Count("月球？", 2), Count("火星？", 1)),
        judged_wrong=(("咸？", "咸的"), ("通车？", "京张铁路")),
    )


def test_asked_figures_are_of_the_last_days_only(asked: Asked, clock: SimpleNamespace) -> None:
    told = reply("旧？", RAIL, "1909年")
    asked.judge(asked.record(told, 900.0), False, told)
    clock.now += 7 * DAY
    asked.record(no_reply("新？"), 100.0)
    week = asked.figures(7)  # both ends are included
    assert (week.asked, week.p50, week.p95, len(week.judged_wrong)) == (2, 100.0, 900.0, 1)
    clock.now += 1
    assert asked.figures(7) == Figures(
        7, 1, 0, 0, 0, 100.0, 100.0, (Count("新？", 1),), (Count("新？", 1),), ()
    )
    assert asked.figures(8).asked == 2


def test_asked_figures_list_the_first_ones_only(asked: Asked, clock: SimpleNamespace) -> None:
    for number in range(LISTED + 5):
        clock.now += 1
        asked.record(no_reply(f"问{number}？"), 1.0)
    held = asked.figures()
    last = [Count(f"问{number}？", 1) for number in range(LISTED + 4, 4, -1)]
    assert list(held.most) == list(held.nothing) == last
    assert held.asked == LISTED + 5


@pytest.mark.parametrize(
    ("times", "p50", "p95"),
    [
        ([7.5], 7.5, 7.5),
        ([2, 1], 1, 2),
        ([3, 1, 2], 2, 3),
        ([4, 3, 2, 1], 2, 4),
        (list(range(1, 20)), 10, 19),
        (list(range(20, 0, -1)), 10, 19),
        (list(range(1, 22)), 11, 20),
        (list(range(1, 101)), 50, 95),
        ([5] * 10 + [9], 5, 9),
    ],
)
def test_asked_quantiles_are_nearest_ranks(asked: Asked, times: list[float], p50: float, p95: float) -> None:
    for milliseconds in times:
        asked.record(no_reply("？"), milliseconds)
    held = asked.figures()
    assert (held.p50, held.p95) == (p50, p95)


@hypothesis_settings(max_examples=40)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60))
def test_asked_quantiles_are_the_least_times_that_enough_did_not_exceed(times: list[float]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asked = Asked(Path(folder))
        asked.record(no_reply("？"), times[0])
        with closing(sqlite3.connect(asked.path)) as base, base:
            base.executemany(
                "INSERT INTO asked (at, question, answered, answer, article_id, title, confidence, milliseconds)"
                " SELECT at, question, answered, answer, article_id, title, confidence, ? FROM asked WHERE id = 1",
                [(milliseconds,) for milliseconds in times[1:]],
            )
        held = asked.figures()
    for found, hundredths in ((held.p50, 50), (held.p95, 95)):
        assert found in times
        assert 100 * sum(one <= found for one in times) >= hundredths * len(times)
        assert 100 * sum(one < found for one in times) < hundredths * len(times)


def test_asked_of_too_many_the_oldest_that_nobody_judged_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Asked(tmp_path)
    told = reply("？", RAIL, "1909年")
    for _ in range(6):
        first.record(told, 1.0)
    first.judge(2, True, told)
    monkeypatch.setattr(module, "MOST", 3)
    assert Asked(tmp_path).record(told, 1.0) == 7
    assert rows(first, "id") == [(2,), (4,), (5,), (6,), (7,)]


def refused(asked: Asked, caplog: pytest.LogCaptureFixture) -> str:
    """The one warning, where nothing can be recorded and nothing is raised."""
    told = reply("？", RAIL, "1909年")
    with caplog.at_level(logging.WARNING):
        assert asked.record(told, 1.0) == 0
        assert asked.record(told, 1.0) == 0
        assert not asked.judge(1, True, told)
        assert asked.figures() == NOTHING
    (said,) = [entry.getMessage() for entry in caplog.records]
    assert said.startswith(f"{asked.path}: questions are not recorded: ")
    return said.rpartition(": ")[2]


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Path]:
    """A folder that may be read by the user who runs the test, and not written to."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        before = os.geteuid()
        yield folder
        if before == 0:
            os.seteuid(0)
        folder.chmod(0o755)


def close(folder: Path) -> None:
    folder.chmod(0o555)
    if os.geteuid() == 0:
        os.seteuid(65_534)


def test_asked_a_read_only_folder_stops_nothing(closed: Path, caplog: pytest.LogCaptureFixture) -> None:
    close(closed)
    assert refused(Asked(closed), caplog) == "unable to open database file"
    assert list(closed.iterdir()) == []


def test_asked_a_folder_that_has_become_read_only_stops_nothing(
    closed: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told = reply("？", RAIL, "1909年")
    asked = Asked(closed)
    number = asked.record(told, 1.0)
    close(closed)
    with caplog.at_level(logging.WARNING):
        assert asked.record(told, 1.0) == 0
        assert not asked.judge(number, True, told)
        assert asked.figures().days == 30
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    "content", [b"this is no database, whatever its name says" * 99, b"SQLite format 3\0" + b"x" * 4080]
)
def test_asked_a_broken_file_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    (tmp_path / FILE).write_bytes(content)
    assert refused(Asked(tmp_path), caplog) == "file is not a database"
    assert (tmp_path / FILE).read_bytes() == content


def test_asked_a_file_of_another_kind_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with closing(sqlite3.connect(tmp_path / FILE)) as base, base:
        base.execute("CREATE TABLE asked (id INTEGER PRIMARY KEY, at REAL)")
    refused(Asked(tmp_path), caplog)


def test_asked_a_folder_in_its_place_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / FILE).mkdir()
    assert refused(Asked(tmp_path), caplog) == "unable to open database file"


def test_asked_a_library_that_is_gone_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert refused(Asked(tmp_path / "nowhere"), caplog) == "unable to open database file"
    assert not (tmp_path / "nowhere").exists()


def test_asked_goes_on_in_a_new_file_once_its_own_is_deleted(asked: Asked) -> None:
    told = reply("？", RAIL, "1909年")
    assert [asked.record(told, 1.0) for _ in range(3)] == [1, 2, 3]
    asked.path.unlink()
    assert asked.record(told, 1.0) == 1
    assert asked.figures().asked == 1


def test_asked_many_threads_may_record(asked: Asked) -> None:
    numbers: list[int] = []

    def task(name: str) -> Callable[[], None]:
        def do() -> None:
            for count in range(10):
                told = reply(f"{name}{count}", RAIL, "1909年")
                number = asked.record(told, 1.0)
                numbers.append(number)
                assert asked.judge(number, count % 2 == 0, told)

        return do

    at_once([task(name) for name in "abcdef"])
    assert sorted(numbers) == list(range(1, 61))
    assert sorted(one.question for one in asked.judged()) == sorted(
        f"{name}{count}" for name in "abcdef" for count in range(10)
    )
    held = asked.figures()
    assert (held.asked, held.right, held.wrong) == (60, 30, 30)


def test_asked_several_may_begin_a_file_together(tmp_path: Path) -> None:
    for attempt in range(15):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        numbers: list[int] = []
        records = [Asked(folder) for _ in range(8)]
        at_once(
            [lambda one=one, told=numbers: told.append(one.record(no_reply("？"), 1.0)) for one in records]
        )  # type: ignore[misc]
        assert sorted(numbers) == list(range(1, 9))


def test_asked_figures_can_be_taken_meanwhile(asked: Asked) -> None:
    seen: list[int] = []

    def write() -> None:
        for _ in range(30):
            asked.record(no_reply("？"), 1.0)

    def read() -> None:
        for _ in range(20):
            seen.append(asked.figures().asked)  # noqa: PERF401

    at_once([write, read, write])
    assert seen == sorted(seen)
    assert asked.figures().asked == 60


def exported(folder: Path, judged: Sequence[Judged]) -> list[Example]:
    path = folder / "squad.json"
    path.write_text(json.dumps(squad(judged), ensure_ascii=False), "utf-8")
    return read_examples(path)


def test_asked_right_answers_are_exported_as_squad(tmp_path: Path) -> None:
    judged = [
        Judged(1, "盐从哪来？", True, "河水", "sea", "海", "海是咸的。河水来。", 5),
        Judged(2, "海淡吗？", False, "咸的", "sea", "海", "海是咸的。河水来。", 2),
        Judged(3, "月球？", True, "", "sea", "", "海是咸的。河水来。", -1),
        Judged(4, "谁写的？", True, "陆远山", "rail", "京张铁路", "", -1),
        Judged(5, "海怎样？", True, "咸的", "sea", "海", "海是咸的。河水来。", 2),
        Judged(6, "火星？", False, "", "sea", "", "海是咸的。", -1),
        Judged(7, "空？", True, "", "", "", "", -1),
        Judged(8, "几篇？", True, "3", "sea", "海", "海是咸的。", -1),
    ]
    assert exported(tmp_path, judged) == [
        Example("1", "海", "海是咸的。河水来。", "盐从哪来？", (("河水", 5),)),
        Example("5", "海", "海是咸的。河水来。", "海怎样？", (("咸的", 2),)),
        Example("3", "", "海是咸的。河水来。", "月球？", ()),
    ]
    (sea, _) = squad(judged)["data"]  # type: ignore[misc]
    assert [one["is_impossible"] for one in sea["paragraphs"][0]["qas"]] == [False, False]


def test_asked_nothing_judged_is_an_empty_squad_file(tmp_path: Path) -> None:
    assert squad([]) == {"version": "v2.0", "data": []}
    assert exported(tmp_path, []) == []


@hypothesis_settings(max_examples=40)
@given(st.text(st.characters(), min_size=1, max_size=30), st.data())
def test_asked_an_exported_answer_stands_where_it_says(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    first = data.draw(st.integers(0, len(text)))
    last = data.draw(st.integers(first, len(text)))
    told = Article("x", "t", text, "x.md")
    source = Source(told, Span(start, end), Span(start, end), Passage(1, "x", Span(first, last)))
    answered = Reply("？", "？", True, (Answer(text[start:end], text, 0.5, (source,)),), ())
    with tempfile.TemporaryDirectory() as folder:
        asked = Asked(Path(folder))
        assert asked.judge(asked.record(answered, 1.0), True, answered)
        (example,) = exported(Path(folder), asked.judged())
    ((answer, at),) = example.answers
    assert example.context[at : at + len(answer)] == answer
    assert answer == text[start:end].encode("utf-8", "replace").decode()


def test_asked_judged_answers_are_exported_for_trec() -> None:
    judged = [
        Judged(3, "盐从\n哪来？\t真的", True, "河水", "sea", "海", "河水。", 0),
        Judged(4, "通车？", False, "京张", "rail", "京张铁路", "京张。", 0),
        Judged(5, "月球？", True, "", "sea", "", "河水。", -1),
        Judged(9, "谁写的？", True, "陆远山", "rail", "京张铁路", "", -1),
    ]
    assert qrels(judged) == "3 0 sea 1\n4 0 rail 0\n9 0 rail 1\n"
    assert queries(judged) == "3\t盐从 哪来？ 真的\n4\t通车？\n9\t谁写的？\n"
    assert qrels([]) == queries([]) == ""
