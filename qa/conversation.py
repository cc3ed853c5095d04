"""Follow-up questions written out: what "and the other one?" asks, from the exchanges before it.

Pure and deterministic, in the manner of rule-based query rewriting (Elgohary et al. 2019, CANARD, name the
cases): a pronoun becomes what it stands for, "what about X?" takes X into the question before, a bare
question word asks it of the statement before, and a question without a subject gets the topic.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from embeddings.segment import is_word
from embeddings.words import STOPWORDS, fold, words
from qa.about import about
from qa.bilingual import in_chinese
from qa.instead import in_full, instead
from qa.items import NTH, nth
from qa.onward import goes_on
from qa.pronouns import PRONOUN, SENTENCE_END, names_anew, put, resolved, thing_answered
from qa.topic import ASKING, ASKS, DOUBTFUL, Exchange, exchange, joined, topic

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Rule = Callable[[str, Sequence[Exchange]], tuple[str, ...] | None]

__all__ = ["Exchange", "exchange", "standalone", "topic"]


def standalone(question: str, history: Sequence[Exchange]) -> tuple[str, ...]:
    """``question`` written out, the likeliest reading first; itself alone where it stands alone.

    Never empty. The newest exchange counts: what it took from those before is written out in it; only the
    topic, the person or the list that it lacks may also be that of the exchange before.
    """
    asked = _begun(_told(question))
    if not history or not asked:
        return (question,)
    for rule in RULES:
        found = rule(asked, history[-2:])
        if found is not None:
            return tuple(dict.fromkeys(text for text in found if text)) or (asked,)
    return (asked,)


def changes_subject(question: str) -> bool:
    """Whether the question says that it asks of something else than was spoken of before: "by the way, …"."""
    said = _BEGINS.match(fold(question.strip()))
    return bool(said and said["other"])


def _told(question: str) -> str:
    """The question without the words before it that ask nothing."""
    asked = question.strip()
    said = _BEGINS.match(fold(asked))
    return asked[said.end() :] if said else asked


_BEGINS = re.compile(
    r"(?:(?:(?P<other>(?:我们?)?换一?个(?:话题|问题|事儿?)吧?|(?:我们?)?说点别的吧?|顺便(?:再)?问(?:一下|一句)?|再问(?:一下|一个)?|by the way|btw|one more thing)"
    r"|对了|另外再?问(?:一下|一个)?|(?:ok|okay|now)(?=,))[,:。 ]+)+"
)
_SO = re.compile(rf"^(?:那么[，,]?|那[，,]|那(?=[他她它《]|{ASKING}))")
_SO_PERHAPS = re.compile(
    r"^那(?=[㐀-鿿]{3,})(?![一二两三四五六七八九十几半些种里儿边时次年天座条本家艘颗部件款台架场篇段份张块支只群会首届批项类人书船桥塔茶纸个位样名"
    r"幅封所道趟句把间栋枚根串棵朵扇匹双副页行节课轮波股阵幢辆匙顶具尊口头枝粒盏堵面滴株笔门则起桩顿番层环对国省市县村镇股方])"
)
"""那 that begins a question as "then", and is no part of what is asked."""


def _begun(asked: str) -> str:
    """``asked`` without a "then" at its beginning; 那曲 is a name, and so is 那英, where no word begins after 那."""
    plain = _SO.sub("", asked)
    named, follows = (any(is_word(plain[at : at + size]) for size in range(2, 6)) for at in (0, 1))
    return _SO_PERHAPS.sub("", plain) if follows and not named else plain


_SOMEONE = re.compile(r"[这那][个位]?人|作者|其中")
_THE_NTH = re.compile(
    r"(?P<zh>)(?:and )?(?P<en>the (?:first|second|third|fourth|fifth|last|other|next)(?: one)?)\??"
)
_BACK_TO = re.compile(
    r"(?:回到|再说说?|说回|回头说|再回到)(?P<what>[^,:]{1,20})[,:]\s*(?=.{2})|(?:(?:going )?back to) (?P<whom>[^,:]{1,40})[,:] (?=.{2})"
)
_OF_ARTICLES = re.compile(r"文章|[几多哪]篇|\b(?:articles?|posts?|pieces?)\b")
_BY_VERB = re.compile(r"[有是叫用由被要得做怎](?!人|些|的|没有|没).{1,8}$")
_STEP = re.compile(r"(?:第.|最后一)[个条点步项](?=[是叫怎有要在什呢])")
_THESE = re.compile(r"[这那](?:(?:几|些|[两二三四五六七八九十])[\u4e00-\u9fff]|个(?:国家|社会|年代|时代))")
_POINTS_AT = r"个|本[书文歌诗小杂]|座(?![位谈标])[㐀-鿿]|条(?![件例约理纹款目])[㐀-鿿]|位(?![置于数])[㐀-鿿]|家(?![乡长人庭里具务属族])[㐀-鿿]|艘|颗(?!粒)"
"""What follows 那 where it is "that" and not "then"."""
_WHAT_ABOUT = re.compile(
    rf"(?:那么|那(?!{_POINTS_AT})|还有|然后|而)?[,，]?(?P<zh>[^?？]{{1,24}}?)(?:又)?(?:怎么样)?呢[?？]?"
    r"|(?:(?:(?:and|then|ok|so),? )?(?:what|how) about|and) (?P<en>[^?]{1,60}?)\??",
)
_SO_IT_WAS = r"(?:was|is|did) (?:that|this|it) happen|was that|(?<=why )is (?:that|this)"
_BARE = re.compile(
    rf"(?:那么|那|这|然后|还有|又|具体|到底|究竟|是|在|于|有|因|从|到|向|跟|用|由|and|but|so|then|in|on|at|from|since|by|,|，|\s)*(?:哪一?[天年月]|哪[个所家座本条][㐀-鿿]{{0,3}}|几[月号日年点]|(?:what|which) (?:year|day|date|month|city|country|place|age)|多少[钱人]|{ASKS.pattern})(?:的事情?|的|了|是|呢|原因|发生|so|not|exactly|else|{_SO_IT_WAS}|\s)*[?？]?"
)
_GOES_ON = re.compile(r"(?:后来|然后|接着|之后|随后|最后(?![的一])|还|那时|当时|同时|此外)")
_FURTHER = frozenset("else also too still again more then exactly".split())
_THAT_IS = re.compile(_SO_IT_WAS, re.IGNORECASE)
COMMON = 1000
"""Occurrences in the segmenter's dictionary from which a word names nothing by itself."""
_OF_TIME_OR_PLACE = re.compile(
    r"什么时[候间]|何时|哪[一]?[年天里儿]|哪(?=[?？]|$)|几[月年日]|什么地方|何[处地]"
)
_THEN_ASKED = re.compile(r"(?:那么|那)?(?P<named>[^，,?？]{1,12})呢[，,]\s*(?P<asked>.{2,})")
_MEASURE_ASKED = re.compile(r"有?多[长高大远快重深宽](?=[?？]?$)")
_WITH_VERB = re.compile(
    r"(?:(?:what|which) \w+|what|who|when|where|why|how(?: (?:many|much|long|far|old|tall|big)(?: \w+)?)?) (?=(?:did|do|does|was|were|is|are|has|had|can|could|will|would|should)\b)"
)


