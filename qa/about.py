"""Questions about an article itself: who wrote it, when, under which tags."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from embeddings.article import Span
from embeddings.chunk import sentences
from embeddings.words import fold, grams

if TYPE_CHECKING:
    from collections.abc import Iterable

    from embeddings.article import Article

_ARTICLE = (
    r"(?:(?:这|那|(?<![日基根脚资样书原])本|(?<!应)该|此)[一]?[篇条则个份]?(?:文章|文档|文|报道|博客|博文|帖子|稿子|稿件?|新闻|消息)|[这那]篇|的(?:新闻|报道)(?=[是于在]?(?:哪|什么时|何时|几|谁))|文章|博文|博客|原文"
    r"|《[^《》]+》|\b(?:this|that|the) (?:[\w'-]+ ){0,5}?(?:article|post|piece|story|text)\b|\"[^\"]+\"|“[^“”]+”)"
)
_NAMED = r"(?:这|那|(?<![日基根脚资样书原])本|(?<!应)该|此)[一]?[篇条则个份]?(?:文章|文档|文|报道|博客|博文|帖子|稿子|稿件|新闻|消息)"
_OUTRIGHT = re.compile(
    rf"{_NAMED}|[这那]篇|的(?:新闻|报道|文章|帖子|博客)(?=[是于在]?(?:哪|什么时|何时|几|谁))|\b(?:article|post|story|piece)\b"
)
_FIELDS = {
    "author": (
        rf"{_ARTICLE}.*(?:作者|谁写|谁撰|何人所写|执笔|撰稿人|出自谁)|(?:作者|谁写[的了]?|撰稿人).*{_ARTICLE}|^作者(?:是谁|叫什么|名字)?[?？]?$|^谁写的[?？]?$"
        rf"|\bwho (?:wrote|authored|is the (?:author|writer))\b.*{_ARTICLE}|^who (?:wrote (?:it|this)|is the author)\??$|\bauthor of\b.*{_ARTICLE}|{_ARTICLE}.*\b(?:written by who|by whom|author)\b"
    ),
    "date": (
        rf"{_ARTICLE}.*(?:什么时[候间]|何时|哪[一]?[年天日月]|几[月号日]|日期|时间).*(?:发表|发布|写|刊|登|播|出来|发的|发出|撰)"
        rf"|(?:{_NAMED}|《[^《》]+》|[这那]篇)(?:是|的)?(?:什么时[候间]|何时|哪一?[年天日月](?:哪[月天])?|几[月号日])的?[?？]?$"
        rf"|{_ARTICLE}.*(?:发表|发布|写|刊登|撰写)[于在]?的?(?:什么时[候间]|何时|哪[一]?[年天日]|日期|时间)"
        r"|^(?:什么时[候间]|何时|哪[一]?[年天日])(?:发表|刊登|写)的?|^(?:发表|刊登|发布)(?:日期|时间)"
        rf"|\bwhen (?:was|were|did)\b.*{_ARTICLE}.*\b(?:published|written|posted|appear|come out)\b|\bpublication date\b"
    ),
    "tags": rf"{_ARTICLE}.*(?:标签|关键词)|^(?:标签|关键词)(?:是什么|有哪些)[?？]?$|\b(?:tags|keywords)\b.*{_ARTICLE}|{_ARTICLE}.*\b(?:tags|keywords|tagged)\b",
    "categories": rf"{_ARTICLE}.*(?:分类|类别|栏目)|\bcategor(?:y|ies)\b.*{_ARTICLE}|{_ARTICLE}.*\bcategor(?:y|ies)\b",
    "link": rf"{_ARTICLE}.*(?:链接|网址|出处|原址)|(?:原文|文章)(?:链接|网址|出处)|\b(?:link|url)\b.*{_ARTICLE}",
    "summary": (
        rf"^(?:请|帮我|能不能|能否|可以)?(?:总结|概括|概述|归纳|简述)(?:一下|下)?.*{_ARTICLE}|{_ARTICLE}.*(?:主要(?:内容|讲|说|写|介绍)|讲(?:了|的是|些)?(?:些)?什么|说(?:了|的是)(?:些)?什么|写(?:了|的是)(?:些)?什么|大意|摘要|概要|梗概|总结|概括)"
        rf"|^(?:请)?(?:总结|概括|概述)一?下?$|\bsummar(?:y|ise|ize)\b.*{_ARTICLE}|^summar(?:ise|ize)\b|\bwhat (?:is|does) {_ARTICLE}.*\b(?:about|say|cover)\b|\bmain points? of {_ARTICLE}"
    ),
    "title": rf"(?:{_NAMED}|这篇|那篇).*(?:标题|题目|叫什么)|\btitle of (?:this|that|the) (?:article|post)\b",
}
_ASKED = re.compile(
    rf"{_NAMED}|"
    r"这篇|那篇|本文|该文|此文|关于|有关|介绍|讲|写|文章|报道|博客|博文|帖子|新闻|原文|作者|是谁|谁写的|谁|什么时[候间]|何时|哪[一]?[年天日]|日期|时间"
    r"|总结|概括|概述|归纳|简述|一下|主要内容|主要|内容|大意|摘要|概要|梗概|请|帮我|说|发表|发布|刊登|撰写|撰稿人|标签|关键词|分类下|类别下|分类|类别|栏目|链接|网址|出处|标题|题目|叫什么|名字|登出来|登出|播出|播|打了|归在|哪个|几[月号日]|哪月|出来|哪些|什么|的|了|是|在|于|有|[?？《》“”\"]"
    r"|\b(?:who|wrote|is|the|author|of|this|that|article|post|piece|story|about|on|when|was|did|come|out|published|written|posted|tags|"
    r"keywords|category|categories|link|url|title|to|what|are|its|it|publication|date|summary|summarise|summarize|does|say|cover|main|points?|me|give|please)\b"
)


@dataclass(frozen=True, slots=True)
class About:
    """A question about an article: the front-matter field it asks for, and the article's topic.

    ``named``: it says outright that it speaks of an article (那篇文章, that post).
    """

    field: str
    topic: str
    named: bool = False


LONGEST = 150
"""Characters; a longer question is about something else, and the patterns' time grows faster than it."""


