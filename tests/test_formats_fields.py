from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.formats.dates import iso_date
from embeddings.formats.fields import read_fields
from embeddings.formats.frontmatter import split_front_matter
from embeddings.formats.untidy import byline, is_chinese_name


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2019-02-25", "2019-02-25"),
        ("2019/2/5", "2019-02-05"),
        ("2019.2.5", "2019-02-05"),
        ("2019年2月25日", "2019-02-25"),
        ("2019年2月25日 17:40", "2019-02-25T17:40:00"),
        ("2019年2月25日 下午5:40", "2019-02-25T17:40:00"),
        ("2019-02-25 17:40:09", "2019-02-25T17:40:09"),
        ("2019-02-25T17:40:09Z", "2019-02-25T17:40:09+00:00"),
        ("2019-02-25T17:40:09.123+08:00", "2019-02-25T17:40:09+08:00"),
        ("2019-02-25 17:40:09 +0800", "2019-02-25T17:40:09+08:00"),
        ("Mon, 25 Feb 2019 17:40:09 +0800", "2019-02-25T17:40:09+08:00"),
        ("February 25, 2019", "2019-02-25"),
        ("25 Feb 2019", "2019-02-25"),
        ("Feb 25, 2019 5:40 PM", "2019-02-25T17:40:00"),
        ("20190225", "2019-02-25"),
        (20190225, "2019-02-25"),
        ("D:20190225174009+08'00'", "2019-02-25T17:40:09+08:00"),
        (1551087609, "2019-02-25T09:40:09+00:00"),
        ("1551087609000", "2019-02-25T09:40:09+00:00"),
        (datetime(2019, 2, 25, 17, 40, 9), "2019-02-25T17:40:09"),  # noqa: DTZ001 -- front matter names no zone
        ("2019-13-45", ""),
        ("2019-02", ""),
        ("soon", ""),
        (None, ""),
        (True, ""),
        (["2019-02-25"], ""),
    ],
)
def test_formats_fields_dates(written, iso):
    assert iso_date(written) == iso


@given(st.text(max_size=30) | st.integers() | st.floats() | st.datetimes() | st.dates())
def test_formats_fields_dates_are_iso_or_empty(value):
    found = iso_date(value)
    assert not found or datetime.fromisoformat(found)


def test_formats_fields_are_sorted_into_metadata():
    known = read_fields(
        {
            "Title": " 标\n题 ",
            "authors": ["张三", {"name": "李四"}],
            "pubDate": "2019/2/25",
            "tags": "a, b，c",
            "categories": [["一", "二"], None, "三"],
            "permalink": "https://e.com/x",
            "source": "第一财经",
            "views": 3,
            7: {"deep": [1.5, None]},
        }
    )
    assert known.title == "标 题"
    data = known.metadata
    assert (data.author, data.date, data.link) == ("张三、李四", "2019-02-25", "https://e.com/x")
    assert (data.tags, data.categories) == (("a", "b", "c"), ("一", "二", "三"))
    assert data.extra == {"source": "第一财经", "views": 3, "7": {"deep": [1.5, None]}}
    assert known.notes == ()


def test_formats_fields_keep_an_unreadable_date_with_a_note():
    known = read_fields({"date": "去年冬天"})
    assert known.metadata.date == ""
    assert known.metadata.extra == {"date": "去年冬天"}
    assert known.notes == ("the date '去年冬天' is no date that can be read",)


def test_formats_fields_take_no_script_for_a_link():
    known = read_fields({"link": "javascript:alert(1)", "url": "/2019/02/x.html"})
    assert known.metadata.link == "/2019/02/x.html"
    assert known.metadata.extra == {"link": "javascript:alert(1)"}


def test_formats_fields_cut_what_is_huge():
    deep: object = "x"
    for _ in range(50):
        deep = [deep]
    known = read_fields({"deep": deep, "long": "y" * 20_000})
    assert len(known.metadata.extra["long"]) == 10_000
    assert len(known.notes) == 2


