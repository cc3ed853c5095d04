import numpy as np
import pytest

from qa.confidence import SIGNALS, WITHIN, Judge, Silence
from qa.evidence import FEATURES
from qa.layered import Layered
from qa.ranker import Ranker
from qa.training.calibration import Row, fit, silence
from qa.training.ranker import Group, train
from qa.training.split import part


def test_training_ranker_learns_the_feature_that_decides():
    chance = np.random.default_rng(0)
    groups = []
    for _ in range(1200):
        rows = chance.normal(size=(5, len(FEATURES)))
        right = np.zeros(5, bool)
        rows[:, 1] *= 5
        right[np.argmax(rows[:, 1])] = True
        groups.append(Group(rows, right))
    weights, losses = train(groups, epochs=60)
    assert losses[-1] < losses[0] / 2
    ranker = Ranker(weights)
    hits = [np.argmax(ranker.strengths(group.rows.tolist())) == np.argmax(group.right) for group in groups]
    assert np.mean(hits) > 0.9


def rows_of(chance, count=600):
    """Rows whose first number tells whether the answer is right, and whose last whether there is one."""
    rows = []
    for _ in range(count):
        within = chance.normal(size=len(WITHIN))
        right = bool(within[0] + 0.3 * chance.normal() > 0)
        rows.append(
            Row(
                within.tolist(),
                right,
                bool(within[-1] > -0.5),
                fold=int(chance.integers(4)),
            )
        )
    return rows


def test_training_fit_finds_what_tells_right_from_wrong():
    calibration = fit(rows_of(np.random.default_rng(1)))
    assert calibration.weights[0] > 5 * max(map(abs, calibration.weights[1:]))
    sure, unsure = ([value] + [0.0] * (len(SIGNALS) - 1) for value in (3.0, -3.0))
    assert calibration.probability(sure) > 0.95
    assert calibration.probability(unsure) < 0.05


def test_training_fit_what_the_library_lacks_counts_as_much_as_is_said():
    same = [0.0] * len(WITHIN)
    rows = [Row(same, right=True, answerable=True)] * 10 + [Row(same, right=False, answerable=False)] * 5
    assert fit(rows).probability(same[: len(SIGNALS)]) == pytest.approx(2 / 3)
    assert fit(rows, 2.0).probability(same[: len(SIGNALS)]) == pytest.approx(0.5)


def test_training_fit_a_near_miss_counts_a_fifth():
    same = [0.0] * len(WITHIN)
    rows = [Row(same, right=True, answerable=True)] * 10 + [
        Row(same, right=False, answerable=False, near=True)
    ] * 50
    # Ten are right, and fifty count as ten that are not.
    assert fit(rows).probability(same[: len(SIGNALS)]) == pytest.approx(0.5)


def test_training_silence_finds_what_tells_whether_there_is_an_answer():
    learnt = rows_of(np.random.default_rng(2), 4000)
    fitted = silence(learnt)
    held = Silence(
        Layered(fitted["network"], len(WITHIN), "silence", ""), fitted["threshold"], fitted["of_amounts"]
    )
    judge = Judge(fit(learnt), held)
    fresh = rows_of(np.random.default_rng(3))
    passed = {
        kind: np.mean(
            [judge.answerable(row.within) >= held.of_amounts for row in fresh if row.answerable == kind]
        )
        for kind in (True, False)
    }
    assert passed[True] == pytest.approx(0.9, abs=0.06)
    assert passed[False] < 0.4


def test_training_split_never_parts_an_article():
    assert all(part(f"题{i}", "甲") == part(f"题{i}", "乙") for i in range(400))
    parts = [part("", f"文{i}") for i in range(4000)]
    shares = [parts.count(name) / len(parts) for name in ("learn", "fit", "report")]
    assert shares == pytest.approx([0.5, 0.2, 0.3], abs=0.02)
