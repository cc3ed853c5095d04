"""Teaches the encoder to compare stretches of different passages: ``python -m qa.training.compare --out DIR``.

It read each row by itself until then, and how sure it was of an answer said little beside another passage's. Here the
answers of all rivals of a question share one softmax, with "nothing here" once (Clark and Gardner 2018), and each row
has its own loss besides. A share of the questions are follow-ups (:mod:`qa.training.talks`), and beside the groups labelled
questions are read by themselves. ``--data`` finds and packs the rivals (``--pack``: no more than that); where they lie in
``--out`` already, nothing else is needed.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from embeddings.errors import ArticleQAError, ModelError
from qa.encoder_reader import BUNDLED, TOKENIZER, WINDOW
from qa.training import prepare
from qa.training.prepare import LABELLED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from qa.training.grouped import Rivals
    from qa.training.questions import Pool

PACKED = "groups.xz"
ASKED, FOLLOWED = "asked", "followed"

ROWS = 7
"""Rivals of a group that are packed, at most."""

OTHERS = 2
"""How often a question without a Chinese character is packed: they are few, and read worst."""

_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Run:
    """How to train: minutes, peak rate and steps until it, groups a step and rows of each at most (:data:`ROWS` are
    there), share of follow-ups, how often the rows that answer are left out, what the rows' own loss counts, rows that
    are read at once, labelled questions a step, dropout, layers that stay as they are, seed, bfloat16 on a CPU too.
    """

    minutes: float = 44.0
    rate: float = 1.2e-4
    warm_steps: int = 60
    groups: int = 16
    rows: int = 5
    talks: float = 0.25
    lacking: float = 0.12
    own: float = 0.5
    together: int = 24
    labelled: int = 0
    dropout: float = 0.0
    kept: int = 0
    seed: int = 3
    half: bool = False


def comparing(
    model: Any, asked: Rivals, followed: Rivals | None, labelled: Pool | None, run: Run
) -> Callable[[int, float], Tensor]:
    """The loss of a step over groups, and labelled questions, drawn at random."""
    from qa.training.grouped import group_loss
    from qa.training.reading import Mixture, reading_loss

    later = round(run.talks * run.groups) if followed else 0
    reading = reading_loss(model, labelled, None, Mixture(run.labelled)) if labelled else None

    def loss(step: int, progress: float) -> Tensor:
        parts = [reading(step, progress)] if reading else []
        for rivals, count in ((asked, run.groups - later), (followed, later)):
            if rivals and count:
                said = rivals.read(model, rivals.drawn(count, run.rows, run.lacking), run.together)
                parts.append(group_loss(said, run.own) * count / run.groups)
        return torch.stack(parts).sum()

    return loss


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when the reader is done, 4 when minutes are left for another call, 2 for an error."""
    parser = argparse.ArgumentParser(prog="python -m qa.training.compare", description=__doc__)
    parser.add_argument("--data", type=Path, help="the folder that holds articles/ and span/")
    parser.add_argument(
        "--out", type=Path, required=True, help="for groups, checkpoints and reader/; goes on there"
    )
    parser.add_argument(
        "--reader", type=Path, help="a reader's folder to begin from; default: the bundled one"
    )
    parser.add_argument("--packed", type=Path, help="what qa.training.prepare left, for --labelled")
    parser.add_argument(
        "--pack", action="store_true", help="pack the groups, anew where they are, and train nothing"
    )
    parser.add_argument("--minutes", type=float, default=Run.minutes, help="of training, all calls together")
    parser.add_argument("--allowed", type=float, default=1e9, help="minutes of training in this call")
    parser.add_argument("--rate", type=float, default=Run.rate)
    parser.add_argument("--warm-steps", type=int, default=Run.warm_steps, help="until the full rate")
    parser.add_argument("--most", type=int, default=1_000_000, help="questions of a set, to try it out")
    parser.add_argument("--groups", type=int, default=Run.groups, help="a step")
    parser.add_argument("--rows", type=int, default=Run.rows, help="of a group")
    parser.add_argument("--together", type=int, default=Run.together, help="rows that are read at once")
    parser.add_argument("--labelled", type=int, default=Run.labelled, help="labelled questions a step")
    parser.add_argument("--talks", type=float, default=Run.talks, help="share of follow-ups")
    parser.add_argument("--dropout", type=float, default=Run.dropout)
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
    run = Run(**{name: getattr(given, name) for name in Run.__dataclass_fields__ if hasattr(given, name)})
    try:
        done = compare(given, run)
    except ArticleQAError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0 if done else 4