@pytest.mark.parametrize(
    ("text", "fields", "body"),
    [
        (
            "---\ntitle: a\nn: 007\nok: yes\nk: 3\n---\nbody",
            {"title": "a", "n": "007", "ok": "yes", "k": 3},
            "body",
        ),
        (
            "title: a\ndate: 2019-02-25 17:40:09\n---\nbody",
            {"title": "a", "date": "2019-02-25 17:40:09"},
            "body",
        ),
        ("+++\ntitle = 'a'\nk = [1]\n+++\nbody", {"title": "a", "k": [1]}, "body"),
        (';;;\n"title": "a"\n;;;\nbody', {"title": "a"}, "body"),
        ('"title": "a"\n;;;\nbody', {"title": "a"}, "body"),
        ("---\ntags:\n---\n", {"tags": None}, ""),
        ("---\n\n只是一条线\n\n---\n文", {}, "---\n\n只是一条线\n\n---\n文"),
        ("---\n\n# 引\n\n他说：可以。\n\n长\n\n---\n文", {}, "---\n\n# 引\n\n他说：可以。\n\n长\n\n---\n文"),
        ("---\n他说：可以。\n她说：不行。\n---\n文", {}, "---\n他说：可以。\n她说：不行。\n---\n文"),
        ("标题\n---\n文", {}, "标题\n---\n文"),
        ("---\ntitle: a\n没有结尾", {}, "---\ntitle: a\n没有结尾"),
    ],
)
def test_formats_frontmatter_is_split_off(text, fields, body):
    assert split_front_matter(text) == (fields, body, ())


def test_formats_frontmatter_broken_is_read_line_by_line():
    text = "---\ndate: 2019-02-25\ntitle: 你好: 世界\nauthor: @me\nup: [[Note]]\ntags:\n\t- a\n\t- b\n---\n文"
    fields, body, notes = split_front_matter(text)
    assert fields == {
        "date": "2019-02-25", "title": "你好: 世界", "author": "@me", "up": "[[Note]]", "tags": ["a", "b"],
    }  # fmt: skip
    assert body == "文"
    assert notes == ("the front matter is broken YAML at line 3 and was read line by line",)


def test_formats_frontmatter_may_have_full_width_colons():
    fields, body, _ = split_front_matter("---\n标题：甲\n日期：2019-02-25\n---\n文")
    assert (fields, body) == ({"标题": "甲", "日期": "2019-02-25"}, "文")


def test_formats_frontmatter_survives_a_bomb_and_builds_no_objects():
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    assert split_front_matter(f"---\n{bomb}---\n文")[1:] == (
        "文",
        ("the front matter is broken YAML and was read line by line",),
    )
    fields, _, _ = split_front_matter("---\nx: !!python/object/apply:os.system ['true']\n---\n文")
    assert fields == {"x": "!!python/object/apply:os.system ['true']"}
    nested = "x: " + "[" * 20_000
    assert split_front_matter(f"---\n{nested}\n---\n文")[1] == "文"


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("沈安蓓", "沈安蓓"),
        ("王芳", "王芳"),
        ("欧阳修远", "欧阳修远"),
        ("文/张三丰", "张三丰"),
        ("文 | 张三丰 编辑 | 李四光", "张三丰"),
        ("（记者 李明 王芳）", "李明、王芳"),
        ("本报记者 李明", "李明"),
        ("作者：阮一峰", "阮一峰"),
        ("作者：John Smith", "John Smith"),
        ("By Jane Doe", "Jane Doe"),
        ("记者从银行获悉", ""),
        ("金融科技", ""),
        ("石家庄", ""),
        ("方案", ""),
        ("简介", ""),
        ("By the way", ""),
        ("文章开头", ""),
        ("- 王芳", ""),
        ("王芳说。", ""),
    ],
)
def test_formats_untidy_byline(line, author):
    found = byline(f"导语在这里。\n{line}\n这是下面的一段正文，写得很长很长，说了许多事情。")
    assert (found.author if found else "") == author


def test_formats_untidy_byline_is_no_heading_and_stands_near_the_top():
    assert byline("导语。\n王芳\n正文。", "", frozenset({4})) is None
    assert byline("正文。\n" * 10 + "王芳\n正文。") is None
    assert not is_chinese_name("王")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("李白\n\n李白，字太白。\n生于七〇一年。", ""),
        ("人物介绍\n\n马云\n\n马云是阿里巴巴创始人。", ""),
        ("唐代诗人\n李白\n字太白。", "李白"),
        ("王芳\n正文。", ""),
    ],
)
def test_formats_untidy_the_subject_is_no_author(text, title):
    assert byline(text, title) is None


def test_formats_untidy_a_long_name_is_no_name():
    assert not is_chinese_name("王小小小")
