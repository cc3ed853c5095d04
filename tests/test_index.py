import json
import math
import random
from collections import Counter

import pytest
from fakes import FakeEmbedder
from hypothesis import given, settings
from hypothesis import strategies as st
from libraries import SMALL, content, made, write

from embeddings.change import Writer
from embeddings.folder import writer
from embeddings.index import build, is_saved, plan_of
from embeddings.lexical import ABOVE, K1, LONGEST_QUESTION, Lexical
from embeddings.library import Library
from embeddings.prepare import Preparation
from embeddings.recipe import LONGEST_TERM, pack_terms, unpack_terms
from embeddings.store import Store
from embeddings.take import Update
from embeddings.update import sync
from embeddings.verify import verify


def _lexical(*documents):
    """An index of documents, each given as words; the first has id 1."""
    index = Lexical.empty()
    index.change([], ((i, _packed(words)) for i, words in enumerate(documents, 1)))
    return index


def _packed(words, grams="", above_words="", above_grams=""):
    import zlib

    return zlib.compress("\n".join([words, grams, above_words, above_grams]).encode())


def _bm25(query, documents, b=0.75):
    """BM25 by the book over lists of words: id -> value, for those that match."""
    count, mean = len(documents), sum(map(len, documents)) / len(documents)
    found = Counter()
    for term in set(query):
        held = sum(term in document for document in documents)
        idf = math.log(1 + (count - held + 0.5) / (held + 0.5))
        for i, document in enumerate(documents, 1):
            if n := document.count(term):
                found[i] += idf * n * (K1 + 1) / (n + K1 * (1 - b + b * len(document) / mean))
    return dict(found)


def test_index_bm25_by_hand():
    # Lengths 2, 4 and 3, mean 3. "a" is in two of three: idf ln(1 + 1.5 / 2.5) = 0.47000.
    # Document 1: 0.47 * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 2 / 3)) = 1.03401 / 1.9 = 0.54421
    # Document 2, "a" twice: 0.47 * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 4 / 3)) = 2.06801 / 3.5 = 0.59086
    found = _lexical("a b", "a a c d", "e f g").matching(["a", "a"], [], 5)
    assert [i for i, _ in found] == [2, 1]
    assert [v for _, v in found] == pytest.approx([0.59086, 0.54421], abs=1e-5)


@settings(max_examples=30)
@given(
    documents=st.lists(
        st.lists(st.sampled_from("甲乙丙丁戊"), min_size=1, max_size=39), min_size=1, max_size=12
    ),
    query=st.lists(st.sampled_from("甲乙丙丁戊己"), max_size=5),
)
def test_index_matching_equals_naive_bm25(documents, query):
    """Exact for fields of up to 40 terms, whose lengths tantivy keeps as they are."""
    found = _lexical(*map(" ".join, documents)).matching(query, [], 20)
    assert dict(found) == pytest.approx(_bm25(query, documents), rel=1e-5)
    assert found == sorted(found, key=lambda pair: (-pair[1], pair[0]))


def test_index_bm25_of_long_passages_is_near_the_naive_one():
    """Longer fields are taken for up to an eighth shorter, which moves BM25 by less than 6 %."""
    rng = random.Random(3)
    documents = [rng.choices("abcdefghijklmnop", k=rng.randint(41, 900)) for _ in range(60)]
    naive = _bm25("abc", documents)
    found = dict(_lexical(*map(" ".join, documents)).matching(list("abc"), [], 60))
    assert found.keys() == naive.keys()
    assert max(abs(found[i] / naive[i] - 1) for i in found) < 0.06


def test_index_matching_sums_columns_and_weighs_what_stands_above():
    index = Lexical.empty()
    index.change([], [(1, _packed("x", "x", "t")), (2, _packed("y", "y", "y"))])
    # Every field has mean length 1 and each term is in one of two: idf ln(1 + 1.5 / 1.5) = ln 2, times 1.
    two = math.log(2)
    assert index.matching(["x"], [], 5) == [(1, pytest.approx(two))]
    assert index.matching([], ["x"], 5) == [(1, pytest.approx(two))]
    assert index.matching(["x"], ["x"], 5) == [(1, pytest.approx(2 * two))]
    assert index.matching(["t"], [], 5) == [(1, pytest.approx(ABOVE * two))]
    assert index.matching(["y"], [], 5) == [(2, pytest.approx((1 + ABOVE) * two))]


