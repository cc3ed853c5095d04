"""SQLite, the truth: articles, passages, vectors and terms; every change is one transaction.

The journal is a write-ahead log: readers never wait for the writer, and see one revision for as
long as their transaction lasts. Rows of passages never change: an edited article gets new ones,
whose vectors and terms are copied where the embedded text is the same.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, Self

from embeddings.article import Passage, Span
from embeddings.encode import Fingerprint
from embeddings.errors import LibraryCorrupt, LibraryError, SchemaTooNew
from embeddings.folder import STORE, generation, mend_corrupt
from embeddings.rows import (
    VECTOR_TYPE,
    ArticleRow,
    File,
    Revision,
    pack_details,
    unpack_article,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from embeddings.article import Article
    from embeddings.encode import Vectors
    from embeddings.rows import Record

SCHEMA = 1

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


class Store:
    """Reads one revision of a library, for as long as it is open; may be shared by threads."""

    def __init__(self, library: Path, folder: Path, connection: sqlite3.Connection) -> None:
        self.library = library
        self.folder = folder
        self._connection = connection
        self._lock = threading.RLock()

    @classmethod
    def open(cls, library: Path) -> Store:
        """The newest revision of the library in this folder; creates no library.

        Raises:
            NotALibrary, LibraryCorrupt, SchemaTooNew: as their names say.
        """
        folder = generation(library)
        try:
            return cls._opened(library, folder)
        except LibraryError:
            if generation(library) == folder:
                raise
            return cls._opened(library, generation(library))  # a rebuild has just switched

    @classmethod
    def _opened(cls, library: Path, folder: Path) -> Store:
        database = folder / STORE
        if not database.is_file():
            raise LibraryCorrupt(str(library), f"{STORE} is missing", mend_corrupt(library))
        with _clear_errors(library):
            store = cls(library, folder, _connect(database, "mode=ro"))
            try:
                store._begin()
            except sqlite3.OperationalError:
                store.close()
                log = database.with_name(f"{STORE}-wal")
                if os.access(folder, os.W_OK):
                    raise
                if log.exists() and log.stat().st_size:
                    reason = "a change was interrupted, and cannot be completed in a read-only folder"
                    raise LibraryError(
                        str(library), reason, "copy it to a folder that can be written to"
                    ) from None
                # In a read-only folder SQLite cannot keep its log; nobody writes here, so it needs none.
                store = cls(library, folder, _connect(database, "immutable=1"))
                store._begin()
        return store

    def _begin(self) -> None:
        self._connection.execute("BEGIN")
        self._check_schema()

    def _check_schema(self) -> None:
        found = self._connection.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()
        if found is None or not str(found[0]).isdecimal():
            raise self._corrupt("the store names no schema")
        if int(found[0]) > SCHEMA:
            reason = f"it has schema {found[0]}, this program knows {SCHEMA}"
            raise SchemaTooNew(str(self.library), reason, "install the newer version of this program")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the transaction; the store cannot be used any more."""
        with self._lock:
            self._connection.close()

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows that a SELECT gives."""
        with self._lock, _clear_errors(self.library):
            return self._connection.execute(sql, values).fetchall()

    @property
    def revision(self) -> Revision:
        """The revision that is read."""
        found = self.rows("SELECT number, stamp, last_passage FROM revisions ORDER BY number DESC LIMIT 1")
        if not found or not isinstance(found[0][2], int):
            raise self._corrupt("the store names no revision")
        return Revision(*found[0])

    def descends_from(self, revision: Revision) -> bool:
        """Whether ``revision`` is an earlier state of this library, or this one."""
        found = self.rows(
            "SELECT number, stamp, last_passage FROM revisions WHERE number = ?", [revision.number]
        )
        return found == [tuple(revision)]

    def meta(self, name: str) -> str:
        """A setting of the library: ``fingerprint``, ``model``, ``dim``."""
        found = self.rows("SELECT value FROM meta WHERE name = ?", [name])
        if not found:
            raise self._corrupt(f"the store names no {name}")
        return str(found[0][0])

    @property
    def fingerprint(self) -> Fingerprint:
        """All that the library's passages, vectors and terms depend on."""
        try:
            return Fingerprint(dict(json.loads(self.meta("fingerprint"))))
        except (ValueError, TypeError) as error:
            raise self._corrupt(f"the store's fingerprint cannot be read ({error})") from error

    @property
    def dim(self) -> int:
        """The width of a vector."""
        dim = self.meta("dim")
        if not dim.isdecimal():
            raise self._corrupt(f"the store names {dim!r} as the width of its vectors")
        return int(dim)

    def counts(self) -> tuple[int, int]:
        """How many articles and passages there are."""
        return self.rows("SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM passages)")[0]

    def articles(self) -> list[ArticleRow]:
        """All articles by source, without their texts; one whose details are damaged has no labels."""
        found = self.rows(
            "SELECT id, title, source, root, author, date,"
            " CASE WHEN json_valid(details) THEN json_extract(details, '$.tags', '$.categories') END,"
            " (SELECT count(*) FROM passages WHERE article = key), hash, size, mtime_ns"
            " FROM articles ORDER BY source"
        )
        rows = []
        for article_id, title, source, root, author, date, labels, passages, *file in found:
            tags, categories = (tuple(each or ()) for each in json.loads(labels or "[[], []]"))
            about = (article_id, title, source, root, author, date, tags, categories)
            rows.append(ArticleRow(*about, passages, File(*file)))
        return rows

    def files(self) -> dict[str, tuple[str, File]]:
        """Source -> (article id, what the file was when it was loaded)."""
        found = self.rows("SELECT source, id, hash, size, mtime_ns FROM articles")
        return {source: (article_id, File(*file)) for source, article_id, *file in found}

    def article(self, article_id: str) -> Article | None:
        """The article; None when the library does not hold it. LibraryCorrupt when it cannot be read."""
        found = self.rows(
            "SELECT title, text, source, author, date, details"
            " FROM articles JOIN texts ON article = key WHERE id = ?",
            [article_id],
        )
        try:
            return unpack_article(article_id, *found[0]) if found else None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._corrupt(
                f"{found[0][2]}: its details cannot be read ({type(error).__name__}: {error})"
            ) from error

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """The passages in the order of ``ids``; those that the library does not hold are left out."""
        held = {
            row[0]: self._passage(*row)
            for row in self._among(
                'SELECT passages.id, articles.id, start, "end", headings'
                " FROM passages JOIN articles ON article = key WHERE passages.id",
                ids,
            )
        }
        return [held[i] for i in ids if i in held]

    def passage_ids(self, article_ids: Sequence[str]) -> list[int]:
        """The passages of these articles, rising."""
        sql = "SELECT passages.id FROM passages JOIN articles ON article = key WHERE articles.id"
        return sorted(row[0] for row in self._among(sql, article_ids))

    def passages_of(self, article_id: str) -> list[Passage]:
        """The passages of an article, in the order of its text."""
        found = self.rows(
            "SELECT passages.id FROM passages JOIN articles ON article = key"
            " WHERE articles.id = ? ORDER BY start",
            [article_id],
        )
        return self.passages([row[0] for row in found])

    def embedded(self, hashes: Iterable[bytes]) -> dict[bytes, tuple[bytes, bytes]]:
        """Text hash -> (vector, terms), for those of ``hashes`` that some passage has."""
        sql = "SELECT text_hash, vector, terms FROM passages JOIN embedded ON passage = id WHERE text_hash"
        return {row[0]: (row[1], row[2]) for row in self._among(sql, list(hashes))}

    def vectors(self, after: int = 0) -> Iterator[tuple[list[int], Vectors]]:
        """Passage ids over ``after``, rising, and their ``(n, dim)`` float32 vectors, piece by piece."""
        import numpy as np

        for found in self._pieces("vector", after):
            blobs = b"".join(row[1] for row in found)
            table = np.frombuffer(blobs, VECTOR_TYPE)
            if len(table) != len(found) * self.dim:
                raise self._corrupt("a vector has the wrong width")
            yield [row[0] for row in found], table.reshape(len(found), self.dim).astype(np.float32)

    def terms(self, after: int = 0) -> Iterator[tuple[int, bytes]]:
        """Passage ids over ``after``, rising, each with its packed terms."""
        for found in self._pieces("terms", after):
            yield from found

    def removed(self, since: int) -> list[int]:
        """The passages that went after revision ``since``, those that came after it too among them."""
        return [row[0] for row in self.rows("SELECT passage FROM removed WHERE revision > ?", [since])]

    def _passage(self, number: int, article_id: str, start: int, end: int, headings: str) -> Passage:
        try:
            return Passage(number, article_id, Span(start, end), tuple(json.loads(headings)))
        except (ValueError, TypeError) as error:
            raise self._corrupt(
                f"passage {number}: its details cannot be read ({type(error).__name__}: {error})"
            ) from error

    def _corrupt(self, reason: str) -> LibraryCorrupt:
        return LibraryCorrupt(str(self.library), reason, mend_corrupt(self.library))

    def _pieces(self, column: str, after: int) -> Iterator[list[tuple[Any, ...]]]:
        sql = f"SELECT passage, {column} FROM embedded WHERE passage > ? ORDER BY passage LIMIT 2000"  # noqa: S608
        while found := self.rows(sql, [after]):
            yield found
            after = found[-1][0]

    def _among(self, sql: str, values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
        for start in range(0, len(values), 500):
            part = values[start : start + 500]
            yield from self.rows(f"{sql} IN ({','.join('?' * len(part))})", part)


class Writer(Store):
    """Reads the newest revision and makes the next one; the caller holds ``folder.writer``."""

    @classmethod
    def open(cls, library: Path) -> Writer:
        """The library in this folder, to be changed; errors as :meth:`Store.open`."""
        return cls._writing(library, generation(library))

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
    ) -> Writer:
        """A new, empty store in the generation's ``folder``; it counts on from revision ``after``."""
        number, _, last_passage = after or Revision(0, "", 0)
        with _clear_errors(library):
            connection = _connect(folder / STORE, "mode=rwc")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(f"BEGIN; {_TABLES} COMMIT;")
            fields = json.dumps(dict(fingerprint.fields), ensure_ascii=False, sort_keys=True)
            values = {"schema": str(SCHEMA), "fingerprint": fields, "model": model, "dim": str(dim)}
            connection.execute("BEGIN")
            connection.executemany("INSERT INTO meta VALUES (?, ?)", values.items())
            connection.execute(
                "INSERT INTO revisions VALUES (?, ?, ?)", [number, secrets.token_hex(8), last_passage]
            )
            connection.execute("INSERT INTO sqlite_sequence VALUES ('passages', ?)", [last_passage])
            connection.execute("COMMIT")
            connection.close()
        return cls._writing(library, folder)

    @classmethod
    def _writing(cls, library: Path, folder: Path) -> Writer:
        database = folder / STORE
        if not database.is_file():
            raise LibraryCorrupt(str(library), f"{STORE} is missing", mend_corrupt(library))
        with _clear_errors(library):
            store = cls(library, folder, _connect(database, "mode=rw"))
            for setting in ("foreign_keys = ON", "synchronous = FULL", "journal_size_limit = 67108864"):
                store._connection.execute(f"PRAGMA {setting}")
            store._check_schema()
        return store

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
        with self._lock, _clear_errors(self.library):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection.execute
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise


def _connect(database: Path, mode: str) -> sqlite3.Connection:
    uri = f"{database.absolute().as_uri()}?{mode}"
    return sqlite3.connect(uri, uri=True, timeout=30, isolation_level=None, check_same_thread=False)


@contextmanager
def _clear_errors(library: Path) -> Iterator[None]:
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
