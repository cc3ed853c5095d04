from __future__ import annotations

import json
import lzma
import random
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from fakes import FakeEmbedder

from embeddings.encode import embedder
from embeddings.training import __main__ as command
from embeddings.training import data, vocabulary
from embeddings.training.data import Pair
from embeddings.training.evaluate import evaluate, ranks
from embeddings.training.save import quantise
from embeddings.training.train import Corpus, Table, TrainConfig, frequencies, pack, train

if TYPE_CHECKING:
    from pathlib import Path

    from tokenizers import Tokenizer

CITIES = "北京 上海 广州 深圳 成都 杭州 武汉 西安 南京 重庆 天津 苏州 长沙 青岛 大连 厦门".split()
THINGS = "银行 地铁 医院 大学 公园 机场 港口 图书馆 博物馆 工厂".split()


def write(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with lzma.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    made = random.Random(0)
    facts = [(city, thing) for city in CITIES for thing in THINGS]
    made.shuffle(facts)

    def record(at: int, city: str, thing: str) -> dict[str, object]:
        year = str(1900 + at)
        context = f"{city}的第一座{thing}建于{year}年，由当地居民出资，后来几经扩建，至今仍在使用。"
        answer = {"text": year, "start": context.index(year)}
        return {
            "id": str(at),
            "title": city,
            "context": context,
            "question": f"{city}的{thing}是哪一年建成的？",
            "answers": [answer],
        }

    rows = [record(at, *fact) for at, fact in enumerate(facts)]
    write(folder / "span" / "cmrc2018_train.jsonl.xz", rows[:140])
    write(folder / "span" / "cmrc2018_dev.jsonl.xz", rows[140:])
    article = {"id": "1", "title": "城市", "text": "。\n".join(str(row["context"]) for row in rows[:140])}
    write(folder / "articles" / "lctt_tech.jsonl.xz", [article])
    labelled = [
        {"a": "花呗怎么还款", "b": "如何还花呗", "label": 1, "kind": ""},
        {"a": "花呗怎么还款", "b": "借呗利率", "label": 0, "kind": ""},
    ]
    write(folder / "pairs" / "atec_train.jsonl.xz", labelled)
    return folder


def test_training_small_run_learns_resumes_and_is_repeatable(
    toy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "model"
    arguments = ["--data", str(toy), "--out", str(out), "--small", "--threads", "1"]
    assert command.main(arguments) == 0
    figures = dict(line.split(" ", 1) for line in capsys.readouterr().out.splitlines())
    losses = torch.load(tmp_path / "model.work" / "checkpoint.pt", weights_only=True)["losses"]
    epoch = len(losses) // 5  # every epoch holds the same pairs
    assert np.mean(losses[-epoch:]) < 0.7 * np.mean(losses[:epoch])
    assert set(figures) == {"cmrc2018_dev", "pooled"}
    model = embedder(str(out))
    assert model.dim == 32
    assert model.encode_questions(["北京的银行"]).any()

    weights = (out / "model.safetensors").read_bytes()
    assert command.main([*arguments, "--resume"]) == 0  # nothing is left to train
    assert (out / "model.safetensors").read_bytes() == weights
    assert command.main(arguments) == 0
    assert (out / "model.safetensors").read_bytes() == weights


def test_training_without_data_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--data", str(tmp_path), "--out", str(tmp_path / "m"), "--small"]) == 2
    assert "no training pairs" in capsys.readouterr().err


def test_training_pairs_leave_out_negatives_and_held_out_passages(toy: Path) -> None:
    made = list(data.pairs(toy))
    assert [pair for pair in made if pair.source == "atec_train"] == [
        Pair("atec_train", "花呗怎么还款", "如何还花呗")
    ]
    assert sum(pair.source == "cmrc2018_train" for pair in made) == 140
    assert {pair.source for pair in made} >= {"lctt_tech title", "lctt_tech clause"}
    assert made == list(data.pairs(toy))
    assert not any(pair.source.startswith("lctt") for pair in data.pairs(toy, share=0))


def test_training_held_out_ignores_white_space_and_is_about_a_tenth() -> None:
    texts = [f"第{n}号公告" for n in range(2000)]
    assert 140 < sum(map(data.held_out, texts)) < 260
    assert all(data.held_out(text) == data.held_out(f" {text[:2]}\n{text[2:]}") for text in texts[:200])


def test_training_passages_join_to_the_text() -> None:
    text = "一句话。又一句！“第三句。”\n" * 40 + "没有句号的结尾"
    pieces = data.passages(text, size=50)
    assert "".join(pieces) == text
    assert max(map(len, pieces)) <= 50
    assert data.passages("") == []
    assert data.passages(" \n") == []


def small_tokenizer() -> Tokenizer:
    return vocabulary.build(["北京大学在北京，Python Kubernetes 2024年" * 10], 400)


def test_training_vocabulary_keeps_words_and_falls_back_to_characters() -> None:
    made = small_tokenizer()
    assert made.encode("北京大学").tokens == ["北京", "大学"]
    assert made.encode("大北年，x").tokens == ["大", "北", "年", "x"]
    assert made.encode("kubernetes").tokens == ["kubernetes"]
    assert made.encode("犇").ids == [0]
    assert made.encode("，。 !").tokens == []
    names = made.get_vocab()
    assert sorted(names.values()) == list(range(made.get_vocab_size()))


def test_training_parts_are_inner_words_or_letter_grams() -> None:
    tokens = {
        "[UNK]": 0,
        "北": 1,
        "京": 2,
        "北京": 3,
        "大": 4,
        "学": 5,
        "大学": 6,
        "北京大学": 7,
        "go": 8,
        "12": 9,
    }
    assert vocabulary.parts("北京大学", tokens) == [1, 2, 3, 4, 5, 6]
    assert vocabulary.parts("北", tokens) == []
    assert vocabulary.parts("12", tokens) == []
    assert vocabulary.parts("[UNK]", tokens) == []
    grams = vocabulary.parts("go", tokens)  # <go go> <go>
    assert len(grams) == 3
    assert all(len(tokens) <= gram < len(tokens) + vocabulary.GRAM_BUCKETS for gram in grams)


def test_training_table_is_weight_times_own_vector_and_parts() -> None:
    tokens = {"[UNK]": 0, "北": 1, "京": 2, "北京": 3}
    table = Table(tokens, np.array([0, 0.5, 0.25, 0.25]), TrainConfig(dim=4, matryoshka=(4,)))
    with torch.no_grad():
        table.vectors[:4] = torch.tensor([[9, 9, 9, 9], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]])
        table.log_weights[:] = torch.tensor([0.0, 0.0, 0.0, np.log(2)])
    part = 2 * 0.7 / 2**0.5
    expected = [[0, 0, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0], [part, part, 2, 0]]
    np.testing.assert_allclose(table().detach().numpy(), expected, atol=1e-6)


def test_training_stopped_and_resumed_is_the_same_run(tmp_path: Path) -> None:
    made = small_tokenizer()
    names = made.get_vocab()
    pairs = [
        Pair("x", "北京", "北京大学"),
        Pair("x", "python", "kubernetes"),
        Pair("x", "2024", "2024年"),
    ] * 4
    config = TrainConfig(dim=8, matryoshka=(8,), epochs=4, batch=4)
    corpus = pack(pairs, made, config)

    class StopError(Exception):
        pass

    def stop(step: int, steps: int, loss: float) -> None:
        if step == 7:
            raise StopError

    def fresh() -> Table:
        return Table(names, frequencies(corpus, len(names)), config)

    whole = fresh()
    losses = train(corpus, whole, config)
    checkpoint = tmp_path / "c.pt"
    with pytest.raises(StopError):
        train(corpus, fresh(), config, checkpoint, stop, save_every=3)
    again = fresh()
    assert train(corpus, again, config, checkpoint, save_every=3) == losses
    assert torch.equal(whole(), again())
    with pytest.raises(ValueError, match="another run"):
        train(corpus, fresh(), TrainConfig(dim=8, matryoshka=(8,), epochs=5, batch=4), checkpoint)


def test_training_corpus_survives_its_file(tmp_path: Path) -> None:
    config = TrainConfig(short_tokens=1)
    corpus = pack(
        [Pair("b", "北京 python", "大学"), Pair("a", "，", "大"), Pair("a", "年", "大")],
        small_tokenizer(),
        config,
    )
    assert corpus.sources.tolist() == [1, 0]  # the second pair has no token on one side
    assert corpus.short.starts.tolist() == [0, 1, 2]
    corpus.save(tmp_path / "corpus.npz")
    loaded = Corpus.load(tmp_path / "corpus.npz")
    for ours, theirs in zip((*corpus.short, *corpus.long), (*loaded.short, *loaded.long), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_training_quantised_rows_are_within_half_a_step() -> None:
    rows = np.array([[0, 0], [1, -0.5], [300, 2]], np.float32)
    values, factors = quantise(rows)
    assert values.tolist() == [[0, 0], [127, -64], [127, 1]]
    assert np.abs(values * factors[:, None] - rows).max() <= 150 / 127


def test_training_ranks_put_ties_before_the_gold_column() -> None:
    similarity = np.array([[0.9, 0.5, 0.9], [0.1, 0.2, 0.3]], np.float32)
    assert ranks(similarity, np.array([0, 2])).tolist() == [2, 1]


def test_training_evaluate_finds_paragraphs(toy: Path) -> None:
    figures = evaluate(FakeEmbedder(dim=256), toy)
    assert set(figures) == {"cmrc2018_dev", "pooled"}
    assert figures["cmrc2018_dev"]["n"] == 20
    assert 0 < figures["cmrc2018_dev"]["recall@1"] <= figures["cmrc2018_dev"]["recall@5"] <= 1
