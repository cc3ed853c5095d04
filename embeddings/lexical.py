"""Matching by word: BM25 over the terms that the store holds, in tantivy.

Robertson & Zaragoza 2009 with k1 1.2 and b 0.75, idf ln(1 + (N - n + 0.5) / (n + 0.5)). tantivy
rounds the length of a field down to one byte's worth: exact to 40 terms, by at most an eighth above.

These k1 and b are tantivy's own. Of k1 from 0.6 to 2 and b from 0.3 to 0.9, tried with BM25 by the book over the
3,080 pooled paragraphs and 1,500 of their questions, the best had a recall@1 of 0.855, these 0.849: within the error.
"""

from __future__ import annotations

import math
import os
import shutil
from itertools import accumulate, chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from embeddings.recipe import Terms, searchable, unpack_terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Field = Literal["words", "grams"]

ABOVE = 0.3
"""Weight of a match in title or headings, against one in the passage itself."""

LONGEST_QUESTION = 512
"""Distinct terms of a field that a question is searched with: the rarest ones."""

K1 = 1.2

WHOLE, BUDGET = 1_000_000, 300_000
"""Postings. A question whose terms have more than the first is searched by its rarest terms, as long as they
have no more than the second, and what they find is weighed with all terms. Among a million passages the
best stayed the best for 98 % of 300 questions that they do not answer, and a search took half of the time.
"""


