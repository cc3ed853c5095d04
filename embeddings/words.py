"""Text to terms: folding (script, width, case) and segmentation, both with exact offsets.

Folding never changes the length of a text, so an offset into the folded text is an offset into
the original. Traditional characters become simplified ones, full width becomes half width,
capitals become small letters -- one character for one character; whatever would grow or shrink
("㎡", "ﬁ") stays as it is.

Codes (``XPS-9380``), numbers with their unit of ten (``1.5万``) and dates (``2024年3月5日``) are
kept whole, and also yield a plain form (``15000``, ``2024-03-05``), so that every way of writing
them finds every other.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import lru_cache
from itertools import filterfalse
from typing import TYPE_CHECKING, NamedTuple

from embeddings.quantities import quantities
from embeddings.segment import JIEBA, placed_by, words_by

if TYPE_CHECKING:
    import numpy as np
    import snowballstemmer
    from numpy.typing import NDArray

WORDS_VERSION = "3"
"""Names the behaviour of this module in a library's fingerprint."""


class Word(NamedTuple):
    """A term and the range of the text that it stands for."""

    term: str
    start: int
    end: int


def fold(text: str) -> str:
    """``text`` in simplified script, half width and small letters; always of the same length."""
    return _decoded(_codes(text))


def _codes(text: str) -> NDArray[np.uint32]:
    """The code points of the folded text."""
    import numpy as np

    folded: NDArray[np.uint32] = _folding()[np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")]
    return folded


def _decoded(codes: NDArray[np.uint32]) -> str:
    data: bytes = codes.tobytes()
    return data.decode("utf-32-le", "surrogatepass")


def words(text: str, segmenter: str = JIEBA) -> list[Word]:
    """The terms of ``text`` for search, by start, then length; particles and punctuation left out.

    Overlapping terms are wanted: a long word comes with the shorter words inside it, a number
    and a date also with their plain forms. ``segmenter`` is one of ``segment.SEGMENTERS``.
    """
    return [Word(term, start, end) for start, end, term in _words(fold(text), segmenter)]


def word_terms(text: str, segmenter: str = JIEBA) -> list[str]:
    """The terms that :func:`words` finds, alone and in no order: half the work."""
    return both_terms(text, segmenter)[0]


def grams(text: str) -> list[Word]:
    """The Chinese characters and character pairs of ``text``, and its Latin words and numbers.

    They find the name that the segmenter has never seen.
    """
    folded = fold(text)
    found: list[Word] = []
    for run in _RUN.finditer(folded):
        start = run.start()
        chunk = run.group()
        if _HAN.match(chunk):
            found.extend(
                Word(char, start + i, start + i + 1) for i, char in enumerate(chunk) if char not in STOPCHARS
            )
            found.extend(
                Word(chunk[i : i + 2], start + i, start + i + 2)
                for i in range(len(chunk) - 1)
                if not (chunk[i] in STOPCHARS and chunk[i + 1] in STOPCHARS)
            )
        elif not _is_empty(chunk, start, run.end(), folded):
            found.append(Word(stem(chunk), start, run.end()))
    return found


def gram_terms(text: str) -> list[str]:
    """The terms that :func:`grams` finds, alone and in no order: a fifth of the work."""
    codes = _codes(text)
    folded = _decoded(codes)
    return _gram_column(codes, folded, list(_LATIN_RUN.finditer(folded)), sys.maxsize).split()


def both_terms(text: str, segmenter: str = JIEBA) -> tuple[list[str], list[str]]:
    """What :func:`word_terms` and :func:`gram_terms` find."""
    words, grams = term_columns(text, segmenter, sys.maxsize)
    return words.split(), grams.split()


def term_columns(text: str, segmenter: str, longest: int) -> tuple[str, str]:
    """What :func:`both_terms` finds, with a space between two terms, each cut to ``longest`` characters."""
    import numpy as np

    codes = _codes(text)
    folded = _decoded(codes)
    runs = list(_LATIN_RUN.finditer(folded))
    chinese = _decoded(np.where(_kinds()[codes], codes, _SPACE))
    found = list(filterfalse(_EMPTY_WORDS.__contains__, words_by(segmenter)(chinese)))
    found += [
        term
        for start, end, term in _other_words(folded, runs)
        if term not in STOPWORDS or not _is_empty(term, start, end, folded)
    ]
    return _joined(found, longest), _gram_column(codes, folded, runs, longest)


def _gram_column(codes: NDArray[np.uint32], folded: str, runs: list[re.Match[str]], longest: int) -> str:
    """The grams of a folded text, given also as codes and with its Latin runs: with strings alone it takes
    four times as long, and of a first sync a tenth.
    """
    import numpy as np

    kinds = _kinds()[codes]
    chars = np.full((np.count_nonzero(kinds == _TELLING), 2), _SPACE, "<u4")
    chars[:, 0] = codes[kinds == _TELLING]
    both = kinds[:-1] * kinds[1:]  # 0 where one is not Chinese, 4 where both are stop characters
    at = np.flatnonzero((both == _TELLING) | (both == _STOP))
    pairs = np.full((len(at), 3), _SPACE, "<u4")
    pairs[:, 0], pairs[:, 1] = codes[at], codes[at + 1]
    latin = [
        stem(term)
        for run in runs
        if (term := run.group()) not in STOPWORDS or not _is_empty(term, *run.span(), folded)
    ]
    return f"{_decoded(chars)}{_decoded(pairs)}{_joined(latin, longest)}".rstrip(" ")


def _joined(terms: list[str], longest: int) -> str:
    if max(map(len, terms), default=0) > longest:
        terms = [term[:longest] for term in terms]
    return " ".join(terms)


def numbers(text: str) -> list[Word]:
    """The numbers and dates of ``text`` in their plain form: ``15000``, ``93%``, ``2024-03-05``."""
    return [Word(*found) for found in quantities(fold(text))]


STOPWORDS = frozenset(
    "的 了 着 地 得 和 与 及 或 在 是 有 为 以 于 对 把 被 从 到 由 向 而 且 但 则 就 也 都 还 又 很 更 最 这 那 "
    "之 其 所 者 吗 呢 吧 啊 呀 么 嘛 哦 个 些 此 该 等 与其 以及 并 并且 或者 "
    "什么 怎么 怎样 如何 哪 哪个 哪些 哪里 哪儿 哪种 哪一 哪位 谁 几 多少 为何 为什么 何 何时 何地 何处 何种 何人 "
    "是否 是不是 有没有 请问 告诉 什么样 怎么样 "
    "a an the of to in on at by for with from as is are was were be been being am do does did done and or "
    "but if then than that this these those it its he she they them his her their we you your our i my me "
    "what which who whom whose when where why how many much there here not no s t re ve ll d m".split()
)
"""Words that say nothing of the topic, question words among them."""

STOPCHARS = frozenset(
    "的了着和与及或在是有为以于对把被从到由向而且但则就也都还又很更最这那之其所者吗呢吧啊么嘛个些此该等哪谁几何什怎"
)

_EMPTY_WORDS = STOPWORDS | {" "}
_EMPTY_LETTERS = frozenset(word for word in STOPWORDS if len(word) == 1 and word.isascii())

_RUN = re.compile(r"[㐀-䶿一-鿿豈-﫿𠀀-𯿿]+|[^\W_㐀-䶿一-鿿豈-﫿𠀀-𯿿]+")
_LATIN_RUN = re.compile(r"[^\W_㐀-䶿一-鿿豈-﫿𠀀-𯿿]+")
_NOT_HAN = re.compile(r"[^㐀-䶿一-鿿豈-﫿𠀀-𯿿]")
_HAN_RANGES = ((0x3400, 0x4DBF), (0x4E00, 0xFAFF), (0x20000, 0x2FFFF))  # what _HAN matches
_HAN = re.compile(r"[㐀-䶿一-鿿豈-﫿𠀀-𯿿]")
# A code joins Latin letters and digits with marks that never end it: xps-9380, gpt-4.1, node.js, c++.
# A letter with an accent on either side makes it a part of a word: zürich.
_LETTERS = "a-z0-9À-ÖØ-öø-\u052f\u1e00-\u1fff"
_CODE = re.compile(
    rf"[a-z0-9](?<![{_LETTERS}].)(?:(?<=[a-z])|(?=[a-z0-9+#./_-]*[a-z]))[a-z0-9]*"
    rf"(?:[-_./&+'][a-z0-9]+)*(?:\+\+|#)?(?![{_LETTERS}])"
)
_PART = re.compile(r"[a-z]+|\d+")
_FOLDED = (
    (0x80, 0x3400),
    (0xA000, 0xAC00),
    (0xF900, 0x10000),
    (0x1D400, 0x1D800),
    (0x1F100, 0x1F270),
    (0x2F800, 0x2FA20),
)
"""Where characters stand that have a folding, ideographs apart: letters, widths, mathematical letters."""


@lru_cache(maxsize=1)
def _folding() -> NDArray[np.uint32]:
    """What each code point folds to: by such a table it takes a sixth of the time of str.translate."""
    import numpy as np
    import opencc

    table: dict[int, str] = {}
    for code in (code for first, last in _FOLDED for code in range(first, last)):
        char = chr(code)
        plain = unicodedata.normalize("NFKC", char)
        small = plain.lower() if len(plain.lower()) == 1 else plain
        if len(small) == 1 and small != char:
            table[code] = small
    table.update({code: chr(code).lower() for code in range(ord("A"), ord("Z") + 1)})
    # Character by character: OpenCC's phrase rules change lengths. One call, a character a line.
    ideographs = [chr(code) for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))]
    simplified = opencc.OpenCC("t2s").convert("\n".join(ideographs)).split("\n")
    table.update({ord(a): b for a, b in zip(ideographs, simplified, strict=True) if a != b and len(b) == 1})
    # A compatibility ideograph folds to one that may itself be traditional.
    folding = np.arange(sys.maxunicode + 1, dtype="<u4")
    for code, char in table.items():
        folding[code] = ord(table.get(ord(char), char))
    return folding


