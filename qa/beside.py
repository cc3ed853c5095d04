"""What stands beside a thing in its article: the other one of two, and words of one kind."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from embeddings.words import STOPWORDS, fold, words
from qa.alike import bundled_alike
from qa.topic import ASKS, CHUNK, topic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qa.topic import Exchange


def sibling(last: Exchange) -> tuple[str, str]:
    """What the question before names and what its article joins to it by "and" most often; twice "" for
    nothing. Two that end alike (内江, 外江) are one of two before all others; the topic is before other words.
    """
    own = topic(last)
    pair = next(_pairs(last), None)
    if pair:
        return pair
    other = _joined_to(fold(own), last) if own else ""
    if other:
        return own, other
    for name in _named(last):
        other = _joined_to(fold(name), last)
        if other:
            return name, other
    return "", ""


def _named(last: Exchange) -> list[str]:
    """The words of two characters or more in the question before, the last first."""
    asked = ASKS.sub(lambda match: " " * len(match.group()), fold(last.question))
    held = [
        last.question[word.start : word.end]
        for word in words(asked)
        if len(word.term) > 1 and word.term not in STOPWORDS
    ]
    return list(dict.fromkeys(reversed(held)))


def _pairs(last: Exchange) -> Iterator[tuple[str, str]]:
    """What the article joins to words of the question, of two characters each that end alike."""
    text = fold(f"{last.title}\n{last.text}")
    for name in _named(last):
        folded = fold(name)
        if len(folded) == 2 and not folded.isascii():
            match = re.search(
                rf"{folded}[和与及、或](?P<after>[㐀-鿿]{folded[1]})|(?P<before>[㐀-鿿]{folded[1]})[和与及、或]{folded}",
                text,
            )
            if match:
                yield name, match["after"] or match["before"]


def _joined_to(own: str, last: Exchange) -> str:
    text = fold(f"{last.title}\n{last.text}")
    if own.isascii():
        pattern = rf"\b{re.escape(own)}\b(?:,| and| or) (?:the )?([a-z][\w'-]*)|\b([a-z][\w'-]*) and (?:the )?{re.escape(own)}\b"
    else:
        pattern = rf"{re.escape(own)}[和与及、]([㐀-鿿]{{2,12}})|([㐀-鿿]{{2,12}})[和与及、]{re.escape(own)}"
    counts: dict[str, float] = {}
    for match in re.finditer(pattern, text):
        beside = match[1] or match[2]
        sizes = [len(beside)] if own.isascii() else range(2, len(beside) + 1)
        for size in sizes:
            part = beside[:size] if match[1] else beside[-size:]
            held = text.count(part)
            counts[part] = max(counts.get(part, 0.0), size * math.log(held) if held > 1 else 0.0)
    best = max(counts, key=lambda part: (counts[part], part), default="")
    return best if counts.get(best) else ""


def of_one_kind(last: Exchange, named: str) -> str:
    """The question before, with what is of the same kind as ``named`` replaced by it; "" where nothing is."""
    at = _ends_alike(last, named) or _nearest(last, named)
    return last.question[: at[0]] + named + last.question[at[1] :] if at else ""


def _ends_alike(last: Exchange, named: str) -> tuple[int, int] | None:
    """Where the question has the longest name of the article that ends in the same two characters."""
    plain, text = fold(named), fold(f"{last.title}\n{last.text}")
    if plain.isascii() or len(plain) < 3:
        return None
    best: tuple[int, int] | None = None
    asked = ASKS.sub(lambda match: " " * len(match.group()), fold(last.question))
    for chunk in CHUNK.finditer(asked):
        at = chunk.group().find(plain[-2:])
        end = chunk.start() + at + 2
        for start in range(chunk.start(), end - 2) if at >= 0 else ():
            if asked[start:end] in text and asked[start:end] != plain:
                best = best or (start, end)
    return best


def _nearest(last: Exchange, named: str) -> tuple[int, int] | None:
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
    most = max((value for value, text in zip(near, texts, strict=True) if text != plain), default=0.0)
    if most < KIN:
        return None
    # Of two as near, the first is what the question is about: 日本持有多少美国国债.
    at = [i for i, value in enumerate(near) if value >= AS_NEAR * most and texts[i] != plain]
    best = max((i for i in at if held[i].start == held[at[0]].start), key=lambda i: len(texts[i]))
    start, end = held[best].start, held[best].end
    own = topic(last)
    begins = last.question.find(own) if own else -1
    # A part of the topic: all of it goes.
    return None if begins >= 0 and start < begins + len(own) and begins < end else (start, end)


AS_NEAR = 0.75
"""Share of the greatest closeness from which a word is as near."""
KIN = 0.6
"""Cosine (0..1) from which two words name things of one kind (冬天, 夏天)."""
SAME_ENDING = 0.75
"""What words of one length that end alike count (内江, 外江), where characters say what they are."""
