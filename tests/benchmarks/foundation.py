"""Prints the figures of the README: ``python -m tests.benchmarks.foundation --data DIR [--limit N]``.

DIR is the folder of shared data. Questions are those of the "report" half of the development sets,
on which nothing was fitted (for retrieval, all); the paragraphs are all of the set's. ``--limit`` takes so many questions
a set, at random with a fixed seed, for the measures that read, and four times as many for retrieval.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from embeddings.encode import embedder
from embeddings.update import sync
from qa.evaluate import Setting, evaluate
from qa.evaluation import Example, read_examples
from qa.reader import reader
from qa.training.split import part

SETS = ("cmrc2018_dev", "drcd_dev", "cail2019_dev", "counterterror_news_dev")
BM25 = {
    "cmrc2018_dev": (0.965, 0.960),
    "drcd_dev": (0.930, 0.944),
    "cail2019_dev": (0.611, 0.573),
    "counterterror_news_dev": (0.752, 0.790),
    "pooled": (0.814, 0.813),
}
"""Recall@1 of BM25 over words, and over characters and bigrams, on the whole sets (the data's README)."""
OVERLAP = {"cmrc2018_dev": 0.686, "drcd_dev": 0.841, "cail2019_dev": 0.811, "counterterror_news_dev": 0.849}
"""The sentence with the largest IDF overlap holds the answer, on the whole sets (the data's README)."""


@dataclass(frozen=True)
class Part:
    """The questions asked of a set, and all whose paragraphs make its library."""

    asked: list[Example]
    everything: list[Example]


def parts(data: Path) -> dict[str, Part]:
    """Each set, and all of them pooled."""
    held = {}
    for name in SETS:
        everything = read_examples(data / "span" / f"{name}.jsonl.xz")
        held[name] = Part(
            [e for e in everything if e.answers and part(e.title, e.context) == "report"], everything
        )
    pooled = [e for own in held.values() for e in own.asked]
    return held | {"pooled": Part(pooled, [e for own in held.values() for e in own.everything])}


def some(examples: list[Example], limit: int) -> list[Example]:
    return random.Random(0).sample(examples, limit) if 0 < limit < len(examples) else examples


def retrieval(held: dict[str, Part], limit: int) -> None:
    """Over all questions: nothing of the retriever was fitted on either half."""
    setting = Setting(embedder(), None)
    print(f"\n{'passage retrieval':26}{'n':>6}  {'recall@1':>8} {'@5':>6} {'mrr@10':>7}   BM25 words, grams")
    for name, own in held.items():
        asked = some([e for e in own.everything if e.answers], 4 * limit)
        found = evaluate(asked, setting, ["retrieval"], everything=own.everything)["retrieval"]
        words, grams = BM25[name]
        print(
            f"{name:26}{found['n']:6}  {found['recall@1']:8.3f} {found['recall@5']:6.3f} {found['mrr@10']:7.3f}"
            f"   {words:.3f}, {grams:.3f}",
            flush=True,
        )


def reading(held: dict[str, Part], limit: int) -> None:
    setting = Setting(embedder(), reader())
    sums: Counter[str] = Counter()
    names = ("sentence", "overlap_sentence", "f1", "em")
    print(
        f"\n{'gold paragraph given':26}{'n':>6}  {'sentence':>8} {'overlap':>8} {'f1':>6} {'em':>6}   overlap, whole set"
    )
    for name in SETS:
        asked = some(held[name].asked, limit)
        found = evaluate(asked, setting, ["reading"], everything=held[name].everything)["reading"]
        sums.update({key: found[key] * found["n"] for key in names} | {"n": found["n"]})
        print(
            f"{name:26}{found['n']:6}  {found['sentence']:8.3f} {found['overlap_sentence']:8.3f} {found['f1']:6.3f}"
            f" {found['em']:6.3f}   {OVERLAP[name]:.3f}",
            flush=True,
        )
    means = [sums[key] / sums["n"] for key in names]
    print(f"{'pooled':26}{sums['n']:6}  {means[0]:8.3f} {means[1]:8.3f} {means[2]:6.3f} {means[3]:6.3f}")


def silence(held: dict[str, Part], limit: int) -> None:
    setting = Setting(embedder(), reader())
    print(f"\n{'no answer':26}{'n':>6}  declined at 90 % coverage    ece")
    for name in (*SETS, "pooled"):
        asked = some(held[name].asked, limit)
        found = evaluate(asked, setting, ["no_answer"], everything=held[name].everything)["no_answer"]
        print(f"{name:26}{found['n']:6}  {found['declined_at_90']:24.3f}  {found['ece']:.3f}", flush=True)
        if name == "pooled":
            curve = " ".join(f"{coverage:.2f}:{risk:.2f}" for coverage, risk in found["risk_coverage"])
            print(f"risk by coverage (half of these questions have no answer): {curve}")


def open_questions(held: dict[str, Part], limit: int) -> None:
    setting = Setting(embedder(), reader())
    own = held["pooled"]
    found = evaluate(some(own.asked, limit), setting, ["open"], everything=own.everything)["open"]
    print(
        f"\nopen, pooled: n {found['n']}, f1 {found['f1']:.3f}, em {found['em']:.3f},"
        f" first answer from the question's paragraph {found['paragraph']:.3f}"
    )


def library(data: Path, count: int = 1000) -> None:
    """A folder of Hexo articles synced twice, each time by a whole process; then one question asked."""
    with lzma.open(data / "articles" / "cctv_xwlb_news.jsonl.xz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line, _ in zip(file, range(count), strict=False)]
    with TemporaryDirectory() as name:
        folder = Path(name) / "articles"
        folder.mkdir()
        for row in rows:
            front = f"---\ntitle: {json.dumps(row['title'], ensure_ascii=False)}\ndate: {row['date']}\n---\n"
            (folder / f"{row['id']}.md").write_text(front + row["text"], encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "embeddings",
            "sync",
            str(folder),
            "--library",
            f"{name}/library",
            "--json",
        ]
        for round_ in ("first", "second"):
            begun = time.perf_counter()
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            report = json.loads(done.stdout)
            counts = {key: len(value) if isinstance(value, list) else value for key, value in report.items()}
            print(
                f"\n{round_} sync of {len(rows):,} articles: {time.perf_counter() - begun:.2f} s, {counts}",
                flush=True,
            )


def asking() -> None:
    """`python -m qa ask` on the sample library, the whole process, five times."""
    samples = Path(__file__).parents[2] / "qa" / "samples"
    with TemporaryDirectory() as name:
        sync(Path(name) / "library", [samples], embedder())
        command = [
            sys.executable,
            "-m",
            "qa",
            "ask",
            "京张铁路是谁主持修建的？",
            "--library",
            f"{name}/library",
        ]
        seconds = []
        for _ in range(5):
            begun = time.perf_counter()
            subprocess.run(command, capture_output=True, check=True)
            seconds.append(time.perf_counter() - begun)
    print(
        f"\npython -m qa ask, whole process: {sorted(seconds)[2]:.2f} s (median of 5, longest {max(seconds):.2f} s)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--only", choices=("retrieval", "reading", "silence", "open", "library", "asking"))
    given = parser.parse_args()
    held = parts(given.data)
    measures = {
        "retrieval": lambda: retrieval(held, given.limit),
        "reading": lambda: reading(held, given.limit),
        "silence": lambda: silence(held, given.limit),
        "open": lambda: open_questions(held, given.limit),
        "library": lambda: library(given.data),
        "asking": asking,
    }
    for name, measure in measures.items():
        if given.only in (None, name):
            measure()


if __name__ == "__main__":
    main()
