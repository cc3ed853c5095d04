from __future__ import annotations

import json
import lzma
import random
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from embeddings.words import fold
from qa.span_features import PAIR_FEATURES, QUESTION_FEATURES
from qa.span_reader import Shape, SpanReader, load
from qa.training import __main__ as command
from qa.training import cloze, measure, negatives, pack, vectors
from qa.training.corpus import Example, examples, sentences, span_set
from qa.training.export import export, lexicon, restored
from qa.training.network import Batch, Reader, loss
from qa.training.split import part
from qa.training.train import Plan, collate, train

if TYPE_CHECKING:
    from pathlib import Path

CITIES = "北京 上海 广州 深圳 成都 杭州 武汉 西安 南京 重庆 天津 苏州".split()
THINGS = "银行 地铁 医院 大学 公园 机场 港口 图书馆".split()


def write(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with lzma.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def facts(seed: int) -> list[tuple[str, list[tuple[str, str]]]]:
    """Passages of four facts, each with (question, answer)."""
    made = random.Random(seed)
    found = []
    for _ in range(60):
        parts, asked = [], []
        for city in made.sample(CITIES, 4):
            thing, year = made.choice(THINGS), f"{made.randint(1900, 2020)}年"
            parts.append(f"{city}{thing}成立于{year},由市民建设。")
            asked.append((f"{city}{thing}成立于哪一年?", year))
        found.append(("".join(parts), asked))
    return found


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    rows = [
        {"id": f"{i}-{j}", "title": "", "context": text, "question": question,
         "answers": [{"text": answer, "start": text.index(answer)}]}
        for i, (text, asked) in enumerate(facts(0))
        for j, (question, answer) in enumerate(asked)
    ]  # fmt: skip
    write(folder / "span" / "cmrc2018_train.jsonl.xz", rows)
    for name in ("counterterror_news_train", "spdb_finance_train", "cmrc2017_user_valid", "chinesesquad_dev"):
        write(folder / "span" / f"{name}.jsonl.xz", rows[:8])
    write(folder / "span" / "fincuge_fincqa_eval.jsonl.xz", [{**row, "answers": []} for row in rows[8:12]])
    for name in ("drcd_dev", "cail2019_dev"):
        write(folder / "span" / f"{name}.jsonl.xz", rows[:40])
    articles = [{"id": str(i), "title": "", "text": text} for i, (text, _) in enumerate(facts(1))]
    write(folder / "articles" / "cctv_xwlb_news.jsonl.xz", articles)
    return folder


@pytest.fixture(scope="module")
def trained(toy: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[float]]:
    out = tmp_path_factory.mktemp("out")
    losses: list[float] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "_report", lambda step, value, minutes: losses.append(value))
        assert command.main(["--data", str(toy), "--out", str(out), "--small", "--minutes", "0.5"]) == 0
    return out, losses


def test_training_reader_small_recipe_learns_the_toy(trained: tuple[Path, list[float]], toy: Path) -> None:
    out, losses = trained
    assert len(losses) >= 2
    assert losses[-1] < 0.6 * losses[0]
    assert not list(out.glob("checkpoint.*"))
    figures = measure.measure(SpanReader(out / "reader"), measure.questions(toy, "drcd_dev"))
    asked = [row for row in span_set(toy, "drcd_dev") if part("", row["context"]) == "report"]
    assert 0 < figures.n == len(asked) < 40
    assert figures.f1 > 0.5  # one year of four by chance: 0.25 at most


def test_training_reader_goes_further_from_a_reader(
    trained: tuple[Path, list[float]], toy: Path, tmp_path: Path
) -> None:
    before = load(trained[0] / "reader")
    arguments = ["--data", str(toy), "--out", str(tmp_path), "--further", str(trained[0] / "reader")]
    assert command.main([*arguments, "--minutes", "0.05", "--seed", "5"]) == 0
    shape, known, weights = load(tmp_path / "reader")
    assert shape == before[0]
    assert known.words == before[1].words
    assert not np.array_equal(weights["ends.weight"], before[2]["ends.weight"])


def test_training_reader_learns_only_the_part_that_may_be_learnt(toy: Path) -> None:
    held = {fold(row["context"]) for row in span_set(toy, "drcd_dev") if part("", row["context"]) == "learn"}
    assert {example.passage for example in examples(toy, "drcd_dev")} == held


def test_training_reader_exported_spans_are_slices(trained: tuple[Path, list[float]]) -> None:
    reader = SpanReader(trained[0] / "reader")
    passage = "  開頭 " + facts(2)[0][0] + "\r\n尾巴"
    for span, _ in reader.read("銀行成立於哪一年？", [passage])[0].spans:
        assert span.of(passage) == passage[span.start : span.end]
        assert span.of(passage).strip()


