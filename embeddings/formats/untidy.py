"""What articles carry besides their text: a repeated lead, a byline."""

from __future__ import annotations

import re
from dataclasses import dataclass

MORE = re.compile(r"^[ \t]*<!--\s*more\s*-->[ \t]*$", re.MULTILINE | re.IGNORECASE)
"""The mark below which the teaser of an article ends (Hexo, WordPress)."""

_LEAD_LINES = 12
_LINES_BELOW = 8
_BYLINE_LINES = 6


def without_repeated_lead(body: str) -> tuple[str, tuple[str, ...]]:
    """``body`` without the second copy of its lead, and a note if there was one.

    Only the very same lines, right below the ``<!-- more -->`` mark (a byline or two may stand
    between), are a copy: on the site a reader sees one or the other.
    """
    mark = MORE.search(body)
    if mark is None:
        return body, ()
    lead = [line.strip() for line in body[: mark.start()].split("\n") if line.strip()]
    if not lead or len(lead) > _LEAD_LINES or sum(map(len, lead)) < 10:
        return body, ()
    below = _first_lines(body, mark.end(), _LINES_BELOW + len(lead))
    for at in range(min(_LINES_BELOW, len(below))):
        copy = below[at : at + len(lead)]
        if [body[start:end].strip() for start, end in copy] == lead:
            return (
                body[: copy[0][0]] + body[copy[-1][1] :].removeprefix("\n"),
                ("the lead stood twice, before and after <!-- more -->; the second copy was dropped",),
            )
    return body, ()


def _first_lines(text: str, at: int, count: int) -> list[tuple[int, int]]:
    """The ranges of the first ``count`` lines from ``at`` that are not empty."""
    found: list[tuple[int, int]] = []
    while at < len(text) and len(found) < count:
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        if text[at:end].strip():
            found.append((at, end))
        at = end + 1
    return found


@dataclass(frozen=True, slots=True)
class Byline:
    """A line that names who wrote the article, and the names in it."""

    line: str
    author: str


def byline(text: str, title: str = "", taken: frozenset[int] = frozenset()) -> Byline | None:
    """The byline among the first lines of ``text``; None if there is none.

    ``文/某某``, ``记者 某某``, ``作者：某某``, ``By X Y``, or a Chinese personal name alone on its line,
    unless the article called ``title`` is about that person. ``taken``: the offsets at which lines
    start that are something else (headings).
    """
    lines = _first_lines(text, 0, _BYLINE_LINES + 1)
    for at, (start, end) in enumerate(lines[:_BYLINE_LINES]):
        line = text[start:end].strip()
        if start in taken or len(line) > 60:
            continue
        author = _marked_author(line)
        if not author and is_chinese_name(line) and 0 < at < len(lines) - 1 and line != title:
            below = text[slice(*lines[at + 1])].strip()
            author = "" if below.startswith(line) else line
        if author:
            return Byline(line, author)
    return None


def is_chinese_name(text: str) -> bool:
    """Whether ``text`` can be a Chinese personal name: a common surname, one or two characters more."""
    if not _HAN_NAME.fullmatch(text) or text[:2] in _WORDS or text[-2:] in _WORDS:
        return False
    if text[:2] in _DOUBLE_SURNAMES:
        return 3 <= len(text) <= 4
    return text[0] in _SURNAMES and 2 <= len(text) <= 3 and text[-1] not in _NO_NAME_ENDS


