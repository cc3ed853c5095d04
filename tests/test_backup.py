"""A library as lines, and back: the same articles, passages and vectors."""

import json

import pytest
from fakes import FakeEmbedder
from libraries import SMALL, content, made, write

from embeddings.backup import FORMAT, export, import_lines
from embeddings.errors import LibraryError, LoadError, NotALibrary
from embeddings.library import Library
from embeddings.store import Store
from embeddings.update import sync
from embeddings.verify import verify

FILES = {
    "1.md": "---\ntitle: 长城\nauthor: 王小明\ndate: 2019-02-25\ntags: [山, 石]\nscore: 3\n---\n\n# 起\n\n"
    + "长城在北方，人人都知道。" * 9,
    "2.md": "# 黄河\n\n黄河入海流。\n\n## 源\n\n它的源头在青海。",
    "空.md": "> 只有一句。",
}


@pytest.fixture
def library(tmp_path):
    return made(tmp_path, FILES, FakeEmbedder())


def test_backup_gives_back_the_library_without_embedding(tmp_path, library):
    lines = list(export(library))
    assert len(lines) == 4
    head = json.loads(lines[0])
    assert (head["format"], head["articles"], head["model"], head["dim"]) == (FORMAT, 3, "fake", 8)
    embedder = FakeEmbedder()
    report = import_lines(tmp_path / "copy", lines, embedder)
    assert (len(report.added), report.embedded, report.failed, embedder.encoded) == (3, 0, [], 0)
    assert content(tmp_path / "copy") == content(library)
    assert verify(tmp_path / "copy", FakeEmbedder()) == []
    with Store.open(library) as old, Store.open(tmp_path / "copy") as new:
        assert [(row.source, row.root, row.file) for row in old.articles()] == [
            (row.source, row.root, row.file) for row in new.articles()
        ]
        assert new.fingerprint == old.fingerprint
    # It goes on as the library it was: nothing has to be read again.
    assert sync(tmp_path / "copy", [tmp_path / "articles"], FakeEmbedder(), config=SMALL).unchanged == 3
    asked = FakeEmbedder().encode_questions(["黄河"])
    views = [Library.open(path, FakeEmbedder()).snapshot() for path in (library, tmp_path / "copy")]
    texts = [
        [view.text(p) for p in view.passages([i for i, _ in view.nearest(asked, 3)[0]])] for view in views
    ]
    assert texts[0] == texts[1]


def test_backup_for_another_model_embeds_anew(tmp_path, library):
    other = FakeEmbedder(dim=16, version="2")
    report = import_lines(tmp_path / "copy", export(library), other)
    assert report.embedded > 3
    assert verify(tmp_path / "copy", other) == []
    with Store.open(library) as old, Store.open(tmp_path / "copy") as new:
        assert old.counts() == new.counts()  # cut as it was
        assert [old.article(row.id) for row in old.articles()] == [
            new.article(row.id) for row in new.articles()
        ]


def test_backup_lines_that_are_broken_fail_alone(tmp_path, library):
    head, first, second, third = export(library)
    moved = json.loads(second)
    moved["passages"][0]["end"] -= 1
    report = import_lines(
        tmp_path / "copy", [head, first, json.dumps(moved), "{broken", third], FakeEmbedder()
    )
    assert [failure.source for failure in report.failed] == ["line 3", "line 4"]
    assert "its passages are not those of its text" in report.failed[0].reason
    assert len(report.added) == 2
    assert verify(tmp_path / "copy", FakeEmbedder()) == []


@pytest.mark.parametrize("head", ["", "{}", "no json", '{"format": "another"}', "[1]"])
def test_backup_of_something_else_is_refused_and_makes_nothing(tmp_path, head):
    with pytest.raises(LoadError, match="export"):
        import_lines(tmp_path / "copy", [head], FakeEmbedder())
    assert not (tmp_path / "copy").exists()


def test_backup_is_not_imported_over_a_library(tmp_path, library):
    before = content(library)
    with pytest.raises(LibraryError, match="there is a library already"):
        import_lines(library, list(export(library)), FakeEmbedder())
    assert content(library) == before


def test_backup_is_of_one_revision_whatever_is_written_meanwhile(tmp_path, library):
    lines = export(library)
    first = [next(lines), next(lines)]
    write(tmp_path / "articles", {"1.md": "全都改了。"})
    sync(library, [tmp_path / "articles"], FakeEmbedder(), config=SMALL)
    report = import_lines(tmp_path / "copy", [*first, *lines], FakeEmbedder())
    assert len(report.added) == 3
    assert "全都改了" not in str(content(tmp_path / "copy"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"file": ["h", 10**30, 0]},
        {"file": ["h", float("inf"), 0]},
        {"root": "\ud800"},
        {"passages": "vector"},
        {"title": None},
        {"date": "yesterday"},
        "[" * 100_000,
    ],
)
def test_backup_of_a_wrong_line_takes_the_others(tmp_path, library, wrong):
    head, first, second, third = export(library)
    if isinstance(wrong, dict):
        said = json.loads(second)
        if wrong == {"passages": "vector"}:
            for passage in said["passages"]:
                passage["vector"] = "AH4AfgB+AH4AfgB+AH4Afg=="  # not numbers
        else:
            said |= wrong
        wrong = json.dumps(said)
    report = import_lines(tmp_path / "copy", [head, first, wrong, third, first], FakeEmbedder())
    assert [failure.source for failure in report.failed] == ["line 3", "line 5"]
    assert report.failed[1].reason == "it is the article of line 2 once more"
    assert len(report.added) == 2
    assert verify(tmp_path / "copy", FakeEmbedder()) == []


def test_backup_interrupted_import_serves_nothing_and_can_be_repeated(tmp_path, library, monkeypatch):
    monkeypatch.setattr("embeddings.take.BATCH_ARTICLES", 1)
    lines = list(export(library))

    def interrupted():
        yield from lines[:3]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_lines(tmp_path / "copy", interrupted(), FakeEmbedder())
    with pytest.raises(NotALibrary):
        Store.open(tmp_path / "copy")
    import_lines(tmp_path / "copy", lines, FakeEmbedder())
    assert content(tmp_path / "copy") == content(library)
