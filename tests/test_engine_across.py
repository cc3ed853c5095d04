"""The engine over the sample articles: questions in another language, of the article just spoken of, of what
is not there.
"""

import pytest

from qa.confidence import bundled_confidence
from qa.config import Config
from qa.conversation import exchange
from qa.engine import Engine


def test_engine_across_an_english_question_is_read_in_chinese_words(samples):
    reply = samples.ask("Who designed the Jingzhang railway?")
    assert reply.answers[0].text == "詹天佑"
    assert reply.standalone_question == "Who designed the Jingzhang railway?"


def test_engine_across_a_follow_up_stays_in_the_article(samples):
    first = samples.ask("京张铁路是谁主持修建的？")
    then = samples.ask("全长多少公里？", [exchange(first)])
    assert {answer.source.article.title for answer in then.answers} == {first.answers[0].source.article.title}


def test_engine_across_two_clauses_are_two_answers(samples):
    reply = samples.ask("京张铁路是谁主持修建的，全长多少公里？")
    assert len(reply.answers) == 2
    assert all(answer.part for answer in reply.answers)
    assert "詹天佑" in reply.answers[0].sentence
    assert "公里" in reply.answers[1].sentence


def test_engine_across_how_probable_an_answer_is(samples):
    asked = samples.ask("京张铁路是谁主持修建的？")
    silent = samples.ask("珠穆朗玛峰的门票多少钱？")
    least = bundled_confidence().read.silence.threshold
    assert asked.answerable > least > silent.answerable
    assert not silent.answered
    given = Engine(samples.library, config=Config(threshold=0.0)).ask("珠穆朗玛峰的门票多少钱？")
    assert given.answerable == pytest.approx(silent.answerable)
    assert samples.ask("你好").answerable == 0.0
    assert samples.ask("一共有多少篇文章？").answerable == 1.0
    assert reply_json(asked) == round(asked.answerable, 4)


def reply_json(reply):
    return reply.as_json()["answerable"]
