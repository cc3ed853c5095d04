"""What a sync finds below folders, and what it does with the rest."""

import os
from pathlib import Path

import pytest
from fakes import FakeEmbedder
from libraries import SMALL, content, made, write

from embeddings.errors import LoadError
from embeddings.load import load_bytes
from embeddings.report import Failure
from embeddings.store import Store
from embeddings.update import add, differences, remove, sync


def _sync(library, folder, embedder=None, **options):
    return sync(library, [folder], embedder or FakeEmbedder(), config=SMALL, **options)


def _names(sources):
    return [Path(source).name for source in sources]


def test_folders_missing_folder_is_an_error_and_removes_nothing(tmp_path):
    library = made(tmp_path, {"1.md": "一。"}, FakeEmbedder())
    (tmp_path / "articles").rename(tmp_path / "elsewhere")
    with pytest.raises(LoadError, match="articles: there is no such file or folder"):
        _sync(library, tmp_path / "articles")
    assert len(content(library)) == 1


def test_folders_prunes_only_below_the_synced_folders(tmp_path):
    library = tmp_path / "library"
    for name in ("a", "ab"):
        _sync(library, write(tmp_path / name, {"1.md": f"{name} 一。", "2.md": f"{name} 二。"}))
    add(library, [load_bytes("上传。".encode(), "u.md", source="upload/u.md")], FakeEmbedder(), config=SMALL)
    (tmp_path / "ab" / "1.md").unlink()
    write(tmp_path / "a", {"2.md": "a 二。"})
    kept = _sync(library, tmp_path / "a", prune=False)
    assert kept.removed == []
    assert _names(_sync(library, tmp_path / "a").removed) == ["1.md"]
    with Store.open(library) as store:
        assert [row.source.removeprefix(str(tmp_path)) for row in store.articles()] == [
            "/a/2.md", "/ab/1.md", "/ab/2.md", "upload/u.md",
        ]  # fmt: skip


