"""Articles into the store: gathered in batches, encoded, then stored and indexed."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from embeddings.encode import StaticEmbedder
from embeddings.errors import LibraryError
from embeddings.load import LARGEST_FILE
from embeddings.nearest import EDITED, GROWING, GROWN
from embeddings.prepare import Prepared, Raw, Workers
from embeddings.recipe import above, embedded_text, pack_terms
from embeddings.report import Failure, Report, Step
from embeddings.rows import VECTOR_TYPE, File, NewPassage, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from embeddings.article import Article
    from embeddings.change import Writer
    from embeddings.encode import Embedder, Vectors
    from embeddings.prepare import Preparation
    from embeddings.report import Tell

    Known = Callable[[Iterable[bytes]], dict[bytes, tuple[bytes, bytes]]]

LOADERS_VERSION = "2"
"""Names what the loaders make of a file; when it grows, a sync loads every file again."""

BATCH_ARTICLES, BATCH_PASSAGES = 200, 2000
"""A transaction stores so many at most, unless one article alone has more passages."""

INDEXED_FIRST, INDEXED_OFTEN, INDEXED_SELDOM = 5000, 20_000, 40_000
"""Passages after which a long update saves the indexes, so that readers need not make up for more: at first, then a
fifth of what the library holds, within the other two. Saved at every step, a large library would write its words
again and again, in pieces so small that tantivy merges them with those of the edits that follow, which have to wait.
"""

ALONE = 32
"""Files that are loaded in this process; only for more are others started."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an article came from: its synced folder, what its file was, and which article it replaces.

    ``before`` is (source, id) of the article that was renamed; "" and "" for none.
    """

    root: str
    file: File
    is_new: bool
    before: tuple[str, str] = ("", "")


class Update:
    """Gathers articles into batches; each is encoded first, then stored in one transaction.

    ``known`` gives the vectors and terms of texts by their hashes, by default the store's own.
    """

    def __init__(
        self,
        store: Writer,
        progress: Tell | None,
        embedder: Embedder | None = None,
        preparation: Preparation | None = None,
        *,
        known: Known | None = None,
        processes: int = 1,
    ) -> None:
        self.store = store
        self.report = Report()
        self.tell = progress or (lambda _: None)
        self._embedder = embedder
        self._preparation = preparation
        self._known = known or store.embedded
        self._processes = processes
        self._workers: Workers | None = None
        self._loaded = 0
        self.kept: set[str] = set()
        """Sources of renamed files that cannot be loaded under their new name: their articles stay."""
        self._loading: dict[str, Origin] = {}
        self._renamed: dict[str, tuple[str, str]] = {}
        self._batch: list[tuple[Prepared, Origin]] = []
        self._passages = 0
        self._unindexed = 0
        self._lag = INDEXED_FIRST
        self._has_grown = False
        self._touched: list[tuple[str, File]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._workers:
            self._workers.close()

    def expect_renamed(self, gone: Mapping[str, tuple[str, File]]) -> None:
        """Takes new files with the bytes of ``gone`` (source -> id, file) for these, under another name."""
        self._renamed = {file.hash: (source, article_id) for source, (article_id, file) in gone.items()}

    def fail(self, source: str, reason: str) -> None:
        """Reports that ``source`` could not be taken in."""
        self.report.failed.append(Failure(source, reason))
        self.tell(Step("failed", source, reason))

    def take_file(self, source: str, root: str, held: tuple[str, File] | None) -> None:
        """Takes the file at ``source`` in, if it is new or changed."""
        read = read_file(source, held)
        if isinstance(read, Failure):
            self.fail(source, read.reason + (KEPT if held else ""))
            return
        if read is None or (held and held[1].hash == read[1].hash):
            self.report.unchanged += 1
            if read and held and held[1] != read[1]:
                self._touched.append((held[0], read[1]))
            return
        data, file = read
        before = ("", "") if held else self._renamed.pop(file.hash, ("", ""))
        self._loading[source] = Origin(root, file, is_new=held is None, before=before)
        self._loaded += 1
        raw = Raw(source, Path(source).name, data)
        if self._processes > 1 and self._loaded > ALONE:
            if self._workers is None:
                self._workers = Workers(self._processes, self._prepare())
            found = self._workers.put(raw)
        else:
            found = iter([self._prepare().of_file(raw)])
        self._take_loaded(found)

    def take_article(self, article: Article, origin: Origin) -> None:
        """Takes an article in, which can be stored."""
        self.take(self._prepare().of(article), origin)

    def take(self, article: Prepared, origin: Origin) -> None:
        """Puts the article, which can be stored, in the batch, and stores the batch when it is full."""
        if self._batch and self._passages + len(article.chunks) > BATCH_PASSAGES:
            self._store()
        self._batch.append((article, origin))
        self._passages += len(article.chunks)
        if len(self._batch) >= BATCH_ARTICLES or self._passages >= BATCH_PASSAGES:
            self._store()

    def commit(self) -> None:
        """Stores all that was taken."""
        if self._workers:
            self._take_loaded(self._workers.rest())
        if self._touched:
            self.store.touch(self._touched)
            self._touched = []
        self._store()

    def remove(self, chosen: dict[str, str]) -> None:
        """Removes articles, given as source -> id."""
        self.store.apply(removed=list(chosen.values()))
        for source in chosen:
            self.report.removed.append(source)
            self.tell(Step("removed", source))

    def finish(self, *, growing: bool = False) -> None:
        """Saves the indexes; when they cannot be, the report says so. ``growing``: more is to come."""
        from embeddings.index import save

        share = GROWING if growing else GROWN if self._has_grown else EDITED
        self._unindexed, self._has_grown = 0, growing
        try:
            save(self.store, share=share)
        except LibraryError as error:
            if error.reason not in self.report.notes:
                self.report.notes.append(error.reason)

    def _prepare(self) -> Preparation:
        if self._preparation is None:
            raise TypeError("an update without a preparation takes no files")
        return self._preparation

    def _take_loaded(self, found: Iterable[Prepared | Failure]) -> None:
        for each in found:
            if isinstance(each, Failure):
                origin = self._loading.pop(each.source)
                before = origin.before[0]
                if before:
                    self.kept.add(before)
                self.fail(each.source, each.reason + (KEPT if before or not origin.is_new else ""))
            else:
                self.take(each, self._loading.pop(each.article.source))

    def _store(self) -> None:
        if not self._batch:
            return
        before = {source: article_id for _, origin in self._batch for source, article_id in [origin.before]}
        before.pop("", None)
        self.store.apply(self._records(), removed=list(before.values()))
        for prepared, origin in self._batch:
            self._tell_stored(prepared, origin)
        self._unindexed += self._passages
        self._batch, self._passages = [], 0
        if self._unindexed >= self._lag:
            self.finish(growing=True)
            self._lag = min(max(INDEXED_OFTEN, self.store.counts()[1] // 5), INDEXED_SELDOM)

    def _tell_stored(self, prepared: Prepared, origin: Origin) -> None:
        source = prepared.article.source
        if origin.before[0]:
            self.report.renamed[source] = origin.before[0]
            self.tell(Step("renamed", source, origin.before[0]))
            return
        (self.report.added if origin.is_new else self.report.changed).append(source)
        self.tell(Step("added" if origin.is_new else "changed", source, "; ".join(prepared.article.notes)))

    def _records(self) -> list[Record]:
        """The batch with its vectors and terms, those of known texts taken from where they are known."""
        known = self._known({each for prepared, _ in self._batch for each in prepared.hashes})
        missing: dict[bytes, _Missing] = {}
        for prepared, _ in self._batch:
            article = prepared.article
            for i, (chunk, each) in enumerate(zip(prepared.chunks, prepared.hashes, strict=True)):
                vector, terms = known.get(each, (b"", b""))
                if not (vector and terms):
                    terms = terms or (prepared.terms[i] if prepared.terms else b"")
                    vector = vector or (prepared.vectors[i] if prepared.vectors else b"")
                    tokens = prepared.tokens[i] if prepared.tokens else None
                    text = chunk.span.of(article.text)
                    missing[each] = _Missing(above(article, chunk), text, vector, terms, tokens)
        known |= self._worked_out(missing)
        embedded = sum(not each.vector for each in missing.values())
        self.report.embedded += embedded
        self.report.reused += self._passages - embedded
        return [
            Record(
                prepared.article,
                origin.root,
                origin.file,
                [
                    NewPassage(chunk.span, chunk.headings, each, *known[each])
                    for chunk, each in zip(prepared.chunks, prepared.hashes, strict=True)
                ],
            )
            for prepared, origin in self._batch
        ]

    def _worked_out(self, missing: dict[bytes, _Missing]) -> dict[bytes, tuple[bytes, bytes]]:
        """Vector and terms, whichever lacks."""
        segmenter = self._prepare().segmenter if missing else ""
        done = {
            each: (text.vector, text.terms or pack_terms(text.above, text.text, segmenter))
            for each, text in missing.items()
        }
        unembedded = [each for each, text in missing.items() if not text.vector]
        for start in range(0, len(unembedded), _ENCODED):
            part = unembedded[start : start + _ENCODED]
            vectors = self._encoded([missing[each] for each in part]).astype(VECTOR_TYPE)
            for each, vector in zip(part, vectors, strict=True):
                done[each] = (vector.tobytes(), done[each][1])
            self.tell(Step("embedded", done=start + len(part), total=len(unembedded)))
        return done

    def _encoded(self, missing: Sequence[_Missing]) -> Vectors:
        if self._embedder is None:
            raise TypeError("an update without an embedder only removes")
        tokens = [each.tokens for each in missing if each.tokens is not None]
        if len(tokens) == len(missing) and isinstance(self._embedder, StaticEmbedder):
            return self._embedder.encode_tokens(tokens)
        return self._embedder.encode_passages([embedded_text(each.above, each.text) for each in missing])


class _Missing(NamedTuple):
    """A passage's text, and what is known of its vector, terms and tokens."""

    above: str
    text: str
    vector: bytes
    terms: bytes
    tokens: bytes | None


