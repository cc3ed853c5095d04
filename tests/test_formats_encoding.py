from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.errors import EncodingError
from embeddings.formats.encoding import decode, plausibility

SIMPLIFIED = "今年以来，中国的金融科技公司发展很快，用户的数量已经超过两亿。"
TRADITIONAL = "今年以來，臺灣的金融科技公司發展很快，用戶的數量已經超過兩億。"
ENGLISH = "The café’s naïve résumé – “quoted” – cost £5 in the old town."


@pytest.mark.parametrize(
    ("text", "codec", "named"),
    [
        (SIMPLIFIED, "gb18030", "gb18030"),
        (SIMPLIFIED * 500, "gbk", "gb18030"),
        ("中国平安", "gb18030", "gb18030"),
        ("标题\n你好，世界", "gbk", "gb18030"),
        (TRADITIONAL, "big5", "big5"),
        (TRADITIONAL * 500, "big5", "big5"),
        ("臺灣經濟", "big5", "big5"),
        ("你好，世界", "big5", "big5"),
        (ENGLISH, "cp1252", "windows-1252"),
        ("Un été à la plage, déjà vu, garçon." * 20, "latin-1", "windows-1252"),
        (SIMPLIFIED, "utf-16-le", "utf-16-le"),
        (SIMPLIFIED * 50, "utf-16-be", "utf-16-be"),
        ("Plain English words.", "utf-16-le", "utf-16-le"),
        (SIMPLIFIED, "utf-16", "utf-16"),
        (SIMPLIFIED, "utf-32", "utf-32"),
    ],
)
def test_formats_encoding_finds_and_reports(text, codec, named):
    assert decode(text.encode(codec), "x") == (text, (f"decoded as {named}",))


def test_formats_encoding_is_silent_about_utf8():
    assert decode(SIMPLIFIED.encode(), "x") == (SIMPLIFIED, ())
    assert decode(SIMPLIFIED.encode("utf-8-sig"), "x") == (SIMPLIFIED, ())


def test_formats_encoding_reads_other_scripts():
    text = "В начале было слово, и слово было длинным, и его читали все люди. " * 5
    assert decode(text.encode("cp1251"), "x") == (text, ("decoded as cp1251",))


def test_formats_encoding_mends_a_few_broken_bytes_with_a_note():
    data = (SIMPLIFIED * 10).encode() + b"\xff" + SIMPLIFIED.encode()
    text, notes = decode(data, "x")
    assert text == SIMPLIFIED * 10 + "\ufffd" + SIMPLIFIED
    assert notes == ("decoded as utf-8 with damage: 1 broken places read as U+FFFD",)


def test_formats_encoding_believes_a_page_only_where_it_fits():
    assert decode("é".encode("latin-1"), "x", "iso-8859-1") == ("é", ("decoded as windows-1252",))
    assert decode(SIMPLIFIED.encode(), "x", "gb2312") == (SIMPLIFIED, ())
    assert decode(SIMPLIFIED.encode("gbk"), "x", "rot13") == (SIMPLIFIED, ("decoded as gb18030",))


def test_formats_encoding_cleans_line_breaks_and_controls():
    assert decode(b"a\r\nb\rc\x00d", "x") == ("a\nb\ncd", ())


def test_formats_encoding_refuses_what_is_no_text():
    with pytest.raises(EncodingError, match=r"save it as UTF-8|binary"):
        decode(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "x")


def test_formats_encoding_plausibility_by_hand():
    # frequent 1, frequent 1, common 0.3, rare 0, private use -1; ASCII is not counted
    assert plausibility("的a一") == 1.0
    assert plausibility("啤") == pytest.approx(0.3)
    assert plausibility("的龘") == pytest.approx(0.5)
    assert plausibility("的\ue000") == pytest.approx(0.0)


@given(
    st.text(
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\ufffe\uffff\u2028\u2029"),
        max_size=80,
    )
)
def test_formats_encoding_keeps_every_utf8_text(text):
    assert decode(text.encode(), "x") == (text, ())
