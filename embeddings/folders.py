"""Folders to files: what a sync has to look at."""

from __future__ import annotations

import os
import stat
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from embeddings.errors import LoadError
from embeddings.load import SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

IGNORED = frozenset({"node_modules", "__pycache__"})
"""Folders that are left out, like those whose name begins with a dot."""


@dataclass
class Found:
    """The files below some folders; ``sources`` maps a source to its folder, in order.

    ``others`` counts the files that no loader knows, by suffix; ``unreadable`` maps folders and files to
    the reason why they could not be looked at; ``empty`` are the folders asked for that hold no file;
    ``notes`` tells what else was left out.
    """

    sources: dict[str, str] = field(default_factory=dict)
    others: Counter[str] = field(default_factory=Counter)
    unreadable: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    empty: set[str] = field(default_factory=set)

    def is_empty(self, root: str) -> bool:
        """Whether the folder ``root`` was seen to hold no file at all."""
        return root in self.empty and not any(below(path, root) for path in (*self.sources, *self.unreadable))

    def is_gone(self, source: str, roots: Iterable[str]) -> bool:
        """Whether ``source`` lay below ``roots`` and is there no more, as far as could be seen."""
        return (
            source not in self.sources
            and any(below(source, root) for root in roots)
            and not any(below(source, folder) for folder in self.unreadable)
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
    library = os.path.realpath(without)
    seen = {library}
    for root in roots:
        if root.is_file():
            found.sources.setdefault(root.as_posix(), root.as_posix())
        elif not root.is_dir():
            found.unreadable[root.as_posix()] = "it is neither a file nor a folder"
        elif next(_files(root, {library}, Found()), None) is None:
            found.empty.add(root.as_posix())
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
        folders = []
        for entry in entries:
            if _is_left_out(entry.name):
                continue
            path = folder / entry.name
            try:
                if entry.is_dir():
                    folders.append(path)
                elif reason := _not_read(path, root):
                    found.notes.append(f"{path}: {reason}")
                else:
                    yield path
            except OSError as error:  # a link to itself, or to what may not be looked at
                found.unreadable[path.as_posix()] = f"it cannot be read ({error.strerror})"
        waiting.extend(reversed(folders))


def _not_read(path: Path, root: Path) -> str:
    """Why a file below ``root`` is not read; "" for one that is. OSError when that cannot be told."""
    is_link = path.is_symlink()
    if is_link and not os.path.exists(path):  # noqa: PTH110 -- Path.exists raises where it may not look
        return "a link to nothing"
    if not stat.S_ISREG(path.stat().st_mode):
        return "it is not a regular file"
    is_again = is_link and _is_read_itself(os.path.realpath(path), root)
    return "a link to a file that is read itself" if is_again else ""


def _is_read_itself(real: str, root: Path) -> bool:
    """Whether the walk of ``root`` comes upon the file ``real`` and finds it an article."""
    if not below(real, os.fspath(root)) or Path(real).suffix.lower() not in SUFFIXES:
        return False
    return not any(map(_is_left_out, Path(real).relative_to(root).parts))


def _is_left_out(name: str) -> bool:
    return name.startswith(".") or name in IGNORED


def below(source: str, folder: str) -> bool:
    """Whether ``source`` is the path ``folder`` or lies in it."""
    return source == folder or source.startswith(folder.rstrip("/") + "/")