def test_training_reader_numpy_gives_what_torch_gives(trained: tuple[Path, list[float]]) -> None:
    shape, known, weights = load(trained[0] / "reader")
    network = restored(shape, weights).eval()
    for text, asked in facts(3)[:5]:
        packed = list(pack.pack(known, [Example(asked[0][0], text, ())], shape.longest))
        with torch.no_grad():
            spans, null = network(collate(packed))
        reading = SpanReader(trained[0] / "reader").read(asked[0][0], [text])[0]
        tokens = known.tokens(text)
        for span, logit in reading.spans[:5]:
            first = tokens.start.tolist().index(span.start)
            last = tokens.end.tolist().index(span.end)
            assert logit == pytest.approx(float(spans[0, first, last]), abs=0.05)  # features are bytes there
        assert reading.null == pytest.approx(float(null), abs=0.05)


def test_training_reader_blocks_over_sentences_give_what_torch_gives(
    trained: tuple[Path, list[float]], tmp_path: Path
) -> None:
    shape, known, weights = load(trained[0] / "reader")
    network = restored(shape, weights).eval()
    torch.manual_seed(1)
    torch.nn.init.normal_(network.told.weight, std=0.5)
    export(network, known, tmp_path)
    network = restored(*(load(tmp_path)[i] for i in (0, 2))).eval()
    for text, asked in facts(4)[:3]:
        packed = list(pack.pack(known, [Example(asked[0][0], text, ())], shape.longest))
        with torch.no_grad():
            _, null = network(collate(packed))
        here, shorter = SpanReader(tmp_path).read(asked[0][0], [text, text[:9]])
        assert here.null == pytest.approx(float(null[0]), abs=0.05)
        alone = SpanReader(tmp_path).read(asked[0][0], [text[:9]])[0]
        assert shorter.null == pytest.approx(alone.null, abs=1e-4)  # what stands beside it does not matter
        assert here.null != pytest.approx(SpanReader(trained[0] / "reader").read(asked[0][0], [text])[0].null)


def test_training_reader_a_reader_gets_blocks_that_change_nothing_at_first() -> None:
    shape = Shape(12, 2, 4, 4, 8, 4, 3, 1, 1, 2, 6)
    plain = Reader(shape).eval()
    weights = {
        name.removesuffix(".weight") if name in ("char.weight", "word.weight", "kind.weight") else name: (
            value.numpy()[:, 0, 0].T if name.endswith(".depth") else value.numpy()
        )
        for name, value in plain.state_dict().items()
    }
    grown = restored(replace(shape, across=2), weights).eval()
    one = torch.ones(1, 5, dtype=torch.long)
    features = (torch.rand(1, 5, PAIR_FEATURES), torch.rand(1, 3, QUESTION_FEATURES))
    batch = Batch(
        one, one, torch.tensor([[0, 0, 1, 1, 2]]), features[0], one[:, :3], one[:, :3], features[1],
        torch.zeros(1, dtype=torch.long), torch.full((1, 1, 2), -1),
    )  # fmt: skip
    with torch.no_grad():
        for ours, theirs in zip(plain(batch), grown(batch), strict=True):
            assert torch.allclose(ours, theirs)


def test_training_reader_export_and_restore_are_inverse(tmp_path: Path) -> None:
    vocabulary = vectors.Vocabulary(
        ["银行"], np.zeros(1, np.float32), np.ones(1, np.float32), np.ones((1, 4), np.float32), ["银"],
        np.ones(1, np.float32),
    )  # fmt: skip
    known = lexicon(vocabulary)
    network = Reader(Shape(len(known.char_idf), 2, 4, 4, 8, 4, 3, 1, 1, 2, 6))
    export(network, known, tmp_path)
    again = restored(*(load(tmp_path)[i] for i in (0, 2)))
    for (name, ours), theirs in zip(network.state_dict().items(), again.state_dict().values(), strict=True):
        assert torch.allclose(ours, theirs, atol=0.02), name


def test_training_reader_a_run_cut_off_goes_on(toy: Path, tmp_path: Path) -> None:
    vocabulary = vectors.learn([text for text, _ in facts(1)], 200, 200, 8)
    known = lexicon(vocabulary)
    packed = list(pack.pack(known, examples(toy, "cmrc2018_train")[:60], 8))
    reader = Reader(Shape(len(known.char_idf), len(known.idf), 8, 8, 8, 4, 3, 1, 1, 2, 8))
    plan = Plan(minutes=1.0, tokens=512, save_every=0.0)

    class CutError(Exception):
        pass

    def stop(step: int, value: float, minutes: float) -> None:
        raise CutError

    with pytest.raises(CutError):
        train(reader, packed, [], plan, tmp_path, stop)
    state = json.loads((tmp_path / "checkpoint.json").read_text(encoding="utf-8"))
    assert state["step"] == 99
    steps: list[int] = []
    over = Plan(minutes=state["minutes"] + 0.1, tokens=512)
    train(reader, packed, [], over, tmp_path, lambda step, value, minutes: steps.append(step))
    assert steps
    assert steps[0] == 100


