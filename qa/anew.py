"""What a reply says that is new to who asked: not what was shown before, nor the mere name that was asked about."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from embeddings.words import fold
from qa.gather import bare, same
from qa.topic import ASKS

if TYPE_CHECKING:
    from qa.reply import Answer, Reply
    from qa.topic import Exchange

_FURTHER = re.compile(
    r"还有(?:谁|什么|啥|哪|别的|其[他它])|(?:别的|其[他它]的|其余的|另外的)呢|\b(?:what|who|where|anything|anyone) else\b"
)
_ABOUT = re.compile(r"(?:那么?|还有|而)?[,，]?(?P<named>[^?？]{1,12})呢[?？]?")
_LITTLE = re.compile(r"\D{0,3}")


def anew(reply: Reply, before: Exchange) -> Reply:
    """``reply`` with new answers first: to "who else?" without those of ``before``; to "and X?" those
    that say more of X than its name, or the sentence of the one that does not. As it is where nothing new is left.
    """
    folded = fold(reply.question.strip())
    if not reply.answers or any(answer.field for answer in reply.answers):
        return reply
    if _FURTHER.search(folded):
        given = (before.answer, *before.further)
        left = _without(reply, given) or _without(reply, (before.answer,))
        return replace(reply, answers=left or reply.answers)
    about = _ABOUT.fullmatch(folded)
    if not about or ASKS.search(about["named"]):
        return reply
    name = bare(about["named"])
    if not name or not _only(reply.answers[0], name):
        return reply
    saying = tuple(a for a in reply.answers if name in bare(a.sentence) and not _only(a, name))
    whole = _whole(reply.answers[0])
    return replace(reply, answers=saying or (whole, *(a for a in reply.answers[1:] if not same(whole, a))))


def _without(reply: Reply, given: tuple[str, ...]) -> tuple[Answer, ...]:
    said = {bare(text) for text in given if text}
    return tuple(answer for answer in reply.answers if bare(answer.text) not in said)


def _only(answer: Answer, name: str) -> bool:
    """Whether an answer is the name and a few characters (在贵州贵阳 to 贵阳呢), in a sentence that says more."""
    text = bare(answer.text)
    at = text.find(name)
    if at < 0 or len(bare(answer.sentence)) < MORE * len(text):
        return False
    return bool(_LITTLE.fullmatch(text[:at] + text[at + len(name) :]))


MORE = 2
"""Times as long as the answer that its sentence must be to say more."""


def _whole(answer: Answer) -> Answer:
    source = answer.source
    return replace(
        answer, text=answer.sentence, sources=(replace(source, span=source.sentence), *answer.sources[1:])
    )
