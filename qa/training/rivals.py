"""Questions with the stretches that compete for them: what the encoder learns to compare from."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from qa.evaluate import contexts_of, library_of
from qa.evaluation import read_examples
from qa.ranker import bundled_ranker
from qa.readable import heading_of
from qa.reread import stretches
from qa.training.corpus import SHARED
from qa.training.found import NATURAL, ask
from qa.training.natural import ARTICLE, natural
from qa.training.split import part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from embeddings.article import Span
    from embeddings.encode import Embedder
    from qa.evaluation import Example
    from qa.training.found import Asked

SETS = {NATURAL: 50_000, "drcd_dev": 2_000, "counterterror_news_train": 1_800, "cmrc2018_train": 4_000}
"""Sets of questions, and how many of what may be learnt from are taken at most."""

NEAR = 6_000
"""Questions of a set that their own article does not answer, at most: "nothing here" is right of all their stretches."""

READ, STRETCHES = 8, 7
"""Passages that a question finds, and stretches of them that are kept."""

SEED = 4


@dataclass(frozen=True)
class Rival:
    """A stretch of a passage, what stands above it, and where in it the question is answered: nowhere, where it
    is a wrong one.
    """

    heading: str
    text: str
    answers: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Group:
    """A question and its rivals, the strongest first; none answers where its article does not."""

    question: str
    rivals: tuple[Rival, ...]


def groups(data: Path, name: str, most: int, embedder: Embedder) -> Iterator[Group]:
    """The stretches that the ranker, which reads none of them, puts first for questions of the set ``name``, over a
    library of all that may be learnt from: ``most`` that are answered, then :data:`NEAR` that are not.

    Left out are wrong ones that hold the words of an answer, and questions whose answer is in none.
    """
    everything = _learnt(data, name)
    contexts = list(contexts_of(everything, titles=name == NATURAL).values())
    numbers = {text: str(number) for number, (_, text) in enumerate(contexts)}
    asked = [
        *_drawn([example for example in everything if example.answers], most),
        *_drawn([example for example in everything if not example.answers], NEAR),
    ]
    with TemporaryDirectory() as folder:
        library = library_of(contexts, Path(folder) / name, embedder)
        view = library.snapshot()
        for example in asked:
            own = numbers[example.context]
            found = ask(example, own, library, view, None, bundled_ranker(), READ)
            headings = [heading_of(view.article(hit.passage.article_id), hit) for hit in found.hits]
            rivals = tuple(_rivals(found, headings))
            if rivals and (not example.answers or any(rival.answers for rival in rivals)):
                yield Group(example.question, rivals)


def _drawn(examples: list[Example], most: int) -> list[Example]:
    random.Random(SEED).shuffle(examples)
    return examples[:most]


def _learnt(data: Path, name: str) -> list[Example]:
    if name == NATURAL:
        return natural(data, ["learn"], ARTICLE)
    found = read_examples(data / "span" / f"{name}.jsonl.xz")
    return [e for e in found if name not in SHARED or part(e.title, e.context) == "learn"]


def _rivals(asked: Asked, headings: Sequence[str]) -> Iterator[Rival]:
    answers = [(start, start + len(text)) for text, start in asked.example.answers]
    for stretch in stretches(asked.found, [hit.text for hit in asked.hits], most=STRETCHES):
        hit = asked.hits[stretch.passage]
        text, here = stretch.span.of(hit.text), stretch.span.shifted(hit.passage.span.start)
        own = hit.passage.article_id == asked.own
        held = inside(answers, here) if own else ()
        if held:
            yield Rival(headings[stretch.passage], text, held)
        elif not any(said in text for said, _ in asked.example.answers):
            yield Rival(headings[stretch.passage], text)


def inside(answers: Sequence[tuple[int, int]], here: Span) -> tuple[tuple[int, int], ...]:
    """The answers that lie within ``here``, counted from its beginning."""
    return tuple((a - here.start, b - here.start) for a, b in answers if here.start <= a and b <= here.end)


def store(path: Path, found: Iterator[Group]) -> None:
    """Leaves the groups in ``path``, a line each; the file appears whole or not at all."""
    half = path.with_name(path.name + ".part")
    with half.open("w", encoding="utf-8") as file:
        for group in found:
            rivals = [[rival.heading, rival.text, rival.answers] for rival in group.rivals]
            file.write(json.dumps([group.question, rivals], ensure_ascii=False) + "\n")
    half.replace(path)


def stored(path: Path) -> list[Group]:
    """What :func:`store` left."""
    with path.open(encoding="utf-8") as file:
        return [
            Group(question, tuple(Rival(h, t, tuple(map(tuple, answers))) for h, t, answers in rivals))
            for question, rivals in map(json.loads, file)
        ]
