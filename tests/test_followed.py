"""Which reply to a follow-up counts, with replies by hand."""

import pytest

from embeddings.article import Article, Span
from qa.followed import best_of, reads_on, worth
from qa.reply import Answer, Reply, Source
from qa.topic import Exchange
from qa.where import Where

BEFORE = Exchange("谁建的？", "詹天佑")


def reply(text, confidence, asked="多长？", field=""):
    source = Source(Article("a", "题", text, "a"), Span(0, len(text)), Span(0, len(text)), None)
    answers = (Answer(text, text, confidence, (source,), field=field),) if text else ()
    return Reply(asked, asked, bool(answers), answers, ())


@pytest.mark.parametrize(
    ("held", "value"),
    [
        (reply("201公里", 0.6), 0.6),
        (reply("詹天佑", 0.6), 0.3),  # that was answered just before
        (reply("油", 0.6, "蛋糕的油是什么？"), 0.3),  # that is what was asked
        (reply("", 0.0), 0.0),
    ],
)
def test_followed_what_was_said_before_is_worth_less(held, value):
    assert worth(held, BEFORE) == pytest.approx(value)


def test_followed_the_likelier_reading_counts_more():
    first, second = reply("一", 0.50), reply("二", 0.54)
    assert best_of([first, second], BEFORE) is first
    assert best_of([first, reply("三", 0.57)], BEFORE).answers[0].text == "三"


def test_followed_only_what_texts_answer_is_read_on():
    assert reads_on(reply("201公里", 0.5))
    assert not reads_on(reply("张三", 0.9, field="author"))
    plain = reply("201公里", 0.5)
    assert not reads_on(Reply("问", "问", True, plain.answers, (), where=Where(author="张三")))


def placed(text, confidence, at):
    source = Source(Article("a", "题", "", "a"), Span(at, at + 2), Span(at, at + 2), None)
    return Reply("多长？", "多长？", True, (Answer(text, text, confidence, (source,)),), ())


def test_followed_two_readings_with_one_answer_make_it_surer():
    one, other = placed("85艘", 0.5, 0), placed("6公里", 0.4, 9)
    again = placed("6公里", 0.3, 9)
    assert best_of([one, other], BEFORE) is one
    # 1 - (1 - 0.4 * 0.9) * (1 - 0.3 * 0.81) = 0.516
    assert best_of([one, other, again], BEFORE) is other
