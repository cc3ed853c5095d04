"""Words worth knowing, how rare they are, and a vector each, from articles alone."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

_WORD = re.compile(r"[㐀-鿿]+|[a-z]+")


@dataclass(frozen=True)
class Vocabulary:
    """Words by falling frequency, with log probability, inverse passage frequency (nats) and vector.

    ``chars`` are the characters and marks by falling frequency, with theirs.
    """

    words: list[str]
    logp: NDArray[np.float32]
    idf: NDArray[np.float32]
    vectors: NDArray[np.float32]
    chars: list[str]
    char_idf: NDArray[np.float32]


def store(path: Path, vocabulary: Vocabulary) -> None:
    """Writes the vocabulary as arrays."""
    np.savez(path, allow_pickle=False, **{name: np.array(value) for name, value in vars(vocabulary).items()})


def stored(path: Path) -> Vocabulary:
    """The vocabulary that :func:`store` wrote."""
    with np.load(path) as file:
        arrays = dict(file)
    return Vocabulary(
        arrays["words"].tolist(),
        arrays["logp"],
        arrays["idf"],
        arrays["vectors"],
        arrays["chars"].tolist(),
        arrays["char_idf"],
    )


def learn(
    texts: Iterable[str], size: int, chars: int, dim: int, *, window: int = 4, block: int = 400
) -> Vocabulary:
    """The ``size`` most frequent words and the ``chars`` most frequent characters of ``texts``, with
    unit-variance word vectors of width ``dim``.

    Vectors are the singular vectors of the words' positive pointwise mutual information within
    ``window`` words, contexts smoothed by 0.75 (Levy and Goldberg, 2014; Levy et al., 2015). A
    passage, for the inverse frequency, is a run of ``block`` words or characters.
    """
    import rjieba

    streams: list[list[str]] = []
    counts: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for text in texts:
        for start in range(0, len(text), block):
            held.update(set(text[start : start + block]))
        stream = [word for word in rjieba.cut(text) if _WORD.fullmatch(word) and len(word) <= 12]
        counts.update(stream)
        streams.append(stream)
    words = [word for word, n in counts.most_common(size) if n > 2]
    index = {word: i for i, word in enumerate(words)}
    ids = np.concatenate(
        [np.array([*(index.get(w, -1) for w in s), *([-1] * window)], np.int64) for s in streams]
    )
    seen = np.bincount(ids[ids >= 0], minlength=len(words)).astype(np.float64)
    blocks = np.unique((np.arange(len(ids)) // block)[ids >= 0] * len(words) + ids[ids >= 0]) % len(words)
    n_blocks = max(1, len(ids) // block)
    idf = np.log((1 + n_blocks) / (1 + np.bincount(blocks, minlength=len(words))))
    common = [
        c for c, n in held.most_common() if n > 2 and not (c.isspace() or c.isdigit() or "a" <= c <= "ÿ")
    ][:chars]
    top = max(held.values(), default=1)
    return Vocabulary(
        words,
        np.log(seen / seen.sum()).astype(np.float32),
        idf.astype(np.float32),
        _decompose(ids, len(words), dim, window),
        common,
        np.log((1 + top) / np.array([1 + held[c] for c in common])).astype(np.float32),
    )


def _decompose(ids: NDArray[np.int64], size: int, dim: int, window: int) -> NDArray[np.float32]:
    from scipy.sparse import coo_matrix, csr_matrix
    from scipy.sparse.linalg import svds

    contexts = min(size, 12_000)
    total = csr_matrix((size, contexts), dtype=np.float32)
    step = 4_000_000
    for start in range(0, len(ids), step):
        chunk = ids[start : start + step + window]
        rows, cols = [], []
        for offset in range(1, window + 1):
            for a, b in ((chunk[:-offset], chunk[offset:]), (chunk[offset:], chunk[:-offset])):
                keep = (a >= 0) & (b >= 0) & (b < contexts)
                rows.append(a[keep])
                cols.append(b[keep])
        row, col = np.concatenate(rows), np.concatenate(cols)
        total = total + coo_matrix((np.ones(len(row), np.float32), (row, col)), (size, contexts)).tocsr()
    total = total.tocoo()
    keep = total.data > 1
    row, col, n = total.row[keep], total.col[keep], total.data[keep].astype(np.float64)
    by_row = np.bincount(row, n, size)
    by_col = np.bincount(col, n, contexts) ** 0.75
    pmi = np.log(n * by_col.sum() / (by_row[row] * by_col[col]))
    positive = csr_matrix((np.maximum(pmi, 0).astype(np.float32), (row, col)), (size, contexts))
    dim = min(dim, min(positive.shape) - 1)
    left, strength, _ = svds(positive, k=dim, random_state=0)
    vectors = left * np.sqrt(strength)
    even: NDArray[np.float32] = (vectors / (vectors.std() + 1e-9)).astype(np.float32)
    return even
