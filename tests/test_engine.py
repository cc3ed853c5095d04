"""The whole path with the bundled models, over the sample articles."""

import random
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libraries import write

from embeddings.article import Article, Metadata, Passage, Span
from embeddings.encode import embedder
from embeddings.errors import QuestionError
from embeddings.update import add, sync
from qa.config import Config
from qa.conversation import exchange
from qa.engine import Engine
from qa.nearby import with_neighbours
from qa.reading import Evidence, SpanReading
from qa.reply import Answer, Reply, Source
from qa.where import Where


def engine_of(tmp_path, files):
    sync(tmp_path / "library", [write(tmp_path / "articles", files)], embedder())
    return Engine.open(tmp_path / "library")


def check(reply):
    """What must hold of every reply."""
    assert reply.answered == bool(reply.answers)
    confidences = [answer.confidence for answer in reply.answers]
    assert all(0 <= confidence <= 1 for confidence in confidences)
    places = []
    for answer in reply.answers:
        for source in answer.sources:
            if source.passage is None:
                assert answer.field
                continue
            assert source.sentence.contains(source.span)
            assert source.span.of(source.article.text).strip()
        if not answer.field:
            first = answer.source
            assert answer.text == first.span.of(first.article.text)
            assert answer.sentence == first.sentence.of(first.article.text)
            places.append((first.article.id, first.span))
    for i, (article, span) in enumerate(places):
        assert not any(other == article and span.overlaps(taken) for other, taken in places[:i])


@pytest.mark.parametrize(
    ("question", "title", "words"),
    [
        ("京张铁路是谁主持修建的？", "京张铁路", "詹天佑"),
        ("都江堰是誰主持修建的？", "都江堰", "李冰"),
        ("都江堰是谁主持修建的？", "都江堰", "李冰"),
        ("北斗三号最后一颗组网卫星是什么时候升空的？", "北斗", "2020年6月23日"),
    ],
)
def test_engine_answers_from_the_right_article(samples, question, title, words):
    reply = samples.ask(question)
    check(reply)
    assert reply.answered
    assert title in reply.answers[0].source.article.title
    assert words in reply.answers[0].sentence


@pytest.mark.parametrize(
    "question", ["澳大利亚的总理叫什么名字？", "量子计算机用多少个量子比特？", "🙂🙂🙂", "？？？"]
)
def test_engine_says_so_when_the_articles_do_not(samples, question):
    reply = samples.ask(question)
    check(reply)
    assert not reply.answered


@pytest.mark.parametrize("question", ["", "   \n", "问" * 100_000])
def test_engine_refuses_what_is_no_question(samples, question):
    with pytest.raises(QuestionError):
        samples.ask(question)


SAMPLES = Path(__file__).parents[1] / "qa" / "samples"
PARAGRAPHS = [
    line
    for path in sorted(SAMPLES.glob("*.md"))
    for line in path.read_text("utf-8").split("\n")
    if len(line) > 20
]


@given(st.data())
@settings(max_examples=12)
def test_engine_every_answer_is_its_slice(tmp_path_factory, data):
    texts = data.draw(
        st.lists(st.lists(st.sampled_from(PARAGRAPHS), min_size=1, max_size=6), min_size=1, max_size=3)
    )
    noise = data.draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
    articles = [
        Article(str(i), f"题{i}", "\n\n".join([*parts, noise]), f"upload/{i}")
        for i, parts in enumerate(texts)
    ]
    library = tmp_path_factory.mktemp("slices") / "library"
    add(library, articles, embedder())
    engine = Engine.open(library, config=Config(threshold=0.0))
    piece = data.draw(st.sampled_from(texts[0]))
    for question in (piece[:20] + "是什么？", "有哪些？谁？" + noise, piece[-30:]):
        check(engine.ask(question))


def test_engine_folds_one_fact_from_two_articles(tmp_path):
    fact = "壹钱包的累计注册用户数超过2亿。"
    engine = engine_of(
        tmp_path,
        {
            "a.md": f"---\ntitle: 甲\n---\n{fact}另外，公司总部设在上海浦东。",
            "b.md": f"---\ntitle: 乙\n---\n{fact}记者昨日在深圳采访了多位专家。",
        },
    )
    reply = engine.ask("壹钱包的累计注册用户数是多少？")
    check(reply)
    assert reply.answered
    assert {source.article.title for source in reply.answers[0].sources} == {"甲", "乙"}


