"""The folder of a library: which generation serves, and who may write.

``current`` names the generation that serves, a folder beside it ("1", "2", ...) with the store and
its indexes. A rebuild makes the next generation there and then replaces ``current``: a reader sees
the old one or the new one. ``lock`` is held by the one writer; the system frees it when he dies.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from embeddings.errors import LibraryBusy, LibraryCorrupt, LibraryError, NotALibrary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def generation(library: Path) -> Path:
    """The folder of the generation that serves.

    Raises:
        NotALibrary: there is none.
        LibraryCorrupt: ``current`` names nothing.
    """
    try:
        name = (library / "current").read_text("ascii").strip()
    except (FileNotFoundError, NotADirectoryError) as error:
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
    """A new, empty folder for the generation after the one that serves; for the writer."""
    try:
        number = int(generation(library).name) + 1
    except NotALibrary:
        number = 1
    folder = library / str(number)
    shutil.rmtree(folder, ignore_errors=True)  # what an interrupted rebuild left
    folder.mkdir()
    return folder


def switch(library: Path, folder: Path) -> None:
    """Lets the generation in ``folder`` serve, and deletes the others; for the writer."""
    replace_file(library / "current", folder.name.encode("ascii") + b"\n")
    remove_leftovers(library)


def remove_leftovers(library: Path) -> None:
    """Deletes the generations that do not serve; for the writer. What is still in use may stay."""
    serving = generation(library)
    for folder in library.iterdir():
        if folder.name.isdigit() and folder != serving:
            shutil.rmtree(folder, ignore_errors=True)


def replace_file(path: Path, data: bytes) -> None:
    """Writes ``data`` so that ``path`` holds the old bytes or the new ones, whatever happens."""
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
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
            _refuse_foreign(library)
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


def rebuild_command(library: Path, model: str = "") -> str:
    """The command that makes the library anew from its own texts, for messages."""
    return f"run: python -m embeddings rebuild --library {library}" + (f" --model {model}" if model else "")


def mend_corrupt(library: Path) -> str:
    """What to do about a damaged library, for messages."""
    return f"move the folder away, then {sync_command(library)}"


def _refuse_foreign(library: Path) -> None:
    names = {entry.name for entry in library.iterdir()}
    foreign = sorted(name for name in names if name not in ("lock", "current.tmp") and not name.isdigit())
    if foreign and "current" not in names:
        raise NotALibrary(str(library), f"the folder holds other things ({foreign[0]})", "name a new folder")


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
