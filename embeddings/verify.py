"""Whether a library agrees with itself."""

from __future__ import annotations

import random
import zlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from embeddings.chunk import Chunk
from embeddings.errors import LibraryCorrupt
from embeddings.index import problems_of_saved
from embeddings.library import check_embedder
from embeddings.recipe import (
    RECIPE_VERSION,
    above,
    embedded_text,
    pack_terms,
    text_hash,
    unpack_terms,
)
from embeddings.rows import NORM_TOLERANCE, VECTOR_TYPE
from embeddings.store import Store
from embeddings.words import WORDS_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from embeddings.article import Passage
    from embeddings.encode import Embedder
    from embeddings.rows import ArticleRow

COSINE = 0.99
"""Between a stored vector and that of its text, at least: models differ a little from batch to batch."""

SAMPLE = 2000
"""Passages whose terms and vectors are worked out again and compared: of more, so many, drawn by the
number of the revision."""


class Problem(NamedTuple):
    """Something wrong; ``source`` names the article, where taking it in again mends it."""

    what: str
    source: str = ""


def verify(library: Path | str, embedder: Embedder | None = None) -> list[str]:
    """What in the library is wrong, in words; empty when all is well.

    All texts, spans and vectors are read and checked against each other. The terms of :data:`SAMPLE`
    passages, all in a small library, are compared with their texts; with ``embedder``, the library's model,
    the vectors are too, all that are zero among them. Indexes that are missing or of an earlier revision
    are no problem: they are made good on opening.

    Raises:
        NotALibrary, LibraryCorrupt, SchemaTooNew: it cannot even be opened.
        FingerprintMismatch: ``embedder`` is another model than the library's.
    """
    with Store.open(Path(library)) as store:
        found = _until_corrupt(_database(store))
        found += problems_of_articles(store, embedder)
        found += _until_corrupt(Problem(what) for what in problems_of_saved(store))
    return list(dict.fromkeys(problem.what for problem in found))


def problems_of_articles(store: Store, embedder: Embedder | None = None) -> list[Problem]:
    """What is wrong with single articles, as :func:`verify` finds it."""
    found = _until_corrupt(_articles(store))
    found += _until_corrupt(_lengths(store))
    return found + _until_corrupt(_compared(store, embedder, {problem.source for problem in found}))


def _until_corrupt(problems: Iterator[Problem]) -> list[Problem]:
    found = []
    try:
        for problem in problems:
            found.append(problem)  # noqa: PERF402 -- what was found before an error counts
    except LibraryCorrupt as error:
        found.append(Problem(error.reason))
    return found


def _database(store: Store) -> Iterator[Problem]:
    for (found,) in store.rows("PRAGMA integrity_check"):
        if found != "ok":
            yield Problem(f"SQLite: {found}")
    for table, row, parent, _ in store.rows("PRAGMA foreign_key_check"):
        yield Problem(f"row {row} of {table} belongs to no row of {parent}")
    checks = {
        "passages of no article": "passages WHERE article NOT IN (SELECT key FROM articles)",
        "vectors of no passage": "embedded WHERE passage NOT IN (SELECT id FROM passages)",
        "removed passages that are there": "removed JOIN passages ON id = passage",
    }
    for what, sql in checks.items():
        ((count,),) = store.rows(f"SELECT count(*) FROM {sql}")  # noqa: S608 -- from the table above
        if count:
            yield Problem(f"{count} {what}")
    ((missing,),) = store.rows("SELECT max(number) - min(number) + 1 - count(*) FROM revisions")
    if missing:
        yield Problem(f"{missing} revisions are missing")
    ((highest,),) = store.rows("SELECT coalesce(max(id), 0) FROM passages")
    if highest > store.revision.last_passage:
        yield Problem(f"passage {highest} is newer than the revision")


def _articles(store: Store) -> Iterator[Problem]:
    for row in store.articles():
        try:
            yield from (Problem(f"{row.source}: {what}", row.source) for what in _article(store, row))
        except LibraryCorrupt as error:
            reason = error.reason.removeprefix(f"{row.source}: ")
            yield Problem(f"{row.source}: {reason}", row.source)


def _article(store: Store, row: ArticleRow) -> Iterator[str]:
    article = store.article(row.id)
    if article is None:
        yield "its text is missing"
        return
    work = {
        passage: (of_text, is_embedded)
        for passage, of_text, is_embedded in store.rows(
            "SELECT passages.id, text_hash, vector IS NOT NULL FROM passages JOIN articles ON article = key"
            " LEFT JOIN embedded ON passage = passages.id WHERE articles.id = ?",
            [row.id],
        )
    }
    at = 0
    for passage in store.passages_of(row.id):
        if passage.span.start != at:
            yield f"passage {passage.id} begins at {passage.span.start}, not at {at}"
        at = passage.span.end
        of_text, is_embedded = work[passage.id]
        if not is_embedded:
            yield f"passage {passage.id} has no vector and no terms"
        chunk = Chunk(passage.span, passage.headings)
        if of_text != text_hash(above(article, chunk), passage.span.of(article.text)):
            yield f"passage {passage.id} is not the text that was embedded"
    if at != len(article.text) and (work or article.text.strip()):
        yield f"its passages end at {at}, its text at {len(article.text)}"


