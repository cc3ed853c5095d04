from copy import deepcopy
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.article import Article, Passage, Span
from qa.conversation import Exchange, changes_subject, exchange, standalone, topic
from qa.reply import Answer, Reply, Source

WEIR = Exchange(
    question="都江堰是谁修建的？",
    answer="李冰",
    title="都江堰：两千年不退休的水利工程",
    text="都江堰由秦国蜀郡太守李冰主持修建，时间大约在公元前256年。渠首由鱼嘴、飞沙堰、宝瓶口三大主体工程组成。"
    "都江堰灌溉成都平原，没有一座拦河的大坝。二王庙供奉的是李冰父子。2008年的地震中，鱼嘴出现了裂缝。",
)
WEIR_WHEN = replace(WEIR, question="都江堰是什么时候修建的？", answer="公元前256年")
WEIR_PARTS = replace(WEIR, question="都江堰的三大主体工程是什么？", answer="鱼嘴、飞沙堰、宝瓶口")
RAILWAY = Exchange(
    question="京张铁路是谁主持修建的？",
    answer="詹天佑",
    title="京张铁路：山谷里写下的一个“人”字",
    text="京张铁路是第一条由中国人自行设计、施工的干线铁路，主持修建的是詹天佑。京张铁路1909年10月2日通车。"
    "京张铁路从北京到张家口，全长约201公里。詹天佑生于广东南海。",
)
RAILWAY_WHEN = replace(RAILWAY, question="京张铁路什么时候通车？", answer="1909年10月2日")
RAILWAY_END = replace(RAILWAY, question="京张铁路通到哪里？", answer="张家口")
RAILWAY_YEAR = replace(RAILWAY, question="京张铁路2019年运了多少人？", answer="一万人")
ENGINEER = replace(RAILWAY, question="詹天佑生于哪里？", answer="广东南海")
COMPANY = Exchange(
    question="金融壹账通估值多少？",
    answer="75亿美元",
    title="平安集团旗下的四家公司",
    text="金融壹账通是平安集团旗下的金融科技公司，金融壹账通估值75亿美元。平安好医生与金融壹账通都属平安集团。"
    "平安好医生和金融壹账通增长很快。金融壹账通总部在深圳。金融壹账通2018年营收14亿元。",
)
COMPANIES = replace(
    COMPANY, question="平安集团旗下有哪些公司？", answer="金融壹账通、平安好医生、陆金所和平安证券"
)
BANK = Exchange(
    question="平安银行三月营收多少？",
    answer="10亿元",
    title="平安银行月报",
    text="平安银行三月营收10亿元。平安银行四月营收11亿元。平安银行净利润上升。",
)
TEA = Exchange(
    question="泡茶有哪些步骤？",
    answer="- 烧水\n- 温杯\n- 投茶，三克即可\n- 出汤",
    title="泡茶",
    text="泡茶先烧水。泡茶要温杯。",
)
APOLLO = Exchange(
    question="Who commanded Apollo 11?",
    answer="Neil Armstrong",
    title="Eight Days in July: Apollo 11 Step by Step",
    text="Neil Armstrong commanded the mission. Buzz Aldrin flew with him in the lunar module, and Michael Collins "
    "stayed in orbit. Apollo 11 landed on 20 July 1969. Apollo 11 was launched from Kennedy Space Center. "
    "Apollo 12 followed in November.",
)
APOLLO_LONG = replace(APOLLO, answer="The mission was commanded by Neil Armstrong, a former naval aviator")
APOLLO_WHEN = replace(APOLLO, question="When did Apollo 11 land?", answer="20 July 1969")
APOLLO_CREW = replace(
    APOLLO, question="Who flew on Apollo 11?", answer="Neil Armstrong, Buzz Aldrin and Michael Collins"
)
LAUNCHES = replace(APOLLO, question="How many launches were there in 1969?", answer="four")
UNANSWERED = Exchange("京张铁路什么时候通车？")
ALL = [WEIR, WEIR_PARTS, RAILWAY_WHEN, RAILWAY_YEAR, COMPANIES, BANK, TEA, APOLLO, APOLLO_CREW, UNANSWERED]

