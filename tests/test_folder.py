"""What in a folder is the library's, and what is the user's and never touched."""

import shutil
import sqlite3

import pytest
from fakes import FakeEmbedder
from libraries import SMALL, content, made, write

from embeddings.change import Writer
from embeddings.errors import LibraryCorrupt, LibraryError, NotALibrary
from embeddings.folder import generation, next_generation, remove_leftovers
from embeddings.library import Library
from embeddings.rebuild import rebuild
from embeddings.update import remove, sync
from embeddings.verify import verify


def _sync(library, folder):
    return sync(library, [folder], FakeEmbedder(), config=SMALL)


def _tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize("names", [["2019/a.md", "1/a.md"], ["1/a.md"], ["7"], ["2020/.keep"], ["²/a.md"]])
def test_folder_with_numeric_entries_of_the_user_is_refused_and_kept(tmp_path, names):
    diary = tmp_path / "diary"
    for name in names:
        (diary / name).parent.mkdir(parents=True, exist_ok=True)
        (diary / name).write_text("日记。", "utf-8")
    before = _tree(diary)
    with pytest.raises(NotALibrary, match=r"the folder holds other things \(.*name a new folder"):
        _sync(diary, diary)
    with pytest.raises(NotALibrary):
        rebuild(diary, FakeEmbedder(), config=SMALL)
    assert _tree(diary) == before


def test_folder_users_things_in_a_library_are_never_deleted(tmp_path):
    library = made(tmp_path, {"1.md": "一。"}, FakeEmbedder())
    for name in ("2019/a.md", "3/a.md", "1/mine.md", "notes.txt"):
        (library / name).parent.mkdir(exist_ok=True)
        (library / name).write_text("我的。", "utf-8")
    (library / "4").mkdir()
    rebuild(library, FakeEmbedder(version="2"), config=SMALL)
    assert generation(library).name == "2"
    for name in ("2019/a.md", "3/a.md", "1/mine.md", "notes.txt"):
        assert (library / name).read_text("utf-8") == "我的。"
    assert (library / "4").is_dir()
    assert [path.name for path in (library / "1").iterdir()] == ["mine.md"]
    before = _tree(library)
    with pytest.raises(LibraryError, match=r"3 in it is needed, and holds other things -- move .*3 away"):
        rebuild(library, FakeEmbedder(version="3"), config=SMALL)
    assert _tree(library) == before
    assert verify(library) == []


def test_folder_generations_that_do_not_serve_are_deleted(tmp_path):
    library = made(tmp_path, {"1.md": "一。"}, FakeEmbedder())
    shutil.copytree(library / "1", library / "7")  # what an interrupted rebuild may leave
    remove_leftovers(library)
    assert sorted(path.name for path in library.iterdir()) == ["1", "current", "lock"]
    shutil.copytree(library / "1", library / "2")
    assert list(next_generation(library).iterdir()) == []


def test_folder_without_current_loses_nothing(tmp_path):
    library = made(tmp_path, {"1.md": "一。", "2.md": "二。"}, FakeEmbedder())
    wanted = content(library)
    shutil.copytree(library / "1", library / "2")
    connection = sqlite3.connect(library / "2" / "store.sqlite")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("DELETE FROM articles WHERE key = 1")  # a rebuild that was interrupted
    connection.commit()
    connection.close()
    (library / "current").unlink()
    (library / ".DS_Store").write_text("x")
    before = _tree(library)
    for attempt in (
        lambda: _sync(library, tmp_path / "articles"),
        lambda: Library.open(library, FakeEmbedder()),
        lambda: rebuild(library),
        lambda: remove(library, ["x"]),
        lambda: verify(library),
    ):
        with pytest.raises(
            LibraryCorrupt, match=r"'current' is missing.* 1 holds articles -- write 1 into .*current"
        ):
            attempt()
    kept = _tree(library)
    assert {name: kept[name] for name in before if "sqlite-" not in name} == {
        name: data for name, data in before.items() if "sqlite-" not in name
    }
    (library / "current").write_text("1")
    assert content(library) == wanted
    assert _sync(library, tmp_path / "articles").unchanged == 2


def test_folder_damaged_generation_without_current_is_kept(tmp_path):
    library = made(tmp_path, {"1.md": "一。"}, FakeEmbedder())
    (library / "current").unlink()
    (library / "1" / "store.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(LibraryCorrupt, match="write 1 into"):
        _sync(library, tmp_path / "articles")
    assert (library / "1" / "store.sqlite").read_bytes() == b"no database" * 1000


@pytest.mark.parametrize("left", ["folder", "file", "store"])
def test_folder_of_an_interrupted_creation_is_used(tmp_path, left):
    library, embedder = tmp_path / "library", FakeEmbedder()
    (library / "1").mkdir(parents=True)
    (library / "lock").write_text("123\n")
    if left == "file":
        (library / "1" / "store.sqlite").touch()
    if left == "store":
        Writer.create(library, library / "1", embedder.fingerprint, model="fake", dim=8).close()
    with pytest.raises(NotALibrary, match="there is no library here"):
        Library.open(library, embedder)
    assert len(_sync(library, write(tmp_path / "a", {"1.md": "一。"})).added) == 1
    assert verify(library) == []
