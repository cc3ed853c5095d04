"""What the store holds, row by row."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from embeddings.article import Article, Heading, Metadata, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

VECTOR_TYPE = "<f2"
"""How a vector is stored: little-endian float16, half of float32 at an error of the cosine below 0.001."""

NORM_TOLERANCE = 0.002
"""How far from 1 the length of a stored vector may be: float16 has 11 binary digits."""


class Revision(NamedTuple):
    """A state of the library; ``stamp`` tells it from others of its number (a restored backup)."""

    number: int
    stamp: str
    last_passage: int


@dataclass(frozen=True, slots=True)
class File:
    """What a file was when it was loaded; ``mtime_ns`` is 0 where it says nothing."""

    hash: str
    size: int = 0
    mtime_ns: int = 0


@dataclass(frozen=True, slots=True)
class NewPassage:
    """A passage to store; ``vector`` as :data:`VECTOR_TYPE`, ``terms`` from ``recipe.pack_terms``."""

    span: Span
    headings: tuple[str, ...]
    text_hash: bytes
    vector: bytes
    terms: bytes


@dataclass(frozen=True, slots=True)
class Record:
    """An article to store with all its passages, in place of the one with its id.

    ``root`` is the synced folder.
    """

    article: Article
    root: str
    file: File
    passages: Sequence[NewPassage]


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """What a list of articles shows, without the text."""

    id: str
    title: str
    source: str
    root: str
    author: str
    date: str
    tags: tuple[str, ...]
    categories: tuple[str, ...]
    passages: int
    file: File


def pack_details(article: Article) -> str:
    """What of an article has no column of its own, as JSON.

    TypeError, ValueError or RecursionError when its metadata are not JSON values.
    """
    metadata = article.metadata
    details = {
        "tags": metadata.tags,
        "categories": metadata.categories,
        "link": metadata.link,
        "extra": dict(metadata.extra),
        "headings": [(heading.span.start, heading.span.end, heading.level) for heading in article.headings],
        "pages": article.pages,
        "notes": article.notes,
    }
    return json.dumps(details, ensure_ascii=False, allow_nan=False)


def unpack_article(
    article_id: str, title: str, text: str, source: str, author: str, date: str, packed: str
) -> Article:
    """The article whose details :func:`pack_details` packed."""
    details = json.loads(packed)
    return Article(
        id=article_id,
        title=title,
        text=text,
        source=source,
        metadata=Metadata(
            author=author,
            date=date,
            tags=tuple(details["tags"]),
            categories=tuple(details["categories"]),
            link=details["link"],
            extra=details["extra"],
        ),
        headings=tuple(Heading(Span(start, end), level) for start, end, level in details["headings"]),
        pages=tuple(details["pages"]),
        notes=tuple(details["notes"]),
    )


def why_not_stored(article: Article) -> str:
    """Why an article cannot be stored; "" for one that can."""
    said = article.metadata
    try:
        for text in (article.id, article.text, article.title, article.source, said.author, said.date):
            text.encode()
        pack_details(article).encode()
    except UnicodeEncodeError as error:
        return f"its text, name or metadata are not valid Unicode ({error.reason})"
    except (TypeError, ValueError, RecursionError) as error:
        return f"its metadata are no JSON values ({error})"
    return ""
