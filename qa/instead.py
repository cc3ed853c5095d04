"""The question before with something else in it: "what about X?"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from embeddings.quantities import MONTHS
from embeddings.words import fold
from qa.beside import of_one_kind, sibling
from qa.counted import counted
from qa.items import MEASURE, ORDINAL, names, nth, ranked
from qa.pronouns import PRONOUN, resolved, things
from qa.topic import ASKS, joined, subject, topic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.topic import Exchange

_NOW = re.compile(
    r"如今|现在|目前|当时|以前|最初|起初|最后|最终|today|now|nowadays|these days|back then|originally"
)
_MORE = re.compile(r"还有|还有别的|另外|其他|其它|别的|其余|anything else|what else|who else|others")
_OTHER = re.compile(
    rf"(?:另外?一?|其他|其它|别的|剩下的?)几?[{MEASURE}]?(?:公司|人|产品)?|(?:the )?other(?: one| ones)?"
)
_MEASURED = re.compile(
    r"高度|面积|长度|宽度|深度|价格|价钱|年龄|岁数|温度|人数|数量|重量|速度|距离|海拔|人口|成本|费用|工期|金额|占比|比例|精度|[\u4e00-\u9fff](?:[量额率数价费龄值]|月活|估值)$"
    r"|\b(?:height|area|length|width|depth|price|cost|age|temperature|number|weight|speed|distance|population)"
)
"""What is told by a number."""
_UNTIL = re.compile(r"到|截[至止]")
_HAN_MONTH = r"(?:十[一二]?|[一二三四五六七八九])月份?"
_TIME = re.compile(
    rf"{_HAN_MONTH}|"
    r"(?:到|截[至止])?\d{4}年(?:\d{1,2}月)?(?:\d{1,2}[日号])?|\d{1,2}月份?(?:\d{1,2}[日号])?"
    rf"|\b(?:(?:in|on|by|since) )?(?:(?:\d{{1,2}} )?(?:{'|'.join(MONTHS)}) )?[12]\d{{3}}\b"
)
_CLAUSE = re.compile(
    r"(?:要是|如果|假如|万一).+|.*[㐀-鿿].*[㐀-鿿a-z](?<![年月日天])(?:[以之][前后]|(?P<while>的?时候))|.*[完好了到过]后|(?:不|没|别|要|有|用|能).*的话"
)
"""What says when or if: nothing else in the question before, but another occasion."""
_POINTED = re.compile(rf"(?<=[㐀-鿿])[这那][{MEASURE}]$")


def instead(named: str, history: Sequence[Exchange]) -> tuple[str, ...]:
    """The readings of "what about ``named``?", the likeliest first; "" or nothing for none."""
    last = history[-1]
    plain = fold(named).strip()
    ordinal = ORDINAL.fullmatch(plain)
    if _OTHER.fullmatch(plain):
        return _other(plain, last)
    if ordinal:
        return _ranked(ordinal, named, history)
    if _MORE.fullmatch(plain) or PRONOUN.fullmatch(plain):
        return (joined("" if _MORE.fullmatch(plain) else topic(last), last.question),)
    if occasion := _on_occasion(plain, named, history):
        return occasion
    if PRONOUN.search(plain) and (whose := resolved(named, history)):
        return _of_someone(whose[0], last)
    return _other_or_attribute(_POINTED.sub("", named.removesuffix("的话")), last)


def _of_someone(named: str, last: Exchange) -> tuple[str, ...]:
    """The readings of "what about ``named``?", where a pronoun in it was written out."""
    others = _other_or_attribute(named, last)
    if not named.isascii():
        return (f"{named}是{_asking(named)}？", *others)
    owner = re.match(r"(?P<name>[A-Z].*)['’]s (?P<what>.+)", named)
    if not owner or fold(owner["name"]) in fold(last.question):
        return others
    # Whose it is was the answer: "Who designed X's wife?" is not what is asked.
    return (f"{'Who' if _RELATIVE.search(owner['what']) else 'What'} is {named}?", *others)


_RELATIVE = re.compile(
    r"(?:wife|husband|father|mother|parents?|brothers?|sisters?|sons?|daughters?|child|children|friends?|teachers?|partners?)$"
)


def _other(plain: str, last: Exchange) -> tuple[str, ...]:
    own, beside = sibling(last)
    measured = re.search(rf"[{MEASURE}]$", plain)
    ordinal = re.search(rf"第?一{measured.group()}", last.question) if measured else None
    if ordinal:
        other = f"另一{measured.group() if measured else ''}"
        return (last.question[: ordinal.start()] + other + last.question[ordinal.end() :],)
    return (_put(last, own, beside) if beside else "",)


def _ranked(ordinal: re.Match[str], named: str, history: Sequence[Exchange]) -> tuple[str, ...]:
    last = history[-1]
    name, again = nth(ordinal, history), ranked(ordinal, last)
    if name:
        asked = f"What is {name}?" if name.isascii() else f"{name}是什么？"
        beside = next((item for item in names(history) if item in last.question and item != name), "")
        return (last.question.replace(beside, name) if beside else again, asked)
    return (again or joined(topic(last), named),)


def _on_occasion(plain: str, named: str, history: Sequence[Exchange]) -> tuple[str, ...]:
    """The readings where a time or a condition was named, nothing elsewhere."""
    last = history[-1]
    if _TIME.fullmatch(plain) or _NOW.fullmatch(plain):
        return (_at_time(named, last) if _TIME.fullmatch(plain) else joined(named, last.question),)
    clause = _CLAUSE.fullmatch(plain)
    if not clause:
        return ()
    named = next(iter(resolved(named, history)), named)
    then, same = joined(topic(last), f"{named}会怎么样？"), f"{named}，{last.question}"
    return (same, then) if clause["while"] else (then, same)


def _at_time(named: str, last: Exchange) -> str:
    held = _TIME.search(fold(last.question))
    if not held:
        return joined(named, last.question)
    start, end = held.span()
    until = _UNTIL.match(held.group())
    start += until.end() if until and not _UNTIL.match(named) else 0
    if re.match(r"\d", named) and (preposition := re.match(r"(?:in|on|by|since) ", held.group())):
        start += preposition.end()
    return last.question[:start] + named + last.question[end:]


def _other_or_attribute(named: str, last: Exchange) -> tuple[str, ...]:
    """X as another topic for the same question, and as another question about the same topic."""
    if owned := _owned(named, last):
        return (owned,)
    own = topic(last)
    whole = subject(last)
    owners = [own] if whole.startswith(own) else [whole, own]
    # X的 owns something, and is nothing that the topic has.
    owners = [] if named.endswith("的") else owners
    named = named.removesuffix("的")
    attributes = [_attribute(named, of, last) for of in owners if of]
    known = fold(named) in fold(last.title)
    beside = bool(own) and fold(own + named) in fold(last.text)
    kin, whole = of_one_kind(last, named), in_full(named, last)
    others = [_put(last, own, whole) if whole else "", kin, _put(last, own, named)]
    if kin or whole or (own and _listed_with(own, named, last)):
        attributes = attributes if _MEASURED.search(fold(named)) else []
    first = (beside or bool(_MEASURED.search(fold(named)))) and not known
    many, likely = counted(last.question, named, own)
    if many:
        others = [many, *others] if likely else [*others, many]
    return (*attributes, *others) if first else (*others, *reversed(attributes))


def in_full(named: str, last: Exchange) -> str:
    """A name of which only the end was said, after the topic (十八号 after 神舟十四号); "" elsewhere."""
    own = topic(last)
    short = 1 < len(named) < len(own) - 1 and not named.isascii()
    if not short or named[-1] != own[-1] or fold(own[: -len(named)]) in fold(named):
        return ""
    return own[: -len(named)] + named if _NUMBER.match(own[-len(named) :]) and _NUMBER.match(named) else ""


_NUMBER = re.compile(r"[一二三四五六七八九十\d]+")


def _listed_with(own: str, named: str, last: Exchange) -> bool:
    """Whether the article lists both with nothing but others of the kind between."""
    text, first, second = fold(last.text), re.escape(fold(own)), re.escape(fold(named))
    between = r"(?:、[^、，。；]{1,10})*(?:[、和与及]|以及|, and |, | and )"
    return bool(re.search(f"{first}{between}{second}|{second}{between}{first}", text))


def _attribute(named: str, of: str, last: Exchange) -> str:
    """A question for the ``named`` of something."""
    asks = ASKS.search(fold(last.question))
    if not asks or fold(of) in fold(named) or re.match(r"[A-Z].*['’]s ", named):
        return ""
    if of.isascii() and asks.group().isascii():
        plain = re.sub(r"^(?:the|an?) ", "", named, flags=re.IGNORECASE)
        asking = last.question[slice(*asks.span())]
        asking = "What" if _MEASURED.search(fold(named)) or asking.lower().startswith("how") else asking
        return f"{asking} is the {plain} of {of}?"
    return f"{of}的{named}是{_asking(named)}？"


def _asking(named: str) -> str:
    """What asks for a thing of this name."""
    if _MEASURED.search(fold(named)):
        return "多少"
    return "谁" if re.search(r"[者人员師师]$", named) else "什么"


def _owned(named: str, last: Exchange) -> str:
    """ "Y's Z" with X for Y, where X的 or X's was said, and "for Y" with "for X"; "" elsewhere."""
    said = re.match(r"(?P<preposition>of|for|to|in|on|at|from|with|by) (?!\d)", named)
    if said:
        held = re.search(rf"\b{said['preposition']} [^?]+", last.question)
        return last.question[: held.start()] + named + last.question[held.end() :] if held else ""
    if named.endswith("的"):
        # The 的 that a question ends with, as in 是谁设计的, has no owner before it.
        held = re.search(r"(?:^|(?<=[，,。]))[^的，,。]{1,12}的(?![的\s?？!！。，,吗呢]|$)", last.question)
        held = None if held and ASKS.search(fold(held.group())) else held
        return (
            last.question[: held.start()] + named + last.question[held.end() :]
            if held
            else _headed(named, last)
        )
    if (asked := _QUANTITY.match(last.question)) and named.isascii():
        return asked["how"] + named + last.question[asked.end() :]
    if re.search(r"['’]s?$", named):
        held = re.search(r"\b[A-Z][\w.-]*(?: [A-Z][\w.-]*)*['’]s?(?=\s)", last.question)
        return last.question[: held.start()] + named + last.question[held.end() :] if held else ""
    if re.match(r"[A-Z][\w.-]*(?: [A-Z][\w.-]*)*['’]s ", named):
        whole = next((thing for thing in things(last.question) if "'s " in thing or "’s " in thing), "")
        return last.question.replace(whole, named) if whole else ""
    return ""


