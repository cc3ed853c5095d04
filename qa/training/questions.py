"""Examples to arrays of tokens, and from those, on the device, to rows of question and passage."""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from embeddings.training.tokenizer import CLS, PAD, SEP
from qa.encoder_reader import LONGEST_ANSWER, LONGEST_QUESTION, LONGEST_TITLE
from qa.matched import ASKED, PASSAGE, levels

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray
    from tokenizers import Tokenizer
    from torch import Tensor

    from qa.training.corpus import Example

MOST_ANSWERS = 8
"""Places of an answer kept of one question."""

TITLED = 0.75
"""How often a passage is shown with its title, where it has one."""

_BATCH = 1024


@dataclass(frozen=True)
class Questions:
    """Examples as arrays. Passages, their titles and questions lie end to end; ``passage_at``, ``title_at``
    and ``question_at`` say where each begins, and at last where all end. ``owner`` is a question's passage;
    ``gold`` (questions, :data:`MOST_ANSWERS`, 2) the first and last token of its answers in the passage, -1
    for none.
    """

    passages: NDArray[np.uint16]
    passage_at: NDArray[np.int32]
    titles: NDArray[np.uint16]
    title_at: NDArray[np.int32]
    questions: NDArray[np.uint16]
    question_at: NDArray[np.int32]
    owner: NDArray[np.int32]
    gold: NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.owner)

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """The arrays by name, each behind ``name`` and a dot."""
        return {f"{name}.{field.name}": getattr(self, field.name) for field in fields(self)}


def unpacked(arrays: Mapping[str, NDArray[Any]], name: str) -> Questions:
    """What :meth:`Questions.arrays` gave under ``name``."""
    return Questions(**{field.name: arrays[f"{name}.{field.name}"] for field in fields(Questions)})


def pack(examples: Iterable[Example], tokenizer: Tokenizer) -> Questions:
    """The examples in their order, a passage that comes again under the same title stored once; empty texts
    left out.

    Answers longer than :data:`LONGEST_ANSWER` are cut there: no reader shows more.
    """
    known: dict[tuple[str, str], int] = {}
    starts: list[NDArray[np.int64]] = []
    ends: list[NDArray[np.int64]] = []
    passages: list[NDArray[np.uint16]] = []
    titles: list[NDArray[np.uint16]] = []
    questions: list[NDArray[np.uint16]] = []
    owner: list[int] = []
    gold: list[NDArray[np.int16]] = []
    rest = iter(examples)
    while batch := list(islice(rest, _BATCH)):
        new = dict.fromkeys(_place(example) for example in batch if _place(example) not in known)
        headed = tokenizer.encode_batch([title for title, _ in new], add_special_tokens=False)
        titles += [np.array(encoding.ids[:LONGEST_TITLE], np.uint16) for encoding in headed]
        read = tokenizer.encode_batch([passage for _, passage in new], add_special_tokens=False)
        for place, encoding in zip(new, read, strict=True):
            known[place] = len(passages)
            offsets = np.array(encoding.offsets, np.int64).reshape(-1, 2)
            starts.append(offsets[:, 0])
            ends.append(offsets[:, 1])
            passages.append(np.array(encoding.ids, np.uint16))
        asked = tokenizer.encode_batch([e.question for e in batch], add_special_tokens=False)
        for example, encoding in zip(batch, asked, strict=True):
            at = known[_place(example)]
            if encoding.ids and len(passages[at]):
                questions.append(np.array(encoding.ids[:LONGEST_QUESTION], np.uint16))
                owner.append(at)
                gold.append(_gold(example.answers, starts[at], ends[at]))
    return Questions(
        *_joined(passages),
        *_joined(titles),
        *_joined(questions),
        np.array(owner, np.int32),
        np.array(gold, np.int16).reshape(-1, MOST_ANSWERS, 2),
    )


def _place(example: Example) -> tuple[str, str]:
    return example.title, example.passage


class Batch(NamedTuple):
    """Rows on the device: what the encoder takes, where the passage stands, and the answers' places."""

    inputs: Tensor
    types: Tensor
    mask: Tensor
    passage: Tensor
    gold: Tensor


