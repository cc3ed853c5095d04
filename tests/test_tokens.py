"""Tokens are the same wherever and however many texts are cut at a time, and vectors made of them too."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings import tokens
from embeddings.encode import StaticEmbedder, embedder
from embeddings.tokens import Cutter, batches, unpacked


@pytest.fixture(scope="module")
def model() -> StaticEmbedder:
    made = embedder()
    assert isinstance(made, StaticEmbedder)
    return made


TEXTS = ["长城在北方。", "", "XPS-9380 costs 1.5万", "\ud800", "猫" * 1200, "發展"] * 20


def test_tokens_packed_are_those_of_single_texts(model: StaticEmbedder) -> None:
    packed = model.cutter.packed(TEXTS)
    assert [unpacked(each).tolist() for each in packed] == [
        list(map(int, model.cutter.tokens([text])[0])) for text in TEXTS
    ]


def test_tokens_cut_in_another_process_are_the_same(model: StaticEmbedder) -> None:
    there: Cutter = pickle.loads(pickle.dumps(model.cutter))
    assert len(there) == len(model.cutter)
    assert there.packed(TEXTS) == model.cutter.packed(TEXTS)


def test_tokens_give_the_vectors_of_the_texts_bit_for_bit(model: StaticEmbedder) -> None:
    vectors = model.encode_tokens(model.cutter.packed(TEXTS))
    assert np.array_equal(vectors, model.encode_passages(TEXTS))
    assert vectors[1].any() == np.False_  # a text without tokens
    assert model.encode_tokens([]).shape == (0, model.dim)


@given(lengths=st.lists(st.integers(0, 40), max_size=30))
def test_tokens_batches_tile_the_texts_and_are_bounded(lengths: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "_BATCH_TEXTS", 4)
        patch.setattr(tokens, "_BATCH_CHARACTERS", 50)
        found = list(batches(["x" * length for length in lengths]))
    assert [at for first, last in found for at in range(first, last)] == list(range(len(lengths)))
    for first, last in found:
        assert last - first <= 4
        assert last - first == 1 or sum(lengths[first:last]) <= 50
