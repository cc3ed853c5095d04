import os
import tempfile
import threading
from pathlib import Path

import pytest
from fakes import FakeEmbedder
from hypothesis import given, settings
from hypothesis import strategies as st
from libraries import SMALL, content, made, write

from embeddings.article import Article
from embeddings.errors import LoadError
from embeddings.folder import generation
from embeddings.library import Library
from embeddings.load import load_bytes
from embeddings.rebuild import rebuild
from embeddings.recipe import embedded_text
from embeddings.store import Store
from embeddings.update import Failure, Report, add, remove, sync
from embeddings.verify import verify

PARAGRAPHS = [
    f"第{i}段讲的是{name}，它在中国的北方，人人都知道它的名字。" for i, name in enumerate("长城黄河泰山")
]


def _sync(library, folder, embedder=None, **options):
    return sync(library, [folder], embedder or FakeEmbedder(), config=SMALL, **options)


def _names(sources):
    return [Path(source).name for source in sources]


def test_update_adds_changes_removes_and_leaves(tmp_path):
    folder = write(tmp_path / "a", {"1.md": "一。", "2.md": "二。", "3.txt": "三。"})
    library = tmp_path / "library"
    first = _sync(library, folder)
    assert (_names(first.added), first.changed, first.removed, first.unchanged) == (
        ["1.md", "2.md", "3.txt"],
        [],
        [],
        0,
    )
    assert _sync(library, folder) == Report(unchanged=3)
    write(folder, {"1.md": "一。", "2.md": "改。", "4.md": "四。"})
    second = _sync(library, folder)
    assert (_names(second.added), _names(second.changed), _names(second.removed)) == (
        ["4.md"],
        ["2.md"],
        ["3.txt"],
    )
    assert (second.unchanged, second.embedded) == (1, 2)
    assert verify(library) == []
    assert [article.text for article, _ in content(library)] == ["一。", "改。", "四。"]


def test_update_one_edited_paragraph_costs_one_embedding(tmp_path):
    embedder = FakeEmbedder()
    library = made(tmp_path, {"1.md": "# 题\n\n" + "\n\n".join(PARAGRAPHS)}, embedder)
    with Store.open(library) as store:
        assert store.counts() == (1, 6)
    assert embedder.encoded == 6
    edited = [*PARAGRAPHS[:2], PARAGRAPHS[2].replace("北方", "南方"), *PARAGRAPHS[3:]]
    report = _sync(
        library, write(tmp_path / "articles", {"1.md": "# 题\n\n" + "\n\n".join(edited)}), embedder
    )
    assert (report.embedded, report.reused, embedder.encoded) == (1, 5, 7)
    assert verify(library) == []


def test_update_a_renamed_file_is_not_embedded_again(tmp_path):
    embedder = FakeEmbedder()
    library = made(tmp_path, {"1.md": "# 题\n\n长城。"}, embedder)
    report = _sync(library, write(tmp_path / "articles", {"2.md": "# 题\n\n长城。"}), embedder)
    assert (_names(report.added), _names(report.removed), report.embedded, report.reused) == (
        ["2.md"],
        ["1.md"],
        0,
        1,
    )


def test_update_embeds_title_and_headings_that_the_passage_does_not_repeat(tmp_path):
    class Recording(FakeEmbedder):
        texts: list[str] = []  # noqa: RUF012

        def encode_passages(self, texts, progress=None):
            self.texts.extend(texts)
            return super().encode_passages(texts, progress)

    text = f"# 总题\n\n{PARAGRAPHS[0]}\n\n## 小节\n\n{PARAGRAPHS[1]}\n\n{PARAGRAPHS[2]}"
    made(tmp_path, {"1.md": text}, Recording())
    assert Recording.texts == [
        f"总题\n\n{PARAGRAPHS[0]}\n\n",
        embedded_text("总题", f"小节\n\n{PARAGRAPHS[1]}\n\n"),
        embedded_text("总题\n小节", PARAGRAPHS[2]),
    ]


def test_update_touched_file_is_read_once_and_not_loaded(tmp_path, monkeypatch):
    library = made(tmp_path, {"1.md": "一。"}, FakeEmbedder())
    path = tmp_path / "articles" / "1.md"
    os.utime(path, ns=(10**18, 10**18))
    monkeypatch.setattr("embeddings.update.load_bytes", None)
    before = Library.open(library, FakeEmbedder()).snapshot().revision
    assert _sync(library, path.parent).unchanged == 1
    monkeypatch.setattr("pathlib.Path.read_bytes", None)
    assert _sync(library, path.parent) == Report(unchanged=1)  # size and time are known now
    assert Library.open(library, FakeEmbedder()).snapshot().revision == before


