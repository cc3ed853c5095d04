from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from torch import nn

from embeddings.training.steps import Plan, train

if TYPE_CHECKING:
    from pathlib import Path


class Clock:
    """A clock that stands still until it is moved on."""

    def __init__(self) -> None:
        self.now = 7.0

    def __call__(self) -> float:
        return self.now


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.3), nn.Linear(8, 1))


def run(
    folder: Path, plan: Plan, *calls: float
) -> tuple[list[torch.Tensor], list[bool], list[tuple[int, float]]]:
    """The weights after the calls, whether each ended the plan, and (step, progress) of every loss; a step
    takes a second.
    """
    asked: list[tuple[int, float]] = []
    done = []
    model = network()
    for allowed in calls:
        model, clock = network(), Clock()

        def loss(
            step: int, progress: float, model: nn.Sequential = model, clock: Clock = clock
        ) -> torch.Tensor:
            asked.append((step, progress))
            clock.now += 1
            x = torch.randn(16, 4)
            return (model(x).squeeze(1) - x.sum(1)).square().mean()

        done.append(train(model, loss, plan, folder / "run.pt", allowed, lambda *_: None, clock))
    return [p.detach() for p in model.parameters()], done, asked


def test_training_steps_resumed_run_is_the_run_itself(tmp_path: Path) -> None:
    plan = Plan(minutes=1.0, rate=0.01, warm_steps=10)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    whole, ended, asked = run(tmp_path / "a", plan, 5.0)
    parts, ends, again = run(tmp_path / "b", plan, 0.25, 0.5, 5.0)
    assert ended == [True]
    assert ends == [False, False, True]
    assert again == asked == [(step, step / 60) for step in range(60)]
    for ours, theirs in zip(whole, parts, strict=True):
        assert torch.equal(ours, theirs)


def test_training_steps_rate_rises_by_steps_and_falls_by_the_clock(tmp_path: Path) -> None:
    rates = []
    step = torch.optim.AdamW.step

    def noted(self: torch.optim.AdamW, *arguments: object) -> None:
        rates.append(self.param_groups[0]["lr"])
        step(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.optim.AdamW, "step", noted)
        run(tmp_path, Plan(minutes=1 / 6, rate=1.0, warm_steps=2), 1.0)
    assert rates == pytest.approx([0.5, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1])


def test_training_steps_report_gives_mean_losses(tmp_path: Path) -> None:
    told: list[tuple[object, ...]] = []
    model, clock = nn.Linear(1, 1), Clock()
    values = (1.0, 2.0, 3.0, 6.0, 9.0)

    def loss(step: int, progress: float) -> torch.Tensor:
        clock.now += 1
        return model.weight.sum() * 0 + values[step]

    plan = Plan(minutes=5 / 60, rate=0.1, report_every=2)
    train(model, loss, plan, tmp_path / "x.pt", 1.0, lambda *row: told.append(row[:2]), clock)
    assert told == [(2, 1.5), (4, 4.5), (5, 9.0)]
