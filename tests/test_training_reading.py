from __future__ import annotations

import math

import pytest
import torch

from qa.encoder_reader import LONGEST_ANSWER
from qa.training.questions import Batch
from qa.training.reading import _unlike, span_loss


def batch(passage: list[list[int]], gold: list[list[list[int]]]) -> Batch:
    there = torch.tensor(passage).bool()
    blank = torch.zeros_like(there)
    return Batch(blank.long(), blank.long(), blank, there, torch.tensor(gold))


def test_training_reading_loss_by_hand() -> None:
    start = torch.tensor([[0.5, 9.0, 1.0, 2.0]]).repeat(2, 1)
    end = torch.tensor([[0.25, 9.0, 0.5, 3.0]]).repeat(2, 1)
    # Tokens 2 and 3 are the passage: three spans, and nothing.
    found = span_loss(start, end, batch([[0, 0, 1, 1]] * 2, [[[2, 3], [3, 3]], [[-1, -1], [-1, -1]]]))
    total = math.log(sum(math.exp(x) for x in (1.5, 4.0, 5.0, 0.75)))
    right = math.log(math.exp(4.0) + math.exp(5.0))
    assert float(found) == pytest.approx((total - right + total - 0.75) / 2, abs=1e-5)


def test_training_reading_spans_too_long_do_not_compete() -> None:
    length = LONGEST_ANSWER + 3
    start, end = torch.zeros(1, length), torch.zeros(1, length)
    found = span_loss(start, end, batch([[0] + [1] * (length - 1)], [[[-1, -1]]]))
    spans = sum(min(LONGEST_ANSWER, length - 1 - first) for first in range(length - 1))
    assert float(found) == pytest.approx(math.log(spans + 1), abs=1e-4)


def test_training_reading_unlike_is_nothing_for_the_same_and_by_hand_for_another() -> None:
    one = torch.tensor([[1.0, 7.0, 0.0]])
    at = batch([[0, 0, 1]], [[[-1, -1]]])
    assert float(_unlike((one, one), (one, one), at, 2.0)) == pytest.approx(0.0, abs=1e-6)
    other = torch.tensor([[0.0, -3.0, 0.0]])  # the question's token, the second, does not count
    p = math.exp(0.5) / (math.exp(0.5) + 1)
    expected = 4 * (p * math.log(p / 0.5) + (1 - p) * math.log((1 - p) / 0.5))
    assert float(_unlike((other, one), (one, one), at, 2.0)) == pytest.approx(expected, abs=1e-5)
