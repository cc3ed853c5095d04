from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from embeddings.formats import frontmatter, markdown
from embeddings.formats.markdown import LARGEST_PARSED, load_markdown


def read(text):
    return load_markdown(text.encode(), "x.md").text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("# 一\n正文", "一\n\n正文"),
        ("第一段。\n第二段。", "第一段。\n第二段。"),
        ("**重** *轻* ~~删~~ [链](http://x) ![图](a.png)", "重 轻 删 链 图"),
        ("这是**“强调”**的话", "这是“强调”的话"),
        ("1. 一\n   续\n2. 二\n   - 三", "1. 一续\n2. 二\n  - 三"),
        ("3. 三\n4. 四", "3. 三\n4. 四"),
        ("- a\n\n  b\n- c", "- a\n  b\n- c"),
        ("| 甲 | 乙 |\n|---|---|\n| 1 | **2** |", "甲 | 乙\n1 | 2"),
        ("```py\nx = '# 1'  # [[y]]\n```", "x = '# 1'  # [[y]]"),
        ("`<!-- more -->` 标记", "<!-- more --> 标记"),
        ("前\n<!-- 注\n释 -->\n后", "前\n\n后"),
        ("甲\n\n{% note %}\n乙\n{% endnote %}\n\n丙", "甲\n\n乙\n\n丙"),
        ("{% post_link slug '标题' %}", "标题"),
        ("{% asset_img a.png 300 %}尾", "尾"),
        ("[[页|文字]] [[页二]] ==亮== %%密%%尾 ![[a.png]]", "文字 页二 亮 尾"),
        ("> [!note] 提示\n> 引文", "提示\n引文"),
        ("文[^1]\n\n[^1]: http://x", "文[^1]\n\n[^1]: http://x"),
        ("```\n[^1]: re\n```", "[^1]: re"),
        ("甲\n\n[注]: 本文为作者个人观点。", "甲\n\n[注]: 本文为作者个人观点。"),
        ("> [1]: 参见《史记》。\n\n[2]:\n和/或", "[1]: 参见《史记》。\n\n[2]:\n和/或"),
        ("[甲][a] [乙][b] [丙][c]\n\n[a]: https://x.com/和 '题'\n[b]: 图/一.png\n[c]: posts/b", "甲 乙 丙"),
        ("甲\n\n<aside>\n💡 密码为八位。\n</aside>\n\n乙", "甲\n\n💡 密码为八位。\n\n乙"),
        ("<menu><li>甲</li><li>乙</li></menu>", "- 甲\n- 乙"),
        ("<ol><li>装</li><li>跑<pre>a\nb</pre></li><li>完</li></ol>", "1. 装\n2. 跑\n  a\n  b\n3. 完"),
        ("<ul><li><pre>a\nb</pre></li></ul>\n<pre>c</pre>", "- a\n  b\n\nc"),
        ("<div>块<script>alert(1)</script></div>", "块"),
        ("a<b>粗</b><br>换", "a粗\n换"),
        ("<script>\n\nalert(1)\n</script>\n\n文", "文"),
        ("甲\n\n\n乙", "甲\n\n\n乙"),
        ("a &amp; b \\* c", "a & b * c"),
    ],
)
def test_formats_markdown_renders(source, text):
    assert read(source) == text


def test_formats_markdown_joins_hard_wrapped_prose_only():
    wrapped = (
        "This is a paragraph that has been hard wrapped at a width of around\n"
        "seventy columns, as people used to do when they wrote plain mail\n"
        "and it reads on."
    )
    assert read(wrapped) == wrapped.replace("\n", " ")
    chinese = (
        "中文的文章有时也会在固定的宽度被硬生生地断开，一行里的字数几\n"
        "乎一样多，行末也没有句号，那么这几行本来就是同一个段落，应该在\n读入时接起来。"
    )
    assert read(chinese) == chinese.replace("\n", "")
    verse = (
        "The first line of the verse begins with a capital letter and\n"
        "The second line of the verse begins with a capital also and"
    )
    assert read(verse) == verse


def test_formats_markdown_records_headings():
    loaded = load_markdown("# 一 *题*\n文\n\n二\n---\n> # 引\n".encode(), "x")
    assert [(h.level, h.span.start, h.span.of(loaded.text)) for h in loaded.headings] == [
        (1, 0, "一 题"),
        (2, 8, "二"),
    ]
    assert loaded.text == "一 题\n\n文\n\n二\n\n引"


