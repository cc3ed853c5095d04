"""Follow-up questions written out: what "and the other one?" asks, from the exchanges before it.

Pure and deterministic, in the manner of rule-based query rewriting (Elgohary et al. 2019, CANARD, name the
cases): a pronoun becomes what it stands for, "what about X?" takes X into the question before, a bare
question word asks it of the statement before, and a question without a subject gets the topic.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from embeddings.segment import is_word
from embeddings.words import STOPWORDS, fold, words
from qa.about import about
from qa.alike import bundled_alike
from qa.bilingual import in_chinese
from qa.topic import ASKS, CHUNK, LATIN_NAME, Exchange, exchange, sibling, topic

if TYPE_CHECKING:
    from collections.abc import Sequence


__all__ = ["Exchange", "exchange", "standalone", "topic"]


def standalone(question: str, history: Sequence[Exchange]) -> tuple[str, ...]:
    """``question`` written out, the likeliest reading first; itself alone where it stands alone.

    Never empty. The newest exchange counts: what it took from those before is written out in it; only the
    topic that a question lacks may also be that of the exchange before.
    """
    asked = _CHANGES.sub("", question.strip())
    if not history or not asked:
        return (question,)
    last, folded = history[-1], fold(asked)
    back = _BACK_TO.match(folded)
    if back:
        return _back_to(asked[slice(*back.span("what" if back["what"] else "whom"))], asked[back.end() :])
    beside = _WHAT_ABOUT.fullmatch(folded) or _THE_NTH.fullmatch(folded)
    nth = _NTH.match(folded)
    if beside and not ASKS.search(beside["zh"] or beside["en"]):
        named = asked[slice(*beside.span("zh" if beside["zh"] else "en"))]
        found = _what_about(named, last)
    elif nth and (item := _nth(nth, last)):
        found = (item + asked[nth.end() :],)
    elif _BARE.fullmatch(folded):
        found = (_bare(asked, last),)
    elif (pronoun := _PRONOUN.search(folded)) and not _names_anew(asked[: pronoun.start()], last):
        found = tuple(
            _pronouns(asked, folded, last, other)
            for other in ("", _someone(history[-2:]), *_things(last.question))
            if not other or _stands_for(pronoun, other, last)
        )
    elif _has_no_subject(folded, last):
        found = tuple(_joined(topic(before), asked) for before in reversed(history[-2:]))
    elif _names_nothing(asked, folded, last):
        found = (asked, _joined(topic(last), asked))
    elif _THESE.search(folded):
        found = (_joined(topic(last), asked), asked)
    else:
        return (asked,)
    return tuple(dict.fromkeys(text for text in found if text)) or (asked,)


_MEASURE = "个条点种项类家位座步款篇章期"
_ORDINAL = re.compile(
    rf"第(?P<n>[一二三四五六七八九十]|[1-9]\d?)[{_MEASURE}]?|(?P<bare>[一二三四五六七八九]|[1-9])[{_MEASURE}](?=呢|$)"
    rf"|(?P<end>最后一?)[{_MEASURE}]|the (?P<en>first|second|third|fourth|fifth|last)(?: one)?(?=\s*\??$|\s+(?:one|did|was|is|were|do|does|has|had)\b)"
)
_NTH = re.compile(rf"(?:那么?|and )?(?:{_ORDINAL.pattern})(?=[^月年日号\d]|$)")
_CHANGES = re.compile(
    r"^(?:换个(?:话题|问题)|换一?个(?:话题|问题)|顺便(?:再)?问(?:一下|一句)?|另外(?:再)?问(?:一下)?|对了|再问(?:一下|一个)?|by the way|btw|one more thing|(?:ok|okay|now)(?=,))[,，:：。 ]+",
    re.IGNORECASE,
)
_SOMEONE = re.compile(r"[这那][个位]?人|作者")
_SENTENCE_END = re.compile(r"[。！!;；]|\. ")
_ORDINALS = {name: n for n, name in enumerate("first second third fourth fifth".split())}
_THE_NTH = re.compile(
    r"(?P<zh>)(?:and )?(?P<en>the (?:first|second|third|fourth|fifth|last|other|next)(?: one)?)\??"
)
_BACK_TO = re.compile(
    r"(?:回到|再说说?|说回|回头说|再回到)(?P<what>[^，,：:]{1,20})[，,：:]\s*(?=.{2})|(?:(?:going )?back to) (?P<whom>[^,:]{1,40})[,:] (?=.{2})"
)
_THESE = re.compile(r"[这那](?:几|些|[两二三四五六七八九十])[\u4e00-\u9fff]")
_NOW = re.compile(
    r"如今|现在|目前|当时|以前|最初|起初|最后|最终|today|now|nowadays|these days|back then|originally"
)
_MORE = re.compile(r"还有|还有别的|另外|其他|其它|别的|其余|anything else|what else|who else|others")
_OTHER = re.compile(
    r"(?:另外?一?|其他|其它|别的|剩下的?)几?[个家位条种座款项篇]?(?:公司|人|产品)?|(?:the )?other(?: one| ones)?"
)
_WHAT_ABOUT = re.compile(
    r"(?:那么|那|还有|然后|而)?[,，]?(?P<zh>[^?？]{1,24}?)(?:又)?(?:怎么样)?呢[?？]?"
    r"|(?:(?:(?:and|then|ok|so),? )?(?:what|how) about|and) (?P<en>[^?]{1,60}?)\??",
)
_BARE = re.compile(
    rf"(?:那么|那|然后|还有|又|具体|到底|究竟|是|在|于|有|因|从|到|向|跟|用|由|and|but|so|then|in|on|at|since|by|,|，|\s)*(?:哪一?[天年月]|哪[个所家座本条][㐀-鿿]{0, 3}|几[月号日年点]|(?:what|which) (?:year|day|date|month|city|country|place|age)|{ASKS.pattern})(?:的|了|是|呢|原因|so|not|exactly|else|\s)*[?？]?"
)
_PRONOUN = re.compile(
    r"(?P<person>(?<![其吉])他们|她们|(?<![其吉])他(?!人|乡|们)|她(?!们))|(?P<place>那里|那儿|那边|当地)"
    r"|(?P<thing>(?<!其)它们?|(?<!的)[这那该此](?:[个家条位座种项本部款次场台架艘颗类件支](?!(?:人|时候|月|星期|问题|说法|意思)))"
    r"|(?<![应活])该(?!文|篇|不该)(?=[㐀-鿿])|(?<![尤极土耳莫与])其(?![他它中实次余]))"
    r"|\b(?P<en_person>he|she|him|her|his)\b|(?P<en_place>\bthere(?=\s*\??$))"
    r"|(?<!when is )\b(?P<en_thing>it|its|they|them|their|(?<=is )(?:this|that)|(?<=was )(?:this|that)|(?:this|that)(?=\s*\??$))\b(?! (?:article|post|is it))"
)
_WHO = re.compile(r"谁|哪位|何人|什么人|叫什么|\bwho\b")
_MEASURED = re.compile(
    r"高度|面积|长度|宽度|深度|价格|价钱|年龄|岁数|温度|人数|数量|重量|速度|距离|海拔|人口|成本|费用|工期|金额|占比|比例"
    r"|\b(?:height|area|length|width|depth|price|cost|age|temperature|number|weight|speed|distance|population)"
)
"""What is told by a number."""
_NOUN_PHRASE = re.compile(r"(?P<thing>\b(?:the|an?) (?:[\w'’-]+ ){1,3}(?:of|on|in|at|for|from) [^?]+)\??$")
_WORD = r"(?!(?:is|was|were|are|be|did|does|do|has|had|come|came|go|went|lit|made|built|put|called|cut|used|found|left|in|on|at|by|for|from|to|with|and|that|which|who|of)\b)[\w'’-]+"
_THING = re.compile(
    rf"\b(?:the|an?|[A-Z][\w-]*(?: [A-Z][\w-]*)*['’]s) {_WORD}(?: {_WORD}){{0,2}}(?=$|\?| \w)"
)
_NO_PERSON = re.compile(
    r"什么时[候间]|何时|哪[一]?[年天里儿]|几|多[少久长大高远]|为什么|怎[么样]|\b(?:when|where|how|why)\b"
)
LONGEST_NAME = 30
"""Characters of an answer that a pronoun may stand for."""
COMMON = 1000
"""Occurrences in the segmenter's dictionary from which a word names nothing by itself."""
_WHERE = re.compile(r"哪里|哪儿|何处|何地|什么地方|\bwhere\b")
_HAN_MONTH = r"(?:十[一二]?|[一二三四五六七八九])月份?"
_TIME = re.compile(
    rf"{_HAN_MONTH}|"
    r"\d{4}年(?:\d{1,2}月)?(?:\d{1,2}[日号])?|\d{1,2}月份?(?:\d{1,2}[日号])?|\b[12]\d{3}\b"
)
_ITEMS = re.compile(r"\n+|、|；|;|(?<=[^\d]),\s*(?:and\s+)?|\s+and\s+|和(?=[^和]{2,12}$)")
_GOES_ON = re.compile(r"(?:后来|然后|接着|之后|随后|最后|还|那时|当时|同时|此外)")


