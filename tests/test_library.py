"""What a snapshot reads, and when."""

import shutil
import sqlite3
import sys
import threading
import weakref

import pytest
from fakes import FakeEmbedder
from libraries import SMALL, made, write

from embeddings.errors import FingerprintMismatch, LibraryError
from embeddings.library import Library
from embeddings.rebuild import rebuild
from embeddings.store import Store
from embeddings.update import sync
from embeddings.verify import verify


@pytest.fixture
def reads(monkeypatch):
    """How often the list of articles has been read."""
    counted = []
    articles = Store.articles

    def counting(store):
        counted.append(store.revision.number)
        return articles(store)

    monkeypatch.setattr(Store, "articles", counting)
    return counted


def test_library_list_of_articles_is_read_when_looked_into_and_once_a_revision(tmp_path, reads):
    library = made(tmp_path, {"1.md": "一。", "2.md": "二。"}, FakeEmbedder())
    opened = Library.open(library, FakeEmbedder())
    view = opened.snapshot()
    rows = view.rows
    assert reads == []
    assert [row.title for row in rows] == ["1", "2"]
    assert (len(rows), rows[1].title, [row.title for row in rows[:1]]) == (2, "2", ["1"])
    assert opened.snapshot().articles() == list(rows)
    del view, rows
    assert [row.title for row in opened.snapshot().articles()] == ["1", "2"]
    assert reads == [1]
    sync(
        library,
        [write(tmp_path / "articles", {"1.md": "一。", "3.md": "三。"})],
        FakeEmbedder(),
        config=SMALL,
    )
    reads.clear()
    view = opened.snapshot()
    assert [row.title for row in view.rows] == ["1", "3"]
    assert [row.title for row in view.rows] == ["1", "3"]
    assert len(reads) == 1


def test_library_snapshots_end_with_their_last_use(tmp_path):
    library = made(tmp_path, {"1.md": "一。"}, FakeEmbedder())
    opened = Library.open(library, FakeEmbedder())
    view = opened.snapshot()
    connection, rows = view.store._connection, view.rows
    assert len(rows) == 1
    del view  # nothing else holds the revision, or the store's log could not be emptied
    assert not connection.in_transaction
    with pytest.raises(RuntimeError, match="the snapshot is gone"):
        len(rows)


def test_library_keeps_its_connection_between_two_questions(tmp_path):
    library = made(tmp_path, {"1.md": "一。"}, FakeEmbedder())
    opened = Library.open(library, FakeEmbedder())
    first = opened.snapshot()
    connection, store = first.store._connection, first.store
    del first
    store.close()
    with pytest.raises(RuntimeError, match="closed"):
        store.counts()
    assert opened.snapshot().store._connection is connection


@pytest.mark.parametrize("end", ["-wal", "-shm"])
def test_library_whose_log_was_deleted_between_two_questions_is_read_as_it_is(tmp_path, end):
    library = made(tmp_path, {"1.md": "一。"}, FakeEmbedder())
    opened = Library.open(library, FakeEmbedder())
    opened.snapshot()
    for path in library.glob(f"*/store.sqlite{end}"):
        path.unlink()
    sync(library, [write(tmp_path / "articles", {"1.md": "二。"})], FakeEmbedder(), config=SMALL)
    view = opened.snapshot()
    assert [view.article(row.id).text for row in view.rows] == ["二。"]
    assert verify(library) == []


def test_library_reads_by_a_new_connection_where_the_kept_one_is_of_no_use(tmp_path):
    library = made(tmp_path, {"1.md": "一。"}, FakeEmbedder())
    opened = Library.open(library, FakeEmbedder())
    (kept,) = opened._idle._kept
    kept[1].close()
    view = opened.snapshot()
    assert view.store._connection is not kept[1]
    assert [view.article(row.id).text for row in view.rows] == ["一。"]


def test_library_an_idle_connection_hinders_no_change_and_sees_each(tmp_path):
    library = made(tmp_path, {"1.md": "一。"}, FakeEmbedder())
    opened = Library.open(library, FakeEmbedder())
    (log,) = library.glob("*/store.sqlite-wal")
    for text in ("二。", "三。"):
        sync(library, [write(tmp_path / "articles", {"1.md": text})], FakeEmbedder(), config=SMALL)
        assert log.stat().st_size == 0  # else the library could not be read from a read-only folder
        view = opened.snapshot()
        assert [view.article(row.id).text for row in view.rows] == [text]
        del view
    before = log.parent
    rebuild(library, FakeEmbedder())  # in passages of the usual size: a new generation
    assert not before.exists()
    view = opened.snapshot()
    assert [view.article(row.id).text for row in view.rows] == ["三。"]


