"""An answer with its source, to be quoted elsewhere; a conversation as a file."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from qa.examples import language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.page import Turn
    from qa.reply import Answer, Source
    from qa.strings import Strings


def plain(answer: Answer, source: Source) -> str:
    """The answer, the sentence around it, and where it stands."""
    lines = [answer.text.strip()]
    if not answer.field and answer.sentence.strip() != lines[0]:
        lines.append(f"“{' '.join(answer.sentence.split())}”")
    chinese = _is_chinese(source)
    said = source.article.metadata
    title = f"《{source.article.title}》" if chinese else f"“{source.article.title}”"
    where = [said.author, title, _day(source), _page(source, chinese), said.link]
    lines.append(
        ("——" if chinese else "— ") + ("，" if chinese else ", ").join(part for part in where if part)
    )
    return "\n".join(lines)


def markdown(answer: Answer, source: Source) -> str:
    """The sentence as a Markdown quotation with the answer in bold, and where it stands."""
    quoted = _escaped(answer.text) if answer.field else _with_bold(answer, source)
    chinese = _is_chinese(source)
    said = source.article.metadata
    title = _escaped(source.article.title)
    if _can_link(said.link):
        link = _AMID_LINK.sub(r"\\\g<0>", said.link)
        name = f"[{title}](<{link}>)"
    else:
        name = f"《{title}》" if chinese else f"*{title}*"
    where = [_escaped(said.author), name, _day(source), _page(source, chinese)]
    by = ("——" if chinese else "— ") + ("，" if chinese else ", ").join(part for part in where if part)
    # White space before a line would make it code.
    return "\n".join(f"> {line.strip()}".rstrip() for line in [*quoted.strip().split("\n"), "", by])


def _with_bold(answer: Answer, source: Source) -> str:
    """The sentence as Markdown, the answer in it in bold: but for the marks at its ends, since Markdown takes no
    ``**`` between a letter and a mark.
    """
    sentence, phrase = answer.sentence, answer.text
    start = source.span.start - source.sentence.start
    if start < 0 or sentence[start : start + len(phrase)] != phrase:
        start = sentence.find(phrase)
    words = [at for at, char in enumerate(phrase) if unicodedata.category(char)[0] not in "PSZC"]
    if start < 0 or not words or phrase.strip() == sentence.strip() or "\n" in phrase:
        return _escaped(sentence)
    return _escaped(sentence, (start + words[0], start + words[-1] + 1))


def gbt7714(source: Source, today: str) -> str:
    """The reference as GB/T 7714-2015 has it: an online document where a link is known, else a document of
    another kind ([Z]); ``today`` is the day of quotation, "2026-11-25".
    """
    said = source.article.metadata
    author = said.author or ("佚名" if _is_chinese(source) else "Anon")
    page = f": {source.page}" if source.page else ""
    day = _day(source)
    if said.link:
        published = f"({day})" if day else ""
        return f"{author}. {source.article.title}[EB/OL]. {published}[{today}]{page}. {said.link}."
    return f"{author}. {source.article.title}[Z]{'. ' + day if day else ''}{page}."


def conversation_markdown(turns: Sequence[Turn], words: Strings, today: str) -> str:
    """A conversation as a Markdown document."""
    parts = [f"# {words.conversation} · {today}"]
    for turn in turns:
        parts.append(f"## {_escaped(' '.join(turn.question.split()))}")
        reply = turn.reply
        if reply and reply.standalone_question not in ("", turn.question.strip()):
            parts.append(f"*{words.searched_for.format(_escaped(reply.standalone_question))}*")
        if turn.error or (reply and reply.remark):
            parts.append(_escaped(turn.error or (reply.remark if reply else "")))
        elif reply and not reply.answered:
            parts.append(f"**{words.not_said}**")
        elif reply:
            parts += [
                f"{markdown(answer, answer.source)}\n\n{words.sure(answer.confidence)} · {answer.confidence:.0%}"
                for answer in reply.answers
            ]
    return "\n\n".join(parts) + "\n"


def conversation_json(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """A conversation as JSON values: what ``Reply.as_json`` says of each turn, or its error."""
    return [
        turn.reply.as_json() if turn.reply else {"question": turn.question, "error": turn.error}
        for turn in turns
    ]


def _escaped(value: str, bold: tuple[int, int] | None = None) -> str:
    """``value`` as Markdown that shows it as it is, but for a range in ``bold``."""
    put = [(match.start(), "\\") for match in _SPECIAL.finditer(value)]
    put += [(match.start(2), "\\") for match in _LINE_START.finditer(value)]
    put += [(at, "**") for at in bold or ()]
    parts, done = [], 0
    for at, mark in sorted(put):
        parts += [value[done:at], mark]
        done = at
    return "".join(parts) + value[done:]


_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|$~!&]")
_AMID_LINK = re.compile(r"[\\&]")
_LINE_START = re.compile(r"^(\s*\d*)([-+=.:)]+)(?=\s|$)", re.MULTILINE)


def _can_link(link: str) -> bool:
    return link.startswith(("https://", "http://")) and not re.search(r"[<>\s]", link)


def _is_chinese(source: Source) -> bool:
    return language(source.article.title + source.article.text[:200]) == "zh"


def _day(source: Source) -> str:
    return source.article.metadata.date.split("T", maxsplit=1)[0]


def _page(source: Source, chinese: bool) -> str:
    if not source.page:
        return ""
    return f"第 {source.page} 页" if chinese else f"p. {source.page}"
