"""An engine without models: it finds the sentence that shares most characters with the question."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from embeddings.article import Article, Metadata, Passage, Span
from embeddings.chunk import sentences, split
from embeddings.encode import Fingerprint
from embeddings.errors import QuestionError
from qa.reply import Answer, Hit, Reply, Source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from embeddings.library import Library
    from qa.conversation import Exchange
    from qa.where import Where


@dataclass(frozen=True)
class FakeRow:
    id: str
    title: str
    source: str
    author: str
    date: str
    tags: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    root: str = ""


class FakeView:
    """Enough of a snapshot: articles in the order given."""

    def __init__(self, held: Mapping[str, Article], revision: int) -> None:
        self.held = dict(held)
        self.revision = revision
        self.embedder = Flat("flat")
        self.segmenter = "jieba"

    def __len__(self) -> int:
        return len(self.held)

    def articles(self) -> list[FakeRow]:
        return [
            FakeRow(
                a.id, a.title, a.source, a.metadata.author, a.metadata.date, a.metadata.tags,
                a.metadata.categories,
            )
            for a in self.held.values()
        ]  # fmt: skip

    def article(self, article_id: str) -> Article:
        return self.held[article_id]


class FakeLibrary:
    def __init__(self, articles: list[Article], path: Path = Path("nowhere")) -> None:
        self.path = path
        self.held = {article.id: article for article in articles}
        self.revision = 1

    def snapshot(self) -> FakeView:
        return FakeView(self.held, self.revision)


class FakeEngine:
    """Answers with a whole sentence, or with what stands for the question in ``phrases``.

    Less than ``enough`` of the question's characters in any sentence: no answer.
    """

    def __init__(
        self, library: FakeLibrary | Library, phrases: Mapping[str, str] | None = None, enough: float = 0.5
    ) -> None:
        self.library = library
        self.phrases = dict(phrases or {})
        self.enough = enough
        self.asked: list[str] = []
        self.told: list[tuple[Exchange, ...]] = []

    def ask(self, question: str, conversation: Sequence[Exchange] = (), where: Where | None = None) -> Reply:
        self.asked.append(question)
        self.told.append(tuple(conversation))
        if not question.strip():
            raise QuestionError("the question is empty")
        if len(question) > 2000:
            raise QuestionError("the question is too long")
        wanted = {char for char in question if char.isalnum()}
        found = []
        view = self.library.snapshot()
        for article in [view.article(row.id) for row in view.articles()]:
            for chunk in split(article):
                inside = sentences(chunk.span.of(article.text))
                shares = [
                    (len(wanted & set(s.of(chunk.span.of(article.text)))) / max(len(wanted), 1), -s.start, s)
                    for s in inside
                ]
                if shares:
                    share, _, best = max(shares)
                    found.append((share, article, chunk, best.shifted(chunk.span.start)))
        found.sort(key=lambda entry: -entry[0])
        hits, answers = [], []
        for number, (share, article, chunk, sentence) in enumerate(found[:3]):
            passage = Passage(number, article.id, chunk.span, chunk.headings)
            hits.append(Hit(passage, chunk.span.of(article.text), share, number + 1, None, share))
            if share >= self.enough:
                answers.append(self._answer(question, share, article, passage, sentence))
        return Reply(question, question, bool(answers), tuple(answers), tuple(hits))

    def _answer(
        self, question: str, share: float, article: Article, passage: Passage, sentence: Span
    ) -> Answer:
        span = sentence
        phrase = self.phrases.get(question, "")
        if phrase and phrase in sentence.of(article.text):
            start = article.text.index(phrase, sentence.start)
            span = Span(start, start + len(phrase))
        source = Source(article, span, sentence, passage)
        return Answer(span.of(article.text), sentence.of(article.text), share, (source,))


def article(name: str, text: str, title: str = "", **metadata: str) -> Article:
    return Article(name, title or name, text, f"{name}.md", Metadata(**metadata))


class Flat:
    """An embedder for which every text is the same."""

    dim = 2

    def __init__(self, name: str) -> None:
        self.name = name
        self.fingerprint = Fingerprint({"embedder.name": name})

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
        return np.tile(np.array([[1, 0]], dtype=np.float32), (len(texts), 1))

    encode_questions = encode_passages
