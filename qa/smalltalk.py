"""Greetings, thanks and questions about the tool itself: a short reply, never a passage."""

from __future__ import annotations

import re

from embeddings.words import fold

_HEAR = r"(?:[,，!！。.~～?？、\s啊呀呢吧哦嗯了哈]|please|there|guys|everyone|各位|大家)*"
_KINDS = {
    "greeting": r"(?:你好|您好|大家好|嗨|哈喽|哈啰|早上好|早安|上午好|中午好|下午好|晚上好|晚安|在吗|在不在|有人吗|hi|hello|hey|good (?:morning|afternoon|evening|day|night)|how are you(?: doing| today)?|what's up|你好吗|最近怎么样|吃了吗)",
    "thanks": r"(?:(?:非常|多|十分|太)?(?:谢谢|感谢)(?:你|您|你们|了|你的(?:回答|帮助))?|多谢|谢啦|辛苦|thanks?(?: you)?(?: (?:so|very) much| a lot)?|thank you(?: (?:so|very) much)?|thx|great|good job|好的|不错|很好|太好|明白|知道|ok|okay|了解|收到)",
    "farewell": r"(?:再见|拜拜|回头见|明天见|bye|goodbye|bye bye|see you(?: later)?)",
    "tool": (
        r"(?:(?:请问)?[你您]们?(?:是谁|叫什么(?:名字)?|是什么(?:东西|工具|软件|模型|人)?|能(?:做|干|帮我做|帮我)?(?:些)?什么|会(?:做|干)?(?:些)?什么|可以(?:做|干|帮我做|帮我)?(?:些)?什么|有什么(?:功能|用|本事)|能回答(?:什么|哪些)(?:样的)?问题|是机器人吗|是(?:个)?(?:ai|人工智能|真人|人|chatgpt|gpt)吗|怎么用|怎么使用|怎么工作的?)"
        r"|(?:这(?:个)?(?:网站|工具|软件|系统|程序|页面|东西)?)(?:是(?:做|干)什么的|怎么用|怎么使用|能做什么|有什么(?:功能|用)|是什么)|怎么使?用|如何使用|帮助|使用说明|我(?:可以|能|该)(?:问|怎么问)(?:你)?(?:些)?(?:什么|啥|哪些)?(?:问题)?"
        r"|介绍一下(?:你)?自己|自我介绍一下?"
        r"|who are you|what are you|what(?:'s| is) your name|what can you do(?: for me)?|what do you do|how do (?:you|i|this) (?:work|use (?:this|you|it))|how does (?:this|it) work|what is this(?: tool| site| page)?|what can i ask(?: you)?|are you (?:a |an )?(?:bot|robot|ai|human|person|chatgpt|real person)|help(?: me)?|can you help(?: me)?|tell me about yourself)"
    ),
}
_PATTERNS = {name: re.compile(rf"{_HEAR}(?:{body}{_HEAR})+") for name, body in _KINDS.items()}
_CIVIL = "|".join(_KINDS[name] for name in ("greeting", "thanks", "farewell"))
_PATTERNS["civil"] = re.compile(rf"{_HEAR}(?:(?:{_CIVIL}){_HEAR})+")
_WITH_GREETING = re.compile(rf"{_HEAR}(?:{_KINDS['greeting']}|{_KINDS['thanks']}){_HEAR}(?={_KINDS['tool']})")
_REPLIES = {
    "greeting": (
        "你好！请问一个文章里能回答的问题，我会用文章里的原话回答，并指出出处。",
        "Hello! Ask something that the articles may answer: you get their own words, with the source.",
    ),
    "thanks": ("不客气。还想知道什么，接着问就好。", "You are welcome. Ask on whenever you like."),
    "farewell": ("再见！", "Goodbye!"),
    "civil": ("不客气。还想知道什么，接着问就好。", "You are welcome. Ask on whenever you like."),
    "tool": (
        (
            "我在这些文章里找答案：给出能回答问题的原话，标出它在哪一篇、哪一句，以及有多大把握；文章里没有的，会直说没有。"
            "可以问事实（谁、什么时候、多少、为什么、有哪些），可以追问，也可以问某篇文章的作者、日期、标签，或有哪些文章。"
        ),
        (
            "I look for answers in these articles: I give the very words that answer, where they stand and how sure that "
            "is, or say that the articles do not say. Ask for facts (who, when, how many, why, which), ask on, or ask about "
            "an article itself: its author, its date, its tags, or which articles there are."
        ),
    ),
}


def remark(question: str, *, talking: bool = False) -> str:
    """A short reply to a greeting, to thanks, to a farewell or to a question about the tool, in the
    question's language; "" for any other question, one that only opens with a greeting too.

    ``talking``: something was asked before, so that "how does it work?" need not mean the tool.
    """
    if len(question) > LONGEST:
        return ""
    folded = " ".join(fold(question).replace("’", "'").split())
    rest = _WITH_GREETING.sub("", folded, count=1)
    for name, pattern in _PATTERNS.items():
        if name == "tool" and talking and not _OF_THE_TOOL.search(folded):
            continue
        if pattern.fullmatch(folded) or (name == "tool" and pattern.fullmatch(rest)):
            return _REPLIES[name][folded.isascii()]
    return ""


LONGEST = 60
"""Characters; what is longer is no small talk."""

_OF_THE_TOOL = re.compile(r"[你您]|网站|工具|软件|系统|程序|\byou\b|\byour(?:self)?\b|\bhelp\b|\btool\b")
