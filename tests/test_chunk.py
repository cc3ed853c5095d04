from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.article import Article, Heading, Span
from embeddings.chunk import (
    _END_MARK,
    _QUOTE_MARK,
    _QUOTED,
    _SENTENCE_END,
    ChunkConfig,
    _found,
    mostly_latin,
    sentences,
    split,
)

SMALL = ChunkConfig(target=40, maximum=60, minimum=10)
HOSTILE = st.text(
    alphabet=st.one_of(
        st.sampled_from("。！？；，、：“”「」（）().,!? \n\r\t3.5%年aAbB第一# -|👨‍👩‍👧é\u0301"),
        st.characters(exclude_categories=["Cs"]),
    )
)


def article(text, headings=()):
    return Article("a", "题", text, "s", headings=headings)


def shown(text):
    return [span.of(text) for span in sentences(text)]


@given(HOSTILE)
@settings(max_examples=300)
def test_chunk_passages_tile_the_article(text):
    chunks = split(article(text), SMALL)
    if text.strip():
        assert "".join(chunk.span.of(text) for chunk in chunks) == text
        assert all(chunk.span.of(text).strip() for chunk in chunks)
    else:
        assert chunks == []


@given(HOSTILE)
@settings(max_examples=300)
def test_chunk_sentences_hold_all_that_is_not_space(text):
    spans = sentences(text)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert "".join("".join(span.of(text).split()) for span in spans) == "".join(text.split())


def test_chunk_one_line_of_a_megabyte_is_cut_at_the_maximum():
    text = "长江" * 500_000
    chunks = split(article(text))
    assert "".join(chunk.span.of(text) for chunk in chunks) == text
    assert max(len(chunk.span) for chunk in chunks) == ChunkConfig().maximum


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("估值3.5亿美元。是吗？", ["估值3.5亿美元。", "是吗？"]),
        ("“客户是机构。其实不是，”他说。对。", ["“客户是机构。其实不是，”他说。", "对。"]),
        ("“好。”他说。", ["“好。”", "他说。"]),
        ("Dr. Smith paid $3.50. He left.", ["Dr. Smith paid $3.50.", "He left."]),
        ("See e.g. Bob. J. K. Rowling wrote.", ["See e.g. Bob.", "J. K. Rowling wrote."]),
        ("- 第一项\n- 第二项；其三", ["- 第一项", "- 第二项；其三"]),
        ("什么？！真的……好", ["什么？！", "真的……", "好"]),
        ("a | b\n1 | 2", ["a | b", "1 | 2"]),
        ("1.苹果含有维生素。\n2. 钾", ["1.苹果含有维生素。", "2. 钾"]),
        ("1. Install the package. 2. Run it.", ["1. Install the package.", "2. Run it."]),
        ("图1.系统架构", ["图1.系统架构"]),
        ("第一章 1.1.背景介绍", ["第一章 1.1.背景介绍"]),
        ("See p. 5 and Art. 3.", ["See p. 5 and Art. 3."]),
        ("The answer is 42. He left.", ["The answer is 42.", "He left."]),
        ("Acme Inc.\nNext line.", ["Acme Inc.", "Next line."]),
        ("见 https://a.com/s?id=5&x!=1 网页。", ["见 https://a.com/s?id=5&x!=1 网页。"]),
        ("对吗?对!Yes! No", ["对吗?", "对!Yes!", "No"]),
        ('他说:"今天冷。走吧!"然后离开。', ['他说:"今天冷。走吧!"', "然后离开。"]),
        ("他说：‘今天冷。走吧！’然后离开。", ["他说：‘今天冷。走吧！’", "然后离开。"]),
        ('A 5" screen. And a 6" one. Yes.', ['A 5" screen.', 'And a 6" one.', "Yes."]),
        ("", []),
        ("  \n ", []),
    ],
)
def test_chunk_sentences_known_cases(text, expected):
    assert shown(text) == expected


def test_chunk_numbers_words_and_marked_characters_stay_whole():
    text = "1234567890" * 3 + "。" + "国" * 70 + "é" * 3
    for chunk in split(article("啊" * 55 + "123456789"), SMALL):
        assert chunk.span.of("啊" * 55 + "123456789") in ("啊" * 55, "123456789")
    assert "".join(chunk.span.of(text) for chunk in split(article(text), SMALL)) == text


def test_chunk_heading_stays_with_its_text_and_gives_the_path():
    text = "甲章\n\n" + "一" * 20 + "。\n\n乙节\n\n" + "二" * 20 + "。"
    second = text.index("乙节")
    chunks = split(article(text, (Heading(Span(0, 2), 1), Heading(Span(second, second + 2), 2))), SMALL)
    assert [chunk.span for chunk in chunks] == [Span(0, second), Span(second, len(text))]
    assert [chunk.headings for chunk in chunks] == [("甲章",), ("甲章", "乙节")]


