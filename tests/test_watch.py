"""What changes in a watched folder is in the library soon, a burst of changes at once."""

import threading
import time

import pytest
from fakes import FakeEmbedder
from libraries import write

from embeddings.errors import LoadError
from embeddings.folder import writer
from embeddings.library import Library
from embeddings.watch import watch

SOON = 20.0
"""Seconds that a shared machine may take for what takes one."""


class Watching:
    """A watch in a thread, and what it has reported."""

    def __init__(self, library, folders, **options):
        self.reports = []
        self.stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=[library, folders, options])
        self._thread.start()

    def _run(self, library, folders, options):
        for report in watch(library, folders, FakeEmbedder(), stop=self.stop, **options):
            self.reports.append(report)

    def wait(self, is_so):
        end = time.monotonic() + SOON
        while not is_so(self.reports):
            assert time.monotonic() < end, self.reports
            time.sleep(0.02)

    def __enter__(self):
        self.wait(bool)
        return self

    def __exit__(self, *_):
        self.stop.set()
        self._thread.join()


def _names(reports, kind):
    return sorted(source.rsplit("/", 1)[1] for report in reports for source in getattr(report, kind))


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "articles", {"1.md": "长城在北方。", "2.md": "黄河入海。"})


def test_watch_takes_over_what_is_added_edited_renamed_and_removed(tmp_path, folder):
    library = tmp_path / "library"
    with Watching(library, [folder]) as watching:
        assert _names(watching.reports, "added") == ["1.md", "2.md"]
        reader = Library.open(library, FakeEmbedder())
        (folder / "3.md").write_text("泰山在山东。", "utf-8")
        watching.wait(lambda reports: "3.md" in _names(reports, "added"))
        assert {row.title for row in reader.snapshot().articles()} >= {"3"}
        (folder / "1.md").write_text("长城在南方。", "utf-8")
        watching.wait(lambda reports: "1.md" in _names(reports, "changed"))
        texts = [reader.snapshot().article(row.id).text for row in reader.snapshot().articles()]
        assert "长城在南方。" in texts
        (folder / "2.md").rename(folder / "4.md")
        watching.wait(lambda reports: "4.md" in _names(reports, "renamed"))
        (folder / "3.md").unlink()
        watching.wait(lambda reports: "3.md" in _names(reports, "removed"))
        assert len(reader.snapshot().articles()) == 2


def test_watch_takes_a_burst_at_once(tmp_path, folder):
    with Watching(tmp_path / "library", [folder]) as watching:
        for i in range(30):
            (folder / f"n{i}.md").write_text(f"第{i}篇新的。", "utf-8")
        watching.wait(lambda reports: len(_names(reports, "added")) == 32)
        assert len(watching.reports) <= 3  # the first sync and the burst, which a slow machine may cut in two


def test_watch_follows_a_folder_that_is_moved_in_and_out(tmp_path, folder):
    with Watching(tmp_path / "library", [folder]) as watching:
        write(tmp_path / "new", {"a.md": "甲。", "b.md": "乙。"}).rename(folder / "new")
        watching.wait(lambda reports: _names(reports, "added") == ["1.md", "2.md", "a.md", "b.md"])
        (folder / "new").rename(tmp_path / "out")
        watching.wait(lambda reports: _names(reports, "removed") == ["a.md", "b.md"])


def test_watch_takes_changed_patterns_at_once(tmp_path, folder):
    with Watching(tmp_path / "library", [folder]) as watching:
        (folder / ".articleignore").write_text("2.md\n", "utf-8")
        watching.wait(lambda reports: _names(reports, "removed") == ["2.md"])


def test_watch_does_not_watch_its_own_library(tmp_path, folder):
    with Watching(folder / "library", [folder]) as watching:
        (folder / "3.md").write_text("泰山。", "utf-8")
        watching.wait(lambda reports: "3.md" in _names(reports, "added"))
        count = len(watching.reports)
        time.sleep(1.5)
        assert len(watching.reports) == count


def test_watch_waits_while_another_writes(tmp_path, folder):
    library = tmp_path / "library"
    with Watching(library, [folder]) as watching:
        with writer(library):
            (folder / "3.md").write_text("泰山。", "utf-8")
            time.sleep(1.5)
            assert len(watching.reports) == 1
        watching.wait(lambda reports: "3.md" in _names(reports, "added"))


def test_watch_of_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises((LoadError, FileNotFoundError)):
        next(watch(tmp_path / "library", [tmp_path / "nowhere"], FakeEmbedder()))


def test_watch_sees_a_folder_that_goes_and_comes_back(tmp_path, folder):
    other = write(tmp_path / "other", {"o.md": "运河。"})
    with Watching(tmp_path / "library", [folder, other]) as watching:
        other.rename(tmp_path / "away")
        watching.wait(lambda reports: any(f.source == other.as_posix() for r in reports for f in r.failed))
        (folder / "1.md").write_text("长城改了。", "utf-8")  # the other one is still watched
        watching.wait(lambda reports: "1.md" in _names(reports, "changed"))
        write(other, {"o.md": "运河。", "p.md": "故宫。"})  # another folder of the same name
        watching.wait(lambda reports: "p.md" in _names(reports, "added"))
        (other / "q.md").write_text("敦煌。", "utf-8")
        watching.wait(lambda reports: "q.md" in _names(reports, "added"))
        assert _names(watching.reports, "removed") == []


def test_watch_of_a_file_sees_editors_put_another_in_its_place(tmp_path, folder):
    file = folder / "1.md"
    with Watching(tmp_path / "library", [file]) as watching:
        assert _names(watching.reports, "added") == ["1.md"]
        for text in ("第二版。", "第三版。"):
            count = len(_names(watching.reports, "changed"))
            (tmp_path / "new").write_text(text, "utf-8")
            (tmp_path / "new").replace(file)
            watching.wait(lambda reports, count=count: len(_names(reports, "changed")) > count)
        assert _names(watching.reports, "added") == ["1.md"]


def test_watch_tells_a_wrong_pattern_once_and_goes_on_when_it_is_mended(tmp_path, folder):
    with Watching(tmp_path / "library", [folder]) as watching:
        (folder / ".articleignore").write_bytes("草稿".encode("gb18030"))
        (folder / "3.md").write_text("泰山。", "utf-8")
        watching.wait(lambda reports: any(".articleignore" in f.source for r in reports for f in r.failed))
        time.sleep(2.5)
        assert sum(bool(report.failed) for report in watching.reports) == 1
        (folder / ".articleignore").write_text("1.md\n", "utf-8")
        watching.wait(lambda reports: "3.md" in _names(reports, "added"))
        assert _names(watching.reports, "removed") == ["1.md"]


def test_watch_ends_when_told_so_while_another_writes(tmp_path, folder):
    library = tmp_path / "library"
    with Watching(library, [folder]) as watching, writer(library):
        (folder / "3.md").write_text("泰山。", "utf-8")
        time.sleep(1)
        watching.stop.set()
        watching._thread.join(SOON)
        assert not watching._thread.is_alive()
