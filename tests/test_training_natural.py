import json
import lzma

import pytest

from embeddings.errors import ModelError
from qa.training import natural
from qa.training.natural import ARTICLE
from qa.training.split import PARTS, natural_part

TEXT = "开头。平安付成立于2012年。结尾。"


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A folder with one article of which a stretch was asked, and an English article of ours."""
    (tmp_path / "articles").mkdir()
    with lzma.open(tmp_path / "articles" / "news.jsonl.xz", "wt", encoding="utf-8") as file:
        for name in ("other", "one"):
            file.write(
                json.dumps({"id": name, "title": "题", "text": TEXT if name == "one" else "别的"}) + "\n"
            )
    here = tmp_path / "asked"
    here.mkdir()
    asked = [["phrase", "平安付哪年有的？", 9, 14], ["none", "谁办的平安付？"]]
    chinese = {"set": "news", "id": "one", "start": 3, "end": 15, "questions": asked}
    english = {"set": "en", "id": "000", "title": "A", "author": "B", "text": "It cost $3.", "questions": [["phrase", "How much?", 8, 10]]}  # fmt: skip
    for name, line in (("zh", chinese), ("en", english)):
        (here / f"{name}.jsonl").write_text(json.dumps(line, ensure_ascii=False) + "\n", encoding="utf-8")
    monkeypatch.setattr(natural, "HERE", here)
    return tmp_path


def test_training_natural_of_a_stretch(toy):
    first, second, third = natural.natural(toy)
    assert first.context == "平安付成立于2012年。"
    assert first.answers == (("2012年", 6),)
    assert second.answers == ()
    assert (third.context, third.answers) == ("It cost $3.", (("$3", 8),))


def test_training_natural_of_an_article(toy):
    first = natural.natural(toy, of=ARTICLE)[0]
    assert first.context == TEXT
    assert first.answers == (("2012年", 9),)


def test_training_natural_parts_do_not_overlap(toy):
    found = [{e.id for e in natural.natural(toy, [part])} for part in PARTS]
    assert sum(map(len, found)) == 3 == len(set.union(*found))


@pytest.mark.parametrize("part", PARTS)
def test_training_natural_a_line_may_name_its_part(toy, part):
    path = toy / "asked" / "en.jsonl"
    line = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(line | {"part": part}) + "\n", encoding="utf-8")
    assert "How much?" in [e.question for e in natural.natural(toy, [part])]


def test_training_natural_no_article_of_ours_is_in_two_parts():
    files = [natural.HERE / f"{name}.jsonl" for name in ("zh", "en", "talks")]
    lines = [line for file in files for line in natural.lines_of(file)]
    parts = {}
    for line in map(json.loads, lines):
        parts.setdefault((line["set"], line["id"]), set()).add(natural._part(line))
    assert all(len(found) == 1 for found in parts.values())


def test_training_natural_split_is_seventy_fifteen_fifteen():
    held = [natural_part(f"set/{number}") for number in range(4000)]
    shares = [held.count(part) / len(held) for part in PARTS]
    assert shares == pytest.approx([0.7, 0.15, 0.15], abs=0.03)


def test_training_natural_missing_articles_are_named(toy):
    (toy / "articles" / "news.jsonl.xz").unlink()
    with pytest.raises(ModelError, match=r"news\.jsonl\.xz"):
        natural.natural(toy)


def test_training_natural_every_range_of_ours_is_words():
    for line in (natural.HERE / "en.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        for kind, question, *range_ in row["questions"]:
            assert question.strip()
            assert bool(range_) == (kind != "none")
            if range_:
                answer = row["text"][slice(*range_)]
                assert answer
                assert answer == answer.strip()
