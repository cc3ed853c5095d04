"""The data that training reads: articles and span sets, packed as ``articles/`` and ``span/`` folders."""

from __future__ import annotations

import json
import lzma
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from embeddings.errors import ModelError
from embeddings.words import fold
from qa.training.split import part

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qa import evaluation

ARTICLES = (
    "crud_news_2023",
    "cctv_xwlb_news",
    "lctt_tech",
    "cmrc_train_wiki_paragraphs",
    "zhwiki_100",
    "ruanyf_weekly",
    "csl_abstracts",
    "wind_finance_breakfast",
    "laws_cn",
)
"""Articles to learn words and cloze questions from; neither study-only nor non-commercial text."""

TRAINING = (
    "cmrc2018_train",
    "counterterror_news_train",
    "spdb_finance_train",
    "cmrc2017_user_valid",
    "chinesesquad_dev",
    "fincuge_fincqa_eval",
)
"""Span sets to learn from."""

SHARED = ("drcd_dev", "cail2019_dev")
"""Development sets of which the "learn" part (:mod:`qa.training.split`) is learnt from too."""

DEVELOPMENT = ("cmrc2018_dev", "drcd_dev", "counterterror_news_dev", "cail2019_dev")

_SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?\n]+[”’」』）)]*|[^。！？!?\n]+$")


@dataclass(frozen=True)
class Example:
    """A question, a passage, the ranges of the passage that answer it (none: unanswerable), and its title."""

    question: str
    passage: str
    answers: tuple[tuple[int, int], ...]
    title: str = ""


def span_set(data: Path, name: str) -> list[dict[str, Any]]:
    """The rows of one span set, in file order: id, title, context, question, answers."""
    return list(_rows(data / "span" / f"{name}.jsonl.xz"))


def examples(data: Path, name: str) -> list[Example]:
    """One example a question, folded; where starts are not annotated, every occurrence answers.

    Of a set in :data:`SHARED` only the part that may be learnt from.
    """
    found = []
    for row in span_set(data, name):
        if name in SHARED and part(row["title"], row["context"]) != "learn":
            continue
        passage = fold(row["context"])
        answers = {(a["start"], a["start"] + len(a["text"])) for a in row["answers"] if a["text"].strip()}
        if name in _FIRST_MATCH:
            for answer in row["answers"]:
                answers.update(
                    m.span() for m in re.finditer(re.escape(fold(answer["text"])), passage) if m.group()
                )
        title = fold(row["title"] or "")
        found.append(Example(fold(row["question"]), passage, tuple(sorted(answers)), title))
    return found


def squad(path: Path) -> list[Example]:
    """The questions of a SQuAD, CMRC or DRCD file, folded."""
    from qa.evaluation import read_examples

    return [folded(example) for example in read_examples(path)]


def folded(example: evaluation.Example) -> Example:
    """The example as training takes it."""
    answers = tuple((start, start + len(text)) for text, start in example.answers if text)
    return Example(fold(example.question), fold(example.context), answers, fold(example.title))


def articles(data: Path, names: tuple[str, ...] = ARTICLES) -> Iterator[tuple[str, str]]:
    """(title, text), folded, of every article of the named collections that lie under ``data``."""
    for name in names:
        path = data / "articles" / f"{name}.jsonl.xz"
        if path.exists():
            for row in _rows(path):
                yield fold(row["title"] or ""), fold(row["text"])


def sentences(text: str) -> list[str]:
    """``text`` cut after each full stop, question mark, exclamation mark and line; blanks left out."""
    return [s.strip() for s in _SENTENCE.findall(text) if s.strip()]


_FIRST_MATCH = {"spdb_finance_train", "fincuge_fincqa_eval", "cmrc2017_user_valid"}


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    if not path.exists():
        raise ModelError(
            str(path), "this training set is missing", "pass --data the folder that holds articles/ and span/"
        )
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