FRAGMENTS = st.sampled_from(
    "他 她们 它 这座 那条 该 其 那里 呢 ？ 那么 还有 第二个 第 一 最后 为什么 谁 什么时候 多少 都江堰 李冰 京张铁路 2019年 三月 另一家 其他 "
    "的 了 ， 。 、 和 he his it there that what about and the first how why ? . , Apollo 11 Neil Armstrong \n 換個話題 Ｗｈｏ 🚀".split(
        " "
    )
)
TEXTS = st.lists(FRAGMENTS, max_size=10).map("".join) | st.text(max_size=40)
EXCHANGES = st.sampled_from(ALL) | st.builds(Exchange, *[TEXTS] * 5)


@pytest.mark.parametrize(
    ("question", "last", "written_out"),
    [
        ("他是哪里人？", WEIR, "李冰是哪里人？"),
        ("他們是哪裡人？", WEIR, "李冰是哪裡人？"),
        ("它在哪里？", WEIR, "都江堰在哪里？"),
        ("它為什麼沒有大壩？", WEIR, "都江堰為什麼沒有大壩？"),
        ("當地有什麼節日？", WEIR, "都江堰有什麼節日？"),
        ("对了，它什么时候修的？", WEIR, "都江堰什么时候修的？"),
        ("它什么时候通车？", RAILWAY, "京张铁路什么时候通车？"),
        ("他生于哪里？", RAILWAY, "詹天佑生于哪里？"),
        ("他的父亲是谁？", ENGINEER, "詹天佑的父亲是谁？"),
        ("那里有什么？", RAILWAY_END, "张家口有什么？"),
        ("它和青藏铁路哪个长？", RAILWAY_WHEN, "京张铁路和青藏铁路哪个长？"),
        ("它2018年营收多少？", COMPANY, "金融壹账通2018年营收多少？"),
        ("它全长多少？", UNANSWERED, "京张铁路全长多少？"),
        ("How old was he?", APOLLO, "How old was Neil Armstrong?"),
        ("Did he fly alone?", APOLLO, "Did Neil Armstrong fly alone?"),
        ("when did he fly, and why?", APOLLO, "when did Neil Armstrong fly, and why?"),
        ("When did it land?", APOLLO, "When did Apollo 11 land?"),
        ("How many people watched it?", APOLLO_WHEN, "How many people watched Apollo 11?"),
        ("And who commanded it?", APOLLO_WHEN, "And who commanded Apollo 11?"),
    ],
)
def test_conversation_a_pronoun_becomes_what_it_stands_for(question, last, written_out):
    assert standalone(question, [last]) == (written_out,)


@pytest.mark.parametrize(
    ("question", "last", "written_out"),
    [
        ("这条铁路全长多少？", RAILWAY, "京张铁路全长多少？"),
        ("这座工程灌溉多少农田？", WEIR, "都江堰工程灌溉多少农田？"),
        ("该工程在哪里？", WEIR, "都江堰工程在哪里？"),
        ("这家公司的总部在哪里？", COMPANY, "金融壹账通公司的总部在哪里？"),
        ("這家公司總部在哪裡？", COMPANY, "金融壹账通公司總部在哪裡？"),
    ],
)
def test_conversation_a_noun_pointed_at_is_named_and_not_said_twice(question, last, written_out):
    assert standalone(question, [last]) == (written_out,)


@pytest.mark.parametrize(
    ("question", "last", "written_out"),
    [
        ("Who was his wife?", APOLLO, "Who was Neil Armstrong's wife?"),
        ("What was its rocket called?", APOLLO_WHEN, "What was Apollo 11's rocket called?"),
        ("Its height?", APOLLO_WHEN, "Apollo 11's height?"),
    ],
)
def test_conversation_a_possessive_stays_one(question, last, written_out):
    assert standalone(question, [last]) == (written_out,)


def test_conversation_a_person_is_the_name_in_a_long_answer():
    assert standalone("How old was he?", [APOLLO_LONG]) == ("How old was Neil Armstrong?",)


@pytest.mark.parametrize(
    ("question", "last", "written_out"),
    [
        ("那么青藏铁路呢？", WEIR, "青藏铁路是谁修建的？"),
        ("飞沙堰呢？", WEIR, "飞沙堰是谁修建的？"),
        ("那魚嘴呢？", WEIR, "魚嘴是谁修建的？"),
        ("青藏铁路呢？", RAILWAY_WHEN, "青藏铁路什么时候通车？"),
        ("青藏铁路呢", UNANSWERED, "青藏铁路什么时候通车？"),
        ("平安好医生呢？", COMPANY, "平安好医生估值多少？"),
        ("那陸金所呢？", COMPANY, "陸金所估值多少？"),
        ("What about Apollo 12?", APOLLO, "Who commanded Apollo 12?"),
        ("How about Apollo 12?", APOLLO_WHEN, "When did Apollo 12 land?"),
        ("And Apollo 12?", APOLLO_WHEN, "When did Apollo 12 land?"),
    ],
)
def test_conversation_another_topic_is_asked_the_same(question, last, written_out):
    assert standalone(question, [last])[0] == written_out


