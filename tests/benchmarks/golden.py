"""Prints the golden questions by kind: ``python -m tests.benchmarks.golden [--data DIR] [--part dev]``.

The questions lie in ``tests/golden``: those over the sample articles, and, with ``--data``, the folder of
shared data, those over articles that we did not write (by set and id); "fresh" ones came later, from writers who saw
neither the tool nor the other questions. Each part of those, "dev" and "test", is a library of its own articles. ``--only
blogs`` asks those over blogs, each a library of its own, as people keep them: tables, steps, code, headings. "first": the first answer shows the gold words within its sentence; "three":
one of the first three does; where several pieces are needed, as many answers as pieces count (of one article, those to the
parts of the question, else one). "right":
first, and answered; for what has no answer: declined.
"""

from __future__ import annotations

import argparse
import json
import lzma
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from embeddings.article import Article, Metadata
from embeddings.encode import embedder
from embeddings.library import Library
from embeddings.load import load
from embeddings.update import add
from qa.confidence import bundled_confidence
from qa.config import Config
from qa.conversation import exchange
from qa.engine import Engine
from qa.evaluation import declined_at
from qa.training.split import PARTS
from qa.training.talks import talks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qa.reply import Answer, Reply

HERE = Path(__file__).parents[1] / "golden"
SAMPLES = Path(__file__).parents[2] / "qa" / "samples"
SILENT = ("unanswerable", "offtopic", "smalltalk")
"""Kinds that no article answers."""


@dataclass(frozen=True)
class Result:
    """What came of one question; ``gold`` is empty where nothing answers."""

    row: dict[str, Any]
    reply: Reply
    first: bool
    three: bool
    answered: bool
    written_out: bool | None = None


def sample_articles() -> list[Article]:
    return [
        replace(load(path), id=f"samples/{path.name}", source=f"samples/{path.name}")
        for path in sorted(SAMPLES.glob("*.md"))
    ]


def shared_articles(data: Path, listed_in: str = "articles.json", part: str = "") -> list[Article]:
    listed = json.loads((HERE / listed_in).read_text(encoding="utf-8"))
    wanted = {entry["key"] for entry in listed if part in ("", entry["part"])}
    found = []
    for name in sorted({entry["set"] for entry in listed}):
        if name == "seed":
            found.append(replace(load(data / "seed-article.md"), id="seed", source="seed-article.md"))
            continue
        with lzma.open(data / "articles" / f"{name}.jsonl.xz", "rt", encoding="utf-8") as file:
            for row in map(json.loads, file):
                key = f"{name}/{row['id']}"
                if key in wanted:
                    date = row["date"].replace(" ", "T") if len(row["date"]) != 7 else row["date"] + "-01"
                    metadata = Metadata(author=row["author"], date=date)
                    found.append(Article(key, row["title"], row["text"], key, metadata))
    return found


def blog_articles(name: str) -> list[Article]:
    return [
        replace(load(path), id=f"blogs/{name}/{path.name}", source=f"blogs/{name}/{path.name}")
        for path in sorted((HERE / "blogs" / name).glob("*.md"))
    ]


def blogs(part: str) -> Iterator[tuple[list[Article], list[dict[str, Any]]]]:
    """The articles of each blog, and what is asked of them."""
    rows = [row for row in questions("blogs") if row["part"] == part]
    for name in dict.fromkeys(row["blog"] for row in rows):
        yield blog_articles(name), [row for row in rows if row["blog"] == name]


