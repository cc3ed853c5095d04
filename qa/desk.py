"""What the page does when something is clicked or typed, for one engine. It knows nothing of Gradio.

Every call yields paintings: the name of a part of the page -> what it shows from now on.
"""

from __future__ import annotations

import json
import threading
import time
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embeddings.errors import ArticleQAError, LibraryError
from embeddings.load import SUFFIXES
from embeddings.update import remove
from qa import page
from qa.asked import Asked, qrels, queries, squad
from qa.browse import Filter, Shelf
from qa.cite import conversation_json, conversation_markdown
from qa.examples import examples
from qa.gate import Gate
from qa.page.frame import Access
from qa.page.talk import restriction
from qa.reasons import reason_in
from qa.settings import Settings
from qa.strings import choose
from qa.suggest import Suggestions
from qa.upload import Line, Uploaded, take, when_free
from qa.visit import LISTED, Session, answered, at_offsets, first_place, place_of, places_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from embeddings.library import Snapshot
    from embeddings.report import Step
    from qa.engine import Engine

    Painting = dict[str, Any]
    Clicked = Mapping[str, Any]

EXAMPLES = 6
KEPT = 50
"""Turns of a conversation that stay on the page."""

SLOW = frozenset(("example", "plain", "retry", "resume", "upload", "remove"))
"""Acts that ask questions or wait for the library: they are worked on apart from mere clicks."""

RESUMED = 20
"""Questions of a kept conversation that are asked again, at most: the last ones."""

LONGEST_SEARCH = 200
"""Characters of a search for articles that count."""

LONGEST = 2_000
"""Characters of a question that are shown while it is being answered."""