class Pool:
    """Questions on the device, from which rows are made there: nothing is left to the host's clock. ``titled``
    is how often a passage is shown with its title, where it has one.
    """

    def __init__(self, questions: Questions, device: str, length: int = 384, titled: float = TITLED) -> None:
        self.length, self.device, self._titled = length, device, titled
        self._questions = questions
        on = {
            field.name: torch.from_numpy(getattr(questions, field.name).astype(np.int32)).to(device)
            for field in fields(questions)
        }
        # One row of tokens for all: passages, then titles, then questions.
        self._tokens = torch.cat([on["passages"], on["titles"], on["questions"]])
        self._passage_at, self._owner, self._gold = (
            on["passage_at"].long(),
            on["owner"].long(),
            on["gold"].long(),
        )
        self._title_at = on["title_at"].long() + len(on["passages"])
        self._question_at = on["question_at"].long() + len(on["passages"]) + len(on["titles"])

    def __len__(self) -> int:
        return len(self._questions)

    def sizes(self) -> NDArray[np.int64]:
        """The tokens of each question's row, title, passage and special ones counted, :attr:`length` at most."""
        held = self._questions
        title, passage = np.diff(held.title_at), np.diff(held.passage_at)
        beside = title + (title > 0) + passage
        found: NDArray[np.int64] = np.diff(held.question_at).astype(np.int64) + beside[held.owner] + 3
        return np.minimum(found, self.length)

    def rows(self, which: Tensor, longest: int | None = None) -> Batch:
        """A row for each of the questions: [CLS] question [SEP] title [SEP] passage [SEP], and padding; without
        "title [SEP]" where there is none, and at times where there is. ``types`` are :mod:`qa.matched`'s.

        Of a passage that is too long a part is taken at random, mostly one that holds an answer whole;
        where it does not, the row has no answer. The rows are :attr:`length` tokens long, or ``longest``.
        """
        n, length = len(which), longest or self.length
        asked_at, owner, gold = self._question_at[which], self._owner[which], self._gold[which]
        asked = self._question_at[which + 1] - asked_at
        passage_at, title_at = self._passage_at[owner], self._title_at[owner]
        size, titled = self._passage_at[owner + 1] - passage_at, self._title_at[owner + 1] - title_at
        titled = torch.where(torch.rand(n, device=self.device) < self._titled, titled, 0)
        heading = titled + (titled > 0)  # with its [SEP]
        taken = torch.minimum(size, length - 3 - asked - heading)
        first = self._first(gold, size, taken)
        gold = gold - first.view(-1, 1, 1)
        whole = (gold[..., 0] >= 0) & (gold[..., 1] < taken.unsqueeze(1))
        gold = torch.where(whole.unsqueeze(-1), gold + (asked + heading + 2).view(-1, 1, 1), -1)
        at = torch.arange(length, device=self.device).expand(n, -1)
        title_from, begin = (asked + 2).unsqueeze(1), (asked + heading + 2).unsqueeze(1)
        end = begin + taken.unsqueeze(1)
        question = (at > 0) & (at < title_from - 1)
        title = (at >= title_from) & (at < title_from + titled.unsqueeze(1))
        passage = (at >= begin) & (at < end)
        source = torch.where(
            question, asked_at.unsqueeze(1) + at - 1, (passage_at + first).unsqueeze(1) + at - begin
        )
        source = torch.where(title, title_at.unsqueeze(1) + at - title_from, source)
        text = question | title | passage
        tokens = self._tokens[torch.where(text, source, 0)].long()
        tokens = torch.where(text, tokens, torch.where(at == 0, CLS, SEP))
        mask = at <= end
        tokens = tokens.masked_fill(~mask, PAD)
        return Batch(tokens, _kinds(tokens, question, title | passage, mask, title_from), mask, passage, gold)

    def _first(self, gold: Tensor, size: Tensor, taken: Tensor) -> Tensor:
        """Where the part taken of each passage begins."""
        luck, aimed, which = torch.rand(3, len(gold), device=self.device)
        there = (gold[..., 0] >= 0).sum(1)  # answers stand before the -1s
        one = (which * there.clamp(min=1)).long()
        chosen = gold[torch.arange(len(gold), device=self.device), one]
        spare = size - taken
        low = torch.where((there > 0) & (aimed < 0.85), (chosen[:, 1] + 1 - taken).clamp(min=0), 0)
        high = torch.where((there > 0) & (aimed < 0.85), torch.minimum(chosen[:, 0], spare), spare)
        high = torch.maximum(high, torch.zeros_like(high))
        return torch.minimum(low + (luck * (high - low + 1).clamp(min=1)).long(), spare)


def _kinds(tokens: Tensor, question: Tensor, said: Tensor, mask: Tensor, begin: Tensor) -> Tensor:
    """The kinds of the rows' tokens: 0 for what is the question's and not said, [CLS], [SEP] and padding."""
    near = slice(0, LONGEST_QUESTION + 1)
    same = (tokens[:, near, None] == tokens[:, None, :]) & question[:, near, None] & said[:, None, :]
    asked, told = levels(same)
    at = torch.arange(tokens.shape[1], device=tokens.device)
    kinds = torch.where(mask & (at >= begin), PASSAGE + told, 0)
    kinds[:, near] += torch.where(asked > 0, ASKED + asked, 0)
    return kinds


def _gold(
    answers: Sequence[tuple[int, int]], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.int16]:
    found = np.full((MOST_ANSWERS, 2), -1, np.int16)
    kept = 0
    for start, end in answers:
        first = int(np.searchsorted(ends, start, "right"))
        last = int(np.searchsorted(starts, end, "left")) - 1
        if first <= last and kept < MOST_ANSWERS:
            found[kept] = first, min(last, first + LONGEST_ANSWER - 1)
            kept += 1
    return found


def _joined(parts: Sequence[NDArray[np.uint16]]) -> tuple[NDArray[np.uint16], NDArray[np.int32]]:
    at = np.cumsum([0, *map(len, parts)], dtype=np.int32)
    return (np.concatenate(parts) if parts else np.zeros(0, np.uint16)), at
