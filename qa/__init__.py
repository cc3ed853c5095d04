"""Question in, reply out: what runs when someone asks.

    from qa import Engine
    reply = Engine.open("library").ask("金融壹账通估值多少？")

Nothing heavy is imported until a name is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from embeddings.article import Article, Passage, Span
    from embeddings.errors import ArticleQAError
    from embeddings.library import Library
    from qa.config import Config
    from qa.conversation import Exchange, exchange
    from qa.engine import Engine
    from qa.reply import Answer, Hit, Reply, Source
    from qa.retriever import Retriever
    from qa.where import Where

__all__ = [
    "Answer",
    "Article",
    "ArticleQAError",
    "Config",
    "Engine",
    "Exchange",
    "Hit",
    "Library",
    "Passage",
    "Reply",
    "Retriever",
    "Source",
    "Span",
    "Where",
    "exchange",
]

_HOMES = {
    "Answer": "qa.reply",
    "Article": "embeddings.article",
    "ArticleQAError": "embeddings.errors",
    "Config": "qa.config",
    "Engine": "qa.engine",
    "Exchange": "qa.conversation",
    "Hit": "qa.reply",
    "Library": "embeddings.library",
    "Passage": "embeddings.article",
    "Reply": "qa.reply",
    "Retriever": "qa.retriever",
    "Source": "qa.reply",
    "Span": "embeddings.article",
    "Where": "qa.where",
    "exchange": "qa.conversation",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'qa' has no attribute {name!r}")
