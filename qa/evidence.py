"""How strongly each sentence of a passage speaks to a question: numbers, by name.

The features are those of answer-sentence selection (Yih et al. 2013; Yang et al. 2015, WikiQA) --
weighted overlap of words and character pairs, longest common run, context -- with the expected
kind of answer, and the embedder's and span reader's own evidence where there is any.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING

from embeddings.words import fold, grams, numbers, words
from qa.alike import NAMES as ALIKE
from qa.amounts import amount

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from embeddings.article import Span
    from embeddings.words import Word
    from qa.question import Question

_DATE = re.compile(
    r"\d{1,4}\s*年|\d{1,2}\s*月|\d{1,2}\s*[日号]|世纪|年代|\b(?:1\d|20)\d\d\b|[春夏秋冬]季|\d{1,2}[:：]\d{2}|[早晚]上|凌晨|上午|下午|时期|朝"
)
_NUMBER = re.compile(
    r"\d|[一二三四五六七八九十百千万亿两半]+[个位名家人次年月天岁米里斤吨元种条项层座只台辆公千万亿%]|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|hundred|thousand|million)\b"
)
_PERSON = re.compile(
    r"先生|女士|教授|博士|总统|主席|总理|董事长|经理|校长|老师|导演|作家|将军|皇帝|由[^，。]{2,8}(?:创|设计|建|写|发明|担任|执导)|[·•]|\b[A-Z][a-z]+ [A-Z][a-z]+"
)
_PLACE = re.compile(
    r"[省市县区州国镇村岛山河湖海港湾路街]|位于|坐落|地处|出生于|\b(?:in|at|near) (?:the )?[A-Z]"
)
_REASON = re.compile(
    r"因为|因[^此而素]|由于|因此|所以|导致|为了|使得|以便|故|以致|缘于|\bbecause\b|\bdue to\b|\bso that\b|\bsince\b|\bto avoid\b"
)
_LIST = re.compile(r"[^、\n]+、[^、\n]+|[：:]\s*$|分别|包括|包含|首先|其次|第一|一是|[^,]+, [^,]+,? and ")
_DEFINITION = re.compile(r"是(?:一|指|由|以|中|世)|指的?是|即|又称|简称|称为|\bis an?\b|\bmeans\b|\brefers\b")
_DURATION = re.compile(
    r"(?:\d|[一二三四五六七八九十百千两半数几])\s*(?:多|余|个|来)*\s*(?:年|月|天|日|小时|钟头|分钟|分|秒|周|星期|世纪)|(?:years?|months?|days?|hours?|minutes?|seconds?|weeks?|centur(?:y|ies))\b"
)
_SHOWS: Mapping[str, re.Pattern[str]] = {
    "time": _DATE, "number": _NUMBER, "person": _PERSON, "place": _PLACE,
    "duration": _DURATION, "reason": _REASON, "list": _LIST, "definition": _DEFINITION,
}  # fmt: skip

EXPECTED = tuple(_SHOWS)
"""The kinds of thing that a question may ask for."""

FEATURES: tuple[str, ...] = (
    "words", "grams", "words_precision", "run", "codes", "best_word",
    "before_words", "after_words", "with_before", "around", "heading_words", "missing_in_passage",
    "length", "short", "position", "first", "asks", "new_words",
    "similarity", "passage_words", "passage_relevance",
    *(f"{kind}_{state}" for kind in _SHOWS for state in ("shown", "lacking")),
    "number_new", "time_new", "unit_shown", "unit_lacking", "amount_shown", "amount_lacking",
    "numbers_lacking", "numbers_around_lacking", "numbers_passage_lacking", "sentence_similarity", "missing_grams",
    *ALIKE, "latin", "reader_mass", "reader_best", "reader_margin",
)  # fmt: skip
"""The names of the features, in their order."""


def evidence(
    question: Question,
    text: str,
    sentences: Sequence[Span],
    weights: Mapping[str, float],
    *,
    heading: str = "",
    similarity: float = 0.0,
    relevance: float = 0.0,
    readings: Sequence[tuple[float, float, float]] = (),
    similarities: Sequence[float] = (),
    alike: Sequence[Sequence[float]] = (),
) -> list[list[float]]:
    """One row of :data:`FEATURES` for each of the ``sentences`` of the passage ``text``.

    ``weights`` holds the weight of each of the question's terms; ``similarity`` (cosine) and
    ``relevance`` are the passage's own; ``readings`` is what the span reader says of each sentence:
    see :func:`qa.candidates.by_sentence`; ``similarities`` are the cosines of the sentences themselves;
    ``alike`` is what :meth:`qa.alike.Alike.of` says of each.
    """
    asked_words = {term: weights.get(term, 1.0) for term in question.words}
    asked_grams = {term: weights.get(term, 1.0) for term in question.grams}
    all_words = _by_sentence(_words(text), sentences)
    all_grams = _by_sentence(_grams(text), sentences)
    folded = fold(text)
    asked_numbers = {number.term for number in numbers(question.text)}
    quantities = _by_sentence(_numbers(text), sentences)

    total_words = sum(asked_words.values()) or 1.0
    total_grams = sum(asked_grams.values()) or 1.0
    hits = [{word.term for word in found} & asked_words.keys() for found in all_words]
    in_heading = {word.term for word in words(heading)} & asked_words.keys() if heading else set()
    in_passage = set().union(*hits) if hits else set()
    grams_held = {gram.term for found in all_grams for gram in found} | {gram.term for gram in grams(heading)}
    missing_grams = 1.0 - sum(asked_grams[term] for term in grams_held & asked_grams.keys()) / total_grams
    unit, wanted = _in_unit(question.unit), amount(question.folded)
    given = _Given(asked_numbers, [{n.term for n in found} for found in quantities], heading)
    latin = float(question.folded.isascii())
    codes = {term for term in asked_words if term[0].isascii()}
    # Latin grams and words coincide; a sentence that is the whole question in other order still runs.
    asked = "".join(char for char in question.folded if char.isalnum())

    def share(terms: set[str]) -> float:
        return sum(asked_words[term] for term in terms) / total_words

    rows = []
    count = len(sentences)
    for i, span in enumerate(sentences):
        sentence = folded[span.start : span.end]
        own = hits[i]
        before = hits[i - 1] if i else set()
        after = hits[i + 1] if i + 1 < count else set()
        terms = {word.term for word in all_words[i]}
        gram_hits = {gram.term for gram in all_grams[i]} & asked_grams.keys()
        fresh = given.held[i] - asked_numbers
        reading = readings[i] if readings else (0.0, 0.0, 0.0)
        row = {
            "words": share(own),
            "grams": sum(asked_grams[term] for term in gram_hits) / total_grams,
            "words_precision": len(own) / (len(terms) or 1),
            "run": _longest_run(asked, sentence) / (len(asked) or 1),
            "codes": len(own & codes) / len(codes) if codes else 0.0,
            "best_word": max((asked_words[term] for term in own), default=0.0)
            / (max(asked_words.values(), default=1.0) or 1.0),
            "before_words": share(before),
            "after_words": share(after),
            "with_before": share(own | before) - share(own),
            "around": share(own | before | after) - share(own),
            "heading_words": share(in_heading - own),
            "missing_in_passage": 1.0 - share(in_passage | in_heading),
            "length": math.log1p(len(span)) / 5.0,
            "short": float(len(span) < 12),
            "position": i / max(1, count - 1),
            "first": float(i == 0),
            "asks": float(sentence.rstrip("”」\"' ").endswith(("?", "？"))),
            "new_words": min(1.0, len(terms - own) / 10),
            "similarity": similarity,
            "passage_words": share(in_passage),
            "passage_relevance": relevance,
            "number_new": float("number" in question.kinds and bool(fresh)),
            "time_new": float("time" in question.kinds and bool(fresh) and bool(_DATE.search(sentence))),
            "unit_shown": float(unit is not None and bool(unit.search(sentence))),
            "unit_lacking": float(unit is not None and not unit.search(sentence)),
            "amount_shown": float(wanted is not None and bool(wanted.search(sentence))),
            "amount_lacking": float(wanted is not None and not wanted.search(sentence)),
            "numbers_lacking": given.lacking(given.held[i]),
            "numbers_around_lacking": given.lacking(given.around(i)),
            "numbers_passage_lacking": given.lacking(given.passage),
            "sentence_similarity": similarities[i] if similarities else 0.0,
            "missing_grams": missing_grams,
            **(dict(zip(ALIKE, alike[i], strict=True)) if alike else dict.fromkeys(ALIKE, 0.0)),
            "latin": latin,
            "reader_mass": reading[0],
            "reader_best": reading[1],
            "reader_margin": reading[2],
        }
        original = text[span.start : span.end]
        for kind, shows in _SHOWS.items():
            shown = kind in question.kinds and bool(
                shows.search(original if kind in ("person", "place") else sentence)
            )
            row[f"{kind}_shown"] = float(shown)
            row[f"{kind}_lacking"] = float(kind in question.kinds and not shown)
        rows.append([row[name] for name in FEATURES])
    return rows


class _Given:
    """The numbers that a question gives, against those of a passage's sentences and its heading."""

    def __init__(self, asked: set[str], held: list[set[str]], heading: str) -> None:
        self._asked, self.held = asked, held
        self._above = {number.term for number in numbers(heading)} if asked else set()
        self.passage = self._above.union(*held)

    def around(self, i: int) -> set[str]:
        """The numbers of a sentence, the two beside it and the heading."""
        return self._above.union(*self.held[max(0, i - 1) : i + 2])

    def lacking(self, held: set[str]) -> float:
        """The share (0..1) of the question's numbers that are not among ``held``."""
        return len(self._asked - held) / len(self._asked) if self._asked else 0.0


