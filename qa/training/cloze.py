"""Questions made from articles alone: a name, date, number, phrase or reason is asked for.

Two kinds, mixed. *Noisy cloze* (Lewis et al., 2019): a sentence of the passage loses its answer to a
question word, some words, and its order. *Recurring span* (after Ram et al., 2021): the question is
made from another sentence of the article that shares the answer and some words with the passage, so
that the words around the answer differ.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa.training.corpus import Example, sentences

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Iterator

_DATE = re.compile(
    r"(?:公元前?)?\d{2,4}年(?:\d{1,2}月(?:\d{1,2}日)?)?(?:代|初|底|末)?|\d{1,2}月\d{1,2}日|\d{1,2}月(?:份|底|初|中旬)?|\d{1,2}世纪(?:\d0年代)?|\d{1,2}日"
)
_QUANTITY = re.compile(
    r"(?P<number>\d+(?:\.\d+)?|[一二三四五六七八九十百千]{1,6})(?P<unit>%|[万亿千百余多]*(?:美元|欧元|日元|元|公里|平方米|平方公里|千米|米|公斤|吨|个百分点|个月|小时|分钟|周年|人次|名|人|个|家|位|次|项|部|条|座|种|届|岁|天|年|场|集|首|本|所|户|件|辆|架|艘|支|组|倍|分|票|亩|枚|台|套|款|层|章|篇|度))"
)
_QUOTED = re.compile(r"《[^《》]{2,20}》|“[^“”]{2,16}”")
_LIST = re.compile(r"[^,。;:、!?\s]{2,8}(?:、[^,。;:、!?\s]{2,8}){1,5}(?:[和与及][^,。;:、!?\s的]{2,8})?")
_REASON = re.compile(r"(?:因为|由于|因)(?P<why>[^,。;]{4,40}),(?:所以|因此|故)?(?P<what>[^。;!?]{5,40})")
_CLAUSE = re.compile(r"[^,;:。!?]+")

_ASK = {
    "date": ("什么时候", "何时", "哪一年", "哪年", "什么时间", "哪天"),
    "person": ("谁", "谁", "哪位", "什么人", "何人"),
    "place": ("哪里", "哪里", "什么地方", "哪个地方", "何处"),
    "body": ("什么机构", "哪个机构", "哪家公司", "什么", "哪个组织", "谁", "哪个单位"),
    "quoted": ("什么", "什么", "什么", "哪个"),
    "phrase": ("什么", "什么", "什么", "哪个", "哪种"),
    "list": ("哪些", "什么", "哪几个"),
    "clause": ("什么", "怎样", "如何", "怎么样", "做什么"),
}
_TAIL = {
    "date": ("是什么时候", "是在哪一年", "是哪年", "的时间是", "是何时", "发生在什么时候"),
    "person": ("是谁", "的是谁", "是哪位", "的人是谁", "叫什么名字"),
    "place": ("在哪里", "位于哪里", "是在哪", "在什么地方", "是哪里"),
    "body": ("是哪个机构", "是什么", "是哪家公司"),
    "quoted": ("是什么", "的是什么", "叫什么", "的名称是什么"),
    "phrase": ("是什么", "的是什么", "指的是什么", "叫什么", "有什么"),
    "list": ("有哪些", "包括哪些", "是哪些", "分别是什么"),
    "clause": ("是什么", "怎么样", "做了什么", "的情况如何", "的内容是什么"),
    "quantity": ("是多少", "有多少", "为多少", "达到多少"),
}
_LIGHT = frozenset(
    "了 的 也 还 都 就 又 已 已经 将 曾 曾经 并 并且 而 而且 但 但是 其中 此外 同时 另外 目前 则 却 便 后 即 更 最 很 十分 非常 因此 所以 然而 随后 于是 可以 能够 表示 称 认为".split()
)
_NOMINAL = ("n", "vn", "an", "eng", "b", "l", "j", "i")


@dataclass(frozen=True)
class Found:
    """A possible answer: its type, its range in the sentence, and for a quantity its unit."""

    kind: str
    start: int
    end: int
    unit: str = ""


def candidates(sentence: str) -> list[Found]:
    """What a question could ask of a folded sentence, by start; ranges may overlap."""
    import rjieba

    found = [Found("date", *m.span()) for m in _DATE.finditer(sentence)]
    found += [
        Found("quantity", *m.span(), m["unit"])
        for m in _QUANTITY.finditer(sentence)
        if not any(f.start <= m.start() < f.end for f in found)
    ]
    found += [Found("quoted", m.start() + 1, m.end() - 1) for m in _QUOTED.finditer(sentence)]
    found += [Found("list", *m.span()) for m in _LIST.finditer(sentence)]
    at = 0
    run: tuple[int, int] | None = None
    for word, tag in [*rjieba.tag(sentence), ("", "x")]:
        end = at + len(word)
        if tag in ("nr", "nrt", "nrfg") and len(word) > 1:
            found.append(Found("person", at, end))
        elif tag == "ns" and len(word) > 1:
            found.append(Found("place", at, end))
        elif tag == "nt" and len(word) > 2:
            found.append(Found("body", at, end))
        if tag.startswith(_NOMINAL) or tag in ("nz", "ns", "nt"):
            run = (run[0] if run else at, end)
        elif run:
            if 3 <= run[1] - run[0] <= 14:
                found.append(Found("phrase", *run))
            run = None
        at = end
    for clause in _CLAUSE.finditer(sentence):
        verb = re.search(r"[是为]|主张|规定|导致|要求|提出|使得?|包括", clause.group())
        if verb and 4 <= clause.end() - clause.start() - verb.end() <= 30 and verb.start() > 1:
            found.append(Found("clause", clause.start() + verb.end(), clause.end()))
    return sorted(found, key=lambda f: (f.start, f.end))


def ask(sentence: str, found: Found, topic: str, rng: random.Random) -> str:
    """A question for ``found``, from its clause and perhaps the clauses beside it, shortened and reordered."""
    clauses = [m.span() for m in _CLAUSE.finditer(sentence)]
    own = [i for i, (a, b) in enumerate(clauses) if a < found.end and b > found.start]
    if not own:
        return ""
    first, last = own[0], own[-1]
    while first > 0 and (
        clauses[last][1] - clauses[first][0] - (found.end - found.start) < 9 or rng.random() < 0.3
    ):
        first -= 1
    if last + 1 < len(clauses) and (rng.random() < 0.15 or clauses[last][1] - clauses[first][0] < 14):
        last += 1
    left = sentence[clauses[first][0] : found.start]
    right = sentence[found.end : clauses[last][1]]
    left, right = _shortened(left[-40:], rng), _shortened(right[:40], rng)
    if topic and topic not in left + right and rng.random() < 0.4:
        left = topic + left
    if found.kind == "quantity":
        word = rng.choice(("多少", "多少", "几")) + (
            found.unit.lstrip("万亿千百余多") if rng.random() < 0.7 else ""
        )
    else:
        word = rng.choice(_ASK[found.kind])
        if found.kind in ("phrase", "body", "quoted") and found.end - found.start > 3 and rng.random() < 0.35:
            word = rng.choice(("什么", "哪个", "哪种")) + sentence[found.end - 2 : found.end]
    style = rng.random()
    if style < 0.45 or found.kind == "clause":
        question = left + word + right
    elif style < 0.75:
        question = left + right + rng.choice(_TAIL[found.kind])
    elif style < 0.9:
        question = right + left + word
    else:
        question = word + left + right
    return question.strip("、 ") + rng.choice(("?", "?", "?", ""))


def made(texts: Iterable[tuple[str, str]], rng: random.Random, per_article: int) -> Iterator[Example]:
    """Up to ``per_article`` examples for each folded (title, text); one in eight has no answer."""
    for title, text in texts:
        body = [s for s in sentences(text) if len(s) > 5][:80]
        if len(body) < 3:
            continue
        asked = [_reason(body, i, rng) for i in range(len(body))] if rng.random() < 0.3 else []
        options = [i for i, s in enumerate(body) if 12 <= len(s) <= 160]
        rng.shuffle(options)
        asked += [
            _recurring(title, body, i, rng) if rng.random() < 0.45 else _cloze(body, i, rng)
            for i in options[: per_article * 3]
        ]
        good = [example for example in asked if example]
        yield from good[:per_article]


def _cloze(body: list[str], i: int, rng: random.Random) -> Example | None:
    found = _choice(candidates(body[i]), rng)
    question = ask(body[i], found, _topic(body[0], rng), rng) if found else ""
    return _example(body, i, found, question, (), rng) if found else None


def _recurring(title: str, body: list[str], i: int, rng: random.Random) -> Example | None:
    """A question from the title or another sentence, answered in sentence ``i``."""
    options = [f for f in candidates(body[i]) if f.kind not in ("clause", "list") and f.end - f.start > 1]
    rng.shuffle(options)
    here = _pairs(body[i])
    for found in options:
        answer = body[i][found.start : found.end]
        rest = here - _pairs(answer)
        for j, other in [(-1, title), *enumerate(body)]:
            at = other.find(answer)
            if j == i or at < 0 or other.count(answer) > 1 or len(other) > 160:
                continue
            common = len(rest & _pairs(other))
            if common >= 4 and common < 0.7 * min(len(rest), len(_pairs(other))):
                there = Found(found.kind, at, at + len(answer), found.unit)
                return _example(body, i, found, ask(other, there, "", rng), (j,), rng)
    return None


def _reason(body: list[str], i: int, rng: random.Random) -> Example | None:
    match = _REASON.search(body[i])
    if not match:
        return None
    what = _shortened(match["what"], rng)
    question = rng.choice(
        ("为什么{}?", "{}的原因是什么?", "{}是因为什么?", "为何{}?", "{}的原因?", "是什么导致{}?")
    ).format(what)
    return _example(body, i, Found("clause", *match.span("why")), question, (), rng)


def _example(
    body: list[str], i: int, found: Found, question: str, without: tuple[int, ...], rng: random.Random
) -> Example | None:
    """The question against the sentences around ``i`` (120 to 450 characters), less those in ``without``."""
    if not 7 <= len(question) <= 70:
        return None
    size = rng.randint(120, 450)
    first, last, used = i, i, len(body[i])
    while used < size and (first > 0 or last + 1 < len(body)):
        if last + 1 >= len(body) or (first > 0 and rng.random() < 0.5):
            first -= 1
            used += len(body[first])
        else:
            last += 1
            used += len(body[last])
    unanswerable = rng.random() < 0.125
    passage, answers = "", []
    answer = body[i][found.start : found.end]
    for k in range(first, last + 1):
        if k in without or (unanswerable and answer in body[k]):
            continue
        if k == i:
            answers.append((len(passage) + found.start, len(passage) + found.end))
        passage += body[k]
    return Example(question, passage, tuple(answers)) if len(passage) > 30 else None


def _choice(found: list[Found], rng: random.Random) -> Found | None:
    """One candidate, every kind with its own weight so that phrases do not crowd out the rest."""
    weight = {
        "date": 3,
        "quantity": 3,
        "person": 3,
        "place": 2,
        "body": 3,
        "quoted": 3,
        "list": 3,
        "clause": 3,
        "phrase": 1,
    }
    return rng.choices(found, [weight[f.kind] for f in found])[0] if found else None


def _topic(first: str, rng: random.Random) -> str:
    """The subject of an article's first sentence, as far as its first mark or verb; "" if none shows."""
    match = re.match(r"[^,。;:()是为在于,]{2,10}", first)
    return match.group() if match and rng.random() < 0.8 else ""


def _shortened(text: str, rng: random.Random) -> str:
    """``text`` with some words left out, light words more than others, and its brackets gone."""
    import rjieba

    rate = rng.random() * 0.3
    text = re.sub(r"\([^()]*\)", "", text)
    kept = [w for w in rjieba.cut(text) if rng.random() > (0.6 if w in _LIGHT else rate)]
    return "".join(kept).strip(",;:、 ")


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1) if text[i : i + 2].isalnum()}
