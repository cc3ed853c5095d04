from __future__ import annotations

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from qa.evaluation import Example
from qa.training.talks import followed, spoken_of, talks

PRICE = "顶配卖12999卢比。"
TEXT = f"POCO M6发布了。{PRICE}" + "机身很轻。" * 60 + "颜色有紫色和黑色。"


def example(question: str, answer: str, title: str = "POCO M6发布") -> Example:
    return Example(question, title, TEXT, question, ((answer, TEXT.index(answer)),))


BEFORE = example("POCO M6顶配卖多少？", "12999卢比")
COLOURS = example("POCO M6有什么颜色？", "紫色和黑色")


class Luck(random.Random):
    """Says one number always, and takes the first of what there is to choose from."""

    def __init__(self, number: float) -> None:
        super().__init__()
        self.number = number

    def random(self) -> float:
        return self.number

    def choice(self, seq: Any) -> Any:
        return seq[0]


def test_training_talks_what_was_said_is_left_out_or_pointed_at() -> None:
    assert followed(COLOURS, BEFORE, Luck(0.9)) == "有什么颜色?"
    assert followed(COLOURS, BEFORE, Luck(0.3)) == "它有什么颜色?"
    assert followed(COLOURS, BEFORE, Luck(0.2)) == "poco m6有什么颜色?"
    assert followed(COLOURS, BEFORE, Luck(0.1)) == "那颜色呢？"


def test_training_talks_a_latin_word_is_not_torn() -> None:
    other = example("POCO M65有什么颜色？", "紫色和黑色")
    assert followed(other, BEFORE, Luck(0.9)) == "poco m65有什么颜色?"


def test_training_talks_rivals_are_of_the_article_the_answer_before_is_told() -> None:
    found = {group.question: group for group in talks([BEFORE, COLOURS], Luck(0.9))}
    group = found["有什么颜色?"]
    assert {rival.heading for rival in group.rivals} == {spoken_of("POCO M6顶配卖多少？", "12999卢比")}
    first = group.rivals[0]
    assert [first.text[a:b] for a, b in first.answers] == ["紫色和黑色"]
    # Then what stands nearest to the answer before.
    assert PRICE in group.rivals[1].text
    assert not any(rival.answers for rival in group.rivals[1:])


def test_training_talks_nothing_of_articles_asked_only_once() -> None:
    assert list(talks([COLOURS], random.Random(1))) == []


@given(st.integers(0, 10_000))
def test_training_talks_a_follow_up_is_never_empty(seed: int) -> None:
    chance = random.Random(seed)
    same = example("POCO M6？", "紫色和黑色")
    assert followed(same, BEFORE, chance).strip("？?")
