"""Inside a sentence that answers: the words that answer, and how sure that is."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from embeddings.article import Span
from embeddings.words import fold
from qa.enumeration import is_whole_item, items_around, items_within, list_below
from qa.unmarked import lines_around

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
    r"(?:超过?|近|约|達|达)?(?<![\d.-])(?:\d[\d,.]*\s*[-–~～至到]\s*)?\d[\d,.]*\s*(?:[万亿千百]+)?(?:余|多)?(?:%|％|[个家人名年岁米里克斤吨元种次座条项层倍度台辆]|公里|平方公里|公斤|美[元金]|小时|分钟|天)+"
    r"|百分之[一二三四五六七八九十百点]+|(?<![\d.-])(?:\d[\d,.]*\s*[-–~]\s*)?\d[\d,.]*(?:%| ?(?:percent|km|kilometres?|metres?|meters?|miles?|feet|kg|grams?|g|hours?|minutes?|days?|years?|people|°C))\b"
    r"|[一二两三四五六七八九十百千万]+[个家人名岁米里种次座条项层倍]"
)
_LASTS = re.compile(
    r"(?:约|近|超过?|将近|大约)?(?:\d[\d.,]*|[一二两三四五六七八九十百千半]+)(?:多|余|来)?\s*个?半?(?:年|月|天|小时|钟头|分钟|秒|周|星期|世纪)(?:多|半)?"
    r"|(?:\d[\d.,]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|half an?)) (?:years?|months?|days?|hours?|minutes?|seconds?|weeks?)(?: (?:and )?\d+ (?:minutes?|seconds?|months?|days?))?"
)
TYPED_SURE = 0.65
"""How often the only time or quantity in the right sentence was the answer (F1 0.8 or more) to a question
for one: 102 of 156 such questions of the "fit" half of the development sets."""


def phrase(
    question: Question, text: str, sentence: Span, spans: Sequence[tuple[Span, float]] = ()
) -> tuple[Span, Span, float]:
    """(sentence, phrase within it, how sure: 0..1 that the phrase alone answers).

    The sentence comes back longer where it announces the list that was asked for, or is an item of it. ``spans`` are the
    span reader's, with their logits; those of white space or of the question's own words are none, and one
    of another kind than asked for (no digit for a number) weighs less. Without any, an only date or quantity is the phrase where one
    was asked for.
    """
    own = [
        (tidied(text, sentence, span), logit - (0.0 if _fits(question, span.of(text)) else UNFIT))
        for span, logit in spans
        if sentence.contains(span) and _says_more(question, span.of(text))
    ]
    best = max(own, key=lambda pair: pair[1], default=None)
    counted = _counted(question, text, sentence)
    if counted:
        return sentence, counted, COUNTED_SURE
    listed = _listed(question, text, sentence, best[0] if best else None) if asks_list(question) else None
    if listed:
        return listed
    typed, typed_sure = _typed(question, text, sentence)
    if best and typed_sure and not _fits(question, best[0].of(text)):
        return sentence, typed, typed_sure
    if best:
        total = sum(math.exp(logit - best[1]) for _, logit in own)
        return sentence, best[0], 1.0 / total
    return sentence, typed, typed_sure


def _listed(
    question: Question, text: str, sentence: Span, best: Span | None
) -> tuple[Span, Span, float] | None:
    """What :func:`phrase` gives for the list that ``sentence`` announces, holds or is an item of; None where it
    is none.
    """
    below = list_below(text, sentence)
    if below:
        return *below, 1.0
    if "list" not in question.kinds:
        return None
    items = items_within(text, sentence)
    several = best is not None and _SEVERAL.search(best.of(text))
    block = items_around(text, sentence)
    # 甲、乙 within an item is what was asked for, unless the whole item is.
    if (not items and not several) or (block and best and is_whole_item(text, sentence, best)):
        lines = (block, block) if block else lines_around(text, sentence, best)
        if lines:
            return *lines, 1.0
    # The reader's own span stands where it is a list already: it is right more often.
    if items and (best is None or (items.overlaps(best) and not several)):
        return sentence, items, 1.0
    return None


_SEVERAL = re.compile(r"、|和|及|,| and ")


def asks_list(question: Question) -> bool:
    """Whether several things are asked for."""
    return "list" in question.kinds or bool(_SEVERAL_ASKED.search(question.folded))


_SEVERAL_ASKED = re.compile(r"\b(?:what|which|who) were (?:the|his|her|its|their)\b")
_COUNTS = re.compile(
    r"(?:多少|(?<!哪)几)(?P<unit>[个台辆家座条根颗艘架枚件套项种只名位棵盏扇艘]|公里|吨)(?P<of>[\u4e00-\u9fff]{2,8})"
)
COUNTED_SURE = 0.9
"""How sure the number is that stands right beside what was to be counted."""


def _counted(question: Question, text: str, sentence: Span) -> Span | None:
    """The only number in ``sentence`` right beside the things that the question wants counted: of 配电箱330台、
    变压器299台 the second, for 多少台变压器; None where there is no such.
    """
    asked = _COUNTS.search(question.folded)
    if not asked:
        return None
    folded = fold(sentence.of(text))
    number = rf"(?:约|近|超过?|[上数]?)?(?:\d[\d.,]*[万亿千百]?|[一二两三四五六七八九十百千万亿]+)[余多]?{asked['unit']}"
    for size in range(len(asked["of"]), 1, -1):
        thing = re.escape(asked["of"][:size])
        both = (rf"{thing}(?P<n>{number})", rf"(?P<n>{number}){thing}")
        found = [match.span("n") for pattern in both for match in re.finditer(pattern, folded)]
        if len(set(found)) == 1:
            start, end = found[0]
            return Span(sentence.start + start, sentence.start + end)
    return None


UNFIT = 3.0
"""What a span of another kind than asked for loses of its logit."""

_NUMERAL = r"[\d零〇一二两三四五六七八九十百千万亿半数几]|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|half|hundred|thousand|dozen)\b"
_FITS = {
    "number": re.compile(_NUMERAL),
    "duration": re.compile(
        rf"(?:{_NUMERAL})\W*(?:多|余|个|来|and a half)*\s*(?:年|月|天|日|小时|钟头|分|秒|周|星期|世纪|[a-z]+)"
    ),
    "time": re.compile(
        r"\d|[年月日号时点]|世纪|年代|[春夏秋冬早晚]|[一二三四五六七八九十]|\b(?:january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|century)\b|朝|代|时期|后|前"
    ),
}


def _fits(question: Question, words: str) -> bool:
    """Whether ``words`` are of the kind that is asked for, where it can be told."""
    folded = fold(words)
    if _WHO.search(question.folded) and _ANYBODY.fullmatch(folded.strip()):
        return False
    if asks_list(question) and _BARE_COUNT.fullmatch(folded.strip()):
        return False
    if question.unit and not _SHARE.search(question.unit) and _SHARE.search(folded):
        return False
    return all(pattern.search(folded) for kind, pattern in _FITS.items() if kind in question.kinds)


_BARE_COUNT = re.compile(r"(?:\d+|[一二两三四五六七八九十]+)\s?[个家座种条项类名位部件大步道篇]?")
"""How many there are is not which."""
_SHARE = re.compile(r"%|％|百分")
"""A share is no number of things."""
_WHO = re.compile(r"谁|哪[一]?位")
_ANYBODY = re.compile(r"[\u4e00-\u9fff]{0,3}人们?|大家|群众|百姓")
"""Not whom 谁 asks for, where somebody is named beside: 中国人, 工人, 人们."""


def _says_more(question: Question, words: str) -> bool:
    """Whether ``words`` hold anything that the question does not."""
    folded = fold(words).strip()
    return bool(folded) and (len(folded) == 1 or folded not in question.folded)


_PAIRS = dict(zip("“‘「『《〈（(【[", "”’」』》〉）)】]", strict=True))
_ROUGHLY = re.compile(
    r"(?:将近|接近|超过|不到|大约|大概|至少|最多|近|超|约|逾|达|上千|数)$|\b(?:about|nearly|over|almost|around|more than|less than|at least|some) $"
)


def tidied(text: str, sentence: Span, span: Span) -> Span:
    """The span, grown within its sentence to whole quotes and brackets, and with the "about" of a number."""
    start, end = span.start, span.end
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    for left, right in _PAIRS.items():
        inside = text[start:end]
        if inside.count(left) > inside.count(right):
            at = text.find(right, end, sentence.end)
            end = at + 1 if at >= 0 and at - end < FAR else end
        elif inside.count(right) > inside.count(left):
            at = text.rfind(left, sentence.start, start)
            start = at if at >= 0 and start - at < FAR else start
    if _COUNTED_AFTER.search(fold(text[start:end])) and _MEASURE.match(fold(text[end : end + 1])):
        end -= 1
    if re.match(_NUMERAL, fold(text[start:end])):
        roughly = _ROUGHLY.search(fold(text[sentence.start : start]))
        start -= len(roughly.group()) if roughly else 0
    return Span(start, end)


_COUNTED_AFTER = re.compile(r"、[^、]{2,}(?<![第\d一二两三四五六七八九十百千万])[一二两三四五六七八九十]$")
_MEASURE = re.compile("[大个種种类项位家条名所座]")
"""甲、乙、丙三 before 大类: the number counts what was listed."""

FAR = 40
"""Characters that a phrase grows at most, to close a quotation."""


def _typed(question: Question, text: str, sentence: Span) -> tuple[Span, float]:
    folded = fold(sentence.of(text))
    for kind, pattern in (("time", _TIME), ("number", _QUANTITY), ("duration", _LASTS)):
        if kind in question.kinds:
            found = [
                match.span() for match in pattern.finditer(folded) if match.group() not in question.folded
            ]
            if len(found) == 1:
                start, end = found[0]
                return Span(sentence.start + start, sentence.start + end), TYPED_SURE
    return sentence, 0.0
