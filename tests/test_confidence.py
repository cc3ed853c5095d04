import math

import pytest

from embeddings.article import Passage, Span
from qa.candidates import Candidate
from qa.confidence import SIGNALS, SUREST, WITHIN, Calibration, Silence, bundled_confidence, signals
from qa.evidence import FEATURES
from qa.layered import Layered
from qa.reply import Hit
from qa.reread import AGAIN
from qa.together import TOGETHER


def test_confidence_probability_by_hand():
    calibration = Calibration((1.0, 0.0), (2.0, 1.0), (4.0, -1.0), 0.5)
    # 0.5 + 4 * (2 - 1) / 2 - 1 * 1.5 = 1
    assert calibration.probability([2.0, 1.5]) == pytest.approx(1 / (1 + math.exp(-1)))


def test_confidence_probability_survives_extremes():
    calibration = Calibration((0.0,), (1.0,), (1.0,), 0.0)
    assert calibration.probability([1e9]) == SUREST
    assert calibration.probability([-1e9]) == pytest.approx(0.0, abs=1e-12)


EVIDENCE = (*FEATURES, *AGAIN, *TOGETHER)


def candidate(passage, start, end, strength):
    return Candidate(
        passage, Span(start, end), Span(start, end), 0.5, strength, dict.fromkeys(EVIDENCE, 0.25)
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
    for judge in (held.read, held.unread):
        part = judge.right
        assert len(part.mean) == len(part.scale) == len(part.weights) == len(SIGNALS)
        assert 0 < judge.silence.threshold < 1
        assert 0 < judge.answerable([0.0] * len(WITHIN)) < 1
    assert 0.5 < held.metadata <= 1
    read = [candidate(0, 0, 2, 1.0)]
    assert held.of(read) is held.read
    unread = [Candidate(0, Span(0, 2), Span(0, 2), 0.5, 1.0, dict.fromkeys(EVIDENCE, 0.0))]
    assert held.of(unread) is held.unread


def test_confidence_whether_there_is_an_answer_by_hand():
    # x = (3 - 1) / 2 = 1: hidden (1 * 2 + 0.5) = 2.5, out 2.5 * 0.4 - 1 = 0.
    network = Layered(
        {
            "mean": [1.0], "scale": [2.0], "hidden": [[2.0]], "hidden_bias": [0.5], "out": [0.4],
            "out_bias": [-1.0],
        },
        1, "a network", "train it",
    )  # fmt: skip
    silence = Silence(network, 0.5, 0.3)
    # The confidence counts half: (0 + 0.5 * logit) / 1.5 and (-1 + 0.5 * logit) / 1.5, the logit of 0.5 being 0.
    assert silence.answerable([3.0], 0.5) == pytest.approx(0.5)
    assert silence.answerable([-9.0], 0.5) == pytest.approx(1 / (1 + math.exp(1 / 1.5)))
    surer = 1 / (1 + math.exp(-3))
    assert silence.answerable([3.0], surer) == pytest.approx(1 / (1 + math.exp(-1)))
    plain = dict.fromkeys(FEATURES, 0.0)
    assert silence.least(plain) == 0.5
    assert (
        silence.least(plain | {"amount_lacking": 1.0}) == silence.least(plain | {"number_shown": 1.0}) == 0.3
    )


def test_confidence_all_evidence_tells_whether_there_is_an_answer():
    found = [candidate(0, 0, 2, 5.0)]
    values = dict(zip(WITHIN, signals(found, 0, [hit("甲。乙。", 0.9)], WITHIN), strict=True))
    assert WITHIN[: len(SIGNALS)] == SIGNALS
    assert set(EVIDENCE) < set(WITHIN)
    assert (values["strength"], values["heading_words"]) == (5.0, 0.25)
