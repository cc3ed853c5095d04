from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from qa.encoder_reader import BUNDLED, EncoderReader
from qa.hf_reader import HuggingFaceReader
from qa.training import restore

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("onnx")


def test_training_restore_the_bundled_encoder_says_the_same(tmp_path: Path) -> None:
    assert restore.main(["--out", str(tmp_path / "reader")]) == 0
    model = HuggingFaceReader(str(tmp_path / "reader"))._model
    made = np.random.default_rng(0)
    ids = made.integers(5, 5000, (1, 40))
    kinds = made.integers(0, 8, (1, 40))
    given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": kinds}
    start, end = EncoderReader(BUNDLED)._model.session.run(["start_logits", "end_logits"], given)
    with torch.no_grad():
        found = model(**{name: torch.from_numpy(array) for name, array in given.items()})
    for ours, theirs in ((found.start_logits, start), (found.end_logits, end)):
        assert np.corrcoef(ours.numpy().ravel(), theirs.ravel())[0, 1] > 0.99


def test_training_restore_another_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert restore.main(["--encoder", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "holds no encoder of ours" in capsys.readouterr().err