_TELLING, _STOP = 1, 2  # kinds of Chinese characters
_SPACE = 32


@lru_cache(maxsize=1)
def _kinds() -> NDArray[np.uint8]:
    """For each code point 0 where it is no Chinese character, else :data:`_TELLING` or :data:`_STOP`."""
    import numpy as np

    kinds = np.zeros(sys.maxunicode + 1, np.uint8)
    for first, last in _HAN_RANGES:
        kinds[first : last + 1] = _TELLING
    kinds[[ord(char) for char in STOPCHARS]] = _STOP
    return kinds


def _is_empty(term: str, start: int, end: int, folded: str) -> bool:
    """Whether the word is a stop word; a letter beside a Chinese character is none: A股, T恤."""
    if term not in _EMPTY_LETTERS:
        return term in STOPWORDS
    return not _HAN.search(folded[max(start - 1, 0) : start] + folded[end : end + 1])


def _words(folded: str, segmenter: str) -> list[tuple[int, int, str]]:
    """(start, end, term), rising: codes and quantities whole, then the words of what they leave."""
    found = [
        *placed_by(segmenter)(_NOT_HAN.sub(" ", folded)),
        *_other_words(folded, list(_LATIN_RUN.finditer(folded))),
    ]
    found.sort()
    return [word for word in found if not _is_empty(word[2], *word[:2], folded)]


