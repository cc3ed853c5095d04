"""Measures of retrieval, reading and honest silence, and the files that questions come in."""

from __future__ import annotations

import json
import lzma
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embeddings.errors import LoadError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Example:
    """A question of its paragraph; ``answers`` are (text, start in characters), () = unanswerable."""

    id: str
    title: str
    context: str
    question: str
    answers: tuple[tuple[str, int], ...]


def read_examples(path: str | Path) -> list[Example]:
    """The questions of a SQuAD 1.1/2.0, CMRC 2018 or DRCD JSON file, or of JSON Lines with
    ``{"id","title","context","question","answers":[{"text","start"}]}``; ``.xz`` is unpacked.

    LoadError names the file and what is wrong with it.
    """
    source = Path(path)
    try:
        content = source.read_bytes()
        text = (lzma.decompress(content) if source.suffix == ".xz" else content).decode("utf-8-sig")
        lines = text.split("\n")
        if source.name.removesuffix(".xz").endswith(".jsonl"):
            return [_from_line(json.loads(line)) for line in lines if line.strip()]
        return list(_from_squad(json.loads(text)))
    except (OSError, EOFError, UnicodeDecodeError, lzma.LZMAError) as error:
        raise LoadError(str(source), f"cannot be read: {error}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LoadError(
            str(source),
            f"is not a file of questions: {error!r}",
            "expected SQuAD, CMRC 2018 or DRCD JSON, or JSON Lines of id, title, context, question, answers",
        ) from error


def _from_line(row: dict[str, Any]) -> Example:
    answers = tuple((answer["text"], int(answer["start"])) for answer in row["answers"])
    return Example(str(row["id"]), row.get("title") or "", row["context"], row["question"], answers)


def _from_squad(data: dict[str, Any]) -> Iterator[Example]:
    for article in data["data"]:
        for paragraph in article["paragraphs"]:
            for question in paragraph["qas"]:
                answers = dict.fromkeys(
                    (answer["text"], int(answer["answer_start"])) for answer in question.get("answers", [])
                )
                yield Example(
                    str(question["id"]),
                    article.get("title") or "",
                    paragraph["context"],
                    question["question"],
                    () if question.get("is_impossible") else tuple(answers),
                )


def exact_match(prediction: str, answers: Sequence[str]) -> float:
    """1.0 if the prediction equals an answer, punctuation and case apart (CMRC 2018), else 0.0."""
    bare = "".join(_segments(prediction))
    return float(any(bare == "".join(_segments(answer)) for answer in answers))


def f1(prediction: str, answers: Sequence[str]) -> float:
    """The best F1, 0..1, over the answers, as CMRC 2018 defines it (Cui et al. 2019).

    Over Chinese characters and Latin words; what counts as common is the longest common stretch.
    """
    return max((_pair_f1(_segments(prediction), _segments(answer)) for answer in answers), default=0.0)


def _pair_f1(predicted: list[str], answer: list[str]) -> float:
    common = _longest_common(predicted, answer)
    if not common:
        return 0.0
    precision, recall = common / len(predicted), common / len(answer)
    return 2 * precision * recall / (precision + recall)


def _longest_common(a: list[str], b: list[str]) -> int:
    best, above = 0, [0] * (len(b) + 1)
    for x in a:
        row = [0]
        for j, y in enumerate(b):
            row.append(above[j] + 1 if x == y else 0)
        best = max(best, *row)
        above = row
    return best


def _segments(text: str) -> list[str]:
    """Chinese characters one by one, other runs of letters and digits as words, no punctuation."""
    return _SEGMENT.findall("".join(" " if _is_mark(char) else char for char in text.lower()))


def _is_mark(char: str) -> bool:
    return unicodedata.category(char)[0] in "PSZC"


_SEGMENT = re.compile(r"[⺀-鿿豈-﫿𠀀-𯿿]|[^\s⺀-鿿豈-﫿𠀀-𯿿]+")


def recall_at(ranks: Sequence[int | None], k: int) -> float:
    """The share of questions whose rank (from 1; None: not found) is at most ``k``."""
    return sum(rank is not None and rank <= k for rank in ranks) / len(ranks) if ranks else 0.0


def reciprocal_rank(ranks: Sequence[int | None], k: int = 10) -> float:
    """MRR@k, 0..1: the mean of 1/rank, with 0 for ranks over ``k`` and for what was not found."""
    return sum(1 / rank for rank in ranks if rank is not None and rank <= k) / len(ranks) if ranks else 0.0


def declined_at(coverage: float, answerable: Sequence[float], unanswerable: Sequence[float]) -> float:
    """The share of unanswerable questions below the confidence that ``coverage`` of the answerable reach."""
    if not answerable or not unanswerable:
        return 0.0
    falling = sorted(answerable, reverse=True)
    cut = falling[max(0, min(len(falling), round(coverage * len(falling))) - 1)]
    return sum(confidence < cut for confidence in unanswerable) / len(unanswerable)


def calibration_error(confidences: Sequence[float], right: Sequence[float], bins: int = 10) -> float:
    """Expected calibration error, 0..1, over bins of equal width (Guo et al. 2017)."""
    held: dict[int, list[tuple[float, float]]] = {}
    for confidence, truth in zip(confidences, right, strict=True):
        held.setdefault(min(bins - 1, int(confidence * bins)), []).append((confidence, truth))
    total = len(confidences) or 1
    return sum(abs(sum(c - t for c, t in bin_)) for bin_ in held.values()) / total


def risk_coverage(confidences: Sequence[float], right: Sequence[float]) -> list[tuple[float, float]]:
    """(coverage, risk) after each further answer, the surest first; both 0..1."""
    order = sorted(range(len(confidences)), key=lambda i: (-confidences[i], i))
    curve, wrong = [], 0.0
    for count, i in enumerate(order, 1):
        wrong += 1 - right[i]
        curve.append((count / len(order), wrong / count))
    return curve
