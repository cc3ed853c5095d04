from __future__ import annotations

import json
import lzma
from typing import TYPE_CHECKING, Any

import pytest

from embeddings.errors import LoadError
from qa.evaluation import (
    Example,
    calibration_error,
    declined_at,
    exact_match,
    f1,
    read_examples,
    recall_at,
    reciprocal_rank,
    risk_coverage,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("prediction", "answers", "expected"),
    [
        ("金融壹账通", ["壹账通公司"], 0.6),  # 壹账通 of 5 and of 5
        ("甲乙丙", ["甲丙"], 0.4),  # 甲 alone: 甲…丙 does not stand together; 1/3 and 1/2
        ("北京", ["北京"], 1.0),
        ("《北京》。", ["北京"], 1.0),
        ("the iPhone X", ["IPHONE x"], 0.8),  # two words of three, and of two
        ("iPhone", ["iPhon"], 0.0),  # a Latin word is one unit
        ("2019年", ["在2019年"], 0.8),  # 2019 is one unit: two of two, and of three
        ("75亿美元", ["美元", "75亿美元左右", "不知道"], 0.8),  # the best answer: 4 of 4, and of 6
        ("", ["北京"], 0.0),
        ("。", ["北京"], 0.0),
        ("北京", [], 0.0),
    ],
)
def test_evaluation_f1_by_hand(prediction: str, answers: list[str], expected: float) -> None:
    assert f1(prediction, answers) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("prediction", "answers", "expected"),
    [
        ("北京", ["北京"], 1.0),
        ("“北 京”！", ["上海", "北京。"], 1.0),
        ("Apollo-11", ["apollo 11"], 1.0),
        ("北京市", ["北京"], 0.0),
        ("", ["北京"], 0.0),
        ("北京", [], 0.0),
    ],
)
def test_evaluation_exact_match_ignores_marks_and_case(
    prediction: str, answers: list[str], expected: float
) -> None:
    assert exact_match(prediction, answers) == expected


def test_evaluation_recall_and_reciprocal_rank_by_hand() -> None:
    ranks = [1, 3, None, 12]
    assert [recall_at(ranks, k) for k in (1, 2, 3, 20)] == [0.25, 0.25, 0.5, 0.75]
    assert reciprocal_rank(ranks) == pytest.approx((1 + 1 / 3) / 4)
    assert reciprocal_rank(ranks, 20) == pytest.approx((1 + 1 / 3 + 1 / 12) / 4)
    assert recall_at([], 5) == reciprocal_rank([]) == 0.0


def test_evaluation_declined_at_by_hand() -> None:
    answerable = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    assert declined_at(0.9, answerable, [0.1, 0.19, 0.2, 0.95]) == 0.5  # nine reach 0.2
    assert declined_at(1.0, answerable, [0.05, 0.1]) == 0.5
    assert declined_at(0.5, answerable, [0.55, 0.6, 0.1, 0.2]) == 0.75


def test_evaluation_declined_at_answers_what_ties_with_the_cut() -> None:
    assert declined_at(0.5, [0.5, 0.5, 0.5, 0.1], [0.5, 0.4]) == 0.5
    assert declined_at(0.9, [0.0, 0.0], [0.0, 0.0]) == 0.0
    assert declined_at(0.9, [], [0.1]) == declined_at(0.9, [0.1], []) == 0.0


def test_evaluation_calibration_error_by_hand() -> None:
    # 0.8..0.9: 0.85 off; 0.9..1: 0.95 and 1.0 against two right; 0..0.1: 0.05 off.
    assert calibration_error([0.95, 0.85, 0.05, 1.0], [1, 0, 0, 1]) == pytest.approx((0.05 + 0.85 + 0.05) / 4)
    # Within a bin, what is too sure and what is too unsure cancel out.
    assert calibration_error([0.5, 0.5], [1, 0]) == 0.0
    assert calibration_error([0.25, 0.75], [1, 0], bins=1) == 0.0
    assert calibration_error([], []) == 0.0


def test_evaluation_risk_coverage_by_hand() -> None:
    third = pytest.approx(1 / 3)
    assert risk_coverage([0.9, 0.5, 0.7], [1, 0, 1]) == [(third, 0), (pytest.approx(2 / 3), 0), (1, third)]
    assert risk_coverage([0.5, 0.5], [0, 1]) == [(0.5, 1), (1, 0.5)]  # a tie: in the given order
    assert risk_coverage([], []) == []


CONTEXT = "北京是中国的首都。"


def squad(questions: list[dict[str, Any]], **article: str) -> dict[str, Any]:
    return {"version": "1", "data": [article | {"paragraphs": [{"context": CONTEXT, "qas": questions}]}]}


def saved(path: Path, held: object) -> Path:
    path.write_text(json.dumps(held, ensure_ascii=False), "utf-8")
    return path


