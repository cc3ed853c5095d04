"""A disk that is full, and folders that cannot be written to: a clear error, and the old library whole."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fakes import FakeEmbedder
from libraries import content, made, write

from embeddings.library import Library
from embeddings.update import sync
from embeddings.verify import verify

pytest.importorskip("resource")

CHILD = """
import resource, signal, sys
from fakes import FakeEmbedder
import embeddings.encode
from embeddings.__main__ import main

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write over the limit is an error, as on a full disk
embeddings.encode.embedder = lambda *_, **__: FakeEmbedder()
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
sys.exit(main(sys.argv[2:]))
"""


def _limited(limit, *arguments):
    """Runs the command where no file may grow over ``limit`` bytes."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", CHILD, str(limit), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


OLD = {f"{i}.md": f"第{i}篇。长城在北方。" for i in range(5)}


@pytest.fixture
def library(tmp_path):
    """A library with passages of the usual size, as the command line makes them."""
    folder = write(tmp_path / "articles", OLD)
    sync(tmp_path / "library", [folder], FakeEmbedder())
    return tmp_path / "library"


@pytest.mark.parametrize("limit", [100_000, 300_000, 1_000_000])
def test_disk_full_in_a_sync_loses_nothing(tmp_path, library, limit):
    before = content(library)
    write(
        tmp_path / "articles",
        {**OLD, "large.md": "\n\n".join(f"第{i}段，黄河入海流。" * 9 for i in range(4000))},
    )
    done = _limited(limit, "sync", tmp_path / "articles", "--library", library)
    assert done.returncode in (1, 2), done.stderr
    assert "Traceback" not in done.stderr
    if done.returncode == 2:
        assert "check disk space" in done.stderr
        assert content(library) == before
    assert verify(library, FakeEmbedder()) == []
    view = Library.open(library, FakeEmbedder()).snapshot()
    assert len(view.nearest(view.embedder.encode_questions(["长城"]), 5)[0]) == 5
    report = sync(library, [tmp_path / "articles"], FakeEmbedder())  # with room again
    assert len(report.added) <= 1
    assert len(content(library)) == 6
    assert verify(library, FakeEmbedder()) == []


def test_disk_full_in_a_rebuild_keeps_the_old_generation(tmp_path, library):
    before = content(library)
    done = _limited(20_000, "rebuild", "--library", library, "--segmenter", "rjieba")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert content(library) == before
    assert verify(library, FakeEmbedder()) == []


def test_disk_full_in_an_export_leaves_the_old_file(tmp_path, library):
    write(tmp_path / "articles", {**OLD, "large.md": "黄河入海流。" * 9000})
    sync(library, [tmp_path / "articles"], FakeEmbedder())
    file = tmp_path / "backup.jsonl"
    file.write_text("the old one", "utf-8")
    done = _limited(50_000, "export", "--library", library, file)
    assert done.returncode == 2
    assert f"error: {file}: it cannot be written" in done.stderr
    assert file.read_text("utf-8") == "the old one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["articles", "backup.jsonl", "library"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_disk_read_only_library_is_asked_and_not_changed(tmp_path):
    library = made(tmp_path, OLD, FakeEmbedder())
    before = content(library)
    folders = [library, library / "1", *(library / "1").glob("words-*")]
    for folder in folders:
        folder.chmod(0o555)
    try:
        view = Library.open(library, FakeEmbedder()).snapshot()
        assert len(view.matching(["长城"], [], 9)) == 5
        done = _limited(10**9, "sync", tmp_path / "articles", "--library", library)
        assert (done.returncode, "cannot be written to" in done.stderr) == (2, True)
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert content(library) == before


def test_disk_library_in_a_place_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_text("x")
    done = _limited(10**9, "sync", write(tmp_path / "a", OLD), "--library", tmp_path / "file" / "library")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert Path(tmp_path / "file").read_text() == "x"
