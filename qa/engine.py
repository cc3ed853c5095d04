"""Asking: from a question to a reply. The only thing the page and the terminal call."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from embeddings.article import Span
from embeddings.encode import embedder as load_embedder
from embeddings.library import Library
from embeddings.words import fold, numbers, words
from qa.about import about, chosen, lacking, values
from qa.bilingual import bridged, others, widened
from qa.candidates import ReadablePassage, candidates
from qa.catalog import LISTED, selected, wanted
from qa.compound import parts
from qa.confidence import bundled_confidence, signals
from qa.config import Config
from qa.conversation import standalone
from qa.cues import told
from qa.enumeration import items_after
from qa.pinyin import names
from qa.question import analyse
from qa.reader import reader as load_reader
from qa.reply import Answer, Reply, Source
from qa.retriever import Retriever
from qa.smalltalk import remark
from qa.spelling import corrected
from qa.where import both

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from embeddings.article import Article
    from embeddings.library import Snapshot
    from qa.about import About
    from qa.candidates import Candidate
    from qa.catalog import Wanted
    from qa.confidence import Confidence
    from qa.conversation import Exchange
    from qa.question import Question
    from qa.reader import Reader
    from qa.reply import Hit
    from qa.where import Where

NOWHERE = Span(0, 0)


class Engine:
    """Answers questions from one library; safe to ask from many threads."""

    def __init__(
        self,
        library: Library,
        reader: Reader | None = None,
        config: Config | None = None,
        confidence: Confidence | None = None,
    ) -> None:
        self.library = library
        self.config = config or Config()
        self.retriever = Retriever(library, self.config)
        self._reader = reader or load_reader()
        self._confidence = confidence or bundled_confidence()

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        embedder: str | None = None,
        reader: str | None = None,
        config: Config | None = None,
        allow_download: bool = False,
    ) -> Engine:
        """An engine over the library at ``path``.

        ``embedder`` and ``reader`` name models other than those the library was made with and the
        bundled one; only with ``allow_download`` is a model fetched. LibraryError and ModelError say
        what is wrong.
        """
        model = load_embedder(embedder, allow_download=allow_download) if embedder else None
        return cls(Library.open(path, model), load_reader(reader, allow_download=allow_download), config)

    def ask(self, question: str, conversation: Sequence[Exchange] = (), where: Where | None = None) -> Reply:
        """The reply to ``question``; QuestionError when it is empty or too long.

        A follow-up is written out by what was said before in ``conversation`` (``qa.conversation``); of
        two readings of it the one that is answered more surely counts. ``where`` restricts the articles;
        what the question itself says of them ("2019年的文章里…") is added to it.
        """
        civil = remark(question, talking=bool(conversation))
        if civil:
            return Reply(question, question.strip(), answered=False, answers=(), hits=(), remark=civil)
        analyse(question)
        view = self.library.snapshot()
        last = conversation[-1].article if conversation else ""
        readings = standalone(question, conversation)[:READINGS]
        replies = [self._reply(question, reading, view, where, last) for reading in readings]
        best = max(replies, key=_surest)
        several = self._several(question, best.standalone_question, view, where)
        if several:
            return several
        if best.hits and not any(answer.field for answer in best.answers):
            better = self._corrected(best, view)
            if better:
                other = replace(self._reply(question, better, view, where, last), did_you_mean=better)
                needed = _surest(best) + (0.0 if _surest(other) >= SURE else SURER)
                best = other if _surest(other) >= needed else best
        return best

    def _several(self, question: str, reading: str, view: Snapshot, where: Where | None) -> Reply | None:
        """The reply to a question that asks several things at once; None where it asks one, or one of them
        is not answered.
        """
        asked = parts(reading)
        replies = [self._reply(question, part, view, where, "") for part in asked]
        if not replies or not all(reply.answers for reply in replies):
            return None
        hits = {hit.passage.id: hit for reply in reversed(replies) for hit in reply.hits}
        return replace(
            replies[0],
            standalone_question=reading.strip(),
            answers=tuple(
                replace(reply.answers[0], part=part) for part, reply in zip(asked, replies, strict=True)
            ),
            hits=tuple(reversed(hits.values())),
            timings={name: sum(reply.timings[name] for reply in replies) for name in replies[0].timings},
        )

    def _reply(self, question: str, reading: str, view: Snapshot, where: Where | None, last: str) -> Reply:
        begun = time.perf_counter()
        rows = view.rows
        listed = wanted(reading, rows, where)
        restricted, rest = told(reading, rows)
        where = both(where, restricted)
        asked = bridged(analyse(rest or reading), view.lacks, lambda: _titles(view))
        hits = self.retriever.search(asked, self.config.read, view, where)
        searched = time.perf_counter()
        said_instead = ""
        if listed:
            answers = self._listed(listed, view)
        else:
            titles = [view.article(hit.passage.article_id).title for hit in hits]
            field = about(asked.text, titles)
            article = self._meant(field, hits, view, last) if field else None
            answers = self._about(field, article, view) if field and article else []
            if not answers and field and (field.named or not field.topic):
                said_instead = lacking(asked.text, field, article)
            elif not answers:
                answers = self._read(asked, hits, view)
        done = time.perf_counter()
        return Reply(
            question=question,
            standalone_question=reading.strip(),
            answered=bool(answers),
            answers=tuple(answers),
            hits=tuple(hits[: self.config.shown]),
            remark=said_instead,
            disagree=disagree(asked, answers),
            where=where,
            timings={"search": 1000 * (searched - begun), "read": 1000 * (done - searched)},
        )

    def _meant(self, wanted: About, hits: Sequence[Hit], view: Snapshot, last: str) -> Article | None:
        """The article asked about, among those that a search for its topic brings, and the ``hits``."""
        article = meant(wanted, hits, view, last)
        if article or not wanted.topic or not wanted.named:
            return article
        spelt = names(wanted.topic, _titles(view))
        wanted = replace(wanted, topic=" ".join(spelt)) if spelt else wanted
        topic = widened(analyse(wanted.topic))
        return meant(wanted, self.retriever.search(topic, self.config.read, view), view, last)

    def _corrected(self, reply: Reply, view: Snapshot) -> str:
        """The question with a wrong character put right by what was found; "" where nothing is wrong."""
        texts = [f"{view.article(hit.passage.article_id).title}\n{hit.text}" for hit in reply.hits]
        return corrected(reply.standalone_question, view.lacks, texts)

    def _listed(self, listed: Wanted, view: Snapshot) -> list[Answer]:
        """The articles asked for, or how many there are; none where there are none."""
        found: list[str] = []
        if listed.topic:
            hits = self.retriever.search(widened(analyse(listed.topic)), LISTED, view, listed.where)
            found = [hit.passage.article_id for hit in hits if _holds(hit.text, listed.topic)]
        rows = selected(listed, view.articles(), found)
        articles = [view.article(row.id) for row in rows[:LISTED]]
        if listed.count and rows:
            return [self._field(articles, "count", str(len(rows)))]
        return [self._field([article], "title", article.title) for article in articles]

    def _field(self, articles: Sequence[Article], name: str, value: str) -> Answer:
        sources = tuple(Source(article, NOWHERE, NOWHERE, None) for article in articles)
        return Answer(value, value, self._confidence.metadata, sources, field=name)

    def _about(self, field: About, article: Article, view: Snapshot) -> list[Answer]:
        """Answers from the front matter of ``article``; none where it lacks the field."""
        return [
            self._extract(article, name, value, view)
            if isinstance(value, Span)
            else self._field([article], name, value)
            for name, value in values(article, field.field)
        ]

    def _extract(self, article: Article, name: str, span: Span, view: Snapshot) -> Answer:
        passages = view.passages_of(article.id)
        passage = next((p for p in passages if p.span.overlaps(span)), passages[0])
        return Answer(
            span.of(article.text), span.of(article.text), self._confidence.metadata,
            (Source(article, span, span, passage),), field=name,
        )  # fmt: skip

    def _read(self, asked: Question, hits: Sequence[Hit], view: Snapshot) -> list[Answer]:
        """Answers from the texts, best first; none where the best is below the threshold."""
        articles = {hit.passage.article_id: view.article(hit.passage.article_id) for hit in hits}
        readable = [
            ReadablePassage(
                hit.text, heading_of(articles[hit.passage.article_id], hit), hit.similarity, hit.relevance
            )
            for hit in hits
        ]
        found = candidates(asked, readable, weights_of(asked, view), self._reader)
        calibration = self._confidence.of(found)
        threshold = self.config.threshold if self.config.threshold >= 0 else calibration.threshold
        answers: list[Answer] = []
        confidence = 1.0
        for index, candidate in enumerate(found[: 4 * self.config.answers]):
            hit = hits[candidate.passage]
            # A further answer is never surer than the one before it.
            confidence = min(confidence, calibration.probability(signals(found, index, hits)))
            if index == 0 and confidence < threshold:
                break
            # What decides a yes-or-no question is a sentence.
            answer = _answer(
                candidate, hit, articles[hit.passage.article_id], confidence, self.config.phrase,
                whole="decision" in asked.kinds,
            )  # fmt: skip
            answer = replace(answer, sources=(answer.source, *_repeated(answer, hit, view)))
            twin = next((i for i, other in enumerate(answers) if _same(answer, other)), None)
            if twin is not None:
                answers[twin] = replace(answers[twin], sources=_joined(answers[twin].sources, answer.sources))
            elif (
                confidence >= max(threshold, RUNNER_UP if answers else 0.0)
                and len(answers) < self.config.answers
            ):
                answers.append(answer)
        return answers


def disagree(asked: Question, answers: Sequence[Answer]) -> bool:
    """Whether the first two answers are of different articles and give different dates or numbers for the
    same question, both with a confidence of :data:`BOTH_SURE`.
    """
    if len(answers) < 2 or not asked.kinds & {"time", "number", "duration"}:
        return False
    first, second = answers[:2]
    if first.field or second.field or min(first.confidence, second.confidence) < BOTH_SURE:
        return False
    if first.source.article.id == second.source.article.id:
        return False
    ours, theirs = ({n.term for n in numbers(answer.text)} for answer in (first, second))
    return bool(ours and theirs) and not ours & theirs


BOTH_SURE = 0.3
"""Confidence (0..1) that two answers must reach to count as a disagreement."""


def _surest(reply: Reply) -> float:
    return reply.answers[0].confidence if reply.answers else 0.0


def _holds(text: str, topic: str) -> bool:
    """Whether ``text`` has all the words of ``topic``."""
    asked = {word.term for word in words(topic)}
    held = {word.term for word in words(text)}
    return (
        all(held.intersection((term, *others(term))) for term in asked)
        if asked
        else fold(topic) in fold(text)
    )


READINGS = 3
"""Ways to read a follow-up that are tried, at most."""

TOPIC_SHARE = 0.6
"""Share (0..1, by rarity) of a topic's words that an article must hold to be the one asked about."""

