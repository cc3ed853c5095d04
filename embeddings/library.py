"""A library of articles, for asking: its newest revision, however it was made."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast, overload

from embeddings.connect import Idle
from embeddings.encode import embedder as load_embedder
from embeddings.errors import FingerprintMismatch
from embeddings.folder import rebuild_command
from embeddings.nearest import product
from embeddings.recipe import needed_to_ask
from embeddings.segment import words_by
from embeddings.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping

    from embeddings.article import Article, Passage
    from embeddings.encode import Embedder, Vectors
    from embeddings.index import Index
    from embeddings.rows import ArticleRow, Revision

NO_TERM = "\0"
"""What stands in no text, and so weighs as much as any term can."""


class Library:
    """A library opened for asking; any number of threads and processes may, while one writes."""

    def __init__(self, path: Path, embedder: Embedder | None) -> None:
        self.path = path
        self._given = embedder
        self._embedder = embedder
        self._index: Index | None = None
        self._folder: Path | None = None
        self._newest: weakref.ref[Snapshot] | None = None
        self._rows = _Rows()
        self._idle = Idle()
        self._held: weakref.WeakValueDictionary[tuple[Revision, str], Article] = weakref.WeakValueDictionary()
        self._lock = threading.Lock()

    @classmethod
    def open(cls, path: Path | str, embedder: Embedder | None = None) -> Library:
        """The library in the folder ``path``; it creates nothing.

        Without ``embedder``, the library loads the model that it was made with, and follows a rebuild
        with another one.

        Raises:
            NotALibrary, LibraryCorrupt, SchemaTooNew: as their names say.
            FingerprintMismatch: it was made with another model or other terms than are here.
            ModelError: its model cannot be loaded.
        """
        library = cls(Path(path), embedder)
        library.snapshot()
        return library

    @property
    def embedder(self) -> Embedder:
        """The model that questions are encoded with."""
        return self.snapshot().embedder if self._embedder is None else self._embedder

    def snapshot(self) -> Snapshot:
        """The newest revision, to answer one question from: all that it returns agrees.

        Hold it no longer than the question lasts. While another thread brings the indexes up to date,
        the revision before serves, if it is still in use.
        """
        if not self._lock.acquire(blocking=False):
            newest = self._newest() if self._newest else None
            if newest:
                return newest
            self._lock.acquire()
        try:
            return self._refreshed()
        finally:
            self._lock.release()

    def _refreshed(self) -> Snapshot:
        from embeddings.index import Outdated

        while True:
            store = Store.opened_by(self._idle, self.path)
            try:
                return self._of(store)
            except Outdated:  # saved since: there is a newer revision to read
                store.close()
            except BaseException:
                store.close()
                raise

    def _of(self, store: Store) -> Snapshot:
        """The snapshot of the revision that ``store`` has opened."""
        from embeddings.index import index_of, refreshed

        newest = self._newest() if self._newest else None
        if newest and newest.store.folder == store.folder and newest.store.revision == store.revision:
            store.close()
            return newest
        index = self._index
        if (
            index is None
            or self._embedder is None
            or self._folder != store.folder
            or not store.descends_from(index.revision)  # another library has taken the place of this one
        ):
            self._index = self._folder = None
            self._embedder = self._checked(store)
            self._index = index_of(store)
            self._folder = store.folder
        elif index.revision != store.revision:
            self._index = refreshed(index, store)
        snapshot = Snapshot(store, cast("Index", self._index), self._embedder, self._rows, self._held)
        self._newest = weakref.ref(snapshot)
        return snapshot

    def _checked(self, store: Store) -> Embedder:
        """The given embedder, or the one that the library names; it must fit."""
        return check_embedder(store, self._given or load_embedder(store.meta("model")))


class Snapshot:
    """One revision of a library. What its calls return never mixes two; threads may share it."""

    def __init__(
        self,
        store: Store,
        index: Index,
        embedder: Embedder,
        rows: _Rows | None = None,
        held: MutableMapping[tuple[Revision, str], Article] | None = None,
    ) -> None:
        self.store = store
        self.rows: Sequence[ArticleRow] = _Late(self.articles)
        self.embedder = embedder
        self._index = index
        self._articles: dict[str, Article] = {}
        self._known = rows or _Rows()
        self._held = {} if held is None else held

    @property
    def segmenter(self) -> str:
        """Whose words the library is searched by: one of ``segment.SEGMENTERS``."""
        return self.store.segmenter

    @property
    def revision(self) -> int:
        """The number of the revision; it grows by one with each change."""
        return self._index.revision.number

    def nearest(
        self, vectors: Vectors, k: int, *, only: Sequence[int] | None = None
    ) -> list[list[tuple[int, float]]]:
        """For each row, at most ``k`` (passage id, cosine), falling, ties by id; none for a row of zeros.

        ``only`` searches among these passages.
        """
        return self._index.nearest.nearest(vectors, k, self.store.vectors_of, only=only)

    def similarities(self, vector: Vectors, ids: Sequence[int]) -> dict[int, float]:
        """Passage id -> cosine with ``vector``, of shape (dim,)."""
        return dict(zip(ids, product(self.vectors(ids), vector).tolist(), strict=True))

    def vectors(self, ids: Sequence[int]) -> Vectors:
        """``(len(ids), dim)`` float32 rows. KeyError for an id that the revision does not hold."""
        return self.store.vectors_of(ids)

    def matching(
        self, words: Sequence[str], grams: Sequence[str], k: int, *, only: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """At most ``k`` (passage id, BM25 sum over both columns), falling, ties by id.

        ``()`` leaves a column out; ``only`` searches among these passages, with the same values.
        """
        return self._index.lexical.matching(words, grams, k, only=only)

    def most(self, words: Sequence[str], grams: Sequence[str]) -> float:
        """The BM25 sum that no passage can reach, title and headings apart."""
        return self._index.lexical.most(words, grams)

    def idf(self, terms: Iterable[str]) -> Mapping[str, float]:
        """Term (word or gram) -> its weight in BM25; the largest for a term that no passage holds."""
        return self._index.lexical.idf(terms)

    def lacks(self, term: str) -> bool:
        """Whether no passage holds the term (a word or gram)."""
        weights = self.idf([term, NO_TERM])
        return weights[term] >= weights[NO_TERM]

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """The passages in the order of ``ids``; those that the revision does not hold are left out."""
        return self.store.passages(ids)

    def passages_of(self, article_id: str) -> list[Passage]:
        """The passages of an article, in the order of its text."""
        return self.store.passages_of(article_id)

    def text(self, passage: Passage) -> str:
        """The passage's text."""
        return passage.span.of(self.article(passage.article_id).text)

    def article(self, article_id: str) -> Article:
        """The article. KeyError when the revision does not hold it."""
        if article_id not in self._articles:
            # Conversations hold on to articles: those of one revision share them.
            key = (self._index.revision, article_id)
            found = self._held.get(key) or self.store.article(article_id)
            if found is None:
                raise KeyError(article_id)
            self._articles[article_id] = self._held.setdefault(key, found)
        return self._articles[article_id]

    def passage_ids(self, article_ids: Sequence[str]) -> list[int]:
        """The passages of these articles, rising."""
        return self.store.passage_ids(article_ids)

    def articles(self) -> list[ArticleRow]:
        """All articles by source, without their texts; ``rows`` is the same, read when it is looked into."""
        return self._known.of(self.store, self._index.revision)

    def __len__(self) -> int:
        return len(self._index.nearest)


