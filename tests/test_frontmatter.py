from types import SimpleNamespace

from embeddings.article import Article, Metadata, Passage, Span
from embeddings.rows import ArticleRow, File
from qa.about import About
from qa.catalog import LISTED, Wanted
from qa.frontmatter import FrontMatter, meant
from qa.reply import Hit
from qa.where import Where


def row(name, author="", day="", tags=()):
    return ArticleRow(name, name, f"{name}.md", "/r", author, day, tuple(tags), (), 1, File("h"))


def view(*rows):
    return SimpleNamespace(articles=lambda: rows, article=lambda name: Article(name, name, "文", name))


FRONT = FrontMatter(None, 0.9)


def test_frontmatter_lists_a_bounded_number_of_tags_and_says_how_many_there_are():
    many = view(*(row(str(n), tags=["同", f"标签{n}"]) for n in range(3 * LISTED)))
    first, *rest = FRONT.listed(Wanted(Where(), of="tags"), many)
    assert (first.field, first.text) == ("count", str(3 * LISTED + 1))
    assert len(rest) == LISTED
    assert {answer.field for answer in rest} == {"tags"}
    assert max(len(answer.sources) for answer in rest) == LISTED


def test_frontmatter_lists_few_tags_without_their_number():
    answers = FRONT.listed(Wanted(Where(), of="tags"), view(row("a", tags=["铁路", "水利"])))
    assert [answer.text for answer in answers] == ["铁路", "水利"]


def test_frontmatter_the_newest_is_of_the_articles_that_are_asked():
    two = view(row("a", "甲", "2019-01-01"), row("b", "乙", "2020-01-01"))
    newest = About("author", "", named=True, end="new")
    assert FRONT.meant(newest, (), two, "").id == "b"
    assert FRONT.meant(newest, (), two, "", Where(author="甲")).id == "a"


def named(topic, title, tags, text):
    """Whether the one article, found for the topic, is the one that an English question means."""
    article = Article("a", title, text, "a", Metadata(tags=tags))
    found = SimpleNamespace(
        article=lambda _: article, idf=lambda terms: dict.fromkeys(terms, 1.0), lacks=lambda _: False
    )
    hits = [Hit(Passage(1, "a", Span(0, len(text))), text, 0.5, 1, 1, 0.5)]
    return meant(About("author", topic, named=True), hits, found) is not None


def test_frontmatter_an_english_topic_is_half_known_where_the_title_or_a_tag_of_a_chinese_article_has_it():
    text = "北斗的卫星在天上，卫星会报时。"
    assert named("satellite navigation", "北斗", ("卫星",), text)
    assert named("satellite navigation", "北斗卫星", (), text)
    assert not named("satellite navigation", "北斗", (), text)
    assert not named("satellite navigation systems", "北斗卫星", (), text)  # one word of three
    assert not named("satellite navigation", "Orbits", (), "Of satellites, and satellites again.")
