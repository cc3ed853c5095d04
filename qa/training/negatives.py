"""Questions set against the wrong paragraph that a retriever would bring."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from qa.training.corpus import Example


def retrieved(examples: Sequence[Example], rng: random.Random, share: float = 0.3) -> list[Example]:
    """Unanswerable examples: for ``share`` of the answerable questions the passage of the same set that
    has most of their character pairs, by rarity, and holds none of their answers.
    """
    from scipy.sparse import csr_matrix

    titles = {example.passage: example.title for example in examples}
    passages = sorted(titles)
    asked = [e for e in examples if e.answers and rng.random() < share]
    if len(passages) < 2 or not asked:
        return []
    pairs: dict[str, int] = {}
    rows = [[pairs.setdefault(p, len(pairs)) for p in sorted(_pairs(text))] for text in passages]
    wanted = [[pairs[p] for p in sorted(_pairs(e.question)) if p in pairs] for e in asked]
    rarity = np.log(
        len(passages) / np.bincount(np.concatenate([np.array(r, int) for r in rows]), minlength=len(pairs))
    )

    def matrix(lists: list[list[int]]) -> csr_matrix:
        ends = np.cumsum([0, *map(len, lists)])
        columns = np.concatenate([np.array(r, np.int64) for r in lists])
        return csr_matrix((np.ones(len(columns), np.float32), columns, ends), (len(lists), len(pairs)))

    table = matrix(rows).multiply(rarity[None]).tocsr().T.tocsc()
    found = []
    for start in range(0, len(asked), 500):
        overlap: NDArray[np.float32] = (matrix(wanted[start : start + 500]) @ table).toarray()
        for example, row in zip(asked[start : start + 500], overlap, strict=True):
            texts = {example.passage[a:b] for a, b in example.answers}
            for i in np.argsort(-row)[:10]:
                if passages[i] != example.passage and not any(text in passages[i] for text in texts):
                    wrong = passages[i]
                    found.append(replace(example, passage=wrong, title=titles[wrong], answers=()))
                    break
    return found


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1) if text[i : i + 2].isalnum()}
