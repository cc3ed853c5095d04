from __future__ import annotations

import torch

from embeddings.training.mask import masked
from embeddings.training.tokenizer import CLS, MASK, SEP


def test_training_mask_hides_whole_words() -> None:
    torch.manual_seed(0)
    # [CLS] and forty words of two tokens.
    tokens = torch.cat([torch.full((8, 1), CLS), torch.arange(10, 90).expand(8, -1)], 1)
    begins = torch.cat([torch.ones(8, 1), torch.tensor([1, 0] * 40).expand(8, -1)], 1).bool()
    found = masked(tokens, begins, 0.2, 100)
    assert found.places.shape == (8, 16)
    for places in found.places.tolist():
        words = [(place - 1) // 2 for place in places]
        assert all(words.count(word) == 2 for word in words)
    assert torch.equal(tokens.gather(1, found.places), found.gold)
    changed = found.inputs != tokens
    assert changed.sum() <= found.places.numel()
    hidden = torch.zeros_like(changed).scatter(1, found.places, True)
    assert not (changed & ~hidden).any()
    share = (found.inputs == MASK).sum() / found.places.numel()
    assert 0.65 < share < 0.95  # of 128, 0.8 expected
    assert found.inputs.max() < 100


def test_training_mask_special_tokens_stay() -> None:
    tokens = torch.tensor([[CLS, 7, SEP, 8, 9, SEP]])
    found = masked(tokens, torch.ones_like(tokens).bool(), 0.5, 20)
    assert sorted(found.places[0].tolist()) == [1, 3, 4]
