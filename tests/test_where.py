from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.rows import ArticleRow, File
from qa.where import Where, both, is_day, said


def row(author="", day="", tags=(), categories=(), source="a.md"):
    return ArticleRow("a", "题", source, "/r", author, day, tuple(tags), tuple(categories), 1, File("h"))


ROWS = [
    row("岷江客", "2018-10-18T14:20:00", ["水利", "四川", "世界遺產"], ["旅行"]),
    row("Daniel Okafor", "2019-07-20T20:17:00", ["space", "NASA"], ["Science"]),
    row("陆远山", "2022-03-12", ["铁路", "工程史"], ["铁道"]),
    row("wetech", "2019-02-25T17:40:09", ["金融"], ["商业"]),
    row("张三、李四", "2019", ["高速铁路"]),
    row(),
]
TEXT = st.sampled_from(["", "a", "A", "岷江客", "2019", "2019-02", "x/", "旅行"])
WHERES = st.builds(Where, *[TEXT] * 6)
ARTICLES = st.builds(
    row,
    st.sampled_from(["", "a", "A、b", "岷江客"]),
    st.sampled_from(["", "2018", "2019", "2019-02", "2019-02-25T17:40:09"]),
    st.lists(st.sampled_from(["a", "旅行"])),
    st.lists(st.sampled_from(["A", "旅行"])),
    st.sampled_from(["x/1.md", "2019/1.md", "1.md"]),
)
FRAGMENTS = st.sampled_from(
    "2019年 2月 25日 到 2022年 - 的 文章 里 中 有哪些 写 发表 标签 分类 是 岷江客 陆远山 张三 铁路 旅行 ， ？ in from articles by tagged "
    "Daniel Okafor 's the category Science 2019 July who landed news 報道 標籤".split()
)
QUESTIONS = (
    st.lists(FRAGMENTS, max_size=10).map("".join)
    | st.lists(FRAGMENTS, max_size=10).map(" ".join)
    | st.text(max_size=40)
)


@pytest.mark.parametrize(
    ("where", "day", "allowed"),
    [
        (Where(since="2019"), "2019-02-25T17:40:09", True),
        (Where(since="2019-02"), "2019-02-25T17:40:09", True),
        (Where(since="2019-02-25"), "2019-02-25T17:40:09", True),
        (Where(since="2019-02-26"), "2019-02-25T17:40:09", False),
        (Where(since="2019-03"), "2019-02-25T17:40:09", False),
        (Where(since="2020"), "2019-02-25T17:40:09", False),
        (Where(until="2019"), "2019-02-25T17:40:09", True),
        (Where(until="2019-02"), "2019-02-25T17:40:09", True),
        (Where(until="2019-02-25"), "2019-02-25T17:40:09", True),
        (Where(until="2019-02-24"), "2019-02-25T17:40:09", False),
        (Where(until="2019-01"), "2019-02-25T17:40:09", False),
        (Where(until="2018"), "2019-02-25T17:40:09", False),
        (Where(since="2019-02", until="2019-02"), "2019-02-25", True),
        (Where(since="2019-01", until="2019-01"), "2019-02-25", False),
        (Where(since="2018-12-31", until="2020"), "2019-02-25", True),
        (Where(since="2019"), "2019", True),
        (Where(until="2019"), "2019", True),
        (Where(since="2019", until="2019"), "2019", True),
        (Where(since="2020"), "2019", False),
        (Where(until="2018"), "2019", False),
        (Where(since="2019-02"), "2019", True),  # it may be of February: as far as is known
        (Where(until="2019-02"), "2019", True),
        (Where(until="2018-12"), "2019", False),
        (Where(since="2020-01"), "2019", False),
        (Where(since="2019"), "", False),
        (Where(until="2019"), "", False),
        (Where(), "", True),
    ],
)
def test_where_compares_dates_as_far_as_they_are_known(where, day, allowed):
    assert where.allows(row(day=day)) is allowed


@given(
    st.dates(date(1000, 1, 1)), st.sampled_from([4, 7, 10]), st.sampled_from(["", "T00:00:00", "T23:59:59"])
)
def test_where_a_date_lies_within_its_own_year_month_and_day(day, size, time):
    known = day.isoformat()[:size]
    assert Where(since=known, until=known).allows(row(day=day.isoformat() + time))


