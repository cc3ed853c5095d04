import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.rows import ArticleRow, File
from embeddings.words import fold
from qa.cues import Cues, cues, told
from qa.where import Where


def row(author="", day="", tags=(), categories=()):
    return ArticleRow("a", "题", "a.md", "/r", author, day, tuple(tags), tuple(categories), 1, File("h"))


ROWS = [
    row("岷江客", "2018-10-18", ["水利", "四川"], ["旅行"]),
    row("Daniel Okafor", "2019-07-20", ["space", "NASA"], ["Science"]),
    row("陆远山", "2022-03-12", ["铁路", "工程史"], ["铁道"]),
    row(),
]


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("你这儿收了几篇文章", Cues(Where(), "", True, "", 0)),
        ("List every article you've got", Cues(Where(), "", False, "", 0)),
        ("岷江客寫過哪些東西", Cues(Where(author="岷江客"), "", False, "", 0)),
        ("陆远山名下有哪些文章", Cues(Where(author="陆远山"), "", False, "", 0)),
        ("articles by Daniel Okafor", Cues(Where(author="daniel okafor"), "", False, "", 0)),
        ("What did Daniel Okafor publish in 2019?", Cues(Where("2019", "2019", "daniel okafor"), "", False, "", 0)),
        ("打了铁路标签的是哪篇", Cues(Where(tag="铁路"), "", False, "", 0)),
        ("tag:NASA", Cues(Where(tag="nasa"), "", False, "", 0)),
        ("Science category: what's in it?", Cues(Where(category="science"), "", False, "", 0)),
        ("2020年8月发了什么", Cues(Where("2020-08", "2020-08"), "", False, "", 0)),
        ("What was posted in July 2021?", Cues(Where("2021-07", "2021-07"), "", False, "", 0)),
        ("2018到2020年之间的文章", Cues(Where("2018", "2020"), "", False, "", 0)),
        ("articles between 2018 and 2019", Cues(Where("2018", "2019"), "", False, "", 0)),
        ("2022年以来发了几篇", Cues(Where("2022"), "", True, "", 0)),
        ("posts since 2023", Cues(Where("2023"), "", False, "", 0)),
        ("How many went up after 2021?", Cues(Where("2022"), "", True, "", 0)),
        ("2019年以前的文章", Cues(Where(until="2018"), "", False, "", 0)),
        ("2019年3月以前的文章", Cues(Where(until="2019-02-28"), "", False, "", 0)),
        ("2021年下半年发的是哪篇", Cues(Where("2021-07", "2021-12"), "", False, "", 0)),
        ("最早发的是哪一篇", Cues(Where(), "", False, "old", 0)),
        ("latest article?", Cues(Where(), "", False, "new", 0)),
        ("最近三篇文章", Cues(Where(), "", False, "", 3)),
        ("关于灯塔的文章", Cues(Where(), "灯塔", False, "", 0)),
        ("想看造纸方面的，有哪篇", Cues(Where(), "造纸", False, "", 0)),
        ("跟衛星導航有關的文章", Cues(Where(), "卫星导航", False, "", 0)),
        ("anything on the moon landing?", Cues(Where(), "the moon landing", False, "", 0)),
        ("有没有讲水利工程的", Cues(Where(), "水利工程", False, "", 0)),
    ],
)  # fmt: skip
def test_cues_ask_of_the_collection(question, asked):
    assert cues(question, ROWS) == asked


@pytest.mark.parametrize(
    "question",
    [
        "",
        "京张铁路什么时候通车？",
        "2019年京张铁路运了多少人？",
        "岷江客写的文章里，都江堰是谁修的？",
        "文章的标签是什么？",
        "鲁迅写过哪些小说？",
        "最新的火箭是哪个？",
        "有多少人？",
        "谁发现了青蒿素？",
        "Who wrote the article about sourdough?",
        "What is the latest rocket?",
        "How many people landed on the Moon?",
        "In articles from 2019, who landed?",
        "Is there anything that stops it?",
    ],
)
def test_cues_leave_what_stands_in_the_articles_alone(question):
    assert cues(question, ROWS) is None


