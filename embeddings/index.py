"""The indexes of a library, derived from its store: nearest by vector, matching by word.

They are caches of one revision. Saved, they lie beside the store with a manifest that names the
revision and the files' hashes; whatever lags is brought up to date from the store, whatever is
missing or damaged is built again. Only the writer saves.
"""

from __future__ import annotations

import json
import secrets
import shutil
from dataclasses import dataclass
from hashlib import file_digest
from typing import TYPE_CHECKING, Any

from embeddings.errors import LibraryError
from embeddings.folder import replace_file
from embeddings.lexical import Lexical
from embeddings.rows import Revision

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from embeddings.encode import Vectors
    from embeddings.store import Store


class Nearest:
    """Exact search among unit vectors by passage id; never changed, so threads may share it."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def build(cls, store: Store) -> Nearest:
        """An index of all vectors of the store."""
        import faiss

        return cls(_grown(faiss.IndexIDMap2(faiss.IndexFlatIP(store.dim)), store, 0))

    @classmethod
    def load(cls, path: Path) -> Nearest:
        """The index saved at ``path``."""
        import faiss
        import numpy as np

        return cls(faiss.deserialize_index(np.fromfile(path, np.uint8)))

    def save(self, path: Path) -> None:
        """Writes the index; through a Python file, because FAISS opens only ASCII paths on Windows."""
        import faiss

        faiss.serialize_index(self._index).tofile(path)

    def followed(self, store: Store, since: Revision) -> Nearest:
        """The index of the store's revision, made from this one of revision ``since``."""
        import faiss
        import numpy as np

        copy = faiss.clone_index(self._index)
        gone = [passage for passage in store.removed(since.number) if passage <= since.last_passage]
        if gone:
            copy.remove_ids(faiss.IDSelectorBatch(np.asarray(gone, np.int64)))
        return Nearest(_grown(copy, store, since.last_passage))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def ids(self) -> list[int]:
        """The passages of the index, rising."""
        import faiss

        return sorted(faiss.vector_to_array(self._index.id_map).tolist())

    def nearest(
        self, vectors: Vectors, k: int, *, only: Sequence[int] | None = None
    ) -> list[list[tuple[int, float]]]:
        """For each row, at most ``k`` (passage id, cosine), falling, ties by id; none for a row of zeros.

        ``only`` searches among these passages.
        """
        import faiss
        import numpy as np

        k = min(k, len(self) if only is None else len(only))
        if not len(self) or k < 1:
            return [[] for _ in vectors]
        rows = np.ascontiguousarray(vectors, np.float32)
        among = None
        if only is not None:
            among = faiss.SearchParameters()
            among.sel = faiss.IDSelectorBatch(np.asarray(only, np.int64))
        similarities, ids = self._index.search(rows, k, params=among)
        return [
            sorted(
                (pair for pair in zip(found.tolist(), near.tolist(), strict=True) if pair[0] >= 0),
                key=lambda pair: (-pair[1], pair[0]),
            )
            if row.any()
            else []
            for row, found, near in zip(rows, ids, similarities, strict=True)
        ]

    def vectors(self, ids: Sequence[int]) -> Vectors:
        """``(len(ids), dim)`` float32 rows. KeyError for an id that is not in the index."""
        import numpy as np

        if not ids:
            return np.zeros((0, self._index.d), np.float32)
        try:
            found: Vectors = self._index.reconstruct_batch(np.asarray(ids, np.int64))
        except RuntimeError as error:
            raise KeyError(f"one of {len(ids)} passages is not in the index") from error
        return found


@dataclass(frozen=True)
class Index:
    """Both indexes, of one revision; ``stale`` counts the passages that went since the words were built."""

    revision: Revision
    nearest: Nearest
    lexical: Lexical
    stale: int = 0


def index_of(store: Store, *, into: Path | None = None) -> Index:
    """The index of the store's revision: the saved one, brought up to date, or else a new one.

    ``into`` is the new folder for the words where a writer wants to save them; a reader has none, and
    keeps what he has to build in memory or in a temporary folder.
    """
    for _ in range(_ATTEMPTS):
        saved = _load(store)
        if saved is None:
            break
        try:
            return saved if saved.revision == store.revision else follow(saved, store, into=into)
        except OSError:
            if into is not None:
                raise
            # A writer has saved the next one, and deleted this one while it was being read.
    return build(store, into=into)


def refreshed(index: Index, store: Store) -> Index:
    """The index of the store's revision, from ``index`` or from a newer one that was saved meanwhile."""
    if saved_revision(store) > index.revision.number or not store.descends_from(index.revision):
        return index_of(store)
    try:
        return follow(index, store)
    except OSError:
        return index_of(store)  # the files behind ``index`` are gone: a writer has saved a newer one


def saved_revision(store: Store) -> int:
    """The number of the revision whose index is saved; -1 when none is."""
    manifest = _manifest(store.folder)
    return -1 if manifest is None else manifest["revision"].number


def build(store: Store, *, into: Path | None = None) -> Index:
    """The index of the store's revision, from the store alone."""
    lexical = Lexical.empty(into)
    lexical.change((), store.terms())
    return Index(store.revision, Nearest.build(store), lexical)


