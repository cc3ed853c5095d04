"""Conversations made of questions that people asked of the same article: the second one said as a follow-up is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from embeddings.segment import segments
from embeddings.words import fold
from qa.candidates import units
from qa.reread import pieces
from qa.training.rivals import Group, Rival, inside

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

    from embeddings.article import Span
    from qa.evaluation import Example

    Range = tuple[int, int]

NEAR = 400
"""Characters between the answers of two questions that follow each other, mostly."""

ASKED_NEAR, AS_IT_IS, ONLY_WHAT, POINTED = 0.85, 0.22, 0.12, 0.5
"""How often the question before is a near one; how often what follows stays as it is, at least; names only what it is
about ("那颜色呢？"); points at what was spoken of ("它") instead of leaving it out.
"""

LONGEST_TOLD = 24
"""Characters of the answer before that are told."""

_POINTERS = ("它", "这个", "那个", "他", "那里", "里面", "这", "其中")
_ASKING = re.compile(
    "什么|多少|哪|怎么|为什么|谁|几|何时|时候|多久|多大|多长|如何|是否|可以|需要|怎样|一共|现在|有没|没有|是不是|干嘛|啥"
)
_LATIN = re.compile(r"[a-z0-9][a-z0-9.+-]*")


def spoken_of(question: str, answer: str) -> str:
    """What stands above a stretch where a follow-up is read: the question before, and its answer."""
    return f"{question} {answer[:LONGEST_TOLD]}"


def talks(examples: Sequence[Example], chance: random.Random) -> Iterator[Group]:
    """A group for each question of an article that was asked several, in no order: its rivals are stretches of that
    article, first those that answer, then the nearest to the answer before.
    """
    by_article: dict[tuple[str, str], list[Example]] = {}
    for example in examples:
        if example.answers:
            by_article.setdefault((example.title, example.context), []).append(example)
    pairs = []
    for own in by_article.values():
        for example in own:
            others = [other for other in own if other.answers[0] != example.answers[0]]
            near = [o for o in others if abs(o.answers[0][1] - example.answers[0][1]) < NEAR]
            if others:
                pairs.append(
                    (chance.choice(near if near and chance.random() < ASKED_NEAR else others), example)
                )
    chance.shuffle(pairs)
    cut = {text: pieces(units(text)) for _, text in by_article}
    for before, example in pairs:
        rivals = tuple(_rivals(before, example, cut[example.context], chance))
        if any(rival.answers for rival in rivals):
            yield Group(followed(example, before, chance), rivals)


def _rivals(before: Example, example: Example, cut: Sequence[Span], chance: random.Random) -> list[Rival]:
    answer, last = before.answers[0]
    heading = spoken_of(before.question, answer)
    answers = [(start, start + len(text)) for text, start in example.answers]
    found = []
    for span in cut:
        text = span.of(example.context)
        held = inside(answers, span)
        if held or not any(said in text for said, _ in example.answers):
            far = -1.0 if held else abs(span.start - last) + chance.random() * NEAR
            found.append((far, Rival(heading, text, held)))
    return [rival for _, rival in sorted(found, key=lambda pair: pair[0])]


def followed(example: Example, before: Example, chance: random.Random) -> str:
    """The question as one asks it after ``before``: without what was said there or in the title, mostly."""
    asked, said = fold(example.question), fold(f"{example.title}\n{before.question}")
    luck = chance.random()
    known = _shared(asked, said)
    new = [span for span in _words(asked) if asked[slice(*span)] not in said]
    if luck < ONLY_WHAT and new:
        return ("那" if chance.random() < 0.3 else "") + asked[slice(*chance.choice(new[:2]))] + "呢？"
    if not known and luck < ONLY_WHAT + POINTED:
        known = new[: chance.randint(1, 2)]
    if luck < AS_IT_IS or not known:
        return asked
    kept: list[str] = []
    at = 0
    for number, (start, end) in enumerate(known):
        kept.append(asked[at:start])
        points = number == 0 and luck < POINTED
        kept.append(chance.choice(_POINTERS) if points else "")
        at = end + (asked[end : end + 1] == "的" and not points)
    left = re.sub("^[在是对于和与及]+", "", "".join([*kept, asked[at:]]).strip("，,、的 "))
    return left if len(left.strip("？?")) > 1 else asked


def _shared(asked: str, said: str) -> list[Range]:
    """The longest runs of two characters or more that both hold, question words and torn Latin words apart."""
    found: list[Range] = []
    start = 0
    while start < len(asked) - 1:
        end = start + 1
        while end < len(asked) and asked[start : end + 1] in said:
            end += 1
        run = asked[start:end]
        torn = _tears(asked, start) or _tears(asked, end)
        if len(run) > 1 and not torn and not _ASKING.search(run) and any(char.isalnum() for char in run):
            found.append((start, end))
            start = end
        else:
            start += 1
    return found


def _tears(text: str, at: int) -> bool:
    """Whether a Latin word goes on over ``at``."""
    beside = text[at - 1 : at + 1] if 0 < at < len(text) else ""
    return beside.isascii() and beside.isalnum()


def _words(asked: str) -> list[Range]:
    """The words of two characters or more that do not ask."""
    spans = sorted([*segments(asked), *(match.span() for match in _LATIN.finditer(asked))])
    return [(a, b) for a, b in spans if b - a > 1 and not _ASKING.search(asked[a:b])]
