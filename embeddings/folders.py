"""Folders to files: what a sync has to look at."""

from __future__ import annotations

import os
import stat
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pathspec

from embeddings.errors import LoadError
from embeddings.load import SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

IGNORED = frozenset({"node_modules", "__pycache__"})
"""Folders that are left out, like those whose name begins with a dot."""


IGNORE_FILE = ".articleignore"
"""A file in a synced folder that holds patterns of what to leave out, as a .gitignore file does."""


@dataclass
class Found:
    """The files below some folders; ``sources`` maps a source to its folder, in order.

    ``others`` counts the files that no loader knows, by suffix; ``unreadable`` maps folders and files to
    the reason why they could not be looked at; ``empty`` are the folders asked for that hold no file;
    ``ignored`` counts the files and folders that patterns left out; ``notes`` tells what else was.
    """

    sources: dict[str, str] = field(default_factory=dict)
    others: Counter[str] = field(default_factory=Counter)
    unreadable: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    empty: set[str] = field(default_factory=set)
    ignored: int = 0

    def is_empty(self, root: str) -> bool:
        """Whether the folder ``root`` was seen to hold no file at all."""
        return root in self.empty and not any(below(path, root) for path in (*self.sources, *self.unreadable))

    def is_gone(self, source: str) -> bool:
        """Whether ``source``, which lay where was looked, is there no more, as far as could be seen."""
        return source not in self.sources and not any(below(source, path) for path in self.unreadable)


def scan(
    folders: Sequence[Path],
    *,
    without: Path,
    ignore: Sequence[str] = (),
    only: Sequence[str] | None = None,
) -> Found:
    """All files below ``folders`` that have a loader, each folder's by path; a folder may be a file.

    A source is a path below the resolved folder. Names that begin with a dot, :data:`IGNORED` folders,
    what the patterns of ``ignore`` and of :data:`IGNORE_FILE` name and the folder ``without`` (the library)
    are left out. Links are followed, each target once. With ``only``, no more is looked at than these paths
    (of :func:`clipped`).

    Raises:
        LoadError: one of the folders does not exist, or a pattern is wrong; nothing has been read.
    """
    roots = [root_of(folder) for folder in folders]
    found = Found()
    library = os.path.realpath(without)
    seen = {library}
    for root in roots:
        walk = _Walk(root, seen, found, _patterns(root, ignore))
        if root.is_file():
            if only is not None and root.as_posix() not in only:
                continue
            found.sources.setdefault(root.as_posix(), root.as_posix())
            continue
        if not root.is_dir():
            found.unreadable[root.as_posix()] = "it is neither a file nor a folder"
            continue
        if only is None and next(_Walk(root, {library}, Found(), _nothing).files(), None) is None:
            found.empty.add(root.as_posix())
        for source in walk.files() if only is None else walk.files_of(only):
            suffix = os.path.splitext(source)[1].lower()  # noqa: PTH122 -- a Path for each of a million files takes seconds
            if suffix in SUFFIXES:
                found.sources.setdefault(source, root.as_posix())
            else:
                found.others[suffix or "without suffix"] += 1
    return found


def clipped(only: Iterable[Path | str], folders: Sequence[Path]) -> list[str]:
    """The part of the paths ``only`` that lies in ``folders``: absolute, each once.

    A link to what the folders hold themselves stands for its target, a path above a folder for the folder.
    """
    roots = [root_of(folder).as_posix() for folder in folders]
    found: dict[str, None] = {}
    for path in only:
        given = Path(os.path.abspath(path)).as_posix()  # noqa: PTH100
        real = Path(os.path.realpath(given)).as_posix()
        for root in roots:
            inside = next((each for each in (real, given) if below(each, root)), None)
            if inside:
                found[inside] = None
            elif below(root, given):
                found[root] = None
    return list(found)


