"""Trains what orders the answers to follow-ups (:mod:`qa.joint`): ``python -m qa.training.follow --data DIR``.

Conversations of the "fit" part (:mod:`qa.training.talks`), which no reader has seen, over a library of all their articles. What was
answered before is what the engine answers to the turn before, written out; where that is of another article, what
the conversation says. The order learns a softmax over the sentences of the article, the confidence from orders that
were learnt from other articles (four folds).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
from tqdm import tqdm

from embeddings.article import Article
from embeddings.chunk import sentences
from embeddings.encode import embedder as load_embedder
from embeddings.library import Library
from embeddings.update import add
from qa.confidence import SIGNALS, signals
from qa.config import Config
from qa.conversation import exchange, standalone
from qa.engine import READINGS, Engine
from qa.joint import NEAR, ORDERED_BY, Joint, as_said, by_sentence, merged, rows, told_again
from qa.layered import Layered
from qa.reread import bundled_again
from qa.topic import Exchange
from qa.training.calibration import FOLDS, Row, fit
from qa.training.found import SEED
from qa.training.ranker import Group, train
from qa.training.talks import talks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from embeddings.library import Snapshot
    from qa.training.talks import Talk, Turn

HIDDEN, EPOCHS = 16, 15

SHARES = (0.37, 0.32, 0.07, 0.08, 0.04, 0.12)
"""How often the answer stands in each of :data:`qa.nearby.GAINS`, of 298 follow-ups of the golden questions, "dev" part. Those
who wrote most of the conversations were told not to stay near; so each counts more where its place is rarer here, by the square root
of how much rarer (in folds, right first for .653 of all and .731 of people's, .637 and .734 without the root, .652 and
.710 when all count the same).
"""

TOLD = 0.75
"""How sure (0..1) an answer counts that the conversation has and the engine did not find."""

PIECE = 100
"""Conversations that a process takes at once."""


@dataclass(frozen=True)
class Judged:
    """What was found for a follow-up: its sentences as :func:`qa.joint.rows` has them, and which are right; their
    :data:`SIGNALS`, of which an order changes strength and margin; their texts; whether the article answers; its fold.
    """

    group: Group
    signals: NDArray[np.float32]
    texts: tuple[int, ...]
    answerable: bool
    fold: int


def judged(held: Sequence[Talk], engine: Engine) -> Iterator[Judged]:
    """What is found for each follow-up whose turn before was answered."""
    view = engine.library.snapshot()
    for talk in tqdm(held, mininterval=5):
        history: list[Exchange] = []
        for before, turn in pairwise(talk.turns):
            said = exchange(engine.ask(before.written))
            history.append(said if said.article == talk.article and said.place else told(talk, before))
            if history[-1].place:
                yield _judged(talk, turn, history[-3:], engine, view)


def told(talk: Talk, turn: Turn) -> Exchange:
    """The turn with the answer that the conversation has for it."""
    if not turn.answer:
        return Exchange(turn.written, title=talk.title, text=talk.text, article=talk.article)
    answer = turn.answer
    place = next(span for span in sentences(talk.text) if span.start <= answer.start < span.end)
    return Exchange(
        turn.written, answer.of(talk.text), place.of(talk.text), talk.title, talk.text, talk.article,
        TOLD, place=place, words=answer,
    )  # fmt: skip


def _judged(talk: Talk, turn: Turn, history: Sequence[Exchange], engine: Engine, view: Snapshot) -> Judged:
    texts, said = as_said(turn.question, standalone(turn.question, history)[:READINGS])
    reads, _ = engine.read_within(texts, view, history[-1])
    held = by_sentence(reads)
    hits, found = merged(reads, held)
    spoken = told_again(reads[said].asked.text, history[-1], hits, found, bundled_again().reader)
    own = [hits[one.passage].passage.span.start for one in found]
    places = [one.sentence.shifted(start) for one, start in zip(found, own, strict=True)]
    answer = turn.answer
    right = [answer is not None and place.start <= answer.start < place.end for place in places]
    return Judged(
        Group(
            np.asarray(rows(reads, said, history[-1], held, spoken), np.float32),
            np.asarray(right, bool),
        ),
        np.asarray([signals(found, at, hits) for at in range(len(found))], np.float32),
        tuple(hash(place.of(talk.text)) for place in places),
        answer is not None,
        crc32(talk.article.encode()) % FOLDS,
    )


def counts_of(data: Sequence[Judged]) -> list[float]:
    """What each follow-up counts, so that answers stand near the one before nearly as often as :data:`SHARES` say."""
    first = ORDERED_BY.index(NEAR[0])
    near = [
        int(asked.group.rows[asked.group.right.argmax(), first : first + len(NEAR)].argmax())
        if asked.group.right.any()
        else -1
        for asked in data
    ]
    counts = np.bincount([place for place in near if place >= 0], minlength=len(NEAR)) + 1
    total = float(counts.sum())
    return [math.sqrt(SHARES[at] * total / float(counts[at])) if at >= 0 else 1.0 for at in near]


def ordered(data: Sequence[Judged]) -> tuple[dict[str, Any], list[Row]]:
    """The weights of the order, and a row for each follow-up by an order that was learnt from other articles."""
    counts = counts_of(data)
    found = []
    for fold in range(FOLDS):
        learn = [at for at, asked in enumerate(data) if asked.fold != fold]
        network = Layered(_learnt(data, counts, learn), len(ORDERED_BY), "order", "")
        found += [
            row(asked, network.logits(asked.group.rows.tolist()).tolist())
            for asked in data
            if asked.fold == fold and len(asked.texts)
        ]
    return _learnt(data, counts, range(len(data))), found


def _learnt(data: Sequence[Judged], counts: Sequence[float], which: Sequence[int]) -> dict[str, Any]:
    groups, own = [data[at].group for at in which], [counts[at] for at in which]
    weights, _ = train(groups, EPOCHS, HIDDEN, ORDERED_BY, own)
    return weights


def row(asked: Judged, strengths: Sequence[float]) -> Row:
    """What tells of the first sentence when they are as strong as ``strengths`` say."""
    best = max(range(len(strengths)), key=lambda at: (strengths[at], -at))
    others = [strength for at, strength in enumerate(strengths) if asked.texts[at] != asked.texts[best]]
    told = dict(zip(SIGNALS, asked.signals[best].tolist(), strict=True))
    told |= {"strength": strengths[best], "margin": strengths[best] - max(others, default=strengths[best])}
    return Row(
        [told[name] for name in SIGNALS], bool(asked.group.right[best]), asked.answerable, fold=asked.fold
    )


class Unlearnt(Joint):
    """Orders nothing, where only what the readings say is wanted."""

    def __init__(self) -> None:
        pass

    def joined(self, *_: Any, **__: Any) -> None:
        """None, always."""


def _judged_of(data: Path, most: int, start: int) -> list[Judged]:
    held = chosen(data, most)
    model = load_embedder()
    articles = {talk.article: Article(talk.article, talk.title, talk.text, talk.article) for talk in held}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "talks"
        add(path, list(articles.values()), model)
        engine = Engine(Library.open(path, model), config=Config(threshold=0.0), joint=Unlearnt())
        return list(judged(held[start : start + PIECE], engine))


def chosen(data: Path, most: int) -> list[Talk]:
    """At most so many conversations, drawn at random."""
    held = talks(data, ["fit"])
    random.Random(SEED).shuffle(held)
    return held[:most]


def main() -> None:
    """Writes ``joint.json`` into ``--out``."""
    parser = argparse.ArgumentParser(prog="python -m qa.training.follow", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds articles/")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "models")
    parser.add_argument("--most", type=int, default=1_000_000, help="conversations (default: all)")
    given = parser.parse_args()
    count = len(chosen(given.data, given.most))
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        tasks = [pool.submit(_judged_of, given.data, given.most, at) for at in range(0, count, PIECE)]
        data = [asked for task in tasks for asked in task.result()]
    write(given.out, data, count)


def write(out: Path, data: Sequence[Judged], count: int) -> None:
    """Leaves what was learnt of ``count`` conversations in ``out``."""
    weights, found = ordered(data)
    origin = {
        "made_by": "python -m qa.training.follow",
        "conversations": count,
        "follow_ups": len(data),
        "of_them_with_an_answer_there": sum(asked.answerable for asked in data),
        "right_first_in_folds": sum(one.right for one in found),
    }
    held = {
        "ordered_by": list(ORDERED_BY),
        "weights": weights,
        "signals": list(SIGNALS),
        "right": asdict(fit(found)),
    }
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(held | {"origin": origin}, indent=1, ensure_ascii=False)
    (out / "joint.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