@pytest.mark.parametrize(
    ("question", "last", "topic_", "attribute"),
    [
        ("总部呢？", COMPANY, "金融壹账通", "总部"),
        ("起点呢？", RAILWAY_WHEN, "京张铁路", "起点"),
        ("How about the crew?", APOLLO_WHEN, "Apollo 11", "crew"),
    ],
)
def test_conversation_an_attribute_is_asked_of_the_topic_in_one_reading(question, last, topic_, attribute):
    assert any(topic_ in reading and attribute in reading for reading in standalone(question, [last]))


def test_conversation_an_attribute_that_the_article_gives_the_topic_comes_first():
    first, *_ = standalone("总部呢？", [COMPANY])
    assert first.startswith("金融壹账通的总部")


@pytest.mark.parametrize(
    ("question", "last", "written_out"),
    [
        ("2020年呢？", RAILWAY_YEAR, "京张铁路2020年运了多少人？"),
        ("那2020年呢", RAILWAY_YEAR, "京张铁路2020年运了多少人？"),
        ("2018年呢？", COMPANY, "2018年金融壹账通估值多少？"),
        ("四月呢？", BANK, "平安银行四月营收多少？"),
        ("那4月份呢？", BANK, "平安银行4月份营收多少？"),
        ("How about 1970?", LAUNCHES, "How many launches were there in 1970?"),
        ("And 1970?", LAUNCHES, "How many launches were there in 1970?"),
    ],
)
def test_conversation_another_time_takes_the_place_of_the_time(question, last, written_out):
    assert standalone(question, [last]) == (written_out,)


@pytest.mark.parametrize(
    "question",
    ["那另一家呢？", "另外一家呢", "其他公司呢？", "剩下的呢？"],
)
def test_conversation_the_other_one_is_what_stands_beside_the_topic(question):
    assert standalone(question, [COMPANY]) == ("平安好医生估值多少？",)


def test_conversation_the_other_one_is_nothing_where_nothing_stands_beside():
    assert standalone("其他呢？", [WEIR]) == ("其他呢？",)


@pytest.mark.parametrize(
    ("question", "last", "written_out"),
    [
        ("第二个是什么？", WEIR_PARTS, "飞沙堰是什么？"),
        ("第三个呢？", WEIR_PARTS, "宝瓶口是什么？"),
        ("第一家的估值是多少？", COMPANIES, "金融壹账通的估值是多少？"),
        ("第1家估值多少？", COMPANIES, "金融壹账通估值多少？"),
        ("第四个呢？", COMPANIES, "平安证券是什么？"),
        ("那么第二家的总部在哪里？", COMPANIES, "平安好医生的总部在哪里？"),
        ("第三种呢？", TEA, "投茶是什么？"),
        ("第三步怎么做？", TEA, "投茶怎么做？"),
        ("What about the second one?", APOLLO_CREW, "What is Buzz Aldrin?"),
        ("And the last?", APOLLO_CREW, "What is Michael Collins?"),
        ("the third one was born where?", APOLLO_CREW, "Michael Collins was born where?"),
    ],
)
def test_conversation_an_ordinal_is_that_item_of_the_list(question, last, written_out):
    assert standalone(question, [last]) == (written_out,)


def test_conversation_an_ordinal_past_the_list_names_the_topic():
    assert standalone("第五个呢？", [WEIR_PARTS]) == ("都江堰第五个",)


@pytest.mark.parametrize("question", ["第二个是什么？", "第一家在哪里？"])
def test_conversation_an_answer_of_one_thing_is_no_list(question):
    assert "李冰" not in standalone(question, [WEIR])[0]


