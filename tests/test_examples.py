from __future__ import annotations

import json
from pathlib import Path

import pytest
from fake_engine import FakeEngine, FakeLibrary, article

from embeddings.article import Article, Heading, Metadata, Span
from embeddings.load import load
from qa.examples import ASKS, examples, language, made
from qa.reply import Reply

SAMPLES = Path(__file__).parents[1] / "qa" / "samples"

LIGHTHOUSE = article(
    "灯塔",
    "老铁山灯塔位于辽宁省旅顺口区。老铁山灯塔始建于1893年。它的灯光能照到25海里外。",
    "老铁山灯塔",
    author="林舟",
)


def test_examples_are_made_from_telling_sentences_and_front_matter() -> None:
    assert made(LIGHTHOUSE) == [
        "老铁山灯塔在哪里？",
        "老铁山灯塔是什么时候始建的？",
        "《老铁山灯塔》是谁写的？",
    ]


def test_examples_are_made_in_english_for_an_english_article() -> None:
    text = "The Eddystone Lighthouse is a tower at sea. The Eddystone Lighthouse was completed in 1882."
    assert made(article("tower", text, "The Eddystone Lighthouse", author="R. Pike")) == [
        "What is the Eddystone Lighthouse?",
        "When was the Eddystone Lighthouse completed?",
        "Who wrote “The Eddystone Lighthouse”?",
    ]


def test_examples_take_headings_that_ask() -> None:
    text = "为什么海是咸的？\n河水把盐带进海里。\n什么是盐度\n盐度是海水里盐的多少。"
    headings = (Heading(Span(0, 8), 2), Heading(Span(text.index("什么是"), text.index("什么是") + 5), 2))
    assert made(Article("sea", "海", text, "sea.md", Metadata(), headings)) == ["为什么海是咸的？"]
    longer = text.replace("什么是盐度\n", "什么是海水盐度\n")
    headings = (headings[0], Heading(Span(longer.index("什么是"), longer.index("什么是") + 7), 2))
    assert made(Article("sea", "海", longer, "sea.md", Metadata(), headings)) == [
        "为什么海是咸的？",
        "什么是海水盐度？",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "它位于北京。它很大。",
        "这座塔是一座灯塔。这座塔很高。",
        "It is a tower. It is tall.",
        "他的家位于山里。他的家很小。",
    ],
)
def test_examples_ask_nothing_that_points_back(text: str) -> None:
    assert made(article("x", text, "x")) == []


def test_examples_are_only_those_that_are_answered() -> None:
    engine = FakeEngine(FakeLibrary([LIGHTHOUSE]), enough=0.6)
    found = examples(engine.library.snapshot(), engine.ask, 6)
    assert found == ["老铁山灯塔在哪里？", "老铁山灯塔是什么时候始建的？"][: len(found)]
    assert found
    assert all(engine.ask(question).answered for question in found)


def test_examples_answered_from_another_article_do_not_count() -> None:
    other = article("别的", "今天下雨。")
    engine = FakeEngine(FakeLibrary([LIGHTHOUSE, other]))

    def ask(question: str) -> Reply:
        reply = engine.ask(question)
        source = next(s for a in reply.answers for s in a.sources)
        moved = type(source)(other, Span(0, 1), Span(0, 5), source.passage)
        answer = reply.answers[0]
        wrong = type(answer)(answer.text, answer.sentence, 1.0, (moved,))
        return Reply(question, question, True, (wrong,), ())

    assert examples(engine.library.snapshot(), ask, 3) == []


def test_examples_ask_a_bounded_number_of_questions() -> None:
    many = [
        article(f"塔{n}", f"第{n}号灯塔位于海边。第{n}号灯塔很高。", f"第{n}号灯塔", author="林舟")
        for n in range(300)
    ]
    engine = FakeEngine(FakeLibrary(many[:60]), enough=2.0)
    assert examples(engine.library.snapshot(), engine.ask, 2) == []
    assert len(engine.asked) == 2 * ASKS


def test_examples_of_an_empty_library() -> None:
    engine = FakeEngine(FakeLibrary([]))
    assert examples(engine.library.snapshot(), engine.ask, 5) == []


def test_examples_of_the_samples_are_their_own_with_the_language_first() -> None:
    articles = [load(path, source=path.name) for path in sorted(SAMPLES.glob("*.md"))]
    engine = FakeEngine(FakeLibrary(articles), enough=0.0)
    listed = json.loads((SAMPLES / "questions.json").read_text("utf-8"))["examples"]
    chinese = [entry["question"] for entry in listed if entry["lang"] == "zh"]
    english = [entry["question"] for entry in listed if entry["lang"] == "en"]
    view = engine.library.snapshot()
    assert examples(view, engine.ask, 3, "zh") == chinese[:3]
    assert examples(view, engine.ask, 3, "en") == english[:3]
    assert examples(view, engine.ask, 3, "en") == examples(view, engine.ask, 3, "en")


def test_examples_tell_the_language_of_a_text() -> None:
    texts = ("节气是太阳走过的路标", "用 Python 写的脚本", "the word 中 alone", "")
    assert [language(text) for text in texts] == [
        "zh", "zh", "en", "en",
    ]  # fmt: skip