@pytest.mark.parametrize(
    ("question", "where", "rest"),
    [
        ("Daniel Okafor 那篇里，土星五号有多高？", Where(author="daniel okafor"), "土星五号有多高？"),
        ("2022年下半年的文章里，离岸多远？", Where("2022-07", "2022-12"), "离岸多远？"),
        ("2022年以后发的文章里，青蒿素是谁发现的？", Where("2022"), "青蒿素是谁发现的？"),
        ("旅行分类里，什么裂了？", Where(category="旅行"), "什么裂了？"),
    ],
)
def test_cues_restrict_what_is_asked_after_them(question, where, rest):
    assert told(question, ROWS) == (where, rest)


@pytest.mark.parametrize(
    "question", ["都江堰是谁修的？", "在北京的文章节里，有什么？", "In the harbour, who lit the lamp?"]
)
def test_cues_restrict_nothing_else(question):
    assert told(question, ROWS) == (Where(), question)


FRAGMENTS = st.sampled_from(
    "2019年 3月 13月 45日 以前 之后 到 2022 的 文章 里 ， 有哪些 标签 铁路 岷江客 最近 三篇 关于 posts since before after between and tag: ？".split()
)


@given(
    st.text(max_size=70)
    | st.lists(FRAGMENTS, max_size=9).map("".join)
    | st.lists(FRAGMENTS, max_size=9).map(" ".join)
)
def test_cues_of_anything_raise_nothing(question):
    found = cues(question, ROWS)
    assert found is None or isinstance(found, Cues)
    where, rest = told(question, ROWS)
    assert where or rest == question


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("有几位作者？", Cues(Where(), "", True, "", 0, of="author")),
        ("一共分了多少个类别", Cues(Where(), "", True, "", 0, of="categories")),
        ("都有哪些标签？", Cues(Where(), "", False, "", 0, of="tags")),
        ("How many authors are there?", Cues(Where(), "", True, "", 0, of="author")),
        ("十月份发的是哪一篇", Cues(Where(month="10"), "", False, "", 0)),
        ("articles published in May", Cues(Where(month="05"), "", False, "", 0)),
        ("除了京张那篇，陆远山还写过什么？", Cues(Where(author="陆远山"), "", False, "", 0, "京张")),
        ("这篇有几个标签？", None),
    ],
)
def test_cues_of_authors_months_and_all_but_one(question, asked):
    assert cues(question, ROWS) == asked


@pytest.mark.parametrize(
    ("question", "where", "rest"),
    [
        ("只看铁道分类：谁修的路？", Where(category="铁道"), "谁修的路？"),
        ("2018年10月那篇，江水有多深？", Where("2018-10", "2018-10"), "江水有多深？"),
        ("10月18日的文章里，江水有多深？", Where(month="10-18"), "江水有多深？"),
        ("2019年4月到7月之间的文章里，谁去了月球？", Where("2019-04", "2019-07"), "谁去了月球？"),
        ("Under the NASA tag: who went there?", Where(tag="nasa"), "who went there?"),
        ("within Science, who went there?", Where(category="science"), "who went there?"),
        ("铁路：谁修的路？", Where(), "铁路：谁修的路？"),
    ],
)
def test_cues_restrict_by_what_is_said_first(question, where, rest):
    assert told(question, ROWS) == (where, rest)


@pytest.mark.parametrize(
    ("question", "where", "rest"),
    [
        ("2020年新闻中心在哪里开的", Where(), "2020年新闻中心在哪里开的"),
        ("旅行类中药有哪些功效", Where(), "旅行类中药有哪些功效"),
        ("岷江客的文章中国人怎么看", Where(author="岷江客"), "中国人怎么看"),
        ("NASA标签中文名叫什么", Where(tag="NASA"), "中文名叫什么"),
        ("岷江客的文章里都江堰是谁修的", Where(author="岷江客"), "都江堰是谁修的"),
    ],
)
def test_cues_a_restriction_ends_with_a_word(question, where, rest):
    told_where, left = told(question, ROWS)
    assert (fold(str(told_where)), left) == (fold(str(where)), rest)


@pytest.mark.parametrize("question", ["什么是文章", "新闻是什么", "What is a post?", "What are articles?"])
def test_cues_the_meaning_of_a_word_is_no_list(question):
    assert cues(question, ROWS) is None


@pytest.mark.parametrize(
    "question", ["2020年13月的文章", "最新的1000篇文章", "2020年5月99日的文章", "5月99日的文章"]
)
def test_cues_what_is_no_date_restricts_nothing(question):
    found = cues(question, ROWS)
    assert found is None or not found.where
