from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.rows import ArticleRow, File
from qa.catalog import Wanted, selected, wanted
from qa.where import Where


def row(name, title="", author="", day="", tags=(), categories=()):
    return ArticleRow(
        name, title, f"{name}.md", "/r", author, day, tuple(tags), tuple(categories), 1, File("h")
    )


WEIR = row(
    "weir", "都江堰：两千年不退休的水利工程", "岷江客", "2018-10-18T14:20:00", ["水利", "四川"], ["旅行"]
)
APOLLO = row(
    "apollo", "Eight Days in July: Apollo 11", "Daniel Okafor", "2019-07-20T20:17:00", ["space"], ["Science"]
)
RAILWAY = row("railway", "京张铁路", "陆远山", "2022-03-12T20:15:00", ["铁路", "工程史"], ["铁道"])
COMPANY = row("company", "平安旗下", "wetech", "2019-02-25T17:40:09", ["金融"])
TOWER = row("tower", "Four Lighthouses on One Rock", "Rosalind Pike", "2022-11-14", ["lighthouse"])
YEAR = row("year", "合写", "张三、李四", "2019", ["高速铁路"])
UNDATED = row("undated", "无题")
ROWS = [UNDATED, WEIR, APOLLO, RAILWAY, YEAR, COMPANY, TOWER]
ANY = Where()


@pytest.mark.parametrize(
    "question",
    [
        "有多少篇文章？",
        "一共有几篇文章？",
        "这里有多少文章",
        "庫裡有多少篇文章？",
        "总共收录了多少篇文章？",
        "有几篇？",
        "How many articles are there?",
        "How many articles do you have?",
        "How many posts are there in total?",
        "How many articles are in this library?",
        "How many articles?",
        "How many articles are there on this site?",
    ],
)
def test_catalog_counts_the_articles(question):
    assert wanted(question, ROWS) == Wanted(ANY, count=True)


@pytest.mark.parametrize(
    "question",
    [
        "有哪些文章？",
        "有什么文章？",
        "这里有哪些文章？",
        "這裡有哪些文章？",
        "列出所有文章",
        "给我看看所有文章",
        "Which articles are there?",
        "What articles do you have?",
        "List all articles",
        "List the posts.",
        "Show me all the articles",
    ],
)
def test_catalog_lists_the_articles(question):
    assert wanted(question, ROWS) == Wanted(ANY)


@pytest.mark.parametrize(
    ("question", "end"),
    [
        ("最新的文章是哪篇？", "new"),
        ("最近的一篇文章是什么？", "new"),
        ("最新的一篇文章", "new"),
        ("哪篇文章最新？", "new"),
        ("最早的文章是哪一篇？", "old"),
        ("哪篇文章是最早的？", "old"),
        ("哪一篇最早？", "old"),
        ("What is the latest article?", "new"),
        ("What was the most recent post?", "new"),
        ("Which is the newest post?", "new"),
        ("Which is the oldest article?", "old"),
        ("What is the earliest article?", "old"),
    ],
)
def test_catalog_the_newest_or_the_oldest(question, end):
    assert wanted(question, ROWS) == Wanted(ANY, end=end)


@pytest.mark.parametrize(
    ("question", "author", "count"),
    [
        ("岷江客写了哪些文章？", "岷江客", False),
        ("岷江客寫了哪些文章？", "岷江客", False),
        ("岷江客都写了什么？", "岷江客", False),
        ("陸遠山發表了哪些文章？", "陆远山", False),
        ("岷江客的文章有哪些？", "岷江客", False),
        ("张三的文章有哪些？", "张三", False),
        ("Daniel Okafor 写了哪些文章？", "Daniel Okafor", False),
        ("岷江客写了多少篇文章？", "岷江客", True),
        ("岷江客一共写了几篇文章？", "岷江客", True),
        ("岷江客写的文章有多少篇？", "岷江客", True),
        ("Which articles did Daniel Okafor write?", "Daniel Okafor", False),
        ("What articles has daniel okafor written?", "Daniel Okafor", False),
        ("Which articles were written by Rosalind Pike?", "Rosalind Pike", False),
        ("Which articles are by Rosalind Pike?", "Rosalind Pike", False),
        ("How many articles did Rosalind Pike write?", "Rosalind Pike", True),
        ("How many articles are by Rosalind?", "Rosalind Pike", True),
        ("岷江客在这个博客写了几篇？", "岷江客", True),
    ],
)
def test_catalog_the_articles_of_an_author(question, author, count):
    assert wanted(question, ROWS) == Wanted(Where(author=author), count=count)


