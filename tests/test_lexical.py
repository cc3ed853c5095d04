"""The word index loses what is removed, on every way that it is brought up to date."""

import json
from itertools import pairwise

import pytest
from fakes import FakeEmbedder
from libraries import SMALL, made, write

import embeddings.index
from embeddings.index import build, is_saved
from embeddings.lexical import Lexical
from embeddings.library import Library
from embeddings.recipe import pack_terms
from embeddings.store import Store
from embeddings.update import remove, sync
from embeddings.verify import verify


def _terms(*numbers):
    return [(number, pack_terms("", f"水稻种植{number}")) for number in numbers]


def _matched(index):
    return sorted(i for i, _ in index.matching(["水稻"], [], 50))


def test_lexical_change_removes(tmp_path):
    (tmp_path / "words").mkdir()
    for index in (Lexical.empty(), Lexical.empty(tmp_path / "words")):
        index.change([], _terms(*range(1, 11)))
        assert index.ids() == _matched(index) == list(range(1, 11))
        index.change([3, 5], ())
        assert index.ids() == _matched(index) == [1, 2, 4, 6, 7, 8, 9, 10]
        index.change([99], ())
        assert len(index) == 8
        index.change([10, 1], _terms(11))
        assert index.ids() == _matched(index) == [2, 4, 6, 7, 8, 9, 11]
        assert index.matching(["水稻"], [], 50, only=[3, 4]) == [
            pair for pair in index.matching(["水稻"], [], 50) if pair[0] == 4
        ]


def test_lexical_private_copies_remove_without_touching_the_original(tmp_path):
    (tmp_path / "words").mkdir()
    (tmp_path / "into").mkdir()
    original = Lexical.empty(tmp_path / "words")
    original.change([], _terms(*range(1, 6)))
    reader = Lexical.open(tmp_path / "words").private(None)
    reader.change([2], ())
    again = reader.private(None)
    again.change([3], _terms(6))
    writer = Lexical.open(tmp_path / "words").private(tmp_path / "into")
    writer.change([1], ())
    assert again.ids() == _matched(again) == [1, 4, 5, 6]
    assert reader.ids() == [1, 3, 4, 5]  # each object sees its own state
    assert writer.ids() == Lexical.open(tmp_path / "into").ids() == [2, 3, 4, 5]
    assert original.ids() == Lexical.open(tmp_path / "words").ids() == [1, 2, 3, 4, 5]


def _results(index, vectors_of):
    """What is found by each column and by vector, without BM25 values: they count removed passages too."""
    question = FakeEmbedder().encode_questions(["长城黄河"])
    return [
        sorted(i for i, _ in index.lexical.matching(["长城"], [], 500)),
        sorted(i for i, _ in index.lexical.matching(["泰山"], [], 500)),
        sorted(i for i, _ in index.lexical.matching([], ["黄河"], 500)),
        index.lexical.ids(),
        [(i, round(near, 6)) for i, near in index.nearest.nearest(question, 500, vectors_of)[0]],
    ]


