"""Greetings, thanks, chat and questions about the tool itself: a short reply, never a passage."""

from __future__ import annotations

import re

from embeddings.words import fold

_HEAR = r"(?:[,，!！。.~～?？、\s啊呀呢吧哦嗯了哈]|please|there|guys|everyone|各位|大家)*"
_KINDS = {
    "greeting": r"(?:你好|您好|大家好|嗨|哈喽|哈啰|早上好|早安|上午好|中午好|下午好|晚上好|晚安|在吗|在不在|有人吗|hi|hello|hey|good (?:morning|afternoon|evening|day|night)|how are you(?: doing| today)?|what's up|你好吗|最近(?:怎么样|好吗|如何)|你(?:最近)?怎么样|你?吃(?:饭)?了(?:吗|没)|早)",
    "thanks": (
        r"(?:(?:真的?|非常|多|十分|太|好)?(?:谢谢|感谢)(?:你|您|你们|了|啦|咯|喽|你的(?:回答|帮助|帮忙))?|谢(?:了|啦|咯|喽)|(?:太)?麻烦(?:你|您)(?:了|啦)|多谢|(?:你|您)?辛苦(?:你|您)?(?:了|啦)?"
        r"|(?:你|您)?(?:真|好|太|可真|真是|很|挺)(?:的)?(?:棒|厉害|聪明|牛|强|赞|行|能干|不错|贴心|有用)(?:了|啦|死了)?|厉害|点赞|干得(?:好|漂亮)|答得(?:好|不错|对)|说得(?:好|对)|(?:很|真|太)?有(?:帮助|用)|帮(?:了我)?(?:大|了大)忙|长知识|学到(?:了|很多)"
        r"|thanks?(?: you)?(?: (?:so|very) much| a (?:lot|million|bunch)| again)?(?: for (?:your|the|all your) help| for (?:that|this|helping))?|thank you(?: (?:so|very) much)?(?: for (?:your|the|all your) help| for (?:that|this|helping))?|thx|cheers|much appreciated|appreciate it"
        r"|(?:great|good|nice|well|excellent) (?:job|work|answer|done)|well done|awesome|amazing|brilliant|(?:that|this|it)(?:'s| is| was)? (?:helps|helped|helpful|very helpful|useful|great|perfect|nice|interesting|amazing|awesome|all|enough|clear)(?: a lot)?(?: me)?|(?:very |so )?(?:helpful|useful)|(?:you're|you are) (?:so |very |really )?(?:great|smart|good|helpful|awesome|amazing|clever|the best))"
    ),
    "heard": (
        r"(?:好的|好吧|好|行|可以|不错|很好|太好|(?:我)?(?:明白|知道|了解|懂|清楚)|收到|没事|没什么|没关系|没问题|不用|不用谢|算了|原来(?:如此|是?这样)|这样啊|够|就这(?:样|些)|没(?:有)?(?:别的|其他)?(?:问题|事)"
        r"|great|ok|okay|alright|all right|fine|nice|cool|perfect|got it|i see|understood|makes sense|never ?mind|no problem|sure|yes|no|yep|nope)"
    ),
    "sorry": r"(?:对不起|不好意思|抱歉|打扰(?:你|您)?(?:了|啦)?|sorry(?: about that)?|my bad|i apologi[sz]e|excuse me)",
    "wish": r"(?:(?:祝(?:你|您|大家)?)?(?:新年|春节|元旦|节日|生日|中秋|中秋节|国庆|端午|圣诞|圣诞节|周末|元宵节|过年)(?:快乐|愉快|好)|恭喜发财|happy (?:new year|birthday|holidays|weekend)|merry christmas|have a (?:nice|good|great) (?:day|weekend|evening))",
    "chat": (
        r"(?:(?:给我)?(?:讲|说)(?:个|一个|点)?(?:笑话|故事)(?:听听|吧)?|(?:陪我|跟我|和我|我们)(?:聊聊|聊聊天|聊天|说说话|聊会儿|聊会儿天)|(?:给我)?唱(?:个|首)歌|(?:请)?(?:帮我|给我)?(?:写|作|画)(?:一)?(?:首诗|首歌|篇作文|篇文章|封信|封邮件|段代码|个程序|张画|幅画)|你会(?:写诗|写作文|写代码|编程|唱歌|跳舞|画画|下棋|翻译|做饭|说英语|英语|骗人|死)吗|你能(?:上网|联网|看图|画画|写代码|听懂我说话)吗|(?:今天|明天|现在|外面)(?:的)?天气(?:怎么样|如何|好吗)|(?:现在|今天)(?:是)?(?:几点|几号|星期几|周几)"
        r"|你(?:爱|喜欢)我吗?|(?:我)?(?:爱|喜欢|想|讨厌|恨)你|你(?:开心|高兴|累|困|饿|无聊|孤单)吗|你在(?:干嘛|干什么|做什么|忙什么)|你睡了吗"
        r"|(?:我(?:好|真|很|太)?|好|真|很|太)(?:无聊|累|困|烦|开心|难过|饿)(?:死)?|无聊|你(?:真|好|太)?(?:笨|傻|蠢|差劲|没用)|真(?:垃圾|没用|差劲)"
        r"|tell me a (?:joke|story)|sing (?:me )?a song|write (?:me )?(?:a|an) (?:poem|story|essay|email|song|letter)|can you (?:sing|dance|draw|code|write code|write a poem|translate|speak chinese|speak english|browse the web)|i(?:'m| am) (?:so )?(?:bored|tired|sad|happy|hungry)|i (?:love|like|hate|miss) you|do you (?:love|like) me|are you (?:happy|ok|okay|there)|what(?:'s| is) the (?:weather(?: like)?(?: today| tomorrow)?|time)|what (?:time|day) is it(?: today| now)?|let's (?:chat|talk)|talk to me|you(?:'re| are) (?:so )?(?:stupid|useless|dumb))"
    ),
    "farewell": r"(?:再见|拜拜|回头见|明天见|bye|goodbye|bye bye|see you(?: later)?)",
    "tool": (
        r"(?:(?:请问)?[你您]们?(?:是谁|叫什么(?:名字)?|是什么(?:东西|工具|软件|模型|人)?|能(?:做|干|帮我做|帮我)?(?:些)?什么|会(?:做|干)?(?:些)?什么|可以(?:做|干|帮我做|帮我)?(?:些)?什么|有什么(?:功能|用|本事)|能回答(?:什么|哪些)(?:样的)?问题|是(?:个)?机器人吗|是(?:个)?(?:ai|人工智能|真人|人|chatgpt|gpt)吗|怎么用|怎么使用|怎么工作的?|是(?:谁|哪家公司|哪个公司|什么公司)(?:做|开发|创造|设计)(?:出来)?的)|谁(?:做|开发|创造|设计)(?:了|出了?)?[你您](?:的)?"
        r"|(?:这(?:个)?(?:网站|工具|软件|系统|程序|页面|东西)?)(?:是(?:做|干)什么(?:用)?的|怎么用|怎么使用|能做什么|有什么(?:功能|用)|是什么(?:网站|工具|软件|系统|程序)?)|怎么使?用|如何使用|帮助|使用说明|我(?:可以|能|该)(?:问|怎么问)(?:你)?(?:些)?(?:什么|啥|哪些)?(?:问题)?"
        r"|介绍一下(?:你)?自己|自我介绍一下?"
        r"|who are you|what are you|who (?:made|built|created|developed) you|what(?:'s| is) your name|what can you do(?: for me)?|what do you do|how do (?:you|i|this) (?:work|use (?:this|you|it))|how does (?:this|it) work|what is this(?: tool| site| page)?|what can i ask(?: you)?|are you (?:a |an )?(?:bot|robot|ai|human|person|chatgpt|real person)|help(?: me)?|can you help(?: me)?|tell me about yourself)"
    ),
}
_PATTERNS = {name: re.compile(rf"{_HEAR}(?:{body}{_HEAR}){{1,4}}") for name, body in _KINDS.items()}
_CIVIL = "|".join(_KINDS[name] for name in ("greeting", "thanks", "heard", "sorry", "wish", "farewell"))
_PATTERNS["civil"] = re.compile(rf"{_HEAR}(?:(?:{_CIVIL}){_HEAR}){{1,4}}")
_WITH_GREETING = re.compile(rf"{_HEAR}(?:{_KINDS['greeting']}|{_KINDS['thanks']}){_HEAR}(?={_KINDS['tool']})")
_SOUND, _MARKS = "哈呵嘿嘻啊哦喔噢嗯唔额呃唉哎诶呀", r"!！?？。.,，、…~～\s"
_SOUNDS = re.compile(
    rf"[{_SOUND}{_MARKS}]*(?:[{_SOUND}]|(?:ha)+h?|lol|h+m+|u+m+|uh|oh|wow)[{_SOUND}{_MARKS}]*"
)
_REPLIES = {
    "greeting": (
        "你好！请问一个文章里能回答的问题，我会用文章里的原话回答，并指出出处。",
        "Hello! Ask something that the articles may answer: you get their own words, with the source.",
    ),
    "thanks": ("不客气。还想知道什么，接着问就好。", "You are welcome. Ask on whenever you like."),
    "heard": ("好，还想知道什么，接着问就好。", "All right. Ask on whenever you like."),
    "sorry": ("没关系。还想知道什么，接着问就好。", "No problem. Ask on whenever you like."),
    "wish": (
        "谢谢，也祝你愉快！还想知道什么，接着问就好。",
        "Thank you, and the same to you! Ask on whenever you like.",
    ),
    "chat": (
        "这个我不会，我只在这些文章里找答案。请问一个文章里能回答的问题。",
        "That is not for me: I only look for answers in these articles. Ask something that they may answer.",
    ),
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
    """A short reply to a greeting, to thanks and the like, to chat, to a farewell or to a question about the tool, in the
    question's language; "" for any other question, one that only opens with a greeting too.

    ``talking``: something was asked before, so that "how does it work?" need not mean the tool.
    """
    if len(question) > LONGEST:
        return ""
    folded = " ".join(fold(question).replace("’", "'").split())
    rest = _WITH_GREETING.sub("", folded, count=1)
    if _SOUNDS.fullmatch(folded):
        return _REPLIES["heard"][folded.isascii()]
    for name, pattern in _PATTERNS.items():
        if name == "tool" and talking and not _OF_THE_TOOL.search(folded):
            continue
        if pattern.fullmatch(folded) or (name == "tool" and pattern.fullmatch(rest)):
            return _REPLIES[name][folded.isascii()]
    return ""


LONGEST = 60
"""Characters; what is longer is no small talk."""

_OF_THE_TOOL = re.compile(r"[你您]|网站|工具|软件|系统|程序|\byou\b|\byour(?:self)?\b|\bhelp\b|\btool\b")
