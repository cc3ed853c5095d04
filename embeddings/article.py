"""What everything speaks of: spans, articles and passages.

All offsets are code points into ``article.text``, half open, and
``article.text[span.start:span.end]`` *is* the span's text.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range ``[start, end)`` of code points."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: [{self.start}, {self.end})")

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """The span's text in ``text``."""
        return text[self.start : self.end]

    def shifted(self, by: int) -> Span:
        """The same range, ``by`` characters further on."""
        return Span(self.start + by, self.end + by)

    def overlaps(self, other: Span) -> bool:
        """Whether the two share at least one character."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: Span) -> bool:
        """Whether ``other`` lies within this span."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of an article: where its words stand, and its level (1 is the outermost)."""

    span: Span
    level: int


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the front matter or the file's own properties say of an article.

    ``date`` is "" or ISO 8601, "2019-02-25" or "2019-02-25T17:40:09", so dates sort as strings.
    ``extra`` holds every other field, as JSON values.
    """

    author: str = ""
    date: str = ""
    tags: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    link: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.date:
            datetime.fromisoformat(self.date)


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Article:
    """One article as its loader made it.

    ``id`` follows the source, not the content, so an edited article keeps it. ``pages`` holds the
    start offset of each page (PDF), empty elsewhere. ``notes`` says what the loader had to decide:
    the encoding it found, front matter it could not parse, a byline it took for the author.
    """

    id: str
    title: str
    text: str
    source: str
    metadata: Metadata = field(default_factory=Metadata)
    headings: tuple[Heading, ...] = ()
    pages: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if any(heading.span.end > len(self.text) for heading in self.headings):
            raise ValueError(f"{self.source}: a heading lies outside the text")
        if list(self.pages) != sorted(set(self.pages)) or (self.pages and self.pages[0] != 0):
            raise ValueError(f"{self.source}: page starts must rise from 0")

    def page_of(self, offset: int) -> int | None:
        """The page (from 1) on which the character at ``offset`` stands; None without pages."""
        return bisect_right(self.pages, offset) if self.pages else None


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of an article, as the library holds it.

    ``id`` is never reused. ``headings`` are the headings above the passage, outermost first:
    context for embedding and display, never part of the text.
    """

    id: int
    article_id: str
    span: Span
    headings: tuple[str, ...] = ()
