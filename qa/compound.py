"""A question about several things at once ("A和B分别…", "A and B respectively"), one question for each."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

from embeddings.segment import is_word, segments
from embeddings.words import fold
from qa.topic import ASKS

if TYPE_CHECKING:
    from collections.abc import Sequence

_JOIN = r"(?:、|和|与|跟|及|以及|还有)"
_THING = r"[^，,。？?、]{1,16}?"
_CHINESE = re.compile(
    rf"(?P<before>(?:[^，,]{{1,20}}[，,])?)(?P<things>{_THING}(?:{_JOIN}{_THING}){{1,4}}?)"
    r"(?:这?[两二三四五][种个次款家者类条座部篇](?P<kind>[^，,的分各]{0,8}))?(?P<middle>(?:的[^，,]{1,12}?|[，,][^，,]{0,20}?)?)"
    r"(?P<each>分别|各自?)(?P<asks>(?:[是有要为].*|.*(?:多少|几|什么|哪|谁|怎|何|多[久长大高远重]).*))"
)
_NAME = r"(?:[Tt]he )?[A-Z][\w'-]*(?: [A-Z][\w'-]*)*"
_ENGLISH = re.compile(
    rf"(?P<head>[A-Za-z][^?]*? )(?P<a>{_NAME}) and (?P<b>{_NAME})(?P<tail>[^?]*?),? (?:respectively|each)(?P<rest>[^?]*)\??"
)
_VERBS = re.compile(r"\b(?:are|were|do|did|does|have|had)\b", re.IGNORECASE)
_SINGULAR = {"are": "is", "were": "was", "do": "does", "have": "has"}


def parts(question: str) -> tuple[str, ...]:
    """The questions that ``question`` asks at once, in its order; () where it asks one."""
    asked = question.strip()
    match = _CHINESE.fullmatch(asked.rstrip("？?。"))
    if match:
        things = _things(asked, *match.span("things"))
        if len(things) < 2:
            return ()
        # 平安的保费和利润分别是多少: what the first is of, the others are of too.
        owner = things[0].rpartition("的")[0]
        if owner and not match["middle"].startswith("的") and not any("的" in thing for thing in things[1:]):
            things = [things[0], *(f"{owner}的{thing}" for thing in things[1:])]
        asks = match["asks"]
        rest = f"{match['kind'] or ''}{match['middle']}{asks}？"
        return tuple(f"{match['before']}{thing}{rest}" for thing in things)
    match = _ENGLISH.fullmatch(asked)
    if match:
        head = _VERBS.sub(lambda verb: _SINGULAR.get(verb.group().lower(), verb.group()), match["head"])
        return tuple(f"{head}{match[name]}{match['tail']}{match['rest']}?" for name in "ab")
    match = _CLAUSES.fullmatch(asked)
    if match and not _POINTS_BACK.search(match["b"]):
        return f"{match['a']}?", f"{match['b'][0].upper()}{match['b'][1:]}?"
    return ()


def _things(asked: str, start: int, end: int) -> list[str]:
    """What stands between the joining words of a range of ``asked``; a character within a word (和谐) joins
    nothing.
    """
    folded = fold(asked)
    held = [(s, e) for s, e in segments(folded) if is_word(folded[s:e], COMMON)]
    things, begun = [], start
    for match in re.compile(_JOIN).finditer(asked, start, end):
        within = any(s <= match.start() and match.end() <= e and (s, e) != match.span() for s, e in held)
        # 和珅: nothing stands before it that it could join.
        if match.start() > begun and not within:
            things.append(asked[begun : match.start()])
            begun = match.end()
    return [thing for thing in (*things, asked[begun:end]) if thing]


COMMON = 20
"""How often the dictionary counts a word within which a character joins nothing; rarer ones are names that it
took together with the 和 before them (和小红).
"""


def trailing(question: str) -> tuple[str, str]:
    """A question, and the short one that goes on from it: "京张有多长，青藏呢？", "京张哪年通车、有多长？"; ("", "")
    for any other.
    """
    two = _two(question.strip())
    if two[0]:
        return two
    match = _TRAILING.fullmatch(question.strip())
    # 是不是他呢, 坐车还是走路呢: that is a question of its own, or of the reader.
    if not match or ASKS.search(match["then"]) or _OWN_QUESTION.search(match["then"]):
        return "", ""
    return f"{match['first']}？", f"{match['then']}呢？"


def _two(asked: str) -> tuple[str, str]:
    """Two Chinese clauses that each ask for something; twice "" where there are not two."""
    match = _TWO.fullmatch(asked)
    if not match or asked.isascii() or _OWN_QUESTION.search(asked) or _LEADS_TO.search(match["first"]):
        return "", ""
    first, then = match["first"], match["then"]
    begins = _IN_TURN.match(then)
    if begins and len(then) > begins.end() and _ENDS_SO.search(first):
        first += then[begins.end() :]  # 在什么时间、什么地点举行: of both is asked where it was held
    return f"{first}？", f"{then}？"


def own(parts: Sequence[str]) -> tuple[str, ...]:
    """What each of the ``parts`` has that the others lack, between what all begin and end with."""
    start = _alike(parts)
    end = _alike([part[start:][::-1] for part in parts])
    return tuple(part[start : len(part) - end].strip() for part in parts)


def _alike(texts: Sequence[str]) -> int:
    """How many characters all of the texts begin with."""
    columns = zip(*texts, strict=False)
    return sum(1 for _ in takewhile(lambda chars: len(set(chars)) == 1, columns))


_ASK = r"(?:when|who|what|where|which|why|how)\b"
_AUXILIARY = r"(?:did|do|does|is|are|was|were|has|have|had|can|could|will|would|should)\b"
_CLAUSES = re.compile(
    rf"(?P<a>{_ASK}[^?]{{10,}}?),? and (?P<b>(?=(?:when|where|why|how(?: \w+)?) {_AUXILIARY}|how (?:many|much)\b"
    rf"|(?:who|what|which) (?!(?:the|an?)\b)){_ASK}[^?]{{12,}})\??",
    re.IGNORECASE,
)
"""Two clauses that ask; "how plants grow and when flowers open" are none, having no "do" or "is" of their own."""
_POINTS_BACK = re.compile(
    r"\b(?:it|its|he|she|him|his|her|they|them|their|this|that|these|those|there)\b", re.IGNORECASE
)
"""What a question that stands alone does not say."""
_ASKED = (
    r"(?:多少(?!有)|几(?!乎|何|[个年天月]前)|(?<!没)什么(?!都|也)|哪(?!吒|怕|[儿里些个]都)|谁(?!都|也|知道)|怎|何(?=时|年|人|地|处|以)|为何"
    r"|为啥|干嘛|多[久长大高远重])"
)
_TWO = re.compile(
    rf"(?P<first>[^？?，,；;、]{{2,}}{_ASKED}[^？?，,；;、]*|{_ASKED}[^？?，,；;、]{{2,}})[？?，,；;、]\s*(?:以及|还有|并且|而且|又(?=[在有是叫]))?"
    rf"(?P<then>[^？?，,；;、]*(?:{_ASKED}|有没有|是否)[^？?，,；;、]*|[^？?，,；;、]{{2,}}[吗没])[？?]?"
)
_PLACED = r"(?:什么(?:地[点方]|时[间候])|[何哪](?:里|儿|时|地|[年天])|谁|哪个(?:城市|国家|地方))"
_IN_TURN = re.compile(rf"[在于由]?{_PLACED}")
_ENDS_SO = re.compile(rf"{_PLACED}$")
_LEADS_TO = re.compile(
    r"^(?:想|要想|要是|如果|假如|不知道|不管|无论|有一?篇|当)|(?:(?<!么)时候?|会儿|之后|以后|以前|[这那]篇)$|篇.*[^谁]$"
)
"""How a clause begins or ends that only says of what the next one asks."""
_OWN_QUESTION = re.compile(r"是不是|有没有|还是|[你您]|有人知道|知道吗|告诉我|能不能说|说说")
_TRAILING = re.compile(
    r"(?P<first>[^？?]*(?:多少|几|什么|哪|谁|怎|何|多[久长大高远重])[^？?，,]*)[？?，,；;]\s*(?:那么?)?(?P<then>[^？?，,；;]{1,16})呢[？?]?"
)
