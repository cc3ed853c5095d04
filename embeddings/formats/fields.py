"""Front matter, meta tags and document properties to a title and :class:`Metadata`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from embeddings.article import Metadata
from embeddings.formats.dates import iso_date
from embeddings.formats.loaded import clean, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TITLES = ("title", "标题")
AUTHORS = ("author", "authors", "作者", "creator")
DATES = (
    "date",
    "published",
    "publishdate",
    "publisheddate",
    "pubdate",
    "发布日期",
    "发布时间",
    "日期",
    "created",
)
TAGS = ("tags", "tag", "标签", "keywords", "keyword", "关键词")
CATEGORIES = ("categories", "category", "分类", "栏目")
LINKS = ("link", "url", "permalink", "canonical", "原文链接", "链接", "source", "original")

_DEEPEST = 8
_MOST_ITEMS = 1_000
_LONGEST_STRING = 10_000


@dataclass(frozen=True, slots=True)
class Known:
    """What the fields say: a title ("" if none), the metadata, and notes on what could not be read."""

    title: str
    metadata: Metadata
    notes: tuple[str, ...] = ()


def read_fields(fields: Mapping[str, Any]) -> Known:
    """The title, metadata and notes that ``fields`` hold; of several names for one thing the first wins.

    Names are compared without case, spaces, hyphens and underscores. Every field that is not used
    goes to ``extra`` under its own name, as a JSON value.
    """
    by_name: dict[str, str] = {}
    for key in fields:
        by_name.setdefault(_plain_name(key), key)
    used: set[str] = set()
    notes: list[str] = []

    def first(names: tuple[str, ...], read: Any) -> Any:
        for name in names:
            key = by_name.get(name)
            value = read(fields[key]) if key is not None else None
            if key is not None and value:
                used.add(key)
                return value
        return read(None)

    title = first(TITLES, text_value)
    author = first(AUTHORS, _author)
    day = first(DATES, iso_date)
    dates = (
        {} if day else {by_name[name]: text_value(fields[by_name[name]]) for name in DATES if name in by_name}
    )
    notes.extend(
        f"the {key} {said[:80]!r} is no date that can be read" for key, said in dates.items() if said
    )
    metadata = Metadata(
        author=author,
        date=day,
        tags=first(TAGS, _labels),
        categories=first(CATEGORIES, _labels),
        link=first(LINKS, link_value),
        extra=_extra(fields, used, notes),
    )
    return Known(title, metadata, tuple(notes))


def text_value(value: Any) -> str:
    """``value`` on one line, without control characters or Obsidian's brackets; "" for no plain value."""
    if value is None or isinstance(value, (dict, list, tuple, set, bytes)):
        return ""
    text = one_line(clean(str(value)[:_LONGEST_STRING]))
    return _OBSIDIAN_LINK.sub(lambda match: str(match[2] or match[1]), text).strip()


def link_value(value: Any) -> str:
    """``value`` if it is a web address or a path on a site, else ""; other schemes are no links."""
    text = text_value(value)
    if " " in text or not _LINK.match(text):
        return ""
    return text


def plain(value: Any, notes: list[str], depth: int = 0) -> Any:
    """``value`` as a JSON value; what is too deep, long or many is cut, and ``notes`` say so."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if depth >= _DEEPEST:
        notes.append(f"front matter nested deeper than {_DEEPEST} levels was left out")
        return None
    if isinstance(value, dict):
        kept = list(value.items())[:_MOST_ITEMS]
        _note_cut(len(value), _MOST_ITEMS, notes)
        return {text_value(key) or repr(key)[:80]: plain(item, notes, depth + 1) for key, item in kept}
    if isinstance(value, (list, tuple, set)):
        _note_cut(len(value), _MOST_ITEMS, notes)
        return [plain(item, notes, depth + 1) for item in list(value)[:_MOST_ITEMS]]
    text = value.decode("latin-1") if isinstance(value, bytes) else _written(value)
    _note_cut(len(text), _LONGEST_STRING, notes)
    return one_line(clean(text[:_LONGEST_STRING]))


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _note_cut(size: int, limit: int, notes: list[str]) -> None:
    if size > limit:
        notes.append(f"a front matter value of {size} characters or items was cut to {limit}")


_OBSIDIAN_LINK = re.compile(r"\[\[([^\[\]|]+)(?:\|([^\[\]|]+))?\]\]")
_LINK = re.compile(r"https?://[^\s<>\"]+$|/?[\w.%~-]+(?:/[\w.%~-]*)+(?:[?#]\S*)?$|//\S+$", re.IGNORECASE)
_SEPARATORS = re.compile(r"[,，、;；\n]+")
_HAN = re.compile(r"[㐀-鿿]")


def _plain_name(key: Any) -> str:
    return re.sub(r"[\s_-]+", "", str(key)).casefold()


def _leaves(value: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(value, dict):
        names = [value[name] for name in ("name", "title") if name in value]
        value = names[:1] or list(value.values())
    if isinstance(value, (list, tuple, set)) and depth < _DEEPEST:
        for item in list(value)[:_MOST_ITEMS]:
            yield from _leaves(item, depth + 1)
    elif text := text_value(value):
        yield text


def _author(value: Any) -> str:
    names = list(dict.fromkeys(_leaves(value)))
    return ("、" if any(map(_HAN.search, names)) else ", ").join(names)


def _labels(value: Any) -> tuple[str, ...]:
    parts = (part.strip().lstrip("#") for leaf in _leaves(value) for part in _SEPARATORS.split(leaf))
    return tuple(dict.fromkeys(part for part in parts if part))


def _extra(fields: Mapping[str, Any], used: set[str], notes: list[str]) -> dict[str, Any]:
    empty: tuple[Any, ...] = (None, "", [], {})
    return {
        text_value(key) or repr(key)[:80]: plain(value, notes)
        for key, value in list(fields.items())[:_MOST_ITEMS]
        if key not in used and not (_plain_name(key) in _KNOWN_NAMES and value in empty)
    }


_KNOWN_NAMES = frozenset((*TITLES, *AUTHORS, *DATES, *TAGS, *CATEGORIES, *LINKS))