def _what_about(named: str, last: Exchange) -> tuple[str, ...]:
    plain = fold(named).strip()
    found: tuple[str, ...]
    ordinal, time = _ORDINAL.fullmatch(plain), _TIME.fullmatch(plain)
    if ordinal and not _OTHER.fullmatch(plain):
        name = _nth(ordinal, last)
        asked = f"What is {name}?" if name.isascii() else f"{name}是什么？"
        found = (asked if name else _joined(topic(last), named),)
    elif _OTHER.fullmatch(plain):
        beside = sibling(last)
        found = (_replaced(last, beside) if beside else "",)
    elif _PRONOUN.fullmatch(plain):
        found = (_joined(topic(last), last.question),)
    elif _NOW.fullmatch(plain):
        found = (_joined(named, last.question),)
    elif _MORE.fullmatch(plain):
        found = (last.question,)
    elif time:
        held = _TIME.search(fold(last.question))
        start, end = held.span() if held else (0, 0)
        instead = last.question[:start] + named + last.question[end:]
        found = (instead if held else _joined(named, last.question),)
    else:
        found = _other_or_attribute(named, last)
    return found


def _other_or_attribute(named: str, last: Exchange) -> tuple[str, ...]:
    """X as another topic for the same question, and as another question about the same topic."""
    own = topic(last)
    asks = ASKS.search(fold(last.question))
    attribute = ""
    if asks and own:
        asking = last.question[slice(*asks.span())]
        latin = asking.isascii()
        measured = bool(_MEASURED.search(fold(named)))
        attribute = (
            f"What is the {named} of {own}?"
            if latin and measured
            else f"{asking} is the {named} of {own}?"
            if latin
            else _joined(own, f"的{named}是{'多少' if measured else asking}？")
        )
    known = fold(named) in fold(last.title)
    beside = bool(own) and fold(own + named) in fold(last.text)
    others = (_kin_replaced(last, named), _replaced(last, named))
    first = (beside or bool(_MEASURED.fullmatch(fold(named)))) and not known
    return (attribute, *others) if first else (*others, attribute)


