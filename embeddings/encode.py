"""Texts to vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]
    Progress = Callable[[int, int], None]
    """Called with (done, total), in texts."""


@dataclass(frozen=True)
class Fingerprint:
    """All that a stored vector or word depends on, as name -> value."""

    fields: Mapping[str, str]

    def differences(self, other: Fingerprint) -> dict[str, tuple[str, str]]:
        """The fields that differ: name -> (ours, theirs); "" where one side lacks the field."""
        names = self.fields.keys() | other.fields.keys()
        pairs = {name: (self.fields.get(name, ""), other.fields.get(name, "")) for name in names}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


class Embedder(Protocol):
    """Turns texts into unit vectors; passages and questions may need different prompts."""

    @property
    def name(self) -> str:
        """The name or folder by which :func:`embedder` finds this model again."""

    @property
    def dim(self) -> int:
        """The width of a vector."""

    @property
    def fingerprint(self) -> Fingerprint:
        """Model, hash of its weights, dimension, prompts, normalisation."""

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """``(len(texts), dim)`` float32 rows of length 1, in order; a text without any known token
        gives a row of zeros.
        """

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """As :meth:`encode_passages`, for questions."""
