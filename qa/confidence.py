"""From evidence to how often such answers are right; and when to say nothing."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from embeddings.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qa.reader import Candidate
    from qa.reply import Hit

SIGNALS: tuple[str, ...] = (
    "strength", "margin", "words", "grams", "run", "codes", "missing_in_passage", "passage_words",
    "relevance", "relevance_lead", "similarity", "reader_mass", "reader_margin", "sure",
)  # fmt: skip
"""The evidence that confidence is made of, in its order."""


@dataclass(frozen=True)
class Calibration:
    """A logistic regression over :data:`SIGNALS` (Platt 1999), fitted on development data.

    ``threshold`` is the confidence that nine in ten answerable questions reach. ``metadata`` is how
    often an answer from the front matter was right.
    """

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float
    threshold: float
    metadata: float = 1.0

    def probability(self, signals: Sequence[float]) -> float:
        """How often answers with such ``signals`` were right, 0..1."""
        logit = self.bias + sum(
            weight * (value - mean) / scale
            for weight, value, mean, scale in zip(self.weights, signals, self.mean, self.scale, strict=True)
        )
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))


def signals(candidates: Sequence[Candidate], chosen: int, hits: Sequence[Hit]) -> list[float]:
    """The :data:`SIGNALS` of ``candidates[chosen]``, among the candidates of one question."""
    candidate = candidates[chosen]
    hit = hits[candidate.passage]
    others = [c.strength for i, c in enumerate(candidates) if i != chosen]
    rivals = [h.relevance for i, h in enumerate(hits) if i != candidate.passage]
    values: Mapping[str, float] = {
        **candidate.evidence,
        "strength": candidate.strength,
        "margin": candidate.strength - max(others, default=candidate.strength - 5.0),
        "relevance": hit.relevance,
        "relevance_lead": hit.relevance - max(rivals, default=0.0),
        "similarity": hit.similarity,
        "sure": candidate.sure,
    }
    return [values[name] for name in SIGNALS]


@lru_cache(maxsize=1)
def bundled_calibration() -> Calibration:
    """The calibration that lies in the package."""
    file = resources.files("qa") / "models" / "calibration.json"
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
        if held["signals"] != list(SIGNALS):
            raise ModelError("bundled calibration", "was fitted on other signals", "run python -m qa.training.ranker")
        return Calibration(
            tuple(held["mean"]), tuple(held["scale"]), tuple(held["weights"]), held["bias"], held["threshold"], held["metadata"]
        )
    except (OSError, ValueError, KeyError) as error:
        raise ModelError("bundled calibration", f"cannot be read: {error!r}", "reinstall the package") from error