READ_FOR_TOPIC = 20_000
"""Characters of an article in which the words of a topic are looked for."""

TITLE_SHARE = 0.5
"""Share (0..1) of a topic's characters that an article's title must hold to be the one asked about."""

WHOLE_TITLE = 0.8
"""The same where the question only quotes a title, and of the title's characters that it must quote."""

SURER = 0.1
"""How much surer (0..1) the answer must be to a question whose spelling was put right."""

SURE = 0.5
"""Confidence (0..1) from which it need not be surer, only as sure."""

RUNNER_UP = 0.1
"""Confidence (0..1) under which nothing is given as a further answer."""


def meant(wanted: About, hits: Sequence[Hit], view: Snapshot, last: str = "") -> Article | None:
    """The article that is asked about; None where it is not clear.

    Without a topic, the one of id ``last``, or the only one of the library. Else the one whose title
    holds most of the topic; where the question only quotes a title, it has to be that title, since 《…》 may
    be any book; where it speaks of an article outright, the text of one of the ``hits``, which a search for
    the topic brought, may hold the topic instead.
    """
    if not wanted.topic:
        rows = view.articles()
        only = last if any(row.id == last for row in rows) else rows[0].id if len(rows) == 1 else ""
        return view.article(only) if only else None
    ids = dict.fromkeys(hit.passage.article_id for hit in hits)
    for article, share, back in chosen(wanted.topic, map(view.article, ids))[:1]:
        if share >= TITLE_SHARE if wanted.named else min(share, back) >= WHOLE_TITLE:
            return article
    if not wanted.named:
        return None
    topic = analyse(wanted.topic)
    weights = view.idf(topic.words)
    for article in map(view.article, ids):
        text = f"{article.title}\n{' '.join(article.metadata.tags)}\n{article.text}"
        held = {word.term for word in words(text[:READ_FOR_TOPIC])}
        told = [term for term in topic.words if others(term) or term.isascii() == _is_latin(article)]
        told = [term for term in told if not (view.lacks(term) and any(t in term for t in told if t != term))]
        share = sum(weights[term] for term in told if held.intersection((term, *others(term))))
        if share and share >= TOPIC_SHARE * sum(weights[term] for term in told):
            return article
    return None


