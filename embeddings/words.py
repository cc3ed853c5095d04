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

import math
import re
import sys
import unicodedata
from functools import lru_cache
from itertools import filterfalse
from typing import TYPE_CHECKING, NamedTuple

from embeddings.segment import JIEBA, placed_by, words_by

if TYPE_CHECKING:
    from collections.abc import Iterator

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

    return _folding()[np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")]


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
    return list(_quantities(fold(text)))


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

_DIGITS = {"零": 0, "〇": 0, "一": 1, "壹": 1, "二": 2, "两": 2, "贰": 2, "三": 3, "叁": 3, "四": 4, "肆": 4,
           "五": 5, "伍": 5, "六": 6, "陆": 6, "七": 7, "柒": 7, "八": 8, "捌": 8, "九": 9, "玖": 9}  # fmt: skip
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_MYRIADS = {"万": 10**4, "亿": 10**8}
_ENGLISH_TENS = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_MONTHS = {name: month for month, name in enumerate(
    "january february march april may june july august september october november december".split(), 1)}  # fmt: skip

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
# What must not stand before a number is looked for behind its first digit: a search for a digit is ten times as
# fast as one that looks back from every character.
_YEAR_MONTH_DAY = re.compile(
    r"(\d(?<!\d\d)\d{3})\s*(?:年\s*|[-/.])(\d{1,2})\s*(?:月\s*|[-/.])(\d{1,2})(?!\d)\s*[日号]?"
)
_YEAR_MONTH = re.compile(r"(\d(?<!\d\d)\d{3})\s*年\s*(\d{1,2})\s*月(?:份)?")
_YEAR = re.compile(r"([12](?<!\d.)\d{3})\s*年(?!\s*\d{1,2}\s*月)")
_HAN_YEAR = re.compile(r"([一二三四五六七八九〇零○]{4})年")
_MONTH_DAY = re.compile(r"(\d(?<![\d年]\d)\d?)\s*月\s*(\d{1,2})\s*[日号]")
_ENGLISH_DATE = re.compile(
    rf"\b({'|'.join(_MONTHS)})\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})\b"
    rf"|\b(\d{{1,2}})(?:st|nd|rd|th)?\s+({'|'.join(_MONTHS)}),?\s+(\d{{4}})\b"
)
_UNIT = "千万|百万|十万|万亿|万|亿|千|百"
_NUMBER = re.compile(
    r"(\d(?<![\d.]\d)(?:\d{0,2}(?:,\d{3})+(?:\.\d+)?|\d*(?:\.\d+)?))[^\S\n]*"
    rf"({_UNIT}|thousand\b|million\b|billion\b|trillion\b)?\s*(%|percent\b)?"
)
_BARE_YEAR = re.compile(r"(?:19|20)\d\d")
_UNIT_IN_NAME = re.compile("百度|万科|万达|千里")
_HAN_DIGIT = "[零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟]"
_LONGER_HAN_NUMBER = re.compile(f"{_HAN_DIGIT}(?:{_HAN_DIGIT}|分之|点)")
_HAN_NUMBER = re.compile(
    rf"(百分之)?({_HAN_DIGIT}+)"
    rf"(?:点([零〇一二三四五六七八九]+)({_UNIT})?)?"
)


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
    quantities = list(_quantities(folded))
    codes = list(_CODE.finditer(folded))
    for match in codes:
        code, at = match.group(), match.start()
        found.append((*match.span(), stem(code)))
        parts = [] if code.isalpha() else list(_PART.finditer(code))
        if len(parts) > 1:
            found += [(at + part.start(), at + part.end(), stem(part.group())) for part in parts]
            whole[at : match.end()] = b"\1" * len(code)
    found += [(start, end, term) for term, start, end in quantities if not whole[start]]
    taken = [match.span() for match in codes] + [(quantity.start, quantity.end) for quantity in quantities]
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


def _quantities(folded: str) -> Iterator[Word]:
    taken = bytearray(len(folded))

    def take(match: re.Match[str]) -> bool:
        """Whether the range of the match is free; takes it."""
        start, end = match.span()
        if 1 in taken[start:end]:
            return False
        taken[start:end] = b"\1" * (end - start)
        return True

    for needed, pattern, read in _DATES:
        for match in pattern.finditer(folded) if needed in folded else ():
            if (forms := read(match)) and take(match):
                yield from (Word(form, *match.span()) for form in forms)
    for match in _NUMBER.finditer(folded):
        if take(match):
            yield from _read_number(match)
    for match in _han_numbers(folded):
        if 1 not in taken[slice(*match.span())]:
            yield from _read_han_number(match)


def _han_numbers(folded: str) -> Iterator[re.Match[str]]:
    """The numbers in Chinese, but 一个, 三星: one character is too common and too often part of a word."""
    at = 0
    while begun := _LONGER_HAN_NUMBER.search(folded, at):
        match = _HAN_NUMBER.match(folded, begun.start())
        if match is None:  # what begins like a number is one
            return
        at = match.end()
        if len(match[2]) > 1 or match[1] or match[3]:
            yield match


def _read_number(match: re.Match[str]) -> Iterator[Word]:
    if match[2] and _BARE_YEAR.fullmatch(match[1]):
        yield Word(match[1], *match.span(1))
        if _UNIT_IN_NAME.match(match.string, match.start(2)):  # 2020百度世界大会; but 2000万元 is both
            return
    yield from _number(match, float(match[1].replace(",", "")) * _unit(match[2] or ""), bool(match[3]))


def _read_han_number(match: re.Match[str]) -> Iterator[Word]:
    value = _han_value(match[2])
    if value is not None:
        value += float("0." + "".join(str(_DIGITS[c]) for c in match[3])) if match[3] else 0
        yield from _number(match, value * _unit(match[4] or ""), bool(match[1]))


def _date_forms(year: str, month: str, day: str) -> list[str]:
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return []
    return [f"{year}-{int(month):02}-{int(day):02}", f"{year}-{int(month):02}", year]


def _read_month(match: re.Match[str]) -> list[str]:
    return [f"{match[1]}-{int(match[2]):02}", match[1]] if 1 <= int(match[2]) <= 12 else []


def _read_english(match: re.Match[str]) -> list[str]:
    if match[1]:
        return _date_forms(match[3], str(_MONTHS[match[1]]), match[2])
    return _date_forms(match[6], str(_MONTHS[match[5]]), match[4])


def _read_month_day(match: re.Match[str]) -> list[str]:
    month, day = int(match[1]), int(match[2])
    return [f"{month:02}-{day:02}"] if 1 <= month <= 12 and 1 <= day <= 31 else []


# What a text must hold for the pattern to be tried, the pattern, and what makes plain forms of a match.
_DATES = (
    (
        "",
        _YEAR_MONTH_DAY,
        lambda m: [
            *_date_forms(m[1], m[2], m[3]),
            *([f"{int(m[2]):02}-{int(m[3]):02}"] if _date_forms(m[1], m[2], m[3]) else []),
        ],
    ),
    ("", _ENGLISH_DATE, _read_english),
    ("年", _YEAR_MONTH, _read_month),
    ("年", _HAN_YEAR, lambda m: ["".join("0" if c == "○" else str(_DIGITS[c]) for c in m[1])]),
    ("年", _YEAR, lambda m: [m[1]]),
    ("月", _MONTH_DAY, _read_month_day),
)


def _unit(word: str) -> float:
    if word in _ENGLISH_TENS:
        return _ENGLISH_TENS[word]
    value = 1.0
    for char in word:
        value *= _TENS.get(char) or _MYRIADS[char]
    return value


def _han_value(text: str) -> float | None:
    """The value of a number written in Chinese; None when it is none (亿万, 百)."""
    if text[0] in _MYRIADS or (text[0] in _TENS and text[0] not in "十拾"):
        return None
    if all(char in _DIGITS for char in text):
        return float("".join(str(_DIGITS[char]) for char in text))
    total, section, digit = 0.0, 0, 0  # a float grows to infinity where an int would not fit one
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _TENS:
            section += (digit or 1) * _TENS[char]
            digit = 0
        else:
            own, unit = section + digit, _MYRIADS[char]
            # 三亿二千万: 万 counts only what stands since 亿; 二千万亿, 五万万: all that stands before.
            total = total + own * unit if own and total > unit else (total + own) * unit
            section = digit = 0
    if text[-1] in _DIGITS and text[-2] not in _DIGITS:  # 一万五 is 15000
        return total + section + digit * _unit(text[-2]) / 10
    return total + section + digit


def _number(match: re.Match[str], value: float, percent: bool) -> Iterator[Word]:
    """The number in its plain form; nothing where it is too large for a float."""
    if math.isfinite(value):
        yield Word(_plain(value) + ("%" if percent else ""), *match.span())


def _plain(value: float) -> str:
    rounded = round(value, 6)
    return str(int(rounded)) if rounded == int(rounded) else f"{rounded:.6f}".rstrip("0")