@pytest.mark.parametrize(
    ("question", "where", "count"),
    [
        ("2019年的文章有哪些？", Where("2019", "2019"), False),
        ("2019年2月的文章有哪些？", Where("2019-02", "2019-02"), False),
        ("从2019年到2022年的文章有哪些？", Where("2019", "2022"), False),
        ("2019年有多少篇文章？", Where("2019", "2019"), True),
        ("How many articles are from 2019?", Where("2019", "2019"), True),
        ("How many articles were published in July 2019?", Where("2019-07", "2019-07"), True),
        ("Which articles were published in 2019?", Where("2019", "2019"), False),
        ("标签为铁路的文章有哪些？", Where(tag="铁路"), False),
        ("铁路标签下有哪些文章？", Where(tag="铁路"), False),
        ("带铁路标签的文章有几篇？", Where(tag="铁路"), True),
        ("Which articles are tagged space?", Where(tag="space"), False),
        ("Which articles have the tag space?", Where(tag="space"), False),
        ("How many stories are tagged Lighthouse?", Where(tag="lighthouse"), True),
        ("旅行分类下有哪些文章？", Where(category="旅行"), False),
        ("旅行类文章有多少篇？", Where(category="旅行"), True),
    ],
)
def test_catalog_the_articles_of_a_time_a_tag_or_a_category(question, where, count):
    assert wanted(question, ROWS) == Wanted(where, count=count)


@pytest.mark.parametrize(
    ("question", "topic", "count"),
    [
        ("关于铁路的文章有哪些？", "铁路", False),
        ("關於鐵路的文章有哪些？", "铁路", False),
        ("有关于铁路的文章吗？", "铁路", False),
        ("有哪些关于水利的文章？", "水利", False),
        ("哪些文章提到了铁路？", "铁路", False),
        ("哪些文章提到过李冰？", "李冰", False),
        ("哪篇文章讲了都江堰？", "都江堰", False),
        ("哪些文章是关于铁路的？", "铁路", False),
        ("有几篇文章讲铁路？", "铁路", True),
        ("有多少篇关于铁路的文章？", "铁路", True),
        ("关于铁路的文章有多少篇？", "铁路", True),
        ("Which articles are about lighthouses?", "lighthouses", False),
        ("Which articles mention lighthouses?", "lighthouses", False),
        ("How many articles are about railways?", "railways", True),
    ],
)
def test_catalog_the_articles_about_a_topic(question, topic, count):
    assert wanted(question, ROWS) == Wanted(ANY, topic=topic, count=count)


@pytest.mark.parametrize(
    "question",
    [
        "京张铁路什么时候通车？",
        "2019年京张铁路运了多少人？",
        "2019年的文章里谁登上了月球？",
        "岷江客写的文章里，都江堰是谁修的？",
        "这篇文章是谁写的？",
        "这篇文章里有几个人？",
        "文章的标签是什么？",
        "鲁迅写了哪些小说？",
        "鲁迅写了什么？",
        "三大主体工程有哪些？",
        "有多少人？",
        "有哪些？",
        "最新的火箭是哪个？",
        "报道称有多少人受伤？",
        "Who wrote the article about sourdough?",
        "When was the Apollo 11 article published?",
        "How many people landed?",
        "What is the latest rocket?",
        "Which lighthouses are there?",
        "In articles from 2019, who landed?",
        "What tags does the post about space have?",
        "",
    ],
)
def test_catalog_leaves_other_questions_alone(question):
    assert wanted(question, ROWS) is None


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("有多少篇文章？", Wanted(Where(folder="x/"), count=True)),
        ("有哪些文章？", Wanted(Where(folder="x/"))),
        ("最新的文章是哪篇？", Wanted(Where(folder="x/"), end="new")),
        ("关于铁路的文章有哪些？", Wanted(Where(folder="x/"), topic="铁路")),
        ("How many articles are there?", Wanted(Where(folder="x/"), count=True)),
    ],
)
def test_catalog_restricts_from_the_start(question, asked):
    assert wanted(question, ROWS, Where(folder="x/")) == asked


def test_catalog_an_author_who_wrote_nothing_here_is_none():
    assert wanted("岷江客写了哪些文章？", [APOLLO]) is None
    assert wanted("Which articles are tagged space?", [WEIR]) is None


FRAGMENTS = st.sampled_from(
    "有 哪些 多少篇 几篇 文章 最新的 是 哪篇 关于 铁路 的 2019年 岷江客 写了 标签 ？ how many which articles are there about tagged space "
    "did Daniel Okafor write latest in 2019 list".split()
)


