"""Who is named in a text, by what a name looks like."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from embeddings.segment import is_word, segments
from embeddings.words import fold

if TYPE_CHECKING:
    from qa.topic import Exchange

WHO = re.compile(r"谁|哪位|何人|什么人|叫什么|\bwho\b")
LONGEST_NAME = 30
"""Characters of an answer that a pronoun may stand for."""
LATIN_NAME = re.compile(r"[A-Z][\w'’.-]*(?: [A-Z][\w'’.-]*)+")


def people(text: str, article: str) -> list[str]:
    """The Chinese names of people in ``text``, in order: a surname with one character or two, as many as
    ``article`` keeps together, that are no common word.
    """
    folded, known = fold(text), fold(article)
    begins = (start for start, _ in segments(folded) if folded[start] in SURNAMES)
    found = ((start, _name_at(folded, start, known)) for start in begins)
    return list(dict.fromkeys(text[start : start + len(name)] for start, name in found if name))


def named(text: str, article: str) -> list[str]:
    """Those of ``people`` and whoever has a foreign name with a dot in it, the foreign ones first."""
    foreign = [match.group() for match in _FOREIGN.finditer(text)]
    own = [name for name in people(text, article) if not any(name in whole for whole in foreign)]
    return list(dict.fromkeys([*foreign, *own]))


_SOUNDS = (
    "阿埃艾安昂奥巴白柏拜班邦贝本比彼毕宾波伯博布查达戴丹当道德登邓迪蒂丁东杜顿多厄恩尔法凡范菲费芬佛弗福富盖甘冈戈格根贡"
    "古哈海汉豪赫亨洪侯胡华怀惠霍基吉加贾简杰捷金卡凯坎康考柯科可克肯孔库夸奎昆拉莱赖兰朗劳勒雷里理利莉连列林琳龙隆卢鲁路露"
    "伦罗洛吕马玛麦迈曼芒梅门蒙米密敏明莫默姆木穆纳娜南内尼涅宁纽农努诺欧帕潘庞佩彭皮平珀普齐奇契恰乔琼丘日茹若萨塞赛桑瑟森沙莎"
    "山尚舍申圣施史什斯丝思苏索所塔泰坦汤唐特滕提廷通图托瓦万旺威韦维魏温文翁沃乌武西希锡夏先香肖谢辛欣休雪逊雅亚延扬杨耶叶"
    "伊依易因英尤约泽扎詹珍芝兹子佐卓"
)
"""Characters that foreign names are written with."""
_FOREIGN = re.compile(rf"[{_SOUNDS}]{{1,6}}(?:[·•][{_SOUNDS}]{{1,6}})+")


def _name_at(folded: str, at: int, known: str) -> str:
    two, three = folded[at : at + 2], folded[at : at + 3]
    held, longer = known.count(two), known.count(three)
    if not held or not _HAN.fullmatch(two):
        return ""
    name = three if len(three) == 3 and _HAN.fullmatch(three) and longer > TOGETHER * held else two
    return "" if is_word(name, COMMON) or is_word(two, COMMON) or _NO_NAME.search(name) else name


TOGETHER = 0.6
"""Share of a name's first two characters in an article that its third must follow."""
COMMON = 300
"""Occurrences in the segmenter's dictionary from which a word is not taken for a name."""
SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范"
    "金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤葛毕詹屠谷聂岳鲁祖梅庄辛管左纪裴翁关柳习"
)
_HAN = re.compile(r"[㐀-鿿]+")
_NO_NAME = re.compile(
    r".[是在的了和与用把将被由从年月日口江河山县市省镇村区湖海岛国路桥站塔茶纸书木石]|..[是在的了和与用把将被由从县市省口]"
)


def name_answered(last: Exchange) -> str:
    """The name that an exchange gave for an answer, out of the words around it; "" where it is no name. Who
    asks who someone is has named him himself.
    """
    answer, about = last.answer.strip(), _WHO_IS.match(last.question)
    if about and (about["latin"] or people(about["han"], last.text) == [about["han"]]):
        return about["latin"] or about["han"]
    if re.search(r"\d|[谁誰]", answer):
        return ""
    if answer.isascii():
        if len(answer) <= LONGEST_NAME and _LATIN_ANSWER.fullmatch(answer):
            return answer
        found = (match.group() for match in LATIN_NAME.finditer(answer))
        return next((name for name in found if fold(name) not in fold(last.question)), "")
    named = people(answer, last.text)
    if len(named) == 1:
        return named[0]
    return answer if len(answer) <= LONGEST_NAME and not re.search(r"[。！？；]", answer) else ""


_WHO_IS = re.compile(
    r"(?:Who|who) (?:is|was) (?P<latin>[A-Z][\w'’.-]*(?: [A-Z][\w'’.-]*)*)\??$|(?P<han>[㐀-鿿·]{2,6})是(?:谁|誰|什么人|什麼人|何许人|哪位)"
)
_LATIN_ANSWER = re.compile(
    r"(?:the )?[A-Z][\w'’.-]*(?:,? (?:[A-Z][\w'’.-]*|of|the|de|von|van|and|du|da))*(?<!\.)"
)
