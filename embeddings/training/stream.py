"""Articles to one long row of tokens, with a bit a token that says "begins a word"."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from embeddings.training.tokenizer import SEP
from embeddings.words import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray
    from tokenizers import Tokenizer

_BATCH = 256
_SHORTEST = 12
"""Characters of a line or sentence that counts as said before when it comes again."""


@dataclass(frozen=True)
class Stream:
    """Texts end to end, a separator after each: token rows, and whether a token begins a word."""

    tokens: NDArray[np.uint16]
    begins: NDArray[np.bool_]


def stream(texts: Iterable[str], tokenizer: Tokenizer, most: int) -> Stream:
    """The stream of ``texts`` in their order, ``most`` tokens of it; words are those of jieba's dictionary,
    numbers, Latin words.
    """
    tokens, begins = [], []
    rest, count = iter(texts), 0
    while count < most and (batch := [fold(text) for text in islice(rest, _BATCH)]):
        for text, encoding in zip(
            batch, tokenizer.encode_batch(batch, add_special_tokens=False), strict=True
        ):
            starts = np.fromiter((start for start, _ in encoding.offsets), np.int64, len(encoding))
            tokens += [np.array(encoding.ids, np.uint16), np.array([SEP], np.uint16)]
            begins += [_word_starts(text)[starts], np.array([True])]
            count += len(encoding) + 1
    if not tokens:
        return Stream(np.zeros(0, np.uint16), np.zeros(0, np.bool_))
    return Stream(np.concatenate(tokens)[:most], np.concatenate(begins)[:most])


def fresh(texts: Iterable[str]) -> Iterator[str]:
    """The texts of which at most half was said, sentence by sentence, by those before them.

    News repeats itself; what is read twenty times over need not stand there twice.
    """
    seen: set[int] = set()
    for text in texts:
        units = [unit for unit in text.replace("。", "\n").split("\n") if len(unit) >= _SHORTEST]
        marks = [crc32(unit.encode("utf-8", "surrogatepass")) for unit in units]
        if sum(mark in seen for mark in marks) * 2 <= len(marks):
            yield text
        seen.update(marks)


def _word_starts(folded: str) -> NDArray[np.bool_]:
    import rjieba

    starts = np.zeros(len(folded) + 1, np.bool_)
    ends: Any = np.cumsum(np.fromiter(chain((0,), map(len, rjieba.cut(folded))), np.int64))
    starts[ends] = True
    return starts