def test_formats_markdown_drops_a_lead_only_right_below_the_mark():
    lead = "这是一段足够长的导语文字。"
    assert read(f"{lead}\n<!-- more -->\n{lead}\n正文") == f"{lead}\n\n正文"
    kept = f"{lead}\n\n正文\n\n{lead}"
    assert read(kept) == kept
    changed = f"{lead}\n<!-- more -->\n{lead}又\n正文"
    assert read(changed) == f"{lead}\n\n{lead}又\n正文"


@pytest.mark.parametrize("mark", ["[", "![", "<!--", "<script>", "{% a", "[[a", "==a", "`a", "**a", "> "])
def test_formats_markdown_is_quick_with_marks_that_are_never_closed(mark):
    # Quadratic reading of 40,000 characters would take minutes, and the test run notices.
    load_markdown((mark * (40_000 // len(mark))).encode(), "x")


@pytest.mark.parametrize("mark", ["> ", "- ", "1. "])
def test_formats_markdown_reads_what_nests_too_deep_line_by_line(mark):
    loaded = load_markdown(f"# 题\n\n{mark * 150}深处\n\n尾".encode(), "x")
    assert loaded.text == f"题\n\n{mark * 150}深处\n\n尾"
    assert loaded.notes == ("lists or quotations nested too deep: read line by line, marks may remain",)


def test_formats_markdown_reads_deep_lists():
    text = load_markdown("".join("  " * at + f"- 第{at}层\n" for at in range(40)).encode(), "x").text
    assert all(f"- 第{at}层" in text for at in range(40))


def test_formats_markdown_reads_a_large_article_line_by_line():
    paragraph = "一段话。\n\n"
    body = "# 题\n\n" + paragraph * (LARGEST_PARSED // len(paragraph) + 1) + "## 二\n尾<!-- 注 -->"
    loaded = load_markdown(body.encode(), "x")
    assert loaded.text.startswith("题\n\n一段话。\n\n一段话。")
    assert loaded.text.endswith("二\n\n尾")
    assert [h.span.of(loaded.text) for h in loaded.headings] == ["题", "二"]
    assert "read line by line" in loaded.notes[0]


MARKS = [
    *"`~<{=![]x中\n ",
    "```",
    "~~~",
    "<!--",
    "-->",
    "%%",
    "{%",
    "%}",
    "[[",
    "]]",
    "==",
    "<script>",
    "   ",
]


@given(st.lists(st.sampled_from(MARKS), max_size=14).map("".join), st.integers(0, 9))
def test_formats_markdown_finds_extensions_by_their_marks(text, at):
    found, wanted = markdown._extension(text, at), markdown._EXTENSION.search(text, at)
    assert (found and found.span(), found and found.groups()) == (
        wanted and wanted.span(),
        wanted and wanted.groups(),
    )


VALUES = [
    "中文，字",
    "1.5",
    "007",
    "yes",
    "true",
    "null",
    "2020-01-02",
    "[a, b]",
    '"a: b"',
    "'#c'",
    "a b",
    "x",
]


@given(
    st.lists(st.tuples(st.sampled_from(["title", "date", "k1"]), st.sampled_from(VALUES)), max_size=4),
    st.lists(st.sampled_from([*VALUES, "- ", ":", "#", "\n", "\t", "&a", "*a", "\u2028"]), max_size=5),
)
def test_formats_front_matter_in_c_says_the_same(fields, rest):
    block = "".join(f"{name}: {value}\n" for name, value in fields) + "".join(rest)
    said = frontmatter._yaml(block, 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frontmatter, "_FastLoader", None)
        assert repr(frontmatter._yaml(block, 2)) == repr(said)


def test_formats_front_matter_is_read_in_c_where_it_is_plain():
    block = 'title: "长城：一"\nauthor: 作者1\ntags: [标签, b]\ncategories:\n  - 史 地\ndate: 2024-01-02\n'
    assert frontmatter._PLAIN_YAML.fullmatch(block)
    assert not frontmatter._PLAIN_YAML.fullmatch(f"{block}more: *alias\n")
    assert frontmatter._yaml(block, 2)[0]["tags"] == ["标签", "b"]


@given(st.text(st.sampled_from(list("文字ab1 \n\\`~*_[]()<>&;!#$%{}=:-+^@/.\"'")), max_size=60))
def test_formats_markdown_plain_paragraphs_are_as_the_parser_reads_them(text):
    parser = MarkdownIt("commonmark", {"maxNesting": markdown._DEEPEST}).enable(["table", "strikethrough"])
    parser.block.ruler.at("reference", markdown._link_definition)
    assert markdown._parser().parse(text) == parser.parse(text)
