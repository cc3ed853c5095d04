"""Two rankings to one: pure, with deterministic ties."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def fuse(
    lexical: Mapping[int, float], similarity: Mapping[int, float], *, most: float, weight: float
) -> list[tuple[int, float]]:
    """(passage id, relevance in 0..1), falling; ties by id, rising.

    ``lexical`` holds BM25 sums and ``most`` the largest sum that any passage could reach;
    ``similarity`` holds cosines. The relevance is the convex combination of the two, each divided by
    its theoretical maximum (Bruch, Gai & Ingber 2023, "An analysis of fusion functions for hybrid
    retrieval"), with ``weight`` (0..1) for the cosine. What one side lacks counts as 0 there.
    """
    fused = {}
    for passage_id in lexical.keys() | similarity.keys():
        matched = lexical.get(passage_id, 0.0) / most if most > 0 else 0.0
        near = max(0.0, similarity.get(passage_id, 0.0))
        fused[passage_id] = (1 - weight) * min(1.0, matched) + weight * min(1.0, near)
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))
