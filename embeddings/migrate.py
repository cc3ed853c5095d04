"""Stores of older versions of this program to the newest schema, in one transaction."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from embeddings.errors import LibraryCorrupt

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

SCHEMA = 2
"""Of the tables that this program knows. 2: the fingerprint names the segmenter."""

READ_FROM = 1
"""The oldest schema whose libraries are asked as they are; the first change migrates them."""


def migrate(connection: sqlite3.Connection, library: Path) -> None:
    """Brings the store to :data:`SCHEMA`, all of it or nothing; for who holds the write lock.

    LibraryCorrupt when it is not what it says.
    """
    execute = connection.execute
    execute("BEGIN IMMEDIATE")
    try:
        ((found,),) = execute("SELECT value FROM meta WHERE name = 'schema'")
        for schema in range(int(found), SCHEMA):
            _STEPS[schema](execute)
        execute("UPDATE meta SET value = ? WHERE name = 'schema'", [str(SCHEMA)])
        execute("COMMIT")
    except (ValueError, TypeError, KeyError) as error:
        execute("ROLLBACK")
        reason = f"its store of schema {found} cannot be read ({type(error).__name__}: {error})"
        raise LibraryCorrupt(
            str(library), reason, "open it with the version of this program that made it"
        ) from error
    except BaseException:
        if connection.in_transaction:
            execute("ROLLBACK")
        raise


def _from_1(execute: Callable[..., sqlite3.Cursor]) -> None:
    """Before there was a choice, the segmenter was jieba."""
    ((packed,),) = execute("SELECT value FROM meta WHERE name = 'fingerprint'")
    fields = {"words.segmenter": "jieba", **dict(json.loads(packed))}
    value = json.dumps(fields, ensure_ascii=False, sort_keys=True)
    execute("UPDATE meta SET value = ? WHERE name = 'fingerprint'", [value])


_STEPS: dict[int, Callable[[Callable[..., sqlite3.Cursor]], None]] = {1: _from_1}
"""Schema -> what leads to the next one."""
