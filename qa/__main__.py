"""Asking from a terminal: ``python -m qa ask | search | evaluate | asked | export``."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from embeddings.errors import ArticleQAError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.asked import Asked
    from qa.conversation import Exchange
    from qa.reply import Answer, Hit, Reply
    from qa.where import Where

ANSWERED, ERROR, NO_ANSWER = 0, 2, 3
"""Exit codes: 3 says that the articles do not answer."""

MEASURES = ("retrieval", "reading", "open", "no_answer")


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code of the command in ``arguments``; the process's own by default."""
    given = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        return int(given.run(given))
    except ArticleQAError as error:
        print(f"error: {error}", file=sys.stderr)
        return ERROR
    except BrokenPipeError:
        # Whoever read our output has had enough (qa search ... | head).
        sys.stderr.close()
        return ANSWERED
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m qa", description="Ask questions of a library of articles."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    ask = commands.add_parser("ask", help="the words that answer a question, with their source")
    ask.add_argument(
        "question", type=_printable, nargs="+", help="several are a conversation; the last one is answered"
    )
    _library(ask)
    _where(ask)
    ask.add_argument(
        "--reader", help="an extractive question-answering model, by name or folder (default: bundled)"
    )
    ask.set_defaults(run=_ask)

    search = commands.add_parser("search", help="the passages most relevant to a question")
    search.add_argument("question", type=_printable)
    search.add_argument("-k", type=_positive, default=5, help="how many passages (default: 5)")
    _library(search)
    _where(search)
    search.set_defaults(run=_search)

    evaluate = commands.add_parser(
        "evaluate", help="figures for a file of questions (SQuAD, CMRC, DRCD, JSON Lines)"
    )
    evaluate.add_argument("files", nargs="+", metavar="FILE", help="several are pooled")
    for measure in MEASURES:
        name = "--" + measure.replace("_", "-")
        evaluate.add_argument(
            name, action="append_const", dest="measures", const=measure, help=f"measure {measure}"
        )
    evaluate.add_argument(
        "--limit", type=_positive, help="questions taken at most, at random with a fixed seed"
    )
    evaluate.add_argument(
        "--part",
        choices=("learn", "fit", "report"),
        help="only questions of this part (see qa/training/split.py)",
    )
    evaluate.add_argument("--titles", action="store_true", help="let paragraphs keep their titles")
    evaluate.add_argument("--model", help="the embedder, by name or folder (default: bundled)")
    evaluate.add_argument("--reader", help="the reader, by name or folder (default: bundled)")
    evaluate.add_argument("--allow-download", action="store_true", help="let named models be fetched")
    evaluate.add_argument("--json", action="store_true", help="print one JSON object")
    evaluate.set_defaults(run=_evaluate)

    asked = commands.add_parser("asked", help="what was asked on the page, and what found no answer")
    asked.add_argument("--days", type=_positive, default=30, help="how far back (default: 30)")
    _record(asked)
    asked.add_argument("--json", action="store_true", help="print one JSON object")
    asked.set_defaults(run=_asked)

    export = commands.add_parser("export", help="the replies that people judged, to evaluate or train with")
    export.add_argument("kind", choices=("squad", "qrels", "queries"), help="SQuAD 2.0 JSON, or TREC")
    _record(export)
    export.set_defaults(run=_export)
    return parser


def _record(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--library", default="library", metavar="DIR", help="the library (default: ./library)"
    )


def _library(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--library", default="library", metavar="DIR", help="the library (default: ./library)"
    )
    parser.add_argument("--model", help="the embedder, by name or folder (default: the library's own)")
    parser.add_argument("--allow-download", action="store_true", help="let named models be fetched")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _where(parser: argparse.ArgumentParser) -> None:
    for name, meaning in (
        ("since", "only articles from this date on (2019, 2019-02 or 2019-02-25)"),
        ("until", "only articles up to this date"),
        ("author", "only articles by this author"),
        ("tag", "only articles with this tag"),
        ("category", "only articles of this category"),
        ("folder", "only articles whose source begins so"),
    ):
        parser.add_argument(f"--{name}", default="", help=meaning)


