"""Inside a sentence that answers: the words that answer, and how sure that is."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from embeddings.article import Span
from embeddings.words import fold
from qa.enumeration import items_after, items_within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.question import Question

_TIME = re.compile(
    r"(?:公元前?|約|约)?\d{1,4}年(?:\d{1,2}月)?(?:\d{1,2}[日号])?(?:初|底|末|前后)?|\d{1,2}月\d{1,2}[日号]|\d{4}-\d{1,2}-\d{1,2}"
    r"|[一二三四五六七八九〇零十]{2,4}年(?:[一二三四五六七八九十]{1,2}月)?(?:[一二三四五六七八九十]{1,3}[日号])?"
    r"|\b\d{1,2} (?:january|february|march|april|may|june|july|august|september|october|november|december)(?: \d{4})?"
    r"|\b(?:january|february|march|april|may|june|july|august|september|october|november|december) \d{1,2}(?:, \d{4})?"
    r"|\b1\d{3}\b|\b20\d\d\b"
)
_QUANTITY = re.compile(
    r"(?:超过?|近|约|達|达)?\d[\d,.]*\s*(?:[万亿千百]+)?(?:余|多)?(?:%|％|[个家人名年岁米里克斤吨元种次座条项层倍度台辆]|公里|平方公里|公斤|美[元金]|小时|分钟|天)+"
    r"|百分之[一二三四五六七八九十百点]+|\d[\d,.]*(?:%| ?(?:percent|km|kilometres?|metres?|meters?|miles?|feet|kg|grams?|g|hours?|minutes?|days?|years?|people|°C))\b"
    r"|[一二两三四五六七八九十百千万]+[个家人名岁米里种次座条项层倍]"
)
TYPED_SURE = 0.65
"""How often the only time or quantity in the right sentence was the answer (F1 0.8 or more) to a question
for one: 102 of 156 such questions of the "fit" half of the development sets."""


def phrase(
    question: Question, text: str, sentence: Span, spans: Sequence[tuple[Span, float]] = ()
) -> tuple[Span, Span, float]:
    """(sentence, phrase within it, how sure: 0..1 that the phrase alone answers).

    The sentence comes back longer where it announces the list that was asked for. ``spans`` are the
    span reader's, with their logits (one of white space is none); without any, an only date or quantity is the phrase where one
    was asked for.
    """
    own = [(span, logit) for span, logit in spans if sentence.contains(span) and span.of(text).strip()]
    best = max(own, key=lambda pair: pair[1], default=None)
    if "list" in question.kinds:
        whole = items_after(text, sentence)
        if whole:
            return (
                whole,
                Span(
                    sentence.end + len(text[sentence.end :]) - len(text[sentence.end :].lstrip()), whole.end
                ),
                1.0,
            )
        items = items_within(text, sentence)
        if items and (best is None or items.overlaps(best[0])):
            return sentence, items, 1.0
    if best:
        total = sum(math.exp(logit - best[1]) for _, logit in own)
        return sentence, best[0], 1.0 / total
    return sentence, *_typed(question, text, sentence)


def _typed(question: Question, text: str, sentence: Span) -> tuple[Span, float]:
    folded = fold(sentence.of(text))
    for kind, pattern in (("time", _TIME), ("number", _QUANTITY)):
        if kind in question.kinds:
            found = [
                match.span() for match in pattern.finditer(folded) if match.group() not in question.folded
            ]
            if len(found) == 1:
                start, end = found[0]
                return Span(sentence.start + start, sentence.start + end), TYPED_SURE
    return sentence, 0.0
