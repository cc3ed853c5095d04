from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from embeddings.training import squeeze
from embeddings.training.pretrain import packed, rows
from embeddings.training.stream import fresh, stream
from embeddings.training.tokenizer import CLS, SEP, build

if TYPE_CHECKING:
    from pathlib import Path


def test_training_stream_words_begin_where_they_do() -> None:
    text = "我们在北京大学喝2024杯coffeehouses。"
    tokenizer = build([text, "coffee house coffee house"] * 3, 60)
    found = stream([text, "北京"], tokenizer, 1000)
    tokens = [tokenizer.id_to_token(row) for row in found.tokens]
    begins = [token for token, first in zip(tokens, found.begins, strict=True) if first]
    assert begins[:8] == ["我", "在", "北", "喝", "2", "杯", "coffeehouses", "。"]
    assert begins[-3:] == ["[SEP]", "北", "[SEP]"]
    assert tokens[-4:] == ["[SEP]", "北", "京", "[SEP]"]
    assert len(stream([text, "北京"], tokenizer, 3).tokens) == 3
    assert len(stream([], tokenizer, 3).tokens) == 0


def test_training_stream_what_was_said_before_is_left_out() -> None:
    one, two, three = (f"记者从有关部门获悉，第{i}件事情已经办好。" for i in "一二三")
    assert list(fresh([one, one, one + two, one + two + three, "短。", "短。"])) == [
        one, one + two, "短。", "短。"
    ]  # fmt: skip


def test_training_stream_squeezed_arrays_come_back(tmp_path: Path) -> None:
    arrays = {
        "a": np.arange(9, dtype=np.uint16),
        "b": np.array([[-1, 2]], np.int16),
        "c": np.zeros(0, np.int32),
    }
    squeeze.write(tmp_path / "x.xz", arrays)
    found = squeeze.read(tmp_path / "x.xz")
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        assert np.array_equal(found[name], array)
    assert [path.name for path in tmp_path.iterdir()] == ["x.xz"]


def test_training_stream_rows_pass_everything_once_an_epoch() -> None:
    tokens = np.arange(100, 200, dtype=np.uint16)
    begins = tokens % 3 == 0
    texts = rows(packed(tokens, begins), "cpu", length=11, batch=3, seed=1)
    seen: list[int] = []
    for step in range(3):  # 9 rows of 10 tokens
        found, first = texts.at(step)
        assert found.shape == first.shape == (3, 11)
        assert found[:, 0].tolist() == [CLS] * 3
        assert first[:, 1:].tolist() == (found[:, 1:] % 3 == 0).tolist()
        seen += found[:, 1:].flatten().tolist()
    assert len(set(seen)) == 90
    assert np.array_equal(texts.at(4)[0], texts.at(4)[0])
    assert not np.array_equal(texts.at(0)[0], texts.at(3)[0])
    assert SEP < 100
