"""What the judge of lists learns from, and that it learns."""

import json
from pathlib import Path

import numpy as np
import pytest

from embeddings.article import Passage, Span
from qa.layered import Layered
from qa.listed import LISTED
from qa.lists import lists_in
from qa.reply import Hit
from qa.training.announcements import _line, _made, _question
from qa.training.blogs import blogs
from qa.training.lists import is_asked_for, learnt

TEXT = "要带的东西：\n\n- 水\n- 伞\n\n几点集合？\n\n七点，在南门。"
START = 100


def hit():
    return Hit(Passage(1, "a", Span(START, START + len(TEXT))), TEXT, 0.0, 1, 1, 1.0)


def piece(words, article="a"):
    at = START + TEXT.index(words)
    return article, at, at + len(words)


LIST, ANSWER = lists_in(TEXT)


@pytest.mark.parametrize(
    ("listing", "gold", "right"),
    [
        (LIST, (piece("水"), piece("伞")), True),
        (LIST, (piece("水", "b"), piece("伞", "b")), False),
        (LIST, (piece("水"), piece("七点")), False),
        (LIST, (piece("- 水\n- 伞"),), True),
        (LIST, (piece("伞"),), False),
        (ANSWER, (piece("南门"),), True),
        (ANSWER, (piece("水"),), False),
    ],
)
def test_training_lists_know_which_was_asked_for(listing, gold, right):
    assert is_asked_for(listing, hit(), gold) is right


def test_training_lists_learn_what_tells():
    chance = np.random.default_rng(0)
    rows = chance.normal(size=(600, len(LISTED)))
    data = [(row.tolist(), bool(row[0] > 0.5), 1.0) for row in rows]
    network = Layered(learnt(data), len(LISTED), "lists", "")
    fresh = chance.normal(size=(300, len(LISTED)))
    told = network.logits(fresh.tolist()) > 0
    assert np.mean(told == (fresh[:, 0] > 0.5)) > 0.85


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("部署集群需要以下依赖：", "部署集群需要哪些依赖？"),
        ("系统支持如下三种模式：", "系统支持哪三种模式？"),
        ("方案分为两类：", "方案分为哪两类？"),
        ("主要特点如下：", "主要特点有哪些？"),
        ("一句普通的话。", ""),
    ],
)
def test_training_lists_make_questions_of_announcements(said, question):
    assert _question(said) == question


def test_training_lists_made_questions_know_their_lines():
    text = "先看一遍。\n部署新的集群需要以下依赖：\n\n- Git\n- Docker\n\n完。"
    ((question, first, last),) = _made(text)
    lines = text.split("\n")
    assert (question, lines[first], lines[last]) == ("部署新的集群需要哪些依赖？", "- Git", "- Docker")
    assert _line("a", lines, last) == ("a", text.index("- Docker"), text.index("- Docker") + len("- Docker"))


def test_training_blogs_are_those_of_one_part_with_follow_ups_written_out():
    golden = Path(__file__).parent / "golden"
    rows = [json.loads(line) for line in (golden / "blogs.jsonl").read_text("utf-8").splitlines()]
    held = blogs(golden)
    assert len(held) == 9
    assert {blog.name for blog in held} == {row["blog"] for row in rows if row["part"] == "dev"}
    assert all(len(blog.articles) == 10 for blog in held)
    followed = next(row for row in rows if row["kind"] == "followup" and row["part"] == "dev")
    own = next(blog for blog in held if blog.name == followed["blog"])
    assert followed["standalone"] in {posed.text for posed in own.questions}
    assert all(posed.kind != "metadata" for blog in held for posed in blog.questions)
