import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.smalltalk import remark

CHINESE = {
    "greeting": "你好！请问",
    "thanks": "不客气",
    "heard": "好，还想",
    "sorry": "没关系",
    "wish": "谢谢，也祝你",
    "chat": "这个我不会",
    "farewell": "再见",
    "tool": "我在这些文章里找答案",
}
ENGLISH = {
    "heard": "All right.",
    "sorry": "No problem.",
    "wish": "Thank you, and",
    "chat": "That is not for me",
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
        ("好的", "heard"),
        ("明白了", "heard"),
        ("谢谢啦", "thanks"),
        ("谢了", "thanks"),
        ("麻烦你了", "thanks"),
        ("辛苦啦", "thanks"),
        ("你真棒", "thanks"),
        ("你好厉害啊！", "thanks"),
        ("早啊", "greeting"),
        ("最近好吗？", "greeting"),
        ("我知道了", "heard"),
        ("嗯嗯", "heard"),
        ("哈哈哈", "heard"),
        ("哦……", "heard"),
        ("没事了", "heard"),
        ("算了", "heard"),
        ("不好意思", "sorry"),
        ("对不起，打扰了", "sorry"),
        ("新年快乐！", "wish"),
        ("祝你生日快乐", "wish"),
        ("讲个笑话吧", "chat"),
        ("帮我写首诗", "chat"),
        ("你会唱歌吗", "chat"),
        ("学到了，谢谢", "thanks"),
        ("很有帮助！", "thanks"),
        ("够了", "heard"),
        ("没问题了", "heard"),
        ("陪我聊聊天", "chat"),
        ("今天天气怎么样？", "chat"),
        ("我爱你", "chat"),
        ("好无聊啊", "chat"),
        ("再见", "farewell"),
        ("再見！", "farewell"),
        ("拜拜", "farewell"),
        ("明天见", "farewell"),
        ("你是谁？", "tool"),
        ("你是谁开发的？", "tool"),
        ("谁开发了你", "tool"),
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
        ("OK", "heard"),
        ("Great!", "heard"),
        ("Thank you so much for your help!", "thanks"),
        ("great job", "thanks"),
        ("You are so helpful", "thanks"),
        ("cheers", "thanks"),
        ("Thanks, that helps!", "thanks"),
        ("That was very helpful, thank you", "thanks"),
        ("write me a poem", "chat"),
        ("Can you sing?", "chat"),
        ("got it", "heard"),
        ("I see.", "heard"),
        ("haha", "heard"),
        ("Sorry about that", "sorry"),
        ("Happy new year!", "wish"),
        ("tell me a joke", "chat"),
        ("I'm bored", "chat"),
        ("What's the weather like today?", "chat"),
        ("Bye!", "farewell"),
        ("See you later.", "farewell"),
        ("Who are you?", "tool"),
        ("Who made you?", "tool"),
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
        "你是谁的粉丝？",
        "不知道",
        "为什么？",
        "好的方案有哪些？",
        "你几岁了？",
        "好在哪里",
        "这有帮助吗？",
        "那首诗写了什么",
        "谁帮他写封信",
        "is that useful for cows?",
        "好人是谁？",
        "谁知道了这件事？",
        "天气",
        "北京今天天气怎么样",
        "累",
        "牛",
        "早上几点开门？",
        "春节是哪天？",
        "中秋快乐这首歌是谁写的",
        "厉害在哪里",
        "why is he so great?",
        "a great job for a student",
        "happy",
        "who made you angry?",
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


@given(st.text("京张铁路通车北上海长城apolxid0123456789", min_size=1))
def test_smalltalk_says_nothing_to_what_holds_no_word_of_it(question):
    assert remark(question) == ""


@pytest.mark.parametrize(
    "piece", ["谢谢", "好", "好吧", "好谢谢", "太好了", "哈", "你好", "了", "ok ", "ha", "thank you "]
)
def test_smalltalk_repeated_is_told_at_once(piece):
    began = time.perf_counter()
    remark((piece * 60)[:58] + "x")
    assert time.perf_counter() - began < 2
