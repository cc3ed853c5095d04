"""A question about several things at once ("A和B分别…", "A and B respectively"), one question for each."""

from __future__ import annotations

import re

_JOIN = r"(?:、|和|与|跟|及|以及|还有)"
_THING = r"[^，,。？?、]{1,16}?"
_CHINESE = re.compile(
    rf"(?P<before>(?:[^，,]{{1,20}}[，,])?)(?P<things>{_THING}(?:{_JOIN}{_THING}){{1,4}}?)"
    r"(?:这?[两二三四五][种个次款家者类条座部篇](?P<kind>[^，,的分各]{0,8}))?(?P<middle>(?:的[^，,]{1,12}?|[，,][^，,]{0,20}?)?)"
    r"(?P<each>分别|各自?)(?P<asks>(?:[是有要为].*|.*(?:多少|几|什么|哪|谁|怎|何|多[久长大高远重]).*))"
)
_NAME = r"(?:[Tt]he )?[A-Z][\w'-]*(?: [A-Z][\w'-]*)*"
_ENGLISH = re.compile(
    rf"(?P<head>[A-Za-z][^?]*? )(?P<a>{_NAME}) and (?P<b>{_NAME})(?P<tail>[^?]*?),? (?:respectively|each)(?P<rest>[^?]*)\??"
)
_VERBS = re.compile(r"\b(?:are|were|do|did|does|have|had)\b", re.IGNORECASE)
_SINGULAR = {"are": "is", "were": "was", "do": "does", "have": "has"}


def parts(question: str) -> tuple[str, ...]:
    """The questions that ``question`` asks at once, in its order; () where it asks one."""
    asked = question.strip()
    match = _CHINESE.fullmatch(asked.rstrip("？?。"))
    if match:
        things = [thing for thing in re.split(_JOIN, match["things"]) if thing]
        asks = match["asks"]
        rest = f"{match['kind'] or ''}{match['middle']}{asks}？"
        return tuple(f"{match['before']}{thing}{rest}" for thing in things)
    match = _ENGLISH.fullmatch(asked)
    if match:
        head = _VERBS.sub(lambda verb: _SINGULAR.get(verb.group().lower(), verb.group()), match["head"])
        return tuple(f"{head}{match[name]}{match['tail']}{match['rest']}?" for name in "ab")
    return ()
