"""Replies and articles as HTML; pure functions, and nothing unescaped gets through them.

What a click means stands in ``data-`` attributes, as numbers only: ``page.js`` reads them and
``app.py`` looks up what they point at.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import lru_cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from embeddings.article import Span
from qa.highlight import segments

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from embeddings.article import Article
    from qa.reply import Answer, Hit, Reply, Source
    from qa.strings import Strings

LONGEST_PHRASE = 48
"""Characters; a longer answer is set in smaller type."""

LONGEST_SNIPPET = 160
"""Characters of a passage shown in a list."""


NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what came of it: a reply, an error in words, or (neither) still to come.

    ``articles`` are those of the reply's hits, by id.
    """

    question: str
    reply: Reply | None = None
    error: str = ""
    articles: Mapping[str, Article] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the source reader opens an article; empty spans mark nothing."""

    article: Article
    passage: Span = NOWHERE
    sentence: Span = NOWHERE
    answer: Span = NOWHERE
    field: str = ""


def text(value: str) -> str:
    """``value`` escaped for HTML, inside an element or a quoted attribute.

    Half a surrogate pair, which JSON cannot carry, becomes "?"; length is kept.
    """
    return escape(value.encode("utf-8", "replace").decode("utf-8"))


@lru_cache
def resource(name: str) -> str:
    """The style sheet or the script of the page."""
    return (files("qa") / name).read_text("utf-8")


def header(words: Strings) -> str:
    """The top line: name, the ways between the places where one is shown at a time, the other language."""
    return (
        f'<header data-lang="{words.lang}" data-send="{words.ask}">'
        f'<button class="quiet back" data-view="chat">‹ {words.back}</button>'
        f'<h1>{words.name}</h1><p class="motto">{words.motto}</p>'
        f'<button class="quiet only-narrow" data-view="library">{words.library}</button>'
        f'<button class="quiet" data-act="lang" lang="{words.other_lang}">{words.other}</button></header>'
    )


def conversation(turns: Sequence[Turn], words: Strings, empty: bool = False) -> str:
    """The conversation, oldest turn first; a welcome where there is none yet."""
    if not turns:
        more = words.empty_library if empty else words.welcome_more
        body = f'<div class="welcome"><h2>{words.welcome}</h2><p>{more}</p></div>'
    else:
        body = "".join(_turn(turn, number, words) for number, turn in enumerate(turns))
    return f'<div class="turns" role="log" aria-label="{words.conversation}" tabindex="0">{body}</div>'


def examples(questions: Sequence[str], words: Strings) -> str:
    """Questions to click; nothing where there are none."""
    if not questions:
        return ""
    chips = "".join(
        f'<li><button class="example" data-act="example" data-number="{number}" dir="auto">{text(question)}'
        "</button></li>"
        for number, question in enumerate(questions)
    )
    return (
        f'<nav aria-label="{words.examples}"><h2>{words.examples}</h2><ul class="examples">{chips}</ul></nav>'
    )


def library(rows: Iterable[tuple[str, str, str]], total: int, words: Strings) -> str:
    """The list of articles, each row (title, author, date), in the order given."""
    items = "".join(
        f'<li><button class="article" data-act="read" data-number="{number}">'
        f'<span class="title" dir="auto">{text(title)}</span>{_by(author, _day(date))}</button></li>'
        for number, (title, author, date) in enumerate(rows)
    )
    missing = total - items.count("<li>")
    more = f'<p class="more">{words.more_articles.format(missing)}</p>' if missing > 0 else ""
    return (
        f'<h2>{words.library} <span class="count">{words.count.format(total)}</span></h2>'
        f'<ul class="articles">{items}</ul>{more}'
    )


def report(lines: Sequence[tuple[str, str, bool]], words: Strings) -> str:
    """What came of an upload: (file, what happened, whether it went well) a line."""
    items = "".join(
        f'<li class="{"good" if good else "bad"}"><span class="file" dir="auto">{text(name)}</span> '
        f"<span>{text(what)}</span></li>"
        for name, what, good in lines
    )
    return f'<ul class="report" role="status" aria-label="{words.upload}">{items}</ul>' if items else ""


def reader(place: Place | None, words: Strings) -> str:
    """The whole article with passage, sentence and answer marked; a hint where none is open."""
    if place is None:
        return f'<p class="hint">{words.reader_hint}</p>'
    article = place.article
    return (
        f'<div class="head"><h2 dir="auto">{text(article.title)}</h2>{_details(place, words)}</div>'
        f'<div class="text" dir="auto" tabindex="0" role="region" aria-label="{words.reader}">'
        f"{_body(place, words)}</div>"
    )


def _turn(turn: Turn, number: int, words: Strings) -> str:
    asked = (
        f'<div class="asked"><span class="unseen">{words.you_asked}: </span>'
        f'<p dir="auto">{text(turn.question)}</p></div>'
    )
    return f'<section class="turn">{asked}{_came(turn, number, words)}</section>'


def _came(turn: Turn, number: int, words: Strings) -> str:
    reply = turn.reply
    if turn.error:
        return f'<div class="card plain" role="alert"><p>{text(turn.error)}</p></div>'
    if reply is None:
        return f'<div class="card waiting"><p>{words.searching}</p></div>'
    if reply.remark:
        return f'<div class="card plain"><p dir="auto">{text(reply.remark)}</p></div>'
    searched = _searched(reply, number, words)
    if not reply.answered:
        return (
            f'<div class="card none">{searched}<p class="verdict">{words.not_said}</p>'
            f"<p>{words.not_said_more}</p>{_hits(turn, number, words, words.nearest, folded=False)}</div>"
        )
    best, *rest = reply.answers
    others = ""
    if rest and all(answer.field for answer in reply.answers):
        # A list of articles, or of extracts, is one answer: nothing of it is folded.
        others = "".join(_entry(answer, number, at, words) for at, answer in enumerate(rest, 1))
    elif rest:
        inner = "".join(_answer(answer, number, at, words) for at, answer in enumerate(rest, 1))
        others = f"<details><summary>{words.others} ({len(rest)})</summary>{inner}</details>"
    hits = _why(reply, words) + _hits(turn, number, words, words.found, folded=True)
    differ = f'<p class="disagree" role="note">{words.disagree}</p>' if reply.disagree else ""
    return (
        f'<div class="card answered">{searched}{differ}{_answer(best, number, 0, words)}{others}{hits}</div>'
    )


def _searched(reply: Reply, number: int, words: Strings) -> str:
    """What was searched for where it is not what was typed, to edit or to ask as typed."""
    parts = []
    if reply.did_you_mean:
        parts.append(words.did_you_mean.format(text(reply.did_you_mean)))
    elif reply.standalone_question not in ("", reply.question.strip()):
        parts.append(words.searched_for.format(text(reply.standalone_question)))
    if parts:
        parts += [
            f'<button data-act="{act}" data-turn="{number}">{label}</button>'
            for act, label in (("edit", words.edit), ("plain", words.as_typed))
        ]
    if reply.where:
        held = asdict(reply.where)
        dates = " – ".join(dict.fromkeys(filter(None, (held.pop("since"), held.pop("until")))))
        named = [dates, *(held[name] for name in ("author", "tag", "category", "folder"))]
        parts.append(words.restricted.format(text(", ".join(filter(None, named)))))
    return f'<p class="searched" dir="auto">{" ".join(parts)}</p>' if parts else ""


def _why(reply: Reply, words: Strings) -> str:
    """Why the first answer: the words that matched, how near, which rank, and the runner-up."""
    best, *rest = reply.answers
    passage = best.source.passage
    hit = next((hit for hit in reply.hits if passage and hit.passage.id == passage.id), None)
    if hit is None:
        return ""
    ranks = [
        words.ranked.format(name, rank)
        for name, rank in ((words.by_words, hit.lexical_rank), (words.by_meaning, hit.dense_rank))
        if rank
    ]
    rows = [
        (words.matched, text(" · ".join(hit.matched))),
        (words.similarity, f"{hit.similarity:.2f}"),
        (words.rank, "; ".join(ranks)),
        (words.runner_up, f"{text(rest[0].text[:60])} ({rest[0].confidence:.0%})" if rest else ""),
    ]
    inner = "".join(f'<dt>{name}</dt><dd dir="auto">{value}</dd>' for name, value in rows if value)
    return f'<details><summary>{words.why}</summary><dl class="why">{inner}</dl></details>'


def _answer(answer: Answer, turn: int, number: int, words: Strings) -> str:
    size = "phrase long" if len(answer.text) > LONGEST_PHRASE else "phrase"
    percent = f"{answer.confidence:.0%}"
    hint = text(words.confidence_hint.format(percent))
    return (
        f'<article class="answer" aria-label="{words.answer}">'
        f'<p class="{size}" dir="auto">{text(answer.text)}</p>'
        f"{_sentence(answer, words)}"
        f'<p class="sure" title="{hint}"><meter min="0" max="1" value="{answer.confidence:.2f}" '
        f'aria-label="{hint}"></meter> {words.sure(answer.confidence)} · {percent}</p>'
        f'<ol class="sources" aria-label="{words.sources}">'
        + "".join(_source(s, turn, number, at, words) for at, s in enumerate(answer.sources))
        + "</ol></article>"
    )


def _entry(answer: Answer, turn: int, number: int, words: Strings) -> str:
    """A further entry of a list: its words, unless its source says them, and its source."""
    said = "" if answer.field == "title" else f'<p class="phrase long" dir="auto">{text(answer.text)}</p>'
    sources = "".join(_source(s, turn, number, at, words) for at, s in enumerate(answer.sources))
    return f'<article class="answer">{said}<ol class="sources">{sources}</ol></article>'


def _sentence(answer: Answer, words: Strings) -> str:
    if answer.field:
        name = words.fields.get(answer.field, answer.field)
        return f'<p class="sentence" dir="auto">{words.from_field.format(text(name))}</p>'
    if answer.text.strip() == answer.sentence.strip():
        return ""
    source = answer.source
    marks = []
    if source.sentence.contains(source.span):
        marks = [(source.span.shifted(-source.sentence.start), "answer")]
    return f'<blockquote class="sentence" dir="auto">{_marked(answer.sentence, marks)}</blockquote>'


def _marked(value: str, marks: Sequence[tuple[Span, str]]) -> str:
    return "".join(
        f"<mark>{text(run.text)}</mark>" if run.labels else text(run.text) for run in segments(value, marks)
    )


def _source(source: Source, turn: int, answer: int, number: int, words: Strings) -> str:
    article = source.article
    page = words.page.format(source.page) if source.page else ""
    return (
        f'<li><button class="source" data-act="source" data-view="reader" data-turn="{turn}" '
        f'data-answer="{answer}" data-number="{number}" title="{words.show}">'
        f'<span class="number">{number + 1}</span><span class="title" dir="auto">{text(article.title)}</span>'
        f"{_by(article.metadata.author, _day(article.metadata.date), page)}</button></li>"
    )


def _hits(turn: Turn, number: int, words: Strings, title: str, *, folded: bool) -> str:
    hits = turn.reply.hits if turn.reply else ()
    items = "".join(_hit(hit, turn, number, at, words) for at, hit in enumerate(hits))
    if not items:
        return ""
    if folded:
        return f'<details><summary>{title} ({len(hits)})</summary><ol class="hits">{items}</ol></details>'
    return f'<h3>{title}</h3><ol class="hits">{items}</ol>'


def _hit(hit: Hit, turn: Turn, number: int, at: int, words: Strings) -> str:
    article = turn.articles.get(hit.passage.article_id)
    snippet = " ".join(hit.text[: 2 * LONGEST_SNIPPET].split())
    snippet = snippet[:LONGEST_SNIPPET] + ("…" if len(snippet) > LONGEST_SNIPPET else "")
    title = f'<span class="title" dir="auto">{text(article.title)}</span>' if article else ""
    return (
        f'<li><button class="hit" data-act="hit" data-view="reader" data-turn="{number}" data-number="{at}" '
        f'title="{words.show}">{title}<span class="snippet" dir="auto">{text(snippet)}</span></button></li>'
    )


def _day(date: str) -> str:
    return date.split("T", maxsplit=1)[0]


def _by(*parts: str) -> str:
    shown = [f"<bdi>{text(part)}</bdi>" for part in parts if part]
    return f'<span class="by">{" · ".join(shown)}</span>' if shown else ""


def _details(place: Place, words: Strings) -> str:
    metadata = place.article.metadata
    rows = [
        ("author", metadata.author),
        ("date", metadata.date.replace("T", " ")),
        ("categories", ", ".join(metadata.categories)),
        ("tags", ", ".join(metadata.tags)),
    ]
    known = {name for name, _ in rows} | {"title"}
    if place.field and place.field not in known:
        rows.append((place.field, str(metadata.extra.get(place.field) or getattr(metadata, place.field, ""))))
    shown = "".join(
        f"<div><dt>{text(words.fields.get(name, name))}</dt><dd dir='auto'>"
        + (f'<mark class="answer">{text(value)}</mark>' if name == place.field else text(value))
        + "</dd></div>"
        for name, value in rows
        if value
    )
    link = ""
    if metadata.link.startswith(("https://", "http://")):
        link = (
            f'<a href="{text(metadata.link)}" target="_blank" rel="noopener noreferrer nofollow">'
            f"{words.original} ↗</a>"
        )
    return (f'<dl class="details">{shown}</dl>' if shown else "") + link


def _body(place: Place, words: Strings) -> str:
    article = place.article
    ends = [*article.pages[1:], len(article.text)]
    marks = [
        (place.passage, "passage"),
        (place.sentence, "sentence"),
        (place.answer, "answer"),
        *((heading.span, f"heading-{min(heading.level, 6)}") for heading in article.headings),
        *((Span(s, e), f"page-{n}") for n, (s, e) in enumerate(zip(article.pages, ends, strict=False), 1)),
    ]
    parts: list[str] = []
    page = ""
    for run in segments(article.text, marks):
        here = next((label for label in run.labels if label.startswith("page-")), "")
        if here != page:
            page = here
            parts.append(f'<span class="page">{words.page.format(here.removeprefix("page-"))}</span>')
        classes = " ".join(label for label in run.labels if not label.startswith("page-"))
        tag = "mark" if "answer" in run.labels else "span"
        parts.append(f'<{tag} class="{classes}">{text(run.text)}</{tag}>' if classes else text(run.text))
    return "".join(parts)
