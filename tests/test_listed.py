"""The list or the steps that a question asks for, and answers to questions that a text asks itself."""

import math

import pytest

from embeddings.article import Article, Heading, Span
from embeddings.encode import embedder
from embeddings.library import Library
from embeddings.update import add
from qa.candidates import Candidate, ReadablePassage
from qa.conversation import exchange
from qa.engine import Engine
from qa.listed import FAR, LEAST, LISTED, lists_of, rows
from qa.lists import Above
from qa.question import analyse

TEXT = "依赖\n\n部署集群需要以下依赖：\n\n- Git\n- Docker\n- Python 3\n\n装好以后重启一次。"
PASSAGE = ReadablePassage(TEXT, title="在家部署", headings=(Above(0, 2, 2, "依赖"),))


def candidate(words, strength):
    start = TEXT.index(words)
    span = Span(start, start + len(words))
    return Candidate(0, span, span, 0.5, strength, {})


FOUND = [
    candidate("装好以后重启一次。", 2.0),
    candidate("- Docker", 1.0),
    candidate("部署集群需要以下依赖：", 0.5),
    candidate("- Git", 0.0),
    candidate("- Python 3", -1.0),
]


def told(question, passages=(PASSAGE,), found=FOUND):
    asked = analyse(question)
    held = lists_of(asked, passages)
    weights = dict.fromkeys(asked.words, 1.0) | {"集群": 3.0}
    return [dict(zip(LISTED, row, strict=True)) for row in rows(asked, passages, held, found, weights)]


def test_listed_what_is_read_in_a_list_by_hand():
    (row,) = told("部署集群需要哪三样依赖？")
    # The strongest line over any sentence elsewhere, 1 - 2; all lines together; their mean; over the next line.
    assert row["best"] == pytest.approx(-1.0)
    assert row["together"] == pytest.approx(math.log(math.exp(1) + 1 + math.exp(-1)) - 2)
    assert row["mean"] == pytest.approx(-2.0)
    assert row["spread"] == pytest.approx(1.0)
    assert row["announcement"] == pytest.approx(-1.5)
    assert (row["count"], row["items"], row["colon"], row["headed"]) == (1.0, 0.3, 1.0, 0.0)
    assert (row["lists"], row["steps"], row["marked"], row["numbered"], row["asks"]) == (
        1.0,
        0.0,
        1.0,
        0.0,
        0.0,
    )


def test_listed_share_of_the_words_said_above_by_rarity():
    (row,) = told("部署集群需要哪些证书？")
    asked = analyse("部署集群需要哪些证书？").words
    said = {"部署", "集群", "需要"}
    total = sum(3.0 if word == "集群" else 1.0 for word in asked)
    assert "证书" in asked
    assert row["said"] == pytest.approx(
        sum(3.0 if word == "集群" else 1.0 for word in asked if word in said) / total
    )


def test_listed_where_nothing_of_it_was_read_the_differences_are_far():
    (row,) = told("部署集群需要哪些依赖？", found=FOUND[:1])
    assert (row["best"], row["together"], row["announcement"]) == (-FAR, -FAR, -FAR)


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("部署集群需要哪些依赖？", 1),
        ("集群是什么时候部署的？", 0),
        ("为什么要部署集群？", 0),
        ("怎么部署集群？", 1),
    ],
)
def test_listed_of_one_thing_no_list_is_asked(question, count):
    assert len(lists_of(analyse(question), [PASSAGE])) == count


def test_listed_what_is_allowed_is_not_what_is_forbidden():
    allowed = ReadablePassage("观众在馆内可以有下列行为：\n\n- 拍照\n- 速写")
    assert lists_of(analyse("馆内可以有哪些行为？"), [allowed])
    assert not lists_of(analyse("馆内禁止哪些行为？"), [allowed])


def test_listed_steps_of_a_method_are_of_what_is_made():
    method = ReadablePassage(
        "Method\n\n1. Grind the beans.\n2. Steep overnight.",
        title="Cold brew coffee",
        headings=(Above(0, 6, 2, "Method"),),
    )
    assert lists_of(analyse("How do I make cold brew coffee?"), [method])
    assert lists_of(analyse("How do I grind the beans?"), [method])
    assert not lists_of(analyse("How do I store cold brew coffee?"), [method])


