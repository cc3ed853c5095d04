from qa.bilingual import bridged, english, in_chinese, in_english, others, widened
from qa.question import analyse


def test_bilingual_a_word_and_its_forms_have_translations():
    assert "价格" in in_chinese("price")
    assert "移动" in in_chinese("moved")
    assert in_chinese("qwxzj") == ()


def test_bilingual_the_other_way():
    assert "price" in in_english("价格")
    assert in_english("囧囧") == ()


def test_bilingual_every_line_of_the_table_is_a_word_and_chinese_words():
    for word, chinese in english().items():
        assert word.isascii()
        assert word == word.lower()
        assert chinese
        assert all(part and all("\u3400" <= char <= "\u9fff" for char in part) for part in chinese)


def test_bilingual_only_what_no_article_holds_is_replaced():
    question = analyse("What is the price of the lighthouse?")
    held = {"lighthous", "价格", "灯塔"}
    found = bridged(question, lambda term: term not in held)
    assert "价格" in found.words
    assert "price" not in found.words
    assert "lighthous" in found.words
    assert found.bridge == ("价格",)
    assert bridged(question, lambda term: False) is question
    assert bridged(question, lambda term: True) is question


def test_bilingual_widened_keeps_the_words_and_adds_theirs():
    question = analyse("灯塔")
    found = widened(question)
    assert found.words[: len(question.words)] == question.words
    assert "lighthous" in found.words
    assert set(found.bridge) == set(others("灯塔"))
