"""SQLite, the truth: articles, passages, vectors and terms; every change is one transaction.

The journal is a write-ahead log: readers never wait for the writer, and see one revision for as
long as their transaction lasts. Rows of passages never change: an edited article gets new ones,
whose vectors and terms are copied where the embedded text is the same.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from contextlib import suppress
from functools import cached_property, partial
from stat import S_ISREG
from typing import TYPE_CHECKING, Any, Self

from embeddings.article import Passage, Span
from embeddings.connect import clear_errors, connect, identity
from embeddings.encode import Fingerprint
from embeddings.errors import LibraryCorrupt, LibraryError, SchemaTooNew
from embeddings.folder import STORE, generation, mend_corrupt
from embeddings.migrate import READ_FROM, SCHEMA
from embeddings.rows import VECTOR_TYPE, ArticleRow, File, Revision, unpack_article
from embeddings.segment import JIEBA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from embeddings.article import Article
    from embeddings.connect import Identity, Idle
    from embeddings.encode import Vectors


class Store:
    """Reads one revision of a library, for as long as it is open; may be shared by threads."""

    def __init__(self, library: Path, folder: Path, connection: sqlite3.Connection) -> None:
        self.library = library
        self.folder = folder
        self._connection = connection
        self._lock = threading.RLock()
        self._is_open = True
        self.let_go: Callable[[sqlite3.Connection], None] = sqlite3.Connection.close

    @classmethod
    def open(cls, library: Path) -> Store:
        """The newest revision of the library in this folder; creates no library.

        Raises:
            NotALibrary, LibraryCorrupt, SchemaTooNew: as their names say.
        """
        return Store.opened_by(None, library)

    @classmethod
    def opened_by(cls, idle: Idle | None, library: Path) -> Store:
        """As :meth:`open`, by one of the connections that are ``idle``, where one fits; it goes back to them."""
        folder = generation(library)
        try:
            return cls._opened(library, folder, idle)
        except LibraryError:
            if generation(library) == folder:
                raise
            return cls._opened(library, generation(library), idle)  # a rebuild has just switched

    @classmethod
    def _opened(cls, library: Path, folder: Path, idle: Idle | None) -> Store:
        database = folder / STORE
        found = _found(library, database)
        with clear_errors(library):
            kept = idle.take(found) if idle else None
            store = None
            if kept:
                with suppress(sqlite3.Error):  # whatever makes it useless, another one may do
                    store = cls._begun(library, folder, kept)
            try:
                store = store or cls._begun(library, folder, connect(database, "mode=ro"))
            except sqlite3.OperationalError:
                log = database.with_name(f"{STORE}-wal")
                if os.access(folder, os.W_OK):
                    raise
                if log.exists() and log.stat().st_size:
                    reason = "a change was interrupted, and cannot be completed in a read-only folder"
                    raise LibraryError(
                        str(library), reason, "copy it to a folder that can be written to"
                    ) from None
                # In a read-only folder SQLite cannot keep its log; nobody writes here, so it needs none.
                return cls._begun(library, folder, connect(database, "immutable=1"))
            now = _found(library, database)  # with the log, which the first one that reads may have made
            if idle and now[0] == found[0]:
                store.let_go = partial(idle.give, now)
        return store

    @classmethod
    def _begun(cls, library: Path, folder: Path, connection: sqlite3.Connection) -> Store:
        """Reads over the connection, which is closed where it cannot."""
        store = cls(library, folder, connection)
        try:
            connection.execute("BEGIN")
            store.check_schema()
        except BaseException:
            store.close()
            raise
        return store

    def check_schema(self) -> int:
        """The schema of the store, at most :data:`~embeddings.migrate.SCHEMA`; SchemaTooNew above it."""
        found = self._connection.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()
        if found is None or not str(found[0]).isdecimal():
            raise self._corrupt("the store names no schema")
        if int(found[0]) > SCHEMA:
            reason = f"it has schema {found[0]}, this program knows {SCHEMA}"
            raise SchemaTooNew(str(self.library), reason, "install the newer version of this program")
        if int(found[0]) < READ_FROM:
            raise self._corrupt(f"its schema {found[0]} was never one of this program's")
        return int(found[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the transaction; the store cannot be used any more."""
        with self._lock:
            if self._is_open:
                self._is_open = False
                self.let_go(self._connection)

    def __del__(self) -> None:
        # Here, not in the snapshot: that one is known by a weak reference, by which another thread could get
        # hold of it again while it was being closed.
        self.close()

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows that a SELECT gives."""
        with self._lock, clear_errors(self.library):
            if not self._is_open:
                raise RuntimeError("the store is closed")
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
            fields = dict(json.loads(self.meta("fingerprint")))
            return Fingerprint({"words.segmenter": JIEBA, **fields})  # schema 1 did not name it
        except (ValueError, TypeError) as error:
            raise self._corrupt(f"the store's fingerprint cannot be read ({error})") from error

    @property
    def segmenter(self) -> str:
        """Whose words the terms are: one of ``segment.SEGMENTERS``."""
        return self.fingerprint.fields["words.segmenter"]

    @cached_property
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

    def files(self, below: Iterable[str] | None = None) -> dict[str, tuple[str, File]]:
        """Source -> (article id, what the file was when it was loaded); of all, or of paths and what is
        below them.
        """
        columns = "SELECT source, id, hash, size, mtime_ns FROM articles"
        if below is None:
            found = self.rows(columns)
        else:
            lies = f"{columns} WHERE source = ? OR source BETWEEN ? AND ?"  # '0' comes after '/'
            paths = [path.rstrip("/") for path in below]
            found = [row for path in paths for row in self.rows(lies, [path, f"{path}/", f"{path}0"])]
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

    def vectors_of(self, ids: Sequence[int]) -> Vectors:
        """``(len(ids), dim)`` float32 rows. KeyError for a passage that the library does not hold."""
        import numpy as np

        table = np.frombuffer(b"".join(self.packed_vectors(ids)), VECTOR_TYPE)
        if len(table) != len(ids) * self.dim:
            raise self._corrupt("a vector has the wrong width")
        return table.reshape(len(ids), self.dim).astype(np.float32)

    def packed_vectors(self, ids: Sequence[int]) -> list[bytes]:
        """The vectors as they are stored. KeyError for a passage that the library does not hold."""
        held = dict(self._among("SELECT passage, vector FROM embedded WHERE passage", ids))
        return [held[i] for i in ids]

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


def _found(library: Path, database: Path) -> Identity:
    """The identity of the store's files."""
    try:
        if S_ISREG(database.stat().st_mode):
            return identity(database)
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        raise LibraryError(
            str(library), f"{STORE} cannot be read: {error}", "check its permissions"
        ) from error
    raise LibraryCorrupt(str(library), f"{STORE} is missing", mend_corrupt(library))
