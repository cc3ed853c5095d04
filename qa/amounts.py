"""What kind of amount a question asks for, and what finds one: 多少钱 wants money, 几点 a time of day."""

from __future__ import annotations

import re
from functools import lru_cache

_N = r"(?:\d[\d,.]{0,15}+|[零〇一二两三四五六七八九十百千万亿几数半]{1,12})\s{0,2}[多余来几]?\s{0,2}[十百千万亿]{0,4}\s{0,2}[多余]?"
_ENGLISH = (
    r"(?:\d[\d,.]{0,15}+|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|hundred|thousand|million)\b)"
    r"(?: (?:hundred|thousand|million|billion))?"
)
_MUCH = r"[是有要得达为共了过到约能]{0,2}(?:多少|几)"
_ASKS = r"(?:[是有要得达为共了过到约能在占]{0,2}(?:多少|几|多[高大快重低])|[是]?[？?]?$|是什么[？?]?$|怎么样)"
"""What follows a noun (price, area, speed) of which the amount is asked for."""
_UNLIKE = r"(?!\s*(?:个?(?:年|月|小时|钟头|季度|世纪|城市|国家|地方|部门|省|县|村|项目|问题)|天|分钟|时间|秒|周|张|本|次|回|人|名|位|亩|公里|米|辆|台|架|座|颗|只|头|条|家|场|套|件|篇|部|层|度))"

