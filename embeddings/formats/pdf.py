"""PDF files, page by page."""

from __future__ import annotations

import logging
import re
from collections import Counter
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any

from embeddings.errors import LoadError, MissingDependency
from embeddings.formats.lines import SENTENCE_ENDS, joined, width
from embeddings.formats.loaded import Loaded, clean, one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pypdf import PdfReader

_EDGE_LINES = 2
"""So many lines at the head and at the foot of a page may be a running title or a page number."""

_MOST_NUMBERS = 8
"""So many numbers of a line are tried for the page's number."""


def load_pdf(data: bytes, source: str) -> Loaded:
    """The text of all pages; lines joined to paragraphs, running titles and page numbers dropped.

    ``pages`` holds where each page starts; a page without text owns one line break.

    Raises:
        LoadError: broken, with a password, or scanned without a text layer.
    """
    import pypdf
    from pypdf.errors import DependencyError, FileNotDecryptedError

    # What pypdf logs of a slightly broken file is not for users; what it cannot read, it raises.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise FileNotDecryptedError  # noqa: TRY301 -- the same error as from reading on
        raw, unread = _page_texts(reader)
    except DependencyError as error:
        reason = "it is encrypted, and reading it takes another package"
        raise MissingDependency(source, reason, "pip install 'pypdf[crypto]'") from error
    except FileNotDecryptedError as error:
        raise LoadError(
            source, "the PDF has a password", "save a copy without password and load that"
        ) from error
    except Exception as error:  # a broken file fails in as many ways as it has parts
        raise LoadError(
            source, "the PDF is broken", "open it in a PDF reader and save or print it anew"
        ) from error
    if not any(page.strip() for page in raw):
        reason = f"none of its {len(raw)} pages has a text layer: it is a scan, or empty"
        raise LoadError(
            source, reason, "run text recognition over it (for instance ocrmypdf) and load the result"
        )
    pages, running = _without_running_lines([clean(page).split("\n") for page in raw])
    text, starts = _laid_out([_paragraphs(lines) for lines in pages])
    fields, title = _properties(reader)
    return Loaded(text, title=title, fields=fields, pages=starts, notes=_notes(raw, unread, running))


def _page_texts(reader: PdfReader) -> tuple[list[str], list[int]]:
    texts: list[str] = []
    unread: list[int] = []
    for number, page in enumerate(reader.pages, 1):
        try:
            texts.append(page.extract_text())
        except Exception:  # noqa: BLE001 -- one broken page must not cost the others
            texts.append("")
            unread.append(number)
    if unread and len(unread) == len(texts):
        raise ValueError("no page can be read")
    return texts, unread


def _notes(raw: Sequence[str], unread: Sequence[int], running: Sequence[str]) -> tuple[str, ...]:
    empty = [number for number, page in enumerate(raw, 1) if not page.strip() and number not in unread]
    notes = []
    if unread:
        notes.append(f"broken and left out: {_listed(unread)}")
    if empty:
        notes.append(f"without text (scanned or empty): {_listed(empty)}")
    if running:
        notes.append(f"running titles and page numbers were dropped, for instance {running[0][:60]!r}")
    return tuple(notes)


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:20]))
    return ("page " if len(numbers) == 1 else "pages ") + shown + (" and more" if len(numbers) > 20 else "")


def _without_running_lines(pages: Sequence[list[str]]) -> tuple[list[list[str]], list[str]]:
    """The pages without the lines at head and foot that stand, but for the page's number, on most of them.

    A page that would be left without a line keeps all of its lines.
    """
    shapes = Counter(
        shape
        for number, page in enumerate(pages, 1)
        for shape in {shape for at in _edges(page) for shape in _shapes(page[at], number)}
    )
    written = sum(any(line.strip() for line in page) for page in pages)
    running = {shape for shape, count in shapes.items() if written > 2 and count * 2 > written}
    kept: list[list[str]] = []
    dropped: list[str] = []
    for number, page in enumerate(pages, 1):
        out = {
            at
            for at in _edges(page)
            if _is_page_number(page[at], number) or not running.isdisjoint(_shapes(page[at], number))
        }
        left = [line for at, line in enumerate(page) if at not in out]
        if any(line.strip() for line in left):
            kept.append(left)
            dropped.extend(page[at].strip() for at in sorted(out))
        else:
            kept.append(page)
    return kept, dropped