def _other_words(folded: str, runs: list[re.Match[str]]) -> list[tuple[int, int, str]]:
    """Codes, quantities and words that are not Chinese, of Latin ``runs``: (start, end, term), stop words
    among them.
    """
    found: list[tuple[int, int, str]] = []
    whole = bytearray(len(folded))  # what a code, a number or a date has taken
    numbers = list(quantities(folded))
    codes = list(_CODE.finditer(folded))
    for match in codes:
        code, at = match.group(), match.start()
        found.append((*match.span(), stem(code)))
        parts = [] if code.isalpha() else list(_PART.finditer(code))
        if len(parts) > 1:
            found += [(at + part.start(), at + part.end(), stem(part.group())) for part in parts]
            whole[at : match.end()] = b"\1" * len(code)
    found += [(start, end, term) for term, start, end in numbers if not whole[start]]
    taken = [match.span() for match in codes] + [(start, end) for _, start, end in numbers]
    for start, end in taken:
        whole[start:end] = b"\1" * (end - start)
    found += [(*run.span(), run.group()) for run in runs if not whole[run.start()]]
    return found


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The stem of an English word (Snowball, Porter 2001); codes and words with accents stay as they are."""
    return str(_stemmer().stemWord(word)) if word.isalpha() and word.isascii() else word


@lru_cache(maxsize=1)
def _stemmer() -> snowballstemmer.stemmer:
    import snowballstemmer

    return snowballstemmer.stemmer("english")
