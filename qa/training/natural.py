"""Questions in people's own words, written for this project: ``python -m qa.training.natural --data DIR --out FILE``.

``asked/zh.jsonl`` has a line for each stretch of an article of ``DIR/articles``, named by set, id and
range, with what was asked of it; ``asked/en.jsonl`` has a line for each English article, with its words,
which were written for this project too. An answer is a range of characters of the article; without one,
the stretch does not say. A line may name its part itself. The command writes the questions as ``python -m qa evaluate`` reads them.
"""

from __future__ import annotations

import argparse
import json
import lzma
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embeddings.errors import ModelError
from qa.evaluation import Example
from qa.training.split import PARTS, natural_part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HERE = Path(__file__).parent / "asked"
PASSAGE, ARTICLE = "passage", "article"


def natural(data: Path, parts: Sequence[str] = PARTS, of: str = PASSAGE) -> list[Example]:
    """The questions of ``parts`` (by article: :func:`qa.training.split.natural_part`, where the line names none),
    in file order, each with the stretch it was asked of, or with ``of`` :data:`ARTICLE` its whole article.
    """
    lines = [json.loads(line) for name in ("zh", "en") for line in lines_of(HERE / f"{name}.jsonl")]
    lines = [line for line in lines if _part(line) in parts]
    articles = articles_of(data, {(line["set"], line["id"]) for line in lines if "text" not in line})
    found = []
    for line in lines:
        own = line if "text" in line else articles[line["set"], line["id"]]
        first, last = line.get("start", 0), line.get("end", len(own["text"]))
        first, last = (first, last) if of == PASSAGE else (0, len(own["text"]))
        for number, (_, question, *range_) in enumerate(line["questions"]):
            answers = ((own["text"][slice(*range_)], range_[0] - first),) if range_ else ()
            name = f"{line['set']}/{line['id']}/{line.get('start', 0)}/{number}"
            found.append(Example(name, own["title"] or "", own["text"][first:last], question, answers))
    return found


def _part(line: dict[str, Any]) -> str:
    return str(line.get("part") or natural_part(f"{line['set']}/{line['id']}"))


def lines_of(path: Path) -> Iterator[str]:
    """The lines of a file in :data:`HERE`; ModelError where it is missing."""
    if not path.exists():
        raise ModelError(str(path), "the questions lie in the repository only", "train from a checkout of it")
    with path.open(encoding="utf-8") as file:
        yield from file


def articles_of(data: Path, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Any]]:
    """The articles named by set and id, as the shared data have them; ModelError where a set is missing."""
    found = {}
    for name in sorted({name for name, _ in wanted}):
        path = data / "articles" / f"{name}.jsonl.xz"
        if not path.exists():
            raise ModelError(
                str(path), "these articles are missing", "pass --data the folder that holds articles/"
            )
        with lzma.open(path, "rt", encoding="utf-8") as file:
            for row in map(json.loads, file):
                if (name, row["id"]) in wanted:
                    found[name, row["id"]] = row
    return found


def main() -> None:
    """Writes the questions of ``--part`` as JSON Lines."""
    parser = argparse.ArgumentParser(prog="python -m qa.training.natural", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds articles/")
    parser.add_argument("--part", choices=PARTS, action="append", help="default: all")
    parser.add_argument("--out", type=Path, required=True, help="a .jsonl file")
    given = parser.parse_args()
    with given.out.open("w", encoding="utf-8") as file:
        for e in natural(given.data, given.part or PARTS):
            answers = [{"text": text, "start": start} for text, start in e.answers]
            row = {"id": e.id, "title": e.title, "context": e.context, "question": e.question}
            file.write(json.dumps({**row, "answers": answers}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
