"""Any extractive question-answering model of the Hugging Face kind, as a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from embeddings.errors import ModelError
from qa.reading import NOTHING, Evidence, margins_of, reading_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.reading import SpanReading

WINDOW, STRIDE = 384, 128
"""Tokens of a window, question and passage together, and how many two windows share."""

LONGEST = 60
"""Tokens of an answer at most."""


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
                margins = margins_of(starts[window][rows], ends[window][rows], null, LONGEST)
                places = np.asarray(offsets[window][rows], np.int32)
                found[owner].append(Evidence(margins, places[:, 0], places[:, 1]))
        return [reading_of(held, null) if held else NOTHING for held, null in zip(found, nulls, strict=True)]


def _printable(text: str) -> str:
    """``text`` with lone surrogates, which no tokenizer takes, as question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]
