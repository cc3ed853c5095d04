"""What a terminal sees of an update."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from embeddings.report import Report, Step

FINE, SOME_FAILED, ERROR, INTERRUPTED = 0, 1, 2, 130
"""Exit codes."""


def told(report: Report, shown: Shown, *, as_json: bool, foreseen: bool = False) -> int:
    """The exit code: whether some failed; says what was done, or with ``foreseen`` what would be."""
    shown.close()
    if as_json:
        say(json.dumps(asdict(report), ensure_ascii=False))
        return SOME_FAILED if report.failed else FINE
    if foreseen:
        for mark, sources in (("+", report.added), ("~", report.changed), ("-", report.removed)):
            for source in sources:
                say(f"{mark} {source}")
        for source, before in report.renamed.items():
            say(f"> {source}  was {before}")
        for failure in report.failed:
            say(f"! {failure.source}  {failure.reason}")
    for note in report.notes:
        say(f"  {note}")
    renamed = f"{len(report.renamed)} renamed, " if report.renamed else ""
    say(
        f"{len(report.added)} added, {len(report.changed)} changed, {renamed}{len(report.removed)} removed, "
        f"{report.unchanged} unchanged, {len(report.failed)} failed; "
        + (
            "nothing was changed"
            if foreseen
            else f"{report.embedded} passages embedded, {report.reused} reused"
        )
    )
    return SOME_FAILED if report.failed else FINE


class Shown:
    """Shows the steps of an update: a bar on stderr, a line for each article on stdout."""

    def __init__(self, *, quiet: bool) -> None:
        self.kept = 0
        self.quiet = quiet
        self._bar: Any = None

    def __call__(self, step: Step) -> None:
        """Shows one step."""
        marks = {"added": "+", "changed": "~", "renamed": ">", "removed": "-", "failed": "!"}
        self.kept += step.kind in ("added", "changed", "renamed", "removed")
        if self.quiet:
            return
        if step.kind in marks:
            was = "was " if step.kind == "renamed" else ""
            reason = f"  {was}{step.reason}" if step.reason else ""
            self._line(f"{marks[step.kind]} {step.source}{reason}")
        elif step.kind == "read":
            self._advance(step)
        elif self._bar is not None:
            self._bar.set_postfix_str(f"embedding {step.done}/{step.total} passages")

    def close(self) -> None:
        """Takes the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _advance(self, step: Step) -> None:
        if self._bar is None:
            from tqdm import tqdm

            self._bar = tqdm(total=step.total, unit="file", file=sys.stderr, leave=False, disable=None)
        self._bar.update(step.done - self._bar.n)

    def _line(self, text: str) -> None:
        if self._bar is None:
            say(text)
        else:
            with self._bar.external_write_mode(file=sys.stdout):
                say(text)


def say(text: str, stream: TextIO | None = None) -> None:
    """Writes a line to stdout, or to ``stream``; nothing more when nobody reads it (sync | head)."""
    stream = stream or sys.stdout
    try:
        print(text, file=stream, flush=True)
    except BrokenPipeError:
        with open(os.devnull, "w") as nowhere:  # noqa: PTH123 -- not a path
            os.dup2(nowhere.fileno(), stream.fileno())
