import pytest

from embeddings.article import Article, Span
from embeddings.encode import embedder
from embeddings.library import Library
from embeddings.update import add
from qa.announced import announced
from qa.engine import ANNOUNCED, Engine
from qa.question import analyse

LEAD = "部署这套集群需要以下依赖："
TEXT = f"先看一遍这篇文章。{LEAD}\n- Git\n- Docker\n- Python 3\n\n都装好以后，重启一次。"
ITEMS = Span(TEXT.find("- Git"), TEXT.find("\n\n"))
WHOLE = Span(TEXT.find(LEAD), ITEMS.end)


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("部署集群需要哪些依赖？", True),
        ("部署集群时需要哪几种依赖？", True),
        ("部署集群需要哪些证书？", False),  # another thing
        ("扩容之后的机房需要哪些依赖？", False),  # hardly a word of it
        ("部署集群需要什么？", False),  # no thing is named
        ("部署集群需要多久？", False),
    ],
)
def test_announced_names_the_thing_and_holds_most_words(question, says):
    assert announced(analyse(question), TEXT, WHOLE, ITEMS, "") is says


def test_announced_by_the_line_above_where_the_list_stands_alone():
    assert announced(analyse("部署集群需要哪些依赖？"), TEXT, ITEMS, ITEMS, "")


def test_announced_the_heading_counts_for_words_but_not_for_the_thing():
    question = analyse("数据库机房部署需要哪些依赖？")
    assert not announced(question, TEXT, WHOLE, ITEMS, "")
    assert announced(question, TEXT, WHOLE, ITEMS, "数据库机房")
    assert not announced(analyse("部署集群需要哪些证书？"), TEXT, WHOLE, ITEMS, "证书")


def test_announced_one_line_is_no_list():
    one = Span(ITEMS.start, ITEMS.start + len("- Git"))
    assert not announced(analyse("部署集群需要哪些依赖？"), TEXT, WHOLE, one, "")


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    bundled = embedder()
    folder = tmp_path_factory.mktemp("announced") / "library"
    unmarked = TEXT.replace("- ", "").replace("依赖", "证书").replace("集群", "网关")
    add(folder, [Article("a", "在家部署", TEXT, "a.md"), Article("b", "网关", unmarked, "b.md")], bundled)
    return Engine(Library.open(folder, bundled))


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("部署集群需要哪些依赖？", "- Git\n- Docker\n- Python 3"),
        ("部署网关需要哪些证书？", "Git\nDocker\nPython 3"),
    ],
)
def test_announced_lists_are_given_whole_and_surely(engine, question, text):
    reply = engine.ask(question)
    assert reply.answered
    assert reply.answers[0].text.strip() == text
    assert reply.answers[0].confidence >= ANNOUNCED
    assert reply.answerable >= ANNOUNCED


def test_announced_nothing_is_given_for_a_thing_that_no_list_is_of(engine):
    assert not engine.ask("部署集群需要哪些奖项？").answered
