"""Folders to library: adds new articles, embeds changed ones where they changed, removes gone ones."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from embeddings.chunk import ChunkConfig, split
from embeddings.errors import FingerprintMismatch, LibraryError, LoadError
from embeddings.folder import next_generation, rebuild_command, switch, writer
from embeddings.folders import below, root_of, scan
from embeddings.load import LARGEST_FILE, load_bytes
from embeddings.recipe import above, embedded_text, fingerprint, pack_terms, text_hash
from embeddings.rows import VECTOR_TYPE, File, NewPassage, Record, pack_details, why_not_stored
from embeddings.store import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from embeddings.article import Article
    from embeddings.chunk import Chunk
    from embeddings.encode import Embedder
    from embeddings.folders import Found

    Kind = Literal["added", "changed", "removed", "failed", "read", "embedded"]

LOADERS_VERSION = "2"
"""Names what the loaders make of a file; when it grows, a sync loads every file again."""

BATCH_ARTICLES, BATCH_PASSAGES = 64, 2000
"""A transaction stores so many at most, unless one article alone has more passages."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An article that could not be taken in, and why."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Step:
    """Something that an update has done.

    ``added``, ``changed``, ``removed``: the article ``source`` is so in the library, safely; ``reason``
    holds what its loader had to decide. ``failed``: it is not, for ``reason``. ``read``: ``done`` of
    ``total`` files were looked at. ``embedded``: ``done`` of ``total`` passages of the articles in hand have
    their vectors.
    """

    kind: Kind
    source: str = ""
    reason: str = ""
    done: int = 0
    total: int = 0


