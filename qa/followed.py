"""Of the replies to a follow-up's readings, the one that counts.

A follow-up is nearly always answered by the article just spoken of: what that says counts, unless the library
says something else much more surely, as it does where the subject has changed.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from qa.gather import bare, same

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.reply import Reply
    from qa.topic import Exchange


def reads_on(reply: Reply) -> bool:
    """Whether the article just spoken of may answer as well: nothing else was asked of, and no front matter."""
    return not reply.remark and not reply.where and not any(answer.field for answer in reply.answers)


def best_of(replies: Sequence[Reply], before: Exchange | None) -> Reply:
    """The best of the replies to the readings of one question, the likeliest reading first: the surest, where
    replies that answer alike make each other surer.
    """
    held = [(reply, worth(reply, before) * LATER**place) for place, reply in enumerate(replies)]
    return max(held, key=lambda one: (_together(one[0], held), one[1]))[0]


def _together(reply: Reply, held: Sequence[tuple[Reply, float]]) -> float:
    """How sure the answer of a reply is by all that answer alike, each a witness of its own."""
    alike = (value for other, value in held if _alike(reply, other))
    return 1.0 - math.prod(1.0 - value for value in alike)


def _alike(one: Reply, other: Reply) -> bool:
    return one is other or bool(one.answers and other.answers and same(one.answers[0], other.answers[0]))


def worth(reply: Reply, before: Exchange | None) -> float:
    """How sure a reply is, less where it only says again what was asked, or was answered just before."""
    if not reply.answers:
        return 0.0
    said, asked = bare(reply.answers[0].text), reply.standalone_question
    echoes = bool(said) and not said.isdigit() and said in bare(asked) and not _CHOICE.search(asked)
    again = before is not None and (said == bare(before.answer) or echoes)
    return reply.answers[0].confidence * (SAID_AGAIN if again else 1.0)


_CHOICE = re.compile(r"还是|是不是|吗[？?]?$|\bor\b")
"""Where the question itself says what may be the answer."""

LATER = 0.9
"""What the confidence (0..1) of each further reading counts: the likeliest is first."""

SAID_AGAIN = 0.5
"""What the confidence (0..1) of an answer counts that was said just before: one asks for what is new."""

ELSEWHERE = 0.3
"""Share of the confidence from elsewhere in the library that the article just spoken of must reach: where
the subject has changed, it reaches a hundredth.
"""

UNSAID = 0.16
"""What an answer must be worth (0..1) that no other reading is looked up elsewhere in the library."""
