"""Teaches the encoder to compare stretches of different passages: ``python -m qa.training.compare --data DIR --out DIR``.

It read each row by itself until then, and how sure it was of an answer said little beside another passage's. Here the
answers of all rivals of a question share one softmax, with "nothing here" once (Clark and Gardner 2018), and each row
has its own loss besides. A share of the questions are follow-ups (:mod:`qa.training.talks`).
"""

from __future__ import annotations

import argparse
import shutil
import sys
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch.nn import functional as F  # noqa: N812  (torch's own custom)

from embeddings.errors import ArticleQAError, ModelError
from embeddings.words import fold
from qa.encoder_reader import BUNDLED, LONGEST_ANSWER, LONGEST_QUESTION, LONGEST_TITLE, TOKENIZER, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tokenizers import Tokenizer
    from torch import Tensor

    from qa.encoder_reader import Row
    from qa.training.rivals import Group

_NEVER = -1e4


@dataclass(frozen=True)
class Run:
    """How to train: minutes, peak rate, groups a step and rows of each, share of follow-ups, how often the row that
    answers is left out, what the rows' own loss counts, rows that are read at once, layers that stay as they are.
    """

    minutes: float = 44.0
    rate: float = 1.2e-4
    groups: int = 16
    rows: int = 5
    talks: float = 0.25
    lacking: float = 0.12
    own: float = 0.5
    together: int = 24
    kept: int = 0
    seed: int = 3


class Told(NamedTuple):
    """Of each row, over its own "nothing here": the log of all its spans' weight, and of those that answer,
    -inf where none does.
    """

    everything: Tensor
    right: Tensor


def group_loss(told: Sequence[Told], own: float) -> Tensor:
    """The mean over groups of what the answers lack of all weight, "nothing here" in it once; where no row of a
    group answers, of what "nothing here" lacks. ``own`` times the mean over rows by themselves is added.
    """
    shared, alone = [], []
    for everything, right in told:
        nothing = everything.new_zeros(1)
        answer = right.logsumexp(0) if right.isfinite().any() else nothing[0]
        shared.append(torch.cat([nothing, everything]).logsumexp(0) - answer)
        wanted = torch.where(right.isfinite(), right, nothing)
        alone.append(torch.logaddexp(everything, nothing) - wanted)
    return torch.stack(shared).mean() + own * torch.cat(alone).mean()


@dataclass(frozen=True)
class _Answered:
    row: Row
    gold: tuple[tuple[int, int], ...]


def answered_rows(group: Group, tokenizer: Tokenizer, most: int) -> list[_Answered]:
    """At most so many rows of a group, those that answer first, with the first and last tokens of the answers in the
    row; rivals too long for one row left out.
    """
    asked = tokenizer.encode(fold(group.question), add_special_tokens=False).ids[:LONGEST_QUESTION]
    found = []
    for rival in sorted(group.rivals, key=lambda rival: not rival.answers):
        text = fold(rival.text)
        head = tokenizer.encode(fold(rival.heading), add_special_tokens=False).ids[:LONGEST_TITLE]
        read = tokenizer.encode(text, add_special_tokens=False)
        cut = rows_of(asked, head, read, text) if asked and read.ids else []
        if len(cut) == 1:
            gold = tuple(filter(None, (_tokens(cut[0], *answer) for answer in rival.answers)))
            if gold or not rival.answers:
                found.append(_Answered(cut[0], gold))
    return found[:most]


def _tokens(row: Row, start: int, end: int) -> tuple[int, int] | None:
    first = int(row.end.searchsorted(start, "right"))
    last = int(row.start.searchsorted(end, "left")) - 1
    if first > last:
        return None
    return row.first + first, row.first + min(last, first + LONGEST_ANSWER - 1)


def read(model: Any, held: Sequence[_Answered], together: int) -> Told:
    """What the model says of the rows, those of like length read together."""
    order = sorted(range(len(held)), key=lambda at: len(held[at].row.ids))
    everything, right = [], []
    for begin in range(0, len(order), together):
        found = _read(model, [held[at] for at in order[begin : begin + together]])
        everything.append(found.everything)
        right.append(found.right)
    back = torch.tensor(order).argsort()
    return Told(torch.cat(everything)[back], torch.cat(right)[back])


def _read(model: Any, held: Sequence[_Answered]) -> Told:
    longest = max(len(each.row.ids) for each in held)
    ids, kinds, mask = (torch.zeros(len(held), longest, dtype=torch.long) for _ in range(3))
    for at, row in enumerate(each.row for each in held):
        size = len(row.ids)
        ids[at, :size], kinds[at, :size] = torch.from_numpy(row.ids), torch.from_numpy(row.kinds)
        mask[at, :size] = 1
    device = next(model.parameters()).device
    given = {"input_ids": ids, "token_type_ids": kinds, "attention_mask": mask}
    found = model(**{name: value.to(device) for name, value in given.items()})
    everything, right = [], []
    for at, each in enumerate(held):
        passage = slice(each.row.first, each.row.first + len(each.row.start))
        start, end = found.start_logits[at].float(), found.end_logits[at].float()
        nothing = start[0] + end[0]
        ends = F.pad(end[passage], (0, LONGEST_ANSWER - 1), value=_NEVER).unfold(0, LONGEST_ANSWER, 1)
        everything.append((start[passage] + ends.logsumexp(1)).logsumexp(0) - nothing)
        spans = [start[a] + end[b] for a, b in each.gold]
        right.append(torch.stack(spans).logsumexp(0) - nothing if spans else nothing.new_tensor(-torch.inf))
    return Told(torch.stack(everything), torch.stack(right))


