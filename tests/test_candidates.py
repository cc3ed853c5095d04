from dataclasses import replace

import numpy as np
import pytest

from embeddings.article import Span
from qa.candidates import Candidate, ReadablePassage, by_sentence, candidates, list_first, units
from qa.evidence import FEATURES
from qa.nearby import Before
from qa.question import analyse
from qa.ranker import Ranker
from qa.reading import Evidence, SpanReading
from qa.reread import STRETCHES, bundled_again


def weighted(**features):
    """A ranker that adds up these features with these weights."""
    count = len(FEATURES)
    hidden = [[features.get(name, 0.0) for name in FEATURES]]
    return Ranker(
        {
            "mean": [0.0] * count,
            "scale": [1.0] * count,
            "hidden": hidden,
            "hidden_bias": [100.0],
            "out": [1.0],
            "out_bias": [-100.0],
        }
    )


class FakeReader:
    """Gives every passage the same spans, and counts the questions that it read."""

    name = "fake"

    def __init__(self, spans, understood=True):
        self.spans = spans
        self.understood = understood
        self.asked = 0

    def understands(self, question):
        return self.understood

    def read(self, question, passages, headings=()):
        self.asked += 1
        return [SpanReading(self.spans, 0.0) for _ in passages]


TEXT = "长江长。黄河在北方。长江在南方。"


def test_candidates_are_ranked_by_their_evidence():
    asked = analyse("黄河在哪里？")
    found = candidates(asked, [ReadablePassage(TEXT)], {}, None, weighted(words=1.0))
    assert found[0].sentence.of(TEXT) == "黄河在北方。"
    assert found[0].strength == pytest.approx(found[0].evidence["words"])
    assert len(found) == 3


def test_candidates_ties_go_by_passage_then_place():
    asked = analyse("月亮？")
    found = candidates(asked, [ReadablePassage("甲。乙。"), ReadablePassage("丙。")], {}, None, weighted())
    assert [(c.passage, c.sentence) for c in found] == [(0, Span(0, 2)), (0, Span(2, 4)), (1, Span(0, 2))]


def test_candidates_take_the_readers_phrase():
    reader = FakeReader(((Span(6, 8), 4.0), (Span(0, 2), 1.0)))
    found = candidates(
        analyse("黄河在哪里？"), [ReadablePassage(TEXT)], {}, reader, weighted(reader_best=1.0)
    )
    assert found[0].phrase == Span(6, 8)
    assert found[0].evidence["reader_margin"] == 4.0


def test_candidates_do_not_ask_a_reader_that_lacks_the_language():
    reader = FakeReader(((Span(0, 2), 1.0),), understood=False)
    found = candidates(analyse("Where?"), [ReadablePassage(TEXT)], {}, reader, weighted())
    assert reader.asked == 0
    assert all(c.evidence["reader_mass"] == 0 for c in found)


def test_candidates_of_nothing_are_none():
    assert candidates(analyse("谁？"), [], {}, None, weighted()) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("石壁上刻着：\n深淘滩，低作堰。", ["石壁上刻着：\n深淘滩，低作堰。"]),
        ("分两步：\n- 烧水\n- 投茶", ["分两步：", "- 烧水", "- 投茶"]),
        ("他说好。她走了。", ["他说好。", "她走了。"]),
    ],
)
def test_candidates_units_join_what_is_announced_but_not_lists(text, shown):
    assert [span.of(text) for span in units(text)] == shown


def test_candidates_by_sentence_by_hand():
    # One window of two tokens, spans of one or two tokens, margins against null.
    margins = np.array([[1.0, 0.0], [2.0, -np.inf]], np.float32)
    evidence = Evidence(margins, np.array([0, 5]), np.array([2, 7]))
    reading = SpanReading(((Span(5, 7), 2.5), (Span(0, 2), 1.5)), 0.5, (evidence,))
    first, second = by_sentence(reading, [Span(0, 3), Span(4, 8)])
    assert first == (pytest.approx(1.0), pytest.approx(-1.0), pytest.approx(1.0))
    assert second == (pytest.approx(2.0), pytest.approx(0.0), pytest.approx(2.0))
    (nowhere,) = by_sentence(reading, [Span(8, 9)])
    assert nowhere == (-10.0, -10.0, -8.0)