def _marked_author(line: str) -> str:
    line = line.strip("（）()[]【】 　")
    if match := _BY.fullmatch(line):
        names = match[1].strip()
        return "" if names.split()[0].lower() in ("the", "a", "an", "our", "this") else names
    match = _CHINESE_MARK.match(line)
    if match is None:
        return ""
    rest = line[match.end() :]
    sure = match["sure"] is not None
    # The names end where other roles begin: 文/张三 编辑/李四.
    rest = re.split(
        r"[\s|｜]*(?:编辑|编译|摄影|图|来源|责编|实习|报道|发自|通讯员|日期|时间|发布)|[|｜]|\d", rest
    )[0]
    names = [name for name in re.split(r"[\s、，,/／&]+", rest.strip(" 　:：）)")) if name]
    if not names or len(names) > 5:
        return ""
    if all(map(is_chinese_name, names)):
        return "、".join(names)
    latin = re.fullmatch(r"[A-Za-z][\w.'’ -]{1,40}", rest.strip())
    pen_name = len(names) == 1 and re.fullmatch(r"[\w·•-]{2,15}", names[0])
    return rest.strip() if sure and (latin or pen_name) else ""


_HAN_NAME = re.compile(r"[㐀-鿿]{2,4}")
_BY = re.compile(r"[Bb][Yy][\s:：]+([A-Z][\w.'’-]+(?:\s+[A-Z][\w.'’-]*){1,3})")
_CHINESE_MARK = re.compile(
    r"(?P<sure>(?:作\s*者|撰\s*文|撰\s*稿(?:人)?|原作者|Author)\s*[:：/／|｜丨]\s*|文\s*[:：/／|｜丨]\s*)"
    r"|(?:[㐀-鿿]{0,6}(?:本报|本刊|本网|特约|见习|首席|实习)?记者|作者|文|撰文)[\s　:：/／|｜]*"
)
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高梁郑谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟"
    "姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫雷龙黎史陶贺毛段郝顾龚邵覃武钱戴严莫孔向常汤康易乔赖文"
    "張劉陳楊黃趙吳孫馬羅鄭謝許韓鄧馮蕭蔣葉蘇呂盧鍾譚陸韋賈鄒龍賀顧龔錢嚴湯喬賴"
)
_DOUBLE_SURNAMES = frozenset(
    "欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 夏侯 皇甫 尉迟 公孙 慕容 令狐 司徒 东方 南宫 端木".split()
)
# Words that open, or end, like a name but stand on lines of their own as well.
_WORDS = frozenset(
    (
        "金融 金额 高科 高级 高效 高度 高手 安全 程序 程度 方法 方案 方向 方面 方式 江苏 江西 江湖 成都 石油 "
        "石家 白皮 白酒 白银 黄金 黄河 马来 马上 马克 万科 华为 时间 经济 常见 常用 常规 任务 任何 任意 于是 "
        "于此 何时 何为 何必 文章 文化 文件 文本 文字 文学 文献 文明 高清 高考 高铁 高校 武汉 武器 武术 康复 "
        "向量 向上 易用 易错 孔子 孟子 史记 史上 龙头 雷达 雷军 田径 钟表 夏天 夏季 秦朝 唐朝 宋朝 汉朝 周年 "
        "周期 周边 周末 周报 周一 周二 周三 周四 周五 周六 周日 陈述 张力 张贴 许多 许可 谢谢 胡同 林业 梁山 "
        "杜绝 苏州 苏联 丁香 陆续 陆地 范围 范例 汪洋 余额 余下 顾问 顾客 毛利 段落 白天 严格 严重 钱包 钱财 "
        "莫非 莫名 董事 简介 曾经 曾任 徐州 郑州 杨树 朱红 郭德 吴江 汤圆 贺词 付款 付费 方言 贾府 章节 总结 "
        "目录 正文 前言 后记 结论 摘要 参考 介绍 说明 分析 问题 背景 概述 经过 结果 观点 新闻 快讯 消息 公司 "
        "银行 科技 集团 股份 大学 学院 日报 时报 周刊 网站 手记 金属 金牌 金句 王国 王者 王朝 高原 高峰 江南 "
        "江山 石头 石材 龙虾 任职 任命 编辑 作者 记者 日期 来源 "
    ).split()
)
_NO_NAME_ENDS = frozenset("省市县区乡镇业书率性化型级章节篇版页表图者员论法的了是吗呢吧款类")
