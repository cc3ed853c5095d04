"""Asking: from a question to a reply. The only thing the page and the terminal call."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from embeddings.encode import embedder as load_embedder
from embeddings.library import Library
from qa.about import TOGETHER, about, lacking
from qa.anew import anew
from qa.answers import answers, disagree
from qa.bilingual import bridged
from qa.candidates import candidates, list_first
from qa.catalog import wanted
from qa.compound import own, parts, trailing
from qa.confidence import WITHIN, bundled_confidence, signals
from qa.config import Config
from qa.conversation import changes_subject, exchange, standalone
from qa.cues import told
from qa.followed import ELSEWHERE, UNSAID, best_of, reads_on, worth
from qa.frontmatter import FrontMatter, titles_of
from qa.gather import beside
from qa.gloss import gloss
from qa.joint import Joint, Read, as_said, bundled_joint
from qa.listed import listed_first
from qa.nearby import before_of, with_neighbours
from qa.phrase import asks_list
from qa.question import analyse
from qa.read_on import read_on
from qa.readable import readable
from qa.reader import BUNDLED
from qa.reader import reader as load_reader
from qa.reply import Hit, Reply
from qa.reread import bundled_again
from qa.restated import restated
from qa.retriever import Retriever
from qa.smalltalk import remark
from qa.spelling import corrected
from qa.where import both

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from embeddings.library import Snapshot
    from qa.confidence import Calibration, Confidence
    from qa.conversation import Exchange
    from qa.question import Question
    from qa.reader import Reader
    from qa.reply import Answer
    from qa.where import Where


class Engine:
    """Answers questions from one library; safe to ask from many threads."""

    def __init__(
        self,
        library: Library,
        reader: Reader | None = None,
        config: Config | None = None,
        confidence: Confidence | None = None,
        joint: Joint | None = None,
    ) -> None:
        self.library = library
        self.config = config or Config()
        self.retriever = Retriever(library, self.config)
        self._reader = reader or load_reader()
        self._confidence = confidence or bundled_confidence()
        self._joint = joint or bundled_joint()
        self._second = bundled_again().reader if self._reader.name == BUNDLED else self._reader
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

        A follow-up is written out by what was said before in ``conversation`` (``qa.conversation``), and answered
        first of all by the article just spoken of, from all its readings together (``qa.joint``), unless the
        library answers one of them much more surely (``qa.followed``). "And then?" and "and the third?" are
        answered by what the article says there (``qa.read_on``). ``where`` restricts the articles; what
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
        # 换个话题，…: the article just spoken of has no say, unless the question took something from there or means it.
        turned = changes_subject(question) and readings[0] in question and not about(readings[0])
        spoken_of, readings = (None, readings[:1]) if turned else (before, readings)
        best = self._best(question, readings, view, where, spoken_of)
        # 那篇是谁、在什么时候发的: one question of its front matter.
        fields = {answer.field for answer in best.answers}.intersection(TOGETHER)
        several = None if len(fields) > 1 else self._several(question, best.standalone_question, view, where)
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

        def reply(reading: str) -> Reply:
            found = self._reply(question, reading, view, where, last)
            return anew(found, before) if before else found

        replies = [reply(readings[0])]
        held = None
        if before and reads_on(replies[0]) and view.passage_ids([last]):
            held = anew(self._within(question, readings, view, before), before)
        value = worth(held, before) if held else 0.0
        if max(value, worth(replies[0], before)) < UNSAID or not held:
            replies += (reply(other) for other in readings[1:])
        best = best_of(replies, before)
        best = held if held and value and value >= ELSEWHERE * worth(best, before) else best
        tried = [*replies, *([held] if held else [])]
        return replace(
            best, timings={name: sum(reply.timings[name] for reply in tried) for name in best.timings}
        )

    def _within(self, question: str, readings: Sequence[str], view: Snapshot, before: Exchange) -> Reply:
        """The reply by the article of ``before`` alone, from all readings and the question as it was said."""
        begun = time.perf_counter()
        texts, said = as_said(question, readings)
        reads, searched = self.read_within(texts, view, before)
        joined = self._joint.joined(reads, said, before, self._second) if before.place else None
        if joined:
            best, found = reads[joined.read], joined.found
            lined = list_first(found, [hit.text for hit in joined.hits]) if asks_list(best.asked) else found
            merged = Read(best.asked, joined.hits, lined, best.glossed)
            held = self._told(question, texts[joined.read], merged, view, self._joint.right, best)
        else:
            replies = (self._told(question, *each, view) for each in zip(texts, reads, strict=True))
            held = best_of(list(replies), before)
        took = 1000 * (time.perf_counter() - begun)
        return replace(held, timings={"search": searched, "read": took - searched})

    def _told(
        self,
        question: str,
        reading: str,
        read: Read,
        view: Snapshot,
        right: Calibration | None = None,
        judged: Read | None = None,
    ) -> Reply:
        """The reply by what was read, as :meth:`_read` judges it."""
        given, answerable = self._read(read, view, right, judged)
        return Reply(
            question=question,
            standalone_question=reading.strip(),
            answered=bool(given),
            answers=tuple(given),
            hits=tuple(read.hits[: self.config.shown]),
            answerable=answerable,
        )

    def read_within(
        self, readings: Sequence[str], view: Snapshot, before: Exchange
    ) -> tuple[list[Read], float]:
        """Each reading read in the article of ``before``, and the milliseconds that searching took."""
        reads: list[Read] = []
        searched = 0.0
        for reading in readings:
            begun = time.perf_counter()
            asked, found, _ = self._search(reading, view, None, before.article)
            asked, found, glossed = self._glossed(asked, found, view, None, before.article)
            hits = with_neighbours(found, before, view)
            searched += 1000 * (time.perf_counter() - begun)
            reads.append(self._of(asked, hits, view, glossed, before))
        return reads, searched

    def read(self, question: str, view: Snapshot) -> Read:
        """What is found for a question of its own, and how its sentences are ordered."""
        asked, hits, where = self._search(question, view, None)
        return self._read_of(asked, hits, view, where)

    def _read_of(self, asked: Question, hits: list[Hit], view: Snapshot, where: Where | None) -> Read:
        asked, hits, glossed = self._glossed(asked, hits, view, where)
        return self._of(asked, hits, view, glossed)

    def _several(self, question: str, reading: str, view: Snapshot, where: Where | None) -> Reply | None:
        """The reply to a question that asks several things at once; None where it asks one, or one of them
        is not answered, or two with the same words.
        """
        asked = parts(reading)
        first, then = ("", "") if asked else trailing(reading)
        replies = [self._reply(question, part, view, where, "") for part in asked or [first] if part]
        if first:
            before = exchange(replies[0])
            replies.append(self._best(then, standalone(then, [before])[:READINGS], view, where, before))
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

    def _reply(self, question: str, reading: str, view: Snapshot, where: Where | None, last: str) -> Reply:
        """The reply to one ``reading``, by the library."""
        begun = time.perf_counter()
        rows = view.rows
        listed = wanted(reading, rows, where)
        asked, hits, where = self._search(reading, view, where)
        searched = time.perf_counter()
        said_instead, answerable = "", 0.0
        if listed:
            given = self._front.listed(listed, view)
        else:
            titles = [view.article(hit.passage.article_id).title for hit in hits]
            field = about(asked.text, titles)
            only = (
                [row.id for row in rows if where.allows(row)] if where and field and not field.topic else []
            )
            last = only[0] if len(only) == 1 else last
            article = self._front.meant(field, hits, view, last, where) if field else None
            given = self._front.values(field, article, view) if field and article else []
            if not given and field and (field.named or not field.topic):
                said_instead = lacking(asked.text, field, article)
            elif not given:
                read = self._read_of(asked, hits, view, where)
                asked, hits = read.asked, list(read.hits)
                given, answerable = self._read(read, view)
        done = time.perf_counter()
        return Reply(
            question=question,
            standalone_question=reading.strip(),
            answered=bool(given),
            answers=tuple(given),
            hits=tuple(hits[: self.config.shown]),
            remark=said_instead,
            disagree=disagree(asked, given),
            answerable=answerable or float(bool(given)),
            where=where,
            timings={"search": 1000 * (searched - begun), "read": 1000 * (done - searched)},
        )

    def _search(
        self, reading: str, view: Snapshot, where: Where | None, article_id: str = ""
    ) -> tuple[Question, list[Hit], Where | None]:
        """What a reading asks, the passages found for it, and what restricts the articles; of one article alone where
        ``article_id`` names it.
        """
        restricted, rest = told(reading, view.rows)
        where = both(where, restricted)
        asked = bridged(analyse(rest or reading), view.lacks, lambda: titles_of(view))
        hits = self.retriever.search(asked, self.config.read, view, where, article_id)
        dates = [view.article(hit.passage.article_id).metadata.date for hit in hits]
        worded = restated(asked.text, [hit.text for hit in hits], dates)
        if worded != asked.text:
            asked = bridged(analyse(worded), view.lacks, lambda: titles_of(view))
            hits = self.retriever.search(asked, self.config.read, view, where, article_id)
        return asked, hits, where

    def _glossed(
        self, asked: Question, hits: list[Hit], view: Snapshot, where: Where | None, article_id: str = ""
    ) -> tuple[Question, list[Hit], bool]:
        """The question in the words of what was found, where those are of another language, and what that finds."""
        texts = [f"{hit.text}\n{view.article(hit.passage.article_id).title}" for hit in hits]
        worded = gloss(asked.text, texts)
        if not worded:
            return asked, hits, False
        asked = analyse(worded)
        return asked, self.retriever.search(asked, self.config.read, view, where, article_id) or hits, True

    def _corrected(self, reply: Reply, view: Snapshot) -> str:
        """The question with a wrong character put right by what was found; "" where nothing is wrong."""
        texts = [f"{view.article(hit.passage.article_id).title}\n{hit.text}" for hit in reply.hits]
        return corrected(reply.standalone_question, view.lacks, texts)

    def _of(
        self,
        asked: Question,
        hits: Sequence[Hit],
        view: Snapshot,
        glossed: bool,
        before: Exchange | None = None,
    ) -> Read:
        """The hits as they are read, their sentences strongest first."""
        passages, weights = readable(hits, view), weights_of(asked, view)
        found = candidates(asked, passages, weights, self._reader, before=before_of(before, hits))
        within = {
            hit.passage.id: passage.columns
            for hit, passage in zip(hits, passages, strict=True)
            if passage.columns is not None
        }
        return Read(asked, hits, found, glossed, within)

    def _silent(self, read: Read, sure: float) -> tuple[float, bool]:
        """How probable it is, 0..1, that there is an answer to what was read, by its first candidate; whether that
        is too little for one to be given. ``sure`` is how sure the answer itself is.
        """
        if not read.found:
            return 0.0, True
        judge, first = self._confidence.of(read.found), read.found[0]
        # Of questions put in another language it did not learn when to be silent; how sure the answer is they share with others.
        answerable = sure if read.glossed else judge.answerable(signals(read.found, 0, read.hits, WITHIN))
        return answerable, self.config.threshold < 0 and answerable < judge.silence.least(first.evidence)

    def _read(
        self, read: Read, view: Snapshot, right: Calibration | None = None, judged: Read | None = None
    ) -> tuple[list[Answer], float]:
        """Answers from what was read, best first, and how probable it is, 0..1, that there is one; no answers where
        that is below the threshold. ``right`` says how sure they are, by default as of any question; ``judged`` tells whether
        there is an answer, where that is another reading.
        """
        right = right or self._confidence.of(read.found).right
        sure = right.probability(signals(read.found, 0, read.hits)) if read.found else 0.0
        passages, weights = readable(read.hits, view), weights_of(read.asked, view)
        found = listed_first(read.asked, passages, read.found, weights)
        listed = found[0].listed if found else 0.0
        answerable, silent = self._silent(judged or read, sure)
        answerable = max(answerable, listed)
        if silent and not listed:
            return [], answerable
        return answers(read.asked, found, read.hits, view, right, self.config, listed), answerable


def _surest(reply: Reply) -> float:
    return reply.answers[0].confidence if reply.answers else 0.0


READINGS = 4
"""Ways to read a follow-up that are tried, at most."""

SURER = 0.1
"""How much surer (0..1) the answer must be to a question whose spelling was put right."""

SURE = 0.5
"""Confidence (0..1) from which it need not be surer, only as sure."""


def weights_of(asked: Question, view: Snapshot) -> dict[str, float]:
    """The inverse document frequencies of the question's terms."""
    return dict(view.idf([*asked.words, *asked.grams]))
