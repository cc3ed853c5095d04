"""Folders and libraries for tests, and what a library holds as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embeddings.chunk import ChunkConfig
from embeddings.store import Store
from embeddings.update import sync

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SMALL = ChunkConfig(target=40, maximum=60, minimum=5)
"""Passages so small that a few lines make several."""


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """``folder``, holding these files and no others."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return folder


def made(tmp_path: Path, files: Mapping[str, str], embedder) -> Path:
    """A library of these files."""
    library = tmp_path / "library"
    sync(library, [write(tmp_path / "articles", files)], embedder, config=SMALL)
    return library


def content(library: Path) -> list[tuple]:
    """All that a library holds but the ids: article by article, passage by passage."""
    with Store.open(library) as store:
        found = []
        for row in store.articles():
            passages = store.passages_of(row.id)
            work = {row[0]: row[1:] for row in store.rows("SELECT passage, vector, terms FROM embedded")}
            found.append((store.article(row.id), [(p.span, p.headings, *work[p.id]) for p in passages]))
        return found
