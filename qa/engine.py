"""Asking: from a question to a reply. The only thing the page and the terminal call."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from embeddings.encode import embedder as load_embedder
from embeddings.library import Library
from embeddings.words import numbers
from qa.about import about, lacking
from qa.anew import anew
from qa.bilingual import bridged
from qa.candidates import ReadablePassage, candidates
from qa.catalog import wanted
from qa.compound import own, parts, trailing
from qa.confidence import GIVEN, WITHIN, bundled_confidence, signals
from qa.config import Config
from qa.conversation import exchange, standalone
from qa.cues import told
from qa.followed import ELSEWHERE, UNSAID, best_of, best_within, reads_on, worth
from qa.frontmatter import FrontMatter, titles_of
from qa.gather import beside, same, spread
from qa.gloss import gloss
from qa.nearby import Before, around
from qa.question import analyse
from qa.read_on import read_on
from qa.reader import reader as load_reader
from qa.reply import Answer, Hit, Reply
from qa.restated import restated
from qa.retriever import Retriever
from qa.smalltalk import remark
from qa.sources import answer_of, repeated, with_further
from qa.spelling import corrected
from qa.where import both

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from embeddings.article import Article
    from embeddings.library import Snapshot
    from qa.confidence import Confidence
    from qa.conversation import Exchange
    from qa.question import Question
    from qa.reader import Reader
    from qa.where import Where


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
        self._front = FrontMatter(self.retriever, self._confidence.metadata)

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
        its readings the one that is answered most surely counts, with something that was not said just
        before, and first of all by the article just spoken of (``qa.followed``). "And then?" and "and the
        third?" are answered by what it says there (``qa.read_on``). ``where`` restricts the articles; what
        the question itself says of them ("2019年的文章里…") is added to it.
        """
        civil = remark(question, talking=bool(conversation))
        if civil:
            return Reply(question, question.strip(), answered=False, answers=(), hits=(), remark=civil)
        analyse(question)
        view = self.library.snapshot()
        before = conversation[-1] if conversation else None
        if before and (next_said := read_on(question, before, view)):
            return next_said
        last = before.article if before else ""
        readings = standalone(question, conversation)[:READINGS]
        best = self._best(question, readings, view, where, before)
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

    def _best(
        self,
        question: str,
        readings: Sequence[str],
        view: Snapshot,
        where: Where | None,
        before: Exchange | None,
    ) -> Reply:
        """The reply to the reading that is answered best: by the article of ``before``, or by the library."""
        last = before.article if before else ""

        def reply(reading: str, where: Where | None, within: Exchange | None = None) -> Reply:
            found = self._reply(question, reading, view, where, last, within)
            return anew(found, before) if before else found

        replies = [reply(readings[0], where)]
        within: list[Reply] = []
        held: Reply | None = None
        value = 0.0
        if before and reads_on(replies[0]) and view.passage_ids([last]):
            within = [reply(reading, None, before) for reading in readings]
            said = None if question in readings else reply(question, None, before)
            held, value = best_within(within, said, before)
            within += [said] if said else []
        if max(value, worth(replies[0], before)) < UNSAID or not held:
            replies += (reply(other, where) for other in readings[1:])
        best = best_of(replies, before)
        best = held if held and value and value >= ELSEWHERE * worth(best, before) else best
        tried = [*replies, *within]
        return replace(
            best, timings={name: sum(reply.timings[name] for reply in tried) for name in best.timings}
        )

    def _several(self, question: str, reading: str, view: Snapshot, where: Where | None) -> Reply | None:
        """The reply to a question that asks several things at once; None where it asks one, or one of them
        is not answered, or two with the same words.
        """
        asked = parts(reading)
        first, then = ("", "") if asked else trailing(reading)
        replies = [self._reply(question, part, view, where, "") for part in asked or [first] if part]
        if first:
            before = exchange(replies[0])
            replies.append(self._best(question, standalone(then, [before])[:READINGS], view, where, before))
            asked = (first, replies[1].standalone_question)
        chosen = beside(own(asked), [reply.answers for reply in replies]) if len(asked) > 1 else None
        if not chosen:
            return None
        hits = {hit.passage.id: hit for reply in reversed(replies) for hit in reply.hits}
        return replace(
            replies[0],
            standalone_question=reading.strip(),
            answers=tuple(replace(answer, part=part) for part, answer in zip(asked, chosen, strict=True)),
            hits=tuple(reversed(hits.values())),
            disagree=False,  # that was said of the first part alone
            answerable=min(reply.answerable for reply in replies),
            timings={name: sum(reply.timings[name] for reply in replies) for name in replies[0].timings},
        )

    def _reply(
        self,
        question: str,
        reading: str,
        view: Snapshot,
        where: Where | None,
        last: str,
        within: Exchange | None = None,
    ) -> Reply:
        """The reply to one ``reading``; where ``within`` is given, by the article of that exchange alone."""
        begun = time.perf_counter()
        article_id = within.article if within else ""
        rows = view.rows
        listed = wanted(reading, rows, where)
        restricted, rest = told(reading, rows)
        where = both(where, restricted)
        asked = bridged(analyse(rest or reading), view.lacks, lambda: titles_of(view))
        hits = self.retriever.search(asked, self.config.read, view, where, article_id)
        worded = restated(
            asked.text,
            [hit.text for hit in hits],
            [view.article(hit.passage.article_id).metadata.date for hit in hits],
        )
        if worded != asked.text:
            asked = bridged(analyse(worded), view.lacks, lambda: titles_of(view))
            hits = self.retriever.search(asked, self.config.read, view, where, article_id)
        hits = _with_neighbours(hits, within, view) if within else hits
        searched = time.perf_counter()
        said_instead, answerable = "", 0.0
        if listed:
            answers = self._front.listed(listed, view)
        else:
            titles = [view.article(hit.passage.article_id).title for hit in hits]
            field = about(asked.text, titles)
            only = (
                [row.id for row in rows if where.allows(row)] if where and field and not field.topic else []
            )
            last = only[0] if len(only) == 1 else last
            article = self._front.meant(field, hits, view, last, where) if field else None
            answers = self._front.values(field, article, view) if field and article else []
            if not answers and field and (field.named or not field.topic):
                said_instead = lacking(asked.text, field, article)
            elif not answers:
                texts = [f"{hit.text}\n{title}" for hit, title in zip(hits, titles, strict=True)]
                if glossed := gloss(asked.text, texts):
                    asked = analyse(glossed)
                    hits = self.retriever.search(asked, self.config.read, view, where, article_id) or hits
                answers, answerable = self._read(asked, hits, view, within, glossed=bool(glossed))
        done = time.perf_counter()
        return Reply(
            question=question,
            standalone_question=reading.strip(),
            answered=bool(answers),
            answers=tuple(answers),
            hits=tuple(hits[: self.config.shown]),
            remark=said_instead,
            disagree=disagree(asked, answers),
            answerable=answerable or float(bool(answers)),
            where=where,
            timings={"search": 1000 * (searched - begun), "read": 1000 * (done - searched)},
        )

    def _corrected(self, reply: Reply, view: Snapshot) -> str:
        """The question with a wrong character put right by what was found; "" where nothing is wrong."""
        texts = [f"{view.article(hit.passage.article_id).title}\n{hit.text}" for hit in reply.hits]
        return corrected(reply.standalone_question, view.lacks, texts)

    def _read(
        self,
        asked: Question,
        hits: Sequence[Hit],
        view: Snapshot,
        within: Exchange | None = None,
        *,
        glossed: bool = False,
    ) -> tuple[list[Answer], float]:
        """Answers from the texts, best first, and how probable it is, 0..1, that there is one; no answers where
        that is below the threshold.
        """
        articles = {hit.passage.article_id: view.article(hit.passage.article_id) for hit in hits}
        readable = [
            ReadablePassage(
                hit.text, heading_of(articles[hit.passage.article_id], hit), hit.similarity, hit.relevance
            )
            for hit in hits
        ]
        found = candidates(
            asked, readable, weights_of(asked, view), self._reader, before=_before(within, hits)
        )
        judge, least = self._confidence.of(found), self.config.threshold
        answerable = judge.silence.answerable(signals(found, 0, hits, WITHIN)) if found else 0.0
        if (
            glossed and found
        ):  # such questions it did not learn from; how sure the answer is they share with others
            answerable = judge.right.probability(signals(found, 0, hits))
        silent = found and answerable < judge.silence.least(found[0].evidence)
        if least < 0 and silent and judge.right.probability(signals(found, 0, hits)) < GIVEN:
            return [], answerable
        answers: list[Answer] = []
        confidence = 1.0
        for index, candidate in enumerate(found[: 4 * self.config.answers]):
            hit = hits[candidate.passage]
            # A further candidate is never surer than the one before it; spread() may put another article's first.
            confidence = min(confidence, judge.right.probability(signals(found, index, hits)))
            if index == 0 and confidence < least:
                break
            # What decides a yes-or-no question is a sentence.
            answer = answer_of(
                candidate, hit, articles[hit.passage.article_id], confidence, self.config.phrase,
                whole="decision" in asked.kinds,
            )  # fmt: skip
            answer = replace(answer, sources=(answer.source, *repeated(answer, hit, view)))
            twin = next((i for i, other in enumerate(answers) if same(answer, other)), None)
            if twin is not None:
                answers[twin] = replace(
                    answers[twin], sources=with_further(answers[twin].sources, answer.sources)
                )
            elif confidence >= max(least, RUNNER_UP * answers[0].confidence if answers else 0.0):
                answers.append(answer)
        return spread(answers, self.config.answers), answerable


