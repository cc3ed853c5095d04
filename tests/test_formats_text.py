from __future__ import annotations

import pytest

from embeddings.formats.lines import joined, width
from embeddings.formats.text import load_text


def read(text):
    return load_text(text.encode(), "x.txt").text


def test_formats_text_keeps_lines_and_distances():
    assert read("第一行。\n第二行。\n\n第二段\n\n\n\n很远") == "第一行。\n第二行。\n\n第二段\n\n\n很远"
    assert read("# 不是标题\r\n**照旧**") == "# 不是标题\n**照旧**"
    assert read("甲\n \n　\n乙") == "甲\n\n\n乙"


def test_formats_text_joins_cut_prose():
    cut = (
        "It was the best of times and it was the worst of times, it was\n"
        "the age of wisdom, and it was the age of foolishness as well, it\nwas the epoch."
    )
    assert read(cut) == cut.replace("\n", " ")


@pytest.mark.parametrize(
    "rows",
    [
        "产品甲\t北京市朝阳区建国路一号\t13800000001\n产品乙\t上海市浦东区世纪道一号\t13900000002\n丙\t1\t2",
        "张三 男 北京市朝阳区建国路八十八号院三号楼\n李四 女 上海市浦东新区世纪大道一百号五号\n王五 男 广州",
        "2019年营业收入为1234567890元同比增长12.5\n2020年营业收入为2234567890元同比增长13.5\n2021年",
        "第一名是来自北京市朝阳区建国路的张三同学\n第二名是来自上海市浦东新区世纪的李四同学\n第三名是王五",
    ],
)
def test_formats_text_keeps_rows_apart(rows):
    assert read(rows) == rows


def test_formats_text_joined_by_hand():
    assert (
        joined(["中文", "中文", "word", "word", "inter-", "national", "A-", "B"])
        == "中文中文word word international A- B"
    )


def test_formats_text_width_counts_columns():
    assert width("a中b，") == 6