@pytest.mark.parametrize(
    ("question", "last", "held"),
    [
        ("为什么？", WEIR, ["都江堰", "李冰", "修建", "为什么"]),
        ("那为什么呢？", WEIR, ["都江堰", "李冰", "修建", "为什么"]),
        ("什么时候？", WEIR, ["都江堰", "修建", "什么时候"]),
        ("為什麼？", WEIR_WHEN, ["都江堰", "公元前256年", "修建", "為什麼"]),
        ("谁呢？", RAILWAY_WHEN, ["京张铁路", "通车", "谁"]),
        ("在哪里？", RAILWAY_WHEN, ["京张铁路", "通车", "在哪里"]),
        ("为什么？", UNANSWERED, ["京张铁路", "通车", "为什么"]),
        ("Why?", APOLLO, ["Neil Armstrong", "commanded Apollo 11", "Why"]),
        ("and where?", APOLLO_WHEN, ["Apollo 11", "land", "where"]),
        ("Where exactly?", APOLLO_WHEN, ["Apollo 11", "land", "Where"]),
    ],
)
def test_conversation_a_bare_question_word_is_asked_of_the_statement(question, last, held):
    (reading,) = standalone(question, [last])
    assert [part for part in held if part not in reading] == []
    # What was asked before is answered: its question word is gone.
    assert sum(reading.count(word) for word in ("谁", "什么时候", "Who", "When")) <= 1


def test_conversation_a_bare_question_word_does_not_repeat_a_long_answer():
    last = replace(WEIR, answer="都江堰由秦国蜀郡太守李冰主持修建，" * 4)
    (reading,) = standalone("为什么？", [last])
    assert "蜀郡太守" not in reading
    assert "都江堰" in reading


@pytest.mark.parametrize(
    ("question", "last", "written_out"),
    [
        ("谁修的？", WEIR_WHEN, "都江堰谁修的？"),
        ("谁主持修建？", WEIR_WHEN, "都江堰谁主持修建？"),
        ("全长多少公里？", RAILWAY_WHEN, "京张铁路全长多少公里？"),
        ("总部在哪里？", COMPANY, "金融壹账通总部在哪里？"),
    ],
)
def test_conversation_a_question_without_a_subject_gets_the_topic(question, last, written_out):
    assert standalone(question, [last]) == (written_out,)


def test_conversation_the_topic_may_be_that_of_the_exchange_before():
    assert standalone("全长多少公里？", [RAILWAY_WHEN, ENGINEER]) == (
        "詹天佑全长多少公里？",
        "京张铁路全长多少公里？",
    )


def test_conversation_the_newest_exchange_counts():
    assert standalone("它在哪里？", [RAILWAY, WEIR]) == ("都江堰在哪里？",)
    assert standalone("它在哪里？", [WEIR, RAILWAY]) == ("京张铁路在哪里？",)


@pytest.mark.parametrize(
    ("question", "last"),
    [
        ("京张铁路什么时候通车？", WEIR),
        ("都江堰有多大？", RAILWAY),
        ("这个人是谁？", WEIR),
        ("这篇文章是谁写的？", COMPANY),
        ("作者是谁？", COMPANY),
        ("有多少篇文章？", RAILWAY),
        ("最新的文章是哪篇？", RAILWAY),
        ("其中最长的是哪条？", RAILWAY),
        ("五四运动是什么时候？", WEIR_PARTS),
        ("十月革命是哪年？", WEIR_PARTS),
        ("2019年有哪些公司？", COMPANIES),
        ("5G是什么？", WEIR_PARTS),
        ("李冰死了。他葬在哪里？", RAILWAY),
        ("Armstrong went home. When did he return?", APOLLO_WHEN),
        ("Who built the Eddystone lighthouse?", APOLLO_WHEN),
        ("Who wrote this article?", APOLLO_WHEN),
        ("What is this article about?", APOLLO_WHEN),
    ],
)
def test_conversation_a_question_that_stands_alone_stays(question, last):
    assert standalone(question, [last]) == (question,)


@pytest.mark.parametrize("question", ["它在哪里？", "他是谁？", "When did it land?", "Who was his wife?"])
def test_conversation_a_pronoun_stays_where_nothing_was_spoken_of(question):
    assert standalone(question, [Exchange("？")]) == (question,)