def _with_neighbours(hits: Sequence[Hit], last: Exchange, view: Snapshot) -> list[Hit]:
    """The hits in the article of ``last``, and what stands around the answer there."""
    near = around(last.place, view.passages_of(last.article)) if last.place else []
    found = {passage.id for hit in hits for passage in (hit.passage, *hit.duplicates)}
    return [
        *hits,
        *(Hit(each, view.text(each), 0.0, None, None, 0.0) for each in near if each.id not in found),
    ]


def _before(last: Exchange | None, hits: Sequence[Hit]) -> Before | None:
    """Where the answer of ``last`` stands, for passages of its article."""
    if not last or last.place is None or last.words is None:
        return None
    return Before(last.place, last.words, [hit.passage.span.start for hit in hits])


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


READINGS = 4
"""Ways to read a follow-up that are tried, at most."""

SURER = 0.1
"""How much surer (0..1) the answer must be to a question whose spelling was put right."""

SURE = 0.5
"""Confidence (0..1) from which it need not be surer, only as sure."""

RUNNER_UP = 0.1
"""Share of the first answer's confidence under which nothing is given as a further one: beside a sure answer others
only distract, beside an unsure one they may be right.
"""


def weights_of(asked: Question, view: Snapshot) -> dict[str, float]:
    """The inverse document frequencies of the question's terms."""
    return dict(view.idf([*asked.words, *asked.grams]))


def heading_of(article: Article, hit: Hit) -> str:
    """The title and headings above a passage, as one line."""
    return " ".join(dict.fromkeys([article.title, *hit.passage.headings]))