def test_library_snapshots_of_one_revision_share_the_articles_in_use(tmp_path):
    library = made(tmp_path, {"1.md": "一。"}, FakeEmbedder())
    opened = Library.open(library, FakeEmbedder())
    (row,) = opened.snapshot().articles()
    first = opened.snapshot().article(row.id)
    assert opened.snapshot().article(row.id) is first
    sync(library, [write(tmp_path / "articles", {"1.md": "二。"})], FakeEmbedder(), config=SMALL)
    assert opened.snapshot().article(row.id).text == "二。"
    gone = weakref.ref(first)
    del first
    assert gone() is None


def test_library_made_anew_in_the_same_place_is_not_mistaken_for_the_old_one(tmp_path):
    library = made(tmp_path, {"1.md": "旧的。"}, FakeEmbedder())
    opened = Library.open(library, FakeEmbedder())
    held = opened.snapshot()
    shutil.rmtree(library)
    made(tmp_path, {"1.md": "新的。"}, FakeEmbedder())
    view = opened.snapshot()
    assert [view.article(row.id).text for row in view.articles()] == ["新的。"]
    assert view.revision == held.revision  # the number alone does not tell
    shutil.rmtree(library)
    made(tmp_path, {"1.md": "再来。"}, FakeEmbedder(version="2"))
    with pytest.raises(FingerprintMismatch):
        opened.snapshot()


@pytest.mark.parametrize("part", ["vectors", "words"])
def test_library_damaged_index_is_not_carried_on_by_the_next_sync(tmp_path, monkeypatch, part):
    monkeypatch.setattr("embeddings.index._SMALL", 0)
    files = {f"{i}.md": f"第{i}篇。长城在北方。" for i in range(40)}
    library = made(tmp_path, files, FakeEmbedder())
    folder = library / "1"
    path = (
        next(folder.glob("vectors-*"))
        if part == "vectors"
        else max(next(folder.glob("words-*")).iterdir(), key=lambda each: each.stat().st_size)
    )
    data = bytearray(path.read_bytes())
    data[-40:-8] = b"\xff" * 32
    path.write_bytes(data)
    assert verify(library) == ["the indexes are damaged"]
    sync(library, [write(tmp_path / "articles", {**files, "0.md": "改了。"})], FakeEmbedder(), config=SMALL)
    assert verify(library) == []
    view = Library.open(library, FakeEmbedder()).snapshot()
    assert all(cosine <= 1.001 for _, cosine in view.nearest(view.embedder.encode_questions(["长城"]), 50)[0])


def test_library_index_that_cannot_be_saved_leaves_the_saved_one(tmp_path, monkeypatch):
    library = made(tmp_path, {"1.md": "一。"}, FakeEmbedder())
    kept = sorted(path.name for path in (library / "1").iterdir())

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("embeddings.nearest.Nearest.save", full)
    with pytest.raises(LibraryError, match="the indexes could not be saved"):
        rebuild(library)
    assert sorted(path.name for path in (library / "1").iterdir()) == kept
    assert verify(library) == []


def test_library_with_an_old_store_put_back_under_newer_indexes_answers_from_the_store(tmp_path):
    library = made(tmp_path, {"1.md": "旧的。"}, FakeEmbedder())
    store = library / "1" / "store.sqlite"
    shutil.copy(store, tmp_path / "backup")
    sync(library, [write(tmp_path / "articles", {"1.md": "新的。"})], FakeEmbedder(), config=SMALL)
    for path in store.parent.glob("store.sqlite*"):
        path.unlink()
    shutil.copy(tmp_path / "backup", store)
    view = Library.open(
        library, FakeEmbedder()
    ).snapshot()  # and does not wait for a revision that never comes
    assert [view.article(row.id).text for row in view.articles()] == ["旧的。"]
    found = [i for i, _ in view.nearest(view.embedder.encode_questions(["旧"]), 5)[0]]
    assert [view.text(passage) for passage in view.passages(found)] == ["旧的。"]
    assert len(verify(library)) == 1
    sync(library, [tmp_path / "articles"], FakeEmbedder(), config=SMALL)
    assert verify(library) == []


def test_library_gives_no_thread_a_revision_that_another_lets_go(tmp_path):
    folder = write(tmp_path / "articles", {"a.md": "海是咸的。"})
    sync(tmp_path / "library", [folder], FakeEmbedder())
    library = Library.open(tmp_path / "library", FakeEmbedder())
    wrong = []

    def look():
        try:
            for _ in range(400):
                assert library.snapshot().revision == 1
        except (LibraryError, sqlite3.Error, AssertionError) as error:
            wrong.append(error)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=look) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert wrong == []