def _back_to(asked: str, _history: Sequence[Exchange]) -> tuple[str, ...] | None:
    """The question after "back to X": X for its pronoun, or before it."""
    back = _BACK_TO.match(fold(asked))
    if not back:
        return None
    what = asked[slice(*back.span("what" if back["what"] else "whom"))]
    rest = asked[back.end() :]
    last = Exchange(what, title=what, text=f"{what} {what}")
    named = put(rest, last, what) if PRONOUN.search(fold(rest)) else ""
    return (named, joined(what, rest))


def _what_about(asked: str, history: Sequence[Exchange]) -> tuple[str, ...] | None:
    folded = fold(asked)
    both = _THEN_ASKED.fullmatch(asked)
    if both and ASKS.search(fold(both["asked"])):
        named = in_full(both["named"], history[-1])
        return tuple(joined(name, both["asked"]) for name in (named, both["named"]) if name)
    beside = _WHAT_ABOUT.fullmatch(folded) or _THE_NTH.fullmatch(folded)
    if not beside or ASKS.search(beside["zh"] or beside["en"]):
        return None
    if goes_on(asked):  # where the article says nothing more, "then" is nothing to be asked about
        return (history[-1].question,)
    return instead(asked[slice(*beside.span("zh" if beside["zh"] else "en"))], history)