def test_update_notices_an_edit_of_the_same_size_within_a_tick(tmp_path):
    library = made(tmp_path, {"1.md": "一。"}, FakeEmbedder())
    path = tmp_path / "articles" / "1.md"
    status = path.stat()
    path.write_text("二。", "utf-8")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert _names(_sync(library, path.parent).changed) == ["1.md"]


def test_update_reports_what_cannot_be_loaded_and_keeps_the_old_version(tmp_path):
    library = made(tmp_path, {"1.md": "一。", "2.md": "二。"}, FakeEmbedder())
    folder = tmp_path / "articles"
    (folder / "1.md").write_bytes(b"\x00\x01\x02\xff" * 100)
    (folder / "3.md").write_bytes(b"")
    (folder / "4.pdf").write_bytes(b"%PDF-broken")
    (folder / "5.png").write_bytes(b"x")
    report = _sync(library, folder)
    assert _names(f.source for f in report.failed) == ["1.md", "3.md", "4.pdf"]
    assert "keeps the article as it was" in report.failed[0].reason
    assert "empty" in report.failed[1].reason
    assert report.notes == ["1 files of other kinds were left out: .png 1"]
    assert (report.removed, report.unchanged) == ([], 1)
    assert [article.text for article, _ in content(library)] == ["一。", "二。"]


def test_update_missing_folder_is_an_error_and_removes_nothing(tmp_path):
    library = made(tmp_path, {"1.md": "一。"}, FakeEmbedder())
    (tmp_path / "articles").rename(tmp_path / "elsewhere")
    with pytest.raises(LoadError, match="articles: there is no such file or folder"):
        _sync(library, tmp_path / "articles")
    assert len(content(library)) == 1


def test_update_prunes_only_below_the_synced_folders(tmp_path):
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


def test_update_walks_folders(tmp_path):
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


def test_update_folder_that_cannot_be_listed_is_reported_and_not_pruned(tmp_path, monkeypatch):
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


def test_update_add_and_remove_leave_the_library_as_before(tmp_path):
    embedder = FakeEmbedder()
    library = made(tmp_path, {"1.md": "一。", "2.md": "二。"}, embedder)
    before = content(library)
    article = load_bytes("# 上传\n\n三。".encode(), "u.md", source="upload/u.md")
    assert add(library, [article], embedder, config=SMALL).added == ["upload/u.md"]
    assert add(library, [article], embedder, config=SMALL) == Report(unchanged=1)
    assert len(content(library)) == 3
    report = remove(library, [article.id, "nothing"])
    assert report.removed == ["upload/u.md"]
    assert report.failed == [Failure("nothing", "there is no such article in the library")]
    assert content(library) == before
    assert verify(library) == []
    assert remove(library, [str(tmp_path / "articles" / "1.md")]).removed == before[:1][0][0].source.split(
        "\n"
    )


def test_update_add_reports_an_article_that_is_not_unicode(tmp_path):
    articles = [Article("a", "t", "\ud800", "upload/a"), Article("b", "t", "文。", "upload/b")]
    report = add(tmp_path / "library", articles, FakeEmbedder(), config=SMALL)
    assert report.added == ["upload/b"]
    assert [failure.source for failure in report.failed] == ["upload/a"]


_TEXTS = st.lists(
    st.sampled_from([*PARAGRAPHS, "", "# 标题", "# 另一个", "x" * 200, "a,b\n|c|"]), min_size=1, max_size=5
)
_FOLDERS = st.dictionaries(
    st.sampled_from(["1.md", "2.md", "三.txt", "4.md"]), _TEXTS.map("\n\n".join), max_size=4
)


@settings(max_examples=15)
@given(_FOLDERS, _FOLDERS)
def test_update_sync_equals_a_fresh_build(before, after):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        articles = write(root / "articles", before)
        _sync(root / "old", articles)
        write(articles, after)
        _sync(root / "old", articles)
        _sync(root / "fresh", articles)
        good = {path.name for path in articles.iterdir() if path.read_text("utf-8").strip()}
        found = content(root / "old")
        kept = {Path(article.source).name for article, _ in found} - good
        assert kept <= before.keys()  # what became empty cannot be loaded, and stays as it was
        assert [one for one in found if Path(one[0].source).name in good] == content(root / "fresh")
        assert verify(root / "old") == []


