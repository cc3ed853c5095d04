"""Any extractive question-answering model of the Hugging Face kind, as a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from embeddings.article import Span
from embeddings.errors import ModelError
from qa.span_reader import SpanReading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

WINDOW, STRIDE = 384, 128
"""Tokens of a window, question and passage together, and how many two windows share."""

LONGEST = 60
"""Tokens of an answer at most."""

SPANS = 20
"""Spans kept of a passage."""


class HuggingFaceReader:
    """Decodes spans from an ``AutoModelForQuestionAnswering`` (Devlin et al. 2019, SQuAD 2.0 null score).

    Imports torch and transformers when it is made. The first token's start and end logits are the
    evidence for "nothing here"; a model trained on answerable questions only gives them little meaning.
    """

    def __init__(self, name: str, *, allow_download: bool = False) -> None:
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer

        self.name = name
        local = not allow_download
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(name, local_files_only=local)
            self._model: Any = AutoModelForQuestionAnswering.from_pretrained(name, local_files_only=local).eval()
        except (OSError, ValueError, KeyError) as error:
            mend = "check the name" if allow_download else "name a folder, or add --allow-download to fetch it"
            raise ModelError(name, f"cannot be loaded as a question-answering model: {_first_line(error)}", mend) from error
        if not self._tokenizer.is_fast:
            raise ModelError(name, "its tokenizer does not report offsets", "choose a model with a fast tokenizer")

    def read(self, question: str, passages: Sequence[str]) -> list[SpanReading]:
        """See :meth:`qa.reader.Reader.read`."""
        import torch

        if not passages:
            return []
        size = min(WINDOW, int(getattr(self._tokenizer, "model_max_length", WINDOW)))
        asked = self._tokenizer(question, truncation=True, max_length=size // 2, add_special_tokens=False)
        question = self._tokenizer.decode(asked["input_ids"]) if len(asked["input_ids"]) >= size // 2 else question
        batch = self._tokenizer(
            [question] * len(passages),
            list(passages),
            truncation="only_second",
            max_length=size,
            stride=min(STRIDE, size // 4),
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
            padding=True,
            return_tensors="pt",
        )
        owners = batch.pop("overflow_to_sample_mapping").tolist()
        offsets = batch.pop("offset_mapping").tolist()
        inputs = {key: batch[key] for key in self._tokenizer.model_input_names if key in batch}
        with torch.no_grad():
            output = self._model(**inputs)
        starts, ends = output.start_logits.numpy(), output.end_logits.numpy()
        held: list[dict[Span, float]] = [{} for _ in passages]
        nulls = [float("inf")] * len(passages)
        for window, owner in enumerate(owners):
            own = [i for i, kind in enumerate(batch.sequence_ids(window)) if kind == 1]
            nulls[owner] = min(nulls[owner], float(starts[window][0] + ends[window][0]))
            for span, logit in _best(starts[window], ends[window], own, offsets[window]):
                held[owner][span] = max(logit, held[owner].get(span, -np.inf))
        return [
            SpanReading(tuple(sorted(spans.items(), key=lambda pair: (-pair[1], pair[0]))[:SPANS]), null)
            for spans, null in zip(held, nulls, strict=True)
        ]


def _best(
    start: NDArray[np.float32], end: NDArray[np.float32], own: list[int], offsets: list[list[int]]
) -> list[tuple[Span, float]]:
    """The best spans of a window: start no later than end, at most LONGEST tokens."""
    if not own:
        return []
    first, last = own[0], own[-1] + 1
    joint = start[first:last, None] + end[None, first:last]
    reach = np.arange(last - first)
    distance = reach[None, :] - reach[:, None]
    joint = np.where((distance >= 0) & (distance < LONGEST), joint, -np.inf)
    flat = np.argsort(-joint, axis=None, kind="stable")[:SPANS]
    found = []
    for place in flat:
        i, j = divmod(int(place), last - first)
        low, high = offsets[first + i][0], offsets[first + j][1]
        if np.isfinite(joint[i, j]) and low < high:
            found.append((Span(low, high), float(joint[i, j])))
    return found


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]
