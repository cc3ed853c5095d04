"""Which articles to search: by date, author, tag, category, folder; given in a call or said in the question."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from embeddings.quantities import MONTHS
from embeddings.segment import segments
from embeddings.words import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from embeddings.rows import ArticleRow


@dataclass(frozen=True, slots=True)
class Where:
    """What an article must be for its passages to be searched; "" asks nothing.

    ``since`` and ``until`` are dates as far as they are known, "2019", "2019-02" or "2019-02-25", both
    included. ``author``, ``tag`` and ``category`` are compared folded (script, width, case) and whole;
    ``folder`` is the beginning of the article's source; ``month``, "04" or "04-23", is of any year.
    """

    since: str = ""
    until: str = ""
    author: str = ""
    tag: str = ""
    category: str = ""
    folder: str = ""
    month: str = ""

    def __bool__(self) -> bool:
        return self != Where()

    def allows(self, row: ArticleRow) -> bool:
        """Whether the article is to be searched."""
        day = row.date[:10]
        return (
            (not self.since or (bool(day) and day >= self.since[: len(day)]))
            and (not self.until or (bool(day) and day[: len(self.until)] <= self.until))
            and (not self.author or _plain(self.author) in people(row.author))
            and (not self.tag or _plain(self.tag) in map(_plain, row.tags))
            and (not self.category or _plain(self.category) in map(_plain, row.categories))
            and (not self.folder or row.source.startswith(self.folder))
            and (not self.month or day[5 : 5 + len(self.month)] == self.month)
        )


def both(given: Where | None, told: Where) -> Where | None:
    """The two together, what was told in place of what was given; None where nothing is restricted."""
    if not given:
        return told or None
    return Where(*(getattr(told, name) or getattr(given, name) for name in Where.__slots__))


def said(question: str, rows: Sequence[ArticleRow]) -> tuple[Where, str]:
    """The restriction that ``question`` says in words, and the question without it.

    "2019年的文章里…", "岷江客写的文章…", "in articles tagged space, ...". Authors, tags and categories
    count only where an article of ``rows`` has them. ``Where()`` and the question itself for any other.
    """
    folded = fold(question)
    if not _SPEAKS_OF_ARTICLES.search(folded):
        return Where(), question
    where, taken = Where(), [False] * len(question)
    for pattern in (_DATED, _DATED_EN):
        match = pattern.search(folded)
        if match and is_day(_day(match, "")) and is_day(_day(match, "2")):
            where = replace(where, since=_day(match, ""), until=_day(match, "2") or _day(match, ""))
            _take(taken, match)
            break
    for name, values in (
        ("author", [row.author for row in rows]),
        ("tag", [tag for row in rows for tag in row.tags]),
        ("category", [category for row in rows for category in row.categories]),
    ):
        found = _named(folded, name, values)
        if found:
            where = replace(where, **{name: found[0]})
            _take(taken, found[1])
            if name != "author":
                break
    rest = "".join(" " if gone else char for char, gone in zip(question, taken, strict=True))
    return where, " ".join(rest.split()).lstrip(_EDGE).rstrip(" ,，、:：") if where else question


_EDGE = " ,，、:："
_KIND = r"(?:文章|报道|新闻(?!发布|处|局|社|界|人|部|官|记|中心|机构|学)|博客|博文|帖子|日记|稿件|稿子)"
_IN = r"(?:里面|里边|里头|当中|之中|里|中|内)?(?:都?(?:提到|讲到|说到)(?:的|了|过)?(?!的))?"
_SPEAKS_OF_ARTICLES = re.compile(
    rf"{_KIND}|标签|分类|类别|栏目|几篇|多少篇|articles?\b|posts?\b|stories\b|news\b|reports?\b|category\b"
)
_WRITTEN = r"(?:所?(?:写|发表|发布|刊登|撰写|刊发|播出|发|著)(?:于|在)?)?"
_DATE = r"(?P<year{0}>[12]\d{{3}})\s*(?:年|-)\s*(?:(?P<month{0}>\d{{1,2}})\s*(?:月份?|-)?\s*(?:(?P<day{0}>\d{{1,2}})\s*[日号]?)?)?"
_DATED = re.compile(
    rf"(?:在|从|自)?{_DATE.format('')}(?:\s*(?:到|至|-|~)\s*{_DATE.format('2')})?(?:间|之间|期间)?(?:{_WRITTEN}的?那?[几些一两]?篇?{_KIND}{_IN}"
    r"|(?=(?:一共|总共|共|都)?(?:有|写|发表|发布)了?(?:多少篇|几篇|哪几篇|哪些(?:文章|报道|新闻))))"
)
_DATED_EN = re.compile(
    rf"\b(?:in|of|from|among)\s+(?:the\s+|an?\s+)?(?:articles?|posts?|stories|news|reports?)\s+(?:(?:written|published|posted|dated)\s+)?(?:in|from|of|on)\s+"
    rf"(?:(?P<name>{'|'.join(MONTHS)})\s+)?(?P<year>[12]\d{{3}})"
    r"|\b(?:in|from)\s+(?:the\s+)?(?P<year3>[12]\d{3})\s+(?:articles?|posts?|stories|news)"
)
_NAMED = {
    "author": (
        rf"(?:在|从)?(?:作者(?:是|为)?)?{{}}{_WRITTEN}的?那?[几些一两]?篇?{_KIND}{_IN}",
        r"\b(?:(?:in|of|from|among|does|do|did)\s+)?(?:the\s+)?(?:articles?|posts?|stories)\s+(?:written\s+)?by\s+{}\b|\bin\s+{}'s\s+(?:articles?|posts?|stories)",
    ),
    "tag": (
        (
            rf"(?:在|从)?(?:标签(?:是|为|叫|带有)?|带有?|打了|贴了)\s*[“\"「'#]?{{}}[”\"」']?\s*(?:标签|这个标签)?(?:下面|下)?的?那?[几些]?篇?{_KIND}{_IN}"
            rf"|(?:在|从)?[“\"「'#]?{{}}[”\"」']?\s*(?:这个)?标签(?:下面|下|里)?的?(?:{_KIND})?{_IN}"
        ),
        r"\b(?:(?:in|of|from|among)\s+)?(?:the\s+)?(?:articles?|posts?|stories)\s+(?:tagged|with the tag)\s+[\"'“]?{}\b[\"'”]?",
    ),
    "category": (
        (
            rf"(?:在|从)?(?:分类|类别|栏目)(?:是|为|叫)?\s*[“\"「']?{{}}[”\"」']?(?:下面|下)?的?那?[几些]?篇?{_KIND}{_IN}"
            rf"|(?:在|从)?[“\"「']?{{}}[”\"」']?\s*(?:这个)?(?:分类|类别|栏目|类)(?:下面|下|里)?的?(?:{_KIND})?{_IN}"
        ),
        r"\b(?:in|of|from|among)\s+the\s+(?:category\s+[\"'“]?{}\b[\"'”]?|[\"'“]?{}\b[\"'”]?\s+category)",
    ),
}


def _named(folded: str, field: str, values: Iterable[str]) -> tuple[str, re.Match[str]] | None:
    """The longest of ``values`` that the question names as a ``field`` of articles."""
    known = {_plain(part): part for value in values for part in _split(field, value) if part.strip()}
    for plain in sorted((p for p in known if p and p in _plain(folded)), key=lambda p: (-len(p), p)):
        for pattern in _NAMED[field]:
            match = re.search(pattern.replace("{}", re.escape(plain)), folded)
            if match:
                return known[plain], match
    return None


def _split(field: str, value: str) -> list[str]:
    return [value, *_JOINED.split(value)] if field == "author" else [value]


_JOINED = re.compile(r"\s*[,，、;；/&]\s*|\s+and\s+")


def names(author: str) -> list[str]:
    """The names in ``author`` as they are written, each of several by itself."""
    return [part for part in _JOINED.split(author.strip()) if part]


def people(author: str) -> set[str]:
    """The names in ``author``, folded: the whole, and each of several."""
    return {_plain(part) for part in _split("author", author)}


def _plain(value: str) -> str:
    return " ".join(fold(value).split())


def is_day(day: str) -> bool:
    """Whether "2019", "2019-02" or "2019-02-25" has a month and a day that there may be; "" has."""
    _, month, number = (*(int(part) for part in day.split("-") if part), 1, 1, 1)[:3]
    return 1 <= month <= 12 and 1 <= number <= 31


def _take(taken: list[bool], match: re.Match[str]) -> None:
    # 文章中国人怎么看: what follows begins with that character.
    end = match.end() - cuts_word(match.string, match.end())
    taken[match.start() : end] = [True] * (end - match.start())


def cuts_word(folded: str, at: int) -> bool:
    """Whether the character before ``at`` is 里, 中, 内 or 说 and begins a word there: 中国, not 文章中."""
    return folded[at - 1 : at] in tuple("里中内说") and any(
        start == at - 1 and end > at for start, end in segments(folded)
    )


def _day(match: re.Match[str], which: str) -> str:
    held = match.groupdict()
    year = held.get(f"year{which}") or ("" if which else held.get("year3"))
    if not year:
        return ""
    month = held.get(f"month{which}") or ""
    if not which and held.get("name"):
        month = str(MONTHS[held["name"] or ""])
    day = held.get(f"day{which}") or ""
    return "-".join([year, *(f"{int(part):02}" for part in (month, day) if part)])
