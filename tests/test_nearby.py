import pytest

from embeddings.article import Passage, Span
from qa.nearby import AFTER, BEFORE, FAR, HERE, Before, around, nearness

LAST = Span(500, 560)


@pytest.mark.parametrize(
    ("sentence", "gain"),
    [
        (LAST, HERE),
        (Span(550, 600), HERE),
        (Span(560, 590), AFTER[0][1]),
        (Span(610, 640), AFTER[0][1]),
        (Span(611, 640), AFTER[1][1]),
        (Span(711, 740), FAR),
        (Span(400, 500), BEFORE[0][1]),
        (Span(300, 449), BEFORE[1][1]),
        (Span(0, 100), FAR),
    ],
)
def test_nearby_by_hand(sentence, gain):
    assert nearness(sentence, LAST) == gain


def test_nearby_counts_from_the_beginning_of_the_passage():
    before = Before(LAST, Span(510, 515), [0, 480])
    assert before.gain(0, Span(20, 80)) == FAR
    assert before.gain(1, Span(20, 80)) == HERE


def test_nearby_what_was_answered_is_not_marked_again():
    before = Before(LAST, Span(510, 515), [480, 700])
    marked = ((Span(30, 35), 2.0), (Span(28, 33), 1.5), (Span(40, 44), 1.0))
    assert before.anew(0, marked) == marked[2:]
    assert before.anew(1, marked) == marked


def test_nearby_around_the_answer_are_its_passage_the_one_before_and_the_one_after():
    passages = [Passage(10 + at, "a", Span(100 * at, 100 * at + 100)) for at in range(5)]

    def found(last):
        return [passage.id for passage in around(last, passages)]

    assert found(Span(220, 240)) == [11, 12, 13]
    assert found(Span(190, 210)) == [10, 11, 12, 13]  # a sentence over two passages
    assert found(Span(20, 40)) == [10, 11]
    assert found(Span(460, 470)) == [13, 14]
    assert found(Span(900, 910)) == []
