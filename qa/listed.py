"""The list or the steps that a question asks for, whole, or the answer to a question that the text asks itself: which of those found
it is, and how probable that is.

Readers that learnt from sentences say little of them. What tells is what stands above one, against the question, and how
strong its lines are together.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from embeddings.article import Span
from embeddings.errors import ModelError
from embeddings.words import fold, words
from qa.alike import bundled_alike
from qa.candidates import bundled_embedder
from qa.confidence import logistic
from qa.layered import Layered
from qa.lists import lists_in
from qa.phrase import asks_list
from qa.together import over

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qa.candidates import Candidate, ReadablePassage
    from qa.lists import Listing
    from qa.question import Question

LISTED: tuple[str, ...] = (
    "lists", "steps", "several", "what", "typed", "reason", "decision", "length", "latin",
    "near", "above", "said", "above_over", "headed", "colon", "steps_above", "kinds_above", "forbids",
    "asks", "heard", "resembles", "marked", "numbered", "nested", "table", "count", "items",
    "best", "together", "mean", "spread", "announcement", "rank",
)  # fmt: skip
"""What a list is judged by, by name: the kind of question; how near its words are to the line or heading right above the
list, and to all that stands above (:mod:`qa.alike`), their share by rarity that is said there, by how much that is nearer than above any other
list; the kind of words above; whether they ask, how near each of their words is to the question, and the cosine of both; the kind of list; whether it has as many items as were asked for; how strong (logits) its strongest
line is over any sentence elsewhere, all of its lines together, their mean under the strongest sentence, the strongest over the next, and
what announces them; the place of its passage.
"""

LEAST, LEAST_ANSWER = 0.35, 0.5
"""Probability (0..1) from which a list, or the answer to a question of the text, is taken for what was asked for (see
``training/RESULTS.md``).
"""

FAR = 8.0
"""Logits that no difference of strengths exceeds."""

_HOW = re.compile(
    r"(?:怎么|怎样|如何|咋)(?!样|会|就(?![医业诊读])|回事)|做法|步骤|流程|教程|步步|\bhow (?:do|to|can|should)\b|\bsteps?\b"
)
_SEVERAL = re.compile(
    r"[有要定放带装买查做写改加](?:了|着|过)?些?(?:什么|啥)|些(?:什么|啥)|都(?:有|是|要|得|放|带)|清单|名单"
    r"|\b(?:what|which)(?:'s| are| were| is)?(?: (?:the|all|other|kinds of))*(?: [a-z-]+){0,2}? (?!(?:was|is|has|does|this|his|its|as|us|yes)\b)[a-z]{2,}(?<![su'])s\b|\ball (?:of )?(?:the|our|my)\b"
    r"|\b(?:list|rules|ingredients|things|items|to-?dos?)\b|\bwhat (?:do|should|must|can) (?:i|we|you|they)\b|\bwhat(?:'s| is| was| went) (?:in|into|still)\b"
)
_STEPS = re.compile(
    r"做法|步骤|操作|流程|方法|办法|过程|教程|顺序|工序|怎么|如何|这样|次序|how (?:to|do|i|we|it)\b|\bsteps?\b|\bmethod\b|directions|instructions|procedure|\bthen\b"
)
_KINDS = re.compile(
    r"清单|料|食材|工具|规矩|规则|规定|注意|要点|准备|检查|事项|名单|ingredient|\bneeds?\b|checklist|tools|materials|rules|things|parts|bring|pack"
)
_TO_DO = re.compile(r"怎么|怎样|如何|咋|\bhow (?:do|to|can|should)\b")
_METHOD = re.compile(
    r"(?:具体|制作|操作)?(?:做法|步骤|方法|过程|流程)|操作|制作|(?:the )?(?:method|steps?|directions|instructions)"
)
_MAKES = re.compile(r"[做弄办烧煮]|制作|准备|做法|步骤|流程|方法|make|cook|bake|prepare")
_WHAT = re.compile(r"什么|啥|\bwhat\b|\bwhich\b")
_FORBIDS = re.compile(r"不(?![锈错同少仅但知粘])|[勿禁]|拒绝|\bnot\b|n't\b|\bnever\b|\bforbid|\bprohibit")
_RULES = re.compile(
    r"可以|允许|准许|应当|必须|不[得准能许]|[勿禁]|\ballowed\b|\bmay\b|\bmust\b|\bforbid|\bprohibit"
)
_COUNT = re.compile(
    r"(?<![一二三四五六七八九十百\d])(?P<n>[两二三四五六七八九十](?![十百])|\d{1,2}|\b(?:two|three|four|five|six|seven|eight|nine|ten))\s?(?:个|种|条|件|样|步|本|项|点|款|位|家|[a-z]+s\b)"
)
_NUMBERS = dict(zip("两二三四五六七八九十", (2, *range(2, 11)), strict=True)) | dict(
    zip("two three four five six seven eight nine ten".split(), range(2, 11), strict=True)
)
_MARK = re.compile(r"[-*+•·●\d（(①-⑳]")
_NUMBERED = re.compile(r"[\d（(①-⑳]")
_TYPED = frozenset("time number duration person place".split())
_NEVER = frozenset("reason decision".split())


def listed_first(
    question: Question,
    passages: Sequence[ReadablePassage],
    found: Sequence[Candidate],
    weights: Mapping[str, float],
) -> list[Candidate]:
    """The candidates, before them the list that was asked for, or what answers the question where the text asks it; unchanged where
    none is probable enough. ``weights`` are the inverse document frequencies of the question's words.
    """
    held = lists_of(question, passages) if found else []
    if not held:
        return list(found)
    logits = bundled_listed().logits(rows(question, passages, held, found, weights)).tolist()
    judged = [(logistic(logit), place, listing) for logit, (place, listing) in zip(logits, held, strict=True)]
    probable = [one for one in judged if one[0] >= (LEAST_ANSWER if one[2].asks else LEAST)]
    if not probable:
        return list(found)
    probability, place, listing = max(probable, key=lambda one: one[0])
    items = listing.items
    whole = Span(listing.lead.start if listing.lead and not listing.asks else items.start, items.end)
    likest = next((one for one in found if one.passage == place and whole.overlaps(one.sentence)), None)
    if likest is None:
        return list(found)
    likest = replace(likest, strength=max(likest.strength, found[0].strength), listed=probability)
    if not listing.asks:
        likest = replace(likest, passage=place, sentence=whole, phrase=items, sure=1.0)
    return [likest, *found]


def _may_ask(question: Question) -> bool:
    """Whether a list or steps may be asked for."""
    asks = asks_list(question) or bool(_HOW.search(question.folded) or _SEVERAL.search(question.folded))
    return asks or not question.kinds & (_TYPED | _NEVER)


def lists_of(question: Question, passages: Sequence[ReadablePassage]) -> list[tuple[int, Listing]]:
    """What the question may ask for: answers to questions, and unless it asks for one thing the lists, of the passages, each with the
    place of its passage.
    """
    may = _may_ask(question)
    return [
        (place, listing)
        for place, passage in enumerate(passages)
        for listing in lists_in(passage.text, passage.headings)
        if listing.asks
        or (
            may
            and not _contradicts(question, _right_above(passage.text, listing))
            and not _of_another_act(question, passage, listing)
        )
    ]


def _contradicts(question: Question, above: str) -> bool:
    """Whether one speaks of what is allowed, and the other of what is not."""
    folded = fold(above)
    forbidden = bool(_FORBIDS.search(question.folded)), bool(_FORBIDS.search(folded))
    return forbidden[0] != forbidden[1] and bool(_RULES.search(folded)) and not _HOW.search(question.folded)


def rows(
    question: Question,
    passages: Sequence[ReadablePassage],
    held: Sequence[tuple[int, Listing]],
    found: Sequence[Candidate],
    weights: Mapping[str, float],
) -> list[list[float]]:
    """:data:`LISTED` of each of the lists of :func:`lists_of`; ``weights`` are the inverse document frequencies of the question's words."""
    asked = _of_question(question)
    terms = _distinct(question)
    total = sum(weights.get(term, 1.0) for term in terms) or 1.0
    counted = _COUNT.search(question.folded)
    count = (_NUMBERS.get(counted["n"]) or int(counted["n"])) if counted else 0
    found_rows = []
    leads = [_right_above(passages[place].text, listing) for place, listing in held]
    model = bundled_embedder()
    cosines = (
        model.encode_passages([lead or " " for lead in leads]) @ model.encode_questions([question.text])[0]
    ).tolist()
    for (place, listing), nearest, cosine in zip(held, leads, cosines, strict=True):
        text = passages[place].text
        lead, heading = listing.lead.of(text), listing.headings[-1] if listing.headings else ""
        right_above = f"{heading}\n{lead}"
        above = "\n".join([passages[place].title, *listing.headings, lead])
        said = {word.term for word in words(above)}
        folded = fold(right_above)
        size = len(listing.firsts)
        found_rows.append(
            asked
            | {
                "near": _nearness(question.text, right_above),
                "above": _nearness(question.text, above),
                "said": sum(weights.get(term, 1.0) for term in terms if term in said) / total,
                "headed": float(bool(heading) and not lead),
                "colon": float(lead.rstrip().endswith((":", "："))),
                "steps_above": float(bool(_STEPS.search(folded))),
                "kinds_above": float(bool(_KINDS.search(folded))),
                "forbids": float(bool(_FORBIDS.search(question.folded)) != bool(_FORBIDS.search(folded))),
                "asks": float(listing.asks),
                "heard": _nearness(nearest, question.folded),
                "resembles": cosine,
                "marked": float(bool(_MARK.match(listing.firsts[0]))),
                "numbered": sum(bool(_NUMBERED.match(first)) for first in listing.firsts) / size,
                "nested": float(text[listing.items.start].isspace()),
                "table": float(" | " in listing.firsts[0]),
                "count": 0.0 if not count else 1.0 if count == size else -1.0,
                "items": min(size, 10) / 10,
                "rank": place / 8,
            }
            | _strengths(found, place, listing, len(right_above))
        )
    for row, lead_over in zip(found_rows, over([row["above"] for row in found_rows]), strict=True):
        row["above_over"] = lead_over
    return [[row[name] for name in LISTED] for row in found_rows]


