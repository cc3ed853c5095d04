import pytest

from embeddings.article import Span
from qa.phrase import TYPED_SURE, phrase, tidied
from qa.question import analyse


def test_phrase_is_the_readers_best_within_the_sentence():
    text = "甲在北京。乙在上海。"
    spans = [(Span(7, 9), 3.0), (Span(2, 4), 2.0), (Span(2, 3), 2.0)]
    sentence, found, sure = phrase(analyse("甲在哪里？"), text, Span(0, 5), spans)
    assert (sentence, found.of(text)) == (Span(0, 5), "北京")
    assert sure == pytest.approx(0.5)


def test_phrase_is_never_white_space():
    text = "It landed in 1969."
    assert phrase(analyse("甲在哪里？"), text, Span(0, 18), [(Span(2, 3), 9.0), (Span(13, 17), 1.0)])[
        1
    ] == Span(13, 17)


@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        ("京张铁路什么时候通车？", "京张铁路于1909年10月2日通车。", "1909年10月2日"),
        ("月活跃用户多少？", "壹钱包月活跃用户数超2500万人。", "超2500万人"),
        ("When did it land?", "It landed on 20 July 1969.", "20 July 1969"),
    ],
)
def test_phrase_without_a_reader_is_the_only_time_or_quantity(question, text, answer):
    _, found, sure = phrase(analyse(question), text, Span(0, len(text)))
    assert found.of(text) == answer
    assert sure == TYPED_SURE


def test_phrase_without_evidence_is_the_sentence():
    text = "他1900年生，1950年死。"
    assert phrase(analyse("什么时候？"), text, Span(0, len(text))) == (
        Span(0, len(text)),
        Span(0, len(text)),
        0.0,
    )


def test_phrase_of_a_list_question_is_the_whole_list():
    text = "包括甲、乙和丙。"
    sentence, found, sure = phrase(analyse("包括哪些？"), text, Span(0, 8), [(Span(2, 3), 5.0)])
    assert (sentence, found.of(text), sure) == (Span(0, 8), "甲、乙和丙", 1.0)
    text = "步骤如下：\n- 烧水\n- 投茶"
    sentence, found, _ = phrase(analyse("有哪些步骤？"), text, Span(0, 5))
    assert sentence.of(text) == text
    assert found.of(text) == "- 烧水\n- 投茶"


def test_phrase_of_another_kind_gives_way_to_the_only_date():
    text = "公司2012年成立于深圳。"
    sentence, wrong = Span(0, len(text)), Span(text.index("深圳"), text.index("深圳") + 2)
    _, found, sure = phrase(analyse("公司哪年成立的？"), text, sentence, [(wrong, 5.0)])
    assert found.of(text) == "2012年"
    assert sure == TYPED_SURE


def test_phrase_somebody_goes_before_anybody():
    text = "它由中国人设计，主持的是詹天佑。"
    anybody, somebody = (Span(text.index(w), text.index(w) + 3) for w in ("中国人", "詹天佑"))
    sentence = Span(0, len(text))
    spans = [(anybody, 5.0), (somebody, 4.0)]
    assert phrase(analyse("它是谁负责修的？"), text, sentence, spans)[1] == somebody
    assert phrase(analyse("它是谁负责修的？"), text, sentence, spans[:1])[1] == anybody
    assert phrase(analyse("什么人设计了它？"), text, sentence, spans)[1] == anybody


def test_phrase_of_what_is_counted_is_the_number_right_beside_it():
    text = "配送配电箱330台、变压器299台。"
    spans = [(Span(5, 9), 3.0), (Span(13, 17), 1.0)]
    found = phrase(analyse("送了多少台变压器？"), text, Span(0, len(text)), spans)
    assert found[1].of(text) == "299台"


def test_phrase_of_a_number_of_things_is_no_share():
    text = "88个村已恢复，复电率达到71%。"
    spans = [(Span(13, 16), 2.0), (Span(0, 3), 1.0)]
    assert phrase(analyse("恢复了多少个？"), text, Span(0, len(text)), spans)[1].of(text) == "88个"


def test_phrase_of_what_is_counted_may_be_written_in_chinese():
    text = "六十多家单位、五百多名人员参加。"
    spans = [(Span(7, 12), 3.0)]
    found = phrase(analyse("有多少家单位参加？"), text, Span(0, len(text)), spans)
    assert found[1].of(text) == "六十多家"


def test_phrase_of_a_list_is_not_how_many_there_are():
    text = "四座隧道中八达岭的最长。"
    spans = [(Span(0, 2), 3.0), (Span(5, 8), 1.0)]
    assert phrase(analyse("有哪几座隧道？"), text, Span(0, len(text)), spans)[1].of(text) == "八达岭"


@pytest.mark.parametrize(
    ("text", "marked", "words"),
    [
        ("分为绿茶、红茶、黑茶三大类。", "绿茶、红茶、黑茶三", "绿茶、红茶、黑茶"),
        ("设文科、理科、工科三个系。", "文科、理科、工科三", "文科、理科、工科"),
        ("来了张一、王二、李三三人。", "张一、王二、李三", "张一、王二、李三"),
        ("共有三大类。", "三", "三"),
        ("住在甲乡、乙乡、丙乡第三个村。", "甲乡、乙乡、丙乡第三", "甲乡、乙乡、丙乡第三"),
    ],
)
def test_phrase_of_a_list_ends_before_its_count(text, marked, words):
    start = text.index(marked)
    assert tidied(text, Span(0, len(text)), Span(start, start + len(marked))).of(text) == words


def test_phrase_a_whole_item_stands_for_its_list_and_a_part_of_it_for_itself():
    text = "不得有下列行为：\n（一）拒诊、拒治伤病员；\n（二）借用证件。"
    sentence = Span(text.find("（一"), text.find("\n（二"))
    for words, found in (
        ("拒诊、拒治伤病员", "（一）拒诊、拒治伤病员；\n（二）借用证件。"),
        ("拒治伤病员", "拒诊、拒治伤病员"),
    ):
        at = text.find(words)
        spans = [(Span(at, at + len(words)), 2.0)]
        assert phrase(analyse("不得有哪些行为？"), text, sentence, spans)[1].of(text) == found
