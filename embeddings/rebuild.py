"""A library anew from what it holds: its indexes, its damaged articles, or all passages and vectors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from embeddings.chunk import ChunkConfig
from embeddings.errors import LibraryCorrupt
from embeddings.folder import next_generation, switch, writer
from embeddings.index import save
from embeddings.recipe import fingerprint
from embeddings.rows import File
from embeddings.store import Writer
from embeddings.update import Step, Update
from embeddings.verify import problems_of_articles

if TYPE_CHECKING:
    from collections.abc import Callable

    from embeddings.encode import Embedder
    from embeddings.rows import ArticleRow
    from embeddings.store import Store
    from embeddings.update import Report


def rebuild(
    library: Path | str,
    embedder: Embedder | None = None,
    *,
    config: ChunkConfig | None = None,
    progress: Callable[[Step], None] | None = None,
) -> Report | None:
    """None when only the indexes were built anew; else what it took to make the library whole.

    Where ``embedder`` or ``config`` (or the terms of this program) differ from the library's, that is the
    next generation: all articles are split and embedded again, from the texts in the library, beside the
    generation that serves, which serves until the new one is whole.

    Where they do not, articles that :func:`~embeddings.verify.verify` finds damaged are taken in again,
    from their files or, of those that have none, from the texts in the library; the indexes are built anew.
    Without ``embedder``, that is all that happens.
    """
    library = Path(library)
    config = config or ChunkConfig()
    with writer(library), Writer.open(library) as old:
        if embedder is None or not old.fingerprint.differences(ours := fingerprint(embedder, config)):
            report = (
                _mended(Update(old, progress, embedder, config, anew=True), embedder) if embedder else None
            )
            save(old, anew=True)
            return report
        folder = next_generation(library)
        rows = old.articles()
        damaged = {problem.source for problem in problems_of_articles(old)}
        new = Writer.create(library, folder, ours, model=embedder.name, dim=embedder.dim, after=old.revision)
        with new:
            update = Update(new, progress, embedder, config)
            for done, row in enumerate(rows, 1):
                # Of a damaged one the file is not known any more, so that the next sync loads it.
                file = File("") if row.source in damaged else row.file
                _take_held(update, old, row, file, is_new=True)
                update.tell(Step("read", row.source, done=done, total=len(rows)))
            update.commit()
            update.finish()
        switch(library, folder)
    return update.report


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
        update.take(article, row.root, file, is_new=is_new)
    else:
        update.fail(row.source, "what the library held of it cannot be read; sync its folder or add it again")