@pytest.mark.parametrize(
    ("last", "about"),
    [
        (WEIR, "都江堰"),
        (WEIR_PARTS, "都江堰"),
        (RAILWAY_END, "京张铁路"),
        (ENGINEER, "詹天佑"),
        (COMPANY, "金融壹账通"),
        (APOLLO, "Apollo 11"),
        (APOLLO_WHEN, "Apollo 11"),
        (UNANSWERED, "京张铁路"),
        (replace(WEIR, question="都江堰是誰修建的？"), "都江堰"),
        (Exchange(""), ""),
        (Exchange("？？"), ""),
    ],
)
def test_conversation_topic_is_what_the_article_names_most(last, about):
    assert topic(last) == about


def test_conversation_remembers_the_best_answer_and_its_article():
    article = Article("a1", "都江堰", "李冰修建。在四川。", "dujiangyan.md")
    passage = Passage(1, "a1", Span(0, 9))
    best, other = (
        Answer(text, sentence, 0.9, (Source(article, span, span, passage),))
        for text, sentence, span in [(" 李冰 ", "李冰修建。", Span(0, 2)), ("四川", "在四川。", Span(6, 8))]
    )
    reply = Reply("它呢？", "都江堰是谁修建的？", answered=True, answers=(best, other), hits=())
    assert exchange(reply) == Exchange(
        "都江堰是谁修建的？", "李冰", "李冰修建。", "都江堰", "李冰修建。在四川。", "a1", 0.9, ("四川",),
        place=Span(0, 2), words=Span(0, 2),
    )  # fmt: skip


def test_conversation_remembers_no_sentence_of_what_stands_in_none():
    article = Article("a1", "都江堰", "李冰28年修建。", "dujiangyan.md")
    count = Answer("28", "28", 0.9, (Source(article, Span(0, 0), Span(0, 0), None),))
    reply = Reply("有几篇？", "有几篇文章？", answered=True, answers=(count,), hits=())
    assert (exchange(reply).answer, exchange(reply).sentence) == ("28", "")


def test_conversation_remembers_a_question_that_was_not_answered():
    reply = Reply("它呢？", "都江堰呢？", answered=False, answers=(), hits=())
    assert exchange(reply) == Exchange("都江堰呢？")


@given(TEXTS)
def test_conversation_without_history_is_the_question(question):
    assert standalone(question, []) == (question,)


@given(st.sampled_from(["", " ", "\n\t", "　"]), st.lists(EXCHANGES, max_size=3))
def test_conversation_of_nothing_asked_is_nothing(question, history):
    assert standalone(question, history) == (question,)


@given(TEXTS, st.lists(EXCHANGES, max_size=3))
def test_conversation_is_pure_and_never_empty(question, history):
    before = deepcopy(history)
    readings = standalone(question, history)
    assert readings
    assert all(readings) or readings == (question,)
    assert len(set(readings)) == len(readings)
    assert history == before
    assert standalone(question, tuple(history)) == readings


@given(TEXTS, st.lists(EXCHANGES, max_size=2), EXCHANGES, EXCHANGES)
def test_conversation_only_the_last_two_exchanges_count(question, older, first, second):
    assert standalone(question, [*older, first, second]) == standalone(question, [first, second])


@given(EXCHANGES)
def test_conversation_topic_stands_in_the_question(last):
    assert topic(last) in last.question


@pytest.mark.parametrize(
    ("question", "alone"),
    [
        ("换个话题，青蒿素是谁发现的？", "青蒿素是谁发现的？"),
        ("对了，青蒿素是谁发现的？", "青蒿素是谁发现的？"),
        ("By the way, who built the Eddystone lighthouse?", "who built the Eddystone lighthouse?"),
        ("One more thing: who built the Eddystone lighthouse?", "who built the Eddystone lighthouse?"),
        ("對了，順便問一下，青蒿素是誰發現的？", "青蒿素是誰發現的？"),
    ],
)
def test_conversation_what_changes_the_subject_is_left_out(question, alone):
    assert standalone(question, [WEIR]) == (alone,)


@pytest.mark.parametrize(
    ("question", "changes"),
    [
        ("换个话题，青蒿素是谁发现的？", True),
        ("對了，順便問一下，青蒿素是誰發現的？", True),
        ("OK, by the way, who was he?", True),
        ("我们换个话题吧，它有多长？", True),
        ("对了，它有多长？", False),  # goes on as often as not
        ("OK, and how long is it?", False),
        ("再问一下，它有多长？", True),
        ("One more thing: how long is it?", True),
        ("它有多长？", False),
    ],
)
def test_conversation_a_question_says_that_the_subject_changes(question, changes):
    assert changes_subject(question) is changes


