from dataclasses import replace

import numpy as np
import pytest

from embeddings.article import Passage, Span
from qa.candidates import Candidate
from qa.confidence import SIGNALS, WITHIN
from qa.evidence import FEATURES
from qa.layered import Layered
from qa.reply import Hit
from qa.reread import AGAIN, LAST_BY, ORDERED_BY, last_rows
from qa.together import TOGETHER
from qa.training.again import Judged, group, ordered, row
from qa.training.calibration import FOLDS

TEXT = "甲甲。乙乙。丙丙。丁丁。"


def asked(chance, number):
    """Four sentences; the second reading tells which is right, the first is wrong half the time."""
    right = int(chance.integers(4))
    first = right if chance.random() < 0.5 else int(chance.integers(4))
    found = []
    for at in sorted(range(4), key=lambda at: at != first):
        evidence = dict.fromkeys((*FEATURES, *AGAIN, *TOGETHER), 0.0) | {"again_read": 1.0}
        evidence["again_mass"] = float(chance.normal(3.0 if at == right else -3.0))
        span = Span(3 * at, 3 * at + 3)
        found.append(Candidate(0, span, span, 0.5, 2.0 if at == first else 0.0, evidence, ((span, 1.0),)))
    hits = [Hit(Passage(1, "a", Span(0, len(TEXT))), TEXT, 0.75, 1, 1, 0.5)]
    which = [candidate.sentence.start == 3 * right for candidate in found]
    return Judged("谁？", found, hits, ["题"], which, answerable=True, near=False, fold=number % FOLDS)


def apart(pairs):
    """Nothing is read together."""
    return [{} for _ in pairs]


def test_training_again_learns_whom_to_believe():
    chance = np.random.default_rng(0)
    data = [asked(chance, number) for number in range(3000)]
    weights, rows = ordered(data, apart)
    assert len(rows) == len(data)
    assert np.mean([one.right for one in rows]) > 0.95
    network = Layered(weights["weights"], len(ORDERED_BY), "test", "")
    fresh = [asked(chance, number) for number in range(100)]
    first = [bool(one.right[int(np.argmax(network.logits(group(one).rows.tolist())))]) for one in fresh]
    assert np.mean(first) > 0.95


def test_training_again_last_order_learns_from_what_is_said_of_the_first_two_together():
    chance = np.random.default_rng(0)
    data = [doubtful(asked(chance, number)) for number in range(2000)]
    _, before = ordered(data, apart)
    seen = []

    def compare(pairs):
        told = []
        for one, strengths in pairs:
            assert len(strengths) == len(one.found)
            first = sorted(range(4), key=lambda at: -strengths[at])[:2]
            seen.append(first)
            said = {at: dict.fromkeys(TOGETHER, 0.0) | {"together_read": 1.0} for at in first}
            for at in first:
                said[at]["together_mass"] = 5.0 if one.right[at] else -5.0
            told.append(said)
        return told

    weights, rows = ordered(data, compare)
    held = np.mean([any(one.right[at] for at in first) for one, first in zip(data, seen, strict=True)])
    assert np.mean([one.right for one in before]) < held - 0.1
    assert np.mean([one.right for one in rows]) > held - 0.02
    mass = WITHIN.index("together_mass")
    assert {round(one.within[mass]) for one in rows if one.right} >= {5}
    network = Layered(weights["last"], len(LAST_BY), "test", "")
    one = data[0]
    right = one.right.index(True)
    told = {right: dict.fromkeys(TOGETHER, 0.0) | {"together_read": 1.0, "together_mass": 5.0}}
    assert int(np.argmax(network.logits(last_rows(group(one).rows.tolist(), told)))) == right


def doubtful(one):
    """The second reading tells little of it."""
    found = [
        replace(
            c,
            evidence=c.evidence | {"again_mass": 0.3 * c.evidence["again_mass"] + (7 * c.sentence.start) % 4},
        )
        for c in one.found
    ]
    return replace(one, found=found)


def test_training_again_row_is_of_the_first_in_the_new_order():
    one = asked(np.random.default_rng(1), 5)
    found = row(one, [0.0, 3.0, 1.0, 0.0])
    assert found.right == one.right[1]
    assert found.fold == 1
    values = dict(zip(WITHIN, found.within, strict=True))
    assert values["strength"] == 3.0
    assert values["margin"] == pytest.approx(2.0)
    assert values["again_mass"] == one.found[1].evidence["again_mass"]
    assert values["sure"] == pytest.approx(1.0)  # the only span marked in it
    assert len(found.within) == len(WITHIN) > len(SIGNALS)
