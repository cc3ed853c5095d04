from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from embeddings.article import Article, Metadata, Passage, Span
from qa.cite import conversation_json, conversation_markdown, gbt7714, markdown, plain
from qa.page import Turn
from qa.reply import Answer, Reply, Source
from qa.strings import EN, ZH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

LINK = "https://example.org/a"
PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def source(
    text: str, title: str, phrase: str = "", sentence: str = "", pages: Sequence[int] = (), **said: str
) -> Source:
    """Where ``phrase`` stands in ``sentence`` in an article of ``text``; no phrase: in its front matter."""
    told = Article("id", title, text, "a.md", Metadata(**said), pages=tuple(pages))
    if not phrase:
        return Source(told, Span(0, 0), Span(0, 0), None)
    around = text.index(sentence or text)
    start = text.index(phrase, around)
    return Source(
        told, Span(start, start + len(phrase)), Span(around, around + len(sentence or text)), Passage(1, "id", Span(0, len(text)))
    )  # fmt: skip


def answer(of: Source, text: str = "", field: str = "", confidence: float = 0.75) -> Answer:
    body = of.article.text
    return Answer(text or of.span.of(body), text or of.sentence.of(body), confidence, (of,), field)


def quoted(text: str, phrase: str, sentence: str = "", title: str = "题目", **said: str) -> str:
    of = source(text, title, phrase, sentence, **said)
    return markdown(answer(of), of)


class Shown(NamedTuple):
    """What Markdown shows: the kinds of its tokens, its text, and what of it is bold, in italics, a link."""

    kinds: set[str]
    text: str
    bold: list[tuple[int, str]]
    italic: list[str]
    links: list[tuple[str, str]]


def shown(text: str) -> Shown:
    kinds: set[str] = set()
    held = ""
    opened: list[tuple[str, int, str]] = []
    closed: list[tuple[str, int, str, str]] = []

    def walk(tokens: Sequence[Token]) -> None:
        nonlocal held
        for token in tokens:
            kinds.add(token.type)
            if token.type == "inline":
                walk(token.children or [])
                held += "\n"
            elif token.type in ("softbreak", "hardbreak"):
                held += "\n"
            elif token.nesting == 1:
                opened.append((token.type, len(held), str(token.attrGet("href") or "")))
            elif token.nesting == -1:
                kind, start, href = opened.pop()
                closed.append((kind, start, held[start:], href))
            else:
                held += token.content

    walk(PARSER.parse(text))
    return Shown(
        kinds,
        held,
        [(start, inside) for kind, start, inside, _ in closed if kind == "strong_open"],
        [inside for kind, _, inside, _ in closed if kind == "em_open"],
        [(href, inside) for kind, _, inside, href in closed if kind == "link_open"],
    )


def bare(text: str) -> str:
    return "".join(text.split())


PROSE = {
    "blockquote_open",
    "blockquote_close",
    "paragraph_open",
    "paragraph_close",
    "inline",
    "text",
    "softbreak",
}
BOLD = {"strong_open", "strong_close"}
ITALIC = {"em_open", "em_close"}

MARKS = (
    "- ", "+ ", "* ", "1. ", "23) ", "# ", "### ", "> ", "```", "~~~", "---", "===", "***", "___", "    ", "\t", "\n", "\n\n",
    "  \n", "\\", "\\\n", "*", "**", "_", "__", "~~", "`", "``", "[", "](", ")", "[a](b)", "![", "<b>", "</b>", "<!--", "-->", "<?",
    "<https://x.org>", "&amp;", "&#42;", "&", "|", "a|b\n:-|-:\n", ":-", ":", "-:", "[^1]: ", "[a]: b\n", "$", "{", "}", "!", "#", "=", "+", ".",
    "a", "b", "1", "12", " ", "京", "。", "“", "”", "《", "》", "%", "，", "é", "\u3000", "😀", "e\u0301",
)  # fmt: skip
WILD = st.lists(st.sampled_from(MARKS), min_size=1, max_size=14).map("".join)
TEXT = WILD | st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30)
LINE = TEXT.map(lambda text: " ".join(text.split())).filter(bool)


