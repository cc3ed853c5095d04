"""Trains the judge of lists (:mod:`qa.listed`): ``python -m qa.training.lists --data DIR --blogs tests/golden``.

It learns from the blogs of the "dev" part, each asked of itself, of all blogs together and of the others, which do not answer;
from announcements in the shared articles; and from recipes.
"""

from __future__ import annotations

import argparse
import json
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qa.engine import weights_of
from qa.listed import LISTED, lists_of, rows
from qa.readable import readable
from qa.training.announcements import announcements
from qa.training.blogs import Blog, asked, blogs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from embeddings.article import Span
    from qa.lists import Listing
    from qa.reply import Hit
    from qa.training.blogs import Gold

HIDDEN, NETWORKS, EPOCHS = 12, 5, 60
"""The networks are averaged: one of so few lists is right by chance."""

OWN_COUNTS = 2.0
"""What a list counts that was found for a blog's own question in its own library, as people ask."""

COVERED = 0.6
"""Share of a list that a single answer covers, where the list is that answer."""

Seen = tuple[list[float], bool, float]
"""What is said of a list (:data:`~qa.listed.LISTED`), whether it is what was asked for, and what it counts."""


def libraries(folder: Path, data: Path) -> Iterator[tuple[Blog, float]]:
    """What is asked of which library, and what it counts."""
    held = blogs(folder)
    every = tuple(article for blog in held for article in blog.articles)
    for blog in held:
        yield blog, OWN_COUNTS
        yield replace(blog, articles=every), 1.0
        others = tuple(article for article in every if article not in blog.articles)
        lacking = tuple(replace(posed, gold=()) for posed in blog.questions if posed.gold)
        yield replace(blog, articles=others, questions=lacking), 1.0
    listed = (folder / name for name in ("articles.json", "fresh.json"))
    golden = frozenset(entry["key"] for path in listed for entry in json.loads(path.read_text("utf-8")))
    yield from ((made, 1.0) for made in announcements(data, golden))


def seen(blog: Blog, counts: float) -> list[Seen]:
    """The lists found for the questions of a library, and which of them are asked for."""
    found: list[Seen] = []
    for posed, read, view in asked(blog):
        passages = readable(read.hits, view)
        held = lists_of(read.asked, passages)
        told = rows(read.asked, passages, held, read.found, weights_of(read.asked, view))
        for (place, listing), row in zip(held, told, strict=True):
            right = any(is_asked_for(listing, read.hits[place], gold) for gold in posed.gold)
            found.append((row, right, counts))
    return found


def is_asked_for(listing: Listing, hit: Hit, gold: Gold) -> bool:
    """Whether the list holds all pieces of an answer, or the first and the end of its passage; or is most of a single one."""
    start, passage = hit.passage.span.start, hit.passage
    items: Span = listing.items.shifted(start)
    before = 0 if listing.asks else len(listing.lead) + 2
    if any(article != passage.article_id for article, *_ in gold):
        return False
    if len(gold) > 1:
        whole = all(items.start - before <= at < items.end for _, at, _ in gold)
        goes_on = items.start - before <= gold[0][1] < items.end and items.end >= passage.span.end - 1
        return whole or goes_on
    _, at, end = gold[0]
    if listing.asks:
        return items.start <= at < items.end
    return at <= items.start + 5 and min(end, items.end) - max(at, items.start) > COVERED * len(items)


def learnt(data: Sequence[Seen]) -> dict[str, Any]:
    """The average of networks of one hidden layer, as one (:class:`qa.layered.Layered`)."""
    import torch

    from qa.training.calibration import STILL, layered

    inputs = np.asarray([row for row, _, _ in data], np.float64)
    mean, scale = inputs.mean(0), inputs.std(0)
    scale = np.where(scale < STILL, 1.0, scale)
    x = torch.tensor((inputs - mean) / scale, dtype=torch.float32)
    y = torch.tensor([float(right) for _, right, _ in data])
    counts = torch.tensor([count for *_, count in data])
    nets = []
    for seed in range(NETWORKS):
        torch.manual_seed(seed)
        first, last = torch.nn.Linear(x.shape[1], HIDDEN), torch.nn.Linear(HIDDEN, 1)
        network = torch.nn.Sequential(first, torch.nn.ReLU(), last)
        optimiser = torch.optim.AdamW(network.parameters(), 3e-3, weight_decay=0.3)
        for _ in range(EPOCHS):
            for batch in torch.split(torch.randperm(len(x)), 200):
                logits = network(x[batch]).squeeze(-1)
                loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, y[batch], counts[batch])
                optimiser.zero_grad()
                torch.autograd.backward(loss)
                optimiser.step()
        nets.append(layered(mean, scale, first, last))
    return nets[0] | _averaged(nets)


def _averaged(nets: Sequence[dict[str, Any]]) -> dict[str, Any]:
    hidden: NDArray[np.float64] = np.concatenate([net["hidden"] for net in nets])
    out = np.concatenate([net["out"] for net in nets]) / len(nets)
    return {
        "hidden": hidden.tolist(),
        "hidden_bias": [bias for net in nets for bias in net["hidden_bias"]],
        "out": np.round(out, 6).tolist(),
        "out_bias": [round(sum(net["out_bias"][0] for net in nets) / len(nets), 6)],
    }


def main() -> None:
    """Writes ``lists.json`` into ``--out``."""
    parser = argparse.ArgumentParser(prog="python -m qa.training.lists", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds articles/")
    parser.add_argument(
        "--blogs", type=Path, required=True, help="the folder that holds blogs/ and blogs.jsonl"
    )
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "models")
    given = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        tasks = [pool.submit(seen, *each) for each in libraries(given.blogs, given.data)]
        data = [one for task in tasks for one in task.result()]
    origin = {
        "made_by": "python -m qa.training.lists",
        "lists": len(data),
        "of_them_asked_for": sum(right for _, right, _ in data),
    }
    held = {"listed": list(LISTED), "weights": learnt(data), "origin": origin}
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "lists.json").write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
