"""Folders under watch: what changes in them is in the library within a second or two."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from embeddings.errors import LibraryBusy, LoadError
from embeddings.folders import IGNORE_FILE, root_of
from embeddings.report import Failure, Report
from embeddings.update import sync

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from embeddings.encode import Embedder
    from embeddings.report import Tell

    Marks = list[tuple[int, int] | None]

QUIET = 300
"""Milliseconds without a further change, after which a burst of them is over."""

LONGEST_BURST = 1000
"""Milliseconds after which what has changed is taken over, though it still goes on."""

TICK = 1000
"""Milliseconds after which it is looked whether the folders are still the same, and what failed is tried again."""

MANY = 1000
"""Changed paths; for more, everything is looked at."""

BUSY_PAUSE = 0.5
"""Seconds to wait where another process is writing to the library, before trying again."""


def watch(
    library: Path | str,
    folders: Sequence[Path | str],
    embedder: Embedder,
    *,
    ignore: Sequence[str] = (),
    progress: Tell | None = None,
    stop: threading.Event | None = None,
    processes: int = 1,
) -> Iterator[Report]:
    """What each update did: first a whole sync of ``folders``, then one for each burst of changes.

    It ends when ``stop`` is set. While another process writes to the library, it waits. A folder that goes is
    reported as failed, keeps its articles, and is watched again when it comes back. What links lead to
    outside the folders is looked at only when everything is.

    Raises:
        LoadError: a folder does not exist in the beginning, or the system refuses to watch it.
        LibraryError, ModelError: as :func:`~embeddings.update.sync`, but for LibraryBusy.
    """
    stop = stop or threading.Event()
    roots = [root_of(Path(folder)) for folder in folders]
    update = partial(sync, library, embedder=embedder, ignore=ignore, progress=progress, processes=processes)
    said = ""
    while not stop.is_set():
        marks = _marks(roots)
        there = [root for root, mark in zip(roots, marks, strict=True) if mark]
        gone = [Failure(root.as_posix(), GONE) for root in roots if root not in there]
        paths: set[Path] = set()
        whole = True
        for burst in _bursts(there, Path(library).resolve(), stop):
            if _marks(roots) != marks:
                break  # another folder has taken a place: what is watched is the old one
            paths |= burst
            whole = whole or len(paths) > MANY or any(path.name == IGNORE_FILE for path in paths)
            if not (whole or paths):
                continue
            only = None if whole else sorted(paths)
            try:
                report = _patiently(partial(update, there, only=only), stop)
            except LoadError as error:  # kept in mind, and tried again with the next tick
                if str(error) != said:
                    said = str(error)
                    yield Report(failed=[Failure(error.source, error.reason)])
                continue
            if report is None:
                return
            if whole:
                report.failed += gone
            paths, whole, said = set(), False, ""
            yield report


GONE = "the folder is gone; its articles were kept (remove takes them out), and it is waited for"


def _marks(roots: Sequence[Path]) -> Marks:
    """What tells a folder from another one that takes its place; None for one that is not there."""
    found: Marks = []
    for root in roots:
        try:
            status = root.stat()
        except OSError:
            found.append(None)
        else:
            found.append((status.st_dev, status.st_ino))
    return found


def _bursts(roots: Sequence[Path], library: Path, stop: threading.Event) -> Iterator[set[Path]]:
    """The changed paths of each burst; nothing with each tick, first once all is watched.

    An editor puts a new file in the place of an old one, so of a file its folder is watched.
    """
    from watchfiles import watch as changes

    files = {root for root in roots if not root.is_dir()}
    watched = {root.parent if root in files else root for root in roots}
    if not watched:
        while not stop.wait(TICK / 1000):
            yield set()
        return

    def concerns(_: object, name: str) -> bool:
        path = Path(name)
        return not path.is_relative_to(library) and any(
            path == root if root in files else path.is_relative_to(root) for root in roots
        )

    try:
        for burst in changes(
            *watched,
            watch_filter=concerns,
            debounce=LONGEST_BURST,
            step=QUIET,
            stop_event=stop,
            yield_on_timeout=True,
            rust_timeout=TICK,
            raise_interrupt=True,
            ignore_permission_denied=True,
        ):
            yield {Path(name) for _, name in burst}
    except (OSError, RuntimeError) as error:
        named = ", ".join(map(str, roots))
        raise LoadError(
            named, f"the system does not watch it ({error})", "sync it from time to time"
        ) from error


def _patiently(do: Callable[[], Report], stop: threading.Event) -> Report | None:
    """What ``do`` gives, once nobody else is writing; None when it was stopped before."""
    while True:
        try:
            return do()
        except LibraryBusy:
            if stop.wait(BUSY_PAUSE):
                return None
