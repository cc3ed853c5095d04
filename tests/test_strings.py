from __future__ import annotations

from string import Formatter

import pytest

from qa.strings import EN, ZH, Strings, choose


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh", "zh"),
        ("zh-HK,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("en;q=0.3, zh-SG;q=0.7", "zh"),
        ("ZH-TW", "zh"),
        ("fr,de;q=0.5", "en"),
        ("fr,zh;q=0.1", "zh"),
        ("", "zh"),
        ("*;q=0", "en"),
        ("zh;q=..,en", "en"),
        ("\0;;;,,,", "en"),
    ],
)
def test_strings_choose_the_language_liked_best(header: str, language: str) -> None:
    assert choose(header) == language


def test_strings_have_the_same_blanks_in_both_languages() -> None:
    names = [name for name in vars(Strings) if hasattr(getattr(ZH, name), "__len__") and name[0] != "_"]
    assert len(names) > 140
    for name in names:
        chinese, english = getattr(ZH, name), getattr(EN, name)
        assert type(chinese) is type(english)
        if isinstance(chinese, str):
            assert chinese
            assert blanks(chinese) == blanks(english), name
    assert ZH.fields.keys() == EN.fields.keys()


def blanks(text: str) -> int:
    return sum(name is not None for _, name, _, _ in Formatter().parse(text))


def test_strings_say_a_confidence_in_words() -> None:
    assert [EN.sure(value) for value in (1.0, 0.8, 0.79, 0.6, 0.4, 0.0)] == [
        "very likely", "very likely", "likely", "likely", "uncertain", "doubtful",
    ]  # fmt: skip
