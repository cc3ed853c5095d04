"""The lists of a passage, and what stands above each."""

from embeddings.article import Article, Heading, Span
from qa.lists import Above, headings_in, lists_in

TEXT = """用料

- 面粉 200 克
- 水 120 克

步骤

准备

1. 烧水
2. 和面

下锅

1. 煮十分钟
2. 捞出

要带的东西：

- 衣服
  - 外套
  - 雨衣
- 水壶
"""


def headings(*found):
    return tuple(
        Above(TEXT.index(words), TEXT.index(words) + len(words), level, words) for words, level in found
    )


HEADINGS = headings(("用料", 2), ("步骤", 2), ("准备", 3), ("下锅", 3))


def said(listing):
    return listing.headings, listing.lead.of(TEXT), listing.firsts


def test_lists_each_with_its_heading_or_the_line_above():
    found = [said(listing) for listing in lists_in(TEXT, HEADINGS)]
    assert found[:3] == [
        (("用料",), "", ("- 面粉 200 克", "- 水 120 克")),
        (("步骤", "准备"), "", ("1. 烧水", "2. 和面")),
        (("步骤", "下锅"), "", ("1. 煮十分钟", "2. 捞出")),
    ]
    assert found[3][1:] == ("要带的东西：", ("- 衣服", "- 水壶"))


def test_lists_within_an_item_are_led_by_it():
    nested = lists_in(TEXT, HEADINGS)[4]
    assert (nested.lead.of(TEXT), nested.firsts) == ("- 衣服", ("- 外套", "- 雨衣"))
    assert nested.items.of(TEXT) == "  - 外套\n  - 雨衣"


def test_lists_below_headings_of_one_heading_are_also_one():
    text = TEXT[: TEXT.index("要带")].rstrip()
    together = lists_in(text, HEADINGS)[-1]
    assert together.headings == ("步骤",)
    assert together.items.of(text) == text[text.index("准备") :]
    assert together.firsts == ("1. 烧水", "2. 和面", "1. 煮十分钟", "2. 捞出")


def test_lists_below_one_heading_are_apart_where_something_else_stands_there():
    assert all(listing.headings != ("步骤",) for listing in lists_in(TEXT, HEADINGS))


def test_lists_of_one_item_are_none_and_tables_and_bare_lines_are_lists():
    assert lists_in("只有一项：\n\n- 水\n") == []
    (table,) = lists_in("费用\n\n项目 | 元\n车票 | 30\n饭 | 20")
    assert table.firsts == ("项目 | 元", "车票 | 30", "饭 | 20")
    (bare,) = lists_in("部署需要以下依赖：\n\nGit\nDocker\nMake\n\n完。")
    assert (bare.firsts, bare.lead.start) == (("Git", "Docker", "Make"), 0)


def test_lists_headings_hold_from_above_the_passage_and_within_it():
    text = "总\n\n甲\n\n一\n\n乙\n\n二"
    spans = [(text.index(words), level, words) for words, level in (("总", 1), ("甲", 2), ("乙", 2))]
    article = Article(
        "a", "题", text, "a.md", headings=tuple(Heading(Span(at, at + 1), level) for at, level, _ in spans)
    )
    start = text.index("乙")
    assert [each.words for each in headings_in(article, Span(start, len(text)))] == ["总", "甲", "乙"]
    assert [each.words for each in headings_in(article, Span(start + 1, len(text)))] == ["总", "乙"]
    assert headings_in(article, Span(start, len(text)))[-1] == Above(0, 1, 2, "乙")
    assert headings_in(article, Span(0, 3)) == (Above(0, 1, 1, "总"),)
