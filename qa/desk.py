"""What the page does when something is clicked or typed, for one engine. It knows nothing of Gradio.

Every call yields paintings (``qa/paint.py``).
"""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embeddings.errors import ArticleQAError
from qa import page
from qa.asked import Asked
from qa.browse import Filter
from qa.cite import conversation_json, conversation_markdown
from qa.gate import Gate
from qa.manage import Manager
from qa.page.talk import RESUMED
from qa.paint import Painter
from qa.settings import Settings
from qa.strings import choose
from qa.suggest import Suggestions
from qa.visit import LISTED, Session, answered, at_offsets, first_place, place_of, places_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from qa.engine import Engine
    from qa.manage import Clicked
    from qa.paint import Painting

KEPT = 50
"""Turns of a conversation that stay on the page."""

SLOW = frozenset(("example", "plain", "retry", "everywhere", "resume", "upload", "remove"))
"""Acts that ask questions or wait for the library: they are worked on apart from mere clicks."""

LONGEST_SEARCH = 200
"""Characters of a search for articles that count."""

LONGEST = 2_000
"""Characters of a question that are shown while it is being answered."""


class Desk:
    """The page over ``engine``; a visitor's state is his Session. Files are uploaded into ``uploads``."""

    def __init__(self, engine: Engine, settings: Settings | None = None, uploads: Path | None = None) -> None:
        self.engine = engine
        self.settings = settings or Settings()
        self.asked = None if self.settings.no_record else Asked(Path(engine.library.path))
        self.paint = Painter(engine, self.settings, Gate(self.settings.admin_password))
        self._suggestions = Suggestions(engine.ask)
        self._acts: dict[str, Callable[[Session, Clicked], Iterator[Painting]]] = {
            **Manager(self.paint, self.asked, uploads).acts,
            "example": self._example,
            "edit": self._edit,
            "plain": self._plain,
            "edit_question": self._edit_question,
            "retry": self._retry,
            "everywhere": self._everywhere,
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
        yield self.paint.whole(session)
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
            yield self.paint.reader(session)

    def may_upload(self, token: str) -> bool:
        """Whether a browser with this token may send files."""
        return self.paint.access(Session(token=token)).change

    def health(self) -> dict[str, Any]:
        """What whoever looks after the page wants to know."""
        view = self.engine.library.snapshot()
        return {"revision": view.revision, "passages": len(view)}

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
            yield self.paint.talk(session)
            return
        if old:
            session.turns[places[0]] = turn
        else:
            session.turns.append(turn)
            del session.turns[:-KEPT]
        session.place = first_place(turn)
        session.open = turn
        yield {**self.paint.talk(session), **self.paint.reader(session)}

    def suggest(self, session: Session) -> Iterator[Painting]:
        """What to ask next after the newest answer.

        Apart from the answer: of an event that paints several times, Gradio paints again what it painted before and
        leaves out later; by then another question may stand there.
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
        yield {
            "box": {"value": question}, **self.paint.talk(session), **self.paint.send(session, "focus"),
        }  # fmt: skip

    def _cancel(self, session: Session, _: Clicked) -> Iterator[Painting]:
        session.editing = None
        yield {"box": {"value": ""}, **self.paint.talk(session)}

    def _retry(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        at = _number(clicked, "turn")
        yield from self._asked(session.turns[at].question, session, session.turns[:at], at)

    def _everywhere(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        session.where = None
        yield from self._retry(session, clicked)

    def _open(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        session.place = place_of(session, clicked)
        session.open = session.turns[_number(clicked, "turn")]
        yield self.paint.reader(session)

    def _step(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        places = places_of(session.open) if session.open else []
        session.place = places[_number(clicked)]
        yield self.paint.reader(session)

    def _read(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        article_id = session.listed[_number(clicked)]
        try:
            session.place = page.Place(self.engine.library.snapshot().article(article_id))
        except KeyError:
            yield {**self.paint.shelf(session), **self.paint.say(session, session.words.gone)}
        else:
            yield self.paint.reader(session)

    # The list of articles

    def find(self, text: str, session: Session) -> Iterator[Painting]:
        """The articles with these words."""
        session.narrow(text=text[:LONGEST_SEARCH])
        yield self.paint.shelf(session)

    def _filter(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        kind, _, number = str(clicked["value"]).partition(" ")
        held = self.paint.catalogue(self.engine.library.snapshot()).facets()
        names = {"year": held.years, "author": held.authors, "tag": held.tags, "category": held.categories}
        chosen = names[kind][int(number)][0] if int(number) >= 0 else ""
        # Tags and categories share a menu.
        other = {"tag": "category", "category": "tag"}.get(kind)
        session.narrow(**{kind: chosen}, **({other: ""} if other else {}))
        yield self.paint.shelf(session)

    def _narrow(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        """The articles that share an author, a tag or a category with the open one."""
        if session.place:
            said = session.place.article.metadata
            values = {"author": (said.author,), "tag": said.tags, "category": said.categories}
            kind = str(clicked["kind"])
            session.filter = Filter()
            session.narrow(**{kind: values[kind][_number(clicked)]})
            yield {**self.paint.shelf(session), "find": {"value": ""}}

    def _clear(self, session: Session, _: Clicked) -> Iterator[Painting]:
        session.filter = Filter()
        yield {**self.paint.shelf(session), "find": {"value": ""}}

    def _more(self, session: Session, _: Clicked) -> Iterator[Painting]:
        session.shown += LISTED
        yield self.paint.shelf(session)

    def _ask_only(self, session: Session, _: Clicked) -> Iterator[Painting]:
        session.where = session.filter.where() or None
        yield {**self.paint.talk(session), **self.paint.send(session, "view", view="chat")}

    def _ask_all(self, session: Session, _: Clicked) -> Iterator[Painting]:
        session.where = None
        yield self.paint.talk(session)

    def _refresh(self, session: Session, _: Clicked) -> Iterator[Painting]:
        """The list as it is now: the library has changed."""
        yield self.paint.shelf(session)

    # The conversation

    def _judge(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        at, good = _number(clicked, "turn"), str(clicked["good"]) == "1"
        turn = session.turns[at]
        judged = None if turn.judged is good else good
        if self.asked and turn.reply and self.asked.judge(turn.number, judged, turn.reply):
            session.turns[at] = turn.with_(judged=judged)
            yield self.paint.say(session, session.words.thanks)  # the script has pressed the thumb

    def _new(self, session: Session, _: Clicked) -> Iterator[Painting]:
        session.restart()
        yield {
            **self.paint.welcome(session), **self.paint.reader(session), "box": {"value": ""},
            **self.paint.send(session, "focus"),
        }  # fmt: skip

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
        yield {**self.paint.talk(session), **self.paint.reader(session)}

    def _export(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        """The conversation as a file for the browser to save."""
        kind, today = str(clicked["kind"]), date.today().isoformat()  # noqa: DTZ011
        if kind == "markdown":
            text = conversation_markdown(session.turns, session.words, today)
            file = page.File(f"article-qa-{today}.md", "text/markdown", text)
        elif kind == "json":
            text = json.dumps(conversation_json(session.turns), ensure_ascii=False, indent=1)
            file = page.File(f"article-qa-{today}.json", "application/json", text)
        else:
            raise ValueError(f"nothing can be exported as {kind}")
        yield self.paint.files(session, [file])

    def _switch(self, session: Session, _: Clicked) -> Iterator[Painting]:
        """The page in the other language."""
        session.lang = "en" if session.lang == "zh" else "zh"
        yield self.paint.whole(session)


def _number(clicked: Clicked, name: str = "number") -> int:
    number = int(clicked[name])
    if number < 0:
        raise IndexError(number)
    return number


def _replaced(turns: Sequence[page.Turn], at: int, turn: page.Turn) -> list[page.Turn]:
    return [turn if number == at else other for number, other in enumerate(turns)]
