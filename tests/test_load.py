from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.errors import EncodingError, LoadError, UnsupportedFormat
from embeddings.load import LARGEST_FILE, SUFFIXES, article_id, load, load_bytes

SEED = Path(__file__).parents[2] / "shared" / "data" / "seed-article.md"

UNTIDY = """---
title: 东风银行与西风支付联手
author: editor
date: 2021-03-04 05:06:07
tags:
categories:
---
新年伊始，东风银行宣布与西风支付合并客户服务。
<!-- more -->
林晓燕
新年伊始，东风银行宣布与西风支付合并客户服务。
截至2020年末，东风银行有客户3300家。
“两家的业务互补，”一位人士说。
{blank}
{blank}
另一篇文章的导语在这里。
""".replace("{blank}", " ")


def test_load_reads_the_seed_article():
    if not SEED.exists():
        pytest.skip("the shared data folder is not beside the repository")
    article = load(SEED)
    assert article.title == "平安旗下金融壹账通和壹钱包联手协同效应助力价值最大化"
    assert article.metadata.author == "wetech"
    assert article.metadata.date == "2019-02-25T17:40:09"
    assert article.metadata.tags == ()
    assert article.metadata.categories == ()
    assert article.metadata.extra == {"byline": "沈安蓓"}
    lines = article.text.split("\n")
    assert (
        lines[0]
        == "新春伊始，中国平安旗下的金融科技版块便在酝酿又一场深入的变革，这一次的主角是金融壹账通和壹钱包。"
    )
    assert lines[1:3] == ["", "沈安蓓"]
    assert lines[3].startswith("日前，第一财经记者获悉")
    assert article.text.count(lines[0]) == 1
    assert "形成更加健康的行业生态\n\n\n中国平安2019年的品牌价值高达576.26亿美元" in article.text
    assert "数据显示：截至2018年末，金融壹账通已累计服务客户数超3300家，估值75亿美金；" in article.text
    assert article.text.endswith("彼此互通有无，共谋发展！")


def test_load_tidies_an_untidy_article():
    article = load_bytes(UNTIDY.encode(), "untidy.md")
    assert article.text == (
        "新年伊始，东风银行宣布与西风支付合并客户服务。\n\n林晓燕\n截至2020年末，东风银行有客户3300家。\n"
        "“两家的业务互补，”一位人士说。\n\n\n另一篇文章的导语在这里。"
    )
    assert article.metadata.extra == {"byline": "林晓燕"}
    assert article.notes == (
        "the lead stood twice, before and after <!-- more -->; the second copy was dropped",
    )


def test_load_takes_the_byline_for_the_author_where_nothing_else_names_one():
    article = load_bytes(UNTIDY.replace("author: editor\n", "").encode(), "untidy.md")
    assert article.metadata.author == "林晓燕"
    assert "the author was taken from the line '林晓燕'" in article.notes
    assert "\n林晓燕\n" in article.text


def test_load_takes_source_and_id_from_the_path(tmp_path):
    path = tmp_path / "甲.MD"
    path.write_text("正文一句。", encoding="utf-8")
    article = load(path)
    assert article.source == path.as_posix()
    assert article.id == article_id(path.as_posix())
    assert load(str(path), source="here").source == "here"


def test_load_article_id_is_blake2b_of_the_source():
    # b2sum -l 64 of the two bytes "ab"
    import hashlib

    assert article_id("ab") == hashlib.blake2b(b"ab", digest_size=8).hexdigest()
    assert len(article_id("ab")) == 16


def test_load_takes_a_heading_of_a_thousand_characters_for_a_paragraph():
    article = load_bytes(f"# 题\n\n## {'很长' * 500}\n\n正文。".encode(), "a.md")
    assert [heading.span.of(article.text) for heading in article.headings] == ["题"]
    assert "很长" * 500 in article.text


@pytest.mark.parametrize(
    ("name", "text", "title"),
    [
        ("a.md", "---\ntitle: 前\n---\n# 一\n", "前"),
        ("a.md", "## 二\n\n文\n\n# 一\n", "一"),
        ("a.md", "## 二\n\n文\n", "二"),
        ("a.txt", "短标题\n\n这里是正文。\n", "短标题"),
        ("甲乙.txt", "这里是正文。\n\n还有一句。\n", "甲乙"),
        ("2019-02-25-my-first-post.md", "Some text here.\n", "my first post"),
        ("a.html", "<title>页题 - 某网</title><p>正文在这里。</p>", "页题"),
        ("a.html", "<title>页题</title><h1>大题</h1><p>正文在这里。</p>", "大题"),
    ],
)
def test_load_finds_the_title(name, text, title):
    assert load_bytes(text.encode(), name).title == title


