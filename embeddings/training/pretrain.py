"""A stream of articles to an encoder that guesses their hidden words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional as F  # noqa: N812  (torch's own custom)

from embeddings.training.mask import masked
from embeddings.training.tokenizer import CLS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from torch import Tensor
    from transformers import BertForMaskedLM

_BEGINS = 1 << 15
"""The bit of a packed token that says "begins a word": a vocabulary is far smaller."""


@dataclass(frozen=True)
class Rows:
    """The stream on the device, and how rows are cut from it: ``length`` tokens, ``batch`` rows a step."""

    tokens: Tensor
    begins: Tensor
    length: int = 384
    batch: int = 256
    seed: int = 0

    def at(self, step: int) -> tuple[Tensor, Tensor]:
        """Tokens and word starts of a step's rows, each (batch, length), the first token [CLS].

        Every epoch passes all rows once, in an order and with cuts of its own, all told by the step.
        """
        width = self.length - 1
        count = (len(self.tokens) - width) // width
        batch = min(self.batch, count)
        epoch, place = divmod(step, count // batch)
        shift, order = _order(count, width, self.seed, epoch)
        starts = order[place * batch : (place + 1) * batch] * width + shift
        at = starts.to(self.tokens.device).unsqueeze(1) + torch.arange(width, device=self.tokens.device)
        tokens = F.pad(self.tokens[at].long(), (1, 0), value=CLS)
        return tokens, F.pad(self.begins[at], (1, 0), value=True)


def packed(tokens: NDArray[np.uint16], begins: NDArray[np.bool_]) -> NDArray[np.uint16]:
    """Tokens and their word starts in one array, which squeezes better than two."""
    return tokens | (begins.astype(np.uint16) * np.uint16(_BEGINS))


def rows(stream: NDArray[np.uint16], device: str, length: int, batch: int, seed: int) -> Rows:
    """The rows of a stream that :func:`packed` made."""
    tokens = torch.from_numpy((stream & (_BEGINS - 1)).astype(np.int32)).to(device)
    begins = torch.from_numpy((stream & _BEGINS) > 0).to(device)
    return Rows(tokens, begins, length, batch, seed)


def hidden_loss(
    model: BertForMaskedLM, texts: Rows, vocabulary: int, share: float = 0.2
) -> Callable[[int, float], Tensor]:
    """The loss of a step: how badly the hidden words are guessed, in nats a token."""

    def loss(step: int, _: float) -> Tensor:
        tokens, begins = texts.at(step)
        inputs, places, gold = masked(tokens, begins, share, vocabulary)
        states = model.bert(input_ids=inputs).last_hidden_state
        there = states.gather(1, places.unsqueeze(-1).expand(-1, -1, states.shape[-1]))
        # The vocabulary's matrix only where something is hidden: a fifth of its cost.
        return F.cross_entropy(model.cls(there).flatten(0, 1).float(), gold.flatten())

    return loss


@lru_cache(maxsize=1)
def _order(count: int, width: int, seed: int, epoch: int) -> tuple[int, Tensor]:
    made = np.random.default_rng((seed, epoch))
    return int(made.integers(width)), torch.from_numpy(made.permutation(count))
