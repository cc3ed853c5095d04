"""A library anew from what it holds: its indexes, its damaged articles, or all passages and vectors."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from embeddings.change import Writer
from embeddings.chunk import ChunkConfig
from embeddings.errors import LibraryCorrupt, LibraryError
from embeddings.folder import (
    generation,
    next_generation,
    remove_leftovers,
    switch,
    unfinished_generation,
    writer,
)
from embeddings.index import save
from embeddings.prepare import Preparation
from embeddings.recipe import fingerprint
from embeddings.report import Step
from embeddings.rows import File
from embeddings.segment import words_by
from embeddings.take import Origin, Update
from embeddings.verify import problems_of_articles

if TYPE_CHECKING:
    from collections.abc import Iterable

    from embeddings.encode import Embedder, Fingerprint
    from embeddings.report import Report, Tell
    from embeddings.rows import ArticleRow
    from embeddings.store import Store
    from embeddings.take import Known


def rebuild(
    library: Path | str,
    embedder: Embedder | None = None,
    *,
    config: ChunkConfig | None = None,
    segmenter: str | None = None,
    progress: Tell | None = None,
) -> Report | None:
    """None when only the indexes were built anew; else what it took to make the library whole.

    Where ``embedder``, ``config`` or ``segmenter`` (or the terms of this program) differ from the library's,
    that is the next generation: all articles are split and embedded again, from the texts in the library,
    beside the generation that serves, which serves until the new one is whole. Where the model and the
    passages are the same, the vectors are taken over. Interrupted, it goes on where it was.

    Where they do not, articles that :func:`~embeddings.verify.verify` finds damaged are taken in again,
    from their files or, of those that have none, from the texts in the library; the indexes are built anew.
    Without ``embedder``, that is all that happens.

    Raises:
        LibraryError: there is no room for the new generation beside the old one; nothing was changed.
    """
    library = Path(library)
    with writer(library), Writer.open(library) as old:
        preparation = Preparation(config or ChunkConfig(), segmenter or old.segmenter)
        if embedder is None:
            remove_leftovers(library)
            save(old, anew=True)
            return None
        words_by(preparation.segmenter)
        ours = fingerprint(embedder, preparation.config, preparation.segmenter)
        if not old.fingerprint.differences(ours):
            remove_leftovers(library)
            report = _mended(Update(old, progress, embedder, preparation, known=_nothing), embedder)
            save(old, anew=True)
            return report
        if (new := _begun(library, ours)) is None:
            _refuse_full(library, old, embedder.dim)
            folder = next_generation(library)
            new = Writer.create(
                library,
                folder,
                ours,
                model=embedder.name,
                dim=embedder.dim,
                after=old.revision,
                unfinished=True,
            )
        with new:
            known = _vectors_of(old) if _same_vectors(old, ours) else None
            update = Update(new, progress, embedder, preparation, known=known)
            _take_all(update, old)
            update.commit()
            update.finish()
            new.finish()
            folder = new.folder
        switch(library, folder)
    return update.report


def _begun(library: Path, ours: Fingerprint) -> Writer | None:
    """The generation that an interrupted rebuild to the same has begun."""
    folder = unfinished_generation(library)
    if folder is None:
        return None
    try:
        new = Writer.of(library, folder)
    except LibraryError:
        return None
    try:
        if not new.fingerprint.differences(ours):
            return new
    except LibraryError:
        pass
    new.close()
    return None


def _refuse_full(library: Path, old: Store, dim: int) -> None:
    """LibraryError when the new generation will not fit on the disk."""
    passages = old.counts()[1]
    size = sum(path.stat().st_size for path in generation(library).rglob("*") if path.is_file())
    begun = unfinished_generation(library)
    freed = sum(path.stat().st_size for path in begun.rglob("*") if path.is_file()) if begun else 0
    needed = size + passages * 2 * (dim - old.dim) + _SPARE
    free = shutil.disk_usage(library).free + freed
    if free < needed:
        reason = (
            f"the new generation needs about {needed >> 20} MiB beside the old one, {free >> 20} are free"
        )
        raise LibraryError(str(library), reason, "free disk space, then rebuild again")


_SPARE = 1 << 24  # bytes that the least library needs for its logs


def _take_all(update: Update, old: Store) -> None:
    """Takes what ``old`` holds into the new store; what that holds already stays, what is gone goes."""
    rows = old.articles()
    damaged = {problem.source for problem in problems_of_articles(old)}
    held = update.store.files()
    update.remove({source: held[source][0] for source in held.keys() - {row.source for row in rows}})
    for done, row in enumerate(rows, 1):
        # Of a damaged one the file is not known any more, so that the next sync loads it.
        file = File("") if row.source in damaged else row.file
        if held.get(row.source) != (row.id, file) or not file.hash:
            _take_held(update, old, row, file, is_new=row.source not in held)
        update.tell(Step("read", row.source, done=done, total=len(rows)))


def _same_vectors(old: Store, ours: Fingerprint) -> bool:
    """Whether the vectors of the same texts are the same: at most the words differ."""
    differing = old.fingerprint.differences(ours)
    return all(name.startswith("words.") for name in differing)


def _vectors_of(old: Store) -> Known:
    """What gives the vectors that ``old`` holds, without terms, which are to be worked out."""
    return lambda hashes: {each: (vector, b"") for each, (vector, _) in old.embedded(hashes).items()}


def _nothing(_: Iterable[bytes]) -> dict[bytes, tuple[bytes, bytes]]:
    return {}


def _mended(update: Update, embedder: Embedder) -> Report | None:
    """What it took to take the damaged articles in again; None when there are none."""
    damaged = {problem.source for problem in problems_of_articles(update.store, embedder)} - {""}
    rows = [row for row in update.store.articles() if row.source in damaged]
    # Their files are not known any more: what cannot be mended now, the next sync or add takes in.
    update.store.touch((row.id, File("")) for row in rows)
    for row in rows:
        if row.root and Path(row.source).is_file():
            update.take_file(row.source, row.root, (row.id, File("")))
        else:
            _take_held(update, update.store, row, File(""), is_new=False)
    update.commit()
    return update.report if damaged else None


def _take_held(update: Update, store: Store, row: ArticleRow, file: File, *, is_new: bool) -> None:
    """Takes in what ``store`` holds of the article."""
    try:
        article = store.article(row.id)
    except LibraryCorrupt:
        article = None
    if article:
        update.take_article(article, Origin(row.root, file, is_new))
    else:
        update.fail(row.source, "what the library held of it cannot be read; sync its folder or add it again")
