"""Pairs of texts to a table of token vectors: a plain contrastive loop, repeatable and resumable."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from scipy.sparse import csr_matrix
from torch import nn

from embeddings.training.vocabulary import GRAM_BUCKETS, parts
from embeddings.words import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    from embeddings.training.data import Pair


@dataclass(frozen=True)
class TrainConfig:
    """All numbers of a run; lengths in tokens."""

    dim: int = 256
    matryoshka: tuple[int, ...] = (64, 128, 256)
    epochs: int = 2
    batch: int = 1024
    rate: float = 0.012
    weight_rate: float = 0.02
    temperature: float = 0.05
    short_tokens: int = 64
    long_tokens: int = 256
    seed: int = 0


class Packed(NamedTuple):
    """Token ids of many texts one after another; text i is ``ids[starts[i]:starts[i + 1]]``."""

    ids: NDArray[np.int32]
    starts: NDArray[np.int64]

    def counts(self, texts: NDArray[np.int64], size: int) -> csr_matrix:
        """How often each of ``size`` tokens stands in each of ``texts``."""
        pieces = [self.ids[self.starts[i] : self.starts[i + 1]] for i in texts]
        ends = np.cumsum([0, *(len(piece) for piece in pieces)])
        ids = np.concatenate(pieces)
        matrix = csr_matrix((np.ones(len(ids), np.float32), ids, ends), shape=(len(texts), size))
        matrix.sum_duplicates()
        return matrix


class Corpus(NamedTuple):
    """Packed pairs; ``sources[i]`` numbers the set that pair i comes from."""

    short: Packed
    long: Packed
    sources: NDArray[np.int64]

    def save(self, path: Path) -> None:
        """Writes the corpus to an ``.npz`` file."""
        np.savez(path, *self.short, *self.long, self.sources)

    @classmethod
    def load(cls, path: Path) -> Corpus:
        """The corpus that :meth:`save` wrote."""
        with np.load(path, allow_pickle=False) as arrays:
            a, b, c, d, sources = (arrays[f"arr_{at}"] for at in range(5))
        return cls(Packed(a, b), Packed(c, d), sources)


def pack(pairs: Sequence[Pair], tokenizer: Tokenizer, config: TrainConfig) -> Corpus:
    """The pairs as token ids, cut to the lengths of ``config``; pairs without tokens are left out."""
    names = {name: at for at, name in enumerate(sorted({pair.source for pair in pairs}))}
    short: list[NDArray[np.int32]] = []
    long: list[NDArray[np.int32]] = []
    sources = []
    for start in range(0, len(pairs), 4096):
        part = pairs[start : start + 4096]
        both = [fold(pair.short[:200]) for pair in part] + [fold(pair.long[:800]) for pair in part]
        ids = [encoding.ids for encoding in tokenizer.encode_batch_fast(both, add_special_tokens=False)]
        for pair, a, b in zip(part, ids, ids[len(part) :], strict=False):
            if a and b:
                short.append(np.asarray(a[: config.short_tokens], np.int32))
                long.append(np.asarray(b[: config.long_tokens], np.int32))
                sources.append(names[pair.source])
    return Corpus(_packed(short), _packed(long), np.asarray(sources, np.int64))


def frequencies(corpus: Corpus, size: int) -> NDArray[np.float64]:
    """The share of each token among all tokens of the corpus."""
    counts = np.bincount(np.concatenate([corpus.short.ids, corpus.long.ids]), minlength=size)
    return np.asarray(counts / max(1, counts.sum()), np.float64)


class Table(nn.Module):
    """One row a token: its own vector and the sum of its parts', times the token's weight.

    The weights begin as those of SIF (Arora et al. 2017) and are learned with the vectors.
    """

    def __init__(self, tokens: dict[str, int], shares: NDArray[np.float64], config: TrainConfig) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(config.seed)
        features = len(tokens) + GRAM_BUCKETS
        self.vectors = nn.Parameter(torch.randn(features, config.dim, generator=generator) / config.dim**0.5)
        self.log_weights = nn.Parameter(
            torch.log(1e-4 / (1e-4 + torch.from_numpy(shares).float())) + math.log(4)
        )
        rows, columns, values = [], [], []
        for token, at in tokens.items():
            inner = parts(token, tokens)
            rows += [at] * (1 + len(inner))
            columns += [at, *inner]
            values += [1.0] + [0.7 / math.sqrt(len(inner) or 1)] * len(inner)
        self._mixing = csr_matrix((values, (rows, columns)), (len(tokens), features), np.float32)

    def forward(self) -> torch.Tensor:
        """The table, ``(tokens, dim)``; row 0, the unknown token, is zero."""
        mixed = _times(self._mixing, self.vectors)
        weights = self.log_weights.exp().clone()
        weights[0] = 0
        return mixed * weights[:, None]


class _Times(torch.autograd.Function):
    """A constant sparse matrix times a dense one, with the gradient of the dense one only."""

    @staticmethod
    def forward(
        ctx: Any, dense: torch.Tensor, sparse: torch.Tensor, transposed: torch.Tensor
    ) -> torch.Tensor:
        ctx.transposed = transposed
        return sparse @ dense

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        return ctx.transposed @ gradients[0].contiguous(), None, None


def _times(matrix: csr_matrix, dense: torch.Tensor) -> torch.Tensor:
    product: torch.Tensor = _Times.apply(dense, _csr(matrix), _csr(matrix.T.tocsr()))  # type: ignore[no-untyped-call]
    return product


def _csr(matrix: csr_matrix) -> torch.Tensor:
    return torch.sparse_csr_tensor(
        torch.from_numpy(matrix.indptr.astype(np.int64)),
        torch.from_numpy(matrix.indices.astype(np.int64)),
        torch.from_numpy(matrix.data),
        matrix.shape,
        check_invariants=False,
    )


def train(
    corpus: Corpus,
    table: Table,
    config: TrainConfig,
    checkpoint: Path | None = None,
    report: Callable[[int, int, float], None] | None = None,
    *,
    save_every: int = 200,
) -> list[float]:
    """The loss of every step; ``table`` is trained in place.

    ``report`` gets (step, steps, loss). With a ``checkpoint`` the run goes on where that file
    stops, and writes it every ``save_every`` steps and at the end.
    """
    batches = list(_batches(corpus, config))
    optimizer = torch.optim.Adam(
        [
            {"params": [table.vectors], "lr": config.rate},
            {"params": [table.log_weights], "lr": config.weight_rate},
        ]
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / 20, 1.0) * max(0.02, 1 - step / max(1, len(batches)))
    )
    losses: list[float] = []
    if checkpoint and checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        if state["config"] != _plain(config) or state["steps"] != len(batches):
            raise ValueError(f"{checkpoint} belongs to another run; remove it or use its settings")
        table.load_state_dict(state["table"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        losses = state["losses"]
    for step in range(len(losses), len(batches)):
        loss = _loss(table(), corpus, batches[step], config)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        losses.append(float(loss.detach()))
        if report:
            report(step + 1, len(batches), losses[-1])
        if checkpoint and ((step + 1) % save_every == 0 or step + 1 == len(batches)):
            state = {
                "config": _plain(config),
                "steps": len(batches),
                "losses": losses,
                "table": table.state_dict(),
                "optimizer": optimizer.state_dict(),
                "schedule": schedule.state_dict(),
            }
            torch.save(state, checkpoint.with_suffix(".part"))
            checkpoint.with_suffix(".part").replace(checkpoint)
    return losses


def _loss(rows: torch.Tensor, corpus: Corpus, batch: NDArray[np.int64], config: TrainConfig) -> torch.Tensor:
    """In-batch softmax both ways (multiple negatives ranking), averaged over the widths."""
    short = _times(corpus.short.counts(batch, len(rows)), rows)
    long = _times(corpus.long.counts(batch, len(rows)), rows)
    wrong = _same(corpus.short, batch) | _same(corpus.long, batch)  # equal texts are no negatives
    wanted = torch.arange(len(batch))
    total = torch.zeros(())
    for width in config.matryoshka:
        a = nn.functional.normalize(short[:, :width], dim=1)
        b = nn.functional.normalize(long[:, :width], dim=1)
        similarity = (a @ b.T / config.temperature).masked_fill(wrong, -1e4)
        total = total + nn.functional.cross_entropy(similarity, wanted)
        total = total + nn.functional.cross_entropy(similarity.T, wanted)
    return total / (2 * len(config.matryoshka))


def _same(texts: Packed, batch: NDArray[np.int64]) -> torch.Tensor:
    """Which texts of the batch equal which others, the diagonal left out."""
    hashes = np.asarray([hash(texts.ids[texts.starts[i] : texts.starts[i + 1]].tobytes()) for i in batch])
    equal = hashes[:, None] == hashes[None, :]
    np.fill_diagonal(equal, val=False)
    return torch.from_numpy(equal)


def _batches(corpus: Corpus, config: TrainConfig) -> Iterator[NDArray[np.int64]]:
    """Batches of one source each, shuffled, so that negatives are of the positives' kind."""
    random = np.random.default_rng(config.seed)
    for _ in range(config.epochs):
        batches = []
        rest = []
        for source in range(int(corpus.sources.max()) + 1):
            members = random.permutation(np.flatnonzero(corpus.sources == source))
            whole = len(members) // config.batch * config.batch
            batches += list(members[:whole].reshape(-1, config.batch))
            rest.append(members[whole:])
        mixed = random.permutation(np.concatenate(rest))
        batches += [mixed[at : at + config.batch] for at in range(0, len(mixed), config.batch)]
        for at in random.permutation(len(batches)):
            yield batches[at]


def _packed(texts: list[NDArray[np.int32]]) -> Packed:
    starts = np.cumsum([0, *(len(text) for text in texts)]).astype(np.int64)
    return Packed(np.concatenate(texts) if texts else np.zeros(0, np.int32), starts)


def _plain(config: TrainConfig) -> dict[str, Any]:
    return asdict(config) | {"matryoshka": list(config.matryoshka)}
