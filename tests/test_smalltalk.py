import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.smalltalk import remark

CHINESE = {"greeting": "你好！请问", "thanks": "不客气", "farewell": "再见", "tool": "我在这些文章里找答案"}
ENGLISH = {
    "greeting": "Hello!",
    "thanks": "You are welcome",
    "farewell": "Goodbye",
    "tool": "I look for answers",
}
OPENINGS = ["你好", "您好！", "早上好，", "谢谢，", "谢谢你！", "Hello, ", "Hi! ", "Thanks. ", "请问"]
CONTENT = [
    "京张铁路什么时候通车？",
    "那青藏铁路呢？",
    "天枢卡怎么用？",
    "怎么用天枢卡",
    "為什麼修都江堰？",
    "who built the lighthouse?",
    "what is this lighthouse?",
    "how does this bridge work?",
    "can you help me find the tower?",
    "help me find when Apollo 11 landed",
]


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("你好", "greeting"),
        ("你好啊！", "greeting"),
        ("您好呀", "greeting"),
        ("大家好", "greeting"),
        ("嗨", "greeting"),
        ("早上好", "greeting"),
        ("晚安", "greeting"),
        ("在吗？", "greeting"),
        ("你好吗？", "greeting"),
        (" 你好 ", "greeting"),
        ("谢谢", "thanks"),
        ("謝謝你！", "thanks"),
        ("太感谢了", "thanks"),
        ("多谢", "thanks"),
        ("谢谢你的帮助", "thanks"),
        ("哈哈，谢谢", "thanks"),
        ("辛苦了", "thanks"),
        ("好的", "thanks"),
        ("明白了", "thanks"),
        ("再见", "farewell"),
        ("再見！", "farewell"),
        ("拜拜", "farewell"),
        ("明天见", "farewell"),
        ("你是谁？", "tool"),
        ("請問你叫什麼名字？", "tool"),
        ("你能做什么？", "tool"),
        ("你会什么？", "tool"),
        ("你可以帮我做什么？", "tool"),
        ("你有什么功能？", "tool"),
        ("你是机器人吗？", "tool"),
        ("你是ChatGPT吗？", "tool"),
        ("這個工具怎麼用？", "tool"),
        ("這個網站是做什麼的？", "tool"),
        ("怎么用？", "tool"),
        ("如何使用", "tool"),
        ("帮助", "tool"),
        ("我可以问什么？", "tool"),
        ("我能问你什么问题？", "tool"),
        ("介绍一下你自己", "tool"),
        ("你好，你是谁？", "tool"),
        ("你好，请问你能做什么", "tool"),
        ("谢谢，你是机器人吗？", "tool"),
    ],
)
def test_smalltalk_answers_chinese_in_chinese(question, kind):
    assert remark(question).startswith(CHINESE[kind])


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("hi", "greeting"),
        ("Hello!", "greeting"),
        ("HELLO", "greeting"),
        ("Ｈｅｌｌｏ！", "greeting"),
        ("Hi there", "greeting"),
        ("Hello everyone", "greeting"),
        ("Good morning!", "greeting"),
        ("How are you today?", "greeting"),
        ("What’s up?", "greeting"),
        ("Thanks!", "thanks"),
        ("Thank you very much", "thanks"),
        ("thanks a lot", "thanks"),
        ("OK", "thanks"),
        ("Great!", "thanks"),
        ("Bye!", "farewell"),
        ("See you later.", "farewell"),
        ("Who are you?", "tool"),
        ("What can you do?", "tool"),
        ("What’s your name?", "tool"),
        ("what   is your\nname", "tool"),
        ("Are you a robot?", "tool"),
        ("How do I use this?", "tool"),
        ("What is this site?", "tool"),
        ("What can I ask?", "tool"),
        ("Help", "tool"),
        ("Can you help me?", "tool"),
        ("Tell me about yourself.", "tool"),
        ("Hello, who are you?", "tool"),
        ("Hi, what can you do?", "tool"),
    ],
)
def test_smalltalk_answers_english_in_english(question, kind):
    assert remark(question).startswith(ENGLISH[kind])


@pytest.mark.parametrize(
    "question",
    [
        "你好是什么意思？",
        "谢谢用英语怎么说？",
        "谁说了再见？",
        "帮助信息在哪里",
        "你是谁开发的？",
        "不知道",
        "为什么？",
        "好的方案有哪些？",
        "great wall",
        "hello world",
        "Who said goodbye?",
        "who are you going to call?",
        "How are you sure that it landed?",
        "",
        " ",
        "？",
        "。",
        "please",
        "大家",
    ],
)
def test_smalltalk_leaves_other_questions_alone(question):
    assert remark(question) == ""


@given(st.sampled_from(["", *OPENINGS]), st.sampled_from(CONTENT))
def test_smalltalk_a_greeting_before_a_question_is_no_smalltalk(opening, content):
    assert remark(opening + content) == ""


FRAGMENTS = st.sampled_from(
    "你好 您好 谢谢 再见 你 是谁 能 做 什么 怎么用 请问 ？ ！ ， 帮助 hi hello thanks who are you help bye ? 铁路".split()
)


@given(
    st.lists(FRAGMENTS, max_size=8).map("".join) | st.lists(FRAGMENTS, max_size=8).map(" ".join) | st.text()
)
def test_smalltalk_of_any_text_is_a_known_reply_or_nothing(question):
    reply = remark(question)
    assert reply == "" or reply.startswith((*CHINESE.values(), *ENGLISH.values()))


@given(st.text("京张铁路通车北上海长城apoloeidystn0123456789", min_size=1))
def test_smalltalk_says_nothing_to_what_holds_no_word_of_it(question):
    assert remark(question) == ""
