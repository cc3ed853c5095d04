"""The sizes an encoder comes in, and an encoder of a size, not trained yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from embeddings.training.tokenizer import LONGEST, PAD

if TYPE_CHECKING:
    from transformers import BertConfig, BertForMaskedLM


@dataclass(frozen=True)
class Size:
    """Layers, width and attention heads; the inner width is four times the width."""

    layers: int
    width: int
    heads: int


KINDS = 8
"""Kinds of tokens that a reader tells apart, by what they have in common with the question (qa.matched)."""

SIZES = {
    "toy": Size(2, 64, 2),
    "small": Size(4, 384, 6),
    "student": Size(6, 384, 6),
    "teacher": Size(10, 512, 8),
}
"""A toy to see that everything works; two sizes to bundle; what those may learn from."""


def encoder(size: Size, vocabulary: int) -> BertForMaskedLM:
    """A BERT (Devlin et al. 2019) of that size with a head for masked tokens, its weights at random."""
    from transformers import BertForMaskedLM

    return BertForMaskedLM(_config(size, vocabulary))


def _config(size: Size, vocabulary: int) -> BertConfig:
    from transformers import BertConfig

    return BertConfig(
        vocab_size=-(-vocabulary // 64) * 64,  # whole tiles of a matrix unit
        hidden_size=size.width,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        intermediate_size=4 * size.width,
        max_position_embeddings=LONGEST,
        type_vocab_size=KINDS,
        # A text is passed some ten times, masked anew each time: dropout would only slow it down
        # (Geiping and Goldstein 2022).
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        pad_token_id=PAD,
    )