def test_listed_answers_to_questions_of_the_text_are_there_for_any_question():
    asks = ReadablePassage("常见问题\n\n断电会丢数据吗？\n\n不会。\n\nQ：多久备份一次？\nA：每周一次。")
    held = [listing for _, listing in lists_of(analyse("为什么停电不丢数据？"), [asks])]
    assert [listing.items.of(asks.text) for listing in held] == ["不会。", "A：每周一次。"]
    assert all(listing.asks for listing in held)


RECIPE = "夏天喝一碗。\n\n做法\n\n1. 乌梅洗净，泡两个小时。\n2. 大火煮开。\n3. 放凉。\n\n煮的时候不要用铁锅。"
STEPS = "1. 乌梅洗净，泡两个小时。\n2. 大火煮开。\n3. 放凉。"
CARE = (
    "断电之后会丢数据吗？\n\n接了后备电源就不会，五分钟以后自动关机。\n\n多久备份一次？\n\n每个周日的凌晨。"
)


def article(name, title, text, *heads):
    headings = tuple(Heading(Span(text.index(head), text.index(head) + len(head)), 2) for head in heads)
    return Article(name, title, text, f"{name}.md", headings=headings)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    bundled = embedder()
    folder = tmp_path_factory.mktemp("listed") / "library"
    unmarked = TEXT.replace("- ", "").replace("依赖", "证书").replace("集群", "网关")
    held = [
        article("a", "在家部署", TEXT, "依赖"),
        article("b", "网关", unmarked),
        article("c", "酸梅汤", RECIPE, "做法"),
        article("d", "家里的存储", CARE, "断电之后会丢数据吗？", "多久备份一次？"),
    ]
    add(folder, held, bundled)
    return Engine(Library.open(folder, bundled))


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("部署集群需要哪些依赖？", "- Git\n- Docker\n- Python 3"),
        ("部署网关需要哪些证书？", "Git\nDocker\nPython 3"),
        ("酸梅汤怎么做？", STEPS),
        ("酸梅汤的制作步骤", STEPS),
    ],
)
def test_listed_lists_and_steps_are_given_whole(engine, question, text):
    reply = engine.ask(question)
    assert reply.answers[0].text.strip() == text
    assert reply.answers[0].confidence >= LEAST
    assert reply.answerable >= LEAST


@pytest.mark.parametrize("question", ["部署集群需要哪些奖项？", "红烧肉怎么做？"])
def test_listed_nothing_is_given_for_what_no_list_is_of(engine, question):
    assert not engine.ask(question).answered


@pytest.mark.parametrize("question", ["酸梅汤怎么保存？", "煮酸梅汤不要用什么锅？", "酸梅汤好喝吗？"])
def test_listed_steps_are_not_given_for_something_else(engine, question):
    assert all(answer.text.strip() != STEPS for answer in engine.ask(question).answers)


def test_listed_a_question_that_the_text_asks_is_answered_by_what_stands_below(engine):
    assert "接了后备电源就不会" in engine.ask("停电了会不会丢数据").answers[0].sentence


def test_listed_steps_are_given_in_a_conversation_too(samples):
    before = samples.ask("绿茶要用多少度的水泡？")
    reply = samples.ask("怎么泡绿茶？", [exchange(before)])
    assert reply.answers[0].text.startswith("1. 温杯")


def test_listed_steps_that_go_on_in_the_next_passage_are_whole(tmp_path):
    steps = "\n".join(f"{n}. 第{n}锅放进去，{'慢慢搅匀，' * 14}再等。" for n in range(1, 13))
    text = f"夏天喝一碗。\n\n做法\n\n{steps}\n\n煮的时候不要用铁锅。"
    add(tmp_path / "library", [article("a", "酸梅汤", text, "做法")], embedder())
    library = Library.open(tmp_path / "library", embedder())
    assert len(library.snapshot().passage_ids(["a"])) > 1
    assert Engine(library).ask("酸梅汤怎么做？").answers[0].text == steps