def test_training_reader_loss_by_hand() -> None:
    spans = torch.tensor([[[1.0, 2.0], [-1e4, 0.5]], [[1.0, 2.0], [-1e4, 0.5]]])
    null = torch.tensor([0.0, 0.0])
    gold = torch.tensor([[[0, 1], [1, 1]], [[-1, -1], [-1, -1]]])
    total = np.log(np.exp([1, 2, 0.5, 0]).sum())
    expected = ((total - np.log(np.exp([2, 0.5]).sum())) + total) / 2
    assert float(loss(spans, null, gold)) == pytest.approx(expected, abs=1e-5)


def test_training_reader_thinned_keeps_answers_in_their_place() -> None:
    vocabulary = vectors.learn([text for text, _ in facts(1)], 200, 200, 4)
    known = lexicon(vocabulary)
    text, asked = facts(4)[0]
    question, answer = asked[2]
    at = text.index(answer)
    whole = next(iter(pack.pack(known, [Example(question, text, ((at, at + len(answer)),))], 64)))
    cut = pack.thinned(whole, 20, np.random.default_rng(0))
    assert 0 < len(cut.char) < len(whole.char)
    (before,), (after,) = whole.gold, cut.gold
    assert whole.char[before[0] : before[1] + 1].tolist() == cut.char[after[0] : after[1] + 1].tolist()
    assert len(pack.thinned(whole._replace(gold=whole.gold[:0]), 3, np.random.default_rng(0)).char) > 0


def test_training_reader_packed_examples_come_back_from_disk(tmp_path: Path) -> None:
    known = lexicon(vectors.learn([text for text, _ in facts(1)], 200, 200, 4))
    text, asked = facts(4)[0]
    packed = list(pack.pack(known, [Example(q, text, ()) for q, _ in asked], 64))
    pack.store(tmp_path / "packed.npz", packed)
    for ours, theirs in zip(packed, pack.stored(tmp_path / "packed.npz"), strict=True):
        assert ours.kind == theirs.kind
        assert np.array_equal(ours.features, theirs.features)
        assert ours.question_char.tolist() == theirs.question_char.tolist()


def test_training_reader_vectors_of_words_in_like_places_are_alike() -> None:
    made = random.Random(0)
    texts = [
        f"我们在{made.choice(['北京', '上海'])}喝了一杯{made.choice(['咖啡', '绿茶'])}。" for _ in range(400)
    ]
    found = vectors.learn(texts, 100, 100, 4)
    at = {
        word: vector / np.linalg.norm(vector) for word, vector in zip(found.words, found.vectors, strict=True)
    }
    assert at["北京"] @ at["上海"] > at["北京"] @ at["咖啡"]
    assert found.chars[0] in "我们在喝了一杯。"
    assert found.char_idf[found.chars.index("我")] == 0  # in every text


def test_training_reader_cloze_answers_stand_in_their_passages() -> None:
    body = "".join(text for text, _ in facts(5)[:3])
    found = list(cloze.made([("", body)], random.Random(0), 12))
    assert found
    for example in found:
        assert re.search("[什谁哪何几多怎为]|时间是|原因", example.question)
        for start, end in example.answers:
            answer = example.passage[start:end]
            assert answer
            assert answer not in example.question
    kinds = {f.kind for f in cloze.candidates("1987年,马云在杭州花了3万元买《辞海》、《诗经》。")}
    assert {"date", "place", "quantity", "quoted"} <= kinds


def test_training_reader_wrong_passages_hold_no_answer() -> None:
    own = [
        Example(q, text, ((text.index(a), text.index(a) + len(a)),))
        for text, asked in facts(6)
        for q, a in asked
    ]
    found = negatives.retrieved(own, random.Random(0), share=0.5)
    assert len(found) > 60
    for example in found:
        assert example.answers == ()
        sources = [e for e in own if e.question == example.question and e.passage != example.passage]
        assert any(e.passage[slice(*e.answers[0])] not in example.passage for e in sources)


def test_training_reader_sentences_lose_nothing_but_space() -> None:
    assert sentences("一。“二!”三\n 四") == ["一。", "“二!”", "三", "四"]


def test_training_reader_missing_data_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--data", str(tmp_path), "--out", str(tmp_path / "out"), "--small"]) == 2
    assert "training set is missing" in capsys.readouterr().err
