"""The library from a terminal: sync, status, verify, rebuild, remove."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from embeddings.errors import ArticleQAError, FingerprintMismatch, LibraryCorrupt, ModelError, NotALibrary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embeddings.encode import Embedder
    from embeddings.store import Store
    from embeddings.update import Report, Step

FINE, SOME_FAILED, ERROR, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 fine, 1 some articles failed or problems were found, 2 an error, 130 interrupted."""
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    shown = _Shown(quiet=options.quiet or options.json)
    try:
        return int(options.run(options, shown))
    except ArticleQAError as error:
        shown.close()
        _say(f"error: {error}", sys.stderr)
        return ERROR
    except KeyboardInterrupt:
        shown.close()
        kept = f"{shown.kept} articles were stored and are kept; run the same command to go on"
        _say(f"interrupted: {kept}", sys.stderr)
        return INTERRUPTED


def _sync(options: argparse.Namespace, shown: _Shown) -> int:
    from embeddings.update import sync

    embedder = _embedder(options)
    return _told(sync(options.library, options.folders, embedder, progress=shown), options, shown)


def _remove(options: argparse.Namespace, shown: _Shown) -> int:
    from embeddings.update import remove

    return _told(remove(options.library, options.articles, progress=shown), options, shown)


def _rebuild(options: argparse.Namespace, shown: _Shown) -> int:
    from embeddings.rebuild import rebuild

    report = rebuild(options.library, _embedder(options), progress=shown)
    if report is None:
        shown.close()
        _say(json.dumps({"rebuilt": "indexes"}) if options.json else "the indexes were built anew")
        return FINE
    return _told(report, options, shown)


def _status(options: argparse.Namespace, _: _Shown) -> int:
    from embeddings.index import is_saved
    from embeddings.store import Store

    with Store.open(options.library) as store:
        articles, passages = store.counts()
        facts: dict[str, Any] = {
            "library": str(options.library),
            "revision": store.revision.number,
            "articles": articles,
            "passages": passages,
            "model": store.meta("model"),
            "dimension": store.dim,
            "folders": sorted({row.root for row in store.articles() if row.root}),
            "indexes": "up to date" if is_saved(store) else "behind; the next sync saves them",
            "bytes": sum(path.stat().st_size for path in store.folder.rglob("*") if path.is_file()),
        }
    if options.json:
        _say(json.dumps(facts, ensure_ascii=False))
    else:
        for name, value in facts.items():
            _say(f"{name:10} {', '.join(value) if isinstance(value, list) else value}")
    return FINE


def _verify(options: argparse.Namespace, _: _Shown) -> int:
    from embeddings.folder import mend_corrupt, rebuild_command
    from embeddings.store import Store
    from embeddings.verify import SAMPLE, verify

    with Store.open(options.library) as store:
        passages = store.counts()[1]
        model = _model_of(store)
    problems = verify(options.library, model)
    if options.json:
        _say(json.dumps({"problems": problems}, ensure_ascii=False))
        return SOME_FAILED if problems else FINE
    _say("\n".join(problems) if problems else "no problems found")
    if passages > SAMPLE:
        _say(f"terms and vectors of {SAMPLE} of {passages} passages were compared with their texts")
    if model is None:
        _say("vectors were not compared with their texts: the library's model is not here")
    if problems:
        _say(f"to mend it, {rebuild_command(options.library)}")
        _say(f"if problems remain, {mend_corrupt(options.library)}")
    return SOME_FAILED if problems else FINE


def _model_of(store: Store) -> Embedder | None:
    """The model that the library was made with; None when it is not here."""
    from embeddings.encode import embedder
    from embeddings.library import check_embedder

    try:
        return check_embedder(store, embedder(store.meta("model")))
    except (ModelError, FingerprintMismatch, LibraryCorrupt):
        return None


def _embedder(options: argparse.Namespace) -> Embedder:
    """The model named, else the one that the library was made with, else the bundled one."""
    from embeddings.encode import embedder
    from embeddings.store import Store

    name = options.model
    if name is None:
        try:
            with Store.open(options.library) as store:
                name = store.meta("model")
        except NotALibrary:
            name = None
    return embedder(name, allow_download=options.allow_download)


def _told(report: Report, options: argparse.Namespace, shown: _Shown) -> int:
    shown.close()
    if options.json:
        _say(json.dumps(asdict(report), ensure_ascii=False))
    else:
        for note in report.notes:
            _say(f"  {note}")
        _say(
            f"{len(report.added)} added, {len(report.changed)} changed, {len(report.removed)} removed, "
            f"{report.unchanged} unchanged, {len(report.failed)} failed; "
            f"{report.embedded} passages embedded, {report.reused} reused"
        )
    return SOME_FAILED if report.failed else FINE


class _Shown:
    """Shows the steps of an update: a bar on stderr, a line for each article on stdout."""

    def __init__(self, *, quiet: bool) -> None:
        self.kept = 0
        self._quiet = quiet
        self._bar: Any = None

    def __call__(self, step: Step) -> None:
        marks = {"added": "+", "changed": "~", "removed": "-", "failed": "!"}
        self.kept += step.kind in ("added", "changed", "removed")
        if self._quiet:
            return
        if step.kind in marks:
            reason = f"  {step.reason}" if step.reason else ""
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
            _say(text)
        else:
            with self._bar.external_write_mode(file=sys.stdout):
                _say(text)


def _say(text: str, stream: TextIO | None = None) -> None:
    """Writes a line to stdout, or to ``stream``; nothing more when nobody reads it (sync | head)."""
    stream = stream or sys.stdout
    try:
        print(text, file=stream, flush=True)
    except BrokenPipeError:
        with open(os.devnull, "w") as nowhere:  # noqa: PTH123 -- not a path
            os.dup2(nowhere.fileno(), stream.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m embeddings", description="Keep a library of articles.")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--library", type=Path, default=Path("library"), metavar="DIR", help="default: ./library"
    )
    common.add_argument("--json", action="store_true", help="print one JSON object")
    common.add_argument("--quiet", action="store_true", help="no bar, no line for each article")
    model = argparse.ArgumentParser(add_help=False)
    model.add_argument("--model", metavar="NAME", help="bundled, a folder, or a name on the Hugging Face hub")
    model.add_argument("--allow-download", action="store_true", help="let a named model be downloaded")
    commands = parser.add_subparsers(dest="command", required=True)

    sync = commands.add_parser("sync", parents=[common, model], help="take over what folders hold")
    sync.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    sync.set_defaults(run=_sync)
    commands.add_parser("status", parents=[common], help="what the library holds").set_defaults(run=_status)
    verify = commands.add_parser("verify", parents=[common], help="check that all agrees")
    verify.set_defaults(run=_verify)
    rebuild = commands.add_parser(
        "rebuild", parents=[common, model], help="build the indexes anew; with another model, all vectors"
    )
    rebuild.set_defaults(run=_rebuild)
    remove = commands.add_parser("remove", parents=[common], help="take articles out")
    remove.add_argument("articles", nargs="+", metavar="SOURCE_ID_OR_FOLDER")
    remove.set_defaults(run=_remove)
    return parser


if __name__ == "__main__":
    sys.exit(main())
