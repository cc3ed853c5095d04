"""Questions about an article itself: who wrote it, when, under which tags."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from embeddings.article import Span
from embeddings.chunk import sentences
from embeddings.words import fold, grams
from qa.cues import END

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from embeddings.article import Article

_ONE = r"(?:这|那|(?<![日基根脚资样书原])本|(?<!应)该|此)[一]?篇"
_NAMED = re.compile(
    rf"{_ONE}|(?:这|那|(?<![日基根脚资样书原])本|(?<!应)该|此)[一]?[条则份个]?(?:文章|文档|文|报道|博客|博文|帖子|稿子|稿件|新闻|消息)"
    r"|(?:有|个|[一二三四五六七八九十]|[\u4e00-\u9fff])篇(?=[^，,]{0,14}[，,的写讲署谁叫挂归属分出]|的?tags?|有)|文章|博文|帖子|稿子|推文|(?<=的)(?:报道|新闻|博客|日记|稿件|文档|游记)(?=[是于在叫出发属归挂]|的?(?:作者|标[签题]|链接|日期|哪|什么|何时|几|谁|$))"
    r"|[打贴挂标][了的上过]*(?:什么|啥|哪[些几个]*|几个)?样?的?标签|标签[打贴挂标]"
    r"|[写讲][^，,]{2,20}的那?[位个]?博主|那[位个](?:写|讲)[^，,]{2,20}的博主"
    r"|\b(?:article|blog post|post(?! office)|piece(?! of)|write-?up)\b|\b(?:this|that) (?:[\w'-]+ ){0,5}?(?:story|text|report)\b|\bthe (?:(?:[\w'-]+ ){1,5}?story\b|story (?:about|on)\b)"
)
"""What speaks of an article outright."""

_QUOTED = r"《[^《》]+》|\"[^\"]+\"|“[^“”]+”"
_WHEN = r"(?:什么时[候间]|啥时[候间]?|何时|几时|何年何月|哪[一]?[年天日月](?:哪[月天])?|几月几[号日]|几[月号日]|多久)"
_OUT = r"(?:发表|发布|发出来|发出|撰写|刊登|登出来|登出|上线|更新|贴上来|贴出来|播出|出来|问世|[发写刊登贴播](?=[的了]|$))"
_OUT_EN = r"(?:published?|written|posted?|put (?:online|up|out)|go(?:es)? up|went up|c[oa]me out|appear(?:ed)?|updated|released|online|out)"
_FIELDS = {
    "summary": (
        r"总结|概括|概述|归纳|简述|主要(?:内容|讲|说|写|介绍)|讲(?:了|的是|些)?(?:些)?(?:什么|啥)|说(?:了|的是)(?:些)?(?:什么|啥)|写(?:了|的是)(?:些)?(?:什么|啥)|大意|摘要|概要|梗概"
        r"|\bsummar(?:y|ise|ize)\b|\bwhat (?:is|does) (?:this|that|the)\b.*\b(?:about|say|cover)\b|\bmain points?\b|\bgist\b"
    ),
    "tags": r"标签|关键词|(?<![a-z])tags?\b|\btagged\b|\bkeywords?\b",
    "categories": r"分类|类别|栏目|归(?:在|到|为|于|类)|分[在到]|哪[一]?个?类|(?:什么|啥)类|算[哪什]|\bcategor(?:y|ies)\b|\bfiled\b|\bsection (?:is|are|does|do)\b",
    "origin": r"(?:出自|来自|源自)(?:哪[里儿]|何处|什么地方)|出处|\bwhere (?:is|was|does) (?:this|that|the) [^?]*\bfrom\b",
    "link": r"链接|网址|原址|\burl\b|\blinks?\b|原文(?:在哪|地址)|\bweb address\b",
    "author": (
        r"作者|博主|笔名|署名|署谁|署的?(?:什么|啥)|执笔|撰稿|手笔|谁(?:是作者|写|发|撰|投|编|画|著)|(?:出自|来自)(?:了)?(?:谁|何人|哪位)|谁的?(?:手笔|作品|文章|稿子|笔下|之手|手)|何人(?:之手|所写|写|所作)|哪位(?:写|作者|博主)|是谁在?[^，,]{0,8}[发写]的"
        r"|\bauthors?\b|\bbyline\b|\bwho(?:'s| is| has|'d)? ?(?:wrote|written|penned|pens|authored|behind|posted|published)\b|\bwriter\b|\bcredit\b|\bwhose (?:name|byline)\b|\b(?:written|penned|posted) by\b|\bby whom\b"
    ),
    "date": (
        rf"{_WHEN}.*{_OUT}|{_OUT}[于在]?的?{_WHEN}|{_WHEN}的?[?？]?$|(?:发表|发布|刊登|更新|上线)的?(?:日期|时间)|日期|的时间"
        rf"|\bwhen\b.*\b{_OUT_EN}\b|\b{_OUT_EN}\b.*\bwhen\b|\b(?:what|which) (?:day|date|month|year)\b.*\b{_OUT_EN}\b|\bdates?\b"
    ),
    "title": r"标题|题目|全名|(?<!作者)叫(?:什么|啥)|名字|\btitled?\b|\b(?:article|post|story) (?:is )?called\b|\bname of (?:the|this|that) [^?]*(?:article|post|story)\b",
}
_OUTRIGHT = {
    "title": "",
    "origin": "",
    "author": "谁画",
    "categories": r"分[在到]|归[在到为于]|哪[一]?个?类|(?:什么|啥)类|算[哪什]",
}
"""What asks for a field only where the question speaks of an article outright; "" is all of it."""

TOGETHER = ("author", "date", "tags", "categories", "link")
"""Fields that one question may ask for beside each other."""

_JOIN = re.compile(r"[、，,和与跟及]|以及|还有|并且|(?<=谁)在|\band\b|&")
_AND_WHEN = re.compile(r"\band when$")
_PATTERNS = {field: re.compile(pattern) for field, pattern in _FIELDS.items()}

_ALONE = re.compile(
    r"(?:作者|笔者)(?:是谁|叫什么|名字|是哪位)?|谁写的|(?:什么时[候间]|何时|哪[一]?[年天日])(?:发表|刊登|写)的?|(?:发表|刊登|发布)(?:日期|时间)(?:是(?:什么|哪天))?"
    r"|(?:标签|关键词)(?:是什么|有哪些)?|(?:请)?(?:总结|概括|概述)一?下?|原?文?(?:链接|网址|出处)(?:是什么|在哪里?)?"
    r"|who (?:wrote (?:it|this)|is the author)|publication date|summar(?:ise|ize)(?: (?:it|this))?"
)
"""Whole questions that speak of the article at hand without a word for it."""

_INSIDE = re.compile(
    r"(?:文章|[篇条]|报道|新闻|博文|帖子)[^，,。]{0,12}?(?:里面?|中|里头|提到|谈到|说到|讲到|说(?!了|的是|什么|啥))(?![国文])[，,]?(?=.{3})|\bin (?:this|that|the) [^,]{1,40}(?:article|post|piece),"
)
"""What asks for something within an article, not about it."""

_ASKED = re.compile(
    rf"{_ONE}|(?:这|那|此)[一]?[条则份个]|消息|本文|该文|此文|有一篇|一篇|文章|报道|博客|博文|帖子|新闻|原文|稿子|稿件|游记|文档|推文|关于|有关|介绍|讲述?(?:了|的是)?|(?:是|由)?(?:谁|何人|哪位)|(?:^|(?<=[篇个章位]))写(?:的是)?|作者|博主|笔名|署的?名?|名(?![\u4e00-\u9fff])|执笔人?|撰稿人?|手笔|出自|来自|之手|笔下|作品|投的?稿"
    rf"|{_WHEN}|日期|时间|最近一次|上次|总结|概括|概述|归纳|简述|一下|主要内容|主要|内容|大意|摘要|概要|梗概|请问?|帮我|说|给个|发表|发布|发出来|登出来|刊登|上线|更新|贴上来|播出|出来|撰写|[发登刊写贴播](?=[的了于在]|$|\W)|标签|关键词|分类下|类别下|分类|类别|栏目|归类|归[在到为于]|分[在到]|属于|(?<!计)算(?=[哪什啥是在作]|$)|链接|网址|地址|出处|标题|题目|全名|叫|名字|打(?=[了的]|$)|挂了?|附了?|附的|(?<=[a-z的])tags?|用了|标了"
    r"|哪[些里儿个位一]?几?个?|什么|啥|一类|来着|有|的|了|是|在|于|呢|吗|到[哪这那]|英文|中文|[,，。?？《》“”\"：:、]"
    r"|\b(?:who|whose|whom|who's|what's|wrote|is|the|author|authors|byline|of|this|that|article|blog|post|piece|story|report|text|write-?up|about|on|when|was|did|does|do|come|came|go|goes|went|up|out|online|put|get|got|released|from|published|written|posted|penned|authored|behind|writer|tags?|tagged|carry|"
    r"how|keywords|categor(?:y|ies)|filed|section|under|which|where|with|belong|link|url|title|titled|called|to|what|are|its|it|publication|date|summary|summarise|summarize|say|cover|main|points?|me|give|please|name|should|i|credit|can|find|for|by|in|a|an|day|has|have|old)\b"
)


@dataclass(frozen=True, slots=True)
class About:
    """A question about an article: the front-matter field it asks for, and the article's topic.

    ``named``: it says outright that it speaks of an article (那篇文章, that post), or names one by its title.
    ``further`` are other fields asked for in the same breath; ``end``, "new" or "old", is said of the newest
    or the oldest article, and ``topic`` is then "".
    """

    field: str
    topic: str
    named: bool = False
    further: tuple[str, ...] = ()
    end: str = ""


LONGEST = 150
"""Characters; a longer question is about something else, and the patterns' time grows faster than it."""


