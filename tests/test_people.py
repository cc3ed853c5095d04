import pytest

from qa.people import name_answered, named, people
from qa.topic import Exchange

TEXT = "平民毕昇想出了活字的办法。元代的王祯改用木活字，王祯印了书。谷登堡在美因茨印书。詹天佑修了京张铁路，去都江堰。高度和金融。"


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("平民毕昇", ["毕昇"]),
        ("王祯用什么印书？", ["王祯"]),
        ("詹天佑和王祯", ["詹天佑", "王祯"]),
        ("都江堰的高度", []),  # 江 and 高 are surnames too
        ("李冰是谁？", []),  # the article does not name him
        ("Neil Armstrong", []),
        ("", []),
    ],
)
def test_people_are_named_by_a_surname_and_what_stays_with_it(said, named):
    assert people(said, TEXT) == named


@pytest.mark.parametrize(
    ("question", "answer", "name"),
    [
        ("谁想出了活字？", "平民毕昇", "毕昇"),
        ("谁印了书？", "谷登堡在美因茨用金属活字", "谷登堡"),
        ("谁印了书？", "1298年", ""),
        ("书是谁印的？", "是誰印的，為什麼印", ""),
        ("王祯是什么人？", "木活字", "王祯"),
        ("Who was Henry Hall?", "the keeper on watch", "Henry Hall"),
        ("Who commanded?", "Neil Armstrong", "Neil Armstrong"),
        ("Who commanded?", "Neil Armstrong commanded the mission.", "Neil Armstrong"),
        ("Who was the keeper?", "2 December 1755", ""),
    ],
)
def test_people_the_name_is_taken_out_of_an_answer(question, answer, name):
    assert name_answered(Exchange(question, answer, answer, "活字", TEXT)) == name


def test_people_a_foreign_name_is_known_by_its_dot():
    text = "艾琳·霍尼卡特凭借络腮胡破了纪录，此前由维维安·惠勒保持。詹天佑修了路，詹天佑画了图。"
    assert named(text, text) == ["艾琳·霍尼卡特", "维维安·惠勒", "詹天佑"]
    assert named("图·表", text) == []
