"""Questions made from single statements of an article: what they say when, how many, where or who.

Chinese asks in place: "京张铁路于1909年通车" asks "京张铁路什么时候通车？" as it stands. So a clause that
opens with a name and holds one date, quantity, place or doer becomes a question of its own; English ones are
turned round by pattern. Whether a question is answered is for the caller to try.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from embeddings.chunk import sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOKED_INTO = 20_000
"""Characters of an article from which questions are made."""


NOWHERE = -1


class Made(NamedTuple):
    """A question made from an article, and where in its text what it asks about stands; NOWHERE for its front
    matter.
    """

    text: str
    at: int


def questions_in_place(title: str, text: str) -> Iterator[Made]:
    """Questions from the Chinese clauses of ``text`` that open with what the article is about."""
    text = text[:LOOKED_INTO]
    names = _names(title, text)
    for sentence in sentences(text):
        for clause in _CLAUSE.finditer(sentence.of(text)):
            question = _in_place(clause.group(), names)
            if question:
                yield Made(question, sentence.start)


def topic_of(title: str) -> str:
    """What the title names before its colon, as in "京张铁路：…"; "" where it names nothing so."""
    head = re.split(r"[：:｜|—]", title, maxsplit=1)
    if len(head) == 2 and 2 <= len(head[0].strip()) <= 12:
        return head[0].strip()
    return ""


_CLAUSE = re.compile(r"[^，。；：！？,;:!?\n]+")
_HAN = re.compile(r"[㐀-䶿一-鿿·]+")

_DATE = r"(?:公元前?)?\d{2,4}年(?:\d{1,2}月(?:\d{1,2}[日号])?)?(?:[初底末])?|\d{1,2}月\d{1,2}[日号]"
_NUMBER = r"(?:约|大约|近|超过|达|多达|共|共有|长达|高达)?(?:\d+(?:[.,]\d+)*|[一二三四五六七八九十百千]{2,5})(?:多|余)?[万亿]?(?:多|余)?"
_UNIT = "公里|千米|米|厘米|公斤|千克|吨|克|元|美元|平方米|平方公里|立方米|个|座|条|颗|种|人|名|次|天|年|小时|分钟|摄氏度|度|层|篇|部|道|盏|节|艘"
_RULES = (
    # Every rule: what follows the name, and the question with {x} for it.
    (
        re.compile(rf"(?P<pre>[^\d]{{0,6}}?)(?:于|在)?(?:{_DATE})(?P<did>[^\d，。]{{2,18}})"),
        "{x}{pre}什么时候{did}？",
    ),
    (
        re.compile(rf"(?P<did>[^\d，。]{{1,10}}?(?:于|在))(?:{_DATE})"),
        "{x}{did}什么时候？",
    ),
    (
        re.compile(
            rf"(?P<pre>[^\d，。]{{1,10}}?)(?P<n>{_NUMBER})(?P<unit>{_UNIT})(?P<post>[^\d，。]{{0,6}})"
        ),
        "{x}{pre}多少{unit}{post}？",
    ),
    (
        re.compile(
            r"(?:是)?由(?P<who>[^，。的]{2,12}?)(?P<did>主持[^，。]{2,8}|设计[^，。]{0,8}|建造[^，。]{0,8}|修建[^，。]{0,8}|发明|发现|提出|创办|创立|负责[^，。]{0,8})"
        ),
        "{x}是谁{did}的？",
    ),
    (re.compile(r"(?:位于|坐落于|坐落在|地处)[^，。]{2,20}"), "{x}在哪里？"),
)
# What points back at another sentence, or hangs on one, makes no question that stands alone.
_HANGS = re.compile(
    r"[这那它他她其此该|]|前者|后者|同[年月日]|当[年月日时]|以上|如下|左右$|^\s*[和与或而但也就]|的$|其中|之[前后]|[（(]|[“”\"]"
)
_ENDS_OPEN = re.compile(r"(?:[时后前的地得和与及在于从被把对为是有]|开始|以来|之间|时候|期间)$")


def _in_place(clause: str, names: list[str]) -> str:
    clause = clause.strip()
    name = next((name for name in names if clause.startswith(name)), "")
    rest = clause[len(name) :]
    if not name or not 3 <= len(rest) <= 24 or _HANGS.search(rest):
        return ""
    for pattern, form in _RULES:
        match = pattern.fullmatch(rest)
        if match:
            parts = {key: (value or "").rstrip("约") for key, value in match.groupdict().items()}
            if _ENDS_OPEN.search(parts.get("did", "")) and "什么时候？" not in form:
                return ""
            return form.format(x=name, **parts)
    return ""


def _names(title: str, text: str) -> list[str]:
    """What clauses open with again and again, and what the title names; the longest first."""
    openings: Counter[str] = Counter()
    for clause in _CLAUSE.finditer(text):
        run = _HAN.match(clause.group().strip())
        if run:
            openings.update(run.group()[:size] for size in range(2, min(9, len(run.group()) + 1)))
    found = {
        name
        for name, count in openings.items()
        if count >= 2 and (name in title or text.count(name) >= 4) and not _NO_NAME.search(name)
    }
    topic = topic_of(title)
    # Of names that always go on alike, only the whole is one: 京张铁 opens nothing but 京张铁路.
    whole = {
        name
        for name in found
        if not any(
            len(other) > len(name) and other.startswith(name) and openings[other] >= 0.8 * openings[name]
            for other in found
        )
    }
    return sorted({*whole, *([topic] if topic else [])}, key=lambda name: (-len(name), name))


_NO_NAME = re.compile(
    r"^[这那它他她其此我你您本有但而也就不如因所当在从对同又还更最并若即只每各某于是由把被将以为与和及或之第几一两多很太已曾要会能可没再]"
    r"|[的了着地得是有在和与或为把被于由说要会能就也都不]|什么|怎么|因为|所以|如果|但是|而且|不过|然后|后来|今天|现在|时候|我们|他们|[一二三四五六七八九十]$"
)