def test_evaluation_reads_squad_1(tmp_path: Path) -> None:
    golds = [
        {"text": "北京", "answer_start": 0},
        {"text": "北京", "answer_start": 0},
        {"text": "北", "answer_start": 0},
    ]
    file = saved(
        tmp_path / "dev.json", squad([{"id": "q1", "question": "首都？", "answers": golds}], title="中国")
    )
    assert read_examples(file) == [Example("q1", "中国", CONTEXT, "首都？", (("北京", 0), ("北", 0)))]
    assert read_examples(str(file)) == read_examples(file)


def test_evaluation_reads_squad_2_unanswerable(tmp_path: Path) -> None:
    plausible = [{"text": "中国", "answer_start": 3}]
    questions = [
        {"id": "a", "question": "甲？", "answers": [], "is_impossible": True, "plausible_answers": plausible},
        {"id": "b", "question": "乙？", "answers": plausible, "is_impossible": False},
        {"id": "c", "question": "丙？", "answers": plausible, "is_impossible": True},
    ]
    found = read_examples(saved(tmp_path / "dev.json", squad(questions, title="中国")))
    assert [(example.id, example.answers) for example in found] == [
        ("a", ()),
        ("b", (("中国", 3),)),
        ("c", ()),
    ]


def test_evaluation_reads_cmrc_and_drcd(tmp_path: Path) -> None:
    cmrc = {"data": [{"id": "DEV_0", "paragraphs": [{"id": "DEV_0", "context": CONTEXT, "qas": [
        {"id": "DEV_0_QUERY_0", "question": "首都？", "answers": [{"text": "北京", "answer_start": 0}]}]}]}]}  # fmt: skip
    drcd = {"version": "1.3", "data": [{"title": "北京", "id": "1001", "paragraphs": [{"context": CONTEXT, "id": "1001-1", "qas": [
        {"id": "1001-1-1", "question": "首都？", "answers": [{"id": "1", "text": "北京", "answer_start": "0"}]}]}]}]}  # fmt: skip
    assert read_examples(saved(tmp_path / "cmrc.json", cmrc)) == [
        Example("DEV_0_QUERY_0", "", CONTEXT, "首都？", (("北京", 0),))
    ]
    assert read_examples(saved(tmp_path / "drcd.json", drcd)) == [
        Example("1001-1-1", "北京", CONTEXT, "首都？", (("北京", 0),))
    ]


def test_evaluation_reads_json_lines_and_xz(tmp_path: Path) -> None:
    # U+2028 stands unescaped in real files; it ends no line.
    row = {
        "id": 7,
        "title": "中国",
        "context": "北京\u2028。",
        "question": "首都？",
        "answers": [{"text": "北京", "start": 0}],
    }
    bare = {"id": "8", "context": CONTEXT, "question": "无？", "answers": []}
    text = f"{json.dumps(row, ensure_ascii=False)}\n\n{json.dumps(bare, ensure_ascii=False)}\n"
    expected = [
        Example("7", "中国", "北京\u2028。", "首都？", (("北京", 0),)),
        Example("8", "", CONTEXT, "无？", ()),
    ]
    (tmp_path / "a.jsonl").write_text(text, "utf-8")
    (tmp_path / "a.jsonl.xz").write_bytes(lzma.compress(text.encode()))
    assert read_examples(tmp_path / "a.jsonl") == expected
    assert read_examples(tmp_path / "a.jsonl.xz") == expected
    packed = lzma.compress(json.dumps(squad([{"id": "q", "question": "?", "answers": []}])).encode())
    (tmp_path / "dev.json.xz").write_bytes(packed)
    assert [example.id for example in read_examples(tmp_path / "dev.json.xz")] == ["q"]


FOREIGN = "is not a file of questions"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("broken.json", b'{"data": [', FOREIGN),
        ("broken.jsonl", b'{"id": "1"', FOREIGN),
        ("foreign.json", b"[]", FOREIGN),
        ("foreign.json", b'{"data": 5}', FOREIGN),
        ("foreign.json", b'{"data": ["x"]}', FOREIGN),
        ("foreign.json", b'{"data": [{"paragraphs": [{"qas": [{"id": 1}]}]}]}', FOREIGN),
        ("foreign.jsonl", b'["id"]', FOREIGN),
        ("foreign.jsonl", b'{"id": "1", "context": "a", "question": "b"}', FOREIGN),
        ("foreign.json", "甲".encode("gb18030"), "cannot be read"),
        ("foreign.jsonl.xz", b"not packed", "cannot be read"),
        ("cut.jsonl.xz", lzma.compress(b'{"id": "1"}' * 999)[:-20], "cannot be read"),
    ],
)
def test_evaluation_names_the_file_it_cannot_read(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(LoadError, match=reason) as caught:
        read_examples(tmp_path / name)
    assert str(caught.value).startswith(str(tmp_path / name))


def test_evaluation_names_the_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"none\.json: cannot be read: .*No such file"):
        read_examples(tmp_path / "none.json")
