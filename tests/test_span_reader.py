from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.article import Span
from embeddings.errors import ModelError
from qa.lexicon import CHAR_CLASSES, Lexicon
from qa.reading import KEPT, Evidence, SpanReading
from qa.span_features import PAIR_FEATURES, QUESTION_FEATURES, QUESTION_TYPES, pair, question_word
from qa.span_reader import BUNDLED, Shape, SpanReader, save

if TYPE_CHECKING:
    from pathlib import Path

WORDS = ["银行", "成立", "北京", "于", "在", "apple"]
CHARS = list("银行成立北京于在年。,的")
SHAPE = Shape(
    len(CHARS) + len(CHAR_CLASSES), len(WORDS) + 1, char_dim=4, word_dim=4, dim=8, align=4, width=3,
    encoder=1, reader=1, rank=2, longest=6, window=24,
)  # fmt: skip


def lexicon() -> Lexicon:
    return Lexicon(
        {word: i for i, word in enumerate(WORDS, 1)},
        {char: i for i, char in enumerate(CHARS, len(CHAR_CLASSES))},
        np.array([-16.0, -5, -5, -4, -4, -3, -8], np.float32),
        np.array([9.0, 4, 3, 2, 1, 1, 7], np.float32),
        np.full(len(CHARS) + len(CHAR_CLASSES), 5.0, np.float32),
    )


def random_weights(seed: int = 0) -> dict[str, np.ndarray]:
    s, made = SHAPE, np.random.default_rng(seed)
    token = s.char_dim + s.word_dim
    shapes = {
        "char": (s.chars, s.char_dim), "word": (s.words, s.word_dim), "kind": (len(QUESTION_TYPES) + 1, s.dim),
        "align.weight": (s.align, token), "align.bias": (s.align,), "token.weight": (s.dim, token), "token.bias": (s.dim,),
        "aligned.weight": (s.dim, token), "passage_features.weight": (s.dim, PAIR_FEATURES),
        "passage_features.bias": (s.dim,), "question_features.weight": (s.dim, QUESTION_FEATURES),
        "question_features.bias": (s.dim,), "pool.weight": (1, s.dim), "pool.bias": (1,), "attend.weight": (s.dim, s.dim),
        "fuse.weight": (s.dim, 4 * s.dim), "fuse.bias": (s.dim,), "ends.weight": (2, s.dim), "ends.bias": (2,),
        "left.weight": (s.rank, s.dim), "left.bias": (s.rank,), "right.weight": (s.rank, s.dim), "right.bias": (s.rank,),
        "length": (s.longest,), "null.weight": (1, 2 * s.dim), "null.bias": (1,),
    }  # fmt: skip
    for block in ("encode.0", "model.0"):
        shapes |= {f"{block}.depth": (s.width, s.dim), f"{block}.mix.weight": (2 * s.dim, s.dim)}
        shapes |= {f"{block}.mix.bias": (2 * s.dim,)}
        shapes |= {f"{block}.norm.{part}": (s.dim,) for part in ("weight", "bias")}
    shapes |= {f"{norm}.{part}": (s.dim,) for norm in ("encoded", "final") for part in ("weight", "bias")}
    return {name: made.normal(size=size).astype(np.float32) for name, size in shapes.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("reader")
    save(path, SHAPE, lexicon(), random_weights())
    return path


def test_span_features_tokens_are_characters_words_and_numbers() -> None:
    tokens = lexicon().tokens("北京 apple在2019年。")
    assert tokens.key == ["北", "京", "apple", "在", "2019", "年", "。"]
    assert tokens.start.tolist() == [0, 1, 3, 8, 9, 13, 14]
    assert tokens.end.tolist() == [1, 2, 8, 9, 13, 14, 15]
    assert tokens.word.tolist() == [3, 3, 6, 5, 0, 0, 0]
    assert tokens.place.tolist() == [1, 3, 0, 0, 0, 0, 0]
    assert CHAR_CLASSES[tokens.char[4]] == "<year>"


def test_span_features_cut_takes_the_most_probable_words() -> None:
    known = lexicon()
    run = "北京银行成立"
    assert [run[a:b] for a, b in known.cut(run)] == ["北京", "银行", "成立"]


def test_span_features_sentence_ends_with_its_closing_quote() -> None:
    tokens = lexicon().tokens("“在。”于,在!\n年")
    assert tokens.sentence.tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 2]
    assert tokens.clause.tolist() == [0, 0, 0, 0, 1, 1, 2, 2, 3]


