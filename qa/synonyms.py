"""Other ways to say a word: what an article may write where a question says it otherwise."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from embeddings.errors import ModelError
from embeddings.words import stem

if TYPE_CHECKING:
    from collections.abc import Mapping


def synonyms(word: str) -> tuple[str, ...]:
    """The words that may stand for a folded word, nearest first, then those that it may stand for.

    Of Latin words, the table holds stems: any form is looked up, and what comes are stems.
    """
    return _table().get(stem(word), ())


@lru_cache(maxsize=1)
def _table() -> Mapping[str, tuple[str, ...]]:
    """Each word with those of its own line, then those whose lines name it.

    The lines were written for this project, each for its word alone: that one names the other is enough.
    """
    file = resources.files("qa") / "models" / "synonyms.tsv"
    try:
        lines = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()]
        own = {word: others.split() for word, others in lines}
    except (OSError, ValueError) as error:
        raise ModelError("synonyms", f"cannot be read: {error!r}", "install the package again") from error
    near: dict[str, list[str]] = defaultdict(list, {word: list(others) for word, others in own.items()})
    for word, others in own.items():
        for other in others:
            near[other].append(word)
    return {word: tuple(dict.fromkeys(others)) for word, others in near.items()}
