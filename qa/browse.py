"""Which articles a list shows: by words of their title, author, tags or date, and by what they share."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from embeddings.words import fold
from qa.where import Where, names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from embeddings.rows import ArticleRow

MOST_VALUES = 100
"""Authors, tags or categories offered to filter by, at most: the most frequent ones."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What an article must be to be listed; "" asks nothing. ``year`` is "2019"."""

    text: str = ""
    author: str = ""
    tag: str = ""
    category: str = ""
    year: str = ""

    def where(self) -> Where:
        """The same as a restriction of questions, but for ``text``."""
        return Where(
            since=self.year, until=self.year, author=self.author, tag=self.tag, category=self.category
        )


class Facets(NamedTuple):
    """What articles share: (value, how many articles), the most frequent first, years newest first."""

    authors: tuple[tuple[str, int], ...]
    tags: tuple[tuple[str, int], ...]
    categories: tuple[tuple[str, int], ...]
    years: tuple[tuple[str, int], ...]


class Shelf:
    """The articles of one revision as they are listed: the newest first, those without a date last."""

    def __init__(self, rows: Sequence[ArticleRow]) -> None:
        self.rows = sorted(sorted(rows, key=lambda row: row.source), key=lambda row: row.date, reverse=True)
        self._words: list[str] | None = None
        self._facets: Facets | None = None

    def facets(self) -> Facets:
        """What the articles share."""
        if self._facets is None:
            rows = self.rows
            years = Counter(row.date[:4] for row in rows if row.date)
            self._facets = Facets(
                _frequent(names(row.author) for row in rows),
                _frequent(row.tags for row in rows),
                _frequent(row.categories for row in rows),
                tuple(sorted(years.items(), reverse=True)),
            )
        return self._facets

    def chosen(self, wanted: Filter) -> list[ArticleRow]:
        """The articles that ``wanted`` lets through: every word of its text stands in the title, the author,
        the tags, the categories, the date or the file's name, whatever the script, width and case.
        """
        where, terms = wanted.where(), fold(wanted.text).split()
        found = [row for row in self.rows if where.allows(row)] if where else self.rows
        if not terms:
            return found
        if self._words is None:
            self._words = [_words(row) for row in self.rows]
        having = {
            id(row)
            for row, words in zip(self.rows, self._words, strict=True)
            if all(term in words for term in terms)
        }
        return [row for row in found if id(row) in having]


def _words(row: ArticleRow) -> str:
    name = row.source.rsplit("/", 1)[-1]
    return fold("\n".join((row.title, row.author, *row.tags, *row.categories, row.date[:10], name)))


def _frequent(shared: Iterable[Sequence[str]]) -> tuple[tuple[str, int], ...]:
    """Each value as it is mostly written, and how many of ``shared`` have it in whatever script or case."""
    written: dict[str, Counter[str]] = {}
    counts: Counter[str] = Counter()
    for values in shared:
        plain = {value: " ".join(fold(value).split()) for value in values}
        counts.update(set(plain.values()))
        for value, same in plain.items():
            written.setdefault(same, Counter())[value] += 1
    shown = [
        (max(forms.items(), key=lambda item: (item[1], item[0]))[0], counts[same])
        for same, forms in written.items()
    ]
    return tuple(sorted(shown, key=lambda item: (-item[1], item[0]))[:MOST_VALUES])