def _nth(asked: str, history: Sequence[Exchange]) -> tuple[str, ...] | None:
    found = NTH.match(fold(asked))
    item = nth(found, history) if found else ""
    if found and item:
        return (item + asked[found.end() :],)
    return (joined(topic(history[-1]), asked), asked) if found and _STEP.match(asked) else None


def _bare(asked: str, history: Sequence[Exchange]) -> tuple[str, ...] | None:
    """A question word asked of the statement before: that question with its answer filled in."""
    if not _BARE.fullmatch(fold(asked)):
        return None
    last = history[-1]
    word = re.sub(r"^(?:and|but|so|then)\s+", "", _THAT_IS.sub("", asked), flags=re.IGNORECASE)
    word = re.sub(r"(?:的事情?|呢)(?=[?？]?$)", "", word.lstrip("那么这，, "))
    verb = _WITH_VERB.match(fold(last.question))
    if verb and word.isascii():
        return (f"{word.strip(' ?')} {last.question[verb.end() :]}",)
    told = _OF_TIME_OR_PLACE.search(fold(last.question)) or re.search("谁|哪位", fold(last.question))
    if told and _OF_TIME_OR_PLACE.search(fold(word)):
        start = told.start() - last.question[: told.start()].endswith("在")
        word = word.strip("?？").removeprefix("是")
        return (last.question[:start] + word + last.question[told.end() :],)
    measured, wanted = _MEASURE_ASKED.search(fold(last.question)), _MEASURE_ASKED.match(fold(word))
    if measured and wanted:  # 有多长 and then 有多宽: one measure for another
        return (last.question[: measured.start()] + word,)
    asks = ASKS.search(fold(last.question))
    without = last.question if not asks else last.question[: asks.start()] + last.question[asks.end() :]
    found = [joined(without.strip("？?吗呢 "), word)]
    if asks and last.answer and len(last.answer) <= 40 and not ASKS.search(fold(last.answer)):
        after = last.question[asks.end() :]
        after = after[1:] if after[:1] == last.answer[-1] else after
        filled = last.question[: asks.start()] + last.answer + after
        filled = joined(filled.rstrip("？?吗呢 "), word)
        found = [filled] if last.confidence >= DOUBTFUL else [*found, filled]
    return tuple(found)


def _pronoun(asked: str, history: Sequence[Exchange]) -> tuple[str, ...] | None:
    return resolved(asked, history) or None


def _of_work(asked: str, history: Sequence[Exchange]) -> tuple[str, ...] | None:
    """The author, or the title, of the book that was answered: not that of the article."""
    last = history[-1]
    if not re.fullmatch(r"《[^》]+》", last.answer) or not re.match(r"(?:它的)?(?:作者|书名)", fold(asked)):
        return None
    return (f"{last.answer}的{asked.removeprefix('它的')}",)


def _back_then(asked: str, history: Sequence[Exchange]) -> tuple[str, ...] | None:
    """A question of the time that was just spoken of: the statement before, and what was asked."""
    folded, last = fold(asked), history[-1]
    asks = ASKS.search(fold(last.question))
    if not re.search(r"当时|那时候?|at the time", folded) or not asks or len(last.answer) > 40:
        return None
    told = last.question[: asks.start()].removesuffix("是") + last.answer + last.question[asks.end() :]
    alone = resolved(asked, history) or (asked,)
    rest = PRONOUN.sub("", asked, count=1) if PRONOUN.match(folded) else asked
    return (*alone, joined(told.strip("？? "), rest))


