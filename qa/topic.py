"""What an exchange is about, by what its article names."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from embeddings.segment import segments
from embeddings.words import STOPWORDS, fold
from qa.people import LATIN_NAME, people

if TYPE_CHECKING:
    from embeddings.article import Span
    from qa.reply import Reply


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question written out, what was answered ("" for nothing), and the article it was taken from:
    title, text and id. ``confidence``, 0..1, is how sure the answer was; ``further`` are the
    answers of that article that were shown after the first; ``place`` is where its sentence stands in the
    article, and ``words`` where the answer does.
    """

    question: str
    answer: str = ""
    sentence: str = ""
    title: str = ""
    text: str = ""
    article: str = ""
    confidence: float = 1.0
    further: tuple[str, ...] = ()
    place: Span | None = None
    words: Span | None = None


def exchange(reply: Reply) -> Exchange:
    """What later questions may refer to; a count or a field of an article stands in no sentence of it."""
    if not reply.answers:
        return Exchange(reply.standalone_question)
    best = reply.answers[0]
    article = best.source.article
    return Exchange(
        reply.standalone_question,
        best.text.strip(),
        best.sentence if best.source.passage else "",
        article.title,
        article.text,
        article.id,
        best.confidence,
        tuple(a.text.strip() for a in reply.answers[1:] if a.source.article.id == article.id),
        best.source.sentence if best.source.passage else None,
        best.source.span if best.source.passage else None,
    )


def topic(last: Exchange) -> str:
    """What an exchange is about: the stretch of its question that its article names most, by length and
    frequency; without an article, the question's first words. "" where there are none.
    """
    folded = ASKS.sub(lambda match: " " * len(match.group()), fold(last.question)[:LONGEST_TOPIC])
    text, title = fold(last.text), fold(last.title)
    best, most = "", 0.0
    for chunk in CHUNK.finditer(folded):
        for start, end in _stretches(chunk.group()):
            part = chunk.group()[start:end]
            if part.isascii() and part.isalpha() and len(part) < 3:
                continue
            held = text.count(part) + 2 * title.count(part)
            value = (end - start) * math.log(1 + held) * (1.5 if part in title else 1.0)
            # A Chinese question begins with what it is about.
            value *= FIRST if chunk.start() + start == 0 and not part.isascii() else 1.0
            if held > 1 and value > most:
                at = chunk.start()
                best, most = last.question[at + start : at + end], value
    if best:
        return _whole_name(best.strip(), last.question)
    first = CHUNK.search(folded)
    latin = LATIN_NAME.search(last.question, 1)
    if first and first.group().isascii():
        single = _SINGLE_NAME.search(last.question)
        return latin.group() if latin else single.group() if single else ""
    who = people(last.question, f"{last.title}\n{last.text}")
    if who and last.question.startswith(who[0]):
        return who[0]
    named = last.question[slice(*first.span())].strip() if first else ""
    return named.rstrip("用有在被把要能会") or named


FIRST = 1.6
"""What the beginning of a Chinese question counts more."""
_SINGLE_NAME = re.compile(r"(?<=\w )[A-Z][\w'’-]{2,}")
DOUBTFUL = 0.4
"""Confidence (0..1) under which an answer is no part of what is asked next."""
LONGEST_TOPIC = 200
"""Characters of a question in which its topic is looked for."""


ASKING = (
    r"为什么|为何|为啥|(?:什么|啥)时[候间]|(?:什么|啥)地方|什么样|什么|啥样?|怎么样|怎么|怎样|咋样?|如何|哪几|哪[个些里儿位种年天家条座一]|谁|多少|多[长高大久远快重深宽]|几"
    r"|哪(?=[?？]|$)|何时|何地|何处|是否|是不是|有没有"
)
ASKS = re.compile(
    rf"{ASKING}|\b(?:who|whom|whose|what|which|when|where|why|how)\b(?: (?:many|much|long|far|old|tall|big))?"
)
_SUBJECT_ENDS = rf"{ASKING}|[的了着是吗呢吧啊,，。;；:：?？!！、“”\"'《》()（）\s]"
CHUNK = re.compile(
    rf"[a-z0-9·-]*(?:(?!{_SUBJECT_ENDS})[㐀-鿿])(?:(?!{_SUBJECT_ENDS})[㐀-鿿a-z0-9·-])*|[a-z0-9][a-z0-9' .-]*[a-z0-9]"
)


def _whole_name(part: str, question: str) -> str:
    """A Latin name with the capitalised words and numbers right beside it in the question."""
    if not part.isascii():
        return part
    beside = r"(?:[A-Z][\w'.-]*|\d+(?:\.\d+)*)"
    match = re.search(rf"(?:{beside} )*{re.escape(part)}\b(?: {beside})*", question)
    if not match:
        return part
    named = match.group().split(" ")
    while len(named) > 1 and named[0].lower() in STOPWORDS:
        named = named[1:]
    return " ".join(named)


def _stretches(chunk: str) -> list[tuple[int, int]]:
    """The parts of a chunk that may be a name: 2 to 12 characters, Latin ones at word boundaries."""
    if re.search(r"[a-z0-9]", chunk):
        edges = sorted({m.start() for m in _EDGE.finditer(chunk)})
        han = [i for i, char in enumerate(chunk) if char > "㐀"]
        edges = sorted({0, len(chunk), *edges, *han, *(i + 1 for i in han)})
    else:
        edges = sorted({0, len(chunk), *(edge for ends in segments(chunk) for edge in ends)})
    latin = not re.search(r"[㐀-鿿]", chunk)
    return [
        (a, b)
        for i, a in enumerate(edges)
        for b in edges[i + 1 :]
        if (latin and (set(chunk[a:b].split()) - STOPWORDS) and b - a <= 40)
        or (not latin and 2 <= b - a <= 12)
    ]


_EDGE = re.compile(r"\b(?!(?<=\d)\.\d)(?!(?<=\d\.)\d)")
"""Where a word begins or ends; 10.7 is one."""


def subject(last: Exchange) -> str:
    """What a Chinese question says something of: its words before the first that can be its verb, where the
    article has them; "" elsewhere.
    """
    found = _SUBJECT.match(last.question)
    named = found["subject"] if found else ""
    return named if named and fold(named) in fold(f"{last.title}\n{last.text}") else ""


_SUBJECT = re.compile(
    rf"(?P<subject>[^，,。？?\s的]{{2,16}}?)(?:{ASKING}|[是有叫在被由从要能会共用长高宽重為为])"
)


def joined(first: str, then: str) -> str:
    """Both as one question; Latin ones with a colon between a topic and what is asked of it."""
    if not first or fold(first) in fold(then):
        return then
    if first[-1].isascii() or then[:1].isascii():
        asks = first.isascii() and bool(ASKS.match(fold(then)))
        return f"{first}{':' if asks else ''} {then}"
    if not ASKS.match(fold(then)) or len(first) <= 12:
        return first + then
    return f"{first}，{then}"
