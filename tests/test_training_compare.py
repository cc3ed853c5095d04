from __future__ import annotations

import json
import lzma
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import pytest
from tokenizers import Tokenizer
from toy import toy_encoder

from embeddings.training import squeeze, steps
from qa.encoder_reader import BUNDLED, TOKENIZER
from qa.training import compare, natural, rivals, talks
from qa.training.compare import keep
from qa.training.corpus import Example
from qa.training.questions import pack
from qa.training.rivals import Group, Rival, store

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(BUNDLED / TOKENIZER))


def test_training_compare_layers_that_are_kept_learn_nothing() -> None:
    model = toy_encoder()
    keep(model, 0)
    assert all(weights.requires_grad for weights in model.parameters())
    keep(model, 1)
    learning = {name for name, weights in model.named_parameters() if weights.requires_grad}
    assert learning == {"qa_outputs.weight", "qa_outputs.bias"}


def test_training_compare_learns_and_goes_on_where_it_was_cut_off(
    tmp_path: Path, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begin = tmp_path / "begin"
    toy_encoder().save_pretrained(begin)
    tokenizer.save(str(begin / TOKENIZER))
    places = ["江", "河", "湖", "海", "山", "城"]
    texts = [f"{place}桥于19{20 + i}年建成，全长{i + 2}米。" for i, place in enumerate(places)]
    rows = [
        {"id": str(i), "title": "", "context": text, "question": f"{place}桥哪一年建成？", "answers": [{"text": text[3:8], "start": 3}]}
        for i, (place, text) in enumerate(zip(places, texts, strict=True))
    ]  # fmt: skip
    for folder, name, found in (
        ("span", "cmrc2018_train", rows),
        ("articles", "cctv_xwlb_news", [{"id": "0", "title": "桥", "text": "\n".join(texts)}]),
    ):
        (tmp_path / folder).mkdir()
        with lzma.open(tmp_path / folder / f"{name}.jsonl.xz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in found)
    (tmp_path / "asked").mkdir()
    asked = [["time", "江桥哪年建成？", 3, 8], ["number", "江桥多长？", 13, 15]]
    line = {"set": "cctv_xwlb_news", "id": "0", "part": "learn", "questions": asked}
    (tmp_path / "asked" / "zh.jsonl").write_text(
        json.dumps(line, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    (tmp_path / "asked" / "en.jsonl").write_text("", encoding="utf-8")
    line["turns"] = [["江桥哪年建成？", 3, 8], ["多长？", "江桥多长？", 13, 15]]
    (tmp_path / "asked" / "talks.jsonl").write_text(
        json.dumps(line, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    for module in (natural, talks):
        monkeypatch.setattr(module, "HERE", tmp_path / "asked")
    monkeypatch.setattr(rivals, "SETS", {"natural": 9, "cmrc2018_train": 9})
    given = ["--data", str(tmp_path), "--out", str(tmp_path / "out"), "--reader", str(begin)]
    # A second a step: the same steps on any machine.
    monkeypatch.setattr(steps, "train", partial(steps.train, clock=count().__next__))
    given += ["--minutes", "0.7", "--rate", "5e-3"]
    assert compare.main([*given, "--allowed", "0.4"]) == 4
    assert compare.main(given) == 0
    assert (tmp_path / "out" / "reader" / TOKENIZER).exists()
    lines = capsys.readouterr().out.splitlines()
    losses = [float(said.split()[3]) for said in lines if said.startswith("step")]
    assert losses[-1] < 0.8 * losses[0]
    assert sum("finding rivals" in said for said in lines) == 2  # the second call took what was packed


def test_training_compare_packs_for_another_machine_and_reads_labelled_questions_beside(
    tmp_path: Path, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begin, out = tmp_path / "begin", tmp_path / "out"
    toy_encoder().save_pretrained(begin)
    tokenizer.save(str(begin / TOKENIZER))
    out.mkdir()
    group = Group(
        "江桥哪一年建成？", (Rival("桥", "桥上没有灯。"), Rival("桥", "江桥于1907年建成。", ((3, 8),)))
    )
    other = Group("How long?", group.rivals)
    store(out / "cmrc2018_train.jsonl", iter([group, other]))
    monkeypatch.setattr(rivals, "SETS", {"cmrc2018_train": 9})
    monkeypatch.setattr(talks, "talks", lambda *_: [])
    given = ["--out", str(out), "--reader", str(begin)]
    assert compare.main([*given, "--pack"]) == 2  # nothing says where the data are
    assert "--data DIR" in capsys.readouterr().err
    assert compare.main([*given, "--pack", "--data", str(tmp_path)]) == 0
    assert (out / compare.PACKED).exists()
    assert not (out / "reader").exists()
    monkeypatch.setattr(steps, "train", partial(steps.train, clock=count().__next__))
    given += ["--minutes", "0.1", "--labelled", "2"]
    assert compare.main(given) == 2
    assert "--packed DIR" in capsys.readouterr().err
    labelled = pack([Example("江桥多长？", "江桥长三里。", ((3, 5),))], tokenizer)
    squeeze.write(tmp_path / "labelled.xz", labelled.arrays("labelled"))
    assert compare.main([*given, "--packed", str(tmp_path)]) == 2
    assert "is not the tokenizer of" in capsys.readouterr().err
    (tmp_path / "tokenizer").mkdir()
    tokenizer.save(str(tmp_path / "tokenizer" / TOKENIZER))
    assert compare.main([*given, "--packed", str(tmp_path)]) == 0
    assert "3 questions, 0 follow-ups, 1 labelled ones" in capsys.readouterr().out


def test_training_compare_a_reader_that_is_not_there_is_told_and_not_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "missing"
    assert (
        compare.main(["--data", str(tmp_path), "--out", str(tmp_path / "out"), "--reader", str(missing)]) == 2
    )
    assert "no reader lies there" in capsys.readouterr().err
    assert not missing.exists()
