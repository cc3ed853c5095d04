"""The library from a terminal: sync, watch, status, verify, rebuild, remove, export, import."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from embeddings.errors import (
    ArticleQAError,
    FingerprintMismatch,
    LibraryCorrupt,
    LibraryError,
    LoadError,
    ModelError,
    NotALibrary,
)
from embeddings.folders import IGNORE_FILE
from embeddings.segment import SEGMENTERS
from embeddings.terminal import ERROR, FINE, INTERRUPTED, SOME_FAILED, Shown, say, told

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from embeddings.encode import Embedder
    from embeddings.nearest import Plan
    from embeddings.store import Store


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 fine, 1 some articles failed or problems were found, 2 an error, 130 interrupted."""
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    shown = Shown(quiet=options.quiet or options.json)
    try:
        return int(options.run(options, shown))
    except ArticleQAError as error:
        shown.close()
        say(f"error: {error}", sys.stderr)
        return ERROR
    except OSError as error:  # of the terminal: what is printed cannot be written
        shown.close()
        say(f"error: {error}", sys.stderr)
        return ERROR
    except KeyboardInterrupt:
        shown.close()
        kept = f"{shown.kept} articles were stored and are kept; run the same command to go on"
        nothing = "an import begins anew; run the same command again"
        say(f"interrupted: {nothing if options.command == 'import' else kept}", sys.stderr)
        return INTERRUPTED


def _sync(options: argparse.Namespace, shown: Shown) -> int:
    from embeddings.update import differences, sync

    if options.dry_run:
        report = differences(options.library, options.folders, ignore=options.ignore, progress=shown)
        return told(report, shown, as_json=options.json, foreseen=True)
    report = sync(
        options.library,
        options.folders,
        _embedder(options),
        segmenter=options.segmenter,
        progress=shown,
        ignore=options.ignore,
        processes=options.processes,
    )
    return told(report, shown, as_json=options.json)


def _watch(options: argparse.Namespace, shown: Shown) -> int:
    from embeddings.watch import watch

    reports = watch(
        options.library,
        options.folders,
        _embedder(options),
        ignore=options.ignore,
        progress=shown,
        processes=options.processes,
    )
    try:
        for report in reports:
            told(report, shown, as_json=options.json)
    except KeyboardInterrupt:  # the way to end it
        shown.close()
    return FINE


def _export(options: argparse.Namespace, shown: Shown) -> int:
    from embeddings.backup import export
    from embeddings.folder import replace_file_with

    pieces = (f"{line}\n".encode() for line in export(options.library, progress=shown))
    path = Path(options.file).resolve()
    try:
        if options.file == "-":
            shown.quiet = True
            _write(sys.stdout.buffer, pieces)
        elif path.exists() and not path.is_file():  # a pipe, a device
            with path.open("wb") as stream:
                _write(stream, pieces)
        else:
            replace_file_with(path, pieces)
    except OSError as error:
        reason = f"it cannot be written ({error.strerror or error})"
        raise LibraryError(options.file, reason, "name another file, or free disk space") from error
    shown.close()
    return FINE


def _write(stream: IO[bytes], pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        stream.write(piece)
    stream.flush()


def _import(options: argparse.Namespace, shown: Shown) -> int:
    from embeddings.backup import import_lines

    with contextlib.ExitStack() as stack:
        try:
            stream = sys.stdin.buffer if options.file == "-" else Path(options.file).open("rb")  # noqa: SIM115
        except OSError as error:
            raise LoadError(
                options.file, f"it cannot be read ({error.strerror})", "check the path"
            ) from error
        lines = stack.enter_context(io.TextIOWrapper(stream, encoding="utf-8"))
        try:
            report = import_lines(options.library, lines, _embedder(options), progress=shown)
        except UnicodeDecodeError as error:
            raise LoadError(options.file, "it is not UTF-8 text", "give an exported file") from error
    return told(report, shown, as_json=options.json)


def _remove(options: argparse.Namespace, shown: Shown) -> int:
    from embeddings.update import remove

    report = remove(options.library, options.articles, progress=shown)
    return told(report, shown, as_json=options.json)


def _rebuild(options: argparse.Namespace, shown: Shown) -> int:
    from embeddings.rebuild import rebuild

    report = rebuild(options.library, _embedder(options), segmenter=options.segmenter, progress=shown)
    if report is None:
        shown.close()
        say(json.dumps({"rebuilt": "indexes"}) if options.json else "the indexes were built anew")
        return FINE
    return told(report, shown, as_json=options.json)


def _status(options: argparse.Namespace, _: Shown) -> int:
    from embeddings.index import is_saved, plan_of
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
            "segmenter": store.segmenter,
            "folders": sorted({row.root for row in store.articles() if row.root}),
            "indexes": "up to date" if is_saved(store) else "behind; the next sync saves them",
            "search": _search(plan_of(store)),
            "bytes": sum(path.stat().st_size for path in store.folder.rglob("*") if path.is_file()),
        }
    if options.json:
        say(json.dumps(facts, ensure_ascii=False))
    else:
        for name, value in facts.items():
            say(f"{name:10} {', '.join(value) if isinstance(value, list) else value}")
    return FINE


