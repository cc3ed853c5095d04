"""The golden questions are well formed, and their answers stand where they say."""

import json
from pathlib import Path

import pytest

from embeddings.load import load

GOLDEN = Path(__file__).parent / "golden"
SAMPLES = Path(__file__).parents[1] / "qa" / "samples"
SHARED = Path(__file__).parents[2] / "shared" / "data"


def rows(name):
    return [json.loads(line) for line in (GOLDEN / f"{name}.jsonl").read_text("utf-8").splitlines()]


def pieces(name):
    return [(row, p) for row in rows(name) for alternative in row["answers"] for p in alternative]


def test_golden_sample_answers_stand_at_their_offsets():
    texts = {f"samples/{path.name}": load(path).text for path in SAMPLES.glob("*.md")}
    quoted = [piece for _, piece in pieces("samples") if "quote" in piece]
    assert len(quoted) > 250
    for piece in quoted:
        assert texts[piece["article"]][piece["start"] : piece["end"]] == piece["quote"]


def test_golden_blog_answers_stand_at_their_offsets():
    texts = {
        f"blogs/{path.parent.name}/{path.name}": load(path).text for path in (GOLDEN / "blogs").glob("*/*.md")
    }
    quoted = [piece for _, piece in pieces("blogs") if "quote" in piece]
    assert len(texts) == 120
    assert len(quoted) > 700
    for piece in quoted:
        assert texts[piece["article"]][piece["start"] : piece["end"]] == piece["quote"]


@pytest.mark.parametrize("name", ["samples", "shared", "fresh", "blogs"])
def test_golden_no_article_is_in_both_parts(name):
    held = {}
    for row, piece in pieces(name):
        if "article" in piece and row["kind"] != "library":  # those ask of the whole collection
            held.setdefault(piece["article"], set()).add(row["part"])
    assert held
    assert all(len(parts) == 1 for parts in held.values())


@pytest.mark.parametrize("name", ["samples", "shared", "fresh", "blogs"])
def test_golden_conversations_open_with_a_question_of_their_own(name):
    seen = set()
    for row in rows(name):
        if row.get("conversation"):
            assert (row["kind"] != "followup") == (row["conversation"] not in seen)
            assert row["kind"] != "followup" or row["standalone"]
            seen.add(row["conversation"])
    assert len(seen) >= 12


@pytest.mark.parametrize(
    ("name", "file", "count"), [("shared", "articles.json", 24), ("fresh", "fresh.json", 47)]
)
def test_golden_shared_articles_hold_their_answers(name, file, count):
    if not SHARED.exists():
        pytest.skip("needs the folder of shared data beside the checkout")
    from benchmarks.golden import shared_articles

    texts = {article.id: article.text for article in shared_articles(SHARED, file)}
    assert len(texts) == count
    for _, piece in pieces(name):
        if "start" in piece:
            answer = texts[piece["article"]][piece["start"] : piece["end"]]
            assert answer == answer.strip() != ""
