"""What of a passage is embedded and indexed, and the fingerprint of all that depends on it."""

from __future__ import annotations

import re
import zlib
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from embeddings.encode import Fingerprint
from embeddings.segment import JIEBA
from embeddings.words import WORDS_VERSION, term_columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from embeddings.article import Article
    from embeddings.chunk import Chunk, ChunkConfig
    from embeddings.encode import Embedder

RECIPE_VERSION = "1"
"""Names the behaviour of this module in a library's fingerprint."""

LONGEST_TERM = 100
"""Characters; a longer term is cut, in passages and in questions alike."""


class Terms(NamedTuple):
    """The terms of a passage, each with its repetitions; "above" are its title and headings."""

    words: str
    grams: str
    above_words: str
    above_grams: str


def fingerprint(embedder: Embedder, config: ChunkConfig, segmenter: str = JIEBA) -> Fingerprint:
    """All that the passages, vectors and terms of a library depend on."""
    own = {"words.version": WORDS_VERSION, "words.segmenter": segmenter, "recipe.version": RECIPE_VERSION}
    return Fingerprint({**embedder.fingerprint.fields, **config.fingerprint, **own})


def needed_to_ask(fields: Mapping[str, str]) -> Fingerprint:
    """The part of a fingerprint that questions depend on: passages may be of any size."""
    return Fingerprint({name: value for name, value in fields.items() if not name.startswith("chunk.")})


def above(article: Article, chunk: Chunk) -> str:
    """Title and headings of the passage, a line each, without those that its first lines repeat."""
    beginning = chunk.span.of(article.text)[:500]
    return "\n".join(
        line for line in dict.fromkeys((article.title, *chunk.headings)) if line not in beginning
    )


def embedded_text(above: str, text: str) -> str:
    """What is embedded of a passage."""
    return f"{above}\n{text}" if above else text


def text_hash(above: str, text: str) -> bytes:
    """16 bytes that name what is embedded and indexed: passages with the same ones share their work."""
    return blake2b(f"{above}\0{text}".encode(), digest_size=16).digest()


def pack_terms(above: str, text: str, segmenter: str = JIEBA) -> bytes:
    """The terms of a passage, compressed."""
    columns = Terms(*term_columns(text, segmenter, LONGEST_TERM), *_of_above(above, segmenter))
    return zlib.compress("\n".join(columns).encode(), 1)


def unpack_terms(packed: bytes) -> Terms:
    """The inverse of :func:`pack_terms`."""
    return Terms(*zlib.decompress(packed).decode().split("\n"))


def searchable(terms: Iterable[str]) -> list[str]:
    """The distinct ``terms`` as passages hold them, in order."""
    return [
        term for term in dict.fromkeys(term[:LONGEST_TERM] for term in terms) if not _SURROGATE.search(term)
    ]


@lru_cache(maxsize=256)  # the passages of an article have their title in common
def _of_above(above: str, segmenter: str) -> tuple[str, str]:
    return term_columns(above, segmenter, LONGEST_TERM)


_SURROGATE = re.compile("[\ud800-\udfff]")
