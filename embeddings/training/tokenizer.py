"""Texts to the encoder's tokenizer: characters for Chinese, pieces for Latin words, digits one by one.

It takes raw text: what :func:`embeddings.words.fold` does is in its normaliser, a character for a
character, so that traditional script and full width meet the simplified, half-width vocabulary in any
program that reads ``tokenizer.json``, and offsets are those of the raw text.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from embeddings.training.charsmap import charsmap
from embeddings.words import fold

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tokenizers import Tokenizer

PAD, UNKNOWN, CLS, SEP, MASK = range(5)
"""The rows of the special tokens."""

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")

LONGEST = 512
"""Tokens that the encoder takes at most."""

_WORD = re.compile(r"[a-zß-öø-ÿā-ɏ]+")
_PIECES = r"[\p{Latin}\p{M}]+|\S"
"""What becomes tokens: a run of Latin letters with their marks, any other character by itself; no space."""


def build(texts: Iterable[str], latin: int, least: int = 3) -> Tokenizer:
    """A WordPiece tokenizer of every character that ``texts`` hold ``least`` times, by falling frequency,
    and of ``latin`` Latin words and pieces at most. White space makes no token.
    """
    characters: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for text in texts:
        folded = fold(text)
        characters.update(folded)
        words.update(_WORD.findall(folded))
    single = [char for char, count in characters.most_common() if count >= least and not char.isspace()]
    ascii_marks = [chr(code) for code in range(0x21, 0x7F) if not chr(code).isupper()]
    pieces = [piece for piece in _pieces(words, latin) if len(piece.encode("utf-32-le")) > 4]
    tokens = dict.fromkeys([*SPECIAL, *single, *ascii_marks, *pieces])
    return _tokenizer({token: row for row, token in enumerate(tokens)})


def save(tokenizer: Tokenizer, folder: Path) -> None:
    """Leaves ``tokenizer.json`` and what ``transformers.AutoTokenizer`` wants beside it."""
    from transformers import PreTrainedTokenizerFast

    names = dict(
        zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), SPECIAL, strict=True)
    )
    inputs = ["input_ids", "token_type_ids", "attention_mask"]
    wrap: Any = PreTrainedTokenizerFast
    wrap(
        tokenizer_object=tokenizer, model_max_length=LONGEST, model_input_names=inputs, **names
    ).save_pretrained(folder)


def _pieces(words: Counter[str], size: int) -> list[str]:
    """Latin words and pieces, first the letters, then by the order in which they were merged."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    trained = Tokenizer(models.WordPiece({UNKNOWN_TOKEN: 0}, unk_token=UNKNOWN_TOKEN))
    trained.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.WordPieceTrainer(vocab_size=size, limit_alphabet=60, show_progress=False)
    # The square root keeps frequent words from crowding out the pieces of rare ones.
    lines = (" ".join([word] * math.isqrt(count)) for word, count in sorted(words.items()) if count > 1)
    trained.train_from_iterator(lines, trainer)
    rows = trained.get_vocab()
    letters = [f"##{chr(code)}" for code in range(ord("a"), ord("z") + 1)]
    return [*letters, *sorted(rows, key=lambda piece: rows[piece])]


def _tokenizer(rows: dict[str, int]) -> Tokenizer:
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    tokenizer = Tokenizer(models.WordPiece(rows, unk_token=UNKNOWN_TOKEN, max_input_chars_per_word=64))
    tokenizer.normalizer = normalizers.Precompiled(charsmap(_folding()))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(_PIECES), "removed", invert=True)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", CLS), ("[SEP]", SEP)],
    )
    tokenizer.add_special_tokens(list(SPECIAL))
    return tokenizer


def _folding() -> dict[str, str]:
    """Every character that folds to another, and that other."""
    characters = "".join(map(chr, (*range(1, 0xD800), *range(0xE000, 0x110000))))
    return {char: plain for char, plain in zip(characters, fold(characters), strict=True) if char != plain}


UNKNOWN_TOKEN = SPECIAL[UNKNOWN]
