from __future__ import annotations

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


def test_formats_text_joined_by_hand():
    assert (
        joined(["中文", "中文", "word", "word", "inter-", "national", "A-", "B"])
        == "中文中文word word international A- B"
    )


def test_formats_text_width_counts_columns():
    assert width("a中b，") == 6