class _Rows:
    """The list of articles of the newest revision that was asked for: of 100,000 it takes a second to read."""

    def __init__(self) -> None:
        self._held: tuple[Revision, list[ArticleRow]] | None = None

    def of(self, store: Store, revision: Revision) -> list[ArticleRow]:
        held = self._held
        if held is None or held[0] != revision:
            held = self._held = (revision, store.articles())
        return held[1]


class _Late(Sequence["ArticleRow"]):
    """What ``rows`` gives, asked for when it is first looked into."""

    def __init__(self, rows: Callable[[], list[ArticleRow]]) -> None:
        self._rows = weakref.WeakMethod(rows)

    @overload
    def __getitem__(self, at: int) -> ArticleRow: ...
    @overload
    def __getitem__(self, at: slice) -> list[ArticleRow]: ...
    def __getitem__(self, at: int | slice) -> ArticleRow | list[ArticleRow]:
        return self._all()[at]

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[ArticleRow]:
        return iter(self._all())

    def _all(self) -> list[ArticleRow]:
        rows = self._rows()
        if rows is None:
            raise RuntimeError("the snapshot is gone")
        return rows()


def check_embedder(store: Store, embedder: Embedder) -> Embedder:
    """``embedder``, if questions encoded with it fit the library; else FingerprintMismatch.

    ModelError when the library's segmenter is not installed.
    """
    from embeddings.chunk import ChunkConfig
    from embeddings.recipe import fingerprint

    words_by(store.segmenter)
    ours = needed_to_ask(fingerprint(embedder, ChunkConfig(), store.segmenter).fields)
    fields = needed_to_ask(store.fingerprint.fields).differences(ours)
    if fields:
        raise FingerprintMismatch(str(store.library), fields, rebuild_command(store.library, embedder.name))
    return embedder
