"""The whole way at toy size: data -> packed -> encoder -> reader -> the door that reads with it."""

from __future__ import annotations

import json
import lzma
import random
import shutil
import subprocess
import sys
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import pytest
import torch
from tokenizers import Tokenizer

from embeddings.training import squeeze, steps
from qa.hf_reader import HuggingFaceReader
from qa.training import natural, prepare, transformer
from qa.training.corpus import TRAINING

if TYPE_CHECKING:
    from pathlib import Path

CITIES = "北京 上海 广州 深圳 成都 杭州 武汉 西安 南京 重庆 天津 苏州".split()
THINGS = "银行 地铁 医院 大学 公园 机场 港口 图书馆".split()


def write(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with lzma.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("toy")
    made = random.Random(0)
    rows: list[dict[str, object]] = []
    for i in range(80):
        city, thing, year = made.choice(CITIES), made.choice(THINGS), f"{made.randint(1900, 2020)}年"
        text = f"{city}的{thing}於{year}建成，由市民出資。"
        answer = {"text": year, "start": text.index(year)}
        rows.append({"id": str(i), "title": "", "context": text, "question": f"{city}{thing}哪一年建成？", "answers": [answer]})  # fmt: skip
    for name in TRAINING:
        write(folder / "span" / f"{name}.jsonl.xz", rows if name == "cmrc2018_train" else rows[:2])
    for name in ("drcd_dev", "cail2019_dev"):
        write(folder / "span" / f"{name}.jsonl.xz", rows[:4])
    articles = [
        {
            "id": str(i),
            "title": f"第{i}条",
            "text": "\n".join(str(row["context"]) for row in made.sample(rows, 6)),
        }
        for i in range(60)
    ]
    write(folder / "articles" / "cctv_xwlb_news.jsonl.xz", articles)
    asked = {
        "set": "cctv_xwlb_news",
        "id": "0",
        "questions": [["phrase", "哪座城？", 0, 2], ["none", "谁？"]],
    }
    (folder / "asked").mkdir()
    (folder / "asked" / "zh.jsonl").write_text(json.dumps(asked, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "asked" / "en.jsonl").write_text("", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(natural, "HERE", folder / "asked")
        assert prepare.main(["--data", str(folder), "--out", str(folder / "packed")]) == 0
    return folder / "packed"


def test_training_prepare_takes_english_pages_and_a_tokenizer_that_is_there(
    packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pages = [
        {"set": "guide", "title": "Guide", "text": f"A page about harbour number {i} of the town."}
        for i in range(9)
    ]
    (tmp_path / "english.jsonl").write_text("\n".join(map(json.dumps, pages)), encoding="utf-8")
    monkeypatch.setattr(natural, "HERE", packed.parent / "asked")
    given = [
        "--data",
        str(packed.parent),
        "--out",
        str(tmp_path / "out"),
        "--english",
        str(tmp_path / "english.jsonl"),
    ]
    assert prepare.main([*given, "--tokenizer", str(packed / "tokenizer")]) == 0
    assert "of them English" in capsys.readouterr().err
    known = (packed / "tokenizer" / "tokenizer.json").read_text("utf-8")
    assert json.loads((tmp_path / "out" / "tokenizer" / "tokenizer.json").read_text("utf-8")) == json.loads(
        known
    )
    tokenizer = Tokenizer.from_file(str(packed / "tokenizer" / "tokenizer.json"))
    stream = squeeze.read(tmp_path / "out" / "articles.xz")["articles"] & 0x7FFF
    first = tokenizer.encode("guide", add_special_tokens=False).ids
    assert stream[: len(first)].tolist() == first
    without = squeeze.read(packed / "articles.xz")["articles"] & 0x7FFF
    assert stream[-len(without) :].tolist() == without.tolist()
    english = stream[: len(stream) - len(without)].tolist()
    assert english.count(3) == 9  # a separator after each page
    assert prepare.main([*given, "--tokenizer", str(tmp_path / "nowhere")]) == 2
    assert "no tokenizer.json" in capsys.readouterr().err
    assert prepare.main([*given[:-1], str(tmp_path / "nowhere.jsonl")]) == 2
    assert "qa.training.manuals" in capsys.readouterr().err


def arguments(packed: Path, out: Path, *more: str) -> list[str]:
    small = "--size toy --length 64 --read-length 64 --warm-steps 10 --pretrain-batch 8 --read-batch 16 --read-rate 2e-3 --pretrain-rate 2e-3"
    return ["--packed", str(packed), "--out", str(out), *small.split(), *more]


@pytest.fixture(scope="module")
def trained(packed: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[float]]]:
    out = tmp_path_factory.mktemp("out") / "run"
    lines: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transformer, "_tell", lines.append)
        # A second a step: the same steps on any machine. The first call is cut off in the encoder, the
        # second in the reader.
        patch.setattr(steps, "train", partial(steps.train, clock=count().__next__))
        times = arguments(packed, out, "--pretrain", "2", "--read", "2.6")
        codes = [transformer.main([*times, "--allowed", "1"])]
        codes += [transformer.main([*times, "--allowed", "1.8", "--resume"]) for _ in range(2)]
    assert codes == [4, 4, 0]
    losses: dict[str, list[float]] = {"encoder": [], "reader": []}
    for words in (line.split() for line in lines if " loss " in line):
        losses[words[0]].append(float(words[4]))
    return out, losses


def test_training_transformer_losses_fall(trained: tuple[Path, dict[str, list[float]]]) -> None:
    encoder, reader = trained[1]["encoder"], trained[1]["reader"]
    assert encoder[-1] < 0.95 * encoder[0]
    assert reader[-1] < 0.5 * reader[0]


def test_training_transformer_reader_answers_through_its_door(
    trained: tuple[Path, dict[str, list[float]]],
) -> None:
    reader = HuggingFaceReader(str(trained[0] / "reader"))
    text = "成都的醫院於1987年建成，由市民出資。"
    (reading,) = reader.read("成都医院哪一年建成？", [text])
    assert reading.spans[0][0].of(text) == "1987年"
    for hostile in ("\ud800長\udcff", "👨‍👩‍👧國 iPhone", "\r\n", "é\x00がe\u0301"):
        for found in reader.read(hostile, [hostile, text]):
            assert all(0 <= span.start < span.end <= len(text) for span, _ in found.spans)


def test_training_transformer_leaves_half_precision_that_is_read_in_full(
    trained: tuple[Path, dict[str, list[float]]],
) -> None:
    from safetensors.torch import load_file

    weights = load_file(trained[0] / "reader" / "model.safetensors")
    assert {weight.dtype for weight in weights.values()} == {torch.float16}
    reader = HuggingFaceReader(str(trained[0] / "reader"))
    assert next(reader._model.parameters()).dtype == torch.float32


def test_training_transformer_student_learns_from_a_teacher(
    packed: Path, trained: tuple[Path, dict[str, list[float]]], tmp_path: Path
) -> None:
    teacher = ["--teacher", str(trained[0] / "reader"), "--pretrain", "0.02", "--read", "0.05"]
    assert transformer.main(arguments(packed, tmp_path / "run", *teacher)) == 0
    assert (tmp_path / "run" / "reader" / "tokenizer.json").exists()


def test_training_transformer_a_reader_learns_on(
    packed: Path, trained: tuple[Path, dict[str, list[float]]], tmp_path: Path
) -> None:
    given = ["--further", str(trained[0] / "reader"), "--read", "0.05"]
    lines: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transformer, "_tell", lines.append)
        assert transformer.main(arguments(packed, tmp_path / "run", *given)) == 0
    losses = [float(line.split()[4]) for line in lines if " loss " in line]
    assert losses[0] < trained[1]["reader"][0] / 2  # it begins where the reader had come to
    assert not (tmp_path / "run" / "encoder").exists()
    assert any(", 0 made" in line for line in lines)


def test_training_transformer_an_encoder_and_the_labelled_questions_suffice(
    packed: Path, trained: tuple[Path, dict[str, list[float]]], tmp_path: Path
) -> None:
    shutil.copytree(trained[0] / "encoder", tmp_path / "run" / "encoder")
    shutil.copytree(packed / "tokenizer", tmp_path / "packed" / "tokenizer")
    shutil.copy(packed / "labelled.xz", tmp_path / "packed")
    blocked = "import sys; sys.modules.update(dict.fromkeys(['jieba', 'rjieba', 'opencc', 'scipy'])); "
    command = "from qa.training.transformer import main; sys.exit(main(sys.argv[1:]))"
    given = arguments(tmp_path / "packed", tmp_path / "run", "--resume", "--read", "0.05")
    # In a process that lacks what only preparation needs, as the machine with the GPU may.
    done = subprocess.run([sys.executable, "-c", blocked + command, *given], check=False, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run" / "reader" / "config.json").exists()
    assert transformer.main(given) == 0  # done already: nothing is lost
    (tmp_path / "run" / "mine").write_text("kept", "utf-8")
    assert transformer.main([word for word in given if word != "--resume"]) == 2
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["mine"]


def test_training_transformer_nothing_packed_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert transformer.main(arguments(tmp_path, tmp_path / "run")) == 2
    assert "qa.training.prepare" in capsys.readouterr().err
    assert prepare.main(["--data", str(tmp_path), "--out", str(tmp_path / "packed")]) == 2
    assert "training set is missing" in capsys.readouterr().err
