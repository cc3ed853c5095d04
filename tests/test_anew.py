"""What of a reply is new to who asked, with replies by hand."""

import pytest

from embeddings.article import Article, Span
from qa.anew import anew
from qa.reply import Answer, Reply, Source
from qa.topic import Exchange

TEXT = "在贵州贵阳，路边音乐节吸引了年轻人。詹天佑修的。陈西林也修了。"
BEFORE = Exchange("谁修的？", "詹天佑", further=("陈西林",))


def answer(text, sentence=""):
    sentence = sentence or text
    at = TEXT.index(sentence)
    within = Span(TEXT.index(text), TEXT.index(text) + len(text))
    source = Source(Article("a", "题", TEXT, "a"), within, Span(at, at + len(sentence)), None)
    return Answer(text, sentence, 0.5, (source,))


def reply(question, *answers):
    return Reply(question, question, bool(answers), answers, ())


def texts(question, *answers):
    return [found.text for found in anew(reply(question, *answers), BEFORE).answers]


@pytest.mark.parametrize("question", ["还有谁？", "还有谁修了？", "别的呢？", "其他的呢", "Who else?"])
def test_anew_who_else_is_none_of_those_shown(question):
    new = answer("年轻人")
    assert texts(question, answer("詹天佑"), answer("陈西林"), new) == ["年轻人"]


def test_anew_who_else_is_one_shown_further_down_where_there_is_no_other():
    assert texts("还有谁？", answer("詹天佑"), answer("陈西林")) == ["陈西林"]
    assert texts("还有谁？", answer("詹天佑")) == ["詹天佑"]


def test_anew_the_name_alone_does_not_answer_what_about_it():
    whole = "在贵州贵阳，路边音乐节吸引了年轻人。"
    named = answer("在贵州贵阳", whole)
    assert texts("贵阳呢？", named, answer("路边音乐节", whole)) == ["路边音乐节"]
    found = anew(reply("那贵阳呢？", named), BEFORE).answers[0]
    assert (found.text, found.source.span) == (whole, Span(0, len(whole)))


def test_anew_the_sentence_takes_in_what_stood_within_it():
    whole = "在贵州贵阳，路边音乐节吸引了年轻人。"
    assert texts("贵阳呢？", answer("在贵州贵阳", whole), answer("贵阳", whole)) == [whole]


@pytest.mark.parametrize("question", ["贵阳在哪里？", "谁呢？", "它呢？"])
def test_anew_another_question_keeps_its_answers(question):
    named = answer("在贵州贵阳", "在贵州贵阳，路边音乐节吸引了年轻人。")
    assert texts(question, named) == ["在贵州贵阳"]
    assert texts(question) == []
