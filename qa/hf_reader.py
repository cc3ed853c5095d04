"""Any extractive question-answering model of the Hugging Face kind, as a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from embeddings.article import Span
from embeddings.errors import ModelError
from qa.span_reader import Evidence, SpanReading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Logits = NDArray[np.float32]

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
        import torch
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer

        self.name = name
        local = not allow_download
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(name, local_files_only=local)
            model, loaded = AutoModelForQuestionAnswering.from_pretrained(
                name,
                local_files_only=local,
                output_loading_info=True,
                # Weights kept in half precision would be computed with in half precision, slowly here.
                dtype=torch.float32,
            )
        except (OSError, ValueError, KeyError) as error:
            mend = (
                "check the name" if allow_download else "name a folder, or add --allow-download to fetch it"
            )
            raise ModelError(
                name, f"cannot be loaded as a question-answering model: {_first_line(error)}", mend
            ) from error
        self._model: Any = model.eval()
        if loaded["missing_keys"]:
            missing = ", ".join(sorted(loaded["missing_keys"]))
            raise ModelError(
                name,
                f"was not trained to answer questions: it lacks {missing}",
                "choose an extractive-QA model",
            )
        if not self._tokenizer.is_fast:
            raise ModelError(
                name, "its tokenizer does not report offsets", "choose a model with a fast tokenizer"
            )

    def understands(self, question: str) -> bool:  # noqa: ARG002
        """Always: whoever names a model knows what it is for."""
        return True

    def read(
        self,
        question: str,
        passages: Sequence[str],
        headings: Sequence[str] = (),  # noqa: ARG002 -- such models learnt from bare passages
    ) -> list[SpanReading]:
        """See :meth:`qa.reader.Reader.read`."""
        import torch

        if not passages:
            return []
        question = _printable(question)
        size = min(WINDOW, int(getattr(self._tokenizer, "model_max_length", WINDOW)))
        asked = self._tokenizer(
            question,
            truncation=True,
            max_length=size // 2,
            add_special_tokens=False,
            return_offsets_mapping=True,
        )
        question = question[: max((end for _, end in asked["offset_mapping"]), default=0)]
        batch = self._tokenizer(
            [question] * len(passages),
            [_printable(passage) for passage in passages],
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
        found: list[list[Evidence]] = [[] for _ in passages]
        nulls = [np.inf] * len(passages)
        for window, owner in enumerate(owners):
            own = [i for i, kind in enumerate(batch.sequence_ids(window)) if kind == 1]
            null = float(starts[window][0] + ends[window][0])
            nulls[owner] = min(nulls[owner], null)
            if own:
                rows = slice(own[0], own[-1] + 1)
                found[owner].append(
                    _evidence(starts[window][rows], ends[window][rows], offsets[window][rows], null)
                )
        return [
            SpanReading(_best(evidence, null), null, tuple(evidence)) if evidence else SpanReading((), 0.0)
            for evidence, null in zip(found, nulls, strict=True)
        ]


def _evidence(start: Logits, end: Logits, offsets: list[list[int]], null: float) -> Evidence:
    """The margins of a window's spans over its own null, by first token and length."""
    count = len(start)
    margins = np.full((count, min(LONGEST, count)), -np.inf, np.float32)
    for length in range(margins.shape[1]):
        margins[: count - length, length] = start[: count - length] + end[length:] - null
    places = np.asarray(offsets, np.int32)
    return Evidence(margins, places[:, 0], places[:, 1])


def _best(windows: list[Evidence], null: float) -> tuple[tuple[Span, float], ...]:
    """The best spans over all windows of a passage, with their margins put back upon its null."""
    best: dict[Span, float] = {}
    for window in windows:
        for place in np.argsort(-window.margins, axis=None, kind="stable")[:SPANS]:
            first, length = divmod(int(place), window.margins.shape[1])
            margin = float(window.margins[first, length])
            if np.isfinite(margin) and window.start[first] < window.end[first + length]:
                span = Span(int(window.start[first]), int(window.end[first + length]))
                best[span] = max(margin + null, best.get(span, -np.inf))
    return tuple(sorted(best.items(), key=lambda pair: (-pair[1], pair[0]))[:SPANS])


def _printable(text: str) -> str:
    """``text`` with lone surrogates, which no tokenizer takes, as question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]