def test_engine_answers_about_the_article_from_its_front_matter(tmp_path):
    text = "---\ntitle: 平安旗下两家公司\nauthor: wetech\ndate: 2019-02-25 17:40:09\ntags: [金融]\n---\n金融壹账通估值75亿美金。"
    engine = engine_of(tmp_path, {"a.md": text})
    for question, field, value in [
        ("作者是谁？", "author", "wetech"),
        ("《平安旗下两家公司》是什么时候发表的？", "date", "2019-02-25 17:40:09"),
        ("这篇文章有哪些标签？", "tags", "金融"),
    ]:
        reply = engine.ask(question)
        check(reply)
        assert (reply.answers[0].field, reply.answers[0].text) == (field, value)


def test_engine_of_an_empty_library_answers_nothing(tmp_path):
    reply = engine_of(tmp_path, {}).ask("谁？")
    assert (reply.answered, reply.answers, reply.hits) == (False, (), ())


def test_engine_sees_an_edit_at_the_next_question(tmp_path):
    engine = engine_of(tmp_path, {"a.md": "长江大桥于1957年建成通车。"})
    assert "1957年" in engine.ask("长江大桥什么时候建成通车？").answers[0].sentence
    sync(
        tmp_path / "library",
        [write(tmp_path / "articles", {"a.md": "长江大桥于1968年建成通车。"})],
        embedder(),
    )
    assert "1968年" in engine.ask("长江大桥什么时候建成通车？").answers[0].sentence


def test_engine_reply_as_json_has_the_documented_shape(samples):
    held = samples.ask("京张铁路是谁主持修建的？").as_json()
    assert set(held) >= {"question", "standalone_question", "answered", "answers", "hits"}
    answer = held["answers"][0]
    assert set(answer) >= {"text", "sentence", "confidence", "article", "span"}
    assert set(answer["article"]) == {"id", "title", "author", "date", "source"}
    assert set(held["hits"][0]) >= {
        "passage_id", "article_id", "span", "text", "similarity", "dense_rank", "lexical_rank",
    }  # fmt: skip


def test_engine_front_matter_dates_and_authors_are_of_the_article(tmp_path):
    library = tmp_path / "library"
    add(library, [Article("1", "青藏铁路", "铁路很长。", "1", Metadata("陆远山", "2023-08-05")),
                  Article("2", "青蒿素的发现", "青蒿素能治疟疾。", "2", Metadata("顾青", "2021-07-15"))], embedder())  # fmt: skip
    reply = Engine.open(library).ask("青蒿素那篇文章的作者是谁？")
    assert [answer.text for answer in reply.answers] == ["顾青"]


def test_engine_answers_a_follow_up_by_what_was_said(samples):
    first = samples.ask("京张铁路是谁主持修建的？")
    then = samples.ask("他毕业于哪所大学？", [exchange(first)])
    check(then)
    assert then.standalone_question == "詹天佑毕业于哪所大学？"
    assert "耶鲁大学" in then.answers[0].sentence
    assert samples.ask("他毕业于哪所大学？").standalone_question == "他毕业于哪所大学？"


def test_engine_reads_around_the_answer_before_where_no_word_finds_it(tmp_path):
    library = tmp_path / "library"
    text = "\n\n".join(f"第{n}节讲的是别的事情，与桥没有关系。" * 30 for n in range(3))
    text += "\n\n北桥在2003年拆除。" + "后来人们坐船过河。" * 50
    add(library, [Article("1", "北桥", text, "1")], embedder())
    engine = Engine.open(library)
    first = engine.ask("北桥哪一年拆除？")
    assert first.answers[0].text == "2003年"
    view = engine.library.snapshot()
    found = with_neighbours([], exchange(first), view)
    assert first.answers[0].source.passage in [hit.passage for hit in found]
    assert len(found) < len(view.passages_of("1"))
    assert with_neighbours(found, exchange(first), view) == found
    assert with_neighbours(found[:1], replace(exchange(first), place=None), view) == found[:1]


@pytest.mark.parametrize(
    ("first", "then", "title"),
    [
        ("去都江堰該從哪裡進？", "順便問一下，蔡倫是什麼人？", "从渔网到活字"),
        ("屠呦呦是哪天在卡罗林斯卡学院演讲的？", "换个话题，《金刚经》现在收藏在哪里？", "从渔网到活字"),
        (
            "How tall was the Saturn V?",
            "By the way, who designed the present Eddystone lighthouse?",
            "Four Towers",
        ),
    ],
)
def test_engine_asks_the_library_where_the_subject_is_said_to_change(samples, first, then, title):
    before = samples.ask(first)
    assert before.answered
    reply = samples.ask(then, [exchange(before)])
    assert title in reply.answers[0].source.article.title