def test_folders_walks_folders(tmp_path):
    root = tmp_path / "root"
    for name in (
        "b/deep/x.md",
        "a/y.TXT",
        ".hidden/no.md",
        "node_modules/no.md",
        "b/.no.md",
        "z.md",
        "k.zip",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{name} 的内容。", "utf-8")
    write(tmp_path / "outside", {"far.md": "远处。"})
    (root / "b" / "loop").symlink_to(root)
    (root / "c").symlink_to(tmp_path / "outside")
    (root / "d.md").symlink_to(root / "z.md")
    (root / "e.md").symlink_to(root / "nothing.md")
    library = root / "library"  # inside what is synced
    report = sync(library, [root, root / "b", root / "z.md"], FakeEmbedder(), config=SMALL)
    added = [source.removeprefix(str(root)) for source in report.added]
    assert added == ["/z.md", "/a/y.TXT", "/b/deep/x.md", "/c/far.md"]
    assert [note.replace(str(root), "") for note in report.notes] == [
        "/d.md: a link to a file that is read itself",
        "/e.md: a link to nothing",
        "/b/loop: a link to a folder that is read elsewhere",
        "1 files of other kinds were left out: .zip 1",
    ]
    assert report.failed == []
    assert _names(_sync(library, root / "c").added) == ["far.md"]  # by its own path


def test_folders_folder_that_cannot_be_listed_is_reported_and_not_pruned(tmp_path, monkeypatch):
    folder = write(tmp_path / "a" / "b", {"1.md": "一。"})
    library = tmp_path / "library"
    _sync(library, tmp_path / "a")
    listed = os.scandir

    def scandir(path):
        if Path(path) == folder:
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr("os.scandir", scandir)
    report = _sync(library, tmp_path / "a")
    assert report.failed == [Failure(folder.as_posix(), "the folder cannot be listed (Permission denied)")]
    assert report.removed == []


def test_folders_links_that_lead_nowhere_stop_nothing(tmp_path):
    folder = write(tmp_path / "a", {"a.md": "一。", "z.md": "二。"})
    library = tmp_path / "library"
    (folder / "loop.md").write_text("三。", "utf-8")
    _sync(library, folder)
    (folder / "loop.md").unlink()
    (folder / "loop.md").symlink_to("loop.md")
    (folder / "loop").symlink_to("loop")
    (folder / "b.md").write_text("四。", "utf-8")
    report = _sync(library, folder)
    assert _names(report.added) == ["b.md"]
    assert report.failed == [
        Failure(f"{folder}/{name}", "it cannot be read (Too many levels of symbolic links)")
        for name in ("loop", "loop.md")
    ]
    assert report.removed == []  # what it was is kept until the link says something


def test_folders_links_to_what_is_not_read_itself_are_followed(tmp_path):
    root = tmp_path / "a"
    for name in (".store/x.md", "node_modules/y.md", "data.bin", "z.md"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{name} 的内容。", "utf-8")
    for name, target in {
        "x.md": ".store/x.md",
        "y.md": "node_modules/y.md",
        "w.md": "data.bin",
        "v.md": "z.md",
    }.items():
        (root / name).symlink_to(target)
    report = _sync(tmp_path / "library", root)
    assert _names(report.added) == ["w.md", "x.md", "y.md", "z.md"]
    assert report.notes == [
        f"{root}/v.md: a link to a file that is read itself",
        "1 files of other kinds were left out: .bin 1",
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes of POSIX")
def test_folders_only_regular_files_are_opened(tmp_path, monkeypatch):
    folder = write(tmp_path / "a", {"a.md": "一。"})
    os.mkfifo(folder / "p.md")
    (folder / "q.md").symlink_to("p.md")
    library = tmp_path / "library"
    report = _sync(library, folder)
    assert (_names(report.added), report.failed) == (["a.md"], [])
    assert report.notes == [f"{folder}/{name}: it is not a regular file" for name in ("p.md", "q.md")]
    assert _sync(library, folder / "p.md").failed == [
        Failure(f"{folder}/p.md", "it is neither a file nor a folder")
    ]
    # One that came after the folder was listed:
    monkeypatch.setattr("embeddings.folders._Walk._not_read", lambda self, path: "")
    assert Failure(f"{folder}/p.md", "it is not a regular file") in _sync(library, folder).failed


def test_folders_too_large_a_file_is_not_read(tmp_path, monkeypatch):
    library = made(tmp_path, {"1.md": "一。"}, FakeEmbedder())
    monkeypatch.setattr("embeddings.take.LARGEST_FILE", 20)
    (tmp_path / "articles" / "1.md").write_text("一" * 7, "utf-8")
    monkeypatch.setattr("pathlib.Path.read_bytes", None)
    (failure,) = _sync(library, tmp_path / "articles").failed
    assert failure.reason.startswith("it has 21 bytes, more than 20 -- split it into several files; the lib")


@pytest.mark.parametrize("left", ["nothing", "hidden", "folders"])
def test_folders_an_emptied_one_keeps_its_articles_and_is_reported(tmp_path, left):
    folder = write(tmp_path / "disk", {"1.md": "一。", "2.md": "二。"})
    library = tmp_path / "library"
    _sync(library, folder)
    (tmp_path / "x.bin").touch()
    write(folder, {".DS_Store": "x"} if left == "hidden" else {})
    if left == "folders":
        (folder / "a" / "b").mkdir(parents=True)
    for folders in ([folder], [folder, tmp_path], [tmp_path, folder]):  # also where another holds it
        report = sync(library, folders, FakeEmbedder(), config=SMALL)
        assert report.failed == [
            Failure(str(folder), "the folder is empty; its 2 articles were kept (remove takes them out)")
        ]
        assert (report.removed, len(content(library))) == ([], 2)
    assert _sync(library, folder, prune=False).failed == []
    assert _names(remove(library, [str(folder)]).removed) == ["1.md", "2.md"]
    assert _sync(library, folder).failed == []  # nothing left to lose


def test_folders_one_with_files_of_other_kinds_is_not_empty(tmp_path):
    library = made(tmp_path, {"1.md": "一。"}, FakeEmbedder())
    write(tmp_path / "articles", {"1.bin": "x"})
    report = _sync(library, tmp_path / "articles")
    assert (_names(report.removed), report.failed) == (["1.md"], [])


def test_folders_remove_takes_folders_and_paths_as_they_are_written(tmp_path, monkeypatch):
    root = tmp_path / "r"
    for name in ("a.md", "ab/1.md", "a/1.md", "a/b/2.md", "c/3.md"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{name} 的内容。", "utf-8")
    (tmp_path / "link").symlink_to(root)
    library = tmp_path / "library"
    _sync(library, root)
    monkeypatch.chdir(root / "c")
    assert remove(library, ["../a.md"]).removed == [f"{root}/a.md"]
    assert remove(library, ["../c/../a"]).removed == [f"{root}/a/1.md", f"{root}/a/b/2.md"]
    assert remove(library, [f"{tmp_path}/link/ab/1.md"]).removed == [f"{root}/ab/1.md"]
    report = remove(library, ["", "\0", "../none"])
    assert (report.removed, [failure.source for failure in report.failed]) == ([], ["", "\0", "../none"])
    assert remove(library, ["."]).removed == [f"{root}/c/3.md"]


def _made_of(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{name} 里的一句话。", "utf-8")
    return folder


def _sources(library, root):
    with Store.open(library) as store:
        return [row.source.removeprefix(f"{root}/") for row in store.articles()]


def test_folders_leave_out_what_patterns_name(tmp_path):
    root, library = (
        _made_of(tmp_path / "r", "a.md", "草稿/b.md", "c.draft.md", "d/e.md", "d/keep.draft.md"),
        tmp_path / "l",
    )
    (root / ".articleignore").write_text("# 不要的\n草稿/\n*.draft.md\n!keep.draft.md\n", "utf-8")
    report = _sync(library, root)
    assert _sources(library, root) == ["a.md", "d/e.md", "d/keep.draft.md"]
    assert report.notes == ["2 files and folders were left out by patterns to ignore"]
    report = _sync(library, root, ignore=["/d"])
    assert _sources(library, root) == ["a.md"]  # what is ignored from now on goes
    assert _names(report.removed) == ["e.md", "keep.draft.md"]
    (root / ".articleignore").unlink()
    assert len(_sync(library, root).added) == 4
    assert _sync(library, root, ignore=["*"]).removed != []  # the folder is not empty, only left out
    assert _sources(library, root) == []


def test_folders_of_wrong_patterns_change_nothing(tmp_path):
    root, library = _made_of(tmp_path / "r", "a.md"), tmp_path / "l"
    _sync(library, root)
    (root / ".articleignore").write_bytes("草稿".encode("gb18030"))
    with pytest.raises(LoadError, match=r"articleignore: it cannot be read .* save it as UTF-8"):
        _sync(library, root)
    assert _sources(library, root) == ["a.md"]


def test_folders_only_what_is_named_is_looked_at(tmp_path):
    root, library = (
        _made_of(tmp_path / "r", "a.md", "b.md", "d/c.md", "d/e.md", ".h/x.md", "i/y.md"),
        tmp_path / "l",
    )
    (root / ".articleignore").write_text("i/\n", "utf-8")
    _sync(library, root)
    for name in ("a.md", "b.md", "d/c.md", ".h/x.md", "i/y.md"):
        (root / name).write_text(f"{name} 改过了。", "utf-8")
    (root / "d/e.md").unlink()
    only = [root / name for name in ("a.md", "d", "new.md", ".h/x.md", "i/y.md")] + [
        tmp_path / "elsewhere.md"
    ]
    report = _sync(library, root, only=only)
    assert (_names(report.changed), _names(report.removed)) == (["a.md", "c.md"], ["e.md"])
    assert (report.added, report.failed) == ([], [])
    (root / "a.md").rename(root / "new.md")
    report = _sync(library, root, only=[root / "a.md", root / "new.md"])
    assert {Path(new).name: Path(old).name for new, old in report.renamed.items()} == {"new.md": "a.md"}
    (root / "d").rename(tmp_path / "away")
    assert _names(_sync(library, root, only=[root / "d"]).removed) == ["c.md"]
    report = _sync(library, root)  # and the rest, when all is looked at
    assert _names(report.changed) == ["b.md"]


def test_folders_foresee_what_a_sync_does(tmp_path):
    root, library = _made_of(tmp_path / "r", "a.md", "b.md", "c.md", "d.md"), tmp_path / "l"
    assert _names(differences(library, [root]).added) == ["a.md", "b.md", "c.md", "d.md"]
    assert not library.exists()
    _sync(library, root)
    (root / "a.md").write_text("改了。", "utf-8")
    (root / "b.md").rename(root / "e.md")
    (root / "c.md").unlink()
    (root / "f.md").write_text("新的。", "utf-8")
    (root / "g.md").write_text("这个不能读。", "utf-8")
    (root / "loop").symlink_to(root / "loop")
    before = content(library)
    foreseen = differences(library, [root])
    assert content(library) == before
    done = _sync(library, root)
    for name in ("added", "changed", "renamed", "removed", "unchanged", "failed", "notes"):
        assert getattr(foreseen, name) == getattr(done, name), name
    assert (_names(done.added), _names(done.removed)) == (["f.md", "g.md"], ["c.md"])


def test_folders_only_what_lies_in_the_folders_is_looked_at(tmp_path):
    a, b, library = (
        _made_of(tmp_path / "p" / "a", "1.md", "2.md"),
        _made_of(tmp_path / "p" / "b", "3.md"),
        tmp_path / "l",
    )
    sync(library, [a, b], FakeEmbedder(), config=SMALL)
    for only in ([b / "3.md"], [tmp_path / "p"], [tmp_path / "elsewhere"], []):
        report = _sync(library, a, only=only)
        assert (report.added, report.changed, report.removed) == ([], [], []), only
    (a / "1.md").unlink()
    assert _names(_sync(library, a, only=[tmp_path / "p"]).removed) == ["1.md"]  # above a folder: all of it
    single = b / "3.md"
    report = sync(library, [a, single], FakeEmbedder(), config=SMALL, only=[a / "2.md"])
    assert (report.added, report.changed, report.removed, report.unchanged) == ([], [], [], 1)


def test_folders_links_inside_a_folder_are_known_by_what_they_lead_to(tmp_path):
    root, library = _made_of(tmp_path / "r", "real/x.md", "drafts/best.md", "other/y.md"), tmp_path / "l"
    (root / "alink").symlink_to(root / "real")
    (root / "best.md").symlink_to(root / "drafts" / "best.md")
    (root / ".articleignore").write_text("drafts/\n", "utf-8")
    _sync(library, root)
    assert _sources(library, root) == ["best.md", "other/y.md", "real/x.md"]
    (root / "real" / "x.md").write_text("改了。", "utf-8")
    report = _sync(library, root, only=[root / "alink" / "x.md"])
    assert (_names(report.changed), report.added) == (["x.md"], [])
    assert _sources(library, root) == ["best.md", "other/y.md", "real/x.md"]


def test_folders_a_renamed_file_that_cannot_be_loaded_keeps_its_article(tmp_path):
    root, library = _made_of(tmp_path / "r", "a.md"), tmp_path / "l"
    _sync(library, root)
    (root / "a.md").rename(root / "a.docx")
    report = _sync(library, root)
    assert (report.removed, len(report.failed)) == ([], 1)
    assert report.failed[0].reason.endswith("; the library keeps the article as it was")
    assert _sources(library, root) == ["a.md"]
