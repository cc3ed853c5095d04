"""The folder of a library: which generation serves, and who may write.

``current`` names the generation that serves, a folder beside it ("1", "2", ...) with the store and
its indexes. A rebuild makes the next generation there and then replaces ``current``: a reader sees
the old one or the new one. ``lock`` is held by the one writer; the system frees it when he dies.

Only a numeric folder that holds a store is ours, and of it only what we have put there is ever deleted.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, contextmanager, suppress
from typing import IO, TYPE_CHECKING

from embeddings.errors import LibraryBusy, LibraryCorrupt, LibraryError, NotALibrary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

STORE = "store.sqlite"
"""The file that makes a numeric folder a generation."""


def generation(library: Path) -> Path:
    """The folder of the generation that serves.

    Raises:
        NotALibrary: there is none.
        LibraryCorrupt: ``current`` names nothing, or is missing where articles are stored.
    """
    try:
        name = (library / "current").read_text("ascii").strip()
    except (FileNotFoundError, NotADirectoryError) as error:
        _refuse_lost(library)
        raise NotALibrary(str(library), "there is no library here", sync_command(library)) from error
    except (OSError, ValueError) as error:
        raise LibraryCorrupt(
            str(library), f"'current' cannot be read: {error}", mend_corrupt(library)
        ) from error
    if not name.isdigit() or not (library / name).is_dir():
        raise LibraryCorrupt(
            str(library), f"'current' names {name!r}, which is not here", mend_corrupt(library)
        )
    return library / name


def next_generation(library: Path) -> Path:
    """A new, empty folder for the generation after the one that serves; for the writer.

    LibraryError when something that is not ours has its name.
    """
    folder = _next(library)
    if _is_generation(folder):
        _delete(folder)  # what an interrupted rebuild left
    with suppress(FileExistsError):
        folder.mkdir()
    if not folder.is_dir() or any(folder.iterdir()):
        raise LibraryError(
            str(library), f"{folder.name} in it is needed, and holds other things", f"move {folder} away"
        )
    return folder


def unfinished_generation(library: Path) -> Path | None:
    """The folder of the generation that an interrupted rebuild has begun; None without one."""
    folder = _next(library)
    return folder if _is_generation(folder) else None


def _next(library: Path) -> Path:
    try:
        return library / str(int(generation(library).name) + 1)
    except NotALibrary:
        return library / "1"


def switch(library: Path, folder: Path) -> None:
    """Lets the generation in ``folder`` serve, and deletes the others; for the writer."""
    replace_file(library / "current", folder.name.encode("ascii") + b"\n")
    remove_leftovers(library)


def remove_leftovers(library: Path) -> None:
    """Deletes the generations that do not serve; for the writer. What is still in use may stay."""
    serving = generation(library)
    for folder in _generations(library):
        if folder != serving:
            _delete(folder)


def replace_file(path: Path, data: bytes) -> None:
    """Writes ``data`` so that ``path`` holds the old bytes or the new ones, whatever happens."""
    replace_file_with(path, [data])


def replace_file_with(path: Path, pieces: Iterable[bytes]) -> None:
    """As :func:`replace_file`, piece by piece."""
    temporary = path.with_name(path.name + ".tmp")
    try:
        with temporary.open("wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    os.replace(temporary, path)  # noqa: PTH105 -- the call that the crash tests count


@contextmanager
def writer(library: Path, *, create: bool = False) -> Iterator[None]:
    """Holds the library's write lock; with ``create``, makes the folder where it is missing.

    Raises:
        LibraryBusy: another writer is at work.
        NotALibrary: there is none, or the folder holds something else.
        LibraryError: the folder cannot be written to.
    """
    if not create:
        generation(library)
    try:
        if create:
            library.mkdir(parents=True, exist_ok=True)
            refuse_foreign(library)
        file = (library / "lock").open("a+b")
    except (FileExistsError, NotADirectoryError) as error:
        raise NotALibrary(str(library), "this is a file, not a folder", "name another folder") from error
    except OSError as error:
        raise LibraryError(
            str(library), f"it cannot be written to: {error}", "check its permissions"
        ) from error
    with file:
        if not _try_lock(file):
            file.seek(0)
            pid = file.read(20).decode("ascii", "replace").strip() or "unknown"
            raise LibraryBusy(str(library), f"process {pid} is writing to it", "wait until it has finished")
        file.truncate(0)
        file.write(f"{os.getpid()}\n".encode("ascii"))
        file.flush()
        yield


def sync_command(library: Path) -> str:
    """The command that makes the library, for messages."""
    return f"run: python -m embeddings sync FOLDER --library {library}"


def rebuild_command(library: Path, model: str = "", segmenter: str = "") -> str:
    """The command that makes the library anew from its own texts, for messages."""
    options = (f" --model {model}" if model else "") + (f" --segmenter {segmenter}" if segmenter else "")
    return f"run: python -m embeddings rebuild --library {library}{options}"


def mend_corrupt(library: Path) -> str:
    """What to do about a damaged library, for messages."""
    return f"move the folder away, then {sync_command(library)}"


def _generations(library: Path) -> list[Path]:
    """The folders in the library that are ours."""
    return [folder for folder in library.iterdir() if _is_generation(folder)] if library.is_dir() else []


def _is_generation(folder: Path) -> bool:
    name = folder.name
    return name.isascii() and name.isdigit() and not folder.is_symlink() and os.path.lexists(folder / STORE)


def _delete(folder: Path) -> None:
    """Deletes a generation: the store last, by which it is known, and nothing that is not ours."""
    for path in _beside_store(folder):
        if path.name.startswith("words-"):
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()
    if not _beside_store(folder):
        with suppress(OSError):
            (folder / STORE).unlink()
            folder.rmdir()


def _beside_store(folder: Path) -> list[Path]:
    """What we have put into a generation but its store."""
    ours = (f"{STORE}-", "words-", "vectors-", "index.json")
    return [path for path in folder.iterdir() if path.name.startswith(ours)]


def _refuse_lost(library: Path) -> None:
    """LibraryCorrupt when generations hold articles and no ``current`` says which of them serves.

    A generation without articles is what an interrupted creation left.
    """
    held = [(_articles(folder), int(folder.name)) for folder in _generations(library)]
    count, number = max(held, default=(0, 0))
    if count:
        reason = f"'current' is missing, which names the generation that serves; {number} holds articles"
        raise LibraryCorrupt(str(library), reason, f"write {number} into the file {library / 'current'}")


def _articles(folder: Path) -> int:
    """How many articles a generation holds that was once whole; 1 when that cannot be told, so that it is
    kept.
    """
    try:
        uri = f"{(folder / STORE).absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            return int(connection.execute(_WHOLE).fetchone()[0])
    except sqlite3.Error as error:
        return 0 if "no such table" in str(error) else 1


_WHOLE = "SELECT count(*) FROM articles WHERE NOT EXISTS (SELECT 1 FROM meta WHERE name = 'unfinished')"


def refuse_foreign(library: Path) -> None:
    """NotALibrary when the folder is no library and holds what is not ours."""
    if os.path.lexists(library / "current"):
        return
    _refuse_lost(library)
    for entry in sorted(library.iterdir()):
        is_ours = entry.name in ("lock", "current.tmp") or _is_generation(entry) or _is_left(entry)
        if not is_ours:
            raise NotALibrary(
                str(library), f"the folder holds other things ({entry.name})", "name a new folder"
            )


def _is_left(entry: Path) -> bool:
    """Whether the entry may be the folder that an interrupted creation made first."""
    return entry.name == "1" and entry.is_dir() and not any(entry.iterdir())


def _try_lock(file: IO[bytes]) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(1 << 20)  # beyond the process id, which others must be able to read
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
