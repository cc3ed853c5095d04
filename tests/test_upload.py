from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from fake_engine import Flat

from embeddings.library import Library
from embeddings.update import sync
from qa import upload
from qa.strings import EN
from qa.upload import Line, take

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def library(tmp_path: Path) -> Library:
    (tmp_path / "articles").mkdir()
    sync(tmp_path / "library", [tmp_path / "articles"], Flat("flat"))
    return Library.open(tmp_path / "library", Flat("flat"))


def files(folder: Path, **texts: bytes) -> list[Path]:
    paths = []
    for name, data in texts.items():
        path = folder / name.replace("_", ".")
        path.write_bytes(data)
        paths.append(path)
    return paths


def test_upload_reports_each_file_and_keeps_the_good_ones(library: Library, tmp_path: Path) -> None:
    paths = files(tmp_path, good_md="# 海\n\n海是咸的。".encode(), empty_md=b"", odd_xyz=b"x")
    steps: list[str] = []
    lines = take(library, paths, EN, lambda step: steps.append(step.kind))
    assert [(line.name, line.good) for line in lines] == [
        ("empty.md", False),
        ("odd.xyz", False),
        ("good.md", True),
    ]
    assert "the file is empty" in lines[0].what
    assert ".xyz files are not supported" in lines[1].what
    assert lines[2].what == EN.added
    assert [row.title for row in library.snapshot().articles()] == ["海"]
    assert not any(path.exists() for path in paths)
    assert "read" in steps


def test_upload_replaces_the_article_of_the_same_name(library: Library, tmp_path: Path) -> None:
    assert take(library, files(tmp_path, a_txt=b"one text."), EN) == [Line("a.txt", EN.added, good=True)]
    assert take(library, files(tmp_path, a_txt=b"one text."), EN) == [Line("a.txt", EN.unchanged, good=True)]
    assert take(library, files(tmp_path, a_txt=b"another text."), EN) == [
        Line("a.txt", EN.changed, good=True)
    ]
    view = library.snapshot()
    assert [view.article(row.id).text.strip() for row in view.articles()] == ["another text."]


def test_upload_has_limits(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "MOST_FILES", 2)
    paths = files(tmp_path, a_md=b"a", b_md=b"b", c_md=b"c")
    (line,) = take(library, paths, EN)
    assert (line.what, line.good) == (EN.too_many.format(2, 3), False)
    assert not any(path.exists() for path in paths)
    monkeypatch.setattr(upload, "MOST_MEGABYTES", 0)
    (line,) = take(library, files(tmp_path, a_md=b"a"), EN)
    assert line.what == f"{EN.failed}: {EN.too_large.format(0)}"
    assert library.snapshot().articles() == []


def test_upload_says_why_the_library_takes_nothing(library: Library, tmp_path: Path) -> None:
    lost = SimpleNamespace(path=tmp_path / "nowhere.txt", embedder=Flat("flat"))
    lost.path.write_text("a file")
    (line,) = take(lost, files(tmp_path, a_md=b"text"), EN)  # type: ignore[arg-type]
    assert not line.good
    assert line.what.startswith(EN.failed)
