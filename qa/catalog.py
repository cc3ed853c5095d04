"""Questions about the articles as a collection: which there are, how many, the newest, whose."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from embeddings.quantities import MONTHS
from embeddings.words import fold, grams
from qa.cues import cues
from qa.where import Where, both, people, said

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from embeddings.rows import ArticleRow

LISTED = 20
"""Articles listed in one answer at most."""

_A = r"(?:文章|报道|新闻|博客|博文|帖子|日记)"
_COUNT = re.compile(
    rf"(?:这里|库里|你这里|这个库|文章库|目前|现在|一共|总共|共|都|里|中|里面|面|\s)*(?:有|收录了?|包含|是|写了?|发表了?|发布了?|文章有|你有)?(?:多少|几)篇?(?:{_A})?(?:呢|啊)?[?？]?"
    r"|how many (?:articles|posts|stories)?\s*(?:are there|do you have|are in (?:the|this) library|have you got|did (?:he|she|they) write)?(?: in total| here| altogether)?(?: (?:on|in) (?:this|the) (?:site|blog|folder))?\??"
)
_LIST = re.compile(
    rf"(?:这里|库里|你这里|这个库|文章库|目前|现在|一共|总共|都|\s)*(?:有|是|写了?|包括|收录了|发表了?|发布了?|文章有|你有)?(?:哪些|哪几篇|哪一?篇|什么)(?:{_A})?(?:呢|啊)?[?？]?|(?:列出|列一下|给我看看?|看看)(?:所有|全部)?的?(?:{_A})?[?？。]?"
    r"|(?:which|what) (?:articles|posts|stories)?\s*(?:are there|are here|do you have|have you got|did (?:he|she|they) write)?\??|(?:list|show)(?: me)?(?: all)?(?: of)?(?: the)?(?: articles| posts)?\.?"
)
_NEWEST = re.compile(
    rf"(?P<new>最新|最近|最后|最晚)(?:的|发表的?|发布的?|写的?|一篇|那篇|\s)*(?:{_A})(?:是|叫)?(?:哪一?篇|什么|哪个)?(?:{_A})?[?？]?|(?:最早|第一)的?(?:发表|发布|写)?的?(?:一)?篇?的?(?:{_A})(?:是|叫)?(?:哪一?篇|什么)?[?？]?"
    rf"|哪一?篇(?:{_A})?(?:是|写得|发表得|发布得)?(?P<new2>最新|最近|最晚)的?[?？]?|哪一?篇(?:{_A})?(?:是|写得|发表得|发布得)?最早的?[?？]?"
    r"|(?:(?:what|which) (?:is|was)|what's|show(?: me)?|which (?:article|post) is) the (?P<en>latest|newest|most recent|oldest|earliest|first)(?: (?:article|post))?\??"
)
_WROTE = re.compile(
    rf"(?P<who>[^?？,，]{{1,30}}?)(?:在(?:这个?|该|你的?)?(?:博客|网站|站|这里|库里?)[上里中]?)?(?:一共|总共|都|还)?(?:写|发表|发布)(?:过|了)?(?:一共|总共)?(?P<what>哪些|哪几篇|什么|多少|几)篇?(?:{_A})?[?？]?"
    r"|(?P<count>how many|which|what) (?:articles|posts|stories)?\s*(?:did|has|have|were|are)(?: written)?\s*(?:by )?(?P<en>[^?]{1,40}?)(?: (?:write|written|published))?\??"
)
_ABOUT = re.compile(
    rf"(?:有)?(?:哪些|哪几篇|几篇|多少篇|哪一?篇|什么)(?:{_A})?(?:是)?(?:关于|讲|介绍|提到|说到|谈到|写到?|涉及)(?:的是|过|了|到)?(?P<t>[^?？]{{1,30}}?)(?:的)?(?:{_A})?[?？]?"
    rf"|(?:有(?:没有)?)?(?:关于|讲|介绍|提到|谈到|涉及)(?P<t2>[^?？]{{1,30}}?)的?(?:{_A})(?:都|一共|总共)?(?:是|有)?(?P<n2>哪些|哪几篇|几篇|多少篇?|哪一?篇|吗|什么)[?？]?"
    rf"|(?:这里|库里)?有(?:没有)?(?:关于|讲|介绍|提到|谈到|涉及)?(?P<t4>[^?？]{{1,30}}?)的(?:{_A})吗?[?？]?"
    r"|(?:(?:which|what|how many) (?:articles?|posts?|stories)|(?:is|are) there (?:any |an? )?(?:articles?|posts?|stories)) (?:are |is |are there )?(?:about|on|mention(?:s|ing)?|discuss|cover|deal with|talk about) (?P<t3>[^?]{1,40})\??"
)
_IS_COUNT = re.compile(r"多少|(?<!哪)几篇|how many")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Articles asked for: those that ``where`` allows, about ``topic`` ("" for any); their number where
    ``count``; the newest or oldest alone where ``end`` is "new" or "old"; at most ``most``, 0 for all;
    but for the one about ``without``. Where ``of`` is "author", "tags" or "categories", those of the
    articles are asked for instead.
    """

    where: Where
    topic: str = ""
    count: bool = False
    end: str = ""
    most: int = 0
    without: str = ""
    of: str = ""


