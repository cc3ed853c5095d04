"""Trains the sentence ranker and fits the confidence: ``python -m qa.training.ranker --data DIR``.

Both learn from the "fit" part of the development sets and of the questions in people's own words
(:mod:`qa.training.split`), which the span reader never saw, so that its evidence there is what it is for a user. The ranker learns a softmax
over the sentences of the passages found for a question and, apart, of its own paragraph. The
confidence is a logistic regression over the signals of the first candidates for questions that the
ranker has not seen, asked once of a library that holds their paragraph and once of one that lacks it.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import random
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from tqdm import tqdm

from embeddings.article import Article, Metadata
from embeddings.encode import embedder as load_embedder
from embeddings.library import Library
from embeddings.update import add
from qa.about import about
from qa.candidates import ReadablePassage, candidates
from qa.confidence import SIGNALS, Calibration, signals
from qa.config import Config
from qa.engine import heading_of, weights_of
from qa.evaluate import contexts_of, holds, library_of
from qa.evaluation import read_examples
from qa.evidence import FEATURES
from qa.frontmatter import meant
from qa.question import analyse
from qa.ranker import Ranker
from qa.reader import reader as load_reader
from qa.retriever import Retriever
from qa.training.corpus import SHARED
from qa.training.natural import ARTICLE, natural
from qa.training.split import part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from embeddings.encode import Embedder
    from embeddings.library import Snapshot
    from qa.candidates import Candidate
    from qa.evaluation import Example
    from qa.reader import Reader
    from qa.reply import Hit

NATURAL = "natural"
SETS = {
    "cmrc2018_dev": 800, "drcd_dev": 800, "cail2019_dev": 700, "counterterror_news_dev": 500, NATURAL: 9000,
}  # fmt: skip
"""Sets of questions, and how many of their "fit" part are taken at most."""

CONFIDENCE_SHARE, CONFIDENCE_SHARE_NATURAL = 0.35, 0.12
"""The share of paragraphs kept from the ranker, for fitting the confidence."""

PIECE = 1000
"""Questions that a process takes at once."""

READ = 5
"""Passages found for a question that the ranker learns from; of natural ones as many as are read."""
UNREAD = 0.3
"""The share of questions that the ranker learns from without the reader's evidence."""

HIDDEN = 16
SEED = 7


@dataclass(frozen=True)
class Group:
    """The sentences of one question: a row of features each, and whether it holds the answer."""

    rows: NDArray[np.float64]
    right: NDArray[np.bool_]


@dataclass(frozen=True)
class Asked:
    """A question with what was found for it, and the paragraph it came from ("" if the library lacks it)."""

    example: Example
    own: str
    hits: list[Hit]
    found: list[Candidate]

    def right(self, candidate: Candidate) -> bool:
        """Whether the candidate's sentence holds the answer."""
        hit = self.hits[candidate.passage]
        ids = {hit.passage.article_id, *(twin.article_id for twin in hit.duplicates)}
        return self.own in ids and bool(
            holds(self.example, candidate.sentence.shifted(hit.passage.span.start))
        )


def groups(
    examples: Sequence[Example],
    everything: Sequence[Example],
    embedder: Embedder,
    reader: Reader | None,
    name: str,
) -> Iterator[Group]:
    """For each question one group of its own paragraph, unless that is a whole article, and one of the
    passages found among ``everything``.
    """
    blank = _Blank()
    chance = random.Random(SEED)
    whole = name == NATURAL
    with TemporaryDirectory() as folder:
        contexts = contexts_of(everything, titles=whole)
        numbers = {context: str(number) for number, context in enumerate(contexts)}
        library = library_of(list(contexts.values()), Path(folder) / name, embedder)
        view = library.snapshot()
        for example in tqdm(examples, name, mininterval=5):
            question = analyse(example.question)
            weights = weights_of(question, view)
            heading = example.title if chance.random() < 0.5 else ""
            if not whole:
                own = candidates(
                    question, [ReadablePassage(example.context, heading)], weights, reader, blank
                )
                yield _group(own, [bool(holds(example, candidate.sentence)) for candidate in own])
            most = Config().read if whole else READ
            asked = ask(example, numbers.get(example.context, ""), library, view, reader, blank, most)
            yield _group(asked.found, [asked.right(candidate) for candidate in asked.found])


