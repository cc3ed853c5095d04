"""What was asked, as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa.page.html import act, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.asked import Figures
    from qa.strings import Strings


def statistics(figures: Figures | None, words: Strings) -> str:
    """The figures and lists of what was asked; that nothing is recorded where there are none."""
    title = f'<div class="head"><h2>{words.statistics}</h2>'
    if figures is None or not figures.asked:
        said = words.not_recorded if figures is None else words.nothing_yet
        return f'{title}</div><p class="hint">{said}</p>'
    rows = (
        (words.asked_count, str(figures.asked)),
        (words.answered_share, f"{figures.answered / figures.asked:.0%}"),
        (words.judged, f"{figures.right} / {figures.wrong}"),
        (words.latency, f"{figures.p50:.0f} / {figures.p95:.0f} ms"),
    )
    numbers = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in rows)
    files = act("export_judged", words.export_squad, "tool", kind="squad") + act(
        "export_judged", words.export_qrels, "tool", kind="qrels"
    )
    lists = "".join(
        _list(heading, [(question, words.times.format(times)) for question, times in counted])
        for heading, counted in ((words.found_nothing, figures.nothing), (words.asked_most, figures.most))
    )
    return (
        f'{title}<p class="by">{words.days.format(figures.days)}</p><div class="steps">{files}</div></div>'
        f'<div class="text plain" tabindex="0" role="region" aria-label="{words.statistics}">'
        f'<dl class="figures">{numbers}</dl>{lists}{_list(words.judged_wrong, figures.judged_wrong)}</div>'
    )


def _list(heading: str, rows: Sequence[tuple[str, str]]) -> str:
    if not rows:
        return ""
    items = "".join(
        f'<li><span dir="auto">{text(first)}</span> <span class="by" dir="auto">{text(second)}</span></li>'
        for first, second in rows
    )
    return f"<h3>{heading}</h3><ul>{items}</ul>"