def _right_above(text: str, listing: Listing) -> str:
    """The line above, or else the heading."""
    return listing.lead.of(text) or (listing.headings[-1] if listing.headings else "")


def _of_another_act(question: Question, passage: ReadablePassage, listing: Listing) -> bool:
    """Whether the list is headed by no more than "method", and what the question wants done (怎么保存) is said nowhere in it or above."""
    how = _TO_DO.search(question.folded)
    if not how or not _METHOD.fullmatch(fold(_right_above(passage.text, listing)).strip(" :")):
        return False
    after = (word.term for word in words(question.folded[how.end() :]))
    act = next((term for term in after if not _MAKES.fullmatch(term)), "")
    said = fold("\n".join([passage.title, *listing.headings, listing.items.of(passage.text)]))
    return bool(act) and act not in said


def _of_question(question: Question) -> dict[str, float]:
    folded, kinds = question.folded, question.kinds
    return {
        "lists": float(asks_list(question)),
        "steps": float(bool(_HOW.search(folded))),
        "several": float(bool(_SEVERAL.search(folded))),
        "what": float(bool(_WHAT.search(folded))),
        "typed": float(bool(kinds & _TYPED)),
        "reason": float("reason" in kinds),
        "decision": float("decision" in kinds),
        "length": min(len(folded), 60) / 30,
        "latin": float(folded.isascii()),
    }