def ask(
    example: Example,
    own: str,
    library: Library,
    view: Snapshot,
    reader: Reader | None,
    ranker: Ranker,
    k: int,
) -> Asked:
    """What is found for the question in the library."""
    question = analyse(example.question)
    hits = Retriever(library).search(question, k, view)
    passages = [
        ReadablePassage(
            hit.text, heading_of(view.article(hit.passage.article_id), hit), hit.similarity, hit.relevance
        )
        for hit in hits
    ]
    weights = weights_of(question, view)
    return Asked(example, own, hits, candidates(question, passages, weights, reader, ranker))


class _Blank(Ranker):
    """Gives every sentence the same strength, where only the evidence is wanted."""

    def __init__(self) -> None:
        pass

    def strengths(self, rows: Sequence[Sequence[float]]) -> NDArray[np.float64]:
        return np.zeros(len(rows))


def _group(found: Sequence[Candidate], right: Sequence[bool]) -> Group:
    rows = [[candidate.evidence[name] for name in FEATURES] for candidate in found]
    return Group(np.asarray(rows, np.float64).reshape(len(rows), len(FEATURES)), np.asarray(right, bool))


def train(
    data: Sequence[Group], epochs: int = 30, hidden: int = HIDDEN
) -> tuple[dict[str, Any], list[float]]:
    """The ranker's weights, and the mean loss of each epoch."""
    import torch

    torch.manual_seed(SEED)
    data = [group for group in data if group.right.any() and not group.right.all()]
    stacked = np.concatenate([group.rows for group in data])
    mean, scale = stacked.mean(0), stacked.std(0) + 1e-6
    longest = max(len(group.right) for group in data)
    x = torch.zeros(len(data), longest, len(FEATURES))
    right = torch.zeros(len(data), longest, dtype=torch.bool)
    real = torch.zeros(len(data), longest, dtype=torch.bool)
    unread = [i for i, name in enumerate(FEATURES) if name.startswith("reader_")]
    silent = torch.tensor(-mean[unread] / scale[unread], dtype=torch.float32)
    for i, group in enumerate(data):
        count = len(group.right)
        x[i, :count] = torch.tensor((group.rows - mean) / scale)
        right[i, :count] = torch.tensor(group.right)
        real[i, :count] = True
    first, last = torch.nn.Linear(len(FEATURES), hidden), torch.nn.Linear(hidden, 1)
    network = torch.nn.Sequential(first, torch.nn.ReLU(), torch.nn.Dropout(0.1), last)
    optimiser = torch.optim.AdamW(network.parameters(), 3e-3, weight_decay=1e-3)
    losses = []
    for _ in range(epochs):
        network.train()
        total = 0.0
        for batch in torch.split(torch.randperm(len(data)), 256):
            shown = x[batch].clone()
            # Some questions go unread, as those in a language that the reader does not know.
            dropped = torch.rand(len(batch)) < UNREAD
            shown[:, :, unread] = torch.where(dropped[:, None, None], silent, shown[:, :, unread])
            logits = network(shown).squeeze(-1).masked_fill(~real[batch], -1e9)
            chosen = logits.log_softmax(1).masked_fill(~right[batch], -1e9)
            loss = -chosen.logsumexp(1).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += float(loss.detach()) * len(batch)
        losses.append(total / len(data))
    weights = {
        "mean": mean, "scale": scale,
        "hidden": first.weight.detach().numpy(), "hidden_bias": first.bias.detach().numpy(),
        "out": last.weight.detach().numpy()[0], "out_bias": last.bias.detach().numpy(),
    }  # fmt: skip
    return {
        name: np.round(np.asarray(value, np.float64), 5).tolist() for name, value in weights.items()
    }, losses


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


