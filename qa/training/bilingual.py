"""English words for a reader that learnt Chinese ones: each gets the mean vector of its translations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from qa.bilingual import english

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qa.lexicon import Lexicon

    Floats = NDArray[np.float32]

RAREST = -14.0
"""Log probability of an English word, which no segmentation of Chinese looks at."""


def with_english(known: Lexicon, vectors: Floats) -> tuple[Lexicon, Floats]:
    """``known`` and its word vectors (row 0: unknown) with the words of :func:`qa.bilingual.english`.

    A word that was known already gets another vector: what stands in Chinese texts are mostly names.
    """
    words = dict(known.words)
    logp, idf, rows = list(known.logp), list(known.idf), list(vectors)
    for word, chinese in english().items():
        parts = [known.words[c[a:b]] for c in chinese for a, b in known.cut(c) if c[a:b] in known.words]
        if not parts:
            continue
        row = words.setdefault(word, len(rows))
        if row == len(rows):
            logp.append(np.float32(RAREST))
            idf.append(np.float32(0))
            rows.append(vectors[0])
        rows[row] = vectors[parts].mean(0)
        idf[row] = known.idf[parts].mean()
    table = np.stack(rows).astype(np.float32)
    return replace(known, words=words, logp=np.array(logp, np.float32), idf=np.array(idf, np.float32)), table
