"""The library that the page is about, brought up to date before it is served, and while it is."""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from embeddings.encode import Embedder
    from embeddings.report import Step


def sample_library(samples: Path) -> Path:
    """Where the library of the sample articles lies: under the user's cache, one for each installation."""
    if sys.platform == "win32":
        cache = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        cache = Path.home() / "Library" / "Caches"
    else:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "article-qa" / f"samples-{hashlib.sha256(str(samples).encode()).hexdigest()[:8]}"


def bring(library: Path, folder: Path, embedder: Embedder, *, anew: bool = False) -> None:
    """Brings ``library`` up to date with ``folder``, saying on the terminal what was done.

    With ``anew``, a library made with another model or other settings is made anew from its own texts;
    else that is a FingerprintMismatch.
    """
    from tqdm import tqdm

    from embeddings.errors import FingerprintMismatch
    from embeddings.rebuild import rebuild
    from embeddings.update import sync

    with tqdm(unit="article", disable=not sys.stderr.isatty(), leave=False) as bar:

        def tell(step: Step) -> None:
            if step.kind == "read":
                bar.total = step.total
                bar.update(step.done - bar.n)

        try:
            report = sync(library, [folder], embedder, progress=tell, processes=os.cpu_count() or 1)
        except FingerprintMismatch:
            if not anew:
                raise
            rebuild(library, embedder, progress=tell)
            report = sync(library, [folder], embedder, progress=tell)
    for failure in report.failed:
        sys.stderr.write(f"not added: {failure.source}: {failure.reason}\n")
    for note in report.notes:
        sys.stderr.write(f"{note}\n")
    sys.stderr.write(
        f"{library}: {len(report.added)} added, {len(report.changed)} changed, "
        f"{len(report.removed)} removed, {report.unchanged} unchanged, {len(report.failed)} failed\n"
    )
    beside = others(library, folder)
    if beside:
        sys.stderr.write(f"{beside}\n")


def keep_watch(library: Path, folder: Path, embedder: Embedder) -> threading.Thread:
    """The thread that from now on takes over what changes in ``folder``, saying so on the terminal."""

    def run() -> None:
        from embeddings.watch import watch

        try:
            for report in watch(library, [folder], embedder):
                done = [*report.added, *report.changed, *report.renamed, *report.removed]
                for failure in report.failed:
                    sys.stderr.write(f"not added: {failure.source}: {failure.reason}\n")
                if done:
                    sys.stderr.write(
                        f"{library}: taken over: {', '.join(Path(source).name for source in done)}\n"
                    )
        except Exception as error:  # noqa: BLE001 -- the page goes on, and the user should know
            sys.stderr.write(f"the folder is not watched any more: {error}\n")

    thread = threading.Thread(target=run, name="watch", daemon=True)
    thread.start()
    return thread


def others(library: Path, folder: Path) -> str:
    """A line that names the other folders whose articles the library holds too; "" where there are none."""
    from embeddings.store import Store

    own = folder.resolve().as_posix()
    with Store.open(library) as store:
        counts = Counter(row.root for row in store.articles() if row.root not in ("", own))
    if not counts:
        return ""
    listed = ", ".join(f"{root} ({count})" for root, count in sorted(counts.items()))
    return f"{library} also holds the articles of {listed}; python -m embeddings remove FOLDER takes them out"
