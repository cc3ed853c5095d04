import os
import shutil
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEmbedder
from libraries import made, write

from embeddings.article import Article, Heading, Metadata, Span
from embeddings.change import Writer
from embeddings.errors import (
    FingerprintMismatch,
    LibraryBusy,
    LibraryCorrupt,
    LibraryError,
    NotALibrary,
    SchemaTooNew,
)
from embeddings.folder import writer
from embeddings.library import Library
from embeddings.rows import File, NewPassage, Record
from embeddings.store import Store
from embeddings.update import sync
from embeddings.verify import verify

FILES = {"甲.md": "# 甲\n\n长城全长两万公里。\n", "乙.md": "# 乙\n\n黄河流入渤海。\n"}


@pytest.fixture
def library(tmp_path):
    return made(tmp_path, FILES, FakeEmbedder())


def _database(library: Path) -> Path:
    return library / "1" / "store.sqlite"


def _record(text="一二三四", article_id="a", vector=(1.0, 0.0)):
    article = Article(
        article_id,
        "题",
        text,
        f"upload/{article_id}",
        Metadata("人", "2024-03-05", ("x",), ("y",), "l", {"数": [1, None, "二"]}),
        (Heading(Span(0, 1), 2),),
        (0, 2),
        ("gb18030",),
    )
    new = NewPassage(Span(0, 4), ("题", "节"), b"h" * 16, np.array(vector, "<f2").tobytes(), b"terms")
    return Record(article, "/root", File("1:aa", 12, 34), [new])


@pytest.fixture
def empty(tmp_path):
    folder = tmp_path / "library"
    (folder / "1").mkdir(parents=True)
    (folder / "current").write_text("1")
    with Writer.create(folder, folder / "1", FakeEmbedder().fingerprint, model="fake", dim=2) as store:
        yield store


def test_store_gives_back_an_article_as_it_was(empty):
    record = _record()
    empty.apply([record])
    assert empty.article("a") == record.article
    (row,) = empty.articles()
    assert (row.id, row.title, row.author, row.date, row.passages) == ("a", "题", "人", "2024-03-05", 1)
    assert row.file == File("1:aa", 12, 34)
    assert (row.tags, row.categories) == (("x",), ("y",))
    assert empty.passage_ids(["a", "none"]) == [1]
    (passage,) = empty.passages([1, 99])
    assert (passage.id, passage.article_id, passage.span, passage.headings) == (
        1,
        "a",
        Span(0, 4),
        ("题", "节"),
    )
    assert [(ids, v.tolist()) for ids, v in empty.vectors()] == [([1], [[1.0, 0.0]])]
    assert list(empty.terms()) == [(1, b"terms")]
    assert empty.embedded([b"h" * 16, b"x" * 16]) == {
        b"h" * 16: (np.array([1, 0], "<f2").tobytes(), b"terms")
    }


def test_store_never_uses_a_passage_id_again(empty):
    first = empty.apply([_record()])
    second = empty.apply(removed=["a"])
    third = empty.apply([_record()])
    assert [first.number, second.number, third.number] == [1, 2, 3]
    assert len({first.stamp, second.stamp, third.stamp}) == 3
    assert [p.id for p in empty.passages_of("a")] == [2]
    assert empty.removed(1) == [1]
    assert empty.removed(2) == []
    assert third.last_passage == 2


def test_store_makes_no_revision_of_nothing(empty):
    before = empty.revision
    assert empty.apply() == before
    empty.touch([("a", File("x"))])
    assert empty.revision == before


def test_store_rolls_a_failed_change_back_whole(empty):
    empty.apply([_record()])
    broken = replace(_record(article_id="b"), passages=[replace(_record().passages[0], vector=None)])
    with pytest.raises(LibraryError, match=r"contradicts the rules of the store.* NOT NULL") as caught:
        empty.apply([_record(article_id="c"), broken], removed=["a"])
    assert not isinstance(caught.value, LibraryCorrupt)  # the caller's mistake
    assert [row.id for row in empty.articles()] == ["a"]
    assert empty.revision.number == 1


