"""Folders under watch: what changes in them is in the library within a second or two."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from embeddings.errors import LibraryBusy, LoadError
from embeddings.folders import IGNORE_FILE, root_of
from embeddings.update import sync

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Sequence

    from embeddings.encode import Embedder
    from embeddings.report import Report, Tell

QUIET = 300
"""Milliseconds without a further change, after which a burst of them is over."""

LONGEST_BURST = 1000
"""Milliseconds after which what has changed is taken over, though it still goes on."""

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

    It ends when ``stop`` is set. While another process writes to the library, it waits. What links lead to
    outside the folders is looked at only in the beginning.

    Raises:
        LoadError: a folder does not exist at the beginning; one that goes later is waited for.
        LibraryError, ModelError: as :func:`~embeddings.update.sync`, but for LibraryBusy.
    """
    from watchfiles import watch as changes

    def update(only: Sequence[Path] | None) -> Report:
        return _patiently(
            lambda: sync(
                library,
                folders,
                embedder,
                ignore=ignore,
                only=only,
                progress=progress,
                processes=processes,
            ),
            stop,
        )

    roots = [root_of(Path(folder)) for folder in folders]
    home = Path(library).resolve()
    seen = changes(
        *roots,
        watch_filter=lambda _, path: not Path(path).is_relative_to(home),
        debounce=LONGEST_BURST,
        step=QUIET,
        stop_event=stop,
        yield_on_timeout=True,  # first of all once it watches, so that no change falls between
        rust_timeout=1000,
        raise_interrupt=True,
    )
    next(seen, None)
    yield update(None)
    for burst in seen:
        if not burst:
            continue
        paths = sorted({Path(path) for _, path in burst})
        try:
            yield update(None if any(path.name == IGNORE_FILE for path in paths) else paths)
        except LoadError:
            continue  # a watched folder has gone; when it comes back, that is a change


def _patiently(do: Callable[[], Report], stop: threading.Event | None) -> Report:
    """What ``do`` gives, once nobody else is writing."""
    while True:
        try:
            return do()
        except LibraryBusy:
            if stop and stop.is_set():
                raise
            time.sleep(BUSY_PAUSE)
