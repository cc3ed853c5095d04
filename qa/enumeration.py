"""A list that was asked for, whole: the items in a sentence, or the lines that follow it."""

from __future__ import annotations

import re

from embeddings.article import Span

_ITEM_LINE = re.compile(
    r"[^\S\n]*(?:[-*+•·●]|\d{1,3}[.)、．](?!\d)|[（(](?:\d{1,3}|[一二三四五六七八九十]+)[）)]|[一二三四五六七八九十]+[、.]|[①-⑳])[^\S\n]*\S"
)
_LEADS = re.compile(r"[：:]\s*$|如下[。：:]?\s*$|以下\S{0,12}[。：:]\s*$|\bfollowing\b.*$", re.IGNORECASE)
_INLINE = re.compile(
    r"(?:分别(?:是|为)|包括了?|包含|(?:共|只|还|就|主要|共|都)有|(?<=[㐀-鿿])有(?![效机关利限害色名意些])|(?<![但还只就可])是|(?<![因认作以成])为|即|例如|如(?![果何此下])|分成|：|:|\b(?:are|include|includes|including|of)\b)\s*"
    r"(?P<items>[^，。；：:\n、]{1,24}(?:、[^，。；：:\n、]{1,30})+(?:，?(?:以及|还有|及)[^，。；：:\n、]{1,30})?)"
)
_RUN = re.compile(r"(?P<items>[^，。；：:\n、（(]{1,24}(?:、[^，。；：:\n、]{1,30})+)")
_ENGLISH_ITEM = r"(?<![\d.])[\w'’-]+(?:\.\d+)?(?: (?:[\w'’-]+(?:\.\d+)?|\([^()]{1,30}\))){0,4}"
_ENGLISH = rf"{_ENGLISH_ITEM}(?:, (?!and |or ){_ENGLISH_ITEM})+,? (?:and|or) {_ENGLISH_ITEM}"
_ENGLISH_LED = re.compile(
    rf"(?:\b(?:are|were|include[sd]?|including|of|with|against|as|like|from)\b|:) (?P<items>{_ENGLISH})"
)
_ENGLISH_RUN = re.compile(rf"(?P<items>{_ENGLISH})")


def is_item(text: str, at: int) -> bool:
    """Whether a list item begins at ``at``."""
    return bool(_ITEM_LINE.match(text, at))


def is_whole_item(text: str, sentence: Span, words: Span) -> bool:
    """Whether ``words`` are all that a list item says, which ``sentence`` is, but for its marks."""
    mark = _ITEM_LINE.match(text, sentence.start, sentence.end)
    if not mark:
        return False
    return words.start < mark.end() and not text[words.end : sentence.end].strip(" ；;，,。.、")


def items_after(text: str, sentence: Span) -> Span | None:
    """``sentence`` with the list lines right below it, if it announces a list; else None."""
    if not _LEADS.search(sentence.of(text)):
        return None
    end = sentence.end
    at = text.find("\n", sentence.end)
    if at < 0 or text[sentence.end : at].strip():
        return None
    while at < len(text):
        line_end = text.find("\n", at + 1)
        line_end = len(text) if line_end < 0 else line_end
        line = text[at + 1 : line_end]
        # An indented line goes on with the item above it.
        if line.strip() and not _ITEM_LINE.match(line) and not (end > sentence.end and line[:1].isspace()):
            break
        if line.strip():
            end = line_end
        at = line_end
    return Span(sentence.start, end) if end > sentence.end else None


def list_below(text: str, sentence: Span) -> tuple[Span, Span] | None:
    """The list that ``sentence`` announces right below: with the announcement, and by itself; None for none."""
    whole = items_after(text, sentence)
    if not whole:
        return None
    below = text[sentence.end : whole.end]
    return whole, Span(whole.end - len(below.lstrip()), whole.end)


def items_around(text: str, sentence: Span) -> Span | None:
    """The list items, or the rows of the table, among which ``sentence`` stands; None where it is none of
    several.
    """
    belongs = is_item if is_item(text, _line(text, sentence.start).start) else _is_row
    block = _line(text, sentence.start)
    if not belongs(text, block.start):
        return None
    size = 1
    while block.start > 0 and belongs(text, (above := _line(text, block.start - 1)).start):
        block, size = Span(above.start, block.end), size + 1
    while block.end < len(text):
        below = _line(text, block.end + 1)
        # An indented line goes on with the item above it.
        goes_on = belongs is is_item and below.of(text)[:1].isspace() and bool(below.of(text).strip())
        item = belongs(text, below.start)
        if not item and not goes_on:
            break
        block, size = Span(block.start, below.end), size + item
    return block if 1 < size <= MOST_ITEMS else None


MOST_ITEMS = 20
"""Items or rows that one answer shows at most."""


def _line(text: str, at: int) -> Span:
    """The line that holds the character at ``at``, without its end."""
    start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    return Span(start, len(text) if end < 0 else max(end, start))


def _is_row(text: str, at: int) -> bool:
    """Whether a row of a table begins at ``at``."""
    return " | " in _line(text, at).of(text)


def items_within(text: str, sentence: Span) -> Span | None:
    """The enumeration inside ``sentence`` (A、B和C; a, b and c), the longest; None without one."""
    mark = _ITEM_LINE.match(text, sentence.start, sentence.end)
    begin = mark.end() - 1 if mark else sentence.start
    own = text[begin : sentence.end]
    for pattern in (_INLINE, _RUN, _ENGLISH_LED, _ENGLISH_RUN):
        found = [match.span("items") for match in pattern.finditer(own)]
        if found:
            break
    if not found:
        return None
    start, end = max(found, key=lambda ends: ends[1] - ends[0])
    return Span(begin + start, begin + end)
