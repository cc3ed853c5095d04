"""Libraries of older schemas: ``schema_1.sql`` is what the program of schema 1 made, with FakeEmbedder."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from fakes import FakeEmbedder
from libraries import SMALL

from embeddings.errors import LibraryBusy, LibraryCorrupt, LibraryError, SchemaTooNew
from embeddings.folder import writer
from embeddings.library import Library
from embeddings.load import load_bytes
from embeddings.migrate import SCHEMA
from embeddings.store import Store
from embeddings.update import add
from embeddings.verify import verify


@pytest.fixture
def library(tmp_path):
    """A library as the program of schema 1 left it."""
    folder = tmp_path / "library" / "1"
    folder.mkdir(parents=True)
    with closing(sqlite3.connect(folder / "store.sqlite")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(Path(__file__).with_name("schema_1.sql").read_text("utf-8"))
    (tmp_path / "library" / "current").write_text("1\n")
    return tmp_path / "library"


def _meta(library, name):
    with closing(sqlite3.connect(library / "1" / "store.sqlite")) as connection:
        ((value,),) = connection.execute("SELECT value FROM meta WHERE name = ?", [name])
        return value


def _change(library, sql):
    with closing(sqlite3.connect(library / "1" / "store.sqlite")) as connection, connection:
        connection.execute(sql)


def test_migrate_opens_an_older_library_for_asking_and_for_changing(library):
    assert _meta(library, "schema") == "1"
    view = Library.open(library, FakeEmbedder()).snapshot()
    assert _meta(library, "schema") == str(SCHEMA)
    assert view.segmenter == "jieba"
    assert [(row.title, row.author, row.date, row.passages) for row in view.articles()] == [
        ("长城", "王小明", "2019-02-25", 1),
        ("b", "", "", 1),
    ]
    ((best, cosine), *_) = view.nearest(FakeEmbedder().encode_questions(["黄河入海流。"]), 2)[0]
    assert view.text(view.passages([best])[0]) == "黄河入海流。"
    assert cosine > 0.9
    assert verify(library, FakeEmbedder()) == []
    article = load_bytes("泰山在山东。".encode(), "c.md", source="old/c.md")
    report = add(library, [article], FakeEmbedder(), config=SMALL)
    assert (len(report.added), report.embedded) == (1, 1)


def test_migrate_by_the_writer_first(library):
    article = load_bytes("泰山在山东。".encode(), "c.md", source="old/c.md")
    assert len(add(library, [article], FakeEmbedder(), config=SMALL).added) == 1
    assert _meta(library, "schema") == str(SCHEMA)
    assert verify(library, FakeEmbedder()) == []


def test_migrate_waits_for_no_other_writer_but_says_so(library):
    with writer(library), pytest.raises(LibraryBusy):
        Store.open(library)
    assert _meta(library, "schema") == "1"
    Store.open(library).close()


def test_migrate_of_what_is_damaged_changes_nothing(library):
    _change(library, "UPDATE meta SET value = '[1' WHERE name = 'fingerprint'")
    with pytest.raises(LibraryCorrupt, match="its store of schema 1 cannot be read"):
        Store.open(library)
    assert _meta(library, "schema") == "1"


def test_migrate_of_an_unknown_schema_is_refused(library):
    _change(library, f"UPDATE meta SET value = '{SCHEMA + 1}' WHERE name = 'schema'")
    with pytest.raises(SchemaTooNew, match="install the newer version"):
        Store.open(library)
    _change(library, "UPDATE meta SET value = '0' WHERE name = 'schema'")
    with pytest.raises(LibraryCorrupt, match="open it with the version of this program that made it"):
        Store.open(library)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_migrate_in_a_read_only_folder_says_what_to_do(library):
    for path in (library, library / "1"):
        path.chmod(0o555)
    try:
        with pytest.raises(LibraryError, match="cannot be written to"):
            Store.open(library)
    finally:
        for path in (library, library / "1"):
            path.chmod(0o755)
