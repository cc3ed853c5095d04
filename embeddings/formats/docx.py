"""Word documents (.docx)."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from io import BytesIO
from typing import TYPE_CHECKING, Any

from embeddings.errors import LoadError
from embeddings.formats.loaded import Block, Loaded, assemble, clean, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

_LARGEST_UNPACKED = 500_000_000
_OLE = b"\xd0\xcf\x11\xe0"


def load_docx(data: bytes, source: str) -> Loaded:
    """Paragraphs, lists and tables in the document's order; headings by their style.

    Insertions that nobody has accepted yet count, deletions do not.

    Raises:
        LoadError: an old .doc, a document with a password, or no Word document at all.
    """
    if data.startswith(_OLE):
        raise LoadError(
            source, "it is an old Word document or has a password", "open it in Word and save it as .docx"
        )
    broken = LoadError(source, "the Word document is broken", "open it in Word and save it again")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise broken from error
    if unpacked > _LARGEST_UNPACKED:
        raise LoadError(
            source, f"unpacked it has {unpacked} bytes", "split the document or take out its pictures"
        )
    import docx

    try:
        document = docx.Document(BytesIO(data))
        text, headings = assemble(_blocks(document))
        fields, title = _properties(document.core_properties)
    except Exception as error:  # a broken package fails in as many ways as it has parts
        raise broken from error
    return Loaded(text, title=title, fields=fields, headings=headings)


def _blocks(document: Any) -> Iterator[Block]:
    from docx.text.paragraph import Paragraph

    counts: Counter[tuple[str, int]] = Counter()
    kinds = _Numbering(document)
    items: list[str] = []
    for part in _parts(document.element.body):
        paragraph = Paragraph(part, document) if part.tag == _P else None
        item = _item(paragraph, kinds, counts) if paragraph else ""
        if item:
            items.append(item)
            continue
        if items:
            yield Block("\n".join(items))
            items = []
        if paragraph:
            yield Block(_text(part), _level(paragraph))
        else:
            yield Block("\n".join(_rows(part)))
    yield Block("\n".join(items))


def _parts(element: Any) -> Iterator[Any]:
    """The paragraphs and tables in ``element``, in order; of a table that only lays out, what is in it."""
    for part in _inside(element, _P, _TABLE):
        if part.tag == _P:
            yield part
            for box in _inside(part, _BOX):
                yield from _parts(box)
        elif any(sum(1 for _ in _inside(row, _CELL)) > 1 for row in _inside(part, _ROW)):
            yield part
        else:
            for cell in _inside(part, _CELL):
                yield from _parts(cell)


def _inside(element: Any, *tags: str) -> Iterator[Any]:
    """The nearest descendants with one of ``tags``: not those within another.

    So controls, insertions and custom elements around them do not matter.
    """
    for child in element:
        if child.tag in tags:
            yield child
        elif child.tag not in _SILENT:
            yield from _inside(child, *tags)


def _text(paragraph: Any) -> str:
    return clean("".join(_said(paragraph)))


def _said(element: Any) -> Iterator[str]:
    for child in element:
        if child.tag == _W + "t":
            yield child.text or ""
        elif child.tag == _W + "br":
            yield "\n" if child.get(_W + "type", "textWrapping") == "textWrapping" else ""
        elif child.tag in _MARKS:
            yield _MARKS[child.tag]
        elif child.tag not in _SILENT and child.tag != _BOX:
            yield from _said(child)


def _level(paragraph: Any) -> int:
    """The level of a heading; 0 for other paragraphs. A style inherits what its base style is."""
    style = paragraph.style
    while style is not None:
        name = str(style.name or "")
        if match := _HEADING.fullmatch(name):
            return min(int(match[1]), 6)
        if name in ("Title", "标题"):
            return 1
        style = style.base_style
    return 0


def _item(paragraph: Any, kinds: _Numbering, counts: Counter[tuple[str, int]]) -> str:
    """The paragraph as a line of a list; "" if it is none."""
    text = one_line(_text(paragraph._p))  # noqa: SLF001 -- python-docx leaves out insertions and fields
    found = None if _level(paragraph) else kinds.of(paragraph)
    if found is None or not text:
        return ""
    number, depth, numbered = found
    counts[number, depth] += 1
    for deeper in [key for key in counts if key[0] == number and key[1] > depth]:
        del counts[deeper]
    mark = f"{counts[number, depth]}. " if numbered else "- "
    return "  " * depth + mark + text


class _Numbering:
    """The lists that the document defines."""

    def __init__(self, document: Any) -> None:
        self._numbered: dict[tuple[str, int], bool] = {}
        part = next(
            (rel.target_part for rel in document.part.rels.values() if rel.reltype.endswith("/numbering")),
            None,
        )
        if part is None:
            return
        root = part.element
        formats = {
            (abstract.get(_W + "abstractNumId"), int(level.get(_W + "ilvl"))): level.find(_W + "numFmt")
            for abstract in root.iter(_W + "abstractNum")
            for level in abstract.iter(_W + "lvl")
        }
        for num in root.iter(_W + "num"):
            pointer = num.find(_W + "abstractNumId")
            for (abstract, depth), kind in formats.items():
                if pointer is not None and pointer.get(_W + "val") == abstract:
                    value = "" if kind is None else kind.get(_W + "val")
                    self._numbered[num.get(_W + "numId"), depth] = value not in ("", "bullet", "none")

    def of(self, paragraph: Any) -> tuple[str, int, bool] | None:
        """(list, depth from 0, whether it is numbered); None for a paragraph outside lists."""
        properties = paragraph._p.pPr  # noqa: SLF001 -- python-docx has no public way to a list
        style = paragraph.style
        while style is not None and (properties is None or properties.numPr is None):
            properties, style = style.element.pPr, style.base_style
        if properties is None or properties.numPr is None or properties.numPr.numId is None:
            return None
        number = str(properties.numPr.numId.val)
        depth = properties.numPr.ilvl.val if properties.numPr.ilvl is not None else 0
        return None if number == "0" else (number, depth, self._numbered.get((number, depth), False))


def _rows(table: Any) -> Iterator[str]:
    above: dict[int, str] = {}  # column -> the text last read in it
    for row in _inside(table, _ROW):
        cells: list[str] = []
        column = 0
        for cell in _inside(row, _CELL):
            span, continues = _merged(cell)
            if not continues:
                above[column] = one_line(" ".join(_text(paragraph) for paragraph in _inside(cell, _P)))
            cells.append(above.get(column, ""))
            column += span
        if any(cells):
            yield " | ".join(cells)


def _merged(cell: Any) -> tuple[int, bool]:
    """The columns that the cell takes, and whether it is the lower part of the one above it."""
    span = cell.find(f"{_W}tcPr/{_W}gridSpan")
    merge = cell.find(f"{_W}tcPr/{_W}vMerge")
    return (
        1 if span is None else int(span.get(_W + "val")),
        merge is not None and merge.get(_W + "val", "continue") == "continue",
    )


def _properties(core: Any) -> tuple[dict[str, Any], str]:
    author = one_line(str(core.author or ""))
    fields = {
        "author": "" if author.lower() in _NO_AUTHORS else author,
        "date": core.created if author != "python-docx" else None,
        "keywords": core.keywords,
        "category": core.category,
    }
    title = one_line(str(core.title or ""))
    return {name: value for name, value in fields.items() if value}, "" if title == "Word Document" else title


_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_P, _TABLE, _ROW, _CELL, _BOX = (_W + name for name in ("p", "tbl", "tr", "tc", "txbxContent"))
_MARKS = {_W + "tab": "\t", _W + "ptab": "\t", _W + "cr": "\n", _W + "noBreakHyphen": "-"}
# Properties (whose tab stops are called w:tab, too), what was deleted or moved away, the reading above a
# character, and the second copy of a text box for old programs.
_SILENT = frozenset(
    (
        *(_W + name for name in ("pPr", "rPr", "sectPr", "tblPr", "trPr", "tcPr", "del", "moveFrom", "rt")),
        "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
    )
)
_HEADING = re.compile(r"(?:heading|标题)\s*([1-9])", re.IGNORECASE)
_NO_AUTHORS = frozenset(
    ("", "python-docx", "user", "admin", "administrator", "unknown", "微软用户", "microsoft office user")
)
