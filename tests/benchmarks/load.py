"""Many readers and a writer: ``python -m tests.benchmarks.load [--readers 32] [--seconds 60] [--articles N]``.

The readers, half of them in another process, ask what a library holds while a writer changes all of it
again and again, and every third time removes a fifth of it. Every revision of an article says its
number in each of its sentences, so a reply that mixes two revisions shows.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from embeddings.encode import embedder
from embeddings.library import Library
from embeddings.update import sync
from qa.retriever import Retriever

NUMBER = re.compile(r"第(\d+)版")
TOPICS = ["长城", "黄河", "泰山", "运河", "故宫", "敦煌", "西湖", "漓江"]


def write(folder: Path, articles: int, version: int) -> None:
    folder.mkdir(exist_ok=True)
    for i in range(articles):
        path = folder / f"{i}.md"
        topic = TOPICS[i % len(TOPICS)]
        lines = (f"{topic}的第{k}条记录属于第{version}版，编号是{i * 100 + k}。" for k in range(40))
        path.write_text(f"# {topic}记录{i}\n\n" + "\n\n".join(lines) + "\n", "utf-8")


def read(library: Path, threads: int, seconds: float) -> dict:
    """What so many threads found: replies, errors, mixtures, how long a question took."""
    retriever = Retriever(Library.open(library))
    end = time.monotonic() + seconds
    took: list[float] = []
    errors: list[str] = []
    mixed = 0
    revisions: set[int] = set()

    def ask(turn: int) -> None:
        nonlocal mixed
        while time.monotonic() < end:
            turn += 1
            begun = time.perf_counter()
            try:
                view = retriever.library.snapshot()
                hits = retriever.search(f"{TOPICS[turn % len(TOPICS)]}的第{turn % 40}条记录", 8, view)
                texts = [hit.text for hit in hits]
                texts += [view.article(hit.passage.article_id).text for hit in hits]
                if len({number for text in texts for number in NUMBER.findall(text)}) != 1:
                    mixed += 1
                revisions.add(view.revision)
            except Exception as error:  # noqa: BLE001 -- any is one too many
                errors.append(repr(error)[:300])
            took.append(time.perf_counter() - begun)

    asking = [threading.Thread(target=ask, args=[7 * i]) for i in range(threads)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    return {"took": took, "errors": errors, "mixed": mixed, "revisions": len(revisions)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--articles", type=int, default=40)
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(read(options.child, options.readers, options.seconds)))
        return 0
    with TemporaryDirectory() as home:
        folder, library = Path(home) / "articles", Path(home) / "library"
        model = embedder()
        write(folder, options.articles, 0)
        sync(library, [folder], model)
        half = str(options.readers // 2)
        command = [sys.executable, "-m", "tests.benchmarks.load", "--child", str(library)]
        command += ["--readers", half, "--seconds", str(options.seconds)]
        other = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        found: list[dict] = []
        here = threading.Thread(
            target=lambda: found.append(read(library, options.readers - int(half), options.seconds))
        )
        here.start()
        version, failed = 0, 0
        end = time.monotonic() + options.seconds
        while time.monotonic() < end:
            version += 1
            write(folder, options.articles, version)
            failed += len(sync(library, [folder], model).failed)
            if version % 3 == 0:  # some go, to come again with the next version
                for i in range(1, options.articles, 5):
                    (folder / f"{i}.md").unlink()
                failed += len(sync(library, [folder], model).failed)
        here.join()
        found.append(json.loads(other.communicate()[0]))
    took = 1000 * np.array([each for own in found for each in own["took"]])
    errors = [each for own in found for each in own["errors"]]
    mixed = sum(own["mixed"] for own in found)
    print(
        f"{options.readers} readers in two processes, {options.seconds:.0f} s: {len(took)} questions,"
        f" {version} syncs of {options.articles} articles ({failed} failed),"
        f" revisions seen {found[0]['revisions']} and {found[1]['revisions']}:"
        f" {len(errors)} errors, {mixed} mixed;"
        f" a question took {np.median(took):.0f} ms (p50), {np.percentile(took, 99):.0f} ms (p99)"
    )
    for error in sorted(set(errors))[:5]:
        print(f"  {error}")
    return bool(errors or mixed or failed)


if __name__ == "__main__":
    sys.exit(main())
