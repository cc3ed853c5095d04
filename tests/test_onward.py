import pytest

from embeddings.article import Article, Heading, Span
from qa.onward import goes_on, onward
from qa.topic import Exchange

TEXT = "青蒿对鼠疟的抑制率曾达到68%，再做却又降了下来。后来用乙醚提取。\n结果\n1971年结果出来了。"
AT = TEXT.index("结果")
ARTICLE = Article("a1", "青蒿素", TEXT, "a.md", headings=(Heading(Span(AT, AT + 2), 2),))
FIRST = "青蒿对鼠疟的抑制率曾达到68%，再做却又降了下来。"


@pytest.mark.parametrize(
    "question",
    ["后来呢？", "然后呢", "那后来呢？", "接着又做了什么？", "还有呢？", "下一步呢？", "後來呢？", "Then what?", "And then?",
     "What happened next?", "what next", "Anything else?"],
)  # fmt: skip
def test_onward_is_what_goes_on(question):
    assert goes_on(question)


@pytest.mark.parametrize(
    "question",
    [
        "她后来去了哪里？",
        "后来谁修的铁路？",
        "还有谁？",
        "什么时候？",
        "Then who commanded it?",
        "What happened?",
        "",
    ],
)
def test_onward_is_not_a_question_of_something(question):
    assert not goes_on(question)


@pytest.mark.parametrize(
    ("answer", "sentence", "said", "within"),
    [
        ("68%", FIRST, "再做却又降了下来。", FIRST),
        (FIRST, FIRST, "后来用乙醚提取。", "后来用乙醚提取。"),
        # What is left of its sentence says nothing: the next, and a heading is none.
        ("乙醚", "后来用乙醚提取。", "1971年结果出来了。", "1971年结果出来了。"),
    ],
)
def test_onward_is_the_rest_of_the_sentence_or_the_next(answer, sentence, said, within):
    span, around = onward(ARTICLE, Exchange("", answer, sentence))
    assert (span.of(TEXT), around.of(TEXT)) == (said, within)


@pytest.mark.parametrize("sentence", ["1971年结果出来了。", "没有这一句。", ""])
def test_onward_is_nothing_at_the_end_or_elsewhere(sentence):
    assert onward(ARTICLE, Exchange("", sentence, sentence)) is None
