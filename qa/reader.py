"""Readers: where in a passage the words stand that answer a question."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.reading import SpanReading

BUNDLED = "bundled"
"""The name of the reader that comes with the package."""


class Reader(Protocol):
    """Marks the likely answers in passages."""

    @property
    def name(self) -> str:
        """The name or folder of the model."""

    def understands(self, question: str) -> bool:
        """Whether the model knows the question's language; where not, its readings would mislead."""

    def read(
        self, question: str, passages: Sequence[str], headings: Sequence[str] = ()
    ) -> Sequence[SpanReading]:
        """A reading for each passage, in order; a passage of white space has no spans.

        ``headings``, one a passage where given, say what stands above it; a reader may look at them.
        """


def reader(name: str | None = None, *, allow_download: bool = False) -> Reader:
    """The reader called ``name``: None or "bundled", a folder, or an extractive-QA model on the hub.

    The network is used only with ``allow_download``. ModelError when the model is missing or broken.
    """
    if name is None or name == BUNDLED:
        return _bundled()
    from qa.hf_reader import HuggingFaceReader

    return HuggingFaceReader(name, allow_download=allow_download)


@lru_cache(maxsize=1)
def _bundled() -> Reader:
    from qa.span_reader import SpanReader

    return SpanReader()
