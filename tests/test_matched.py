import numpy as np
import pytest

from qa.matched import levels


def same(question: str, passage: str) -> np.ndarray:
    return np.array([[[a == b for b in passage] for a in question]])


@pytest.mark.parametrize(
    ("question", "passage", "asked", "said"),
    [
        ("谁修铁路", "詹天佑修了铁路", "0122", "0001022"),
        ("京张铁路", "建京张铁路，铁", "3333", "0333301"),
        ("一二三", "二一三二三", "122", "11122"),
    ],
)
def test_matched_levels_by_hand(question, passage, asked, said):
    found = levels(same(question, passage).reshape(1, len(question), len(passage)))
    assert ["".join(map(str, row[0])) for row in found] == [asked, said]


def test_matched_levels_are_the_same_for_tensors():
    torch = pytest.importorskip("torch")
    made = np.random.default_rng(0)
    given = made.integers(0, 4, (5, 8, 1)) == made.integers(0, 4, (5, 1, 30))
    for ours, theirs in zip(levels(given), levels(torch.from_numpy(given)), strict=True):
        assert np.array_equal(ours, theirs.numpy())
