"""Libraries of older schemas: ``schema_1.sql`` is what the program of schema 1 made, with FakeEmbedder."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from fakes import FakeEmbedder
from libraries import SMALL

from embeddings.chunk import CHUNK_VERSION
from embeddings.errors import FingerprintMismatch, LibraryCorrupt, SchemaTooNew
from embeddings.library import Library
from embeddings.load import load_bytes
from embeddings.migrate import SCHEMA
from embeddings.rebuild import rebuild
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


def test_migrate_asks_an_older_library_as_it_is(library):
    view = Library.open(library, FakeEmbedder()).snapshot()
    assert view.segmenter == "jieba"
    assert [(row.title, row.author, row.date, row.passages) for row in view.articles()] == [
        ("长城", "王小明", "2019-02-25", 1),
        ("b", "", "", 1),
    ]
    ((best, cosine), *_) = view.nearest(FakeEmbedder().encode_questions(["黄河入海流。"]), 2)[0]
    assert view.text(view.passages([best])[0]) == "黄河入海流。"
    assert cosine > 0.9
    assert verify(library, FakeEmbedder()) == []
    assert _meta(library, "schema") == "1"  # asking changes nothing, and needs no right to write


def test_migrate_passages_cut_in_another_way_are_told_and_rebuilt(library):
    article = load_bytes("泰山在山东。".encode(), "c.md", source="old/c.md")
    with pytest.raises(FingerprintMismatch, match=r"chunk.version: '2' there.*rebuild"):
        add(library, [article], FakeEmbedder(), config=SMALL)
    rebuild(library, FakeEmbedder(), config=SMALL)
    assert len(add(library, [article], FakeEmbedder(), config=SMALL).added) == 1
    assert verify(library, FakeEmbedder()) == []


def test_migrate_with_the_first_change(library):
    # Of the schema, not of how texts are cut, which has changed since and asks for a rebuild.
    now = f'"chunk.version": "{CHUNK_VERSION}"'
    _change(library, f"""UPDATE meta SET value = replace(value, '"chunk.version": "2"', '{now}')""")
    view = Library.open(library, FakeEmbedder()).snapshot()
    article = load_bytes("泰山在山东。".encode(), "c.md", source="old/c.md")
    report = add(library, [article], FakeEmbedder(), config=SMALL)
    assert (len(report.added), report.embedded) == (1, 1)
    assert _meta(library, "schema") == str(SCHEMA)
    assert "words.segmenter" in _meta(library, "fingerprint")
    assert verify(library, FakeEmbedder()) == []
    assert len(view.articles()) == 2  # who asked before sees what there was


def _add(library):
    add(library, [load_bytes("泰山。".encode(), "c.md", source="old/c.md")], FakeEmbedder(), config=SMALL)


def test_migrate_of_what_is_damaged_changes_nothing(library):
    _change(library, "UPDATE meta SET value = '[1' WHERE name = 'fingerprint'")
    with pytest.raises(LibraryCorrupt, match="its store of schema 1 cannot be read"):
        _add(library)
    assert _meta(library, "schema") == "1"


def test_migrate_of_an_unknown_schema_is_refused(library):
    for schema, error in ((SCHEMA + 1, SchemaTooNew), (0, LibraryCorrupt)):
        _change(library, f"UPDATE meta SET value = '{schema}' WHERE name = 'schema'")
        for use in (Store.open, _add):
            with pytest.raises(error):
                use(library)
        assert _meta(library, "schema") == str(schema)
