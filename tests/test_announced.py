import pytest

from embeddings.article import Article, Span
from embeddings.encode import embedder
from embeddings.library import Library
from embeddings.update import add
from qa.announced import announced, steps_about
from qa.conversation import exchange
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


RECIPE = "夏天喝一碗。\n\n做法\n\n1. 乌梅洗净，泡两个小时。\n2. 大火煮开。\n3. 放凉。\n\n煮的时候不要用铁锅。"
STEPS = "1. 乌梅洗净，泡两个小时。\n2. 大火煮开。\n3. 放凉。"


def at(words: str) -> Span:
    return Span(RECIPE.find(words), RECIPE.find(words) + len(words))


@pytest.mark.parametrize(
    ("question", "heading", "says"),
    [
        ("酸梅汤怎么做？", "酸梅汤", True),
        ("如何做酸梅汤", "酸梅汤", True),
        ("酸梅汤的制作步骤是什么？", "酸梅汤", True),
        ("How to make sour plum drink", "Sour plum drink", True),
        ("红烧肉怎么做？", "酸梅汤", False),
        ("酸梅汤怎么保存？", "酸梅汤", False),
        ("酸梅汤怎么样？", "酸梅汤", False),
        ("酸梅汤好喝吗？", "酸梅汤", False),
    ],
)
def test_announced_steps_are_those_of_what_is_asked(question, heading, says):
    assert announced(analyse(question), RECIPE, at(STEPS), at(STEPS), heading) is says


def test_announced_steps_below_a_heading_that_names_the_act_are_numbered():
    numbered = "备份数据库\n1. 停写\n2. 导出"
    bullets = numbered.replace("1. ", "- ").replace("2. ", "- ")
    for text, says in ((numbered, True), (bullets, False)):
        items = Span(6, len(text))
        assert announced(analyse("如何备份数据库？"), text, items, items, "") is says


def test_announced_steps_are_found_by_one_of_them_or_by_what_stands_above():
    for words in ("2. 大火煮开。", "做法"):
        found = steps_about(RECIPE, at(words))
        assert found is not None
        assert found.of(RECIPE).strip() == STEPS
    assert steps_about(RECIPE, at("煮的时候不要用铁锅。")) is None
    assert steps_about(RECIPE, at("夏天喝一碗。")) is None


def test_announced_steps_are_given_whole(tmp_path):
    add(tmp_path / "library", [Article("a", "酸梅汤", RECIPE, "a.md")], embedder())
    asked = Engine(Library.open(tmp_path / "library", embedder()))
    reply = asked.ask("酸梅汤怎么做？")
    assert reply.answers[0].text == STEPS
    assert reply.answers[0].confidence >= ANNOUNCED
    assert "铁锅" in asked.ask("煮酸梅汤不要用什么锅？").answers[0].text
    assert not asked.ask("红烧肉怎么做？").answered


@pytest.mark.parametrize(
    ("question", "heading", "lead", "says"),
    [
        ("西红柿炒鸡蛋怎么做？", "西红柿炒鸡蛋", "做法", True),
        ("西红柿炒鸡蛋怎么保存？", "西红柿炒鸡蛋", "做法", False),
        ("How do I store cold brew coffee?", "Cold brew coffee", "Method", False),
        ("How do I make cold brew coffee?", "Cold brew coffee", "Method", True),
        ("养老保险怎么补缴？", "养老保险", "养老保险转移的流程：", False),
        ("养老保险转移怎么办理？", "养老保险", "办理养老保险转移的流程：", True),
        ("养老保险转移的流程是谁定的？", "养老保险", "养老保险转移的流程：", False),
        ("数据库怎么迁移？", "数据库迁移", "操作系统要求：", False),
        ("网关怎么升级？", "网关", "网关升级过程大事记：", False),
    ],
)
def test_announced_steps_are_of_the_act_that_is_asked(question, heading, lead, says):
    text = f"{lead}\n1. 甲\n2. 乙"
    items = Span(len(lead) + 1, len(text))
    assert announced(analyse(question), text, items, items, heading) is says


@pytest.mark.parametrize(
    ("question", "lead", "says"),
    [
        ("博物馆内可以有哪些行为？", "观众在博物馆内可以有下列行为：", True),
        ("博物馆内禁止哪些行为？", "观众在博物馆内可以有下列行为：", False),
        ("博物馆内不得有哪些行为？", "观众在博物馆内不得有下列行为：", True),
        ("暂住证补办需要哪些材料？", "首次办理暂住证需要以下材料：", False),
        ("首次办理暂住证需要哪些材料？", "首次办理暂住证需要以下材料：", True),
    ],
)
def test_announced_lists_forbid_what_is_forbidden_and_are_of_what_is_asked(question, lead, says):
    text = f"{lead}\n1. 甲\n2. 乙"
    items = Span(len(lead) + 1, len(text))
    assert announced(analyse(question), text, Span(0, len(text)), items, "") is says


def test_announced_steps_are_given_in_a_conversation_too(samples):
    before = samples.ask("绿茶要用多少度的水泡？")
    reply = samples.ask("怎么泡绿茶？", [exchange(before)])
    assert reply.answers[0].text.startswith("1. 温杯")
    assert reply.answers[0].confidence >= ANNOUNCED


def test_announced_steps_that_go_on_in_the_next_passage_are_whole(tmp_path):
    steps = "\n".join(f"{n}. 第{n}锅放进去，{'慢慢搅匀，' * 14}再等。" for n in range(1, 13))
    text = f"夏天喝一碗。\n\n做法\n\n{steps}\n\n煮的时候不要用铁锅。"
    add(tmp_path / "library", [Article("a", "酸梅汤", text, "a.md")], embedder())
    library = Library.open(tmp_path / "library", embedder())
    assert len(library.snapshot().passage_ids(["a"])) > 1
    assert Engine(library).ask("酸梅汤怎么做？").answers[0].text == steps
