"""A library as JSON Lines, to keep or to carry to another machine or program, and back."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from embeddings.article import Span
from embeddings.change import Writer
from embeddings.chunk import Chunk, ChunkConfig
from embeddings.errors import LibraryCorrupt, LibraryError, LoadError
from embeddings.folder import next_generation, switch, writer
from embeddings.prepare import Preparation, Prepared
from embeddings.recipe import above, fingerprint, text_hash
from embeddings.report import Step
from embeddings.rows import NORM_TOLERANCE, VECTOR_TYPE, File, pack_details, unpack_article, why_not_stored
from embeddings.segment import JIEBA, SEGMENTERS, words_by
from embeddings.store import Store
from embeddings.take import Origin, Update

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from embeddings.encode import Embedder
    from embeddings.report import Report, Tell

FORMAT = "article-qa library 1"
"""What the first line calls the format."""


def export(library: Path, *, progress: Tell | None = None) -> Iterator[str]:
    """The lines of the library, each a JSON object, without line breaks.

    The first names the format, the model, the settings and how many articles follow. Each other one is an
    article: its text, metadata and file, and its passages with their ranges, headings and vectors
    (little-endian float16, base64). It is one revision, whatever is written meanwhile.
    """
    with Store.open(library) as store:
        rows = store.articles()
        yield _line(
            {
                "format": FORMAT,
                "articles": len(rows),
                "revision": store.revision.number,
                "model": store.meta("model"),
                "dim": store.dim,
                "fingerprint": dict(store.fingerprint.fields),
            }
        )
        for done, row in enumerate(rows, 1):
            article = store.article(row.id)
            if article is None:
                raise LibraryCorrupt(str(library), f"{row.source}: its text is missing", "run: verify")
            passages = store.passages_of(row.id)
            vectors = store.packed_vectors([passage.id for passage in passages])
            yield _line(
                {
                    "id": article.id,
                    "title": article.title,
                    "text": article.text,
                    "source": article.source,
                    "author": article.metadata.author,
                    "date": article.metadata.date,
                    "details": json.loads(pack_details(article)),
                    "root": row.root,
                    "file": [row.file.hash, row.file.size, row.file.mtime_ns],
                    "passages": [
                        {
                            "start": passage.span.start,
                            "end": passage.span.end,
                            "headings": passage.headings,
                            "vector": base64.b64encode(vector).decode("ascii"),
                        }
                        for passage, vector in zip(passages, vectors, strict=True)
                    ],
                }
            )
            if progress:
                progress(Step("read", row.source, done=done, total=len(rows)))


def import_lines(
    library: Path, lines: Iterable[str], embedder: Embedder, *, progress: Tell | None = None
) -> Report:
    """What it took to make a new library of exported ``lines``.

    Where it was exported with ``embedder``, its vectors and passages are taken over; else the articles are
    cut and embedded anew. A line that is no article is reported as failed, with its number, and the others
    are taken.

    Raises:
        LoadError: the first line is not that of an export.
        LibraryError: there is a library already, or the folder cannot be written to.
    """
    numbered = enumerate(lines, 1)
    head = _head(next(numbered, (1, ""))[1])
    segmenter = head["fingerprint"].get("words.segmenter", JIEBA)
    segmenter = segmenter if segmenter in SEGMENTERS else JIEBA
    words_by(segmenter)
    preparation = Preparation(_config(head["fingerprint"]), segmenter)
    ours = fingerprint(embedder, preparation.config, segmenter)
    same = _for_passages(ours.fields) == _for_passages(head["fingerprint"])
    with writer(library, create=True):
        if (library / "current").exists():
            raise LibraryError(str(library), "there is a library already", "name a new folder")
        folder = next_generation(library)
        new = Writer.create(library, folder, ours, model=embedder.name, dim=embedder.dim, unfinished=True)
        with new:
            update = Update(new, progress, embedder, preparation)
            seen: dict[str, int] = {}
            for number, line in numbered:
                try:
                    prepared, origin = _read(line, preparation, embedder.dim if same else 0)
                except _WRONG as error:
                    reason = str(error)[:200] or type(error).__name__
                    update.fail(f"line {number}", f"it is no article ({reason})")
                    continue
                article = prepared.article
                if before := seen.get(article.id) or seen.get(article.source):
                    update.fail(f"line {number}", f"it is the article of line {before} once more")
                    continue
                seen |= {article.id: number, article.source: number}
                update.take(prepared, origin)
                update.tell(Step("read", article.source, done=number - 1, total=head["articles"]))
            update.commit()
            update.finish()
            new.finish()
        switch(library, folder)
    return update.report


def _head(line: str) -> dict[str, Any]:
    try:
        head = json.loads(line)
        if head["format"] == FORMAT:
            return {
                "articles": int(head["articles"]),
                "fingerprint": {str(k): str(v) for k, v in head["fingerprint"].items()},
            }
        reason = f"its format is {head['format']!r}, not {FORMAT!r}"
    except (ValueError, KeyError, TypeError, AttributeError):
        reason = "its first line is not that of an exported library"
    raise LoadError("import", reason, "give a file that `python -m embeddings export` has written")


_WRONG = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
"""What reading a line that is no article raises."""


def _read(line: str, preparation: Preparation, dim: int) -> tuple[Prepared, Origin]:
    """The article of a line, and where it came from; with ``dim`` 0 it is cut anew, and has no vectors."""
    import numpy as np

    said = json.loads(line)
    details = json.dumps(said["details"])
    article = unpack_article(
        said["id"], said["title"], said["text"], said["source"], said["author"], said["date"], details
    )
    if reason := why_not_stored(article):
        raise ValueError(reason)
    content, size, mtime = said["file"]
    origin = Origin(str(said["root"]), File(str(content), int(size), int(mtime)), is_new=True)
    (origin.root + origin.file.hash).encode()
    if max(abs(origin.file.size), abs(origin.file.mtime_ns)) >= 1 << 63:
        raise ValueError("a number of its file is too large")
    if not dim:
        return preparation.of(article), origin
    chunks = [Chunk(Span(p["start"], p["end"]), tuple(map(str, p["headings"]))) for p in said["passages"]]
    tiled = [0, *(chunk.span.end for chunk in chunks)]
    if [chunk.span.start for chunk in chunks] != tiled[:-1] or (
        tiled[-1] != len(article.text) and article.text.strip()
    ):
        raise ValueError("its passages are not those of its text")
    vectors = [base64.b64decode(p["vector"], validate=True) for p in said["passages"]]
    if any(len(vector) != 2 * dim for vector in vectors):
        raise ValueError("a vector has the wrong width")
    lengths = np.linalg.norm(
        np.frombuffer(b"".join(vectors), VECTOR_TYPE).reshape(-1, dim).astype("f4"), axis=1
    )
    if not ((abs(lengths - 1) <= NORM_TOLERANCE) | (lengths == 0)).all():
        raise ValueError("a vector has the wrong length")
    hashes = [text_hash(above(article, chunk), chunk.span.of(article.text)) for chunk in chunks]
    return Prepared(article, chunks, hashes, vectors=vectors), origin


def _config(fields: dict[str, str]) -> ChunkConfig:
    """The sizes of passages that a fingerprint names; the usual ones where it does not."""
    names = ("target", "maximum", "minimum")
    try:
        return ChunkConfig(**{name: int(fields[f"chunk.{name}"]) for name in names})
    except (KeyError, ValueError):
        return ChunkConfig()


def _for_passages(fields: Mapping[str, str]) -> dict[str, str]:
    """The part of a fingerprint that passages and vectors depend on."""
    return {name: value for name, value in fields.items() if not name.startswith("words.")}


def _line(said: dict[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))
