"""Stand-ins whose results can be reasoned by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from embeddings.encode import Fingerprint

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