@given(
    st.lists(FRAGMENTS, max_size=9).map("".join)
    | st.lists(FRAGMENTS, max_size=9).map(" ".join)
    | st.text(max_size=40)
)
def test_catalog_asks_for_one_thing_of_what_there_is(question):
    asked = wanted(question, ROWS)
    if asked:
        assert asked.end in ("", "new", "old")
        assert not (asked.count and asked.end)
        assert not asked.where.author or selected(Wanted(Where(author=asked.where.author)), ROWS)
        assert not asked.where.tag or selected(Wanted(Where(tag=asked.where.tag)), ROWS)


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        (Wanted(ANY), [TOWER, RAILWAY, APOLLO, COMPANY, YEAR, WEIR, UNDATED]),
        (Wanted(ANY, count=True), [TOWER, RAILWAY, APOLLO, COMPANY, YEAR, WEIR, UNDATED]),
        (Wanted(ANY, end="new"), [TOWER]),
        (Wanted(ANY, end="old"), [WEIR]),
        (Wanted(Where("2019", "2019")), [APOLLO, COMPANY, YEAR]),
        (Wanted(Where("2019", "2019"), end="new"), [APOLLO]),
        (Wanted(Where(author="张三")), [YEAR]),
        (Wanted(Where(author="鲁迅")), []),
        (Wanted(Where(author="鲁迅"), end="old"), []),
        (Wanted(Where(tag="铁路")), [RAILWAY]),
    ],
)
def test_catalog_selects_newest_first(asked, rows):
    assert selected(asked, ROWS) == rows


@pytest.mark.parametrize(
    ("topic", "rows"),
    [
        ("铁路", [RAILWAY, YEAR]),
        ("鐵路", [RAILWAY, YEAR]),
        ("京张铁路", [RAILWAY]),
        ("水利工程", [WEIR]),
        ("铁道", [RAILWAY]),
        ("lighthouses", [TOWER]),
        ("Apollo 11", [APOLLO]),
        ("Apollo 12", []),
        ("青蒿素", []),
        ("的", []),
    ],
)
def test_catalog_a_topic_stands_in_the_title_or_the_tags(topic, rows):
    assert selected(Wanted(ANY, topic=topic), ROWS) == rows


def test_catalog_a_topic_may_have_been_found_by_search():
    assert selected(Wanted(ANY, topic="李冰"), ROWS, ["weir"]) == [WEIR]
    assert selected(Wanted(ANY, topic="铁路"), ROWS, ["weir"]) == [RAILWAY, YEAR, WEIR]
    assert selected(Wanted(Where("2019", "2019"), topic="李冰"), ROWS, ["weir", "company"]) == [COMPANY]
    assert selected(Wanted(ANY, topic="李冰", end="new"), ROWS, ["weir", "railway"]) == [RAILWAY]


def test_catalog_found_articles_count_only_for_a_topic():
    assert selected(Wanted(Where(author="岷江客")), ROWS, ["railway"]) == [WEIR]


def test_catalog_the_undated_are_neither_newest_nor_oldest():
    assert selected(Wanted(ANY, end="new"), [UNDATED]) == []
    assert selected(Wanted(ANY, end="old"), [UNDATED, WEIR]) == [WEIR]


def test_catalog_articles_of_one_day_go_by_source():
    second, first = row("b", day="2019-01-01"), row("a", day="2019-01-01")
    assert selected(Wanted(ANY), [second, first]) == [first, second]


DATES = st.sampled_from(["", "2018", "2019", "2019-02", "2019-02-25", "2019-02-25T17:40:09", "2020-01-01"])
LIBRARIES = st.lists(DATES, max_size=8).map(
    lambda days: [
        row(f"a{i}", ["京张铁路", "都江堰"][i % 2], ["甲", "乙", ""][i % 3], day)
        for i, day in enumerate(days)
    ]
)
ASKED = st.builds(
    Wanted,
    st.builds(Where, DATES, DATES, st.sampled_from(["", "甲"])),
    st.sampled_from(["", "铁路", "茶"]),
    st.booleans(),
    st.sampled_from(["", "new", "old"]),
)


@given(ASKED, LIBRARIES, st.lists(st.sampled_from(["a0", "a1", "a2", "gone"])))
def test_catalog_selects_a_subset_newest_first(asked, rows, found):
    before = list(rows)
    kept = selected(asked, rows, found)
    assert rows == before
    assert len({one.id for one in kept}) == len(kept)
    assert all(one in rows and asked.where.allows(one) for one in kept)
    assert all(a.date >= b.date for a, b in pairwise(kept))
    assert selected(asked, rows[::-1], found) == kept
    if asked.end:
        assert len(kept) <= 1


@given(ASKED, LIBRARIES)
def test_catalog_the_newest_and_oldest_bound_all(asked, rows):
    kept = selected(Wanted(asked.where, asked.topic), rows)
    newest = selected(Wanted(asked.where, asked.topic, end="new"), rows)
    oldest = selected(Wanted(asked.where, asked.topic, end="old"), rows)
    assert bool(newest) == bool(oldest) == any(one.date for one in kept)
    for one in kept:
        assert not one.date or oldest[0].date <= one.date <= newest[0].date
