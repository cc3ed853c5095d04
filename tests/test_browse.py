from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.rows import ArticleRow, File
from qa import browse
from qa.browse import Filter, Shelf
from qa.where import Where

if TYPE_CHECKING:
    from collections.abc import Sequence


def row(
    title: str = "题",
    author: str = "",
    day: str = "",
    tags: Sequence[str] = (),
    categories: Sequence[str] = (),
    source: str = "a.md",
) -> ArticleRow:
    return ArticleRow(
        source, title, source, "/r", author, day, tuple(tags), tuple(categories), 1, File("h")
    )  # fmt: skip


DAM = row("都江堰", "岷江客", "2018-10-18T14:20:00", ["水利", "四川"], ["旅行"], "travel/dam.md")
MOON = row("Apollo 11", "Daniel Okafor", "2019-07-20T20:17:00", ["space", "NASA"], ["Science"], "moon.md")
RAIL = row("京张铁路", "陆远山、岷江客", "2019-07-20", ["铁路"], ["工程"], "rail.md")
NOTE = row("随笔", "", "", ["四川"], [], "note.txt")
ALL = (NOTE, RAIL, DAM, MOON)

VALUE = st.sampled_from(["", "a", "b", "A", "岷江客", "鐵路", "铁路", "2019"])
VALUES = st.lists(st.sampled_from(["a", "b", "A", "岷江客", "鐵路", "铁路"]), max_size=3)
ROWS = st.lists(
    st.builds(
        row,
        VALUE,
        st.sampled_from(["", "a", "a、b", "A and b", "岷江客，a", "a、a"]),
        st.sampled_from(["", "2018", "2019", "2019-02", "2019-02-25", "2019-02-25T17:40:09"]),
        VALUES,
        VALUES,
        st.sampled_from(["x/1.md", "1.md", "y/2.txt", "b.md"]),
    ),
    max_size=8,
)
WORDS = st.lists(st.sampled_from(["a", "B", "岷江", "铁", "鐵路", "2019-02", "md", "x"]), max_size=3)
FILTERS = st.builds(
    Filter, WORDS.map(" ".join), VALUE, VALUE, VALUE, st.sampled_from(["", "2018", "2019", "2020"])
)


def test_browse_the_newest_come_first_and_those_without_a_date_last() -> None:
    assert Shelf(ALL).rows == [MOON, RAIL, DAM, NOTE]


def test_browse_articles_of_one_date_are_in_the_order_of_their_sources() -> None:
    rows = [row(source=name, day=day) for day in ("2019", "") for name in ("b.md", "c.md", "a.md")]
    assert [(one.date, one.source) for one in Shelf(rows).rows] == [
        ("2019", "a.md"), ("2019", "b.md"), ("2019", "c.md"), ("", "a.md"), ("", "b.md"), ("", "c.md"),
    ]  # fmt: skip


def test_browse_facets_are_counted() -> None:
    held = Shelf(ALL).facets()
    assert held.authors == (("岷江客", 2), ("Daniel Okafor", 1), ("陆远山", 1))
    assert held.tags == (("四川", 2), ("NASA", 1), ("space", 1), ("水利", 1), ("铁路", 1))
    assert held.categories == (("Science", 1), ("工程", 1), ("旅行", 1))
    assert held.years == (("2019", 2), ("2018", 1))


def test_browse_facets_of_nothing_are_empty() -> None:
    assert Shelf([]).facets() == ((), (), (), ())
    assert Shelf([row()]).facets() == ((), (), (), ())


def test_browse_facets_count_an_article_once() -> None:
    held = Shelf([row(author="a、a", tags=["x", "x"], categories=["y", "y"])]).facets()
    assert held == ((("a", 1),), (("x", 1),), (("y", 1),), ())


