from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from embeddings.article import Article, Span
from embeddings.encode import embedder
from embeddings.library import Library
from embeddings.update import add
from qa.confidence import SIGNALS, Calibration
from qa.config import Config
from qa.engine import Engine
from qa.joint import NEAR, ORDERED_BY
from qa.layered import Layered
from qa.training.calibration import FOLDS
from qa.training.follow import SHARES, Judged, Unlearnt, counts_of, judged, ordered, row, told, write
from qa.training.ranker import Group
from qa.training.talks import Talk, Turn

if TYPE_CHECKING:
    from pathlib import Path

FIRST = ORDERED_BY.index(NEAR[0])
TEXT = "江桥在1907年建成。桥长三百二十米。桥是李明设计的，他后来去了北京。"


def asked(chance: np.random.Generator, number: int, near: int = 0) -> Judged:
    """Four sentences; the reading as it was said tells which is right, the first reading is wrong half the time."""
    right = int(chance.integers(4))
    rows = np.zeros((4, len(ORDERED_BY)), np.float32)
    rows[:, ORDERED_BY.index("said_share")] = chance.normal(-3.0, 1.0, 4)
    rows[right, ORDERED_BY.index("said_share")] += 6.0
    rows[:, ORDERED_BY.index("first_share")] = chance.normal(0.0, 1.0, 4)
    rows[:, FIRST + near] = 1.0
    signals = np.zeros((4, len(SIGNALS)), np.float32)
    signals[:, SIGNALS.index("sure")] = np.arange(4) / 4
    return Judged(Group(rows, np.arange(4) == right), signals, (1, 2, 3, 3), True, number % FOLDS)


def test_training_follow_learns_which_reading_to_believe() -> None:
    chance = np.random.default_rng(0)
    weights, rows = ordered([asked(chance, number) for number in range(1200)])
    assert len(rows) == 1200
    assert np.mean([one.right for one in rows]) > 0.9
    network = Layered(weights, len(ORDERED_BY), "test", "")
    fresh = [asked(chance, number) for number in range(100)]
    first = [bool(one.group.right[int(np.argmax(network.logits(one.group.rows.tolist())))]) for one in fresh]
    assert np.mean(first) > 0.9


def test_training_follow_row_is_of_the_first_in_the_new_order() -> None:
    one = asked(np.random.default_rng(1), 5)
    found = row(one, [0.0, 1.0, 2.5, 2.0])
    assert (found.right, found.fold, found.answerable) == (bool(one.group.right[2]), 1, True)
    values = dict(zip(SIGNALS, found.within, strict=True))
    assert values["strength"] == 2.5
    assert values["margin"] == 1.5  # the fourth is the same text
    assert values["sure"] == 0.5


def test_training_follow_what_is_rarer_here_than_among_people_counts_more() -> None:
    chance = np.random.default_rng(2)
    data = [asked(chance, number, near=0 if number < 10 else 5) for number in range(40)]
    near, *_, far = counts_of(data)
    # One is added to each of the six counts.
    assert near == pytest.approx((SHARES[0] / (11 / 46)) ** 0.5)
    assert far == pytest.approx((SHARES[5] / (31 / 46)) ** 0.5)
    nowhere = Judged(Group(data[0].group.rows, np.zeros(4, bool)), data[0].signals, data[0].texts, False, 0)
    assert counts_of([*data, nowhere])[-1] == 1.0


def test_training_follow_finds_the_sentences_of_the_article(tmp_path: Path) -> None:
    def turn(question: str, written: str, answer: str) -> Turn:
        at = TEXT.find(answer)
        return Turn(question, written, Span(at, at + len(answer)) if answer else None)

    first = turn("江桥哪一年建成？", "江桥哪一年建成？", "1907年")
    turns = (first, turn("多长？", "江桥多长？", "三百二十米"), turn("多宽？", "江桥多宽？", ""))
    talk = Talk("a/1", "江桥", TEXT, turns)
    add(tmp_path / "library", [Article("a/1", "江桥", TEXT, "a/1")], embedder())
    engine = Engine(Library.open(tmp_path / "library"), config=Config(threshold=0.0), joint=Unlearnt())
    found, silent = judged([talk], engine)
    assert (found.answerable, silent.answerable, silent.group.right.any()) == (True, False, False)
    assert found.group.right.tolist() == [False, True, False]
    assert found.group.rows.shape == (3, len(ORDERED_BY))
    assert len(set(found.texts)) == 3
    assert found.group.rows[:, ORDERED_BY.index("holds_before")].tolist() == [1.0, 0.0, 0.0]
    said = told(talk, first)
    assert (said.answer, said.sentence, said.words) == ("1907年", TEXT[:11], Span(3, 8))
    assert told(talk, turns[2]).place is None


def test_training_follow_writes_what_the_engine_reads(tmp_path: Path) -> None:
    chance = np.random.default_rng(3)
    data = [asked(chance, number) for number in range(90)]
    silent = [
        replace(one, group=Group(one.group.rows, np.zeros(4, bool)), answerable=False) for one in data[::3]
    ]
    write(tmp_path / "out", [*data, *silent], 40)
    held = json.loads((tmp_path / "out" / "joint.json").read_text(encoding="utf-8"))
    origin = held["origin"]
    assert (origin["conversations"], origin["follow_ups"], origin["of_them_with_an_answer_there"]) == (
        40,
        120,
        90,
    )
    assert origin["right_first_in_folds"] > 60
    assert held["ordered_by"] == list(ORDERED_BY)
    right = Calibration.of(held["right"])
    network = Layered(held["weights"], len(ORDERED_BY), "test", "")
    sure = [
        right.probability(row(one, network.logits(one.group.rows.tolist()).tolist()).within) for one in data
    ]
    # Of these questions three in four are answered: nothing but chance tells which.
    assert np.mean(sure) == pytest.approx(0.75, abs=0.1)
