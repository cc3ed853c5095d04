import re

import pytest

from embeddings.errors import ModelError
from embeddings.words import fold, stem
from qa import synonyms as module
from qa.synonyms import synonyms


def test_synonyms_of_any_form():
    assert "修建" in synonyms("建造")
    assert "purchas" in synonyms("buying")
    assert synonyms("没有这样的一个词") == ()


def test_synonyms_by_hand(monkeypatch, tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "synonyms.tsv").write_text("买\t购买 购\nbuy\tpurchas\n", encoding="utf-8")
    monkeypatch.setattr(module.resources, "files", lambda _: tmp_path)
    module._table.cache_clear()
    try:
        assert synonyms("买") == ("购买", "购")
        assert synonyms("buys") == ("purchas",)
        (tmp_path / "models" / "synonyms.tsv").write_text("买 购买\n", encoding="utf-8")
        module._table.cache_clear()
        with pytest.raises(ModelError, match="synonyms"):
            synonyms("买")
    finally:
        module._table.cache_clear()


def test_synonyms_table_names_each_pair_twice():
    file = module.resources.files("qa") / "models" / "synonyms.tsv"
    lines = [line.split("\t") for line in file.read_text("utf-8").splitlines()]
    table = {word: others.split(" ") for word, others in lines}
    assert [word for word, _ in lines] == sorted(table)
    for word, others in table.items():
        assert word not in others
        assert len(others) == len(set(others))
        for other in others:
            assert re.fullmatch("[\u4e00-\u9fff]{1,12}|[a-z]+", other)
            assert fold(other) == other
            assert word in table[other]
    assert sum(stem(word) != word for word in table if word.isascii()) < 0.05 * len(table)
