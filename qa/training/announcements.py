"""Questions for lists, made by rule of the sentences that announce one: 部署集群需要以下依赖： -> 部署集群需要哪些依赖？"""

from __future__ import annotations

import json
import lzma
import random
import re
from typing import TYPE_CHECKING

from embeddings.article import Article, Metadata, Span
from embeddings.chunk import sentences
from qa.enumeration import list_below
from qa.training.blogs import Blog, Posed
from qa.unmarked import lines_below

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETS = (
    "lctt_tech", "tidb_docs_cn", "ruanyf_weekly", "howtocook", "blockchain_guide", "hellogithub", "laws_cn", "zhwiki_100",
    "investing_book",
)  # fmt: skip
RECIPES = "howtocook"
MOST = 60
"""Articles of a set that are asked, and recipes in a library; recipes that are asked are half as many."""

_NEEDED = re.compile(
    r"^(?P<a>.{2,30}?(?:需要|支持|包括|包含|提供|具有|拥有|满足|使用|安装|执行|采用|完成|配置|有|分为|注意|选择|实现))了?(?:以下|下列|如下|下面)的?"
    r"(?P<n>[两二三四五六七八九十几]?[个种类点项条步]?)(?P<x>[^，。：:\s]{2,10})[。：:]$"
)
_COUNTED = re.compile(
    r"^(?P<a>.{2,30}?(?:有|分为|分成|包括|支持|提供|需要))(?P<n>[两二三四五六七八九十][个种类点项条步])(?P<x>[^，。：:\s]{0,8})[：:]$"
)
_PLAIN = re.compile(r"^(?P<a>.{3,26}?)(?:如下|包括|有)[：:]$")
_NUMBER = re.compile(r"^(?:\d+[.、]|[（(].{1,3}[）)]|[-*])\s*")
_TURN = re.compile(r"^(?:但是|此外|另外|因此|所以|同时|然后|在这里|目前)[，,]?|我们|，")
_NAMES_NOTHING = re.compile("[本此该这它他其]|示例|一些|架构图|命令如下|下图|代码|如图|那么|步骤")
_THING = re.compile(r"(哪(?:些|[两二三四五六七八九十几][个种类点项条步]))(.{2,8})？$")
_MARKED = re.compile(r"\s*(?:[-*•]|\d+[.、)]|[（(])")
_STEPS = re.compile(r"操作\s*\n+(.+?)(?:\n附加内容|\Z)", re.DOTALL)
_STEP = re.compile(r"^(?:\d+[.、]|- ).+$", re.MULTILINE)
_OTHER_ACTS = "保存 挑选 清洗 切 运输 包装".split()
_OTHER_THINGS = "证书 颜色 作者 优惠 价格 奖项 季节 演员 语言版本 城市".split()


def announcements(data: Path, held_out: frozenset[str] = frozenset()) -> Iterator[Blog]:
    """Libraries of articles with questions: two of announced lists, asked of their own, of the other, and for another thing; one of recipes.

    ``held_out`` are keys (set/id) of articles left alone. Six in ten of the lists that nothing marks are given bullets.
    """
    chance = random.Random(11)
    halves: tuple[list[Article], list[Article]] = ([], [])
    posed: tuple[list[Posed], list[Posed]] = ([], [])
    for name in SETS:
        rows = _rows(data, name, held_out)
        chance.shuffle(rows)
        taken = 0
        for row in rows:
            key, text = f"{name}/{row['id']}", row["text"]
            made = list(_made(text)) if len(text) <= 20_000 else []
            if not made or taken >= MOST:
                continue
            taken += 1
            lines = text.split("\n")
            if chance.random() < 0.6:
                listed = {at for _, first, last in made for at in range(first, last + 1)}
                lines = [
                    f"- {line}" if at in listed and line.strip() and not _MARKED.match(line) else line
                    for at, line in enumerate(lines)
                ]
            half = chance.randrange(2)
            halves[half].append(Article(key, row["title"], "\n".join(lines), key, Metadata()))
            for question, *ends in chance.sample(made, min(2, len(made))):
                posed[half].append(Posed(question, "list", (tuple(_line(key, lines, at) for at in ends),)))
                posed[1 - half].append(Posed(question, "unanswerable", ()))
                if _THING.search(question):
                    other = chance.choice(_OTHER_THINGS)
                    posed[half].append(Posed(_THING.sub(rf"\g<1>{other}？", question), "unanswerable", ()))
    yield from (Blog(f"announced {n}", tuple(halves[n]), tuple(posed[n])) for n in (0, 1))
    yield _recipes(_rows(data, RECIPES, held_out), chance)


def _rows(data: Path, name: str, held_out: frozenset[str]) -> list[dict[str, str]]:
    with lzma.open(data / "articles" / f"{name}.jsonl.xz", "rt", encoding="utf-8") as file:
        return [row for row in map(json.loads, file) if f"{name}/{row['id']}" not in held_out]


def _made(text: str) -> Iterator[tuple[str, int, int]]:
    """Questions for the lists that are announced in a text, with the numbers of the first line and the last of each."""
    for sentence in sentences(text):
        said = _NUMBER.sub("", sentence.of(text))
        below = list_below(text, sentence) or lines_below(text, sentence)
        question = _TURN.sub("", _question(said)) if below else ""
        if below and len(question) > 8 and not _NAMES_NOTHING.search(question):
            start, items = below[1].start, below[1].of(text)
            first = text.count("\n", 0, start + len(items) - len(items.lstrip()))
            yield question, first, first + items.strip().count("\n")


def _question(said: str) -> str:
    if found := _NEEDED.match(said) or _COUNTED.match(said):
        kinds = found["n"] if len(found["n"]) > 1 else "些"
        return f"{found['a']}哪{kinds}{found['x']}？"
    found = _PLAIN.match(said)
    return f"{found['a']}有哪些？" if found else ""


def _line(key: str, lines: list[str], at: int) -> tuple[str, int, int]:
    start = sum(len(line) + 1 for line in lines[:at])
    return key, start, start + len(lines[at])


def _recipes(rows: list[dict[str, str]], chance: random.Random) -> Blog:
    rows = [row for row in rows if row["title"].endswith("的做法")]
    chance.shuffle(rows)
    held, lacking = rows[:MOST], rows[MOST : MOST + MOST // 3]
    posed = []
    for row in held[: MOST // 2] + lacking:
        dish = row["title"].removesuffix("的做法")
        question = chance.choice(
            [f"{dish}怎么做？", f"如何做{dish}", f"{dish}的做法是什么？", f"{dish}的制作步骤"]
        )
        steps = _STEPS.search(row["text"])
        found = (
            [Span(*match.span()).shifted(steps.start(1)) for match in _STEP.finditer(steps[1])]
            if steps
            else []
        )
        act = chance.choice([act for act in _OTHER_ACTS if act not in row["text"]])
        posed.append(Posed(f"{dish}怎么{act}？", "unanswerable", ()))
        if row in lacking:
            posed.append(Posed(question, "unanswerable", ()))
        elif len(found) > 1:
            posed.append(
                Posed(question, "steps", (tuple((row["id"], span.start, span.end) for span in found),))
            )
    articles = (Article(row["id"], row["title"], row["text"], row["id"], Metadata()) for row in held)
    return Blog("recipes", tuple(articles), tuple(posed))