def questions(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def conversations(data: Path, part: str) -> tuple[list[Article], list[dict[str, Any]]]:
    """The conversations of :mod:`qa.training.talks`: their articles, and their turns as golden questions."""
    held = talks(data, [part])
    articles = {talk.article: Article(talk.article, talk.title, talk.text, talk.article) for talk in held}
    rows: list[dict[str, Any]] = []
    for number, talk in enumerate(held):
        for place, turn in enumerate(talk.turns):
            span = turn.answer
            gold = [[{"article": talk.article, "start": span.start, "end": span.end}]] if span else []
            row = {"id": f"{number}/{place}", "kind": "follow-up" if place else "first", "part": part}
            row |= {"question": turn.question, "conversation": str(number), "answers": gold}
            rows.append(row | ({"standalone": turn.written} if place else {}))
    return list(articles.values()), rows


def sets(given: argparse.Namespace, part: str) -> Iterator[tuple[list[Article], list[dict[str, Any]]]]:
    """Articles, and what is asked of them."""
    if given.talks:
        yield conversations(given.data, part)
        return
    if given.only == "blogs":
        yield from blogs(part)
        return
    if not given.data:
        print("the questions over shared articles are left out: no --data")
    listed = {"samples": sample_articles}
    if given.data:
        listed["shared"] = lambda: shared_articles(given.data)
        listed["fresh"] = lambda: shared_articles(given.data, "fresh.json", part)
    for name, articles in listed.items():
        if given.only in (None, name):
            yield articles(), questions(name)


def ask_all(rows: list[dict[str, Any]], engine: Engine) -> list[Result]:
    histories: dict[str, list[Any]] = defaultdict(list)
    results = []
    for row in rows:
        history = histories[row["conversation"]] if "conversation" in row else []
        reply = engine.ask(row["question"], history[-3:])
        history.append(exchange(reply))
        result = judged(row, reply)
        if row["answers"] and "standalone" in row:
            out = judged(row, engine.ask(row["standalone"]))
            result = replace(result, written_out=out.first)
        results.append(result)
    return results


def judged(row: dict[str, Any], reply: Reply) -> Result:
    held = bundled_confidence()
    unread = bool(reply.answers) and not reply.answers[0].evidence.get("reader_mass")
    judge = held.unread if unread else held.read
    read = bool(reply.answers and reply.answers[0].evidence) and not reply.answers[0].field
    least = judge.silence.least(reply.answers[0].evidence) if read else 0.0
    answered = bool(reply.answers) and reply.answerable >= least
    first = any(
        _covers(reply.answers[: max(1, len(alternative))], alternative) for alternative in row["answers"]
    )
    three = any(
        _covers(reply.answers[: max(3, len(alternative))], alternative) for alternative in row["answers"]
    )
    return Result(row, reply, first, three, answered)


def _covers(answers: tuple[Answer, ...], pieces: list[dict[str, Any]]) -> bool:
    one = len({piece.get("article") for piece in pieces}) == 1 and not any(
        "field" in piece for piece in pieces
    )
    alone = one and len(pieces) > 1 and len(answers) <= len(pieces) and not any(a.part for a in answers)
    answers = answers[:1] if alone else answers
    return all(any(_shows(answer, piece) for answer in answers) for piece in pieces)


def _shows(answer: Answer, piece: dict[str, Any]) -> bool:
    if "count" in piece:
        return answer.field == "count" and answer.text == str(piece["count"])
    if "field" in piece:
        own = any(source.article.id == piece["article"] for source in answer.sources)
        value = piece["value"]
        same = "".join(c for c in answer.text if c.isalnum()).startswith(
            "".join(c for c in value if c.isalnum())
        )
        return own and bool(answer.field) and (same or value in answer.text)
    return any(
        source.article.id == piece["article"]
        and source.passage is not None
        and source.span.start < piece["end"]
        and piece["start"] < source.span.end
        and source.sentence.start <= piece["start"]
        and (piece["end"] <= source.sentence.end or piece["end"] - piece["start"] > 40)
        for source in answer.sources
    )


def table(results: list[Result]) -> None:
    by_kind: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        silent = result.row["kind"] in SILENT or not result.row["answers"]
        by_kind["no answer" if silent and result.row["kind"] not in SILENT else result.row["kind"]].append(
            result
        )
    print(f"{'kind':14}{'n':>5}{'first':>8}{'three':>8}{'answered':>10}")
    for kind, held in sorted(by_kind.items()):
        shares = [sum(getattr(r, name) for r in held) / len(held) for name in ("first", "three", "answered")]
        print(
            f"{kind:14}{len(held):5}"
            + "".join(f"{share:{width}.3f}" for share, width in zip(shares, (8, 8, 10), strict=True))
        )
    asked = [r for r in results if r.row["answers"]]
    silent = [r for r in results if not r.row["answers"] and r.row["kind"] != "smalltalk"]
    first, three = (sum(getattr(r, name) for r in asked) / len(asked) for name in ("first", "three"))
    print(
        f"{'answerable':14}{len(asked):5}{first:8.3f}{three:8.3f}{sum(r.answered for r in asked) / len(asked):10.3f}"
    )

    def sure(held: list[Result]) -> list[float]:
        return [r.reply.answerable if r.reply.answers else 0.0 for r in held]

    print(f"declined at 90 % coverage {declined_at(0.9, sure(asked), sure(silent)):.3f} (n {len(silent)})")
    follow = [r for r in results if r.written_out is not None]
    if follow:
        print(
            f"follow-ups {sum(r.first for r in follow) / len(follow):.3f}, written out {sum(bool(r.written_out) for r in follow) / len(follow):.3f} (n {len(follow)})"
        )
    times = [sum(r.reply.timings.values()) for r in results]
    print(f"p50 {median(times):.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, help="the folder of shared data; without it, the sample articles alone"
    )
    parser.add_argument("--part", choices=("dev", "test"), action="append")
    parser.add_argument("--wrong", action="store_true", help="list what went wrong")
    parser.add_argument(
        "--only", choices=("samples", "shared", "fresh", "blogs"), help="these questions alone"
    )
    parser.add_argument(
        "--talks", choices=PARTS, help="the conversations of this part of qa.training.talks instead"
    )
    given = parser.parse_args()
    if given.talks and not given.data:
        parser.error("--talks needs --data")
    model = embedder()
    for part in [given.talks] if given.talks else given.part or ("dev", "test"):
        results: list[Result] = []
        for articles, rows in sets(given, part):
            with TemporaryDirectory() as folder:
                add(Path(folder) / "library", articles, model)
                engine = Engine(Library.open(Path(folder) / "library", model), config=Config(threshold=0.0))
                results += ask_all([row for row in rows if row["part"] == part], engine)
        print(f"\n{part}")
        table(results)
        if given.wrong:
            for r in results:
                wrong = (not r.first or not r.answered) if r.row["answers"] else r.answered
                if wrong:
                    shown = " / ".join(f"{a.confidence:.2f} {a.text[:40]!r}" for a in r.reply.answers[:2])
                    said = (
                        r.reply.standalone_question
                        if r.reply.standalone_question != r.row["question"]
                        else ""
                    )
                    gold = "; ".join(
                        str(
                            p.get("quote")
                            or p.get("value")
                            or p.get("count")
                            or (p["article"], p["start"], p["end"])
                        )
                        for p in (r.row["answers"] or [[]])[0]
                    )
                    print(
                        f"{r.row['id']} {r.row['kind']} {r.row['question']} {'=> ' + said if said else ''} | {shown} | {gold[:60]}"
                    )


if __name__ == "__main__":
    main()
