"""Every error this project raises on purpose.

ArticleQAError
├── LoadError(source, reason)              one file; a sync reports it and goes on
│   ├── UnsupportedFormat
│   ├── EncodingError
│   └── MissingDependency
├── LibraryError(path, reason, mend)
│   ├── NotALibrary
│   ├── LibraryBusy
│   ├── LibraryCorrupt
│   ├── FingerprintMismatch(fields)
│   └── SchemaTooNew
├── ModelError(name, reason, mend)
├── SettingsError(where, reason, mend)     of the page
└── QuestionError(reason)

An error says what is wrong, where, and (``mend``) the command or step that puts it right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class ArticleQAError(Exception):
    """Base of all errors raised on purpose."""


class LoadError(ArticleQAError):
    """One article could not be read; nothing else is lost."""

    def __init__(self, source: str, reason: str, mend: str = "") -> None:
        super().__init__(_sentence(source, reason, mend))
        self.source = source
        self.reason = reason
        self.mend = mend


class UnsupportedFormat(LoadError):
    """No loader knows this kind of file."""


class EncodingError(LoadError):
    """The bytes are not text in any encoding that could be told."""


class MissingDependency(LoadError):
    """A package that this format needs is not installed; ``mend`` is the pip command."""


class LibraryError(ArticleQAError):
    """Something about the library at ``path``."""

    def __init__(self, path: str, reason: str, mend: str = "") -> None:
        super().__init__(_sentence(path, reason, mend))
        self.path = path
        self.reason = reason
        self.mend = mend


class NotALibrary(LibraryError):
    """There is no library at the path."""


class LibraryBusy(LibraryError):
    """Another process is writing to the library."""


class LibraryCorrupt(LibraryError):
    """What lies in the library contradicts itself or cannot be read."""


class SchemaTooNew(LibraryError):
    """The library was written by a newer version of this program."""


class FingerprintMismatch(LibraryError):
    """The library was made with other settings; ``fields`` maps a name to (library's, ours)."""

    def __init__(self, path: str, fields: Mapping[str, tuple[str, str]], mend: str) -> None:
        listed = "; ".join(
            f"{name}: {theirs!r} there, {ours!r} here" for name, (theirs, ours) in sorted(fields.items())
        )
        super().__init__(path, f"the library was made with other settings ({listed})", mend)
        self.fields = dict(fields)


class ModelError(ArticleQAError):
    """A model is missing, broken or of the wrong kind."""

    def __init__(self, name: str, reason: str, mend: str = "") -> None:
        super().__init__(_sentence(name, reason, mend))
        self.name = name
        self.reason = reason
        self.mend = mend


class SettingsError(ArticleQAError):
    """A setting of the page is wrong; ``where`` is the file, "environment" or "command line"."""

    def __init__(self, where: str, reason: str, mend: str) -> None:
        super().__init__(_sentence(where, reason, mend))
        self.where = where
        self.reason = reason
        self.mend = mend


class QuestionError(ArticleQAError):
    """The question cannot be asked: it is empty or far too long."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _sentence(where: str, reason: str, mend: str) -> str:
    return f"{where}: {reason}" + (f" -- {mend}" if mend else "")
