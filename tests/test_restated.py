import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.restated import restated

TEXTS = [
    "复电率达到92%，判赔5710万元，规模为1.1056万亿美元。",
    "2022年，12月4日20时09分着陆。2020-07-31，宣布正式开通。",
    "取饮用水 1177 克，总投资330多亿元，坡度千分之三十三。2018年末估值75亿。",
]


@pytest.mark.parametrize(
    ("question", "worded"),
    [
        ("五千七百一十万元付给谁？", "5710万元付给谁？"),
        ("百分之九十二是什么？", "92%是什么？"),
        ("谁持有11056亿美元？", "谁持有1.1056万亿美元？"),
        ("二〇二〇年七月三十一日有什么事？", "2020-07-31有什么事？"),
        ("2022-12-04 20:09 有什么事？", "12月4日 20时09分 有什么事？"),
        ("1.177公斤水配什么？", "1177 克水配什么？"),
        ("三百三十多亿元花在哪里？", "330多亿元花在哪里？"),
        ("33‰的坡在哪里？", "千分之三十三的坡在哪里？"),
        ("2018-12-31的估值是多少？", "2018年末的估值是多少？"),
    ],
)
def test_restated_is_what_the_texts_write(question, worded):
    assert restated(question, TEXTS) == worded


@pytest.mark.parametrize(
    "question",
    [
        "92%是什么？",
        "2019-07-31有什么事？",
        "5711万元付给谁？",
        "二十四节气是什么？",
        "谁？",
        "1.178公斤水配什么？",
    ],
)
def test_restated_changes_nothing_of_another_value(question):
    assert restated(question, TEXTS) == question


@given(st.text(max_size=40), st.lists(st.text(max_size=40), max_size=3))
def test_restated_of_anything_is_a_text(question, texts):
    assert isinstance(restated(question, texts), str)
    assert restated(question, []) == question


def test_restated_keeps_the_year_unless_text_or_article_is_of_it():
    asked = "1945年8月15日发生了什么"
    assert restated(asked, ["8月15日是中秋"]) == asked
    assert restated(asked, ["8月15日是中秋"], ["2020-08-16"]) == asked
    assert restated(asked, ["1945年，8月15日投降"]) == "8月15日发生了什么"
    assert restated(asked, ["8月15日投降"], ["1945-08-16"]) == "8月15日发生了什么"


@pytest.mark.parametrize("question", ["九一八事变是哪年？", "五四运动是什么？"])
def test_restated_leaves_names_made_of_digits(question):
    assert restated(question, ["共 918 人，54 次"]) == question


def test_restated_puts_no_chinese_into_a_question_in_latin_letters():
    assert restated("What came on 2020-07-31?", ["2020年7月31日开通"]) == "What came on 2020-07-31?"
