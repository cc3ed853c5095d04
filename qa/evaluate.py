"""Figures for a file of questions: retrieval, reading, both together, and honest silence.

Each distinct paragraph of the file becomes an article of a library made for the occasion, so what
is measured is what a user gets.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from embeddings.article import Article, Span
from embeddings.chunk import sentences
from embeddings.library import Library
from embeddings.update import add
from qa.candidates import ReadablePassage, candidates
from qa.config import Config
from qa.engine import Engine, weights_of
from qa.evaluation import (
    calibration_error,
    declined_at,
    exact_match,
    f1,
    recall_at,
    reciprocal_rank,
    risk_coverage,
)
from qa.question import analyse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from embeddings.encode import Embedder
    from qa.evaluation import Example
    from qa.reader import Reader

    Progress = Callable[[str, int, int], None]
    """Called with (what is measured, done, total)."""

COVERAGE = 0.9
"""The share of answerable questions that must be answered where declining is measured."""


@dataclass(frozen=True)
class Setting:
    """What is measured: the models, and whether paragraphs keep their titles."""

    embedder: Embedder
    reader: Reader | None = None
    titles: bool = False


def library_of(contexts: Sequence[tuple[str, str]], folder: Path, embedder: Embedder) -> Library:
    """A library with an article for each (title, paragraph); its id is the paragraph's number."""
    articles = [
        Article(id=str(number), title=title, text=text, source=f"paragraph/{number}")
        for number, (title, text) in enumerate(contexts)
    ]
    add(folder, articles, embedder)
    return Library.open(folder, embedder)


def contexts_of(examples: Sequence[Example], titles: bool) -> dict[str, tuple[str, str]]:
    """Paragraph -> (title or "", paragraph), in order of first appearance."""
    return {example.context: (example.title if titles else "", example.context) for example in examples}


def evaluate(
    examples: Sequence[Example],
    setting: Setting,
    measures: Sequence[str],
    progress: Progress | None = None,
    everything: Sequence[Example] = (),
) -> dict[str, Any]:
    """The figures of each of ``measures``: "retrieval", "reading", "open", "no_answer"; all 0..1.

    ``n`` is the number of questions; unanswerable ones only lend their paragraphs. ``everything``
    holds the questions whose paragraphs make up the library, where ``examples`` are a part of them.
    """
    figures: dict[str, Any] = {"n": len(examples)}
    tell = progress or (lambda *_: None)
    answerable = [example for example in examples if example.answers]
    with TemporaryDirectory() as folder:
        contexts = contexts_of(everything or examples, setting.titles)
        numbers = {context: str(number) for number, context in enumerate(contexts)}
        library = library_of(list(contexts.values()), Path(folder) / "all", setting.embedder)
        engine = Engine(library, setting.reader, Config(threshold=0.0))
        if "retrieval" in measures:
            figures["retrieval"] = _retrieval(engine, answerable, numbers, tell)
        if "reading" in measures:
            figures["reading"] = _reading(engine, answerable, setting, tell)
        if "open" in measures:
            figures["open"] = _open(engine, answerable, numbers, tell)
    if "no_answer" in measures:
        figures["no_answer"] = _no_answer(answerable, everything or examples, setting, tell)
    return figures


def _retrieval(
    engine: Engine, examples: Sequence[Example], numbers: dict[str, str], tell: Progress
) -> dict[str, float]:
    """A paragraph's rank is that of its best passage among the paragraphs found."""
    ranks: list[int | None] = []
    for done, example in enumerate(examples, 1):
        hits = engine.retriever.search(example.question, 20)
        found = list(dict.fromkeys(hit.passage.article_id for hit in hits))
        # A paragraph that repeats another is as good as it: both hold the answer.
        twins = [{p.article_id for p in (hit.passage, *hit.duplicates)} for hit in hits]
        own = numbers[example.context]
        first = next(
            (hit.passage.article_id for hit, ids in zip(hits, twins, strict=True) if own in ids), None
        )
        ranks.append(found.index(first) + 1 if first is not None else None)
        tell("retrieval", done, len(examples))
    recalls = {f"recall@{k}": recall_at(ranks, k) for k in (1, 5, 20)}
    return {"n": len(ranks), **recalls, "mrr@10": reciprocal_rank(ranks)}


