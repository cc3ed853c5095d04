import pytest

from embeddings.article import Span
from embeddings.chunk import sentences
from qa.evidence import FEATURES, evidence
from qa.question import analyse

TEXT = "京张铁路于1909年通车。它由詹天佑主持修建。"


def rows(question, text=TEXT, **more):
    spans = sentences(text)
    weights = more.pop("weights", {})
    return [
        dict(zip(FEATURES, row, strict=True))
        for row in evidence(analyse(question), text, spans, weights, **more)
    ]


def test_evidence_overlap_is_the_weighted_share_of_the_questions_words():
    asked = analyse("铁路通车")
    assert set(asked.words) == {"铁路", "通车"}
    first, second = rows("铁路通车", weights={"铁路": 1.0, "通车": 3.0}, text="铁路很长。通车了。")
    assert first["words"] == pytest.approx(0.25)
    assert second["words"] == pytest.approx(0.75)
    assert first["after_words"] == pytest.approx(0.75)
    assert second["before_words"] == pytest.approx(0.25)
    assert second["with_before"] == pytest.approx(0.25)
    assert first["passage_words"] == 1.0


def test_evidence_expected_kind_is_shown_or_lacking():
    first, second = rows("京张铁路什么时候通车？")
    assert (first["time_shown"], first["time_lacking"]) == (1.0, 0.0)
    assert (second["time_shown"], second["time_lacking"]) == (0.0, 1.0)
    assert (first["number_shown"], first["number_lacking"]) == (0.0, 0.0)


def test_evidence_a_number_of_the_question_is_not_new():
    (row,) = rows("1909年通车的铁路有多少？", text="京张铁路于1909年通车。")
    assert row["number_new"] == 0.0
    (row,) = rows("铁路有多少公里？", text="京张铁路长约200公里。")
    assert row["number_new"] == 1.0


def test_evidence_run_is_the_longest_common_stretch():
    (row,) = rows("甲乙丙丁", text="乙丙在此。")
    assert row["run"] == pytest.approx(0.5)


def test_evidence_heading_words_count_apart():
    (row,) = rows("青藏铁路通车", text="2006年通车。", heading="青藏铁路")
    assert row["heading_words"] > 0
    assert row["missing_in_passage"] == pytest.approx(0.0)


def test_evidence_readings_and_relevance_are_passed_on():
    first, second = rows("谁？", relevance=0.5, similarity=0.25, readings=[(1.0, 2.0, 3.0), (4.0, 5.0, 6.0)])
    assert (first["passage_relevance"], first["similarity"]) == (0.5, 0.25)
    assert (second["reader_mass"], second["reader_best"], second["reader_margin"]) == (4.0, 5.0, 6.0)


def test_evidence_of_no_sentences_is_none():
    assert evidence(analyse("谁？"), "", [], {}) == []
    assert len(evidence(analyse("谁？"), "甲", [Span(0, 1)], {})[0]) == len(FEATURES)
