import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.article import Span
from qa.enumeration import MOST_ITEMS
from qa.phrase import phrase
from qa.question import analyse
from qa.unmarked import lines_around, lines_below

TOOLS = "你可能需要以下依赖：\nGit\nDocker\nPython 3\n\n然后按下面的说明安装。"


def below(text: str) -> str | None:
    """The lines that the first line of ``text`` announces."""
    found = lines_below(text, Span(0, len(text.partition("\n")[0])))
    return found and found[1].of(text)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        (TOOLS, "Git\nDocker\nPython 3"),
        ("TiDB 支持在以下云上部署：\nGKE\nEKS\nAKS\n此外，京东云上也已部署。", "GKE\nEKS\nAKS"),
        ("用到的东西如下。\n\n  水\n  茶叶\n", "水\n  茶叶"),
        (
            "各状态说明如下：\nNormal：正常进行。处于这个状态时不会停。\nStopped：由用户暂停。\n更多请参考文档。",
            "Normal：正常进行。处于这个状态时不会停。\nStopped：由用户暂停。",
        ),
        # As many as it says, though a heading comes after them, or the lines are long.
        (
            "共有四场讲座：\n第一场\n第二场\n第三场\n第四场\n报名方式\n请写信。",
            "第一场\n第二场\n第三场\n第四场",
        ),
        (f"适合两类人：\n应届生，{'想进大厂' * 12}\n转行的人\n", f"应届生，{'想进大厂' * 12}\n转行的人"),
        (
            "每份：\n红薯粉 80 克\n生抽 10 毫升\n姜末 5 克\n操作\n1. 先泡软。",
            "红薯粉 80 克\n生抽 10 毫升\n姜末 5 克",
        ),
        ("配料：\n五花肉 500 克\n生抽 20 毫升\n盐少许\n1. 切块。", "五花肉 500 克\n生抽 20 毫升\n盐少许"),
        (
            "有四场讲座。\n第一场：分布\n第二场：备份\n第三场：升级\n第四场：答疑\n地点：三楼",
            "第一场：分布\n第二场：备份\n第三场：升级\n第四场：答疑",
        ),
        ("支持的数据库如下：\nMySQL；\nSQLite；\nOracle。\n以上都行。", "MySQL；\nSQLite；\nOracle。"),
        ("具体步骤如下所示。\n烧水\n温杯\n", "烧水\n温杯"),
        ("可下载两个版本。\nGNOME 版\nKDE 版\n", "GNOME 版\nKDE 版"),
        ("有三位作者：\n张三\n李四\n王五\n关于作者\n张三是一位作家", "张三\n李四\n王五"),
        ("原料：\n面粉 500 克\n水 300 克\n做法\n先和面，再醒面", "面粉 500 克\n水 300 克"),
        ("The panes are:\nappointments\ncalendar\n\nPress a.", "appointments\ncalendar"),
    ],
)
def test_unmarked_lines_below_what_announces_them(text, items):
    assert below(text) == items


@pytest.mark.parametrize(
    "text",
    [
        "他在城里住。\n水\n茶叶",  # announces nothing
        "他说：\n我们明天去。\n大家都同意。",  # sentences
        "如下：\n水\n",  # one is no list
        "如下：\n- 水\n- 茶叶",  # marked: not for this module
        "如下：\n```\ngit add\n```",
        "以上是第四位和第五位。\n其一\n其二\n其三\n其四",
        "有三类。\n水\n茶叶",  # fewer than it says, and no colon
        "李梅获得三项大奖。\n早年经历\n出生于北京\n毕业于清华",
        "他有两个孩子。\n早年在北京读书\n后来回到镇上教书",
        "最低气温在零度以下。\n历史沿革\n交通与经济",
        "历时三个月。\n甲：一\n乙：二",
        "她又说：\n明天去\n后天回",
        "作者：\n张三\n来源 新华网",
        "它们：见下。水\n茶叶",
        "如下：",
    ],
)
def test_unmarked_nothing_else_is_such_a_list(text):
    assert below(text) is None


def test_unmarked_more_lines_than_one_answer_shows_are_none():
    lines = [f"第{n}样" for n in range(MOST_ITEMS + 1)]
    assert below("如下：\n" + "\n".join(lines)) is None
    assert below("如下：\n" + "\n".join(lines[1:])) == "\n".join(lines[1:])


def test_unmarked_a_line_that_answers_from_its_beginning_stands_for_all():
    at = TOOLS.find("Docker")
    line = Span(at, at + len("Docker"))
    found = lines_around(TOOLS, line, line)
    assert found is not None
    assert found[0].of(TOOLS) == "你可能需要以下依赖：\nGit\nDocker\nPython 3"
    # What is said of an item is asked of that item.
    assert lines_around(TOOLS, line, Span(at + 3, line.end)) is None
    assert lines_around(TOOLS, line, None) is None


def test_unmarked_an_announcement_that_was_joined_to_its_first_line():
    found = lines_around(TOOLS, Span(0, TOOLS.find("\nDocker")), None)
    assert found is not None
    assert found[1].of(TOOLS) == "Git\nDocker\nPython 3"


def test_unmarked_the_list_is_the_phrase_where_a_list_was_asked_for():
    sentence = Span(0, TOOLS.find("\nDocker"))
    spans = [(Span(TOOLS.find("Git"), TOOLS.find("Git") + 3), 2.0)]
    whole, words, sure = phrase(analyse("需要哪些依赖？"), TOOLS, sentence, spans)
    assert (whole.of(TOOLS), words.of(TOOLS), sure) == (
        "你可能需要以下依赖：\nGit\nDocker\nPython 3",
        "Git\nDocker\nPython 3",
        1.0,
    )
    assert phrase(analyse("依赖的版本管理工具叫什么？"), TOOLS, sentence, spans)[1].of(TOOLS) == "Git"


@given(st.text("以下如下三个：:。.\n  水茶a1、-", max_size=80), st.integers(0, 80), st.integers(0, 80))
def test_unmarked_lines_lie_below_their_announcement(text, one, other):
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    found = lines_below(text, Span(start, end))
    if found:
        whole, items = found
        assert whole == Span(start, items.end)
        assert end < items.start < items.end <= len(text)
        assert 2 <= items.of(text).count("\n") + 1 <= MOST_ITEMS
        assert items.of(text).strip() == items.of(text)
