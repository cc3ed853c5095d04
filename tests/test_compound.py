import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.compound import own, parts, trailing


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("中国和美国各有多少航母？", ("中国有多少航母？", "美国有多少航母？")),
        ("神十四和神十八的乘组各出舱几次？", ("神十四的乘组出舱几次？", "神十八的乘组出舱几次？")),
        (
            "平安付、壹钱包和壹账通各是哪年成立的",
            ("平安付是哪年成立的？", "壹钱包是哪年成立的？", "壹账通是哪年成立的？"),
        ),
        (
            "8月6日和8月8日，分别有多少个村通了电？",
            ("8月6日，有多少个村通了电？", "8月8日，有多少个村通了电？"),
        ),
        (
            "冲泡版和熬煮版两种酸梅汤，热量各是多少？",
            ("冲泡版酸梅汤，热量是多少？", "熬煮版酸梅汤，热量是多少？"),
        ),
        (
            "汶川地震时，北斗和都江堰各有什么表现？",
            ("汶川地震时，北斗有什么表现？", "汶川地震时，都江堰有什么表现？"),
        ),
        (
            "When did Anna Reed and Tom Hale each join the company?",
            ("When did Anna Reed join the company?", "When did Tom Hale join the company?"),
        ),
        (
            "How tall are Mount Fuji and Everest respectively?",
            ("How tall is Mount Fuji?", "How tall is Everest?"),
        ),
    ],
)
def test_compound_asks_of_each(question, asked):
    assert parts(question) == asked


@pytest.mark.parametrize(
    "question",
    [
        "",
        "京张铁路什么时候通车？",
        "这三个部门分别负责什么？",
        "各位代表说了什么？",
        "各国代表和记者提了什么问题？",
        "公司分别在哪些城市设立了分部？",
        "中国和美国签了什么协议？",
        "Who built the lighthouse and the harbour?",
    ],
)
def test_compound_leaves_one_question_alone(question):
    assert parts(question) == ()


@given(
    st.text(max_size=80)
    | st.text(alphabet="中美和与、各分别是有多少？，的 and each respectively", max_size=40)
)
def test_compound_of_anything_is_no_part_or_several_that_ask(question):
    found = parts(question)
    assert len(found) != 1
    assert all(part[-1] in "？?" for part in found)


def test_compound_what_the_first_is_of_the_others_are_of_too():
    assert parts("平安的保费和利润分别是多少？") == ("平安的保费是多少？", "平安的利润是多少？")
    assert parts("平安的保费和太保的利润分别是多少？")[1] == "太保的利润是多少？"


def test_compound_two_questions_joined_by_and():
    asked = "When was the bridge opened, and who designed the tower in Paris?"
    assert parts(asked) == ("When was the bridge opened?", "Who designed the tower in Paris?")
    assert parts("When was the bridge opened, and who designed it for the city?") == ()


def test_compound_a_short_question_that_goes_on():
    assert trailing("京张铁路有多长，青藏铁路呢？") == ("京张铁路有多长？", "青藏铁路呢？")
    assert trailing("京张铁路有多长？") == ("", "")


def test_compound_own_is_what_the_others_lack():
    assert own(("京张铁路有多长？", "青藏铁路有多长？")) == ("京张", "青藏")


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (
            "中华人民共和国和美利坚合众国分别成立于哪年",
            ("中华人民共和国成立于哪年？", "美利坚合众国成立于哪年？"),
        ),
        ("和谐号和复兴号分别是哪年投入运营的", ("和谐号是哪年投入运营的？", "复兴号是哪年投入运营的？")),
        ("参与者和组织者分别是谁", ("参与者是谁？", "组织者是谁？")),
        ("参与者分别是谁", ()),
        ("小明和小红分别有几本书", ("小明有几本书？", "小红有几本书？")),
        ("和珅和刘墉分别是哪里人", ("和珅是哪里人？", "刘墉是哪里人？")),
    ],
)
def test_compound_joins_by_words_not_within_them(question, asked):
    assert parts(question) == asked


@pytest.mark.parametrize(
    "question",
    [
        "What determines how plants grow and when flowers open?",
        "Who decided when and where the meeting would be held?",
        "What explains why rivers flood and what the rain brings?",
    ],
)
def test_compound_a_clause_that_asks_nothing_is_no_question(question):
    assert parts(question) == ()


def test_compound_a_clause_with_its_verb_is_a_question():
    assert parts("Who built the bridge and when did the tower open?")[1] == "When did the tower open?"
    assert parts("Who built the bridge and how long is the tunnel?")[1] == "How long is the tunnel?"


@pytest.mark.parametrize(
    "question",
    ["谁说的，是不是他呢", "为什么会这样，到底是什么原因呢", "怎么去那里，坐车还是走路呢", "谁喜欢茶，你呢"],
)
def test_compound_what_asks_by_itself_does_not_go_on(question):
    assert trailing(question) == ("", "")


@pytest.mark.parametrize(
    ("question", "first", "then"),
    [
        ("京张铁路哪年通车、有多长？", "京张铁路哪年通车？", "有多长？"),
        ("纪录是哪天破的，破的是谁的", "纪录是哪天破的？", "破的是谁的？"),
        ("论坛在什么时间、什么地点举行？", "论坛在什么时间举行？", "什么地点举行？"),
        ("F-35为什么摔的，查清楚了吗？", "F-35为什么摔的？", "查清楚了吗？"),
        ("京张铁路是谁设计的，他们是哪里人？", "京张铁路是谁设计的？", "他们是哪里人？"),
        ("二战死了多少人，各国损失多少？", "二战死了多少人？", "各国损失多少？"),
        ("那件事最热闹是什么时候、来了多少人？", "那件事最热闹是什么时候？", "来了多少人？"),
    ],
)
def test_compound_two_clauses_that_ask(question, first, then):
    assert trailing(question) == (first, then)


@pytest.mark.parametrize(
    "question",
    [
        "想看雨水流到哪儿，用哪个网站？",
        "青蒿素怎么找到的那篇，谁写的呀",
        "何维参加审议那会儿，代表们审的是哪两份报告？",
        "公司什么时候搬的家，还是一直在北京？",
        "京张铁路全长多少公里，由詹天佑主持修建。",
        "何炅主持的节目，叫什么名字？",
        "哪吒2上映，票房是多少？",
        "几年前发布的手机，是什么型号？",
        "谁都知道的那首歌，叫什么？",
        "某公司多少有些困难，问题出在哪里？",
        "什么是量子计算，有人知道吗？",
    ],
)
def test_compound_a_clause_that_leads_to_another_is_no_question_of_its_own(question):
    assert trailing(question) == ("", "")
