"""A wrong character in a name: what the question means, by what stands in the passages found for it."""

from __future__ import annotations

import re
from collections import Counter
from difflib import get_close_matches
from typing import TYPE_CHECKING

from embeddings.segment import is_word, segments
from embeddings.words import STOPWORDS, fold
from qa.pinyin import sounds
from qa.question import ASKING
from qa.synonyms import synonyms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_PAIR = re.compile(r"[㐀-鿿]{2}")
_HAN_RUN = re.compile(r"[㐀-鿿]{3,}")
_PARTICLES = frozenset("的了着吗呢吧啊么嘛是谁哪几什怎这那")
_WORDS_ALONE = frozenset(
    "也都就还又再才很最更太不没别和与及或跟同在从到往向对给被把让使用有叫做作为以因由于按比里内外上下中前后时来去过会能要想得该可"
    "说讲写看听问买卖吃喝住放加用出进回起开关跑走带拿打干搞弄换选找冲煮切老挺我你他她它们个位名次件条只种些每各此其之所而但且则即便"
)
"""Characters that are words by themselves: beside a name they are no part of it, misspelt or not."""
_LATIN = re.compile(r"[a-z]{5,}")
_NAME = re.compile(r"\b[A-Z][A-Za-z]{4,}")
COMMON = 1000
"""Occurrences in the segmenter's dictionary from which a word is common (科技 15,691; 天佑 40)."""

_CLOSE = 0.8
"""Share of letters (difflib's ratio, 0..1) from which two Latin words count as one misspelt."""


def corrected(question: str, unknown: Callable[[str], bool], texts: Sequence[str]) -> str:
    """``question`` with a character replaced that makes a name of ``texts`` unknown; "" where none does.

    ``unknown`` says of a pair of characters, or of a Latin word, that no article holds it. A character is
    replaced only if the pairs on both its sides are unknown, no word of the dictionary covers it, it is no
    common word by itself, and the rest of its name (two characters or more, none of them a particle) stands
    in ``texts`` around another one. A name of three characters or more gives way to one that sounds the
    same and stands there again. A Latin word that is no common one is replaced by a capitalised one
    with the same first letter.
    """
    folded = ASKING.sub(lambda match: " " * len(match.group()), fold(question))
    held = [fold(text) for text in texts]
    for at in _suspects(folded, unknown):
        better = _replacement(folded, at, held)
        if better:
            return question[:at] + better + question[at + 1 :]
    start, name = _homophone(folded, unknown, held)
    if name:
        return question[:start] + name + question[start + len(name) :]
    known = sorted({fold(name) for text in texts for name in _NAME.findall(text)})
    for match in _LATIN.finditer(folded):
        # A word that the articles happen not to hold is spelt right all the same.
        strange = unknown(match.group()) and match.group() not in STOPWORDS and not synonyms(match.group())
        close: list[str] = get_close_matches(match.group(), known, 1, _CLOSE) if strange else []
        if close and close[0] != match.group() and close[0][0] == match.group()[0]:
            word = close[0].capitalize() if question[match.start()].isupper() else close[0]
            return question[: match.start()] + word + question[match.end() :]
    return ""


def _suspects(folded: str, unknown: Callable[[str], bool]) -> Iterator[int]:
    covered = {
        at for start, end in segments(folded) if is_word(folded[start:end]) for at in range(start, end)
    }
    for run in _HAN_RUN.finditer(folded):
        start, end = run.span()
        strange = {at for at in range(start, end - 1) if unknown(folded[at : at + 2])}
        for at in range(start, end):
            beside = [pair for pair in (at - 1, at) if start <= pair < end - 1]
            if (
                at not in covered
                and folded[at] not in _PARTICLES | _WORDS_ALONE
                and beside
                and all(pair in strange for pair in beside)
            ):
                yield at