def wanted(question: str, rows: Sequence[ArticleRow], where: Where | None = None) -> Wanted | None:
    """The articles that ``question`` asks for; None for a question of another kind.

    ``where`` restricts from the start.
    """
    found = _by_form(question, rows, where)
    if found:
        return found
    said_so = None if _OF_ONE.search(fold(question)) else cues(question, rows)
    if not said_so:
        return None
    restricted = both(where, said_so.where) or Where()
    return replace(
        Wanted(restricted, said_so.topic, said_so.count, said_so.end, said_so.most),
        without=said_so.without,
        of=said_so.of,
    )


def _by_form(question: str, rows: Sequence[ArticleRow], where: Where | None) -> Wanted | None:
    """The articles asked for in one of the forms that such questions mostly have."""
    told, rest = said(question, rows)
    folded, whole = fold(rest).strip(), fold(question).strip()
    where = both(where, told) or Where()
    named = _of_author(folded, rows) or _english(whole, rows)
    if named:
        return replace(named, where=both(where, named.where) or Where())
    newest = _NEWEST.fullmatch(folded)
    if newest:
        new = newest["new"] or newest["new2"] or newest["en"] in ("latest", "newest", "most recent")
        return Wanted(where, end="new" if new else "old")
    about = _ABOUT.fullmatch(folded)
    if not told and not _MENTIONS.search(whole):
        return None
    if _COUNT.fullmatch(folded) or _LIST.fullmatch(folded):
        return Wanted(where, count=not _LIST.fullmatch(folded))
    if about:
        topic = (about["t"] or about["t2"] or about["t3"] or about["t4"] or "").strip()
        return Wanted(where, topic=topic, count=bool(_IS_COUNT.search(folded)))
    return None


def _of_author(folded: str, rows: Sequence[ArticleRow]) -> Wanted | None:
    """The articles of an author: what X wrote."""
    wrote = _WROTE.fullmatch(folded)
    if not wrote:
        return None
    name = (wrote["who"] or wrote["en"] or "").strip()
    author = _author(name, {row.author for row in rows if row.author})
    asked = wrote["what"] or wrote["count"] or ""
    return Wanted(Where(author=author), count=asked in ("多少", "几", "how many")) if author else None


def _author(name: str, authors: Collection[str]) -> str:
    """The author of that name, or the one of whose name it is a word; "" for none."""
    holder = next((author for author in sorted(authors) if name in people(author)), "")
    if holder:
        return holder if fold(holder) == name else name
    held = [author for author in authors if name and name in fold(author).split()]
    return held[0] if len(held) == 1 else ""


_ENGLISH = re.compile(
    r"(?P<ask>how many|which|what) (?:articles?|posts?|stories) (?:(?:is|are|was|were|has|have|came|come|do you have|did you)\s?)*(?:published|written|posted|tagged|out|released|dated)?\s*"
    rf"(?:(?:in|from|on|during) (?:(?P<month>{'|'.join(MONTHS)}) )?(?P<year>[12]\d{{3}})|(?:tagged|with the tag|under the tag|with|the tag)?\s*[\"“']?(?P<tag>[^?\"”']{{1,30}}?)[\"”']?)\??"
)


def _tagged(name: str | None, rows: Sequence[ArticleRow]) -> str:
    """The tag of that name which some article has, "" for none."""
    return next((tag for row in rows for tag in row.tags if name and fold(tag) == name.strip()), "")


def _english(whole: str, rows: Sequence[ArticleRow]) -> Wanted | None:
    """The articles of a month, a year or a tag, as English asks for them."""
    match = _ENGLISH.fullmatch(whole)
    if not match:
        return None
    count = match["ask"] == "how many"
    if match["year"]:
        month = f"-{MONTHS[match['month']]:02}" if match["month"] else ""
        return Wanted(Where(since=match["year"] + month, until=match["year"] + month), count=count)
    tag = _tagged(match["tag"], rows)
    return Wanted(Where(tag=tag), count=count) if tag else None


_OF_ONE = re.compile(r"\b(?:does|did|is|was) (?:the|this|that) (?:article|post|story|piece)\b")
"""What is asked of one article is not asked of the collection: what tags does the post about X have."""

_MENTIONS = re.compile(rf"{_A}|几篇|哪篇|\b(?:articles?|posts?|stories)\b")


def selected(asked: Wanted, rows: Sequence[ArticleRow], found: Sequence[str] = ()) -> list[ArticleRow]:
    """The articles asked for, newest first (undated last), then by source.

    With a topic: those whose title or tags hold all of its characters and words, and those among
    ``found``, the ids of articles that a search for it brought.
    """
    kept = [row for row in rows if asked.where.allows(row)]
    if asked.topic:
        terms = {gram.term for gram in grams(asked.topic)}
        kept = [row for row in kept if row.id in found or (terms and terms <= _held(row))]
    kept.sort(key=lambda row: row.source)
    kept.sort(key=lambda row: row.date, reverse=True)
    if asked.end:
        dated = [row for row in kept if row.date]
        return dated[:1] if asked.end == "new" else dated[-1:]
    return kept[: asked.most] if asked.most else kept


def _held(row: ArticleRow) -> set[str]:
    return {gram.term for gram in grams(" ".join([row.title, *row.tags, *row.categories]))}