@given(st.dates(date(1000, 1, 1)), st.dates(date(1000, 1, 1)))
def test_where_both_ends_are_included_and_nothing_beyond(first, second):
    article = row(day=first.isoformat())
    assert Where(since=second.isoformat()).allows(article) is (first >= second)
    assert Where(until=second.isoformat()).allows(article) is (first <= second)


@pytest.mark.parametrize(
    ("where", "article", "allowed"),
    [
        (Where(author="岷江客"), row("岷江客"), True),
        (Where(author=" 岷江客 "), row("岷江客"), True),
        (Where(author="江客"), row("岷江客"), False),
        (Where(author="岷江客"), row(), False),
        (Where(author="陸遠山"), row("陆远山"), True),
        (Where(author="DANIEL okafor"), row("Daniel Okafor"), True),
        (Where(author="Ｄａｎｉｅｌ  Okafor"), row("Daniel Okafor"), True),
        (Where(author="Daniel"), row("Daniel Okafor"), False),
        (Where(author="张三"), row("张三、李四"), True),
        (Where(author="李四"), row("张三、李四"), True),
        (Where(author="张三、李四"), row("张三、李四"), True),
        (Where(author="Bell"), row("Ada Lovelace and Bell"), True),
        (Where(author="Bell"), row("Anderson Bell"), False),
        (Where(author="And"), row("Anderson"), False),
        (Where(tag="铁路"), row(tags=["工程史", "鐵路"]), True),
        (Where(tag="nasa"), row(tags=["space", "NASA"]), True),
        (Where(tag="铁路"), row(tags=["高速铁路"]), False),
        (Where(tag="铁路"), row(categories=["铁路"]), False),
        (Where(tag="铁路"), row(), False),
        (Where(category="science"), row(categories=["Science"]), True),
        (Where(category="世界遗产"), row(categories=["旅行", "世界遺產"]), True),
        (Where(category="旅行"), row(tags=["旅行"]), False),
        (Where(folder="travel/"), row(source="travel/a.md"), True),
        (Where(folder="travel/"), row(source="essays/travel/a.md"), False),
        (Where(folder="travel/china"), row(source="travel/china/a.md"), True),
    ],
)
def test_where_compares_folded_and_whole(where, article, allowed):
    assert where.allows(article) is allowed


@given(ARTICLES)
def test_where_nothing_asked_allows_all(article):
    assert Where().allows(article)


@given(WHERES, ARTICLES)
def test_where_allows_what_each_of_its_parts_allows(where, article):
    parts = [Where(**{name: getattr(where, name)}) for name in Where.__slots__]
    assert where.allows(article) is all(part.allows(article) for part in parts)


@given(WHERES)
def test_where_is_true_where_it_asks_anything(where):
    assert bool(where) is any(getattr(where, name) for name in Where.__slots__)


@pytest.mark.parametrize(
    ("given_", "told", "together"),
    [
        (None, Where(), None),
        (Where(), Where(), None),
        (None, Where(since="2019"), Where(since="2019")),
        (Where(), Where(since="2019"), Where(since="2019")),
        (Where(folder="x/"), Where(), Where(folder="x/")),
        (Where(folder="x/"), Where(since="2019", until="2019"), Where("2019", "2019", folder="x/")),
        (Where(author="岷江客"), Where(author="陆远山"), Where(author="陆远山")),
        (
            Where("2018", "2018", tag="水利"),
            Where("2019", "2019", author="wetech"),
            Where("2019", "2019", "wetech", "水利"),
        ),
    ],
)
def test_where_what_is_told_is_put_in_place_of_what_is_given(given_, told, together):
    assert both(given_, told) == together


@given(WHERES)
def test_where_nothing_added_changes_nothing(where):
    assert both(None, where) == (where or None)
    assert both(where, Where()) == (where or None)
    assert both(where, where) == (where or None)