@pytest.mark.parametrize(
    ("question", "kind", "word"),
    [("他什么时候出生", "when", "什么时候"), ("谁写的", "who", "谁"), ("有多少人", "how many", "多少"),
     ("为什么下雨", "why", "为什么"), ("有哪些城市", "list", "哪些"), ("where is it", "where", "where")],
)  # fmt: skip
def test_span_features_question_word_names_the_kind(question: str, kind: str, word: str) -> None:
    found, start, end = question_word(question)
    assert list(QUESTION_TYPES)[found] == kind
    assert question[start:end] == word


def test_span_features_pair_marks_matches_by_hand() -> None:
    known = lexicon()
    match = pair(known, known.tokens("银行在哪里"), known.tokens("银行的,银行在北京。"))
    held = match.passage
    assert held[:, 0].tolist() == [1, 1, 0, 0, 1, 1, 1, 0, 0, 0]  # the same character
    assert held[:, 3].tolist() == [0, 0, 0, 0, 1, 1, 1, 0, 0, 0]  # a run of three
    assert held[:, 6].tolist() == [1, 1, 0, 0, 1, 1, 1, 0, 0, 0]  # the same word
    assert held[0, 10] == pytest.approx(2 / 3)  # this clause holds two of three characters of like weight
    assert held[4, 10] == pytest.approx(1.0)
    assert held[7, 8] == pytest.approx(np.exp(-1 / 8))  # one step after a match
    assert match.question[:, 3].tolist() == [0, 0, 0, 1, 1]  # the question word
    assert match.kind == list(QUESTION_TYPES).index("where")


def test_span_features_what_the_heading_holds_is_left_out_of_the_rest() -> None:
    known = lexicon()
    question, passage = known.tokens("银行在哪里"), known.tokens("在北京。银行。")
    plain = pair(known, question, passage)
    under = pair(known, question, passage, known.tokens("银行"))
    assert plain.question[:, 9].tolist() == [0, 0, 0, 0, 0]
    assert under.question[:, 9].tolist() == [1, 1, 0, 0, 0]
    assert plain.passage[0, 38] == plain.passage[0, 36]
    assert under.passage[4, 36] > 0.0
    assert under.passage[4, 38] == 0.0  # 银行 is said above
    assert (plain.passage[:, :36] == under.passage[:, :36]).all()


def test_span_features_amounts_of_the_kind_asked_for_are_marked() -> None:
    known = lexicon()
    match = pair(known, known.tokens("银行成立几年"), known.tokens("20人,20年。"))
    assert match.passage[:, 40].tolist() == [0, 0, 0, 1, 1, 0]
    assert match.question[:, 10].all()
    assert not pair(known, known.tokens("银行在哪里"), known.tokens("20年。")).question[:, 10].any()


def test_span_reader_reads_under_a_heading(folder: Path) -> None:
    text, question = "在北京成立。银行。", "银行在哪里"
    reader = SpanReader(folder)
    assert reader.read(question, [text], [""]) == reader.read(question, [text])
    assert reader.read(question, [text], ["银行"])[0].null != reader.read(question, [text])[0].null


def test_span_reader_without_its_blocks_is_a_model_error(tmp_path: Path) -> None:
    save(tmp_path, replace(SHAPE, across=1), lexicon(), random_weights())
    with pytest.raises(ModelError, match="sentences"):
        SpanReader(tmp_path).read("谁", ["北京"])


def test_span_reader_mass_is_the_log_sum_of_the_odds_within() -> None:
    inf = np.inf
    margins = np.array([[1.0, 0.0], [2.0, -1.0], [0.5, -inf]], np.float32)
    evidence = Evidence(margins, np.array([0, 1, 2], np.int32), np.array([1, 2, 3], np.int32))
    reading = SpanReading((), 0.0, (evidence,))
    whole, first, none = reading.sentence_mass([Span(0, 3), Span(0, 2), Span(3, 5)])
    assert whole == pytest.approx(np.log(np.exp([1, 0, 2, -1, 0.5]).sum()), abs=1e-5)
    assert first == pytest.approx(np.log(np.exp([1, 0, 2]).sum()), abs=1e-5)  # 1..3 reaches past it
    assert none == -inf


