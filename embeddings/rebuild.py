"""A library anew from what it holds: its indexes, or its passages and vectors too."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from embeddings.chunk import ChunkConfig
from embeddings.folder import next_generation, switch, writer
from embeddings.index import save
from embeddings.recipe import fingerprint
from embeddings.store import Writer
from embeddings.update import Step, Update

if TYPE_CHECKING:
    from collections.abc import Callable

    from embeddings.encode import Embedder
    from embeddings.update import Report


def rebuild(
    library: Path | str,
    embedder: Embedder | None = None,
    *,
    config: ChunkConfig | None = None,
    progress: Callable[[Step], None] | None = None,
) -> Report | None:
    """None when only the indexes were built anew; else what it took to make the next generation.

    That happens when ``embedder`` or ``config`` (or the terms of this program) differ from the library's:
    all articles are split and embedded again, from the texts in the library, beside the generation that
    serves, which serves until the new one is whole.
    """
    library = Path(library)
    config = config or ChunkConfig()
    with writer(library), Writer.open(library) as old:
        if embedder is None or not old.fingerprint.differences(ours := fingerprint(embedder, config)):
            save(old, anew=True)
            return None
        folder = next_generation(library)
        rows = old.articles()
        new = Writer.create(library, folder, ours, model=embedder.name, dim=embedder.dim, after=old.revision)
        with new:
            update = Update(new, progress, embedder, config)
            for done, row in enumerate(rows, 1):
                article = old.article(row.id)
                if article:
                    update.take(article, row.root, row.file, is_new=True)
                update.tell(Step("read", row.source, done=done, total=len(rows)))
            update.commit()
            update.finish()
        switch(library, folder)
    return update.report