_KINDS = (
    # how it is asked for; how it is written. The first kind that is asked for counts.
    (
        r"几[月]几?[号日]|几[号日]|哪一?天|什么日子|\b(?:what|which) (?:day|date)\b",
        r"(?:\d{1,2}|[一二三四五六七八九十廿]{1,3})\s{0,2}[日号]|[今昨前明当]天|(?:周|星期|礼拜)[一二三四五六日天]|[春国除]节|元旦|中秋|端午|除夕|清明",
    ),
    (
        (r"多(?:久|长时间)|(?:多少|几)个?(?:年|月|天|小时|钟头|分钟|秒|周|星期|世纪|时间)(?![代份初底])"
        r"|\bhow long (?:did|does|do|will|would|has|have|had|can|could|should|must|before|until|after)\b|\bhow many (?:years|months|days|hours|minutes|seconds|weeks)"),
        rf"{_N}\s{{0,2}}个?(?:年|月|天|日|小时|钟头|分钟|分|秒|周|星期|世纪|季度|代)|半[年天]|{_ENGLISH} (?:years?|months?|days?|hours?|minutes?|seconds?|weeks?|decades?|centur)",
    ),
    (
        r"(?:多少|几)[个名位口]?(?:人(?!民币)|代表|专家|学生|员工|选手|观众|游客|党员|干部|职工|居民|户)|多少[名位口]|人[数口]"
        + _ASKS
        + r"|\bhow many (?:people|persons|men|women|students|employees|workers|visitors|players|members)",
        rf"{_N}\s{{0,2}}(?:名|位|人(?!民币)|口|户)|{_ENGLISH} (?:\w+ )?(?:people|persons|men|women|students|employees|workers|visitors|players|members)",
    ),
    (
        r"几[次回遍趟]|多少[次回遍趟]|\bhow (?:often|many times)\b",
        rf"{_N}\s{{0,2}}(?:次|回|遍|趟)|\b(?:once|twice)\b|{_ENGLISH} times",
    ),
    (
        r"面积" + _ASKS + r"|(?:多少|几)(?:万)?(?:平方|亩|公顷|平米)|\bhow (?:large|big) (?:an |is the |was the )?area\b",
        rf"{_N}\s{{0,2}}(?:平方|平米|公顷|亩|顷)|\d\s?(?:square|acres?|hectares?)",
    ),
    (
        r"多重(?!要|视)|[体净]?重量?" + _ASKS + r"|(?:多少|几)(?:毫?克|千克|公斤|斤|吨)|\bhow heavy\b|\bhow much .*\bweigh",
        rf"{_N}\s{{0,2}}(?:毫克|千克|公斤|克|斤|吨)|\d\s?(?:k?g|mg|lbs?|pounds?|tons?|grams?|kilograms?)\b",
    ),
    (
        r"多[长远高宽深厚粗](?!时间)|(?:多少|几)(?:公里|千米|厘米|毫米|米|里路)|(?:海拔|身高|直径|全长|距离)" + _ASKS + r"|\bhow (?:far|tall|high|wide|deep|thick)\b",
        rf"{_N}\s{{0,2}}(?:公里|千米|厘米|毫米|海里|公尺|公分|英里|英尺|英寸|光年|米|里|尺|丈|寸|层)|\d\s?(?:km|cm|mm|m|ft)\b|{_ENGLISH} (?:kilomet|met(?:er|re)s?|feet|foot|miles?|inch)",
    ),
    (
        r"多快|[时车流网]?速度?" + _ASKS,
        rf"{_N}\s{{0,2}}(?:公里|千米|米|英里|马赫|节|km|[mgk]bps)|\d\s?(?:mph|km/h)",
    ),
    (
        r"热量" + _ASKS + r"|多少[大千]?卡|\bhow many calories\b",
        rf"{_N}\s{{0,2}}(?:[大千]卡|卡路里|千焦)|\d\s?(?:k?cal)|calor",
    ),
    (
        r"(?:多少|几)(?:摄氏)?度|温度?" + _ASKS + r"|多[热冷烫]|\bhow (?:hot|cold)\b|\bwhat temperature",
        rf"{_N}\s{{0,2}}(?:摄氏度|华氏度|度|°|℃)|\d\s?(?:degrees?)",
    ),
    (
        r"多大(?:年[纪龄]|岁数|了|的?(?:人|孩子))|[几多][少]?岁|年[龄纪]" + _ASKS + r"|\bhow old\b|\bwhat age\b",
        rf"{_N}\s{{0,2}}周?岁|\d+ years? old|\baged? (?:of )?\d|\d-year-old",
    ),
    (
        r"几点(?!几|建议|意见|要求|原因|好处|注意)|\b(?:what|which) time\b",
        r"(?:\d{1,2}|[一二三四五六七八九十两]{1,3})\s{0,2}[点时](?!间)|\d{1,2}[:：]\d\d|\d\s?[ap]\.?m",
    ),
    (
        (rf"多少(?:块|毛)?钱|几(?:百|千|万|亿)?[块毛元](?:钱)?|多少(?:万|亿)?(?:块|[美欧日港韩]?元|英镑|美金)|多贵"
        rf"|(?:价[格钱位]|[票房售单股原]价|造价|市值|身价|[奖罚资佣租押]金|工资|薪[水酬]|[月年]薪|费用|营业?收入?){_ASKS}"
        rf"|(?:收入|利润|成本|预算|投资|金额|总额|估值|欠债|贷款|赔偿?|罚款?|花|卖|赚|亏|捐){_MUCH}{_UNLIKE}"
        r"|\bhow much (?:money|did|does|do|was|were|is|are)\b.*\b(?:cost|pay|paid|spend|spent|raised?|worth|earn(?:ed)?|sell|sold|invest(?:ed)?)|\b(?:what|which) (?:is the |was the )?(?:price|salary)\b"),
        rf"{_N}(?:元|块|美元|美金|欧元|英镑|日元|港元|港币|韩元|卢[布比]|人民币|毛钱|分钱|法郎|里拉)|\d[万亿](?=[,，。；;、:：()（）\s]|$)|[$¥€£]\s?\d|{_ENGLISH} (?:dollars?|euros?|pounds?|yuan|yen)",
    ),
    (
        rf"百分之[几多]|几成|(?:比[例重率]|占比|[涨跌增降]幅|[利税汇费]率|率){_ASKS}|(?:增长|上涨|下降|下跌|提高|占了?|涨了?|跌了?)(?:了|有|到)?多少{_UNLIKE}|\bpercent(?:age)?\b|\bwhat (?:share|proportion)",
        r"\d[\d.]{0,8}\s?(?:%|‰|个?百分点)|[百千]分之|(?:\d|[一二三四五六七八九两])成|\d\s?percent|[一二三四五六七八九十]分之",
    ),
    (
        r"几月(?!几)|哪一?个月|\bwhat month\b",
        r"(?:\d{1,2}|[一二三四五六七八九十]{1,2})\s{0,2}月|\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b",
    ),
    (
        r"[哪何]一?年|什么年份|几几年|\b(?:what|which) year\b",
        r"(?:\d{2,4}|[一二三四五六七八九〇零]{2,4})\s{0,2}年|[去今前后同次]年|\b(?:1\d|20)\d\d\b",
    ),
)  # fmt: skip
_COMPILED = [(re.compile(asked), re.compile(written)) for asked, written in _KINDS]
_OTHER = re.compile(r"谁|为什么|为啥|为何|怎么会|影响|哪[个些种](?!月)|\b(?:who|why|where)\b")
"""Where one of these asks, an amount is only spoken of."""


@lru_cache(maxsize=64)
def amount(folded: str) -> re.Pattern[str] | None:
    """What finds, in folded text, an amount of the kind that a folded question asks for; None where it asks none.

    Evidence only: what is meant may be written otherwise.
    """
    if _OTHER.search(folded) and not re.search(r"多少|几|多[久长大高远重]", folded):
        return None
    return next((written for asked, written in _COMPILED if asked.search(folded)), None)
