import math
import os
import tempfile
import threading
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

import pytest
from fakes import FakeEmbedder
from hypothesis import given, settings
from hypothesis import strategies as st
from libraries import SMALL, content, made, write

from embeddings.article import Article, Metadata
from embeddings.folder import generation
from embeddings.library import Library
from embeddings.load import load_bytes
from embeddings.nearest import EDITED, GROWING, GROWN
from embeddings.rebuild import rebuild
from embeddings.recipe import embedded_text
from embeddings.report import Failure, Report
from embeddings.store import Store
from embeddings.update import add, remove, sync
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
    assert [(Path(new).name, Path(old).name) for new, old in report.renamed.items()] == [("2.md", "1.md")]
    assert (report.added, report.changed, report.removed) == ([], [], [])
    assert (report.embedded, report.reused) == (0, 1)
    with Store.open(library) as store:
        assert [Path(row.source).name for row in store.articles()] == ["2.md"]
        assert store.revision.number == 2  # both at once: no question finds it twice, or not at all


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
    monkeypatch.setattr("embeddings.prepare.load_bytes", None)
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


def _add(library, *articles):
    return add(library, articles, FakeEmbedder(), config=SMALL)


def test_update_add_fails_what_cannot_be_stored_and_stores_the_rest(tmp_path):
    nested = []
    for _ in range(5000):
        nested = [nested]
    bad = {
        "text": Article("0", "t", "\ud800", "upload/0"),
        "author": Article("1", "t", "文。", "upload/1", Metadata(author="\ud800")),
        "tag": Article("2", "t", "文。", "upload/2", Metadata(tags=("\udfff",))),
        "set": Article("3", "t", "文。", "upload/3", Metadata(extra={"a": {1}})),
        "nan": Article("4", "t", "文。", "upload/4", Metadata(extra={"a": [math.nan]})),
        "key": Article("5", "t", "文。", "upload/5", Metadata(extra={"a": {(1, 2): 3}})),
        "deep": Article("6", "t", "文。", "upload/6", Metadata(extra={"a": nested})),
    }
    good = Article("b", "t", "文。", "upload/b", Metadata(extra=MappingProxyType({"数": [1, None]})))
    report = _add(tmp_path / "library", *bad.values(), good)
    assert report.added == ["upload/b"]
    assert [failure.source for failure in report.failed] == [article.source for article in bad.values()]
    reasons = [failure.reason for failure in report.failed]
    assert all("not valid Unicode" in reason for reason in reasons[:3])
    assert all("no JSON values" in reason for reason in reasons[3:])
    assert _add(tmp_path / "library", good) == Report(unchanged=1)


def test_update_a_file_with_a_lone_surrogate_in_its_front_matter_fails_alone(tmp_path, monkeypatch):
    folder = write(tmp_path / "a", {"1.md": "一。", "2.md": "二。"})

    def loaded(data, name, *, source):
        author = "\ud800" if name == "1.md" else ""
        return replace(load_bytes(data, name, source=source), metadata=Metadata(author=author))

    monkeypatch.setattr("embeddings.prepare.load_bytes", loaded)
    report = _sync(tmp_path / "library", folder)
    assert (_names(report.added), _names(f.source for f in report.failed)) == (["2.md"], ["1.md"])


def test_update_add_keeps_the_last_of_an_id_and_of_a_source(tmp_path, monkeypatch):
    monkeypatch.setattr("embeddings.take.BATCH_ARTICLES", 1)
    library = tmp_path / "library"
    one = Article("a", "t", "一。", "s1")
    assert _add(library, one, one).added == ["s1"]
    assert _add(library, one, replace(one, text="二。")).changed == ["s1"]
    assert _add(library, replace(one, id="b", text="三。")).changed == ["s1"]  # in place of "a"
    assert _add(library, replace(one, id="b", text="三。", source="s2")).changed == ["s2"]  # it moved
    report = _add(library, Article("c", "t", "四。", "s2"), Article("d", "t", "五。", "s2"))
    assert (report.added, report.changed) == ([], ["s2"])
    assert [(article.id, article.text) for article, _ in content(library)] == [("d", "五。")]
    assert verify(library) == []


def test_update_add_and_sync_take_each_others_sources_over(tmp_path):
    library = made(tmp_path, {"1.md": "一。"}, FakeEmbedder())
    source = (tmp_path / "articles" / "1.md").as_posix()
    assert _add(library, Article("own", "t", "新的。", source)).changed == [source]
    assert [article.id for article, _ in content(library)] == ["own"]
    assert _sync(library, tmp_path / "articles").changed == [source]
    assert [article.text for article, _ in content(library)] == ["一。"]
    assert verify(library) == []


def test_update_tells_what_a_loader_had_to_decide(tmp_path):
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "1.txt").write_bytes("长城是中国古代的伟大工程，全长两万多公里。".encode("gb18030"))
    steps = []
    _sync(tmp_path / "library", folder, progress=steps.append)
    (added,) = (step for step in steps if step.kind == "added")
    ((article, _),) = content(tmp_path / "library")
    assert article.notes
    assert added.reason == "; ".join(article.notes)


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
    monkeypatch.setattr("embeddings.take.BATCH_PASSAGES", 7)
    monkeypatch.setattr("embeddings.take.BATCH_ARTICLES", 3)
    monkeypatch.setattr("embeddings.take._ENCODED", 2)
    many = tmp_path / "many"
    steps = []
    _sync(many, tmp_path / "one" / "articles", progress=steps.append)
    assert content(many) == content(one)
    with Store.open(many) as store:
        assert store.revision.number > 7
    assert [Path(s.source).name for s in steps if s.kind == "added"] == sorted(files)
    assert [s.done for s in steps if s.kind == "read"] == list(range(1, 21))


def test_update_interrupted_keeps_what_was_stored(tmp_path, monkeypatch):
    monkeypatch.setattr("embeddings.take.BATCH_ARTICLES", 2)
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


def test_update_saves_the_indexes_at_growing_steps_and_trains_the_lists_once_more_at_the_end(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("embeddings.take.INDEXED_FIRST", 10)
    monkeypatch.setattr("embeddings.take.INDEXED_OFTEN", 20)
    monkeypatch.setattr("embeddings.take.INDEXED_SELDOM", 40)
    monkeypatch.setattr("embeddings.take.BATCH_ARTICLES", 2)
    steps = []
    monkeypatch.setattr(
        "embeddings.index.save", lambda store, *, share: steps.append((store.counts()[1], share))
    )
    folder = write(tmp_path / "a", {f"{i:03}.md": f"第{i}篇。" for i in range(300)})
    _sync(tmp_path / "library", folder)
    assert [passages for passages, _ in steps[:6]] == [10, 30, 50, 70, 90, 110]
    gaps = [after - before for (before, _), (after, _) in pairwise(steps)]
    assert gaps[:-1] == sorted(gaps[:-1])
    assert max(gaps) == 40
    assert [share for _, share in steps] == [GROWING] * (len(steps) - 1) + [GROWN]
    write(tmp_path / "a", {"000.md": "改过。"})
    _sync(tmp_path / "library", folder)
    assert steps[-1][1] == EDITED
