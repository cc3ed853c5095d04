"""Changes to the store: each is one transaction, and makes one revision."""

from __future__ import annotations

import json
import secrets
import sqlite3
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Literal

from embeddings.connect import clear_errors, connect
from embeddings.errors import LibraryCorrupt
from embeddings.folder import STORE, generation, mend_corrupt
from embeddings.migrate import SCHEMA, migrate
from embeddings.rows import Revision, pack_details
from embeddings.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from embeddings.encode import Fingerprint
    from embeddings.rows import File, Record

_PAGE = 16384  # bytes: five rows of vector and terms, where the usual 4096 hold one and waste the rest
_SETTINGS = (
    "foreign_keys = ON",
    "synchronous = FULL",
    "journal_size_limit = 67108864",
    "cache_size = -262144",  # KiB: the index of hashes is written all over
)

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE revisions (number INTEGER PRIMARY KEY, stamp TEXT NOT NULL, last_passage INTEGER NOT NULL);
CREATE TABLE articles (
    key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, source TEXT NOT NULL UNIQUE, root TEXT NOT NULL,
    title TEXT NOT NULL, author TEXT NOT NULL, date TEXT NOT NULL,
    hash TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, details TEXT NOT NULL
);
CREATE TABLE texts (article INTEGER PRIMARY KEY REFERENCES articles ON DELETE CASCADE, text TEXT NOT NULL);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, article INTEGER NOT NULL REFERENCES articles ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, headings TEXT NOT NULL, text_hash BLOB NOT NULL
);
CREATE INDEX passages_of_article ON passages (article);
CREATE INDEX passages_of_text ON passages (text_hash);
CREATE TABLE embedded (
    passage INTEGER PRIMARY KEY REFERENCES passages ON DELETE CASCADE,
    vector BLOB NOT NULL, terms BLOB NOT NULL
);
CREATE TABLE removed (passage INTEGER PRIMARY KEY, revision INTEGER NOT NULL);
CREATE INDEX removed_in_revision ON removed (revision);
"""


class Writer(Store):
    """Reads the newest revision and makes the next one; the caller holds ``folder.writer``."""

    @classmethod
    def open(cls, library: Path) -> Writer:
        """The library in this folder, to be changed; errors as :meth:`Store.open`."""
        return cls.of(library, generation(library))

    @classmethod
    def create(
        cls,
        library: Path,
        folder: Path,
        fingerprint: Fingerprint,
        *,
        model: str,
        dim: int,
        after: Revision | None = None,
        unfinished: bool = False,
    ) -> Writer:
        """A new, empty store in the generation's ``folder``; it counts on from revision ``after``.

        One that is ``unfinished`` is worth nothing until :meth:`finish`.
        """
        number, _, last_passage = after or Revision(0, "", 0)
        with clear_errors(library):
            connection = connect(folder / STORE, "mode=rwc")
            connection.execute(f"PRAGMA page_size = {_PAGE}")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(f"BEGIN; {_TABLES} COMMIT;")
            fields = json.dumps(dict(fingerprint.fields), ensure_ascii=False, sort_keys=True)
            values = {"schema": str(SCHEMA), "fingerprint": fields, "model": model, "dim": str(dim)}
            values |= {"unfinished": "1"} if unfinished else {}
            connection.execute("BEGIN")
            connection.executemany("INSERT INTO meta VALUES (?, ?)", values.items())
            connection.execute(
                "INSERT INTO revisions VALUES (?, ?, ?)", [number, secrets.token_hex(8), last_passage]
            )
            connection.execute("INSERT INTO sqlite_sequence VALUES ('passages', ?)", [last_passage])
            connection.execute("COMMIT")
            connection.close()
        return cls.of(library, folder)

    @classmethod
    def of(cls, library: Path, folder: Path) -> Writer:
        """The store of a generation, to be changed; errors as :meth:`Store.open`."""
        database = folder / STORE
        if not database.is_file():
            raise LibraryCorrupt(str(library), f"{STORE} is missing", mend_corrupt(library))
        with clear_errors(library):
            store = cls(library, folder, connect(database, "mode=rw"))
            for setting in _SETTINGS:
                store._connection.execute(f"PRAGMA {setting}")
            if store.check_schema() < SCHEMA:
                migrate(store._connection, library)
        return store

    def close(self) -> None:
        """As :meth:`Store.close`; the log is emptied, or the library could not be read from a read-only folder while
        others keep connections. Where one of them reads just then, the next change empties it.
        """
        with self._lock, suppress(sqlite3.Error):
            self._connection.execute("PRAGMA busy_timeout = 0")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        super().close()

    def apply(self, records: Sequence[Record] = (), removed: Sequence[str] = ()) -> Revision:
        """The new revision, with the ``records`` stored and the articles with the ids ``removed`` gone.

        All of it happens or nothing. Nothing to do makes no revision. A record takes the place of the
        articles with its id or its source, earlier ones of ``records`` among them.
        """
        if not records and not removed:
            return self.revision
        with self._transaction() as execute:
            number = self.revision.number + 1
            for article_id in removed:
                self._delete("id", article_id, number)
            for record in records:
                self._delete("id", record.article.id, number)
                self._delete("source", record.article.source, number)
                self._insert(record)
            execute(
                "INSERT INTO revisions SELECT ?, ?, seq FROM sqlite_sequence WHERE name = 'passages'",
                [number, secrets.token_hex(8)],
            )
        return self.revision

    def finish(self) -> None:
        """From now on the store is whole."""
        with self._transaction() as execute:
            execute("DELETE FROM meta WHERE name = 'unfinished'")

    def touch(self, files: Iterable[tuple[str, File]]) -> None:
        """Notes for article ids what their files are now; the revision stays."""
        with self._transaction() as execute:
            for article_id, file in files:
                values = [file.hash, file.size, file.mtime_ns, article_id]
                execute("UPDATE articles SET hash = ?, size = ?, mtime_ns = ? WHERE id = ?", values)

    def _delete(self, column: Literal["id", "source"], value: str, number: int) -> None:
        execute = self._connection.execute
        gone = f"FROM articles WHERE {column} = ?"
        passages = f"SELECT id, ? FROM passages WHERE article = (SELECT key {gone})"  # noqa: S608 -- one of two names
        execute(f"INSERT INTO removed {passages}", [number, value])
        execute(f"DELETE {gone}", [value])

    def _insert(self, record: Record) -> None:
        article, file, execute = record.article, record.file, self._connection.execute
        about = (article.id, article.source, record.root, article.title)
        said = (article.metadata.author, article.metadata.date)
        key = execute(
            "INSERT INTO articles (id, source, root, title, author, date, hash, size, mtime_ns, details)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [*about, *said, file.hash, file.size, file.mtime_ns, pack_details(article)],
        ).lastrowid
        execute("INSERT INTO texts VALUES (?, ?)", [key, article.text])
        for new in record.passages:
            headings = json.dumps(new.headings, ensure_ascii=False)
            passage = execute(
                'INSERT INTO passages (article, start, "end", headings, text_hash) VALUES (?, ?, ?, ?, ?)',
                [key, new.span.start, new.span.end, headings, new.text_hash],
            ).lastrowid
            execute("INSERT INTO embedded VALUES (?, ?, ?)", [passage, new.vector, new.terms])

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        with self._lock, clear_errors(self.library):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection.execute
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
