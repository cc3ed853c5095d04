"""Arrays to one small file and back, so that what a machine trains on can be brought to it."""

from __future__ import annotations

import lzma
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

# Arrays of two bytes an item (lp, pb); a window as large as all the articles, so that what is said
# twice, in two articles or in an article and in a question's passage, is stored once.
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": 1 << 28, "lc": 3, "lp": 1, "pb": 1}]


def write(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Leaves the arrays in ``path``, squeezed; the file appears whole or not at all."""
    from safetensors.numpy import save

    part = path.with_name(path.name + ".part")
    part.write_bytes(lzma.compress(save(dict(arrays)), format=lzma.FORMAT_XZ, filters=_FILTERS))
    part.replace(path)


def read(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays that :func:`write` left."""
    from safetensors.numpy import load

    return dict(load(lzma.decompress(path.read_bytes())))
