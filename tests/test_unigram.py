from __future__ import annotations

import random

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from embeddings import encode, tokens
from embeddings.encode import BUNDLED, StaticEmbedder
from embeddings.unigram import _UNSURE, LONGEST_RUN, Unigram, _characters

FOLDER = encode._bundled_folder()


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(FOLDER / "tokenizer.json"))


@pytest.fixture(scope="module")
def unigram(tokenizer: Tokenizer) -> Unigram:
    made = Unigram.of(tokenizer)
    assert made is not None
    return made


def test_every_character_is_cut_as_by_the_tokenizer(tokenizer: Tokenizer, unigram: Unigram) -> None:
    kinds, _ = _characters()
    chars = [chr(code) for code in np.flatnonzero(kinds != _UNSURE).tolist() if not 0xD800 <= code < 0xE000]
    assert len(chars) > 140_000
    for first in range(0, len(chars), 4096):
        texts = [f"a{c}b{c}1{c}的{c}{c}" for c in chars[first : first + 4096]]
        found = unigram.encode(texts)
        true = tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        assert found is not None
        assert [ids.tolist() for ids in found] == [encoding.ids for encoding in true]


def test_random_texts_are_cut_as_by_the_tokenizer(tokenizer: Tokenizer, unigram: Unigram) -> None:
    rng = random.Random(3)
    pieces = [piece for piece in tokenizer.get_vocab() if piece != "[UNK]"]
    signs = ["，", "。", " ", "\n", "", "", "", "😀", "龘", "𠮷", "ⅲ", "-", "_", "\x00"]
    texts = [
        "".join(rng.choice(pieces) + rng.choice(signs) for _ in range(rng.randint(0, 80))) for _ in range(500)
    ]
    texts += ["", "。", "猫" * LONGEST_RUN, "x" * 300, "龘" * 9]
    found = unigram.encode(texts)
    true = tokenizer.encode_batch_fast(texts, add_special_tokens=False)
    assert found is not None
    assert [ids.tolist() for ids in found] == [encoding.ids for encoding in true]


@pytest.mark.parametrize("text", ["猫" * (LONGEST_RUN + 1), "\u0378", "İ"])
def test_what_it_cannot_cut_is_left_to_the_tokenizer(unigram: Unigram, text: str) -> None:
    assert unigram.encode(["猫", text]) is None


@pytest.mark.parametrize("texts", [[""], ["", ""], ["。", "\n"]])
def test_texts_without_tokens(unigram: Unigram, texts: list[str]) -> None:
    found = unigram.encode(texts)
    assert found is not None
    assert [ids.tolist() for ids in found] == [[]] * len(texts)


def test_another_tokenizer_has_none() -> None:
    other = Tokenizer(models.Unigram([("[UNK]", 0.0), ("猫", -1.0)], 0, False))
    other.pre_tokenizer = pre_tokenizers.Whitespace()
    assert Unigram.of(other) is None


def test_vectors_are_the_same_bit_for_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(4)
    texts = ["".join(rng.choices("猫狗的在2024年xps，。 龘", k=rng.randint(0, 400))) for _ in range(300)]
    texts += ["ＸＰＳ", "\ud800", "👩‍👩‍👧", "發展"]
    model = StaticEmbedder(FOLDER, BUNDLED)
    by_tables = model.encode_passages(texts)
    monkeypatch.setattr(tokens, "_TABLES_PAY", 1000)
    assert np.array_equal(by_tables, model.encode_passages(texts))
