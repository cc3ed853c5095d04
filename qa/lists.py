"""The lists of a passage, and the answers below questions that the text asks itself, each with what stands above it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from embeddings.article import Span
from qa.enumeration import is_item, items_around
from qa.unmarked import lines_below

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from embeddings.article import Article


_LINE = re.compile(r"[^\n]*\S[^\n]*")
_ASKS = re.compile(r"[?？][”\"』」)）]?\s*$|^\s*(?:Q|问)\s*[:：]")


class Above(NamedTuple):
    """A heading that holds in a passage: where its line begins there, below 0 for one above the passage, and ends; its level
    and its words.
    """

    start: int
    end: int
    level: int
    words: str


@dataclass(frozen=True)
class Listing:
    """A list, or several that stand together below one heading; ``lead`` is the line right above, empty where there is none
    but a heading; ``headings`` are outermost first. Or the paragraph below a question, which then ``asks``.
    """

    items: Span
    lead: Span
    headings: tuple[str, ...]
    firsts: tuple[str, ...]
    """The lines that begin its items."""
    asks: bool = False


def headings_in(article: Article, span: Span) -> tuple[Above, ...]:
    """The headings that hold where the passage ``span`` of the article begins, and those within it."""
    found: list[Above] = []
    for heading in sorted(article.headings, key=lambda heading: heading.span):
        if heading.span.start >= span.end:
            break
        own = Above(
            heading.span.start - span.start,
            heading.span.end - span.start,
            heading.level,
            heading.span.of(article.text).strip(),
        )
        if own.start < 0:
            while found and found[-1].level >= own.level:
                found.pop()
        found.append(own)
    return tuple(found)


def lists_in(text: str, headings: Sequence[Above] = ()) -> list[Listing]:
    """The lists of a passage's ``text`` in order, of two items or more; then those that are several of these, each below a heading of its
    own, with nothing else below the heading above them; then the paragraphs below questions.
    """
    single = list(_lists(text, headings))
    return [*single, *_joined(text, headings, single), *_answers(text, headings)]


def _lists(text: str, headings: Sequence[Above]) -> Iterator[Listing]:
    heads = {heading.start for heading in headings}
    done = 0
    last: Span | None = None
    for line in _lines(text):
        if line.start < done:
            continue
        lead = Span(line.start, line.start) if last is None or last.start in heads else last
        row = " | " in line.of(text)
        if row or (is_item(text, line.start) and not text[line.start].isspace()):
            items = items_around(text, line)
        elif (
            line.start not in heads and (below := lines_below(text, line)) and " | " not in below[1].of(text)
        ):
            lead, items = line, below[1]
        else:
            items = None
        last = line
        if items and items.start >= line.start:
            path = _path(headings, items.start)
            own = _listing(text, items, lead, path)
            if len(own.firsts) > 1:
                yield own
            yield from _nested(text, items, path)
            done, last = items.end, None


def _nested(text: str, items: Span, path: tuple[str, ...]) -> Iterator[Listing]:
    """The lists within the items of a list, each led by its item."""
    lead = begun = None
    for line in [*(each.shifted(items.start) for each in _lines(items.of(text))), Span(items.end, items.end)]:
        deeper = text[line.start : line.end][:1].isspace()
        if deeper and begun is None and is_item(text, line.start):
            begun = line.start
        elif not deeper:
            own = text[begun : line.start].rstrip() if begun is not None else ""
            if lead and begun is not None and "\n" in own:
                yield _listing(text, Span(begun, begun + len(own)), lead, path)
            lead, begun = line, None


def _listing(text: str, items: Span, lead: Span, path: tuple[str, ...]) -> Listing:
    lines = items.of(text).split("\n")
    indent = len(lines[0]) - len(lines[0].lstrip())
    return Listing(
        items,
        lead,
        path,
        tuple(each.strip() for each in lines if each.strip() and not each[indent:][:1].isspace()),
    )


def _lines(text: str) -> Iterator[Span]:
    return (Span(*match.span()) for match in _LINE.finditer(text))


def _answers(text: str, headings: Sequence[Above]) -> Iterator[Listing]:
    heads = {heading.start for heading in headings}
    for asked, below in pairwise(_lines(text)):
        answers = not is_item(text, below.start) and below.start not in heads and " | " not in below.of(text)
        if _ASKS.search(asked.of(text)) and answers and not _ASKS.search(below.of(text)):
            lead = Span(below.start, below.start) if asked.start in heads else asked
            yield Listing(below, lead, _path(headings, below.start), (below.of(text),), asks=True)


def _path(headings: Sequence[Above], at: int) -> tuple[str, ...]:
    path: list[Above] = []
    for heading in headings:
        if heading.start >= at:
            break
        while path and path[-1].level >= heading.level:
            path.pop()
        path.append(heading)
    return tuple(heading.words for heading in path)


def _joined(text: str, headings: Sequence[Above], single: Sequence[Listing]) -> Iterator[Listing]:
    for number, heading in enumerate(headings):
        below = headings[number + 1 :]
        stop = next((each.start for each in below if each.level <= heading.level), len(text))
        inner = [each for each in below if each.start < stop]
        own = [
            one
            for one in single
            if heading.end <= one.items.start < one.items.end <= stop and not text[one.items.start].isspace()
        ]
        if heading.end < 0 or len(inner) < 2 or len(own) < len(inner):
            continue
        known = sorted(
            [*((each.start, each.end) for each in inner), *((one.items.start, one.items.end) for one in own)]
        )
        between = [
            text[a:b]
            for (_, a), (b, _) in zip([(0, heading.end), *known], [*known, (stop, stop)], strict=True)
        ]
        if not any(words.strip() for words in between):
            items = Span(inner[0].start, own[-1].items.end)
            path = _path(headings, items.start)
            yield Listing(
                items, Span(items.start, items.start), path, tuple(f for one in own for f in one.firsts)
            )