def test_store_reads_one_revision_while_another_is_written(library, tmp_path):
    with Store.open(library) as before:
        sync(library, [write(tmp_path / "articles", {"丙.md": "泰山。"})], FakeEmbedder(), config=_config())
        assert [row.title for row in before.articles()] == ["乙", "甲"]
        with Store.open(library) as after:
            assert [row.source[-4:] for row in after.articles()] == ["丙.md"]
            assert after.revision.number > before.revision.number
            assert after.descends_from(before.revision)
            assert not before.descends_from(after.revision)


def _config():
    from libraries import SMALL

    return SMALL


def test_store_opening_creates_nothing(tmp_path):
    with pytest.raises(NotALibrary, match="python -m embeddings sync FOLDER --library"):
        Library.open(tmp_path / "none", FakeEmbedder())
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("x")
    with pytest.raises(NotALibrary):
        Library.open(tmp_path / "file", FakeEmbedder())


def test_store_refuses_a_newer_schema(library):
    with sqlite3.connect(_database(library)) as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE name = 'schema'")
    connection.close()
    with pytest.raises(SchemaTooNew, match="schema 99"):
        Library.open(library, FakeEmbedder())
    with pytest.raises(SchemaTooNew):
        sync(library, [library.parent / "articles"], FakeEmbedder())


@pytest.mark.parametrize(
    "damage", ["garbage", "empty", "missing", "folder", "header", "truncated", "current"]
)
def test_store_says_when_it_is_damaged(library, damage):
    database = _database(library)
    for companion in ("-wal", "-shm"):
        database.with_name(database.name + companion).unlink(missing_ok=True)
    data = database.read_bytes()
    match damage:
        case "garbage":
            database.write_bytes(os.urandom(len(data)))
        case "empty":
            database.write_bytes(b"")
        case "missing":
            database.unlink()
        case "folder":
            database.unlink()
            database.mkdir()
        case "header":
            database.write_bytes(data[:50] + os.urandom(50) + data[100:4096])
        case "truncated":
            database.write_bytes(data[: len(data) // 2])
        case "current":
            (library / "current").write_text("7")
    with pytest.raises(LibraryCorrupt, match="move the folder away"):
        verify_or_raise(library)


def verify_or_raise(library):
    Library.open(library, FakeEmbedder())
    problems = verify(library)
    if problems:
        raise LibraryCorrupt(str(library), problems[0], "move the folder away")


def test_store_fingerprint_names_the_differing_fields(library):
    with pytest.raises(FingerprintMismatch, match="embeddings rebuild --library") as caught:
        Library.open(library, FakeEmbedder(version="2"))
    assert caught.value.fields == {"embedder.weights": ("1", "2")}
    with pytest.raises(FingerprintMismatch) as caught:
        sync(library, [library.parent / "articles"], FakeEmbedder())  # other passage sizes
    assert set(caught.value.fields) == {"chunk.target", "chunk.maximum", "chunk.minimum"}
    assert len(Library.open(library, FakeEmbedder()).snapshot()) == 2  # asking does not mind the sizes


def test_store_has_one_writer(library):
    with writer(library):
        with pytest.raises(LibraryBusy, match=f"process {os.getpid()} is writing"):
            sync(library, [library.parent / "articles"], FakeEmbedder(), config=_config())
        assert len(Library.open(library, FakeEmbedder()).snapshot()) == 2  # readers do not wait
    sync(library, [library.parent / "articles"], FakeEmbedder(), config=_config())


def test_store_refuses_a_folder_of_other_things(tmp_path):
    folder = write(tmp_path / "papers", {"a.md": "text"})
    with pytest.raises(NotALibrary, match=r"other things \(a.md\)"):
        sync(folder, [folder], FakeEmbedder())
    assert [path.name for path in folder.iterdir()] == ["a.md"]


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
@pytest.mark.parametrize("log", [False, True])
def test_store_in_a_read_only_folder_can_be_asked(library, log):
    import faiss  # noqa: F401
    import tantivy  # noqa: F401

    import embeddings.index  # noqa: F401 -- before the process loses its rights

    Library.open(library, FakeEmbedder()).snapshot().matching(["长城"], [], 3)
    for companion in ("-wal", "-shm"):
        _database(library).with_name("store.sqlite" + companion).unlink(missing_ok=True)
    if log:
        _database(library).with_name("store.sqlite-wal").write_bytes(b"x" * 100)
    for path in [library, *library.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    for parent in library.parents:
        if parent.stat().st_uid == os.getuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o011)
    before = sorted(library.rglob("*"))
    pid = os.fork()
    if not pid:
        result = 1
        try:
            if os.getuid() == 0:
                os.setuid(65534)
            try:
                view = Library.open(library, FakeEmbedder()).snapshot()
                found = view.matching(["长城"], [], 3)
                result = (
                    0
                    if [view.article(p.article_id).title for p in view.passages([found[0][0]])] == ["甲"]
                    else 2
                )
            except LibraryError as error:
                result = 3 if "read-only" in str(error) else 4
        finally:
            os._exit(result)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == (3 if log else 0)
    assert sorted(library.rglob("*")) == before
    for path in [library, *library.rglob("*")]:
        path.chmod(0o755)


def test_store_is_read_by_threads(library):
    view = Library.open(library, FakeEmbedder()).snapshot()
    found: list[object] = []

    def read():
        found.extend([view.text(p) for p in view.passages([1, 2])] for _ in range(50))

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 400
    assert all(texts == found[0] for texts in found)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM revisions",
        "UPDATE revisions SET last_passage = 'x'",
        "DELETE FROM meta WHERE name = 'fingerprint'",
        "UPDATE meta SET value = '{' WHERE name = 'fingerprint'",
        "UPDATE meta SET value = '[1]' WHERE name = 'fingerprint'",
        "UPDATE meta SET value = 'x' WHERE name = 'dim'",
        "UPDATE meta SET value = '²' WHERE name = 'schema'",
    ],
)
def test_store_with_damaged_rows_is_corrupt(library, sql):
    connection = sqlite3.connect(_database(library))
    connection.execute(sql)
    connection.commit()
    connection.close()
    with pytest.raises(LibraryCorrupt, match="move the folder away"):
        verify_or_raise(library)
    if "dim" not in sql:  # which a sync of nothing new has no use for
        with pytest.raises(LibraryCorrupt):
            sync(library, [library.parent / "articles"], FakeEmbedder(), config=_config())


