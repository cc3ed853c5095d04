"""Questions with their rivals to arrays of tokens, and from those, on the device, to rows that compete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from embeddings.words import fold
from qa.training.corpus import Example
from qa.training.questions import Pool, Questions, pack, unpacked
from qa.training.reading import Told, lacking, logits, told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray
    from tokenizers import Tokenizer
    from torch import Tensor

    from qa.training.rivals import Group

_WIDTH = 16
"""Rows are made in lengths that are a multiple of this: a device likes few shapes."""


@dataclass(frozen=True)
class Groups:
    """Rows of groups end to end, a question with one rival each; group ``i`` has those from ``at[i]`` to
    ``at[i + 1]``, first those that answer, then the strongest.
    """

    rows: Questions
    at: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.at) - 1

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """The arrays by name, each behind ``name`` and a dot."""
        return {**self.rows.arrays(name), f"{name}.at": self.at}


def groups_of(arrays: Mapping[str, NDArray[Any]], name: str) -> Groups:
    """What :meth:`Groups.arrays` gave under ``name``."""
    return Groups(unpacked(arrays, name), arrays[f"{name}.at"])


def grouped(groups: Sequence[Group], tokenizer: Tokenizer, most: int) -> Groups:
    """The groups in their order, ``most`` rivals of each; those without a letter to ask or to read left out.

    Of a rival that is too long for a row a part is read at each time, as :class:`Pool` cuts it.
    """
    rows: list[Example] = []
    at = [0]
    for group in groups:
        own = list(_rows(group, tokenizer))[:most]
        if own:
            rows += own
            at.append(len(rows))
    return Groups(pack(rows, tokenizer), np.array(at, np.int32))


def _rows(group: Group, tokenizer: Tokenizer) -> Iterator[Example]:
    # What pack() would leave out is left out here: the groups are told by their rows' numbers.
    asked = fold(group.question)
    if tokenizer.encode(asked, add_special_tokens=False).ids:
        for rival in sorted(group.rivals, key=lambda rival: not rival.answers):
            text = fold(rival.text)
            if tokenizer.encode(text, add_special_tokens=False).ids:
                yield Example(asked, text, rival.answers, fold(rival.heading))


def group_loss(said: Told, own: float) -> Tensor:
    """The mean over groups of what the answers lack of all weight, "nothing here" in it once; where no row of a
    group answers, of what "nothing here" lacks. ``own`` times the mean over rows by themselves is added.
    """
    everything, right = said
    nothing = torch.zeros_like(everything[:, :1])
    answers = right.isfinite().any(1, keepdim=True)
    # Of nothing but -inf torch's logsumexp has no gradient that is a number.
    answer = torch.where(answers, torch.where(answers, right, 0.0).logsumexp(1, keepdim=True), nothing)[:, 0]
    shared = torch.cat([nothing, everything], 1).logsumexp(1) - answer
    there = everything.isfinite()
    alone = lacking(Told(torch.where(there, everything, 0.0), right))
    return shared.mean() + own * alone[there].mean()


class Rivals:
    """Groups on the device."""

    def __init__(self, groups: Groups, device: str, length: int) -> None:
        self._pool = Pool(groups.rows, device, length, titled=1.0)
        self._sizes = self._pool.sizes()
        self._at = groups.at.astype(np.int64)
        self._answers = groups.rows.gold[:, 0, 0] >= 0

    def __len__(self) -> int:
        return len(self._at) - 1

    def drawn(self, count: int, most: int, lacking: float) -> list[NDArray[np.int64]]:
        """The rows of so many groups at random, at most ``most`` of each; of a share ``lacking`` those that answer
        are left out, where there are others.
        """
        found = []
        for group in torch.randint(len(self), (count,)).tolist():
            own = np.arange(self._at[group], self._at[group + 1])[:most]
            others = own[~self._answers[own]]
            found.append(others if len(others) and float(torch.rand(())) < lacking else own)
        return found

    def read(self, model: Any, drawn: Sequence[NDArray[np.int64]], together: int) -> Told:
        """What the model says of the rows of each group, (groups, rows); ``together`` rows of like length at once."""
        flat = np.concatenate(drawn)
        order = np.argsort(self._sizes[flat], kind="stable")
        parts = []
        for begin in range(0, len(order), together):
            which = flat[order[begin : begin + together]]
            longest = min(self._pool.length, -(-int(self._sizes[which].max()) // _WIDTH) * _WIDTH)
            batch = self._pool.rows(torch.from_numpy(which).to(self._pool.device), longest)
            parts.append(told(*logits(model, batch), batch))
        group = np.repeat(np.arange(len(drawn)), [len(own) for own in drawn])[order]
        place = np.concatenate([np.arange(len(own)) for own in drawn])[order]
        where = tuple(torch.from_numpy(each).to(self._pool.device) for each in (group, place))
        shape = (len(drawn), max(len(own) for own in drawn))
        dense = []
        for flat_values in map(torch.cat, zip(*parts, strict=True)):
            empty = torch.full(shape, -torch.inf, device=flat_values.device)
            dense.append(empty.index_put(where, flat_values))
        return Told(*dense)
