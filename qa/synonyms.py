"""Other ways to say a word: what an article may write where a question says it otherwise."""

from __future__ import annotations

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
    return tuple(_table().get(stem(word), "").split())


@lru_cache(maxsize=1)
def _table() -> Mapping[str, str]:
    """Each word with the others as they stand in its line."""
    file = resources.files("qa") / "models" / "synonyms.tsv"
    try:
        lines = (line.split("\t") for line in file.read_text(encoding="utf-8").splitlines())
        return {word: others for word, others in lines}  # noqa: C416 -- dict() would not say which line is bad
    except (OSError, ValueError) as error:
        raise ModelError("synonyms", f"cannot be read: {error!r}", "install the package again") from error
