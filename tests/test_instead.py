import pytest

from qa.instead import in_full, instead
from qa.topic import Exchange

RIVER = "鱼嘴把岷江分为内江和外江：内江用来灌溉，外江用来排洪。青城山与都江堰一起列入。都江堰。内江河床低。"
ORBITS = "中圆地球轨道 | 24颗 | 约21500公里\n地球静止轨道 | 3颗 | 约35786公里\n卫星、卫星、卫星"


@pytest.mark.parametrize(
    ("named", "question", "text", "asked"),
    [
        ("另一个", "都江堰的内江是干什么用的？", RIVER, "都江堰的外江是干什么用的？"),
        ("另一条", "内江河床是什么样的？", RIVER, "外江河床是什么样的？"),
        ("另一条", "第一条主线是什么？", "另一条主线是壹企业。", "另一条主线是什么？"),
        ("高度", "中圆地球轨道有几颗卫星？", ORBITS, "中圆地球轨道的高度是多少？"),
        ("地球静止轨道", "中圆地球轨道的高度是多少？", ORBITS, "地球静止轨道的高度是多少？"),
        ("油", "一份红柚蛋糕放多少糖？", "红柚蛋糕、红柚蛋糕：糖 20g，油 15ml", "一份红柚蛋糕放多少油？"),
        ("料酒", "蒲烧茄子要放几毫升老抽？", "蒲烧茄子、蒲烧茄子：老抽，料酒", "蒲烧茄子要放几毫升料酒？"),
        ("俄罗斯的", "美国的卫星导航系统叫什么？", "", "俄罗斯的卫星导航系统叫什么？"),
        ("它的月活", "壹钱包的客户是谁？", "壹钱包和壹钱包", "壹钱包的月活是多少？"),
        ("十八号", "神舟十四号什么时候着陆？", "神舟十四号，神舟十四号", "神舟十八号什么时候着陆？"),
        ("Smeaton's light", "What was Winstanley's lamp made of?", "", "What was Smeaton's light made of?"),
        ("to his tower", "What happened to Winstanley?", "Winstanley and Winstanley", "What happened to Winstanley's tower?"),
        ("in 1980", "What happened there on 18 May 1982?", "", "What happened there in 1980?"),
        ("居庸关的", "八达岭隧道有多长？", "八达岭隧道、居庸关隧道、八达岭隧道", "居庸关隧道有多长？"),
        ("英国", "日本持有多少美国国债？", "美国国债，美国国债，美国国债", "英国持有多少美国国债？"),
        ("salt", "How much white bread flour do I need?", "", "How much salt do I need?"),
        ("the tunnel", "Who designed the bridge?", "The bridge, the bridge", "Who designed the tunnel?"),
        ("a tunnel", "Who designed the bridge?", "The bridge, the bridge", "Who designed a tunnel?"),
        ("青藏铁路的", "京张铁路是什么时候通车的？", "京张铁路，京张铁路", "青藏铁路是什么时候通车的？"),
        ("八达岭的", "京张铁路是谁设计的？", "京张铁路，京张铁路", "八达岭是谁设计的？"),
        ("到2030年", "江桥现在砸了多少钱？", "江桥，江桥", "到2030年江桥现在砸了多少钱？"),
        ("到2030年", "到2025年江桥砸多少钱？", "江桥，江桥", "到2030年江桥砸多少钱？"),
        ("splashdown", "When was the launch?", "", "When was splashdown?"),
    ],
)  # fmt: skip
def test_instead_the_first_reading_is_what_is_asked(named, question, text, asked):
    assert next(filter(None, instead(named, [Exchange(question, "", "", "", text)]))) == asked


GRILL = Exchange("羊排第一面烤多久？", "5 分钟", "", "羊排", "羊排第一面烤 5 分钟，羊排翻面。")


@pytest.mark.parametrize(
    ("named", "then"),
    [
        ("翻面以后", "翻面以后"),
        ("不翻的话", "不翻的话"),
        ("要是糊了", "要是糊了"),
        ("烤完后", "烤完后"),
        ("它翻面以后", "羊排翻面以后"),
    ],
)
def test_instead_another_occasion_replaces_nothing(named, then):
    own = then.removeprefix("羊排")
    assert instead(named, [GRILL]) == (f"羊排{own}会怎么样？", f"{then}，羊排第一面烤多久？")


def test_instead_while_something_else_happens_the_same_is_asked_first():
    assert instead("下雨的时候", [GRILL]) == ("下雨的时候，羊排第一面烤多久？", "羊排下雨的时候会怎么样？")


@pytest.mark.parametrize(
    "named",
    [
        "第二面",
        "太后",
        "博士后",
        "课时",
        "24小时",
        "90后",
        "最后",
        "三年以前",
        "十年前",
        "售后",
        "牛排的话",
        "小时候",
        "汉朝时",
        "日后",
    ],
)
def test_instead_what_only_ends_so_is_no_occasion(named):
    assert not any("会怎么样" in reading for reading in instead(named, [GRILL]))


def test_instead_of_what_is_only_spoken_of_the_same_is_asked():
    assert "牛排第一面烤多久？" in instead("牛排的话", [GRILL])


def test_instead_until_another_time_is_until_that():
    last = Exchange("工程推迟到2025年要多花多少钱？", "", "", "工程", "工程，工程。")
    assert instead("2026年", [last]) == instead("到2026年", [last]) == ("工程推迟到2026年要多花多少钱？",)


@pytest.mark.parametrize(
    ("question", "named", "readings"),
    [
        ("TiDB有哪几种状态？", "Changefeed", ("Changefeed有哪几种状态？", "TiDB的Changefeed是什么？")),
        ("红茶分哪几类？", "绿茶", ("绿茶分哪几类？", "红茶的绿茶是什么？")),
    ],
)
def test_instead_a_kind_is_no_thing_that_is_counted(question, named, readings):
    text = "TiDB、TiDB。红茶，红茶。"
    assert tuple(filter(None, instead(named, [Exchange(question, "", "", "", text)]))) == readings


@pytest.mark.parametrize(
    ("named", "full"), [("十八号", "神舟十八号"), ("神舟十八号", ""), ("返回舱", ""), ("号", "")]
)
def test_instead_the_end_of_a_name_is_the_name(named, full):
    assert in_full(named, Exchange("神舟十四号什么时候着陆？", text="神舟十四号，神舟十四号")) == full


def test_instead_whose_it_is_was_the_answer_and_is_not_asked_the_same():
    last = Exchange("Who designed the bridge?", "John Smeaton", "", "", "The bridge, the bridge")
    readings = [reading for reading in instead("his wife", [last]) if reading]
    assert list(dict.fromkeys(readings)) == [
        "Who is John Smeaton's wife?",
        "Who designed John Smeaton's wife?",
    ]
