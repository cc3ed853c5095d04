"""Answers that articles are rather than hold: which article is meant, what its front matter says, which there are."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from embeddings.article import Span
from embeddings.words import fold, words
from qa.about import LEAD, About, chosen, values
from qa.bilingual import english, others, widened
from qa.catalog import LISTED, Wanted, selected
from qa.pinyin import names
from qa.question import analyse
from qa.reply import Answer, Source
from qa.where import Where
from qa.where import names as authors

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from embeddings.article import Article
    from embeddings.library import Snapshot
    from embeddings.rows import ArticleRow
    from qa.reply import Hit
    from qa.retriever import Retriever

NOWHERE = Span(0, 0)

TOPIC_SHARE = 0.6
"""Share (0..1, by rarity) of a topic's words that an article must hold to be the one asked about."""

MENTIONS = 2
"""How often a topic's only word stands in an article that is about it, title and tags counted too."""

UNSAID = 0.3
"""Share (0..1) of a topic's word that does not count where no article holds it."""

READ_FOR_TOPIC = 20_000
"""Characters of an article in which the words of a topic are looked for."""

TITLE_SHARE = 0.5
"""Share (0..1) of a topic's characters that an article's title must hold to be the one asked about."""

WHOLE_TITLE = 0.8
"""The same where the question only quotes a title, and of the title's characters that it must quote."""

READ = 8
"""Passages that a search for a topic looks at."""


class FrontMatter:
    """Answers from front matter, each with the confidence (0..1) that such answers have."""

    def __init__(self, retriever: Retriever, confidence: float) -> None:
        self._retriever, self._confidence = retriever, confidence

    def meant(
        self, wanted: About, hits: Sequence[Hit], view: Snapshot, last: str, where: Where | None = None
    ) -> Article | None:
        """The article asked about, among those that a search for its topic brings, and the ``hits``.

        The newest or the oldest is that of the articles ``where`` allows.
        """
        if wanted.end:
            rows = selected(Wanted(where or Where(), end=wanted.end), view.articles())
            return view.article(rows[0].id) if rows else None
        article = meant(wanted, hits, view, last)
        if article or not wanted.topic or not wanted.named:
            return article
        spelt = names(wanted.topic, titles_of(view), english())
        wanted = replace(wanted, topic=" ".join(spelt)) if spelt else wanted
        topic = widened(analyse(wanted.topic))
        return meant(wanted, self._retriever.search(topic, READ, view), view, last)

    def listed(self, listed: Wanted, view: Snapshot) -> list[Answer]:
        """The articles asked for, or how many there are; none where there are none."""
        found: list[str] = []
        if listed.topic:
            hits = self._retriever.search(widened(analyse(listed.topic)), LISTED, view, listed.where)
            found = [hit.passage.article_id for hit in hits if _holds(hit.text, listed.topic)]
        rows = selected(listed, view.articles(), found)
        if listed.without:
            topic = About("", listed.without, named=True)
            apart = self.meant(topic, (), view, "")
            rows = [row for row in rows if not apart or row.id != apart.id]
        if listed.of:
            return self._kinds(listed, rows, view)
        articles = [view.article(row.id) for row in rows[:LISTED]]
        if listed.count and rows:
            return [self._field(articles, "count", str(len(rows)))]
        return [self._field([article], "title", article.title) for article in articles]

    def _kinds(self, listed: Wanted, rows: Sequence[ArticleRow], view: Snapshot) -> list[Answer]:
        """The authors, tags or categories of the articles in ``rows``, by name, or how many there are.

        Of more than :data:`LISTED` the number comes first, then so many of them, each with so many articles.
        """
        held: dict[str, tuple[str, list[str]]] = {}
        for row in rows:
            for value in authors(row.author) if listed.of == "author" else getattr(row, listed.of):
                held.setdefault(fold(value), (value, []))[1].append(row.id)
        count = (
            [self._field([view.article(row.id) for row in rows[:LISTED]], "count", str(len(held)))]
            if held and (listed.count or len(held) > LISTED)
            else []
        )
        if listed.count:
            return count
        return count + [
            self._field([view.article(id_) for id_ in ids[:LISTED]], listed.of, name)
            for name, ids in list(held.values())[:LISTED]
        ]

    def _field(self, articles: Sequence[Article], name: str, value: str) -> Answer:
        sources = tuple(Source(article, NOWHERE, NOWHERE, None) for article in articles)
        return Answer(value, value, self._confidence, sources, field=name)

    def values(self, field: About, article: Article, view: Snapshot) -> list[Answer]:
        """Answers from the front matter of ``article``; none where it lacks the field."""
        return [
            self._extract(article, name, value, view)
            if isinstance(value, Span)
            else self._field([article], name, value)
            for asked in (field.field, *field.further)
            for name, value in values(article, asked)
        ]

    def _extract(self, article: Article, name: str, span: Span, view: Snapshot) -> Answer:
        passages = view.passages_of(article.id)
        passage = next((p for p in passages if p.span.overlaps(span)), passages[0])
        return Answer(
            span.of(article.text), span.of(article.text), self._confidence,
            (Source(article, span, span, passage),), field=name,
        )  # fmt: skip


