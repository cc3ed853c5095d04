"""The blogs that were written to be asked (``tests/golden/blogs``, part "dev"), as what is learnt from."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from embeddings.encode import embedder as load_embedder
from embeddings.library import Library
from embeddings.load import load
from embeddings.update import add
from qa.confidence import WITHIN, signals
from qa.engine import Engine
from qa.training.calibration import FOLDS, Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from embeddings.article import Article
    from embeddings.library import Snapshot
    from qa.candidates import Candidate
    from qa.joint import Read
    from qa.reply import Hit

Gold = tuple[tuple[str, int, int], ...]
"""Pieces that answer together: article, start, end."""


@dataclass(frozen=True)
class Posed:
    """A question, and the alternatives that answer it; none where nothing does."""

    text: str
    kind: str
    gold: tuple[Gold, ...]


@dataclass(frozen=True)
class Blog:
    """The articles of a blog, and what is asked of them."""

    name: str
    articles: tuple[Article, ...]
    questions: tuple[Posed, ...]


def blogs(folder: Path, part: str = "dev") -> list[Blog]:
    """The blogs of one part; ``folder`` holds ``blogs.jsonl`` and ``blogs/``. Follow-ups are written out; what is asked of front
    matter is left out.
    """
    rows = [json.loads(line) for line in (folder / "blogs.jsonl").read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row["part"] == part]
    return [
        Blog(name, _articles(folder, name), _posed([row for row in rows if row["blog"] == name]))
        for name in dict.fromkeys(row["blog"] for row in rows)
    ]


def _articles(folder: Path, name: str) -> tuple[Article, ...]:
    paths = sorted((folder / "blogs" / name).glob("*.md"))
    named = ((f"blogs/{name}/{path.name}", path) for path in paths)
    return tuple(replace(load(path), id=own, source=own) for own, path in named)


def _posed(rows: Sequence[dict[str, Any]]) -> tuple[Posed, ...]:
    found = []
    for row in rows:
        alternatives = row["answers"]
        if any("start" not in piece for pieces in alternatives for piece in pieces):
            continue
        gold = tuple(
            tuple((piece["article"], piece["start"], piece["end"]) for piece in pieces)
            for pieces in alternatives
        )
        found.append(Posed(row.get("standalone") or row["question"], row["kind"], gold))
    return tuple(found)


def judged(number: int, blog: Blog) -> list[Row]:
    """What tells of the first sentence found for each question of a blog, which is the ``number``-th."""
    found = []
    for posed, read, _ in asked(blog):
        within = signals(read.found, 0, read.hits, WITHIN)
        right = any(_holds(read.found[0], read.hits, piece) for gold in posed.gold for piece in gold)
        found.append(Row(within, right, bool(posed.gold), not posed.gold, number % FOLDS))
    return found


def asked(blog: Blog) -> Iterator[tuple[Posed, Read, Snapshot]]:
    """Each question of a blog for which anything is found, what is found, and the library that it is found in."""
    model = load_embedder()
    with TemporaryDirectory() as folder:
        add(Path(folder) / "library", blog.articles, model)
        engine = Engine(Library.open(Path(folder) / "library", model))
        view = engine.library.snapshot()
        for posed in blog.questions:
            read = engine.read(posed.text, view)
            if read.found:
                yield posed, read, view


def _holds(candidate: Candidate, hits: Sequence[Hit], piece: tuple[str, int, int]) -> bool:
    article, start, _ = piece
    passage = hits[candidate.passage].passage
    sentence = candidate.sentence.shifted(passage.span.start)
    return passage.article_id == article and sentence.start <= start < sentence.end
