"""Prints how a library grows: ``python -m tests.benchmarks.scale --data DIR --work DIR [--sizes N,N]``.

For each number of passages it writes articles recombined from the shared data (deterministic), syncs
them on all cores with rjieba, and measures, in processes of their own, opening, searching, memory, one
edited article and the recall of the inverted lists. DIR of ``--work`` needs 10 GB for a million passages;
what lies there is used again. The table goes to stdout, the figures to ``scale.json`` and the plots to
``scale.svg`` beside this file with ``--save``.
"""

from __future__ import annotations

import argparse
import json
import lzma
import math
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

SETS = ("crud_news_2023", "cctv_xwlb_news", "lctt_tech", "csl_abstracts", "zhwiki_100", "tidb_docs_cn")
QUESTIONS = ("cmrc2018_dev", "counterterror_news_dev", "drcd_dev")
SIZES = (1_000, 10_000, 100_000, 1_000_000)
CHARACTERS = 410  # of a passage, about
SEED = 5


def write_articles(data: Path, folder: Path, passages: int) -> None:
    """Articles of about so many passages in all, as a blog keeps them: no two paragraphs are the same."""
    from embeddings.chunk import sentences

    if (folder / "whole").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    runs: list[str] = []
    for name in SETS:
        with lzma.open(data / "articles" / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
            for _, line in zip(range(6000), lines, strict=False):
                text = json.loads(line)["text"]
                found = [span.of(text) for span in sentences(text) if 8 < len(span) < 300]
                runs += ["".join(found[i : i + 3]) for i in range(0, len(found) - 2, 3)]
    rng = random.Random(SEED)
    written = number = 0
    while written < passages * CHARACTERS:
        paragraphs = [rng.choice(runs) + rng.choice(runs) for _ in range(rng.randint(2, 30))]
        text = "\n\n".join(paragraphs)
        written += len(text)
        title = paragraphs[0][:20].replace('"', "").replace("\\", "")
        front = f'title: "{title}"\nauthor: 作者{number % 997}\ntags: [标签{number % 50}]'
        date = f"20{number % 20 + 5:02}-{number % 12 + 1:02}-{number % 28 + 1:02}"
        path = folder / f"{number // 1000:04}" / f"{number}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"---\n{front}\ndate: {date}\n---\n\n{text}\n", "utf-8")
        number += 1
    (folder / "whole").touch()


def questions(data: Path) -> list[str]:
    from qa.evaluation import read_examples

    found = [e.question for name in QUESTIONS for e in read_examples(data / "span" / f"{name}.jsonl.xz")]
    return random.Random(SEED).sample(found, 300)


def build(library: Path, folder: Path) -> dict[str, Any]:
    """Seconds of the first sync, and what it held."""
    import resource

    from embeddings.encode import embedder
    from embeddings.update import sync

    model = embedder()
    model.encode_passages(["热"])
    shutil.rmtree(library, ignore_errors=True)
    cores = len(os.sched_getaffinity(0))
    begun = time.perf_counter()
    report = sync(library, [folder], model, segmenter="rjieba", processes=cores)
    seconds = time.perf_counter() - begun
    size = sum(path.stat().st_size for path in library.rglob("*") if path.is_file())
    return {
        "articles": len(report.added),
        "passages": report.embedded + report.reused,
        "build_s": seconds,
        "passages_per_s": (report.embedded + report.reused) / seconds,
        "build_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "library_mb": size / 2**20,
    }


def search(library: Path, asked: list[str]) -> dict[str, Any]:
    """Opening, searching, memory."""
    import numpy as np

    from embeddings.encode import embedder
    from embeddings.library import Library
    from embeddings.words import words
    from qa.question import analyse
    from qa.retriever import Retriever

    words("你好")
    words("你好", "rjieba")
    model = embedder()
    model.encode_questions(["热"])
    analyse("什么时候？")
    before = _resident()
    begun = time.perf_counter()
    retriever = Retriever(Library.open(library, model))
    retriever.search(asked[0], 8)
    opened = time.perf_counter() - begun
    for question in asked:
        retriever.search(question, 8)
    took = []
    for question in asked:
        begun = time.perf_counter()
        retriever.search(question, 8)
        took.append(1000 * (time.perf_counter() - begun))
    resident = _resident() - before
    p50, p99 = np.percentile(took, [50, 99])
    return {"open_s": opened, "search_p50_ms": p50, "search_p99_ms": p99, "resident_mb": resident / 2**20}


def recall(library: Path, asked: list[str]) -> dict[str, Any]:
    """Recall@10 of the index against exact search, with people's questions."""
    import numpy as np

    from embeddings.encode import embedder
    from embeddings.library import Library
    from embeddings.nearest import _Exact

    model = embedder()
    view = Library.open(library, model).snapshot()
    vectors = model.encode_questions(asked)
    exact = _Exact(vectors)
    for ids, stored in view.store.vectors():
        exact.see(ids, stored)
    found = view.nearest(vectors, 10)
    shares = [
        len({i for i, _ in near} & set(true)) / 10
        for near, true in zip(found, exact.ids.tolist(), strict=True)
    ]
    return {"recall_at_10": float(np.mean(shares))}


def edit(library: Path, folder: Path) -> dict[str, Any]:
    """Seconds to take over one edited article: told which, as a watch is, and found by looking at all."""
    from embeddings.encode import embedder
    from embeddings.update import sync
    from embeddings.words import words

    words("你好", "rjieba")
    model = embedder()
    model.encode_passages(["热"])
    paths = sorted(folder.rglob("*.md"))
    told, looked = [], []
    for turn, path in enumerate(random.Random(time.time_ns()).sample(paths, 12)):
        text = path.read_text("utf-8")
        path.write_text(f"{text}\n\n又及：{time.time_ns()} 号修改。\n", "utf-8")
        begun = time.perf_counter()
        report = sync(library, [folder], model, only=[path] if turn < 9 else None)
        (told if turn < 9 else looked).append(time.perf_counter() - begun)
        assert report.changed == [path.as_posix()], report
    return {"edit_s": sorted(told)[4], "edit_worst_s": max(told), "edit_whole_s": sorted(looked)[1]}


def watched(library: Path, folder: Path) -> dict[str, Any]:
    """Seconds from the edit of a file in a watched folder until a question finds it, the median of seven."""
    from embeddings.encode import embedder
    from embeddings.library import Library
    from embeddings.watch import watch
    from embeddings.words import words

    words("你好", "rjieba")
    model = embedder()
    stop, begun = threading.Event(), threading.Event()

    def run() -> None:
        for _ in watch(library, [folder], model, stop=stop):
            begun.set()

    thread = threading.Thread(target=run)
    thread.start()
    begun.wait()
    opened = Library.open(library, model)
    took = []
    for path in random.Random(time.time_ns()).sample(sorted(folder.rglob("*.md")), 7):
        word = f"zq{time.time_ns()}"
        path.write_text(f"{path.read_text('utf-8')}\n\n又及：{word}。\n", "utf-8")
        since = time.perf_counter()
        while not opened.snapshot().matching([word], [word], 1):
            time.sleep(0.02)
        took.append(time.perf_counter() - since)
    stop.set()
    thread.join()
    return {"watched_s": sorted(took)[3]}


def _resident() -> int:
    with open("/proc/self/statm") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def child(what: str, *arguments: object) -> dict[str, Any]:
    """What one of the measures says, in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.scale",
        "--child",
        what,
        json.dumps(arguments, default=str),
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return dict(json.loads(done.stdout))


SHOWN = {
    "passages": ("passages", "{:,}"),
    "articles": ("articles", "{:,}"),
    "build_s": ("build, s", "{:,.0f}"),
    "passages_per_s": ("passages/s", "{:,.0f}"),
    "build_peak_mb": ("build, MB", "{:,.0f}"),
    "library_mb": ("library, MB", "{:,.0f}"),
    "open_s": ("open to first search, s", "{:.2f}"),
    "search_p50_ms": ("search p50, ms", "{:.1f}"),
    "search_p99_ms": ("search p99, ms", "{:.1f}"),
    "resident_mb": ("resident, MB", "{:,.0f}"),
    "recall_at_10": ("recall@10", "{:.3f}"),
    "edit_s": ("one edit told, s", "{:.3f}"),
    "edit_worst_s": ("worst of 9, s", "{:.3f}"),
    "edit_whole_s": ("one edit found, s", "{:.2f}"),
    "watched_s": ("edit to answer, watched, s", "{:.2f}"),
}


def table(rows: list[dict[str, Any]]) -> str:
    lines = ["| | " + " | ".join(f"{row['wanted']:,}" for row in rows) + " |", "|---|" + "---:|" * len(rows)]
    for name, (title, form) in SHOWN.items():
        lines.append(f"| {title} | " + " | ".join(form.format(row[name]) for row in rows) + " |")
    return "\n".join(lines)


PLOTS = (
    "build_s",
    "passages_per_s",
    "search_p50_ms",
    "search_p99_ms",
    "resident_mb",
    "open_s",
    "edit_s",
    "edit_whole_s",
)


def plots(rows: list[dict[str, Any]]) -> str:
    """An SVG with a plot of each measure over the number of passages, both logarithmic."""
    parts = []
    for at, name in enumerate(PLOTS):
        left, top = 20 + at % 4 * 230, 20 + at // 4 * 190
        values = [max(row[name], 1e-4) for row in rows]
        low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)) + 1e-9)
        high = max(high, low + 1)
        xs = [left + 58 + 135 * (math.log10(row["wanted"]) - 3) / 3 for row in rows]
        ys = [top + 140 - 110 * (math.log10(value) - low) / (high - low) for value in values]
        parts.append(f'<text x="{left + 40}" y="{top + 14}" class="t">{SHOWN[name][0]}</text>')
        parts += [
            f'<line x1="{left + 40}" x2="{left + 200}" y1="{y}" y2="{y}" class="g"/>'
            f'<text x="{left + 36}" y="{y + 3}" text-anchor="end">{10.0**power:g}</text>'
            for power in range(low, high + 1)
            for y in [top + 140 - 110 * (power - low) / (high - low)]
        ]
        parts += [
            f'<text x="{x}" y="{top + 156}" text-anchor="middle">{label}</text>'
            for x, label in zip(xs, ["1k", "10k", "100k", "1M"], strict=False)
        ]
        parts.append(
            f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))}" class="l"/>'
        )
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/><text x="{x:.1f}" y="{y - 7:.1f}" text-anchor="middle">{SHOWN[name][1].format(value)}</text>'
            for x, y, value in zip(xs, ys, values, strict=True)
        ]
    style = (
        "text{font:10px sans-serif;fill:#444}.t{font-weight:bold;font-size:11px}.g{stroke:#ddd}"
        ".l{fill:none;stroke:#2563eb;stroke-width:2}circle{fill:#2563eb}"
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="950" height="400" viewBox="0 0 950 400">'
        f'<style>{style}</style><rect width="950" height="400" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--keep", action="store_true", help="use libraries that were built before")
    parser.add_argument("--save", action="store_true", help="write scale.json and scale.svg beside this file")
    options = parser.parse_args()
    asked = questions(options.data)
    rows = []
    for size in map(int, options.sizes.split(",")):
        folder, library = options.work / f"articles-{size}", options.work / f"library-{size}"
        write_articles(options.data, folder, size)
        built = options.work / f"built-{size}.json"
        if not (options.keep and built.exists()):
            built.write_text(json.dumps(child("build", library, folder)))
        row = {"wanted": size, **json.loads(built.read_text())}
        row |= child("search", library, asked) | child("recall", library, asked)
        row |= child("edit", library, folder) | child("watched", library, folder)
        rows.append(row)
        sys.stderr.write(f"{row}\n")
    print(table(rows))
    if options.save:
        here = Path(__file__)
        here.with_suffix(".json").write_text(json.dumps(rows, indent=1) + "\n")
        here.with_suffix(".svg").write_text(plots(rows))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        measures = {"build": build, "search": search, "recall": recall, "edit": edit, "watched": watched}
        values = [Path(value) if isinstance(value, str) else value for value in json.loads(sys.argv[3])]
        print(json.dumps(measures[sys.argv[2]](*values)))
    else:
        main()
