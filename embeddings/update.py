"""Folders to library: adds new articles, embeds changed ones where they changed, removes gone ones."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from embeddings.change import Writer
from embeddings.chunk import ChunkConfig
from embeddings.encode import StaticEmbedder
from embeddings.errors import FingerprintMismatch, NotALibrary
from embeddings.folder import next_generation, rebuild_command, refuse_foreign, switch, writer
from embeddings.folders import below, clipped, root_of, scan
from embeddings.prepare import Preparation
from embeddings.recipe import fingerprint
from embeddings.report import Failure, Report, Step
from embeddings.rows import File, pack_details, why_not_stored
from embeddings.segment import JIEBA, words_by
from embeddings.store import Store
from embeddings.take import KEPT, Origin, Update, read_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from embeddings.article import Article
    from embeddings.encode import Embedder
    from embeddings.folders import Found
    from embeddings.report import Tell


def sync(
    library: Path | str,
    folders: Sequence[Path | str],
    embedder: Embedder,
    *,
    config: ChunkConfig | None = None,
    segmenter: str | None = None,
    progress: Tell | None = None,
    prune: bool = True,
    ignore: Sequence[str] = (),
    only: Sequence[Path | str] | None = None,
    processes: int = 1,
) -> Report:
    """What it took to make the library hold the articles of ``folders`` as they are now.

    The library is created where there is none. A file of the same size and time is not read; one with
    the same bytes is not loaded. With ``prune``, articles from these folders whose files are gone go
    too; one whose bytes lie there under another name counts as renamed. An article whose file cannot be
    loaded any more stays as it was, and is reported.

    ``ignore`` holds patterns as in a .gitignore file, added to those in ``.articleignore`` in each folder.
    ``only`` looks at these paths below the folders and leaves the rest alone. ``segmenter`` is one of
    ``segment.SEGMENTERS``, by default the library's own. With more ``processes``, many files are loaded in
    so many at a time.

    A folder that holds no file at all any more, as a disk that is not mounted looks, loses nothing: it is
    reported as failed, and :func:`remove` takes its articles out.

    Raises:
        LoadError: a folder does not exist; nothing was changed.
        NotALibrary, LibraryBusy, LibraryCorrupt, SchemaTooNew, FingerprintMismatch: as their names say.
        ModelError: the segmenter is not installed.
    """
    library = Path(library)
    roots = [Path(folder) for folder in folders]
    looked_at = None if only is None else clipped(only, roots)
    found = scan(roots, without=library, ignore=ignore, only=looked_at)
    with _update(library, embedder, config, progress, segmenter, processes) as update:
        held, gone = _compared(update.store, found, folders, prune=prune, only=looked_at)
        update.report.notes += _notes(found)
        update.expect_renamed({source: held[source] for source in gone})
        for path, reason in found.unreadable.items():
            update.fail(path, reason)
        for done, (source, root) in enumerate(found.sources.items(), 1):
            update.take_file(source, root, held.get(source))
            update.tell(Step("read", source, done=done, total=len(found.sources)))
        update.commit()
        kept = {*update.report.renamed.values(), *update.kept}
        update.remove({source: held[source][0] for source in gone if source not in kept})
    return update.report


def differences(
    library: Path | str,
    folders: Sequence[Path | str],
    *,
    prune: bool = True,
    ignore: Sequence[str] = (),
    progress: Tell | None = None,
) -> Report:
    """What :func:`sync` would do; nothing is changed, and no file is loaded, only read.

    Raises as :func:`sync`, but knows nothing of models.
    """
    library = Path(library)
    tell = progress or (lambda _: None)
    found = scan([Path(folder) for folder in folders], without=library, ignore=ignore)
    try:
        with Store.open(library) as store:
            held, gone = _compared(store, found, folders, prune=prune)
    except NotALibrary:
        if library.exists():
            refuse_foreign(library)
        held, gone = {}, []
    report = Report(notes=_notes(found))
    before = {held[source][1].hash: source for source in gone}
    failed = list(found.unreadable.items())
    for done, source in enumerate(found.sources, 1):
        known = held.get(source)
        read = read_file(source, known)
        if isinstance(read, Failure):
            failed.append((source, read.reason + (KEPT if known else "")))
        elif read is None or (known and known[1].hash == read[1].hash):
            report.unchanged += 1
        elif known:
            report.changed.append(source)
        elif old := before.pop(read[1].hash, ""):
            report.renamed[source] = old
        else:
            report.added.append(source)
        tell(Step("read", source, done=done, total=len(found.sources)))
    report.failed = [Failure(source, reason) for source, reason in failed]
    renamed = set(report.renamed.values())
    report.removed = [source for source in gone if source not in renamed]
    return report


def add(
    library: Path | str,
    articles: Sequence[Article],
    embedder: Embedder,
    *,
    config: ChunkConfig | None = None,
    progress: Tell | None = None,
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
                update.take_article(article, Origin("", _content(article), is_new))
            update.tell(Step("read", article.source, done=done, total=len(last)))
        update.commit()
    return update.report


def remove(library: Path | str, names: Sequence[str], *, progress: Tell | None = None) -> Report:
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


@contextmanager
def _update(
    library: Path,
    embedder: Embedder,
    config: ChunkConfig | None,
    progress: Tell | None,
    segmenter: str | None = None,
    processes: int = 1,
) -> Iterator[Update]:
    """An update of the library, which is created where there is none; saves the indexes at the end."""
    config = config or ChunkConfig()
    with writer(library, create=True):
        if not (library / "current").exists():
            ours = fingerprint(embedder, config, segmenter or JIEBA)
            words_by(segmenter or JIEBA)
            folder = next_generation(library)
            Writer.create(library, folder, ours, model=embedder.name, dim=embedder.dim).close()
            switch(library, folder)
        with Writer.open(library) as store:
            segmenter = segmenter or store.segmenter
            words_by(segmenter)
            fields = store.fingerprint.differences(fingerprint(embedder, config, segmenter))
            if fields:
                raise FingerprintMismatch(
                    str(library), fields, rebuild_command(library, embedder.name, segmenter)
                )
            cutter = embedder.cutter if isinstance(embedder, StaticEmbedder) else None
            preparation = Preparation(config, segmenter, cutter)
            with Update(store, progress, embedder, preparation, processes=processes) as update:
                yield update
                update.finish()


def _compared(
    store: Store,
    found: Found,
    folders: Sequence[Path | str],
    *,
    prune: bool,
    only: Sequence[str] | None = None,
) -> tuple[dict[str, tuple[str, File]], list[str]]:
    """What the store holds of the folders, and which sources of it are gone; marks emptied folders."""
    roots = [root_of(Path(folder)).as_posix() for folder in folders]
    held = store.files(roots if only is None else only)
    for root in roots if prune and only is None else ():
        kept = sum(below(source, root) for source in held)
        if kept and found.is_empty(root):
            reason = f"the folder is empty; its {kept} articles were kept (remove takes them out)"
            found.unreadable[root] = reason
    gone = [source for source in sorted(held) if prune and found.is_gone(source)]
    return held, gone


def _content(article: Article) -> File:
    """What stands for a file where an article was given as it is."""
    said = article.metadata
    parts = (article.id, article.source, article.title, article.text, said.author, said.date)
    content = json.dumps([*parts, pack_details(article)]).encode()
    return File(hashlib.sha256(content).hexdigest(), len(content))


def _paths(name: str) -> list[str]:
    """The paths that ``name`` may mean: as it is written, and with its links followed."""
    if not name or "\0" in name:
        return []  # an empty name would mean the folder that one is in
    return [Path(path).as_posix() for path in (os.path.abspath(name), os.path.realpath(name))]  # noqa: PTH100


def _notes(found: Found) -> list[str]:
    """What a sync left out, in words."""
    notes = list(found.notes)
    if found.ignored:
        notes.append(f"{found.ignored} files and folders were left out by patterns to ignore")
    if found.others:
        kinds = ", ".join(f"{suffix} {count}" for suffix, count in found.others.most_common())
        notes.append(f"{found.others.total()} files of other kinds were left out: {kinds}")
    return notes
