import pytest
from fakes import FakeEmbedder
from libraries import write

from embeddings.errors import QuestionError
from embeddings.library import Library
from embeddings.update import sync
from qa.config import Config
from qa.retriever import Retriever

FILES = {
    "wallet.md": "---\ntitle: 壹钱包\n---\n壹钱包的月活跃用户数超2500万，注册用户超过2亿。",
    "laptop.md": "---\ntitle: 电脑\n---\n新款 XPS-9380 于2024年3月5日上市，售价一万元。",
    "tea.md": "---\ntitle: 茶\n---\n绿茶用高温杀青，所以保持绿色。",
    "copy.md": "---\ntitle: 壹钱包\n---\n壹钱包的月活跃用户数超2500万，注册用户超过2亿！",
}


@pytest.fixture
def retriever(tmp_path):
    embedder = FakeEmbedder()
    sync(tmp_path / "library", [write(tmp_path / "articles", FILES)], embedder)
    return Retriever(Library.open(tmp_path / "library", embedder))


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("XPS-9380多少钱？", "XPS-9380"),
        ("ＸＰＳ-9380", "XPS-9380"),
        ("2024-03-05有什么新品？", "2024年3月5日"),
        ("25,000,000用户", "2500万"),
        ("二千五百万活跃用户", "2500万"),
        ("壹錢包有多少用戶？", "壹钱包"),
        ("为什么绿茶是绿的？", "绿茶"),
    ],
)
def test_retriever_finds_a_thing_however_it_is_written(retriever, question, word):
    assert word in retriever.search(question, 3)[0].text


def test_retriever_says_why_and_orders_by_relevance(retriever):
    hits = retriever.search("绿茶杀青", 3)
    assert hits[0].lexical_rank == 1
    assert hits[0].dense_rank is not None
    assert {"绿茶", "杀青"} <= set(hits[0].matched)
    assert [hit.relevance for hit in hits] == sorted((hit.relevance for hit in hits), reverse=True)
    assert all(-1.0001 <= hit.similarity <= 1.0001 and 0 <= hit.relevance <= 1 for hit in hits)


def test_retriever_folds_near_duplicates(retriever):
    hits = retriever.search("壹钱包月活跃用户", 4)
    assert len(hits) == 3
    assert len(hits[0].duplicates) == 1
    assert hits[0].duplicates[0].article_id != hits[0].passage.article_id
    strict = Retriever(retriever.library, Config(duplicate=1.01))
    assert len(strict.search("壹钱包月活跃用户", 4)) == 4


def test_retriever_gives_no_more_than_asked_for(retriever):
    assert len(retriever.search("用户", 1)) == 1


def test_retriever_texts_are_slices_of_their_articles(retriever):
    view = retriever.library.snapshot()
    for hit in retriever.search("用户 上市 绿茶", 4):
        assert hit.text == hit.passage.span.of(view.article(hit.passage.article_id).text)


@pytest.mark.parametrize("question", ["", " \n", "问" * 100_000])
def test_retriever_refuses_what_is_no_question(retriever, question):
    with pytest.raises(QuestionError):
        retriever.search(question)


def test_retriever_of_an_empty_library_finds_nothing(tmp_path):
    embedder = FakeEmbedder()
    sync(tmp_path / "library", [write(tmp_path / "articles", {})], embedder)
    assert Retriever(Library.open(tmp_path / "library", embedder)).search("什么？") == []