@pytest.mark.parametrize(
    ("question", "where", "rest"),
    [
        ("2019年的文章里谁登上了月球？", Where("2019", "2019"), "谁登上了月球？"),
        ("2019年的文章里，谁登上了月球？", Where("2019", "2019"), "谁登上了月球？"),
        ("２０１９年的文章裡，誰登上了月球？", Where("2019", "2019"), "誰登上了月球？"),
        ("2019年2月的文章有哪些？", Where("2019-02", "2019-02"), "有哪些？"),
        ("2019-02的文章有哪些？", Where("2019-02", "2019-02"), "有哪些？"),
        ("在2019年2月25日发表的文章中，估值是多少？", Where("2019-02-25", "2019-02-25"), "估值是多少？"),
        ("2019年的新闻里谁当选？", Where("2019", "2019"), "谁当选？"),
        ("2019年的報道中，估值是多少？", Where("2019", "2019"), "估值是多少？"),
        ("2019年到2022年的文章里，铁路有多长？", Where("2019", "2022"), "铁路有多长？"),
        ("从2019年2月至2022年3月的文章里，铁路有多长？", Where("2019-02", "2022-03"), "铁路有多长？"),
        ("2019年有多少篇文章？", Where("2019", "2019"), "有多少篇文章？"),
        ("岷江客写的文章里，都江堰是谁修的？", Where(author="岷江客"), "都江堰是谁修的？"),
        ("岷江客的文章有哪些？", Where(author="岷江客"), "有哪些？"),
        ("在陆远山的文章里，京张铁路多长？", Where(author="陆远山"), "京张铁路多长？"),
        ("陸遠山的文章裡，京張鐵路多長？", Where(author="陆远山"), "京張鐵路多長？"),
        ("作者是岷江客的文章有哪些？", Where(author="岷江客"), "有哪些？"),
        ("ＷＥＴＥＣＨ的文章里估值是多少？", Where(author="wetech"), "估值是多少？"),
        ("张三的文章有哪些？", Where(author="张三"), "有哪些？"),
        ("标签为铁路的文章有哪些？", Where(tag="铁路"), "有哪些？"),
        ("標籤是四川的文章裡，都江堰是誰修的？", Where(tag="四川"), "都江堰是誰修的？"),
        ("標籤為世界遗产的文章有哪些？", Where(tag="世界遺產"), "有哪些？"),
        ("带有“铁路”标签的文章里，京张铁路多长？", Where(tag="铁路"), "京张铁路多长？"),
        ("铁路标签下有哪些文章？", Where(tag="铁路"), "有哪些文章？"),
        ("标签为space的文章，Eagle什么时候着陆？", Where(tag="space"), "Eagle什么时候着陆？"),
        ("分类是旅行的文章有哪些？", Where(category="旅行"), "有哪些？"),
        ("旅行分类下有哪些文章？", Where(category="旅行"), "有哪些文章？"),
        ("旅行类的文章里，都江堰是谁修的？", Where(category="旅行"), "都江堰是谁修的？"),
    ],
)
def test_where_is_said_in_chinese(question, where, rest):
    assert said(question, ROWS) == (where, rest)


@pytest.mark.parametrize(
    ("question", "where", "rest"),
    [
        ("In articles from 2019, who landed on the Moon?", Where("2019", "2019"), "who landed on the Moon?"),
        ("In the 2019 articles, who landed?", Where("2019", "2019"), "who landed?"),
        ("In articles published in July 2019, who landed?", Where("2019-07", "2019-07"), "who landed?"),
        ("in articles tagged space, when did Eagle land?", Where(tag="space"), "when did Eagle land?"),
        ("In posts with the tag “nasa”, who landed?", Where(tag="NASA"), "who landed?"),
        ("In articles by daniel okafor, who landed?", Where(author="Daniel Okafor"), "who landed?"),
        ("In Daniel Okafor's articles, who landed?", Where(author="Daniel Okafor"), "who landed?"),
        ("In the Science category, who landed?", Where(category="Science"), "who landed?"),
        ("in the category Science, who landed?", Where(category="Science"), "who landed?"),
    ],
)
def test_where_is_said_in_english(question, where, rest):
    assert said(question, ROWS) == (where, rest)


