from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from toy import toy_encoder

from qa.encoder_reader import BUNDLED, TOKENIZER, rows_of
from qa.training.grouped import Rivals, group_loss, grouped, groups_of
from qa.training.questions import Batch
from qa.training.reading import Told, told
from qa.training.rivals import Group, Rival

BUILT = Rival("桥", "江桥于1907年建成，全长320米。", ((3, 8),))
LIT = Rival("桥", "桥上没有灯。")
ASKED = Group("江桥哪一年建成？", (LIT, BUILT))


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(BUNDLED / TOKENIZER))


def test_training_grouped_loss_by_hand() -> None:
    nowhere = -math.inf
    said = Told(
        torch.tensor([[1.0, 0.5], [0.3, nowhere]]), torch.tensor([[0.2, nowhere], [nowhere, nowhere]])
    )
    shared = [math.log(1 + math.exp(1.0) + math.exp(0.5)) - 0.2, math.log(1 + math.exp(0.3))]
    alone = [math.log(1 + math.exp(1.0)) - 0.2, math.log(1 + math.exp(0.5)), math.log(1 + math.exp(0.3))]
    assert float(group_loss(said, 0.5)) == pytest.approx(sum(shared) / 2 + 0.5 * sum(alone) / 3, abs=1e-6)


def test_training_grouped_what_lacks_an_answer_or_a_row_gives_a_gradient_that_is_a_number() -> None:
    weights = torch.tensor([[1.0, 0.5], [0.3, 0.1]], requires_grad=True)
    gone = torch.tensor([[False, False], [False, True]])
    everything = weights.masked_fill(gone, -torch.inf)
    right = (weights * 0.5).masked_fill(torch.tensor([[False, True], [True, True]]), -torch.inf)
    torch.autograd.backward(group_loss(Told(everything, right), 0.5))
    assert weights.grad is not None
    assert weights.grad.isfinite().all()
    assert float(weights.grad[1, 1]) == 0.0


def test_training_grouped_rows_that_answer_come_first_with_their_tokens(tokenizer: Tokenizer) -> None:
    held = grouped([ASKED, Group(" ", (LIT, BUILT)), Group("江桥？", (LIT,))], tokenizer, 5)
    assert held.at.tolist() == [0, 2, 3]
    (first, last), *_ = held.rows.gold[0]
    assert held.rows.gold[1:, 0].tolist() == [[-1, -1], [-1, -1]]
    owner = held.rows.owner[0]
    passage = held.rows.passages[held.rows.passage_at[owner] : held.rows.passage_at[owner + 1]]
    assert tokenizer.decode(passage[first : last + 1].tolist()).replace(" ", "") == "1907年"
    assert grouped([ASKED], tokenizer, 1).at.tolist() == [0, 1]


def test_training_grouped_the_same_text_under_another_heading_is_another_row(tokenizer: Tokenizer) -> None:
    held = grouped([Group("灯？", (LIT, Rival("问过的话", LIT.text)))], tokenizer, 5)
    assert held.rows.owner.tolist() == [0, 1]
    assert np.diff(held.rows.title_at).tolist() == [1, 4]


def test_training_grouped_arrays_come_back(tokenizer: Tokenizer) -> None:
    held = grouped([ASKED], tokenizer, 5)
    back = groups_of(held.arrays("asked"), "asked")
    assert len(back) == 1
    assert back.at.tolist() == held.at.tolist()
    assert back.rows.passages.tolist() == held.rows.passages.tolist()


def test_training_grouped_rows_are_those_that_the_encoder_reads_later(tokenizer: Tokenizer) -> None:
    held = Rivals(grouped([ASKED], tokenizer, 5), "cpu", 320)
    seen: list[Any] = []
    held.read(lambda **given: seen.append(given) or toy_encoder()(**given), [np.array([0])], 4)
    asked = tokenizer.encode(ASKED.question, add_special_tokens=False).ids
    head = tokenizer.encode(BUILT.heading, add_special_tokens=False).ids
    read = tokenizer.encode(BUILT.text, add_special_tokens=False)
    (row,) = rows_of(asked, head, read, BUILT.text)
    size = len(row.ids)
    assert seen[0]["input_ids"][0, :size].tolist() == row.ids.tolist()
    assert seen[0]["token_type_ids"][0, :size].tolist() == row.kinds.tolist()
    assert seen[0]["attention_mask"].sum() == size


def test_training_grouped_what_a_row_says_by_hand() -> None:
    """[CLS] question [SEP] passage passage [SEP]: spans of the passage alone count, ends not before their starts."""
    start, end = (
        torch.tensor([[0.5, 9.0, 9.0, 1.0, 2.0, 9.0]]),
        torch.tensor([[0.25, 9.0, 9.0, 3.0, 4.0, 9.0]]),
    )
    passage = torch.tensor([[False, False, False, True, True, False]])
    gold = torch.tensor([[[3, 4], [4, 4], [-1, -1]]])
    row = torch.zeros(1, 6, dtype=torch.long)
    said = told(start, end, Batch(row, row, passage, passage, gold))
    every = math.log(math.exp(1 + 3) + math.exp(1 + 4) + math.exp(2 + 4)) - 0.75
    assert float(said.everything) == pytest.approx(every, abs=1e-5)
    assert float(said.right) == pytest.approx(math.log(math.exp(1 + 4) + math.exp(2 + 4)) - 0.75, abs=1e-5)


def test_training_grouped_a_row_says_the_same_among_others(tokenizer: Tokenizer) -> None:
    model = toy_encoder()
    other = Group("灯在哪里？", (LIT,))
    held = Rivals(grouped([ASKED, other], tokenizer, 5), "cpu", 320)
    with torch.no_grad():
        together = held.read(model, [np.array([0, 1]), np.array([2])], 2)
        alone = held.read(model, [np.array([0])], 2)
        back = held.read(model, [np.array([2]), np.array([0, 1])], 4)
    assert together.everything.shape == (2, 2)
    assert float(together.everything[0, 0]) == pytest.approx(float(alone.everything[0, 0]), abs=1e-4)
    assert together.everything[[1, 0]].tolist() == [
        pytest.approx(row, abs=1e-4) for row in back.everything.tolist()
    ]
    assert together.right[0, 1] == -math.inf
    assert together.everything[1, 1] == -math.inf
    assert together.right[0, 0] < together.everything[0, 0]


def test_training_grouped_drawn_groups_lack_what_answers_as_often_as_told(tokenizer: Tokenizer) -> None:
    held = Rivals(grouped([ASKED], tokenizer, 5), "cpu", 320)
    assert [own.tolist() for own in held.drawn(3, 5, 0.0)] == [[0, 1]] * 3
    assert [own.tolist() for own in held.drawn(3, 5, 1.0)] == [[1]] * 3
    assert [own.tolist() for own in held.drawn(2, 1, 0.0)] == [[0]] * 2
    assert [own.tolist() for own in held.drawn(2, 1, 1.0)] == [[0]] * 2  # nothing else is there