def _edges(lines: Sequence[str]) -> list[int]:
    """Where the first and the last lines with text are."""
    written = [at for at, line in enumerate(lines) if line.strip()]
    return sorted({*written[:_EDGE_LINES], *written[-_EDGE_LINES:]})


def _shapes(line: str, page: int) -> list[str]:
    """The line as it is, and with each of its numbers in turn as its distance from the page's."""
    line = one_line(line)
    numbers = list(islice(re.finditer(r"\d{1,5}", line), _MOST_NUMBERS))
    counted = [
        f"{line[: match.start()]}\0{int(match.group()) - page}\0{line[match.end() :]}" for match in numbers
    ]
    return [line, *counted]


def _is_page_number(line: str, page: int) -> bool:
    match = _PAGE_NUMBER.fullmatch(line.strip())
    return match is not None and int(match[1]) == page


def _paragraphs(lines: Sequence[str]) -> list[str]:
    """The paragraphs of a page, without empty ones."""
    widths = sorted(width(line.strip()) for line in lines if line.strip())
    full = widths[int(len(widths) * 0.9)] if widths else 0
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        above = paragraphs[-1]
        if not line.strip() or (above and _begins_paragraph(above[-1], line, full)):
            paragraphs.append([])
        if line.strip():
            paragraphs[-1].append(line)
    return [joined(paragraph) for paragraph in paragraphs if paragraph]


def _begins_paragraph(above: str, line: str, full: int) -> bool:
    if _OPENS.match(line):
        return True
    reach = width(above.strip())
    if above.rstrip()[-1:] in SENTENCE_ENDS:
        return reach < full * 0.88
    return reach < full * 0.6


def _laid_out(pages: Sequence[Sequence[str]]) -> tuple[str, tuple[int, ...]]:
    """All pages as one text, and where each starts; a sentence may run over a page's end."""
    parts: list[str] = []
    starts: list[int] = []
    at = 0
    for number, paragraphs in enumerate(pages):
        starts.append(at)
        body = "\n\n".join(paragraphs)
        last = number == len(pages) - 1
        following = next((page[0] for page in pages[number + 1 :] if page), "")
        text = body + ("" if last and body else _page_gap(body, following) if body else "\n")
        parts.append(text)
        at += len(text)
    return "".join(parts), tuple(starts)


def _page_gap(body: str, following: str) -> str:
    """What stands between two pages: a line break inside a running sentence would end it."""
    if (
        not following
        or body[-1] in SENTENCE_ENDS
        or _OPENS.match(following)
        or len(body.rpartition("\n")[2]) < 20
    ):
        return "\n\n"
    return joined([body[-1], following[0]])[1:-1]


def _properties(reader: PdfReader) -> tuple[dict[str, Any], str]:
    try:
        info: Mapping[str, Any] = reader.metadata or {}
        said = {name: one_line(clean(str(info.get(key) or ""))) for name, key in _INFO.items()}
    except Exception:  # noqa: BLE001 -- broken properties must not cost the text
        return {}, ""
    title = re.sub(r"^Microsoft (?:Word|PowerPoint|Excel) - ", "", said.pop("title"))
    if _NO_TITLE.search(title):
        title = ""
    if said["author"].lower() in _NO_AUTHORS:
        said["author"] = ""
    return {name: value for name, value in said.items() if value}, title


_INFO = {
    "title": "/Title",
    "author": "/Author",
    "date": "/CreationDate",
    "keywords": "/Keywords",
    "subject": "/Subject",
}
_NO_TITLE = re.compile(
    r"^(?:untitled|无标题|未命名|document|文档|slide|幻灯片|无题)\s*\d*$|\.(?:docx?|pdf|wps|pptx?|xlsx?|indd|tex|txt|dvi)$|^.{0,1}$",
    re.IGNORECASE,
)
_NO_AUTHORS = frozenset(
    ("user", "admin", "administrator", "unknown", "anonymous", "微软用户", "microsoft office user")
)
_PAGE_NUMBER = re.compile(
    r"(?:第|page|p\.?|[-–—·•]+)?\s*(\d{1,5})\s*(?:页|[-–—·•]+)?"
    r"(?:\s*(?:of|/|共|，共|,共)\s*\d{1,5}\s*页?)?",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"　|[•·●○■◆]\s|\d{1,3}[.、)）]\s*\S|[（(][一二三四五六七八九十\d]{1,3}[)）]"
    r"|[一二三四五六七八九十]{1,3}、|第[一二三四五六七八九十百\d]{1,4}[章节条部篇]"
)
