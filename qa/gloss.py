"""An English question as Chinese words, for articles that are in Chinese: what a phrase book would say.

The words are those that the table of :mod:`qa.bilingual` gives and the passages found hold, in the question's
order, and the question word is put at the end, where the readers that learnt from Chinese know it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from embeddings.words import STOPWORDS, fold
from qa.bilingual import english, in_chinese
from qa.pinyin import names

if TYPE_CHECKING:
    from collections.abc import Sequence

_ASKS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), chinese)
    for pattern, chinese in (
        (r"\bhow old\b|\bat what age\b", "多少岁"),
        (
            r"\bhow much (?:money|(?=.*\b(?:cost|pay|paid|spend|spent|worth|earn|raise|sell|sold|invest)))|\bhow expensive\b|\b(?:at )?what price\b",
            "多少钱",
        ),
        (r"\bhow (?:many|often) times\b|\bhow often\b", "多少次"),
        (r"\bhow many (?:people|persons)\b", "多少人"),
        (r"\bhow (?:many|much)\b", "多少"),
        (r"\bhow long (?=(?:is|are|was|were) (?!it)(?!.* (?:valid|open|boiled|cooked|kept)))", "多长"),
        (r"\bhow long\b", "多久"),
        (r"\bhow far\b", "多远"),
        (r"\bhow (?:tall|high)\b", "多高"),
        (r"\bhow (?:large|big)\b", "多大"),
        (r"\bhow fast\b", "多快"),
        (r"\bhow (?:heavy|hot|cold|deep|wide)\b", "多少"),
        (r"\bwhat (?:percentage|percent|share|proportion)\b", "百分之几"),
        (r"\b(?:in |on )?(?:what|which) year\b", "哪一年"),
        (r"\b(?:on )?(?:what|which) (?:day|date)\b", "哪一天"),
        (r"\b(?:at )?(?:what|which) time\b", "几点"),
        (r"\bwhen\b", "什么时候"),
        (r"\bwhere\b", "哪里"),
        (r"\bwho(?:m|se)?\b", "谁"),
        (r"\bwhy\b", "为什么"),
        (r"\bhow\b", "怎么"),
        (r"\b(?:what|which) are\b", "哪些"),
        (r"\bwhich\b", "哪个"),
        (r"\bwhat\b", "什么"),
        (r"^(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|had)\b", "吗"),
    )
)
_WORD = re.compile(r"[㐀-鿿]+|[A-Za-z][A-Za-z0-9.+#'’]*(?:-\d+)?|\d[\d,.]*%?")
_HAN = re.compile(r"[㐀-鿿]")
MOST = 2
"""Chinese words that one English word becomes at most."""


def _in_chinese(text: str) -> bool:
    """Whether a passage is mostly Chinese."""
    return 2 * len(_HAN.findall(text)) > sum(char.isalpha() for char in text)


def gloss(question: str, texts: Sequence[str]) -> str:
    """``question`` in Chinese words; "" where a third of its letters are not Latin, or less than half of ``texts``, the
    passages found for it, is Chinese (the first counts most, the next half of that, then a third), or none of its words is known.
    """
    letters = [char for char in question if char.isalpha()]
    if 3 * sum(char > "ɏ" for char in letters) > len(letters):
        return ""
    weights = [1 / (at + 1) for at in range(len(texts))]
    chinese = [weight for weight, text in zip(weights, texts, strict=True) if _in_chinese(text)]
    if not chinese or 2 * sum(chinese) < sum(weights):
        return ""
    rest, asks = question, "什么"
    # "What does a client use when it connects?" asks what: the first question word counts.
    starts = [(at.start(), n) for n, (pattern, _) in enumerate(_ASKS) if (at := pattern.search(question))]
    if starts:
        pattern, asks = _ASKS[min(starts)[1]]
        rest = pattern.sub(" ", question, count=1)
    held = fold("\n".join(texts))
    spelt = names(question, texts, english(), once=True)
    # Beside the name that it spells a word says nothing, and a reader finds it nowhere.
    spelling = {_plain(word) for words in spelt.values() for word in words}
    said: list[str] = []
    known = 0
    for word in _WORD.findall(rest):
        plain = _plain(word)
        if not plain or plain in STOPWORDS or plain in _EMPTY or plain in spelling:
            continue
        chinese_words = in_chinese(plain)
        found = [other for other in chinese_words if other in held][:MOST]
        known += bool(found)
        if found:
            said += found
        elif (
            _HAN.match(word)
            or re.search(rf"(?<![a-z0-9]){re.escape(plain)}(?![a-z0-9])", held)
            or word[0].isdigit()
        ):
            said.append(word)
        else:
            said += chinese_words[:1] or [word]
    if not known and not spelt:
        return ""
    return f"{' '.join(dict.fromkeys((*spelt, *said)))} {asks}？"


def _plain(word: str) -> str:
    return fold(word).strip(".'’-").removesuffix("'s").removesuffix("’s")


_EMPTY = frozenset("name called named many much kind type sort thing one get make take use done".split())
"""Words that say little of what is asked for; in Chinese they are mostly left out."""