def _restricted(given: argparse.Namespace) -> Where:
    from qa.where import Where

    # A month without a year is only ever said in a question: there is no option for it.
    return Where(*(getattr(given, name, "") for name in Where.__slots__))


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def _printable(text: str) -> str:
    """The argument with bytes that are not text, which could not be printed again, as question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _ask(given: argparse.Namespace) -> int:
    from qa.engine import Engine

    engine = Engine.open(
        given.library, embedder=given.model, reader=given.reader, allow_download=given.allow_download
    )
    from qa.conversation import exchange

    said: list[Exchange] = []
    for question in given.question:
        reply = engine.ask(question, said, _restricted(given))
        if not reply.remark:  # as on the page, small talk is nothing to refer to
            said.append(exchange(reply))
    print(json.dumps(reply.as_json(), ensure_ascii=False, indent=2) if given.json else _reply_text(reply))
    return ANSWERED if reply.answered else NO_ANSWER


def _search(given: argparse.Namespace) -> int:
    from embeddings.encode import embedder
    from embeddings.library import Library
    from qa.reply import hit_json
    from qa.retriever import Retriever

    model = embedder(given.model, allow_download=given.allow_download) if given.model else None
    library = Library.open(given.library, model)
    hits = Retriever(library).search(given.question, given.k, where=_restricted(given))
    if given.json:
        found = {"question": given.question, "hits": [hit_json(hit) for hit in hits]}
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        view = library.snapshot()
        print(
            "\n\n".join(_hit_text(hit, view.article(hit.passage.article_id).title) for hit in hits)
            or "nothing found"
        )
    return ANSWERED if hits else NO_ANSWER


def _evaluate(given: argparse.Namespace) -> int:
    import random

    from tqdm import tqdm

    from embeddings.encode import embedder
    from qa.evaluate import Setting, evaluate
    from qa.evaluation import read_examples
    from qa.reader import reader

    examples = everything = [example for file in given.files for example in read_examples(file)]
    if given.part:
        from qa.training.split import part

        examples = [example for example in examples if part(example.title, example.context) == given.part]
    if given.limit and given.limit < len(examples):
        examples = random.Random(0).sample(examples, given.limit)  # noqa: S311
    setting = Setting(
        embedder(given.model, allow_download=given.allow_download),
        reader(given.reader, allow_download=given.allow_download),
        titles=given.titles,
    )
    bars: dict[str, Any] = {}

    def progress(measure: str, done: int, total: int) -> None:
        if measure not in bars:
            bars[measure] = tqdm(total=total, desc=measure, disable=None, file=sys.stderr)
        bars[measure].update(done - bars[measure].n)

    figures = evaluate(examples, setting, given.measures or MEASURES, progress, everything)
    for bar in bars.values():
        bar.close()
    print(json.dumps(figures, ensure_ascii=False) if given.json else _table(figures))
    return ANSWERED


def _asked(given: argparse.Namespace) -> int:
    from dataclasses import asdict

    figures = _opened(given).figures(given.days)
    if given.json:
        print(json.dumps(asdict(figures), ensure_ascii=False))
        return ANSWERED
    answered = f"{figures.answered / figures.asked:.0%}" if figures.asked else "-"
    print(f"last {figures.days} days: {figures.asked} questions, {answered} answered")
    print(f"judged right {figures.right}, wrong {figures.wrong}")
    print(f"time to answer: median {figures.p50:.0f} ms, 95 % below {figures.p95:.0f} ms")
    for heading, rows in (
        ("found no answer", [(one.question, f"{one.times} times") for one in figures.nothing]),
        ("judged wrong", figures.judged_wrong),
        ("asked most", [(one.question, f"{one.times} times") for one in figures.most]),
    ):
        if rows:
            print("\n".join([f"\n{heading}:", *(f"  {first} · {second}" for first, second in rows)]))
    return ANSWERED


def _export(given: argparse.Namespace) -> int:
    from qa.asked import qrels, queries, squad

    judged = _opened(given).judged()
    if given.kind == "squad":
        print(json.dumps(squad(judged), ensure_ascii=False, indent=1))
    else:
        sys.stdout.write(qrels(judged) if given.kind == "qrels" else queries(judged))
    return ANSWERED


def _opened(given: argparse.Namespace) -> Asked:
    """The record of a library that is there; NotALibrary where none is."""
    from pathlib import Path

    from embeddings.folder import generation
    from qa.asked import Asked

    generation(Path(given.library))
    return Asked(Path(given.library))


def _reply_text(reply: Reply) -> str:
    lines = []
    if reply.did_you_mean:
        lines.append(f"你是不是想问 Did you mean: {reply.did_you_mean}")
    elif reply.standalone_question not in ("", reply.question.strip()):
        lines.append(f"按此查找 Searched for: {reply.standalone_question}")
    if reply.disagree:
        lines.append("文章的说法不一致。 The articles disagree.")
    if reply.remark:
        lines.append(reply.remark)
    for number, answer in enumerate(reply.answers, 1):
        lines.append(_answer_text(number, answer))
    if not reply.answered and not reply.remark:
        lines.append("这些文章里没有说。 These articles do not say.")
        lines += [f"  … {' '.join(hit.text.split())[:80]}" for hit in reply.hits[:3]]
    return "\n".join(lines)


def _answer_text(number: int, answer: Answer) -> str:
    part = f"{answer.part} " if answer.part else ""
    head = f"{number}. {part}{answer.text}   ({answer.confidence:.0%})"
    quoted = [] if answer.sentence == answer.text else [f"   “{' '.join(answer.sentence.split())}”"]
    sources = []
    for source in answer.sources:
        article = source.article
        where = [article.title, article.metadata.author, article.metadata.date.replace("T", " ")]
        page = f"p. {source.page}" if source.page else ""
        at = f"[{source.span.start}, {source.span.end})" if source.passage else answer.field
        sources.append("   — " + " · ".join(part for part in (*where, page, article.source, at) if part))
    return "\n".join([head, *quoted, *sources])


def _hit_text(hit: Hit, title: str) -> str:
    found = [f"dense {hit.dense_rank}"] if hit.dense_rank else []
    found += [f"lexical {hit.lexical_rank}"] if hit.lexical_rank else []
    above = " > ".join(dict.fromkeys([title, *hit.passage.headings]))
    words = f" · {' '.join(hit.matched)}" if hit.matched else ""
    head = f"#{hit.passage.id} {above} · relevance {hit.relevance:.2f} · similarity {hit.similarity:.2f}"
    return f"{head} · {', '.join(found)}{words}\n{hit.text.strip()}"


def _table(figures: dict[str, object]) -> str:
    rows = [f"questions  {figures['n']:,}"]
    for measure, held in figures.items():
        if isinstance(held, dict):
            shown = [
                f"{name} {value:.3f}" if isinstance(value, float) else f"{name} {value:,}"
                for name, value in held.items()
                if not isinstance(value, list)
            ]
            rows.append(f"{measure:10} {'   '.join(shown)}")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