def test_engine_this_article_is_the_one_before_whatever_the_question_begins_with(samples):
    before = exchange(samples.ask("京张铁路是谁主持修建的？"))
    for question in ("这篇文章是谁写的？", "顺便问一下，这篇文章是谁写的？"):
        assert samples.ask(question, [before]).answers[0].text == "陆远山"


def test_engine_takes_this_article_for_the_last_one_answered_from(samples):
    first = samples.ask("京张铁路是谁主持修建的？")
    reply = samples.ask("这篇文章是谁写的？", [exchange(first)])
    assert [(answer.field, answer.text) for answer in reply.answers] == [("author", "陆远山")]
    alone = samples.ask("这篇文章是谁写的？")
    assert (alone.answered, alone.remark[:8]) == (False, "说的是哪一篇文章")


def test_engine_reads_on_in_an_article_whose_author_was_told_before(samples):
    first = samples.ask("京张铁路是谁主持修建的？")
    author = samples.ask("这篇文章是谁写的？", [exchange(first)])
    assert exchange(author).place is None
    then = samples.ask("哪一年通车？", [exchange(first), exchange(author)])
    assert then.standalone_question == "京张铁路哪一年通车？"
    assert then.answers[0].text == "1909年"


def test_engine_an_answer_to_a_follow_up_is_silent_where_the_article_is(samples):
    first = samples.ask("京张铁路是谁主持修建的？")
    reply = samples.ask("他养过猫吗？", [exchange(first)])
    assert not reply.answered
    assert 0 < reply.answerable < 0.5


def test_engine_keeps_to_the_restriction_given_or_said(samples):
    question = "都江堰是谁主持修建的？"
    given = samples.ask(question, where=Where(author="陆远山"))
    assert {samples.library.snapshot().article(h.passage.article_id).metadata.author for h in given.hits} == {
        "陆远山"
    }
    told = samples.ask(f"岷江客写的文章里，{question}")
    assert told.where == Where(author="岷江客")
    assert "李冰" in told.answers[0].sentence
    none = samples.ask(question, where=Where(since="2100"))
    assert (none.answered, none.hits) == (False, ())


@pytest.mark.parametrize(
    ("question", "field", "texts"),
    [
        ("一共有多少篇文章？", "count", ["12"]),
        ("岷江客写了哪些文章？", "title", ["都江堰：兩千年不退休的水利工程"]),
        ("2020年的文章有哪些？", "title", ["北斗是怎样知道你在哪里的"]),
        ("哪几篇文章讲了北斗？", "title", ["北斗是怎样知道你在哪里的"]),
    ],
)
def test_engine_lists_and_counts_the_articles(samples, question, field, texts):
    reply = samples.ask(question)
    assert {answer.field for answer in reply.answers} == {field}
    assert sorted(answer.text for answer in reply.answers) == sorted(texts)


@pytest.mark.parametrize("question", ["你好", "谢谢！", "你能做什么？", "Hello!", "What can you do?"])
def test_engine_answers_small_talk_with_a_remark_and_no_passage(samples, question):
    reply = samples.ask(question)
    assert reply.remark
    assert (reply.answered, reply.answers, reply.hits) == (False, (), ())


def test_engine_puts_a_misspelt_name_right_and_says_so(samples):
    reply = samples.ask("京章铁路是谁主持修建的？")
    assert reply.did_you_mean == reply.standalone_question == "京张铁路是谁主持修建的？"
    assert "詹天佑" in reply.answers[0].sentence
    assert samples.ask("京张铁路是谁主持修建的？").did_you_mean == ""


def test_engine_summarises_with_extracts(samples):
    reply = samples.ask("总结一下讲都江堰的那篇文章")
    check(reply)
    assert [answer.field for answer in reply.answers][:2] == ["lead", "heading"]
    for answer in reply.answers:
        assert answer.text == answer.source.span.of(answer.source.article.text)


