import pytest

from embeddings.article import Article, Heading, Metadata, Span
from qa.about import about, chosen, lacking, values


@pytest.mark.parametrize(
    ("question", "field", "topic"),
    [
        ("作者是谁？", "author", ""),
        ("这篇文章是谁写的？", "author", ""),
        ("《平安旗下》的作者是谁", "author", "平安旗下"),
        ("青蒿素那篇文章的作者是谁", "author", "青蒿素"),
        ("谁写了那篇讲青蒿素的文章？", "author", "青蒿素"),
        ("《平安旗下》是谁写的？", "author", "平安旗下"),
        ("青蒿素那篇打了哪些标签？", "tags", "青蒿素"),
        ("都江堰那篇归在哪个分类下？", "categories", "都江堰"),
        ("总结一下讲都江堰的那篇文章", "summary", "都江堰"),
        ("這篇文章什麼時候發表的？", "date", ""),
        ("什么时候发表的？", "date", ""),
        ("那条新闻是几号登的？", "date", ""),
        ("关于都江堰的文章有哪些标签？", "tags", "都江堰"),
        ("都江堰游记打了哪些标签", "tags", "都江堰"),
        ("养蜂日志打的什么标签？", "tags", "养蜂日志"),
        ("Who wrote the article about sourdough?", "author", "sourdough"),
        ("When was the Apollo 11 article published?", "date", "apollo 11"),
        ("When did the cold chain article come out?", "date", "cold chain"),
    ],
)
def test_about_sees_the_field_and_the_topic(question, field, topic):
    found = about(question)
    assert found is not None
    assert found.field == field
    assert found.topic == topic


@pytest.mark.parametrize(
    "question",
    [
        "这款手机什么时候发布的？",
        "谁写了红楼梦？",
        "京张铁路什么时候通车？",
        "金融壹账通估值多少？",
        "Who built the lighthouse?",
        "日本首相叫什么名字？",
        "脚本标题是什么时候写的？",
        "应该叫什么？",
        "这条河叫什么名字？",
        "这则故事发生在什么时候？",
        "文章说火箭什么时候发射？",
        "What is the middle piece called?",
        "Who wrote the software for Apollo 11?",
    ],
)
def test_about_leaves_other_questions_alone(question):
    assert about(question) is None


@pytest.mark.parametrize(
    ("question", "outright"),
    [
        ("那篇讲茶的文章是谁写的？", True),
        ("《魔戒》的作者是谁？", False),
        ("Who wrote the tea article?", True),
        ("Who is the author of the lighthouse story?", True),
    ],
)
def test_about_knows_what_speaks_of_an_article_outright(question, outright):
    assert about(question).named is outright


def test_about_a_question_too_long_is_about_something_else():
    assert about("文章" * 400 + "何时" * 400 + "发") is None


def test_about_a_summary_is_the_first_sentences_and_the_outermost_headings():
    text = "题目\n第一句。第二句。\n甲节\n正文。\n小节\n正文。\n乙节\n正文。"
    at = [Heading(Span(text.index(name), text.index(name) + len(name)), level)
          for name, level in (("题目", 1), ("甲节", 2), ("小节", 3), ("乙节", 2))]  # fmt: skip
    found = values(Article("a", "题目", text, "s", headings=tuple(at)), "summary")
    assert [(name, span.of(text)) for name, span in found] == [
        ("lead", "第一句。第二句。"),
        ("heading", "甲节"),
        ("heading", "乙节"),
    ]


def test_about_says_what_is_lacking():
    wanted = about("这篇文章的链接是什么？")
    assert lacking("链接是什么？", wanted, Article("a", "题目", "文", "s")) == "《题目》没有注明链接。"
    assert "哪一篇" in lacking("作者是谁？", about("作者是谁？"), None)
    assert "Which article" in lacking("Who is the author?", wanted, None)


def test_about_values_come_from_the_front_matter():
    metadata = Metadata("wetech", "2019-02-25T17:40:09", ("金融", "平安"), (), "", {"byline": "沈安蓓"})
    article = Article("a", "题目", "正文", "s", metadata)
    assert values(article, "author") == [("author", "wetech"), ("byline", "沈安蓓")]
    assert values(article, "date") == [("date", "2019-02-25 17:40:09")]
    assert values(article, "tags") == [("tags", "金融、平安")]
    assert values(article, "categories") == []
    assert values(article, "title") == [("title", "题目")]


def test_about_chooses_the_article_whose_title_holds_the_topic():
    first, second = Article("1", "青藏铁路", "x", "1"), Article("2", "青蒿素的发现", "x", "2")
    ranked = chosen("青蒿素", [first, second])
    assert ranked[0] == (second, 1.0, 0.5)
    assert ranked[1][1] < 0.5


@pytest.mark.parametrize(
    ("question", "fields"),
    [
        ("青蒿素那篇是谁、在什么时候发的？", ("author", "date")),
        ("京张铁路那篇文章的作者和日期", ("author", "date")),
        ("那篇文章的标签和分类是什么？", ("tags", "categories")),
        ("Who wrote the sourdough post and when was it published?", ("author", "date")),
        ("青蒿素那篇是谁在什么时候发的？", ("author", "date")),
        ("Who wrote the sourdough post, and when?", ("author", "date")),
        ("那篇讲灯塔的文章是谁在什么时候写的？", ("author", "date")),
        ("青蒿素那篇是谁写的？", ("author",)),
    ],
)
def test_about_sees_all_fields_asked_for_at_once(question, fields):
    found = about(question)
    assert (found.field, *found.further) == fields


@pytest.mark.parametrize(
    ("question", "end"),
    [("第一篇文章是什么时候发的", "old"), ("最新的文章是谁写的？", "new"), ("这篇文章是谁写的", "")],
)
def test_about_the_newest_and_the_oldest(question, end):
    assert about(question).end == end


def test_about_where_a_text_comes_from_is_its_link_or_else_whose_it_is():
    held = Metadata(author="央视", link="https://a.b/c")
    assert values(Article("a", "题", "文", "a", held), "origin") == [("link", "https://a.b/c")]
    assert values(Article("a", "题", "文", "a", Metadata(author="央视")), "origin") == [("author", "央视")]


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("清明上河图是谁画的？", "清明上河图"),
        ("中华田园犬来自哪里？", "中华田园犬"),
        ("中华田园犬属于什么类？", "中华田园犬"),
        ("珠穆朗玛峰分在哪个国家？", "珠穆朗玛峰"),
    ],
)
def test_about_what_a_title_names_is_not_the_article(question, title):
    assert about(question, [title]) is None


def test_about_a_title_and_a_word_for_articles_fields_is_the_article():
    assert about("清明上河图是谁写的？", ["清明上河图"]).field == "author"
    assert about("《清明上河图》归在哪个分类？").field == "categories"
    assert about("清明上河图那篇文章的插图是谁画的？", ["清明上河图"]).field == "author"


@pytest.mark.parametrize(
    "question", ["When was the report released?", "Who wrote the report?", "Where is the report from?"]
)
def test_about_the_report_is_one_of_which_an_article_tells(question):
    assert about(question) is None


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ("When was this report released?", "date"),
        ("Where is that text from?", "origin"),
        ("Who wrote this story?", "author"),
    ],
)
def test_about_this_report_is_the_article(question, field):
    found = about(question)
    assert (found.field, found.topic) == (field, "")
