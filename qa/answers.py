"""Candidates to answers: those that are given, each with how sure it is and all its sources."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from embeddings.words import fold, numbers
from qa.confidence import signals
from qa.gather import same, spread
from qa.phrase import asks_list
from qa.sources import answer_of, repeated, with_further

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embeddings.library import Snapshot
    from qa.candidates import Candidate
    from qa.confidence import Calibration
    from qa.config import Config
    from qa.question import Question
    from qa.reply import Answer, Hit


def answers(
    asked: Question,
    found: Sequence[Candidate],
    hits: Sequence[Hit],
    view: Snapshot,
    right: Calibration,
    config: Config,
    least: float = 0.0,
) -> list[Answer]:
    """The answers that the candidates give, best first, none where the first is less sure than the threshold; it is ``least``
    (0..1) sure at least.
    """
    given: list[Answer] = []
    confidence = 0.0
    for index, candidate in enumerate(found[: 4 * config.answers]):
        hit = hits[candidate.passage]
        # A further candidate is never surer than the one before it; spread() may put another article's first.
        sure = right.probability(signals(found, index, hits))
        confidence = min(confidence, sure) if index else max(sure, least)
        if index == 0 and confidence < config.threshold:
            break
        # What decides a yes-or-no question is a sentence.
        answer = answer_of(
            candidate, hit, view.article(hit.passage.article_id), confidence, config.phrase,
            whole="decision" in asked.kinds, listed=asks_list(asked),
        )  # fmt: skip
        answer = replace(answer, sources=(answer.source, *repeated(answer, hit, view)))
        twin = next((i for i, other in enumerate(given) if same(answer, other)), None)
        if twin is not None:
            given[twin] = replace(given[twin], sources=with_further(given[twin].sources, answer.sources))
        elif confidence >= max(config.threshold, RUNNER_UP * given[0].confidence if given else 0.0):
            given.append(answer)
    return spread(given, config.answers)


RUNNER_UP = 0.05
"""Share of the first answer's confidence under which nothing is given as a further one: beside a sure answer others
only distract, beside an unsure one they may be right. Of 785 golden questions ("dev" part, no follow-ups) 1.64 answers
are given so, and one is right for .827; with a tenth 1.50 and .819, with a fiftieth 1.78 and .829.
"""


def disagree(asked: Question, answers: Sequence[Answer]) -> bool:
    """Whether the first two answers are of different articles and give different dates or numbers for the
    same question, both with a confidence of :data:`BOTH_SURE`. Where the title of one names what the question
    does (京张铁路), the other's title or sentence has to speak of that too, or it answers for another thing.
    """
    if len(answers) < 2 or not asked.kinds & {"time", "number", "duration"}:
        return False
    first, second = answers[:2]
    if first.field or second.field or min(first.confidence, second.confidence) < BOTH_SURE:
        return False
    if first.source.article.id == second.source.article.id:
        return False
    ours, theirs = ({n.term for n in numbers(answer.text)} for answer in (first, second))
    return bool(ours and theirs) and not ours & theirs and _of_one_thing(asked, first, second)


def _of_one_thing(asked: Question, first: Answer, second: Answer) -> bool:
    """Whether title or sentence of each hold those of the question's words that stand in the other's title."""
    titles = [fold(answer.source.article.title) for answer in (first, second)]
    named = [word for word in asked.words if any(word in title for title in titles)]
    said = [f"{title}\n{fold(a.sentence)}" for title, a in zip(titles, (first, second), strict=True)]
    return all(word in text for word in named for text in said)


BOTH_SURE = 0.25
"""Confidence (0..1) that two answers must reach to count as a disagreement: of two that say as much, neither is surer."""