@dataclass
class Report:
    """What an update did, by source. ``embedded`` and ``reused`` count passages."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0
    failed: list[Failure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    embedded: int = 0
    reused: int = 0


def sync(
    library: Path | str,
    folders: Sequence[Path | str],
    embedder: Embedder,
    *,
    config: ChunkConfig | None = None,
    progress: Callable[[Step], None] | None = None,
    prune: bool = True,
) -> Report:
    """What it took to make the library hold the articles of ``folders`` as they are now.

    The library is created where there is none. A file of the same size and time is not read; one with
    the same bytes is not loaded. With ``prune``, articles from these folders whose files are gone go
    too. An article whose file cannot be loaded any more stays as it was, and is reported.

    A folder that holds no file at all any more, as a disk that is not mounted looks, loses nothing: it is
    reported as failed, and :func:`remove` takes its articles out.

    Raises:
        LoadError: a folder does not exist; nothing was changed.
        NotALibrary, LibraryBusy, LibraryCorrupt, SchemaTooNew, FingerprintMismatch: as their names say.
    """
    library = Path(library)
    found = scan([Path(folder) for folder in folders], without=library)
    with _update(library, embedder, config, progress) as update:
        update.report.notes += _notes(found)
        held = update.store.files()
        roots = [root_of(Path(folder)).as_posix() for folder in folders]
        for root in roots:
            kept = sum(below(source, root) for source in held)
            if prune and kept and found.is_empty(root):
                reason = f"the folder is empty; its {kept} articles were kept (remove takes them out)"
                found.unreadable[root] = reason
        for path, reason in found.unreadable.items():
            update.fail(path, reason)
        for done, (source, root) in enumerate(found.sources.items(), 1):
            update.take_file(source, root, held.get(source))
            update.tell(Step("read", source, done=done, total=len(found.sources)))
        update.commit()
        if prune:
            update.remove(
                {source: held[source][0] for source in sorted(held) if found.is_gone(source, roots)}
            )
    return update.report


def add(
    library: Path | str,
    articles: Sequence[Article],
    embedder: Embedder,
    *,
    config: ChunkConfig | None = None,
    progress: Callable[[Step], None] | None = None,
) -> Report:
    """What it took to store these articles; no sync removes them unless they lie in its folders.

    An article replaces those with its id or its source; of ``articles`` with the same one, the last is
    stored. Raises as :func:`sync`.
    """
    last = {article.id: article for article in articles}
    last = {article.source: article for article in last.values()}
    with _update(Path(library), embedder, config, progress) as update:
        held = update.store.files()
        ids = {article_id for article_id, _ in held.values()}
        for done, article in enumerate(last.values(), 1):
            before = held.get(article.source)
            if reason := why_not_stored(article):
                update.fail(article.source, reason)
            elif before and before[1] == _content(article):
                update.report.unchanged += 1
            else:
                is_new = before is None and article.id not in ids
                update.take(article, "", _content(article), is_new=is_new)
            update.tell(Step("read", article.source, done=done, total=len(last)))
        update.commit()
    return update.report


def remove(
    library: Path | str, names: Sequence[str], *, progress: Callable[[Step], None] | None = None
) -> Report:
    """What was removed: the articles with these ids, sources or paths, and all those of a folder named.

    Unknown names are reported as failed. A file that still lies in a synced folder comes back with the next
    sync.
    """
    library = Path(library)
    with writer(library), Writer.open(library) as store:
        update = Update(store, progress)
        held = {source: article_id for source, (article_id, _) in store.files().items()}
        by_id = {article_id: source for source, article_id in held.items()}
        chosen: dict[str, str] = {}
        for name in names:
            paths = _paths(name)
            source = next((s for s in (name, by_id.get(name), *paths) if s in held), None)
            found = [source] if source else [s for s in held if any(below(s, path) for path in paths)]
            if not found:
                update.fail(name, "there is no such article in the library")
            chosen |= {source: held[source] for source in found}
        update.remove(chosen)
        update.finish()
    return update.report


class Update:
    """Gathers articles into batches; each is encoded first, then stored in one transaction.

    ``anew`` encodes also what the store holds the vectors of.
    """

    def __init__(
        self,
        store: Writer,
        progress: Callable[[Step], None] | None,
        embedder: Embedder | None = None,
        config: ChunkConfig | None = None,
        *,
        anew: bool = False,
    ) -> None:
        self.store = store
        self.report = Report()
        self._embedder = embedder
        self._config = config
        self.tell = progress or (lambda _: None)
        self._batch: list[tuple[Article, str, File, list[Chunk], bool]] = []
        self._passages = 0
        self._touched: list[tuple[str, File]] = []
        self._anew = anew

    def fail(self, source: str, reason: str) -> None:
        """Reports that ``source`` could not be taken in."""
        self.report.failed.append(Failure(source, reason))
        self.tell(Step("failed", source, reason))

    def take_file(self, source: str, root: str, held: tuple[str, File] | None) -> None:
        """Takes the file at ``source`` in, if it is new or changed."""
        path = Path(source)
        kept = "; the library keeps the article as it was" if held else ""
        try:
            status = path.stat()
            if held and held[1].hash.startswith(_PREFIX) and _same(held[1], status):
                self.report.unchanged += 1
                return
            if reason := _not_taken(status):
                self.fail(source, reason + kept)
                return
            began = time.time_ns()
            data = path.read_bytes()
        except (OSError, ValueError) as error:
            self.fail(source, f"it cannot be read ({error})" + kept)
            return
        # A file written a moment ago may change again within one tick of its clock.
        settled = status.st_mtime_ns if began - status.st_mtime_ns > _TICK else 0
        file = File(_PREFIX + hashlib.sha256(data).hexdigest(), len(data), settled)
        if held and held[1].hash == file.hash:
            self.report.unchanged += 1
            if held[1] != file:
                self._touched.append((held[0], file))
            return
        try:
            article = load_bytes(data, path.name, source=source)
        except LoadError as error:
            self.fail(source, error.reason + (f" -- {error.mend}" if error.mend else "") + kept)
            return
        if reason := why_not_stored(article):
            self.fail(source, reason + kept)
            return
        self.take(article, root, file, is_new=held is None)

    def take(self, article: Article, root: str, file: File, *, is_new: bool) -> None:
        """Puts the article, which can be stored, in the batch, and stores the batch when it is full."""
        chunks = split(article, self._config)
        if self._batch and self._passages + len(chunks) > BATCH_PASSAGES:
            self.commit()
        self._batch.append((article, root, file, chunks, is_new))
        self._passages += len(chunks)
        if len(self._batch) >= BATCH_ARTICLES or self._passages >= BATCH_PASSAGES:
            self.commit()

    def commit(self) -> None:
        """Stores the batch."""
        if self._touched:
            self.store.touch(self._touched)
            self._touched = []
        if not self._batch:
            return
        self.store.apply(self._records())
        for article, _, _, _, is_new in self._batch:
            (self.report.added if is_new else self.report.changed).append(article.source)
            self.tell(Step("added" if is_new else "changed", article.source, "; ".join(article.notes)))
        self._batch, self._passages = [], 0

    def remove(self, chosen: dict[str, str]) -> None:
        """Removes articles, given as source -> id."""
        self.store.apply(removed=list(chosen.values()))
        for source in chosen:
            self.report.removed.append(source)
            self.tell(Step("removed", source))

    def finish(self) -> None:
        """Saves the indexes; when they cannot be, the report says so."""
        from embeddings.index import is_saved, save

        if not is_saved(self.store):
            try:
                save(self.store)
            except LibraryError as error:
                self.report.notes.append(error.reason)

    def _records(self) -> list[Record]:
        """The batch with its vectors and terms, those of known texts taken from the store."""
        hashes = [
            [text_hash(above(article, chunk), chunk.span.of(article.text)) for chunk in chunks]
            for article, _, _, chunks, _ in self._batch
        ]
        known = (
            {} if self._anew else self.store.embedded({each for of_article in hashes for each in of_article})
        )
        missing: dict[bytes, tuple[str, str]] = {}
        for (article, _, _, chunks, _), of_article in zip(self._batch, hashes, strict=True):
            for chunk, each in zip(chunks, of_article, strict=True):
                if each not in known:
                    missing[each] = (above(article, chunk), chunk.span.of(article.text))
        known |= self._worked_out(missing)
        self.report.embedded += len(missing)
        self.report.reused += self._passages - len(missing)
        return [
            Record(
                article,
                root,
                file,
                [
                    NewPassage(chunk.span, chunk.headings, each, *known[each])
                    for chunk, each in zip(chunks, of_article, strict=True)
                ],
            )
            for (article, root, file, chunks, _), of_article in zip(self._batch, hashes, strict=True)
        ]

    def _worked_out(self, missing: dict[bytes, tuple[str, str]]) -> dict[bytes, tuple[bytes, bytes]]:
        if self._embedder is None:
            raise TypeError("an update without an embedder only removes")
        done: dict[bytes, tuple[bytes, bytes]] = {}
        items = list(missing.items())
        for start in range(0, len(items), _ENCODED):
            part = items[start : start + _ENCODED]
            vectors = self._embedder.encode_passages([embedded_text(*texts) for _, texts in part])
            for (each, texts), vector in zip(part, vectors.astype(VECTOR_TYPE), strict=True):
                done[each] = (vector.tobytes(), pack_terms(*texts))
            self.tell(Step("embedded", done=len(done), total=len(items)))
        return done


@contextmanager
def _update(
    library: Path, embedder: Embedder, config: ChunkConfig | None, progress: Callable[[Step], None] | None
) -> Iterator[Update]:
    """An update of the library, which is created where there is none; saves the indexes at the end."""
    config = config or ChunkConfig()
    ours = fingerprint(embedder, config)
    with writer(library, create=True):
        if not (library / "current").exists():
            folder = next_generation(library)
            Writer.create(library, folder, ours, model=embedder.name, dim=embedder.dim).close()
            switch(library, folder)
        with Writer.open(library) as store:
            fields = store.fingerprint.differences(ours)
            if fields:
                raise FingerprintMismatch(str(library), fields, rebuild_command(library, embedder.name))
            update = Update(store, progress, embedder, config)
            yield update
            update.finish()


def _same(held: File, status: os.stat_result) -> bool:
    return (held.size, held.mtime_ns) == (status.st_size, status.st_mtime_ns)


def _content(article: Article) -> File:
    """What stands for a file where an article was given as it is."""
    said = article.metadata
    parts = (article.id, article.source, article.title, article.text, said.author, said.date)
    content = json.dumps([*parts, pack_details(article)]).encode()
    return File(hashlib.sha256(content).hexdigest(), len(content))


def _not_taken(status: os.stat_result) -> str:
    """Why a file is refused before it is read; "" for one that is not."""
    if not stat.S_ISREG(status.st_mode):
        return "it is not a regular file"
    if status.st_size > LARGEST_FILE:
        return f"it has {status.st_size} bytes, more than {LARGEST_FILE} -- split it into several files"
    return ""


def _paths(name: str) -> list[str]:
    """The paths that ``name`` may mean: as it is written, and with its links followed."""
    if not name or "\0" in name:
        return []  # an empty name would mean the folder that one is in
    return [Path(path).as_posix() for path in (os.path.abspath(name), os.path.realpath(name))]  # noqa: PTH100


def _notes(found: Found) -> list[str]:
    """What a sync left out, in words."""
    if not found.others:
        return found.notes
    kinds = ", ".join(f"{suffix} {count}" for suffix, count in found.others.most_common())
    return [*found.notes, f"{found.others.total()} files of other kinds were left out: {kinds}"]


_PREFIX = f"{LOADERS_VERSION}:"
_TICK = 2_000_000_000  # nanoseconds: the coarsest clock of a file system in use (FAT)
_ENCODED = 1000  # passages encoded at a time
