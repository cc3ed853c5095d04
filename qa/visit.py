"""One visitor of the page: what he has before him, and what a click of his points at."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from embeddings.article import Span
from embeddings.errors import ArticleQAError, QuestionError
from qa.browse import Filter
from qa.conversation import exchange
from qa.page import Place, Turn
from qa.strings import STRINGS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from embeddings.article import Article
    from qa.engine import Engine
    from qa.reply import Answer, Source
    from qa.strings import Strings
    from qa.where import Where

LISTED = 200
"""Articles listed at first; as many more with each "more"."""


@dataclass(eq=False)  # compared, and hashed by Gradio, as an object: replies can be large
class Session:
    """What one visitor has before him.

    ``questions`` are those offered to click (``suggested``: after which turn), ``listed`` the ids of the articles shown, ``open`` the turn whose
    places the reader steps through, ``editing`` the number of the turn whose question is being changed,
    ``where`` what his questions are restricted to, ``sent`` how many messages his browser was sent, ``talk`` the number of the conversation.

    The one thing on the page that changes: events of one visitor may overlap (a question during an upload),
    and each adds what is its own.
    """

    lang: str = "zh"
    address: str = ""
    token: str = ""
    turns: list[Turn] = field(default_factory=list)
    place: Place | None = None
    open: Turn | None = None
    questions: tuple[str, ...] = ()
    suggested: Turn | None = None
    listed: tuple[str, ...] = ()
    holds_articles: bool = False
    filter: Filter = field(default_factory=Filter)
    shown: int = LISTED
    where: Where | None = None
    editing: int | None = None
    sent: int = 0
    talk: int = 0

    @property
    def words(self) -> Strings:
        """The words of the page in the visitor's language, "zh" or "en"."""
        return STRINGS[self.lang]

    def narrow(self, **wanted: str) -> None:
        """Asks of the listed articles what ``wanted`` says (``Filter``), besides what was asked before."""
        self.filter = replace(self.filter, **wanted)
        self.shown = LISTED

    def restart(self) -> None:
        """A new conversation; the list of articles stays as it is."""
        self.turns.clear()
        self.talk += 1
        self.place = self.open = self.editing = self.where = None


def answered(
    engine: Engine, question: str, words: Strings, before: Sequence[Turn] = (), where: Where | None = None
) -> Turn:
    """The turn that ``question`` makes after the turns ``before``; what goes wrong is said in the turn."""
    said = [exchange(turn.reply) for turn in before if turn.reply and not turn.reply.remark]
    try:
        reply = engine.ask(question, said[-REMEMBERED:], where)
    except QuestionError:
        error = words.too_long if question.strip() else words.no_question
        return Turn(question[:SHOWN], error=error)
    except ArticleQAError as error:
        return Turn(question[:SHOWN], error=words.broken.format(error))
    view = engine.library.snapshot()
    articles = {}
    for article_id in {hit.passage.article_id for hit in reply.hits}:
        try:
            articles[article_id] = view.article(article_id)
        except KeyError:  # removed since: the hit is shown without its title
            continue
    return Turn(question, reply, articles=articles)


REMEMBERED = 3
"""Exchanges that a follow-up may refer to."""

SHOWN = 200
"""Characters of a question that could not be asked which are shown."""


def first_place(turn: Turn) -> Place | None:
    """Where the reader opens of itself: at the best answer; None without one."""
    return next(iter(places_of(turn)), None)


def places_of(turn: Turn) -> list[Place]:
    """The places of all sources of the turn's answers, numbered in their order."""
    if not turn.reply:
        return []
    places = [_at(answer, source) for answer in turn.reply.answers for source in answer.sources]
    return [replace(place, number=number, count=len(places)) for number, place in enumerate(places)]


def place_of(session: Session, clicked: Mapping[str, str]) -> Place | None:
    """The place that a source or a passage of the conversation points at; the open one where it is gone.

    Raises:
        IndexError, KeyError, ValueError: nothing on the page could have sent this click.
    """
    turn = session.turns[int(clicked["turn"])]
    number = int(clicked["number"])
    if turn.reply is None:
        raise ValueError("a turn without a reply was clicked")
    if clicked["act"] == "source":
        answers, at = turn.reply.answers, int(clicked["answer"])
        before = sum(len(answer.sources) for answer in answers[:at])
        if number >= len(answers[at].sources):
            raise IndexError(number)
        return places_of(turn)[before + number]
    hit = turn.reply.hits[number]
    article = turn.articles.get(hit.passage.article_id)
    return Place(article, passage=hit.passage.span) if article else session.place


def at_offsets(article: Article, at: str) -> Place:
    """The place of the characters "120-131" of ``article``; of none where ``at`` says nothing of the kind."""
    match = re.fullmatch(r"(\d{1,9})-(\d{1,9})", at)
    if not match or not int(match[1]) < int(match[2]) <= len(article.text):
        return Place(article)
    return Place(article, answer=Span(int(match[1]), int(match[2])))


def _at(answer: Answer, source: Source) -> Place:
    if source.passage is None:
        return Place(source.article, field=answer.field)
    return Place(source.article, source.passage.span, source.sentence, source.span)
