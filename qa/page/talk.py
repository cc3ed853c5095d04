"""The conversation: questions, cards that answer them, and what can be done with an answer."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from qa import cite
from qa.catalog import LISTED
from qa.page.html import act, by, day, icon, marked, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from embeddings.article import Article
    from qa.reply import Answer, Hit, Reply, Source
    from qa.strings import Strings
    from qa.where import Where

LONGEST_PHRASE = 48
"""Characters; a longer answer is set in smaller type."""

RESUMED = 20
"""Questions of a kept conversation that are asked again, at most: the last ones."""

LONGEST_HOVER = 300
"""Characters of a sentence shown to whoever points at its source."""

LONGEST_SNIPPET = 160
"""Characters of a passage shown in a list."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what came of it: a reply, an error in words, or (neither) still to come.

    ``articles`` are those of the reply's hits, by id. ``day`` is when it was asked, "2026-11-25".
    ``number`` is that of its record, 0 without one, and ``judged`` what the visitor said of the reply.
    """

    question: str
    reply: Reply | None = None
    error: str = ""
    articles: Mapping[str, Article] = field(default_factory=dict)
    day: str = ""
    number: int = 0
    judged: bool | None = None

    def with_(self, **changed: Any) -> Turn:
        """The same turn but for what is ``changed``."""
        return replace(self, **changed)


def conversation(
    turns: Sequence[Turn],
    words: Strings,
    *,
    empty: bool = False,
    editing: int | None = None,
    narrowed: bool = False,
) -> str:
    """The conversation, oldest turn first, that of number ``editing`` marked; a welcome without any.

    Where only some articles are asked (``narrowed``), what they do not say can be asked of all.
    """
    if not turns:
        more = words.empty_library if empty else words.welcome_more
        body = f'<div class="welcome"><h2>{words.welcome}</h2><p>{more}</p></div>'
    else:
        body = "".join(
            _turn(turn, at, words, empty=empty, editing=at == editing, narrowed=narrowed)
            for at, turn in enumerate(turns)
        )
    return f'<div class="turns" role="log" aria-label="{words.conversation}" tabindex="0">{body}</div>'


def examples(questions: Sequence[str], words: Strings, *, following: bool = False) -> str:
    """Questions to click, to begin with or, if ``following``, to go on with; nothing where there are none."""
    if not questions:
        return ""
    chips = "".join(
        f'<li><button class="example" data-act="example" data-number="{number}" dir="auto">{text(question)}'
        "</button></li>"
        for number, question in enumerate(questions)
    )
    title = words.suggestions if following else words.examples
    return f'<nav aria-label="{title}"><h2>{title}</h2><ul class="examples">{chips}</ul></nav>'


def tools(words: Strings, *, talking: bool, only: str = "") -> str:
    """What can be done with the conversation, and which articles alone are asked."""
    parts = []
    if only:
        label = words.asking_only.format(text(only))
        parts.append(
            f'<p class="only"><span dir="auto">{label}</span> {act("ask_all", words.ask_all, "inline")}</p>'
        )
    if talking:
        files = act("export", words.as_markdown, "", kind="markdown") + act(
            "export", words.as_json, "", kind="json"
        )
        parts.append(act("new", f"+ {words.new_conversation}", "tool"))
        parts.append(
            f'<details class="menu"><summary class="tool">{words.export}</summary><div>{files}</div></details>'
        )
    parts.append(
        f'<button type="button" class="tool history" data-open="history">{words.history}</button>'
        f'<dialog class="history" data-name="history" aria-label="{words.history}"><h2>{words.history}</h2>'
        f'<label><input type="checkbox" class="keep"> {words.keep_history}</label><p>{words.keep_hint}</p>'
        f'<ul class="kept" data-most="{RESUMED}" data-empty="{words.no_history}" data-remove="{words.remove}"></ul>'
        f'<div class="buttons"><button type="button" class="forget">{words.forget}</button>'
        f'<button type="button" data-close>{words.close}</button></div></dialog>'
    )
    return f'<div class="tools">{"".join(parts)}</div>'


def _turn(turn: Turn, number: int, words: Strings, *, empty: bool, editing: bool, narrowed: bool) -> str:
    link = f'data-copy-link="?q={text(quote(turn.question, errors="replace"))}"'
    can = (
        act(
            "edit_question",
            f'{icon("edit")}<span class="unseen">{words.edit_question}</span>',
            "tool",
            turn=number,
        )
        + act("retry", f'{icon("again")}<span class="unseen">{words.retry}</span>', "tool", turn=number)
        + f'<button type="button" class="tool" {link}>{icon("link")}<span class="unseen">{words.copy}: {words.copy_link}</span></button>'
    )
    note = (
        f'<p class="replaces">{words.replaces} {act("cancel", words.cancel, "inline")}</p>' if editing else ""
    )
    asked = (
        f'<div class="asked"><span class="unseen">{words.you_asked}: </span>'
        f'<p dir="auto">{text(turn.question)}</p></div>'
        f'<div class="can">{can if turn.reply or turn.error else ""}</div>{note}'
    )
    css = "turn editing" if editing else "turn"
    return f'<section class="{css}" data-question="{text(turn.question)}">{asked}{_came(turn, number, words, empty=empty, narrowed=narrowed)}</section>'


def _came(turn: Turn, number: int, words: Strings, *, empty: bool, narrowed: bool) -> str:
    reply = turn.reply
    if turn.error:
        return f'<div class="card plain" role="alert"><p>{text(turn.error)}</p></div>'
    if reply is None:
        return f'<div class="card waiting"><p>{words.searching}</p></div>'
    said = reply.remark or (words.empty_library if empty and not reply.answered else "")
    if said:
        return f'<div class="card plain"><p dir="auto">{text(said)}</p></div>'
    searched = _searched(reply, number, words)
    if not reply.answered:
        everywhere = (
            f"<p>{act('everywhere', words.everywhere, 'inline', turn=number)}</p>" if narrowed else ""
        )
        return (
            f'<div class="card none">{searched}<p class="verdict">{words.not_said}</p>'
            f"<p>{words.not_said_more}</p>{everywhere}{_hits(turn, number, words, words.nearest, folded=False)}"
            f"{_judge(turn, number, words)}</div>"
        )
    if _is_list(reply.answers):
        inner = _listed(reply.answers, number, words)
        return f'<div class="card answered">{searched}{inner}{_judge(turn, number, words)}</div>'
    best, *rest = reply.answers
    others = ""
    # What the front matter says is no guess beside others: all of it was asked for.
    if best.part or best.field:
        others = "".join(_answer(answer, turn, number, at, words) for at, answer in enumerate(rest, 1))
    elif rest:
        inner = "".join(_answer(answer, turn, number, at, words) for at, answer in enumerate(rest, 1))
        others = f"<details><summary>{words.others} ({len(rest)})</summary>{inner}</details>"
    hits = _why(reply, words) + _hits(turn, number, words, words.found, folded=True)
    differ = f'<p class="disagree" role="note">{words.disagree}</p>' if reply.disagree else ""
    return (
        f'<div class="card answered">{searched}{differ}{_answer(best, turn, number, 0, words)}{others}{hits}'
        f"{_judge(turn, number, words)}</div>"
    )


def _listed(answers: Sequence[Answer], turn: int, words: Strings) -> str:
    """A list of articles, of their tags, categories or authors, or the extracts that stand for a summary: one
    answer, of which nothing is folded.
    """
    first, kinds = answers[0], [answer for answer in answers if answer.field in KINDS]
    if first.field == "title":
        said = words.first_articles if len(answers) == LISTED else words.count_of_articles
        head = f'<p class="phrase">{said.format(len(answers))}</p>'
    elif first.field == "count":
        head = f'<p class="phrase">{text(first.text)}</p><p class="sentence">{_field(first, words)}</p>'
    else:
        said = "、".join(answer.text for answer in kinds) or first.text
        head = f'<p class="phrase long" dir="auto">{text(said)}</p><p class="sentence">{_field(first, words)}</p>'
    # Of each kind one article, to begin with.
    places = [
        (at, n, answer)
        for at, answer in enumerate(answers)
        for n in range(1 if kinds else len(answer.sources))
        if not kinds or answer.field in KINDS
    ]
    rows = "".join(
        _source(answer.sources[n], turn, at, n, words, label=row, title=_row_title(answer, n))
        for row, (at, n, answer) in enumerate(places, 1)
    )
    return (
        f'<article class="answer" aria-label="{words.answer}">{head}<ol class="sources">{rows}</ol></article>'
    )


def _row_title(answer: Answer, number: int) -> str:
    """What a row of a list says: the heading of an extract, else the article's title, after the tag or the
    like that it is listed for.
    """
    if answer.field in KINDS:
        return f"{answer.text} · {answer.sources[number].article.title}"
    return answer.text if answer.field == "heading" else answer.sources[number].article.title


def _is_list(answers: Sequence[Answer]) -> bool:
    """Whether the answers are a list: several of one kind, or none that the confidence says anything of."""
    kinds = [answer.field for answer in answers if answer.field not in LISTS]
    return not kinds or (len(kinds) > 1 and len(set(kinds)) == 1 and kinds[0] in KINDS)


KINDS = ("author", "tags", "categories")
"""Fields of which several answers are those of all the articles, one each."""

LISTS = ("title", "count", "lead", "heading")
"""Fields whose answers are a list, of articles or extracts: a confidence says nothing of them."""

DOUBTFUL = 0.4
"""Confidence (0..1) below which the sentence stands first, and the reader is told to look."""


def _judge(turn: Turn, number: int, words: Strings) -> str:
    """Thumbs; nothing where the reply is not recorded."""
    if not turn.number:
        return ""
    thumbs = "".join(
        f'<button type="button" class="tool" data-act="judge" data-turn="{number}" data-good="{int(good)}" '
        f'aria-pressed="{str(turn.judged is good).lower()}" title="{label}">{icon(name)}'
        f'<span class="unseen">{label}</span></button>'
        for good, name, label in ((True, "up", words.good), (False, "down", words.bad))
    )
    return f'<div class="judge">{thumbs}</div>'


def _copy(answer: Answer, source: Source, day_: str, words: Strings) -> str:
    """A menu of ways to copy the answer with its source."""
    ways = (
        (words.copy_plain, cite.plain(answer, source)),
        (words.copy_markdown, cite.markdown(answer, source)),
        (words.copy_gbt, cite.gbt7714(source, day_)),
    )
    buttons = "".join(
        f'<button type="button" data-copy="{text(value)}">{label}</button>' for label, value in ways
    )
    return (
        f'<details class="menu copy"><summary class="tool">{icon("copy")} {words.copy}</summary>'
        f"<div>{buttons}</div></details>"
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
            act(name, label, "inline", turn=number)
            for name, label in (("edit", words.edit), ("plain", words.as_typed))
        ]
    if reply.where:
        parts.append(words.restricted.format(text(restriction(reply.where, words))))
    return f'<p class="searched" dir="auto">{" ".join(parts)}</p>' if parts else ""


def restriction(where: Where, words: Strings) -> str:
    """A restriction in a few words: "2019, 岷江客"; a month of any year with the word for it."""
    held = asdict(where)
    month, _, day_ = where.month.partition("-")
    if month:
        said = words.day_of_month if day_ else words.month
        held["month"] = said.format(*(int(part) for part in (month, day_) if part))
    dates = " – ".join(dict.fromkeys(filter(None, (held.pop("since"), held.pop("until")))))
    named = [dates, *(held[name] for name in ("month", "author", "tag", "category", "folder"))]
    return ", ".join(filter(None, named))


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


def _answer(answer: Answer, turn: Turn, at: int, number: int, words: Strings) -> str:
    doubtful = answer.confidence < DOUBTFUL
    size = "phrase long" if len(answer.text) > LONGEST_PHRASE or doubtful else "phrase"
    percent = f"{answer.confidence:.0%}"
    hint = text(words.confidence_hint.format(percent))
    warning = f'<p class="warning">{words.doubtful}</p>' if doubtful else ""
    part = f'<p class="part" dir="auto">{text(answer.part)}</p>' if answer.part else ""
    return (
        f'<article class="answer{" doubtful" if doubtful else ""}" aria-label="{words.answer}">{part}{warning}'
        f'<p class="{size}" dir="auto">{text(answer.text)}</p>'
        f"{_sentence(answer, words)}"
        f'<div class="sure"><meter min="0" max="1" value="{answer.confidence:.2f}" title="{hint}" '
        f'aria-label="{hint}"></meter> {words.sure(answer.confidence)} · {percent}'
        f"{_copy(answer, answer.source, turn.day, words)}</div>"
        f'<ol class="sources" aria-label="{words.sources}">'
        + "".join(_source(s, at, number, n, words, label=n + 1) for n, s in enumerate(answer.sources))
        + "</ol></article>"
    )


def _sentence(answer: Answer, words: Strings) -> str:
    if answer.field:
        return f'<p class="sentence" dir="auto">{_field(answer, words)}</p>'
    if answer.text.strip() == answer.sentence.strip():
        return ""
    source = answer.source
    marks = []
    if source.sentence.contains(source.span):
        marks = [(source.span.shifted(-source.sentence.start), "answer")]
    return f'<blockquote class="sentence" dir="auto">{marked(answer.sentence, marks)}</blockquote>'


def _field(answer: Answer, words: Strings) -> str:
    return words.from_field.format(text(words.fields.get(answer.field, answer.field)))


def _source(
    source: Source, turn: int, answer: int, number: int, words: Strings, *, label: int, title: str = ""
) -> str:
    article = source.article
    page = words.page.format(source.page) if source.page else ""
    return (
        f'<li><button class="source" data-act="source" data-view="reader" data-turn="{turn}" '
        f'data-answer="{answer}" data-number="{number}" title="{text(_hover(source) or words.show)}">'
        f'<span class="number">{label}</span><span class="title" dir="auto">{text(title or article.title)}</span>'
        f"{by(article.metadata.author, day(article.metadata.date), page)}</button></li>"
    )


def _hover(source: Source) -> str:
    """The sentence of a source, for whoever points at it."""
    said = " ".join(source.sentence.of(source.article.text).split())
    return said[:LONGEST_HOVER] + ("…" if len(said) > LONGEST_HOVER else "")


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
