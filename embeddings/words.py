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

import contextlib
import logging
import math
import os
import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    import jieba
    import snowballstemmer

WORDS_VERSION = "3"
"""Names the behaviour of this module in a library's fingerprint."""


class Word(NamedTuple):
    """A term and the range of the text that it stands for."""

    term: str
    start: int
    end: int


def fold(text: str) -> str:
    """``text`` in simplified script, half width and small letters; always of the same length."""
    return text.translate(_folding())


def words(text: str) -> list[Word]:
    """The terms of ``text`` for search, by start, then length; particles and punctuation left out.

    Overlapping terms are wanted: a long word comes with the shorter words inside it, a number
    and a date also with their plain forms.
    """
    folded = fold(text)
    found = [word for word in _segment(folded) if not _is_empty(word, folded)]
    found.sort(key=lambda word: (word.start, word.end, word.term))
    return found


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
        elif not _is_empty(Word(chunk, start, run.end()), folded):
            found.append(Word(_stem(chunk), start, run.end()))
    return found


def numbers(text: str) -> list[Word]:
    """The numbers and dates of ``text`` in their plain form: ``15000``, ``93%``, ``2024-03-05``."""
    return list(_quantities(fold(text)))


def segments(text: str) -> list[tuple[int, int]]:
    """The ranges of the Chinese words of ``text``, in order, none overlapping, as the segmenter cuts it."""
    folded = fold(text)
    return [
        (run.start() + start, run.start() + end)
        for run in _RUN.finditer(folded)
        if _HAN.match(run.group())
        for _, start, end in _jieba().tokenize(run.group(), HMM=False)
    ]


def is_word(text: str, least: int = 1) -> bool:
    """Whether ``text`` is a word of two characters or more that the segmenter's dictionary counts ``least``
    times.
    """
    return len(text) > 1 and (_jieba().FREQ.get(fold(text)) or 0) >= least


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

_DIGITS = {"零": 0, "〇": 0, "一": 1, "壹": 1, "二": 2, "两": 2, "贰": 2, "三": 3, "叁": 3, "四": 4, "肆": 4,
           "五": 5, "伍": 5, "六": 6, "陆": 6, "七": 7, "柒": 7, "八": 8, "捌": 8, "九": 9, "玖": 9}  # fmt: skip
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_MYRIADS = {"万": 10**4, "亿": 10**8}
_ENGLISH_TENS = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_MONTHS = {name: month for month, name in enumerate(
    "january february march april may june july august september october november december".split(), 1)}  # fmt: skip

