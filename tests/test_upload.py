from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from fake_engine import Flat

from embeddings.errors import LibraryBusy
from embeddings.library import Library
from embeddings.update import sync
from qa.settings import Settings
from qa.strings import EN, ZH
from qa.upload import Line, Uploaded, plain_name, take, when_free

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def library(tmp_path: Path) -> Library:
    (tmp_path / "articles").mkdir()
    sync(tmp_path / "library", [tmp_path / "articles"], Flat("flat"))
    return Library.open(tmp_path / "library", Flat("flat"))


def files(folder: Path, **texts: bytes) -> list[Uploaded]:
    paths = []
    for name, data in texts.items():
        path = folder / name.replace("_", ".")
        path.write_bytes(data)
        paths.append(Uploaded(path, path.name))
    return paths


def test_upload_reports_each_file_and_keeps_the_good_ones(library: Library, tmp_path: Path) -> None:
    paths = files(tmp_path, good_md="# 海\n\n海是咸的。".encode(), empty_md=b"", odd_xyz=b"x")
    steps: list[str] = []
    lines = take(library, paths, EN, Settings(), lambda step: steps.append(step.kind))
    assert [(line.name, line.good) for line in lines] == [
        ("empty.md", False),
        ("odd.xyz", False),
        ("good.md", True),
    ]
    assert "the file is empty" in lines[0].what
    assert ".xyz files are not supported" in lines[1].what
    assert lines[2].what == EN.added
    assert [row.title for row in library.snapshot().articles()] == ["海"]
    assert not any(file.path.exists() for file in paths)
    assert "read" in steps


def test_upload_replaces_the_article_of_the_same_name(library: Library, tmp_path: Path) -> None:
    assert take(library, files(tmp_path, a_txt=b"one text."), EN, Settings()) == [
        Line("a.txt", EN.added, good=True)
    ]
    assert take(library, files(tmp_path, a_txt=b"one text."), EN, Settings()) == [
        Line("a.txt", EN.unchanged, good=True)
    ]
    assert take(library, files(tmp_path, a_txt=b"another text."), EN, Settings()) == [
        Line("a.txt", EN.changed, good=True)
    ]
    view = library.snapshot()
    assert [view.article(row.id).text.strip() for row in view.articles()] == ["another text."]


def test_upload_has_limits(library: Library, tmp_path: Path) -> None:
    paths = files(tmp_path, a_md=b"a", b_md=b"b", c_md=b"c")
    (line,) = take(library, paths, EN, Settings(most_files=2))
    assert (line.what, line.good) == (EN.too_many.format(2, 3), False)
    assert not any(file.path.exists() for file in paths)
    (line,) = take(library, files(tmp_path, a_md=b"a" * ((1 << 20) + 1)), EN, Settings(most_megabytes=1))
    assert line.what == f"{EN.failed}: {EN.too_large.format(1)}"
    assert library.snapshot().articles() == []


def test_upload_says_why_in_the_language_of_the_page(library: Library, tmp_path: Path) -> None:
    (line,) = take(library, files(tmp_path, empty_md=b""), ZH, Settings())
    assert line.what == "没能添加: 文件是空的"


def test_upload_keeps_folders_apart(library: Library, tmp_path: Path) -> None:
    (tmp_path / "1").write_text("第一篇。")
    (tmp_path / "2").write_text("第二篇。")
    sent = [Uploaded(tmp_path / "1", "blog/a/index.md"), Uploaded(tmp_path / "2", "blog/b/index.md")]
    lines = take(library, sent, EN, Settings())
    assert [(line.name, line.good) for line in lines] == [
        ("blog/a/index.md", True),
        ("blog/b/index.md", True),
    ]
    rows = library.snapshot().articles()
    assert [row.source for row in rows] == ["upload/blog/a/index.md", "upload/blog/b/index.md"]


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("a.md", "a.md"),
        ("../../etc/a.md", "etc/a.md"),
        ("C:\\x\\.\\a.md", "C:/x/a.md"),
        ("/a//b/./c.md", "a/b/c.md"),
        ("e\u0301.md", "\u00e9.md"),
        ("a\0\n\u202eb.md", "ab.md"),
        ("..", "file"),
        ("长" * 300 + ".md", "长" * 197 + ".md"),
    ],
)
def test_upload_names_are_relative_and_printable(name: str, plain: str) -> None:
    assert plain_name(name) == plain


def test_upload_waits_for_another_writer() -> None:
    left = [LibraryBusy("lib", "process 1 is writing to it", "wait")] * 2

    def change() -> str:
        if left:
            raise left.pop()
        return "done"

    assert when_free(change) == "done"
    with pytest.raises(LibraryBusy):
        when_free(_busy, seconds=0)


def _busy() -> None:
    raise LibraryBusy("lib", "process 1 is writing to it", "wait")


def test_upload_says_why_the_library_takes_nothing(library: Library, tmp_path: Path) -> None:
    lost = SimpleNamespace(path=tmp_path / "nowhere.txt", embedder=Flat("flat"))
    lost.path.write_text("a file")
    (line,) = take(lost, files(tmp_path, a_md=b"text"), EN, Settings())  # type: ignore[arg-type]
    assert not line.good
    assert line.what.startswith(EN.failed)
