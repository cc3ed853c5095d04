"""Folders to files: what a sync has to look at."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from embeddings.errors import LoadError
from embeddings.load import SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

IGNORED = frozenset({"node_modules", "__pycache__"})
"""Folders that are left out, like those whose name begins with a dot."""


@dataclass
class Found:
    """The files below some folders; ``sources`` maps a source to its folder, in order.

    ``others`` counts the files that no loader knows, by suffix; ``unreadable`` maps folders to the
    reason why they could not be listed; ``notes`` tells what else was left out.
    """

    sources: dict[str, str] = field(default_factory=dict)
    others: Counter[str] = field(default_factory=Counter)
    unreadable: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def is_gone(self, source: str, roots: Iterable[str]) -> bool:
        """Whether ``source`` lay below ``roots`` and is there no more, as far as could be seen."""
        return (
            source not in self.sources
            and any(_below(source, root) for root in roots)
            and not any(_below(source, folder) for folder in self.unreadable)
        )


def scan(folders: Sequence[Path], *, without: Path) -> Found:
    """All files below ``folders`` that have a loader, each folder's by path; a folder may be a file.

    A source is a path below the resolved folder. Names that begin with a dot, :data:`IGNORED` folders
    and the folder ``without`` (the library) are left out. Links are followed, each target once.

    Raises:
        LoadError: one of the folders does not exist; nothing has been read.
    """
    roots = [root_of(folder) for folder in folders]
    found = Found()
    seen = {os.path.realpath(without)}
    for root in roots:
        if root.is_file():
            found.sources.setdefault(root.as_posix(), root.as_posix())
        for path in _files(root, seen, found) if root.is_dir() else ():
            suffix = path.suffix.lower()
            if suffix in SUFFIXES:
                found.sources.setdefault(path.as_posix(), root.as_posix())
            else:
                found.others[suffix or "without suffix"] += 1
    return found


def root_of(folder: Path) -> Path:
    """The absolute path of a folder to sync; LoadError when it does not exist."""
    try:
        return folder.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise LoadError(str(folder), "there is no such file or folder", "check the path") from error


def _files(root: Path, seen: set[str], found: Found) -> Iterator[Path]:
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        real = os.path.realpath(folder)
        if real in seen:
            if folder.is_symlink():
                found.notes.append(f"{folder}: a link to a folder that is read elsewhere")
            continue
        seen.add(real)
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            found.unreadable[folder.as_posix()] = f"the folder cannot be listed ({error.strerror})"
            continue
        below = []
        for entry in entries:
            if entry.name.startswith(".") or entry.name in IGNORED:
                continue
            path = folder / entry.name
            if entry.is_dir():
                below.append(path)
            elif reason := _not_followed(path, root):
                found.notes.append(f"{path}: {reason}")
            else:
                yield path
        waiting.extend(reversed(below))


def _not_followed(path: Path, root: Path) -> str:
    """Why a link is not followed; "" for one that is, and for a file."""
    if not path.is_symlink():
        return ""
    if not path.exists():
        return "a link to nothing"
    return "a link to a file that is read itself" if _below(os.path.realpath(path), os.fspath(root)) else ""


def _below(source: str, folder: str) -> bool:
    return source == folder or source.startswith(folder.rstrip("/") + "/")
