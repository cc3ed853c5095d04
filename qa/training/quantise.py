"""A trained reader to one ONNX file with weights of a byte: ``python -m qa.training.quantise READER --out DIR``."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from embeddings.errors import ArticleQAError, ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

MODEL, TOKENIZER = "reader.onnx", "tokenizer.json"

INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def main(arguments: Sequence[str] | None = None) -> int:
    """0, or 2 when something was wrong with what was given."""
    parser = argparse.ArgumentParser(prog="python -m qa.training.quantise", description=__doc__)
    parser.add_argument("reader", type=Path, help="a reader's folder, as qa.training.transformer leaves it")
    parser.add_argument("--out", type=Path, required=True, help=f"where to leave {MODEL} and {TOKENIZER}")
    options = parser.parse_args(arguments)
    try:
        quantise(options.reader, options.out)
    except ArticleQAError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def quantise(reader: Path, out: Path) -> None:
    """Leaves the reader in ``out``: rows of any number and length -> start and end logits.

    Activations are quantised as they come (dynamic quantisation), a scale for each column of weights.
    """
    import torch
    from transformers import BertForQuestionAnswering

    try:
        from onnxruntime.quantization import QuantType, quantize_dynamic
    except ImportError as error:
        raise ModelError(str(reader), "the export needs ONNX", "pip install 'article-qa[onnx]'") from error
    out.mkdir(parents=True, exist_ok=True)
    model: Any = BertForQuestionAnswering.from_pretrained(reader, dtype=torch.float32)
    model.eval()
    rows = torch.ones((2, 8), dtype=torch.long)
    with TemporaryDirectory() as folder:
        whole = Path(folder) / MODEL
        torch.onnx.export(
            model,
            (),
            whole,
            # A tensor each: one given three times would become one input.
            kwargs={name: rows.clone() for name in INPUTS},
            input_names=list(INPUTS),
            output_names=["start_logits", "end_logits"],
            dynamic_shapes={name: {0: "rows", 1: "length"} for name in INPUTS},
            dynamo=True,
            verbose=False,
        )
        # Seven bits of a weight: without VNNI, sums of products of eight overflow.
        quantize_dynamic(whole, out / MODEL, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8)
    shutil.copy(reader / TOKENIZER, out)


if __name__ == "__main__":
    sys.exit(main())
