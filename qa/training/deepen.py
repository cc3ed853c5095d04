"""Has a reader read on in the articles while it keeps answering: ``python -m qa.training.deepen --packed DIR --reader DIR``.

A step guesses hidden words of the articles, as in pretraining, and reads some labelled questions, so that what the reader
can do already is not lost on the way. Afterwards it learns from questions alone (:mod:`qa.training.compare`).
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embeddings.errors import ArticleQAError, ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

LENGTH = 384
"""Tokens of a row of articles."""


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when the reader is done, 4 when minutes are left for another call, 2 for an error."""
    parser = argparse.ArgumentParser(prog="python -m qa.training.deepen", description=__doc__)
    parser.add_argument("--packed", type=Path, required=True, help="what qa.training.prepare left")
    parser.add_argument("--reader", type=Path, required=True, help="a reader's folder to begin from")
    parser.add_argument("--out", type=Path, required=True, help="for checkpoints and reader/; goes on there")
    parser.add_argument("--minutes", type=float, default=4.0, help="of training, all calls together")
    parser.add_argument("--allowed", type=float, default=1e9, help="minutes of training in this call")
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--warm-steps", type=int, default=150, help="until the full rate")
    parser.add_argument("--batch", type=int, default=256, help="rows of articles a step")
    parser.add_argument("--labelled", type=int, default=32, help="labelled questions a step")
    parser.add_argument("--weight", type=float, default=0.3, help="what their loss counts")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--compile", action="store_true", help="compile the encoder for the articles")
    given = parser.parse_args(arguments)
    try:
        done = deepen(given)
    except ArticleQAError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0 if done else 4


def deepen(given: argparse.Namespace) -> bool:
    """Leaves ``out/reader``; False when the minutes of this call did not suffice."""
    import torch
    from tokenizers import Tokenizer
    from transformers import BertForMaskedLM, BertForQuestionAnswering

    from embeddings.training import squeeze
    from embeddings.training.pretrain import hidden_loss, rows
    from embeddings.training.steps import Plan, report, tell, train
    from qa.encoder_reader import TOKENIZER, WINDOW
    from qa.training import prepare
    from qa.training.compare import same_tokenizer
    from qa.training.prepare import ARTICLES, LABELLED
    from qa.training.questions import Pool, unpacked
    from qa.training.reading import Mixture, reading_loss

    for path in (given.packed / ARTICLES, given.packed / LABELLED, given.reader / TOKENIZER):
        if not path.exists():
            raise ModelError(str(path), "is missing", "run python -m qa.training.prepare and .restore first")
    same_tokenizer(given.packed / prepare.TOKENIZER / TOKENIZER, given.reader)
    torch.manual_seed(given.seed)
    torch.set_float32_matmul_precision("high")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    still: Any = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    reader: Any = BertForQuestionAnswering.from_pretrained(given.reader, dtype=torch.float32, **still)
    guesser: Any = BertForMaskedLM(reader.config)
    guesser.bert = reader.bert
    guesser.tie_weights()
    both = torch.nn.ModuleDict({"reader": reader, "guesser": guesser})
    both.to(device)
    vocabulary = Tokenizer.from_file(str(given.reader / TOKENIZER)).get_vocab_size()
    texts = rows(squeeze.read(given.packed / ARTICLES)["articles"], device, LENGTH, given.batch, given.seed)
    labelled = Pool(unpacked(squeeze.read(given.packed / LABELLED), "labelled"), device, WINDOW)
    reading = reading_loss(reader, labelled, None, Mixture(given.labelled))
    plain = guesser.bert
    if given.compile:
        # Where a compiler is missing or stumbles, the model runs as it is, only slower.
        torch._dynamo.config.suppress_errors = True  # noqa: SLF001
        guesser = _Guesser(torch.compile(plain, dynamic=False), guesser.cls)
    hidden = hidden_loss(guesser, texts, vocabulary)
    tell(f"{device}: {len(texts.tokens)} tokens of articles, {len(labelled)} labelled questions")

    def loss(step: int, progress: float) -> Tensor:
        guessed, read = hidden(step, progress), reading(step, progress)
        return torch.add(guessed, read, alpha=given.weight)

    given.out.mkdir(parents=True, exist_ok=True)
    plan = Plan(given.minutes, given.rate, given.warm_steps, seed=given.seed)
    done = train(both, loss, plan, given.out / "deepen.pt", given.allowed, report)
    if done:
        reader.half().save_pretrained(given.out / "reader", max_shard_size="15MB")
        shutil.copy(given.reader / TOKENIZER, given.out / "reader")
    return done


class _Guesser:
    """What :func:`hidden_loss` takes of a model: compiled here, while the reader calls the same encoder as it is, with rows
    of other lengths.
    """

    def __init__(self, bert: Callable[..., Any], cls: Callable[..., Any]) -> None:
        self.bert, self.cls = bert, cls


if __name__ == "__main__":
    sys.exit(main())