class Desk:
    """The page over ``engine``; a visitor's state is his Session. Files are uploaded into ``uploads``."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings | None = None,
        gate: Gate | None = None,
        uploads: Path | None = None,
    ) -> None:
        self.engine = engine
        self.settings = settings or Settings()
        self.gate = gate or Gate(self.settings.admin_password)
        self.asked = None if self.settings.no_record else Asked(Path(engine.library.path))
        self._uploads = uploads
        self._examples = lru_cache(maxsize=8)(self._tried)
        self._suggestions = Suggestions(engine.ask)
        self._shelves: tuple[int, Shelf] | None = None
        self._writing = threading.Lock()
        self._trying = threading.Lock()
        self._acts: dict[str, Callable[[Session, Clicked], Iterator[Painting]]] = {
            "example": self._example,
            "edit": self._edit,
            "plain": self._plain,
            "edit_question": self._edit_question,
            "retry": self._retry,
            "cancel": self._cancel,
            "source": self._open,
            "hit": self._open,
            "step": self._step,
            "read": self._read,
            "narrow": self._narrow,
            "filter": self._filter,
            "clear": self._clear,
            "more": self._more,
            "ask_only": self._ask_only,
            "ask_all": self._ask_all,
            "judge": self._judge,
            "new": self._new,
            "resume": self._resume,
            "export": self._export,
            "statistics": self._statistics,
            "remove": self._remove,
            "upload": self._upload,
            "close_report": self._close_report,
            "unlock": self._unlock,
            "lock": self._lock,
            "lang": self._switch,
            "refresh": self._refresh,
        }

    # Coming in

    def arrive(
        self, session: Session, accepted: str, query: Mapping[str, str], address: str = "", token: str = ""
    ) -> Iterator[Painting]:
        """The page in the visitor's language; then what the link asked ("q") or opened ("article", "at").

        ``accepted`` is his Accept-Language, ``address`` where he comes from, ``token`` what he unlocked with.
        """
        lang = self.settings.lang
        session.lang = choose(accepted) if lang == "auto" else lang
        session.address, session.token = address, token
        yield self.painted(session)
        if query.get("article"):
            yield from self._linked(session, query["article"], query.get("at", ""))
        if query.get("q", "").strip():
            yield from self.ask(query["q"], session)

    def _linked(self, session: Session, article_id: str, at: str) -> Iterator[Painting]:
        view = self.engine.library.snapshot()
        try:
            session.place = at_offsets(view.article(article_id), at)
        except KeyError:
            yield {"reader": page.reader(None, session.words, session.words.no_link)}
        else:
            yield self._reader(session)

    def painted(self, session: Session) -> Painting:
        """The whole page as it is now."""
        words, settings = session.words, self.settings
        view = self.engine.library.snapshot()
        session.questions = self._offered(view.revision, session.lang)
        uploads = page.uploads(words, sorted(SUFFIXES), settings.most_files, settings.most_megabytes)
        return {
            "head": page.header(words),
            "add": uploads if self.access(session).change else "",
            "find": {"label": words.find, "placeholder": words.find},
            **self._shelf(session, view),
            **self._talk(session),
            "chips": page.examples(session.questions, words) if not session.turns else "",
            "box": {"label": words.ask, "placeholder": words.ask_hint},
            **self._reader(session),
        }

    def _offered(self, revision: int, lang: str) -> tuple[str, ...]:
        """The examples of a revision, tried once however many visitors come at the same time."""
        with self._trying:
            return self._examples(revision, lang)

    def _tried(self, _revision: int, lang: str) -> tuple[str, ...]:
        return tuple(examples(self.engine.library.snapshot(), self.engine.ask, EXAMPLES, lang))

    def access(self, session: Session) -> Access:
        """What the visitor may do."""
        settings = self.settings
        unlocked = bool(settings.admin_password) and self.gate.knows(session.token)
        trusted = settings.is_open or unlocked
        return Access(trusted and not settings.read_only, trusted, bool(settings.admin_password), unlocked)

    def may_upload(self, token: str) -> bool:
        """Whether a browser with this token may send files."""
        return self.access(Session(token=token)).change

    def health(self) -> dict[str, Any]:
        """What whoever looks after the page wants to know."""
        view = self.engine.library.snapshot()
        return {"revision": view.revision, "passages": len(view)}

    # The three places

    def _catalogue(self, view: Snapshot) -> Shelf:
        held = self._shelves
        if held is None or held[0] != view.revision:
            held = self._shelves = (view.revision, Shelf(view.articles()))
        return held[1]

    def _shelf(self, session: Session, view: Snapshot | None = None) -> Painting:
        """The list of articles, what to choose by, and what the library is."""
        view = view or self.engine.library.snapshot()
        words, shelf, access = session.words, self._catalogue(view), self.access(session)
        found = shelf.chosen(session.filter)
        rows = found[: session.shown]
        session.listed = tuple(row.id for row in rows)
        session.holds_articles = bool(shelf.rows)
        return {
            "facets": page.facets(shelf.facets(), session.filter, words) if shelf.rows else "",
            "shelf": page.library(
                rows, len(found), len(shelf.rows), words, revision=view.revision, change=access.change
            ),
            "foot": page.foot(self._facts(session, view, access), words, access),
        }

    def _facts(self, session: Session, view: Snapshot, access: Access) -> dict[str, str]:
        words = session.words
        if access.change:
            changes = words.with_password if access.unlocked else words.open_to_all
        else:
            closed = self.settings.read_only or not access.password
            changes = words.closed if closed else words.with_password
        facts = {
            "library": f"{words.count.format(len(view.articles()))} · {words.passages.format(len(view))}",
            "revision": str(view.revision),
            "model": getattr(view.embedder, "name", ""),
            "segmenter": view.segmenter,
            "changes": changes,
        }
        if self.settings.watch and access.see:
            facts["watched"] = self.settings.folder
        return {name: value for name, value in facts.items() if value}

    def _talk(self, session: Session) -> Painting:
        words = session.words
        only = restriction(session.where) if session.where else ""
        return {
            "chat": page.conversation(
                session.turns, words, empty=not session.holds_articles, editing=session.editing
            ),
            "tools": page.tools(words, talking=bool(session.turns), only=only),
        }

    def _reader(self, session: Session) -> Painting:
        return {"reader": page.reader(session.place, session.words)}

    def _say(self, session: Session, said: str) -> Painting:
        return self._send(session, "say", text=said)

    def _send(self, session: Session, task: str, **data: object) -> Painting:
        session.sent += 1
        return {"outbox": page.outbox(task, session.sent, **data)}

    # Asking

    def ask(self, question: str, session: Session) -> Iterator[Painting]:
        """The question at once, then its answer with the source opened.

        Nothing for white space. A question that is being edited takes the place of the old one, and of
        what followed it.
        """
        if not question.strip():
            return
        if session.editing is not None:
            del session.turns[session.editing :]
            session.editing = None
        yield from self._asked(question, session, list(session.turns))

    def _asked(
        self, question: str, session: Session, before: Sequence[page.Turn], at: int | None = None
    ) -> Iterator[Painting]:
        """Asks ``question`` after the turns ``before``, as a new turn or in place of the one at ``at``."""
        words, where, talk = session.words, session.where, session.talk
        waiting = page.Turn(question[:LONGEST])
        old = None if at is None else session.turns[at]
        if old is None:
            del session.turns[: 1 - KEPT]
        shown = [*session.turns, waiting] if at is None else _replaced(session.turns, at, waiting)
        yield {"box": {"value": ""}, "chat": page.conversation(shown, words), "chips": ""}
        turn = self._turn(question, session, before, where)
        # Meanwhile a new conversation may have begun, or the turn gone that was to be answered again.
        places = [number for number, other in enumerate(session.turns) if other is old]
        if session.talk != talk or (old and not places):
            yield self._talk(session)
            return
        if old:
            session.turns[places[0]] = turn
        else:
            session.turns.append(turn)
            del session.turns[:-KEPT]
        session.place = first_place(turn)
        session.open = turn
        yield {**self._talk(session), **self._reader(session)}

    def suggest(self, session: Session) -> Iterator[Painting]:
        """What to ask next after the newest answer.

        Apart from the answer: what an event leaves as it is, Gradio sets back to what it was when the event began.
        """
        if session.turns and session.turns[-1] is not session.suggested:
            turn = session.suggested = session.turns[-1]
            session.questions = self._next(session, turn)
        chips = page.examples(session.questions, session.words, following=bool(session.turns))
        yield {"chips": chips}

    def _turn(
        self, question: str, session: Session, before: Sequence[page.Turn], where: Any, *, record: bool = True
    ) -> page.Turn:
        begun = time.perf_counter()
        turn = answered(self.engine, question, session.words, before, where)
        if self.asked and turn.reply and record:
            number = self.asked.record(turn.reply, 1000 * (time.perf_counter() - begun))
            turn = turn.with_(number=number)
        return turn.with_(day=date.today().isoformat())  # noqa: DTZ011 -- the day where the page is served

    def _next(self, session: Session, turn: page.Turn) -> tuple[str, ...]:
        if not turn.reply or not turn.reply.answers:
            return ()
        asked = [each.question for each in session.turns]
        try:
            view = self.engine.library.snapshot()
            return tuple(self._suggestions.after(turn.reply, view, asked))
        except ArticleQAError:  # the answer stands; what to ask next is an extra
            return ()

    # Clicks

    def act(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        """What a click does. KeyError, IndexError, ValueError where nothing on the page could have sent it."""
        yield from self._acts[str(clicked["act"])](session, clicked)

    def _example(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        session.editing = None  # only what is typed replaces a question
        yield from self.ask(session.questions[_number(clicked)], session)

    def _edit(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        turn = session.turns[_number(clicked, "turn")]
        if turn.reply:
            yield {"box": {"value": turn.reply.standalone_question}}

    def _plain(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        yield from self._asked(session.turns[_number(clicked, "turn")].question, session, [])

    def _edit_question(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        at = _number(clicked, "turn")
        question, session.editing = session.turns[at].question, at
        yield {"box": {"value": question}, **self._talk(session)}
        yield self._send(session, "focus")

    def _cancel(self, session: Session, _: Clicked) -> Iterator[Painting]:
        session.editing = None
        yield {"box": {"value": ""}, **self._talk(session)}

    def _retry(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        at = _number(clicked, "turn")
        yield from self._asked(session.turns[at].question, session, session.turns[:at], at)

    def _open(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        session.place = place_of(session, clicked)
        session.open = session.turns[_number(clicked, "turn")]
        yield self._reader(session)

    def _step(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        places = places_of(session.open) if session.open else []
        session.place = places[_number(clicked)]
        yield self._reader(session)

    def _read(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        article_id = session.listed[_number(clicked)]
        try:
            session.place = page.Place(self.engine.library.snapshot().article(article_id))
        except KeyError:
            yield {**self._shelf(session), **self._say(session, session.words.gone)}
        else:
            yield self._reader(session)

    # The list of articles

    def find(self, text: str, session: Session) -> Iterator[Painting]:
        """The articles with these words."""
        session.narrow(text=text[:LONGEST_SEARCH])
        yield self._shelf(session)

    def _filter(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        kind, _, number = str(clicked["value"]).partition(" ")
        held = self._catalogue(self.engine.library.snapshot()).facets()
        names = {"year": held.years, "author": held.authors, "tag": held.tags, "category": held.categories}
        chosen = names[kind][int(number)][0] if int(number) >= 0 else ""
        # Tags and categories share a menu.
        other = {"tag": "category", "category": "tag"}.get(kind)
        session.narrow(**{kind: chosen}, **({other: ""} if other else {}))
        yield self._shelf(session)

    def _narrow(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        """The articles that share an author, a tag or a category with the open one."""
        if session.place:
            said = session.place.article.metadata
            values = {"author": (said.author,), "tag": said.tags, "category": said.categories}
            kind = str(clicked["kind"])
            session.filter = Filter()
            session.narrow(**{kind: values[kind][_number(clicked)]})
            yield {**self._shelf(session), "find": {"value": ""}}

    def _clear(self, session: Session, _: Clicked) -> Iterator[Painting]:
        session.filter = Filter()
        yield {**self._shelf(session), "find": {"value": ""}}

    def _more(self, session: Session, _: Clicked) -> Iterator[Painting]:
        session.shown += LISTED
        yield self._shelf(session)

    def _ask_only(self, session: Session, _: Clicked) -> Iterator[Painting]:
        session.where = session.filter.where() or None
        yield self._talk(session)
        yield self._send(session, "view", view="chat")

    def _ask_all(self, session: Session, _: Clicked) -> Iterator[Painting]:
        session.where = None
        yield self._talk(session)

    def _refresh(self, session: Session, _: Clicked) -> Iterator[Painting]:
        """The list as it is now: the library has changed."""
        yield self._shelf(session)

    # The conversation

    def _judge(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        at, good = _number(clicked, "turn"), str(clicked["good"]) == "1"
        turn = session.turns[at]
        judged = None if turn.judged is good else good
        if self.asked and turn.reply and self.asked.judge(turn.number, judged, turn.reply):
            session.turns[at] = turn.with_(judged=judged)
            yield self._say(session, session.words.thanks)  # the script has pressed the thumb

    def _new(self, session: Session, _: Clicked) -> Iterator[Painting]:
        session.restart()
        session.questions = self._offered(self.engine.library.snapshot().revision, session.lang)
        chips = page.examples(session.questions, session.words)
        yield {**self._talk(session), **self._reader(session), "chips": chips, "box": {"value": ""}}
        yield self._send(session, "focus")

    def _resume(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        """A kept conversation, answered anew from the library as it is now; it is not recorded again."""
        questions = json.loads(str(clicked["questions"]))
        if not isinstance(questions, list) or not all(isinstance(text, str) for text in questions):
            raise ValueError("a kept conversation is a list of questions")
        session.restart()
        talk = session.talk
        for question in questions[-RESUMED:]:
            waiting = [*session.turns, page.Turn(question[:LONGEST])]
            yield {"chat": page.conversation(waiting, session.words), "chips": ""}
            turn = self._turn(question, session, list(session.turns), None, record=False)
            if session.talk != talk:  # a new conversation has begun meanwhile
                return
            session.turns.append(turn)
            session.open, session.place = turn, first_place(turn)
        yield {**self._talk(session), **self._reader(session)}

    def _export(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        """Files for the browser to save."""
        kind, today = str(clicked["kind"]), date.today().isoformat()  # noqa: DTZ011
        if kind == "markdown":
            text = conversation_markdown(session.turns, session.words, today)
            files = [(f"article-qa-{today}.md", "text/markdown", text)]
        elif kind == "json":
            text = json.dumps(conversation_json(session.turns), ensure_ascii=False, indent=1)
            files = [(f"article-qa-{today}.json", "application/json", text)]
        elif self.asked and self.access(session).see and kind in ("squad", "qrels"):
            judged = self.asked.judged()
            if kind == "squad":
                text = json.dumps(squad(judged), ensure_ascii=False, indent=1)
                files = [("squad.json", "application/json", text)]
            else:
                files = [
                    ("qrels.txt", "text/plain", qrels(judged)),
                    ("queries.tsv", "text/tab-separated-values", queries(judged)),
                ]
        else:
            raise ValueError(f"nothing can be exported as {kind}")
        listed = [{"name": name, "type": kind_, "text": text} for name, kind_, text in files]
        yield self._send(session, "download", files=listed)

    def _statistics(self, session: Session, _: Clicked) -> Iterator[Painting]:
        if self.access(session).see:
            session.place = session.open = None
            figures = self.asked.figures() if self.asked else None
            yield {"reader": page.statistics(figures, session.words)}
            yield self._send(session, "view", view="reader")

    # Changing the library

    def _upload(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        """What becomes of the files that the script has uploaded, while it is done and then."""
        words = session.words
        files = list(self._files(clicked["files"]))
        refused = [Line(str(name), str(why), good=False) for name, why in clicked.get("refused", [])]
        if not self.access(session).change:
            yield {"report": page.report([(words.upload, words.not_allowed, False)], words)}
            return
        yield {"report": page.report([], words, (0, len(files)))}
        steps: list[tuple[int, int]] = []

        def tell(step: Step) -> None:
            if step.kind == "read":
                steps.append((step.done, step.total))

        lines: list[Line] = []

        def work() -> None:
            try:
                lines.extend(take(self.engine.library, files, words, self.settings, tell))
            except Exception as error:
                lines.append(Line(words.upload, f"{words.failed}: {type(error).__name__}", good=False))
                raise

        # The library has one writer; whoever else uploads meanwhile waits here, not with an error.
        with self._writing:
            worker = threading.Thread(target=work, name="upload")
            worker.start()
            shown = 0
            while worker.is_alive():
                worker.join(0.3)
                if len(steps) > shown:
                    shown = len(steps)
                    yield {"report": page.report([], words, steps[-1])}
        painted = self._shelf(session)
        yield {"report": page.report([*refused, *lines], words), **painted, **self._welcome(session)}

    def _welcome(self, session: Session) -> Painting:
        """The questions to begin with, where nothing has been asked yet."""
        if session.turns:
            return self._talk(session)  # what was asked meanwhile stays
        session.questions = self._offered(self.engine.library.snapshot().revision, session.lang)
        return {**self._talk(session), "chips": page.examples(session.questions, session.words)}

    def _files(self, sent: Sequence[Clicked]) -> Iterator[Uploaded]:
        """The uploaded files that ``sent`` names; only such as lie where uploads do."""
        for file in sent:
            path = Path(str(file["path"])).resolve()
            if (
                self._uploads is None
                or not path.is_relative_to(self._uploads.resolve())
                or not path.is_file()
            ):
                raise ValueError("no such upload")
            yield Uploaded(path, str(file["name"]))

    def _remove(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        # By its id, not its place: the list may have changed since the question was asked.
        words, article_id = session.words, str(clicked["id"])
        if article_id not in session.listed:
            raise KeyError(article_id)
        if not self.access(session).change:
            yield {"report": page.report([(words.remove, words.not_allowed, False)], words)}
            return
        rows = self._catalogue(self.engine.library.snapshot()).rows
        title = next((row.title for row in rows if row.id == article_id), article_id)
        try:
            with self._writing:
                when_free(lambda: remove(self.engine.library.path, [article_id]))
        except LibraryError as error:
            line = (title, reason_in(words, str(error)), False)
        else:
            line = (title, words.removed, True)
        if session.place and session.place.article.id == article_id:
            session.place = None
        painted = self._shelf(session)
        yield {
            "report": page.report([line], words),
            **painted,
            **self._reader(session),
            **self._welcome(session),
        }

    def _close_report(self, session: Session, _: Clicked) -> Iterator[Painting]:
        yield {"report": page.report([], session.words)}

    def _unlock(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        words = session.words
        token, wait = self.gate.unlock(str(clicked["password"]), session.address)
        if token:
            session.token = token
            yield {**self.painted(session), **self._send(session, "token", token=token)}
        else:
            yield self._say(session, words.wait.format(round(wait) or 1) if wait else words.wrong_password)

    def _lock(self, session: Session, _: Clicked) -> Iterator[Painting]:
        self.gate.lock(session.token)
        session.token = ""
        session.place = None
        yield {**self.painted(session), **self._send(session, "token", token="")}

    def _switch(self, session: Session, _: Clicked) -> Iterator[Painting]:
        """The page in the other language."""
        session.lang = "en" if session.lang == "zh" else "zh"
        following = bool(session.turns)
        kept = session.questions
        painted = self.painted(session)
        if following:
            session.questions = kept
            painted["chips"] = page.examples(kept, session.words, following=True)
        yield painted


def _number(clicked: Clicked, name: str = "number") -> int:
    number = int(clicked[name])
    if number < 0:
        raise IndexError(number)
    return number


def _replaced(turns: Sequence[page.Turn], at: int, turn: page.Turn) -> list[page.Turn]:
    return [turn if number == at else other for number, other in enumerate(turns)]
