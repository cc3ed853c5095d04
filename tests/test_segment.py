"""Two segmenters, each named by its library; another one re-segments, and embeds nothing anew."""

import pytest
from fakes import FakeEmbedder
from hypothesis import given
from hypothesis import strategies as st
from libraries import SMALL, content, made

from embeddings import segment
from embeddings.errors import FingerprintMismatch, ModelError
from embeddings.library import Library
from embeddings.rebuild import rebuild
from embeddings.recipe import unpack_terms
from embeddings.segment import JIEBA, RJIEBA, SEGMENTERS
from embeddings.store import Store
from embeddings.update import sync
from embeddings.verify import verify
from embeddings.words import both_terms, gram_terms, grams, word_terms, words

TEXTS = st.text(alphabet=st.sampled_from("中华人民共和国的长城2024年3月5日1.5万XPS-93A股 \n。the𠀀壹錢"))


@pytest.mark.parametrize("segmenter", SEGMENTERS)
def test_segment_by_hand(segmenter):
    assert {(w.term, w.start, w.end) for w in words("在中华人民共和国", segmenter)} >= {
        ("中华", 1, 3), ("人民", 3, 5), ("共和国", 5, 8), ("中华人民共和国", 1, 8),
    }  # fmt: skip


@pytest.mark.parametrize("segmenter", SEGMENTERS)
@given(TEXTS)
def test_segment_terms_alone_are_those_with_their_places(segmenter, text):
    placed = words(text, segmenter)
    assert sorted(word_terms(text, segmenter)) == sorted(word.term for word in placed)
    assert sorted(gram_terms(text)) == sorted(gram.term for gram in grams(text))
    assert both_terms(text, segmenter) == (word_terms(text, segmenter), gram_terms(text))
    assert all(0 <= word.start < word.end <= len(text) for word in placed)


def test_segment_unknown_or_missing_is_said(monkeypatch):
    with pytest.raises(ModelError, match="there is no such segmenter -- name one of jieba, rjieba"):
        word_terms("长城", "thulac")
    segment.words_by.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, "rjieba", None)
    with pytest.raises(ModelError, match="not installed -- run: pip install rjieba"):
        word_terms("长城", RJIEBA)


def test_segment_of_a_library_is_its_own(tmp_path):
    library, folder = tmp_path / "library", tmp_path / "articles"
    folder.mkdir()
    (folder / "1.md").write_text("中华人民共和国的长城。", "utf-8")
    sync(library, [folder], FakeEmbedder(), config=SMALL, segmenter=RJIEBA)
    view = Library.open(library, FakeEmbedder()).snapshot()
    assert view.segmenter == RJIEBA
    (folder / "2.md").write_text("黄河入海。", "utf-8")
    assert len(sync(library, [folder], FakeEmbedder(), config=SMALL).added) == 1  # its own, unasked
    assert verify(library, FakeEmbedder()) == []
    with pytest.raises(FingerprintMismatch, match=r"words.segmenter.*rebuild .*--segmenter jieba"):
        sync(library, [folder], FakeEmbedder(), config=SMALL, segmenter=JIEBA)


def test_segment_anew_embeds_nothing_anew(tmp_path, monkeypatch):
    files = {f"{i}.md": f"第{i}条：中华人民共和国的长城。" for i in range(5)}
    library = made(tmp_path, files, FakeEmbedder())
    before = content(library)
    # A segmenter that leaves long words whole, so that the difference shows.
    monkeypatch.setattr(
        segment, "_rjieba", lambda _: type("R", (), {"cut_for_search": lambda text: text.split()})
    )
    segment.words_by.cache_clear()
    embedder = FakeEmbedder()
    report = rebuild(library, embedder, config=SMALL, segmenter=RJIEBA)
    assert report is not None
    assert (report.embedded, report.reused, embedder.encoded) == (0, 5, 0)
    after = content(library)
    assert [article for article, _ in after] == [article for article, _ in before]
    for (_, was), (_, now) in zip(before, after, strict=True):
        for old, new in zip(was, now, strict=True):
            assert new[:3] == old[:3]  # span, headings, vector
            assert "中华人民共和国的长城" in unpack_terms(new[3]).words
    with Store.open(library) as store:
        assert store.segmenter == RJIEBA
    assert verify(library, FakeEmbedder()) == []
    segment.words_by.cache_clear()
