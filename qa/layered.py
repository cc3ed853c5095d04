"""A network of one hidden layer over named numbers; what it says is a logit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from embeddings.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class Layered:
    """The network that lies in ``weights``, lists of numbers, over ``inputs`` numbers.

    ModelError, with ``name`` and ``mend`` in it, when they are no such network or one over other inputs.
    """

    def __init__(self, weights: Mapping[str, object], inputs: int, name: str, mend: str) -> None:
        try:
            arrays = {key: np.asarray(value, np.float64) for key, value in weights.items()}
            self._mean, self._scale = arrays["mean"], arrays["scale"]
            self._hidden, self._hidden_bias = arrays["hidden"], arrays["hidden_bias"]
            self._out, self._out_bias = arrays["out"], arrays["out_bias"]
            fits = self._hidden.shape == (len(self._hidden_bias), inputs) and self._mean.shape == (inputs,)
        except (KeyError, ValueError, TypeError) as error:
            raise ModelError(name, f"is no network: {error!r}", mend) from error
        if not fits:
            raise ModelError(name, "was trained on other numbers", mend)

    def logits(self, rows: Sequence[Sequence[float]]) -> Floats:
        """``(len(rows),)`` logits."""
        if not rows:
            return np.zeros(0)
        x = (np.asarray(rows, np.float64) - self._mean) / self._scale
        hidden = np.maximum(0.0, x @ self._hidden.T + self._hidden_bias)
        result: Floats = hidden @ self._out + float(self._out_bias[0])
        return result
