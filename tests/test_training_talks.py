from __future__ import annotations

import json
import lzma
from typing import TYPE_CHECKING

import pytest

from embeddings.article import Span
from embeddings.errors import ModelError
from qa.joint import spoken_of
from qa.training import natural
from qa.training import talks as module
from qa.training.split import PARTS
from qa.training.talks import Talk, Turn, followed, talks

if TYPE_CHECKING:
    from pathlib import Path

PRICE = "顶配卖12999卢比。"
TEXT = f"POCO M6发布了。{PRICE}" + "机身很轻。" * 60 + "颜色有紫色和黑色。"


def turn(question: str, answer: str, written: str = "") -> Turn:
    at = TEXT.index(answer) if answer else 0
    return Turn(question, written or question, Span(at, at + len(answer)) if answer else None)


FIRST = turn("POCO M6顶配卖多少？", "12999卢比")
COLOURS = turn("什么颜色？", "紫色和黑色", "POCO M6有什么颜色？")
WEIGHT = turn("重多少克？", "", "POCO M6重多少克？")


def test_training_talks_rivals_are_of_the_article_the_answer_before_is_told() -> None:
    (group,) = followed([Talk("a/1", "POCO M6发布", TEXT, (FIRST, COLOURS))])
    assert group.question == "什么颜色？"
    assert {rival.heading for rival in group.rivals} == {spoken_of("POCO M6顶配卖多少？", "12999卢比")}
    first, second, *others = group.rivals
    assert [first.text[a:b] for a, b in first.answers] == ["紫色和黑色"]
    # Then what stands nearest to the answer before.
    assert PRICE in second.text
    assert not any(rival.answers for rival in (second, *others))


def test_training_talks_of_what_is_not_answered_no_stretch_answers() -> None:
    weight, colours = followed([Talk("a/1", "", TEXT, (FIRST, WEIGHT, COLOURS))])
    assert weight.question == "重多少克？"
    assert not any(rival.answers for rival in weight.rivals)
    assert PRICE in weight.rivals[0].text
    assert len(weight.rivals) == len(colours.rivals)
    assert colours.rivals[0].heading == spoken_of("POCO M6重多少克？", "")
    assert [bool(rival.answers) for rival in colours.rivals] == [True, *[False] * (len(colours.rivals) - 1)]


def test_training_talks_are_read_by_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, english = tmp_path / "asked", {"set": "en", "id": "e", "title": "Keeper", "text": "Ann kept it."}
    own.mkdir()
    (tmp_path / "articles").mkdir()
    with lzma.open(tmp_path / "articles" / "lctt_tech.jsonl.xz", "wt", encoding="utf-8") as file:
        file.write(json.dumps({"id": "1", "title": "手机", "text": TEXT}, ensure_ascii=False) + "\n")
    at = FIRST.answer
    assert at
    chinese = {"set": "lctt_tech", "id": "1", "part": "fit", "turns": [["卖多少？", at.start, at.end], ["多重？", "POCO多重？"]]}  # fmt: skip
    told = {"set": "en", "id": "e", "part": "learn", "turns": [["Who kept it?", 0, 3], ["why?", "Why?"]]}
    for name, held in (("talks", [chinese, told]), ("en", [english])):
        lines = [json.dumps(line, ensure_ascii=False) for line in held]
        (own / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(module, "HERE", own)
    fit, learn = talks(tmp_path, ["fit"]), talks(tmp_path, ["learn"])
    assert [(talk.article, talk.title) for talk in fit] == [("lctt_tech/1", "手机")]
    assert fit[0].turns == (Turn("卖多少？", "卖多少？", at), Turn("多重？", "POCO多重？", None))
    assert [turn.answer.of(talk.text) for talk in learn for turn in talk.turns if turn.answer] == ["Ann"]


def test_training_talks_those_of_the_repository_are_whole() -> None:
    """That each answer lies in its article was checked where the articles are; here what needs none of them."""
    lines = [json.loads(line) for line in natural.lines_of(natural.HERE / "talks.jsonl")]
    assert {line["part"] for line in lines} <= set(PARTS)
    for line in lines:
        first, *others = line["turns"]
        assert len(others) > 0
        for said, held in [(1, first), *((2, other) for other in others)]:
            words, range_ = held[:said], held[said:]
            assert all(word.strip() for word in words)
            assert len(range_) in (0, 2)
            assert not range_ or 0 <= range_[0] < range_[1]


def test_training_talks_that_are_missing_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HERE", tmp_path)
    with pytest.raises(ModelError, match="repository only"):
        talks(tmp_path)
