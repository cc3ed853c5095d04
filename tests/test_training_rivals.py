from __future__ import annotations

import json
import lzma
from typing import TYPE_CHECKING

from embeddings.encode import embedder
from qa.training import rivals
from qa.training.rivals import Group, Rival, groups, store, stored

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


BRIDGES = ("江桥于1907年建成，全长320米。", "河桥于1911年建成，由商会出资。", "桥上今年没有灯。")


def write(data: Path, rows: list[dict[str, object]]) -> None:
    path = data / "span" / "cmrc2018_train.jsonl.xz"
    path.parent.mkdir(parents=True)
    with lzma.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def row(number: int, question: str, context: str, answer: str) -> dict[str, object]:
    answers = [{"text": answer, "start": context.index(answer)}] if answer else []
    return {"id": str(number), "title": "", "context": context, "question": question, "answers": answers}


def test_training_rivals_the_right_stretch_and_those_that_compete(tmp_path: Path) -> None:
    first, second, third = BRIDGES
    rows = [
        row(0, "江桥哪一年建成？", first, "1907年"),
        row(1, "河桥哪一年建成？", second, "1911年"),
        row(2, "桥上有灯吗？", third, ""),
    ]
    write(tmp_path, rows)
    found = {group.question: group.rivals for group in groups(tmp_path, "cmrc2018_train", 9, embedder())}
    assert list(found)[2:] == ["桥上有灯吗？"]  # answered nowhere: after the others
    assert found["桥上有灯吗？"]
    assert not any(rival.answers for rival in found["桥上有灯吗？"])
    own = {rival.text: rival for rival in found["江桥哪一年建成？"]}
    assert own[first].answers == ((3, 8),)
    assert own[second].answers == ()


def test_training_rivals_a_wrong_stretch_with_the_words_of_the_answer_is_left_out(tmp_path: Path) -> None:
    first, second, _ = BRIDGES
    again = "江桥是1907年通车的。"
    write(tmp_path, [row(i, "江桥哪一年建成？" * (i == 0) or "桥？", text, "1907年" if i == 0 else "") for i, text in enumerate((first, second, again))])  # fmt: skip
    found, *_ = groups(tmp_path, "cmrc2018_train", 9, embedder())
    assert found.question == "江桥哪一年建成？"
    assert {rival.text for rival in found.rivals} == {first, second}


def test_training_rivals_of_the_unanswered_some_are_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = BRIDGES
    rows = [
        row(0, "江桥哪一年建成？", first, "1907年"),
        row(1, "河桥多长？", second, ""),
        row(2, "桥上有灯吗？", third, ""),
    ]
    write(tmp_path, rows)
    monkeypatch.setattr(rivals, "NEAR", 1)
    answered, unanswered = groups(tmp_path, "cmrc2018_train", 9, embedder())
    assert answered.question == "江桥哪一年建成？"
    assert unanswered.question in {"河桥多长？", "桥上有灯吗？"}


def test_training_rivals_come_back_as_they_were_stored(tmp_path: Path) -> None:
    kept = [Group("问？", (Rival("题", "答在\n此。", ((0, 2), (3, 4))), Rival("", "错。")))]
    store(tmp_path / "groups.jsonl", iter(kept))
    assert stored(tmp_path / "groups.jsonl") == kept
    assert [path.name for path in tmp_path.iterdir()] == ["groups.jsonl"]
