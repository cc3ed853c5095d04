"""From evidence to how often such answers are right; and when to say nothing."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from embeddings.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qa.candidates import Candidate
    from qa.reply import Hit

SIGNALS: tuple[str, ...] = (
    "strength", "margin", "words", "grams", "run", "codes", "missing_in_passage", "passage_words",
    "relevance", "relevance_lead", "similarity", "reader_mass", "reader_margin", "sure",
    "sentence_similarity", "missing_grams", "unit_lacking", "lacking", "soft", "soft_rest", "soft_around",
    "soft_passage", "said", "said_rest", "said_around", "said_passage", "latin",
)  # fmt: skip
"""The evidence that confidence is made of, in its order."""


@dataclass(frozen=True)
class Calibration:
    """A logistic regression over :data:`SIGNALS` (Platt 1999), fitted on development data.

    ``threshold`` is the confidence from which an answer is given: nine in ten answerable questions reach it. The
    bundled one of what was read is :data:`WORTH` at least.
    """

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float
    threshold: float

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
    # The same sentence elsewhere is no rival.
    own = candidate.sentence.of(hit.text)
    others = [c.strength for c in candidates if c.sentence.of(hits[c.passage].text) != own]
    rivals = [h.relevance for i, h in enumerate(hits) if i != candidate.passage]
    values: Mapping[str, float] = {
        **candidate.evidence,
        "strength": candidate.strength,
        "margin": candidate.strength - max(others, default=candidate.strength),
        "relevance": hit.relevance,
        "relevance_lead": hit.relevance - max(rivals, default=0.0),
        "similarity": hit.similarity,
        "sure": candidate.sure,
        "lacking": sum(value for name, value in candidate.evidence.items() if name.endswith("_lacking")),
    }
    return [values[name] for name in SIGNALS]


@dataclass(frozen=True)
class Confidence:
    """The calibrations for questions that the span reader has read, and for those it has not.

    ``metadata`` is how often an answer from the front matter was right.
    """

    read: Calibration
    unread: Calibration
    metadata: float

    def of(self, candidates: Sequence[Candidate]) -> Calibration:
        """The calibration for the candidates of one question."""
        return (
            self.read if any(candidate.evidence["reader_mass"] for candidate in candidates) else self.unread
        )


@lru_cache(maxsize=1)
def bundled_confidence() -> Confidence:
    """The calibrations that lie in the package."""
    name, mend = "bundled calibration", "install the package again"
    file = resources.files("qa") / "models" / "calibration.json"
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
        fitted = held["signals"] == list(SIGNALS)
        read, unread = (
            Calibration(
                tuple(part["mean"]),
                tuple(part["scale"]),
                tuple(part["weights"]),
                part["bias"],
                part["threshold"],
            )
            for part in (held["read"], held["unread"])
        )
        metadata = float(held["metadata"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(name, f"cannot be read: {error!r}", mend) from error
    if not fitted:
        raise ModelError(name, "was fitted on other signals", "run python -m qa.training.ranker")
    return Confidence(replace(read, threshold=max(read.threshold, WORTH)), unread, metadata)


WORTH = 0.16
"""Confidence (0..1) under which an answer that was read is not given, even if one in ten answerable questions is
lost by it: of the development half of ``tests/golden`` it declines 7 in 10 that nothing answers instead of 6.
"""