def comparing(
    model: Any, asked: Sequence[Group], followed: Sequence[Group], tokenizer: Tokenizer, run: Run
) -> Callable[[int, float], Tensor]:
    """The loss of a step over groups drawn at random."""
    later = round(run.talks * run.groups) if followed else 0

    def loss(_: int, __: float) -> Tensor:
        drawn = _drawn(asked, run.groups - later) + _drawn(followed, later)
        held = []
        for group in drawn:
            own = answered_rows(group, tokenizer, run.rows)
            lacks = float(torch.rand(())) < run.lacking
            held.append([each for each in own if not (lacks and each.gold)])
        held = [own for own in held if own]
        said: Any = read(model, [each for own in held for each in own], run.together)
        sizes = [len(own) for own in held]
        told = [
            Told(*pair) for pair in zip(said.everything.split(sizes), said.right.split(sizes), strict=True)
        ]
        return group_loss(told, run.own)

    return loss


def _drawn(groups: Sequence[Group], count: int) -> list[Group]:
    return [groups[int(at)] for at in torch.randint(len(groups), (count,))] if count else []


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when the reader is done, 4 when minutes are left for another call, 2 for an error."""
    parser = argparse.ArgumentParser(prog="python -m qa.training.compare", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds articles/ and span/")
    parser.add_argument(
        "--out", type=Path, required=True, help="for groups, checkpoints and reader/; goes on there"
    )
    parser.add_argument(
        "--reader", type=Path, help="a reader's folder to begin from; default: the bundled one"
    )
    parser.add_argument("--minutes", type=float, default=Run.minutes, help="of training, all calls together")
    parser.add_argument("--allowed", type=float, default=1e9, help="minutes of training in this call")
    parser.add_argument("--rate", type=float, default=Run.rate)
    parser.add_argument("--most", type=int, default=1_000_000, help="questions of a set, to try it out")
    parser.add_argument("--talks", type=float, default=Run.talks, help="share of follow-ups")
    parser.add_argument(
        "--seed", type=int, default=Run.seed, help="of what is drawn: runs for a mean of weights"
    )
    parser.add_argument(
        "--kept", type=int, default=Run.kept, help="first layers that stay as they are: a step costs less"
    )
    parser.add_argument(
        "--half", action="store_true", help="in bfloat16: half of the time where a CPU has AMX"
    )
    given = parser.parse_args(arguments)
    try:
        done = compare(given)
    except ArticleQAError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0 if done else 4


def compare(given: argparse.Namespace) -> bool:
    """Leaves ``out/reader``; False when the minutes of this call did not suffice."""
    from tokenizers import Tokenizer
    from transformers import BertForQuestionAnswering

    from embeddings.encode import embedder
    from embeddings.training.steps import Plan, train
    from qa.training.restore import restore
    from qa.training.rivals import SETS, groups, store, stored
    from qa.training.talks import followed, talks

    if given.reader and not (given.reader / TOKENIZER).exists():
        raise ModelError(str(given.reader), "no reader lies there", "name a folder that qa.training left")
    run = Run(minutes=given.minutes, rate=given.rate, talks=given.talks, kept=given.kept, seed=given.seed)
    given.out.mkdir(parents=True, exist_ok=True)
    asked: list[Group] = []
    for name, most in SETS.items():
        path = given.out / f"{name}.jsonl"
        if not path.exists():
            _tell(f"{name}: finding rivals")
            store(path, groups(given.data, name, min(most, given.most), embedder()))
        asked += stored(path)
    later = list(islice(followed(talks(given.data, ["learn"])), given.most)) if run.talks else []
    begin = given.reader or given.out / "begin"
    if not given.reader and not (begin / TOKENIZER).exists():
        restore(BUNDLED, begin)
    _tell(f"{len(asked)} questions, {len(later)} follow-ups")
    torch.manual_seed(run.seed)
    # Random zeros cost as much here as the matrix products, and one pass over the questions needs none.
    still: Any = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    model: Any = BertForQuestionAnswering.from_pretrained(
        begin, dtype=torch.float32, attn_implementation="eager", **still
    )
    keep(model, run.kept)
    model.to("cuda" if torch.cuda.is_available() else "cpu")
    tokenizer = Tokenizer.from_file(str(begin / TOKENIZER))
    plan = Plan(run.minutes, run.rate, 60, seed=run.seed, report_every=20, half=given.half)
    loss = comparing(model, asked, later, tokenizer, run)
    checkpoint = given.out / "reader.pt"
    done = train(model, loss, plan, checkpoint, given.allowed, _report)
    if done:
        model.half().save_pretrained(given.out / "reader")
        shutil.copy(begin / TOKENIZER, given.out / "reader")
    return done


def keep(model: Any, layers: int) -> None:
    """Leaves the embeddings and so many layers out of the training; none at 0."""
    if layers:
        for part in (model.bert.embeddings, *model.bert.encoder.layer[:layers]):
            part.requires_grad_(False)


def _report(step: int, loss: float, minutes: float) -> None:
    _tell(f"step {step}  loss {loss:.3f}  {minutes:.2f} min")


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