def _titles(view: Snapshot) -> list[str]:
    """The titles and tags of all articles."""
    return [text for row in view.articles() for text in (row.title, *row.tags)]


def _is_latin(article: Article) -> bool:
    """Whether an article is mostly in Latin letters, so that it cannot hold most Chinese words."""
    beginning = article.text[:1000]
    return sum(char.isascii() for char in beginning) > 0.8 * len(beginning)


def weights_of(asked: Question, view: Snapshot) -> dict[str, float]:
    """The inverse document frequencies of the question's terms."""
    return dict(view.idf([*asked.words, *asked.grams]))


def heading_of(article: Article, hit: Hit) -> str:
    """The title and headings above a passage, as one line."""
    return " ".join(dict.fromkeys([article.title, *hit.passage.headings]))


def _answer(
    candidate: Candidate, hit: Hit, article: Article, confidence: float, sure: float, *, whole: bool
) -> Answer:
    start = hit.passage.span.start
    sentence = candidate.sentence.shifted(start)
    if sentence.end == hit.passage.span.end and len(candidate.phrase) < len(candidate.sentence):
        # A list goes on over the end of its passage.
        longer = items_after(article.text, Span(sentence.start, start + candidate.phrase.start))
        if longer and longer.end > sentence.end:
            whole_list = Span(start + candidate.phrase.start, longer.end)
            return Answer(
                whole_list.of(article.text), longer.of(article.text), confidence,
                (Source(article, whole_list, longer, hit.passage),), evidence=candidate.evidence,
            )  # fmt: skip
    span = candidate.phrase.shifted(start) if candidate.sure >= sure and not whole else sentence
    return Answer(
        text=span.of(article.text),
        sentence=sentence.of(article.text),
        confidence=confidence,
        sources=(Source(article, span, sentence, hit.passage),),
        evidence=candidate.evidence,
    )