def _lengths(store: Store) -> Iterator[Problem]:
    """What can be told of all vectors and terms without their texts."""
    import numpy as np

    narrow = store.rows("SELECT passage FROM embedded WHERE length(vector) != ?", [_bytes(store)])
    yield from (_of_passage(store, passage, "its vector has the wrong width") for (passage,) in narrow)
    for ids, vectors in () if narrow else store.vectors():
        norms = np.linalg.norm(vectors, axis=1)
        right = (np.abs(norms - 1) <= NORM_TOLERANCE) | (norms == 0)
        for i in np.flatnonzero(~right):
            yield _of_passage(store, ids[i], f"its vector has length {norms[i]:.3f}")
    for passage, packed in store.terms():
        try:
            unpack_terms(packed)
        except (zlib.error, TypeError, UnicodeDecodeError) as error:
            yield _of_passage(store, passage, f"its terms cannot be read ({error})")


def _of_passage(store: Store, passage: int, what: str) -> Problem:
    found = store.rows(
        "SELECT source FROM articles JOIN passages ON article = key WHERE passages.id = ?", [passage]
    )
    source = found[0][0] if found else ""
    return Problem(f"{source}: passage {passage}: {what}", source)


def _bytes(store: Store) -> int:
    import numpy as np

    return store.dim * np.dtype(VECTOR_TYPE).itemsize


def _compared(store: Store, embedder: Embedder | None, damaged: set[str]) -> Iterator[Problem]:
    """What differs from what the texts give; articles already known as damaged are left out."""
    if embedder:
        check_embedder(store, embedder)
    held = store.rows(f"{_HELD} ORDER BY passages.id")
    zeros = store.rows(f"{_HELD} WHERE vector = zeroblob(?)", [_bytes(store)])
    drawn = random.Random(store.revision.number).sample(held, min(SAMPLE, len(held)))  # noqa: S311 -- no secret
    chosen = sorted(passage for passage, source in {*drawn, *zeros} if source not in damaged)
    for start in range(0, len(chosen), 200):
        works = [_work(store, passage) for passage in chosen[start : start + 200]]
        for work, what in (*_other_terms(store, works), *_other_vectors(store, works, embedder)):
            yield Problem(f"{work.source}: passage {work.passage.id}: {what}", work.source)


class _Work(NamedTuple):
    """A passage with what the store holds for it."""

    passage: Passage
    source: str
    vector: bytes
    terms: bytes


def _work(store: Store, passage: int) -> _Work:
    ((source, vector, terms),) = store.rows(f"{_WORK} WHERE passages.id = ?", [passage])
    return _Work(store.passages([passage])[0], source, vector, terms)


def _texts(store: Store, works: list[_Work]) -> list[tuple[str, str]]:
    """What stands above each passage, and its text."""
    articles = {work.passage.article_id: store.article(work.passage.article_id) for work in works}
    found = []
    for work in works:
        article, chunk = articles[work.passage.article_id], Chunk(work.passage.span, work.passage.headings)
        if article:
            found.append((above(article, chunk), chunk.span.of(article.text)))
    return found


def _other_terms(store: Store, works: list[_Work]) -> Iterator[tuple[_Work, str]]:
    fields = store.fingerprint.fields
    if (fields.get("words.version"), fields.get("recipe.version")) != (WORDS_VERSION, RECIPE_VERSION):
        return  # this program makes other terms of the same text
    for work, texts in zip(works, _texts(store, works), strict=True):
        if _counted(work.terms) != _counted(pack_terms(*texts, store.segmenter)):
            yield work, "its terms are not those of its text"


def _counted(packed: bytes) -> list[Counter[str]]:
    """The terms of each column; their order says nothing."""
    return [Counter(column.split(" ")) for column in unpack_terms(packed)]


def _other_vectors(
    store: Store, works: list[_Work], embedder: Embedder | None
) -> Iterator[tuple[_Work, str]]:
    import numpy as np

    vectors = [np.frombuffer(work.vector, VECTOR_TYPE).astype(np.float32) for work in works]
    if embedder is None:
        for work, vector in zip(works, vectors, strict=True):
            if not vector.any() and unpack_terms(work.terms).words:
                yield work, "its vector is zero"
        return
    wanted = embedder.encode_passages([embedded_text(*texts) for texts in _texts(store, works)])
    for work, vector, right in zip(works, vectors, wanted, strict=True):
        if vector @ right < COSINE and (vector.any() or right.any()):
            yield work, "its vector is not that of its text" if vector.any() else "its vector is zero"


_TABLES = "FROM passages JOIN articles ON article = key JOIN embedded ON passage = passages.id"
_HELD = f"SELECT passages.id, source {_TABLES}"
_WORK = f"SELECT source, vector, terms {_TABLES}"
