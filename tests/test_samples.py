"""The sample articles and the questions that go with them."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from embeddings.words import fold

SAMPLES = Path(__file__).parents[1] / "qa" / "samples"
FILES = sorted(SAMPLES.glob("*.md"))
QUESTIONS = json.loads((SAMPLES / "questions.json").read_text("utf-8"))
CHECKS = QUESTIONS["checks"]
HAN = re.compile(r"[一-鿿]")


class Sample(NamedTuple):
    front: dict[str, Any]
    body: str

    @property
    def language(self) -> str:
        return "zh" if len(HAN.findall(self.body)) > 100 else "en"


def read(path: Path) -> Sample:
    opening, front, body = re.split(r"^---$", path.read_text("utf-8"), maxsplit=2, flags=re.MULTILINE)
    assert opening == ""
    return Sample(yaml.safe_load(front), body.replace("*", ""))


ARTICLES = {path.name: read(path) for path in FILES}


@pytest.mark.parametrize("name", ARTICLES)
def test_samples_front_matter_names_title_author_date_and_subject(name: str) -> None:
    front = ARTICLES[name].front
    assert isinstance(front["title"], str)
    assert isinstance(front["author"], str)
    assert isinstance(front["date"], date | datetime)
    assert 2018 <= front["date"].year <= 2025
    assert len(front["tags"]) >= 2
    assert len(front["categories"]) == 1


@pytest.mark.parametrize("name", ARTICLES)
def test_samples_are_of_a_blog_articles_length_with_headings(name: str) -> None:
    sample = ARTICLES[name]
    if sample.language == "zh":
        assert 500 <= len(HAN.findall(sample.body)) <= 1500
    else:
        assert 350 <= len(sample.body.split()) <= 800
    assert len(re.findall(r"^## ", sample.body, re.MULTILINE)) >= 3


def test_samples_titles_are_unique_and_one_author_wrote_two() -> None:
    titles = [sample.front["title"] for sample in ARTICLES.values()]
    assert len(set(titles)) == len(titles) == 12
    authors = Counter(sample.front["author"] for sample in ARTICLES.values())
    assert [name for name, count in authors.items() if count > 1] == ["陆远山"]
    assert authors["陆远山"] == 2


def test_samples_are_eight_chinese_one_traditional_and_four_english() -> None:
    assert Counter(sample.language for sample in ARTICLES.values()) == {"zh": 8, "en": 4}
    traditional = []
    for name, sample in ARTICLES.items():
        han = "".join(HAN.findall(sample.body))
        changed = sum(a != b for a, b in zip(han, fold(han), strict=True))
        if han and changed / len(han) > 0.1:
            traditional.append(name)
    assert traditional == ["dujiangyan.md"]
    assert sum(bool(HAN.search(name)) for name in ARTICLES) == 2


@pytest.mark.parametrize(
    ("what", "pattern", "least"),
    [
        ("table", r"^\| --- \|", 2),
        ("bulleted list", r"^- ", 4),
        ("numbered list", r"^1\. ", 4),
        ("quotation", r"^> ", 3),
        ("read-more mark", r"^<!-- more -->$", 2),
        ("image", r"!\[[^\]]+\]\([^)]+\)", 1),
        ("code block", r"^```python$", 1),
        ("link", r"(?<!!)\[[^\]]+\]\(https?://[^)]+\)", 1),
    ],
)
def test_samples_show_what_blogs_hold(what: str, pattern: str, least: int) -> None:
    holding = [name for name, sample in ARTICLES.items() if re.search(pattern, sample.body, re.MULTILINE)]
    assert len(holding) >= least, f"{what}: only in {holding}"


def test_samples_hold_a_link_in_front_matter() -> None:
    assert any(sample.front.get("link", "").startswith("http") for sample in ARTICLES.values())


def test_samples_tell_one_fact_twice() -> None:
    fact = "2022年2月4日，北京冬奥会开幕"
    told = {name for name, sample in ARTICLES.items() if fact in sample.body}
    assert told == {"二十四节气.md", "京张铁路.md"}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check["question"])
def test_samples_every_answer_stands_in_its_article(check: dict[str, str]) -> None:
    sample = ARTICLES[check["article"]]
    if check["kind"] == "metadata":
        front = sample.front
        day = front["date"].strftime("%Y-%m-%d")
        assert check["answer"] in (front["title"], front["author"], day, front.get("link"))
    else:
        assert check["answer"] in sample.body
        assert check["answer"] not in check["question"]
    if check["kind"] == "sentence":
        assert check["answer"].rstrip("”")[-1] in "。.：:"


def test_samples_questions_are_many_distinct_and_not_the_articles_own_words() -> None:
    asked = [check["question"] for check in CHECKS] + QUESTIONS["unanswerable"]
    assert len(set(asked)) == len(asked)
    assert len(CHECKS) >= 60
    assert len(QUESTIONS["unanswerable"]) >= 25
    assert set(Counter(check["kind"] for check in CHECKS)) == {"phrase", "sentence", "list", "metadata"}
    assert {check["article"] for check in CHECKS} == set(ARTICLES)
    for question in asked:
        assert not any(question.rstrip("？?") in sample.body for sample in ARTICLES.values()), question


def test_samples_checks_are_split_by_article() -> None:
    splits = {name: {c["split"] for c in CHECKS if c["article"] == name} for name in ARTICLES}
    assert Counter(map(tuple, splits.values())) == {("dev",): 6, ("test",): 6}


def test_samples_examples_are_questions_that_the_articles_answer() -> None:
    examples = QUESTIONS["examples"]
    assert 12 <= len(examples) <= 16
    language = {check["question"]: ARTICLES[check["article"]].language for check in CHECKS}
    assert all(language[example["question"]] == example["lang"] for example in examples)
    assert {example["lang"] for example in examples} == {"zh", "en"}
