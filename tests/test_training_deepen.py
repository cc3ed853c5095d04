from __future__ import annotations

from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from toy import toy_encoder

from embeddings.training import squeeze, steps
from embeddings.training.pretrain import packed
from qa.encoder_reader import BUNDLED, TOKENIZER
from qa.training import deepen
from qa.training.corpus import Example
from qa.training.questions import pack

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def given(tmp_path: Path) -> list[str]:
    tokenizer = Tokenizer.from_file(str(BUNDLED / TOKENIZER))
    begin = toy_encoder()
    begin.save_pretrained(tmp_path / "begin")
    tokenizer.save(str(tmp_path / "begin" / TOKENIZER))
    (tmp_path / "tokenizer").mkdir()
    tokenizer.save(str(tmp_path / "tokenizer" / TOKENIZER))
    tokens = np.array(tokenizer.encode("江桥于1907年建成，全长三里。" * 200).ids, np.uint16)
    squeeze.write(tmp_path / "articles.xz", {"articles": packed(tokens, np.ones(len(tokens), np.bool_))})
    asked = pack([Example("江桥多长？", "江桥长三里。", ((3, 5),))], tokenizer)
    squeeze.write(tmp_path / "labelled.xz", asked.arrays("labelled"))
    return ["--packed", str(tmp_path), "--reader", str(tmp_path / "begin"), "--out", str(tmp_path / "out")]


def test_training_deepen_guesses_and_reads_and_goes_on_where_it_was_cut_off(
    given: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # A second a step: the same steps on any machine.
    monkeypatch.setattr(steps, "train", partial(steps.train, clock=count().__next__))
    monkeypatch.setattr(deepen, "LENGTH", 64)
    given += ["--minutes", "1", "--rate", "1e-2", "--warm-steps", "5", "--batch", "4", "--labelled", "2"]
    assert deepen.main([*given, "--allowed", "0.5"]) == 4
    assert not (tmp_path / "out" / "reader").exists()
    assert deepen.main(given) == 0
    lines = capsys.readouterr().out.splitlines()
    losses = [float(said.split()[3]) for said in lines if said.startswith("step")]
    assert losses[-1] < 0.7 * losses[0]
    from transformers import BertForQuestionAnswering

    before, after = (
        BertForQuestionAnswering.from_pretrained(tmp_path / name, dtype=torch.float32).state_dict()
        for name in ("begin", "out/reader")
    )
    assert before.keys() == after.keys()
    for name in ("bert.embeddings.word_embeddings.weight", "qa_outputs.weight"):
        assert not torch.equal(before[name], after[name])  # both parts learnt


def test_training_deepen_says_what_is_missing(
    given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "labelled.xz").unlink()
    assert deepen.main(given) == 2
    assert "labelled.xz" in capsys.readouterr().err


def test_training_deepen_tokens_of_another_vocabulary_are_refused(
    given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = Tokenizer.from_file(str(BUNDLED / TOKENIZER))
    other.add_tokens(["anothertoken"])
    other.save(str(tmp_path / "tokenizer" / TOKENIZER))
    assert deepen.main(given) == 2
    assert "is not the tokenizer of" in capsys.readouterr().err