def _nth(ordinal: re.Match[str], last: Exchange) -> str:
    """The first words of the n-th thing of the list that was answered; "" where there is none."""
    items = [part.strip(" -*•0123456789.、)）。") for part in _ITEMS.split(last.answer)]
    items = [part for part in items if part]
    number = ordinal["n"] or ordinal["bare"]
    if number:
        n = int(number) - 1 if number.isdigit() else "一二三四五六七八九十".index(number)
    else:
        n = _ORDINALS.get(ordinal["en"] or "last", -1)
    # A long item explains itself; its first words name it.
    return re.split(r"[，,：:（(—]", items[n])[0] if 1 < len(items) > n else ""


def _replaced(last: Exchange, named: str) -> str:
    """The question before, with its topic replaced; before it where it has none."""
    own = topic(last)
    at = last.question.find(own) if own else -1
    if at < 0:
        return _joined(named, last.question)
    return last.question[:at] + named + last.question[at + len(own) :]


def _kin_replaced(last: Exchange, named: str) -> str:
    """The question before, with the word of the same kind as ``named`` replaced by it; "" where none is."""
    plain = fold(named)
    asks = ASKS.search(fold(last.question))
    held = [
        word
        for word in words(last.question)
        if word.term not in STOPWORDS and not (asks and asks.start() < word.end and word.start < asks.end())
    ]
    texts = [fold(last.question[word.start : word.end]) for word in held]
    near = bundled_alike().closeness(plain, texts)
    near = [
        max(value, SAME_ENDING if text[-1] == plain[-1] and abs(len(text) - len(plain)) < 2 else 0.0)
        for value, text in zip(near, texts, strict=True)
    ]
    best = max(range(len(held)), key=lambda i: (near[i], len(texts[i])), default=-1)
    if best < 0 or near[best] < KIN or texts[best] == plain:
        return ""
    start, end = held[best].start, held[best].end
    own = topic(last)
    at = last.question.find(own) if own else -1
    if at >= 0 and start < at + len(own) and at < end:
        return ""  # a part of the topic: all of it goes
    return last.question[:start] + named + last.question[end:]


