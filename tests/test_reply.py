import json

from embeddings.article import Article, Metadata, Passage, Span
from qa.reply import Answer, Hit, Reply, Source, hit_json

TEXT = "长城很长。詹天佑修了京张铁路。"
FIRST = Article(
    "a", "铁路", TEXT, "a.pdf", Metadata("陆远山", "2022-03-12T20:15:00", ("铁路",)), pages=(0, 5)
)
SECOND = Article("b", "又一篇", "詹天佑。", "b.md")
PASSAGE = Passage(7, "a", Span(5, 15), ("人",))
ANSWER = Answer(
    "詹天佑",
    "詹天佑修了京张铁路。",
    0.123456,
    (Source(FIRST, Span(5, 8), Span(5, 15), PASSAGE), Source(SECOND, Span(0, 3), Span(0, 4), Passage(9, "b", Span(0, 4)))),
)  # fmt: skip
HIT = Hit(
    PASSAGE, "詹天佑修了京张铁路。", 0.98765432, None, 2, 0.55555, ("詹天佑",), (Passage(9, "b", Span(0, 4)),)
)


def test_reply_as_json_by_hand():
    reply = Reply("谁？", "谁修了京张铁路？", True, (ANSWER,), (HIT,), timings={"search": 1.26, "read": 2.0})
    held = json.loads(json.dumps(reply.as_json()))  # JSON values through and through
    assert held == {
        "question": "谁？",
        "standalone_question": "谁修了京张铁路？",
        "answered": True,
        "answers": [
            {
                "text": "詹天佑",
                "sentence": "詹天佑修了京张铁路。",
                "confidence": 0.1235,
                "article": {"id": "a", "title": "铁路", "author": "陆远山", "date": "2022-03-12T20:15:00", "source": "a.pdf"},
                "span": [5, 8],
                "page": 2,
                "field": "",
                "part": "",
                "also_in": [
                    {"article": {"id": "b", "title": "又一篇", "author": "", "date": "", "source": "b.md"}, "span": [0, 3]}
                ],
            }
        ],
        "hits": [
            {
                "passage_id": 7,
                "article_id": "a",
                "span": [5, 15],
                "text": "詹天佑修了京张铁路。",
                "headings": ["人"],
                "similarity": 0.9877,
                "dense_rank": None,
                "lexical_rank": 2,
                "relevance": 0.5555,
                "matched": ["詹天佑"],
            }
        ],
        "remark": "",
        "did_you_mean": "",
        "disagree": False,
        "answerable": 0.0,
        "where": {},
        "timings_ms": {"search": 1.3, "read": 2.0},
    }  # fmt: skip
    assert hit_json(HIT) == reply.as_json()["hits"][0]


def test_reply_without_an_answer_as_json():
    held = Reply("谁？", "谁？", False, (), ()).as_json()
    assert (held["answered"], held["answers"], held["hits"]) == (False, [], [])


def test_reply_an_answer_from_the_front_matter_stands_on_no_page():
    nowhere = Span(0, 0)
    answer = Answer("陆远山", "陆远山", 0.9, (Source(FIRST, nowhere, nowhere, None),), field="author")
    assert answer.source.page is None
    (held,) = Reply("谁？", "谁？", True, (answer,), ()).as_json()["answers"]
    assert (held["field"], held["span"], held["page"], held["also_in"]) == ("author", [0, 0], None, [])
