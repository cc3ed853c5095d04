"""What was asked of a library, what came of it, and what people thought of the answers.

Kept in ``asked.sqlite`` in the library's folder, apart from the articles: losing it loses no answer. No
visitor is named in it.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from qa.reply import Reply

FILE = "asked.sqlite"

MOST = 200_000
"""Questions kept at most; of more, the oldest that nobody judged go."""

PRUNED = 1_000
"""After so many questions those beyond :data:`MOST` are looked for."""

LISTED = 30
"""Questions listed under each heading at most."""

DAY = 86_400.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS asked (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,             -- seconds since 1970
    question TEXT NOT NULL,       -- as searched for: a follow-up written out
    answered INTEGER NOT NULL,
    answer TEXT NOT NULL,
    article_id TEXT NOT NULL,     -- of the first answer, or of the nearest passage
    title TEXT NOT NULL,
    confidence REAL NOT NULL,
    milliseconds REAL NOT NULL,
    judged INTEGER,               -- 1 right, 0 wrong
    context TEXT NOT NULL DEFAULT '',  -- once judged: the passage, and where the answer starts in it, -1 for
    start INTEGER NOT NULL DEFAULT -1  -- one that is not of the text
);
CREATE INDEX IF NOT EXISTS asked_at ON asked (at);
"""


