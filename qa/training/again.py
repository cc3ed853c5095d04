"""Trains the orders after the second reading, and fits the confidence: ``python -m qa.training.again --data DIR``.

The questions are those of the "fit" part that the ranker has not seen, each asked of a library that holds its paragraph,
some also of one that lacks it; and the confidence alone learns from those asked of blogs. The orders learn a softmax over the sentences, as the ranker did: one of what is said of each
alone, one that knows what is said of the first few together. The confidence learns from the first candidates of orders
that were learnt from other articles (four folds).
"""

from __future__ import annotations

import argparse
import json
import os
import random
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
from tqdm import tqdm

from embeddings.encode import embedder as load_embedder
from qa.candidates import ReadablePassage
from qa.confidence import SIGNALS, WITHIN, signals
from qa.config import Config
from qa.encoder_reader import EncoderReader
from qa.evaluate import contexts_of, library_of
from qa.layered import Layered
from qa.phrase import phrase
from qa.question import analyse
from qa.ranker import bundled_ranker
from qa.readable import heading_of
from qa.reader import reader as load_reader
from qa.reread import LAST_BY, ORDERED_BY, last_rows, order_rows, said_again
from qa.together import TOGETHER, said_together
from qa.training.blogs import blogs
from qa.training.blogs import judged as of_blog
from qa.training.calibration import FOLDS, LACKING_COUNTS, Row, fit, metadata_precision, silence
from qa.training.found import NATURAL, SEED, SETS, ask, chosen, parts_of
from qa.training.ranker import Group, train

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from embeddings.encode import Embedder
    from qa.candidates import Candidate
    from qa.evaluation import Example
    from qa.reader import Reader
    from qa.reply import Hit

    Compare = Callable[[Sequence[tuple["Judged", list[float]]]], Sequence[Mapping[int, Mapping[str, float]]]]

PIECE = 500
"""Questions that a process takes at once."""

MOST = 60
"""Candidates of a question that are kept."""

LACKING = 0.28
"""The share of questions asked of a library that lacks their paragraph, too."""

HIDDEN, EPOCHS = 16, 20

BLOGS_COUNT = 3
"""What a question counts that was asked of a blog, by the confidence: few of a kind that people ask much. They teach no order, which gained
nothing by them (see ``RESULTS.md``).
"""


@dataclass(frozen=True)
class Judged:
    """What was found for a question, in the ranker's order, what the second reading says in its evidence; which
    of it is right; whether the library holds an answer, or the article that does not answer it.
    """

    question: str
    found: list[Candidate]
    hits: list[Hit]
    headings: list[str]
    right: list[bool]
    answerable: bool
    near: bool
    fold: int


def judged(
    examples: Sequence[Example],
    everything: Sequence[Example],
    embedder: Embedder,
    reader: Reader | None,
    again: Reader,
    name: str,
) -> Iterator[Judged]:
    """What is found for each question, in two libraries of half the paragraphs each."""
    chance = random.Random(SEED)
    contexts = list(contexts_of(everything, titles=name == NATURAL).values())
    for half in (0, 1):
        held = contexts[half::2]
        numbers = {text: str(number) for number, (_, text) in enumerate(held)}
        with TemporaryDirectory() as folder:
            library = library_of(held, Path(folder) / name, embedder)
            view = library.snapshot()
            for example in tqdm(examples, f"{name} {half}", mininterval=5):
                lacking = example.context not in numbers
                if lacking and (not example.answers or chance.random() >= LACKING):
                    continue
                own = numbers.get(example.context, "")
                asked = ask(example, own, library, view, reader, bundled_ranker(), Config().read)
                if not asked.found:
                    continue
                headings = [heading_of(view.article(hit.passage.article_id), hit) for hit in asked.hits]
                found = asked.found[:MOST]
                if reader:
                    told = said_again(example.question, passages(asked.hits, headings), found, again)
                    found = [_told(candidate, told.get(at)) for at, candidate in enumerate(found)]
                yield Judged(
                    example.question, found, asked.hits, headings, [asked.right(candidate) for candidate in found],
                    bool(own and example.answers), bool(own and not example.answers),
                    crc32(example.context.encode()) % FOLDS,
                )  # fmt: skip


def _told(candidate: Candidate, told: tuple[dict[str, float], Any] | None) -> Candidate:
    if told is None:
        return candidate
    said, marked = told
    return replace(candidate, evidence={**candidate.evidence, **said}, marked=marked)


def passages(hits: Sequence[Hit], headings: Sequence[str]) -> list[ReadablePassage]:
    """The hits as they are read."""
    return [ReadablePassage(hit.text, heading) for hit, heading in zip(hits, headings, strict=True)]


def group(asked: Judged) -> Group:
    """The candidates as the order learns from them."""
    rows = order_rows(asked.found, dict(enumerate(candidate.evidence for candidate in asked.found)))
    return Group(np.asarray(rows, np.float64), np.asarray(asked.right, bool))


def ordered(data: Sequence[Judged], compare: Compare) -> tuple[dict[str, Any], list[Row]]:
    """The weights of both orders, and a row for each question by orders that were learnt from other articles.

    ``compare`` reads the first few of each question together (:func:`~qa.together.said_together`), given how strong
    the first order says that they are.
    """
    groups = [group(asked) for asked in data]
    weights, strengths = _in_folds(groups, data, ORDERED_BY)
    together = compare(list(zip(data, strengths, strict=True)))
    groups = [
        Group(np.asarray(last_rows(own.rows.tolist(), told), np.float64), own.right)
        for own, told in zip(groups, together, strict=True)
    ]
    last, strengths = _in_folds(groups, data, LAST_BY)
    rows = [
        row(replace(asked, found=_compared(asked.found, told)), own)
        for asked, told, own in zip(data, together, strengths, strict=True)
    ]
    return {"weights": weights, "last": last}, rows


