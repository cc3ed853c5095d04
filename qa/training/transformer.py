"""Trains an encoder and its reader on what was packed: ``python -m qa.training.transformer --packed DIR --out DIR``."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embeddings.errors import ArticleQAError, ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Arrays = dict[str, NDArray[Any]]

ENCODER, READER = "encoder", "reader"
"""The folders that are left, each one that transformers loads."""

_SHARD = "16MB"
"""Files of at most this size are easily carried."""


@dataclass(frozen=True)
class Run:
    """How to train: the encoder's size, minutes of each part, all calls together, peak rates, rows a step."""

    size: str = "student"
    pretrain: float = 8.0
    read: float = 3.0
    pretrain_rate: float = 8e-4
    read_rate: float = 3e-4
    pretrain_batch: int = 256
    read_batch: int = 128
    length: int = 384
    read_length: int = 320
    warm_steps: int = 300
    seed: int = 0
    compile: bool = False


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when the reader is done, 4 when minutes are left for a call with ``--resume``, 2 for an error."""
    began = time.monotonic()
    options = _options().parse_args(arguments)
    run = Run(**{name: getattr(options, name) for name in Run.__dataclass_fields__})
    try:
        done = train(
            options.packed,
            options.out,
            run,
            lambda: options.allowed - (time.monotonic() - began) / 60,
            resume=options.resume,
            teacher=options.teacher,
            further=options.further,
        )
    except ArticleQAError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    _tell(f"the reader lies in {options.out / READER}" if done else "cut off: go on with --resume")
    return 0 if done else 4


def train(
    packed: Path,
    out: Path,
    run: Run,
    left: Callable[[], float],
    *,
    resume: bool = False,
    teacher: Path | None = None,
    further: Path | None = None,
) -> bool:
    """Leaves ``out/encoder``, then ``out/reader``; False when ``left()`` minutes did not suffice.

    With ``resume`` a run that was cut off goes on, and an encoder that lies there is taken as it is; then
    the labelled questions alone suffice. With ``further``, a reader's folder, that reader learns on, from the
    labelled questions.
    """
    import torch

    from embeddings.training import squeeze
    from qa.training.prepare import ARTICLES, LABELLED, TOKENIZER

    if not (packed / LABELLED).exists():
        raise ModelError(str(packed), "nothing is packed there", "run python -m qa.training.prepare first")
    if not resume:
        for name in (ENCODER, READER):
            shutil.rmtree(out / name, ignore_errors=True)
            (out / f"{name}.pt").unlink(missing_ok=True)
    out.mkdir(parents=True, exist_ok=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.set_float32_matmul_precision("high")
    arrays = squeeze.read(packed / LABELLED)
    if (packed / ARTICLES).exists() and not further:
        arrays |= squeeze.read(packed / ARTICLES)
    _tell(f"{device}, {left():.1f} minutes left")
    if not further and not (out / ENCODER).exists():
        if "articles" not in arrays:
            raise ModelError(str(packed), f"{ARTICLES} is missing", f"bring it, or {out / ENCODER}")
        if not _pretrained(arrays, packed / TOKENIZER, out, run, device=device, allowed=left()):
            return False
    begin = further or out / ENCODER
    return _read(arrays, packed / TOKENIZER, out, run, begin, device=device, allowed=left(), teacher=teacher)


def _pretrained(arrays: Arrays, tokenizer: Path, out: Path, run: Run, *, device: str, allowed: float) -> bool:
    import torch
    from tokenizers import Tokenizer

    from embeddings.training.encoder import SIZES, encoder
    from embeddings.training.pretrain import hidden_loss, rows
    from embeddings.training.steps import Plan, train

    torch.manual_seed(run.seed)
    vocabulary = Tokenizer.from_file(str(tokenizer / "tokenizer.json")).get_vocab_size()
    model: Any = encoder(SIZES[run.size], vocabulary)
    model.to(device)
    if run.compile:
        # Where a compiler is missing or stumbles, the model runs as it is, only slower.
        torch._dynamo.config.suppress_errors = True  # noqa: SLF001
        model.bert.compile(dynamic=False)
    _tell(f"encoder: {sum(p.numel() for p in model.parameters()) / 1e6:.1f} million parameters")
    texts = rows(arrays["articles"], device, run.length, run.pretrain_batch, run.seed)
    plan = Plan(run.pretrain, run.pretrain_rate, run.warm_steps, seed=run.seed)
    loss = hidden_loss(model, texts, vocabulary)
    done = train(model, loss, plan, out / f"{ENCODER}.pt", allowed, _report("encoder"))
    if done:
        _save(model, tokenizer, out / ENCODER)
    return done


def _read(
    arrays: Arrays,
    tokenizer: Path,
    out: Path,
    run: Run,
    begin: Path,
    *,
    device: str,
    allowed: float,
    teacher: Path | None,
) -> bool:
    import torch
    from transformers import BertForQuestionAnswering

    from embeddings.training.steps import Plan, train
    from qa.training.questions import Pool, unpacked
    from qa.training.reading import Mixture, Teacher, reading_loss

    torch.manual_seed(run.seed + 1)
    model: Any = BertForQuestionAnswering.from_pretrained(
        begin, dtype=torch.float32, hidden_dropout_prob=0.1, attention_probs_dropout_prob=0.1
    )
    model.to(device)
    labelled = Pool(unpacked(arrays, "labelled"), device, run.read_length)
    made = unpacked(arrays, "made") if "articles" in arrays else None
    others = Pool(made, device, run.read_length) if made else None
    like = None
    if teacher:
        large: Any = BertForQuestionAnswering.from_pretrained(teacher, dtype=torch.float32)
        like = Teacher(large.to(device).eval())
    _tell(f"reader: {len(labelled)} labelled questions, {len(others or ())} made ones")
    loss = reading_loss(model, labelled, others, Mixture(run.read_batch), like)
    plan = Plan(run.read, run.read_rate, run.warm_steps, seed=run.seed + 1)
    done = train(model, loss, plan, out / f"{READER}.pt", allowed, _report("reader"))
    if done:
        _save(model, tokenizer, out / READER)
    return done


def _save(model: Any, tokenizer: Path, folder: Path) -> None:
    """Writes the model in half precision and the tokenizer beside it."""
    # A folder that is there is whole: one that was half written is never taken for an encoder.
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    model.half().save_pretrained(part, max_shard_size=_SHARD)
    shutil.copytree(tokenizer, part, dirs_exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    part.replace(folder)


def _report(what: str) -> Callable[[int, float, float], None]:
    return lambda step, loss, minutes: _tell(f"{what}  step {step}  loss {loss:.3f}  {minutes:.2f} min")


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m qa.training.transformer", description=__doc__)
    parser.add_argument("--packed", type=Path, required=True, help="what qa.training.prepare left")
    parser.add_argument("--out", type=Path, required=True, help="for encoder/, reader/ and checkpoints")
    parser.add_argument("--allowed", type=float, default=9.5, help="minutes that this call may take")
    parser.add_argument("--resume", action="store_true", help="go on where the last call stopped")
    parser.add_argument("--teacher", type=Path, help="a larger reader's folder, to learn from its logits")
    parser.add_argument("--further", type=Path, help="a reader's folder, to go on from its weights")
    parser.add_argument("--size", choices=("toy", "small", "student", "teacher"), default=Run.size)
    parser.add_argument("--pretrain", type=float, default=Run.pretrain, help="minutes, all calls together")
    parser.add_argument("--read", type=float, default=Run.read, help="minutes, all calls together")
    parser.add_argument("--pretrain-rate", type=float, default=Run.pretrain_rate)
    parser.add_argument("--read-rate", type=float, default=Run.read_rate)
    parser.add_argument("--pretrain-batch", type=int, default=Run.pretrain_batch, help="rows a step")
    parser.add_argument("--read-batch", type=int, default=Run.read_batch, help="rows a step")
    parser.add_argument("--length", type=int, default=Run.length, help="tokens a row, to pretrain")
    parser.add_argument("--read-length", type=int, default=Run.read_length, help="tokens a row, to read")
    parser.add_argument("--warm-steps", type=int, default=Run.warm_steps, help="until the full rate")
    parser.add_argument("--seed", type=int, default=Run.seed)
    parser.add_argument("--compile", action="store_true", help="compile the encoder to pretrain it")
    return parser


if __name__ == "__main__":
    sys.exit(main())
