from embeddings.article import Article, Passage, Span
from qa.gather import beside, same, spread
from qa.reply import Answer, Source


def answer(article, text, confidence, sentence=""):
    held = Article(article, article, text, article)
    span = Span(0, len(text))
    return Answer(text, sentence or text, confidence, (Source(held, span, span, None),))


def test_gather_another_articles_answer_stands_second():
    a, b, c = answer("a", "一", 0.9), answer("a", "二", 0.3), answer("b", "三", 0.2)
    assert spread([a, b, c], 2) == [a, c]


def test_gather_but_not_one_that_is_far_less_sure():
    a, b, c = answer("a", "一", 0.9), answer("a", "二", 0.5), answer("b", "三", 0.2)
    assert spread([a, b, c], 2) == [a, b]


def test_gather_each_part_keeps_to_its_own_thing():
    wrong = answer("青藏铁路", "1956公里", 0.4, "青藏铁路全长1956公里。")
    right = answer("京张铁路", "200公里", 0.2, "京张铁路长200公里。")
    assert beside(("京张", "青藏"), [[wrong, right], [wrong]]) == [right, wrong]


def test_gather_gives_nothing_where_a_part_has_no_answer_of_its_own():
    one = answer("a", "1909年", 0.4)
    assert beside(("甲", "乙"), [[one], [one]]) is None
    assert beside(("甲", "乙"), [[one], []]) is None


def test_gather_same_words_are_the_same_but_not_for_two_things_of_two_articles():
    one, other = answer("a", "东风着陆场", 0.4), answer("b", "东风着陆场。", 0.4)
    assert same(one, other)
    assert beside(("甲", "乙"), [[one], [other]]) == [one, other]


def test_gather_two_places_of_one_article_may_say_the_same_of_two_things():
    text = "甲建于1909年。乙建于1909年。"
    held, passage = Article("a", "题", text, "a"), Passage(1, "a", Span(0, len(text)))

    def at(start, sentence):
        span = Span(start, start + 5)
        return Answer(span.of(text), sentence.of(text), 0.8, (Source(held, span, sentence, passage),))

    first, second = at(3, Span(0, 9)), at(12, Span(9, 18))
    assert beside(["甲", "乙"], [[first], [second]]) == [first, second]
    assert beside(["甲", "乙"], [[first], [first]]) is None
