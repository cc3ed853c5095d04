"""Trains the static embedder: ``python -m embeddings.training --data DIR --out DIR``."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

import torch
from tokenizers import Tokenizer

from embeddings.encode import embedder
from embeddings.training import data, vocabulary
from embeddings.training.evaluate import evaluate
from embeddings.training.save import save
from embeddings.training.train import Corpus, Table, TrainConfig, frequencies, pack, train


def main(arguments: list[str] | None = None) -> int:
    """0; the model lies in the folder that ``--out`` names."""
    parser = argparse.ArgumentParser(prog="python -m embeddings.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with span/, pairs/ and articles/")
    parser.add_argument("--out", type=Path, required=True, help="folder for the model")
    parser.add_argument("--work", type=Path, help="folder for vocabulary and checkpoint (default: OUT.work)")
    parser.add_argument("--small", action="store_true", help="a run of seconds, to see that all works")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--prepare", action="store_true", help="stop before training; --resume goes on")
    parser.add_argument("--share", type=float, default=0.35, help="of the articles' passages that make pairs")
    parser.add_argument("--tokens", type=int, default=40_000, help="size of the vocabulary")
    parser.add_argument("--dim", type=int, default=TrainConfig.dim)
    parser.add_argument("--epochs", type=int, default=TrainConfig.epochs)
    parser.add_argument("--batch", type=int, default=TrainConfig.batch, help="pairs")
    parser.add_argument("--rate", type=float, default=TrainConfig.rate, help="learning rate")
    parser.add_argument("--temperature", type=float, default=TrainConfig.temperature)
    parser.add_argument("--seed", type=int, default=TrainConfig.seed)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)

    widths = tuple(width for width in TrainConfig.matryoshka if width < options.dim)
    config = TrainConfig(
        dim=options.dim,
        matryoshka=(*widths, options.dim),
        epochs=options.epochs,
        batch=options.batch,
        rate=options.rate,
        temperature=options.temperature,
        seed=options.seed,
    )
    tokens, share, every = options.tokens, options.share, 8
    if options.small:
        config = replace(config, dim=32, matryoshka=(16, 32), batch=32, epochs=5)
        tokens, share, every = 2_000, 1.0, 1
    if next(data.pairs(options.data, options.seed, share), None) is None:
        print(f"{options.data}: no training pairs there", file=sys.stderr)
        return 2
    work = options.work or options.out.with_name(options.out.name + ".work")
    work.mkdir(parents=True, exist_ok=True)
    checkpoint = work / "checkpoint.pt"
    if not options.resume:
        checkpoint.unlink(missing_ok=True)

    tokenizer = _tokenizer(work / "tokenizer.json", options.data, tokens, every, keep=options.resume)
    packed = work / "corpus.npz"
    if not (options.resume and packed.exists()):
        pack(list(data.pairs(options.data, options.seed, share)), tokenizer, config).save(packed)
    corpus = Corpus.load(packed)
    print(f"{len(corpus.sources)} pairs, {tokenizer.get_vocab_size()} tokens", file=sys.stderr)
    if options.prepare:
        return 0
    names = tokenizer.get_vocab()
    table = Table(names, frequencies(corpus, len(names)), config)
    try:
        train(corpus, table, config, checkpoint, _Report())
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    with torch.no_grad():
        save(table().numpy(), tokenizer, options.out)
    for name, figures in evaluate(embedder(str(options.out)), options.data).items():
        print(name, " ".join(f"{key} {value:.3f}" for key, value in figures.items() if key != "n"))
    return 0


def _tokenizer(path: Path, folder: Path, size: int, every: int, *, keep: bool) -> Tokenizer:
    """The tokenizer built from every ``every``-th text, or the one of the run to go on with."""
    if not (keep and path.exists()):
        sample = [text for at, text in enumerate(data.texts(folder)) if at % every == 0]
        vocabulary.build(sample, size).save(str(path))
    return Tokenizer.from_file(str(path))


class _Report:
    """Prints the loss at most every five seconds."""

    def __init__(self) -> None:
        self._next = 0.0

    def __call__(self, step: int, steps: int, loss: float) -> None:
        """Prints where the run stands."""
        if time.monotonic() >= self._next or step == steps:
            self._next = time.monotonic() + 5
            print(f"step {step}/{steps} loss {loss:.4f}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
