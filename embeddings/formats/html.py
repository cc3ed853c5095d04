"""Web pages: their main text, and what their meta tags say."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import TYPE_CHECKING, Any, cast

from embeddings.errors import LoadError
from embeddings.formats.encoding import decode
from embeddings.formats.loaded import Block, Loaded, assemble, one_line
from embeddings.formats.markup import SILENT_IN_TEXT, blocks_of, without_chinese_breaks

if TYPE_CHECKING:
    from lxml import etree

_LARGEST_EXTRACTION = 3_000_000
"""Characters; above, the whole body is read: finding the main text would take minutes."""

_MOST_ELEMENTS = 10_000
"""The extractor's time grows with the square of an element's neighbours: 4,000 take 1.6 seconds."""

_SMALL_PAGE = 1_500
"""Characters of body text; on so small a page the extractor may take the article for a menu."""


def load_html(data: bytes, source: str) -> Loaded:
    """The main text of a page; its whole body, without menus and forms, where none can be told.

    The title, author, date and address come from meta tags.

    Raises:
        LoadError: the page holds no element at all.
    """
    text, notes = decode(data, source, _declared_charset(data))
    root = _tree(text)
    if root is None:
        raise LoadError(source, "the page is empty", "save the page again from the browser")
    for form in list(root.iter("form")):
        if form.find(".//p") is not None or form.find(".//h1") is not None:
            form.tag = "div"
    body = root.find("body")
    whole = blocks_of(root if body is None else body)
    blocks, more = _main_text(text, root, whole)
    read, headings = assemble(blocks)
    fields, title = _meta(root)
    return Loaded(read, title=title, fields=fields, headings=headings, notes=(*notes, *more))


def fragment_blocks(html: str) -> list[Block]:
    """The blocks of a piece of HTML that stands inside another text."""
    root = _tree(f"<html><body>{html}</body></html>")
    return [] if root is None else blocks_of(root, SILENT_IN_TEXT)


def _tree(text: str) -> etree._Element | None:
    from lxml import etree

    # Without huge_tree libxml2 drops, silently, what follows a text of ten megabytes.
    parser = etree.HTMLParser(huge_tree=True, remove_comments=True, remove_pis=True, encoding="utf-8")
    root = etree.fromstring(_XML_DECLARATION.sub("", text).encode(), parser)
    return cast("etree._Element | None", root)  # noqa: SLF001


def _main_text(text: str, root: etree._Element, whole: list[Block]) -> tuple[list[Block], tuple[str, ...]]:
    elements = sum(1 for _ in root.iter())
    if len(text) > _LARGEST_EXTRACTION or elements > _MOST_ELEMENTS:
        size = f"{len(text)} characters and {elements} elements"
        return whole, (f"the page has {size}: its whole body was read, menus may be among it",)
    import trafilatura
    from lxml import etree

    found = trafilatura.extract(
        without_chinese_breaks(_with_marked_code(root)),
        output_format="xml",
        include_comments=False,
        include_tables=True,
        include_links=False,
        include_images=False,
        with_metadata=False,
    )
    main = etree.fromstring(found.encode(), etree.XMLParser(huge_tree=True)).find("main") if found else None
    blocks = [] if main is None else blocks_of(main)
    kept, present = _length(blocks), _length(whole)
    if kept == 0 or (present <= _SMALL_PAGE and not present * 0.9 <= kept <= present):
        return whole, ()
    return [*_lost_heading(blocks, whole), *blocks], ()


def _with_marked_code(root: etree._Element) -> str:
    """The page with ``<code>`` in every ``<pre>``: the extractor takes one without it for a quotation."""
    from lxml import etree

    copy = deepcopy(root)
    for pre in copy.iter("pre"):
        if pre.find(".//code") is None:
            inner = etree.Element("code")
            inner.text = "".join(str(piece) for piece in pre.itertext())
            tail = pre.tail
            pre.clear()
            pre.tail = tail
            pre.append(inner)
    return str(etree.tostring(copy, encoding="unicode", method="html"))


def _lost_heading(blocks: list[Block], whole: list[Block]) -> list[Block]:
    """The page's only first-level heading, where the extractor took it for a part of the frame."""
    first = [block for block in whole if block.level == 1]
    texts = {one_line(block.text) for block in blocks}
    return first if len(first) == 1 and one_line(first[0].text) not in texts else []


def _length(blocks: list[Block]) -> int:
    return sum(len(block.text) for block in blocks)


def _declared_charset(data: bytes) -> str:
    head = data[:4096]
    match = _CHARSET.search(head)
    return match[1].decode("ascii") if match else ""


def _meta(root: etree._Element) -> tuple[dict[str, Any], str]:
    """The fields of the page's meta tags under our names, and its <title>."""
    said: dict[str, str] = {}
    for element in root.iter("meta"):
        name = str(element.get("property") or element.get("name") or element.get("itemprop") or "").lower()
        content = one_line(str(element.get("content") or ""))
        if name and content:
            said.setdefault(name, content)
    for element in root.iter("link"):
        if "canonical" in str(element.get("rel")).lower() and element.get("href"):
            said.setdefault("canonical", str(element.get("href")))
    times = [str(element.get("datetime")) for element in root.iter("time") if element.get("datetime")]
    if len(times) == 1:
        said.setdefault("time", times[0])
    fields = {}
    for field, names in _META.items():
        value = next((said[name] for name in names if name in said), "")
        if value and not (field == "author" and value.startswith("http")):
            fields[field] = value
    heading = next(root.iter("title"), None)
    title = one_line("".join(str(piece) for piece in heading.itertext())) if heading is not None else ""
    return fields, fields.pop("title", "") or _SITE_NAME.sub("", title)


_META = {
    "title": ("og:title", "twitter:title", "dc.title", "citation_title"),
    "author": ("author", "article:author", "dc.creator", "dcterms.creator", "citation_author", "byl"),
    "date": (
        "article:published_time", "datepublished", "publishdate", "pubdate", "publish_date",
        "publication_date", "dc.date", "dcterms.created", "citation_publication_date", "date", "time",
        "og:release_date",
    ),
    "keywords": ("keywords", "article:tag", "news_keywords"),
    "category": ("article:section",),
    "link": ("canonical", "og:url"),
    "description": ("description", "og:description"),
    "site": ("og:site_name",),
}  # fmt: skip
_CHARSET = re.compile(
    rb"""(?:<meta[^>]{0,200}?charset\s*=\s*["']?|<\?xml[^>]{0,80}?encoding\s*=\s*["'])\s*([\w.:-]{2,40})""",
    re.IGNORECASE,
)
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_SITE_NAME = re.compile(r"\s+[|_–—-]\s+[^|_–—]{1,30}$|[_|][^_|]{1,20}$")
