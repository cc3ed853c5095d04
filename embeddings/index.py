"""The indexes of a library, derived from its store: nearest by vector, matching by word.

They are caches of one revision. Saved, they lie beside the store with a manifest that names the
revision and the files' hashes; whatever lags is brought up to date from the store, whatever is
missing or damaged is built again. Only the writer saves. An edit saves the new words alone: the
files of the old ones are shared, and the vectors lag until there are enough to merge.
"""

from __future__ import annotations

import json
import secrets
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from hashlib import file_digest
from typing import TYPE_CHECKING, Any

from embeddings.errors import LibraryError
from embeddings.folder import replace_file
from embeddings.lexical import Lexical
from embeddings.nearest import EDITED, Nearest, Plan, is_outgrown
from embeddings.rows import Revision

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from embeddings.store import Store

HASHED_ON_OPENING = 256_000_000
"""Bytes; of larger indexes opening checks the sizes of the files, and ``verify`` their hashes."""


@dataclass(frozen=True)
class Index:
    """Both indexes, of one revision; ``stale`` counts the passages that went since the words were built,
    ``checked`` holds what is known of the saved files behind it.
    """

    revision: Revision
    nearest: Nearest
    lexical: Lexical
    stale: int = 0
    checked: dict[str, list[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Saved:
    """What the manifest says: ``revision`` is of the words, ``base_of`` of the vectors; ``files`` maps a name
    to [size, hash].
    """

    revision: Revision
    base_of: Revision
    plan: Plan
    stale: int
    vectors: str
    words: str
    files: dict[str, list[Any]]

    @property
    def data(self) -> bytes:
        """The manifest."""
        return json.dumps({"format": _FORMAT, **asdict(self)}, indent=1).encode()


class Outdated(Exception):
    """The saved index is newer than the store that was opened: open it again."""


def index_of(store: Store, known: Index | None = None) -> Index:
    """The index of the store's revision: the saved one, brought up to date in memory, or else a new one.

    What is the same in ``known``, of this store, is not read again. Raises Outdated.
    """
    for _ in range(_ATTEMPTS):
        saved = _load(store, known)
        if saved is None:
            break
        try:
            return saved if saved.revision == store.revision else follow(saved, store)
        except (OSError, ValueError):
            # A writer has saved the next one, and deleted this one while it was being read.
            continue
    return build(store)


def refreshed(index: Index, store: Store) -> Index:
    """The index of the store's revision, from ``index`` or from a newer one that was saved meanwhile."""
    if not store.descends_from(index.revision):
        return index_of(store)
    if saved_revision(store) > index.revision.number:
        return index_of(store, index)
    try:
        return follow(index, store)
    except (OSError, ValueError):
        return index_of(store)  # the files behind ``index`` are gone: a writer has saved a newer one


def saved_revision(store: Store) -> int:
    """The number of the revision whose index is saved; -1 when none is."""
    saved = _manifest(store.folder)
    return -1 if saved is None else saved.revision.number


def plan_of(store: Store) -> Plan | None:
    """How the saved vectors are searched; None when none are saved."""
    saved = _manifest(store.folder)
    return None if saved is None else saved.plan


def build(store: Store) -> Index:
    """The index of the store's revision, from the store alone, its words in memory."""
    lexical = Lexical.empty()
    lexical.change((), store.terms())
    return Index(store.revision, Nearest.build(store), lexical)


def follow(index: Index, store: Store) -> Index:
    """The index of the store's revision, made from ``index`` of an earlier one where that is less work."""
    gone = _gone(store, index.revision)
    added = store.revision.last_passage - index.revision.last_passage
    if (gone or added) and added + len(gone) > store.counts()[1] // 2:
        return build(store)
    nearest = index.nearest.followed(store)
    if not gone and not added:
        return Index(store.revision, nearest, index.lexical, index.stale, index.checked)
    lexical = index.lexical.private(None)
    lexical.change(gone, store.terms(index.revision.last_passage))
    return Index(store.revision, nearest, lexical, index.stale + len(gone), index.checked)


def is_saved(store: Store) -> bool:
    """Whether the saved index is of the store's revision; its files are not read, but have their sizes."""
    saved = _manifest(store.folder)
    return saved is not None and saved.revision == store.revision and _has_sizes(store.folder, saved)


def save(store: Store, *, anew: bool = False, share: float = EDITED) -> bool:
    """Whether the index had to be saved; for the writer. ``anew`` builds it from the store alone; ``share`` of the
    vectors may be new before they are trained anew.

    LibraryError when it cannot be written; the store has lost nothing, and readers build it in memory.
    """
    saved = None if anew else _manifest(store.folder)
    if saved and not (store.descends_from(saved.revision) and store.descends_from(saved.base_of)):
        saved = None
    if saved and not _has_sizes(store.folder, saved):
        saved = None
    if saved and saved.revision == store.revision:
        return False
    try:
        # What is damaged must not be shared with the next revision, or signed as if it were whole.
        is_whole = saved is not None and _is_whole(store.folder, saved, {}, whole=False)
        written = _written(store, saved if is_whole else None, share)
        replace_file(store.folder / "index.json", written.data)
    except (OSError, ValueError) as error:  # ValueError: tantivy's reports of a failed write
        _remove_leftovers(store.folder)
        reason = f"the indexes could not be saved ({error}); searching works, but starts more slowly"
        raise LibraryError(str(store.library), reason, "free disk space, then sync again") from error
    _remove_leftovers(store.folder)
    return True


def _written(store: Store, saved: _Saved | None, share: float) -> _Saved:
    """What the manifest is to say once the files of the store's revision lie there."""
    name = f"{store.revision.number}-{secrets.token_hex(4)}"
    vectors, base_of, plan = _written_vectors(store, saved, f"vectors-{name}.faiss", share)
    words, stale = store.folder / f"words-{name}", 0
    words.mkdir()
    gone = _gone(store, saved.revision) if saved else []
    lexical = None
    passages = store.counts()[1]
    # BM25 counts removed passages until they are merged away (as in Lucene), so the words are built anew
    # when a tenth has gone, and always while that takes no time; then they are as in a fresh build.
    if saved and passages > _SMALL and saved.stale + len(gone) <= passages // 10:
        lexical = _opened(store.folder / saved.words)
    if saved and lexical:
        lexical, stale = lexical.private(words), saved.stale + len(gone)
        lexical.change(gone, store.terms(saved.revision.last_passage))
    else:
        lexical = Lexical.empty(words)
        lexical.change((), store.terms())
    signed = {}
    for path in [store.folder / vectors, *sorted(words.iterdir())]:
        if not path.name.endswith(".lock"):
            signed[path.relative_to(store.folder).as_posix()] = _signed_again(path, saved)
    return _Saved(store.revision, base_of, plan, stale, vectors, words.name, signed)


def _written_vectors(
    store: Store, saved: _Saved | None, name: str, share: float
) -> tuple[str, Revision, Plan]:
    """The file of the vectors, its revision and plan; one that lags little stays."""
    passages = store.counts()[1]
    if saved:
        lag = store.revision.last_passage - saved.base_of.last_passage + len(_gone(store, saved.base_of))
        is_fit = not is_outgrown(saved.plan, lag, share)
        if passages > _SMALL and lag <= min(passages // 10, _LAG) and is_fit:
            return saved.vectors, saved.base_of, saved.plan
    nearest = None
    file = store.folder / saved.vectors if saved else None
    if saved and file and passages > _SMALL and _signed(file) == saved.files[saved.vectors]:
        try:
            nearest = Nearest.load(file, saved.base_of, saved.plan).merged(store, share)
        except RuntimeError:  # FAISS's: the file is damaged
            nearest = None
    nearest = nearest or Nearest.build(store)
    nearest.save(store.folder / name)
    return name, nearest.base_of, nearest.plan


def problems_of_saved(store: Store) -> Iterator[str]:
    """What in the saved index contradicts the store; an earlier revision does not."""
    if not (store.folder / "index.json").exists():
        return
    saved = _manifest(store.folder)
    if saved is None:
        yield "index.json cannot be read, or is of another version of this program"
        return
    if not (store.descends_from(saved.revision) and store.descends_from(saved.base_of)):
        yield f"the indexes are of revision {saved.revision.number}, which this library never had"
        return
    index = _load(store, whole=True)
    if index is None:
        yield "the indexes are damaged"
        return
    held = [row[0] for row in store.rows("SELECT id FROM passages ORDER BY id")]
    if index.nearest.ids() != held:  # they have followed the store
        yield f"the index of vectors holds {len(index.nearest)} passages, the store {len(held)}, or others"
    then = sorted([*_gone(store, saved.revision), *(i for i in held if i <= saved.revision.last_passage)])
    if index.lexical.ids() != then:
        yield f"the index of words holds {len(index.lexical)} passages instead of {len(then)}, or others"


_FORMAT = 3  # grows when saved indexes have to be made anew: 3 keeps vectors and words of two revisions
_ATTEMPTS = 5  # to read what a writer replaces again and again
_SMALL = 1000  # passages: fewer are built anew in less than a second
_LAG = 20_000  # passages: what the vectors may lag behind; more would be slow to search


def _load(store: Store, known: Index | None = None, *, whole: bool = False) -> Index | None:
    """The saved index; None when there is none, or it is damaged, or of no earlier state of the store.

    ``whole`` checks the hashes of all files, whatever their size.
    """
    saved = None
    while saved != (saved := _manifest(store.folder)):  # again when a writer saves the next meanwhile
        if saved is None:
            return None
        if saved.revision.number > store.revision.number and _has_moved_on(store):
            raise Outdated
        if not (store.descends_from(saved.revision) and store.descends_from(saved.base_of)):
            return None
        try:
            if not _is_whole(store.folder, saved, known.checked if known else {}, whole=whole):
                continue
            if known and known.nearest.base_of == saved.base_of and saved.vectors in known.checked:
                nearest = known.nearest
            else:
                nearest = Nearest.load(store.folder / saved.vectors, saved.base_of, saved.plan)
            lexical = Lexical.open(store.folder / saved.words)
            nearest = nearest.followed(store)
            # Here, once for all questions: what matches by word must have a vector and a text.
            if saved.revision != store.revision or len(lexical) == len(nearest) == store.counts()[1]:
                return Index(saved.revision, nearest, lexical, saved.stale, saved.files)
        except (OSError, ValueError, RuntimeError, KeyError):  # RuntimeError: FAISS's, ValueError: tantivy's
            continue
    return None


def _has_moved_on(store: Store) -> bool:
    """Whether the library has a newer revision than ``store`` reads; not so where an old store was put back."""
    from embeddings.store import Store

    with Store.open(store.library) as now:
        return now.folder != store.folder or now.revision != store.revision


def _opened(words: Path) -> Lexical | None:
    """The saved words; None when they are damaged."""
    try:
        return Lexical.open(words)
    except (OSError, ValueError):
        return None


def _gone(store: Store, since: Revision) -> list[int]:
    """The passages of the revision ``since`` that went after it."""
    return [passage for passage in store.removed(since.number) if passage <= since.last_passage]


def _manifest(folder: Path) -> _Saved | None:
    """What is said of the saved index; None when there is none that this program can use."""
    try:
        said: dict[str, Any] = json.loads((folder / "index.json").read_bytes())
        if said.pop("format") != _FORMAT:
            return None
        revision, base_of = (
            Revision(int(number), str(stamp), int(last))
            for number, stamp, last in (said.pop("revision"), said.pop("base_of"))
        )
        plan = Plan(**said.pop("plan"))
        files = {str(name): list(of_file) for name, of_file in said.pop("files").items()}
        return _Saved(
            revision, base_of, plan, int(said["stale"]), str(said["vectors"]), str(said["words"]), files
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _is_whole(folder: Path, saved: _Saved, checked: dict[str, list[Any]], *, whole: bool) -> bool:
    """Whether the saved files are as they were written; what was ``checked`` before is not read again."""
    if not _has_sizes(folder, saved):
        return False
    known = {_file_name(name): signed for name, signed in checked.items() if not name.endswith(".json")}
    unread = {n: signed for n, signed in saved.files.items() if known.get(_file_name(n)) != signed}
    if not whole and sum(size for size, _ in unread.values()) > HASHED_ON_OPENING:
        return True
    return all(_signed(folder / name) == signed for name, signed in unread.items())


def _signed_again(path: Path, saved: _Saved | None) -> list[Any]:
    """The size and hash of a file; those of one that tantivy or FAISS have written once are known."""
    if saved and path.suffix != ".json":
        known = {_file_name(name): signed for name, signed in saved.files.items()}.get(path.name)
        if known and known[0] == _size(path):
            return known
    return _signed(path)


def _file_name(name: str) -> str:
    return name.rpartition("/")[2]


def _signed(path: Path) -> list[Any]:
    with path.open("rb") as file:
        return [path.stat().st_size, file_digest(file, "sha256").hexdigest()]


def _has_sizes(folder: Path, saved: _Saved) -> bool:
    return all(_size(folder / name) == size for name, (size, _) in saved.files.items())


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else -1


def _remove_leftovers(folder: Path) -> None:
    """Deletes what the manifest does not name; what another process still reads may stay (Windows)."""
    saved = _manifest(folder)
    keep = (saved.words, saved.vectors) if saved else ()
    for path in folder.iterdir():
        if path.name.startswith("words-") and path.name not in keep:
            shutil.rmtree(path, ignore_errors=True)
        elif path.name.startswith("vectors-") and path.name not in keep:
            with suppress(OSError):
                path.unlink()
