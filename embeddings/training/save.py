"""A trained table to a folder in the sentence-transformers layout."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from tokenizers import Tokenizer

_MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.StaticEmbedding"},
    {"idx": 1, "name": "1", "path": "1_Normalize", "type": "sentence_transformers.models.Normalize"},
]
_CONFIG = {
    "folded": True,  # texts go through embeddings.words.fold first
    "model_type": "SentenceTransformer",
    "prompts": {"query": "", "document": ""},
    "default_prompt_name": None,
    "similarity_fn_name": "cosine",
}


def quantise(rows: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """The rows in bytes, and the factor of each row that gives it back: ``bytes * factor``."""
    factors = (np.abs(rows).max(axis=1) / 127).astype(np.float32)
    scaled = np.divide(rows, factors[:, None], out=np.zeros_like(rows), where=factors[:, None] > 0)
    return np.rint(scaled).astype(np.int8), factors


def save(rows: NDArray[np.float32], tokenizer: Tokenizer, folder: Path) -> None:
    """Writes the model; row i belongs to token i of ``tokenizer``."""
    from safetensors.numpy import save_file

    if len(rows) != tokenizer.get_vocab_size():
        raise ValueError(f"{len(rows)} rows for {tokenizer.get_vocab_size()} tokens")
    (folder / "1_Normalize").mkdir(parents=True, exist_ok=True)
    (folder / "1_Normalize" / "config.json").write_text("{}\n", "utf-8")
    values, factors = quantise(rows)
    save_file({"embeddings": values, "weights": factors}, folder / "model.safetensors")
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    (folder / "modules.json").write_text(json.dumps(_MODULES, indent=2) + "\n", "utf-8")
    config = json.dumps(_CONFIG, indent=2) + "\n"
    (folder / "config_sentence_transformers.json").write_text(config, "utf-8")
