"""Open data to pairs of texts that belong together.

Reads three kinds of ``.jsonl.xz`` files: ``span/`` (question and the paragraph that answers it),
``pairs/`` (two texts and a label) and ``articles/`` (title and text, from which pairs are made).
"""

from __future__ import annotations

import json
import lzma
import re
import zlib
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SPANS = (
    "cmrc2018_train",
    "counterterror_news_train",
    "spdb_finance_train",
    "cmrc2017_user_valid",
    "chinesesquad_dev",
)
PAIRS = (
    "title_body_cctv",
    "title_body_news_crud",
    "counterterror_title_body_train",
    "spdb_finance_qp_train",
    "fintruthqa",
    "fineva_question_context",
    "fineva_qa_choices",
    "fincuge_finna_eval",
    "ncp_policy_qa_train",
    "ccf2020_realestate_qa_match",
    "atec_train",
    "afqmc_train",
    "simclue_train_pair_1w",
    "simclue_train_rank_1w",
    "dureader_search_demo_train",
    "stsb_zh_train",
)
ARTICLES = (
    "crud_news_2023",
    "laws_cn",
    "lctt_tech",
    "cctv_xwlb_news",
    "ruanyf_weekly",
    "csl_abstracts",
    "tidb_docs_cn",
    "zhwiki_100",
    "wind_finance_breakfast",
    "hellogithub",
    "howtocook",
    "blockchain_guide",
)
HELD_OUT = ("spdb_finance_train", "spdb_finance_qp_train", "fintruthqa")
"""Sets of which a tenth of the passages is kept for development; see :func:`held_out`."""


class Pair(NamedTuple):
    """A short text and a text that belongs to it; pairs of one source share batches."""

    source: str
    short: str
    long: str


def records(data: Path, folder: str, name: str) -> Iterator[dict[str, Any]]:
    """The lines of ``folder/name.jsonl.xz``; nothing where the file is absent."""
    path = data / folder / f"{name}.jsonl.xz"
    if path.exists():
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def held_out(passage: str) -> bool:
    """Whether ``passage`` belongs to the tenth that is never trained on."""
    return zlib.crc32("".join(passage.split())[:40].encode()) % 10 == 0


def pairs(data: Path, seed: int = 0, share: float = 1.0) -> Iterator[Pair]:
    """All training pairs under ``data``; ``share`` of the passages of articles make pairs."""
    for name in SPANS:
        for record in records(data, "span", name):
            if record["answers"] and not (name in HELD_OUT and held_out(record["context"])):
                yield Pair(name, record["question"], record["context"])
    for name in PAIRS:
        for record in records(data, "pairs", name):
            label = record["label"]
            if (label is None or label >= 0.8) and not (name in HELD_OUT and held_out(record["b"])):
                yield Pair(name, record["a"], record["b"])
    for name in ARTICLES:
        random = Random(f"{seed} {name}")
        for record in records(data, "articles", name):
            yield from _article_pairs(name, record["title"], record["text"], random, share)


def texts(data: Path) -> Iterator[str]:
    """The texts that the vocabulary is counted on: articles, and both sides of every pair."""
    for name in ARTICLES:
        for record in records(data, "articles", name):
            yield record["text"]
    for pair in pairs(data, share=0):
        yield pair.short
        yield pair.long


def passages(text: str, size: int = 400) -> list[str]:
    """``text`` in pieces of about ``size`` characters, whole sentences each."""
    found, held = [], ""
    for sentence in _SENTENCE.findall(text):
        if held and len(held) + len(sentence) > size:
            found.append(held)
            held = ""
        held += sentence
    return [*found, held] if held.strip() else found


def _article_pairs(name: str, title: str, text: str, random: Random, share: float) -> Iterator[Pair]:
    heading = ""
    for at, passage in enumerate(passages(text)):
        first = passage.strip().split("\n", 1)[0]
        own = 2 <= len(first) <= 30 and not _PUNCTUATION.search(first) and len(passage) > 2 * len(first) + 40
        heading = first if own else heading
        if random.random() >= share or len(passage) < 30:
            continue
        if title and at < 2:
            yield Pair(f"{name} title", title, passage)
        elif own:
            yield Pair(f"{name} heading", f"{title} {heading}", passage.replace(heading, "", 1))
        clauses = [clause for clause in _CLAUSE.findall(passage) if 6 <= len(clause.strip()) <= 30]
        if clauses:
            # A question repeats some of its passage's words and says others anew: the clause stays
            # in half of the passages (Lee et al. 2019, inverse cloze, keeps it in a tenth).
            clause = random.choice(clauses)
            rest = passage if random.random() < 0.5 else passage.replace(clause, "", 1)
            yield Pair(f"{name} clause", clause.strip(), rest)


_SENTENCE = re.compile(r"[^。！？!?\n]*(?:[。！？!?\n]+[”’」』）)]*|$)")
_CLAUSE = re.compile(r"[^，。；：、！？,;!?\n]+")
_PUNCTUATION = re.compile(r"[，。；！？,;!?]")