def test_index_matching_among_some_gives_the_same_values():
    index = _lexical("a b", "a a c", "a", "d")
    everywhere = dict(index.matching(["a"], [], 9))
    assert dict(index.matching(["a"], [], 9, only=[1, 3, 4])) == {1: everywhere[1], 3: everywhere[3]}
    assert index.matching(["a"], [], 9, only=[]) == []
    assert index.matching(["nowhere"], [], 9) == []


def test_index_idf_and_most():
    index = _lexical("a b", "a c", "d e")
    idf = index.idf(["a", "b", "zz"])
    assert idf["a"] == pytest.approx(math.log(1 + 1.5 / 2.5))
    assert idf["b"] == pytest.approx(math.log(1 + 2.5 / 1.5))
    assert idf["zz"] == pytest.approx(math.log(1 + 3.5 / 0.5))
    assert index.most(["a", "b", "b"], []) == pytest.approx(2.2 * (idf["a"] + idf["b"]))
    assert all(value < index.most(["a", "b"], []) for _, value in index.matching(["a", "b"], [], 9))


def test_index_matching_takes_any_question():
    index = _lexical("长城 c++ .net 2024-03-05 15000 93% a*", "x")
    for term in ("长城", "c++", ".net", "2024-03-05", "15000", "93%", "a*"):
        assert [i for i, _ in index.matching([term], [], 3)] == [1], term
    assert index.matching(["\ud800", "(", "AND", '"', "", " "], ["\ud800"], 3) == []
    assert index.idf(["\ud800"])["\ud800"] > 0
    many = [f"w{i}" for i in range(LONGEST_QUESTION * 3)]
    common = _lexical(" ".join(many), " ".join(many), "rare")
    assert {i for i, _ in common.matching([*many, "rare"], [], 3)} == {1, 2, 3}
    assert _lexical("").matching(["a"], [], 3) == []


@given(st.text(), st.text())
def test_index_terms_survive_packing(title, text):
    title, text = (t.encode("utf-8", "replace").decode() for t in (title, text))
    from embeddings.words import grams, words

    packed = unpack_terms(pack_terms(title, text))
    assert sorted(packed.words.split()) == sorted(word.term[:LONGEST_TERM] for word in words(text))
    assert sorted(packed.grams.split()) == sorted(gram.term[:LONGEST_TERM] for gram in grams(text))
    assert sorted(packed.above_words.split()) == sorted(word.term[:LONGEST_TERM] for word in words(title))


FILES = {
    f"{i}.md": f"# 第{i}篇\n\n{text}" for i, text in enumerate(("长城在北方。", "黄河入海。", "泰山在山东。"))
}


def test_index_saved_is_of_the_newest_revision(tmp_path):
    library = made(tmp_path, FILES, FakeEmbedder())
    with Store.open(library) as store:
        assert is_saved(store)
        manifest = json.loads((store.folder / "index.json").read_text())
        assert manifest["revision"] == list(store.revision)
        kinds = sorted(path.name.split("-")[0] for path in store.folder.iterdir())
        assert [kind for kind in kinds if kind in ("vectors", "words")] == ["vectors", "words"]


def _answers(library):
    view = Library.open(library, FakeEmbedder()).snapshot()
    near = view.nearest(view.embedder.encode_questions(["长城", "黄河"]), 3)
    return near, view.matching(["长城", "黄河", "泰山"], ["长", "山东"], 5), view.revision


def spoil(path):
    """Puts as many wrong bytes in the file's place. A file that is shortened under what has it mapped kills the
    process.
    """
    other = path.with_name(f"{path.name}.spoilt")
    other.write_bytes(b"\xff" * path.stat().st_size)
    other.replace(path)