def _patterns(root: Path, ignore: Sequence[str]) -> Callable[[str], bool]:
    """Whether the patterns leave a path below ``root`` out; that of a folder ends in "/"."""
    lines = list(ignore)
    path = root / IGNORE_FILE
    try:
        if root.is_dir() and path.is_file():
            lines += path.read_text("utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise LoadError(str(path), f"it cannot be read ({error})", "save it as UTF-8") from error
    if not lines:
        return _nothing
    try:
        spec = pathspec.GitIgnoreSpec.from_lines(lines)
    except ValueError as error:
        raise LoadError(str(path), f"a pattern is wrong: {error}", "mend the pattern") from error
    return spec.match_file


def root_of(folder: Path) -> Path:
    """The absolute path of a folder to sync; LoadError when it does not exist."""
    try:
        return folder.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise LoadError(str(folder), "there is no such file or folder", "check the path") from error


def _nothing(_: str) -> bool:
    return False


@dataclass
class _Walk:
    """A walk through one folder; notes in ``found`` what it comes by and leaves."""

    root: Path
    seen: set[str]
    found: Found
    ignored: Callable[[str], bool]

    def files_of(self, only: Iterable[str]) -> Iterator[str]:
        """As :meth:`files`, of the paths ``only`` and what is below them."""
        for path in map(Path, sorted(only)):
            if not below(path.as_posix(), self.root.as_posix()) or self.leaves_out_above(path):
                continue
            try:
                is_folder = stat.S_ISDIR(path.stat().st_mode)
            except FileNotFoundError:
                is_folder = False
            except OSError as error:
                self.found.unreadable[path.as_posix()] = f"it cannot be read ({error.strerror})"
                continue
            if is_folder:
                if path == self.root or not self._is_ignored(path.as_posix(), is_folder=True):
                    yield from self.files(path)
            elif os.path.lexists(path):
                yield from self._file(path.as_posix())

    def leaves_out_above(self, path: Path) -> bool:
        """Whether a folder above ``path``, or its own name, is left out (but for the pattern of a file)."""
        parts = path.relative_to(self.root).parts
        above = ("/".join(parts[: i + 1]) + "/" for i in range(len(parts) - 1))
        return any(map(_is_left_out, parts)) or any(map(self.ignored, above))

    def files(self, start: Path | None = None) -> Iterator[str]:
        """The paths of the files in the folder ``start`` and below, by default all; with "/" between."""
        waiting, links = [(start or self.root).as_posix()], list[str]()
        while waiting or links:
            # Links last: what they lead to is known by its own name, if it has one here.
            folder = waiting.pop() if waiting else links.pop(0)
            real = os.path.realpath(folder)
            if real in self.seen:
                if os.path.islink(folder):  # noqa: PTH114
                    self.found.notes.append(f"{folder}: a link to a folder that is read elsewhere")
                continue
            self.seen.add(real)
            try:
                with os.scandir(folder) as listing:
                    entries = sorted(listing, key=lambda entry: entry.name)
            except OSError as error:
                self.found.unreadable[folder] = f"the folder cannot be listed ({error.strerror})"
                continue
            folders: list[str] = []
            within = folder.rstrip("/")
            for entry in entries:
                if _is_left_out(entry.name):
                    continue
                path = f"{within}/{entry.name}"
                try:
                    is_folder = entry.is_dir()
                except OSError as error:  # a link to what may not be looked at
                    self.found.unreadable[path] = f"it cannot be read ({error.strerror})"
                    continue
                if not is_folder:
                    yield from self._file(path, entry)
                elif not self._is_ignored(path, is_folder=True):
                    (links if entry.is_symlink() else folders).append(path)
            waiting.extend(reversed(folders))

    def _file(self, path: str, entry: os.DirEntry[str] | None = None) -> Iterator[str]:
        if self._is_ignored(path, is_folder=False):
            return
        try:
            if entry is not None and entry.is_file(follow_symlinks=False):  # no further call to the system
                yield path
            elif reason := self._not_read(Path(path)):
                self.found.notes.append(f"{path}: {reason}")
            else:
                yield path
        except OSError as error:  # a link to itself, or to what may not be looked at
            self.found.unreadable[path] = f"it cannot be read ({error.strerror})"

    def _not_read(self, path: Path) -> str:
        """Why a file is not read; "" for one that is. OSError when that cannot be told."""
        is_link = path.is_symlink()
        if is_link and not os.path.exists(path):  # noqa: PTH110 -- Path.exists raises where it may not look
            return "a link to nothing"
        if not stat.S_ISREG(path.stat().st_mode):
            return "it is not a regular file"
        is_again = is_link and self._reads(Path(os.path.realpath(path)))
        return "a link to a file that is read itself" if is_again else ""

    def _reads(self, real: Path) -> bool:
        """Whether the walk comes upon the file ``real`` and finds it an article."""
        if not below(real.as_posix(), self.root.as_posix()) or real.suffix.lower() not in SUFFIXES:
            return False
        return not self.leaves_out_above(real) and not self.ignored(real.relative_to(self.root).as_posix())

    def _is_ignored(self, path: str, *, is_folder: bool) -> bool:
        if self.ignored is _nothing:
            return False
        if self.ignored(Path(path).relative_to(self.root).as_posix() + "/" * is_folder):
            self.found.ignored += 1
            return True
        return False


def _is_left_out(name: str) -> bool:
    return name.startswith(".") or name in IGNORED


def below(source: str, folder: str) -> bool:
    """Whether ``source`` is the path ``folder`` or lies in it."""
    return source == folder or source.startswith(folder.rstrip("/") + "/")
