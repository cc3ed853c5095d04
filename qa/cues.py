"""Questions about the collection by what they are made of: whose, when, under which tag, about what.

A question that is nothing but such cues and words that ask for a list or a number ("2020年8月发了什么",
"posts since 2023", "tag:NASA") asks for articles; one that says anything else asks for what stands in them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from embeddings.quantities import MONTHS
from embeddings.words import fold
from qa.where import Where, cuts_word, is_day, people, said

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from embeddings.rows import ArticleRow

LONGEST = 100
"""Characters of a question that is looked at."""

_ZH_NOUN = r"(?:文章|博文|博客|帖子|稿子|报道|新闻|推文|日记|游记)"
_EN_NOUN = r"(?:articles?|blog posts?|posts?|pieces?|stories|ones|write-?ups?)"
_NOUN = re.compile(rf"{_ZH_NOUN}|篇|\b{_EN_NOUN}\b")
_WROTE = re.compile(
    r"写|篇|发[过了表布的]|都发|名下|作品|东西|作者|文章|\b(?:writ(?:e|ten)|wrote|publish(?:ed)?|contributed|posted|by|from)\b"
)
_SENT = re.compile(
    r"发|写|登|刊|文章|篇|\b(?:posted|posts?|publish(?:ed)?|written|came out|come out|went up|articles?|stories)\b"
)
_TAG = re.compile(r"标签|标[着有记了]|(?<![a-z])tags?(?![a-z])|\btagged\b|#")
_CATEGORY = re.compile(r"分类|类别|栏目|目录|(?<=[\u4e00-\u9fff])类|\bcategory\b|\bsection\b|\bfiled under\b")
_COUNT = re.compile(r"多少|(?<!哪)几篇|总数|\bhow many\b|\bnumber of\b")
END = re.compile(
    r"(?P<new>最新|最近|最后|最晚|\b(?:latest|newest|most recent|last)\b)|最早|第一篇|首篇|最先|\b(?:oldest|earliest|first)\b"
)
"""What says the newest, or else the oldest."""

_SEVERAL = re.compile(r"(?:最[新近后晚早]|第一)(?:的|发表的|发的)?(?P<n>[两二三四五六七八九十]|\d{1,2})篇")
_INSIDE = re.compile(
    rf"(?:{_ZH_NOUN}|篇)(?:里面?|中|里头|当中)[，,]?.|\b{_EN_NOUN}\b[^,]*,|[，,].*(?:谁|多少(?!篇)|怎|为什么)"
)
_OF_ONE = re.compile(
    r"什么时[候间]|啥时|何时|几时|哪[天年月]|几月|几号|谁|怎么|为什么|\b(?:when|who|whose|why|how (?!many))\b"
    r"|(?:哪些|什么|啥|几个|哪几个)(?:tags?|标签|分类|类别)|(?:标签|分类|类别|tags?)(?:是|有)?(?:什么|哪些|啥|哪个)|\b(?:tags?|category|section) (?:of|on|for)\b"
)
"""What asks for something of one article, not for articles."""

_WHAT_IS = re.compile(
    rf"什么(?:是|叫做?)(?:一?篇)?{_ZH_NOUN}|{_ZH_NOUN}是(?:什么|啥)(?:东西|意思)?|what (?:is an?|are) {_EN_NOUN}"
)
"""What asks for the meaning of the word."""

_TOPIC = re.compile(
    rf"(?:关于|有关|讲述?|写|介绍|提到|涉及|谈)(?P<a>(?![的了过])[^，,]+?)(?:方面|有关|相关)?(?:的(?:{_ZH_NOUN})?(?:有?(?:没有|没|哪些|哪几篇|吗|么|几篇|多少篇?))?|(?:{_ZH_NOUN}))$"
    rf"|(?:跟|和|与)(?P<b>[^，,]+?)(?:有关|相关)的?(?:{_ZH_NOUN})?(?:有?(?:没有|没|哪些|哪几篇|吗|么))?$"
    r"|(?:想看|有没有|有|找)?(?P<c>[^，,]+?)方面的?[，,]?(?:有?(?:哪些|哪几?篇|什么|吗|没有))?$"
    rf"|\b(?:about|on|regarding|covering|mention(?:s|ing)?)\s(?P<d>(?!(?:the )?(?:{_EN_NOUN}|tag|category)\b)[^,]+)$"
)
_OFFERS = re.compile(
    rf"{_NOUN.pattern}|有没有|^有.*[的](?:吗|没有?|么)?$|想看|\b(?:any|anything|something|got|list|show)\b"
)
_ASKS = re.compile(
    rf"有没有|有无|还有没有|还有?|有|哪些|哪几篇|哪一?[篇个]|什么|啥|多少|几|一共|总共|总数|都|共|全部|所有|列出|列一下|给我|看看|想看|看|找一?下|找|想|你这?[里儿]?|这里|这儿|库里?|里面?|中|下面?|底下|目前|现在|收录?了?|收|写|发表|发布|发|登|刊|出|过|了|的|是|在|名下|作品|东西|内容|{_ZH_NOUN}|篇|别的|其他|其它|更多|吗|呢|没|个|些|之间|标签|分类|类别|栏目|类|带有?|打|挂|着|作者|为|叫|那"
    rf"|(?<![a-z])tags?(?![a-z])|\b(?:list|show|me|every|all|any|anything|something|some|which|what|is|are|was|were|there|do|does|did|you|have|has|had|got|the|an?|by|of|in|on|from|with|tagged|tags?|under|category|section|filed|{_EN_NOUN}|written|wrote|write|publish(?:ed)?|posted|went|go|up|c[oa]me|out|contributed|here|please|it|how|many|total|number|so far|library|ve|s|and|to|year|latest|newest|most recent|oldest|earliest|first|last)\b"
    r"|最新|最近|最后|最晚|最早|最先|第一|[“”\"'「」:：,，#、。]"
)
_DAY = r"(?P<year{0}>[12]\d{{3}})(?:\s*年|(?!\d|\s*[篇个]))(?:\s*(?P<half{0}>[上下])半年|\s*[.-]?\s*(?P<month{0}>\d{{1,2}})(?:\s*月份?|(?=[.-]))(?:\s*[.-]?\s*(?P<day{0}>\d{{1,2}})\s*[日号]?)?)?"
_DATED = re.compile(
    rf"(?P<from>从|自|since |after |between |from )?(?:(?P<name>{'|'.join(MONTHS)}) )?{_DAY.format('')}"
    rf"(?:\s*(?:到|至|和|-|~|—|and|to)\s*(?:{_DAY.format('2')}|(?P<last>\d{{1,2}})月份?))?\s*(?P<edge>之间|间|以来|起|至今|以后|之后|后|以前|之前|前)?"
)
_BEFORE = re.compile(r"(?:before|until|till|by)\s*$")


@dataclass(frozen=True, slots=True)
class Cues:
    """What a question says of the articles it asks for: see :class:`qa.catalog.Wanted`."""

    where: Where
    topic: str
    count: bool
    end: str
    most: int
    without: str = ""
    of: str = ""


def cues(question: str, rows: Sequence[ArticleRow]) -> Cues | None:
    """What the question asks of the collection; None where it says anything else."""
    text = fold(question).strip().rstrip("?？。!！ ")
    return (_kinds(text, rows) or _articles(text, rows)) if text and len(text) <= LONGEST else None


def _articles(text: str, rows: Sequence[ArticleRow]) -> Cues | None:
    """The articles that a folded question asks for; None for any other."""
    apart = _APART.match(text)
    text = text[apart.end() :] if apart else text
    if _INSIDE.search(text) or _OF_ONE.search(text):
        return None
    if not any(cue.search(text) for cue in (_NOUN, _WROTE, _SENT, _OFFERS, _TAG, _CATEGORY)):
        return None
    where, rest = _restricted(text, rows)
    named = where.tag or where.category
    if not named and (_TAG.search(text) or _CATEGORY.search(text)):
        return None
    topic = _TOPIC.search(rest) if _OFFERS.search(text) else None
    about = next((part for part in topic.groups() if part), "").strip(" 的了") if topic else ""
    rest = rest[: topic.start()] if topic else rest
    several, end = _SEVERAL.search(rest), END.search(rest)
    rest = _SEVERAL.sub(" ", rest)
    if "".join(_ASKS.sub(" ", rest).split()).strip("-. ") or not (where or about or _NOUN.search(text)):
        return None
    most = (
        ("一二三四五六七八九十".find(several["n"].replace("两", "二")) + 1 or int(several["n"]))
        if several
        else 0
    )
    if _WHAT_IS.fullmatch(text):
        return None
    count = bool(_COUNT.search(text))
    which = "" if several or count or not end else "new" if end["new"] else "old"
    return Cues(where, about, count, which, most, (apart["zh"] or apart["en"]).strip() if apart else "")


def _kinds(text: str, rows: Sequence[ArticleRow]) -> Cues | None:
    """What asks which authors, tags or categories there are, or how many; None for anything else."""
    match = _KINDS.search(text)
    if not match:
        return None
    said_so = next(name for name in ("zh", "zh2", "en", "en2") if match[name])
    where, rest = _restricted(text[: match.start()] + " " + text[match.end() :], rows)
    if "".join(_ASKS.sub(" ", _THESE.sub(" ", rest)).split()).strip("-. "):
        return None
    of = next(field for field, words in _OF.items() if re.search(words, match[said_so]))
    return Cues(where, "", bool(re.search(r"多少|几|how many|number of", match.group())), "", 0, of=of)


_OF = {"author": "作者|博主|author", "tags": "标签|tag", "categories": "分类|类别|栏目|categor|section"}
_ANY_OF = r"(?:作者|博主|标签|分类|类别|栏目)"
_KINDS = re.compile(
    rf"(?:多少|几|哪些|哪几|什么)(?:个|位|种|名|类)?(?:不同的?)?(?P<zh>{_ANY_OF})"
    rf"|(?P<zh2>{_ANY_OF})(?:的?(?:数量|总数))?(?:一共|总共|都|共|各)*(?:有|是|分)?(?:多少|几|哪些|哪几)(?:个|位|种|名|类)?"
    r"|\b(?:how many|which|what|list|number of)(?: all)?(?: the| of the)?(?: different| distinct)? (?P<en>authors|tags|categories|sections)\b"
    r"|\b(?:list|show me) (?:all )?(?:the |your )?(?P<en2>authors|tags|categories|sections)\b"
)
_THESE = re.compile(
    r"这些|那些|所有|不同|出自|来自|用[到了过]?|分[成为]?|涉及|整个|\b(?:these|those|used?|different|have)\b"
)
_APART = re.compile(
    rf"除了?(?P<zh>[^，,]{{2,20}}?)(?:那一?篇|这一?篇|一文|一篇)?(?:{_ZH_NOUN})?(?:之外|以外|外)?[，,]"
    r"|(?:apart from|besides|other than|except(?: for)?) (?:the )?(?P<en>[^,]{3,40}?)(?: (?:article|post|piece|one))?,\s*"
)
"""An article that is not asked for: "除了京张那篇，…"."""

_MONTH = re.compile(
    rf"(?<![\d年.-])(?P<zh>\d{{1,2}}|十[一二]?|[一二三四五六七八九])月(?:份|里)?(?:(?P<day>\d{{1,2}})[日号])?(?:那天|当天)?(?![\d一二三四五六七八九十])|\b(?:in|from|of) (?P<en>{'|'.join(MONTHS)})\b(?! \d)"
)


def _month(where: Where, rest: str) -> tuple[Where, str]:
    """The restriction with a month that is said without a year, and the text without it."""
    match = _MONTH.search(rest)
    if not match:
        return where, rest
    if match["en"]:
        month = MONTHS[match["en"]]
    else:
        zh = match["zh"]
        month = int(zh) if zh.isdigit() else "一二三四五六七八九十".find(zh[-1]) + 1 + 10 * (len(zh) > 1)
    if not 1 <= month <= 12 or not 1 <= int(match["day"] or 1) <= 31:
        return where, rest
    day = f"-{int(match['day']):02}" if match["day"] else ""
    return replace(where, month=f"{month:02}{day}"), f"{rest[: match.start()]} {rest[match.end() :]}"


def told(question: str, rows: Sequence[ArticleRow]) -> tuple[Where, str]:
    """The restriction that ``question`` says before what it asks, by the cues of :func:`cues`, and the rest
    of it: "Rosalind Pike 那篇里，…", "只看科学分类：…", "in the travel category, ..."; where there is none,
    what :func:`qa.where.said` says.
    """
    folded = fold(question)
    for pattern in _HEADS:
        match = pattern.match(folded)
        if match and len(match["head"]) <= LONGEST_HEAD and not cuts_word(folded, match.end("head")):
            where, left = _restricted(
                _BRACKETS.sub(" ", match["head"]), rows, bare="scope" in pattern.groupindex
            )
            left = _ASKS.sub(" ", _SCOPE.sub(" ", left))
            if where and not "".join(left.split()).strip("-.() "):
                return where, question[match.end() :]
    where, rest = said(question, rows)
    return where, _DANGLING.sub("", rest) if where else rest


LONGEST_HEAD = 40
"""Characters of a restriction before a question."""

_KIND_ZH = rf"(?:{_ZH_NOUN}|篇|分类|标签|类|栏目|目录下?)"
_HEADS = (
    re.compile(
        rf"(?:在|从)?(?P<head>[^，,。？?]{{2,}}?{_KIND_ZH}(?:的?{_ZH_NOUN})?(?:里面?|中|里头|当中|说))[，,：:\s]*(?=.{{3}})"
    ),
    re.compile(r"(?:only )?(?:in|from|according to) (?P<head>[^,:?]{3,}?)[,:] (?=.{3})"),
    # What says that it restricts may leave out of what kind the value is.
    re.compile(
        r"(?P<scope>只看|只查|只找|只搜|只在|仅限?|限定|限于|按照?|根据|据|(?:looking |search )?only (?:at|in|from|within)|looking only (?:at|in)|within|under)\s?(?P<head>[^，,。？?：:]{2,}?)[，,：:]\s*(?=.{3})"
    ),
    re.compile(r"(?P<head>[^，,。？?：:]{2,}?)(?P<scope> only)[,:]\s*(?=.{3})"),
    re.compile(rf"(?P<head>[^，,。？?：:]{{2,}}?[这那一]篇(?:{_ZH_NOUN})?)[，,：:]\s*(?=.{{3}})"),
)
_SCOPE = re.compile(
    r"的?(?:说法|所说|记载|介绍|内容)|来看|说|标[着记了]|贴[着了]|打[着了]|目录|这|\b(?:looking|only|at|within|under|just)\b"
)
_BRACKETS = re.compile(r"\([^()]*[a-z][^()]*\)|\b[a-z]+ (?=\([^()]*[\u4e00-\u9fff])")
"""What a value is in another language, beside it: travel (旅行)."""
_DANGLING = re.compile(r"^(?:(?:只看|只找|找|only|那篇|联播里?|里)?说?\s*[,，:：]\s*|那篇说)")


def _restricted(text: str, rows: Sequence[ArticleRow], *, bare: bool = False) -> tuple[Where, str]:
    """The restriction that a folded text holds, and what is left of it; ``bare`` values need no word that says
    what they are.
    """
    held: dict[str, str] = {}
    rest = text
    bare = bare and not (_TAG.search(text) or _CATEGORY.search(text))
    for name, spoken, values in (
        ("author", _WROTE, lambda: {p for author in {row.author for row in rows} for p in people(author)}),
        ("tag", _TAG, lambda: map(fold, {tag for row in rows for tag in row.tags})),
        ("category", _CATEGORY, lambda: map(fold, {name for row in rows for name in row.categories})),
    ):
        value = _longest(rest, values()) if bare or spoken.search(text) else ""
        if value:
            held[name], rest = value, rest.replace(value, " ", 1)
    if not (_SENT.search(text) or _NOUN.search(text)):
        return Where(**held), rest
    rest, since, until = _dates(rest)
    where = Where(since=since, until=until, **held)
    return (where, rest) if since or until else _month(where, rest)


def _longest(text: str, values: Iterable[str]) -> str:
    return max((v for v in values if v and v in text), key=lambda v: (len(v), v), default="")


def _dates(text: str) -> tuple[str, str, str]:
    """The text without the first date or range, and what it restricts: since, until."""
    match = _DATED.search(text)
    if not match:
        return text, "", ""
    first, last = _span(match, "")
    second = _span(match, "2")[1] if match["year2"] else ""
    if not (is_day(first) and is_day(second)):
        return text, "", ""
    if match["last"] and 1 <= int(match["last"]) <= 12:
        second = f"{match['year']}-{int(match['last']):02}"
    begun = match["from"] or ""
    before = _BEFORE.search(text[: match.start()])
    edge = match["edge"] or ""
    start = before.start() if before else match.start()
    rest = f"{text[:start]} {text[match.end() :]}"
    since, until = first, second or last
    if not second and (edge in ("以前", "之前", "前") or (before and before.group().strip() == "before")):
        since, until = "", _day_before(first)
    elif not second and before:
        since = ""
    elif not second and begun == "after ":
        since, until = _day_after(last), ""
    elif not second and (edge in ("以来", "起", "至今", "以后", "之后", "后") or begun == "since "):
        until = ""
    return rest, since, until


def _span(match: re.Match[str], which: str) -> tuple[str, str]:
    """The first and the last of what a date means, as far as it is known: "2019-01" and "2019-06"."""
    year = match[f"year{which}"] or ""
    half, month, day = (match[f"{name}{which}"] for name in ("half", "month", "day"))
    if half:
        return (f"{year}-01", f"{year}-06") if half == "上" else (f"{year}-07", f"{year}-12")
    if not which and match["name"]:
        month = str(MONTHS[match["name"]])
    known = "-".join([year, *(f"{int(part):02}" for part in (month, day) if part)])
    return known, known


def _day_before(day: str) -> str:
    parts = [int(part) for part in day.split("-")]
    if len(parts) == 1:
        return str(parts[0] - 1)
    try:
        return str(date(parts[0], parts[1], parts[2] if len(parts) > 2 else 1) - timedelta(1))
    except ValueError:
        return day


def _day_after(day: str) -> str:
    parts = [int(part) for part in day.split("-")]
    if len(parts) == 1:
        return str(parts[0] + 1)
    try:
        if len(parts) == 2:
            return f"{parts[0] + parts[1] // 12}-{parts[1] % 12 + 1:02}"
        return str(date(parts[0], parts[1], parts[2]) + timedelta(1))
    except ValueError:
        return day