def _distinct(question: Question) -> list[str]:
    """The question's words without those inside longer ones."""
    han = [term for term in question.words if not term.isascii()]
    return [term for term in question.words if not any(term != other and term in other for other in han)]


def _nearness(asked: str, text: str) -> float:
    """How near ``text`` comes to each word of what is ``asked``, by rarity, 0..1."""
    return bundled_alike().of(asked, text, "", [Span(0, len(text))])[0][0] if text.strip() else 0.0


def _strengths(found: Sequence[Candidate], place: int, listing: Listing, above: int) -> dict[str, float]:
    """What the candidates ``found`` say: those in the list, among the ``above`` characters before it, and elsewhere."""
    top = found[0].strength
    inside: list[float] = []
    before: list[float] = []
    elsewhere: list[float] = []
    for candidate in found:
        at = candidate.sentence.start
        if candidate.passage != place or not listing.items.start - above - 4 <= at < listing.items.end:
            elsewhere.append(candidate.strength)
        else:
            (inside if at >= listing.items.start else before).append(candidate.strength)
    inside = sorted(inside, reverse=True) or [top - FAR]
    other = max(elsewhere, default=top - FAR)
    return {
        "best": _kept(inside[0] - other),
        "together": _kept(float(np.logaddexp.reduce(inside)) - other),
        "mean": _kept(float(np.mean(inside)) - top),
        "spread": _kept(inside[0] - inside[1]) if len(inside) > 1 else 0.0,
        "announcement": _kept(max(before, default=top - FAR) - top),
    }


def _kept(value: float) -> float:
    return max(-FAR, min(FAR, value))


@lru_cache(maxsize=1)
def bundled_listed() -> Layered:
    """The network that lies in the package."""
    name, mend = "bundled judge of lists", "run python -m qa.training.lists, or install the package again"
    file = resources.files("qa") / "models" / "lists.json"
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
        if held["listed"] != list(LISTED):
            raise ModelError(name, "was trained on other evidence", mend)
        return Layered(held["weights"], len(LISTED), name, mend)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(name, f"cannot be read: {error!r}", mend) from error
