"""Examples as arrays: packed once, then cut into batches with distracting sentences left out at random."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qa.span_features import pair

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from qa.lexicon import Lexicon
    from qa.training.corpus import Example

    Array = NDArray[np.generic]

OVERLAP = 37
"""The pair feature that ranks a passage's sentences: the share of the question that they hold or say otherwise."""


UNTITLED = 0.25
"""Share of the examples whose title is not seen: not every article has one."""

_RAGGED = (
    "char",
    "word",
    "sentence",
    "features",
    "question_char",
    "question_word",
    "question_features",
    "gold",
)


class Packed(NamedTuple):
    """One example's rows; ``features`` are 0..255; ``gold`` holds token spans, the end included."""

    char: Array
    word: Array
    sentence: Array
    features: Array
    question_char: Array
    question_word: Array
    question_features: Array
    kind: int
    gold: Array


def pack(lexicon: Lexicon, examples: Iterable[Example], longest: int) -> Iterator[Packed]:
    """The examples in order; answers longer than ``longest`` tokens are cut there, empty texts left out."""
    last, passage = "", None
    chance = np.random.default_rng(0)
    for example in examples:
        if passage is None or example.passage != last:
            last, passage = example.passage, lexicon.tokens(example.passage)
        question = lexicon.tokens(example.question)
        if not passage.key or not question.key:
            continue
        titled = example.title and chance.random() >= UNTITLED
        match = pair(lexicon, question, passage, lexicon.tokens(example.title) if titled else None)
        spans = []
        for start, end in example.answers:
            first = int(np.searchsorted(passage.end, start, "right"))
            final = int(np.searchsorted(passage.start, end, "left")) - 1
            if first <= final:
                spans.append((first, min(final, first + longest - 1)))
        yield Packed(
            passage.char.astype(np.uint16),
            passage.word.astype(np.uint16),
            passage.sentence.astype(np.uint16),
            np.rint(match.passage * 255).astype(np.uint8),
            question.char.astype(np.uint16),
            question.word.astype(np.uint16),
            np.rint(match.question * 255).astype(np.uint8),
            match.kind,
            np.array(spans, np.int32).reshape(-1, 2),
        )


def store(path: Path, examples: Sequence[Packed]) -> None:
    """Writes the examples as one array a field, rows end to end, with their lengths."""
    arrays: dict[str, Array] = {"kind": np.array([x.kind for x in examples], np.uint8)}
    for field in _RAGGED:
        rows = [getattr(x, field) for x in examples]
        arrays[field] = np.concatenate(rows) if rows else np.zeros(0)
        arrays[f"{field}.size"] = np.array([len(row) for row in rows], np.int32)
    np.savez(path, allow_pickle=False, **arrays)


def stored(path: Path) -> list[Packed]:
    """The examples that :func:`store` wrote, in order."""
    with np.load(path) as file:
        arrays = dict(file)
    cut = {
        f: np.split(arrays[f], np.cumsum(arrays[f"{f}.size"])[:-1]) for f in _RAGGED if len(arrays["kind"])
    }
    return [
        Packed(kind=int(kind), **{field: cut[field][i] for field in _RAGGED})
        for i, kind in enumerate(arrays["kind"])
    ]


def thinned(packed: Packed, budget: int, rng: np.random.Generator) -> Packed:
    """The example with sentences left out until at most ``budget`` tokens are left.

    Sentences that hold an answer stay, those that share words with the question mostly, one at
    least; so a batch costs less and still holds the distractors that matter.
    """
    if len(packed.char) <= budget:
        return packed
    sentence = packed.sentence.astype(np.int64)
    starts = np.flatnonzero(np.diff(sentence, prepend=-1))
    sizes = np.diff(np.append(starts, len(sentence)))
    wish = packed.features[starts, OVERLAP] / 255 + rng.random(len(starts)) * 0.7
    for first, final in packed.gold:
        wish[sentence[first] : sentence[final] + 1] = 9
    keep = np.zeros(len(starts), bool)
    used = 0
    for unit in np.argsort(-wish):
        if wish[unit] >= 9 or not used or used + sizes[unit] <= budget:
            keep[unit] = True
            used += sizes[unit]
    rows = keep[sentence]
    moved = np.cumsum(rows) - 1
    return packed._replace(
        char=packed.char[rows],
        word=packed.word[rows],
        sentence=packed.sentence[rows],
        features=packed.features[rows],
        gold=moved[packed.gold].astype(np.int32),
    )


def batches(
    examples: list[Packed], tokens: int, rng: np.random.Generator, *, short: bool = False, longest: int = 448
) -> Iterator[list[Packed]]:
    """The examples thinned, in groups of like length, each padded to ``tokens`` at most, in random order.

    One in twelve keeps up to ``longest`` tokens, the others 64 to 220, or 48 to 140 when ``short``.
    """
    low, high = (48, 140) if short else (64, 220)
    pool = []
    for packed in examples:
        budget = longest if rng.random() < (0.03 if short else 0.08) else int(rng.integers(low, high))
        cut = thinned(packed, budget, rng)
        if len(cut.char) <= 2 * longest:
            pool.append(cut)
    pool.sort(key=lambda packed: len(packed.char))
    groups: list[list[Packed]] = []
    for packed in pool:
        if not groups or len(packed.char) * (len(groups[-1]) + 1) > tokens:
            groups.append([])
        groups[-1].append(packed)
    for i in rng.permutation(len(groups)):
        yield groups[i]