def _search(plan: Plan | None) -> str:
    """How vectors are searched, in words."""
    if plan is None or not plan.lists:
        return "exact"
    return (
        f"{plan.probes} of {plan.lists} inverted lists, the best {plan.shortlist} measured again:"
        f" recall@10 {plan.recall:.3f} of exact search among {plan.trained} passages"
    )


def _verify(options: argparse.Namespace, _: Shown) -> int:
    from embeddings.folder import mend_corrupt, rebuild_command
    from embeddings.store import Store
    from embeddings.verify import SAMPLE, verify

    with Store.open(options.library) as store:
        passages = store.counts()[1]
        model = _model_of(store)
    problems = verify(options.library, model)
    if options.json:
        say(json.dumps({"problems": problems}, ensure_ascii=False))
        return SOME_FAILED if problems else FINE
    say("\n".join(problems) if problems else "no problems found")
    if passages > SAMPLE:
        say(f"terms and vectors of {SAMPLE} of {passages} passages were compared with their texts")
    if model is None:
        say("vectors were not compared with their texts: the library's model is not here")
    if problems:
        say(f"to mend it, {rebuild_command(options.library)}")
        say(f"if problems remain, {mend_corrupt(options.library)}")
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
    words = argparse.ArgumentParser(add_help=False)
    words.add_argument(
        "--segmenter",
        choices=SEGMENTERS,
        help="who cuts Chinese text into words: the library's own, in a new one jieba; rjieba is much faster",
    )
    what = argparse.ArgumentParser(add_help=False)
    what.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    what.add_argument(
        "--ignore",
        action="append",
        default=[],
        metavar="PATTERN",
        help=f"leave out what this names, as a line of .gitignore; to keep patterns, write them in {IGNORE_FILE}",
    )
    what.add_argument(
        "--processes", type=int, default=os.cpu_count() or 1, metavar="N", help="that load files (one a core)"
    )
    commands = parser.add_subparsers(dest="command", required=True)

    sync = commands.add_parser(
        "sync", parents=[common, model, words, what], help="take over what folders hold"
    )
    sync.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    sync.set_defaults(run=_sync)
    watch = commands.add_parser(
        "watch", parents=[common, model, what], help="sync, and again with each change"
    )
    watch.set_defaults(run=_watch)
    commands.add_parser("status", parents=[common], help="what the library holds").set_defaults(run=_status)
    verify = commands.add_parser("verify", parents=[common], help="check that all agrees")
    verify.set_defaults(run=_verify)
    rebuild = commands.add_parser(
        "rebuild",
        parents=[common, model, words],
        help="build the indexes anew; with another model, all vectors",
    )
    rebuild.set_defaults(run=_rebuild)
    remove = commands.add_parser("remove", parents=[common], help="take articles out")
    remove.add_argument("articles", nargs="+", metavar="SOURCE_ID_OR_FOLDER")
    remove.set_defaults(run=_remove)
    export = commands.add_parser("export", parents=[common], help="write the library as JSON Lines")
    export.add_argument("file", nargs="?", default="-", metavar="FILE", help="default: stdout")
    export.set_defaults(run=_export)
    load = commands.add_parser("import", parents=[common, model], help="make a new library of an export")
    load.add_argument("file", nargs="?", default="-", metavar="FILE", help="default: stdin")
    load.set_defaults(run=_import)
    return parser


if __name__ == "__main__":
    sys.exit(main())
