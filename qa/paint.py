"""What the parts of the page show for a visitor: pure of clicks, and of Gradio.

A painting is the name of a part of the page -> what it shows from now on.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from embeddings.load import SUFFIXES
from qa import page
from qa.browse import Shelf
from qa.examples import examples
from qa.page.frame import Access
from qa.page.talk import restriction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embeddings.library import Snapshot
    from qa.engine import Engine
    from qa.gate import Gate
    from qa.settings import Settings
    from qa.visit import Session

    Painting = dict[str, Any]

EXAMPLES = 6
"""Questions offered to begin with."""


class Painter:
    """Paints the page over ``engine``; it keeps nothing but what it would have to look up again."""

    def __init__(self, engine: Engine, settings: Settings, gate: Gate) -> None:
        self.engine = engine
        self.settings = settings
        self.gate = gate
        self._examples = lru_cache(maxsize=8)(self._tried)
        self._shelves: tuple[int, Shelf] | None = None
        self._trying = threading.Lock()

    def whole(self, session: Session) -> Painting:
        """The whole page as it is now."""
        words, settings = session.words, self.settings
        view = self.engine.library.snapshot()
        if not session.turns:
            session.questions = self.offered(view.revision, session.lang)
        uploads = page.uploads(words, sorted(SUFFIXES), settings.most_files, settings.most_megabytes)
        return {
            "head": page.header(words),
            "add": uploads if self.access(session).change else "",
            "find": {"label": words.find, "placeholder": words.find},
            **self.shelf(session, view),
            **self.talk(session),
            "chips": page.examples(session.questions, words, following=bool(session.turns)),
            "box": {"label": words.ask, "placeholder": words.ask_hint},
            **self.reader(session),
        }

    def offered(self, revision: int, lang: str) -> tuple[str, ...]:
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

    def catalogue(self, view: Snapshot) -> Shelf:
        """The articles of ``view`` as they are listed."""
        held = self._shelves
        if held is None or held[0] != view.revision:
            held = self._shelves = (view.revision, Shelf(view.articles()))
        return held[1]

    def shelf(self, session: Session, view: Snapshot | None = None) -> Painting:
        """The list of articles, what to choose by, and what the library is."""
        view = view or self.engine.library.snapshot()
        words, shelf, access = session.words, self.catalogue(view), self.access(session)
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

    def talk(self, session: Session) -> Painting:
        """The conversation, and what can be done with it."""
        words = session.words
        only = restriction(session.where, words) if session.where else ""
        return {
            "chat": page.conversation(
                session.turns,
                words,
                empty=not session.holds_articles,
                editing=session.editing,
                narrowed=session.where is not None,
            ),
            "tools": page.tools(words, talking=bool(session.turns), only=only),
        }

    def reader(self, session: Session) -> Painting:
        """The source reader."""
        return {"reader": page.reader(session.place, session.words)}

    def say(self, session: Session, said: str) -> Painting:
        """Something said in passing."""
        return self.send(session, "say", text=said)

    def send(self, session: Session, task: str, **data: object) -> Painting:
        """Something for the script to do in the browser (``page.outbox``)."""
        session.sent += 1
        return {"outbox": page.outbox(task, session.sent, **data)}

    def files(self, session: Session, files: Sequence[page.File]) -> Painting:
        """Files for the browser to save."""
        return self.send(session, "download", files=[file._asdict() for file in files])

    def welcome(self, session: Session) -> Painting:
        """The questions to begin with, where nothing has been asked yet."""
        if session.turns:
            return self.talk(session)  # what was asked meanwhile stays
        session.questions = self.offered(self.engine.library.snapshot().revision, session.lang)
        return {**self.talk(session), "chips": page.examples(session.questions, session.words)}
