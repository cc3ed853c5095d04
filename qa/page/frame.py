"""What stands around the three places: the top line, adding articles, what a library is, messages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from qa.page.html import act, icon, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qa.strings import Strings


def header(words: Strings) -> str:
    """The top line: name, the ways between the places where one is shown at a time, theme and language."""
    return (
        f'<header data-lang="{words.lang}" data-send="{words.ask}" data-copied="{words.copied}">'
        f'<button type="button" class="quiet skip" data-skip>{words.skip}</button>'
        f'<button type="button" class="quiet back" data-view="chat">‹ {words.back}</button>'
        f'<h1>{words.name}</h1><p class="motto">{words.motto}</p>'
        f'<button type="button" class="quiet only-narrow" data-view="library">{words.library}</button>'
        f'<button type="button" class="quiet theme" data-theme title="{words.theme}" aria-label="{words.theme}">'
        f"{icon('theme')}</button>"
        f'<button type="button" class="quiet" data-act="lang" lang="{words.other_lang}">{words.other}</button>'
        '<span class="toast" role="status"></span></header>'
    )


def uploads(words: Strings, suffixes: Sequence[str], most_files: int, most_megabytes: int) -> str:
    """Buttons that add files or a folder; the script uploads what is chosen and then says so."""
    data = {
        "suffixes": " ".join(suffixes),
        "most-files": most_files,
        "most-bytes": most_megabytes << 20,
        "uploading": words.uploading,
        "too-many": words.too_many,
        "too-large": words.too_large.format(most_megabytes),
        "other-kind": words.other_kind,
        "left-out": words.left_out,
        "not-uploaded": words.not_uploaded,
    }
    attributes = "".join(f' data-{name}="{text(str(value))}"' for name, value in data.items())
    inputs = "".join(
        f'<label class="add"><input type="file" multiple class="unseen" {extra}><span>{label}</span></label>'
        for label, extra in (
            (words.add_files, f'accept="{",".join(suffixes)}"'),
            (words.add_folder, "webkitdirectory"),
        )
    )
    hint = words.upload_hint.format(most_megabytes, most_files)
    return (
        f'<div class="uploads" role="group" aria-label="{words.upload}"{attributes}>{inputs}</div>'
        f'<p class="hint">{hint}</p>'
    )


def report(
    lines: Sequence[tuple[str, str, bool]], words: Strings, progress: tuple[int, int] | None = None
) -> str:
    """What came of an upload or a removal: (file, what happened, whether it went well) a line.

    ``progress`` is how many of how many are done, while it goes on.
    """
    items = "".join(
        f'<li class="{"good" if good else "bad"}"><span class="file" dir="auto">{text(name)}</span> '
        f"<span>{text(what)}</span></li>"
        for name, what, good in lines
    )
    bar = ""
    if progress:
        done, total = progress
        bar = (
            f'<p class="doing">{words.busy} {words.done_of.format(done, total)}</p>'
            f'<progress max="{max(total, 1)}" value="{done}" aria-label="{words.busy}"></progress>'
        )
    if not items and not bar:
        return ""
    close = act(
        "close_report", f'<span aria-hidden="true">×</span><span class="unseen">{words.close}</span>', "tool"
    )
    listed = f'{"" if bar else close}<ul class="report">{items}</ul>' if items else ""
    return f'<div role="status" aria-label="{words.upload}">{bar}{listed}</div>'


class Access(NamedTuple):
    """What a visitor may do: change the library, see what was asked; and whether a password would open it."""

    change: bool
    see: bool
    password: bool = False
    unlocked: bool = False


def foot(facts: Mapping[str, str], words: Strings, access: Access) -> str:
    """What the library is, and the ways to its statistics and its administration.

    ``facts`` are names of ``words`` and their values.
    """
    rows = "".join(
        f"<div><dt>{getattr(words, name)}</dt><dd dir='auto'>{text(value)}</dd></div>"
        for name, value in facts.items()
    )
    buttons = act("statistics", words.statistics, "tool") if access.see else ""
    if access.password and not access.unlocked:
        buttons += (
            f'<button type="button" class="tool" data-open="unlock">{icon("lock")} {words.manage}</button>'
            f'<dialog data-name="unlock" aria-label="{words.manage}"><form data-act="unlock"><p>{words.manage_hint}</p>'
            f'<label>{words.password} <input type="password" name="password" autocomplete="current-password" required>'
            f'</label><div class="buttons"><button type="button" data-close>{words.cancel}</button>'
            f'<button type="submit" class="primary">{words.unlock}</button></div></form></dialog>'
        )
    elif access.unlocked:
        buttons += act("lock", words.lock, "tool")
    return (
        f'<div class="foot">{buttons}<details class="status"><summary class="tool">{words.status}</summary>'
        f"<dl>{rows}</dl></details></div>"
    )


class File(NamedTuple):
    """A file for the browser to save; ``type`` is its media type."""

    name: str
    type: str
    text: str


def outbox(task: str, number: int, **data: object) -> str:
    """Something for the script to do in the browser: "download", "say", "token", "view".

    ``number`` tells it from the one before.
    """
    return f'<output hidden data-task="{task}" data-n="{number}">{text(json.dumps(data, ensure_ascii=True))}</output>'
