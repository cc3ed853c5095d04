"""The source reader: the whole article, with passage, sentence and answer marked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from embeddings.article import Span
from qa.highlight import segments
from qa.page.html import act, day, icon, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embeddings.article import Article
    from qa.strings import Strings

NOWHERE = Span(0, 0)

LONGEST_WORD = 10_000
"""Characters without white space; an article with more is set without kerning."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the source reader opens an article; empty spans mark nothing.

    ``number`` of ``count`` says which of the places that a reply gave this is; 0 of 0 for any other.
    """

    article: Article
    passage: Span = NOWHERE
    sentence: Span = NOWHERE
    answer: Span = NOWHERE
    field: str = ""
    number: int = 0
    count: int = 0


def reader(place: Place | None, words: Strings, note: str = "") -> str:
    """The whole article with its details and what can be done with it; ``note`` without one."""
    if place is None:
        return f'<p class="hint">{note}</p>' if note else ""
    article = place.article
    # Chromium kerns an endless word anew for each line that it breaks it into: minutes for a megabyte.
    css = "text endless" if max(map(len, article.text.split()), default=0) > LONGEST_WORD else "text"
    return (
        f'<div class="head">{_steps(place, words)}<h2 dir="auto">{text(article.title)}</h2>'
        f'{_details(place, words)}</div><div class="{css}" dir="auto" tabindex="0" role="region" '
        f'aria-label="{words.reader}">{_body(place, words)}</div>'
    )


def link(place: Place) -> str:
    """The query that opens the reader at ``place``: "?article=...&at=120-131"."""
    span = place.answer if len(place.answer) else place.sentence if len(place.sentence) else place.passage
    at = f"&at={span.start}-{span.end}" if len(span) else ""
    return f"?article={place.article.id}{at}"


def _steps(place: Place, words: Strings) -> str:
    """The way to the places before and after, and the link to this one."""
    steps = ""
    if place.count > 1:
        before, after = (place.number - 1) % place.count, (place.number + 1) % place.count
        said = words.place_of.format(place.number + 1, place.count)
        steps = (
            act(
                "step",
                f'<span aria-hidden="true">‹</span><span class="unseen">{words.previous}</span>',
                "tool",
                number=before,
            )
            + f'<span class="at" aria-label="{said}">{place.number + 1} / {place.count}</span>'
            + act(
                "step",
                f'<span aria-hidden="true">›</span><span class="unseen">{words.next}</span>',
                "tool",
                number=after,
            )
        )
    share = (
        f'<button type="button" class="tool" data-copy-link="{text(link(place))}" '
        f'title="{words.copy}: {words.copy_link}">{icon("link")}<span class="unseen">{words.copy}: {words.copy_link}</span></button>'
    )
    return f'<div class="steps">{steps}{share}</div>'


def _details(place: Place, words: Strings) -> str:
    """Author, date and the like; whose, or of which tag, leads to the list of such articles."""
    metadata = place.article.metadata
    rows = [
        ("author", _narrowing("author", [metadata.author])),
        ("date", text(day(metadata.date))),
        ("categories", _narrowing("category", metadata.categories)),
        ("tags", _narrowing("tag", metadata.tags)),
    ]
    known = {name for name, _ in rows} | {"title"}
    if place.field and place.field not in known:
        value = metadata.extra.get(place.field) or getattr(metadata, place.field, "")
        rows.append((place.field, text(str(value))))
    shown = "".join(
        f"<div><dt>{text(words.fields.get(name, name))}</dt><dd dir='auto'>"
        + (f'<mark class="answer">{value}</mark>' if name == place.field else value)
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


def _narrowing(kind: str, values: Sequence[str]) -> str:
    buttons = [
        f'<button type="button" data-act="narrow" data-view="library" data-kind="{kind}" data-number="{number}">'
        f"{text(value)}</button>"
        for number, value in enumerate(values)
        if value
    ]
    return ", ".join(buttons)


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