@lru_cache(maxsize=128)
def _words(text: str) -> list[Word]:
    return list(words(text))


@lru_cache(maxsize=128)
def _grams(text: str) -> list[Word]:
    return list(grams(text))


@lru_cache(maxsize=128)
def _numbers(text: str) -> list[Word]:
    return list(numbers(text))


def _in_unit(unit: str) -> re.Pattern[str] | None:
    """What finds a number in ``unit``, a measure word or an English plural; None for "", no unit."""
    if not unit:
        return None
    if unit.isascii():
        number = r"(?:\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|hundred|thousand))\b"
        return re.compile(rf"{number}[\w\s,.-]{{0,16}}?\b{unit.removesuffix('s')}")
    return re.compile(rf"(?:\d|[一二两三四五六七八九十百千万亿几数半])[\s多余]*{unit}")


def _by_sentence(found: Sequence[Word], sentences: Sequence[Span]) -> list[list[Word]]:
    starts = [span.start for span in sentences]
    held: list[list[Word]] = [[] for _ in sentences]
    for word in found:
        at = bisect_right(starts, word.start) - 1
        if at >= 0:
            held[at].append(word)
    return held


def _longest_run(asked: str, sentence: str) -> int:
    """The length of the longest stretch of ``asked`` that stands in ``sentence``."""
    bare = "".join(char for char in sentence if char.isalnum())
    best = 0
    for start in range(len(asked)):
        while start + best < len(asked) and asked[start : start + best + 1] in bare:
            best += 1
    return best