def test_chunk_sibling_heading_replaces_its_predecessor():
    text = "甲\n" + "一" * 20 + "\n乙\n" + "二" * 20
    at = text.index("乙")
    chunks = split(article(text, (Heading(Span(0, 1), 1), Heading(Span(at, at + 1), 1))), SMALL)
    assert [chunk.headings for chunk in chunks] == [("甲",), ("乙",)]


def test_chunk_short_sections_share_a_passage():
    text = "甲\n短\n乙\n也短"
    headings = (Heading(Span(0, 1), 1), Heading(Span(4, 5), 1))
    assert [chunk.span for chunk in split(article(text, headings), SMALL)] == [Span(0, len(text))]


def test_chunk_what_follows_a_wide_gap_begins_a_passage():
    text = "正文在这里。\n \n \n别的文章。"
    assert [chunk.span.start for chunk in split(article(text), SMALL)] == [0, text.index("别的")]


def test_chunk_wide_gaps_between_all_paragraphs_say_nothing():
    text = "\n\n\n".join(["十个字的一个短段落。"] * 6)
    assert [len(chunk.span) for chunk in split(article(text), SMALL)] == [39, 36]


def headed(lines):
    text = "\n\n".join(line for line, _ in lines)
    ends = [len("\n\n".join(line for line, _ in lines[: at + 1])) for at in range(len(lines))]
    spans = zip(lines, ends, strict=True)
    return article(text, tuple(Heading(Span(end - len(s), end), level) for (s, level), end in spans if level))


def test_chunk_a_heading_goes_with_the_sentence_that_does_not_fit():
    found = headed([("甲" * 4 + "。", 0), ("乙节", 2), ("乙" * 54 + "。", 0)])
    assert [chunk.span.of(found.text)[:2] for chunk in split(found, SMALL)] == ["甲甲", "乙节"]


def test_chunk_headings_count_in_the_size_of_a_passage():
    found = headed([(f"第{at:03}条标题", 2) for at in range(300)])
    assert max(len(chunk.span) for chunk in split(found, SMALL)) <= SMALL.target


@given(
    st.lists(st.tuples(st.sampled_from(["甲", "一句话。", "长" * 30, "长" * 90 + "。"]), st.integers(0, 2)))
)
def test_chunk_passages_with_headings_tile_the_article_and_are_bounded(lines):
    found = headed(lines)
    chunks = split(found, SMALL)
    assert "".join(chunk.span.of(found.text) for chunk in chunks) == found.text
    longest = max((len(line) for line, level in lines if level), default=0)
    assert all(len(chunk.span) <= SMALL.minimum + SMALL.maximum + longest + 2 for chunk in chunks)


def test_chunk_paragraphs_are_kept_whole_while_they_fit():
    text = "甲" * 30 + "。\n" + "乙" * 30 + "。\n"
    assert [len(chunk.span) for chunk in split(article(text), SMALL)] == [32, 32]


def test_chunk_config_refuses_sizes_out_of_order():
    with pytest.raises(ValueError, match="minimum"):
        ChunkConfig(target=10, maximum=5, minimum=1)


def test_chunk_config_fingerprint_names_every_size():
    assert ChunkConfig(50, 60, 7).fingerprint == {
        "chunk.version": "3", "chunk.target": "50", "chunk.maximum": "60", "chunk.minimum": "7",
    }  # fmt: skip


@given(HOSTILE)
@settings(max_examples=300)
def test_chunk_what_is_tried_at_marks_alone_is_all_there_is(text):
    for mark, pattern in ((_END_MARK, _SENTENCE_END), (_QUOTE_MARK, _QUOTED)):
        found = [match.span() for match in _found(mark, pattern, text, 0, len(text))]
        assert found == [match.span() for match in pattern.finditer(text)]


def test_chunk_english_passages_are_as_many_words_as_chinese_ones():
    sentence = "The keeper lit the lamp again. "
    english = split(article(sentence * 60), ChunkConfig(100, 120, 20))
    assert [len(chunk.span) for chunk in english] == [279] * 6 + [186]  # nine whole sentences are at most 300
    mixed = split(article("灯又亮了。" * 20 + sentence * 3), ChunkConfig(100, 120, 20))
    assert max(len(chunk.span) for chunk in mixed) <= 120


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("The keeper lit the lamp.", True), ("Ça va bien, l’été “dernier” – très beau…", True), ("东风快递 EXPRESS 2024", False),
        ("A word from Zhang Sheng 张生 is not yet Chinese, says the paper.", True), ("123 456", False), ("Tiếng Việt được viết bằng chữ Latinh.", True), ("Русский текст", False), ("", False),
    ],
)  # fmt: skip
def test_chunk_tells_texts_in_latin_letters(text, latin):
    assert mostly_latin(text) is latin
