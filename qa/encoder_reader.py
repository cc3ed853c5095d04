"""The bundled encoder as a reader: a small transformer that reads question, title and passage together.

``qa.training.transformer`` trains it on our own articles, ``qa.training.quantise`` makes its file, and ONNX
Runtime runs it; torch is not needed. Its folder holds ``reader.onnx`` and ``tokenizer.json``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from embeddings.chunk import sentences
from embeddings.errors import ModelError
from qa.matched import ASKED, PASSAGE, levels
from qa.reading import NOTHING, Evidence, margins_of, reading_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from tokenizers import Encoding, Tokenizer

    from qa.reading import SpanReading

    Floats = NDArray[np.float32]

BUNDLED = Path(__file__).parent / "models" / "encoder"
MODEL, TOKENIZER = "reader.onnx", "tokenizer.json"
CLS, SEP = 2, 3
LONGEST_QUESTION, LONGEST_TITLE, LONGEST_ANSWER = 64, 32, 60
"""Tokens of a question, a title and an answer at most, as in training."""
WINDOW = 320
"""Tokens of a row: question, title and as much of the passage as fits."""

THREADS = 4
"""Threads at most: more wait for each other longer than they save."""

_MEND = "install the package again, or make it with python -m qa.training.quantise"


class Row(NamedTuple):
    """A window of a passage as the encoder reads it; ``first`` is where its passage tokens begin."""

    ids: NDArray[np.int64]
    kinds: NDArray[np.int64]
    first: int
    start: NDArray[np.int32]
    end: NDArray[np.int32]


@dataclass(frozen=True)
class _Loaded:
    tokenizer: Tokenizer
    session: Any


class EncoderReader:
    """Reads with the encoder in ``folder``, by default the bundled one; it loads at the first question.

    Raises :class:`ModelError` when it is missing or broken.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or BUNDLED

    @property
    def name(self) -> str:
        """ "encoder", or the folder."""
        return "encoder" if self._folder == BUNDLED else str(self._folder)

    def understands(self, question: str) -> bool:
        """Whether the question has any letter or digit."""
        return any(char.isalnum() for char in question)

    def read(self, question: str, passages: Sequence[str], headings: Sequence[str] = ()) -> list[SpanReading]:
        """One reading a passage, in order; long ones are read in windows cut at sentences.

        Margins of different windows compare: each is over its own window's "nothing here".
        """
        model = self._model
        asked = model.tokenizer.encode(_printable(question), add_special_tokens=False).ids[:LONGEST_QUESTION]
        rows: list[Row] = []
        owners: list[int] = []
        for i, text in enumerate(passages):
            title = _printable(headings[i]) if headings else ""
            head = model.tokenizer.encode(title, add_special_tokens=False).ids[:LONGEST_TITLE]
            read = model.tokenizer.encode(_printable(text), add_special_tokens=False)
            if asked and read.ids:
                found = rows_of(asked, head, read, text)
                rows += found
                owners += [i] * len(found)
        parts: list[list[tuple[Evidence, float]]] = [[] for _ in passages]
        for owner, part in zip(owners, self._run(rows), strict=True):
            parts[owner].append(part)
        return [
            reading_of([e for e, _ in found], float(np.mean([null for _, null in found])))
            if found
            else NOTHING
            for found in parts
        ]

    @cached_property
    def _model(self) -> _Loaded:
        return _load(self._folder)

    def _run(self, rows: Sequence[Row]) -> list[tuple[Evidence, float]]:
        """Each row by itself: together they would be padded to the longest, and rounded by the largest."""
        names = ("input_ids", "attention_mask", "token_type_ids")
        found = []
        for row in rows:
            inputs = (row.ids, np.ones_like(row.ids), row.kinds)
            given = {name: array[None] for name, array in zip(names, inputs, strict=True)}
            start, end = self._model.session.run(["start_logits", "end_logits"], given)
            found.append(_evidence(row, start[0], end[0]))
        return found


@lru_cache(maxsize=2)
def _load(folder: Path) -> _Loaded:
    import os

    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(THREADS, os.cpu_count() or 1)
    options.log_severity_level = 3
    for name in (MODEL, TOKENIZER):
        if not (folder / name).exists():
            raise ModelError(str(folder), f"the encoder's {name} is missing", _MEND)
    try:
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        session = onnxruntime.InferenceSession(
            str(folder / MODEL), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # both libraries raise bare exceptions of their own
        raise ModelError(str(folder), f"the encoder's files cannot be read ({error})", _MEND) from error
    return _Loaded(tokenizer, session)


def rows_of(asked: Sequence[int], head: Sequence[int], read: Encoding, text: str) -> list[Row]:
    """The windows of one passage, each as a row."""
    before = [CLS, *asked, SEP, *([*head, SEP] if head else [])]
    offsets = np.array(read.offsets, np.int32).reshape(-1, 2)
    ids = np.array(read.ids, np.int64)
    found = []
    for part in windows(offsets, text, WINDOW - len(before) - 1):
        row = np.array([*before, *ids[part], SEP], np.int64)
        found.append(
            Row(row, _kinds(row, len(asked), len(head)), len(before), offsets[part, 0], offsets[part, 1])
        )
    return found


def windows(offsets: NDArray[np.int32], text: str, size: int) -> list[slice]:
    """Ranges of at most ``size`` tokens that cover all, about as long as each other, begun at sentences where
    that costs less than half of one.
    """
    count = len(offsets)
    if count <= size:
        return [slice(0, count)]
    begins = np.searchsorted(offsets[:, 0], [span.start for span in sentences(text)])
    each = -(-count // -(-count // size))
    found, start = [], 0
    while count - start > size:
        aim = start + min(size, each + each // 4)
        near = begins[(begins > start + each // 2) & (begins <= aim)]
        end = int(near[-1]) if len(near) else start + each
        found.append(slice(start, end))
        start = end
    return [*found, slice(start, count)]


def _kinds(row: NDArray[np.int64], asked: int, head: int) -> NDArray[np.int64]:
    """The kinds of a row's tokens, as :class:`qa.training.questions.Pool` gives them."""
    question = row[1 : asked + 1]
    said = np.zeros(len(row), bool)
    said[asked + 2 : -1] = True
    if head:
        said[asked + 2 + head] = False
    same = (question[None, :, None] == row[None, None]) & said[None, None]
    of_question, of_rest = levels(same)
    kinds = np.zeros(len(row), np.int64)
    kinds[asked + 2 :] = PASSAGE + of_rest[0, asked + 2 :]
    kinds[1 : asked + 1] = np.where(of_question[0] > 0, ASKED + of_question[0], 0)
    return kinds


def _evidence(row: Row, start: Floats, end: Floats) -> tuple[Evidence, float]:
    """The margins of a window's spans, and its null logit."""
    null = float(start[0] + end[0])
    here = slice(row.first, row.first + len(row.start))
    return Evidence(margins_of(start[here], end[here], null, LONGEST_ANSWER), row.start, row.end), null


def _printable(text: str) -> str:
    """The text with lone surrogates replaced, a character for a character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if not text.isascii() else text