@pytest.mark.parametrize(
    "question",
    [
        "2019年京张铁路运了多少人？",
        "2008年地震中鱼嘴怎么了？",
        "京张铁路什么时候通车？",
        "这篇文章是谁写的？",
        "岷江客是谁？",
        "陆远山生于哪里？",
        "鲁迅写的文章有哪些？",
        "标签为诗歌的文章有哪些？",
        "文章的标签是什么？",
        "铁路有多长？",
        "新闻里说他多大年纪？",
        "文章里提到的2019年发生了什么？",
        "2019年文化节有多少人参加？",
        "2019年的文物普查发现了多少件？",
        "2012年有多少文物出土？",
        "2019年消息传来时他在哪里？",
        "2020年新闻发布会是谁主持的？",
        "陆远山文化公园在哪里？",
        "Who is Daniel Okafor?",
        "Who landed in July 2019?",
        "Who wrote the article about sourdough?",
        "In articles by Jane Austen, who marries?",
        "What is science?",
        "",
    ],
)
def test_where_nothing_is_said(question):
    assert said(question, ROWS) == (Where(), question)


def test_where_names_count_only_where_an_article_has_them():
    question = "岷江客写的文章里，都江堰是谁修的？"
    assert said(question, []) == (Where(), question)
    assert said(question, ROWS[1:]) == (Where(), question)


def test_where_the_longest_name_counts():
    rows = [row("三"), row("张三"), row("张三、李四")]
    assert said("张三的文章里，谁来了？", rows) == (Where(author="张三"), "谁来了？")
    assert said("张三、李四的文章里，谁来了？", rows) == (Where(author="张三、李四"), "谁来了？")


def test_where_an_authors_name_is_no_pattern():
    rows = [row("C.C. (小编)+"), row("x")]
    assert said("C.C. (小编)+的文章里，谁来了？", rows) == (Where(author="C.C. (小编)+"), "谁来了？")
    assert said("cxcx的文章里，谁来了？", [row("c.c.")])[0] == Where()


def test_where_an_author_and_a_tag_are_said_together():
    question = "in articles by Daniel Okafor, in articles tagged space, who landed?"
    assert said(question, ROWS)[0] == Where(author="Daniel Okafor", tag="space")


@given(QUESTIONS, st.sampled_from([ROWS, ROWS[1:4], []]))
def test_where_said_takes_from_the_question_and_adds_nothing(question, rows):
    where, rest = said(question, rows)
    if not where:
        assert rest == question
    else:
        left = iter("".join(question.split()))
        assert all(char in left for char in "".join(rest.split()))
        assert len(rest) < len(question)


@given(QUESTIONS, st.sampled_from([ROWS, ROWS[1:4], []]))
def test_where_said_names_only_what_articles_have(question, rows):
    where, _ = said(question, rows)
    assert not where.folder
    for name in ("author", "tag", "category"):
        alone = replace(
            where, since="", until="", **dict.fromkeys({"author", "tag", "category"} - {name}, "")
        )
        assert not alone or any(alone.allows(article) for article in rows)


@pytest.mark.parametrize(
    ("question", "where", "rest"),
    [
        ("岷江客的文章中国人怎么看", Where(author="岷江客"), "中国人怎么看"),
        ("旅行类中药有哪些功效", Where(), "旅行类中药有哪些功效"),
        ("岷江客的文章中谁修了都江堰", Where(author="岷江客"), "谁修了都江堰"),
    ],
)
def test_where_takes_no_part_of_a_word(question, where, rest):
    assert said(question, ROWS) == (where, rest)


@pytest.mark.parametrize(
    ("day", "there"),
    [
        ("", True),
        ("2019", True),
        ("2019-12", True),
        ("2019-13", False),
        ("2019-05-31", True),
        ("2019-05-99", False),
    ],
)
def test_where_a_day_is_one_that_there_may_be(day, there):
    assert is_day(day) is there


def test_where_what_is_no_day_restricts_nothing():
    assert said("2019年5月的文章里谁来了？", ROWS)[0] == Where("2019-05", "2019-05")
    assert said("2019年13月的文章里谁来了？", ROWS)[0] == Where()