@pytest.mark.parametrize("damage", ["manifest", "vectors", "words", "no vectors", "nothing", "foreign"])
def test_index_damaged_or_missing_is_made_good(tmp_path, damage):
    library = made(tmp_path, FILES, FakeEmbedder())
    before = _answers(library)
    folder = library / "1"
    vectors = next(folder.glob("vectors-*"))
    match damage:
        case "manifest":
            (folder / "index.json").write_text("{")
        case "vectors":
            spoil(vectors)
        case "words":
            for path in next(folder.glob("words-*")).iterdir():
                spoil(path)
        case "no vectors":
            vectors.unlink()
        case "nothing":
            (folder / "index.json").unlink()
        case "foreign":
            manifest = json.loads((folder / "index.json").read_text())
            manifest["revision"][1] = "of another library"
            (folder / "index.json").write_text(json.dumps(manifest))
    assert _answers(library) == before
    if damage != "nothing":
        assert len(verify(library)) == 1
    if damage not in ("vectors", "words"):  # of the same size: only reading them tells
        sync(library, [tmp_path / "articles"], FakeEmbedder(), config=SMALL)
        assert verify(library) == []
    from embeddings.rebuild import rebuild

    assert rebuild(library) is None
    assert verify(library) == []
    assert _answers(library) == before


def test_index_follows_changes_and_equals_a_fresh_one(tmp_path):
    embedder = FakeEmbedder()
    files = {f"{i}.md": f"第{i}条 长城 {'黄河' * (i % 5)}。" for i in range(40)}
    library = made(tmp_path, files, embedder)
    reader = Library.open(library, embedder)
    first = reader.snapshot()
    changed = {**files, "3.md": "泰山。", "new.md": "新的一条 长城。"}
    del changed["7.md"]
    sync(library, [write(tmp_path / "articles", changed)], embedder, config=SMALL)
    second = reader.snapshot()
    assert (second.revision, first.revision) == (3, 1)  # the change, then the removal
    with Store.open(library) as store:
        fresh = build(store)
        wanted = fresh.nearest.nearest(embedder.encode_questions(["长城黄河"]), 50, store.vectors_of)
        held = [row[0] for row in store.rows("SELECT id FROM passages ORDER BY id")]
    assert second._index.nearest.ids() == second._index.lexical.ids() == fresh.nearest.ids() == held
    question = embedder.encode_questions(["长城黄河"])
    assert second.nearest(question, 50) == wanted
    followed = dict(second.matching(["泰山", "长城"], [], 50))
    assert followed.keys() == dict(fresh.lexical.matching(["泰山", "长城"], [], 50)).keys()
    # The snapshot taken before still answers from its revision.
    assert len(first) == 40
    assert len(first.matching(["长城"], [], 50)) == 40
    assert len(content(library)) == 40


def test_index_of_a_store_that_has_doubled_is_trained_anew_at_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr("embeddings.nearest.EXACT_UP_TO", 400)
    monkeypatch.setattr("embeddings.index._SMALL", 10)
    library = tmp_path / "library"
    folder = write(tmp_path / "a", {f"{i}.md": f"第{i}篇。" for i in range(500)})
    sync(library, [folder], FakeEmbedder(), config=SMALL)
    with Store.open(library) as store:
        assert plan_of(store).trained == 500
    write(tmp_path / "a", {f"{i}.md": f"第{i}篇。" for i in range(500, 1080)})
    with writer(library), Writer.open(library) as store:
        update = Update(store, None, FakeEmbedder(), Preparation(SMALL, "jieba"))
        for i in range(500, 1080):
            update.take_file(str(tmp_path / "a" / f"{i}.md"), "", None)
        update.commit()
        update.finish(growing=True)
        assert (plan_of(store).trained, plan_of(store).changed) == (500, 580)
        write(tmp_path / "a", {"more.md": "又一篇。"})
        update.take_file(str(tmp_path / "a" / "more.md"), "", None)
        update.commit()
        update.finish()  # the vectors lag by one passage only, but too much has come since they were trained
        assert (plan_of(store).trained, plan_of(store).changed) == (1081, 0)
