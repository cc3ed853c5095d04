"""How a passage's tokens match a question: what the span reader sees beside the tokens themselves."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from embeddings.words import stem
from qa.amounts import amount
from qa.synonyms import synonyms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from qa.lexicon import Lexicon, Tokens

    Ints = NDArray[np.int32]
    Floats = NDArray[np.float32]

QUESTION_TYPES = {
    "when": r"什么时[候间]|何时|哪[一]?年|哪[一]?天|几[月年日号点]|何年|哪个(?:月|年|世纪|时期|年代|朝代)|什么年代|\bwhen\b",
    "where": r"哪里|哪儿|何[地处]|什么地[方区点]|哪个?(?:国家|国|城市|省|市|州|县|区|地|岛|洲)|\bwhere\b",
    "who": r"谁|哪[一]?位|何人|什么人|哪个人|\bwho(?:m|se)?\b",
    "how many": r"多少|多[大长高远久重深宽]|几|第几|百分之几|\bhow (?:many|much|long|old|far|big|tall)\b",
    "why": r"为什么|为何|何故|什么原因|原因是?什么?|为了什么|因何|因为什么|\bwhy\b",
    "how": r"怎么样?|怎样|如何|\bhow\b",
    "list": r"哪些|哪几|什么和什么",
    "which": r"哪[一个种类款项部家支所座条届场篇首本部]*|\bwhich\b",
    "what": r"什么|何|啥|\bwhat\b",
}
"""The kind of answer a question asks for -> its question word; the first that matches names it."""

PAIR_FEATURES = 41
QUESTION_FEATURES = 11
LONGEST_SAYING = 3
"""Words in a row that are looked up together for other ways to say them: 多少 + 钱."""

_QUESTION = [(i, re.compile(pattern)) for i, pattern in enumerate(QUESTION_TYPES.values())]
_DATE = re.compile(
    r"\d+\s*[年月日号时点]|[一二三四五六七八九十〇]+[年月日]|世纪|年代|时期|朝|\b(?:1[0-9]|20)\d\d\b"
)
_QUANTITY = re.compile(
    r"(?:\d+(?:[.,]\d+)*|[一二两三四五六七八九十百千万亿]{1,8})\s*(?:[%％]|[万亿千百]*[^\W\d_])?"
)
_NOTHING = re.compile(r"(?!)")
_QUOTED = re.compile(r"《[^《》\n]{1,40}》|“[^“”\n]{1,40}”|「[^「」\n]{1,40}」|\"[^\"\n]{1,40}\"")


class Pair(NamedTuple):
    """A question against a passage: features in 0..1 a token of each, and the question's type."""

    passage: Floats
    question: Floats
    kind: int


def question_word(folded: str) -> tuple[int, int, int]:
    """The type of a question (its row in ``QUESTION_TYPES``, the last for none), and its word's range."""
    for kind, pattern in _QUESTION:
        if match := pattern.search(folded):
            return kind, match.start(), match.end()
    return len(QUESTION_TYPES), len(folded), len(folded)


