import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.words import _HAN, _kinds, both_terms, fold, grams, numbers, term_columns, words


def terms(text):
    return [word.term for word in words(text)]


@given(st.text())
def test_words_fold_keeps_the_length(text):
    assert len(fold(text)) == len(text)


def test_words_fold_keeps_the_length_of_every_character():
    wrong = [code for code in range(sys.maxunicode + 1) if len(fold(chr(code))) != 1]
    assert wrong == []


@given(st.text())
def test_words_fold_twice_is_fold_once(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.sampled_from("壹錢包2024年3月5日1.5万XPS-93,80%ＡＢＣ百分之十 \n。the")))
def test_words_spans_lie_in_the_text_in_order(text):
    found = words(text)
    assert all(0 <= word.start < word.end <= len(text) for word in found)
    assert found == sorted(found, key=lambda word: (word.start, word.end, word.term))


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("壹錢包", "壹钱包"),
        ("臺灣裡", "台湾里"),
        ("ＡＢＣ１２", "abc12"),
        ("Kelvin", "kelvin"),
        ("㎡", "㎡"),
        ("ﬁ", "ﬁ"),
    ],
)
def test_words_fold_known_cases(written, folded):
    assert fold(written) == folded


def test_words_keep_codes_whole_and_in_parts():
    found = [(word.term, word.start, word.end) for word in words("型号XPS-9380好")]
    assert ("xps-9380", 2, 10) in found
    assert ("xps", 2, 5) in found
    assert ("9380", 6, 10) in found


@pytest.mark.parametrize(
    "written", ["2024年3月5日", "2024-03-05", "2024/3/5", "2024.3.5", "March 5, 2024", "5 March 2024"]
)
def test_words_dates_meet_however_they_are_written(written):
    assert "2024-03-05" in terms(written)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("1.5万", "15000"),
        ("2500万", "25000000"),
        ("二千五百万", "25000000"),
        ("25,000,000", "25000000"),
        ("25 million", "25000000"),
        ("百分之九十三", "93%"),
        ("93%", "93%"),
        ("百分之三点五", "3.5%"),
        ("十二", "12"),
        ("一百零五", "105"),
        ("两千零一十九", "2019"),
        ("3.50", "3.5"),
        ("三亿二千万", "320000000"),
        ("二千万亿", "2000000000000000"),
        ("五万万", "500000000"),
        ("一点五万", "15000"),
        ("一万五", "15000"),
        ("三千五", "3500"),
        ("一百五", "150"),
        ("一万零五", "10005"),
        ("三十五", "35"),
        ("1.5 万", "15000"),
        ("3万科研人员", "30000"),
        ("3\n万科", "3"),
    ],
)
def test_words_numbers_in_plain_form(written, plain):
    assert [number.term for number in numbers(written)] == [plain]


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("2020百度世界大会", ["2020"]),
        ("2018万科年报", ["2018"]),
        ("2021 万达广场", ["2021"]),
        ("2000万元", ["2000", "20000000"]),
    ],
)
def test_words_a_year_before_a_name_stays_a_year(written, plain):
    assert [number.term for number in numbers(written)] == plain
    assert set(plain) <= set(terms(written))


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("Zürich naïve", ["zürich", "naïve"]),
        ("A股", ["a", "股"]),
        ("T恤", ["t", "恤"]),
        ("a cat", ["cat"]),
    ],
)
def test_words_letters_that_are_words_stay(written, found):
    assert terms(written) == found
    assert [gram.term for gram in grams(written)] == found


@pytest.mark.parametrize(
    "written", ["9" * 400, "9" * 308 + "万", "一" + "亿" * 100, "一" + "亿" * 100 + "点五"]
)
def test_words_a_number_beyond_all_bounds_is_none(written):
    assert numbers(f"有{written}个") == []


def test_words_year_in_characters():
    assert "2019" in terms("二〇一九年")


def test_words_leave_out_particles_and_question_words():
    assert terms("谁的什么？") == []
    assert "what" not in terms("what is sourdough")
    assert "sourdough" in terms("what is sourdough")


def test_words_plural_meets_singular():
    assert terms("companies") == terms("company")
    assert terms("banks") == terms("bank")
    assert terms("landed") == terms("landing") == terms("land")
    assert terms("glass") == ["glass"]


def test_words_traditional_meets_simplified():
    assert terms("壹錢包的用戶") == terms("壹钱包的用户")


def test_words_grams_are_characters_and_pairs():
    assert [(g.term, g.start, g.end) for g in grams("壹钱包，abc")] == [
        ("壹", 0, 1), ("钱", 1, 2), ("包", 2, 3), ("壹钱", 0, 2), ("钱包", 1, 3), ("abc", 4, 7),
    ]  # fmt: skip


def test_words_columns_are_the_terms_joined_and_cut():
    text = "第三季度，长城汽车的了销量为1.5万辆：" + "x" * 9 + " 부산은 2024年3月5日 A股"
    columns = term_columns(text, "jieba", 5)
    terms = both_terms(text)
    assert columns == tuple(" ".join(term[:5] for term in each) for each in terms)
    assert sorted(terms[0]) == sorted(word.term for word in words(text))
    assert sorted(terms[1]) == sorted(gram.term for gram in grams(text))
    assert term_columns("", "jieba", 5) == term_columns("的，", "jieba", 5) == ("", "")


def test_words_know_the_same_characters_as_chinese_in_tables_and_patterns():
    kinds = _kinds()
    assert all(bool(kinds[code]) == bool(_HAN.match(chr(code))) for code in range(len(kinds)))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("五点百分之三", ["3%"]),
        ("一点五十三", ["1.5", "13"]),
        ("三百分之一", ["300"]),
        ("一点一百", ["110"]),
        ("一点。百分之五", ["5%"]),
        ("2.2024年", ["2024"]),
        ("12024年", ["12024"]),
        ("1年3月5日", ["1", "3", "5"]),
        ("2024年3月5日", ["2024", "2024-03", "2024-03-05", "03-05"]),
    ],
)
def test_words_numbers_where_one_ends_and_the_next_begins(text, found):
    assert sorted(word.term for word in numbers(text)) == sorted(found)
