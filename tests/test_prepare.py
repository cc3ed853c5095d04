"""Files loaded in processes beside this one come out as those loaded here, in the same order."""

import os
import signal
import time
from pathlib import Path

import pytest
from fakes import FakeEmbedder
from libraries import SMALL, content

import embeddings.take
from embeddings.encode import embedder
from embeddings.prepare import Preparation, Prepared, Raw, Workers
from embeddings.recipe import above, embedded_text
from embeddings.report import Failure
from embeddings.segment import JIEBA
from embeddings.update import sync
from embeddings.verify import verify

PREPARATION = Preparation(SMALL, JIEBA)
RAWS = [
    Raw(f"/{i}.md", f"{i}.md", f"# 第{i}篇\n\n{'长城在北方。' * (i % 7)}完。".encode()) for i in range(60)
]
RAWS[20] = Raw("/20.md", "20.md", b"")
RAWS[40] = Raw("/40.zip", "40.zip", b"PK")


def _all(workers, raws):
    found = [each for raw in raws for each in workers.put(raw)]
    return [*found, *workers.rest()]


@pytest.fixture
def workers():
    started = Workers(2, PREPARATION)
    yield started
    started.close()


def test_prepare_in_processes_equals_here_in_order(workers):
    here = [PREPARATION.of_file(raw, with_terms=True) for raw in RAWS]
    assert _all(workers, RAWS) == here
    assert [each.source for each in here if isinstance(each, Failure)] == ["/20.md", "/40.zip"]
    assert all(len(each.terms) == len(each.chunks) for each in here if isinstance(each, Prepared))
    assert _all(workers, RAWS[:3]) == here[:3]  # and again


def _children():
    found = Path("/proc/self/task").glob("*/children")
    return [int(pid) for path in found for pid in path.read_text().split()]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
def test_prepare_a_process_that_dies_costs_nothing_but_what_kills_it(workers):
    before = set(_children())
    assert len(_all(workers, RAWS[:32])) == 32
    mine = set(_children()) - before
    assert mine
    for pid in mine:
        os.kill(pid, signal.SIGKILL)
    here = [PREPARATION.of_file(raw, with_terms=True) for raw in RAWS]
    assert _all(workers, RAWS) == here


def test_prepare_a_file_that_kills_its_process_fails_alone(workers, monkeypatch):
    from embeddings import prepare

    class Deadly:
        """Stands in for a process that one file kills, as a parser in C may."""

        def __init__(self, preparation):
            self.preparation = preparation

        def prepared(self, raws):
            if any(raw.source == "/7.md" for raw in raws):
                raise EOFError
            return self.preparation.of_files(raws)

        def close(self):
            pass

    monkeypatch.setattr(prepare, "_Process", Deadly)
    found = _all(workers, RAWS[:16])
    assert found[7] == Failure("/7.md", "the process that read it died -- look at this file")
    assert found[:7] + found[8:] == [
        PREPARATION.of_file(raw, with_terms=True) for raw in RAWS[:16] if raw.source != "/7.md"
    ]


def test_prepare_errors_that_are_nobodys_fault_but_ours_come_through(workers, monkeypatch):
    from embeddings import prepare

    class Broken:
        def __init__(self, preparation):
            pass

        def prepared(self, raws):
            raise ZeroDivisionError

        def close(self):
            pass

    monkeypatch.setattr(prepare, "_Process", Broken)
    with pytest.raises(ZeroDivisionError):
        _all(workers, RAWS[:16])


def test_prepare_a_sync_with_processes_equals_one_without(tmp_path, monkeypatch):
    monkeypatch.setattr(embeddings.take, "ALONE", 5)
    folder = tmp_path / "articles"
    folder.mkdir()
    for raw in RAWS:
        (folder / raw.name).write_bytes(raw.data)
    alone = sync(tmp_path / "alone", [folder], FakeEmbedder(), config=SMALL)
    beside = sync(tmp_path / "beside", [folder], FakeEmbedder(), config=SMALL, processes=2)
    assert beside == alone
    assert content(tmp_path / "beside") == content(tmp_path / "alone")
    assert verify(tmp_path / "beside", FakeEmbedder()) == []
    # An edit of many: what fails keeps what was there, and its reason says so.
    time.sleep(0.01)
    for raw in RAWS[:19]:
        (folder / raw.name).write_bytes(raw.data + "\n\n又及。".encode())
    (folder / "30.md").write_bytes(b"")
    for name in ("alone", "beside"):
        report = sync(
            tmp_path / name, [folder], FakeEmbedder(), config=SMALL, processes=1 + (name == "beside")
        )
        assert len(report.changed) == 19
        assert any(
            f.source.endswith("30.md") and "keeps the article as it was" in f.reason for f in report.failed
        )
    assert content(tmp_path / "beside") == content(tmp_path / "alone")


def test_prepare_tokens_made_beside_give_the_library_made_without(tmp_path, monkeypatch):
    monkeypatch.setattr(embeddings.take, "ALONE", 5)
    folder = tmp_path / "articles"
    folder.mkdir()
    for raw in RAWS:
        (folder / raw.name).write_bytes(raw.data)
    model = embedder()
    assert sync(tmp_path / "alone", [folder], model) == sync(
        tmp_path / "beside", [folder], model, processes=2
    )
    assert content(tmp_path / "beside") == content(tmp_path / "alone")
    assert verify(tmp_path / "beside", model) == []
    # Failures among them are nobody's tokens.
    found = Preparation(SMALL, JIEBA, model.cutter).of_files(RAWS)
    made = [each for each in found if isinstance(each, Prepared)]
    assert [isinstance(each, Failure) for each in found] == [i in (20, 40) for i in range(60)]
    texts = [
        embedded_text(above(each.article, chunk), chunk.span.of(each.article.text))
        for each in made
        for chunk in each.chunks
    ]
    assert [token for each in made for token in each.tokens] == model.cutter.packed(texts)


def test_prepare_interrupted_sync_ends_its_processes(tmp_path, monkeypatch):
    monkeypatch.setattr(embeddings.take, "ALONE", 0)
    folder = tmp_path / "articles"
    folder.mkdir()
    for i in range(200):
        (folder / f"{i}.md").write_text(f"第{i}篇。长城在北方。", "utf-8")

    def interrupt(step):
        if step.kind == "added":
            raise KeyboardInterrupt

    before = set(_children())
    with pytest.raises(KeyboardInterrupt):
        sync(tmp_path / "l", [folder], FakeEmbedder(), config=SMALL, processes=2, progress=interrupt)
    assert set(_children()) <= before
    sync(tmp_path / "l", [folder], FakeEmbedder(), config=SMALL, processes=2)
    assert len(content(tmp_path / "l")) == 200
    assert verify(tmp_path / "l") == []
