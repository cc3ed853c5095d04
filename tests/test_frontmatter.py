from types import SimpleNamespace

from embeddings.article import Article
from embeddings.rows import ArticleRow, File
from qa.about import About
from qa.catalog import LISTED, Wanted
from qa.frontmatter import FrontMatter
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
