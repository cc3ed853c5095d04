import numpy as np
import pytest

from embeddings.article import Span
from embeddings.chunk import sentences
from embeddings.errors import ModelError
from qa.encoder_reader import WINDOW, EncoderReader, windows

TEXT = "京张铁路由詹天佑主持修建，1909年建成通车。全长约200公里。"


@pytest.fixture(scope="module")
def reader():
    return EncoderReader()


@pytest.mark.parametrize(
    ("question", "words"),
    [("京张铁路是谁主持修建的？", "詹天佑"), ("京张铁路哪年通车？", "1909年"), ("铁路多长？", "200公里")],
)
def test_encoder_reader_marks_the_words_that_answer(reader, question, words):
    (reading,) = reader.read(question, [TEXT])
    assert words in reading.spans[0][0].of(TEXT)
    assert reading.spans[0][1] > reading.null


def test_encoder_reader_says_nothing_where_nothing_is_said(reader):
    asked = "京张铁路的门票多少钱？"
    there, other = reader.read("京张铁路哪年通车？", [TEXT, "今天天气很好，公园里人不多。"])
    (lacking,) = reader.read(asked, [TEXT])
    assert other.spans[0][1] < other.null
    assert there.spans[0][1] - there.null > lacking.spans[0][1] - lacking.null


def test_encoder_reader_reads_several_as_it_reads_each_alone(reader):
    texts = [TEXT, "", "詹天佑是工程师。" * 60, " "]
    together = reader.read("谁修了京张铁路？", texts, ["京张铁路", "", "詹天佑", ""])
    for text, title, reading in zip(texts, ["京张铁路", "", "詹天佑", ""], together, strict=True):
        (alone,) = reader.read("谁修了京张铁路？", [text], [title])
        assert alone == reading
    assert together[1].spans == together[3].spans == ()


def test_encoder_reader_mass_of_a_sentence_is_that_of_the_spans_in_it(reader):
    (reading,) = reader.read("京张铁路哪年通车？", [TEXT])
    first, second = reading.sentence_mass(sentences(TEXT))
    assert first > second
    best = reading.spans[0][1] - reading.null
    assert best <= first + 1e-4


@pytest.mark.parametrize(
    "hostile", ["\ud800長\udcff", "👨‍👩‍👧國 iPhone", "\r\n", "é\x00がe\u0301", "甲" * 3000]
)
def test_encoder_reader_spans_lie_in_any_text(reader, hostile):
    for found in reader.read(hostile, [hostile, TEXT], [hostile, ""]):
        assert all(0 <= span.start < span.end <= max(len(hostile), len(TEXT)) for span, _ in found.spans)


def test_encoder_reader_windows_cover_all_and_begin_at_sentences():
    text = "一二三四五六七八九。" * 100
    offsets = np.array([(i, i + 1) for i in range(len(text))], np.int32)
    found = windows(offsets, text, 300)
    assert [(part.start, part.stop) for part in found] == [(0, 300), (300, 600), (600, 900), (900, 1000)]
    assert windows(offsets[:300], text[:300], 300) == [slice(0, 300)]


def test_encoder_reader_a_long_passage_is_read_to_its_end(reader):
    text = "今天公园里人不多，风很大。" * 60 + TEXT
    assert len(text) > 2 * WINDOW
    (reading,) = reader.read("京张铁路哪年通车？", [text])
    start = text.index("1909")
    assert reading.spans[0][0].contains(Span(start, start + 4))


def test_encoder_reader_missing_or_broken_files_are_named(tmp_path):
    with pytest.raises(ModelError, match=r"reader\.onnx is missing"):
        EncoderReader(tmp_path).read("谁？", [TEXT])
    (tmp_path / "reader.onnx").write_bytes(b"broken")
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be read"):
        EncoderReader(tmp_path).read("谁？", [TEXT])
