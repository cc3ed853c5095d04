"""tmp"""
from __future__ import annotations
from dataclasses import dataclass

@dataclass(frozen=True)
class Shape:
    """The sizes of a reader's network."""

    chars: int
    words: int
    char_dim: int = 96
    word_dim: int = 96
    dim: int = 160
    align: int = 96
    width: int = 7
    encoder: int = 2
    reader: int = 4
    rank: int = 32
    longest: int = 64
