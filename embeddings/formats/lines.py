"""Lines back to paragraphs."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SENTENCE_ENDS = frozenset('。！？!?.…：:；;”’」』"')

_WIDEST_WRAP = 130
_NARROWEST_WRAP = 40
"""Columns; a Chinese character takes two."""


def width(text: str) -> int:
    """The columns that ``text`` takes in a fixed-width font: two for a Chinese character."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def joined(lines: Sequence[str]) -> str:
    """The lines as one: a space between words, nothing beside Chinese, hyphenation mended."""
    text = ""
    parts: list[str] = []
    for line in lines:
        piece = line.strip()
        if not piece:
            continue
        if text.endswith("-") and _BROKEN_WORD.search(text) and piece[0].islower():
            parts[-1] = text[:-1]
        elif text and not (is_wide(text[-1]) or is_wide(piece[0])):
            parts.append(" ")
        parts.append(piece)
        text = piece
    return "".join(parts)


def is_wide(char: str) -> bool:
    """Whether no space is written beside ``char``: Chinese, kana, full-width punctuation."""
    return unicodedata.east_asian_width(char) in "WF" or char in "“”‘’…—·"


def unwrapped(lines: Sequence[str]) -> str:
    """One paragraph's lines, joined where they are clearly prose cut to a fixed width, else as they are.

    Cut prose: lines (but the last) of nearly one width, few of which end a sentence.
    """
    if is_wrapped(lines):
        return joined(lines)
    return "\n".join(line.rstrip() for line in lines)


def is_wrapped(lines: Sequence[str]) -> bool:
    """Whether the lines are prose cut to a fixed width."""
    if len(lines) < 2 or any(len(line) > _WIDEST_WRAP for line in lines):
        return False
    widths = [width(line.strip()) for line in lines]
    widest = max(widths)
    if not _NARROWEST_WRAP <= widest <= _WIDEST_WRAP or _are_rows(lines):
        return False
    chinese = sum(is_wide(line.strip()[-1:] or " ") for line in lines) * 2 > len(lines)
    # Chinese is cut at a character, Latin at a word: the margin is ragged by a long word.
    if min(widths[:-1]) < widest - (6 if chinese else 24):
        return False
    ends = sum(line.rstrip()[-1:] in SENTENCE_ENDS for line in lines[:-1])
    if ends * 3 > len(lines) - 1:
        return False
    if chinese:
        return len(lines) >= 3
    # A verse or a list of names begins each line with a capital; prose does so only by chance.
    capitals = sum(below.lstrip()[:1].isupper() for _, below in pairwise(lines))
    return capitals * 2 <= len(lines) - 1


def _are_rows(lines: Sequence[str]) -> bool:
    """Whether the lines are rows of a table or entries of a list, which may be of one width, too."""
    if any("\t" in line.strip() or " | " in line for line in lines):
        return True
    if any(_STARTS_ITEM.match(line) for line in lines[1:]):
        return True
    if sum(len(_COLUMN_GAP.findall(line.strip())) >= 2 for line in lines) * 2 > len(lines):
        return True
    first = {line.strip()[:1] for line in lines}
    alike = all(char.isdigit() for char in first) or (len(first) == 1 and is_wide(first.pop()))
    return alike and not any(line.rstrip()[-1:] in _MID_CLAUSE for line in lines[:-1])


_MID_CLAUSE = frozenset("，、,-—")
# One space beside a Latin word is how many write Chinese; between two Chinese characters it is a gap.
_COLUMN_GAP = re.compile(r"(?<=[㐀-鿿])[ 　](?=[㐀-鿿])|\s{2,}")
_BROKEN_WORD = re.compile(r"[a-z]-$")
_STARTS_ITEM = re.compile(
    r"\s*(?:[-*+•·●○■◆]\s|\d{1,3}[.、)）]|[（(]\d{1,3}[)）]|　|[一二三四五六七八九十]{1,3}、|\|)"
)
