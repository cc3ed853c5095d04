"""The span reader as a torch module; ``qa.span_reader`` runs the same arithmetic in NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  (torch's own custom)

from qa.span_features import PAIR_FEATURES, QUESTION_FEATURES, QUESTION_TYPES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qa.lexicon import Lexicon
    from qa.span_reader import Shape


ACROSS_WIDTH = 3
"""Sentences that a block over sentences sees at once."""


class Batch(NamedTuple):
    """Padded examples; row 0 of the character table is padding. ``sentence`` numbers an example's from 0. ``gold`` is (example, answer, 2): first
    and last token, -1 for none; an example without any is unanswerable.
    """

    char: Tensor
    word: Tensor
    sentence: Tensor
    features: Tensor
    question_char: Tensor
    question_word: Tensor
    question_features: Tensor
    kind: Tensor
    gold: Tensor


class Block(nn.Module):
    """Residual gated convolution: norm, depthwise over ``width`` tokens, gate (Dauphin et al., 2017)."""

    def __init__(self, dim: int, width: int, drop: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.depth = nn.Parameter(torch.randn(dim, 1, 1, width) / width**0.5)
        self.mix = nn.Linear(dim, 2 * dim)
        self.drop = drop

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """``(batch, tokens, dim)`` in and out; ``mask`` is 1 at tokens, 0 at padding."""
        y = (self.norm(x) * mask).transpose(1, 2).unsqueeze(2)
        width = self.depth.shape[-1]
        # A two-dimensional convolution of height 1: torch has a fast kernel for it, not for conv1d.
        near = F.conv2d(y, self.depth, padding=(0, width // 2), groups=y.shape[1]).squeeze(2).transpose(1, 2)
        return x + shared_dropout(F.glu(self.mix(near), -1), self.drop, self.training)


class Reader(nn.Module):
    """Question and passage -> a value for every span, and one for "nothing here"."""

    def __init__(self, shape: Shape, drop: float = 0.15) -> None:
        super().__init__()
        dim, token = shape.dim, shape.char_dim + shape.word_dim
        self.shape, self.drop = shape, drop
        self.char = nn.Embedding(shape.chars, shape.char_dim, padding_idx=0)
        self.word = nn.Embedding(shape.words, shape.word_dim, padding_idx=0)
        self.word.weight.requires_grad_(False)
        self.align = nn.Linear(token, shape.align)
        self.token = nn.Linear(token, dim)
        self.aligned = nn.Linear(token, dim, bias=False)
        self.passage_features = nn.Linear(PAIR_FEATURES, dim)
        self.question_features = nn.Linear(QUESTION_FEATURES, dim)
        self.kind = nn.Embedding(len(QUESTION_TYPES) + 1, dim)
        self.encode = nn.ModuleList(Block(dim, shape.width, drop) for _ in range(shape.encoder))
        self.encoded = nn.LayerNorm(dim)
        self.pool = nn.Linear(dim, 1)
        self.attend = nn.Linear(dim, dim, bias=False)
        self.fuse = nn.Linear(4 * dim, dim)
        if shape.across:
            self.gist = nn.Linear(dim, dim)
            self.across = nn.ModuleList(Block(dim, ACROSS_WIDTH, drop) for _ in range(shape.across))
            self.told = nn.Linear(dim, dim)
            nn.init.zeros_(self.told.weight)  # so that a reader that gets it reads as before, until it learns
            nn.init.zeros_(self.told.bias)
        self.model = nn.ModuleList(Block(dim, shape.width, drop) for _ in range(shape.reader))
        self.final = nn.LayerNorm(dim)
        self.ends = nn.Linear(dim, 2)
        self.left = nn.Linear(dim, shape.rank)
        self.right = nn.Linear(dim, shape.rank)
        self.length = nn.Parameter(torch.zeros(shape.longest))
        self.null = nn.Linear(2 * dim, 1)

    def start_from(self, known: Lexicon, vectors: NDArray[np.float32]) -> None:
        """Sets the word table to ``vectors`` (a row a word of ``known``), and the row of a character that
        is a word too to that word's vector.
        """
        with torch.no_grad():
            self.word.weight[1:] = torch.from_numpy(vectors)
            self.char.weight.mul_(0.3)
            for char, row in known.chars.items():
                if char in known.words:
                    self.char.weight[row] = self.word.weight[known.words[char]]

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Spans ``(batch, tokens, tokens)``, very low where a span may not be, and null ``(batch,)``."""
        mask = (batch.char > 0).unsqueeze(-1).float()
        asked = (batch.question_char > 0).unsqueeze(-1).float()
        p = torch.cat([self.char(batch.char), self.word(batch.word)], -1)
        q = torch.cat([self.char(batch.question_char), self.word(batch.question_word)], -1)
        p, q = shared_dropout(p, self.drop, self.training), shared_dropout(q, self.drop, self.training)
        hidden = ((1 - asked) * -1e4).transpose(1, 2)
        alike = torch.relu(self.align(p)) @ torch.relu(self.align(q)).transpose(1, 2) / self.shape.align**0.5
        aligned = torch.softmax(alike + hidden, -1) @ q.to(alike.dtype)
        kind = self.kind(batch.kind).unsqueeze(1)
        p = self.token(p) + self.passage_features(batch.features) + self.aligned(aligned) + kind
        q = self.token(q) + self.question_features(batch.question_features) + kind
        for block in self.encode:
            p, q = block(p, mask), block(q, asked)
        p, q = self.encoded(p), self.encoded(q)
        whole = (torch.softmax(self.pool(q) + hidden.transpose(1, 2), 1) * q).sum(1, keepdim=True)
        near = torch.softmax(self.attend(p) @ q.transpose(1, 2) / self.shape.dim**0.5 + hidden, -1) @ q.to(
            alike.dtype
        )
        p = self.fuse(torch.cat([p, near, p * near, (p * whole)], -1))
        if self.shape.across:
            p = p + self._across(p, batch.sentence, mask)
        for block in self.model:
            p = block(p, mask)
        p = shared_dropout(self.final(p), self.drop, self.training)
        ends = self.ends(p).float()
        spans = ends[..., :1] + ends[..., 1:].transpose(1, 2)
        spans = spans + (self.left(p) @ self.right(p).transpose(1, 2)).float() / self.shape.rank**0.5
        top = (p.float() + (mask - 1) * 1e4).amax(1)
        null = self.null(torch.cat([top, whole.float().squeeze(1)], -1)).float().squeeze(-1)
        return spans + self._allowed(mask.squeeze(-1)), null

    def _across(self, p: Tensor, sentence: Tensor, mask: Tensor) -> Tensor:
        """What each token learns of the sentences around its own: the mean of each, convolved over sentences."""
        number = torch.arange(int(sentence.max()) + 1).view(1, -1, 1)
        lies = ((sentence.unsqueeze(1) == number) * mask.transpose(1, 2)).to(p.dtype)
        size = lies.sum(2, keepdim=True)
        s = lies @ torch.relu(self.gist(p)).to(p.dtype) / size.clamp(min=1)
        there = (size > 0).to(p.dtype)
        for block in self.across:
            s = block(s, there)
        told: Tensor = lies.transpose(1, 2) @ self.told(s).to(p.dtype)
        return told

    def _allowed(self, mask: Tensor) -> Tensor:
        length = mask.shape[1]
        at = torch.arange(length)
        size = at.unsqueeze(0) - at.unsqueeze(1)
        fits = (size >= 0) & (size < self.shape.longest)
        bias = self.length[size.clamp(0, self.shape.longest - 1)].masked_fill(~fits, -1e4)
        return bias + ((mask - 1) * 1e4).unsqueeze(1)


def loss(spans: Tensor, null: Tensor, gold: Tensor) -> Tensor:
    """The mean negative log likelihood of the gold spans together, or of null where there is none.

    Spans compete with each other and with null, globally (Lee et al., 2016).
    """
    total = torch.logaddexp(spans.flatten(1).logsumexp(1), null)
    there = gold[..., 0] >= 0
    row = torch.arange(len(gold)).unsqueeze(1).expand_as(there)
    right = spans[row, gold[..., 0].clamp(0), gold[..., 1].clamp(0)].masked_fill(~there, -1e4)
    return (total - torch.where(there.any(1), right.logsumexp(1), null)).mean()


def shared_dropout(x: Tensor, rate: float, training: bool) -> Tensor:
    """Dropout with one mask for all tokens of an example (Gal and Ghahramani, 2016)."""
    if not training or rate == 0:
        return x
    keep = torch.rand(x.shape[0], 1, x.shape[2]) >= rate
    return x * (keep / (1 - rate)).to(x.dtype)
