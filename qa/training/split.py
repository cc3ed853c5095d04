"""Which development questions may be learnt from, which fit ranker and confidence, which only measure."""

from __future__ import annotations

from hashlib import blake2b

PARTS = ("learn", "fit", "report")


def part(title: str, context: str) -> str:
    """ "learn" (half), "fit" (a fifth) or "report" (three tenths), by the hash of the article's title, or of
    the paragraph where it has none.

    The reader learns from the first part of the sets in :data:`qa.training.corpus.SHARED`; ranker and
    confidence are fitted on the second, and on the first where no reader learnt from it; figures come
    from the third, from which nothing was ever learnt.
    """
    key = (title or context).encode()
    (half,), (share, _) = blake2b(key, digest_size=1).digest(), blake2b(key, digest_size=2).digest()
    if half % 2:
        return "report" if share < 154 else "learn"
    return "fit" if share < 102 else "learn"


def natural_part(name: str) -> str:
    """The part of an article of :mod:`qa.training.natural`: "learn" for 70 in 100, "fit" and "report" for 15 each."""
    share = int.from_bytes(blake2b(name.encode(), digest_size=4).digest()) % 100
    return "learn" if share < 70 else "fit" if share < 85 else "report"
