"""A character for a character, as a table that a tokenizer carries with it (sentencepiece's charsmap)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_LEAF, _VALUE = 1 << 8, 1 << 31
_LARGEST = 1 << 21
"""Units that an offset reaches; darts-clone writes larger ones in another form, not needed here."""


def charsmap(folding: Mapping[str, str]) -> bytes:
    """What ``tokenizers.normalizers.Precompiled`` takes to put ``folding[c]`` for each character ``c``.

    The form is sentencepiece's: the size of a double-array trie (Aoe 1989, as darts-clone lays it out)
    over the characters' UTF-8 bytes, the trie, and the texts that its values point to, each ended by a
    zero byte.
    """
    texts = bytearray()
    places: dict[str, int] = {}
    children: dict[bytes, list[int]] = {b"": []}
    values: dict[bytes, int] = {}
    for char, plain in sorted(folding.items()):
        if plain not in places:
            places[plain] = len(texts)
            texts += plain.encode() + b"\0"
        key = char.encode()
        for size in range(len(key)):
            below = children.setdefault(key[:size], [])
            if key[size] not in below:
                below.append(key[size])
        values[key] = places[plain]
    units = _laid_out(children, values)
    return struct.pack("<I", 4 * len(units)) + struct.pack(f"<{len(units)}I", *units) + bytes(texts)


def _laid_out(children: Mapping[bytes, list[int]], values: Mapping[bytes, int]) -> list[int]:
    """The trie's units: a node's children stand at its base, exclusive-or their byte; a value where the
    base of its node is.
    """
    units = [0]
    nodes = [(b"", 0)]
    for prefix, at in nodes:
        if prefix in values:  # no character's bytes begin another's, so a leaf has no children
            units.append(values[prefix] | _VALUE)
            base, leaf = len(units) - 1, _LEAF
        else:
            # Bytes after the first are 0x80 to 0xBF: a block of 64 holds them, and no two nodes share one.
            size = 64 if prefix else 256
            block = -(-len(units) // size) * size
            units += [0] * (block + size - len(units))
            base, leaf = block ^ (0x80 if prefix else 0), 0
            for byte in children[prefix]:
                units[base ^ byte] = byte
                nodes.append((prefix + bytes([byte]), base ^ byte))
        offset = at ^ base
        if offset >= _LARGEST:
            raise ValueError(f"{len(values)} characters are too many for one table")
        units[at] |= offset << 10 | leaf
    return units
