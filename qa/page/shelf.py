"""The list of articles, and what to choose among them by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa.page.html import act, by, day, icon, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embeddings.rows import ArticleRow
    from qa.browse import Facets, Filter
    from qa.strings import Strings


def library(
    rows: Sequence[ArticleRow],
    found: int,
    total: int,
    words: Strings,
    *,
    revision: int = 0,
    change: bool = False,
) -> str:
    """The articles ``rows`` of those ``found`` among all, in the order given.

    With ``change`` each can be removed. ``revision`` lets the page see that the library has changed.
    """
    items = "".join(_row(row, number, words, change=change) for number, row in enumerate(rows))
    count = words.count.format(total) if found == total else words.found_of.format(found, total)
    more = (
        act("more", words.more_articles.format(found - len(rows)), "inline more") if found > len(rows) else ""
    )
    none = f'<p class="none">{words.none_found}</p>' if total and not found else ""
    return (
        f'<div class="list" data-revision="{revision}"><h2>{words.library} '
        f'<span class="count" role="status">{count}</span></h2>'
        f'<ul class="articles">{items}</ul>{none}{more}</div>{_confirm(words) if change else ""}'
    )


def facets(held: Facets, wanted: Filter, words: Strings) -> str:
    """Menus of the years, authors and tags that articles share; none of those that all have alike.

    The value of an option is its number in ``held``; -1 stands for any.
    """
    tags = [("tag", n, value, count) for n, (value, count) in enumerate(held.tags)]
    tags += [("category", n, value, count) for n, (value, count) in enumerate(held.categories)]
    menus = [
        _menu(
            [("year", n, value, count) for n, (value, count) in enumerate(held.years)], words.any_year, wanted
        ),
        _menu(
            [("author", n, value, count) for n, (value, count) in enumerate(held.authors)],
            words.any_author,
            wanted,
        ),
        _menu(tags, words.any_tag, wanted),
    ]
    where = wanted.where()
    chosen = ""
    if where or wanted.text:
        only = act("ask_only", words.ask_only, "inline") if where else ""
        chosen = f'<p class="chosen">{only} {act("clear", words.clear, "inline")}</p>'
    return f'<div class="facets" role="group" aria-label="{words.filters}">{"".join(menus)}</div>{chosen}'


def _menu(options: Sequence[tuple[str, int, str, int]], every: str, wanted: Filter) -> str:
    if len(options) < 2 and not any(getattr(wanted, kind) == value for kind, _, value, _ in options):
        return ""
    kinds = list(dict.fromkeys(kind for kind, *_ in options))
    items = "".join(
        f'<option value="{kind} {number}"{" selected" if getattr(wanted, kind) == value else ""}>'
        f"{text(value)} ({count})</option>"
        for kind, number, value, count in options
    )
    return f'<select data-act="filter" aria-label="{every}"><option value="{kinds[0]} -1">{every}</option>{items}</select>'


def _row(row: ArticleRow, number: int, words: Strings, *, change: bool) -> str:
    tags = " ".join(f"#{tag}" for tag in row.tags[:4])
    label = words.remove_this.format(text(row.title))
    bin_ = (
        f'<button type="button" class="tool bin" data-open="confirm" data-id="{text(row.id)}" aria-label="{label}" '
        f'data-says="{label} {words.remove_synced if row.root else words.remove_upload}">{icon("bin")}</button>'
        if change
        else ""
    )
    return (
        f'<li><button type="button" class="article" data-act="read" data-number="{number}" '
        f'title="{text(row.title)}">'
        f'<span class="title" dir="auto">{text(row.title)}</span>{by(row.author, day(row.date), tags)}</button>'
        f"{bin_}</li>"
    )


def _confirm(words: Strings) -> str:
    return (
        f'<dialog data-name="confirm" aria-label="{words.remove}"><p class="says"></p><div class="buttons">'
        f'<button type="button" data-close>{words.cancel}</button>'
        f'<button type="button" class="danger" data-act="remove" data-takes="id" data-close>{words.remove}</button>'
        "</div></dialog>"
    )
