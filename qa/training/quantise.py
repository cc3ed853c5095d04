"""A trained reader to one ONNX file with weights of a byte: ``python -m qa.training.quantise READER --out DIR``.

Of several readers that learnt one from another the mean of their weights is taken (Wortsman et al. 2022).
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import torch

from embeddings.errors import ArticleQAError, ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

MODEL, TOKENIZER = "reader.onnx", "tokenizer.json"

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
OUTPUTS = ("start_logits", "end_logits")


def main(arguments: Sequence[str] | None = None) -> int:
    """0, or 2 when something was wrong with what was given."""
    parser = argparse.ArgumentParser(prog="python -m qa.training.quantise", description=__doc__)
    parser.add_argument(
        "readers", type=Path, nargs="+", help="readers' folders, as qa.training.transformer leaves them"
    )
    parser.add_argument("--out", type=Path, required=True, help=f"where to leave {MODEL} and {TOKENIZER}")
    parser.add_argument("--whole", action="store_true", help="leave the weights as they are, to compare")
    options = parser.parse_args(arguments)
    try:
        quantise(options.readers, options.out, whole=options.whole)
    except ArticleQAError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def quantise(readers: Sequence[Path], out: Path, *, whole: bool = False) -> None:
    """Leaves the mean of the readers in ``out``: rows of any number and length -> start and end logits.

    Attention and what stands around it become one operator each (ONNX Runtime's fusion for BERT): a third less
    time. Activations are quantised as they come (dynamic quantisation), a scale for each column of weights; with
    ``whole`` nothing is, to compare.
    """
    from transformers import BertForQuestionAnswering

    try:
        import onnx
        from onnxruntime.quantization import QuantType, quantize_dynamic
        from onnxruntime.transformers import optimizer
    except ImportError as error:
        raise ModelError(
            str(readers[0]), "the export needs ONNX", "pip install 'article-qa[onnx]'"
        ) from error
    out.mkdir(parents=True, exist_ok=True)
    models: list[Any] = [
        BertForQuestionAnswering.from_pretrained(path, dtype=torch.float32, attn_implementation="eager")
        for path in readers
    ]
    model, weights = models[0], [each.state_dict() for each in models]
    model.load_state_dict({name: torch.stack([w[name] for w in weights]).mean(0) for name in weights[0]})
    model.eval()
    rows = torch.ones((2, 8), dtype=torch.long)
    names = [*INPUTS, *OUTPUTS]
    with TemporaryDirectory() as folder:
        plain, fused = Path(folder) / "plain.onnx", Path(folder) / "fused.onnx"
        # The exporter by tracing: ONNX Runtime's fusion knows its patterns, not yet those of the newer one.
        torch.onnx.export(
            _Logits(model),
            (rows, rows.clone(), rows.clone()),
            plain,
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_axes={name: {0: "rows", 1: "length"} for name in names},
            opset_version=17,
            dynamo=False,
        )
        config = model.config
        found = optimizer.optimize_model(
            str(plain), "bert", num_heads=config.num_attention_heads, hidden_size=config.hidden_size
        )
        found.save_model_to_file(str(out / MODEL if whole else fused))
        if not whole:
            quantize_dynamic(
                fused,
                out / MODEL,
                per_channel=True,
                reduce_range=True,  # seven bits: without VNNI, sums of products of eight overflow
                weight_type=QuantType.QInt8,
                extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
            )
    shutil.copy(readers[0] / TOKENIZER, out)


class _Logits(torch.nn.Module):
    """The model with its inputs in their order and its logits as a pair."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self._model = model

    def forward(self, ids: Tensor, mask: Tensor, kinds: Tensor) -> tuple[Tensor, Tensor]:
        found = self._model(input_ids=ids, attention_mask=mask, token_type_ids=kinds)
        return found.start_logits, found.end_logits


if __name__ == "__main__":
    sys.exit(main())