class Count(NamedTuple):
    """A question and how often it was asked."""

    question: str
    times: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What was asked in some days; times to answer in milliseconds, 0 where nothing was asked."""

    days: int
    asked: int
    answered: int
    right: int
    wrong: int
    p50: float
    p95: float
    most: tuple[Count, ...]
    nothing: tuple[Count, ...]
    judged_wrong: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """A question whose reply somebody judged; ``answer`` is "" where the reply was that nothing is said.

    ``context`` is the passage, ``context[start:start + len(answer)]`` the answer; ``start`` is -1 for an
    answer from the front matter.
    """

    id: int
    question: str
    good: bool
    answer: str
    article_id: str
    title: str
    context: str
    start: int


class Asked:
    """The record in the library at ``library``; any number of threads and processes may write to it.

    A record that cannot be written, as in a read-only folder, stops nothing: it is said once in the log.
    """

    def __init__(self, library: Path) -> None:
        self.path = library / FILE
        self._ready = False
        self._told = False

    def record(self, reply: Reply, milliseconds: float) -> int:
        """The number under which the reply is kept; 0 where it is not."""
        if reply.remark and not reply.hits:
            return 0
        answer = reply.answers[0] if reply.answers else None
        article_id, title = "", ""
        if answer:
            article_id, title = answer.source.article.id, answer.source.article.title
        elif reply.hits:
            article_id = reply.hits[0].passage.article_id
        row = (
            time.time(), _plain(reply.standalone_question or reply.question), reply.answered,
            _plain(answer.text) if answer else "", article_id, _plain(title),
            answer.confidence if answer else 0.0, milliseconds,
        )  # fmt: skip
        try:
            with closing(self._open()) as base, base:
                done = base.execute(
                    "INSERT INTO asked (at, question, answered, answer, article_id, title, confidence, milliseconds)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    row,
                )
                number = done.lastrowid or 0
                if number % PRUNED == 0:
                    _prune(base)
                return number
        except (sqlite3.Error, OSError) as error:
            self._tell(error)
            return 0

    def judge(self, number: int, good: bool | None, reply: Reply) -> bool:
        """Whether it was kept that the reply recorded as ``number`` is right; None takes a judgment back."""
        context, start = _where(reply)
        try:
            with closing(self._open()) as base, base:
                done = base.execute(
                    "UPDATE asked SET judged = ?, context = ?, start = ? WHERE id = ?",
                    (good, _plain(context), start, number),
                )
                return done.rowcount == 1
        except (sqlite3.Error, OSError) as error:
            self._tell(error)
            return False

    def figures(self, days: int = 30) -> Figures:
        """What was asked in the last ``days``; all zero where nothing is recorded."""
        try:
            with closing(self._open()) as base:
                base.execute("BEGIN")  # all figures of one state
                return _figures(base, days, time.time() - days * DAY)
        except (sqlite3.Error, OSError) as error:
            self._tell(error)
            return Figures(days, 0, 0, 0, 0, 0.0, 0.0, (), (), ())

    def judged(self) -> list[Judged]:
        """All replies that somebody judged, oldest first; none where they cannot be read."""
        query = (
            "SELECT id, question, judged, answer, article_id, title, context, start FROM asked"
            " WHERE judged IS NOT NULL ORDER BY id"
        )
        if not self.path.exists():
            return []
        try:
            with closing(self._open()) as base:
                return [Judged(row[0], row[1], bool(row[2]), *row[3:]) for row in base.execute(query)]
        except (sqlite3.Error, OSError) as error:
            self._tell(error)
            return []

    def _open(self) -> sqlite3.Connection:
        ready = self._ready and self.path.exists()
        base = sqlite3.connect(self.path, timeout=5)
        try:
            if not ready:
                with suppress(sqlite3.OperationalError):  # another is just setting it
                    base.execute("PRAGMA journal_mode = WAL")
                base.executescript(_SCHEMA)
                with base:
                    _prune(base)
                self._ready = True
            base.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            base.close()
            raise
        return base

    def _tell(self, error: Exception) -> None:
        if not self._told:
            self._told = True
            logging.getLogger(__name__).warning("%s: questions are not recorded: %s", self.path, error)


def _prune(base: sqlite3.Connection) -> None:
    base.execute("DELETE FROM asked WHERE judged IS NULL AND id <= (SELECT max(id) FROM asked) - ?", (MOST,))


def squad(judged: Sequence[Judged]) -> dict[str, object]:
    """The replies judged right as a SQuAD 2.0 file; those from the front matter have no paragraph, and are
    left out. "Nothing is said", judged right, is a question that its paragraph does not answer.
    """
    data: dict[tuple[str, str], list[dict[str, object]]] = {}
    for one in judged:
        if one.good and one.context and (one.start >= 0 or not one.answer):
            answers = [{"text": one.answer, "answer_start": one.start}] if one.answer else []
            data.setdefault((one.title, one.context), []).append(
                {
                    "id": str(one.id),
                    "question": one.question,
                    "is_impossible": not one.answer,
                    "answers": answers,
                }
            )
    articles = [
        {"title": title, "paragraphs": [{"context": context, "qas": questions}]}
        for (title, context), questions in data.items()
    ]
    return {"version": "v2.0", "data": articles}


def qrels(judged: Sequence[Judged]) -> str:
    """TREC lines "question 0 article relevance" of the judged answers: 1 for right ones, 0 for wrong ones."""
    return "".join(f"{one.id} 0 {one.article_id} {int(one.good)}\n" for one in _answers(judged))


def queries(judged: Sequence[Judged]) -> str:
    """The questions of :func:`qrels`, a line each: number, tab, question."""
    return "".join(f"{one.id}\t{' '.join(one.question.split())}\n" for one in _answers(judged))


def _answers(judged: Sequence[Judged]) -> Iterator[Judged]:
    return (one for one in judged if one.answer and one.article_id)


def _where(reply: Reply) -> tuple[str, int]:
    """The passage that answers, or the nearest one, and where the answer starts in it."""
    if not reply.answers:
        return (reply.hits[0].text, -1) if reply.hits else ("", -1)
    source = reply.answers[0].source
    if source.passage is None:
        return "", -1
    # A list may go on beyond its passage.
    start, end = source.passage.span.start, max(source.passage.span.end, source.span.end)
    start = min(start, source.span.start)
    return source.article.text[start:end], source.span.start - start


def _figures(base: sqlite3.Connection, days: int, since: float) -> Figures:
    asked, answered, right, wrong = base.execute(
        "SELECT count(*), total(answered), total(judged = 1), total(judged = 0) FROM asked WHERE at >= ?",
        (since,),
    ).fetchone()
    counted = (
        "SELECT question, count(*) AS times FROM asked WHERE at >= ?{} GROUP BY question"
        " ORDER BY times DESC, max(at) DESC LIMIT ?"
    )
    return Figures(
        days, asked, int(answered), int(right), int(wrong),
        p50=_quantile(base, since, asked, 0.5),
        p95=_quantile(base, since, asked, 0.95),
        most=tuple(Count(*row) for row in base.execute(counted.format(""), (since, LISTED))),
        nothing=tuple(
            Count(*row) for row in base.execute(counted.format(" AND NOT answered"), (since, LISTED))
        ),
        judged_wrong=tuple(
            base.execute(
                "SELECT question, answer FROM asked WHERE at >= ? AND judged = 0 ORDER BY at DESC LIMIT ?",
                (since, LISTED),
            )
        ),
    )  # fmt: skip


def _quantile(base: sqlite3.Connection, since: float, count: int, share: float) -> float:
    """The smallest time that ``share`` of the questions did not exceed (nearest rank)."""
    if not count:
        return 0.0
    rank = max(0, -int(-count * share // 1) - 1)
    query = "SELECT milliseconds FROM asked WHERE at >= ? ORDER BY milliseconds LIMIT 1 OFFSET ?"
    return float(base.execute(query, (since, rank)).fetchone()[0])


def _plain(text: str) -> str:
    """``text`` without halves of surrogate pairs, which SQLite cannot hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