def read_file(source: str, held: tuple[str, File] | None) -> tuple[bytes, File] | Failure | None:
    """The bytes of the file, and what it is now; None when it is ``held`` and has its size and time still."""
    try:
        status = os.stat(source)  # noqa: PTH116 -- of a million files, most of the time
        if held and held[1].hash.startswith(_PREFIX) and _same(held[1], status):
            return None
        if reason := _not_taken(status):
            return Failure(source, reason)
        began = time.time_ns()
        data = Path(source).read_bytes()
    except (OSError, ValueError) as error:
        return Failure(source, f"it cannot be read ({error})")
    # A file written a moment ago may change again within one tick of its clock.
    settled = status.st_mtime_ns if began - status.st_mtime_ns > _TICK else 0
    return data, File(_PREFIX + hashlib.sha256(data).hexdigest(), len(data), settled)


def _same(held: File, status: os.stat_result) -> bool:
    return (held.size, held.mtime_ns) == (status.st_size, status.st_mtime_ns)


def _not_taken(status: os.stat_result) -> str:
    """Why a file is refused before it is read; "" for one that is not."""
    if not stat.S_ISREG(status.st_mode):
        return "it is not a regular file"
    if status.st_size > LARGEST_FILE:
        return f"it has {status.st_size} bytes, more than {LARGEST_FILE} -- split it into several files"
    return ""


KEPT = "; the library keeps the article as it was"

_PREFIX = f"{LOADERS_VERSION}:"
_TICK = 2_000_000_000  # nanoseconds: the coarsest clock of a file system in use (FAT)
_ENCODED = 1000  # passages encoded at a time
