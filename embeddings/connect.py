"""Connections to SQLite: opened, kept between two questions, and their errors turned into ours."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from embeddings.errors import LibraryCorrupt, LibraryError
from embeddings.folder import mend_corrupt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Identity = tuple[tuple[str | int, ...], tuple[int, ...]]

IDLE = 2
"""Connections: the one of the revision before, and the one that looked whether there is a newer one."""


def connect(database: Path, mode: str) -> sqlite3.Connection:
    """A connection to the SQLite file; ``mode`` as in its URIs."""
    uri = f"{database.absolute().as_uri()}?{mode}"
    return sqlite3.connect(uri, uri=True, timeout=30, isolation_level=None, check_same_thread=False)


class Idle:
    """Connections that no question needs at the moment; threads may share them.

    To open one, and to read the first pages of a large store into its cache, takes as long as to ask it for the
    vectors of a question. They hold no transaction, so no writer waits for them, but the last of them keeps the log.
    A store may be given back by the garbage collector amid any line here: no step needs another one.
    """

    def __init__(self) -> None:
        self._kept: list[tuple[Identity, sqlite3.Connection]] = []

    def take(self, now: Identity) -> sqlite3.Connection | None:
        """One to the files whose identity is ``now``; None without one. The longest kept come first, and those to
        other files are closed on the way.
        """
        with suppress(IndexError):
            while True:
                of, connection = self._kept.pop(0)
                if of == now:
                    return connection
                connection.close()
        return None

    def give(self, of: Identity, connection: sqlite3.Connection) -> None:
        """Keeps a connection that was opened when its files had the identity ``of``; one too many is closed."""
        with suppress(sqlite3.Error):
            connection.rollback()
            if len(self._kept) < IDLE:
                self._kept.append((of, connection))
                return
        connection.close()

    def __del__(self) -> None:
        for _, connection in self._kept:
            connection.close()


def identity(database: Path) -> Identity:
    """What changes when another file takes the place of the store, or its bytes are overwritten; and of its log.

    A checkpoint changes it too, and so costs a connection; a process that is a copy of another one (fork) has other
    identities, since it has no part in the locks of its connections. OSError when there is no store.
    """
    found = database.stat()
    of_store = (os.getpid(), str(database), found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
    return of_store, tuple(_inode(database.with_name(database.name + end)) for end in ("-wal", "-shm"))


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return 0


@contextmanager
def clear_errors(library: Path) -> Iterator[None]:
    """Turns SQLite's errors into ours."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "no such table" in str(error) or "no such column" in str(error):
            raise LibraryCorrupt(
                str(library), f"the store lacks a table: {error}", mend_corrupt(library)
            ) from error
        raise LibraryError(
            str(library), f"SQLite reports: {error}", "check disk space and permissions"
        ) from error
    except sqlite3.IntegrityError as error:
        reason = f"the change contradicts the rules of the store, and was not made: {error}"
        raise LibraryError(str(library), reason, "this is a mistake of the program that made it") from error
    except sqlite3.DatabaseError as error:
        raise LibraryCorrupt(str(library), f"the store is damaged: {error}", mend_corrupt(library)) from error