class Seeing(FakeReader):
    """Keeps what it was given to read, each time."""

    def __init__(self, spans):
        super().__init__(spans)
        self.seen = []

    def read(self, question, passages, headings=()):
        self.seen.append(list(passages))
        return super().read(question, passages, headings)


def test_candidates_a_named_reader_reads_again_what_the_bundled_one_finds_likeliest():
    long = "".join(f"第{number}天没有下雨，公园里人不多。" for number in range(90))
    reader = Seeing(((Span(0, 2), 5.0),))
    found = candidates(analyse("黄河在哪里？"), [ReadablePassage(TEXT), ReadablePassage(long)], {}, reader)
    apart, together = reader.seen
    assert TEXT in apart
    assert len(apart) <= STRETCHES
    assert sum(map(len, apart)) < len(long)
    assert [text.count("黄河在北方。") > 0 for text in together] == [True]
    first = next(c for c in found if c.passage == 0 and c.sentence.start == 0)
    assert first.phrase.of(TEXT) == "长江"
    assert first.evidence["again_read"] == 1.0


def test_candidates_a_reader_alone_where_the_bundled_one_does_not_know_the_language():
    reader = Seeing(((Span(12, 17), 5.0),))
    text = "Волга течёт на юг."
    found = candidates(analyse("Где течёт Волга?"), [ReadablePassage(text)], {}, reader)
    assert reader.seen == [[text]]
    assert found[0].phrase.of(text) == "на юг"
    assert found[0].evidence["again_read"] == 0.0


def test_candidates_near_the_answer_before_are_read_again_and_say_something_new():
    far = "丁河在东方流，两岸的人种稻子。" * 120
    text = f"{far}乙河在北方流。{far}"
    at = len(far)
    asked, passages = analyse("什么河？"), [ReadablePassage(text)]
    place = Before(Span(at, at + 7), Span(at, at + 2), [0])
    spans = ((Span(at, at + 2), 5.0), (Span(at + 3, at + 5), 4.0))
    seen = {}
    for name, before in (("plain", None), ("near", place)):
        again = replace(bundled_again(), reader=Seeing(()))
        candidates(asked, passages, {}, FakeReader(spans), weighted(), again=again, before=before)
        seen[name] = again.reader.seen[0]
    assert not any("乙河" in stretch for stretch in seen["plain"])
    assert "乙河" in seen["near"][0]
    found = candidates(asked, passages, {}, FakeReader(spans), weighted(), before=place)
    here = next(c for c in found if c.sentence == Span(at, at + 7))
    assert here.phrase == Span(at + 3, at + 5)


LINES = "用的是茶。要备的如下：\n水\n茶\n"


def lined(start, end, strength, phrase=None, passage=0):
    sentence = Span(start, end)
    return Candidate(passage, sentence, phrase or sentence, 1.0, strength, {})


@pytest.mark.parametrize(
    ("strengths", "first"),
    [
        ((3.0, 0.9, 0.2), True),  # ln(e^.9 + e^.2) = 1.30: less than two logits below
        ((3.0, 0.5, 0.0), False),  # .97
        ((3.0, 0.5, 0.2), True),  # 1.05
    ],
)
def test_candidates_a_list_is_as_strong_as_all_that_stands_in_it(strengths, first):
    best, whole, item = strengths
    found = [
        lined(0, 5, best),
        lined(5, 15, whole, Span(12, 15)),
        lined(12, 13, item),
        lined(5, 15, -0.1, passage=1),
    ]
    ordered = list_first(found, [LINES, LINES])
    assert [c.sentence for c in ordered[:2]] == [found[first].sentence, found[not first].sentence]
    assert ordered[0].strength == pytest.approx(np.logaddexp(whole, item) if first else best)
    assert len(ordered) == len(found)


def test_candidates_a_long_list_of_weak_lines_is_not_strong():
    found = [lined(0, 5, 3.0), lined(5, 15, -1.0, Span(12, 15)), *(lined(12, 13, -1.0) for _ in range(90))]
    assert list_first(found, [LINES]) == found


def test_candidates_a_list_does_not_stand_before_the_best_of_its_items():
    found = [lined(12, 13, 2.0), lined(5, 15, 1.9, Span(12, 15))]
    assert list_first(found, [LINES]) == found
    assert list_first([], []) == []
