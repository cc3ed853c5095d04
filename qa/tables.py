"""Tables in words: what readers that have learnt prose read in place of rows, each character still known by its place."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from embeddings.article import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class _Piece(NamedTuple):
    """Characters kept from the original, where they stand in the words, and how many were put in before and after them."""

    at: int
    original: int
    size: int
    before: int = 0
    after: int = 0


@dataclass(frozen=True)
class Worded:
    """A text in which the rows of tables are sentences, where each of these begins, and the way back to the original."""

    text: str
    pieces: tuple[_Piece, ...]
    rows: frozenset[int]

    def back(self, span: Span) -> Span | None:
        """The characters of the original that ``span`` holds, and what stands between them; None where it holds none."""
        held = [p for p in self.pieces if p.at < span.end and span.start < p.at + p.size]
        if not held:
            return None
        first, last = held[0], held[-1]
        start = first.original + max(0, span.start - first.at)
        return Span(start, last.original + min(last.size, span.end - last.at))

    def forth(self, span: Span) -> Span:
        """Where the ``span`` of the original stands, a whole cell with its column's name."""
        starts = [piece.original for piece in self.pieces]
        first = self.pieces[max(0, bisect_right(starts, span.start) - 1)]
        last = self.pieces[max(0, bisect_right(starts, span.end - 1) - 1)]
        start = first.at + max(0, min(first.size, span.start - first.original))
        start -= first.before if span.start <= first.original else 0
        end = last.at + max(0, min(last.size, span.end - last.original))
        return Span(start, max(start, end + (last.after if span.end >= last.original + last.size else 0)))


def worded(text: str, columns: Sequence[str] | None = None) -> Worded | None:
    """``text`` with its tables in words, "价格：329，功耗：3W。" for "329 | 3W"; None where it has none.

    The first row names the columns, and stays as it is; where it is no more than the first of pairs (时间 | 三点), all rows are such.
    ``columns`` are those of :func:`columns_at` where the text begins.
    """
    out: list[str] = []
    pieces: list[_Piece] = []
    rows: list[int] = []
    size = kept = 0

    def put(words: str) -> None:
        nonlocal size
        out.append(words)
        size += len(words)

    def keep(start: int, end: int, before: int = 0, after: int = 0) -> None:
        if end > start:
            pieces.append(_Piece(size, start, end - start, before, after))
            put(text[start:end])

    for names, row in _rows(text, columns):
        keep(kept, row.start)
        kept = row.end
        rows.append(size)
        chinese = bool(_HAN.search("".join(names)) or _HAN.search(row.of(text)))
        of, then, end = ("：", "，", "。") if chinese else (": ", ", ", ".")
        cells = [
            (name, cell)
            for name, cell in zip(names, _cells(text, row), strict=True)
            if cell.of(text).strip("-—–/ ")
        ]
        paired = not any(names)
        for number, (name, cell) in enumerate(cells):
            lead = (of if paired and number == 1 else then if number else "") + (
                f"{name}{of}" if name else ""
            )
            put(lead)
            last = number == len(cells) - 1
            keep(cell.start, cell.end, len(lead), len(end) if last else 0)
        put(end if cells else "")
    if not rows:
        return None
    keep(kept, len(text))
    return Worded("".join(out), tuple(pieces), frozenset(rows)) if pieces else None


def columns_at(text: str, start: int) -> tuple[str, ...] | None:
    """The names of the columns of the table that ``start`` lies in, below its first row, none where that names none; None outside of
    tables.
    """
    line = text.rfind("\n", 0, start) + 1
    if text[line:start].strip() or not _is_row(text[start:].partition("\n")[0]):
        return None
    begun = line
    while begun and _is_row(text[text.rfind("\n", 0, begun - 1) + 1 : begun - 1]):
        begun = text.rfind("\n", 0, begun - 1) + 1
    return (
        _names(text, Span(begun, text.find("\n", begun)), text[begun:].split("\n")[1:4])
        if begun < line
        else None
    )


def _rows(text: str, columns: Sequence[str] | None) -> Iterator[tuple[Sequence[str], Span]]:
    """The rows of tables that are put in words, with the names of their columns, "" for pairs."""
    names: Sequence[str] = columns or ()
    within = columns is not None
    for match in _LINE.finditer(text):
        row = Span(*match.span())
        if not _is_row(match.group()):
            names, within = (), False
        elif not within:
            within = True
            below = text[row.end + 1 :].split("\n", 3)[:3]
            names = _names(text, row, below)
            if names and not any(names):
                yield names, row
        elif names and len(_cells(text, row)) == len(names):
            yield names, row


def _is_row(line: str) -> bool:
    return bool(_SEPARATOR.search(line)) and not _PIPED.search(line)


def _cells(text: str, row: Span) -> list[Span]:
    marks = list(_SEPARATOR.finditer(text, row.start, row.end))
    starts = [row.start, *(mark.end() for mark in marks)]
    ends = [*(mark.start() for mark in marks), row.end]
    return [Span(start, end) for start, end in zip(starts, ends, strict=True)]


def _names(text: str, row: Span, below: Sequence[str]) -> tuple[str, ...]:
    """What the cells of a table's first row name the columns; "" each where all rows are pairs; none where they are no names, or
    no row of as many cells is ``below``.
    """
    names = tuple(cell.of(text).strip() for cell in _cells(text, row))
    if not below or not _is_row(below[0]) or len(_SEPARATOR.findall(below[0])) + 1 != len(names):
        return ()
    if not all(len(name) <= LONGEST_NAME for name in names) or not any(
        _LETTER.search(name) for name in names
    ):
        return ()
    values = [line for line in below if _is_row(line)]
    digits = sum(bool(_DIGIT.search(_SEPARATOR.split(line)[-1])) for line in values)
    short = not _DIGIT.search(names[-1]) and len(names[-1]) <= (6 if _HAN.search(names[-1]) else 18)
    heads = _HEADS.search(" ".join(names)) or (short and 2 * digits > len(values))
    return names if len(names) != 2 or heads else ("", "")


LONGEST_NAME = 40
"""Characters of a column's name, at most."""

_LINE = re.compile(r"^[^\n]*$", re.MULTILINE)
_SEPARATOR = re.compile(r"(?:^| )\|(?: |$)", re.MULTILINE)
_PIPED = re.compile(r"\| (?:grep|awk|sed|xargs|sort|uniq|head|tail|wc|less|more|tee|jq|cut|tr|sh|bash)\b")
"""What is a row of commands, not of cells."""
_HEADS = re.compile(
    r"项目|名称|内容|说明|类别|类型|备注|字段|参数|含义|数量|价格|金额|\b(?:item|name|amount|price|value|meaning|description|field|type|note)s?\b",
    re.IGNORECASE,
)
"""Words of a first row that names two columns, not one thing and its value."""
_HAN = re.compile(r"[\u3400-\u9fff]")
_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")
