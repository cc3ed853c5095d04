"""Several answers to one question: which say the same, and in which order they stand beside each other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from embeddings.words import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.reply import Answer


def beside(names: Sequence[str], found: Sequence[Sequence[Answer]]) -> list[Answer] | None:
    """One answer for each of several things asked at once, no two from one place; None where one has none.

    ``found`` are the answers for each, best first, ``names`` what each is called. An answer that stands by
    the name of another thing, and not by its own, comes after those that do not; the surest part chooses first.
    """
    chosen: dict[int, Answer] = {}
    by_sureness = sorted(range(len(found)), key=lambda i: -found[i][0].confidence if found[i] else 0.0)
    for i in by_sureness:
        others = [name for name in names if name and name != names[i]]
        free = [answer for answer in found[i] if not any(_once(answer, other) for other in chosen.values())]
        if not free:
            return None
        chosen[i] = min(free, key=lambda answer: _of_another(answer, names[i], others))
    return [chosen[i] for i in range(len(found))]


def spread(answers: Sequence[Answer], most: int) -> list[Answer]:
    """At most ``most`` of the answers, best first, but of those about as sure another article's goes first."""
    left = list(answers)
    kept: list[Answer] = []
    while left and len(kept) < most:
        seen = {answer.source.article.id for answer in kept}
        new = next((answer for answer in left if answer.source.article.id not in seen), left[0])
        taken = new if new.confidence >= ABOUT * left[0].confidence else left[0]
        left.remove(taken)
        kept.append(taken)
    return kept


ABOUT = 0.5
"""Share of another answer's confidence from which one is about as sure."""


def _once(a: Answer, b: Answer) -> bool:
    """Whether the two are one answer, from one place: two articles, or two sentences of one, may each say the
    same of its own thing. What comes of the front matter has no place but the article.
    """
    if a.source.article.id != b.source.article.id:
        return False
    if a.source.passage is None or b.source.passage is None:
        return same(a, b)
    return a.source.span.overlaps(b.source.span)


def _of_another(answer: Answer, name: str, others: Sequence[str]) -> bool:
    said = fold(f"{answer.source.article.title} {answer.sentence}")
    return fold(name) not in said and any(fold(other) in said for other in others)


def same(a: Answer, b: Answer) -> bool:
    """Whether two answers say the same: the same words, or one stands within the other in one place."""
    if bare(a.text) == bare(b.text):
        return True
    return a.source.article.id == b.source.article.id and a.source.span.overlaps(b.source.span)


def bare(text: str) -> str:
    """``text`` folded, without its marks, but for those of numbers: 1.5% is not 15."""
    return _MARKS.sub("", fold(text))


_MARKS = re.compile(r"(?<!\d)[^\w%+-]+|[^\w%]+(?!\d)|_")