@pytest.mark.parametrize(
    ("before", "question", "written"),
    [
        ("都江堰夏天看什么？", "那冬天呢？", "都江堰冬天看什么？"),
        ("内江有多宽？", "外江呢？", "外江有多宽？"),
        ("都江堰是什么时候修的？", "在哪儿呢？", None),
        ("都江堰2000年被列入什么？", "还有呢？", "都江堰2000年被列入什么？"),
        ("都江堰是谁修的？", "回到青蒿素，它是谁发现的？", "青蒿素是谁发现的？"),
        ("Who designed the present Eddystone lighthouse?", "And how tall is that one?",
         "And how tall is the present Eddystone lighthouse?"),
        ("When was Winstanley's lamp lit?", "What was it made of?", "What was Winstanley's lamp made of?"),
    ],
)  # fmt: skip
def test_conversation_one_of_the_readings_is_the_right_one(before, question, written):
    last = Exchange(before, "是", "是。", "都江堰", f"{before}都江堰在四川。都江堰很老。内江、外江。")
    if written:
        assert written in standalone(question, [last])
    else:
        assert all("都江堰" in reading for reading in standalone(question, [last]))


def test_conversation_who_was_named_three_turns_ago_is_not_meant():
    who = Exchange("谁修的铁路？", "詹天佑", "詹天佑修的。", "铁路", "铁路铁路")
    then = Exchange("茶有几类？", "六类", "茶有六类。", "茶", "茶茶")
    assert not any("詹天佑" in reading for reading in standalone("他几岁？", [who, then, then]))
    assert any("詹天佑" in reading for reading in standalone("他几岁？", [then, who]))


@pytest.mark.parametrize(
    ("before", "question", "written"),
    [
        ("京张铁路什么时候通车？", "在哪？", "京张铁路在哪通车？"),
        ("谁发现了青蒿素？", "什么时候的事？", "什么时候发现了青蒿素？"),
        ("When did Apollo 11 land?", "Where was that?", "Where did Apollo 11 land?"),
    ],
)
def test_conversation_one_question_word_takes_the_place_of_another(before, question, written):
    assert standalone(question, [Exchange(before, "是")]) == (written,)


def test_conversation_a_doubted_answer_is_no_part_of_the_likeliest_reading():
    sure = Exchange("京张铁路什么时候通车？", "1909年", confidence=0.9)
    assert standalone("为什么？", [sure]) == ("京张铁路1909年通车为什么？",)
    assert standalone("为什么？", [replace(sure, confidence=0.1)]) == (
        "京张铁路通车为什么？",
        "京张铁路1909年通车为什么？",
    )


@pytest.mark.parametrize(
    ("question", "written"),
    [
        ("作者是谁？", ("《肘后备急方》的作者是谁？",)),
        ("青蒿素呢，是谁发现的？", ("青蒿素是谁发现的？",)),
    ],
)
def test_conversation_a_book_has_an_author_and_what_is_named_is_asked(question, written):
    assert standalone(question, [Exchange("这句话出自哪本书？", "《肘后备急方》")]) == written


@pytest.mark.parametrize(
    "question",
    [
        "How did Winstanley meet his end?",
        "Why were the astronauts shut away after they got home?",
        "How much did it cost to build the tower?",
        "北京那次特大暴雨是哪几天下的？",
    ],
)
def test_conversation_a_question_that_names_what_its_pronoun_means_stays(question):
    assert standalone(question, [WEIR])[0] == question


def test_conversation_he_is_the_one_that_was_named_before():
    works = replace(RAILWAY, question="京张铁路有多长？", answer="201公里")
    assert standalone("他是哪里人？", [RAILWAY, works]) == ("詹天佑是哪里人？",)


BRIDGE = Exchange(
    "Who designed the bridge?", "John Smeaton", title="The Bridge", text="The bridge is in Leeds. The bridge."
)


@pytest.mark.parametrize(
    "asked", ["Where is it?", "How long is it?", "What is it?", "When was it?", "Where is that?"]
)
def test_conversation_what_is_asked_of_it_is_not_asked_of_the_statement(asked):
    it = "that" if "that" in asked else "it"
    assert standalone(asked, [BRIDGE])[0] == asked.replace(it, "the bridge")


