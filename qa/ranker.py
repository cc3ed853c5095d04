"""How likely each sentence is to hold the answer: a small network over the evidence."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from embeddings.errors import ModelError
from qa.evidence import FEATURES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class Ranker:
    """One hidden layer over :data:`qa.evidence.FEATURES`, trained by ``qa.training.ranker``."""

    def __init__(self, weights: dict[str, list[list[float]]], name: str = "bundled ranker") -> None:
        try:
            arrays = {key: np.asarray(value, np.float64) for key, value in weights.items()}
            self._mean, self._scale = arrays["mean"], arrays["scale"]
            self._hidden, self._hidden_bias = arrays["hidden"], arrays["hidden_bias"]
            self._out, self._out_bias = arrays["out"], arrays["out_bias"]
            fits = self._hidden.shape == (len(self._hidden_bias), len(FEATURES)) and self._mean.shape == (
                len(FEATURES),
            )
        except (KeyError, ValueError) as error:
            raise ModelError(name, f"is not a ranker: {error!r}", "reinstall the package") from error
        if not fits:
            raise ModelError(name, "was trained on other features", "run python -m qa.training.ranker")

    def strengths(self, rows: Sequence[Sequence[float]]) -> Floats:
        """``(len(rows),)`` logits; they compare sentences of one question, over all its passages."""
        if not rows:
            return np.zeros(0)
        x = (np.asarray(rows, np.float64) - self._mean) / self._scale
        hidden = np.maximum(0.0, x @ self._hidden.T + self._hidden_bias)
        result: Floats = hidden @ self._out + float(self._out_bias[0])
        return result


@lru_cache(maxsize=1)
def bundled_ranker() -> Ranker:
    """The ranker that lies in the package."""
    file = resources.files("qa") / "models" / "ranker.json"
    try:
        return Ranker(json.loads(file.read_text(encoding="utf-8"))["weights"])
    except (OSError, ValueError, KeyError) as error:
        raise ModelError("bundled ranker", f"cannot be read: {error!r}", "reinstall the package") from error