def compare(given: argparse.Namespace, run: Run) -> bool:
    """Leaves ``out/reader``, or with ``pack`` :data:`PACKED`; False when the minutes of this call did not suffice."""
    from transformers import BertForQuestionAnswering

    from embeddings.training import squeeze
    from embeddings.training.steps import Plan, report, tell, train
    from qa.training.grouped import Rivals, groups_of
    from qa.training.questions import Pool, unpacked

    begin = _begun(given)
    held = given.packed / LABELLED if given.packed else None
    if run.labelled and not given.pack and not (held and held.exists()):
        raise ModelError(
            str(held or given.out), "no labelled questions lie there", "name their folder: --packed DIR"
        )
    if given.pack or not (given.out / PACKED).exists():
        pack(given, begin)
    if given.pack:
        return True
    same_tokenizer(given.out / TOKENIZER, begin)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    arrays = squeeze.read(given.out / PACKED)
    asked, later = (Rivals(groups_of(arrays, name), device, WINDOW) for name in (ASKED, FOLLOWED))
    if not len(asked):
        raise ModelError(str(given.out / PACKED), "holds no question", "find them again: --data DIR --pack")
    labelled = None
    if run.labelled and held:
        same_tokenizer(given.packed / prepare.TOKENIZER / TOKENIZER, begin)
        labelled = Pool(unpacked(squeeze.read(held), "labelled"), device, WINDOW)
    tell(f"{device}: {len(asked)} questions, {len(later)} follow-ups, {len(labelled or ())} labelled ones")
    torch.manual_seed(run.seed)
    how: Any = {"hidden_dropout_prob": run.dropout, "attention_probs_dropout_prob": run.dropout}
    if device == "cpu":  # where torch's own attention is the slower one, going back
        how["attn_implementation"] = "eager"
    model: Any = BertForQuestionAnswering.from_pretrained(begin, dtype=torch.float32, **how)
    keep(model, run.kept)
    model.to(device)
    torch.set_float32_matmul_precision("high")
    plan = Plan(run.minutes, run.rate, run.warm_steps, seed=run.seed, report_every=20, half=run.half)
    loss = comparing(model, asked, later if len(later) else None, labelled, run)
    done = train(model, loss, plan, given.out / "reader.pt", given.allowed, report)
    if done:
        model.half().save_pretrained(given.out / "reader", max_shard_size="15MB")
        shutil.copy(begin / TOKENIZER, given.out / "reader")
    return done


def _begun(given: argparse.Namespace) -> Path:
    """The folder of the reader to begin from."""
    from qa.training.restore import restore

    if given.reader and not (given.reader / TOKENIZER).exists():
        raise ModelError(str(given.reader), "no reader lies there", "name a folder that qa.training left")
    given.out.mkdir(parents=True, exist_ok=True)
    begin: Path = given.reader or given.out / "begin"
    if not (begin / TOKENIZER).exists():
        restore(BUNDLED, begin)
    return begin


def pack(given: argparse.Namespace, begin: Path) -> None:
    """Leaves the groups of all sets in ``out``, found where they do not lie there yet."""
    from itertools import islice

    from tokenizers import Tokenizer

    from embeddings.encode import embedder
    from embeddings.training import squeeze
    from embeddings.training.steps import tell
    from qa.training.grouped import grouped
    from qa.training.rivals import SETS, groups, store, stored
    from qa.training.talks import followed, talks

    if not given.data:
        raise ModelError(
            str(given.out), f"{PACKED} is missing", "name the data to find the rivals in: --data DIR"
        )
    asked = []
    for name, most in SETS.items():
        path = given.out / f"{name}.jsonl"
        if not path.exists():
            tell(f"{name}: finding rivals")
            store(path, groups(given.data, name, min(most, given.most), embedder()))
        asked += [
            group for group in stored(path) for _ in range(1 if _CHINESE.search(group.question) else OTHERS)
        ]
    later = list(islice(followed(talks(given.data, ["learn"])), given.most))
    tokenizer = Tokenizer.from_file(str(begin / TOKENIZER))
    arrays = grouped(asked, tokenizer, ROWS).arrays(ASKED) | grouped(later, tokenizer, ROWS).arrays(FOLLOWED)
    squeeze.write(given.out / PACKED, arrays)
    shutil.copy(
        begin / TOKENIZER, given.out
    )  # by which another machine sees that the tokens are its reader's
    tell(f"{(given.out / PACKED).stat().st_size / 2**20:.1f} MiB in {given.out / PACKED}")


def same_tokenizer(packed: Path, reader: Path) -> None:
    """ModelError where what was packed has other tokens than the reader in the folder, or none lie there."""
    from tokenizers import Tokenizer

    known = [
        Tokenizer.from_file(str(path)).get_vocab() for path in (packed, reader / TOKENIZER) if path.exists()
    ]
    if len(known) < 2 or known[0] != known[1]:
        raise ModelError(
            str(packed),
            f"is not the tokenizer of {reader}",
            "pack again with this reader: --tokenizer or --pack",
        )


def keep(model: Any, layers: int) -> None:
    """Leaves the embeddings and so many layers out of the training; none at 0."""
    if layers:
        for part in (model.bert.embeddings, *model.bert.encoder.layer[:layers]):
            part.requires_grad_(False)


if __name__ == "__main__":
    sys.exit(main())
