"""Conversations over articles, written for this project: what follow-ups are learnt from, and measured with.

``asked/talks.jsonl`` has a line for each: set, id and part of the article, and the turns: what was said, from the second
on also the same written out so that it stands alone, and the range of the article that answers, none where it does not.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from embeddings.article import Span
from qa.candidates import units
from qa.joint import spoken_of
from qa.reread import pieces
from qa.training.natural import HERE, articles_of, lines_of
from qa.training.rivals import Group, Rival, inside
from qa.training.split import PARTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Turn:
    """What was said; the same so that it stands alone; where in the article the answer is, None where it is not."""

    question: str
    written: str
    answer: Span | None


@dataclass(frozen=True)
class Talk:
    """A conversation over one article, named by set and id; the first turn stands alone."""

    article: str
    title: str
    text: str
    turns: tuple[Turn, ...]


def talks(data: Path, parts: Sequence[str] = PARTS) -> list[Talk]:
    """The conversations of ``parts``, in file order."""
    lines = [line for line in map(json.loads, lines_of(HERE / "talks.jsonl")) if line["part"] in parts]
    own = {("en", line["id"]): line for line in map(json.loads, lines_of(HERE / "en.jsonl"))}
    articles = own | articles_of(data, {(line["set"], line["id"]) for line in lines if line["set"] != "en"})
    found = []
    for line in lines:
        article = articles[line["set"], line["id"]]
        turns = tuple(map(_turn, line["turns"]))
        found.append(Talk(f"{line['set']}/{line['id']}", article["title"] or "", article["text"], turns))
    return found


def _turn(held: Sequence[str | int]) -> Turn:
    said = [each for each in held if isinstance(each, str)]
    range_ = [each for each in held if isinstance(each, int)]
    return Turn(said[0], said[-1], Span(*range_) if range_ else None)


def followed(found: Sequence[Talk]) -> Iterator[Group]:
    """A group for each follow-up: its rivals are stretches of the article, first those that answer, then the nearest
    to the answer before; where the article does not answer, "nothing here" is right of them all.
    """
    for talk in found:
        cut = pieces(units(talk.text), talk.text)
        for before, turn in pairwise(talk.turns):
            rivals = tuple(_rivals(talk, cut, before, turn))
            if rivals and (not turn.answer or any(rival.answers for rival in rivals)):
                yield Group(turn.question, rivals)


def _rivals(talk: Talk, cut: Sequence[Span], before: Turn, turn: Turn) -> Iterator[Rival]:
    last, answer = before.answer, turn.answer
    heading = spoken_of(before.written, last.of(talk.text) if last else "")
    held = {span: inside([(answer.start, answer.end)] if answer else [], span) for span in cut}
    for span in sorted(
        cut, key=lambda span: (not held[span], abs(span.start - last.start) if last else span.start)
    ):
        text = span.of(talk.text)
        if held[span] or not answer or answer.of(talk.text) not in text:
            yield Rival(heading, text, held[span])