def pair(lexicon: Lexicon, question: Tokens, passage: Tokens, heading: Tokens | None = None) -> Pair:
    """How the tokens of ``passage``, that stands under ``heading``, and ``question`` match.

    Exact matches of characters, runs and words weighted by rarity, as DrQA's (Chen et al., 2017);
    the share of the question's words that a token's clause and sentence hold, in itself and
    against the best of the passage; the way to the nearest match; what follows the words before
    the question word, and what stands before the words that follow it; dates, quantities, quotes;
    words that say the same otherwise (:mod:`qa.synonyms`), and those shares with them counted; what of the
    question the heading holds, and those shares of the rest of it; amounts of the kind asked for.
    """
    n, m = len(passage.key), len(question.key)
    if n == 0 or m == 0:
        return Pair(np.zeros((n, PAIR_FEATURES), np.float32), np.zeros((m, QUESTION_FEATURES), np.float32), 0)
    kind, word_start, word_end = question_word(question.text)
    inside = (question.start < word_end) & (question.end > word_start)
    rare = np.array([lexicon.rarity(k) for k in question.key], np.float32)
    weight = np.where(inside, 0.0, rare).astype(np.float32)
    equal = _equal(question, passage)
    length, strength = _runs(equal, weight)
    solid = (length >= 2) | (equal & (weight[:, None] > 4.0))
    long = length.max(0)
    own = np.array([lexicon.rarity(k) for k in passage.key], np.float32) / 10

    out = np.zeros((n, PAIR_FEATURES), np.float32)
    out[:, 0] = equal.any(0)
    out[:, 1] = (equal * weight[:, None]).max(0) / 10
    out[:, 2:5] = np.stack([long >= 2, long >= 3, np.minimum(long, 8) / 8], 1)
    out[:, 5] = np.minimum(strength.max(0) / 30, 1)
    same = _word_match(lexicon, question, passage, inside)
    out[:, 6:8] = np.stack([same > 0, same / 10], 1)
    touched: NDArray[np.bool_] = np.any(solid, axis=0)
    out[:, 8] = _decay(touched, 8.0)
    out[:, 9] = _decay(touched[::-1], 8.0)[::-1]
    out[:, 14] = _window(solid, weight, 24)
    out[:, 15:19] = np.eye(4, dtype=np.float32)[_kinds(passage.key)]
    out[:, 19:22] = np.eye(4, dtype=np.float32)[passage.place][:, 1:]
    out[:, 22] = own
    wanted = amount(question.text)
    for column, pattern in ((23, _DATE), (24, _QUANTITY), (25, _QUOTED), (40, wanted or _NOTHING)):
        out[:, column] = _marked(pattern, passage)
    out[:, 26:28] = np.stack([np.minimum(passage.sentence, 9) / 9, passage.sentence == 0], 1)
    before, after = _anchors(question, word_start, word_end)
    out[:, 28] = _follow(equal & (length >= 2), before)
    out[:, 29] = _follow((equal & (length >= 2))[:, ::-1], after)[::-1]
    out[:, 30] = _decay(np.logical_or.reduce(equal[weight > 3.0], axis=0, initial=False), 3.0)
    out[:, 31] = _fresh(passage, question)
    related = _related(lexicon, question, passage)
    out[:, 32:34] = np.stack([related.any(0), (related * weight[:, None]).max(0) / 10], 1)
    above = _held(lexicon, question, heading, weight)
    rest = np.where(above, 0.0, weight).astype(np.float32)
    for column, match, share, unit in (
        (10, solid, weight, passage.clause),
        (12, solid, weight, passage.sentence),
        (34, solid | related, weight, passage.clause),
        (36, solid | related, weight, passage.sentence),
        (38, solid | related, rest, passage.sentence),
    ):
        out[:, column : column + 2] = _overlap(match, share, unit)

    seen = np.zeros((m, QUESTION_FEATURES), np.float32)
    seen[:, 0] = equal.any(1)
    seen[:, 1] = np.minimum(length.max(1), 8) / 8
    seen[:, 2] = rare / 10
    seen[:, 3] = inside
    seen[:, 4:6] = np.stack([_decay(inside, 4.0), _decay(inside[::-1], 4.0)[::-1]], 1)
    seen[:, 6] = question.place == 1
    seen[:, 7] = question.place == 3
    seen[:, 8] = related.any(1)
    seen[:, 9] = above
    seen[:, 10] = wanted is not None
    return Pair(np.clip(out, 0, 1), np.clip(seen, 0, 1), kind)


def _held(lexicon: Lexicon, question: Tokens, heading: Tokens | None, weight: Floats) -> NDArray[np.bool_]:
    """``(question,)``: whether the heading holds the token, or says it otherwise."""
    if heading is None or not heading.key:
        return np.zeros(len(question.key), bool)
    equal = _equal(question, heading)
    length, _ = _runs(equal, weight)
    solid = (length >= 2) | (equal & (weight[:, None] > 4.0))
    held: NDArray[np.bool_] = np.any(solid | _related(lexicon, question, heading), axis=1)
    return held


def _equal(question: Tokens, passage: Tokens) -> NDArray[np.bool_]:
    """``(question, passage)``: the same token, or the same stem; a mark matches nothing."""
    ids = {k: i for i, k in enumerate(dict.fromkeys(stem(k) for k in question.key if k[0].isalnum()))}
    ours = np.array([ids.get(stem(k), -1) for k in question.key])
    theirs = np.array([ids.get(stem(k), -2) for k in passage.key])
    equal: NDArray[np.bool_] = ours[:, None] == theirs[None]
    return equal


def _runs(equal: NDArray[np.bool_], weight: Floats) -> tuple[Floats, Floats]:
    """The length of the common run through each match, and the rarity it adds up to."""
    m, n = equal.shape
    both = np.zeros((2, m + 1, n + 1), np.float32)
    for j in range(m):
        both[0, j + 1, 1:] = (both[0, j, :-1] + 1) * equal[j]
        both[1, j + 1, 1:] = (both[1, j, :-1] + weight[j]) * equal[j]
    whole = both[:, 1:, 1:]
    for j in range(m - 2, -1, -1):
        # A match that is followed by a match in the next row belongs to the same run.
        onward = equal[j, :-1] & equal[j + 1, 1:]
        whole[:, j, :-1] = np.where(onward, whole[:, j + 1, 1:], whole[:, j, :-1])
    return whole[0], whole[1]


