"""The numbers that asking depends on, each with its unit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Config:
    """How generously to search, how much to read, and when to answer."""

    candidates: int = 100
    """Passages taken from each side, dense and lexical, before they are fused."""
    dense_weight: float = 0.05
    """Weight of the cosine in the relevance, 0..1; the rest is lexical."""
    read: int = 8
    """Passages that are read for an answer."""
    shown: int = 5
    """Passages shown with a reply."""
    answers: int = 3
    """Answers given at most."""
    threshold: float = -1.0
    """Confidence (0..1) under which the articles are said not to answer; below 0, they are said so where it is
    less probable that they do than for nine in ten questions that have an answer (:attr:`Reply.answerable`)."""
    phrase: float = 0.2
    """Probability (0..1) from which a phrase is shown as the answer and not its whole sentence. Of the
    phrases that the encoder gives 0.2 to 0.3, three in five were right (F1 0.5 or more, 135 questions)."""
    duplicate: float = 0.9
    """Share of character pairs (Jaccard, 0..1) from which two passages count as the same."""