def _reading(
    engine: Engine, examples: Sequence[Example], setting: Setting, tell: Progress
) -> dict[str, float]:
    """With the gold paragraph given: CMRC's EM and F1 of the phrase, and whether the sentence holds an answer.

    ``overlap_sentence`` is the sentence with the largest IDF overlap instead, for comparison.
    """
    view = engine.library.snapshot()
    found = []
    for done, example in enumerate(examples, 1):
        asked = analyse(example.question)
        weights = weights_of(asked, view)
        heading = example.title if setting.titles else ""
        read = candidates(asked, [ReadablePassage(example.context, heading)], weights, setting.reader)
        texts = [text for text, _ in example.answers]
        words = max(read, key=lambda candidate: (candidate.evidence["words"], -candidate.sentence.start))
        phrase = read[0].phrase.of(example.context)
        found.append(
            (
                f1(phrase, texts),
                exact_match(phrase, texts),
                holds(example, read[0].sentence),
                holds(example, words.sentence),
            )
        )
        tell("reading", done, len(examples))
    names = ("f1", "em", "sentence", "overlap_sentence")
    return {"n": len(found)} | {name: _mean([row[i] for row in found]) for i, name in enumerate(names)}


def holds(example: Example, shown: Span) -> float:
    """1.0 if ``shown`` holds a gold answer whole, or a whole sentence of one that is longer; else 0.0."""
    golds = [Span(start, start + len(text)) for text, start in example.answers]
    if any(shown.contains(gold) for gold in golds):
        return 1.0
    whole = any(span.contains(gold) for span in sentences(example.context) for gold in golds)
    return float(not whole and any(shown.overlaps(gold) for gold in golds))


def _open(
    engine: Engine, examples: Sequence[Example], numbers: dict[str, str], tell: Progress
) -> dict[str, float]:
    """Retrieve, then read: EM and F1 of the first answer, and whether it stands in the gold paragraph."""
    rows = []
    for done, example in enumerate(examples, 1):
        answers = engine.ask(example.question).answers
        texts = [text for text, _ in example.answers]
        text = answers[0].text if answers else ""
        own = bool(answers) and any(s.article.id == numbers[example.context] for s in answers[0].sources)
        rows.append((f1(text, texts), exact_match(text, texts), float(own)))
        tell("open", done, len(examples))
    return {"n": len(rows)} | {
        name: _mean([row[i] for row in rows]) for i, name in enumerate(("f1", "em", "paragraph"))
    }


def _no_answer(
    examples: Sequence[Example], everything: Sequence[Example], setting: Setting, tell: Progress
) -> dict[str, Any]:
    """Every question asked twice: of a library with its paragraph, and of one that lacks it.

    The paragraphs are dealt to two libraries by turns. An answer is right when its sentence holds
    an answer of the gold paragraph, or its words equal one.
    """
    contexts = list(contexts_of(everything, setting.titles).values())
    with_it: list[float] = []
    right: list[float] = []
    without: list[float] = []
    answerable: list[float] = []
    unanswerable: list[float] = []
    done = 0
    for half in (0, 1):
        held = contexts[half::2]
        numbers = {text: str(number) for number, (_, text) in enumerate(held)}
        with TemporaryDirectory() as folder:
            engine = Engine(
                library_of(held, Path(folder) / "half", setting.embedder),
                setting.reader,
                Config(threshold=0.0),
            )
            for example in examples:
                reply = engine.ask(example.question)
                answers = reply.answers
                confidence = answers[0].confidence if answers else 0.0
                probable = reply.answerable if answers else 0.0
                if example.context in numbers:
                    with_it.append(confidence)
                    answerable.append(probable)
                    right.append(
                        float(bool(answers) and answers_right(example, answers[0], numbers[example.context]))
                    )
                else:
                    without.append(confidence)
                    unanswerable.append(probable)
                done += 1
                tell("no_answer", done, 2 * len(examples))
    confidences = [*with_it, *without]
    truths = [*right, *[0.0] * len(without)]
    curve = risk_coverage(confidences, truths)
    return {
        "n": len(with_it),
        "declined_at_90": declined_at(COVERAGE, answerable, unanswerable),
        "ece": calibration_error(confidences, truths),
        "risk_coverage": [curve[max(0, len(curve) * part // 20 - 1)] for part in range(1, 21)]
        if curve
        else [],
    }


def answers_right(example: Example, answer: Any, number: str) -> bool:
    """Whether the answer's sentence holds a gold answer in its paragraph, or its words equal one."""
    own = [source for source in answer.sources if source.article.id == number]
    texts = [text for text, _ in example.answers]
    return any(holds(example, source.sentence) for source in own) or exact_match(answer.text, texts) == 1.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
