"""Fits the confidence: how often answers with such evidence are right, and below which none is given."""

from __future__ import annotations

import json
import lzma
import random
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
from tqdm import tqdm

from embeddings.article import Article, Metadata
from embeddings.encode import embedder as load_embedder
from embeddings.library import Library
from embeddings.update import add
from qa.about import about
from qa.confidence import Calibration, signals
from qa.config import Config
from qa.evaluate import contexts_of, library_of
from qa.frontmatter import meant
from qa.retriever import Retriever
from qa.training.found import NATURAL, SEED, ask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embeddings.encode import Embedder
    from qa.evaluation import Example
    from qa.ranker import Ranker
    from qa.reader import Reader


@dataclass(frozen=True)
class Row:
    """The signals of a first candidate; whether it was right; whether the library held the paragraph."""

    signals: list[float]
    right: bool
    answerable: bool


def fit(data: Sequence[Row]) -> Calibration:
    """Logistic regression by Newton's method, slightly shrunk; the threshold lets nine in ten answerable through."""
    rows = np.asarray([row.signals for row in data], np.float64)
    right = np.asarray([row.right for row in data], np.float64)
    answerable = np.asarray([row.answerable for row in data], bool)
    mean, scale = rows.mean(0), rows.std(0) + 1e-6
    x = np.concatenate([(rows - mean) / scale, np.ones((len(rows), 1))], 1)
    w = np.zeros(x.shape[1])
    shrink = np.diag([1.0] * rows.shape[1] + [0.0])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ w))
        gradient = x.T @ (p - right) + shrink @ w
        hessian = (x * (p * (1 - p))[:, None]).T @ x + shrink
        step = np.linalg.solve(hessian, gradient)
        w -= step
        if np.abs(step).max() < 1e-8:
            break
    confidences = 1 / (1 + np.exp(-x @ w))
    threshold = float(np.quantile(confidences[answerable], 0.1))
    return Calibration(
        tuple(mean.tolist()), tuple(scale.tolist()), tuple(w[:-1].tolist()), float(w[-1]), threshold
    )


def calibration_rows(
    examples: Sequence[Example],
    everything: Sequence[Example],
    embedder: Embedder,
    reader: Reader | None,
    ranker: Ranker,
    name: str,
) -> list[Row]:
    """A row for each question of each of two libraries: one holds its paragraph, the other lacks it."""
    contexts = list(contexts_of(everything, titles=name == NATURAL).values())
    rows = []
    for half in (0, 1):
        held = contexts[half::2]
        numbers = {text: str(number) for number, (_, text) in enumerate(held)}
        with TemporaryDirectory() as folder:
            library = library_of(held, Path(folder) / name, embedder)
            view = library.snapshot()
            for example in tqdm(examples, f"{name} {half}", mininterval=5):
                asked = ask(
                    example, numbers.get(example.context, ""), library, view, reader, ranker, Config().read
                )
                if asked.found:
                    held_there = bool(asked.own and example.answers)
                    rows.append(
                        Row(signals(asked.found, 0, asked.hits), asked.right(asked.found[0]), held_there)
                    )
    return rows


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
