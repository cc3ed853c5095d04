import pytest
from fakes import FakeEmbedder

from embeddings.article import Article, Span
from qa.evaluate import Setting, answers_right, contexts_of, evaluate, holds, library_of
from qa.evaluation import Example
from qa.reply import Answer, Source


class SilentReader:
    """Understands nothing, so that only the sentences' own evidence counts."""

    name = "silent"

    def understands(self, question):
        return False

    def read(self, question, passages, headings=()):
        raise AssertionError("it does not understand the question")


SETTING = Setting(FakeEmbedder(), SilentReader())
BRIDGE = "武汉长江大桥于1957年建成通车。它是一座铁路公路两用桥。"
TEA = "绿茶用高温杀青。它产自浙江。"
MOON = "月球绕地球一周约二十七天。"


def example(number, context, question, *answers):
    return Example(
        str(number), "题", context, question, tuple((text, context.index(text)) for text in answers)
    )


EXAMPLES = [
    example(0, BRIDGE, "武汉长江大桥哪年建成通车？", "1957年"),
    example(1, TEA, "绿茶用什么杀青？", "高温"),
    example(2, BRIDGE, "大桥花了多少钱？"),
]


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("绿茶用高温杀青。", 1.0),
        ("高温", 1.0),
        ("高", 0.0),  # not the whole answer
        ("它产自浙江。", 0.0),
        (TEA, 1.0),
    ],
)
def test_evaluate_holds_a_whole_answer(shown, expected):
    start = TEA.index(shown)
    assert holds(EXAMPLES[1], Span(start, start + len(shown))) == expected


def test_evaluate_holds_a_sentence_of_an_answer_longer_than_one():
    long = example(0, BRIDGE, "？", "1957年建成通车。它是一座铁路公路两用桥")
    assert holds(long, Span(0, BRIDGE.index("它"))) == 1.0
    assert holds(long, Span(0, 6)) == 0.0  # 武汉长江大桥: before the answer begins
    both = example(0, BRIDGE, "？", "1957年建成通车。它是一座铁路公路两用桥", "铁路")
    assert holds(both, Span(0, BRIDGE.index("它"))) == 0.0  # one answer fits a sentence: that one counts


def test_evaluate_contexts_are_distinct_and_keep_titles_only_when_told():
    assert contexts_of(EXAMPLES, titles=True) == {BRIDGE: ("题", BRIDGE), TEA: ("题", TEA)}
    assert list(contexts_of(EXAMPLES, titles=False).values()) == [("", BRIDGE), ("", TEA)]


def test_evaluate_library_has_an_article_for_each_paragraph(tmp_path):
    view = library_of([("题", BRIDGE), ("", TEA)], tmp_path / "library", FakeEmbedder()).snapshot()
    assert [(view.article(str(i)).title, view.article(str(i)).text) for i in (0, 1)] == [
        ("题", BRIDGE),
        ("", TEA),
    ]


def test_evaluate_an_answer_is_right_in_its_paragraph_or_word_for_word():
    def answer(number, text, sentence):
        start = TEA.index(sentence)
        span = Span(start, start + len(sentence))
        return Answer(text, sentence, 0.5, (Source(Article(number, "", TEA, number), span, span, None),))

    right = EXAMPLES[1]
    assert answers_right(right, answer("1", "杀青", "绿茶用高温杀青。"), "1")
    assert not answers_right(right, answer("1", "浙江", "它产自浙江。"), "1")
    assert not answers_right(right, answer("2", "杀青", "绿茶用高温杀青。"), "1")  # another paragraph
    assert answers_right(right, answer("2", "高温。", "绿茶用高温杀青。"), "1")


def test_evaluate_figures_by_hand():
    told = []
    figures = evaluate(
        EXAMPLES, SETTING, ["retrieval", "reading", "open", "no_answer"], lambda *step: told.append(step)
    )
    assert figures["n"] == 3
    assert figures["retrieval"] == {"n": 2, "recall@1": 1.0, "recall@5": 1.0, "recall@20": 1.0, "mrr@10": 1.0}
    # 1957年 is the only time in its sentence; 绿茶用高温杀青 has no phrase, so the sentence: 2 of 7.
    assert figures["reading"]["sentence"] == figures["reading"]["overlap_sentence"] == 1.0
    assert figures["reading"]["em"] == 0.5
    assert figures["reading"]["f1"] == pytest.approx((1 + 2 * (2 / 7) / (1 + 2 / 7)) / 2)
    assert figures["open"]["paragraph"] == 1.0
    assert figures["no_answer"]["n"] == 2
    assert 0 <= figures["no_answer"]["ece"] <= 1
    assert len(figures["no_answer"]["risk_coverage"]) == 20
    assert [step for step in told if step[0] == "retrieval"] == [("retrieval", 1, 2), ("retrieval", 2, 2)]
    assert told[-1] == ("no_answer", 4, 4)


def test_evaluate_measures_only_what_is_asked_for():
    assert set(evaluate(EXAMPLES, SETTING, ["retrieval"])) == {"n", "retrieval"}


def test_evaluate_a_part_is_measured_among_all_paragraphs():
    # 月球's paragraph is searched too, though none of its questions is asked; the twin of 绿茶's
    # paragraph holds the answer as well, so it is no miss.
    twin = example(4, TEA + "。", "？")
    figures = evaluate(EXAMPLES[1:2], SETTING, ["retrieval"], None, [*EXAMPLES, example(3, MOON, "？"), twin])
    assert figures["retrieval"]["n"] == 1
    assert figures["retrieval"]["recall@1"] == 1.0


def test_evaluate_of_nothing_answerable_is_zero():
    figures = evaluate(EXAMPLES[2:], SETTING, ["retrieval", "reading", "open", "no_answer"])
    assert figures["retrieval"]["recall@1"] == figures["reading"]["f1"] == figures["open"]["em"] == 0.0
    assert figures["no_answer"]["n"] == 0
    assert figures["no_answer"]["risk_coverage"] == []
