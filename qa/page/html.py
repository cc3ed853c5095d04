"""What every part of the page is made with: escaped text, and small pieces around it."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from qa.highlight import segments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embeddings.article import Span


def text(value: str) -> str:
    """``value`` escaped for HTML, inside an element or a quoted attribute.

    Half a surrogate pair, which JSON cannot carry, becomes "?"; length is kept.
    """
    return escape(value.encode("utf-8", "replace").decode("utf-8"))


@lru_cache
def resource(name: str) -> str:
    """The style sheet or a script of the page."""
    return (files("qa.page") / name).read_text("utf-8")


def day(date: str) -> str:
    """The day of an ISO date, "2019-02-25"."""
    return date.split("T", maxsplit=1)[0]


def by(*parts: str) -> str:
    """A line of author, date and the like; "" where all are empty."""
    shown = [f"<bdi>{text(part)}</bdi>" for part in parts if part]
    return f'<span class="by">{" · ".join(shown)}</span>' if shown else ""


def act(name: str, label: str, css: str = "", **data: object) -> str:
    """A button that sends the act ``name`` with ``data``; ``label`` is HTML."""
    attributes = "".join(f' data-{key}="{text(str(value))}"' for key, value in data.items())
    return f'<button type="button" class="{css}" data-act="{name}"{attributes}>{label}</button>'


def icon(name: str) -> str:
    """A line drawing of the size of the text, for the eye only."""
    return (
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" '
        f'stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"><path d="{_ICONS[name]}"/></svg>'
    )


_ICONS = {
    "up": "M7 11v9H4v-9zM7 11l4-8a2 2 0 0 1 2 2v4h5a2 2 0 0 1 2 2l-1.500 7a2 2 0 0 1-2 2H7",
    "down": "M17 13V4h3v9zM17 13l-4 8a2 2 0 0 1-2-2v-4H6a2 2 0 0 1-2-2l1.500-7a2 2 0 0 1 2-2H17",
    "copy": "M9 9h11v11H9zM5 15H4V4h11v1",
    "edit": "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
    "again": "M20 11a8 8 0 1 0-2.300 6.300M20 5v6h-6",
    "bin": "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
    "theme": "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18",
    "link": "M10 14a4 4 0 0 0 6 .500l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6-.500l-3 3a4 4 0 0 0 6 6l1-1",
    "lock": "M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3",
}


def marked(value: str, marks: Sequence[tuple[Span, str]]) -> str:
    """``value`` with what ``marks`` cover in mark elements."""
    return "".join(
        f"<mark>{text(run.text)}</mark>" if run.labels else text(run.text) for run in segments(value, marks)
    )
