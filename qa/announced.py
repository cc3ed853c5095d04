"""Lists and steps that are announced in the words of the question, which says more than readers that have seen few lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from embeddings.article import Span
from embeddings.words import fold, words
from qa.enumeration import is_item, items_around

if TYPE_CHECKING:
    from qa.question import Question

_THING = re.compile(
    r"哪(?:些|几|[两二三四五六七八九十]|\d+)(?:[个种类点项条步场款部位名家份]|方面)?大?的?(?P<zh>[\u4e00-\u9fffa-z]{2,12})"
    r"|\b(?:what|which)(?: are| were)?(?: the)? (?P<en>[a-z]{3,20})"
)
_HOW = re.compile(
    r"(?:怎么|怎样|如何|咋)(?!样|办(?!理)|会|就(?![医业诊读])|回事)|做法|步骤|流程|教程|\bhow (?:do|to|can|should)\b|\bsteps\b"
)
_VERB = re.compile(r"怎么|怎样|如何|咋|\bhow (?:do|to|can|should)\b")
_STEPS = re.compile(
    r"(?:做法|步骤|操作|流程|方法|制作|过程|教程)(?:如下|是|为)?\s*[:。]?$|\b(?:how to\b.{0,40}|steps?|method|directions|instructions)\s*[:.]?$"
)
_OTHER_LIST = re.compile(r"(?:大事记|参考文献|误区|问题|目录|历程)[:。]?$")
_BULLETS = "-*+•·●"
_NOT = re.compile(r"[不勿禁]|严禁|拒绝|\bnot\b")
_OF_FACTS = frozenset("time duration number person place reason decision".split())
_SAYS_NOTHING = re.compile(r"[哪几].*|[\u3400-\u9fff]|需要|主要|可以|应当|应该")
_SAYS_HOW = frozenset("做 做法 步骤 流程 教程 方法 过程 制作 怎么 怎样 如何 how make step".split())
SHARE = 0.7
"""Share of the question's words that the announcement and what stands above it hold, at least."""


def announced(question: Question, text: str, sentence: Span, items: Span, heading: str) -> bool:
    """Whether the lines ``items`` of ``text`` are announced as what a list or the steps to something were asked of.

    The announcement, at the beginning of ``sentence`` or else the line above, names the thing asked for, or what is done, and
    with ``heading`` it holds most of the question's words; it forbids where the question does.
    """
    if "\n" not in items.of(text).strip():
        return False
    before = text[sentence.start : items.start].strip() or text[: items.start].rstrip().rpartition("\n")[2]
    lead, above = _said(before), _said(f"{before}\n{heading}")
    thing = _THING.search(question.folded)
    named = [word.term for word in words(thing["zh"] or thing["en"])][:1] if thing else []
    if "list" in question.kinds and named:
        forbids = bool(_NOT.search(question.folded)) != bool(_NOT.search(fold(before)))
        return named[0] in lead and not forbids and _holds(question, above, {*named})
    if not asks_steps(question) or not _holds(question, above, _SAYS_HOW):
        return False
    act = _act(question)
    if act and act not in above:
        return False
    said, list_ = fold(before).strip(), items.of(text).lstrip()
    numbered = is_item(list_, 0) and list_[0] not in _BULLETS and not _OTHER_LIST.search(said)
    return bool(_STEPS.search(said)) or (numbered and bool(act) and act in lead)


def _said(text: str) -> frozenset[str]:
    return frozenset(word.term for word in words(text))


def _holds(question: Question, said: frozenset[str], besides: frozenset[str] | set[str]) -> bool:
    """Whether most of the question's words were ``said``, those inside longer ones and those ``besides`` not counted."""
    asked = [
        term
        for term in question.words
        if term not in besides
        and not _SAYS_NOTHING.fullmatch(term)
        and not any(term != other and term in other for other in question.words if not other.isascii())
    ]
    return bool(asked) and sum(term in said for term in asked) >= SHARE * len(asked)


def _act(question: Question) -> str:
    """What is to be done, by the first word after "how" that says it; "" for none."""
    how = _VERB.search(question.folded)
    after = words(question.folded[how.end() :]) if how else []
    return next((word.term for word in after if word.term not in _SAYS_HOW), "")


def asks_steps(question: Question) -> bool:
    """Whether the question asks how something is done."""
    return bool(_HOW.search(question.folded)) and not question.kinds & _OF_FACTS


def steps_about(text: str, sentence: Span) -> Span | None:
    """The items of a list that ``sentence`` is one of, or that stand right below it as below a heading; None for none."""
    if is_item(text, sentence.start):
        return items_around(text, sentence)
    below = len(text) - len(text[sentence.end :].lstrip())
    if "\n" not in text[sentence.end : below] or not is_item(text, below):
        return None
    return items_around(text, Span(below, below))
