"""Kills the writer, really: ``python -m tests.benchmarks.crash [--instants N]``; a few minutes.

Four operations (a sync of changes, a removal, indexes built anew, a rebuild with another model) are killed
with SIGKILL at each of their write steps, and at random instants; after each the library is verified, its
articles are compared with those before and after, the operation is run to its end, and the passages that
were encoded are counted.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))

from libraries import content, write
from test_crash import BATCH, NEW, OLD, Child, _check, _texts

from embeddings.errors import ArticleQAError
from embeddings.folder import generation

OPERATIONS = ("sync", "remove", "indexes", "rebuild")


@dataclass
class Count:
    """What came out of the kills of one operation."""

    killed: Counter[str] = field(default_factory=Counter)
    bad: list[str] = field(default_factory=list)
    twice: int = 0
    """Passages encoded twice beyond the batch in flight."""


class Harness:
    """One operation on a copy of one library, again and again."""

    def __init__(self, home: Path, operation: str) -> None:
        self.operation = operation
        self.version = "2" if operation == "rebuild" else "1"
        self.folder, self.start, self.library = home / "articles", home / "start", home / "library"
        self.child = Child(home)
        write(self.folder, OLD)
        self.child.run("sync", self.start, self.folder)
        self.old = _texts(self.start)
        if operation == "sync":
            write(self.folder, NEW)
        self.count = Count()
        self.begin()
        code, self.steps, self.seconds = self.run()
        assert code == 0
        self.needed, self.new, self.wanted = self.child.encoded(), _texts(self.library), content(self.library)
        self.batch = BATCH * max(len(passages) for _, passages in self.wanted)

    def begin(self) -> None:
        while self.library.exists():
            shutil.rmtree(self.library, ignore_errors=True)
        shutil.copytree(self.start, self.library)
        self.child.encoded()

    def run(self, **how: float) -> list:
        return self.child.run(self.operation, self.library, self.folder, version=self.version, **how)

    def kill(self, kind: str, **how: float) -> None:
        self.begin()
        if self.run(**how)[0] == 0:
            self.count.killed[f"{kind}, too late"] += 1
            return
        self.count.killed[kind] += 1
        done = 0
        try:
            _check(self.library, self.old, self.new)
            # A rebuild that has switched is done; run again, it only compares vectors with their texts.
            done = self.child.encoded() if generation(self.library).name == "2" else 0
            if self.run()[0] != 0 or content(self.library) != self.wanted:
                self.count.bad.append(f"{how}: does not end as it should")
            _check(self.library, self.new, self.new)
        except (AssertionError, ArticleQAError) as error:
            self.count.bad.append(f"{how}: {error!r}"[:300])
        encoded = self.child.encoded()
        encoded = done or encoded
        self.count.twice += max(0, encoded - self.needed - self.batch)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instants", type=int, default=200, help="random ones, over all operations")
    options = parser.parse_args()
    rng = random.Random(17)
    print(
        f"{'operation':10} {'steps':>6} {'killed at steps':>16} {'at instants':>12} {'bad':>4} {'encoded twice':>14}"
    )
    bad = 0
    for operation in OPERATIONS:
        with TemporaryDirectory() as home:
            harness = Harness(Path(home), operation)
            for step in range(1, harness.steps + 1):
                harness.kill("step", kill=step)
            wanted = options.instants // len(OPERATIONS)
            while harness.count.killed["instant"] < wanted:
                harness.kill("instant", after=rng.uniform(0, harness.seconds))
            harness.child.close()
        count = harness.count
        print(
            f"{operation:10} {harness.steps:6} {count.killed['step']:16} {count.killed['instant']:12}"
            f" {len(count.bad):4} {count.twice:14}",
            flush=True,
        )
        for what in count.bad:
            print(f"  {what}")
        bad += len(count.bad) + count.twice
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
