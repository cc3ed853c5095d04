"""How likely each sentence is to hold the answer: a small network over the evidence."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from embeddings.errors import ModelError
from qa.evidence import FEATURES
from qa.layered import Layered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray


class Ranker:
    """One hidden layer over :data:`qa.evidence.FEATURES`, trained by ``qa.training.ranker``."""

    def __init__(self, weights: Mapping[str, object], name: str = "bundled ranker") -> None:
        self._network = Layered(weights, len(FEATURES), name, "run python -m qa.training.ranker")

    def strengths(self, rows: Sequence[Sequence[float]]) -> NDArray[np.float64]:
        """``(len(rows),)`` logits; they compare sentences of one question, over all its passages."""
        return self._network.logits(rows)


@lru_cache(maxsize=1)
def bundled_ranker() -> Ranker:
    """The ranker that lies in the package."""
    file = resources.files("qa") / "models" / "ranker.json"
    try:
        return Ranker(json.loads(file.read_text(encoding="utf-8"))["weights"])
    except (OSError, ValueError, KeyError) as error:
        raise ModelError("bundled ranker", f"cannot be read: {error!r}", "reinstall the package") from error
