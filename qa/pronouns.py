"""What a pronoun stands for, by what was asked and answered before."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from embeddings.words import fold
from qa.people import LATIN_NAME, WHO, name_answered, named, people
from qa.topic import ASKS, CHUNK, DOUBTFUL, topic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.topic import Exchange

SENTENCE_END = re.compile(r"[。！!;；]|\. ")
PRONOUN = re.compile(
    r"(?P<person>(?<![其吉])他们|她们|(?<![其吉])他(?!人|乡|们)|她(?!们))|(?P<place>那里|那儿|(?<![谁哪])那边|当地)"
    r"|(?P<thing>(?<!其)它们?|(?<!的)[这那该此](?:[个家条位座种项本部款次场台架艘颗类件支](?!(?:人|时候|月|星期|问题|说法|意思|世界|年代|时代|词|字|国家|社会)|(?<=条)[例约款理]|(?<=项)目|(?<=部)[门分]|(?<=家)[庭长]|(?<=场)(?:地(?!震)|合(?![作计唱]))|(?<=位)置|(?<=种)[子类]|(?<=款)[项式]|(?<=台)阶|(?<=次)[问说去怎他她]))"
    r"|(?<!的)这(?=[书文船塔庙桥车病药纸茶山河江铁钟城市路站人](?!章|件))"
    r"|(?<![应活早本理不也就又还总最真才正])该(?!文|篇|不该|怎|如何|[吃去]|做(?!法)|[填选买找改走换怪信听问写说算放穿住喝带](?=什么|啥|谁|哪|几|多|怎|[不吗了?？]|$))(?=[㐀-鿿])|(?<![尤极土耳莫与])其(?![他它中实次余]))"
    r"|\b(?P<en_person>he|she|him|her|his)\b|(?P<en_place>\bthere(?=\s*\??$))"
    r"|(?!(?<=when is )[a-z]+ \w)(?!(?<=what time is )it\s*\??$)\b(?P<en_thing>it(?! (?:is )?(?:said|true|possible|likely)\b)|its|they|them|their|(?<=is )(?:this|that)|(?<=was )(?:this|that)|(?<=did )(?:this|that)(?! happen)|(?:this|that)(?=\s*\??$))\b(?! (?:article|post|is it|know|say|call|costs? to|takes? to)\b)"
)
_NOUN_PHRASE = re.compile(r"(?P<thing>\b(?:the|an?) (?:[\w'’-]+ ){1,3}(?:of|on|in|at|for|from) [^?]+)\??$")
_WORD = r"(?!(?:is|was|were|are|be|did|does|do|has|had|come|came|go|went|lit|made|built|put|called|cut|used|found|left|in|on|at|by|for|from|to|with|and|that|which|who|of)\b)[\w'’-]+"
_THING = re.compile(
    rf"\b(?:the|an?|[A-Z][\w-]*(?: [A-Z][\w-]*)*['’]s) {_WORD}(?: {_WORD}){{0,2}}(?=$|\?| \w)"
)
_NO_PERSON = re.compile(
    r"什么时[候间]|何时|哪[一]?[年天里儿]|几|多[少久长大高远]|为什么|怎[么样]|\b(?:when|where|how|why)\b"
)
_WHERE = re.compile(r"哪里|哪儿|何处|何地|什么地方|\bwhere\b")
_WHO_WAS = re.compile(
    r"Who (?:was|is|were|are) (?P<whom>the .+?)(?=,? (?:when|who|that|which|in|on|at|of)\b|\?|$)",
    re.IGNORECASE,
)
_MANY = re.compile(r"\b(?!its\b|has\b|was\b|does\b)[a-z]{3,}(?<![su])s\b")
_SEVERAL = re.compile(r"[、和与及]|, | and ")
_PLURAL = ("they", "them", "their", "他们", "她们")


def resolved(asked: str, history: Sequence[Exchange]) -> tuple[str, ...]:
    """The readings of a question with a pronoun, the likeliest first; nothing where it has none that what was
    said before explains.
    """
    folded, last = fold(asked), history[-1]
    pronoun = PRONOUN.search(folded)
    if not pronoun or names_anew(asked[: pronoun.start()], last) or _own_name(asked, pronoun):
        return ()
    found = [put(asked, last, other) for other in _meant(pronoun, history)]
    return tuple(text for first in found for text in dict.fromkeys((first, _with_object(first, asked, last))))


def _meant(pronoun: re.Match[str], history: Sequence[Exchange]) -> list[str]:
    """What a pronoun may stand for, the likeliest first; "" for the topic, or who was answered last."""
    last, said = history[-1], pronoun.group()
    own = topic(last)
    who = _WHO_WAS.match(last.question)
    person = (pronoun.lastgroup or "").endswith("person")
    if person and who and not name_answered(last):
        return [who["whom"]]
    if person and not said.isascii():
        return _persons(history)
    others = [
        other for other in (_someone(history), *things(last.question)) if _stands_for(pronoun, other, last)
    ]
    if pronoun.lastgroup == "thing" and (answered := thing_answered(last)) and answered != own:
        return [answered, ""] if _CALLED.search(fold(last.question)) else ["", answered, *others]
    if said in ("they", "them", "their"):
        others = [*_MANY.findall(last.question), *others]
    # "It" is no one.
    no_one = others and said in ("it", "its") and any(_answers(own, before) for before in history)
    if no_one:
        return others
    # "The present lighthouse" says more than the topic, "lighthouse"; but no one is a lighthouse.
    whole = [
        other for other in others if own and own.isascii() and _THING.match(other) and other.endswith(own)
    ]
    return ["", *others] if person else [*whole[:1], "", *others]


def thing_answered(last: Exchange) -> str:
    """The name of the thing that an exchange gave for an answer, which 它 may mean; "" for none."""
    asked = fold(last.question)
    if not _WHAT.search(asked) or _NO_PERSON.search(asked) or last.confidence < DOUBTFUL:
        return ""
    name = last.answer.strip('《》“”"')
    return name if 1 < len(name) <= LONGEST_THING and not _NO_THING.search(name) else ""


LONGEST_THING = 12
"""Characters of an answer that 它 may mean."""
_WHAT = re.compile(r"什么|叫啥|哪(?:[一]?[个家款种座条所部艘只])")
_CALLED = re.compile(r"叫(?:什么|啥)")
_NO_THING = re.compile(r"[，,。！？；、（）()“”']|\s.*\s|\s\W|^[^\w/]|^\d|[年月日]$")


def _answers(name: str, before: Exchange) -> bool:
    return bool(WHO.search(fold(before.question))) and name_answered(before) == name


def _with_object(written: str, asked: str, last: Exchange) -> str:
    """``written`` with the topic for the object that 在哪里印的？ leaves out."""
    own = topic(last)
    bare = re.fullmatch(r".*[里儿处时候年月天谁](?P<done>[㐀-鿿]{1,2})的[?？]?", fold(asked))
    done = bare and bare["done"] in fold(last.question).replace(fold(own), "")
    return f"{written.rstrip('?？')}{own}？" if done and own and own not in written else written


def _persons(history: Sequence[Exchange]) -> list[str]:
    """Whom 他 or 她 may mean, the likeliest first: where that does not look like a person's name, also those whom
    the last answers and the sentence of the first name, and who were not in the question.
    """
    first, last = _person(history), history[-1]
    if first and first in named(first, last.text):
        return [first]
    told = "\n".join((*last.further, last.sentence))
    said = [name for name in named(told, last.text) if re.search("[·•]", name) or last.text.count(name) > 1]
    known = fold(last.question)
    new = [name for name in said if not any(part in known for part in re.split("[·•]", fold(name)))]
    return [first, *new[:MOST_PERSONS]]


MOST_PERSONS = 2
"""People named beside an answer whom a pronoun may mean."""


def _person(history: Sequence[Exchange]) -> str:
    """Whom 他 or 她 means where the last question did not ask who: the one it names, or the one before."""
    last = history[-1]
    who = name_answered(last) if WHO.search(fold(last.question)) else ""
    if who and not _SEVERAL.search(who):
        return who
    for before in reversed(history):
        known = f"{before.title}\n{before.text}"
        found = people(before.question, known)
        if found:
            return found[0]
        if WHO.search(fold(before.question)) and name_answered(before):
            return name_answered(before)
    return ""


def put(asked: str, last: Exchange, other: str = "") -> str:
    """``asked`` with its pronouns replaced by what they stand for, or by ``other``."""
    folded = fold(asked)
    own, answer = other or topic(last), name_answered(last)
    question = fold(last.question)
    out: list[str] = []
    at = 0
    for match in PRONOUN.finditer(folded):
        kind = (match.lastgroup or "").removeprefix("en_")
        meant = own
        persons = kind == "person" or match.group() in _PLURAL
        one = kind == "person" and not match.group().endswith("们")
        who = persons and answer and WHO.search(question) and not (one and _SEVERAL.search(answer))
        where = kind == "place" and answer and _WHERE.search(question)
        if not other and (who or where):
            meant = answer
        elif not other and match.group() == "there":
            meant = ""
        elif not other and match.group() in _PLURAL:
            meant = _both(own, last.question)
        alone = not out or kind != "thing" or match.group() not in ("it", "its")
        generic = match.group() in ("they", "them") and re.search(r"\bits?\b", folded)
        # 他那个同事 is 詹天佑那个同事: what is pointed at is his, and not he.
        owned = bool(out) and match.start() == at
        if not meant or generic or owned or (not alone and meant == own and own in "".join(out)):
            continue
        out.append(asked[at : match.start()])
        latin = match.group() in ("his", "her", "its", "their") and folded[match.end() :].strip(" ?？")
        there = "in " if match.group() == "there" else ""
        out.append(there + meant + ("'s" if latin and meant[-1].isascii() else ""))
        at = match.end()
        at += len(" one") if re.match(r" one\b", folded[at:]) else 0
        # 这条铁路 after 京张铁路 is that name, not 京张铁路铁路.
        for size in range(min(4, len(meant) - 1), 0, -1):
            if folded.startswith(fold(meant[-size:]), at):
                at += size
                break
    out.append(asked[at:])
    return "".join(out)


def _both(own: str, question: str) -> str:
    """``own`` with the names that "and" joins to it in the question: what "they" are."""
    name = r"[A-Z][\w'’.-]*(?: [A-Z][\w'’.-]*)*"
    found = re.search(rf"(?:{name}(?:, | and ))*{re.escape(own)}(?:(?:, | and ){name})+", question)
    return found.group() if own and own.isascii() and found else own


def _someone(history: Sequence[Exchange]) -> str:
    """Who or what was answered last in ``history``, unless a time, a place or a number was asked for."""
    found = (
        name_answered(last)
        for last in reversed(history)
        if len(last.answer) > 1
        and (WHO.search(fold(last.question)) or not _NO_PERSON.search(fold(last.question)))
    )
    return next((name for name in found if name), "")


def things(question: str) -> list[str]:
    """What an English question names with an article or a possessive, the last first; at its end with all that
    tells it from others ("the first X on the Y") before.
    """
    whole = _NOUN_PHRASE.search(question)
    named = [match.group() for match in _THING.finditer(question)]
    return list(dict.fromkeys([*([whole["thing"].strip()] if whole else []), *reversed(named)]))


def _stands_for(pronoun: re.Match[str], name: str, last: Exchange) -> bool:
    """Whether the pronoun may stand for ``name``, which is not the topic of the last exchange."""
    if name == topic(last):
        return False
    person = (pronoun.lastgroup or "").endswith("person") or pronoun.group() in _PLURAL
    thing = bool(_THING.match(name) or _NOUN_PHRASE.match(name))
    # "Who was the keeper?": the keeper is a person. "Who built the ships?": "they" may be the ships, not "he".
    several = pronoun.group() in _PLURAL
    asks_who = WHO.match(fold(last.question)) if several else _WHO_WAS.match(last.question)
    return person != thing or (thing and bool(asks_who))


def names_anew(before: str, last: Exchange) -> bool:
    """Whether what stands before a pronoun ends a sentence or names something new that it may stand for."""
    folded, known = fold(before), fold(f"{last.question} {last.answer} {last.title} {last.text}")
    if SENTENCE_END.search(folded) or _ANOTHER.search(folded):
        return True
    latin = [match.group() for match in LATIN_NAME.finditer(before)]
    han = [match.group() for match in CHUNK.finditer(ASKS.sub(" ", folded)) if len(match.group()) > 2]
    head = folded.strip('“”"《》 ')
    if len(head) > 1 and _NOUN.fullmatch(head) and not ASKS.search(head):
        han.append(head)
    return any(fold(name) not in known for name in latin) or any(
        not part.isascii() and not any(part[i : i + 2] in known for i in range(len(part) - 1)) for part in han
    )


def _own_name(asked: str, pronoun: re.Match[str]) -> bool:
    """Whether the English question itself names what its pronoun means: "What did Smeaton call his tower?"."""
    before, said = asked[: pronoun.start()], pronoun.group()
    if said in ("he", "his", "she", "her"):
        return bool(re.search(r"(?<=\w )[A-Z][\w'’.-]+", before))
    return said in ("they", "their") and bool(re.search(r"\bthe (?:\w+ )?\w+(?<![su])s\b", before))


_ANOTHER = re.compile(r"另[一外][个位名家座条种](?=.)")
_NOUN = re.compile(r"(?![在从给为把到和与由对跟用那这])[㐀-鿿]+")