def about(question: str, titles: Sequence[str] = ()) -> About | None:
    """The field that ``question`` asks for, and what is left of it as the topic; None for other questions.

    ``titles`` are those of the articles there are: a question that holds one needs no other word for it.
    """
    folded = fold(question.strip())
    if len(folded) > LONGEST or _INSIDE.search(folded):
        return None
    bare = folded.rstrip("?？。 ")
    title = _title_in(bare, titles)
    rest = bare.replace(title, " ") if title else bare
    named = bool(_NAMED.search(rest))
    if not (named or title or re.search(_QUOTED, folded) or _ALONE.fullmatch(bare)):
        return None
    asked = {
        field: match.start()
        for field, pattern in _PATTERNS.items()
        if (match := pattern.search(rest))
        and (named or not _needs_article(field, rest))
        and (field != "summary" or named or not title)
    }
    if not asked:
        return None
    # Who wrote it, and when? Of a thing that an article tells of, that would be no date of its front matter.
    when = _AND_WHEN.search(rest) if "author" in asked else None
    if when:
        asked.setdefault("date", when.start())
    fields = [next(iter(asked))]
    if fields[0] in TOGETHER and _JOIN.search(rest):  # in the order of the question
        fields = sorted((name for name in asked if name in TOGETHER), key=asked.__getitem__)
    field, further = fields[0], tuple(fields[1:])
    end = END.search(rest) if named and not title else None
    if end and not _topic(END.sub(" ", rest)):
        return About(field, "", named, further, "new" if end["new"] else "old")
    return About(field, title or _topic(rest), named or bool(title), further)


