"""What is found, as it is read: a passage with all that stands above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa.candidates import ReadablePassage
from qa.lists import headings_in
from qa.tables import columns_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embeddings.article import Article
    from embeddings.library import Snapshot
    from qa.reply import Hit


def readable(hits: Sequence[Hit], view: Snapshot) -> list[ReadablePassage]:
    """The passages of the hits."""
    articles = (view.article(hit.passage.article_id) for hit in hits)
    return [_readable(hit, article) for hit, article in zip(hits, articles, strict=True)]


def _readable(hit: Hit, article: Article) -> ReadablePassage:
    return ReadablePassage(
        hit.text,
        heading_of(article, hit),
        hit.similarity,
        hit.relevance,
        title=article.title,
        headings=headings_in(article, hit.passage.span),
        columns=columns_at(article.text, hit.passage.span.start),
    )


def heading_of(article: Article, hit: Hit) -> str:
    """The title and headings above a passage, as one line."""
    return " ".join(dict.fromkeys([article.title, *hit.passage.headings]))
