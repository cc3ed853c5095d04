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
    pytest.importorskip("onnxscript")
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