def test_cite_plain_gives_the_answer_its_sentence_and_its_place() -> None:
    text = "京张铁路\n于1909年通车。后来延长。"
    of = source(
        text,
        "京张铁路",
        "1909年",
        "京张铁路\n于1909年通车。",
        author="陆远山",
        date="2022-03-12T08:00:00",
        link=LINK,
    )
    assert plain(answer(of), of) == (
        "1909年\n“京张铁路 于1909年通车。”\n——陆远山，《京张铁路》，2022-03-12，https://example.org/a"
    )


def test_cite_plain_in_english() -> None:
    text = "It opened in 1909. It is long."
    of = source(
        text, "The Railway", "1909", "It opened in 1909.", (0, 10), author="R. Pike", date="2019-07-20"
    )
    assert plain(answer(of), of) == "1909\n“It opened in 1909.”\n— R. Pike, “The Railway”, 2019-07-20, p. 2"


def test_cite_plain_names_the_page_and_says_a_sentence_once() -> None:
    text = "第一页。京张铁路于1909年通车。"
    of = source(text, "京张铁路", "京张铁路于1909年通车。", "京张铁路于1909年通车。", (0, 4))
    assert plain(answer(of), of) == "京张铁路于1909年通车。\n——《京张铁路》，第 2 页"


def test_cite_plain_gives_front_matter_alone() -> None:
    of = source("京张铁路。", "京张铁路", author="陆远山")
    assert plain(answer(of, "陆远山", "author"), of) == "陆远山\n——陆远山，《京张铁路》"


def test_cite_markdown_quotes_the_sentence_with_the_answer_in_bold() -> None:
    said = {"author": "陆远山", "date": "2022-03-12", "link": LINK}
    assert quoted("京张铁路于1909年通车。", "1909年", title="京张铁路", **said) == (
        "> 京张铁路于**1909年**通车。\n>\n> ——陆远山，[京张铁路](<https://example.org/a>)，2022-03-12"
    )


def test_cite_markdown_in_english() -> None:
    assert quoted("It opened in 1909.", "1909", title="The Railway", author="R. Pike") == (
        "> It opened in **1909**.\n>\n> — R. Pike, *The Railway*"
    )


def test_cite_markdown_gives_front_matter_alone() -> None:
    of = source("京张铁路。", "京张铁路")
    assert markdown(answer(of, "a*b", "author"), of) == "> a\\*b\n>\n> ——《京张铁路》"


@pytest.mark.parametrize(
    ("sentence", "phrase", "line"),
    [
        ("他写了《史记》这本书。", "《史记》", "> 他写了《**史记**》这本书。"),
        ("增长了30%左右。", "30%", "> 增长了**30**%左右。"),
        ("他说“你好”的时候。", "“你好”", "> 他说“**你好**”的时候。"),
        ("温度为-5℃上下。", "-5℃", "> 温度为-**5**℃上下。"),
        ("看a*b处。", "a*b", "> 看**a\\*b**处。"),
        ("京张铁路通车。", "京张铁路通车。", "> 京张铁路通车。"),
        ("只有……而已。", "……", "> 只有……而已。"),
    ],
)
def test_cite_markdown_bold_stands_beside_no_mark(sentence: str, phrase: str, line: str) -> None:
    assert quoted(sentence, phrase).split("\n")[0] == line


def test_cite_markdown_bold_is_the_answer_and_not_its_like() -> None:
    text = "1919年有19人，共3919元，只来了19人。"
    told = Article("id", "题", text, "a.md")
    at = text.rindex("19")
    of = Source(told, Span(at, at + 2), Span(0, len(text)), Passage(1, "id", Span(0, len(text))))
    assert markdown(answer(of), of).split("\n")[0] == "> 1919年有19人，共3919元，只来了**19**人。"