def about(question: str) -> About | None:
    """The field that ``question`` asks for, and what is left of it as the topic; None for other questions."""
    folded = fold(question.strip())
    if len(folded) > LONGEST:
        return None
    for field, pattern in _PATTERNS.items():
        if pattern.search(folded):
            named = bool(_OUTRIGHT.search(folded))
            return About(field, " ".join(_ASKED.sub(" ", folded).split()), named)
    return None


_PATTERNS = {field: re.compile(pattern) for field, pattern in _FIELDS.items()}


LEAD = 120
"""Characters that the extract of an article's beginning reaches, to the end of a sentence."""

HEADINGS = 8
"""Headings that stand for a summary, beside the lead, at most."""


def values(article: Article, field: str) -> list[tuple[str, str | Span]]:
    """The (field, value) pairs of ``article`` that answer; a byline in the text stands beside the author.

    A summary is made of extracts: ranges of the text, of its first sentences and of its outermost headings.
    """
    metadata = article.metadata
    if field == "summary":
        return _extracts(article)
    if field == "author":
        byline = str(metadata.extra.get("byline", ""))
        pairs = [("author", metadata.author), ("byline", byline if byline != metadata.author else "")]
    elif field == "date":
        pairs = [("date", metadata.date.replace("T", " "))]
    elif field in ("tags", "categories"):
        pairs = [(field, "、".join(metadata.tags if field == "tags" else metadata.categories))]
    else:
        pairs = [(field, article.title if field == "title" else metadata.link)]
    return [(name, str(value)) for name, value in pairs if value]


def _extracts(article: Article) -> list[tuple[str, str | Span]]:
    body = [
        span for span in sentences(article.text) if not any(h.span.overlaps(span) for h in article.headings)
    ]
    title = fold(article.title)
    body = [span for span in body if fold(span.of(article.text)).strip() != title]
    lead: list[tuple[str, str | Span]] = []
    if body:
        end = body[0].end
        for before, span in pairwise(body):
            if (
                end - body[0].start >= LEAD
                or span.start != before.end
                or "\n\n" in article.text[before.end - 2 : span.start + 1]
            ):
                break
            end = span.end
        lead = [("lead", Span(body[0].start, end))]
    levels = sorted({h.level for h in article.headings if fold(h.span.of(article.text)).strip() != title})
    shown = [h for h in article.headings if levels and h.level == levels[0]]
    return [*lead, *(("heading", h.span) for h in shown[:HEADINGS])]


def chosen(topic: str, articles: Iterable[Article]) -> list[tuple[Article, float, float]]:
    """The articles with the share (0..1) of the topic's characters and words that title and tags hold, and
    the share of the title's that the topic holds.

    Falling by the first, then the second; ties in the given order.
    """
    asked = {gram.term for gram in grams(topic)}
    shares = []
    for article in articles:
        title = {gram.term for gram in grams(article.title)}
        held = title | {gram.term for gram in grams(" ".join(article.metadata.tags))}
        shares.append(
            (
                article,
                len(asked & held) / len(asked) if asked else 0.0,
                len(asked & title) / len(title) if title else 0.0,
            )
        )
    return sorted(shares, key=lambda row: (-row[1], -row[2]))


def lacking(question: str, wanted: About, article: Article | None) -> str:
    """What to say where an article was asked about and nothing answers: it lacks the field, or it is not
    clear which is meant.
    """
    english = question.isascii()
    if article is None:
        return (
            "Which article do you mean? Name it, or ask for the list of articles."
            if english
            else "说的是哪一篇文章？请写出标题，或者问有哪些文章。"
        )
    if english:
        return f"The details of “{article.title}” do not give its {wanted.field}."
    names = {"author": "作者", "date": "日期", "tags": "标签", "categories": "分类", "link": "链接"}
    return f"《{article.title}》没有注明{names.get(wanted.field, wanted.field)}。"
