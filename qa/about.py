"""Questions about an article itself: who wrote it, when, under which tags."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from embeddings.words import fold, grams

if TYPE_CHECKING:
    from collections.abc import Iterable

    from embeddings.article import Article

_ARTICLE = (
    r"(?:(?:这|那|本|该|此)[一]?篇?(?:文章|文|报道|博客|博文|帖子|稿件?|新闻)|[这那]篇|文章|博文|博客|原文"
    r"|《[^《》]+》|\b(?:this|that|the) (?:[\w'-]+ ){0,5}?(?:article|post|piece|story|text)\b|\"[^\"]+\"|“[^“”]+”)"
)
_FIELDS = {
    "author": (
        rf"{_ARTICLE}.*(?:作者|谁写|谁撰|何人所写|执笔|撰稿人|出自谁)|(?:作者|谁写[的了]?|撰稿人).*{_ARTICLE}|^作者(?:是谁|叫什么|名字)?"
        rf"|\bwho (?:wrote|authored|is the (?:author|writer))\b.*|\bauthor of\b.*{_ARTICLE}"
    ),
    "date": (
        rf"{_ARTICLE}.*(?:什么时[候间]|何时|哪[一]?[年天日]|日期|时间).*(?:发表|发布|写|刊登|登出|发的|撰)"
        rf"|{_ARTICLE}.*(?:发表|发布|写|刊登|撰写)[于在]?的?(?:什么时[候间]|何时|哪[一]?[年天日]|日期|时间)"
        r"|^(?:什么时[候间]|何时|哪[一]?[年天日])(?:发表|刊登|写)的?|^(?:发表|刊登|发布)(?:日期|时间)"
        rf"|\bwhen (?:was|were|did)\b.*{_ARTICLE}.*\b(?:published|written|posted|appear|come out)\b|\bpublication date\b"
    ),
    "tags": rf"{_ARTICLE}.*(?:标签|关键词)|^(?:标签|关键词)|\b(?:tags|keywords)\b.*{_ARTICLE}|{_ARTICLE}.*\b(?:tags|keywords|tagged)\b",
    "categories": rf"{_ARTICLE}.*(?:分类|类别|栏目)|\bcategor(?:y|ies)\b.*{_ARTICLE}|{_ARTICLE}.*\bcategor(?:y|ies)\b",
    "link": rf"{_ARTICLE}.*(?:链接|网址|出处|原址)|(?:原文|文章)(?:链接|网址|出处)|\b(?:link|url)\b.*{_ARTICLE}",
    "title": r"(?:这篇|那篇|本|该)(?:文章|文)?.*(?:标题|题目|叫什么)|\btitle of (?:this|that|the) (?:article|post)\b",
}
_ASKED = re.compile(
    r"这篇|那篇|本文|该文|此文|关于|有关|介绍|讲|写|文章|报道|博客|博文|帖子|新闻|原文|作者|是谁|谁写的|谁|什么时[候间]|何时|哪[一]?[年天日]|日期|时间"
    r"|发表|发布|刊登|撰写|撰稿人|标签|关键词|分类|类别|栏目|链接|网址|出处|标题|题目|叫什么|名字|哪些|什么|的|了|是|在|于|有|[?？《》“”\"]"
    r"|\b(?:who|wrote|is|the|author|of|this|that|article|post|piece|story|about|on|when|was|did|come|out|published|written|posted|tags|"
    r"keywords|category|categories|link|url|title|to|what|are|its|it|publication|date)\b"
)


@dataclass(frozen=True, slots=True)
class About:
    """A question about an article: the front-matter field it asks for, and the article's topic."""

    field: str
    topic: str


def about(question: str) -> About | None:
    """The field that ``question`` asks for, and what is left of it as the topic; None for other questions."""
    folded = fold(question.strip())
    for field, pattern in _PATTERNS.items():
        if pattern.search(folded):
            return About(field, " ".join(_ASKED.sub(" ", folded).split()))
    return None


_PATTERNS = {field: re.compile(pattern) for field, pattern in _FIELDS.items()}


def values(article: Article, field: str) -> list[tuple[str, str]]:
    """The (field, value) pairs of ``article`` that answer; a byline in the text stands beside the author."""
    metadata = article.metadata
    if field == "author":
        byline = str(metadata.extra.get("byline", ""))
        pairs = [("author", metadata.author), ("byline", byline if byline != metadata.author else "")]
    elif field == "date":
        pairs = [("date", metadata.date.replace("T", " "))]
    elif field in ("tags", "categories"):
        pairs = [(field, "、".join(metadata.tags if field == "tags" else metadata.categories))]
    else:
        pairs = [(field, article.title if field == "title" else metadata.link)]
    return [(name, value) for name, value in pairs if value]


def chosen(topic: str, articles: Iterable[Article]) -> list[tuple[Article, float]]:
    """The articles with the share (0..1) of the topic's characters and words that their title holds.

    Falling; ties in the given order.
    """
    asked = {gram.term for gram in grams(topic)}
    shares = []
    for article in articles:
        held = {gram.term for gram in grams(f"{article.title} {' '.join(article.metadata.tags)}")}
        shares.append((article, len(asked & held) / len(asked) if asked else 0.0))
    return sorted(shares, key=lambda pair: -pair[1])
