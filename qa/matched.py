"""Which tokens question and passage have in common: kinds of tokens, told to the encoder as it reads."""

from __future__ import annotations

from typing import Any

PASSAGE, ASKED = 1, 4
"""What is added to a passage's level, and to a level above 0 of the question's."""


def levels(same: Any) -> tuple[Any, Any]:
    """For each token of the question and of the passage 0..3, as ``(rows, question)`` and ``(rows, passage)``:
    whether it stands in the other, in a pair that does, in a run of three that does.

    ``same`` is ``(rows, question, passage)``, whether two tokens are the same; an array of NumPy's or of torch's.
    """
    pairs, threes = same & False, same & False
    pairs[:, :-1, :-1] = same[:, :-1, :-1] & same[:, 1:, 1:]
    threes[:, :-1, :-1] = pairs[:, :-1, :-1] & pairs[:, 1:, 1:]
    found = [same]
    for runs, size in ((pairs, 2), (threes, 3)):
        covered = runs | False
        for shift in range(1, size):
            covered[:, shift:, shift:] |= runs[:, :-shift, :-shift]
        found.append(covered)
    asked, said = (sum(cover.any(axis) + 0 for cover in found) for axis in (2, 1))
    return asked, said
