"""Trains the sentence ranker: ``python -m qa.training.ranker --data DIR``.

It learns from the "fit" part of the development sets and of the questions in people's own words
(:mod:`qa.training.split`), which the span reader never saw, so that its evidence there is what it is for a user: a softmax
over the sentences of the passages found for a question and, apart, of its own paragraph. What comes after it
(:mod:`qa.training.again`) is fitted after it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from tqdm import tqdm

from embeddings.encode import embedder as load_embedder
from qa.candidates import ReadablePassage, candidates
from qa.config import Config
from qa.engine import weights_of
from qa.evaluate import contexts_of, holds, library_of
from qa.evidence import FEATURES
from qa.question import analyse
from qa.ranker import Ranker
from qa.reader import reader as load_reader
from qa.training.calibration import STILL, layered
from qa.training.found import NATURAL, SEED, SETS, ask, chosen, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from embeddings.encode import Embedder
    from qa.candidates import Candidate
    from qa.evaluation import Example
    from qa.reader import Reader

PIECE = 1000
"""Questions that a process takes at once."""

READ = 5
"""Passages found for a question that the ranker learns from; of natural ones as many as are read."""
UNREAD = 0.3
"""The share of questions that the ranker learns from without the reader's evidence."""

HIDDEN = 32


@dataclass(frozen=True)
class Group:
    """The sentences of one question: a row of features each, and whether it holds the answer."""

    rows: NDArray[np.float64]
    right: NDArray[np.bool_]


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
    data: Sequence[Group],
    epochs: int = 30,
    hidden: int = HIDDEN,
    names: Sequence[str] = FEATURES,
    counts: Sequence[float] = (),
) -> tuple[dict[str, Any], list[float]]:
    """The weights of a network over ``names`` that ranks, and the mean loss of each epoch; ``counts`` say how much
    each of ``data`` counts, all the same without.
    """
    import torch

    torch.manual_seed(SEED)
    taken = [at for at, group in enumerate(data) if group.right.any() and not group.right.all()]
    count = torch.tensor([counts[at] if counts else 1.0 for at in taken])
    data = [data[at] for at in taken]
    stacked = np.concatenate([group.rows for group in data])
    mean, scale = stacked.mean(0), stacked.std(0)
    scale = np.where(scale < STILL, 1.0, scale)
    longest = max(len(group.right) for group in data)
    x = torch.zeros(len(data), longest, len(names))
    right = torch.zeros(len(data), longest, dtype=torch.bool)
    real = torch.zeros(len(data), longest, dtype=torch.bool)
    # Some questions go unread, as those in a language that the reader does not know; nothing is read again then.
    unread = [i for i, name in enumerate(names) if name.startswith("reader_") and names is FEATURES]
    silent = torch.tensor(-mean[unread] / scale[unread], dtype=torch.float32)
    for i, group in enumerate(data):
        size = len(group.right)
        x[i, :size] = torch.tensor((group.rows - mean) / scale)
        right[i, :size] = torch.tensor(group.right)
        real[i, :size] = True
    first, last = torch.nn.Linear(len(names), hidden), torch.nn.Linear(hidden, 1)
    network = torch.nn.Sequential(first, torch.nn.ReLU(), torch.nn.Dropout(0.1), last)
    optimiser = torch.optim.AdamW(network.parameters(), 3e-3, weight_decay=1e-3)
    losses = []
    for _ in range(epochs):
        network.train()
        total = 0.0
        for batch in torch.split(torch.randperm(len(data)), 256):
            shown = x[batch].clone()
            dropped = torch.rand(len(batch)) < UNREAD
            shown[:, :, unread] = torch.where(dropped[:, None, None], silent, shown[:, :, unread])
            logits = network(shown).squeeze(-1).masked_fill(~real[batch], -1e9)
            chosen = logits.log_softmax(1).masked_fill(~right[batch], -1e9)
            loss = -(count[batch] * chosen.logsumexp(1)).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += float(loss.detach()) * len(batch)
        losses.append(total / len(data))
    return layered(mean, scale, first, last), losses


def _groups_of(data: Path, name: str, most: int, start: int) -> list[Group]:
    learnt, _, everything = chosen(data, name, most)
    return list(groups(learnt[start : start + PIECE], everything, load_embedder(), load_reader(), name))


def main() -> None:
    """Writes ``ranker.json`` into ``--out``."""
    parser = argparse.ArgumentParser(prog="python -m qa.training.ranker", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds articles/ and span/")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "models")
    parser.add_argument(
        "--share", type=float, default=1.0, help="share of the questions taken (default: all)"
    )
    given = parser.parse_args()
    sizes = {name: round(most * given.share) for name, most in SETS.items()}
    pieces = [
        (given.data, name, most, at)
        for name, most in sizes.items()
        for at in range(0, len(chosen(given.data, name, most)[0]), PIECE)
    ]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        tasks = [pool.submit(_groups_of, *piece) for piece in pieces]
        data = [group for task in tasks for group in task.result()]
    weights, losses = train(data)
    origin = {
        "made_by": "python -m qa.training.ranker",
        "development_sets": sizes,
        "parts": {name: parts_of(name) for name in sizes},
        "groups": len(data),
        "loss": [round(loss, 4) for loss in losses[:: max(1, len(losses) // 5)]],
    }
    given.out.mkdir(parents=True, exist_ok=True)
    ranker = {"features": list(FEATURES), "weights": weights, "origin": origin}
    text = json.dumps(ranker, indent=1, ensure_ascii=False)
    (given.out / "ranker.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
