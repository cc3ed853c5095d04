import json
from itertools import pairwise

import pytest

from embeddings.article import Span
from embeddings.errors import ModelError
from qa.hf_reader import HuggingFaceReader


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    transformers = pytest.importorskip("transformers")
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    place = tmp_path_factory.mktemp("model")
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"长江在哪里黄河北方南。？"]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]", model_max_length=64,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    ).save_pretrained(place)  # fmt: skip
    config = transformers.BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
    )
    transformers.BertForQuestionAnswering(config).save_pretrained(place)
    assert json.loads((place / "config.json").read_text())["architectures"] == ["BertForQuestionAnswering"]
    return place


def test_hf_reader_spans_are_slices_and_windows_reach_the_end(folder):
    reader = HuggingFaceReader(str(folder))
    long = "长江在南方。" * 60
    readings = reader.read("黄河在哪里？", ["黄河在北方。", long, ""])
    assert len(readings) == 3
    for reading, text in zip(readings, ["黄河在北方。", long, ""], strict=True):
        assert all(0 <= span.start < span.end <= len(text) for span, _ in reading.spans)
        logits = [logit for _, logit in reading.spans]
        assert logits == sorted(logits, reverse=True)
    assert readings[2].spans == ()
    assert max(int(part.end.max()) for part in readings[1].evidence) == len(long)
    masses = readings[0].sentence_mass([Span(0, 6), Span(0, 2)])
    assert masses[0] > masses[1]


def test_hf_reader_takes_a_question_longer_than_its_window(folder):
    (reading,) = HuggingFaceReader(str(folder)).read("长江" * 200, ["黄河在北方。"])
    assert reading.spans


def test_hf_reader_names_a_model_that_is_not_here(tmp_path):
    with pytest.raises(ModelError, match="allow-download"):
        HuggingFaceReader(str(tmp_path / "none"))


def test_hf_reader_refuses_a_model_without_answer_weights(folder, tmp_path):
    transformers = pytest.importorskip("transformers")
    transformers.AutoTokenizer.from_pretrained(folder).save_pretrained(tmp_path)
    transformers.BertModel(transformers.AutoConfig.from_pretrained(folder)).save_pretrained(tmp_path)
    with pytest.raises(ModelError, match=r"not trained to answer questions: it lacks qa_outputs\.bias"):
        HuggingFaceReader(str(tmp_path))


def test_hf_reader_windows_overlap_and_see_every_token(folder):
    text = "长江在南方。" * 60
    evidence = HuggingFaceReader(str(folder)).read("黄河？", [text])[0].evidence
    assert len(evidence) > 5
    assert {int(place) for part in evidence for place in part.start} == set(range(len(text)))
    for before, after in pairwise(evidence):
        assert after.start[0] < before.end[-1]


def test_hf_reader_null_is_the_first_tokens_and_the_smallest_of_the_windows(folder):
    import torch

    reader = HuggingFaceReader(str(folder))
    held = reader._tokenizer("黄河？", "长江在南方。", return_tensors="pt")
    with torch.no_grad():
        output = reader._model(**held)
    null = float(output.start_logits[0, 0] + output.end_logits[0, 0])
    (reading,) = reader.read("黄河？", ["长江在南方。"])
    assert reading.null == pytest.approx(null, abs=1e-5)
    # [CLS] 黄 河 ？ [SEP] 长: the passage's first character is token 5.
    first = float(output.start_logits[0, 5] + output.end_logits[0, 5])
    assert reading.evidence[0].margins[0, 0] == pytest.approx(first - null, abs=1e-5)


@pytest.mark.parametrize("text", ["黄河\ud800在北方。", "\udcff", "𠮷é\u200d黄河", "\x00黄"])
def test_hf_reader_takes_any_string(folder, text):
    reader = HuggingFaceReader(str(folder))
    (reading,) = reader.read(text, [text])
    assert all(0 <= span.start < span.end <= len(text) for span, _ in reading.spans)
    assert reader.read("谁？", []) == []
