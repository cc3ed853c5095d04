from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertForQuestionAnswering

from qa.training import quantise

if TYPE_CHECKING:
    from pathlib import Path


def test_training_quantise_logits_are_nearly_those_of_the_reader(tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=100, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        initializer_range=0.2,
    )  # fmt: skip
    model = BertForQuestionAnswering(config).eval()
    model.save_pretrained(tmp_path / "reader")
    (tmp_path / "reader" / "tokenizer.json").write_text("{}", "utf-8")
    assert quantise.main([str(tmp_path / "reader"), "--out", str(tmp_path / "out")]) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["reader.onnx", "tokenizer.json"]
    session = onnxruntime.InferenceSession(tmp_path / "out" / "reader.onnx")
    made = np.random.default_rng(0)
    for shape in ((3, 57), (1, 4)):
        ids = made.integers(5, 100, shape)
        mask = (np.arange(shape[1]) < shape[1] - 2).astype(np.int64)[None].repeat(shape[0], 0)
        types = (np.arange(shape[1]) > 2).astype(np.int64)[None].repeat(shape[0], 0)
        given = dict(zip(quantise.INPUTS, (ids, mask, types), strict=True))
        start, end = session.run(None, given)
        with torch.no_grad():
            expected = model(**{name: torch.from_numpy(array) for name, array in given.items()})
        for ours, theirs in ((start, expected.start_logits.numpy()), (end, expected.end_logits.numpy())):
            assert np.abs(ours - theirs).max() < 0.1 * np.abs(theirs).max()  # 0.06 measured
            assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] > 0.99


def test_training_quantise_takes_the_mean_of_several(tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    config = BertConfig(
        vocab_size=30, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    )
    models = [BertForQuestionAnswering(config).eval() for _ in range(2)]
    for name, model in zip("ab", models, strict=True):
        model.save_pretrained(tmp_path / name)
        (tmp_path / name / "tokenizer.json").write_text("{}", "utf-8")
    readers = [str(tmp_path / name) for name in "ab"]
    assert quantise.main([*readers, "--whole", "--out", str(tmp_path / "out")]) == 0
    mean = {
        name: (value + models[1].state_dict()[name]) / 2 for name, value in models[0].state_dict().items()
    }
    models[0].load_state_dict(mean)
    ids = np.arange(12).reshape(2, 6)
    given = dict(zip(quantise.INPUTS, (ids, np.ones_like(ids), np.zeros_like(ids)), strict=True))
    session = onnxruntime.InferenceSession(tmp_path / "out" / "reader.onnx")
    start, _ = session.run(None, given)
    with torch.no_grad():
        expected = models[0](**{name: torch.from_numpy(array) for name, array in given.items()})
    assert start == pytest.approx(expected.start_logits.numpy(), abs=1e-3)
