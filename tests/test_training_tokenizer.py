from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from tokenizers import normalizers

from embeddings.training.charsmap import charsmap
from embeddings.training.tokenizer import CLS, SEP, SPECIAL, UNKNOWN, build, save
from embeddings.words import fold

if TYPE_CHECKING:
    from pathlib import Path

    from tokenizers import Tokenizer

TEXTS = ["长江在中国，黄河也在中国。2024年3月5日 iPhone 15 iphone phone phones Transformer transformers"] * 4


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return build(TEXTS, 200)


def pieces(tokenizer: Tokenizer, text: str) -> list[str]:
    """What of the text each token stands for."""
    return [text[slice(*at)] for at in tokenizer.encode(text, add_special_tokens=False).offsets]


def test_training_charsmap_by_hand() -> None:
    normaliser = normalizers.Precompiled(charsmap({"國": "国", "Ａ": "a", "𠮷": "吉", "B": "b"}))
    assert normaliser.normalize_str("國ＡB𠮷國x") == "国ab吉国x"


def test_training_charsmap_folds_every_character_as_fold_does(tokenizer: Tokenizer) -> None:
    # A line each, so that no mark joins the character before it.
    codes = (code for code in range(1, sys.maxunicode + 1) if not 0xD800 <= code < 0xE000)
    lines = "\n".join(char for char in map(chr, codes) if char not in "\r\n")
    assert tokenizer.normalizer.normalize_str(lines) == fold(lines)


def test_training_tokenizer_characters_words_digits(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("長江ＩＰＨＯＮＥ 15年").tokens == [
        "[CLS]", "长", "江", "iphone", "1", "5", "年", "[SEP]"
    ]  # fmt: skip
    assert pieces(tokenizer, "1,024.5%") == list("1,024.5%")


def test_training_tokenizer_special_tokens_stand_first(tokenizer: Tokenizer) -> None:
    assert [tokenizer.id_to_token(row) for row in range(5)] == list(SPECIAL)
    pair = tokenizer.encode("长江", "黄河")
    assert pair.ids[0] == CLS
    assert [row for row in pair.ids if row == SEP] == [SEP, SEP]
    assert pair.type_ids == [0, 0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("在\r\n\t中国 ", ["在", "中", "国"]),
        ("黄河👨‍👩‍👧在", ["黄", "河", "👨", "\u200d", "👩", "\u200d", "👧", "在"]),
        ("𠮷長é", ["𠮷", "長", "é"]),
        ("がe\u0301", ["が", "e\u0301"]),
        ("ﬁ㎡", ["ﬁ", "㎡"]),
        ("한국", ["한", "국"]),
        ("", []),
    ],
)
def test_training_tokenizer_offsets_are_those_of_the_raw_text(
    tokenizer: Tokenizer, text: str, expected: list[str]
) -> None:
    assert pieces(tokenizer, text) == expected


def test_training_tokenizer_latin_word_in_pieces_keeps_its_place(tokenizer: Tokenizer) -> None:
    text = "长 TransformerPhones 江"
    found = pieces(tokenizer, text)
    assert found[0] == "长"
    assert found[-1] == "江"
    assert "".join(found[1:-1]) == "TransformerPhones"
    assert len(found) > 3
    assert UNKNOWN not in tokenizer.encode(text).ids


def test_training_tokenizer_saved_is_what_transformers_loads(tokenizer: Tokenizer, tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    save(tokenizer, tmp_path)
    loaded = transformers.AutoTokenizer.from_pretrained(tmp_path)
    text = "長江，在ｉPhone 15👨‍👩‍👧\r\n國"
    asked = loaded("黃河？", text, return_offsets_mapping=True)
    assert loaded.is_fast
    assert asked["input_ids"] == tokenizer.encode("黃河？", text).ids
    assert asked["token_type_ids"][-1] == 1
    assert (loaded.pad_token_id, loaded.mask_token_id) == (0, 4)
    passage = [at for at, part in zip(asked["offset_mapping"], asked.sequence_ids(), strict=True) if part]
    assert "".join(text[a:b] for a, b in passage) == "".join(text.split())
