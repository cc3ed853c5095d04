"""A tree of HTML-like elements to blocks of text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from embeddings.formats.loaded import Block, one_line

if TYPE_CHECKING:
    from lxml import etree

SILENT = frozenset(
    (
        "script style noscript template title svg math iframe object embed canvas audio video form button "
        "select textarea input nav footer aside dialog menu"
    ).split()
)
"""Elements whose text is not part of an article."""

SILENT_IN_TEXT = frozenset("script style noscript template svg iframe object canvas audio video".split())
"""Those of a piece of HTML inside another text: its writer put there no menus, but asides and forms."""

_BLOCKS = frozenset(
    (
        "p div section article main body html header blockquote quote dl dt dd figure figcaption address "
        "details summary center hr fieldset tbody thead tfoot caption hgroup "
        "aside nav footer form dialog"
    ).split()
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LISTS = frozenset(("ul", "ol", "menu", "list"))
_ITEMS = frozenset(("li", "item"))
_TABLES = frozenset(("table",))
_ROWS = frozenset(("tr", "row"))
_CELLS = frozenset(("td", "th", "cell"))
_CODE = frozenset(("pre",))
_BREAKS = frozenset(("br", "lb"))
_BOUNDARIES = _BLOCKS | _LISTS | _ITEMS | _TABLES | _ROWS | _CELLS | _CODE


def blocks_of(root: etree._Element, silent_tags: frozenset[str] = SILENT) -> list[Block]:
    """The paragraphs, headings, lists, tables and code under ``root``, in order.

    Knows HTML's elements and trafilatura's. A list item is a line with "- " or "1. ", a table row a
    line with " | " between its cells. What is hidden or in ``silent_tags`` is left out.
    """
    from lxml import etree

    walk = _Walk()
    silent = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if not isinstance(element.tag, str):
            continue
        quiet = _is_silent(element, silent_tags)
        if event == "start":
            silent += quiet
            if not silent:
                walk.open(element)
                walk.say(element.text or "")
        else:
            if not silent:
                walk.close(element)
            silent -= quiet
            if not silent and element is not root:
                walk.say(element.tail or "")
    walk.flush()
    return walk.blocks


def without_chinese_breaks(text: str) -> str:
    """``text`` without the line breaks between two Chinese characters: no space stands for them."""
    return _CHINESE_BREAK.sub("", text)


def _is_silent(element: etree._Element, silent_tags: frozenset[str]) -> bool:
    hidden = element.get("hidden") is not None or element.get("aria-hidden") == "true"
    return (
        str(element.tag).lower() in silent_tags
        or hidden
        or element.get("role") in ("navigation", "search", "banner")
    )


class _Walk:
    """The blocks so far, and the text of the one being read."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.pieces: list[str] = []
        self.lists: list[tuple[bool, int]] = []  # (numbered, items so far), outermost first
        self.tables: list[bool] = []  # whether it holds data: an old page's layout is a table, too
        self.lines: list[str] = []  # of the outermost list, or of the table
        self.row = 0
        self.level = 0
        self.code = 0
        self.mark = ""

    def say(self, text: str) -> None:
        if text:
            self.pieces.append(text if self.code else _SPACE.sub(" ", without_chinese_breaks(text)))

    def open(self, element: etree._Element) -> None:
        tag = _tag(element)
        if tag in _TABLES:
            self.tables.append(_holds_data(element))
        if self.row:
            self._inside_row(tag)
            return
        if tag in _BREAKS:
            self.pieces.append("\n")
        elif tag == "img":
            self.say(str(element.get("alt") or ""))
        elif tag in _BOUNDARIES or _level(element, tag):
            self.flush()
            self._enter(element, tag)

    def close(self, element: etree._Element) -> None:
        tag = _tag(element)
        if self.row:
            if tag in _ROWS:
                self.flush()
                self.row = 0
            else:
                self._inside_row(tag, closing=True)
        elif tag in _BOUNDARIES or _level(element, tag):
            self.flush()
            self._leave(element, tag)
        if tag in _TABLES and self.tables:
            self.tables.pop()

    def _enter(self, element: etree._Element, tag: str) -> None:
        self.level = _level(element, tag) or self.level
        if tag in _CODE:
            self.code += 1
        elif tag in _LISTS:
            self.lists.append((tag == "ol" or element.get("rend") == "ol", 0))
        elif tag in _ITEMS:
            numbered, count = self.lists[-1] if self.lists else (False, 0)
            self.mark = f"{count + 1}. " if numbered else "- "
            if self.lists:
                self.lists[-1] = (numbered, count + 1)
        elif tag in _ROWS and self.tables and self.tables[-1]:
            self.row = 1

    def _leave(self, element: etree._Element, tag: str) -> None:
        if _level(element, tag):
            self.level = 0
        elif tag in _CODE:
            self.code -= 1
        elif tag in _LISTS and self.lists:
            self.lists.pop()
        if (tag in _LISTS or tag in _TABLES) and not self.lists:
            self._end_lines()

    def _inside_row(self, tag: str, *, closing: bool = False) -> None:
        if tag in _CELLS and not closing:
            self.pieces.append("\0")  # the border of a cell; no text holds it
        elif tag in _BOUNDARIES or tag in _BREAKS:
            self.pieces.append(" ")

    def flush(self) -> None:
        """End the paragraph, item or row that is being read."""
        text = "".join(self.pieces)
        self.pieces = []
        if self.code:
            self._end_code(text.strip("\n"))
            return
        if "\0" in text:
            cells = [one_line(cell) for cell in text.split("\0")]
            cells = cells if cells[0] else cells[1:]
            if any(cells):
                self.lines.append(" | ".join(cells))
            return
        text = "\n".join(line.strip(" ") for line in text.split("\n")).strip()
        if not text:
            return
        if self.lists or self.mark:
            self._add_item([one_line(text)])
        else:
            self._end_lines()
            self.blocks.append(Block(one_line(text) if self.level else text, self.level))

    def _end_code(self, text: str) -> None:
        if text.strip() and (self.lists or self.mark):
            self._add_item(text.split("\n"))
        elif text.strip():
            self._end_lines()
            self.blocks.append(Block(text))

    def _add_item(self, lines: list[str]) -> None:
        """Add an item's lines to the list; its mark stands before the first of them."""
        indent = "  " * max(len(self.lists) - 1, 0)
        for line in lines:
            self.lines.append(indent + (self.mark or "  ") + line)
            self.mark = ""
        if not self.lists:
            self._end_lines()

    def _end_lines(self) -> None:
        if self.lines:
            self.blocks.append(Block("\n".join(self.lines)))
            self.lines = []


def _holds_data(table: etree._Element) -> bool:
    if any(_tag(inner) in _TABLES for inner in table.iterdescendants("table")):
        return False
    return any(sum(_tag(cell) in _CELLS for cell in row) > 1 for row in table.iter("tr", "row"))


def _tag(element: etree._Element) -> str:
    """The element's name; ``pre`` also for code of several lines, as trafilatura writes it."""
    tag = str(element.tag).lower()
    return "pre" if tag == "code" and "\n" in (element.text or "").strip() else tag


def _level(element: etree._Element, tag: str) -> int:
    if tag == "head":
        return _HEADINGS.get(str(element.get("rend")), 2)
    return _HEADINGS.get(tag, 0)


_CHINESE_BREAK = re.compile(r"(?<=[\u2e80-\u9fff\uff00-\uffef])[ \t]*\n\s*(?=[\u2e80-\u9fff\uff00-\uffef])")
_SPACE = re.compile(r"[ \t\n\r\f]+")
