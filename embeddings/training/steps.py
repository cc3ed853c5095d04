"""The training loop: a loss -> trained weights. By the clock, in calls that go on where the last stopped."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from torch import Tensor, nn

    Report = Callable[[int, float, float], None]
    """Called with (step, mean loss since the last call, minutes of the plan used)."""


@dataclass(frozen=True)
class Plan:
    """How to train. ``minutes`` are of the clock, all calls together; the rate rises over ``warm_steps``
    and falls with the clock to nothing, so that a run ends well whatever time it was given. ``half``: in bfloat16
    on a CPU too, of which many only imitate it, many times slower; a GPU always does.
    """

    minutes: float
    rate: float
    warm_steps: int = 300
    decay: float = 0.01
    clip: float = 1.0
    seed: int = 0
    report_every: int = 50
    save_every: float = 1.0
    half: bool = False


@dataclass
class State:
    """Where a run stands: steps done, and seconds of the plan used."""

    step: int = 0
    seconds: float = 0.0


def train(
    model: nn.Module,
    loss: Callable[[int, float], Tensor],
    plan: Plan,
    checkpoint: Path,
    allowed: float,
    report: Report,
    clock: Callable[[], float] = time.monotonic,
) -> bool:
    """Trains ``model`` in place, ``allowed`` minutes at most; True once the plan's minutes are over.

    ``loss`` gets the step and how much of the plan is done (0..1). All that is random in it is seeded by
    the step, so a run that was cut off goes on from ``checkpoint`` as if it had not been.
    """
    device = next(model.parameters()).device.type
    weights = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in weights if p.ndim > 1], "weight_decay": plan.decay},
            {"params": [p for p in weights if p.ndim < 2], "weight_decay": 0.0},
        ],
        lr=plan.rate,
        betas=(0.9, 0.98),
        fused=True,
    )
    state = _resumed(checkpoint, model, optimizer)
    began, entered = clock() - state.seconds, state.seconds
    saved, recent, counted = state.seconds, torch.zeros((), device=device), 0
    model.train()
    while True:
        state.seconds = clock() - began
        progress = state.seconds / (60 * plan.minutes)
        if progress >= 1 or state.seconds - entered >= 60 * allowed:
            break
        for group in optimizer.param_groups:
            group["lr"] = plan.rate * (1 - progress) * min(1.0, (state.step + 1) / plan.warm_steps)
        torch.manual_seed(plan.seed * 1_000_003 + state.step)
        with torch.autocast(device, dtype=torch.bfloat16, enabled=plan.half or device == "cuda"):
            value = loss(state.step, progress)
        torch.autograd.backward(value)
        torch.nn.utils.clip_grad_norm_(weights, plan.clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        state.step += 1
        recent, counted = recent + value.detach().float(), counted + 1
        if counted == plan.report_every:  # reading the loss waits for the device: not at every step
            report(state.step, float(recent) / counted, state.seconds / 60)
            recent, counted = torch.zeros_like(recent), 0
        if state.seconds - saved > 60 * plan.save_every:
            _save(checkpoint, model, optimizer, state)
            saved = state.seconds
    if counted:
        report(state.step, float(recent) / counted, state.seconds / 60)
    _save(checkpoint, model, optimizer, state)
    model.eval()
    return progress >= 1


def tell(line: str) -> None:
    """Writes the line at once, for whoever follows a run."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def report(step: int, loss: float, minutes: float) -> None:
    """Tells how far a run is: a :data:`Report`."""
    tell(f"step {step}  loss {loss:.3f}  {minutes:.2f} min")


def _save(path: Path, model: nn.Module, optimizer: torch.optim.Optimizer, state: State) -> None:
    part = path.with_name(path.name + ".part")
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), **asdict(state)}, part)
    part.replace(path)


def _resumed(path: Path, model: nn.Module, optimizer: torch.optim.Optimizer) -> State:
    if not path.exists():
        return State()
    held = torch.load(path, map_location=next(model.parameters()).device, weights_only=True)
    model.load_state_dict(held["model"])
    optimizer.load_state_dict(held["optimizer"])
    return State(held["step"], held["seconds"])
