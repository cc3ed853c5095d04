"""Tables in words: rows as sentences, and each character's way back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.article import Article, Span
from embeddings.encode import embedder
from embeddings.library import Library
from embeddings.update import add
from qa.conversation import exchange
from qa.engine import Engine
from qa.tables import columns_at, worded

TABLE = "硬件\n\n部件 | 型号 | 价格\n主机 | 蓝海 N4 | 2180\nUPS | - | 329\n\n一共两千多。"
WORDS = "硬件\n\n部件 | 型号 | 价格\n部件：主机，型号：蓝海 N4，价格：2180。\n部件：UPS，价格：329。\n\n一共两千多。"


def at(text, words):
    start = text.index(words)
    return Span(start, start + len(words))


def test_tables_rows_are_sentences_and_the_names_stay():
    assert worded(TABLE).text == WORDS


def test_tables_english_rows_have_english_marks():
    assert (
        worded("Part | Price\nCase | €42\nDisk | €118").text
        == "Part | Price\nPart: Case, Price: €42.\nPart: Disk, Price: €118."
    )


@pytest.mark.parametrize("words", ["2180", "蓝海 N4", "一共两千多。", "硬件"])
def test_tables_what_is_kept_leads_back_to_itself(words):
    held = worded(TABLE)
    assert held.back(at(held.text, words)) == at(TABLE, words)


def test_tables_of_a_whole_row_the_cells_and_what_stands_between_them_come_back():
    held = worded(TABLE)
    row = at(held.text, "部件：主机，型号：蓝海 N4，价格：2180。")
    assert held.back(row).of(TABLE) == "主机 | 蓝海 N4 | 2180"
    assert held.forth(at(TABLE, "主机 | 蓝海 N4 | 2180")) == row


def test_tables_words_that_were_put_in_stand_nowhere():
    held = worded(TABLE)
    assert held.back(at(held.text, "，价格：")) is None
    assert held.back(at(held.text, "，价格：2180")).of(TABLE) == "2180"


def test_tables_a_text_without_any_is_none():
    for text in ("", "没有表格。", "一行 | 不成表", "a | b\n\nc | d", "2019 | 2020\n1 | 2"):
        assert worded(text) is None


def test_tables_rows_of_another_width_stay_as_they_are():
    assert worded("项目 | 价\n甲 | 1\n合计").text == "项目 | 价\n项目：甲，价：1。\n合计"
    assert (
        worded("项目 | 价\n甲 | 1\n乙 | 2 | 三\n丙 | 3").text
        == "项目 | 价\n项目：甲，价：1。\n乙 | 2 | 三\n项目：丙，价：3。"
    )


def test_tables_that_a_passage_begins_within_take_their_names_from_above():
    start = TABLE.index("UPS")
    assert columns_at(TABLE, start) == ("部件", "型号", "价格")
    assert worded(TABLE[start:], columns_at(TABLE, start)).text.startswith("部件：UPS，价格：329。")
    assert columns_at(TABLE, TABLE.index("部件")) is None
    assert columns_at(TABLE, 0) is columns_at(TABLE, start + 2) is None


def test_tables_below_a_first_row_that_names_nothing_stay_as_they_are():
    numbers = "2021 | 2022\n甲2 | 2\n甲3 | 3"
    assert columns_at(numbers, numbers.index("甲2")) == ()
    assert worded("甲2 | 2\n甲3 | 3", ()) is None


def test_tables_of_pairs_have_no_names():
    pairs = "地点 | 静安图书馆三楼\n时间 | 5月3日下午两点\n费用 | 80元"
    assert worded(pairs).text == "地点：静安图书馆三楼。\n时间：5月3日下午两点。\n费用：80元。"
    assert worded("部件 | 价格\n主机 | 2180\n盘 | 300").text.endswith("部件：盘，价格：300。")


def test_tables_end_at_an_empty_line():
    assert worded("项 | 价 | 色\n甲 | 1 | 红\n\n店 | 时 | 休\n乙 | 2 | 三").text == (
        "项 | 价 | 色\n项：甲，价：1，色：红。\n\n店 | 时 | 休\n店：乙，时：2，休：三。"
    )


def test_tables_commands_are_none():
    assert worded("ps aux | grep nginx\nnetstat -tlnp | grep 80") is None


def test_tables_rows_are_known_by_where_they_begin():
    held = worded(TABLE)
    assert sorted(held.text[at:].split("：")[1][:2] for at in held.rows) == ["UP", "主机"]


CELL = st.text(
    st.characters(codec="utf-8", exclude_characters="|\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"),
    min_size=1,
    max_size=6,
).map(lambda words: words.strip() or "空")


@given(
    st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=2, max_size=5),
    st.sampled_from(["", "前言。\n\n"]),
)
def test_tables_every_kept_character_is_the_original_one(rows, before):
    text = before + "\n".join(" | ".join(row) for row in rows)
    held = worded(text)
    if held is None:
        return
    for piece in held.pieces:
        kept = Span(piece.at, piece.at + piece.size)
        assert kept.of(held.text) == held.back(kept).of(text)
        assert held.forth(held.back(kept)).contains(kept)


def test_tables_longer_than_a_passage_are_asked_and_followed_up(tmp_path):
    rows = "\n".join(f"华光{n}型 | {300 + n} | {n + 2}W | 第{n}批入库，放在东侧货架上" for n in range(60))
    text = f"库存表\n\n型号 | 价格 | 功耗 | 备注\n{rows}\n"
    add(tmp_path / "library", [Article("a", "华光的灯", text, "a.md")], embedder())
    library = Library.open(tmp_path / "library", embedder())
    assert len(library.snapshot().passage_ids(["a"])) > 1
    engine = Engine(library)
    asked = engine.ask("华光57型的价格是多少？")
    assert asked.answers[0].sentence.startswith("华光57型 | 357")
    followed = engine.ask("功耗呢？", [exchange(asked)])
    assert followed.hits
    assert all(answer.source.span.of(text) == answer.text for answer in followed.answers)
