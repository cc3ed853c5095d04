"""An encoder with weights at random, small enough to train in a test."""

from __future__ import annotations

from typing import Any

import torch
from tokenizers import Tokenizer

from qa.encoder_reader import BUNDLED, TOKENIZER


def toy_encoder() -> Any:
    """A reader of one layer over the bundled tokenizer's vocabulary, always the same."""
    from transformers import BertConfig, BertForQuestionAnswering

    torch.manual_seed(1)
    size = Tokenizer.from_file(str(BUNDLED / TOKENIZER)).get_vocab_size()
    config = BertConfig(
        vocab_size=size, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=512, type_vocab_size=16,
    )  # fmt: skip
    return BertForQuestionAnswering(config).eval()