def test_update_in_many_batches_equals_one(tmp_path, monkeypatch):
    files = {f"{i:02}.md": "\n\n".join(PARAGRAPHS[: i % 6 + 1]) + f"\n\n{i}" for i in range(20)}
    one = made(tmp_path / "one", files, FakeEmbedder())
    monkeypatch.setattr("embeddings.update.BATCH_PASSAGES", 7)
    monkeypatch.setattr("embeddings.update.BATCH_ARTICLES", 3)
    monkeypatch.setattr("embeddings.update._ENCODED", 2)
    many = tmp_path / "many"
    steps = []
    _sync(many, tmp_path / "one" / "articles", progress=steps.append)
    assert content(many) == content(one)
    with Store.open(many) as store:
        assert store.revision.number > 7
    assert [Path(s.source).name for s in steps if s.kind == "added"] == sorted(files)
    assert [s.done for s in steps if s.kind == "read"] == list(range(1, 21))


def test_update_interrupted_keeps_what_was_stored(tmp_path, monkeypatch):
    monkeypatch.setattr("embeddings.update.BATCH_ARTICLES", 2)
    folder = write(tmp_path / "a", {f"{i}.md": f"第{i}篇。" for i in range(7)})
    embedder = FakeEmbedder()

    def interrupt(step):
        if step.source.endswith("4.md") and step.kind == "read":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _sync(tmp_path / "library", folder, embedder, progress=interrupt)
    assert (len(content(tmp_path / "library")), embedder.encoded) == (4, 4)
    report = _sync(tmp_path / "library", folder, embedder)
    assert (report.unchanged, len(report.added), embedder.encoded) == (4, 3, 7)
    assert verify(tmp_path / "library") == []


def test_rebuild_with_another_model_embeds_anew_and_readers_follow(tmp_path):
    library = made(tmp_path, {"1.md": "一。", "2.md": "二。"}, FakeEmbedder())
    add(library, [load_bytes("三。".encode(), "u.md", source="upload/u.md")], FakeEmbedder(), config=SMALL)
    reader = Library.open(library, FakeEmbedder())
    held = reader.snapshot()
    other = FakeEmbedder(dim=16, version="2")
    report = rebuild(library, other, config=SMALL)
    assert report is not None
    assert (len(report.added), report.embedded, report.failed) == (3, 3, [])
    assert generation(library).name == "2"
    assert not (library / "1").exists()
    assert verify(library) == []
    assert [held.article(row.id).text for row in held.articles()] == ["一。", "二。", "三。"]  # still served
    assert held.vectors([1]).shape == (1, 8)
    new = Library.open(library, other).snapshot()
    assert new.vectors([4]).shape == (1, 16)  # ids count on
    assert new.revision > held.revision
    assert sync(library, [tmp_path / "articles"], other, config=SMALL) == Report(unchanged=2)


def test_rebuild_interrupted_leaves_the_old_generation(tmp_path):
    library = made(tmp_path, {"1.md": "一。", "2.md": "二。"}, FakeEmbedder())
    before = content(library)

    class Broken(FakeEmbedder):
        def encode_passages(self, texts, progress=None):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(library, Broken(version="2"), config=SMALL)
    assert content(library) == before
    assert verify(library) == []
    rebuild(library, FakeEmbedder(version="2"), config=SMALL)
    assert sorted(path.name for path in library.iterdir()) == ["2", "current", "lock"]


def test_library_writer_and_readers_never_mix_revisions(tmp_path):
    """Each revision says the same number in all its articles; so must each snapshot, in all it returns."""
    names = [f"{i}.md" for i in range(6)]
    library = made(tmp_path, dict.fromkeys(names, "版本零。"), FakeEmbedder())
    reader = Library.open(library, FakeEmbedder())
    done, errors, seen = threading.Event(), [], set()

    def read():
        question = FakeEmbedder().encode_questions(["版本"])
        try:
            while not done.is_set():
                view = reader.snapshot()
                near = [i for i, _ in view.nearest(question, 20)[0]]
                matched = [i for i, _ in view.matching(["版本"], ["版"], 20)]
                texts = {view.text(p) for p in view.passages(near)} | {
                    view.text(p) for p in view.passages(matched)
                }
                whole = {view.article(row.id).text for row in view.articles()}
                assert len(near) == len(view.passages(near)) == len(names)
                assert texts == whole
                assert len(whole) == 1
                seen.add((view.revision, *whole))
        except BaseException as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for number in "一二三四五六七八九":
        _sync(library, write(tmp_path / "articles", dict.fromkeys(names, f"版本{number}。")))
    done.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(seen) > 1
    assert len({revision for revision, _ in seen}) == len(seen)
    assert reader.snapshot().article(reader.snapshot().articles()[0].id).text == "版本九。"
