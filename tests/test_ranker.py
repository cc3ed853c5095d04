import numpy as np
import pytest

from embeddings.errors import ModelError
from qa.evidence import FEATURES
from qa.ranker import Ranker, bundled_ranker

COUNT = len(FEATURES)


def weights(**changes):
    held = {
        "mean": [1.0] * COUNT, "scale": [2.0] * COUNT, "hidden": [[1.0] + [0.0] * (COUNT - 1), [-1.0] + [0.0] * (COUNT - 1)],
        "hidden_bias": [0.5, 0.0], "out": [3.0, 10.0], "out_bias": [0.25],
    }  # fmt: skip
    return held | changes


def test_ranker_strength_by_hand():
    # x0 = (5 - 1) / 2 = 2: hidden (2.5, 0), out 7.5 + 0.25. x0 = -1: hidden (0, 1), out 10.25.
    rows = [[5.0] + [1.0] * (COUNT - 1), [-1.0] + [1.0] * (COUNT - 1)]
    assert Ranker(weights()).strengths(rows).tolist() == pytest.approx([7.75, 10.25])


def test_ranker_of_nothing_is_nothing():
    assert Ranker(weights()).strengths([]).shape == (0,)


@pytest.mark.parametrize("broken", [{"mean": [0.0]}, {"hidden": [[1.0], [2.0]]}])
def test_ranker_refuses_weights_of_other_features(broken):
    with pytest.raises(ModelError, match="other numbers"):
        Ranker(weights(**broken))


def test_ranker_refuses_what_is_none():
    with pytest.raises(ModelError, match="no network"):
        Ranker({})


def test_ranker_bundled_prefers_the_sentence_with_the_questions_words():
    base = dict.fromkeys(FEATURES, 0.0) | {"length": 0.7}
    near = base | {"words": 0.9, "grams": 0.9, "run": 0.6, "words_precision": 0.5, "new_words": 0.4}
    strengths = bundled_ranker().strengths([list(base.values()), list(near.values())])
    assert np.argmax(strengths) == 1