def test_cite_markdown_finds_the_answer_in_another_sentence_given() -> None:
    of = source("海很咸。", "海", "咸")
    elsewhere = Answer("咸的", "原来海是咸的。", 0.5, (of,))
    assert markdown(elsewhere, of).split("\n")[0] == "> 原来海是**咸的**。"
    nowhere = Answer("淡的", "原来海是咸的。", 0.5, (of,))
    assert markdown(nowhere, of).split("\n")[0] == "> 原来海是咸的。"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\n\n    b*c", ["> a", ">", "> b\\*c"]),
        ("a|b\n:-:", ["> a\\|b", "> \\:-:"]),
        ("a\n===", ["> a", "> \\==="]),
        ("1. 一\n2. 二", ["> 1\\. 一", "> 2\\. 二"]),
        ("- 一\n\t+ 二", ["> \\- 一", "> \\+ 二"]),
        ("3.5米-4米", ["> 3.5米-4米"]),
    ],
)
def test_cite_markdown_lines_begin_no_block(text: str, line: list[str]) -> None:
    assert quoted(text, text).split("\n")[: len(line)] == line


@given(TEXT.filter(str.strip), st.data())
def test_cite_markdown_no_text_becomes_markup(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    before = data.draw(st.sampled_from(["", "前。", "x "]))
    told = Article("id", "题目", f"{before}{text}后。", "a.md")
    sentence = Span(len(before), len(before) + len(text))
    of = Source(told, Span(start, end).shifted(len(before)), sentence, Passage(1, "id", sentence))
    seen = shown(markdown(answer(of), of))
    by = "——《题目》" if "《题目》" in seen.text else "— 题目"
    assert seen.kinds <= PROSE | BOLD | ITALIC
    assert bare(seen.text) == bare(text + by)
    phrase = text[start:end]
    words = [at for at, char in enumerate(phrase) if unicodedata.category(char)[0] not in "PSZC"]
    if words and "\n" not in phrase and phrase.strip() != text.strip():
        first, last = words[0], words[-1] + 1
        ((at, bold),) = seen.bold
        assert bold.split() == phrase[first:last].split()
        assert bare(seen.text[:at]) == bare(text[: start + first])
    else:
        assert seen.bold == []


@given(LINE, LINE, st.sampled_from(["中文的文章。", "An English text."]), st.booleans())
def test_cite_markdown_no_title_or_author_becomes_markup(
    title: str, author: str, text: str, linked: bool
) -> None:
    of = source(text, title, text, author=author, link=LINK if linked else "")
    seen = shown(markdown(answer(of), of))
    assert seen.kinds <= PROSE | ITALIC | {"link_open", "link_close"}
    by = bare(seen.text).removeprefix(bare(text))
    if linked:
        assert seen.links == [(LINK, title)]
        assert by in (bare(f"——{author}，{title}"), bare(f"—{author},{title}"))
    elif seen.italic:
        assert seen.italic == [title]
        assert by == bare(f"—{author},{title}")
    else:
        assert by == bare(f"——{author}，《{title}》")


@pytest.mark.parametrize(
    ("link", "href"),
    [
        ("https://example.org/a?b=1&copy;=2&amp;c", "https://example.org/a?b=1&copy;=2&amp;c"),
        ("https://example.org/a\\*b_c_(d)", "https://example.org/a%5C*b_c_(d)"),
        ("http://example.org/文章", "http://example.org/%E6%96%87%E7%AB%A0"),
    ],
)
def test_cite_markdown_links_lead_where_they_say(link: str, href: str) -> None:
    of = source("海是咸的。", "海", "咸", link=link)
    assert shown(markdown(answer(of), of)).links == [(href, "海")]


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "ftp://example.org", "https://a b", "https://a>b", "https://a\nb", "/a", ""],
)
def test_cite_markdown_other_links_are_left_out(link: str) -> None:
    of = source("海是咸的。", "海", "咸", link=link)
    assert markdown(answer(of), of).endswith("\n> ——《海》")


@pytest.mark.parametrize(
    ("said", "pages", "reference"),
    [
        ({}, (), "佚名. 京张铁路[Z]."),
        ({"author": "陆远山"}, (), "陆远山. 京张铁路[Z]."),
        ({"author": "陆远山", "date": "2022-03-12T08:00:00"}, (), "陆远山. 京张铁路[Z]. 2022-03-12."),
        ({"date": "2022-03-12"}, (0, 2), "佚名. 京张铁路[Z]. 2022-03-12: 2."),
        ({"author": "陆远山", "link": LINK}, (), "陆远山. 京张铁路[EB/OL]. [2026-11-25]. https://example.org/a."),
        (
            {"author": "陆远山", "link": LINK, "date": "2022-03-12"}, (0, 2),
            "陆远山. 京张铁路[EB/OL]. (2022-03-12)[2026-11-25]: 2. https://example.org/a.",
        ),
    ],
)  # fmt: skip
def test_cite_references_are_in_gbt7714(said: dict[str, str], pages: tuple[int, ...], reference: str) -> None:
    of = source("京张铁路于1909年通车。", "京张铁路", "1909年", pages=pages, **said)
    assert gbt7714(of, "2026-11-25") == reference


