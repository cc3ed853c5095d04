"""Search by vector, exact and in inverted lists, of a base and of what came and went since."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import embeddings.nearest
from embeddings.nearest import EDITED, GROWING, GROWN, Nearest, Plan
from embeddings.rows import Revision


class Vectors:
    """Stands in for a store where only its vectors are asked for; ids count from 1."""

    def __init__(self, vectors):
        self.dim = vectors.shape[1]
        self.held = dict(enumerate(vectors.astype(np.float32), 1))
        self._removed = []
        self.revision = Revision(1, "1", len(vectors))

    def change(self, added=(), removed=()):
        number, _, last = self.revision
        for i in removed:
            del self.held[i]
            self._removed.append((i, number + 1))
        self.held |= dict(enumerate(np.asarray(added, np.float32).reshape(-1, self.dim), last + 1))
        self.revision = Revision(number + 1, str(number + 1), last + len(added))

    def counts(self):
        return 1, len(self.held)

    def removed(self, since):
        return [i for i, number in self._removed if number > since]

    def vectors(self, after=0):
        ids = sorted(i for i in self.held if i > after)
        for start in range(0, len(ids), 700):
            part = ids[start : start + 700]
            yield part, np.stack([self.held[i] for i in part])

    def vectors_of(self, ids):
        return np.stack([self.held[i] for i in ids]) if len(ids) else np.zeros((0, self.dim), np.float32)

    def exact(self, rows, k, only=None):
        """What a search should give, worked out the slow way."""
        ids = np.array(sorted(self.held if only is None else set(only) & self.held.keys()))
        near = rows @ self.vectors_of(ids.tolist()).T
        return [
            [(int(ids[i]), float(row[i])) for i in np.lexsort((ids, -row))[:k]] if given.any() else []
            for given, row in zip(rows, near, strict=True)
        ]


def _unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def _random(seed, count, dim=16):
    """Unit vectors in some bunches, as those of texts are."""
    centres = np.random.default_rng(0).normal(size=(20, dim))
    rng = np.random.default_rng(seed)
    return _unit(centres[rng.integers(20, size=count)] + 0.7 * rng.normal(size=(count, dim)))


HAND = np.array([[1, 0], [0.6, 0.8], [0, 1], [0.6, 0.8]], np.float32)
ASKED = np.array([[0.8, 0.6], [0, 0]], np.float32)


def test_nearest_by_hand():
    store = Vectors(HAND)
    (found, nothing) = Nearest.build(store).nearest(ASKED, 3, store.vectors_of)
    assert [i for i, _ in found] == [2, 4, 1]  # 0.48 + 0.48 = 0.96 twice, the lower id first; 0.8
    assert [s for _, s in found] == pytest.approx([0.96, 0.96, 0.8])
    assert nothing == []


def test_nearest_among_some_by_hand():
    store = Vectors(HAND)
    index = Nearest.build(store)

    def nearest(rows, k, only=None):
        return index.nearest(rows, k, store.vectors_of, only=only)

    (everywhere, _), (among, nothing) = nearest(ASKED, 9), nearest(ASKED, 9, [1, 4, 7])
    assert among == [pair for pair in everywhere if pair[0] in (4, 1)]
    assert nothing == []
    assert nearest(ASKED, 1, [3, 1]) == [[(1, pytest.approx(0.8))], []]
    assert nearest(ASKED, 9, []) == nearest(ASKED, 9, [7]) == [[], []]
    assert nearest(ASKED, 0) == [[], []]


def test_nearest_of_what_came_and_went_by_hand():
    store = Vectors(HAND)
    before = Nearest.build(store)
    store.change(added=[[0.8, 0.6], [-1, 0]], removed=[2])
    after = before.followed(store)
    wanted = [(5, 1.0), (4, 0.96), (1, 0.8)]
    for index in (after, before.merged(store), after.merged(store), after.followed(store)):
        (found, nothing) = index.nearest(ASKED, 3, store.vectors_of)
        assert [(i, pytest.approx(s)) for i, s in found] == wanted
        assert nothing == []
        assert index.ids() == [1, 3, 4, 5, 6]
        assert len(index) == 5
        assert index.nearest(ASKED, 9, store.vectors_of, only=[2, 5, 3])[0] == [
            (5, pytest.approx(1.0)),
            (3, pytest.approx(0.6)),
        ]
    assert before.ids() == [1, 2, 3, 4]  # the one before has not changed


def _same(found, wanted):
    assert [[i for i, _ in row] for row in found] == [[i for i, _ in row] for row in wanted]
    for row, right in zip(found, wanted, strict=True):
        assert [s for _, s in row] == pytest.approx([s for _, s in right], abs=1e-5)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans()), max_size=6), st.integers(0, 99)
)
def test_nearest_follows_any_changes_and_equals_brute_force(changes, seed):
    rng = np.random.default_rng(seed)
    store = Vectors(_random(seed, 30))
    index = Nearest.build(store)
    asked = _unit(rng.normal(size=(4, 16)))
    for add, remove, merge in changes:
        gone = rng.choice(sorted(store.held), min(remove, len(store.held) - 1), replace=False).tolist()
        store.change(_unit(rng.normal(size=(add, 16))) if add else (), gone)
        index = index.merged(store) if merge else index.followed(store)
        _same(index.nearest(asked, 7, store.vectors_of), store.exact(asked, 7))
        some = sorted(store.held)[::3]
        _same(index.nearest(asked, 7, store.vectors_of, only=some), store.exact(asked, 7, some))
        assert index.ids() == sorted(store.held)
        assert len(index) == len(store.held)


def test_nearest_saves_where_the_path_is_not_ascii(tmp_path):
    store = Vectors(_unit(np.eye(3) + 0.1))
    index = Nearest.build(store)
    path = tmp_path / "向量 é.faiss"
    index.save(path)
    asked = np.array([[1, 0, 0]], np.float32)
    loaded = Nearest.load(path, index.base_of, index.plan)
    assert loaded.nearest(asked, 3, store.vectors_of) == index.nearest(asked, 3, store.vectors_of)


@pytest.fixture
def small_lists(monkeypatch):
    monkeypatch.setattr(embeddings.nearest, "EXACT_UP_TO", 2000)


def _recall(index, store, asked):
    found, wanted = index.nearest(asked, 10, store.vectors_of), store.exact(asked, 10)
    return np.mean(
        [len({i for i, _ in a} & {i for i, _ in b}) / 10 for a, b in zip(found, wanted, strict=True)]
    )


def test_nearest_in_inverted_lists_has_the_recall_it_says_and_exact_cosines(small_lists, tmp_path):
    store = Vectors(_random(1, 6000))
    index = Nearest.build(store)
    assert index.plan.lists == 64
    assert index.plan.recall >= 0.98
    assert (index.plan.trained, index.plan.changed) == (6000, 0)
    asked = _unit(_random(2, 100) + np.random.default_rng(3).normal(0, 0.5, (100, 16)))
    assert _recall(index, store, asked) >= 0.98
    for row, found in zip(asked, index.nearest(asked, 20, store.vectors_of), strict=True):
        assert [s for _, s in found] == pytest.approx(
            [float(store.held[i] @ row) for i, _ in found], abs=1e-5
        )
        assert found == sorted(found, key=lambda pair: (-pair[1], pair[0]))
    few = list(range(5, 6000, 100))  # among few, nothing is missed
    _same(index.nearest(asked, 5, store.vectors_of, only=few), store.exact(asked, 5, few))
    assert index.nearest(np.zeros((1, 16), np.float32), 5, store.vectors_of) == [[]]
    assert index.ids() == sorted(store.held)
    index.save(tmp_path / "lists.faiss")
    loaded = Nearest.load(tmp_path / "lists.faiss", index.base_of, index.plan)
    assert loaded.nearest(asked, 10, store.vectors_of) == index.nearest(asked, 10, store.vectors_of)


def test_nearest_in_inverted_lists_follows_without_training_until_more_has_changed_than_was_trained_on(
    small_lists,
):
    store = Vectors(_random(1, 3000))
    index = Nearest.build(store)
    asked = _random(4, 60)
    store.change(_random(5, 400), range(1, 301))
    for each in (index.followed(store), index.merged(store)):
        assert _recall(each, store, asked) >= 0.97
        assert each.ids() == sorted(store.held)
        assert each.plan.trained == 3000
        found = each.nearest(asked, 10, store.vectors_of)
        assert not {i for row in found for i, _ in row} & set(range(1, 301))
    merged = index.merged(store)
    assert merged.plan.changed == 700
    store.change(_random(6, 2500))
    growing = merged.merged(store, GROWING)  # until the base has grown fourfold
    assert (growing.plan.trained, growing.plan.changed) == (3000, 3200)
    again = merged.merged(store)
    assert (again.plan.trained, again.plan.changed) == (5600, 0)
    assert _recall(again, store, asked) >= 0.97


def test_nearest_is_trained_anew_sooner_when_much_has_come_than_after_an_edit(small_lists):
    store = Vectors(_random(1, 3000))
    index = Nearest.build(store)
    store.change(_random(2, 1500))
    assert index.merged(store, GROWN).plan.trained == 3000
    store.change(_random(3, 1))
    assert index.merged(store, GROWN).plan.trained == 4501
    assert index.merged(store, EDITED).plan.trained == 3000


def test_nearest_is_exact_again_when_little_is_left(small_lists):
    store = Vectors(_random(1, 3000))
    index = Nearest.build(store)
    store.change((), range(1, 2101))
    asked = _random(7, 20)
    _same(index.merged(store).nearest(asked, 10, store.vectors_of), store.exact(asked, 10))
    assert index.merged(store).plan == Plan()
    store.change(_random(8, 1500))
    grown = index.merged(store).followed(store).merged(store)
    assert grown.plan.trained == 2400


def test_nearest_takes_vectors_of_an_odd_width(small_lists):
    store = Vectors(_random(1, 2500, dim=7))
    index = Nearest.build(store)
    asked = _random(2, 30, dim=7)
    assert _recall(index, store, asked) >= 0.97