KIN = 0.6
"""Cosine (0..1) from which two words name things of one kind (冬天, 夏天)."""
SAME_ENDING = 0.75
"""What words of one length that end alike count (内江, 外江), where characters say what they are."""


def _bare(asked: str, last: Exchange) -> str:
    """A question word asked of the statement before: that question with its answer filled in."""
    asks = ASKS.search(fold(last.question))
    statement = last.question.rstrip("？?吗呢 ")
    if asks and last.answer and len(last.answer) <= 40:
        statement = last.question[: asks.start()] + last.answer + last.question[asks.end() :]
        statement = statement.rstrip("？?吗呢 ")
    elif asks:
        statement = (last.question[: asks.start()] + last.question[asks.end() :]).rstrip("？?吗呢 ")
    return _joined(statement, asked.lstrip("那么，, "))


def _pronouns(asked: str, folded: str, last: Exchange, instead: str = "") -> str:
    """``asked`` with its pronouns replaced by what they stand for, or by ``instead``."""
    own, answer = instead or topic(last), last.answer if len(last.answer) <= LONGEST_NAME else _name_in(last)
    question = fold(last.question)
    out: list[str] = []
    at = 0
    for match in _PRONOUN.finditer(folded):
        kind = (match.lastgroup or "").removeprefix("en_")
        meant = own
        persons = kind == "person" or match.group() in ("they", "them", "their")
        who = persons and answer and _WHO.search(question)
        where = kind == "place" and answer and _WHERE.search(question)
        if not instead and (who or where):
            meant = answer
        elif not instead and match.group() == "there":
            meant = ""
        alone = not out or kind != "thing" or match.group() not in ("it", "its")
        generic = match.group() in ("they", "them") and re.search(r"\bits?\b", folded)
        if not meant or generic or (not alone and meant == own and own in "".join(out)):
            continue
        out.append(asked[at : match.start()])
        latin = match.group() in ("his", "her", "its", "their") and not _ends_asking(folded, match.end())
        there = "in " if match.group() == "there" else ""
        out.append(there + meant + ("'s" if latin and meant[-1].isascii() else ""))
        at = match.end()
        at += len(" one") if re.match(r" one\b", folded[at:]) else 0
        # 这条铁路 after 京张铁路 is that name, not 京张铁路铁路.
        for size in range(min(4, len(meant) - 1), 0, -1):
            if folded.startswith(fold(meant[-size:]), at):
                at += size
                break
    out.append(asked[at:])
    return "".join(out)


def _someone(history: Sequence[Exchange]) -> str:
    """Who or what was answered last in ``history``, unless a time, a place or a number was asked for."""
    found = (
        last.answer
        for last in reversed(history)
        if 1 < len(last.answer) <= LONGEST_NAME
        and (_WHO.search(fold(last.question)) or not _NO_PERSON.search(fold(last.question)))
        and not re.search(r"\d", last.answer)
    )
    return next(found, "")