def _homophone(folded: str, unknown: Callable[[str], bool], texts: Sequence[str]) -> tuple[int, str]:
    """Where a name begins that no article holds, and the one that sounds like it; (0, "") where none does."""
    windows = [
        (run.start() + at, run.group()[at : at + size])
        for size in (5, 4, 3)
        for run in _HAN_RUN.finditer(folded)
        for at in range(len(run.group()) - size + 1)
    ]
    strange = [
        (start, name)
        for start, name in windows
        if not (_PARTICLES | _WORDS_ALONE) & set(name)
        and not is_word(name)
        and any(unknown(name[at : at + 2]) for at in range(len(name) - 1))
    ]
    if not strange:
        return 0, ""
    heard = _heard(texts, {len(name) for _, name in strange})
    for start, name in strange:
        known: Counter[str] = heard.get(" ".join(sounds(name)), Counter())
        best = max(known, key=lambda other: (known[other], other), default="")
        # Both pairs of a changed character are unknown, those across the ends of the name too.
        pairs = {
            folded[at : at + 2]
            for i, (ours, theirs) in enumerate(zip(name, best, strict=False))
            for at in (start + i - 1, start + i)
            if ours != theirs and _PAIR.fullmatch(folded, max(at, 0), at + 2)
        }
        if pairs and known[best] > 1 and all(map(unknown, pairs)):
            return start, best
    return 0, ""


def _heard(texts: Sequence[str], sizes: Iterable[int]) -> dict[str, Counter[str]]:
    """Sound -> the stretches of the texts that have it, of these sizes, with how often they stand there."""
    found: dict[str, Counter[str]] = {}
    for text in texts:
        for run in _HAN_RUN.findall(text):
            spoken = sounds(run)
            for size in sizes:
                for at in range(len(run) - size + 1):
                    key = " ".join(spoken[at : at + size])
                    found.setdefault(key, Counter())[run[at : at + size]] += 1
    return found


def _replacement(folded: str, at: int, texts: Sequence[str]) -> str:
    """The character that stands most often where the one at ``at`` does, in the longest stretch around it."""
    for size in (6, 5, 4, 3):
        found: dict[str, set[tuple[int, int]]] = {}
        for start in range(max(0, at - size + 1), min(at, len(folded) - size) + 1):
            name = folded[start : start + size]
            if not re.fullmatch(r"[㐀-鿿]+", name) or _PARTICLES & set(name):
                continue
            hole = at - start
            # A common word stands beside many characters.
            if hole in (0, size - 1) and is_word(name[:hole] + name[hole + 1 :], COMMON):
                continue
            beside = _beside(name, hole, texts)
            # Where the rest has several neighbours it is a whole name, and the character no part of it.
            if hole in (0, size - 1) and len(beside) > 1:
                continue
            for char, places in beside.items():
                found.setdefault(char, set()).update(places)
        # A name is repeated; what stands once is another way to say it.
        best = max(found, key=lambda char: (len(found[char]), char), default="")
        if best and len(found[best]) > 1:
            return best if best not in (folded[at], *_PARTICLES) else ""
    return ""


def _beside(name: str, hole: int, texts: Sequence[str]) -> dict[str, set[tuple[int, int]]]:
    """The characters that stand in ``texts`` where ``name`` has its hole, each with its (text, place)s; at an end
    of the name none that begins or ends a common word outside it: 手工赛 is not 手工制, of 手工制作.
    """
    pattern = re.compile(f"{name[:hole]}(?=([㐀-鿿]){name[hole + 1 :]})")
    found: dict[str, set[tuple[int, int]]] = {}
    for number, text in enumerate(texts):
        for match in pattern.finditer(text):
            at = match.start(1)
            before = text[max(at - 1, 0) : at + 1] if hole == 0 else ""
            after = text[at : at + 2] if hole == len(name) - 1 else ""
            if not (is_word(before, COMMON) or is_word(after, COMMON)):
                found.setdefault(match[1], set()).add((number, at))
    return found