def _same(a: Answer, b: Answer) -> bool:
    """Whether two answers say the same: the same words, or one stands within the other in one place."""
    if _bare(a.text) == _bare(b.text):
        return True
    return a.source.article.id == b.source.article.id and a.source.span.overlaps(b.source.span)


def _bare(text: str) -> str:
    """``text`` without its marks, but for those of numbers: 1.5% is not 15."""
    return _MARKS.sub("", fold(text))


_MARKS = re.compile(r"(?<!\d)[^\w%+-]+|[^\w%]+(?!\d)|_")


def _joined(sources: tuple[Source, ...], further: Sequence[Source]) -> tuple[Source, ...]:
    """The sources with those of ``further`` from articles that are not among them."""
    known = {source.article.id for source in sources}
    return (*sources, *(source for source in further if source.article.id not in known))


def _repeated(answer: Answer, hit: Hit, view: Snapshot) -> list[Source]:
    """Where the answer's sentence stands again, in the near-duplicates of its passage."""
    found = []
    inner = answer.source.span.shifted(-answer.source.sentence.start)
    for passage in hit.duplicates:
        article = view.article(passage.article_id)
        at = article.text.find(answer.sentence, passage.span.start, passage.span.end)
        if at >= 0:
            found.append(Source(article, inner.shifted(at), Span(at, at + len(answer.sentence)), passage))
    return found
