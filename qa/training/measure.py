"""How well a reader reads gold paragraphs: ``python -m qa.training.measure --data DIR``."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from embeddings.chunk import sentences
from qa.encoder_reader import MODEL, EncoderReader
from qa.evaluation import exact_match, f1, read_examples
from qa.span_reader import SpanReader
from qa.training.corpus import DEVELOPMENT
from qa.training.natural import natural
from qa.training.split import part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.evaluation import Example
    from qa.reader import Reader

NATURAL = ("natural", "natural_en")


@dataclass(frozen=True)
class Figures:
    """Shares 0..1 over ``n`` answerable questions: CMRC's F1 and EM of the first span, whether it begins
    in a sentence where an answer does, and whether the sentence with the most mass is one.
    """

    n: int
    f1: float
    em: float
    span_sentence: float
    mass_sentence: float


def questions(data: Path, name: str) -> list[Example]:
    """The answerable questions of the "report" part of a development set: a span set, or "natural" or
    "natural_en", the questions of :mod:`qa.training.natural` in Chinese and English.
    """
    if name.startswith("natural"):
        found = natural(data, ["report"])
        found = [e for e in found if e.id.startswith("en/") == (name == "natural_en")]
    else:
        found = read_examples(data / "span" / f"{name}.jsonl.xz")
        found = [e for e in found if part(e.title, e.context) == "report"]
    return [e for e in found if e.answers]


def measure(reader: Reader, examples: Sequence[Example]) -> Figures:
    """The figures on ``examples``, which all have answers."""
    total = [0.0] * 4
    for example in examples:
        text = example.context
        reading = reader.read(example.question, [text], [example.title])[0]
        if not reading.spans:
            continue
        best = reading.spans[0][0]
        golds = [words for words, _ in example.answers]
        units = sentences(text)
        mass = reading.sentence_mass(units)
        right = {i for i, s in enumerate(units) for _, at in example.answers if s.start <= at < s.end}
        total[0] += f1(best.of(text), golds)
        total[1] += exact_match(best.of(text), golds)
        total[2] += any(units[i].start <= best.start < units[i].end for i in right)
        total[3] += max(range(len(units)), key=mass.__getitem__) in right
    n = max(1, len(examples))
    return Figures(len(examples), *(value / n for value in total))


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes a line a development set."""
    parser = argparse.ArgumentParser(prog="python -m qa.training.measure", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds articles/ and span/")
    parser.add_argument("--reader", type=Path, help="a reader's folder; the bundled one if not given")
    parser.add_argument("--most", type=int, help="questions a set at most")
    parser.add_argument("sets", nargs="*", default=[*DEVELOPMENT, *NATURAL])
    options = parser.parse_args(arguments)
    folder = options.reader
    reader = EncoderReader(folder) if folder and (folder / MODEL).exists() else SpanReader(folder)
    for name in options.sets:
        asked = questions(options.data, name)
        if options.most:
            asked = asked[:: max(1, len(asked) // options.most)]
        found = measure(reader, asked)
        sys.stdout.write(
            f"{name}: n {found.n}  F1 {found.f1:.3f}  EM {found.em:.3f}  sentence {found.span_sentence:.3f}"
            f"  sentence by mass {found.mass_sentence:.3f}\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