def test_span_reader_reads_each_passage_alone(folder: Path) -> None:
    passages = ["北京银行成立于1996年。", "", "在北京的 apple。" * 9, "   "]
    together = SpanReader(folder).read("银行成立于哪年", passages)
    for passage, reading in zip(passages, together, strict=True):
        alone = SpanReader(folder).read("银行成立于哪年", [passage])[0]
        assert [span for span, _ in alone.spans[:5]] == [span for span, _ in reading.spans[:5]]
        assert alone.null == pytest.approx(reading.null, abs=1e-3)
    assert [bool(reading.spans) for reading in together] == [True, False, True, False]


def test_span_reader_long_passages_are_read_to_their_end(folder: Path) -> None:
    text = "在北京,于银行。" * 20
    reading = SpanReader(folder).read("银行", [text])[0]
    assert len(reading.evidence) > 3
    seen = {int(place) for part in reading.evidence for place in part.start}
    assert seen == set(range(len(text)))
    assert len(reading.spans) == KEPT
    assert list(reading.spans) == sorted(reading.spans, key=lambda item: (-item[1], item[0]))


def test_span_reader_an_empty_question_finds_nothing(folder: Path) -> None:
    assert SpanReader(folder).read(" ", ["北京"]) == [SpanReading((), 0.0)]
    assert SpanReader(folder).read("北京", []) == []


@settings(max_examples=40)
@given(st.text("北京银行Apple在2。,\n\r 　𠮷é“”", max_size=80), st.text("北京哪银行年?2 ", max_size=12))
def test_span_reader_spans_lie_in_the_passage(folder: Path, passage: str, question: str) -> None:
    reading = SpanReader(folder).read(question, [passage])[0]
    for span, logit in reading.spans:
        assert 0 <= span.start < span.end <= len(passage)
        assert span.of(passage).strip() == span.of(passage) != ""
        assert np.isfinite(logit)
    if reading.spans:
        total = reading.sentence_mass([Span(0, len(passage))])[0]
        assert total >= reading.spans[0][1] - reading.null - 1e-3


def test_span_reader_missing_files_are_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"reader\.json is missing"):
        SpanReader(tmp_path).read("谁", ["北京"])


@pytest.mark.parametrize("broken", ["reader.json", "reader.safetensors"])
def test_span_reader_broken_files_are_a_model_error(tmp_path: Path, broken: str) -> None:
    save(tmp_path, SHAPE, lexicon(), random_weights())
    (tmp_path / broken).write_bytes(b"\x05\x00nonsense")
    with pytest.raises(ModelError, match="cannot be read"):
        SpanReader(tmp_path).read("谁", ["北京"])


def test_span_reader_sizes_that_do_not_fit_are_a_model_error(tmp_path: Path) -> None:
    save(tmp_path, SHAPE, lexicon(), random_weights())
    facts = json.loads((tmp_path / "reader.json").read_text(encoding="utf-8"))
    facts["shape"]["words"] += 1
    (tmp_path / "reader.json").write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(ModelError, match="do not belong together"):
        SpanReader(tmp_path).read("谁", ["北京"])


@pytest.mark.skipif(not (BUNDLED / "reader.json").exists(), reason="the bundled reader is not here")
def test_span_reader_bundled_finds_an_easy_answer_in_both_scripts() -> None:
    for question, passage, answer in (
        (
            "平安银行成立于哪一年？",
            "平安银行总部设在深圳。平安银行成立于1987年，现有员工三万余人。",
            "1987年",
        ),
        (
            "平安銀行成立於哪一年？",
            "平安銀行總部設在深圳。平安銀行成立於1987年，現有員工三萬餘人。",
            "1987年",
        ),
    ):
        reading = SpanReader().read(question, [passage])[0]
        assert reading.spans[0][0].of(passage) == answer
