"""Texts to the tokens of a static model: folded, then cut; here or in a process beside this one."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from embeddings.unigram import Unigram
from embeddings.words import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    Tokens = Sequence[int] | NDArray[np.intp]


class Cutter:
    """A tokenizer from its file. May be shared by threads; pickled, it is read from its file again."""

    def __init__(self, file: Path) -> None:
        from tokenizers import Tokenizer

        self._file = file
        self._tokenizer = Tokenizer.from_file(str(file))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def __reduce__(self) -> tuple[type[Cutter], tuple[Path]]:
        return Cutter, (self._file,)

    def __len__(self) -> int:
        return int(self._tokenizer.get_vocab_size())

    def tokens(self, texts: Sequence[str]) -> Sequence[Tokens]:
        """The tokens of each text, as numbers."""
        folded = [fold(printable(text)) for text in texts]
        tokens = self._unigram.encode(folded) if len(folded) >= _TABLES_PAY and self._unigram else None
        if tokens is not None:
            return tokens
        return [e.ids for e in self._tokenizer.encode_batch_fast(folded, add_special_tokens=False)]

    def packed(self, texts: Sequence[str]) -> list[bytes]:
        """The tokens of each text as the bytes of 32-bit numbers."""
        import numpy as np

        return [
            np.asarray(tokens, _PACKED).tobytes()
            for start, end in batches(texts)
            for tokens in self.tokens(texts[start:end])
        ]

    @cached_property
    def _unigram(self) -> Unigram | None:
        """The tokenizer once more, for many texts; None where there is no such thing for it."""
        return Unigram.of(self._tokenizer)


def unpacked(packed: bytes) -> NDArray[np.intp]:
    """The tokens of one text, of :meth:`Cutter.packed`."""
    import numpy as np

    return np.frombuffer(packed, _PACKED).astype(np.intp)


def batches(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Ranges of texts, each of bounded size unless one text alone exceeds it."""
    start = held = 0
    for at, text in enumerate(texts):
        if at > start and (at - start == _BATCH_TEXTS or held + len(text) > _BATCH_CHARACTERS):
            yield start, at
            start, held = at, 0
        held += len(text)
    if start < len(texts):
        yield start, len(texts)


def printable(text: str) -> str:
    """``text`` with lone surrogates, which no tokenizer takes, as question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


_PACKED = "<u4"
_TABLES_PAY = 100  # texts; the tables are made in a quarter of a second
_BATCH_TEXTS, _BATCH_CHARACTERS = 512, 1 << 18
