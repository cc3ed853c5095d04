"""What a format's loader hands back, and how blocks become one text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from embeddings.article import Heading, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Loaded:
    """One file, read.

    ``fields`` are front matter, meta tags or document properties under the names they have there.
    ``title`` is a document property: it counts only where neither the fields nor a heading give one.
    """

    text: str
    title: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    headings: tuple[Heading, ...] = ()
    pages: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, list, table or code block; a heading when ``level`` is not 0.

    ``far``: it stands at a distance from what is above it, as teasers of other articles do.
    """

    text: str
    level: int = 0
    far: bool = False


_LONGEST_HEADING = 200  # characters


def assemble(blocks: Iterable[Block]) -> tuple[str, tuple[Heading, ...]]:
    """The blocks as one text, an empty line between them (two before a far one), and its headings.

    Blocks without text are left out; one that follows inherits their distance. A heading of over
    200 characters is none, but a paragraph that was marked so for its looks.
    """
    parts: list[str] = []
    headings: list[Heading] = []
    at = 0
    far = False
    for block in blocks:
        far = far or block.far
        text = one_line(block.text) if block.level else block.text.strip("\n")
        if not text.strip():
            continue
        if parts:
            gap = "\n\n\n" if far else "\n\n"
            parts.append(gap)
            at += len(gap)
        if block.level and len(text) <= _LONGEST_HEADING:
            headings.append(Heading(Span(at, at + len(text)), block.level))
        parts.append(text)
        at += len(text)
        far = False
    return "".join(parts), tuple(headings)


def clean(text: str) -> str:
    """``text`` with ``\\n`` as the only line break, without control characters, and fit for UTF-8.

    Tabs stay. A lone surrogate becomes U+FFFD; byte order marks and what no reader sees go.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _LINE_BREAK.sub("\n", text)
    text = _CONTROL.sub("", text)
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def without_long_gaps(text: str) -> str:
    """``text`` with at most three line breaks in a row: more say nothing, and cost time line by line."""
    return _LONG_GAP.sub("\n\n\n", text)


def one_line(text: str) -> str:
    """``text`` on one line: every run of white space is one space, none at either end."""
    return " ".join(text.split())


_LINE_BREAK = re.compile("[\x0b\x0c\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
_LONG_GAP = re.compile("\n{4,}")
_SURROGATE = re.compile("[\ud800-\udfff]")
