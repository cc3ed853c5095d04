"""A question's words in the articles' other language, by a small table written for this project."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from embeddings.errors import ModelError
from embeddings.words import stem, word_terms
from qa.pinyin import names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from qa.question import Question


def bridged(
    question: Question, unknown: Callable[[str], bool], texts: Callable[[], Sequence[str]] = list
) -> Question:
    """The question with what the table says for its words that no article holds (``unknown``), in their place.

    Where it spells a Chinese name that stands in ``texts`` (titles and tags), all its words are asked for
    in both languages.
    """
    strange = any(_LATIN.fullmatch(term) and unknown(term) for term in question.words)
    spelt = (
        [term for name in names(question.text, texts(), english()) for term in word_terms(name)]
        if strange
        else []
    )
    if spelt:
        wide = widened(question)
        return replace(
            wide,
            words=tuple(dict.fromkeys((*wide.words, *spelt))),
            bridge=tuple(dict.fromkeys((*spelt, *wide.bridge))),
        )
    words: list[str] = []
    added: list[str] = []
    for term in question.words:
        other = others(term) if unknown(term) else ()
        held = [word for word in other if not unknown(word)]
        words += held or [term]
        added += held
    return replace(question, words=tuple(dict.fromkeys(words)), bridge=tuple(added)) if added else question


def widened(question: Question) -> Question:
    """The question with what the table says for each of its words, beside them."""
    added = tuple(dict.fromkeys(other for term in question.words for other in others(term)))
    return replace(question, words=tuple(dict.fromkeys((*question.words, *added))), bridge=added)


def others(term: str) -> tuple[str, ...]:
    """The words that the table gives for a term in the other language."""
    found = in_chinese(term) if term.isascii() else in_english(term)
    return tuple(dict.fromkeys(part for word in found for part in word_terms(word)))


_LATIN = re.compile(r"[a-z]{2,}")


@lru_cache(maxsize=1)
def english() -> Mapping[str, tuple[str, ...]]:
    """English word, or its stem, -> Chinese words, the commonest first."""
    file = resources.files("qa") / "models" / "english.tsv"
    try:
        rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()]
        table = {word: tuple(chinese.split()) for word, chinese in rows}
    except (OSError, ValueError) as error:
        raise ModelError(
            "English words", f"cannot be read: {error!r}", "install the package again"
        ) from error
    # A word's own line goes before that of another with the same stem.
    return {stem(word): chinese for word, chinese in reversed(table.items())} | table


def in_chinese(word: str) -> tuple[str, ...]:
    """The Chinese words for a folded English one, or for its stem; () where the table has none."""
    return english().get(word) or english().get(stem(word), ())


def in_english(word: str) -> tuple[str, ...]:
    """The English words that the table gives ``word`` for."""
    return _chinese().get(word, ())


@lru_cache(maxsize=1)
def _chinese() -> Mapping[str, tuple[str, ...]]:
    table: dict[str, list[str]] = defaultdict(list)
    for word, chinese in english().items():
        for other in chinese:
            table[other].append(word)
    return {chinese: tuple(words) for chinese, words in table.items()}
