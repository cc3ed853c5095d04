"""Plain text."""

from __future__ import annotations

import re

from embeddings.formats.encoding import decode
from embeddings.formats.lines import unwrapped
from embeddings.formats.loaded import Block, Loaded, assemble, without_long_gaps


def load_text(data: bytes, source: str) -> Loaded:
    """The text as it is, but for prose that was cut to a fixed width: that is joined again."""
    text, notes = decode(data, source)
    joined, headings = assemble(_paragraphs(without_long_gaps(text)))
    return Loaded(joined, headings=headings, notes=notes)


def _paragraphs(text: str) -> list[Block]:
    blocks: list[Block] = []
    far = False
    for piece in _EMPTY_LINES.split(text):
        if not piece.strip():
            far = far or piece.count("\n") >= 3
            continue
        blocks.append(Block(unwrapped(piece.strip("\n").split("\n")), far=far))
        far = False
    return blocks


# The run of empty lines is kept as a piece of its own: two of them set a paragraph apart.
_EMPTY_LINES = re.compile(r"(\n(?:[ \t　]*\n)+)")
