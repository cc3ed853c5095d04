"""Every word of the page, in Chinese and in English."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Strings:
    """The words of the page in one language; ``{}`` stands for what is filled in."""

    lang: str
    other: str
    other_lang: str
    name: str
    motto: str
    library: str
    count: str
    upload: str
    upload_hint: str
    reading: str
    added: str
    changed: str
    unchanged: str
    failed: str
    too_many: str
    too_large: str
    same_name: str
    conversation: str
    welcome: str
    welcome_more: str
    examples: str
    ask: str
    ask_hint: str
    empty_library: str
    more_articles: str
    searching: str
    you_asked: str
    answer: str
    not_said: str
    not_said_more: str
    nearest: str
    found: str
    others: str
    sources: str
    also_in: str
    from_field: str
    confidence: tuple[tuple[float, str], ...]
    confidence_hint: str
    searched_for: str
    did_you_mean: str
    edit: str
    as_typed: str
    restricted: str
    disagree: str
    why: str
    matched: str
    similarity: str
    rank: str
    ranked: str
    by_words: str
    by_meaning: str
    runner_up: str
    page: str
    reader: str
    reader_hint: str
    back: str
    original: str
    show: str
    gone: str
    broken: str
    too_long: str
    no_question: str
    fields: Mapping[str, str]

    def sure(self, confidence: float) -> str:
        """``confidence``, 0..1, in words."""
        return next(words for least, words in self.confidence if confidence >= least)


ZH = Strings(
    lang="zh-CN",
    other="English",
    other_lang="en",
    name="文章问答",
    motto="用文章里的原话回答",
    library="文章",
    count="{} 篇",
    upload="添加文章",
    upload_hint="Markdown、纯文本、HTML、PDF、Word，每个不超过 {} MB，一次最多 {} 个",
    reading="正在读 {}",
    added="已添加，可以提问了",
    changed="已更新",
    unchanged="没有变化",
    failed="没能添加",
    too_many="一次最多添加 {} 个文件，这次选了 {} 个",
    too_large="文件超过 {} MB",
    same_name="选了几个同名的文件，请改名或分次添加",
    conversation="对话",
    welcome="想知道什么？",
    welcome_more="答案是文章里的原话，并指出它在哪一篇、哪一句。\n文章里没有的，会直说没有。",
    examples="试着问",
    ask="问题",
    ask_hint="输入问题，按回车提问",
    empty_library="这里还没有文章。先添加几篇，再来提问。",
    more_articles="还有 {} 篇未列出",
    searching="正在文章里找……",
    you_asked="你问",
    answer="答案",
    not_said="这些文章里没有说",
    not_said_more="没有找到能回答这个问题的句子。",
    nearest="最接近的段落",
    found="查到的段落",
    others="其他可能的答案",
    sources="出处",
    also_in="另见",
    from_field="取自文章信息：{}",
    confidence=((0.8, "很有把握"), (0.6, "比较有把握"), (0.4, "把握一般"), (0.0, "把握不大")),
    confidence_hint="在开发数据上，有这样依据的答案约有 {} 是对的",
    searched_for="按此查找：{}",
    did_you_mean="您是不是想问：{}",
    edit="修改",
    as_typed="按原话再问",
    restricted="只看这些文章：{}",
    disagree="文章的说法不一致，请对照各自的出处。",
    why="为什么是这个答案",
    matched="对上的词",
    similarity="语义相似度（-1 到 1）",
    rank="名次",
    ranked="{}第 {}",
    by_words="按词",
    by_meaning="按语义",
    runner_up="第二可能",
    page="第 {} 页",
    reader="原文",
    reader_hint="点开答案的出处，原文会在这里打开，\n答案所在的句子会标出来。",
    back="返回对话",
    original="查看原网页",
    show="打开原文",
    gone="这篇文章已经不在文章库里了。",
    broken="出错了，没能回答：{}",
    too_long="问题太长了。请控制在 2000 个字以内。",
    no_question="请先输入问题。",
    fields=MappingProxyType(
        {
            "title": "标题",
            "author": "作者",
            "date": "日期",
            "tags": "标签",
            "categories": "分类",
            "link": "链接",
            "count": "篇数",
            "lead": "开头（原文摘录）",
            "heading": "小标题（原文摘录）",
        }
    ),
)

EN = Strings(
    lang="en",
    other="中文",
    other_lang="zh-CN",
    name="Article QA",
    motto="answers in the articles’ own words",
    library="Articles",
    count="{}",
    upload="Add articles",
    upload_hint="Markdown, plain text, HTML, PDF or Word; up to {} MB each, {} at a time",
    reading="Reading {}",
    added="added, ready for questions",
    changed="brought up to date",
    unchanged="unchanged",
    failed="not added",
    too_many="At most {} files at a time; {} were chosen",
    too_large="the file is larger than {} MB",
    same_name="several files of this name were chosen; rename them, or add one at a time",
    conversation="Conversation",
    welcome="What would you like to know?",
    welcome_more="Answers are the articles’ own words, shown where they stand.\n"
    "What the articles do not say, you are told they do not say.",
    examples="Try asking",
    ask="Question",
    ask_hint="Type a question and press Enter",
    empty_library="There are no articles yet. Add some, then ask.",
    more_articles="{} more not listed",
    searching="Looking through the articles…",
    you_asked="You asked",
    answer="Answer",
    not_said="These articles do not say",
    not_said_more="No sentence was found that answers this question.",
    nearest="Nearest passages",
    found="Passages found",
    others="Other possible answers",
    sources="Sources",
    also_in="also in",
    from_field="From the article’s details: {}",
    confidence=((0.8, "very likely"), (0.6, "likely"), (0.4, "uncertain"), (0.0, "doubtful")),
    confidence_hint="On development data, about {} of answers with such evidence were right",
    searched_for="Searched for: {}",
    did_you_mean="Did you mean: {}",
    edit="edit",
    as_typed="ask as typed",
    restricted="Only articles of: {}",
    disagree="The articles disagree; compare their sources.",
    why="Why this answer",
    matched="words matched",
    similarity="similarity of meaning (-1 to 1)",
    rank="rank",
    ranked="{} {}",
    by_words="by words",
    by_meaning="by meaning",
    runner_up="runner-up",
    page="page {}",
    reader="Source",
    reader_hint="Open the source of an answer and the article appears here, with the sentence marked.",
    back="Back to the conversation",
    original="Original web page",
    show="Open the article",
    gone="This article is no longer in the library.",
    broken="Something went wrong, there is no answer: {}",
    too_long="The question is too long. Please keep it under 2,000 characters.",
    no_question="Please type a question first.",
    fields=MappingProxyType(
        {
            "title": "title",
            "author": "author",
            "date": "date",
            "tags": "tags",
            "categories": "categories",
            "link": "link",
            "count": "number of articles",
            "lead": "beginning (extract)",
            "heading": "heading (extract)",
        }
    ),
)

STRINGS: Mapping[str, Strings] = MappingProxyType({"zh": ZH, "en": EN})
"""The languages of the page."""

_RANGE = re.compile(r"\s*([a-zA-Z*]+)[^,;]*(?:;\s*q\s*=\s*([\d.]+))?")


def choose(accept_language: str) -> str:
    """The page's language, "zh" or "en", that an ``Accept-Language`` header likes best.

    Of equals the first wins; English where neither is named, Chinese where the header is empty.
    """
    best, weight = "en" if accept_language.strip() else "zh", 0.0
    for entry in accept_language.split(","):
        match = _RANGE.match(entry)
        if match and match[1].lower() in STRINGS:
            try:
                liked = float(match[2] or 1)
            except ValueError:
                continue
            if liked > weight:
                best, weight = match[1].lower(), liked
    return best
