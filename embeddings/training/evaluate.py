"""An embedder to its figures on the development sets; nothing else of the system takes part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from embeddings.training.data import held_out, records

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from embeddings.encode import Embedder

POOL = ("cmrc2018_dev", "drcd_dev", "cail2019_dev", "counterterror_news_dev")


def evaluate(embedder: Embedder, data: Path) -> dict[str, dict[str, float]]:
    """Figures by set: recall@1 and recall@5 over the set's own paragraphs, or MRR; ``n`` questions.

    "pooled" searches the paragraphs of all four span sets at once. Questions without an answer are
    not asked. Sets that are not under ``data`` are left out.
    """
    figures = {}
    every: list[tuple[str, str]] = []
    for name in POOL:
        rows = [record for record in records(data, "span", name) if record["answers"]]
        asked = [(row["question"], row["context"]) for row in rows]
        every += asked
        if asked:
            figures[name] = _recall(embedder, asked)
    if every:
        figures["pooled"] = _recall(embedder, every)
    for name in ("spdb_finance_qp_train", "fintruthqa"):
        rows = [row for row in records(data, "pairs", name) if row["label"] is None or row["label"] >= 0.8]
        kept = [(row["a"], row["b"]) for row in rows if held_out(row["b"])]
        if kept:
            # The passages of the whole set are searched; only the held-out questions are asked.
            figures[f"{name}, held out"] = _recall(embedder, kept, [row["b"] for row in rows])
    sentences = [(row["a"], row["b"], bool(row["label"])) for row in records(data, "pairs", "nlpcc_dbqa_dev")]
    if sentences:
        figures["nlpcc_dbqa_dev"] = _sentence_ranking(embedder, sentences)
    return figures


def ranks(similarity: NDArray[np.float32], gold: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rank (from 1) of column ``gold[i]`` in row i; columns as near as the gold one go before it."""
    own = np.take_along_axis(similarity, gold[:, None], axis=1)
    return np.asarray((similarity >= own).sum(axis=1), np.int64)


def _recall(
    embedder: Embedder, asked: Sequence[tuple[str, str]], others: Sequence[str] = ()
) -> dict[str, float]:
    passages = list(dict.fromkeys([passage for _, passage in asked] + list(others)))
    where = {passage: at for at, passage in enumerate(passages)}
    columns = embedder.encode_passages(passages).T
    found: list[NDArray[np.int64]] = []
    for start in range(0, len(asked), 2048):
        part = asked[start : start + 2048]
        rows = embedder.encode_questions([question for question, _ in part])
        found.append(ranks(rows @ columns, np.asarray([where[passage] for _, passage in part])))
    rank = np.concatenate(found)
    return {
        "recall@1": float((rank <= 1).mean()),
        "recall@5": float((rank <= 5).mean()),
        "mrr": float((1 / rank).mean()),
        "n": len(rank),
    }


def _sentence_ranking(embedder: Embedder, rows: Sequence[tuple[str, str, bool]]) -> dict[str, float]:
    """Each question's own candidates in order of similarity: MRR of the first right one."""
    by_question: dict[str, list[tuple[str, bool]]] = {}
    for question, sentence, right in rows:
        by_question.setdefault(question, []).append((sentence, right))
    reciprocal = []
    for question, candidates in by_question.items():
        labels = np.asarray([right for _, right in candidates])
        if labels.any():
            vectors = embedder.encode_passages([sentence for sentence, _ in candidates])
            similarity = vectors @ embedder.encode_questions([question])[0]
            best = similarity[labels].max()
            reciprocal.append(1 / (1 + int((similarity[~labels] >= best).sum())))
    return {"mrr": float(np.mean(reciprocal)), "n": len(reciprocal)}
