"""The bundled encoder as a reader that can learn on: ``python -m qa.training.restore --out DIR``.

The weights of ``reader.onnx`` (:mod:`qa.training.quantise`), each a byte times its column's scale, become a folder that
transformers loads and ``qa.training.transformer --further`` begins from.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from embeddings.errors import ArticleQAError, ModelError
from qa.encoder_reader import BUNDLED, MODEL, TOKENIZER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

WIDTH_OF_A_HEAD = 64


def main(arguments: Sequence[str] | None = None) -> int:
    """0, or 2 when something was wrong with what was given."""
    parser = argparse.ArgumentParser(prog="python -m qa.training.restore", description=__doc__)
    parser.add_argument("--encoder", type=Path, default=BUNDLED, help=f"a folder with {MODEL}")
    parser.add_argument("--out", type=Path, required=True, help="for the reader's folder")
    options = parser.parse_args(arguments)
    try:
        restore(options.encoder, options.out)
    except ArticleQAError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def restore(encoder: Path, out: Path) -> None:
    """Leaves the reader in ``out``. ModelError where the file is none that ``quantise`` made."""
    from transformers import BertConfig, BertForQuestionAnswering

    try:
        weights, matrices = _stored(encoder / MODEL)
        table = weights["bert.embeddings.word_embeddings.weight"]
        layers = len(matrices) // 4
        for layer in range(layers):
            own = f"bert.encoder.layer.{layer}"
            joined, output, up, down = matrices[4 * layer : 4 * layer + 4]
            bias = weights.pop(f"qkv.{layer}")
            for at, name in enumerate(("query", "key", "value")):
                part = slice(at * len(joined), (at + 1) * len(joined))
                weights[f"{own}.attention.self.{name}.weight"] = joined[:, part].T
                weights[f"{own}.attention.self.{name}.bias"] = bias[part]
            weights[f"{own}.attention.output.dense.weight"] = output.T
            weights[f"{own}.intermediate.dense.weight"] = up.T
            weights[f"{own}.output.dense.weight"] = down.T
        weights["qa_outputs.weight"] = matrices[-1].T
    except (OSError, KeyError, ValueError) as error:
        raise ModelError(
            str(encoder), f"holds no encoder of ours: {error}", "make it with qa.training.quantise"
        ) from error
    width = table.shape[1]
    config = BertConfig(
        vocab_size=len(table),
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=max(1, width // WIDTH_OF_A_HEAD),
        intermediate_size=len(weights["bert.encoder.layer.0.intermediate.dense.bias"]),
        max_position_embeddings=len(weights["bert.embeddings.position_embeddings.weight"]),
        type_vocab_size=len(weights["bert.embeddings.token_type_embeddings.weight"]),
    )
    model: Any = BertForQuestionAnswering(config)
    model.load_state_dict({name: torch.from_numpy(np.array(w)) for name, w in weights.items()})
    model.half().save_pretrained(out)
    shutil.copy(encoder / TOKENIZER, out)


def _stored(path: Path) -> tuple[dict[str, NDArray[np.float32]], list[NDArray[np.float32]]]:
    """The weights that kept their names, and the matrices, which lost them, in the order of the layers."""
    import onnx
    from onnx import numpy_helper

    held = {item.name: numpy_helper.to_array(item) for item in onnx.load(str(path)).graph.initializer}
    named: dict[str, NDArray[np.float32]] = {}
    matrices: list[NDArray[np.float32]] = []
    for name, value in held.items():
        if name.endswith("_quantized"):
            stem = name.removesuffix("_quantized")
            exact = (value.astype(np.float32) - held[f"{stem}_zero_point"]) * held[f"{stem}_scale"]
            if stem.startswith("_model."):
                named[stem.removeprefix("_model.")] = exact.astype(np.float32)
            else:
                matrices.append(exact.astype(np.float32))
        elif name.endswith("_qkv_bias"):
            named[f"qkv.{name.split('_')[1]}"] = value
        elif name.startswith("_model.") and not name.endswith(("_scale", "_zero_point")):
            named[name.removeprefix("_model.")] = value
    return named, matrices


if __name__ == "__main__":
    sys.exit(main())