_QUANTITY = re.compile(
    r"(?P<how>How (?:much|many) )(?!of )[a-z][\w' -]*?(?= (?:do|does|did|is|are|was|were|can|should)\b)"
)


def _headed(named: str, last: Exchange) -> str:
    """The question before about X's own kind of thing, where X的 was said (居庸关隧道 for 八达岭隧道)."""
    own, owner = topic(last), named.removesuffix("的")
    heads = (own[size:] for size in range(1, len(own) - 1))
    head = next((head for head in heads if fold(owner + head) in fold(last.text)), "")
    return last.question.replace(own, owner + head) if head else ""


def _put(last: Exchange, own: str, named: str) -> str:
    """The question before, with ``own`` replaced; ``named`` before it where it has no such words."""
    if not own and named.isascii():
        own = next(iter(things(last.question)), "")
    at = last.question.find(own) if own else -1
    if at < 0:
        verb = re.match(
            r"(?:When|Where|Who|What|How \w+) (?:is|was|are|were) (?=\S+(?: \S+){0,3}\?)", last.question
        )
        return f"{verb.group()}{named}?" if verb and named.isascii() else joined(named, last.question)
    before = last.question[:at]
    if _DETERMINED.match(named):  # "the tunnel" for "bridge" takes the place of "the bridge"
        before = re.sub(r"\b(?:the|an?) $", "", before, flags=re.IGNORECASE)
    return before + named + last.question[at + len(own) :]


_DETERMINED = re.compile(r"(?:[Tt]he|[Aa]n?|[Tt]his|[Tt]hat) |[A-Z][\w.-]*(?: [A-Z][\w.-]*)*['’]s ")
