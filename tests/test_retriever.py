import pytest
from fakes import FakeEmbedder
from libraries import write

from embeddings.errors import QuestionError
from embeddings.library import Library
from embeddings.update import sync
from qa.config import Config
from qa.retriever import Retriever
from qa.where import Where

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


def test_retriever_restricts_the_articles_on_both_sides(retriever):
    view = retriever.library.snapshot()
    for row in view.articles():
        hits = retriever.search("用户 绿茶 上市", 10, where=Where(folder=row.source))
        assert hits
        assert {hit.passage.article_id for hit in hits} == {row.id}
    assert retriever.search("用户", 10, where=Where(author="没有这个人")) == []


def test_retriever_keeps_passages_apart_that_differ_in_a_number(tmp_path):
    embedder, form = (
        FakeEmbedder(),
        "公司总部设在上海浦东新区，主要业务是软件开发和技术服务，员工人数为{}人。",
    )
    files = {f"{n}.md": form.format(n) for n in (120, 350)}
    sync(tmp_path / "library", [write(tmp_path / "articles", files)], embedder)
    hits = Retriever(Library.open(tmp_path / "library", embedder)).search("公司员工人数", 5)
    assert [len(hit.duplicates) for hit in hits] == [0, 0]


def test_retriever_many_copies_do_not_push_others_out(tmp_path):
    embedder = FakeEmbedder()
    files = {f"{n}.md": "本文仅代表作者个人观点，不构成任何投资建议，市场有风险。" for n in range(30)}
    files["other.md"] = "投资者应当关注市场风险，谨慎作出投资决定。"
    sync(tmp_path / "library", [write(tmp_path / "articles", files)], embedder)
    hits = Retriever(Library.open(tmp_path / "library", embedder)).search("投资建议 市场风险", 3)
    assert len(hits) == 2
    assert len(hits[0].duplicates) + len(hits[1].duplicates) == 29


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


def test_retriever_searches_within_one_article(retriever):
    tea = next(row.id for row in retriever.library.snapshot().articles() if row.title == "茶")
    hits = retriever.search("壹钱包有多少用户？", 10, within=tea)
    assert [hit.passage.article_id for hit in hits] == [tea]
