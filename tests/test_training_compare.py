from __future__ import annotations

import json
import lzma
import math
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
import torch
from tokenizers import Tokenizer

from embeddings.training import steps
from qa.encoder_reader import BUNDLED, TOKENIZER
from qa.training import compare, natural, rivals, talks
from qa.training.compare import Told, answered_rows, group_loss, keep, read
from qa.training.rivals import Group, Rival

if TYPE_CHECKING:
    from pathlib import Path

BUILT = Rival("桥", "江桥于1907年建成，全长320米。", ((3, 8),))
LIT = Rival("桥", "桥上没有灯。")


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(BUNDLED / TOKENIZER))


def test_training_compare_loss_by_hand() -> None:
    nowhere = -math.inf
    answered = Told(torch.tensor([1.0, 0.5]), torch.tensor([0.2, nowhere]))
    lacking = Told(torch.tensor([0.3]), torch.tensor([nowhere]))
    shared = [math.log(1 + math.exp(1.0) + math.exp(0.5)) - 0.2, math.log(1 + math.exp(0.3))]
    alone = [math.log(1 + math.exp(1.0)) - 0.2, math.log(1 + math.exp(0.5)), math.log(1 + math.exp(0.3))]
    found = group_loss([answered, lacking], 0.5)
    assert float(found) == pytest.approx(sum(shared) / 2 + 0.5 * sum(alone) / 3, abs=1e-6)


def test_training_compare_rows_that_answer_come_first_with_their_tokens(tokenizer: Tokenizer) -> None:
    held = answered_rows(Group("江桥哪一年建成？", (LIT, BUILT)), tokenizer, 5)
    assert [bool(each.gold) for each in held] == [True, False]
    ((first, last),) = held[0].gold
    assert tokenizer.decode(held[0].row.ids[first : last + 1].tolist()).replace(" ", "") == "1907年"
    assert len(answered_rows(Group("江桥？", (LIT, BUILT)), tokenizer, 1)) == 1
    assert answered_rows(Group(" ", (LIT, BUILT)), tokenizer, 5) == []


def test_training_compare_a_row_says_the_same_among_others(tokenizer: Tokenizer) -> None:
    model = toy()
    one, other = answered_rows(Group("江桥哪一年建成？", (LIT, BUILT)), tokenizer, 5)
    with torch.no_grad():
        together, alone, back = (read(model, held, 2) for held in ([one, other], [one], [other, one]))
    assert together.everything[0] == pytest.approx(float(alone.everything[0]), abs=1e-4)
    assert together.everything.tolist() == pytest.approx(back.everything.tolist()[::-1], abs=1e-4)
    assert together.right[1] == -math.inf
    assert together.right[0] < together.everything[0]


def test_training_compare_layers_that_are_kept_learn_nothing() -> None:
    model = toy()
    keep(model, 0)
    assert all(weights.requires_grad for weights in model.parameters())
    keep(model, 1)
    learning = {name for name, weights in model.named_parameters() if weights.requires_grad}
    assert learning == {"qa_outputs.weight", "qa_outputs.bias"}


def toy() -> Any:
    from transformers import BertConfig, BertForQuestionAnswering

    torch.manual_seed(1)
    size = Tokenizer.from_file(str(BUNDLED / TOKENIZER)).get_vocab_size()
    config = BertConfig(
        vocab_size=size, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=512, type_vocab_size=16,
    )  # fmt: skip
    return BertForQuestionAnswering(config).eval()


def test_training_compare_learns_and_goes_on_where_it_was_cut_off(
    tmp_path: Path, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = tmp_path / "begin"
    toy().save_pretrained(begin)
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
    lines: list[str] = []
    monkeypatch.setattr(compare, "_tell", lines.append)
    given = ["--data", str(tmp_path), "--out", str(tmp_path / "out"), "--reader", str(begin)]
    # A second a step: the same steps on any machine.
    monkeypatch.setattr(steps, "train", partial(steps.train, clock=count().__next__))
    given += ["--minutes", "0.7", "--rate", "5e-3"]
    assert compare.main([*given, "--allowed", "0.4"]) == 4
    assert compare.main(given) == 0
    assert (tmp_path / "out" / "reader" / TOKENIZER).exists()
    losses = [float(said.split()[3]) for said in lines if said.startswith("step")]
    assert losses[-1] < 0.8 * losses[0]
    assert (
        sum("finding rivals" in said for said in lines) == 2
    )  # the second call took what the first had found


def test_training_compare_a_reader_that_is_not_there_is_told_and_not_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "missing"
    assert (
        compare.main(["--data", str(tmp_path), "--out", str(tmp_path / "out"), "--reader", str(missing)]) == 2
    )
    assert "no reader lies there" in capsys.readouterr().err
    assert not missing.exists()
