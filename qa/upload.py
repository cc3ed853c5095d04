"""Uploaded files into the library, with what became of each."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from embeddings.errors import ArticleQAError, LoadError
from embeddings.load import load_bytes
from embeddings.update import add

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from embeddings.article import Article
    from embeddings.library import Library
    from embeddings.report import Report, Step
    from qa.strings import Strings

MOST_FILES, MOST_MEGABYTES = 50, 30
"""Files of one upload, and the size of each, at most."""


class Line(NamedTuple):
    """What became of a file; ``good`` where the library holds it now."""

    name: str
    what: str
    good: bool


def take(
    library: Library, paths: Sequence[Path], words: Strings, progress: Callable[[Step], None] | None = None
) -> list[Line]:
    """What became of each of the files at ``paths``, failures first, in ``words``; the files are deleted.

    An article is called after its file: another upload of the same name replaces it.
    """
    try:
        if len(paths) > MOST_FILES:
            return [Line(words.upload, words.too_many.format(MOST_FILES, len(paths)), good=False)]
        return _take(library, paths, words, progress)
    finally:
        for path in paths:
            path.unlink(missing_ok=True)


def _take(
    library: Library, paths: Sequence[Path], words: Strings, progress: Callable[[Step], None] | None
) -> list[Line]:
    failed: dict[str, str] = {}
    articles: dict[str, Article] = {}
    twice = {name for name, count in Counter(path.name for path in paths).items() if count > 1}
    for path in paths:
        if path.name in twice:
            failed[path.name] = words.same_name
            continue
        if path.stat().st_size > MOST_MEGABYTES << 20:
            failed[path.name] = words.too_large.format(MOST_MEGABYTES)
            continue
        try:
            article = load_bytes(path.read_bytes(), path.name, source=f"upload/{path.name}")
        except LoadError as error:
            failed[path.name] = f"{error.reason} ({error.mend})" if error.mend else error.reason
        else:
            articles[article.source] = article
    what: dict[str, str] = {}
    if articles:
        try:
            report = add(library.path, list(articles.values()), library.embedder, progress=progress)
        except ArticleQAError as error:
            failed |= {_name(source): str(error) for source in articles}
        else:
            failed |= {_name(failure.source): failure.reason for failure in report.failed}
            what = {_name(source): _done(source, report, words) for source in articles}
    lines = [Line(name, f"{words.failed}: {reason}", good=False) for name, reason in failed.items()]
    return lines + [Line(name, done, good=True) for name, done in what.items() if name not in failed]


def _name(source: str) -> str:
    return PurePosixPath(source).name


def _done(source: str, report: Report, words: Strings) -> str:
    if source in report.added:
        return words.added
    return words.changed if source in report.changed else words.unchanged