def parts_of(name: str) -> list[str]:
    """The parts of a set that are fitted on: also what a reader may learn from, where none did."""
    return ["fit"] if name in (*SHARED, NATURAL) else ["fit", "learn"]


def chosen(data: Path, name: str, most: int) -> tuple[list[Example], list[Example], list[Example]]:
    """The questions of a set for the ranker, for the confidence, and all that its library is made of."""
    own = parts_of(name)
    if name == NATURAL:
        everything = natural(data, own, ARTICLE)
    else:
        everything = [
            example
            for example in read_examples(data / "span" / f"{name}.jsonl.xz")
            if part(example.title, example.context) in own
        ]
    chance = random.Random(SEED)
    contexts = sorted({example.context for example in everything})
    share = CONFIDENCE_SHARE_NATURAL if name == NATURAL else CONFIDENCE_SHARE
    kept = set(chance.sample(contexts, round(share * len(contexts))))
    # What has no answer teaches the ranker nothing, but the confidence; of paragraphs, the other half does.
    asked = [example for example in everything if example.answers or name == NATURAL]
    taken = chance.sample(asked, min(most, len(asked)))
    taken.sort(key=lambda example: example.context)  # what was worked out of a text last is kept
    learnt = [example for example in taken if example.context not in kept and example.answers]
    return learnt, [example for example in taken if example.context in kept], everything


def _groups_of(data: Path, name: str, most: int, start: int) -> list[Group]:
    learnt, _, everything = chosen(data, name, most)
    return list(groups(learnt[start : start + PIECE], everything, load_embedder(), load_reader(), name))


def _rows_of(
    data: Path, name: str, most: int, start: int, weights: dict[str, Any]
) -> tuple[list[Row], list[Row]]:
    _, kept, everything = chosen(data, name, most)
    model, ranker, part = load_embedder(), Ranker(weights), kept[start : start + PIECE]
    read, unread = (
        calibration_rows(part, everything, model, reader, ranker, name) for reader in (load_reader(), None)
    )
    return read, unread


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


def main() -> None:
    """Writes ``ranker.json`` and ``calibration.json`` into ``--out``."""
    parser = argparse.ArgumentParser(prog="python -m qa.training.ranker", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds articles/ and span/")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "models")
    parser.add_argument(
        "--share", type=float, default=1.0, help="share of the questions taken (default: all)"
    )
    given = parser.parse_args()
    sizes = {name: round(most * given.share) for name, most in SETS.items()}
    parts = {name: chosen(given.data, name, most) for name, most in sizes.items()}
    learnt, kept = (
        [
            (given.data, name, most, at)
            for name, most in sizes.items()
            for at in range(0, len(parts[name][i]), PIECE)
        ]
        for i in (0, 1)
    )
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        tasks = [pool.submit(_groups_of, *piece) for piece in learnt]
        data = [group for task in tasks for group in task.result()]
        weights, losses = train(data)
        found = [task.result() for task in [pool.submit(_rows_of, *piece, weights) for piece in kept]]
    read, unread = ([row for rows in column for row in rows] for column in zip(*found, strict=True))
    origin = {
        "made_by": "python -m qa.training.ranker",
        "development_sets": sizes,
        "parts": {name: parts_of(name) for name in sizes},
        "groups": len(data),
        "calibration_questions": len(read),
        "loss": [round(loss, 4) for loss in losses[:: max(1, len(losses) // 5)]],
    }
    given.out.mkdir(parents=True, exist_ok=True)
    ranker = {"features": list(FEATURES), "weights": weights, "origin": origin}
    fitted: dict[str, Any] = {
        "signals": list(SIGNALS),
        "read": asdict(fit(read)),
        "unread": asdict(fit(unread)),
    }
    fitted.update({"metadata": metadata_precision(given.data), "origin": origin})
    for name, held in (("ranker.json", ranker), ("calibration.json", fitted)):
        (given.out / name).write_text(json.dumps(held, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
