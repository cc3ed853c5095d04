import re

import pytest

from embeddings.errors import ModelError
from embeddings.words import fold
from qa import synonyms as module
from qa.synonyms import synonyms


def test_synonyms_of_a_line_come_before_those_whose_lines_name_it():
    assert "修建" in synonyms("建造")
    assert "建造" in synonyms("修建")
    assert synonyms("没有这样的一个词") == ()


def test_synonyms_by_hand(monkeypatch, tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "synonyms.tsv").write_text(
        "买\t购买 购\n购置\t买 购\nbuy\tpurchas bought\n", encoding="utf-8"
    )
    monkeypatch.setattr(module.resources, "files", lambda _: tmp_path)
    module._table.cache_clear()
    try:
        assert synonyms("买") == ("购买", "购", "购置")
        assert synonyms("购") == ("买", "购置")
        assert synonyms("buying") == ("purchas", "bought")
        assert synonyms("purchases") == ("buy",)
        (tmp_path / "models" / "synonyms.tsv").write_text("买 购买\n", encoding="utf-8")
        module._table.cache_clear()
        with pytest.raises(ModelError, match="synonyms"):
            synonyms("买")
    finally:
        module._table.cache_clear()


def test_synonyms_table_is_as_it_should_be():
    lines = [
        line.split("\t")
        for line in (module.resources.files("qa") / "models" / "synonyms.tsv").read_text("utf-8").splitlines()
    ]
    words = [word for word, _ in lines]
    assert words == sorted(set(words))
    for word, others in lines:
        found = others.split(" ")
        assert word not in found
        assert len(found) == len(set(found)) <= 10
        assert all(
            re.fullmatch("[\u4e00-\u9fff]{1,6}|[a-z-]+", other) and fold(other) == other for other in found
        )
