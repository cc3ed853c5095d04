"""How well a reader reads gold paragraphs: ``python -m qa.training.measure --data DIR``."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from embeddings.chunk import sentences
from qa.evaluation import exact_match, f1
from qa.span_reader import SpanReader
from qa.training.corpus import DEVELOPMENT, span_set
from qa.training.split import part

if TYPE_CHECKING:
    from collections.abc import Sequence


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


def measure(reader: SpanReader, data: Path, name: str, most: int | None = None) -> Figures:
    """The figures on the "report" part of a span set, or on ``most`` answerable questions evenly out of it."""
    rows = [row for row in span_set(data, name) if row["answers"]]
    rows = [row for row in rows if part(row["title"], row["context"]) == "report"]
    rows = rows[:: max(1, len(rows) // most)] if most else rows
    total = [0.0] * 4
    for row in rows:
        text = row["context"]
        reading = reader.read(row["question"], [text])[0]
        if not reading.spans:
            continue
        best = reading.spans[0][0]
        golds = [answer["text"] for answer in row["answers"]]
        units = sentences(text)
        mass = reading.sentence_mass(units)
        right = {i for i, s in enumerate(units) for a in row["answers"] if s.start <= a["start"] < s.end}
        total[0] += f1(best.of(text), golds)
        total[1] += exact_match(best.of(text), golds)
        total[2] += any(units[i].start <= best.start < units[i].end for i in right)
        total[3] += max(range(len(units)), key=mass.__getitem__) in right
    n = max(1, len(rows))
    return Figures(len(rows), *(value / n for value in total))


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes a line a development set."""
    parser = argparse.ArgumentParser(prog="python -m qa.training.measure", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds span/")
    parser.add_argument("--reader", type=Path, help="a reader's folder; the bundled one if not given")
    parser.add_argument("--most", type=int, help="questions a set at most")
    parser.add_argument("sets", nargs="*", default=list(DEVELOPMENT))
    options = parser.parse_args(arguments)
    reader = SpanReader(options.reader)
    for name in options.sets:
        found = measure(reader, options.data, name, options.most)
        sys.stdout.write(
            f"{name}: n {found.n}  F1 {found.f1:.3f}  EM {found.em:.3f}  sentence {found.span_sentence:.3f}"
            f"  sentence by mass {found.mass_sentence:.3f}\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
