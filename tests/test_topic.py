import pytest

from qa.topic import Exchange, joined, subject, topic

TEXT = "日本持有国债。英国持有国债，中国持有国债，法国持有很多。英国。中圆地球轨道 | 24颗。卫星、卫星。第191号样品。191号样品。Budgie 10.7、Budgie 10.7、Budgie 10。Budgie 10。MPlayer 1.2，MPlayer 1.2。"


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("英国持有多少国债？", "英国"),  # no 国持有: a topic is words
        ("191号样品的结果呢", "191号样品"),
        ("王祯用什么印书？", "王祯"),
        ("What is up?", ""),
        ("Budgie 10.7发布了吗？", "Budgie 10.7"),  # though Budgie 10 stands there more often
        ("怎么装MPlayer 1.2？", "MPlayer 1.2"),
        ("When did Balmis set sail?", "Balmis"),
    ],
)
def test_topic_is_whole_words(question, about):
    assert topic(Exchange(question, text=TEXT)) == about


@pytest.mark.parametrize(
    ("question", "says_of"),
    [
        ("中圆地球轨道有几颗卫星？", "中圆地球轨道"),
        ("倾斜轨道有几颗卫星？", ""),
        ("How many are there?", ""),
        ("", ""),
    ],
)
def test_topic_the_subject_stands_before_the_verb_and_in_the_article(question, says_of):
    assert subject(Exchange(question, text=TEXT)) == says_of


@pytest.mark.parametrize(
    ("first", "then", "both"),
    [
        ("都江堰", "在哪里？", "都江堰在哪里？"),
        ("都江堰", "都江堰在哪里？", "都江堰在哪里？"),
        ("", "在哪里？", "在哪里？"),
        ("the tower", "How were the blocks cut?", "the tower: How were the blocks cut?"),
        ("the tower", "in 1980?", "the tower in 1980?"),
        ("一句比十二个字要长得多的话", "哪里？", "一句比十二个字要长得多的话，哪里？"),
    ],
)
def test_topic_joined_is_one_question(first, then, both):
    assert joined(first, then) == both
