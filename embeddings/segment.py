"""Chinese text to words: jieba, or its port to Rust, which has the same dictionary and is much faster."""

from __future__ import annotations

import contextlib
import logging
import os
import re
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, cast

from embeddings.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import ModuleType

    import jieba

    Words = Callable[[str], Iterable[str]]
    Placed = Callable[[str], Iterable[tuple[int, int, str]]]

JIEBA, RJIEBA = "jieba", "rjieba"

SEGMENTERS = (JIEBA, RJIEBA)
"""rjieba is an extra (``fast``). It cuts 98.9 % of the words as jieba does, so a library names its own."""


@lru_cache
def words_by(segmenter: str) -> Words:
    """What gives the words of a folded text in which all but Chinese characters are spaces.

    Long words come with the shorter words inside them, and spaces may come too. ModelError when the
    segmenter is unknown or not installed.
    """
    if segmenter == JIEBA:
        tokenizer = _jieba()
        return lambda chinese: chain.from_iterable(map(tokenizer.cut_for_search, chinese.split()))
    return cast("Words", _rjieba(segmenter).cut_for_search)


@lru_cache
def placed_by(segmenter: str) -> Placed:
    """As :func:`words_by`, without spaces, each word as (start, end, word)."""
    if segmenter == JIEBA:
        return _placed_by_jieba
    tokenize = _rjieba(segmenter).tokenize
    return lambda chinese: [(s, e, word) for word, s, e in tokenize(chinese, "search") if word != " "]


def _placed_by_jieba(chinese: str) -> Iterator[tuple[int, int, str]]:
    tokenizer = _jieba()
    for run in _HAN_RUN.finditer(chinese):
        at = run.start()
        for word, start, end in tokenizer.tokenize(run.group(), mode="search"):
            yield at + start, at + end, word


def _rjieba(segmenter: str) -> ModuleType:
    if segmenter != RJIEBA:
        raise ModelError(segmenter, "there is no such segmenter", f"name one of {', '.join(SEGMENTERS)}")
    try:
        import rjieba
    except ImportError as error:
        raise ModelError(RJIEBA, "the segmenter is not installed", "run: pip install rjieba") from error
    return rjieba


def segments(folded: str) -> list[tuple[int, int]]:
    """The ranges of the Chinese words of a folded text, in order, none overlapping, as jieba's dictionary
    cuts it.
    """
    return [
        (run.start() + start, run.start() + end)
        for run in _HAN_RUN.finditer(folded)
        for _, start, end in _jieba().tokenize(run.group(), HMM=False)
    ]


def is_word(folded: str, least: int = 1) -> bool:
    """Whether a folded text is a word of two characters or more that jieba's dictionary counts ``least``
    times.
    """
    return len(folded) > 1 and (_jieba().FREQ.get(folded) or 0) >= least


@lru_cache(maxsize=1)
def _jieba() -> jieba.Tokenizer:
    import jieba

    # jieba's progress lines, and a cache in the shared temporary folder, are no business of the user's.
    jieba.setLogLevel(logging.CRITICAL)
    tokenizer = jieba.Tokenizer()
    # Where there is no home, or nothing can be written, jieba goes without a cache.
    with contextlib.suppress(OSError, RuntimeError):
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "article-qa"
        tokenizer.tmp_dir = str(folder)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    tokenizer.initialize()
    return tokenizer


_HAN_RUN = re.compile(r"[㐀-䶿一-鿿豈-﫿𠀀-𯿿]+")
