from __future__ import annotations

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEmbedder
from tokenizers import Tokenizer, models, pre_tokenizers

from embeddings import encode
from embeddings.encode import Fingerprint, SentenceTransformerEmbedder, StaticEmbedder, embedder
from embeddings.errors import ModelError
from embeddings.training.save import save
from embeddings.words import fold

WORDS = {"[UNK]": 0, "猫": 1, "狗": 2, "xps": 3, "鱼": 4}
ROWS = np.array([[0, 0], [3, 0], [0, 4], [1, 1], [-2, 0]], np.float32)
HOSTILE = ["", " \r\n", "猫", "\ud800", "👩‍👩‍👧", "ＸＰＳ", "猫" * 5000, "x" * 300, "\x00", "猫 狗"]


def tokenizer() -> Tokenizer:
    made = Tokenizer(models.WordLevel(WORDS, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    return made


@pytest.fixture(scope="module")
def static_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("模型") / "静态"
    save(ROWS, tokenizer(), folder)
    return folder


@pytest.fixture(scope="module")
def transformer_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    folder = tmp_path_factory.mktemp("tiny")
    made = SentenceTransformer(
        modules=[StaticEmbedding(tokenizer(), embedding_weights=ROWS.copy())],
        prompts={"query": "狗 ", "document": ""},
        device="cpu",
    )
    made.save(str(folder))
    return folder


@pytest.fixture(params=["static", "sentence-transformers", "fake"])
def any_embedder(request: pytest.FixtureRequest) -> encode.Embedder:
    if request.param == "fake":
        return FakeEmbedder()
    name = "static_folder" if request.param == "static" else "transformer_folder"
    return embedder(str(request.getfixturevalue(name)), batch_size=2)


def test_encode_every_embedder_gives_unit_or_zero_float32_rows_in_order(
    any_embedder: encode.Embedder,
) -> None:
    vectors = any_embedder.encode_passages(HOSTILE)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(HOSTILE), any_embedder.dim)
    norms = np.linalg.norm(vectors, axis=1)
    assert all(norm == 0 or abs(norm - 1) < 1e-5 for norm in norms)
    one_by_one = np.vstack([any_embedder.encode_passages([text]) for text in HOSTILE])
    np.testing.assert_allclose(vectors, one_by_one, atol=1e-6)
    assert norms[0] == 0
    assert norms[2] == pytest.approx(1)


def test_encode_every_embedder_takes_no_texts_and_tells_progress(any_embedder: encode.Embedder) -> None:
    assert any_embedder.encode_passages([]).shape == (0, any_embedder.dim)
    assert any_embedder.encode_questions([]).shape == (0, any_embedder.dim)
    told: list[tuple[int, int]] = []
    any_embedder.encode_passages(["猫"] * 50, lambda done, total: told.append((done, total)))
    assert told[-1] == (50, 50)
    assert [done for done, _ in told] == sorted({done for done, _ in told})


def test_encode_every_embedder_has_a_steady_fingerprint(any_embedder: encode.Embedder) -> None:
    fields = any_embedder.fingerprint.fields
    assert fields["embedder.dim"] == str(any_embedder.dim)
    assert any_embedder.fingerprint == any_embedder.fingerprint
    assert all(isinstance(value, str) for value in fields.values())


def test_encode_fake_counts_characters_and_texts() -> None:
    fake = FakeEmbedder(dim=4)
    # ord("a") = 97 = 1 (mod 4), ord("b") = 98 = 2: counts (0, 2, 1, 0), length √5
    np.testing.assert_allclose(fake.encode_questions(["aab"])[0], np.array([0, 2, 1, 0]) / 5**0.5, rtol=1e-6)
    fake.encode_passages(["a", "b"])
    assert fake.encoded == 3


def test_encode_static_is_the_normalised_mean_of_rows(static_folder: Path) -> None:
    vectors = embedder(str(static_folder)).encode_passages(["猫 狗", "猫 鱼", "猫 猫 鱼 鱼 鱼", "狗 鸟"])
    # (3, 4) / 5; 3 - 2 > 0; 6 - 6 = 0: no direction left; the unknown token adds nothing
    np.testing.assert_allclose(vectors, [[0.6, 0.8], [1, 0], [0, 0], [0, 1]], atol=1e-2)


def test_encode_static_folds_script_width_and_case(static_folder: Path) -> None:
    vectors = embedder(str(static_folder)).encode_passages(["貓 魚 狗", "猫 鱼 狗", "ＸＰＳ", "xps"])
    np.testing.assert_array_equal(vectors[0], vectors[1])
    np.testing.assert_array_equal(vectors[2], vectors[3])
    assert vectors[3].any()


def test_encode_static_counts_many_tokens_as_it_gathers_few(
    static_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["猫 猫 狗 xps", "", "鱼 狗"]
    gathered = embedder(str(static_folder)).encode_passages(texts)
    monkeypatch.setattr(encode, "_GATHERED", 0)
    np.testing.assert_allclose(embedder(str(static_folder)).encode_passages(texts), gathered, atol=1e-6)


def test_encode_static_reads_a_plain_float_table(static_folder: Path, tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    folder = shutil.copytree(static_folder, tmp_path / "plain")
    save_file({"embedding.weight": ROWS.astype(np.float16)}, folder / "model.safetensors")
    np.testing.assert_allclose(embedder(str(folder)).encode_passages(["猫 狗"]), [[0.6, 0.8]], atol=1e-6)


def test_encode_static_fingerprint_follows_the_weights(static_folder: Path, tmp_path: Path) -> None:
    save(ROWS * np.float32([1, 2]), tokenizer(), tmp_path / "other")
    ours, theirs = embedder(str(static_folder)).fingerprint, embedder(str(tmp_path / "other")).fingerprint
    assert set(ours.differences(theirs)) == {"embedder.weights"}
    copied = shutil.copytree(static_folder, tmp_path / "copy")
    assert embedder(str(copied)).fingerprint == ours


def test_encode_fingerprint_differences_names_fields_of_either_side() -> None:
    ours, theirs = Fingerprint({"a": "1", "b": "2"}), Fingerprint({"a": "1", "b": "3", "c": "4"})
    assert ours.differences(theirs) == {"b": ("2", "3"), "c": ("", "4")}


def test_encode_bundled_gives_the_vectors_of_sentence_transformers() -> None:
    from sentence_transformers import SentenceTransformer

    light = embedder()
    texts = [
        "中華人民共和國在北京",
        "XPS-9380发布于2024年3月5日",
        "How do containers share a network?",
        "，。",
        "壹钱包的理财产品有什么风险？" * 40,
        "ＡＢＣ猫",
    ]
    heavy = SentenceTransformer(str(encode._bundled_folder()), device="cpu", local_files_only=True)
    expected = heavy.encode([fold(text) for text in texts])
    np.testing.assert_allclose(light.encode_passages(texts), expected, atol=1e-5)
    assert light.dim == heavy.get_embedding_dimension()


def test_encode_bundled_knows_related_from_unrelated() -> None:
    questions = ["怎么提前还清贷款", "what is a kubernetes pod"]
    passages = [
        "借款人可以申请提前还款，结清全部贷款本息。",
        "Pods are the smallest units that Kubernetes runs.",
        "这道菜要先把鱼煎到两面金黄。",
    ]
    light = embedder("bundled")
    similarity = light.encode_questions(questions) @ light.encode_passages(passages).T
    assert similarity.argmax(axis=1).tolist() == [0, 1]


def test_encode_bundled_takes_a_line_of_a_megabyte() -> None:
    short, long = embedder().encode_passages(["今天天气很好", "今天天气很好" * 180_000])
    np.testing.assert_allclose(long, short, atol=1e-2)


def test_encode_bundled_is_light_and_small() -> None:
    code = (
        "import sys; from embeddings.encode import embedder; embedder().encode_questions(['谁']); "
        "sys.exit(bool({'torch', 'transformers', 'sentence_transformers'} & sys.modules.keys()))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(encode.__file__).parents[1])
    files = [path for path in encode._bundled_folder().parent.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 13_000_000


def test_encode_bundled_may_be_shared_by_threads() -> None:
    light = embedder()
    texts = [f"第{n}篇文章讲的是银行、芯片和天气" for n in range(200)]
    expected = light.encode_passages(texts)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(light.encode_passages, [texts] * 8):
            np.testing.assert_array_equal(found, expected)


def test_encode_sentence_transformers_uses_prompts(transformer_folder: Path) -> None:
    model = embedder(str(transformer_folder), batch_size=1)
    assert isinstance(model, SentenceTransformerEmbedder)
    np.testing.assert_allclose(model.encode_passages(["猫"]), [[1, 0]], atol=1e-6)
    np.testing.assert_allclose(model.encode_questions(["猫"]), [[0.6, 0.8]], atol=1e-6)  # "狗 猫"
    assert json.loads(model.fingerprint.fields["embedder.prompts"]) == {"query": "狗 "}


def test_encode_a_static_model_that_was_not_folded_is_not_folded(transformer_folder: Path) -> None:
    model = embedder(str(transformer_folder))
    assert not isinstance(model, StaticEmbedder)
    assert not model.encode_passages(["XPS"]).any()


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("content", [None, b"", b"\x00\x01not a model", b"{}"])
def test_encode_static_broken_files_are_named(
    static_folder: Path, tmp_path: Path, name: str, content: bytes | None
) -> None:
    folder = shutil.copytree(static_folder, tmp_path / "broken")
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    with pytest.raises(ModelError, match=name) as caught:
        embedder(str(folder))
    assert caught.value.name == str(folder)
    assert caught.value.mend


def test_encode_static_rows_and_tokens_must_agree(static_folder: Path, tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    folder = shutil.copytree(static_folder, tmp_path / "short")
    save_file({"embeddings": ROWS[:3]}, folder / "model.safetensors")
    with pytest.raises(ModelError, match="5 tokens, but 3 rows"):
        embedder(str(folder))


def test_encode_an_unknown_name_touches_no_network_and_says_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import socket

    def refuse(*arguments: object) -> None:
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with pytest.raises(ModelError, match="hf download nobody/no-such-model"):
        embedder("nobody/no-such-model")


def test_encode_a_folder_is_named_so_that_it_is_found_from_anywhere(
    static_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(static_folder.parent)
    assert embedder(static_folder.name).name == str(static_folder.resolve())


def test_encode_a_missing_folder_is_no_hub_name(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such folder"):
        embedder(str(tmp_path / "nowhere"))


def test_encode_a_folder_without_a_model_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("nothing", "utf-8")
    with pytest.raises(ModelError, match="not a sentence-transformers model"):
        embedder(str(tmp_path))