def _without_subject(asked: str, history: Sequence[Exchange]) -> tuple[str, ...] | None:
    # 谁写的？ speaks of the article at hand, not of its topic.
    if about(asked) or not _has_no_subject(fold(asked), history[-1]):
        return None
    named = _of_topics(asked, history)
    # 还珠格格是谁写的 only looks as if it went on.
    return (*named, asked) if _GOES_ON.match(fold(asked)) else named


def _naming_nothing(asked: str, history: Sequence[Exchange]) -> tuple[str, ...] | None:
    last = history[-1]
    if not _names_nothing(asked, fold(asked), last):
        return None
    named = _of_topics(asked, [before for before in history if before.article == last.article])
    return (*named, asked) if _BY_VERB.match(asked) else (asked, *named)


def _of_topics(asked: str, history: Sequence[Exchange]) -> tuple[str, ...]:
    """``asked`` of each topic, the last first, then of the thing that was answered last; as it is where it begins with
    another of the kind of the last topic (隋朝 after 周朝), which the article has.
    """
    topics, last = [topic(before) for before in reversed(history)], history[-1]
    own, other = fold(topics[0]), fold(asked[: len(topics[0])])
    alike = 1 < len(own) <= SHORT and not own.isascii() and other[-1] == own[-1]
    if alike and other != own and other in fold(last.text):
        return (asked,)
    return tuple(joined(name, asked) for name in (*topics, thing_answered(last)) if name)


SHORT = 3
"""Characters of a name up to which one that ends alike is another of its kind, and no part of it."""


def _these(asked: str, history: Sequence[Exchange]) -> tuple[str, ...] | None:
    these = _THESE.search(fold(asked))
    if not these or names_anew(asked[: these.start()], history[-1]):
        return None
    return (joined(topic(history[-1]), asked), asked)


RULES: tuple[Rule, ...] = (
    _back_to, _what_about, _nth, _bare, _of_work, _back_then, _pronoun, _without_subject, _naming_nothing, _these,
)  # fmt: skip
"""Ways to write a question out, in the order they are tried; None from those that are not meant."""


def _names_nothing(asked: str, folded: str, last: Exchange) -> bool:
    """Whether all that a short question names is common words, or words of the last article."""
    own = fold(topic(last))
    if not own or own in folded or not last.text or len(folded) > (60 if folded.isascii() else 20):
        return False
    if about(asked) or _OF_ARTICLES.search(folded) or SENTENCE_END.search(folded) or _SOMEONE.match(folded):
        return False
    if re.search(r"(?<=\w) [A-Z]", asked):
        return False
    text = fold(f"{last.title}\n{last.text}")
    terms = [
        word for word in words(ASKS.sub(" ", folded)) if len(word.term) > 1 and word.term not in _FURTHER
    ]
    return all(
        bool(in_chinese(word.term)) and asked[word.start : word.start + 1].islower()
        if word.term.isascii() and word.term.isalpha()
        else is_word(word.term.lstrip("最很更"), COMMON) or len(word.term.lstrip("最很更")) < 2
        for word in terms
        if folded[word.start : word.end] not in text
    )


def _has_no_subject(folded: str, last: Exchange) -> bool:
    """Whether the question names nothing new: all its few words are words of the last article, and the
    topic is not among them.
    """
    own = fold(topic(last))
    if not own or own in folded or not last.text:
        return False
    bare = ASKS.sub(" ", folded)
    held = [word for word in words(bare) if len(word.term) > 1 or word.term.isascii()]
    if _GOES_ON.match(folded):
        return len(held) <= 4
    size = sum(char.isalnum() and char not in STOPWORDS for char in bare)
    if bare.isascii():
        return False
    text, title = fold(last.text), fold(last.title)
    return size <= 8 and all(word.term in text and word.term not in title for word in held)
