"""What is found for the questions that ranker and confidence learn from, and which those are."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa.candidates import candidates
from qa.engine import weights_of
from qa.evaluate import holds
from qa.evaluation import read_examples
from qa.question import analyse
from qa.readable import readable
from qa.retriever import Retriever
from qa.training.corpus import SHARED
from qa.training.natural import ARTICLE, natural
from qa.training.split import part

if TYPE_CHECKING:
    from pathlib import Path

    from embeddings.library import Library, Snapshot
    from qa.candidates import Candidate
    from qa.evaluation import Example
    from qa.ranker import Ranker
    from qa.reader import Reader
    from qa.reply import Hit

NATURAL = "natural"
SETS = {
    "cmrc2018_dev": 800, "drcd_dev": 800, "cail2019_dev": 700, "counterterror_news_dev": 500, NATURAL: 7000,
}  # fmt: skip
"""Sets of questions, and how many of their "fit" part are taken at most."""

KEPT_SHARE = 0.35
"""The share of paragraphs kept from the ranker."""

JUDGED, JUDGED_NATURAL, NEAR = 260, 3400, 3000
"""Questions that order and confidence learn from, at most: of a set, in people's own words, and of these without an
answer in their article."""

SEED = 7


@dataclass(frozen=True)
class Asked:
    """A question with what was found for it, and the paragraph it came from ("" if the library lacks it)."""

    example: Example
    own: str
    hits: list[Hit]
    found: list[Candidate]

    def right(self, candidate: Candidate) -> bool:
        """Whether the candidate's sentence holds the answer."""
        hit = self.hits[candidate.passage]
        ids = {hit.passage.article_id, *(twin.article_id for twin in hit.duplicates)}
        return self.own in ids and bool(
            holds(self.example, candidate.sentence.shifted(hit.passage.span.start))
        )


def ask(
    example: Example,
    own: str,
    library: Library,
    view: Snapshot,
    reader: Reader | None,
    ranker: Ranker,
    k: int,
) -> Asked:
    """What is found for the question in the library."""
    question = analyse(example.question)
    hits = Retriever(library).search(question, k, view)
    weights = weights_of(question, view)
    return Asked(example, own, hits, candidates(question, readable(hits, view), weights, reader, ranker))


def parts_of(name: str) -> list[str]:
    """The parts of a set that are fitted on: also what a reader may learn from, where none did."""
    return ["fit"] if name in (*SHARED, NATURAL) else ["fit", "learn"]


def chosen(data: Path, name: str, most: int) -> tuple[list[Example], list[Example], list[Example]]:
    """The questions of a set for the ranker; those for order and confidence, which the ranker never saw; and all
    that the set's library is made of.
    """
    own = parts_of(name)
    if name == NATURAL:
        everything = natural(data, own, ARTICLE)
    else:
        everything = [
            example
            for example in read_examples(data / "span" / f"{name}.jsonl.xz")
            if part(example.title, example.context) in own
        ]
    chance = random.Random(SEED)
    contexts = sorted({example.context for example in everything})
    kept = set(chance.sample(contexts, round(KEPT_SHARE * len(contexts))))
    asked = [example for example in everything if example.answers]
    taken = chance.sample(asked, min(most, len(asked)))
    learnt = [example for example in taken if example.context not in kept]
    known = {(example.context, example.question) for example in taken}
    unseen = [example for example in asked if (example.context, example.question) not in known]
    unseen = unseen or [example for example in taken if example.context in kept]
    chance.shuffle(unseen)
    judged = unseen[: JUDGED_NATURAL if name == NATURAL else JUDGED]
    if name == NATURAL:
        # What its own article does not answer teaches no order, but when to say so; paragraphs leave that to
        # the library that lacks them.
        near = [example for example in everything if not example.answers]
        judged += chance.sample(near, min(NEAR, len(near)))
    for held in (learnt, judged):
        held.sort(key=lambda example: example.context)  # what was worked out of a text last is kept
    return learnt, judged, everything