def _needs_article(field: str, rest: str) -> bool:
    """Whether what asks for the field may ask it of what a title names: 清明上河图是谁画的."""
    unsaid = _OUTRIGHT.get(field)
    return unsaid is not None and (not unsaid or not _PATTERNS[field].search(re.sub(unsaid, " ", rest)))


def _topic(rest: str) -> str:
    """What a question names when all is taken from it that asks."""
    kept = _ASKED.sub(" ", rest).split()
    while kept and _JOIN.fullmatch(kept[-1]):
        kept.pop()
    while kept and _JOIN.fullmatch(kept[0]):
        kept.pop(0)
    return " ".join(kept).strip("'-. ")


def _title_in(folded: str, titles: Sequence[str]) -> str:
    """The longest of the titles, or of what stands before or after their colon, that the question holds."""
    found = ""
    for title in titles:
        whole = fold(title).strip()
        for part in (whole, *re.split(r"\s*[:：—|]\s*", whole)):
            enough = len(part) >= (SHORTEST_LATIN if part.isascii() else SHORTEST_TITLE)
            if enough and len(part) > len(found) and part in folded:
                found = part
    return found


SHORTEST_TITLE = 5
SHORTEST_LATIN = 12
"""Characters from which a title, or the part of it before a colon, is taken for one without quotes."""


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
    elif field == "origin":
        # Where a text comes from is said by a link, or else by whose it is.
        return values(article, "link") or values(article, "author")
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
    names = {
        "author": "作者",
        "date": "日期",
        "tags": "标签",
        "categories": "分类",
        "link": "链接",
        "origin": "出处",
    }
    return f"《{article.title}》没有注明{names.get(wanted.field, wanted.field)}。"
