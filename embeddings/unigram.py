"""Many texts to tokens at once: what the bundled tokenizer finds, by tables and in a third of its time.

A text is cut in runs of Chinese characters, of other letters and of digits, and each run is cut in the pieces
whose scores have the largest sum (Kudo 2018). All runs of a batch take each step together, as arrays.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    Ids = NDArray[np.intp]
    Scores = NDArray[np.float64]

LONGEST_RUN = 1000
"""Characters; as many steps are taken for a batch as its longest run has characters."""


class Unigram:
    """The pieces of a tokenizer in a trie; its node 0 is the root, and a node without a child leads there."""

    def __init__(self, pieces: Sequence[tuple[str, float]], unknown: int) -> None:
        import numpy as np

        self._unknown = unknown
        self._unknown_score = min(score for _, score in pieces) - 10  # as sentencepiece has it
        nodes: dict[tuple[int, int], int] = {}
        of_piece = {}
        for number, (piece, _) in enumerate(pieces):
            node = 0
            for char in piece:
                node = nodes.setdefault((node, ord(char)), len(nodes) + 1)
            of_piece[number] = node
        self._ids = np.full(len(nodes) + 1, -1, np.intp)
        self._ids[list(of_piece.values())] = list(of_piece)
        self._scores = np.zeros(len(nodes) + 1)
        self._scores[list(of_piece.values())] = [score for _, score in pieces]
        keys = np.array([node << _BITS | code for node, code in nodes], np.intp)
        self._children = _Table(keys, np.array(list(nodes.values()), np.intp))
        self._first = np.zeros(sys.maxunicode + 1, np.intp)
        self._first[[code for node, code in nodes if not node]] = [
            child for (node, _), child in nodes.items() if not node
        ]

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> Self | None:
        """The pieces of the tokenizer; None for one that does not cut texts as this module does."""
        said = json.loads(tokenizer.to_str())
        model = said["model"]
        is_known = (
            (said["normalizer"], said["pre_tokenizer"]) == _KNOWN
            and (model["type"], model.get("byte_fallback")) == ("Unigram", False)
            and not said["added_tokens"]
            and not said["post_processor"]
        )
        return cls(model["vocab"], model["unk_id"]) if is_known and model["unk_id"] is not None else None

    def encode(self, texts: Sequence[str]) -> list[Ids] | None:
        """The tokens of each folded text; None where a text has characters or runs that this cannot cut."""
        import numpy as np

        written = np.frombuffer("\n".join(texts).encode("utf-32-le"), "<u4")
        kinds, small = _characters()
        codes = small[written]
        runs = _Runs.of(kinds[written])
        if runs is None:
            return None
        if not len(runs.starts):
            return [np.zeros(0, np.intp) for _ in texts]
        at, ids = self._best(codes, runs)
        ends = np.cumsum([len(text) + 1 for text in texts[:-1]], dtype=np.intp)
        return np.split(ids, np.searchsorted(at, ends))

    def _best(self, codes: Ids, runs: _Runs) -> tuple[Ids, Ids]:
        """Where the tokens begin, rising, and what they are."""
        import numpy as np

        lengths = self._candidates(codes, runs)
        # By the last character of a path: its score, its last piece, and how long that is.
        best = np.full(len(codes), -np.inf)
        last, long = np.zeros(len(codes), np.intp), np.zeros(len(codes), np.intp)
        for step in range(runs.longest):
            for length, found in enumerate(lengths, 1):
                part = slice(found.steps[step], found.steps[step + 1])
                begin = found.begin[part]
                if not len(begin):
                    continue
                end = begin + (length - 1)
                score = found.scores[part] + best[begin - 1] if step else found.scores[part]
                # Of paths that score the same, that with the longer last piece stays, as in the tokenizer.
                is_better = score > best[end]
                end = end[is_better]
                best[end], last[end], long[end] = score[is_better], found.ids[part][is_better], length
        is_token = np.zeros(len(codes), bool)
        ids = np.zeros(len(codes), np.intp)
        start, end = runs.starts, runs.ends - 1
        while len(end):
            begin = end - long[end] + 1
            is_token[begin], ids[begin] = True, last[end]
            is_open = begin > start
            start, end = start[is_open], begin[is_open] - 1
        at = np.flatnonzero(is_token)
        found_ids = ids[at]
        # Characters without a piece that follow each other in a run are one token.
        is_unknown = found_ids == self._unknown
        is_first = np.zeros(len(codes), bool)
        is_first[runs.starts] = True
        is_kept = ~is_unknown | is_first[at]
        is_kept[1:] |= ~is_unknown[:-1]
        return at[is_kept], found_ids[is_kept]

    def _candidates(self, codes: Ids, runs: _Runs) -> list[_Candidates]:
        """For each length, from 1, the pieces that the runs hold."""
        import numpy as np

        begin, left = runs.inside, runs.left
        nodes = self._first[codes[begin]]
        ids = np.where(nodes > 0, self._ids[nodes], -1)
        scores = np.where(ids < 0, self._unknown_score, self._scores[nodes])
        found = [_Candidates(begin, np.where(ids < 0, self._unknown, ids), scores, runs.steps_of(begin))]
        while True:
            length = len(found)
            goes_on = (nodes > 0) & (left > length)
            begin, left, nodes = begin[goes_on], left[goes_on], nodes[goes_on]
            nodes = self._children.of(nodes << _BITS | codes[begin + length])
            is_node = nodes > 0
            begin, left, nodes = begin[is_node], left[is_node], nodes[is_node]
            if not len(begin):
                return found
            is_piece = self._ids[nodes] >= 0
            own, node = begin[is_piece], nodes[is_piece]
            found.append(_Candidates(own, self._ids[node], self._scores[node], runs.steps_of(own)))


class _Table:
    """Numbers by keys of 0 and more: a key stands at the place that its hash says, or at the next that was free.

    A search among rising keys takes six times as long.
    """

    def __init__(self, keys: Ids, values: Ids) -> None:
        import numpy as np

        self._keys = np.full((1 << _PLACES) + len(keys), -1, np.intp)
        self._values = np.zeros(len(self._keys), np.intp)
        at = _hashed(keys)
        while len(keys):
            taken, first = np.unique(np.where(self._keys[at] < 0, at, -1), return_index=True)
            first = first[taken >= 0]
            self._keys[at[first]], self._values[at[first]] = keys[first], values[first]
            is_left = np.ones(len(keys), bool)
            is_left[first] = False
            keys, values, at = keys[is_left], values[is_left], at[is_left] + 1

    def of(self, wanted: Ids) -> Ids:
        """The number of each key, 0 where there is none."""
        import numpy as np

        at = _hashed(wanted)
        found = self._keys[at]
        others = np.flatnonzero((found != wanted) & (found >= 0))
        while len(others):
            at[others] += 1
            found = self._keys[at[others]]
            others = others[(found != wanted[others]) & (found >= 0)]
        return np.where(self._keys[at] == wanted, self._values[at], 0)


def _hashed(keys: Ids) -> Ids:
    return (keys * _FACTOR >> (64 - _PLACES)) & ((1 << _PLACES) - 1)


class _Candidates(NamedTuple):
    """Pieces of one length: where they begin, which they are, and the range of each step."""

    begin: Ids
    ids: Ids
    scores: Scores
    steps: list[int]


class _Runs(NamedTuple):
    """The runs of a batch: starts and ends; ``inside`` has their characters by their place in the run, first all
    first ones, ``left`` how many the run has from there.
    """

    starts: Ids
    ends: Ids
    inside: Ids
    left: Ids
    places: NDArray[np.uint16]
    longest: int

    @classmethod
    def of(cls, kinds: NDArray[np.uint8]) -> _Runs | None:
        """The runs in characters of these kinds; None where there are some that cannot be cut here."""
        import numpy as np

        if _UNSURE in kinds:
            return None
        edges = np.flatnonzero(np.diff(kinds, prepend=0, append=0))
        starts = edges[:-1][kinds[edges[:-1]] > 0]
        ends = edges[1:][kinds[edges[:-1]] > 0]
        longest = int((ends - starts).max(initial=0))
        if longest > LONGEST_RUN:
            return None
        inside = np.flatnonzero(kinds)
        before = np.repeat(starts, ends - starts)
        places = (inside - before).astype(np.uint16)
        left = np.repeat(ends, ends - starts) - inside
        by_place = np.argsort(places, kind="stable")
        of_all = np.zeros(len(kinds), np.uint16)
        of_all[inside] = places
        return cls(starts, ends, inside[by_place], left[by_place], of_all, longest)

    def steps_of(self, begin: Ids) -> list[int]:
        """Where each place in a run begins among these characters, which are ordered by it."""
        import numpy as np

        counts = np.bincount(self.places[begin], minlength=self.longest)
        return [0, *np.cumsum(counts).tolist()]


_BITS = 21  # of a code point
_PLACES = 18  # binary digits of a place in a table
_FACTOR = 0x1E3779B97F4A7C15  # odd and without a pattern: its multiples spread (Knuth 1973, 6.4)
_CHINESE, _LETTER, _DIGIT, _UNSURE = 1, 2, 3, 4  # kinds of characters; 0 is between runs
_CHINESE_RANGES = ((0x3400, 0x4DBF), (0x4E00, 0xFAFF))  # what the pattern takes for it: all from 豈, U+8C48
_KNOWN = (
    {"type": "Lowercase"},
    {
        "type": "Split",
        "pattern": {"Regex": "[㐀-䶿一-鿿豈-\ufaff]+|[\\p{L}\\p{M}&&[^㐀-䶿一-鿿豈-\ufaff]]+|\\p{N}+"},
        "behavior": "Removed",
        "invert": True,
    },
)


@lru_cache(maxsize=1)
def _characters() -> tuple[NDArray[np.uint8], Ids]:
    """The kind and the small letter of each code point. Unsure is one that Unicode may yet assign, and one
    whose small letter is two.
    """
    import numpy as np

    kinds = np.full(sys.maxunicode + 1, _UNSURE, np.uint8)
    small = np.arange(sys.maxunicode + 1)
    of_category = {"L": _LETTER, "M": _LETTER, "N": _DIGIT}
    for code in range(0x30000):
        char = chr(code)
        category, lower = unicodedata.category(char), char.lower()
        if category not in ("Cn", "Cs") and len(lower) == 1:
            kinds[code], small[code] = of_category.get(category[0], 0), ord(lower)
    for first, last in _CHINESE_RANGES:
        kinds[first : last + 1] = _CHINESE
    return kinds, small
