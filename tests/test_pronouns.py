import pytest

from qa.pronouns import put, resolved
from qa.topic import Exchange

TEXT = "John Smeaton built the Eddystone Lighthouse. The Eddystone Lighthouse stands on a reef."
TOWER = Exchange(
    "Who built the Eddystone Lighthouse?", "John Smeaton", TEXT[:44], "The Eddystone Lighthouse", TEXT
)
RAILWAY = Exchange(
    "京张铁路有多长？", "201公里", "京张铁路全长201公里。", "京张铁路", "京张铁路全长201公里。京张铁路。"
)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("When did he die?", "When did John Smeaton die?"),
        ("How old was he?", "How old was John Smeaton?"),
        ("When was he born?", "When was John Smeaton born?"),
    ],
)
def test_pronouns_he_is_who_was_answered_and_no_lighthouse(asked, meant):
    assert set(resolved(asked, [TOWER])) == {meant}


@pytest.mark.parametrize("asked", ["When was it built?", "When is it?"])
def test_pronouns_it_is_the_thing(asked):
    assert resolved(asked, [TOWER])[0] == asked.replace("it", "the Eddystone Lighthouse", 1)


@pytest.mark.parametrize(
    "asked",
    [
        "这个世界上最高的山是哪座？",
        "这个词是什么意思？",
        "那个年代的人吃什么？",
        "这个国家有多大？",
        "该怎么办？",
        "该去哪里？",
        "不是早该通了吗？",
        "那一栏该填什么？",
        "这条例哪天生效？",
        "这部分是谁写的？",
        "这次问的是什么？",
        "工人站谁那边？",
        "另一个工人，他儿子后来怎么样？",
        "Is it true that cats purr?",
        "It is said that cats purr, why?",
        "Is it possible to swim there and back?",
        "What time is it?",
    ],
)
def test_pronouns_what_only_looks_like_one_stands_for_nothing(asked):
    assert resolved(asked, [RAILWAY]) == ()


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("这场地震在哪里？", "汶川地震在哪里？"),
        ("该场地震在哪里？", "汶川地震在哪里？"),
        ("这次来了多少人？", "汶川地震来了多少人？"),
        ("这次有多少人受伤？", "汶川地震有多少人受伤？"),
        ("该信息谁发的？", "汶川地震信息谁发的？"),
    ],
)
def test_pronouns_what_is_pointed_at_is_the_topic(asked, meant):
    last = Exchange("汶川地震死了多少人？", "", "", "汶川地震", "汶川地震，汶川地震。")
    assert resolved(asked, [last])[0] == meant


@pytest.mark.parametrize("asked", ["该铁路在哪里？", "这条铁路在哪里？"])
def test_pronouns_a_noun_pointed_at_is_the_topic(asked):
    assert resolved(asked, [RAILWAY]) == ("京张铁路在哪里？",)


@pytest.mark.parametrize(
    ("answer", "meant"),
    [("osquery 工具", ["注入是什么原理？", "osquery 工具是什么原理？"]), ("A -", ["注入是什么原理？"])],
)
def test_pronouns_a_name_of_two_words_may_be_meant(answer, meant):
    last = Exchange("用什么查注入？", answer, "", "注入", f"注入用{answer}查。注入。")
    assert list(resolved("它是什么原理？", [last])) == meant


def test_pronouns_what_belongs_to_someone_is_pointed_at_and_is_not_him():
    last = Exchange("京张铁路是谁设计的？", "詹天佑", "", "", "京张铁路由詹天佑设计。")
    assert put("他那个同事", last) == "詹天佑那个同事"


@pytest.mark.parametrize(
    ("question", "readings"),
    [
        ("语音合成的算法叫什么？", ("PSOLA好在哪？", "语音合成好在哪？")),
        ("语音合成用什么算法？", ("语音合成好在哪？", "PSOLA好在哪？")),
        ("语音合成是什么时候有的？", ("语音合成好在哪？",)),
    ],
)
def test_pronouns_it_may_be_the_thing_that_was_answered(question, readings):
    text = "语音合成的算法有PSOLA。语音合成，语音合成。"
    assert resolved("它好在哪？", [Exchange(question, "PSOLA", text[:14], "语音合成", text)]) == readings


def test_pronouns_no_person_answered_leaves_those_named_beside_it():
    text = "艾琳·霍尼卡特打破了吉尼斯世界纪录。此前由75岁的维维安·惠勒保持。"
    last = Exchange(
        "在霍尼卡特之前纪录归谁？", "吉尼斯", "艾琳·霍尼卡特打破了吉尼斯世界纪录。", "", text,
        further=("75岁的维维安·惠勒",),
    )  # fmt: skip
    # Who was named in the question is not who was asked for.
    assert resolved("她多大年纪？", [last]) == ("吉尼斯多大年纪？", "维维安·惠勒多大年纪？")
