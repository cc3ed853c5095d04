"""Rows of tokens to rows with whole words hidden, and what stood there."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from embeddings.training.tokenizer import MASK, SPECIAL


class Masked(NamedTuple):
    """``inputs`` (rows, length); the ``places`` (rows, hidden) to guess, and the ``gold`` tokens there."""

    inputs: Tensor
    places: Tensor
    gold: Tensor


def masked(tokens: Tensor, begins: Tensor, share: float, vocabulary: int) -> Masked:
    """The rows with ``share`` of their tokens hidden, word by word; one word a row may be cut short.

    Of the hidden tokens a tenth is another one at random and a tenth stays (Devlin et al. 2019). The
    number hidden is the same in every row, so that shapes are fixed; special tokens are never hidden
    while others are left.
    """
    rows, length = tokens.shape
    word = begins.long().cumsum(1).clamp(max=length - 1)
    luck = torch.rand(rows, length, device=tokens.device).gather(1, word)
    places = luck.masked_fill(tokens < len(SPECIAL), -1.0).topk(max(1, int(share * length)), 1).indices
    gold = tokens.gather(1, places)
    dice = torch.rand(places.shape, device=tokens.device)
    other = torch.randint(len(SPECIAL), vocabulary, places.shape, device=tokens.device)
    put = torch.where(dice < 0.8, torch.full_like(gold, MASK), torch.where(dice < 0.9, other, gold))
    return Masked(tokens.scatter(1, places, put), places, gold)
