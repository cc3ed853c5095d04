"""Examples as arrays: packed once, then cut into batches with distracting sentences left out at random."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qa.span_features import pair

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from qa.span_features import Lexicon
    from qa.training.corpus import Example

    Array = NDArray[np.generic]

OVERLAP = 13
"""The pair feature that ranks a passage's sentences: the share of the question that they hold."""


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
    for example in examples:
        if passage is None or example.passage != last:
            last, passage = example.passage, lexicon.tokens(example.passage)
        question = lexicon.tokens(example.question)
        if not passage.key or not question.key:
            continue
        match = pair(lexicon, question, passage)
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


def thinned(packed: Packed, budget: int, rng: np.random.Generator) -> Packed:
    """The example with sentences left out until at most ``budget`` tokens are left.

    Sentences that hold an answer stay, those that share words with the question mostly; so a
    batch costs less and still holds the distractors that matter.
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
        if wish[unit] >= 9 or used + sizes[unit] <= budget:
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
    examples: list[Packed], tokens: int, rng: np.random.Generator, *, longest: int = 448
) -> Iterator[list[Packed]]:
    """One pass over the examples in random order, in groups of like length, padded to ``tokens`` at most."""
    order = rng.permutation(len(examples))
    for start in range(0, len(order), 1024):
        pool = []
        for i in order[start : start + 1024]:
            budget = longest if rng.random() < 0.15 else int(rng.integers(64, 280))
            cut = thinned(examples[i], budget, rng)
            if len(cut.char) <= 2 * longest:
                pool.append(cut)
        pool.sort(key=lambda packed: len(packed.char))
        groups: list[list[Packed]] = [[]]
        for packed in pool:
            if groups[-1] and len(packed.char) * (len(groups[-1]) + 1) > tokens:
                groups.append([])
            groups[-1].append(packed)
        for g in rng.permutation(len(groups)):
            if groups[g]:
                yield groups[g]
