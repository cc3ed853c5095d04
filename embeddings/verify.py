"""Whether a library agrees with itself."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from embeddings.chunk import Chunk
from embeddings.errors import LibraryCorrupt
from embeddings.index import problems_of_saved
from embeddings.recipe import above, text_hash, unpack_terms
from embeddings.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

NORM_TOLERANCE = 0.002
"""How far from 1 the length of a vector may be: float16 has 11 binary digits."""


def verify(library: Path | str) -> list[str]:
    """What in the library is wrong, in words; empty when all is well.

    Indexes that are missing or of an earlier revision are no problem: they are made good on opening.

    Raises:
        NotALibrary, LibraryCorrupt, SchemaTooNew: it cannot even be opened.
    """
    with Store.open(Path(library)) as store:
        try:
            return [*_database(store), *_articles(store), *_vectors(store), *problems_of_saved(store)]
        except LibraryCorrupt as error:
            return [error.reason]


def _database(store: Store) -> Iterator[str]:
    for (found,) in store.rows("PRAGMA integrity_check"):
        if found != "ok":
            yield f"SQLite: {found}"
    for table, row, parent, _ in store.rows("PRAGMA foreign_key_check"):
        yield f"row {row} of {table} belongs to no row of {parent}"
    checks = {
        "articles without a text": "articles WHERE key NOT IN (SELECT article FROM texts)",
        "passages without a vector": "passages WHERE id NOT IN (SELECT passage FROM embedded)",
        "passages of no article": "passages WHERE article NOT IN (SELECT key FROM articles)",
        "vectors of no passage": "embedded WHERE passage NOT IN (SELECT id FROM passages)",
        "removed passages that are there": "removed JOIN passages ON id = passage",
    }
    for what, sql in checks.items():
        ((count,),) = store.rows(f"SELECT count(*) FROM {sql}")  # noqa: S608 -- from the table above
        if count:
            yield f"{count} {what}"
    ((missing,),) = store.rows("SELECT max(number) - min(number) + 1 - count(*) FROM revisions")
    if missing:
        yield f"{missing} revisions are missing"
    ((highest,),) = store.rows("SELECT coalesce(max(id), 0) FROM passages")
    if highest > store.revision.last_passage:
        yield f"passage {highest} is newer than the revision"


def _articles(store: Store) -> Iterator[str]:
    for row in store.articles():
        try:
            article = store.article(row.id)
            passages = store.passages_of(row.id)
        except (ValueError, KeyError, TypeError) as error:
            yield f"{row.source}: its details cannot be read ({type(error).__name__}: {error})"
            continue
        if article is None:
            continue  # without a text; told above
        at = 0
        for passage in passages:
            if passage.span.start != at:
                yield f"{row.source}: passage {passage.id} begins at {passage.span.start}, not at {at}"
            at = passage.span.end
        if at != len(article.text) and (passages or article.text.strip()):
            yield f"{row.source}: its passages end at {at}, its text at {len(article.text)}"
        hashes = dict(store.rows("SELECT passages.id, text_hash FROM passages JOIN articles ON article = key"
                                 " WHERE articles.id = ?", [row.id]))  # fmt: skip
        for passage in passages:
            chunk = Chunk(passage.span, passage.headings)
            if hashes[passage.id] != text_hash(above(article, chunk), passage.span.of(article.text)):
                yield f"{row.source}: passage {passage.id} is not the text that was embedded"


def _vectors(store: Store) -> Iterator[str]:
    import numpy as np

    for ids, vectors in store.vectors():
        norms = np.linalg.norm(vectors, axis=1)
        wrong = ~((np.abs(norms - 1) <= NORM_TOLERANCE) | (norms == 0))
        yield from (f"passage {ids[i]}: its vector has length {norms[i]:.3f}" for i in np.flatnonzero(wrong))
    for passage, packed in store.terms():
        try:
            unpack_terms(packed)
        except (zlib.error, TypeError, UnicodeDecodeError) as error:
            yield f"passage {passage}: its terms cannot be read ({error})"