def test_engine_a_book_of_the_text_is_not_the_article(tmp_path):
    text = "---\ntitle: 读书札记\nauthor: 图书馆小编\n---\n《红楼梦》的作者是曹雪芹。这部小说写于十八世纪。"
    reply = engine_of(tmp_path, {"a.md": text}).ask("《红楼梦》的作者是谁？")
    assert not any(answer.field for answer in reply.answers)
    assert "曹雪芹" in reply.answers[0].sentence


def test_engine_a_decision_is_answered_with_the_sentence(samples):
    reply = samples.ask("火车的自动车钩是詹天佑发明的吗？")
    assert reply.answers[0].text == reply.answers[0].sentence
    assert "并不是詹天佑发明的" in reply.answers[0].text


def test_engine_different_numbers_are_different_facts(tmp_path):
    engine = engine_of(
        tmp_path,
        {
            "a.md": "---\ntitle: 甲报\n---\n蓝天公司去年净利润增长了1.5%。记者张三在北京报道。",
            "b.md": "---\ntitle: 乙报\n---\n蓝天公司去年净利润增长了15%。本报编辑部整理。",
        },
    )
    reply = engine.ask("蓝天公司去年净利润增长了多少？")
    check(reply)
    for answer in reply.answers:
        assert len({source.article.title for source in answer.sources}) == 1
    assert {"1.5%", "15%"} <= {answer.text.lstrip("了") for answer in reply.answers}
    assert reply.disagree


def test_engine_numbers_of_two_things_do_not_disagree(samples, tmp_path):
    assert not samples.ask("京张铁路有多长？").disagree
    engine = engine_of(
        tmp_path,
        {
            "a.md": "---\ntitle: 青河铁路通车记\n---\n青河铁路全长174公里。记者张三在北京报道。",
            "b.md": "---\ntitle: 乙报\n---\n青河铁路全长251公里。本报编辑部整理。",
            "c.md": "---\ntitle: 丙报\n---\n洛水铁路全长814公里，今年开工。",
        },
    )
    reply = engine.ask("青河铁路有多长？")
    check(reply)
    assert {answer.text.lstrip("全长") for answer in reply.answers[:2]} == {"174公里", "251公里"}
    assert reply.disagree
    alone = engine_of(
        tmp_path / "alone",
        {
            "a.md": "---\ntitle: 青河铁路通车记\n---\n青河铁路全长174公里。记者张三在北京报道。",
            "c.md": "---\ntitle: 丙报\n---\n洛水铁路全长814公里，今年开工。",
        },
    )
    assert not alone.ask("青河铁路有多长？").disagree


def test_engine_a_further_answer_is_never_surer(samples):
    engine = Engine(samples.library, config=Config(threshold=0.0, answers=6))
    for question in ("京张铁路有多长？", "地震", "詹天佑什么时候去世的？", "Which lighthouse?"):
        sure = [answer.confidence for answer in engine.ask(question).answers]
        assert sure == sorted(sure, reverse=True)


class RandomReader:
    """Marks places drawn from a seed, good and bad ones; it knows every language."""

    name = "random"

    def __init__(self, seed):
        self.chance = random.Random(seed)

    def understands(self, question):
        return True

    def read(self, question, passages, headings=()):
        return [self.reading(passage) for passage in passages]

    def reading(self, text):
        places = sorted(self.chance.sample(range(len(text)), min(12, len(text))))
        spans = {Span(a, self.chance.randint(a + 1, len(text))): self.chance.gauss(0, 5) for a in places}
        margins = np.asarray([[logit] for logit in spans.values()], np.float32).reshape(len(spans), 1)
        ends = np.asarray([a + 1 for a in places], np.int32)
        evidence = Evidence(margins, np.asarray(places, np.int32), ends)
        return SpanReading(
            tuple(sorted(spans.items(), key=lambda pair: -pair[1])), 0.0, (evidence,) if spans else ()
        )


@given(
    st.integers(0, 10**6),
    st.sampled_from(PARAGRAPHS),
    st.sampled_from(["有哪些？", "多少？", "什么时候？", "？"]),
)
@settings(max_examples=25)
def test_engine_every_answer_is_its_slice_whatever_the_reader_says(samples, seed, piece, asking):
    engine = Engine(samples.library, RandomReader(seed), Config(threshold=0.0, answers=6, read=4))
    check(engine.ask(piece[:30] + asking))


@given(st.text(min_size=1, max_size=60) | st.text("0123456789一二亿万年月日.,-/%", min_size=1, max_size=400))
@settings(max_examples=60)
def test_engine_raises_nothing_but_question_errors(samples, question):
    try:
        reply = samples.ask(question)
    except QuestionError:
        assert not question.strip()
    else:
        check(reply)


