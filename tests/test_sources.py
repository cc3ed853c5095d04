import pytest

from embeddings.article import Article, Passage, Span
from qa.candidates import Candidate
from qa.reply import Hit
from qa.sources import answer_of

TEXT = "登录过程如下：\n1. 连接。\n2. 验证。\n之后可用。"
ARTICLE = Article("a", "登录", TEXT, "a")


def answered(passage, sentence, phrase, *, listed):
    """What a candidate (offsets of the article) becomes, found in such a passage."""
    start = passage.start
    own = Candidate(0, sentence.shifted(-start), phrase.shifted(-start), 1.0, 1.0, {})
    hit = Hit(Passage(1, "a", passage), passage.of(TEXT), 0.5, 1, 1, 0.5)
    return answer_of(own, hit, ARTICLE, 0.5, 0.5, whole=False, listed=listed)


ITEMS = "1. 连接。\n2. 验证。"


@pytest.mark.parametrize("end", [7, 8])  # with and without the line's end
def test_sources_a_list_begins_in_the_next_passage_where_one_was_asked_for(end):
    lead = Span(0, 7)
    answer = answered(Span(0, end), lead, Span(2, 6), listed=True)
    assert (answer.text, answer.sentence) == (ITEMS, f"登录过程如下：\n{ITEMS}")
    assert answer.source.span.of(TEXT) == ITEMS
    plain = answered(Span(0, end), lead, Span(2, 6), listed=False)
    assert (plain.text, plain.sentence) == (TEXT[2:6], TEXT[:7])


@pytest.mark.parametrize("listed", [True, False])
def test_sources_a_list_goes_on_in_the_next_passage(listed):
    answer = answered(Span(0, 14), Span(0, 14), Span(8, 14), listed=listed)
    assert answer.text == ITEMS


def test_sources_a_list_that_ends_in_its_passage_is_as_it_is():
    answer = answered(Span(0, len(TEXT)), Span(0, 14), Span(8, 14), listed=True)
    assert answer.text == TEXT[8:14]
