import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from qa.spelling import corrected

CHINESE = [
    "京张铁路由詹天佑主持修建。京张铁路1909年通车。詹天佑生于广东。",
    "青蒿素由屠呦呦发现，青蒿素治疗疟疾。屠呦呦生于宁波。",
    "从张家口站出发。张家口很冷。",
]
ENGLISH = [
    "The Eddystone lighthouse stands on a rock. Smeaton built it.",
    "Margaret Hamilton led the team in Houston.",
]
NAMES = ["京张铁路", "詹天佑", "屠呦呦", "青蒿素", "张家口"]
RARE = "鑫淼犇骉龘祎翀赟鹖暻"
"""Characters that no text here holds and no word of these names has."""


def unknown_in(texts):
    """That no text holds a term; the terms come folded, the texts are."""
    held = "\n".join(texts).lower()
    return lambda term: term not in held


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("京长铁路什么时候通车？", "京张铁路什么时候通车？"),
        ("詹天右生于哪里？", "詹天佑生于哪里？"),
        ("瞻天佑是谁？", "詹天佑是谁？"),
        ("青篙素是谁发现的？", "青蒿素是谁发现的？"),
        ("清蒿素是谁发现的", "青蒿素是谁发现的"),
        ("谁发现了青高素？", "谁发现了青蒿素？"),
        ("屠呦优是哪里人？", "屠呦呦是哪里人？"),
        ("章家口在哪里？", "张家口在哪里？"),
    ],
)
def test_spelling_puts_a_wrong_character_of_a_name_right(question, meant):
    assert corrected(question, unknown_in(CHINESE), CHINESE) == meant


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("When was edystone built?", "When was eddystone built?"),
        ("Who led the hamiltn team?", "Who led the hamilton team?"),
        ("where is houstan", "where is houston"),
        ("京张铁路和 hamiltan", "京张铁路和 hamilton"),
    ],
)
def test_spelling_puts_a_misspelt_word_right(question, meant):
    texts = [*CHINESE, *ENGLISH]
    assert corrected(question, unknown_in(texts), texts) == meant


@pytest.mark.parametrize(
    "question",
    [
        "京张铁路什么时候通车？",
        "詹天佑生于哪里？",
        "京沪铁路什么时候通车？",
        "三峡大坝在哪里？",
        "都江堰在哪里？",
        "谁发现了青霉素？",
        "Who built the lighthouse?",
        "Who built the Forth Bridge?",
        "Where is Roke?",
        "Who wrote Hamlet?",
        "什么？",
        "京",
        "",
    ],
)
def test_spelling_leaves_a_question_without_a_mistake_alone(question):
    texts = [*CHINESE, *ENGLISH]
    assert corrected(question, unknown_in(texts), texts) == ""


def test_spelling_often_is_no_part_of_a_name():
    texts = ["他一次次地被拒。又一次次地被拒。"]
    assert corrected("詹天佑老被拒", unknown_in(texts), texts) == ""


def test_spelling_a_name_that_stands_once_is_no_measure():
    texts = ["詹天佑修了它。"]
    assert corrected("詹天右多大？", unknown_in(texts), texts) == ""
    assert corrected("詹天右多大？", unknown_in(texts), texts * 2) == "詹天佑多大？"


def test_spelling_chooses_the_character_that_stands_most_often():
    texts = ["京张铁路。京张铁路。京沈铁路。京沈铁路。京沈铁路。"]
    assert corrected("京鑫铁路多长？", unknown_in(texts), texts) == "京沈铁路多长？"


def test_spelling_a_pair_that_is_known_makes_no_mistake():
    # 京长 is held somewhere, though not in the passages that were found.
    unknown = unknown_in(["京长。", *CHINESE])
    assert corrected("京长铁路多长？", unknown, CHINESE) == ""


def test_spelling_what_a_particle_joins_is_no_name():
    texts = ["长城的雪。长城的雪。"]
    assert corrected("长城的鑫在哪？", unknown_in(texts), texts) == ""


def test_spelling_finds_the_name_in_the_other_script():
    texts = ["詹天佑生於廣東。詹天佑主持修建。"]
    assert corrected("詹天右生于哪里？", unknown_in(["詹天佑生于广东。詹天佑主持修建。"]), texts) == (
        "詹天佑生于哪里？"
    )


@given(
    st.sampled_from(NAMES),
    st.data(),
    st.sampled_from(["{}在哪里？", "请问{}是谁？", "什么是{}", "{}", "為什麼修{}？"]),
)
def test_spelling_changes_one_character_or_nothing(name, data, pattern):
    at = data.draw(st.integers(0, len(name) - 1))
    wrong = name[:at] + data.draw(st.sampled_from(RARE)) + name[at + 1 :]
    question = pattern.format(wrong)
    better = corrected(question, unknown_in(CHINESE), CHINESE)
    # Its name is three characters or more, and stands twice: it is found.
    assert better == pattern.format(name)
    assert len(better) == len(question)
    assert sum(a != b for a, b in zip(better, question, strict=True)) == 1


FRAGMENTS = st.sampled_from(
    [
        *NAMES,
        *RARE,
        "京长铁路",
        "詹天右",
        "清蒿素",
        "章家",
        "口",
        "的",
        "是谁",
        "在",
        "哪里",
        "？",
        "2019",
        "a",
        " ",
    ]
)


@given(st.lists(FRAGMENTS, max_size=8).map("".join))
def test_spelling_of_any_chinese_question_changes_one_character_or_nothing(question):
    better = corrected(question, unknown_in(CHINESE), CHINESE)
    if better:
        assert len(better) == len(question)
        ((wrong, right),) = [(a, b) for a, b in zip(question, better, strict=True) if a != b]
        assert right in "".join(CHINESE)
        assert wrong not in "的是谁在？"


@given(st.text() | st.lists(st.sampled_from([*NAMES, *RARE, "edystone", "？", " "])).map("".join))
def test_spelling_raises_nothing_and_changes_nothing_without_texts(question):
    assert corrected(question, lambda term: True, []) == ""


@given(st.text() | st.lists(st.sampled_from([*NAMES, *RARE, "edystone", "？", " "])).map("".join))
def test_spelling_changes_nothing_that_is_known(question):
    assert corrected(question, lambda term: False, [*CHINESE, *ENGLISH]) == ""


@given(st.sampled_from([*CHINESE, *ENGLISH]), st.data())
def test_spelling_leaves_the_words_of_the_texts_alone(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    assume(end > start)
    assert corrected(text[start:end], unknown_in(CHINESE + ENGLISH), CHINESE + ENGLISH) == ""


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("屠优优生于哪里？", "屠呦呦生于哪里？"),
        ("谁主持修建景章铁路？", "谁主持修建京张铁路？"),
        # It sounds like nothing that stands there twice.
        ("宁泊城在哪里", ""),
    ],
)
def test_spelling_puts_a_name_right_that_sounds_the_same(question, meant):
    assert corrected(question, unknown_in(CHINESE), CHINESE) == meant


def test_spelling_a_common_english_word_is_spelt_right():
    texts = ["Threepwood kept the light for thirty years."]
    assert corrected("Who lived out there before?", lambda _: True, texts) == ""
    assert corrected("Who bought the lantern?", lambda _: True, ["Mr Boughton sold it."]) == ""
    assert corrected("Who was Threpwood?", lambda _: True, texts) == "Who was Threepwood?"


def test_spelling_a_name_is_not_run_into_the_word_after_it():
    texts = ["残疾人手工制作比赛。手工制作技能。", "手工制作得奖。"]
    assert corrected("残疾人手工赛是谁办的？", unknown_in(texts), texts) == ""
