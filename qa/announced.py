"""Whether a list is announced in the words of the question, which says more than a reader that has seen few lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from embeddings.words import words

if TYPE_CHECKING:
    from embeddings.article import Span
    from qa.question import Question

_THING = re.compile(
    r"哪(?:些|几|[两二三四五六七八九十]|\d+)(?:[个种类点项条步场款部位名家份]|方面)?大?的?(?P<zh>[\u4e00-\u9fffa-z]{2,12})"
    r"|\b(?:what|which)(?: are| were)?(?: the)? (?P<en>[a-z]{3,20})"
)
_ASKING = re.compile("[哪几]")
SHARE = 0.7
"""Share of the question's words that the announcement and what stands above it hold, at least."""


def announced(question: Question, text: str, sentence: Span, items: Span, heading: str) -> bool:
    """Whether the lines ``items`` of ``text`` are announced as what a list was asked of: the announcement, at the beginning
    of ``sentence`` or else the line above, names the thing asked for, and with ``heading`` most of the question's words.
    """
    thing = _THING.search(question.folded)
    if "list" not in question.kinds or not thing or "\n" not in items.of(text).strip():
        return False
    before = text[sentence.start : items.start].strip() or text[: items.start].rstrip().rpartition("\n")[2]
    lead = {word.term for word in words(before)}
    named = [word.term for word in words(thing["zh"] or thing["en"])][:1]
    held = lead | {word.term for word in words(heading)}
    asked = [term for term in question.words if not _ASKING.match(term)]
    said = [term for term in asked if term in held]
    return bool(named) and named[0] in lead and len(said) >= SHARE * len(asked)
