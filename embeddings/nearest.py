"""Nearest by vector: exact while that is fast, above that compressed inverted lists.

The lists (Jégou, Douze & Schmid 2011) hold codes of four bits for two dimensions each, scanned in
registers (André, Kermarrec & Le Scouarnec 2015); the best of them are measured again with their
vectors from the store, so what is returned has its exact cosine, and only a passage that did not get
so far is missed. How many lists are scanned and how many passages measured again is chosen when the
lists are made, by the recall against exact search.

What came since the base was made lies beside it as it is, and what went is left out of it, so that an
edit costs nothing but itself. When that has become much, the writer merges it into the base; when the
base has changed more than it was trained on, it is trained anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from embeddings.encode import Vectors
    from embeddings.rows import Revision
    from embeddings.store import Store

    Ids = NDArray[np.int64]
    VectorsOf = Callable[[Sequence[int]], Vectors]

EXACT_UP_TO = 50_000
"""Passages; more are searched in inverted lists."""

RECALL = 0.985
"""Of the ten nearest, what inverted lists have to find; :data:`QUERIES` queries measure it."""

QUERIES = 200

NOISE = 1.5
"""Length of the noise that makes a query out of a passage's vector: questions are far from all passages
(cosine 0.4), and harder to search for than passages are. Among a million passages the recall of such queries
was that of 300 questions of people: 0.991 and 0.988 with a shortlist of 200.
"""

TRAINED_ON = 100_000
"""Vectors that the lists and codes are trained on, at most."""

_SHORTLISTS = (100, 200, 400, 800, 1600)


@dataclass(frozen=True)
class Plan:
    """How the base is searched: ``lists`` 0 is exactly; else ``probes`` lists are scanned, and the best
    ``shortlist`` passages measured again.

    ``recall`` at 10 was measured against exact search among ``trained`` passages; ``changed`` came or went
    since.
    """

    lists: int = 0
    probes: int = 0
    shortlist: int = 0
    recall: float = 1.0
    trained: int = 0
    changed: int = 0


GROWING, GROWN, EDITED = 3.0, 0.5, 1.0
"""Shares of what the lists were trained on that may change before they are trained anew: while much is coming, when it
has come, so that no edit soon after has to wait for the training, and else.
"""


def is_outgrown(plan: Plan, changed: int, share: float) -> bool:
    """Whether lists have to be trained anew once so many passages more have changed: a ``share`` of what they were
    trained on.
    """
    return plan.lists > 0 and plan.changed + changed > plan.trained * share


class Nearest:
    """Search among unit vectors by passage id, for one revision; never changed, so threads may share it."""

    def __init__(
        self, base: Any, base_of: Revision, plan: Plan | None = None, newer: _Newer | None = None
    ) -> None:
        self.base_of = base_of
        self.plan = plan or Plan()
        self._base = base
        self._newer = newer or _Newer.nothing(base.d, base_of)

    @classmethod
    def build(cls, store: Store) -> Nearest:
        """An index of all vectors of the store."""
        if store.counts()[1] > EXACT_UP_TO:
            return cls._inverted(store)
        import faiss

        return cls(_grown(faiss.IndexIDMap2(faiss.IndexFlatIP(store.dim)), store), store.revision)

    @classmethod
    def _inverted(cls, store: Store) -> Nearest:
        import faiss
        import numpy as np

        count = store.counts()[1]
        every = -(-count // TRAINED_ON)
        sample = np.concatenate([vectors[-ids[0] % every :: every] for ids, vectors in store.vectors()])
        lists = max(64, round(count**0.5 / 4))
        halves = store.dim // 2 if store.dim % 2 == 0 else store.dim
        base = faiss.index_factory(store.dim, f"IVF{lists},PQ{halves}x4fs", faiss.METRIC_INNER_PRODUCT)
        base.train(sample)
        exact = _Exact(_queries(sample))
        for ids, vectors in store.vectors():
            base.add_with_ids(vectors, np.asarray(ids, np.int64))
            exact.see(ids, vectors)
        return cls(base, store.revision, _planned(base, lists, count, exact))

    @classmethod
    def load(cls, path: Path, base_of: Revision, plan: Plan) -> Nearest:
        """The index whose base is saved at ``path``, of the revision of its base."""
        import faiss
        import numpy as np

        return cls(faiss.deserialize_index(np.fromfile(path, np.uint8)), base_of, plan)

    def save(self, path: Path) -> None:
        """Writes the base; through a Python file, because FAISS opens only ASCII paths on Windows."""
        import faiss

        faiss.serialize_index(self._base).tofile(path)

    def followed(self, store: Store) -> Nearest:
        """The index of the store's revision, made from this one of an earlier revision."""
        return Nearest(self._base, self.base_of, self.plan, self._newer.followed(store, self.base_of))

    def merged(self, store: Store, share: float = EDITED) -> Nearest:
        """As :meth:`followed`, with a new base that holds everything; ``share`` as in :func:`is_outgrown`."""
        import faiss

        newer = self._newer.followed(store, self.base_of)
        count = store.counts()[1]
        changed = len(newer.gone) + len(newer.ids)
        is_listed = self.plan.lists > 0
        if is_listed != (count > EXACT_UP_TO // 2 if is_listed else count > EXACT_UP_TO):
            return Nearest.build(store)
        if is_outgrown(self.plan, changed, share):
            return Nearest.build(store)
        base = faiss.clone_index(self._base)
        if len(newer.gone):
            base.remove_ids(faiss.IDSelectorBatch(newer.gone))
        if len(newer.ids):
            base.add_with_ids(newer.vectors, newer.ids)
        return Nearest(base, store.revision, replace(self.plan, changed=self.plan.changed + changed))

    def __len__(self) -> int:
        return int(self._base.ntotal) - len(self._newer.gone) + len(self._newer.ids)

    def ids(self) -> list[int]:
        """The passages of the index, rising."""
        import numpy as np

        base = np.setdiff1d(np.concatenate([np.zeros(0, np.int64), *_ids(self._base)]), self._newer.gone)
        return sorted([*base.tolist(), *self._newer.ids.tolist()])

    def nearest(
        self, vectors: Vectors, k: int, vectors_of: VectorsOf, *, only: Sequence[int] | None = None
    ) -> list[list[tuple[int, float]]]:
        """For each row, at most ``k`` (passage id, cosine), falling, ties by id; none for a row of zeros.

        ``vectors_of`` gives the vectors of passages; ``only`` searches among these passages.
        """
        import numpy as np

        rows = np.ascontiguousarray(vectors, np.float32)
        among = None if only is None else np.unique(np.asarray(only, np.int64))
        if k < 1 or not len(rows):
            return [[] for _ in rows]
        found = []
        for row, (in_base, close) in zip(rows, self._in_base(rows, k, vectors_of, among), strict=True):
            newer, near = self._newer.nearest(row, among)
            ids, cosines = np.concatenate([in_base, newer]), np.concatenate([close, near])
            best = np.lexsort((ids, -cosines))[: k if row.any() else 0]
            found.append(list(zip(ids[best].tolist(), cosines[best].tolist(), strict=True)))
        return found

    def _in_base(
        self, rows: Vectors, k: int, vectors_of: VectorsOf, among: Ids | None
    ) -> Iterator[tuple[Ids, Vectors]]:
        """For each row the ids and cosines of the best in the base."""
        import faiss
        import numpy as np

        held = int(self._base.ntotal) - len(self._newer.gone)
        if among is not None:
            among = np.setdiff1d(among[among <= self.base_of.last_passage], self._newer.gone)
            held = min(held, len(among))
        if held < 1:
            yield from ((np.zeros(0, np.int64), np.zeros(0, np.float32)) for _ in rows)
            return
        chosen: Any = None
        if among is not None:
            chosen = faiss.IDSelectorBatch(among)
        elif len(self._newer.gone):
            gone = faiss.IDSelectorBatch(self._newer.gone)  # named, since the next one only points to it
            chosen = faiss.IDSelectorNot(gone)
        settings: Any = faiss.SearchParametersIVF() if self.plan.lists else faiss.SearchParameters()
        settings.sel = chosen
        if not self.plan.lists:
            cosines, ids = self._base.search(rows, min(k, held), params=settings if chosen else None)
            yield from ((i[i >= 0], near[i >= 0]) for i, near in zip(ids, cosines, strict=True))
            return
        # Among few passages the nearest may lie in any list.
        settings.nprobe = min(self.plan.lists, -(-self.plan.probes * int(self._base.ntotal) // held))
        _, ids = self._base.search(rows, min(held, max(2 * k, self.plan.shortlist)), params=settings)
        for row, own in zip(rows, ids, strict=True):
            short = own[own >= 0]
            yield short, product(vectors_of(short.tolist()), row)


def product(vectors: Vectors, row: Vectors) -> Vectors:
    """The product of each of ``vectors`` with ``row``, by this thread alone: BLAS wakes others even for few rows, and
    waits for them while the search by word, beside, keeps a core busy.
    """
    import numpy as np

    found: Vectors = np.einsum("ij,j->i", vectors, row)
    return found


@dataclass(frozen=True)
class _Newer:
    """What came after a base was made (rising), and what of the base went."""

    revision: Revision
    ids: Ids
    vectors: Vectors
    gone: Ids

    @classmethod
    def nothing(cls, dim: int, revision: Revision) -> _Newer:
        import numpy as np

        return cls(revision, np.zeros(0, np.int64), np.zeros((0, dim), np.float32), np.zeros(0, np.int64))

    def followed(self, store: Store, base_of: Revision) -> _Newer:
        import numpy as np

        revision = store.revision
        if revision == self.revision:
            return self
        removed = np.asarray(store.removed(self.revision.number), np.int64)
        kept = ~np.isin(self.ids, removed)
        ids, vectors = [self.ids[kept]], [self.vectors[kept]]
        for further, own in store.vectors(self.revision.last_passage):
            ids.append(np.asarray(further, np.int64))
            vectors.append(own)
        gone = np.union1d(self.gone, removed[removed <= base_of.last_passage])
        return _Newer(revision, np.concatenate(ids), np.concatenate(vectors), gone)

    def nearest(self, row: Vectors, among: Ids | None) -> tuple[Ids, Vectors]:
        import numpy as np

        if among is None:
            return self.ids, product(self.vectors, row)
        chosen = np.isin(self.ids, among)
        return self.ids[chosen], product(self.vectors[chosen], row)


class _Exact:
    """The ten nearest of some queries, found among all vectors as they pass."""

    def __init__(self, queries: Vectors) -> None:
        import numpy as np

        self.queries = queries
        self.ids = np.zeros((len(queries), 0), np.int64)
        self._near = np.zeros((len(queries), 0), np.float32)

    def see(self, ids: Sequence[int], vectors: Vectors) -> None:
        import numpy as np

        near = np.concatenate([self._near, self.queries @ vectors.T], axis=1)
        all_ids = np.concatenate([self.ids, np.tile(np.asarray(ids, np.int64), (len(near), 1))], axis=1)
        best = np.argpartition(-near, min(9, near.shape[1] - 1), axis=1)[:, :10]
        self._near, self.ids = np.take_along_axis(near, best, 1), np.take_along_axis(all_ids, best, 1)


def _queries(sample: Vectors) -> Vectors:
    """Vectors that are as far from the sample's as questions are."""
    import numpy as np

    drawn = np.random.default_rng(0)
    chosen = sample[drawn.choice(len(sample), min(QUERIES, len(sample)), replace=False)]
    noisy = chosen + drawn.normal(0, NOISE / chosen.shape[1] ** 0.5, chosen.shape)
    noisy /= np.linalg.norm(noisy, axis=1, keepdims=True)
    return np.asarray(noisy, np.float32)


def _planned(base: Any, lists: int, count: int, exact: _Exact) -> Plan:
    """The cheapest search that has :data:`RECALL`; the best there is where none has."""
    import faiss
    import numpy as np

    plans = []
    settings = faiss.SearchParametersIVF()
    for probes in sorted({max(1, lists // part) for part in (16, 8, 4, 2, 1)}):
        settings.nprobe = probes
        _, found = base.search(exact.queries, _SHORTLISTS[-1], params=settings)
        for shortlist in _SHORTLISTS:
            hits = [np.isin(t, f[:shortlist]).mean() for t, f in zip(exact.ids, found, strict=True)]
            plans.append(Plan(lists, probes, shortlist, round(float(np.mean(hits)), 4), count))
    reaching = [plan for plan in plans if plan.recall >= RECALL]
    # Measured on one core: a million codes take as long as 600 passages measured again.
    return min(
        reaching, key=lambda plan: count * plan.probes / lists / 1667 + plan.shortlist, default=plans[-1]
    )


def _grown(index: Any, store: Store) -> Any:
    import numpy as np

    for ids, vectors in store.vectors():
        index.add_with_ids(vectors, np.asarray(ids, np.int64))
    return index


def _ids(base: Any) -> Iterator[Ids]:
    """The passages of the base, piece by piece."""
    import faiss
    import numpy as np

    if isinstance(base, faiss.IndexIDMap2):
        yield np.asarray(faiss.vector_to_array(base.id_map), np.int64)
        return
    lists = faiss.downcast_InvertedLists(base.invlists)
    for i in range(base.nlist):
        if size := lists.list_size(i):
            yield faiss.rev_swig_ptr(lists.get_ids(i), size).copy()
