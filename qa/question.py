"""What a question asks: its terms, and the kind of thing that would answer it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from embeddings.errors import QuestionError
from embeddings.segment import JIEBA
from embeddings.words import fold, gram_terms, word_terms

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_QUESTION = 2000
"""The longest question that is taken, in characters."""

_HOW_MANY = (
    "(?<![哪这那好近前])几(?!个?(?:年|月|天|小时|分钟|秒|周|星期)(?:[里内]|[以之]?[前后来]|下来)"
    "[^，,；;不]*(?:多[少久长大高远重]|哪|谁|什么|啥|几|怎|咋|为何))"
)
"""几 that asks for a number, as it does not in 哪几个, 这几年, 好几次, 几天里涨了多少."""

KINDS: Mapping[str, re.Pattern[str]] = {
    "time": re.compile(
        r"什么时[候间]|啥时|何时|哪[一几]?[年天日月]|哪会儿|(?<![这那好近前])几[月号日时点]|(?:周|星期|礼拜)几|什么年代|哪个(?:年|世纪|时期|朝代)|日期"
        r"|\bwhen\b|\b(?:what|which) (?:year|date|day|month|time|century)"
    ),
    "duration": re.compile(
        rf"多久|多长时间|{_HOW_MANY}(?:个)?(?:年|月|天|小时|分钟|秒|周|星期)(?!代)|多少(?:个)?(?:年|月|天|小时|分钟|秒|周|星期)|\bhow long\b"
        r"|\bhow many (?:years|months|days|hours|minutes|seconds|weeks)\b"
    ),
    "number": re.compile(
        rf"多少|{_HOW_MANY}(?!乎|率|何)|多[大高长远重宽深快贵]|百分之几|比例|占比|数量|人数|金额|价格|面积|温度|排名第"
        r"|\bhow (?:many|much|far|tall|high|old|large|big|deep|fast|hot|heavy|often)\b|\bwhat (?:percentage|number|temperature)"
    ),
    "person": re.compile(r"谁|哪[一]?[位名人]|何人|什么人|哪个人|作者|\bwho(?:m|se)?\b"),
    "place": re.compile(
        r"哪里|哪儿|何处|何地|(?:什么|啥)地[方点]|在哪|[去上到往]哪(?![个些一几位种])|跑哪|哪[一]?(?:国|省|市|县|区|州|地|座城)|哪个(?:国家|城市|省|地[方区]|县|州)|位置|\bwhere\b"
        r"|\b(?:what|which) (?:country|city|place|town|river|state)"
    ),
    "reason": re.compile(
        r"为什么|为何|原因|因何|何故|(?:怎么|咋)[会就]|缘[故由]|[为凭图]啥|凭什么|图什么|干[嘛吗](?:要|非)|\bwhy\b|\breason"
    ),
    "manner": re.compile(
        r"怎么|怎样|如何|怎麽|咋|方式|方法|步骤|\bhow (?:do|does|did|to|can|should|is|are|was|were)\b"
    ),
    "list": re.compile(
        r"哪些|哪[几两二三四五六七八九十]|分别|[有括含](?:什么|啥)|列举|\b(?:what|which) are\b|\b(?:name|list) the\b"
        r"|\bwhich (?:two|three|four|five|six)\b|\bwhat (?:two|three|four|five|six)\b"
    ),
    "definition": re.compile(
        r"是(?:什么|啥)[?？]?$|(?:什么|啥)是|(?:什么|啥)意思|是指|指的?是?(?:什么|啥)|何谓|\bwhat (?:is|was)\b|\bmean"
    ),
    "decision": re.compile(
        r"吗[?？]?$|是否|([\u4e00-\u9fff])[不没]\1|[了过好完到成]没有?[?？]?$|^(?:is|are|was|were|do|does|did|can|could|will|would|has|have|had|should)\b.*\?$"
    ),
}
"""Kinds of questions, each with the words that show it (in folded text)."""


@dataclass(frozen=True)
class Question:
    """A question taken apart; ``words`` and ``grams`` are distinct, in order of first appearance.

    ``unit`` is the measure word or unit that a number is asked for in, folded ("颗" of 几颗); "" for none.
    ``bridge`` are those of the ``words`` that :mod:`qa.bilingual` put in the place of others.
    """

    text: str
    folded: str
    words: tuple[str, ...]
    grams: tuple[str, ...]
    kinds: frozenset[str]
    unit: str = ""
    bridge: tuple[str, ...] = ()

    def words_by(self, segmenter: str) -> tuple[str, ...]:
        """``words`` as another segmenter cuts them; ``words`` are jieba's."""
        if segmenter == JIEBA:
            return self.words
        return (*_words(ASKING.sub(" ", self.folded), segmenter), *self.bridge)


def analyse(text: str) -> Question:
    """The question in its parts; QuestionError when it is empty or over 2,000 characters."""
    stripped = text.strip()
    if not stripped:
        raise QuestionError("the question is empty")
    if len(stripped) > MAX_QUESTION:
        raise QuestionError(
            f"the question has {len(stripped):,} characters; at most {MAX_QUESTION:,} can be asked"
        )
    folded = fold(stripped)
    bare = ASKING.sub(" ", folded)
    return Question(
        text=stripped,
        folded=folded,
        words=_words(bare, JIEBA),
        grams=tuple(dict.fromkeys(gram_terms(bare))),
        kinds=frozenset(kind for kind, pattern in KINDS.items() if pattern.search(folded)),
        unit=next((match["unit"] or match["en"] for match in [_UNIT.search(folded)] if match), ""),
    )


def _words(bare: str, segmenter: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word_terms(bare, segmenter)))


_UNIT = re.compile(
    rf"(?:多少|{_HOW_MANY})(?!乎|率|何|时|点|月|号|日)(?P<unit>平方公里|公里|千米|毫米|厘米|平方米|立方米|公斤|千克|吨|亿元|万元|美元|欧元|元|块钱|小时|分钟|个月|[个家人名年岁米里克斤种次座条项层倍度台辆颗艘架枚件本部篇套户亩票位场届只头棵门级])"
    r"|\bhow many (?P<en>[a-z]+)"
)


ASKING = re.compile(
    r"请问|[为凭]什么|[为凭]啥|为何|(?:什么|啥)时[候间]|啥时|(?:什么|啥)样|什么|啥|(?:怎么|咋)[样办]?|怎样|如何|干[嘛吗]|哪[个些里儿位种]|多少|是否|是不是|有没有"
    r"|何时|何地|何处|吗(?=[?？]?$)"
)
"""Words that ask; they say nothing of where the answer stands."""