def _in_folds(
    groups: Sequence[Group], data: Sequence[Judged], names: Sequence[str]
) -> tuple[dict[str, Any], list[list[float]]]:
    """The weights learnt from all that is answered, and the strengths by those learnt from other articles."""
    learn = [at for at, asked in enumerate(data) if asked.answerable]
    strengths: list[list[float]] = [[] for _ in data]
    for fold in range(FOLDS):
        weights = _learnt([groups[at] for at in learn if data[at].fold != fold], names)
        network = Layered(weights, len(names), "order", "")
        for at, asked in enumerate(data):
            if asked.fold == fold:
                strengths[at] = network.logits(groups[at].rows.tolist()).tolist()
    return _learnt([groups[at] for at in learn], names), strengths


def _learnt(groups: Sequence[Group], names: Sequence[str]) -> dict[str, Any]:
    return train(groups, EPOCHS, HIDDEN, names)[0]


def _compared(found: Sequence[Candidate], told: Mapping[int, Mapping[str, float]]) -> list[Candidate]:
    none = dict.fromkeys(TOGETHER, 0.0)
    return [
        replace(candidate, evidence={**candidate.evidence, **none, **told.get(at, {})})
        for at, candidate in enumerate(found)
    ]


def read_together(asked: tuple[Judged, list[float]]) -> dict[int, dict[str, float]]:
    """What the bundled encoder says of the first few, by place (:func:`~qa.together.said_together`)."""
    judged, strengths = asked
    read = passages(judged.hits, judged.headings)
    return said_together(judged.question, read, judged.found, strengths, EncoderReader())


def row(asked: Judged, strengths: Sequence[float]) -> Row:
    """What tells of the first candidate when they are as strong as ``strengths`` say."""
    order = sorted(range(len(strengths)), key=lambda at: (-strengths[at], at))
    found = [replace(asked.found[at], strength=strengths[at]) for at in order]
    first = found[0]
    if first.marked:
        text = asked.hits[first.passage].text
        *_, sure = phrase(analyse(asked.question), text, first.sentence, first.marked)
        found[0] = replace(first, sure=sure)
    within = signals(found, 0, asked.hits, WITHIN)
    return Row(within, asked.right[order[0]], asked.answerable, asked.near, asked.fold)


def calibration(read: Sequence[Row], unread: Sequence[Row]) -> dict[str, Any]:
    """What judges, as it lies in ``calibration.json``."""
    return {
        "signals": list(SIGNALS),
        "within": list(WITHIN),
        "read": {"right": asdict(fit(read, LACKING_COUNTS)), "silence": silence(read)},
        "unread": {"right": asdict(fit(unread, LACKING_COUNTS)), "silence": silence(unread)},
    }


def _judged_of(data: Path, name: str, most: int, start: int) -> tuple[list[Judged], list[Row]]:
    _, examples, everything = chosen(data, name, most)
    part, model, again = examples[start : start + PIECE], load_embedder(), EncoderReader()
    read = list(judged(part, everything, model, load_reader(), again, name))
    unread = judged(part, everything, model, None, again, name)
    return read, [row(asked, [candidate.strength for candidate in asked.found]) for asked in unread]


def main() -> None:
    """Writes ``again.json`` and ``calibration.json`` into ``--out``."""
    parser = argparse.ArgumentParser(prog="python -m qa.training.again", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds articles/ and span/")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "models")
    parser.add_argument(
        "--blogs", type=Path, required=True, help="the folder that holds blogs/ and blogs.jsonl"
    )
    given = parser.parse_args()
    pieces = [
        (given.data, name, most, at)
        for name, most in SETS.items()
        for at in range(0, len(chosen(given.data, name, most)[1]), PIECE)
    ]
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        held = blogs(given.blogs)
        told = [row for rows in pool.map(of_blog, range(len(held)), held) for row in rows]
        found = [task.result() for task in [pool.submit(_judged_of, *piece) for piece in pieces]]
        data = [asked for read, _ in found for asked in read]
        weights, read = ordered(data, lambda asked: list(pool.map(read_together, asked, chunksize=50)))
    fitted = calibration([*read, *BLOGS_COUNT * told], [row for _, rows in found for row in rows])
    write(given.out, weights, fitted, data, metadata_precision(given.data), len(told))


def write(
    out: Path,
    weights: dict[str, Any],
    fitted: dict[str, Any],
    data: Sequence[Judged],
    metadata: float,
    asked_of_blogs: int = 0,
) -> None:
    """Leaves both files in ``out``."""
    origin = {
        "made_by": "python -m qa.training.again",
        "parts": {name: parts_of(name) for name in SETS},
        "questions": len(data),
        "of_them_with_an_answer_there": sum(asked.answerable for asked in data),
        "of_them_without_an_answer_in_their_article": sum(asked.near for asked in data),
        "asked_of_blogs_besides": asked_of_blogs,
    }
    order = {"ordered_by": list(ORDERED_BY), "last_by": list(LAST_BY), **weights, "origin": origin}
    out.mkdir(parents=True, exist_ok=True)
    for name, held in (
        ("again.json", order),
        ("calibration.json", fitted | {"metadata": metadata, "origin": origin}),
    ):
        (out / name).write_text(json.dumps(held, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
