"""Texts to a tokenizer of words, characters and word pieces, and to what each token is made of."""

from __future__ import annotations

import json
import math
import re
import zlib
from collections import Counter
from typing import TYPE_CHECKING

from embeddings.words import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokenizers import Tokenizer

UNKNOWN = "[UNK]"
GRAM_BUCKETS = 1 << 14
"""Rows shared by the letter 3- to 5-grams of Latin tokens; they exist in training only."""

_HAN = re.compile(r"[㐀-䶿一-鿿]")
_HAN_RUN = re.compile(r"[㐀-䶿一-鿿]+")
_OTHER_RUN = re.compile(r"[^\W\d_㐀-䶿一-鿿]+|\d+")
_SPLIT = r"[㐀-䶿一-鿿豈-﫿]+|[\p{L}\p{M}&&[^㐀-䶿一-鿿豈-﫿]]+|\p{N}+"


def build(texts: Iterable[str], size: int) -> Tokenizer:
    """A Unigram tokenizer (Kudo 2018) of ``size`` tokens at most, for folded text.

    Chinese words are those of jieba's dictionary that the texts use most, found by cutting the
    texts along the most probable path, as jieba does; every frequent character is a token too.
    Latin words and their pieces take a fifth. Punctuation and white space are dropped.
    """
    folded = [fold(text) for text in texts]
    characters = Counter(char for text in folded for char in text if char.isalnum())
    single = {char: count for char, count in characters.items() if count >= 5 or char.isascii()}
    latin = _latin(folded, size // 5)
    candidates = single | {
        word: count for word, count in _dictionary().items() if all(char in single for char in word)
    }
    used = _count(folded, _tokenizer(_scores(candidates), {}))
    room = max(0, size - 1 - len(latin.keys() | single.keys()))
    words = [(word, count) for word, count in used.most_common() if len(word) > 1 and word in candidates]
    kept = single | dict(words[:room])
    # Once more with the words that stayed: their counts are what the scores should say.
    counts = _count(folded, _tokenizer(_scores(kept), {}))
    return _tokenizer(_scores({token: counts[token] + 1 for token in kept}), latin)


def parts(token: str, tokens: dict[str, int]) -> list[int]:
    """The other rows that ``token``'s row is made of, besides its own.

    For a Chinese word: the shorter words and the characters in it; for a Latin one: its letter
    grams, numbered from ``len(tokens)``.
    """
    if _HAN.match(token):
        inner = {token[i:j] for i in range(len(token)) for j in range(i + 1, len(token) + 1)} - {token}
        return sorted(tokens[piece] for piece in inner if piece in tokens)
    if not token.isalpha() or token == UNKNOWN:
        return []
    marked = f"<{token}>"
    grams = {marked[i : i + n] for n in (3, 4, 5) for i in range(len(marked) - n + 1)}
    return sorted({len(tokens) + zlib.crc32(gram.encode()) % GRAM_BUCKETS for gram in grams})


def _dictionary() -> dict[str, int]:
    import jieba

    jieba.setLogLevel("ERROR")
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    return {
        word: count
        for word, count in tokenizer.FREQ.items()
        if count > 0 and 2 <= len(word) <= 8 and _HAN_RUN.fullmatch(word)
    }


def _latin(folded: list[str], size: int) -> dict[str, float]:
    """Scores of the most frequent Latin words and numbers, and of pieces for the others."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    counts = Counter(word for text in folded for word in _OTHER_RUN.findall(text) if word.isascii())
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.UnigramTrainer(
        vocab_size=size // 3, special_tokens=[UNKNOWN], unk_token=UNKNOWN, show_progress=False
    )
    # The square root keeps frequent words from crowding out the pieces of rare ones.
    lines = (" ".join([word] * math.isqrt(count)) for word, count in sorted(counts.items()) if count > 1)
    tokenizer.train_from_iterator(lines, trainer)
    pieces = dict(json.loads(tokenizer.to_str())["model"]["vocab"])
    del pieces[UNKNOWN]
    whole = sorted((word for word in counts if len(word) <= 20), key=lambda word: (-counts[word], word))
    # Above any sum of two pieces, so that a known word stays whole.
    return pieces | dict.fromkeys(whole[: size - len(pieces)], max(pieces.values(), default=0.0))


def _scores(counts: dict[str, int]) -> dict[str, float]:
    total = math.log(sum(counts.values()))
    return {token: math.log(count) - total for token, count in counts.items()}


def _tokenizer(scores: dict[str, float], latin: dict[str, float]) -> Tokenizer:
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

    merged = scores | latin  # the two never meet in one run, so their scales need not agree
    entries = [(UNKNOWN, 0.0), *((token, round(score, 4)) for token, score in sorted(merged.items()))]
    tokenizer = Tokenizer(models.Unigram(entries, unk_id=0, byte_fallback=False))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(_SPLIT), behavior="removed", invert=True)
    return tokenizer


def _count(folded: list[str], tokenizer: Tokenizer) -> Counter[str]:
    counts: Counter[int] = Counter()
    for start in range(0, len(folded), 2000):
        for encoding in tokenizer.encode_batch_fast(folded[start : start + 2000], add_special_tokens=False):
            counts.update(encoding.ids)
    return Counter({tokenizer.id_to_token(at) or UNKNOWN: count for at, count in counts.items()})
