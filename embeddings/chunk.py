"""Texts to sentences, articles to passages: pure, lossless, for Chinese and English."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from embeddings.article import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from embeddings.article import Article, Heading

CHUNK_VERSION = "3"
"""Names the behaviour of this module in a library's fingerprint."""


@dataclass(frozen=True)
class ChunkConfig:
    """Sizes of passages, in characters; :data:`LATIN` times as many in a text that is :func:`mostly_latin`.

    A passage is filled with whole sentences up to ``target``; a sentence is cut only where it is
    longer than ``maximum``. A section shorter than ``minimum`` shares a passage with the next.
    """

    target: int = 500
    maximum: int = 700
    minimum: int = 120

    def __post_init__(self) -> None:
        if not 0 < self.minimum <= self.target <= self.maximum:
            raise ValueError("passage sizes must satisfy 0 < minimum <= target <= maximum")

    @property
    def fingerprint(self) -> dict[str, str]:
        """The settings that passages depend on, as name -> value."""
        return {"chunk.version": CHUNK_VERSION} | {f"chunk.{k}": str(v) for k, v in asdict(self).items()}


LATIN = 3
"""So many letters say about what a Chinese character says: a passage of 500 letters would be a paragraph of 80 words."""


def mostly_latin(text: str) -> bool:
    """Whether more than nine in ten characters that are neither marks, digits nor spaces are Latin letters."""
    latin = sum(map(len, _LATIN_LETTERS.findall(text)))
    others = sum(map(len, _OTHERS.findall(text)))
    return latin > 9 * others


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage to be: its range, and the headings above its first words, outermost first."""

    span: Span
    headings: tuple[str, ...] = ()


def sentences(text: str) -> list[Span]:
    """The sentences of ``text`` in order, without the white space around them.

    A line break ends a sentence. Decimals, abbreviations, addresses, the numbers of items and
    quotations of up to 200 characters are not torn; closing quotes and brackets stay with the
    sentence they close.
    """
    found = []
    for start, end in _tiles(text, 0, len(text)):
        trimmed = _trim(text, start, end)
        if trimmed:
            found.append(trimmed)
    return found


def split(article: Article, config: ChunkConfig | None = None) -> list[Chunk]:
    """The passages of ``article`` in order; together they are exactly ``article.text``.

    A heading begins a passage, and stays with the text below it; so does what follows two empty
    lines, where these are the exception. Paragraphs are kept whole while they fit. A text of white
    space has no passages.
    """
    config = config or ChunkConfig()
    text = article.text
    if not text.strip():
        return []
    if mostly_latin(text):
        sizes = {name: LATIN * size for name, size in asdict(config).items()}
        config = replace(config, **sizes)
    cuts = _cuts(text, article.headings, config)
    starts = [0, *cuts]
    ends = [*cuts, len(text)]
    above = _Above(text, article.headings)
    return [Chunk(Span(start, end), above.at(start)) for start, end in zip(starts, ends, strict=True)]


def _cuts(text: str, headings: tuple[Heading, ...], config: ChunkConfig) -> list[int]:
    """Where a new passage begins, rising, without 0."""
    heading_starts = _line_starts(text, headings)
    paragraphs = list(_paragraphs(text))
    gaps = _gaps(text, paragraphs)
    cuts: list[int] = []
    begun = 0  # where the open passage begins
    held = 0  # characters of its text, headings apart
    above = -1  # where the headings right above the next text begin
    after_gap = False

    def cut(at: int) -> None:
        nonlocal begun, held
        at = above if above > begun else at  # a heading goes with the text below it
        if text[begun:at].strip():
            cuts.append(at)
            begun, held = at, 0

    for start, end in paragraphs:
        if start in heading_starts:
            if held >= config.minimum or (after_gap and held) or end - begun > config.target:
                cut(start)
            above = start if above < begun else above
            after_gap = False
            continue
        if held and (after_gap or (end - begun > config.target and held >= config.target // 2)):
            cut(start)
        after_gap = end in gaps
        for piece_start, piece_end in _pieces(text, start, end, config.maximum):
            fits = piece_end - begun <= (config.target if held >= config.minimum else config.maximum)
            if not fits and (held or piece_start - begun >= config.minimum):
                cut(piece_start)
            held += piece_end - piece_start
            above = -1
    return cuts


def _gaps(text: str, paragraphs: list[tuple[int, int]]) -> set[int]:
    """Where two empty lines end; nowhere if they stand after a quarter of the paragraphs or more."""
    found = {end for start, end in paragraphs[:-1] if text.count("\n", start, end) >= 3}
    return found if len(found) <= _FEW_GAPS or len(found) * 4 < len(paragraphs) - 1 else set()


class _Above:
    """Looks up the headings above an offset; offsets must be asked in rising order."""

    def __init__(self, text: str, headings: tuple[Heading, ...]) -> None:
        self._text = text
        self._waiting = sorted(headings, key=lambda heading: heading.span, reverse=True)
        self._path: list[Heading] = []

    def at(self, start: int) -> tuple[str, ...]:
        """The headings that hold for the passage beginning at ``start``, its own among them."""
        while self._waiting:
            heading = self._waiting[-1]
            gap = heading.span.start - start
            own = 0 <= gap < 200 and not self._text[start : start + gap].strip("#- \t\n")
            if heading.span.start >= start and not own:
                break
            self._push(self._waiting.pop())
            if own:
                start = heading.span.end
        return tuple(heading.span.of(self._text).strip() for heading in self._path)

    def _push(self, heading: Heading) -> None:
        while self._path and self._path[-1].level >= heading.level:
            self._path.pop()
        self._path.append(heading)


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Lines with the empty lines after them; they tile the text."""
    start = 0
    for match in _LINE_END.finditer(text):
        if start == 0 and not text[: match.start()].strip():
            continue  # leading empty lines belong to the first paragraph
        yield start, match.end()
        start = match.end()
    if start < len(text):
        yield start, len(text)


