"""What an article says next: "and then?" asks for nothing that a search could find."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from embeddings.article import Span
from embeddings.chunk import sentences
from embeddings.words import fold

if TYPE_CHECKING:
    from embeddings.article import Article
    from qa.topic import Exchange

_THEN = r"后来|然后|接着|接下来|之后|随后|再后来|再往后|再然后|下一步|下一个|往后"
_GOES_ON = re.compile(
    rf"(?:那么|那|可|又|在那|这)?(?:{_THEN})(?:呢|又|是|怎么样|怎样|怎么|如何|发生|做|干|说|什么|了|啥|事|情|吗)*"
    r"|(?:那)?还有(?:呢|吗|(?:别|其他|其它)的(?:吗|呢))?|继续(?:说|讲)?|接着[说讲]"
    r"|(?:and |but |ok |so )?(?:then|next|afterwards|later)(?: what)?|(?:and |so )?(?:what|what's) (?:then|next|else|comes next|came next|came after)"
    r"|(?:and |so )?what (?:happened|happens|did (?:he|she|they|it) do) (?:next|then|after that|afterwards|later)"
    r"|(?:and )?after that|go on|anything else|(?:and )?what (?:happened|came) after(?: that)?|(?:what is )?the next (?:step|one)|next step"
)


def goes_on(question: str) -> bool:
    """Whether a question asks for no more than what comes next."""
    return bool(_GOES_ON.fullmatch(fold(question).strip(" ?？!！。.,，…")))


def onward(article: Article, last: Exchange) -> tuple[Span, Span] | None:
    """What follows the answer of ``last``, and the sentence it stands in: the rest of its own sentence, where
    that says something, else the next; None at the end of the article.
    """
    text = article.text
    at = text.find(last.sentence) if last.sentence else -1
    if at < 0:
        return None
    own = Span(at, at + len(last.sentence))
    answered = last.sentence.find(last.answer)
    if answered >= 0:
        start = own.start + answered + len(last.answer)
        rest = text[start : own.end]
        said = re.search(r"[，,；;、](?=\s*\S)", rest)
        if said and sum(_weight(char) for char in rest[said.end() :]) >= SAID:
            start += said.end()
            start += len(text[start : own.end]) - len(text[start : own.end].lstrip())
            return Span(start, own.end), own
    headings = [heading.span for heading in article.headings]
    following = (
        span
        for span in sentences(text)
        if span.start >= own.end and not any(heading.overlaps(span) for heading in headings)
    )
    found = next(following, None)
    return (found, found) if found else None


SAID = 8
"""Characters, Latin ones counted as a third, that the rest of a sentence must have to say something."""


def _weight(char: str) -> float:
    return 0.0 if not char.isalnum() else 1 / 3 if char.isascii() else 1.0
