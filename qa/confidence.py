"""From evidence to how often such answers are right; and when to say that the articles do not answer.

These are two questions: where the articles do answer, the sentence that was taken may still be the wrong one.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from embeddings.errors import ModelError
from qa.evidence import EXPECTED, FEATURES
from qa.layered import Layered
from qa.reread import AGAIN
from qa.together import TOGETHER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qa.candidates import Candidate
    from qa.reply import Hit

SIGNALS: tuple[str, ...] = (
    "strength", "margin", "words", "grams", "run", "codes", "missing_in_passage", "passage_words",
    "relevance", "relevance_lead", "similarity", "reader_mass", "reader_margin", "sure",
    "sentence_similarity", "missing_grams", "unit_lacking", "amount_lacking", "amount_shown", "numbers_lacking",
    "numbers_around_lacking", "numbers_passage_lacking", "lacking", "soft", "soft_rest", "soft_around",
    "soft_passage", "said", "said_rest", "said_around", "said_passage", "latin", *AGAIN, *TOGETHER,
)  # fmt: skip
"""The evidence that confidence is made of, in its order."""


EXPECTED_LACKING = (*(f"{kind}_lacking" for kind in EXPECTED), "unit_lacking")
"""What says that the kind of thing a question asks for is not there."""


WITHIN: tuple[str, ...] = tuple(dict.fromkeys((*SIGNALS, *FEATURES)))
"""What tells whether the articles answer at all: :data:`SIGNALS`, then all other evidence."""


AMOUNTS = ("amount_shown", "amount_lacking", "number_shown", "number_lacking")
"""One of these is there where a question asks for an amount."""


@dataclass(frozen=True)
class Calibration:
    """A logistic regression over :data:`SIGNALS` (Platt 1999), fitted on development data."""

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float

    @classmethod
    def of(cls, held: Mapping[str, Any]) -> Calibration:
        """The calibration that lies in a file as ``held``."""
        mean, scale, weights = (tuple(held[name]) for name in ("mean", "scale", "weights"))
        return cls(mean, scale, weights, held["bias"])

    def probability(self, signals: Sequence[float]) -> float:
        """How often answers with such ``signals`` were right, 0..:data:`SUREST`."""
        logit = self.bias + sum(
            weight * (value - mean) / scale
            for weight, value, mean, scale in zip(self.weights, signals, self.mean, self.scale, strict=True)
        )
        return min(SUREST, logistic(logit))


SUREST = 0.99
"""More than this some thousand questions cannot tell: of those given 0.9 and more, 95 in 100 were right."""


@dataclass(frozen=True)
class Silence:
    """Whether the articles answer a question, by the evidence for its first candidate.

    ``threshold`` (0..1) is the probability from which an answer is given: about nine in ten questions that
    the articles answer reach it (``origin`` in the file says how the bundled ones were set). Questions for an amount have one of their own, ``of_amounts``, since people who look for
    what an article does not say mostly ask how much.
    """

    network: Layered
    threshold: float
    of_amounts: float

    def answerable(self, within: Sequence[float], sure: float) -> float:
        """How probable it is, 0..1, that the articles answer a question with such evidence (:data:`WITHIN`), the first answer being
        right with the probability ``sure``.
        """
        logit = float(self.network.logits([within])[0])
        return logistic((logit + SURE_COUNTS * _logit(sure)) / (1 + SURE_COUNTS))

    def least(self, evidence: Mapping[str, float]) -> float:
        """The threshold (0..1) for a question with such evidence for its first candidate."""
        return self.of_amounts if any(evidence[name] for name in AMOUNTS) else self.threshold


@dataclass(frozen=True)
class Judge:
    """What is made of the candidates of one question."""

    right: Calibration
    silence: Silence

    def answerable(self, within: Sequence[float]) -> float:
        """How probable it is, 0..1, that the articles answer a question with such evidence (:data:`WITHIN`)."""
        return self.silence.answerable(within, self.right.probability(within[: len(SIGNALS)]))


SURE_COUNTS = 0.5
"""What the confidence counts beside the network, in logits. The network knows more of near misses, but only what it has learnt
from; the confidence, made of less, holds in folders of another kind (see ``training/RESULTS.md``).
"""


def _logit(probability: float) -> float:
    within = max(1e-6, min(1 - 1e-6, probability))
    return math.log(within / (1 - within))


def logistic(logit: float) -> float:
    """The probability (0..1) that a logit stands for; beyond 30 either way none is told apart."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))


def signals(
    candidates: Sequence[Candidate], chosen: int, hits: Sequence[Hit], names: Sequence[str] = SIGNALS
) -> list[float]:
    """What ``names`` (:data:`SIGNALS` or :data:`WITHIN`) say of ``candidates[chosen]``, among the candidates of
    one question.
    """
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
        "lacking": sum(value for name, value in candidate.evidence.items() if name in EXPECTED_LACKING),
    }
    return [values[name] for name in names]


@dataclass(frozen=True)
class Confidence:
    """What judges questions that the span reader has read, and those it has not.

    ``metadata`` is how often an answer from the front matter was right.
    """

    read: Judge
    unread: Judge
    metadata: float

    def of(self, candidates: Sequence[Candidate]) -> Judge:
        """What judges the candidates of one question."""
        return (
            self.read if any(candidate.evidence["reader_mass"] for candidate in candidates) else self.unread
        )


@lru_cache(maxsize=1)
def bundled_confidence() -> Confidence:
    """What judges by the file that lies in the package."""
    name, mend = "bundled calibration", "install the package again"
    file = resources.files("qa") / "models" / "calibration.json"
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
        if held["signals"] != list(SIGNALS) or held["within"] != list(WITHIN):
            raise ModelError(name, "was fitted on other signals", "run python -m qa.training.again")
        read, unread = (_judge(held[part], name, mend) for part in ("read", "unread"))
        metadata = float(held["metadata"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(name, f"cannot be read: {error!r}", mend) from error
    return Confidence(read, unread, metadata)


def _judge(part: Mapping[str, Any], name: str, mend: str) -> Judge:
    right, silence = part["right"], part["silence"]
    return Judge(
        Calibration.of(right),
        Silence(
            Layered(silence["network"], len(WITHIN), name, mend), silence["threshold"], silence["of_amounts"]
        ),
    )