def test_engine_answers_at_most_as_many_as_configured(samples):
    question = "京张铁路是谁主持修建的？"
    for most in (1, 2):
        engine = Engine(samples.library, config=Config(threshold=0.0, answers=most))
        assert 1 <= len(engine.ask(question).answers) <= most
    assert not Engine(samples.library, config=Config(threshold=1.0)).ask(question).answered


def test_engine_answers_each_thing_that_is_asked_at_once(samples):
    reply = samples.ask("都江堰和京张铁路分别是谁主持修建的？")
    check(reply)
    assert [answer.part for answer in reply.answers] == ["都江堰是谁主持修建的？", "京张铁路是谁主持修建的？"]
    assert ["李冰" in reply.answers[0].sentence, "詹天佑" in reply.answers[1].sentence] == [True, True]
    titles = [answer.source.article.title for answer in reply.answers]
    assert "都江堰" in titles[0]
    assert "京张铁路" in titles[1]


@pytest.mark.parametrize(
    ("question", "field", "value"),
    [
        ("Who wrote the Dujiangyan article?", "author", "岷江客"),
        ("When did the BeiDou post go up?", "date", "2020-08-16"),
        ("都江堰那篇是谁的手笔？", "author", "岷江客"),
        ("四座灯塔那篇署名是谁？", "author", "Rosalind Pike"),
        ("两千年不退休的水利工程 发布时间", "date", "2018-10-18"),
        ("How is the lighthouse article tagged?", "tags", "lighthouse"),
    ],
)
def test_engine_finds_the_article_that_is_spoken_of(samples, question, field, value):
    reply = samples.ask(question)
    check(reply)
    assert reply.answers[0].field == field
    assert reply.answers[0].text.startswith(value)


def test_engine_a_summary_and_a_question_are_two(samples):
    reply = samples.ask("关于灯塔的文章讲了什么，都江堰是谁修建的？")
    assert "李冰" in reply.answers[-1].sentence


def test_engine_two_fields_of_an_article_are_one_question(samples):
    reply = samples.ask("青蒿素那篇是谁、在什么时候发的？")
    assert [answer.field for answer in reply.answers] == ["author", "date"]


def test_engine_of_an_article_that_is_not_there_gives_nothing_else(samples):
    for question in ("那篇讲量子计算机的文章是谁写的？", "Who wrote the article about volcanoes?"):
        reply = samples.ask(question)
        assert not reply.answers
        assert reply.remark


def test_engine_and_then_is_what_the_article_says_next(samples):
    first = samples.ask("1971年10月4日出来的是第几号样品的结果？")
    reply = samples.ask("后来呢？", [exchange(first)])
    check(reply)
    sentence = reply.answers[0].source.sentence
    assert sentence.start >= first.answers[0].source.sentence.start
    assert reply.answers[0].source.article.id == first.answers[0].source.article.id
    assert reply.answers[0].source.span.start >= first.answers[0].source.span.end


def test_engine_the_nth_is_the_item_that_the_article_lists_there(samples):
    first = samples.ask("造纸的工序可以归纳为几个步骤？")
    reply = samples.ask("第二个呢？", [exchange(first)])
    check(reply)
    assert reply.answers[0].text == "打浆：反复捶捣，把纤维打成纸浆。"
    assert (
        samples.ask("最后一个呢？", [exchange(first), exchange(reply)]).answers[0].text.startswith("干燥：")
    )


def test_engine_and_then_after_nothing_is_asked_as_it_is(samples):
    check(samples.ask("然后呢？", [exchange(samples.ask("量子计算机是怎么工作的？"))]))
    assert samples.ask("然后呢？").standalone_question == "然后呢？"


def test_engine_several_parts_do_not_disagree_as_the_first_did():
    def reply(question, part, *_):
        held = Article(part, part, "1909年", part)
        source = Source(held, Span(0, 5), Span(0, 5), Passage(1, part, Span(0, 5)))
        found = Answer("1909年", "1909年", 0.9, (source,))
        return Reply(question, part, True, (found,), (), disagree=True, timings={"read": 1.0})

    asked = "中国和美国各有多少航母？"
    several = Engine._several(SimpleNamespace(_reply=reply), asked, asked, None, None)
    assert len(several.answers) == 2
    assert not several.disagree
