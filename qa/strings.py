"""Every word of the page, in Chinese and in English: one table."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")


class _Said(Generic[T]):
    """What is said in Chinese and in English; read from :class:`Strings`, it is the one of its language."""

    def __init__(self, zh: T, en: T) -> None:
        self._zh, self._en = zh, en

    def __get__(self, words: Strings, _owner: type[Strings]) -> T:
        return self._zh if words.code == "zh" else self._en


class Strings:
    """The words of the page in one language, "zh" or "en"; ``{}`` stands for what is filled in."""

    def __init__(self, code: str) -> None:
        self.code = code

    def sure(self, confidence: float) -> str:
        """``confidence``, 0..1, in words."""
        return next(words for least, words in self.confidence if confidence >= least)

    lang = _Said("zh-CN", "en")
    other = _Said("English", "中文")
    other_lang = _Said("en", "zh-CN")
    name = _Said("文章问答", "Article QA")
    motto = _Said("用文章里的原话回答", "answers in the articles’ own words")
    library = _Said("文章", "Articles")
    added = _Said("已添加，可以提问了", "added, ready for questions")
    changed = _Said("已更新", "brought up to date")
    unchanged = _Said("没有变化", "unchanged")
    failed = _Said("没能添加", "not added")
    too_many = _Said("一次最多添加 {} 个文件，这次选了 {} 个", "At most {} files at a time; {} were chosen")
    too_large = _Said("文件超过 {} MB", "the file is larger than {} MB")
    conversation = _Said("对话", "Conversation")
    welcome = _Said("想知道什么？", "What would you like to know?")
    welcome_more = _Said(
        "答案是文章里的原话，并指出它在哪一篇、哪一句。\n文章里没有的，会直说没有。",
        "Answers are the articles’ own words, shown where they stand.\nIf the articles don’t say, it tells you so.",
    )
    examples = _Said("试着问", "Try asking")
    ask = _Said("问题", "Question")
    ask_hint = _Said("输入问题，按回车提问", "Type a question and press Enter")
    empty_library = _Said(
        "这里还没有文章。先添加几篇，再来提问。", "There are no articles yet. Add some, then ask."
    )
    searching = _Said("正在文章里找……", "Looking through the articles…")
    you_asked = _Said("你问", "You asked")
    answer = _Said("答案", "Answer")
    not_said = _Said("这些文章里没有说", "These articles do not say")
    not_said_more = _Said(
        "没有找到能回答这个问题的句子。", "No sentence was found that answers this question."
    )
    nearest = _Said("最接近的段落", "Nearest passages")
    found = _Said("查到的段落", "Passages found")
    others = _Said("其他可能的答案", "Other possible answers")
    sources = _Said("出处", "Sources")
    from_field = _Said("取自文章信息：{}", "From the article’s details: {}")
    confidence_hint = _Said(
        "在开发数据上，有这样依据的答案约有 {} 是对的",
        "On development data, about {} of answers with such evidence were right",
    )
    searched_for = _Said("按此查找：{}", "Searched for: {}")
    did_you_mean = _Said("你是不是想问：{}", "Did you mean: {}")
    edit = _Said("修改", "edit")
    as_typed = _Said("按原话再问", "ask as typed")
    restricted = _Said("只看这些文章：{}", "Only articles of: {}")
    disagree = _Said("文章的说法不一致，请对照各自的出处。", "The articles disagree; compare their sources.")
    why = _Said("为什么是这个答案", "Why this answer")
    matched = _Said("对上的词", "words matched")
    similarity = _Said("语义相似度（-1 到 1）", "similarity of meaning (-1 to 1)")
    rank = _Said("名次", "rank")
    ranked = _Said("{}第 {}", "{} {}")
    by_words = _Said("按词", "by words")
    by_meaning = _Said("按语义", "by meaning")
    runner_up = _Said("第二可能", "runner-up")
    page = _Said("第 {} 页", "page {}")
    reader = _Said("原文", "Source")
    back = _Said("返回对话", "Back to the conversation")
    original = _Said("查看原网页", "Original web page")
    gone = _Said("这篇文章已经不在文章库里了。", "This article is no longer in the library.")
    broken = _Said("出错了，没能回答：{}", "Something went wrong, there is no answer: {}")
    too_long = _Said(
        "问题太长了。请控制在 2000 个字以内。",
        "The question is too long. Please keep it under 2,000 characters.",
    )
    no_question = _Said("请先输入问题。", "Please type a question first.")
    count = _Said("{} 篇", "{}")
    first_articles = _Said("前 {} 篇文章", "first {} articles")
    month = _Said("{} 月", "month {}")
    day_of_month = _Said("{} 月 {} 日", "month {}, day {}")
    count_of_articles = _Said("{} 篇文章", "{} articles")
    passages = _Said("{} 段", "{} passages")
    add_files = _Said("添加文件", "Add files")
    add_folder = _Said("添加文件夹", "Add a folder")
    upload = _Said("添加文章", "Add articles")
    upload_hint = _Said(
        "Markdown、纯文本、HTML、PDF、Word，每个不超过 {} MB，一次最多 {} 个；也可以拖到这里",
        "Markdown, plain text, HTML, PDF or Word; up to {} MB each, {} at a time; or drop them here",
    )
    uploading = _Said("正在上传 {}", "Uploading {}")
    not_uploaded = _Said("上传失败", "the upload failed")
    other_kind = _Said("不支持这种文件", "files of this kind cannot be read")
    left_out = _Said(
        "文件夹里另有 {} 个其他类型的文件，没有添加", "{} files of other kinds in the folder were left out"
    )
    same_name = _Said(
        "选了几个同名的文件，请改名或分次添加",
        "several files of this name were chosen; rename them, or add one at a time",
    )
    done_of = _Said("{} / {}", "{} of {}")
    close = _Said("关闭", "Close")
    find = _Said("找文章：标题、作者、标签、年份", "Find articles: title, author, tag, year")
    any_author = _Said("作者", "Author")
    any_tag = _Said("标签", "Tag")
    any_year = _Said("年份", "Year")
    filters = _Said("筛选", "Filter")
    clear = _Said("清除", "Clear")
    none_found = _Said("没有这样的文章", "No such articles")
    found_of = _Said("{} / {} 篇", "{} of {}")
    ask_only = _Said("只问这些文章", "Ask only these")
    asking_only = _Said("只问：{}", "Asking only: {}")
    ask_all = _Said("改问全部", "ask all")
    everywhere = _Said("在全部文章里再找一次", "Ask all articles")
    more_articles = _Said("再列 {} 篇", "{} more")
    remove = _Said("移除", "Remove")
    remove_this = _Said("把《{}》移出文章库？", "Remove “{}” from the library?")
    remove_upload = _Said(
        "它是上传的，移除后要再上传才能找回。", "It was uploaded; to have it back, upload it again."
    )
    remove_synced = _Said(
        "它的文件留在原处，下次同步这个文件夹时会再加进来。",
        "Its file stays where it is, and the next sync of its folder brings it back.",
    )
    cancel = _Said("取消", "Cancel")
    removed = _Said("已移除", "removed")
    status = _Said("状态", "Status")
    revision = _Said("版本", "revision")
    model = _Said("向量模型", "embedding model")
    segmenter = _Said("分词", "segmenter")
    watched = _Said("监视的文件夹", "watched folder")
    changes = _Said("改动", "changes")
    open_to_all = _Said("任何人都可以", "open to all")
    with_password = _Said("需要管理密码", "with the admin password")
    closed = _Said("不允许", "closed")
    manage = _Said("管理", "Manage")
    manage_hint = _Said(
        "输入管理密码，才能添加、移除文章和看统计。",
        "The admin password opens adding and removing articles, and the statistics.",
    )
    password = _Said("密码", "Password")
    unlock = _Said("打开", "Unlock")
    wrong_password = _Said("密码不对。", "That is not the password.")
    wait = _Said("试得太多了，请等 {} 秒。", "Too many attempts; wait {} seconds.")
    lock = _Said("退出管理", "Stop managing")
    not_allowed = _Said("现在不能改动文章库。", "The library cannot be changed now.")
    theme = _Said("深色或浅色", "Dark or light")
    new_conversation = _Said("新对话", "New conversation")
    keep_history = _Said("在这个浏览器里保留对话", "Keep conversations in this browser")
    keep_hint = _Said(
        "只存提过的问题，只存在这里；打开时会重新回答。",
        "Only the questions are kept, only here; they are answered again when opened.",
    )
    history = _Said("历史", "History")
    forget = _Said("全部删除", "Delete all")
    no_history = _Said("还没有保留的对话。", "No conversations are kept yet.")
    export = _Said("导出", "Export")
    as_markdown = _Said("Markdown 文件", "Markdown file")
    as_json = _Said("JSON 文件", "JSON file")
    suggestions = _Said("接着问", "Ask next")
    edit_question = _Said("改问题", "Edit")
    retry = _Said("重答", "Answer again")
    replaces = _Said(
        "改好后按回车，会替换原来的问题和它之后的对话。",
        "Press Enter to replace the question and what follows it.",
    )
    copy = _Said("复制", "Copy")
    copy_plain = _Said("文字和出处", "text with its source")
    copy_markdown = _Said("Markdown 引用", "Markdown quotation")
    copy_gbt = _Said("GB/T 7714 引文", "GB/T 7714 citation")
    copy_link = _Said("链接", "link")
    copied = _Said("已复制", "Copied")
    doubtful = _Said("可能相关，请核对原文", "Possibly relevant; check the source")
    good = _Said("答得对", "Right")
    bad = _Said("答得不对", "Wrong")
    thanks = _Said("记下了", "Noted")
    previous = _Said("上一处", "Previous place")
    next = _Said("下一处", "Next place")
    place_of = _Said("第 {} 处，共 {} 处", "place {} of {}")
    statistics = _Said("统计", "Statistics")
    days = _Said("最近 {} 天", "last {} days")
    asked_count = _Said("提问", "questions")
    answered_share = _Said("给出答案", "answered")
    latency = _Said("回答用时（中位数 / 95%）", "time to answer (median / 95 %)")
    judged = _Said("评价（对 / 不对）", "judged (right / wrong)")
    asked_most = _Said("问得最多", "Asked most")
    found_nothing = _Said("没有找到答案的问题", "Questions that found no answer")
    judged_wrong = _Said("被评为不对的答案", "Answers judged wrong")
    nothing_yet = _Said("还没有记录。", "Nothing is recorded yet.")
    not_recorded = _Said("没有记录提问（--no-record）。", "Questions are not recorded (--no-record).")
    export_squad = _Said("导出 SQuAD", "Export SQuAD")
    export_qrels = _Said("导出 qrels", "Export qrels")
    times = _Said("{} 次", "× {}")
    no_link = _Said("链接里的文章不在文章库里。", "The article of this link is not in the library.")
    show = _Said("打开原文", "Open the article")
    skip = _Said("跳到提问", "Skip to the question")
    busy = _Said("正在更新文章库……", "Updating the library…")

    confidence = _Said(
        ((0.8, "很有把握"), (0.6, "比较有把握"), (0.4, "把握一般"), (0.0, "把握不大")),
        ((0.8, "very likely"), (0.6, "likely"), (0.4, "uncertain"), (0.0, "doubtful")),
    )
    fields = _Said[MappingProxyType[str, str]](
        MappingProxyType(
            {
                "title": "标题",
                "author": "作者",
                "date": "日期",
                "tags": "标签",
                "categories": "分类",
                "link": "链接",
                "count": "数目",
                "lead": "开头（原文摘录）",
                "heading": "小标题（原文摘录）",
            }
        ),
        MappingProxyType(
            {
                "title": "title",
                "author": "author",
                "date": "date",
                "tags": "tags",
                "categories": "categories",
                "link": "link",
                "count": "number",
                "lead": "beginning (extract)",
                "heading": "heading (extract)",
            }
        ),
    )


ZH, EN = Strings("zh"), Strings("en")

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
