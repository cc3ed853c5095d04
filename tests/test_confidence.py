import math

import pytest

from embeddings.article import Passage, Span
from qa.candidates import Candidate
from qa.confidence import SIGNALS, WORTH, Calibration, bundled_confidence, signals
from qa.evidence import FEATURES
from qa.reply import Hit


def test_confidence_probability_by_hand():
    calibration = Calibration((1.0, 0.0), (2.0, 1.0), (4.0, -1.0), 0.5, 0.3)
    # 0.5 + 4 * (2 - 1) / 2 - 1 * 1.5 = 1
    assert calibration.probability([2.0, 1.5]) == pytest.approx(1 / (1 + math.exp(-1)))


def test_confidence_probability_survives_extremes():
    calibration = Calibration((0.0,), (1.0,), (1.0,), 0.0, 0.5)
    assert calibration.probability([1e9]) == pytest.approx(1.0)
    assert calibration.probability([-1e9]) == pytest.approx(0.0, abs=1e-12)


def candidate(passage, start, end, strength):
    return Candidate(
        passage, Span(start, end), Span(start, end), 0.5, strength, dict.fromkeys(FEATURES, 0.25)
    )


def hit(text, relevance):
    return Hit(Passage(1, "a", Span(0, len(text))), text, 0.75, 1, 1, relevance)


def test_confidence_signals_measure_the_margin_over_what_differs():
    hits = [hit("甲。乙。", 0.9), hit("甲。丙。", 0.4)]
    found = [candidate(0, 0, 2, 5.0), candidate(1, 0, 2, 4.5), candidate(1, 2, 4, 3.0)]
    values = dict(zip(SIGNALS, signals(found, 0, hits), strict=True))
    # The same sentence in the second passage is no rival: 5 - 3.
    assert values["margin"] == pytest.approx(2.0)
    assert values["relevance_lead"] == pytest.approx(0.5)
    assert (values["strength"], values["similarity"], values["sure"]) == (5.0, 0.75, 0.5)


def test_confidence_bundled_calibrations_fit_the_signals():
    held = bundled_confidence()
    for part in (held.read, held.unread):
        assert len(part.mean) == len(part.scale) == len(part.weights) == len(SIGNALS)
        assert 0 < part.threshold < 1
    assert 0.5 < held.metadata <= 1
    read = [candidate(0, 0, 2, 1.0)]
    assert held.of(read) is held.read
    unread = [Candidate(0, Span(0, 2), Span(0, 2), 0.5, 1.0, dict.fromkeys(FEATURES, 0.0))]
    assert held.of(unread) is held.unread


def test_confidence_what_was_read_has_to_be_worth_an_answer():
    held = bundled_confidence()
    assert held.read.threshold >= WORTH > held.unread.threshold