def test_browse_facets_are_the_most_frequent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browse, "MOST_VALUES", 2)
    rows = [row(tags=tags, source=f"{n}.md") for n, tags in enumerate(["abc", "bc", "c"])]
    rows += [row(day=str(year), source=f"{year}.md") for year in range(2000, 2004)]
    held = Shelf(rows).facets()
    assert held.tags == (("c", 3), ("b", 2))
    assert [year for year, _ in held.years] == ["2003", "2002", "2001", "2000"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(), [MOON, RAIL, DAM, NOTE]),
        (Filter(text="  \n"), [MOON, RAIL, DAM, NOTE]),
        (Filter(text="都江堰"), [DAM]),
        (Filter(text="江"), [RAIL, DAM]),
        (Filter(text="岷江客 铁路"), [RAIL]),
        (Filter(text="铁路 apollo"), []),
        (Filter(text="ＡＰＯＬＬＯ"), [MOON]),
        (Filter(text="京張鐵路"), [RAIL]),
        (Filter(text="okafor nasa"), [MOON]),
        (Filter(text="science"), [MOON]),
        (Filter(text="工程"), [RAIL]),
        (Filter(text="2019-07"), [MOON, RAIL]),
        (Filter(text="20:17"), []),
        (Filter(text="rail.md"), [RAIL]),
        (Filter(text="note"), [NOTE]),
        (Filter(text="客2018"), []),
        (Filter(author="岷江客"), [RAIL, DAM]),
        (Filter(author="daniel okafor"), [MOON]),
        (Filter(author="Daniel"), []),
        (Filter(tag="四川"), [DAM, NOTE]),
        (Filter(tag="旅行"), []),
        (Filter(category="旅行"), [DAM]),
        (Filter(year="2019"), [MOON, RAIL]),
        (Filter(year="2017"), []),
        (Filter(year="2019", author="岷江客"), [RAIL]),
        (Filter(text="都江堰", year="2019"), []),
        (Filter("江", "岷江客", "水利", "旅行", "2018"), [DAM]),
    ],
)
def test_browse_shows_what_is_asked_for(wanted: Filter, found: list[ArticleRow]) -> None:
    assert Shelf(ALL).chosen(wanted) == found


def test_browse_a_filter_restricts_questions_too() -> None:
    assert Filter("x", "a", "t", "c", "2019").where() == Where("2019", "2019", "a", "t", "c")
    assert not Filter(text="x").where()


@given(ROWS, FILTERS)
def test_browse_what_is_chosen_keeps_its_order(rows: list[ArticleRow], wanted: Filter) -> None:
    shelf = Shelf(rows)
    chosen = {id(one) for one in shelf.chosen(wanted)}
    assert [id(one) for one in shelf.rows if id(one) in chosen] == [id(one) for one in shelf.chosen(wanted)]
    assert sorted(map(id, shelf.rows)) == sorted(map(id, rows))


@given(ROWS, FILTERS)
def test_browse_what_is_chosen_is_what_each_part_lets_through(rows: list[ArticleRow], wanted: Filter) -> None:
    shelf = Shelf(rows)
    parts = [Filter(**{name: getattr(wanted, name)}) for name in ("author", "tag", "category", "year")]
    parts += [Filter(text=word) for word in wanted.text.split()]
    each = [{id(one) for one in shelf.chosen(part)} for part in parts]
    assert {id(one) for one in shelf.chosen(wanted)} == set(map(id, rows)).intersection(*each)


@given(ROWS)
def test_browse_choosing_a_facet_shows_as_many_as_it_counts(rows: list[ArticleRow]) -> None:
    shelf = Shelf(rows)
    held = shelf.facets()
    for name, values in (("author", held.authors), ("tag", held.tags), ("category", held.categories)):
        for value, count in values:
            assert len(shelf.chosen(Filter(**{name: value}))) == count
    for value, count in held.years:
        assert len(shelf.chosen(Filter(year=value))) == count
    assert sum(count for _, count in held.years) == sum(bool(one.date) for one in rows)


@given(ROWS)
def test_browse_facets_fall_in_number(rows: list[ArticleRow]) -> None:
    *counted, years = Shelf(rows).facets()
    for values in counted:
        assert sorted(values, key=lambda value: (-value[1], value[0])) == list(values)
    assert sorted(years, reverse=True) == list(years)
