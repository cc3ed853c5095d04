import numpy as np
import pytest

from qa.evidence import FEATURES
from qa.ranker import Ranker
from qa.training.calibration import Row, fit
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


def test_training_fit_separates_and_lets_nine_in_ten_through():
    chance = np.random.default_rng(1)
    rows = []
    for _ in range(400):
        value = float(chance.normal())
        rows.append(
            Row([value, float(chance.normal())], bool(value + 0.3 * chance.normal() > 0), value > -0.5)
        )
    calibration = fit(rows)
    assert calibration.weights[0] > 5 * abs(calibration.weights[1])
    assert calibration.probability([3.0, 0.0]) > 0.95
    assert calibration.probability([-3.0, 0.0]) < 0.05
    passed = np.mean(
        [calibration.probability(row.signals) >= calibration.threshold for row in rows if row.answerable]
    )
    assert passed == pytest.approx(0.9, abs=0.02)


def test_training_split_never_parts_an_article():
    assert all(part(f"题{i}", "甲") == part(f"题{i}", "乙") for i in range(400))
    parts = [part("", f"文{i}") for i in range(4000)]
    shares = [parts.count(name) / len(parts) for name in ("learn", "fit", "report")]
    assert shares == pytest.approx([0.5, 0.2, 0.3], abs=0.02)
