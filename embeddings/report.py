"""What an update did, as it goes on and in the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    Kind = Literal["added", "changed", "renamed", "removed", "failed", "read", "embedded"]
    Tell = Callable[["Step"], None]


@dataclass(frozen=True, slots=True)
class Failure:
    """An article that could not be taken in, and why."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Step:
    """Something that an update has done.

    ``added``, ``changed``, ``renamed``, ``removed``: the article ``source`` is so in the library, safely;
    ``reason`` holds what its loader had to decide, of a renamed one the source before. ``failed``: it is not,
    for ``reason``. ``read``: ``done`` of ``total`` files were looked at. ``embedded``: ``done`` of ``total``
    passages of the articles in hand have their vectors.
    """

    kind: Kind
    source: str = ""
    reason: str = ""
    done: int = 0
    total: int = 0


@dataclass
class Report:
    """What an update did, by source. ``renamed`` maps a new source to the one before; ``embedded`` and
    ``reused`` count passages.
    """

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0
    failed: list[Failure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    embedded: int = 0
    reused: int = 0
