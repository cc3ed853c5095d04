"""Another model: the new generation is made beside the old one, and an interrupted one goes on."""

from pathlib import Path

import pytest
from fakes import FakeEmbedder
from libraries import SMALL, content, made, write

import embeddings.take
from embeddings.errors import LibraryError
from embeddings.folder import generation
from embeddings.library import Library
from embeddings.rebuild import rebuild
from embeddings.update import sync
from embeddings.verify import verify

FILES = {f"{i}.md": f"第{i}篇。长城在北方。" for i in range(9)}


class Interrupted(FakeEmbedder):
    """Is interrupted once it has encoded so many texts."""

    def __init__(self, after, **options):
        super().__init__(**options)
        self.after = after

    def encode_passages(self, texts, progress=None):
        if self.encoded + len(texts) > self.after:
            raise KeyboardInterrupt
        return super().encode_passages(texts, progress)


@pytest.fixture
def library(tmp_path, monkeypatch):
    monkeypatch.setattr(embeddings.take, "BATCH_ARTICLES", 2)
    return made(tmp_path, FILES, FakeEmbedder())


def _begin(library, after=5):
    interrupted = Interrupted(after, version="2")
    with pytest.raises(KeyboardInterrupt):
        rebuild(library, interrupted, config=SMALL)
    assert generation(library).name == "1"
    assert verify(library) == []
    return interrupted.encoded


def test_rebuild_interrupted_goes_on_where_it_was(library):
    done = _begin(library)
    assert done == 4
    new = FakeEmbedder(version="2")
    report = rebuild(library, new, config=SMALL)
    assert report is not None
    assert (new.encoded, len(report.added)) == (5, 5)
    assert generation(library).name == "2"
    assert len(content(library)) == 9
    assert verify(library, FakeEmbedder(version="2")) == []


def test_rebuild_goes_on_after_the_library_has_changed_meanwhile(tmp_path, library):
    _begin(library)
    files = {**FILES, "0.md": "第零篇改了。", "x.md": "新的一篇。"}
    del files["1.md"]
    sync(library, [write(tmp_path / "articles", files)], FakeEmbedder(), config=SMALL)
    new = FakeEmbedder(version="2")
    rebuild(library, new, config=SMALL)
    assert new.encoded == 7  # 0.md anew, x.md, and the five that were not done
    fresh = tmp_path / "fresh"
    sync(fresh, [tmp_path / "articles"], FakeEmbedder(version="2"), config=SMALL)
    assert content(library) == content(fresh)
    assert verify(library, FakeEmbedder(version="2")) == []
    assert sync(library, [tmp_path / "articles"], new, config=SMALL).unchanged == 9


def test_rebuild_to_yet_another_model_starts_again(library):
    _begin(library)
    third = FakeEmbedder(version="3")
    rebuild(library, third, config=SMALL)
    assert third.encoded == 9
    assert sorted(path.name for path in library.iterdir()) == ["2", "current", "lock"]
    assert verify(library, FakeEmbedder(version="3")) == []


def test_rebuild_of_a_damaged_beginning_starts_again(library):
    _begin(library)
    (library / "2" / "store.sqlite").write_bytes(b"no database at all, only text" * 100)
    new = FakeEmbedder(version="2")
    rebuild(library, new, config=SMALL)
    assert new.encoded == 9
    assert verify(library, FakeEmbedder(version="2")) == []


def test_rebuild_of_the_indexes_takes_what_was_begun_away(library):
    _begin(library)
    assert rebuild(library) is None
    assert sorted(path.name for path in library.iterdir()) == ["1", "current", "lock"]


def test_rebuild_refuses_a_full_disk_before_it_begins(library, monkeypatch):
    before = content(library)
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("embeddings.rebuild.shutil.disk_usage", lambda _: usage)
    with pytest.raises(
        LibraryError, match=r"needs about \d+ MiB beside the old one, 0 are free -- free disk space"
    ):
        rebuild(library, FakeEmbedder(version="2"), config=SMALL)
    assert not (library / "2").exists()
    assert content(library) == before
    assert rebuild(library, FakeEmbedder(), config=SMALL) is None  # needs no second generation


def test_rebuild_serves_the_old_generation_until_the_new_one_is_whole(library):
    reader = Library.open(library, FakeEmbedder())
    seen = []

    def ask(step):
        view = reader.snapshot()
        seen.append((view.embedder.fingerprint.fields["embedder.weights"], len(view.articles())))

    rebuild(library, FakeEmbedder(version="2"), config=SMALL, progress=ask)
    assert set(seen) == {("1", 9)}
    assert Path(generation(library)).name == "2"
