"""The training loop: packed examples -> weights. Stops by the clock, saves itself, and goes on again."""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from qa.training.network import Batch, Reader, loss
from qa.training.pack import batches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from qa.training.pack import Packed


@dataclass(frozen=True)
class Plan:
    """How to train. ``minutes`` are of the clock, all runs together; ``tokens`` is a batch's padded size."""

    minutes: float
    rate: float = 1.2e-3
    tokens: int = 4096
    warm_steps: int = 300
    decay: float = 0.01
    average: float = 0.999
    seed: int = 0
    clip: float = 2.0
    made_until: float = 0.33
    made_first: float = 0.8
    made_later: float = 0.08
    natural: float = 0.0
    save_every: float = 2.0


@dataclass
class State:
    """Where a run stands."""

    step: int = 0
    minutes: float = 0.0


def train(
    reader: Reader,
    labelled: list[Packed],
    made: list[Packed],
    plan: Plan,
    folder: Path,
    report: Callable[[int, float, float], None],
    natural: Sequence[Packed] = (),
) -> None:
    """Trains ``reader`` in place and leaves the average of its weights over the last steps in it.

    Of the examples ``plan.natural`` are natural ones, all the time; of the others ``made_first`` are made
    ones until ``made_until`` of the time, then ``made_later``. The rate rises, then falls as half a cosine. ``report`` gets (step, mean loss,
    minutes) every hundred steps. A checkpoint in ``folder`` is gone on from; it is removed at the end.
    """
    torch.manual_seed(plan.seed)
    weights = [p for p in reader.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=plan.rate, betas=(0.9, 0.98), weight_decay=plan.decay)
    average = [p.detach().clone() for p in weights]
    state = _resume(folder, optimizer, weights, average)
    rng = np.random.default_rng(plan.seed + state.step)
    halved = bfloat16_is_faster()
    began = time.monotonic() - state.minutes * 60
    saved, recent = state.minutes, []
    reader.train()
    for group in _stream({"labelled": labelled, "made": made, "natural": natural}, plan, state, rng):
        state.minutes = (time.monotonic() - began) / 60
        progress = state.minutes / plan.minutes
        if progress >= 1:
            break
        rate = (
            plan.rate
            * min(1, (state.step + 1) / plan.warm_steps)
            * (0.02 + 0.49 * (1 + math.cos(math.pi * progress)))
        )
        for options in optimizer.param_groups:
            options["lr"] = rate
        recent.append(_step(reader, collate(group), optimizer, weights, plan.clip, halved=halved))
        state.step += 1
        decay = min(plan.average, (1 + state.step) / (10 + state.step))
        with torch.no_grad():
            torch._foreach_lerp_(average, [p.data for p in weights], 1 - decay)
        if state.step % 100 == 0:
            report(state.step, float(np.mean(recent)), state.minutes)
            recent = []
        if state.minutes - saved > plan.save_every:
            _save(folder, state, optimizer, weights, average)
            saved = state.minutes
    with torch.no_grad():
        for p, mean in zip(weights, average, strict=True):
            p.copy_(mean)
    reader.eval()
    for name in ("checkpoint.safetensors", "checkpoint.json"):
        (folder / name).unlink(missing_ok=True)


def bfloat16_is_faster() -> bool:
    """Whether this processor multiplies bfloat16 faster than float32; without its own instructions for it,
    a tenth as fast.
    """
    took = []
    for kind in (torch.float32, torch.bfloat16):
        factor = torch.ones(512, 512, dtype=kind)
        times = []
        for _ in range(4):
            began = time.perf_counter()
            torch.mm(factor, factor)
            times.append(time.perf_counter() - began)
        took.append(min(times))
    return took[1] < took[0]


