"""A follow-up's readings taken together: readings and numbers by hand, then a toy order."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from embeddings.article import Passage, Span
from embeddings.errors import ModelError
from qa import joint
from qa.candidates import Candidate
from qa.confidence import SIGNALS, Calibration
from qa.evidence import FEATURES
from qa.joint import (
    ORDERED_BY,
    UNREAD,
    Joint,
    Read,
    as_said,
    bundled_joint,
    by_sentence,
    merged,
    rows,
    spoken_of,
    strongest,
    told_again,
)
from qa.layered import Layered
from qa.nearby import GAINS, HERE
from qa.question import analyse
from qa.reading import Evidence, reading_of
from qa.reply import Hit
from qa.reread import AGAIN, STRETCHES
from qa.together import TOGETHER
from qa.topic import Exchange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.reading import SpanReading

TEXT = "桥建于一九零九年。它很长。后来修过。"
#       0        9       13    18
LAST = Exchange(
    "桥哪年建的？", "一九零九年", TEXT[:9], "桥", TEXT, "a", 0.75, place=Span(0, 9), words=Span(3, 8)
)


def hit(passage: int, start: int, end: int) -> Hit:
    return Hit(Passage(passage, "a", Span(start, end)), TEXT[start:end], 0.5, 1, 1, 0.5)


def candidate(passage: int, start: int, end: int, strength: float, **evidence: float) -> Candidate:
    held = dict.fromkeys((*FEATURES, *AGAIN, *TOGETHER), 0.0) | {"again_read": 1.0} | evidence
    return Candidate(passage, Span(start, end), Span(start, end - 1), 0.5, strength, held)


# The written-out reading finds the passage of the first two sentences, then that of the last two; the one as it was
# said the latter alone.
WRITTEN = Read(
    analyse("桥修过吗？"),
    [hit(1, 0, 13), hit(2, 9, 18)],
    [
        candidate(0, 9, 13, 2.0, again_mass=1.0),
        candidate(1, 4, 9, 1.0, again_mass=2.0),
        candidate(1, 0, 4, 0.5),
        candidate(0, 0, 9, 0.0),
    ],
)
SAID = Read(
    analyse("修过吗？"), [hit(2, 9, 18)], [candidate(0, 4, 9, 3.0, again_mass=4.0), candidate(0, 0, 4, 1.0)]
)
READS = [WRITTEN, SAID]


def test_joint_sentences_are_told_by_their_place_in_the_article() -> None:
    held = by_sentence(READS)
    assert list(held) == [0, 9, 13]
    # Two passages hold the second one: the stronger is its candidate.
    assert {read: one.strength for read, one in held[9].items()} == {0: 2.0, 1: 1.0}
    assert {read: one.strength for read, one in held[13].items()} == {0: 1.0, 1: 3.0}


def test_joint_a_likelier_reading_goes_first_where_another_is_hardly_stronger() -> None:
    one, near, more = (candidate(0, 0, 4, strength) for strength in (1.0, 1.9, 2.1))
    assert strongest({0: one, 1: near}) == 0
    assert strongest({0: one, 1: more}) == 1


def test_joint_the_question_as_it_was_said_is_read_too() -> None:
    assert as_said("多长？", ["桥多长？"]) == (["桥多长？", "多长？"], 1)
    assert as_said("桥多长？", ["桥多长？", "多长？"]) == (["桥多长？", "多长？"], 0)


def test_joint_no_two_numbers_have_one_name() -> None:
    assert len(set(ORDERED_BY)) == len(ORDERED_BY)


def named() -> list[dict[str, float]]:
    told: list[dict[str, float]] = [{}, {"again_mass": 5.0, "again_read": 1.0}, {}]
    return [dict(zip(ORDERED_BY, row, strict=True)) for row in rows(READS, 1, LAST, by_sentence(READS), told)]


def test_joint_what_the_readings_say_of_a_sentence() -> None:
    first, second, third = named()
    assert [
        third[name] for name in ("first_strength", "said_strength", "most_strength", "mean_strength")
    ] == [1, 3, 3, 2]
    assert [third[name] for name in ("first_lead", "said_lead", "most_lead")] == [-1.0, 0.0, 0.0]
    written = math.log(sum(math.exp(s) for s in (2.0, 1.0, 0.5, 0.0)))
    said = math.log(math.exp(3.0) + math.exp(1.0))
    assert third["first_share"] == pytest.approx(1.0 - written)
    assert third["least_share"] == pytest.approx(1.0 - written)
    assert third["most_share"] == third["said_share"] == pytest.approx(3.0 - said)
    assert third["all_share"] == pytest.approx(math.log((math.exp(1.0 - written) + math.exp(3.0 - said)) / 2))
    assert (first["said_strength"], first["said_lead"], first["least_share"]) == (UNREAD, UNREAD, UNREAD)
    assert second["most_strength"] == 2.0
    assert [third[name] for name in ("again_mass", "first_again_mass", "said_again_mass")] == [4.0, 2.0, 4.0]
    assert first["said_again_mass"] == 0.0
    assert [one["told_again_mass"] for one in (first, second, third)] == [0.0, 5.0, 0.0]


class Told:
    """Finds "长" in what it is given, three logits above nothing."""

    name = "told"

    def __init__(self) -> None:
        self.given: list[tuple[str, str, str]] = []

    def understands(self, question: str) -> bool:
        return bool(question)

    def read(self, question: str, passages: Sequence[str], headings: Sequence[str] = ()) -> list[SpanReading]:
        self.given += [(question, text, above) for text, above in zip(passages, headings, strict=True)]
        return [reading(text) for text in passages]


def reading(text: str) -> SpanReading:
    margins = np.array([[3.0 if char == "长" else -np.inf] for char in text], np.float32)
    places = np.arange(len(text), dtype=np.int32)
    return reading_of([Evidence(margins, places, places + 1)], 0.0)


def test_joint_a_reader_is_told_what_was_spoken_of() -> None:
    hits, found = merged(READS, by_sentence(READS))
    reader = Told()
    told = told_again("修过吗？", LAST, hits, found, reader)
    # The first two sentences lie in one passage and are read together; the last one in another.
    assert sorted(reader.given) == [
        ("修过吗？", "后来修过。", "桥哪年建的？ 一九零九年"),
        ("修过吗？", "桥建于一九零九年。它很长。", "桥哪年建的？ 一九零九年"),
    ]
    assert [one["again_mass"] for one in told] == [-12.0, 3.0, -12.0]
    assert {one["again_read"] for one in told} == {1.0}


def test_joint_of_a_long_answer_the_beginning_is_told() -> None:
    assert spoken_of("谁？", "一" * 30) == "谁？ " + "一" * 24


def test_joint_what_was_not_read_tells_nothing() -> None:
    passage = "".join(f"{'零' * 250}{number}。" for number in range(9))
    cut = [Span(at, at + 252) for at in range(0, len(passage), 252)]
    hits = [Hit(Passage(1, "a", Span(0, len(passage))), passage, 0.5, 1, 1, 0.5)]
    found = [candidate(0, span.start, span.end, -float(at)) for at, span in enumerate(cut)]
    told = told_again("长？", replace(LAST, place=None), hits, found, Told())
    assert [bool(one) for one in told] == [True] * STRETCHES + [False] * (9 - STRETCHES)


def test_joint_where_a_sentence_stands_to_the_answer_before() -> None:
    first, second, third = named()
    assert [first[f"near_{GAINS.index(HERE)}"], second[f"near_{GAINS.index(HERE)}"]] == [1.0, 0.0]
    assert sum(second[f"near_{place}"] for place in range(len(GAINS))) == 1.0
    assert [one["here"] for one in (first, second, third)] == [1.0, 0.0, 0.0]
    assert [one["after"] for one in (first, second, third)] == [0.0, 1.0, 1.0]
    assert third["distance"] == pytest.approx(math.log1p(4))
    assert [one["holds_before"] for one in (first, second)] == [1.0, 0.0]
    assert [one["shows_before"] for one in (first, second)] == [1.0, 0.0]
    assert (second["long"], second["readings"], second["asked"], second["sure_before"]) == (
        0.04,
        2,
        0.4,
        0.75,
    )


def order(name: str) -> Layered:
    """An order by one number alone."""
    size = len(ORDERED_BY)
    hidden = np.zeros((2, size))
    hidden[:, ORDERED_BY.index(name)] = (1.0, -1.0)
    weights: dict[str, Any] = {
        "mean": np.zeros(size), "scale": np.ones(size), "hidden": hidden, "hidden_bias": np.zeros(2),
        "out": np.array([1.0, -1.0]), "out_bias": np.zeros(1),
    }  # fmt: skip
    return Layered(weights, size, "test", "")


RIGHT = Calibration((), (), (), 0.0)


def test_joint_the_order_is_of_all_readings_in_the_passages_of_all() -> None:
    found = Joint(order("said_share"), RIGHT).joined(READS, 1, LAST, Told())
    assert found is not None
    assert [hit.passage.id for hit in found.hits] == [1, 2]
    places = [found.hits[one.passage].passage.span.start + one.sentence.start for one in found.found]
    assert places == [13, 9, 0]
    assert found.read == 1
    assert found.found[0].strength == pytest.approx(3.0 - math.log(math.exp(3.0) + math.exp(1.0)))
    assert found.found[0].evidence["again_mass"] == 4.0
    by_first = Joint(order("first_share"), RIGHT).joined(READS, 1, LAST, Told())
    assert by_first is not None
    assert by_first.read == 0


def test_joint_passages_of_all_readings_stand_once() -> None:
    hits, found = merged(READS, by_sentence(READS))
    assert [each.passage.id for each in hits] == [1, 2]
    assert [(each.passage, each.sentence) for each in found] == [
        (0, Span(0, 9)), (0, Span(9, 13)), (1, Span(4, 9)),
    ]  # fmt: skip


def test_joint_nothing_where_nobody_has_read() -> None:
    unread = Read(SAID.asked, SAID.hits, [candidate(0, 0, 4, 1.0, again_read=0.0)])
    assert Joint(order("said_share"), RIGHT).joined([unread], 0, LAST, Told()) is None
    assert Joint(order("said_share"), RIGHT).joined([Read(SAID.asked, [], [])], 0, LAST, Told()) is None


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("ordered_by", ["other"], "other evidence"),
        ("signals", ["other"], "other evidence"),
        ("right", None, "cannot be read"),
    ],
)
def test_joint_what_was_learnt_from_other_evidence_is_refused(
    field: str, value: Any, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = {"ordered_by": list(ORDERED_BY), "signals": list(SIGNALS), "right": {}, "weights": {}} | {
        field: value
    }
    monkeypatch.setattr(json, "loads", lambda _: held)
    bundled_joint.cache_clear()
    with pytest.raises(ModelError, match=said):
        bundled_joint()
    bundled_joint.cache_clear()


def test_joint_bundled_order_fits() -> None:
    held = bundled_joint()
    assert held is joint.bundled_joint()
    assert held.order.logits(rows(READS, 1, LAST, by_sentence(READS), [{}] * 3)).shape == (3,)
