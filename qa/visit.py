"""One visitor of the page: what he has before him, and what a click of his points at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from embeddings.errors import ArticleQAError, QuestionError
from qa.conversation import exchange
from qa.page import Place, Turn
from qa.strings import STRINGS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qa.engine import Engine
    from qa.reply import Answer, Source
    from qa.strings import Strings


@dataclass(eq=False)  # compared, and hashed by Gradio, as an object: replies can be large
class Session:
    """What one visitor has before him; ``questions`` are the examples, ``listed`` the articles' ids.

    The one thing on the page that changes: events of one visitor may overlap (a question during an upload),
    and each adds what is its own.
    """

    lang: str = "zh"
    turns: list[Turn] = field(default_factory=list)
    place: Place | None = None
    questions: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()

    @property
    def words(self) -> Strings:
        """The words of the page in the visitor's language, "zh" or "en"."""
        return STRINGS[self.lang]


def answered(engine: Engine, question: str, words: Strings, before: Sequence[Turn] = ()) -> Turn:
    """The turn that ``question`` makes after the turns ``before``; what goes wrong is said in the turn."""
    said = [exchange(turn.reply) for turn in before if turn.reply and not turn.reply.remark]
    try:
        reply = engine.ask(question, said[-REMEMBERED:])
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
    if not turn.reply or not turn.reply.answers:
        return None
    answer = turn.reply.answers[0]
    return _at(answer, answer.source)


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
        answer = turn.reply.answers[int(clicked["answer"])]
        return _at(answer, answer.sources[number])
    hit = turn.reply.hits[number]
    article = turn.articles.get(hit.passage.article_id)
    return Place(article, passage=hit.passage.span) if article else session.place


def _at(answer: Answer, source: Source) -> Place:
    if source.passage is None:
        return Place(source.article, field=answer.field)
    return Place(source.article, source.passage.span, source.sentence, source.span)