@pytest.mark.parametrize("asked", ["When was that?", "When did it happen?", "Why is that?"])
def test_conversation_when_it_happened_is_asked_of_the_statement(asked):
    (reading,) = standalone(asked, [BRIDGE])
    assert reading.startswith("John Smeaton designed the bridge: ")


@pytest.mark.parametrize(
    ("last", "asked"),
    [(RAILWAY, "然后呢？"), (RAILWAY, "后来呢"), (RAILWAY, "下一个呢"), (BRIDGE, "And then?")],
)
def test_conversation_what_comes_then_is_no_topic(last, asked):
    assert standalone(asked, [last]) == (last.question,)


@pytest.mark.parametrize(
    "asked",
    ["最后一个皇帝是谁", "最后的晚餐是谁画的", "还珠格格是谁写的", "还有几个国家有高铁", "之后谁当了总统"],
)
def test_conversation_what_only_looks_as_if_it_went_on_may_stand_alone(asked):
    assert asked in standalone(asked, [RAILWAY])


@pytest.mark.parametrize("asked", ["谁写的？", "什么时候写的？"])
def test_conversation_who_wrote_it_is_asked_of_the_article(asked):
    assert standalone(asked, [RAILWAY]) == (asked,)


@pytest.mark.parametrize(
    ("asked", "written"), [("有多宽", "京张铁路有多宽"), ("那多高呢？", "京张铁路多高？")]
)
def test_conversation_one_measure_takes_the_place_of_another(asked, written):
    assert standalone(asked, [replace(RAILWAY, question="京张铁路有多长？", answer="201公里")]) == (written,)


@pytest.mark.parametrize(
    ("asked", "first"), [("那座桥呢", "座桥是"), ("那本书的作者呢", "本书的"), ("那条铁路呢", "条铁路")]
)
def test_conversation_that_one_is_not_then_one(asked, first):
    assert not any(reading.startswith(first) for reading in standalone(asked, [RAILWAY]))


@pytest.mark.parametrize("asked", ["那种子呢", "那条件呢", "那本金呢"])
def test_conversation_then_stands_before_a_word_that_a_measure_begins(asked):
    assert any(reading.startswith(asked[1:-1]) for reading in standalone(asked, [RAILWAY]))


@pytest.mark.parametrize(
    ("asked", "alone"),
    [
        ("那上海的商贷能转公积金贷款吗？", "上海的商贷能转公积金贷款吗？"),
        ("那她是哪年去世的？", "詹天佑是哪年去世的？"),
    ],
)
def test_conversation_then_is_no_part_of_the_question(asked, alone):
    assert standalone(asked, [RAILWAY])[0] == alone


def test_conversation_what_was_answered_may_be_what_is_asked_about_next():
    text = "华为云和汽车之家成立了“创新联合体”。华为云办论坛，主机厂参加创新联合体。华为云。"
    last = Exchange("华为云在论坛上成立了什么？", "“创新联合体”", text[:20], "", text)
    assert standalone("还有谁参加？", [last]) == (
        "华为云还有谁参加？",
        "创新联合体还有谁参加？",
        "还有谁参加？",
    )
    doubted = replace(last, confidence=0.2)
    assert standalone("还有谁参加？", [doubted]) == ("华为云还有谁参加？", "还有谁参加？")


@pytest.mark.parametrize(
    "question",
    [
        "那英是谁？",
        "那不勒斯在哪里？",
        "那曲在哪里？",
        "那达慕大会是什么？",
        "那幅画现在在哪里？",
        "那封信写给谁？",
        "那所学校有多少学生？",
    ],
)
def test_conversation_a_name_or_a_thing_keeps_its_first_character(question):
    history = [Exchange("达芬奇画了什么？", "蒙娜丽莎", "达芬奇", "达芬奇画了蒙娜丽莎。", "a", 0.9)]
    assert all(
        question[1:] not in reading or question in reading for reading in standalone(question, history)
    )


@pytest.mark.parametrize(("asked", "read"), [("隋朝谁建的？", "隋朝谁建的？"), ("谁建的？", "周朝谁建的？")])
def test_conversation_another_of_the_kind_needs_no_topic(asked, read):
    text = "周朝定都镐京，由武王所建。隋朝由杨坚建立。周朝很长。"
    last = Exchange(question="周朝定都哪里？", answer="镐京", title="朝代", text=text, article="a")
    assert standalone(asked, [last])[0] == read
