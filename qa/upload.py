"""Uploaded files into the library, with what became of each."""

from __future__ import annotations

import time
import unicodedata
from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from embeddings.errors import ArticleQAError, LibraryBusy, LoadError
from embeddings.load import load_bytes
from embeddings.update import add
from qa.reasons import reason_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from embeddings.article import Article
    from embeddings.library import Library
    from embeddings.report import Report, Step
    from qa.settings import Settings
    from qa.strings import Strings

T = TypeVar("T")

PATIENCE = 20.0
"""Seconds that a change waits for another writer, as a watch or a sync in a terminal."""

LONGEST_NAME = 200
"""Characters of an uploaded file's name that are kept."""


class Line(NamedTuple):
    """What became of a file; ``good`` where the library holds it now."""

    name: str
    what: str
    good: bool


class Uploaded(NamedTuple):
    """An uploaded file: where it lies, and what it is called, with its folders ("blog/2019/a.md")."""

    path: Path
    name: str


def take(
    library: Library,
    files: Sequence[Uploaded],
    words: Strings,
    settings: Settings,
    progress: Callable[[Step], None] | None = None,
) -> list[Line]:
    """What became of each of the files, failures first, in ``words``; the files are deleted.

    An article is called after its file: another upload of the same name replaces it.
    """
    try:
        if len(files) > settings.most_files:
            said = words.too_many.format(settings.most_files, len(files))
            return [Line(words.upload, said, good=False)]
        return _take(library, files, words, settings.most_megabytes, progress)
    finally:
        for file in files:
            file.path.unlink(missing_ok=True)


def _take(
    library: Library,
    files: Sequence[Uploaded],
    words: Strings,
    most_megabytes: int,
    progress: Callable[[Step], None] | None,
) -> list[Line]:
    failed: dict[str, str] = {}
    articles: dict[str, Article] = {}
    named = [Uploaded(file.path, plain_name(file.name)) for file in files]
    twice = {name for name, count in Counter(file.name for file in named).items() if count > 1}
    for path, name in named:
        if name in twice:
            failed[name] = words.same_name
            continue
        try:
            if path.stat().st_size > most_megabytes << 20:
                failed[name] = words.too_large.format(most_megabytes)
                continue
            article = load_bytes(path.read_bytes(), PurePosixPath(name).name, source=SOURCE + name)
        except LoadError as error:
            failed[name] = reason_in(words, error.reason, error.mend)
        except OSError as error:
            failed[name] = reason_in(words, f"it cannot be read ({error.strerror})")
        else:
            articles[article.source] = article
    what: dict[str, str] = {}
    if articles:
        try:
            report = when_free(
                lambda: add(library.path, list(articles.values()), library.embedder, progress=progress)
            )
        except ArticleQAError as error:
            failed |= {_name(source): reason_in(words, str(error)) for source in articles}
        else:
            failed |= {_name(failure.source): reason_in(words, failure.reason) for failure in report.failed}
            what = {_name(source): _done(source, report, words) for source in articles}
    lines = [Line(name, f"{words.failed}: {reason}", good=False) for name, reason in failed.items()]
    return lines + [Line(name, done, good=True) for name, done in what.items() if name not in failed]


def when_free(change: Callable[[], T], seconds: float = PATIENCE) -> T:
    """What ``change`` gives, tried again while another writer is at work; LibraryBusy after ``seconds``."""
    until = time.monotonic() + seconds
    while True:
        try:
            return change()
        except LibraryBusy:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


SOURCE = "upload/"
"""What the source of an uploaded article begins with."""


def plain_name(name: str) -> str:
    """``name`` as a relative path without "." and "..", its characters composed; never empty."""
    parts = unicodedata.normalize("NFC", name.replace("\\", "/")).split("/")
    shown = ["".join(char for char in part if char.isprintable()).strip() for part in parts]
    kept = [part for part in shown if part not in ("", ".", "..")]
    # The end holds the suffix, and tells files apart best.
    return "/".join(kept)[-LONGEST_NAME:].lstrip("/") or "file"


def _name(source: str) -> str:
    return source.removeprefix(SOURCE)


def _done(source: str, report: Report, words: Strings) -> str:
    if source in report.added:
        return words.added
    return words.changed if source in report.changed else words.unchanged
