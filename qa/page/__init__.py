"""Replies and articles as HTML; pure functions, and nothing unescaped gets through them.

What a click means stands in ``data-`` attributes, escaped: ``page.js`` sends them on, and ``qa/desk.py`` looks up
what they point at.
"""

from __future__ import annotations

from qa.page.frame import File, foot, header, outbox, report, uploads
from qa.page.html import resource, text
from qa.page.reader import Place, reader
from qa.page.shelf import facets, library
from qa.page.statistics import statistics
from qa.page.talk import Turn, conversation, examples, tools

__all__ = [
    "File",
    "Place",
    "Turn",
    "conversation",
    "examples",
    "facets",
    "foot",
    "header",
    "library",
    "outbox",
    "reader",
    "report",
    "resource",
    "statistics",
    "text",
    "tools",
    "uploads",
]