def collate(group: list[Packed]) -> Batch:
    """The examples padded to the longest."""
    n = len(group)
    length = max(len(x.char) for x in group)
    asked = max(len(x.question_char) for x in group)
    answers = max(1, *(len(x.gold) for x in group))
    char, word, sentence = (np.zeros((n, length), np.int64) for _ in range(3))
    features = np.zeros((n, length, group[0].features.shape[1]), np.float32)
    question_char, question_word = np.zeros((n, asked), np.int64), np.zeros((n, asked), np.int64)
    question_features = np.zeros((n, asked, group[0].question_features.shape[1]), np.float32)
    gold = np.full((n, answers, 2), -1, np.int64)
    for i, x in enumerate(group):
        k, m = len(x.char), len(x.question_char)
        char[i, :k], word[i, :k], features[i, :k] = x.char, x.word, x.features
        sentence[i, 1:k] = np.cumsum(np.diff(x.sentence.astype(np.int64)) != 0)
        question_char[i, :m], question_word[i, :m] = x.question_char, x.question_word
        question_features[i, :m] = x.question_features
        gold[i, : len(x.gold)] = x.gold
    kind = np.array([x.kind for x in group], np.int64)
    features /= 255
    question_features /= 255
    return Batch(
        *map(
            torch.from_numpy,
            (char, word, sentence, features, question_char, question_word, question_features, kind, gold),
        )
    )


def _stream(
    source: Mapping[str, Sequence[Packed]], plan: Plan, state: State, rng: np.random.Generator
) -> Iterator[list[Packed]]:
    """Batches without end, from pools that mix the kinds as the plan says for the time."""
    orders: dict[str, list[int]] = {name: [] for name in source}
    while True:
        early = state.minutes / plan.minutes < plan.made_until
        made = (plan.made_first if early else plan.made_later) if source["made"] else 0.0
        natural = plan.natural if source["natural"] else 0.0
        pool = []
        for _ in range(2048):
            if natural and rng.random() < natural:
                name = "natural"
            else:
                name = "made" if not source["labelled"] or rng.random() < made else "labelled"
            if not orders[name]:
                orders[name] = rng.permutation(len(source[name])).tolist()
            pool.append(source[name][orders[name].pop()])
        yield from batches(pool, plan.tokens, rng, short=early)


def _step(
    reader: Reader,
    batch: Batch,
    optimizer: torch.optim.Optimizer,
    weights: list[torch.nn.Parameter],
    clip: float,
    *,
    halved: bool,
) -> float:
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=halved):
        spans, null = reader(batch)
    value = loss(spans, null, batch.gold)
    torch.autograd.backward(value)
    torch.nn.utils.clip_grad_norm_(weights, clip)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return float(value.detach())


def _save(
    folder: Path,
    state: State,
    optimizer: torch.optim.Optimizer,
    weights: list[torch.nn.Parameter],
    average: list[torch.Tensor],
) -> None:
    from safetensors.torch import save_file

    tensors = {f"weight.{i}": p.detach() for i, p in enumerate(weights)}
    tensors |= {f"average.{i}": mean for i, mean in enumerate(average)}
    for i, p in enumerate(weights):
        held = optimizer.state[p]
        tensors |= {f"first.{i}": held["exp_avg"], f"second.{i}": held["exp_avg_sq"]}
    part = folder / "checkpoint.part"
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, part)
    (folder / "checkpoint.json").write_text(
        json.dumps({"step": state.step, "minutes": state.minutes}), encoding="utf-8"
    )
    part.replace(folder / "checkpoint.safetensors")


def _resume(
    folder: Path,
    optimizer: torch.optim.Optimizer,
    weights: list[torch.nn.Parameter],
    average: list[torch.Tensor],
) -> State:
    from safetensors.torch import load_file

    if not (folder / "checkpoint.safetensors").exists():
        return State()
    tensors = load_file(folder / "checkpoint.safetensors")
    state = State(**json.loads((folder / "checkpoint.json").read_text(encoding="utf-8")))
    with torch.no_grad():
        for i, (p, mean) in enumerate(zip(weights, average, strict=True)):
            p.copy_(tensors[f"weight.{i}"])
            mean.copy_(tensors[f"average.{i}"])
            optimizer.state[p] = {
                "step": torch.tensor(float(state.step)),
                "exp_avg": tensors[f"first.{i}"],
                "exp_avg_sq": tensors[f"second.{i}"],
            }
    return state
