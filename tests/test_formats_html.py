from __future__ import annotations

from embeddings.formats.html import load_html
from embeddings.load import load_bytes

PARAGRAPH = "东风银行去年服务了三千三百家客户，业务遍及全国。" * 8
PAGE = f"""<?xml version="1.0" encoding="utf-8"?>
<html><head><meta charset="utf-8"><title>页题 - 某网</title>
<meta name="author" content="李四"><meta name="keywords" content="银行,支付">
<meta property="article:published_time" content="2020-01-02T03:04:05+08:00">
<link rel="canonical" href="https://example.com/a"></head>
<body><nav><a href="/">首页</a><a href="/b">频道</a></nav>
<article><h1>大标题</h1><p>{PARAGRAPH}</p><h2>小标题</h2><p>第一行，
第二行。<script>alert("坏")</script></p>
<ul><li>甲<ul><li>内</li></ul></li><li>乙</li></ul>
<table><tr><th>名</th><th>数</th></tr><tr><td><p>客户</p></td><td>3300</td></tr></table>
<pre>x = 1
  y = 2</pre><p>{PARAGRAPH}</p></article>
<footer>版权所有</footer></body></html>"""


def test_formats_html_reads_the_main_text():
    article = load_bytes(PAGE.encode(), "a.html")
    assert article.text == (
        f"大标题\n\n{PARAGRAPH}\n\n小标题\n\n第一行，第二行。\n\n- 甲\n  - 内\n- 乙\n\n"
        f"名 | 数\n客户 | 3300\n\n"
        f"x = 1\n  y = 2\n\n{PARAGRAPH}"
    )
    assert [(h.level, h.span.of(article.text)) for h in article.headings] == [(1, "大标题"), (2, "小标题")]


def test_formats_html_reads_meta_tags():
    article = load_bytes(PAGE.encode(), "a.html")
    assert article.title == "大标题"
    data = article.metadata
    assert (data.author, data.date) == ("李四", "2020-01-02T03:04:05+08:00")
    assert (data.link, data.tags) == ("https://example.com/a", ("银行", "支付"))
    assert load_html(PAGE.encode(), "a.html").title == "页题"


def test_formats_html_reads_a_small_page_whole():
    page = "<body><nav>首页</nav><p>只有一句。</p><form>搜索</form><p hidden>藏</p></body>"
    assert load_html(page.encode(), "a.html").text == "只有一句。"


def test_formats_html_reads_the_charset_that_the_page_names():
    page = '<meta http-equiv="Content-Type" content="text/html; charset=gb2312"><p>一乙</p>'.encode("gbk")
    loaded = load_html(page, "a.html")
    assert loaded.text == "一乙"
    assert loaded.notes == ("decoded as gb18030",)


def test_formats_html_reads_a_layout_table_as_paragraphs():
    page = "<table><tr><td><p>第一段。</p><p>第二段。</p></td></tr></table>"
    assert load_html(page.encode(), "a.html").text == "第一段。\n\n第二段。"


def test_formats_html_reads_a_page_of_many_elements_without_the_extractor():
    loaded = load_html(("<ul>" + "<li>项</li>" * 12_000 + "</ul>").encode(), "a.html")
    assert loaded.text == "\n".join(["- 项"] * 12_000)
    assert "its whole body was read" in loaded.notes[0]


def test_formats_html_survives_deep_nesting():
    assert load_html(b"<div>" * 3_000 + b"text", "a.html").text in ("text", "")
