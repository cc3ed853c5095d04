"""SIGKILL, really, at write steps and at random instants: afterwards the library is old or new, and whole."""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from fakes import FakeEmbedder
from libraries import content, write

from embeddings.errors import NotALibrary
from embeddings.folder import generation
from embeddings.library import Library
from embeddings.store import Store
from embeddings.verify import verify

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")

OLD = {
    f"{i}.md": f"旧的第{i}篇。\n\n{'长城在北方，人人都知道。' * 4}\n\n{'黄河入海流。' * i}" for i in range(8)
}
NEW = {
    name: text.replace("旧", "新") if int(name[0]) % 2 else text
    for name, text in OLD.items()
    if name != "6.md"
}
NEW["9.md"] = "新来的一篇。"
BATCH = 3  # articles, as crash_child.py has it


class Child:
    """The process that is killed, again and again."""

    def __init__(self, tmp_path):
        self.log = tmp_path / "encoded"
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, str(Path(__file__).with_name("crash_child.py"))]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        assert self._answer() == "ready"

    def _answer(self):
        return json.loads(self._process.stdout.readline())

    def run(self, do, library, folder, *, kill=0, after=None, version="1"):
        """(exit code, write steps, seconds); ``after`` kills by the clock, in seconds."""
        wanted = {
            "do": do,
            "library": str(library),
            "folder": str(folder),
            "kill": kill,
            "log": str(self.log),
        }
        self._process.stdin.write(json.dumps(wanted | {"version": version}) + "\n")
        self._process.stdin.flush()
        _, pid = self._answer()
        timer = threading.Timer(after, _kill, [pid]) if after is not None else None
        if timer:
            timer.start()
        answer = self._answer()
        if timer:
            timer.cancel()
            timer.join()
        return answer

    def encoded(self):
        """How many passages have been encoded since the last call."""
        count = sum(map(int, self.log.read_text().split())) if self.log.exists() else 0
        self.log.unlink(missing_ok=True)
        return count

    def close(self):
        self._process.stdin.close()
        self._process.wait()


def _kill(pid):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def child(tmp_path):
    process = Child(tmp_path)
    yield process
    process.close()


def _texts(library):
    """File name -> text; {} where there is no library yet."""
    try:
        return {Path(article.source).name: article.text for article, _ in content(library)}
    except NotALibrary:
        return {}


def _check(library, old, new):
    """Every article is as before or as after, what is asked agrees with what is stored, all of it whole."""
    texts = _texts(library)
    assert old.keys() & new.keys() <= texts.keys() <= old.keys() | new.keys()
    for name, text in texts.items():
        assert text in (old.get(name), new.get(name)), name
    if (library / "current").exists():
        assert verify(library) == []
        with Store.open(library) as store:
            version = store.fingerprint.fields["embedder.weights"]
            passages = store.counts()[1]
        view = Library.open(library, FakeEmbedder(version=version)).snapshot()
        found = [i for i, _ in view.nearest(view.embedder.encode_questions(["篇"]), 100)[0]]
        assert len(found) == passages == len(view.passages(found))


def _cases(steps, most=5):
    """Write steps to be killed at: the first and last ones, and some between."""
    ends = [1, 2, *range(steps - 5, steps + 1)]
    between = random.Random(7).sample(range(3, steps - 5), min(most, max(0, steps - 9)))
    return sorted({step for step in ends + between if step > 0})


@pytest.mark.parametrize("do", ["create", "sync", "remove", "indexes"])
def test_crash_at_write_steps(tmp_path, child, do):
    folder, start, library = tmp_path / "articles", tmp_path / "start", tmp_path / "library"
    write(folder, OLD)
    if do != "create":
        child.run("sync", start, folder)
    old = _texts(start)
    if do == "sync":
        write(folder, NEW)
    operation = "sync" if do == "create" else do

    def begin():
        while library.exists():  # again where a thread of tantivy has just made a lock file in it
            shutil.rmtree(library, ignore_errors=True)
        if start.exists():
            shutil.copytree(start, library)
        child.encoded()

    begin()
    code, steps, _ = child.run(operation, library, folder)
    assert code == 0
    new, needed, wanted = _texts(library), child.encoded(), content(library)
    per_batch = max(len(passages) for _, passages in wanted) * BATCH
    for kill in _cases(steps):
        begin()
        assert child.run(operation, library, folder, kill=kill)[0] == -signal.SIGKILL, kill
        _check(library, old, new)
        if do == "remove":
            continue
        assert child.run(operation, library, folder)[0] == 0, kill
        assert content(library) == wanted
        assert child.encoded() <= needed + per_batch
        assert verify(library) == []


def test_crash_during_a_rebuild_with_another_model(tmp_path, child):
    folder, start, library = write(tmp_path / "articles", OLD), tmp_path / "start", tmp_path / "library"
    child.run("sync", start, folder)
    old = _texts(start)
    shutil.copytree(start, library)
    child.encoded()
    _, steps, _ = child.run("rebuild", library, folder, version="2")
    needed, wanted = child.encoded(), content(library)
    per_batch = max(len(passages) for _, passages in wanted) * BATCH
    for kill in _cases(steps, most=3):
        shutil.rmtree(library)
        shutil.copytree(start, library)
        assert child.run("rebuild", library, folder, kill=kill, version="2")[0] == -signal.SIGKILL, kill
        _check(library, old, old)
        encoded = (
            child.encoded() if generation(library).name == "2" else 0
        )  # else it is done, and only checked
        assert child.run("rebuild", library, folder, version="2")[0] == 0
        assert content(library) == wanted
        again = child.encoded()
        assert (encoded or again) <= needed + per_batch


def test_crash_at_random_instants(tmp_path, child):
    folder, library = tmp_path / "articles", tmp_path / "library"
    write(folder, OLD)
    child.run("sync", library, folder)
    rng = random.Random(11)
    states = [OLD, NEW]
    killed = 0
    for turn in range(20):
        before = _texts(library)
        write(folder, states[(turn + 1) % 2])
        code, _, _ = child.run("sync", library, folder, after=rng.uniform(0.002, 0.12))
        killed += code == -signal.SIGKILL
        _check(library, before, states[(turn + 1) % 2])
    assert killed > 5
    assert child.run("sync", library, folder)[0] == 0
    fresh = tmp_path / "fresh"
    child.run("sync", fresh, folder)
    assert content(library) == content(fresh)


def test_crash_frees_the_lock_and_a_process_sees_what_another_wrote(tmp_path, child):
    folder, library = write(tmp_path / "articles", OLD), tmp_path / "library"
    child.run("sync", library, folder)
    reader = Library.open(library, FakeEmbedder())
    assert reader.snapshot().revision == 3
    write(folder, NEW)
    assert child.run("sync", library, folder, kill=20)[0] == -signal.SIGKILL
    assert child.run("sync", library, folder)[0] == 0
    assert {row.source.rsplit("/", 1)[1] for row in reader.snapshot().articles()} == NEW.keys()
