"""The questions that readers learn from: those of the labelled sets, and those made from articles."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

from embeddings.words import fold
from qa.training.corpus import SHARED, TRAINING, Example, articles, examples, folded
from qa.training.natural import natural
from qa.training.negatives import retrieved

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


def labelled(data: Path, wrong: float, seed: int) -> list[Example]:
    """The labelled sets' questions, and ``wrong`` of them against a retrieved passage without the answer."""
    rng = random.Random(seed)
    found = []
    for name in (*TRAINING, *SHARED):
        own = examples(data, name)
        if name == "fincuge_fincqa_eval":  # its answers are stilted; what it cannot answer is of use
            found += [e for e in own if not e.answers]
            continue
        found += own
        if name not in ("chinesesquad_dev", "cail2019_dev"):  # which have unanswerable questions enough
            found += sorted(retrieved(own, rng, wrong), key=lambda e: e.passage)
    return found


def own_words(data: Path, wrong: float, seed: int) -> list[Example]:
    """The questions in people's own words, of the "learn" part, and ``wrong`` of them likewise."""
    found = [folded(example) for example in natural(data, ["learn"])]
    found += retrieved(found, random.Random(seed), wrong)
    return sorted(found, key=lambda e: e.passage)


def made(data: Path, collections: Sequence[tuple[str, int, int]], seed: int) -> list[Example]:
    """Questions made of articles; a collection is (name, articles at most, questions an article)."""
    from qa.training import cloze

    rng = random.Random(seed)
    found: list[Example] = []
    for name, most, each in collections:
        texts = list(articles(data, (name,)))
        rng.shuffle(texts)
        found += cloze.made(texts[:most], rng, each)
    return sorted(found, key=lambda e: e.passage)


def english(pages: Path) -> Iterator[str]:
    """The pages of :mod:`qa.training.manuals`, in an order drawn at random."""
    with pages.open(encoding="utf-8") as file:
        lines = list(file)
    random.Random(0).shuffle(lines)
    for row in map(json.loads, lines):
        yield fold(f"{row['title']}\n{row['text']}")