_RUN = re.compile(r"[㐀-䶿一-鿿豈-﫿𠀀-𯿿]+|[^\W_㐀-䶿一-鿿豈-﫿𠀀-𯿿]+")
_HAN = re.compile(r"[㐀-䶿一-鿿豈-﫿𠀀-𯿿]")
# A code joins Latin letters and digits with marks that never end it: xps-9380, gpt-4.1, node.js, c++.
# A letter with an accent on either side makes it a part of a word: zürich.
_LETTERS = "a-z0-9À-ÖØ-öø-\u052f\u1e00-\u1fff"
_CODE = re.compile(
    rf"(?<![{_LETTERS}])(?=[a-z0-9+#./_-]*[a-z])[a-z0-9]+(?:[-_./&+'][a-z0-9]+)*(?:\+\+|#)?(?![{_LETTERS}])"
)
_PART = re.compile(r"[a-z]+|\d+")
_YEAR_MONTH_DAY = re.compile(
    r"(?<!\d)(\d{4})\s*(?:年\s*|[-/.])(\d{1,2})\s*(?:月\s*|[-/.])(\d{1,2})(?!\d)\s*[日号]?"
)
_YEAR_MONTH = re.compile(r"(?<!\d)(\d{4})\s*年\s*(\d{1,2})\s*月(?:份)?")
_YEAR = re.compile(r"(?<!\d)([12]\d{3})\s*年(?!\s*\d{1,2}\s*月)")
_HAN_YEAR = re.compile(r"([一二三四五六七八九〇零○]{4})年")
_MONTH_DAY = re.compile(r"(?<!\d)(?<!年)(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]")
_ENGLISH_DATE = re.compile(
    rf"\b({'|'.join(_MONTHS)})\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})\b"
    rf"|\b(\d{{1,2}})(?:st|nd|rd|th)?\s+({'|'.join(_MONTHS)}),?\s+(\d{{4}})\b"
)
_UNIT = "千万|百万|十万|万亿|万|亿|千|百"
_NUMBER = re.compile(
    r"(?<![\d.])(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)[^\S\n]*"
    rf"({_UNIT}|thousand\b|million\b|billion\b|trillion\b)?\s*(%|percent\b)?"
)
_BARE_YEAR = re.compile(r"(?:19|20)\d\d")
_UNIT_IN_NAME = re.compile("百度|万科|万达|千里")
_HAN_NUMBER = re.compile(
    r"(百分之)?([零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟]+)"
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
def _folding() -> dict[int, str]:
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
    return {code: table.get(ord(char), char) for code, char in table.items()}


@lru_cache(maxsize=1)
def _jieba() -> jieba.Tokenizer:
    import jieba

    # jieba's progress lines, and a cache in the shared temporary folder, are no business of the user's.
    jieba.setLogLevel(logging.CRITICAL)
    tokenizer = jieba.Tokenizer()
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "article-qa"
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Where the folder cannot be written to, jieba goes without a cache.
    tokenizer.tmp_dir = str(folder)
    tokenizer.initialize()
    return tokenizer


def _is_empty(word: Word, folded: str) -> bool:
    """Whether the word is a stop word; a letter beside a Chinese character is none: A股, T恤."""
    if word.term not in STOPWORDS:
        return False
    beside = folded[max(word.start - 1, 0) : word.start] + folded[word.end : word.end + 1]
    return not (len(word.term) == 1 and word.term.isascii() and _HAN.search(beside))


def _segment(folded: str) -> Iterator[Word]:
    """Codes and quantities whole, then the words of what they leave."""
    whole = bytearray(len(folded))  # what a code, a number or a date has taken
    quantities = list(_quantities(folded))
    codes = list(_CODE.finditer(folded))
    for match in codes:
        yield Word(_stem(match.group()), *match.span())
        parts = list(_PART.finditer(match.group()))
        if len(parts) > 1:
            for part in parts:
                yield Word(_stem(part.group()), match.start() + part.start(), match.start() + part.end())
            whole[match.start() : match.end()] = b"\1" * len(match.group())
    yield from (quantity for quantity in quantities if not whole[quantity.start])
    taken = [match.span() for match in codes] + [(quantity.start, quantity.end) for quantity in quantities]
    for start, end in taken:
        whole[start:end] = b"\1" * (end - start)
    for run in _RUN.finditer(folded):
        if _HAN.match(run.group()):
            for term, start, end in _jieba().tokenize(run.group(), mode="search"):
                yield Word(term, run.start() + start, run.start() + end)
        elif not whole[run.start()]:
            yield Word(run.group(), run.start(), run.end())


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    """The stem of an English word (Snowball, Porter 2001); codes and words with accents stay as they are."""
    return str(_stemmer().stemWord(word)) if word.isalpha() and word.isascii() else word


@lru_cache(maxsize=1)
def _stemmer() -> snowballstemmer.stemmer:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


def _quantities(folded: str) -> Iterator[Word]:
    taken: list[tuple[int, int]] = []

    def free(match: re.Match[str]) -> bool:
        return not any(match.start() < end and start < match.end() for start, end in taken)

    for pattern, read in _DATES:
        for match in pattern.finditer(folded):
            if free(match) and (forms := read(match)):
                taken.append(match.span())
                yield from (Word(form, *match.span()) for form in forms)
    for match in _NUMBER.finditer(folded):
        if free(match):
            taken.append(match.span())
            yield from _read_number(match)
    for match in _HAN_NUMBER.finditer(folded):
        if free(match) and (value_read := _han_value(match[2])) is not None:
            if len(match[2]) == 1 and not match[1] and not match[3]:
                continue  # 一个, 三星: too common and too often part of a word
            value = value_read + (float("0." + "".join(str(_DIGITS[c]) for c in match[3])) if match[3] else 0)
            yield from _number(match, value * _unit(match[4] or ""), bool(match[1]))


def _read_number(match: re.Match[str]) -> Iterator[Word]:
    if match[2] and _BARE_YEAR.fullmatch(match[1]):
        yield Word(match[1], *match.span(1))
        if _UNIT_IN_NAME.match(match.string, match.start(2)):  # 2020百度世界大会; but 2000万元 is both
            return
    yield from _number(match, float(match[1].replace(",", "")) * _unit(match[2] or ""), bool(match[3]))


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


_DATES = (
    (
        _YEAR_MONTH_DAY,
        lambda m: [
            *_date_forms(m[1], m[2], m[3]),
            *([f"{int(m[2]):02}-{int(m[3]):02}"] if _date_forms(m[1], m[2], m[3]) else []),
        ],
    ),
    (_ENGLISH_DATE, _read_english),
    (_YEAR_MONTH, _read_month),
    (_HAN_YEAR, lambda m: ["".join("0" if c == "○" else str(_DIGITS[c]) for c in m[1])]),
    (_YEAR, lambda m: [m[1]]),
    (_MONTH_DAY, _read_month_day),
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
