"""What verify finds, and that what it says of articles is mended by a rebuild."""

import sqlite3

import pytest
from fakes import FakeEmbedder
from libraries import SMALL, content, made

from embeddings.errors import FingerprintMismatch
from embeddings.load import load_bytes
from embeddings.rebuild import rebuild
from embeddings.update import add, sync
from embeddings.verify import verify

FILES = {"甲.md": "# 甲\n\n长城全长两万公里。\n", "乙.md": "# 乙\n\n黄河流入渤海。\n"}


@pytest.fixture
def library(tmp_path):
    return made(tmp_path, FILES, FakeEmbedder())


def _damage(library, sql):
    connection = sqlite3.connect(library / "1" / "store.sqlite")
    connection.executescript(sql)
    connection.close()


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("UPDATE passages SET start = start + 1", "begins at 1, not at 0"),
        ('UPDATE passages SET "end" = "end" - 1', "its passages end at"),
        ("UPDATE texts SET text = replace(text, '长城', '长江')", "not the text that was embedded"),
        ("DELETE FROM embedded", "has no vector and no terms"),
        ("UPDATE embedded SET vector = x'00000000000000000000000000000044'", "has length 4.000"),
        ("UPDATE embedded SET vector = zeroblob(16)", "its vector is zero"),
        ("UPDATE embedded SET vector = x'0044'", "its vector has the wrong width"),
        (
            "UPDATE embedded SET terms = (SELECT terms FROM embedded WHERE passage = 2)",
            "its terms are not those",
        ),
        ("UPDATE embedded SET terms = x'00'", "terms cannot be read"),
        ("UPDATE articles SET details = '{'", "details cannot be read"),
        ("UPDATE passages SET headings = '['", "details cannot be read"),
        ("DELETE FROM texts", "its text is missing"),
        ("INSERT INTO removed VALUES (1, 1)", "removed passages that are there"),
        (
            "UPDATE sqlite_sequence SET seq = 50; INSERT INTO revisions VALUES (9, 'x', 50)",
            "revisions are missing",
        ),
        ("UPDATE revisions SET stamp = 'other'", "never had"),
    ],
)
def test_verify_finds(library, sql, problem):
    assert verify(library) == []
    _damage(library, sql)
    assert any(problem in found for found in verify(library)), verify(library)
    assert any(problem in found for found in verify(library, FakeEmbedder()))


def _named(problems):
    return {problem.split(": ")[0] for problem in problems if not problem.startswith("the indexes")}


DAMAGE = [
    "UPDATE embedded SET vector = zeroblob(16) WHERE passage = 1",
    "UPDATE embedded SET vector = x'0044' WHERE passage = 1",
    "UPDATE embedded SET vector = (SELECT vector FROM embedded WHERE passage = 2) WHERE passage = 1",
    "UPDATE embedded SET terms = (SELECT terms FROM embedded WHERE passage = 2) WHERE passage = 1",
    "UPDATE embedded SET terms = x'00' WHERE passage = 1",
    "DELETE FROM embedded WHERE passage = 1",
    "UPDATE texts SET text = replace(text, '黄河', '长江') WHERE article = 1",
    "UPDATE articles SET title = '丙' WHERE key = 1",
    "DELETE FROM texts WHERE article = 1",
    "UPDATE articles SET details = '{' WHERE key = 1",
    "UPDATE passages SET headings = '[' WHERE id = 1",
    'UPDATE passages SET "end" = "end" - 1 WHERE id = 1',
    "DELETE FROM passages WHERE id = 1",
]


@pytest.mark.parametrize("sql", DAMAGE)
def test_verify_names_the_article_and_rebuild_mends_it(library, sql):
    wanted = content(library)
    _damage(library, "PRAGMA foreign_keys = ON;" + sql)
    assert _named(verify(library, FakeEmbedder())) == {wanted[0][0].source}
    report = rebuild(library, FakeEmbedder(), config=SMALL)
    assert (report.changed, report.added, report.failed) == ([wanted[0][0].source], [], [])
    assert verify(library, FakeEmbedder()) == []
    assert content(library) == wanted
    assert rebuild(library, FakeEmbedder(), config=SMALL) is None


@pytest.mark.parametrize("sql", DAMAGE)
def test_verify_and_rebuild_of_an_article_without_a_file(tmp_path, library, sql):
    article = load_bytes("# 上传\n\n泰山在山东。".encode(), "u.md", source="upload/u.md")
    add(library, [article], FakeEmbedder(), config=SMALL)
    wanted = content(library)
    sql = sql.replace("= 1", "= 3")
    _damage(library, "PRAGMA foreign_keys = ON;" + sql.replace("黄河", "泰山"))
    assert _named(verify(library, FakeEmbedder())) == {"upload/u.md"}
    report = rebuild(library, FakeEmbedder(), config=SMALL)
    is_lost = "DELETE FROM texts" in sql or "details" in sql
    assert ([failure.source for failure in report.failed] == ["upload/u.md"]) == is_lost
    assert (report.changed == ["upload/u.md"]) != is_lost
    assert (verify(library, FakeEmbedder()) == []) != is_lost
    add(library, [article], FakeEmbedder(), config=SMALL)  # as the report of what is lost says
    assert content(library) == wanted
    assert verify(library, FakeEmbedder()) == []


def test_rebuild_with_another_model_forgets_the_file_of_a_damaged_article(tmp_path, library):
    _damage(library, "UPDATE texts SET text = replace(text, '黄河', '长江') WHERE article = 1")
    _damage(library, "UPDATE articles SET details = '{' WHERE key = 2")
    other = FakeEmbedder(version="2")
    report = rebuild(library, other, config=SMALL)
    assert [failure.source[-4:] for failure in report.failed] == ["甲.md"]
    assert [article.text for article, _ in content(library)] == ["乙\n\n长江流入渤海。"]
    report = sync(library, [tmp_path / "articles"], other, config=SMALL)
    assert ([s[-4:] for s in report.changed], [s[-4:] for s in report.added]) == (["乙.md"], ["甲.md"])
    assert [article.text[3:5] for article, _ in content(library)] == ["黄河", "长城"]
    assert verify(library, other) == []


def test_verify_compares_a_sample_of_a_large_library(tmp_path, monkeypatch):
    monkeypatch.setattr("embeddings.verify.SAMPLE", 10)
    library = made(tmp_path, {f"{i}.md": f"第{i}条。" for i in range(30)}, FakeEmbedder())
    _damage(library, "UPDATE embedded SET terms = (SELECT terms FROM embedded WHERE passage = 2)")
    assert 9 <= len(verify(library)) <= 10
    assert verify(library) == verify(library)
    _damage(library, "UPDATE embedded SET vector = zeroblob(16)")
    assert sum("its vector is zero" in problem for problem in verify(library)) == 30


def test_verify_zero_is_right_where_the_model_knows_nothing_of_the_text(library):
    class Deaf(FakeEmbedder):
        def encode_passages(self, texts, progress=None):
            return super().encode_passages([""] * len(texts), progress)

    _damage(library, "UPDATE embedded SET vector = zeroblob(16)")
    assert verify(library, Deaf()) == []
    assert len(verify(library)) == len(verify(library, FakeEmbedder())) == 2


def test_verify_refuses_another_model_and_leaves_terms_of_another_version(library, monkeypatch):
    with pytest.raises(FingerprintMismatch):
        verify(library, FakeEmbedder(version="2"))
    _damage(library, "UPDATE embedded SET terms = (SELECT terms FROM embedded WHERE passage = 2)")
    monkeypatch.setattr("embeddings.verify.WORDS_VERSION", "next")
    assert verify(library) == []
