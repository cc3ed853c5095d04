"""Packed questions and a pretrained encoder to a reader; from a larger reader's logits too, if there is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  (torch's own custom)

from qa.encoder_reader import LONGEST_ANSWER
from qa.training.questions import Batch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from transformers import BertForQuestionAnswering

    from qa.training.questions import Pool

_NEVER = -1e4


@dataclass(frozen=True)
class Mixture:
    """Rows a step, and the share of made questions among them: ``first`` until ``until`` of the time, then
    ``later``.
    """

    batch: int = 128
    until: float = 0.3
    first: float = 0.85
    later: float = 0.1


@dataclass(frozen=True)
class Teacher:
    """A larger reader, and how much of the loss is to be like it, at a temperature (Hinton et al. 2015)."""

    model: BertForQuestionAnswering
    weight: float = 0.5
    temperature: float = 2.0


def reading_loss(
    model: BertForQuestionAnswering,
    labelled: Pool,
    made: Pool | None,
    mixture: Mixture,
    teacher: Teacher | None = None,
) -> Callable[[int, float], Tensor]:
    """The loss of a step over questions drawn at random from both pools, as ``mixture`` says."""

    def loss(_: int, progress: float) -> Tensor:
        share = mixture.first if progress < mixture.until else mixture.later
        others = round(share * mixture.batch) if made else 0
        parts = [_drawn(labelled, mixture.batch - others)]
        if made and others:
            parts.append(_drawn(made, others))
        batch = _together(parts)
        start, end = logits(model, batch)
        value = span_loss(start, end, batch)
        if teacher is None:
            return value
        with torch.no_grad():
            like = logits(teacher.model, batch)
        unlike = _unlike((start, end), like, batch, teacher.temperature)
        return (1 - teacher.weight) * value + teacher.weight * unlike

    return loss


class Told(NamedTuple):
    """Of each row, over its own "nothing here": the log of all its spans' weight, and of those that answer,
    -inf where none does. Of groups, (groups, rows), both -inf where a group has no such row.
    """

    everything: Tensor
    right: Tensor


def told(start: Tensor, end: Tensor, batch: Batch) -> Told:
    """What the logits say of the rows of a batch.

    All spans of at most :data:`LONGEST_ANSWER` tokens compete with each other and with "nothing here", as
    they do when an answer is read out (Lee et al. 2016).
    """
    nothing = start[:, 0] + end[:, 0]
    first, last = (logits.masked_fill(~batch.passage, _NEVER) for logits in (start, end))
    ends = F.pad(last, (0, LONGEST_ANSWER - 1), value=_NEVER).unfold(1, LONGEST_ANSWER, 1).logsumexp(-1)
    there = batch.gold[..., 0] >= 0
    spans = first.gather(1, batch.gold[..., 0].clamp(0)) + last.gather(1, batch.gold[..., 1].clamp(0))
    right = spans.masked_fill(~there, 2 * _NEVER).logsumexp(1) - nothing
    return Told(
        (first + ends).logsumexp(1) - nothing,
        torch.where(there.any(1), right, torch.full_like(right, -torch.inf)),
    )


def lacking(said: Told) -> Tensor:
    """What each row's answers lack of all weight there, or its "nothing here" where none answers, in nats."""
    everything, right = said
    wanted = torch.where(right.isfinite(), right, 0.0)
    return torch.logaddexp(everything, torch.zeros_like(everything)) - wanted


def span_loss(start: Tensor, end: Tensor, batch: Batch) -> Tensor:
    """The mean negative log likelihood of the gold spans together, or of the first token where there is none."""
    return lacking(told(start, end, batch)).mean()


def _unlike(own: tuple[Tensor, Tensor], like: tuple[Tensor, Tensor], batch: Batch, heat: float) -> Tensor:
    """How far the starts and ends are from the teacher's, in nats, times the temperature squared."""
    open_to = batch.passage.clone()
    open_to[:, 0] = True
    total = own[0].new_zeros(())
    for ours, theirs in zip(own, like, strict=True):
        guess, aim = (x.masked_fill(~open_to, _NEVER).div(heat).log_softmax(1) for x in (ours, theirs))
        total = total + F.kl_div(guess, aim, log_target=True, reduction="batchmean")
    return total * heat**2


def logits(model: BertForQuestionAnswering, batch: Batch) -> tuple[Tensor, Tensor]:
    """The starts' and ends' logits of a batch."""
    found = model(input_ids=batch.inputs, token_type_ids=batch.types, attention_mask=batch.mask.long())
    return found.start_logits.float(), found.end_logits.float()


def _drawn(pool: Pool, count: int) -> Batch:
    return pool.rows(torch.randint(len(pool), (count,), device=pool.device))


def _together(parts: Sequence[Batch]) -> Batch:
    return Batch(*(torch.cat(list(field)) for field in zip(*parts, strict=True)))