@pytest.mark.parametrize("details", ["{", "[]", "{}", '{"tags": [NaN]}'])
def test_store_lists_and_refuses_an_article_with_damaged_details(library, details):
    connection = sqlite3.connect(_database(library))
    connection.execute("UPDATE articles SET details = ? WHERE key = 1", [details])
    connection.commit()
    connection.close()
    with Store.open(library) as store:
        damaged, whole = store.articles()
        assert (damaged.title, damaged.tags, damaged.categories) == ("乙", (), ())
        assert store.article(whole.id).title == "甲"
        with pytest.raises(LibraryCorrupt, match=r"乙.md: its details cannot be read"):
            store.article(damaged.id)


def test_store_takes_the_last_record_of_an_id_or_a_source(empty):
    first = _record("一二三四", "a")
    other_id = replace(first, article=replace(first.article, id="b", text="二二三四"))
    empty.apply([first, other_id])
    assert [(row.id, row.source) for row in empty.articles()] == [("b", "upload/a")]
    moved = replace(first, article=replace(first.article, id="b", source="upload/c"))
    empty.apply([moved, moved])
    assert [(row.id, row.source, row.passages) for row in empty.articles()] == [("b", "upload/c", 1)]
    assert empty.removed(0) == [1, 2, 3]
    assert [p.id for p in empty.passages_of("b")] == [4]


def test_store_moves_with_its_folder(library, tmp_path):
    shutil.move(library, tmp_path / "新 的%20地方#?")
    view = Library.open(tmp_path / "新 的%20地方#?", FakeEmbedder()).snapshot()
    assert [view.text(p) for p in view.passages([1])]
    assert verify(tmp_path / "新 的%20地方#?") == []
