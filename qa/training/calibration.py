"""Fits the confidence: how often answers with such evidence are right, and below which none is given."""

from __future__ import annotations

import json
import lzma
import random
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from embeddings.article import Article, Metadata
from embeddings.encode import embedder as load_embedder
from embeddings.library import Library
from embeddings.update import add
from qa.about import about
from qa.confidence import AMOUNTS, SIGNALS, WITHIN, Calibration, Judge, Silence
from qa.config import Config
from qa.frontmatter import meant
from qa.layered import Layered
from qa.retriever import Retriever
from qa.training.found import SEED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from torch import nn


@dataclass(frozen=True)
class Row:
    """What tells of a first candidate (:data:`qa.confidence.WITHIN`); whether it was right; whether the library
    held an answer; whether it held the article that the question was asked of, which does not answer it; the
    fold of its paragraph.
    """

    within: list[float]
    right: bool
    answerable: bool
    near: bool = False
    fold: int = 0


def fit(data: Sequence[Row], lacking: float = 1.0) -> Calibration:
    """How often such answers are right: logistic regression by Newton's method, slightly shrunk. ``lacking`` is what a
    question counts that was asked of a library without its article.
    """
    rows = np.asarray([row.within[: len(SIGNALS)] for row in data], np.float64)
    right = np.asarray([row.right for row in data], np.float64)
    mean, scale = rows.mean(0), rows.std(0) + 1e-6
    x = np.concatenate([(rows - mean) / scale, np.ones((len(rows), 1))], 1)
    counts = np.array(
        [NEAR_COUNTS if row.near else 1.0 if row.answerable else lacking for row in data], np.float64
    )
    w = np.zeros(x.shape[1])
    shrink = np.diag([1.0] * rows.shape[1] + [0.0])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ w))
        gradient = x.T @ (counts * (p - right)) + shrink @ w
        hessian = (x * (counts * p * (1 - p))[:, None]).T @ x + shrink
        step = np.linalg.solve(hessian, gradient)
        w -= step
        if np.abs(step).max() < 1e-8:
            break
    return Calibration(tuple(mean.tolist()), tuple(scale.tolist()), tuple(w[:-1].tolist()), float(w[-1]))


LACKING_COUNTS = 2.0
"""What a question counts that was asked of a library without its article, as few were: so that 44 in 100 of all have no
answer, and confidence is not too high where a folder lacks much of what it is asked.
"""

NEAR_COUNTS = 0.2
"""What a question counts that its own article does not answer: more were written, to learn silence from, than people ask."""


def silence(data: Sequence[Row]) -> dict[str, Any]:
    """A network that says how probable it is that the articles answer (:class:`qa.layered.Layered`), and the
    thresholds that all but :data:`UNREACHED` of the questions with an answer, for an amount or not, reach in four folds, each
    judged by the others, with the confidence learnt from them.
    """
    rows = np.asarray([row.within for row in data], np.float64)
    held = np.asarray([row.answerable for row in data], bool)
    fold = np.array([row.fold for row in data])
    judged = np.zeros(len(rows))
    for number in range(FOLDS):
        own = fold == number
        network = Layered(_trained(rows[~own], held[~own]), rows.shape[1], "silence", "")
        right = fit([row for row, mine in zip(data, own, strict=True) if not mine], LACKING_COUNTS)
        judge = Judge(right, Silence(network, 0.0, 0.0))
        judged[own] = [judge.answerable(within) for within in rows[own].tolist()]
    amount = rows[:, [WITHIN.index(name) for name in AMOUNTS]].any(1)
    return {
        "network": _trained(rows, held),
        "threshold": _least(judged[held & ~amount], judged[held]),
        "of_amounts": _least(judged[held & amount], judged[held]),
    }


def _least(own: NDArray[np.float64], every: NDArray[np.float64]) -> float:
    """What all but :data:`UNREACHED` reach: of its ``own``, or where there are none, of ``every`` one."""
    return float(np.quantile(own if own.size else every, UNREACHED))


UNREACHED = 0.1
"""The share of questions with an answer that is declined here."""


FOLDS = 4


def _trained(rows: NDArray[np.float64], held: NDArray[np.bool_]) -> dict[str, Any]:
    import torch

    torch.manual_seed(SEED)
    mean, scale = rows.mean(0), rows.std(0)
    scale = np.where(scale < STILL, 1.0, scale)
    x = torch.tensor((rows - mean) / scale, dtype=torch.float32)
    y = torch.tensor(held.astype(np.float32))
    first, last = torch.nn.Linear(x.shape[1], SILENCE_HIDDEN), torch.nn.Linear(SILENCE_HIDDEN, 1)
    network = torch.nn.Sequential(first, torch.nn.ReLU(), torch.nn.Dropout(0.2), last)
    optimiser = torch.optim.AdamW(network.parameters(), 2e-3, weight_decay=3e-2)
    for _ in range(40):
        for batch in torch.split(torch.randperm(len(x)), 128):
            logits = network(x[batch]).squeeze(-1)
            loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, y[batch])
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
    return layered(mean, scale, first, last)


SILENCE_HIDDEN = 16
STILL = 1e-4
"""Spread under which a number is taken to be the same for all, as the reader's where none has read."""


def layered(
    mean: NDArray[np.float64], scale: NDArray[np.float64], first: nn.Linear, last: nn.Linear
) -> dict[str, Any]:
    """The weights as :class:`qa.layered.Layered` takes them."""
    weights = {
        "mean": mean, "scale": scale,
        "hidden": first.weight.detach().numpy(), "hidden_bias": first.bias.detach().numpy(),
        "out": last.weight.detach().numpy()[0], "out_bias": last.bias.detach().numpy(),
    }  # fmt: skip
    return {name: np.round(np.asarray(value, np.float64), 5).tolist() for name, value in weights.items()}


def metadata_precision(data: Path, count: int = 400) -> float:
    """How often the date given for an article is its own, of the questions that get one.

    Every second question names half the title as a topic, the others the whole title.
    """
    path = data / "articles" / "cctv_xwlb_news.jsonl.xz"
    with lzma.open(path, "rt", encoding="utf-8") as file:
        rows = [row for row in map(json.loads, file) if len(row["title"]) >= 8 and row["date"]]
    rows = random.Random(SEED).sample(rows, min(count, len(rows)))
    articles = [
        Article(row["id"], row["title"], row["text"], row["id"], Metadata(date=row["date"])) for row in rows
    ]
    right = answered = 0
    with TemporaryDirectory() as folder:
        model = load_embedder()
        add(Path(folder) / "metadata", articles, model)
        library = Library.open(Path(folder) / "metadata", model)
        view = library.snapshot()
        for number, article in enumerate(articles):
            half = article.title[: len(article.title) // 2]
            question = (
                f"关于{half}的那篇文章是哪天发表的？"
                if number % 2
                else f"《{article.title}》是什么时候发表的？"
            )
            field = about(question)
            hits = Retriever(library).search(question, Config().read, view)
            found = meant(field, hits, view) if field else None
            if found:
                answered += 1
                right += found.metadata.date == article.metadata.date
    return right / answered if answered else 0.0
