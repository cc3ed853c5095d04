"""Files to articles."""

from __future__ import annotations

import re
from dataclasses import replace
from hashlib import blake2b
from importlib import import_module
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING

from embeddings.article import Article
from embeddings.errors import LoadError, MissingDependency, UnsupportedFormat
from embeddings.formats.dates import iso_date
from embeddings.formats.fields import read_fields
from embeddings.formats.untidy import byline

if TYPE_CHECKING:
    from collections.abc import Callable

    from embeddings.article import Metadata
    from embeddings.formats.fields import Known
    from embeddings.formats.loaded import Loaded

LARGEST_FILE = 200_000_000
"""Bytes; a larger file is refused before it is read."""

_LOADERS = MappingProxyType(
    {
        ".md": ("markdown", "load_markdown"),
        ".markdown": ("markdown", "load_markdown"),
        ".mdown": ("markdown", "load_markdown"),
        ".txt": ("text", "load_text"),
        ".text": ("text", "load_text"),
        ".html": ("html", "load_html"),
        ".htm": ("html", "load_html"),
        ".xhtml": ("html", "load_html"),
        ".pdf": ("pdf", "load_pdf"),
        ".docx": ("docx", "load_docx"),
    }
)
SUFFIXES = tuple(_LOADERS)
"""The suffixes that have a loader, in small letters; a file's own may be in capitals."""

_LONGEST_TITLE = 300
_LONGEST_TITLE_LINE = 60


def load(path: str | Path, *, source: str | None = None) -> Article:
    """The article in the file at ``path``; ``source`` is its absolute POSIX path unless given.

    Raises:
        LoadError: the file is missing, a folder, a pipe, unreadable, too large, empty, broken or not of its kind.
    """
    path = Path(path)
    try:
        source = path.resolve().as_posix() if source is None else source
        if path.is_dir():
            raise LoadError(source, "it is a folder", "name a file in it")
        _loader(path.name, source)
        size = path.stat().st_size
        if not path.is_file():  # a pipe would wait for ever, a device has no end
            raise LoadError(source, "it is not a regular file", "copy what is in it to a file")
        _check_size(size, source)
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise LoadError(source or str(path), "there is no such file", "check the path") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise LoadError(
            source or str(path), f"it cannot be read ({error})", "check its permissions"
        ) from error
    return load_bytes(data, path.name, source=source)


def load_bytes(data: bytes, name: str, *, source: str | None = None) -> Article:
    """The article in ``data``, a file called ``name``; ``source`` is ``name`` unless given.

    Raises:
        LoadError: as :func:`load`.
    """
    source = name if source is None else source
    if not _is_unicode(source):
        raise LoadError(ascii(source), "its name is not in Unicode", "rename the file")
    read = _loader(name, source)
    _check_size(len(data), source)
    if not data.strip():
        raise LoadError(source, "the file is empty", "write something in it, or leave it out")
    try:
        loaded = read(data, source)
    except LoadError:
        raise
    except ImportError as error:
        package = _PACKAGES.get(error.name or "", error.name or str(error))
        raise MissingDependency(
            source, f"the package {package} is not installed", f"pip install {package}"
        ) from error
    except Exception as error:  # parsers of other people's files fail in every way there is
        reason = f"it cannot be parsed ({type(error).__name__}: {str(error)[:200]})"
        raise LoadError(source, reason, "open it in the program that made it and save it again") from error
    if not loaded.text.strip():
        raise LoadError(source, "there is no text in it", "leave it out, or check that it is the right file")
    return _article(loaded, name, source)


_PACKAGES = {"markdown_it": "markdown-it-py", "docx": "python-docx", "yaml": "pyyaml"}
"""Packages that pip knows by another name than they are imported by."""


def article_id(source: str) -> str:
    """The id of the article from ``source``: 16 hexadecimal digits, the same in every run."""
    return blake2b(source.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _loader(name: str, source: str) -> Callable[[bytes, str], Loaded]:
    suffix = PurePosixPath(name.lower()).suffix
    if suffix not in _LOADERS:
        known = " ".join(SUFFIXES)
        mend = "open it in Word and save it as .docx" if suffix == ".doc" else f"these can be loaded: {known}"
        reason = f"{suffix} files are not supported" if suffix else "its name has no suffix"
        raise UnsupportedFormat(source, reason, mend)
    module, function = _LOADERS[suffix]
    loader: Callable[[bytes, str], Loaded] = getattr(import_module(f"embeddings.formats.{module}"), function)
    return loader


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _check_size(size: int, source: str) -> None:
    if size > LARGEST_FILE:
        reason = f"it has {size} bytes, more than {LARGEST_FILE}"
        raise LoadError(source, reason, "split it into several files")


def _article(loaded: Loaded, name: str, source: str) -> Article:
    known = read_fields(loaded.fields)
    stem = PurePosixPath(name).stem
    dated = _DATED_NAME.fullmatch(stem)
    title = known.title or _heading(loaded) or loaded.title or (dated[2].replace("-", " ") if dated else "")
    title = " ".join((title or _first_line(loaded.text) or stem).split())
    metadata, byline_notes = _with_byline(loaded, known, title)
    if dated and not metadata.date:
        metadata = _dated(metadata, dated[1])
    return Article(
        id=article_id(source),
        title=title[:_LONGEST_TITLE],
        text=loaded.text,
        source=source,
        metadata=metadata,
        headings=loaded.headings,
        pages=loaded.pages,
        notes=(*loaded.notes, *known.notes, *byline_notes),
    )


def _with_byline(loaded: Loaded, known: Known, title: str) -> tuple[Metadata, tuple[str, ...]]:
    """The metadata with the author of the article's byline, where nothing else names one."""
    headings = frozenset(heading.span.start for heading in loaded.headings)
    found = byline(loaded.text, title, headings)
    if found is None:
        return known.metadata, ()
    if known.metadata.author:
        if found.author == known.metadata.author:
            return known.metadata, ()
        return replace(known.metadata, extra={**known.metadata.extra, "byline": found.author}), ()
    note = f"the author was taken from the line {found.line!r}"
    return replace(known.metadata, author=found.author), (note,)


def _dated(metadata: Metadata, written: str) -> Metadata:
    return replace(metadata, date=iso_date(written))


def _heading(loaded: Loaded) -> str:
    """The first heading of the first level; without one, the first heading of all."""
    first = next((heading for heading in loaded.headings if heading.level == 1), None)
    heading = first or next(iter(loaded.headings), None)
    return "" if heading is None else heading.span.of(loaded.text[: heading.span.end])


def _first_line(text: str) -> str:
    """The first line where it is set apart like a title: short, no sentence, with text below it."""
    line, _, below = text.strip().partition("\n")
    line = line.strip()
    is_title = len(line) <= _LONGEST_TITLE_LINE and below.strip() and not _SENTENCE.search(line)
    return line if is_title else ""


_DATED_NAME = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})-(.+)")
_SENTENCE = re.compile(r"[。！？；，：]$|[.,;:]$|^(?:[-|>`]|\d+[.、])|\|")