def test_cite_a_reference_without_an_author_in_english() -> None:
    assert gbt7714(source("It opened in 1909.", "The Railway"), "2026-11-25") == "Anon. The Railway[Z]."


def turn(question: str, *answers: Answer, asked: str = "", remark: str = "") -> Turn:
    return Turn(question, Reply(question, asked or question, bool(answers), answers, (), remark))


def test_cite_a_conversation_is_a_document() -> None:
    of = source("京张铁路于1909年通车。", "京张铁路", "1909年")
    field = source("京张铁路。", "京张铁路", author="陆远山")
    turns = [
        turn("哪年\n通车？", answer(of), asked="京张铁路哪年通车？"),
        turn("谁写的？", answer(field, "陆远山", "author", 0.9), answer(of, confidence=0.3)),
        turn("月球？"),
        turn("你好", remark="你好！*"),
        Turn("长", error="问题太长了。"),
        Turn("还没答"),
    ]
    assert conversation_markdown(turns, ZH, "2026-11-25") == (
        "# 对话 · 2026-11-25\n\n"
        "## 哪年 通车？\n\n"
        "*按此查找：京张铁路哪年通车？*\n\n"
        "> 京张铁路于**1909年**通车。\n>\n> ——《京张铁路》\n\n比较有把握 · 75%\n\n"
        "## 谁写的？\n\n"
        "> 陆远山\n>\n> ——陆远山，《京张铁路》\n\n很有把握 · 90%\n\n"
        "> 京张铁路于**1909年**通车。\n>\n> ——《京张铁路》\n\n把握不大 · 30%\n\n"
        "## 月球？\n\n**这些文章里没有说**\n\n"
        "## 你好\n\n你好！\\*\n\n"
        "## 长\n\n问题太长了。\n\n"
        "## 还没答\n"
    )


def test_cite_an_empty_conversation_is_its_title() -> None:
    assert conversation_markdown([], EN, "2026-11-25") == "# Conversation · 2026-11-25\n"


@given(TEXT.filter(str.strip), LINE)
def test_cite_no_question_or_error_becomes_markup(question: str, error: str) -> None:
    seen = shown(conversation_markdown([Turn(question, error=error)], ZH, "2026-11-25"))
    assert seen.kinds <= PROSE - {"blockquote_open", "blockquote_close"} | {"heading_open", "heading_close"}
    assert bare(seen.text) == bare(f"对话·2026-11-25{question}{error}")


@given(LINE)
def test_cite_what_was_searched_for_does_not_become_markup(asked: str) -> None:
    seen = shown(conversation_markdown([turn("一", asked=asked)], ZH, "2026-11-25"))
    said = "" if asked == "一" else f"按此查找：{asked}"
    assert bare(seen.text) == bare(f"对话·2026-11-25一{said}这些文章里没有说")
    assert seen.italic == ([said] if said else [])
    assert [bold for _, bold in seen.bold] == [ZH.not_said]


def test_cite_a_conversation_is_json() -> None:
    of = source("京张铁路于1909年通车。", "京张铁路", "1909年")
    told = turn("哪年？", answer(of))
    found = conversation_json([told, Turn("长", error="问题太长了。"), Turn("还没答")])
    assert json.loads(json.dumps(found)) == found
    assert [one["question"] for one in found] == ["哪年？", "长", "还没答"]
    assert found[0]["answers"][0]["text"] == "1909年"
    assert found[0]["answers"][0]["article"]["title"] == "京张铁路"
    assert found[1:] == [{"question": "长", "error": "问题太长了。"}, {"question": "还没答", "error": ""}]