def meant(wanted: About, hits: Sequence[Hit], view: Snapshot, last: str = "") -> Article | None:
    """The article that is asked about; None where it is not clear.

    Without a topic, the one of id ``last``, or the only one of the library. Else the one whose title
    holds most of the topic; where the question only quotes a title, it has to be that title, since 《…》 may
    be any book; where it speaks of an article outright, the text of one of the ``hits``, which a search for
    the topic brought, may hold the topic instead.
    """
    if not wanted.topic:
        rows = view.articles()
        only = last if any(row.id == last for row in rows) else rows[0].id if len(rows) == 1 else ""
        return view.article(only) if only else None
    ids = dict.fromkeys(hit.passage.article_id for hit in hits)
    for article, share, back in chosen(wanted.topic, map(view.article, ids))[:1]:
        if share >= TITLE_SHARE if wanted.named else min(share, back) >= WHOLE_TITLE:
            return article
    if not wanted.named:
        return None
    topic = analyse(wanted.topic)
    weights = view.idf(topic.words)
    absent = {t for t in topic.words if all(view.lacks(said) for said in (t, *others(t)))}
    best, most = None, 0.0
    for article in map(view.article, ids):
        text = f"{article.title}\n{' '.join(article.metadata.tags)}\n{article.text}"
        counts = Counter(word.term for word in words(text[:READ_FOR_TOPIC]))
        told = [term for term in topic.words if others(term) or term.isascii() == _is_latin(article)]
        told = _whole(told, absent)
        opening = {word.term for word in words(_opening(article))}
        head, folded = (fold(part) for part in (text[: -len(article.text)], text[:READ_FOR_TOPIC]))
        held = [
            term
            for term in told
            if any(t in counts or _stands(t, head, folded) for t in (term, *others(term)))
        ]
        # A lone word has to come again, or first: an article mentions much that it is not about.
        if len(held) == 1 and not any(
            counts[t] >= MENTIONS or t in opening for t in (*held, *others(held[0]))
        ):
            continue
        # What no article says tells of none in particular, yet it is asked for.
        asked = sum(weights[term] * (1.0 - UNSAID * (term in absent)) for term in told)
        share = sum(weights[term] for term in held) / asked if asked else 0.0
        if share >= TOPIC_SHARE and share > most:
            best, most = article, share
    return best


def _whole(terms: Sequence[str], absent: Container[str]) -> list[str]:
    """The ``terms`` without the parts of others, but the parts in the place of one that is ``absent``."""
    kept = [term for term in terms if not (term in absent and any(t in term for t in terms if t != term))]
    return [term for term in kept if not any(term in other for other in kept if other != term)]


def _stands(term: str, head: str, folded: str) -> bool:
    """Whether a Chinese term stands in a text at all, a single character in its ``head``: 堰 in 都江堰."""
    return not term.isascii() and term in (folded if len(term) > 1 else head)


def _opening(article: Article) -> str:
    """What an article begins with, to the first mark, headings apart."""
    body = article.text[max((h.span.end for h in article.headings if h.span.start == 0), default=0) :]
    return re.split(r"[,.;:，。；：！？!?]", body.strip()[:LEAD], maxsplit=1)[0]


def titles_of(view: Snapshot) -> list[str]:
    """The titles and tags of all articles."""
    return [text for row in view.articles() for text in (row.title, *row.tags)]


def _is_latin(article: Article) -> bool:
    """Whether an article is mostly in Latin letters, so that it cannot hold most Chinese words."""
    beginning = article.text[:1000]
    return sum(char.isascii() for char in beginning) > 0.8 * len(beginning)


def _holds(text: str, topic: str) -> bool:
    """Whether ``text`` has all the words of ``topic``."""
    asked = {word.term for word in words(topic)}
    held = {word.term for word in words(text)}
    return (
        all(held.intersection((term, *others(term))) for term in asked)
        if asked
        else fold(topic) in fold(text)
    )
