from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from fake_engine import FakeEngine, FakeLibrary, article
from hypothesis import given
from hypothesis import strategies as st

from embeddings.article import Article, Heading, Metadata, Passage, Span
from embeddings.rows import ArticleRow, File
from qa import page
from qa.asked import Count, Figures
from qa.browse import Facets, Filter
from qa.page import Place, Turn
from qa.page.frame import Access
from qa.reply import Answer, Hit, Reply, Source
from qa.strings import EN, STRINGS, ZH
from qa.where import Where

HOSTILE = (
    '<script>alert(1)</script><img src=x onerror="alert(2)">${alert(3)}{{4}}"\'>`&amp;'
    "![](http://evil.test/x.png)$$x$$"
)


class Reading(HTMLParser):
    """The tags, attributes and text that a browser would see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.marked: list[str] = []
        self._in_mark = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in_mark = self._in_mark or tag == "mark"

    def handle_endtag(self, tag: str) -> None:
        if tag == "mark":
            self._in_mark = False

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self._in_mark:
            self.marked.append(data)

    @property
    def text(self) -> str:
        return "".join(self.words)


def replied(text: str, sentence: Span, answer: Span, **metadata: str) -> Reply:
    one = article("a", text, "题目", **metadata)
    passage = Passage(7, "a", Span(0, len(text)))
    source = Source(one, answer, sentence, passage)
    found = Answer(answer.of(text), sentence.of(text), 0.834, (source,))
    return Reply("问", "问", True, (found,), (Hit(passage, text, 0.5, 1, None, 0.5),))


def test_page_shows_the_answer_its_sentence_confidence_and_source() -> None:
    reply = replied(
        "开头。詹天佑修了京张铁路。", Span(3, 13), Span(3, 6), author="陆远山", date="2022-03-12T20:15:00"
    )
    read = Reading(page.conversation([Turn("谁修的？", reply)], ZH))
    assert read.marked == ["詹天佑"]
    assert "詹天佑修了京张铁路。" in read.text
    assert "很有把握 · 83%" in read.text
    assert "陆远山 · 2022-03-12" in read.text
    button = next(a for tag, a in read.tags if tag == "button" and a.get("data-act") == "source")
    assert (button["data-act"], button["data-turn"], button["data-answer"], button["data-number"]) == (
        "source", "0", "0", "0",
    )  # fmt: skip


def test_page_shows_a_whole_sentence_only_once() -> None:
    reply = replied("詹天佑修了京张铁路。", Span(0, 10), Span(0, 10))
    html = page.conversation([Turn("问", reply)], ZH)
    assert "<blockquote" not in html


def test_page_says_when_the_articles_do_not_say() -> None:
    one = article("a", "无关的一段。", "题目")
    hit = Hit(Passage(1, "a", Span(0, 6)), "无关的一段。", 0.1, 1, None, 0.1)
    turn = Turn("问", Reply("问", "问", False, (), (hit,)), articles={"a": one})
    assert "这些文章里没有说" in page.conversation([turn], ZH)
    read = Reading(page.conversation([turn], EN))
    assert "These articles do not say" in read.text
    assert "无关的一段。" in read.text
    acts = [attrs.get("data-act") for tag, attrs in read.tags if tag == "button"]
    assert acts == ["edit_question", "retry", None, "hit"]


def test_page_folds_the_runners_up() -> None:
    reply = replied("一。二。", Span(0, 2), Span(0, 2))
    second = replied("一。二。", Span(2, 4), Span(2, 4)).answers[0]
    html = page.conversation([Turn("问", Reply("问", "问", True, (*reply.answers, second), ()))], ZH)
    folded = html[html.index("<details>") : html.index("</article></details>")]
    assert "二。</p>" in folded
    assert "一。</p>" not in folded


def test_page_shows_a_remark_an_error_a_rewrite_and_a_wait() -> None:
    remark = Turn("你好", Reply("你好", "你好", False, (), (), remark="你好<b>"))
    assert "你好&lt;b&gt;" in page.conversation([remark], ZH)
    assert 'role="alert"' in page.conversation([Turn("问", error="坏了")], ZH)
    rewritten = Reply("他呢", "詹天佑呢", False, (), ())
    assert "按此查找：詹天佑呢" in page.conversation([Turn("他呢", rewritten)], ZH)
    assert ZH.searching in page.conversation([Turn("问")], ZH)


def test_page_offers_to_edit_a_rewrite_or_to_ask_as_typed() -> None:
    rewritten = Turn("他呢", Reply("他呢", "詹天佑呢", False, (), ()))
    acts = [a.get("data-act") for _, a in Reading(page.conversation([rewritten], EN)).tags]
    assert [act for act in acts if act in ("edit", "plain")] == ["edit", "plain"]
    plain = Turn("甲 ", Reply("甲 ", "甲", False, (), ()))
    assert "searched" not in page.conversation([plain], EN)


def test_page_shows_a_spelling_put_right_and_a_restriction() -> None:
    reply = Reply("平按", "平安", False, (), (), did_you_mean="平安", where=Where("2019", "2019", "林<b>"))
    html = page.conversation([Turn("平按", reply)], ZH)
    assert "你是不是想问：平安" in html
    assert "只看这些文章：2019, 林&lt;b&gt;" in html


def test_page_folds_nothing_of_a_list_of_articles() -> None:
    articles = [article(name, "文。", f"题{name}") for name in "甲乙丙"]
    listed = tuple(
        Answer(one.title, one.title, 0.9, (Source(one, Span(0, 0), Span(0, 0), None),), field="title")
        for one in articles
    )
    html = page.conversation([Turn("有哪些", Reply("有哪些", "有哪些", True, listed, ()))], ZH)
    assert "<details>" not in html
    assert all(f">{one.title}</span>" in html for one in articles)


def test_page_says_why_and_that_articles_disagree() -> None:
    reply = replied("一。二。", Span(0, 2), Span(0, 2))
    html = page.conversation([Turn("问", replace(reply, disagree=True))], EN)
    assert EN.disagree in html
    why = html[html.index('<dl class="why">') : html.index("</dl>")]
    assert "0.50" in why
    assert "by meaning 1" in why
    assert EN.disagree not in page.conversation([Turn("问", reply)], EN)


@pytest.mark.parametrize("author", ["Tim Berners-Lee", "TechCrunch", "IT之家"])
def test_page_shows_the_whole_author_and_the_day(author: str) -> None:
    html = page.library([row("题", author, "2020-01-02T03:04:05")], 1, 1, ZH)
    assert f"<bdi>{author}</bdi>" in html
    assert "<bdi>2020-01-02</bdi>" in html


def row(
    title: str, author: str = "", date: str = "", root: str = "", **shared: tuple[str, ...]
) -> ArticleRow:
    tags, categories = shared.get("tags", ()), shared.get("categories", ())
    return ArticleRow("a", title, "a.md", root, author, date, tags, categories, 1, File(""))


def test_page_lets_articles_be_removed_only_where_one_may() -> None:
    rows = [row("甲"), row("乙", root="/blog")]
    assert 'data-act="remove"' not in page.library(rows, 2, 2, ZH)
    read = Reading(page.library(rows, 2, 2, ZH, change=True))
    says = [attrs["data-says"] or "" for tag, attrs in read.tags if "data-says" in attrs]
    assert ZH.remove_upload in says[0]
    assert "《甲》" in says[0]
    assert ZH.remove_synced in says[1]
    assert [attrs.get("data-takes") for tag, attrs in read.tags if attrs.get("data-act") == "remove"] == [
        "id"
    ]


def test_page_offers_what_articles_share() -> None:
    held = Facets((("林", 2), ("王", 1)), (("海", 1),), (("杂", 3),), (("2020", 3),))
    html = page.facets(held, Filter(author="王", tag="海"), EN)
    read = Reading(html)
    options = [(attrs["value"], "selected" in attrs) for tag, attrs in read.tags if tag == "option"]
    assert options == [
        ("author -1", False), ("author 0", False), ("author 1", True),
        ("tag -1", False), ("tag 0", True), ("category 0", False),
    ]  # fmt: skip
    assert EN.ask_only in html
    assert EN.clear in html
    assert EN.clear not in page.facets(held, Filter(), EN)
    assert EN.ask_only not in page.facets(held, Filter(text="海"), EN)


def test_page_steps_through_the_places_of_a_reply_and_links_to_each() -> None:
    one = article("a1", "甲。乙。", "题")
    read = Reading(page.reader(Place(one, answer=Span(2, 3), number=0, count=3), EN))
    steps = [attrs["data-number"] for tag, attrs in read.tags if attrs.get("data-act") == "step"]
    assert steps == ["2", "1"]
    assert "1 / 3" in read.text
    assert [a["data-copy-link"] for _, a in read.tags if "data-copy-link" in a] == ["?article=a1&at=2-3"]
    alone = Reading(page.reader(Place(one, count=1), EN))
    assert not [a for _, a in alone.tags if a.get("data-act") == "step"]
    assert [a["data-copy-link"] for _, a in alone.tags if "data-copy-link" in a] == ["?article=a1"]


def test_page_copies_an_answer_three_ways() -> None:
    reply = replied("开头。詹天佑修了京张铁路。", Span(3, 13), Span(3, 6), author="陆远山", date="2022-03-12")
    read = Reading(page.conversation([Turn("谁？", reply, day="2026-11-25")], ZH))
    assert [a["data-copy"] for _, a in read.tags if "data-copy" in a] == [
        "詹天佑\n“詹天佑修了京张铁路。”\n——陆远山，《题目》，2022-03-12",
        "> **詹天佑**修了京张铁路。\n>\n> ——陆远山，《题目》，2022-03-12",
        "陆远山. 题目[Z]. 2022-03-12.",
    ]


def test_page_says_that_a_doubtful_answer_is_one_and_sets_it_smaller() -> None:
    reply = replied("开头。詹天佑修了京张铁路。", Span(3, 13), Span(3, 6))
    sure = page.conversation([Turn("谁？", reply)], ZH)
    doubtful = replace(reply, answers=(replace(reply.answers[0], confidence=0.39),))
    html = page.conversation([Turn("谁？", doubtful)], ZH)
    assert ZH.doubtful in html
    assert 'class="phrase long"' in html
    assert ZH.doubtful not in sure
    assert 'class="phrase"' in sure


def test_page_numbers_a_list_and_gives_it_no_confidence() -> None:
    articles = [article(name, "文。", f"题{name}") for name in "甲乙丙"]
    nowhere = Span(0, 0)
    listed = tuple(
        Answer(one.title, one.title, 0.95, (Source(one, nowhere, nowhere, None),), field="title")
        for one in articles
    )
    read = Reading(page.conversation([Turn("有哪些", Reply("有哪些", "有哪些", True, listed, ()))], ZH))
    assert "3 篇文章" in read.text
    assert "95%" not in read.text
    assert [read.text.count(f"题{name}") for name in "甲乙丙"] == [1, 1, 1]
    assert read.text.index("1题甲") < read.text.index("2题乙") < read.text.index("3题丙")
    clicked = [(a["data-answer"], a["data-number"]) for _, a in read.tags if a.get("data-act") == "source"]
    assert clicked == [("0", "0"), ("1", "0"), ("2", "0")]
    sources = tuple(Source(one, nowhere, nowhere, None) for one in articles)
    counted = Reply("几篇", "几篇", True, (Answer("3", "3", 0.95, sources, field="count"),), ())
    read = Reading(page.conversation([Turn("几篇", counted)], ZH))
    clicked = [(a["data-answer"], a["data-number"]) for _, a in read.tags if a.get("data-act") == "source"]
    assert clicked == [("0", "0"), ("0", "1"), ("0", "2")]


def test_page_says_of_an_empty_library_that_it_is_empty() -> None:
    nothing = Turn("问", Reply("问", "问", False, (), ()))
    assert ZH.empty_library in page.conversation([nothing], ZH, empty=True)
    assert ZH.not_said not in page.conversation([nothing], ZH, empty=True)
    assert ZH.not_said in page.conversation([nothing], ZH)


def test_page_sets_an_endless_word_without_kerning() -> None:
    assert 'class="text endless"' in page.reader(Place(article("a", "x" * 10_001)), ZH)
    assert 'class="text"' in page.reader(Place(article("a", ("x" * 9_999 + " ") * 5)), ZH)
    assert page.reader(None, ZH) == ""
    assert "没有" in page.reader(None, ZH, "没有")


def test_page_lets_a_recorded_reply_be_judged() -> None:
    reply = replied("一。", Span(0, 2), Span(0, 2))
    assert "data-good" not in page.conversation([Turn("问", reply)], ZH)
    read = Reading(page.conversation([Turn("问", reply, number=4, judged=False)], ZH))
    pressed = [(a["data-good"], a["aria-pressed"]) for _, a in read.tags if "data-good" in a]
    assert pressed == [("1", "false"), ("0", "true")]


def test_page_marks_the_question_that_is_edited() -> None:
    turns = [Turn("甲", error="x"), Turn("乙", error="x")]
    html = page.conversation(turns, ZH, editing=1)
    assert html.count("turn editing") == 1
    assert html.index("turn editing") > html.index(">甲<")
    assert ZH.replaces in html


def test_page_tells_what_was_asked() -> None:
    figures = Figures(30, 4, 3, 2, 1, 120.4, 310.6, (Count("甲<b>", 3),), (Count("乙", 1),), (("丙", "错"),))
    text = Reading(page.statistics(figures, EN)).text
    assert "75%" in text
    assert "2 / 1" in text
    assert "120 / 311 ms" in text
    assert "甲<b> × 3" in text
    assert text.index(EN.found_nothing) < text.index("乙") < text.index(EN.asked_most)
    assert "丙 错" in text
    assert EN.not_recorded in page.statistics(None, EN)
    assert EN.nothing_yet in page.statistics(Figures(30, 0, 0, 0, 0, 0, 0, (), (), ()), EN)


@pytest.mark.parametrize(
    ("access", "shown"),
    [
        (Access(change=True, see=True), (True, False, False)),
        (Access(change=False, see=False, password=True), (False, True, False)),
        (Access(change=True, see=True, password=True, unlocked=True), (True, False, True)),
        (Access(change=False, see=False), (False, False, False)),
    ],
)
def test_page_opens_its_administration_to_whom_it_may(access: Access, shown: tuple[bool, ...]) -> None:
    read = Reading(page.foot({"revision": "7"}, EN, access))
    acts = {a.get("data-act") for _, a in read.tags}
    opens = {a.get("data-open") for _, a in read.tags}
    assert ("statistics" in acts, "unlock" in opens, "lock" in acts) == shown
    assert "revision7" in read.text


def test_page_sends_the_script_only_data() -> None:
    html = page.outbox("say", 3, text=HOSTILE + "\ud800")
    (tag,) = Reading(html).tags
    assert tag == ("output", {"hidden": None, "data-task": "say", "data-n": "3"})
    assert json.loads(Reading(html).text) == {"text": HOSTILE + "\ud800"}


def test_page_shows_the_progress_of_an_upload() -> None:
    html = page.report([], EN, (2, 5))
    assert '<progress max="5" value="2"' in html
    assert "2 of 5" in html
    assert "close_report" not in html
    assert "close_report" in page.report([("a.md", "added", True)], EN)


def test_page_marks_a_front_matter_field() -> None:
    one = article("a", "正文。", "题目", author="林小满")
    answer = Answer("林小满", "林小满", 1.0, (Source(one, Span(0, 0), Span(0, 0), None),), field="author")
    html = page.conversation([Turn("谁写的", Reply("谁写的", "谁写的", True, (answer,), ()))], ZH)
    assert "取自文章信息：作者" in html
    assert Reading(page.reader(Place(one, field="author"), ZH)).marked == ["林小满"]


def test_page_opens_the_article_with_everything_marked() -> None:
    text = "标题\n第一句。第二句有答案。\n第三句。"
    one = Article("a", "题目", text, "a.md", headings=(Heading(Span(0, 2), 2),))
    html = page.reader(Place(one, Span(3, 15), Span(7, 15), Span(12, 14)), ZH)
    body = html[html.index('<div class="text"') :]
    assert Reading(body).text == text
    assert Reading(body).marked == ["案。"]
    assert '<mark class="answer passage sentence">案。</mark>' in body
    assert '<span class="heading-2">标题</span>' in body
    assert '<span class="passage">第一句。</span>' in body


def test_page_shows_the_pages_of_a_pdf() -> None:
    one = Article("a", "题目", "一页二页", "a.pdf", pages=(0, 2))
    assert Reading(page.reader(Place(one), ZH)).text.endswith("第 1 页一页第 2 页二页")
    passage = Passage(1, "a", Span(0, 4))
    answer = Answer("二页", "二页", 0.5, (Source(one, Span(2, 4), Span(2, 4), passage),))
    assert "第 2 页" in page.conversation([Turn("问", Reply("问", "问", True, (answer,), ()))], ZH)


@pytest.mark.parametrize(
    ("link", "shown"),
    [("https://a.test/", True), ("javascript:alert(1)", False), ("data:text/html,x", False)],
)
def test_page_links_only_to_the_web(link: str, shown: bool) -> None:
    one = Article("a", "题目", "文", "a.md", Metadata(link=link))
    assert ("<a " in page.reader(Place(one), ZH)) is shown


@given(st.text(max_size=60) | st.just(HOSTILE), st.sampled_from(sorted(STRINGS)))
def test_page_lets_nothing_through_unescaped(text: str, lang: str) -> None:
    text = text or "x"
    words = STRINGS[lang]
    one = Article(
        "a", text, text, text, Metadata(author=text, tags=(text,), link=f"http://{text}"),
        (Heading(Span(0, len(text)), 1),), (0,),
    )  # fmt: skip
    passage = Passage(1, "a", Span(0, len(text)), (text,))
    source = Source(one, Span(0, 1), Span(0, len(text)), passage)
    answers = (Answer(text[0], text, 0.5, (source,)), Answer(text, text, 0.5, (source,), field=text))
    turns = [
        Turn(
            text,
            Reply(text, text + "!", True, answers, (Hit(passage, text, 0, 1, 1, 0),)),
            articles={"a": one},
        ),
        Turn(text, Reply(text, text, False, (), (), remark=text)),
        Turn(text, error=text),
    ]
    whole = "".join(
        [
            page.conversation(turns, words),
            page.examples([text], words),
            page.library([row(text, text, text[:10], tags=(text,))], 1, 2, words, change=True),
            page.report([(text, text, False)], words),
            page.facets(
                Facets(((text, 1), ("x", 1)), ((text, 1),), ((text, 1),), ()), Filter(tag=text), words
            ),
            page.foot({"model": text}, words, Access(change=True, see=True, password=True)),
            page.tools(words, talking=True, only=text),
            page.statistics(
                Figures(1, 1, 1, 0, 1, 1, 1, (Count(text, 1),), (Count(text, 1),), ((text, text),)), words
            ),
            page.reader(Place(one, Span(0, 1), Span(0, 1), Span(0, 1), field="author"), words),
        ]
    )
    read = Reading(whole)
    tags = {tag for tag, _ in read.tags}
    assert tags <= set("div section span p article blockquote mark meter ol ul li button details summary h2 h3 "
                       "nav bdi dl dt dd a select option svg path dialog form input label h3".split())  # fmt: skip
    for tag, attributes in read.tags:
        assert not [
            name for name in attributes if name.startswith("on") or name in ("src", "style", "srcset")
        ]
        assert tag == "a" or "href" not in attributes
    whole.encode("utf-8")


def test_page_escapes_half_a_surrogate_pair() -> None:
    assert page.text("a\ud800<b") == "a?&lt;b"


def test_page_counts_the_articles_it_does_not_list() -> None:
    html = page.library([row("t")], 4, 9, EN)
    assert ">3 more</button>" in html
    assert "4 of 9" in html
    assert 'data-act="more"' not in page.library([row("t")], 1, 1, EN)
    assert EN.none_found in page.library([], 0, 9, EN)


def test_page_welcomes_and_says_when_there_are_no_articles() -> None:
    assert ZH.welcome_more in page.conversation([], ZH)
    assert ZH.empty_library in page.conversation([], ZH, empty=True)
    assert page.examples([], ZH) == ""
    assert page.report([], ZH) == ""


def test_page_hits_name_the_article_that_is_still_there() -> None:
    engine = FakeEngine(FakeLibrary([article("a", "甲乙丙。", "题")]), enough=2)
    reply = engine.ask("甲乙丁")
    assert "题" in Reading(page.conversation([Turn("甲", reply, articles=engine.library.held)], ZH)).text
    assert "甲乙丙" in Reading(page.conversation([Turn("甲", reply)], ZH)).text


def front(field: str, *values: str) -> tuple[Answer, ...]:
    source = Source(article("a", "文。", "题"), Span(0, 0), Span(0, 0), None)
    return tuple(Answer(value, value, 0.9, (source,), field=field) for value in values)


def test_page_folds_nothing_of_what_the_front_matter_says() -> None:
    answers = (*front("author", "甲"), *front("date", "2019-02-25"))
    html = page.conversation([Turn("问", Reply("问", "问", True, answers, ()))], ZH)
    assert ZH.others not in html
    assert "2019-02-25" in html


def test_page_lists_tags_as_one_answer_after_their_number_if_many() -> None:
    tags = front("tags", "铁路", "水利")
    html = page.conversation([Turn("问", Reply("问", "问", True, tags, ()))], ZH)
    assert "铁路、水利" in html
    assert "<meter" not in html
    assert "水利 · 题" in html
    html = page.conversation([Turn("问", Reply("问", "问", True, (*front("count", "500"), *tags), ()))], ZH)
    assert '<p class="phrase">500</p>' in html
    assert "水利 · 题" in html


def test_page_shows_a_month_of_any_year_with_the_word_for_it() -> None:
    for month, zh, en in (("05", "5 月", "month 5"), ("04-23", "4 月 23 日", "month 4, day 23")):
        reply = Reply("问", "问", False, (), (), where=Where(month=month))
        for words, said in ((ZH, zh), (EN, en)):
            assert words.restricted.format(said) in page.conversation([Turn("问", reply)], words)