class Lexical:
    """An index of the terms of passages. Each object sees one state; :meth:`change` moves it on."""

    def __init__(self, index: Any, folder: Path | None, kept: TemporaryDirectory[str] | None = None) -> None:
        self._index = index
        self._folder = folder
        self._kept = kept  # deletes the temporary folder with the last index that uses it
        self._searcher = index.searcher()
        self._holders: dict[tuple[str, str], int] = {}

    @classmethod
    def empty(cls, folder: Path | None = None) -> Lexical:
        """A new index in the empty ``folder``, or in memory."""
        import tantivy

        schema = _schema()
        return cls(
            tantivy.Index(schema) if folder is None else tantivy.Index(schema, path=str(folder)), folder
        )

    @classmethod
    def open(cls, folder: Path) -> Lexical:
        """The index in ``folder``."""
        import tantivy

        try:
            return cls(tantivy.Index.open(str(folder)), folder)
        except ValueError:
            return _copied(folder)  # a read-only folder: tantivy has to lock what it reads

    def private(self, into: Path | None) -> Lexical:
        """An index that may be changed: this one where nobody else has it, else a copy of it.

        The copy lies in ``into``, an empty folder, or in a temporary one.
        """
        if into is None:
            if self._folder is None or self._kept is not None:
                return Lexical(self._index, self._folder, self._kept)
            return _copied(self._folder)
        return _copied(self._folder, into) if self._folder else Lexical.empty(into)

    def change(self, removed: Iterable[int], added: Iterable[tuple[int, bytes]]) -> None:
        """Takes the passages ``removed`` out and the ``added`` in (id, packed terms)."""
        import tantivy

        added = iter(added)
        first = list(islice(added, _MANY))
        # Large segments of many passages: there is less to merge, and small changes are not merged with them.
        is_large = len(first) == _MANY or not len(self)
        is_to_stay = self._folder is not None and self._kept is None
        heap = (_LARGE_HEAP if is_to_stay else _READERS_HEAP) if is_large else _HEAP
        writer = self._index.writer(heap_size=heap, num_threads=1)
        gone = list(removed)
        if gone:  # by query: delete_documents_by_term takes the number for a signed one, and finds nothing
            writer.delete_documents_by_query(tantivy.Query.term_set_query(self._index.schema, "id", gone))
        before = len(self)
        for passage_id, packed in chain(first, added):
            document = tantivy.Document()
            document.add_unsigned("id", passage_id)
            for field, text in unpack_terms(packed)._asdict().items():
                document.add_text(field, text)
            writer.add_document(document)
        self._commit(writer)
        if len(self) - before > _MANY:
            # tantivy plans merges with a commit: those that follow from merges are done now, or a small
            # change would have to wait for them.
            segments = 0
            while segments != (segments := self._searcher.num_segments):
                self._commit(self._index.writer(heap_size=_HEAP, num_threads=1))

    def _commit(self, writer: Any) -> None:
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()
        self._holders = {}

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def ids(self) -> list[int]:
        """The passages of the index, rising."""
        import tantivy

        if not len(self):
            return []
        hits = self._searcher.search(tantivy.Query.all_query(), len(self), count=False).hits
        return sorted(map(int, self._searcher.fast_field_values("id", [address for _, address in hits])))

    def matching(
        self, words: Sequence[str], grams: Sequence[str], k: int, *, only: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """At most ``k`` (passage id, BM25), falling, ties by id: the sum over both columns of terms.

        Each distinct term counts once. With ``only``, among these passages, with the same values. Where the
        terms are too frequent (:data:`WHOLE`), half as many, and the best but for a few.
        """
        terms = self._terms("words", words) + self._terms("grams", grams)
        if not terms or k < 1:
            return []
        if only is None and sum(term.postings for term in terms) > WHOLE:
            only = sorted(i for i, _ in self._search(_within_budget(terms), -(-k // 2)))
            k = len(only)
        return self._search(terms, k, only)

    def _search(
        self, terms: Sequence[_Held], k: int, only: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        import tantivy

        if only is not None and not only:
            return []
        schema, should, must = self._index.schema, tantivy.Occur.Should, tantivy.Occur.Must
        parts = []
        for _, field, term in terms:
            parts.append((should, tantivy.Query.term_query(schema, field, term, "freq")))
            higher = f"above_{field}"
            if self._held(higher, term):
                query = tantivy.Query.term_query(schema, higher, term, "freq")
                parts.append((should, tantivy.Query.boost_query(query, ABOVE)))
        query = tantivy.Query.boolean_query(parts)
        if only is not None:
            among = tantivy.Query.const_score_query(
                tantivy.Query.term_set_query(schema, "id", list(only)), 0.0
            )
            query = tantivy.Query.boolean_query([(must, query), (must, among)])
        hits = self._searcher.search(query, k, count=False).hits
        ids = self._searcher.fast_field_values("id", [address for _, address in hits])
        found = [(int(i), float(bm25)) for i, (bm25, _) in zip(ids, hits, strict=True)]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def idf(self, terms: Iterable[str]) -> Mapping[str, float]:
        """Term -> its weight in BM25, in the column where more passages hold it."""
        return {term: min(self._idf("words", term), self._idf("grams", term)) for term in terms}

    def _idf(self, field: Field, term: str) -> float:
        held = sum(self._held(field, cut) for cut in searchable([term]))
        return math.log(1 + max(0.5, len(self) - held + 0.5) / (held + 0.5))

    def _held(self, field: str, term: str) -> int:
        """How many passages hold the term; a question asks that several times, and each segment has to be asked."""
        known = self._holders.get((field, term))
        if known is None:
            if len(self._holders) >= _REMEMBERED:
                self._holders = {}
            known = self._holders[field, term] = int(self._searcher.doc_freq(field, term))
        return known

    def most(self, words: Sequence[str], grams: Sequence[str]) -> float:
        """The BM25 sum that no passage can reach, title and headings apart: weights times k1 + 1."""
        columns: list[tuple[Field, Sequence[str]]] = [("words", words), ("grams", grams)]
        return (K1 + 1) * sum(
            self._idf(field, term) for field, terms in columns for term in searchable(terms)
        )

    def _terms(self, field: Field, terms: Iterable[str]) -> list[_Held]:
        """Those of the terms that some passage holds, the rarest first and only where there are too many."""
        held = [
            _Held(self._held(field, t) + self._held(f"above_{field}", t), field, t) for t in searchable(terms)
        ]
        return [term for term in sorted(held) if term.postings][:LONGEST_QUESTION]


class _Held(NamedTuple):
    """A term of a question, and how often passages hold it, title and headings counted extra."""

    postings: int
    field: Field
    term: str


def _within_budget(terms: Sequence[_Held]) -> list[_Held]:
    """The rarest terms, until their postings exceed :data:`BUDGET`; three at least."""
    rarest = sorted(terms)
    before = [0, *accumulate(term.postings for term in rarest)]
    return [term for i, term in enumerate(rarest) if before[i + 1] <= BUDGET or i < 3]


_REMEMBERED = 20_000  # terms
_MANY = 2000  # passages
_HEAP, _READERS_HEAP, _LARGE_HEAP = 50_000_000, 256_000_000, 700_000_000
"""Bytes that tantivy gathers before it writes a segment, as far as it needs them; a passage takes some 16,000. The
last is for 40,000 passages: segments below 17,000 are merged with those of small changes, which have to wait.
"""


def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", indexed=True, fast=True)
    for field in Terms._fields:
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


def _copied(folder: Path, into: Path | None = None) -> Lexical:
    """The index in ``folder`` once more, to be changed apart; what tantivy never changes is shared."""
    import tantivy

    kept = None
    if into is None:
        _sweep()
        kept = TemporaryDirectory(prefix=f"{_TEMPORARY}{os.getpid()}-", ignore_cleanup_errors=True)
        into = Path(kept.name)
    for path in folder.iterdir():
        if not path.name.endswith(".lock"):
            _share(path, into / path.name, can_point=kept is not None)
    return Lexical(tantivy.Index.open(str(into)), into, kept)


_TEMPORARY = "article-qa-"


def _sweep() -> None:
    """Deletes the temporary copies of processes that were killed: they hold the space of deleted files."""
    if os.name == "nt":
        return
    for path in Path(gettempdir()).glob(f"{_TEMPORARY}[0-9]*-*"):
        try:
            os.kill(int(path.name.split("-")[2]), 0)
        except ProcessLookupError:
            shutil.rmtree(path, ignore_errors=True)
        except (OSError, ValueError):  # of another user, or no copy of ours
            continue


def _share(path: Path, to: Path, *, can_point: bool) -> None:
    """Makes ``to`` the file at ``path``, without copying its bytes where the file system can do without."""
    if path.suffix == ".json":  # small, and replaced with every change
        shutil.copy2(path, to)
        return
    try:
        to.hardlink_to(path)
    except OSError:  # another file system, or one without links
        try:
            if not can_point:
                raise
            to.symlink_to(path.absolute())
        except OSError:
            shutil.copy2(path, to)
