import pytest

from embeddings.article import Article, Metadata
from qa.about import about, chosen, values


@pytest.mark.parametrize(
    ("question", "field", "topic"),
    [
        ("作者是谁？", "author", ""),
        ("这篇文章是谁写的？", "author", ""),
        ("《平安旗下》的作者是谁", "author", "平安旗下"),
        ("青蒿素那篇文章的作者是谁", "author", "青蒿素"),
        ("谁写了那篇讲青蒿素的文章？", "author", "青蒿素"),
        ("《平安旗下》是谁写的？", "author", "平安旗下"),
        ("這篇文章什麼時候發表的？", "date", ""),
        ("什么时候发表的？", "date", ""),
        ("关于都江堰的文章有哪些标签？", "tags", "都江堰"),
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
        "Who wrote the software for Apollo 11?",
    ],
)
def test_about_leaves_other_questions_alone(question):
    assert about(question) is None


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