def _word_match(lexicon: Lexicon, question: Tokens, passage: Tokens, inside: NDArray[np.bool_]) -> Floats:
    """The rarity of the passage token's word where the question has the same word, else 0."""
    asked = np.unique(question.word[(question.word > 0) & ~inside])
    return np.where(np.isin(passage.word, asked), np.maximum(lexicon.idf[passage.word], 0.1), 0).astype(
        np.float32
    )


def _related(lexicon: Lexicon, question: Tokens, passage: Tokens) -> NDArray[np.bool_]:
    """``(question, passage)``: the passage token's word may be said in place of words that hold the question's."""
    out = np.zeros((len(question.key), len(passage.key)), bool)
    for first, last, rows in _sayings(lexicon, question.text):
        out[first:last] |= np.isin(passage.word, rows)
    return out


@lru_cache(maxsize=64)
def _sayings(lexicon: Lexicon, folded: str) -> list[tuple[int, int, Ints]]:
    """The ranges of the question's tokens that can be said otherwise, with the rows of the words for it."""
    question = lexicon.tokens(folded)
    opens = [i for i, place in enumerate(question.place) if place in (0, 1)]
    edges = [*opens, len(question.key)]
    found = []
    for at, first in enumerate(opens):
        for last in edges[at + 1 : at + 1 + LONGEST_SAYING]:
            said = folded[question.start[first] : question.end[last - 1]]
            rows = [lexicon.words[other] for other in synonyms(said) if other in lexicon.words]
            if rows:
                found.append((first, last, np.array(rows, np.int32)))
    return found


def _decay(marked: NDArray[np.bool_], pace: float) -> Floats:
    """exp(-steps / pace) since the last marked token; 0 before the first."""
    steps = np.arange(len(marked), dtype=np.float32)
    last = np.maximum.accumulate(np.where(marked, steps, -np.inf))
    near: Floats = np.exp((last - steps) / pace).astype(np.float32)
    return near


def _overlap(solid: NDArray[np.bool_], weight: Floats, unit: Ints) -> Floats:
    """``(tokens, 2)``: the share of the question that a token's unit holds, and that over the best unit's."""
    starts = np.flatnonzero(np.diff(unit, prepend=-1))
    held = np.maximum.reduceat(solid, starts, axis=1)
    share = (weight @ held) / max(float(weight.sum()), 1e-6)
    both: Floats = np.stack([share, share / max(float(share.max()), 1e-6)], 1)
    rows: Floats = both[unit - unit[0]]
    return rows


def _window(solid: NDArray[np.bool_], weight: Floats, reach: int) -> Floats:
    """The rarity of solid matches within ``reach`` tokens either side, over the largest."""
    mass = np.concatenate([[0.0], np.cumsum((solid * weight[:, None]).max(0))])
    at = np.arange(solid.shape[1])
    near: Floats = (mass[np.minimum(at + reach + 1, len(mass) - 1)] - mass[np.maximum(at - reach, 0)]).astype(
        np.float32
    )
    near /= max(float(near.max()), 1e-6)
    return near


def _kinds(key: Sequence[str]) -> Ints:
    return np.array(
        [1 if k[0].isdigit() else 2 if "a" <= k[0] <= "ÿ" else 0 if k[0].isalpha() else 3 for k in key],
        np.int32,
    )


def _marked(pattern: re.Pattern[str], passage: Tokens) -> NDArray[np.bool_]:
    inside = np.zeros(len(passage.text) + 1, bool)
    for match in pattern.finditer(passage.text):
        inside[match.start() : match.end()] = True
    return inside[passage.start]


def _anchors(question: Tokens, word_start: int, word_end: int) -> tuple[Floats, Floats]:
    """How close each question token stands before, and after, the question word (0: on the other side)."""
    left = np.where(question.end <= word_start, np.exp((question.end - word_start) / 4), 0)
    right = np.where(question.start >= word_end, np.exp((word_end - question.start) / 4), 0)
    return left.astype(np.float32), right.astype(np.float32)


def _follow(matched: NDArray[np.bool_], anchor: Floats) -> Floats:
    """How near a token follows a match of tokens that stand near the question word."""
    mark: Floats = (matched * anchor[:, None]).max(0)
    out = np.zeros(len(mark), np.float32)
    fade, carried = math.exp(-1 / 6), 0.0
    for i, value in enumerate(mark):
        carried = max(carried * fade, float(value))
        out[i] = carried
    return out


def _fresh(passage: Tokens, question: Tokens) -> Floats:
    """1 for a word token that the question does not hold: what an answer is made of."""
    asked = {stem(k) for k in question.key}
    return np.array([k[0].isalnum() and stem(k) not in asked for k in passage.key], np.float32)