def follow(index: Index, store: Store, *, into: Path | None = None) -> Index:
    """The index of the store's revision, made from ``index`` of an earlier one where that is less work.

    BM25 counts removed passages until they are merged away (as in Lucene), so a writer builds the words
    anew when a tenth of them has changed; then they are as in a fresh build.
    """
    gone = [
        passage for passage in store.removed(index.revision.number) if passage <= index.revision.last_passage
    ]
    _, passages = store.counts()
    added = passages - len(index.nearest) + len(gone)
    stale = index.stale + len(gone)
    if gone or added:
        if added + stale > passages // 10 and (into is not None or added + stale > passages // 2):
            return build(store, into=into)
        if into is not None and passages <= _SMALL:
            return build(store, into=into)
    lexical = index.lexical.private(into)
    lexical.change(gone, store.terms(index.revision.last_passage))
    return Index(store.revision, index.nearest.followed(store, index.revision), lexical, stale)


def is_saved(store: Store) -> bool:
    """Whether the saved index is of the store's revision; its files are not read, but have their sizes."""
    manifest = _manifest(store.folder)
    if manifest is None or manifest["revision"] != store.revision:
        return False
    return all(_size(store.folder / name) == size for name, (size, _) in manifest["files"].items())


def save(store: Store, *, anew: bool = False) -> bool:
    """Whether the index had to be saved; for the writer. ``anew`` builds it from the store alone.

    LibraryError when it cannot be written; the store has lost nothing, and readers build it in memory.
    """
    if not anew and is_saved(store):
        return False
    name = f"{store.revision.number}-{secrets.token_hex(4)}"
    words, vectors = store.folder / f"words-{name}", store.folder / f"vectors-{name}.faiss"
    try:
        words.mkdir()
        index = build(store, into=words) if anew else index_of(store, into=words)
        index.nearest.save(vectors)
        files = [vectors, *(path for path in sorted(words.iterdir()) if not path.name.endswith(".lock"))]
        manifest = {
            "format": _FORMAT,
            "revision": list(index.revision),
            "stale": index.stale,
            "vectors": vectors.name,
            "words": words.name,
            "files": {path.relative_to(store.folder).as_posix(): _signed(path) for path in files},
        }
        replace_file(store.folder / "index.json", json.dumps(manifest, indent=1).encode())
        _remove_leftovers(store.folder, (words.name, vectors.name))
    except (OSError, ValueError) as error:  # ValueError: tantivy's reports of a failed write
        reason = f"the indexes could not be saved ({error}); searching works, but starts more slowly"
        raise LibraryError(str(store.library), reason, "free disk space, then sync again") from error
    return True


def problems_of_saved(store: Store) -> Iterator[str]:
    """What in the saved index contradicts the store; an earlier revision does not."""
    if not (store.folder / "index.json").exists():
        return
    manifest = _manifest(store.folder)
    if manifest is None:
        yield "index.json cannot be read, or is of another version of this program"
    elif not store.descends_from(manifest["revision"]):
        yield f"the indexes are of revision {manifest['revision'].number}, which this library never had"
    elif (saved := _load(store)) is None:
        yield "the indexes are damaged"
    elif saved.revision == store.revision:
        held = [row[0] for row in store.rows("SELECT id FROM passages ORDER BY id")]
        if saved.nearest.ids() != held:
            yield f"the indexes hold {len(saved.nearest)} passages, the store {len(held)}, or others"


_FORMAT = 2  # grows when saved indexes have to be made anew: those of 1 kept the words of removed passages
_ATTEMPTS = 5  # to read what a writer replaces again and again
_SMALL = 1000  # passages: fewer are built anew in less than a second


def _load(store: Store) -> Index | None:
    """The saved index; None when there is none, or it is damaged, or of no earlier state of the store.

    What it returns holds the same passages in both of its parts.
    """
    manifest = None
    while manifest != (manifest := _manifest(store.folder)):  # again when a writer saves the next meanwhile
        if manifest is None or not store.descends_from(manifest["revision"]):
            return None
        try:
            if all(_signed(store.folder / name) == signed for name, signed in manifest["files"].items()):
                nearest = Nearest.load(store.folder / manifest["vectors"])
                lexical = Lexical.open(store.folder / manifest["words"])
                # Here, once for all questions: what matches by word must have a vector and a text.
                if nearest.ids() == lexical.ids():
                    return Index(manifest["revision"], nearest, lexical, manifest["stale"])
        except (OSError, ValueError, RuntimeError, KeyError):  # RuntimeError: FAISS's, ValueError: tantivy's
            continue
    return None


def _grown(index: Any, store: Store, after: int) -> Any:
    import numpy as np

    for ids, vectors in store.vectors(after):
        index.add_with_ids(vectors, np.asarray(ids, np.int64))
    return index


def _manifest(folder: Path) -> dict[str, Any] | None:
    """What is said of the saved index; None when there is none that this program can use."""
    try:
        manifest: dict[str, Any] = json.loads((folder / "index.json").read_bytes())
        number, stamp, last_passage = manifest["revision"]
        revision = Revision(int(number), str(stamp), int(last_passage))
        signed = {name: list(of_file) for name, of_file in manifest["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    if manifest.get("format") != _FORMAT:
        return None
    return {**manifest, "revision": revision, "files": signed}


def _signed(path: Path) -> list[Any]:
    with path.open("rb") as file:
        return [path.stat().st_size, file_digest(file, "sha256").hexdigest()]


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else -1


def _remove_leftovers(folder: Path, keep: Iterable[str]) -> None:
    for path in folder.iterdir():
        if path.name.startswith("words-") and path.name not in keep:
            shutil.rmtree(path, ignore_errors=True)
        elif path.name.startswith("vectors-") and path.name not in keep:
            path.unlink(missing_ok=True)
