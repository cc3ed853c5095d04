"""What whoever may manage the library does on the page: add, remove, see what was asked, unlock."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from embeddings.errors import LibraryError
from embeddings.update import remove
from qa import page
from qa.asked import qrels, queries, squad
from qa.reasons import reason_in
from qa.upload import Line, Uploaded, take, when_free

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    from embeddings.report import Step
    from qa.asked import Asked
    from qa.paint import Painter, Painting
    from qa.visit import Session

    Clicked = Mapping[str, Any]


class Manager:
    """Changes the library that ``paint`` shows; files lie in ``uploads``, what was asked in ``asked``."""

    def __init__(self, paint: Painter, asked: Asked | None, uploads: Path | None) -> None:
        self.paint = paint
        self.engine, self.settings, self.gate = paint.engine, paint.settings, paint.gate
        self.asked = asked
        self._uploads = uploads
        self._writing = threading.Lock()
        self.acts: dict[str, Callable[[Session, Clicked], Iterator[Painting]]] = {
            "upload": self._upload,
            "remove": self._remove,
            "close_report": self._close_report,
            "unlock": self._unlock,
            "lock": self._lock,
            "statistics": self._statistics,
            "export_judged": self._export,
        }

    def _upload(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        """What becomes of the files that the script has uploaded, while it is done and then."""
        words = session.words
        files = list(self._files(clicked["files"]))
        refused = [Line(str(name), str(why), good=False) for name, why in clicked.get("refused", [])]
        if not self.paint.access(session).change:
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
        painted = self.paint.shelf(session)
        yield {"report": page.report([*refused, *lines], words), **painted, **self.paint.welcome(session)}

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
        if not self.paint.access(session).change:
            yield {"report": page.report([(words.remove, words.not_allowed, False)], words)}
            return
        rows = self.paint.catalogue(self.engine.library.snapshot()).rows
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
        painted = self.paint.shelf(session)
        yield {
            "report": page.report([line], words),
            **painted,
            **self.paint.reader(session),
            **self.paint.welcome(session),
        }

    def _close_report(self, session: Session, _: Clicked) -> Iterator[Painting]:
        yield {"report": page.report([], session.words)}

    def _unlock(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        words = session.words
        token, wait = self.gate.unlock(str(clicked["password"]), session.address)
        if token:
            session.token = token
            yield {**self.paint.whole(session), **self.paint.send(session, "token", token=token)}
        else:
            yield self.paint.say(
                session, words.wait.format(round(wait) or 1) if wait else words.wrong_password
            )

    def _lock(self, session: Session, _: Clicked) -> Iterator[Painting]:
        self.gate.lock(session.token)
        session.token = ""
        session.place = None
        yield {**self.paint.whole(session), **self.paint.send(session, "token", token="")}

    def _statistics(self, session: Session, _: Clicked) -> Iterator[Painting]:
        if self.paint.access(session).see:
            session.place = session.open = None
            figures = self.asked.figures() if self.asked else None
            yield {
                "reader": page.statistics(figures, session.words),
                **self.paint.send(session, "view", view="reader"),
            }

    def _export(self, session: Session, clicked: Clicked) -> Iterator[Painting]:
        """The judged replies as files for the browser to save."""
        kind = str(clicked["kind"])
        if not self.asked or not self.paint.access(session).see or kind not in ("squad", "qrels"):
            raise ValueError(f"nothing can be exported as {kind}")
        judged = self.asked.judged()
        if kind == "squad":
            text = json.dumps(squad(judged), ensure_ascii=False, indent=1)
            files = [page.File("squad.json", "application/json", text)]
        else:
            files = [
                page.File("qrels.txt", "text/plain", qrels(judged)),
                page.File("queries.tsv", "text/tab-separated-values", queries(judged)),
            ]
        yield self.paint.files(session, files)
