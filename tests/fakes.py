"""Stand-ins whose results can be reasoned by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from embeddings.article import Span
from embeddings.encode import Fingerprint
from qa.reading import Evidence, SpanReading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embeddings.encode import Progress, Vectors


class FakeEmbedder:
    """Counts characters: character c adds 1 to component ``ord(c) % dim``; then length 1.

    White space counts nothing, so "" and " " give zeros. ``encoded`` is the number of texts
    encoded so far, passages and questions together.
    """

    def __init__(self, dim: int = 8, version: str = "1") -> None:
        self._dim = dim
        self._version = version
        self.encoded = 0

    @property
    def name(self) -> str:
        return "fake"

    @property
    def dim(self) -> int:
        return self._dim

    @property
    def fingerprint(self) -> Fingerprint:
        return Fingerprint(
            {"embedder.kind": "fake", "embedder.weights": self._version, "embedder.dim": str(self._dim)}
        )

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        vectors = np.zeros((len(texts), self._dim), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for char in text:
                if not char.isspace():
                    row[ord(char) % self._dim] += 1
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors /= np.where(norms > 0, norms, 1)
        self.encoded += len(texts)
        if progress and texts:
            progress(len(texts), len(texts))
        return vectors

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        return self.encode_passages(texts)


class MarkingReader:
    """Marks words where they stand, each with a margin of its own over a null of 1."""

    name = "fake"

    def __init__(self, **margins):
        self.margins, self.seen = margins, []

    def understands(self, question):
        return True

    def read(self, question, passages, headings=()):
        self.seen += list(zip(passages, headings, strict=True))
        return [self._reading(text) for text in passages]

    def _reading(self, text):
        found = sorted(
            (text.find(word), len(word), margin) for word, margin in self.margins.items() if word in text
        )
        spans = tuple((Span(at, at + size), margin + 1.0) for at, size, margin in found)
        evidence = [
            Evidence(
                np.array([[margin]], np.float32), np.array([at], np.int32), np.array([at + size], np.int32)
            )
            for at, size, margin in found
        ]
        return SpanReading(spans, 1.0, tuple(evidence))