def test_lexical_follows_a_library_on_every_way(tmp_path, monkeypatch):
    """Removing and editing, a little and a lot, by the writer and by readers, equal a fresh build."""
    monkeypatch.setattr("embeddings.index._SMALL", 0)
    ways = []

    def noted(function):
        def noting(*values, **options):
            ways.append(function.__name__)
            return function(*values, **options)

        return noting

    for name in ("build", "follow", "_written"):
        monkeypatch.setattr(f"embeddings.index.{name}", noted(getattr(embeddings.index, name)))
    changed = embeddings.index.Lexical.private
    monkeypatch.setattr("embeddings.index.Lexical.private", noted(changed))
    embedder = FakeEmbedder()
    files = {f"{i:02}.md": f"第{i}条 长城 {'黄河' * (i % 5)}。" for i in range(60)}
    library = made(tmp_path, files, embedder)
    held = Library.open(library, embedder)  # follows in this process
    for turn in range(6):
        edited = dict(files)
        for i in range(2 if turn != 4 else 50):
            edited[f"{i + 2 * turn % 8:02}.md"] = f"第{turn}次改的第{i}条，泰山。"
        if turn != 2:  # else only edits
            del edited[f"5{turn}.md"]
        files = edited
        write(tmp_path / "articles", files)
        # Readers first without the writer's indexes, then with them.
        with monkeypatch.context() as patch:
            patch.setattr("embeddings.index.save", lambda store, **_: True)
            sync(library, [tmp_path / "articles"], embedder, config=SMALL)
        view, other = held.snapshot(), Library.open(library, embedder).snapshot()
        by_held, by_other = view._index, other._index
        sync(library, [tmp_path / "articles"], embedder, config=SMALL)
        with Store.open(library) as store:
            assert is_saved(store)
            wanted = _results(build(store), store.vectors_of)
            newest = Library.open(library, embedder).snapshot()
            for each in (by_held, by_other, newest._index):
                assert _results(each, store.vectors_of) == wanted
        assert verify(library, embedder) == []
    # Readers follow or build, the writer changes what was saved (private follows _written) or makes it anew.
    assert {"build", "follow"} <= set(ways)
    writers = [after for way, after in pairwise([*ways, ""]) if way == "_written"]
    assert 0 < writers.count("private") < len(writers)


@pytest.mark.parametrize("version", [1, 2])
def test_lexical_a_saved_index_that_kept_removed_passages_is_not_used(tmp_path, version):
    embedder = FakeEmbedder()
    library = made(tmp_path, {f"{i}.md": f"第{i}条 长城。" for i in range(5)}, embedder)
    old = Library.open(library, embedder).snapshot()
    remove(library, [str(tmp_path / "articles" / "1.md")])
    folder = library / "1"
    manifest = json.loads((folder / "index.json").read_text())
    words = Lexical.open(folder / manifest["words"])
    gone = (set(old._index.nearest.ids()) - set(words.ids())).pop()
    words.change((), [(gone, pack_terms("", "第1条 长城。"))])
    manifest["files"] = {
        path.relative_to(folder).as_posix(): embeddings.index._signed(path)
        for path in [folder / manifest["vectors"], *(folder / manifest["words"]).iterdir()]
        if not path.name.endswith(".lock")
    }
    (folder / "index.json").write_text(json.dumps(manifest | {"format": version}))
    view = Library.open(library, embedder).snapshot()
    found = [i for i, _ in view.matching(["长城"], ["长城"], 9)]
    assert len(found) == len(view.passages(found)) == len(view.vectors(found)) == 4
    assert gone not in found
    if version == 1:  # the next sync replaces it
        sync(library, [tmp_path / "articles"], embedder, config=SMALL, prune=False)
        assert verify(library) == []


def test_lexical_weighs_some_passages_as_if_they_had_been_found():
    index = Lexical.empty()
    index.change([], [(i, pack_terms("", "水稻" * (1 + i % 5) + f"甲{i}")) for i in range(1, 31)])
    index.change([], [(31, pack_terms("", "高粱"))])
    everything = dict(index.matching(["水稻"], [], 50))
    assert dict(index.matching(["水稻"], [], 9, only=[1, 2, 31, 99])) == {i: everything[i] for i in (1, 2)}
    assert index.matching(["水稻"], [], 9, only=[]) == []
    assert index.matching(["高"], [], 9, only=[1]) == []


def test_lexical_finds_by_few_terms_where_all_are_too_many_and_weighs_by_all(monkeypatch):
    index = Lexical.empty()
    index.change([], [(i, pack_terms("", "水稻高粱" + "大豆玉米小麦" * (i < 4))) for i in range(1, 31)])
    asked = ["水稻", "高粱", "大豆", "玉米", "小麦"]
    everything = dict(index.matching(asked, [], 50))
    assert len(everything) == 30
    monkeypatch.setattr("embeddings.lexical.WHOLE", 10)
    monkeypatch.setattr("embeddings.lexical.BUDGET", 5)
    found = index.matching(asked, [], 6)
    assert found == [(i, everything[i]) for i in (1, 2, 3)]
    assert index.matching(asked, [], 1, only=[20]) == [(20, everything[20])]
    assert everything[20] < found[-1][1]