def test_load_takes_the_date_from_a_jekyll_name_only_without_front_matter():
    assert load_bytes(b"Text.", "2019-02-05-x.md").metadata.date == "2019-02-05"
    assert load_bytes(b"---\ndate: 2020-01-01\n---\nText.", "2019-02-05-x.md").metadata.date == "2020-01-01"
    assert load_bytes(b"Text.", "2019-13-45-x.md").metadata.date == ""


@pytest.mark.parametrize(
    ("name", "data", "kind", "says"),
    [
        ("a.md", b"", LoadError, "empty"),
        ("a.txt", b" \n\t\r\n", LoadError, "empty"),
        ("a.md", "\u3000\u3000\n".encode(), LoadError, "no text"),
        ("a.md", bytes(range(256)) * 20, EncodingError, "binary|encoding"),
        ("a.md", b"abc\0\1\2def\0\3" * 50, EncodingError, "binary"),
        ("a.doc", b"x", UnsupportedFormat, "save it as .docx"),
        ("a.xyz", b"x", UnsupportedFormat, r"\.xyz files are not supported"),
        ("a", b"x", UnsupportedFormat, "no suffix"),
        ("a.pdf", b"%PDF-1.4 nothing", LoadError, "broken"),
        ("a.docx", b"PK\x03\x04 nothing", LoadError, "broken"),
        ("a.docx", b"\xd0\xcf\x11\xe0" + bytes(600), LoadError, "old Word document"),
        ("a.html", b"<script>alert(1)</script>", LoadError, "no text"),
    ],
)
def test_load_says_what_is_wrong(name, data, kind, says):
    with pytest.raises(kind, match=says) as caught:
        load_bytes(data, name)
    assert caught.value.source == name
    assert caught.value.mend


def test_load_says_what_is_wrong_with_a_path(tmp_path):
    with pytest.raises(LoadError, match="no such file"):
        load(tmp_path / "missing.md")
    (tmp_path / "folder.md").mkdir()
    with pytest.raises(LoadError, match="folder"):
        load(tmp_path / "folder.md")
    with pytest.raises(LoadError):
        load("nul\0.md")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
def test_load_refuses_a_pipe_instead_of_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "pipe.md")
    with pytest.raises(LoadError, match="regular file"):
        load(tmp_path / "pipe.md")


def test_load_refuses_a_file_over_the_limit_without_reading_it(tmp_path):
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    with pytest.raises(LoadError, match="more than 200000000"):
        load(path)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_load_says_that_a_file_is_unreadable(tmp_path):
    path = tmp_path / "locked.md"
    path.write_text("x", encoding="utf-8")
    path.chmod(0)
    with pytest.raises(LoadError, match="permissions"):
        load(path)


@pytest.mark.parametrize("suffix", [".md", ".txt", ".html"])
def test_load_reads_ten_megabytes_on_one_line(suffix):
    # The 100 MB line of the field is measured by hand; ten times less must not take a minute.
    article = load_bytes("一句话。".encode() * 850_000, "line" + suffix)
    assert len(article.text) == 4 * 850_000


@settings(max_examples=120, deadline=None)
@given(data=st.binary(max_size=400), suffix=st.sampled_from(SUFFIXES))
def test_load_raises_nothing_but_load_errors(data, suffix):
    try:
        article = load_bytes(data, "any" + suffix)
    except LoadError:
        return
    article.text.encode("utf-8")
    assert "\r" not in article.text
    assert "\0" not in article.text


MARKS = st.sampled_from(
    ["# ", "## ", "- ", "1. ", "> ", "\n", "\n\n",
     "| a | b |\n|---|---|\n", "```", "**", "[[", "]]", "{% ", " %}",
     "<!-- ", "-->", "<!-- more -->", "---\n", "title: ",
     "%%", "==", "<div>", "</p>", "<script>", "文字", "a b", "`"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    parts=st.lists(st.one_of(MARKS, st.text(max_size=8)), max_size=30),
    suffix=st.sampled_from([".md", ".txt", ".html"]),
)
def test_load_heading_spans_hold_their_heading(parts, suffix):
    data = "".join(parts).encode("utf-8", "replace")
    try:
        article = load_bytes(data, "any" + suffix)
    except LoadError:
        return
    for heading in article.headings:
        text = heading.span.of(article.text)
        assert text.strip() == text != ""
        assert "\n" not in text
        assert article.text[: heading.span.start].endswith("\n") or heading.span.start == 0
        assert article.text[heading.span.end :].startswith("\n") or heading.span.end == len(article.text)