def _pieces(text: str, start: int, end: int, maximum: int) -> Iterator[tuple[int, int]]:
    """Sentences, those over ``maximum`` cut where it hurts least; they tile [start, end)."""
    for first, last in _tiles(text, start, end):
        at = first
        while last - at > maximum:
            stop = _soft_end(text, at, at + maximum)
            yield at, stop
            at = stop
        yield at, last


def _soft_end(text: str, start: int, limit: int) -> int:
    """Where to cut a sentence that is too long: after a pause, else between words, else at ``limit``."""
    for pattern in (_PAUSE, _BLANK):
        ends = [match.end() for match in pattern.finditer(text, start, limit)]
        if ends and ends[-1] - start > (limit - start) // 3:
            return ends[-1]
    for at in range(limit, start + (limit - start) // 2, -1):
        if not _joined(text, at):
            return at
    return limit


def _joined(text: str, at: int) -> bool:
    """Whether a cut at ``at`` would tear a number, a Latin word, or a character with its marks."""
    if at >= len(text):
        return False
    before, after = text[at - 1], text[at]
    return (
        (before.isascii() and after.isascii() and (before + after).isalnum())
        or (before.isdigit() and after in ".,%％")
        or (before in ".,\u200d" and (after.isdigit() or before == "\u200d"))
        or after in "\u200d\ufe0e\ufe0f"
        or unicodedata.combining(after) != 0
        or 0x1F3FB <= ord(after) <= 0x1F3FF
    )


def _tiles(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Sentences with the white space after them; they tile [start, end)."""
    quotes = _found(_QUOTE_MARK, _QUOTED, text, start, end)
    quote = next(quotes, None)
    begun = start
    for match in _found(_END_MARK, _SENTENCE_END, text, start, end):
        at = match.end()
        if at <= begun:
            continue
        if "\n" not in match.group():
            while quote and quote.end() <= match.start():
                quote = next(quotes, None)
            if quote and quote.start() <= match.start() and at < quote.end():
                continue
            if match.group().startswith(".") and (
                _abbreviated(text, match.start()) or _numbers_item(text, begun, match.start(), at)
            ):
                continue
        yield begun, at
        begun = at
    if begun < end:
        yield begun, end


def _found(
    mark: re.Pattern[str], pattern: re.Pattern[str], text: str, start: int, end: int
) -> Iterator[re.Match[str]]:
    """What ``pattern`` finds, which begins with a ``mark``: tried at each mark, not at each character."""
    at = start
    while begun := mark.search(text, at, end):
        match = pattern.match(text, begun.start(), end)
        if match:
            yield match
        at = match.end() if match else begun.end()


def _abbreviated(text: str, dot: int) -> bool:
    word = _WORD_BEFORE.search(text, max(0, dot - 12), dot)
    if not word:
        return False
    letters = word.group()
    return letters.lower() in _ABBREVIATIONS or (len(letters) == 1 and letters.isupper()) or "." in letters


def _numbers_item(text: str, begun: int, dot: int, after: int) -> bool:
    """Whether the dot belongs to the number of an item, a heading or a figure: 1. 2.3. 图1. Table 2."""
    before = text[max(begun, dot - 40) : dot]
    pattern = _ITEM_NUMBER if after > dot + 1 else _ITEM_NUMBER_CHINESE
    return pattern.search(before) is not None


def _line_starts(text: str, headings: tuple[Heading, ...]) -> set[int]:
    """Where the lines of the headings start; 0 for the first line, with the empty lines above it."""
    first = len(text) - len(text.lstrip())
    starts = {text.rfind("\n", 0, heading.span.start) + 1 for heading in headings}
    return {start if start > first else 0 for start in starts}


def _trim(text: str, start: int, end: int) -> Span | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end) if start < end else None


_FEW_GAPS = 2
"""So many gaps are gaps even in a text that has little else."""

_LATIN_LETTERS = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]+")
_OTHERS = re.compile(r"[^\x00-\x7fÀ-ÖØ-öø-ɏḀ-ỿ\s\u2000-\u206f]+")

_CLOSERS = "”’」』）)】》〉\\]\"'"
_MARKS = "。！？!?…｡"
# ? and ! of ASCII end nothing inside a web address or code. The lookbehinds keep a long run of marks
# from being read again from each of its characters.
_SENTENCE_END = re.compile(
    rf"(?<![{_MARKS}])(?:[!?]*+[。！？…｡][{_MARKS}]*+|[!?]++(?=[^!-~]|[)\]\"']|\Z))"
    rf"[{_CLOSERS}]*+(?![，、；：,;:）)])[^\S\n]*\n*"
    rf"|(?<!\.)\.++[{_CLOSERS}]*(?:[^\S\n]+(?=[^a-z\s])|(?=\n)|(?=[㐀-鿿]))\n*"
    r"|\n\s*"
)
_END_MARK = re.compile(r"[。！？!?…｡.\n]")
_LINE_END = re.compile(r"\n\s*\n(?=\S)|\n(?:[^\S\n]*\n)*|\n")
_QUOTED = re.compile(
    r"“[^“”\n]{0,200}”|‘[^‘’\n]{0,200}’|(?<![0-9A-Za-z])\"(?!\s)[^\"\n]{0,200}(?<!\s)\"|「[^「」\n]{0,200}」|『[^『』\n]{0,200}』|《[^《》\n]{0,60}》|（[^（）\n]{0,120}）|\([^()\n]{0,120}\)"
)
_QUOTE_MARK = re.compile(r"[“‘\"「『《（(]")
_PAUSE = re.compile(r"[；;：，、]|[,:](?=\s)|\s\|\s")
_BLANK = re.compile(r"\s+")
_WORD_BEFORE = re.compile(r"[A-Za-z][A-Za-z.]*$")
_NUMBER = r"\d{1,3}(?:\.\d{1,3})*$"
_LABEL = (
    r"^[\s*•>#(（\[-]*|[:;]\s+|[：；(（]\s*|[图表]\s?|\b(?:figure|table|step|chapter|section|part|item)\s"
)
_ITEM_NUMBER = re.compile(rf"(?:{_LABEL}){_NUMBER}", re.IGNORECASE)
# Before a Chinese character the number needs no label, only a space.
_ITEM_NUMBER_CHINESE = re.compile(rf"(?:{_LABEL}|\s){_NUMBER}", re.IGNORECASE)
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof st jr sr vs etc no nos vol fig figs eq ed eds al inc ltd co corp gen col sgt capt rev hon "
    "art sec ch jan feb mar apr jun jul aug sep sept oct nov dec approx dept est p pp ca cf".split()
)