def _things(question: str) -> list[str]:
    """What an English question names with an article or a possessive, the last first; at its end with all that
    tells it from others ("the first X on the Y") before.
    """
    whole = _NOUN_PHRASE.search(question)
    named = [match.group() for match in _THING.finditer(question)]
    return list(dict.fromkeys([*([whole["thing"].strip()] if whole else []), *reversed(named)]))


def _stands_for(pronoun: re.Match[str], name: str, last: Exchange) -> bool:
    """Whether the pronoun may stand for ``name``, which is not the topic of the last exchange."""
    person = (pronoun.lastgroup or "").endswith("person") or pronoun.group() in ("they", "them", "their")
    return name != topic(last) and person == (not _THING.match(name) and not _NOUN_PHRASE.match(name))


def _back_to(what: str, rest: str) -> tuple[str, ...]:
    """The question after "back to X": X for its pronoun, or before it."""
    folded = fold(rest)
    last = Exchange(what, title=what, text=f"{what} {what}")
    named = _pronouns(rest, folded, last, what) if _PRONOUN.search(folded) else ""
    return tuple(dict.fromkeys(text for text in (named, _joined(what, rest)) if text))


def _names_nothing(asked: str, folded: str, last: Exchange) -> bool:
    """Whether all that a short question names is common words, or words of the last article."""
    own = fold(topic(last))
    if not own or own in folded or not last.text or len(folded) > (60 if folded.isascii() else 20):
        return False
    if about(asked) or _SENTENCE_END.search(folded) or _SOMEONE.match(folded):
        return False
    if re.search(r"(?<=\w) [A-Z]", asked):
        return False
    text = fold(f"{last.title}\n{last.text}")
    terms = [word for word in words(ASKS.sub(" ", folded)) if len(word.term) > 1]
    return all(
        bool(in_chinese(word.term)) and asked[word.start : word.start + 1].islower()
        if word.term.isascii() and word.term.isalpha()
        else is_word(word.term, COMMON)
        for word in terms
        if folded[word.start : word.end] not in text
    )


def _names_anew(before: str, last: Exchange) -> bool:
    """Whether what stands before a pronoun ends a sentence or names something new that it may stand for."""
    folded, known = fold(before), fold(f"{last.question} {last.answer} {last.title} {last.text}")
    if _SENTENCE_END.search(folded):
        return True
    latin = [match.group() for match in LATIN_NAME.finditer(before)]
    han = [match.group() for match in CHUNK.finditer(ASKS.sub(" ", folded)) if len(match.group()) > 2]
    return any(fold(name) not in known for name in latin) or any(
        not part.isascii() and not any(part[i : i + 2] in known for i in range(len(part) - 1)) for part in han
    )


def _name_in(last: Exchange) -> str:
    """The first Latin name of two words or more in a long answer that the question did not hold."""
    found = (match.group() for match in LATIN_NAME.finditer(last.answer))
    return next((name for name in found if fold(name) not in fold(last.question)), "")


def _ends_asking(folded: str, at: int) -> bool:
    return not folded[at:].strip(" ?？")


def _has_no_subject(folded: str, last: Exchange) -> bool:
    """Whether the question names nothing new: all its few words are words of the last article, and the
    topic is not among them.
    """
    own = fold(topic(last))
    if not own or own in folded or not last.text:
        return False
    bare = ASKS.sub(" ", folded)
    held = [word for word in words(bare) if len(word.term) > 1 or word.term.isascii()]
    if _GOES_ON.match(folded):
        return len(held) <= 4
    size = sum(char.isalnum() and char not in STOPWORDS for char in bare)
    if bare.isascii():
        return False
    text, title = fold(last.text), fold(last.title)
    return size <= 8 and all(word.term in text and word.term not in title for word in held)


def _joined(first: str, then: str) -> str:
    """Both as one question, with a space between Latin words."""
    if not first or fold(first) in fold(then):
        return then
    if first[-1].isascii() or then[:1].isascii():
        return f"{first} {then}"
    if not ASKS.match(fold(then)) or len(first) <= 12:
        return first + then
    return f"{first}，{then}"
