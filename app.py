"""The page: ask a folder of articles in a browser. Layout and wiring only."""

from __future__ import annotations

import argparse
import hashlib
import os
import socket
import sys
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa import page
from qa.strings import STRINGS, choose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import gradio as gr

    from embeddings.update import Step
    from qa.engine import Engine
    from qa.strings import Strings

UPLOAD_FILES, UPLOAD_MEGABYTES = 50, 30
"""Files of one upload, and the size of each, at most."""

TYPES = (".md", ".markdown", ".txt", ".html", ".htm", ".pdf", ".docx")
EXAMPLES = 6
LISTED = 200
"""Articles listed on the page at most."""
KEPT = 50
"""Turns of a conversation that stay on the page."""

# The page fetches nothing from elsewhere, whatever an article says.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'self'"
)


@dataclass(frozen=True)
class Session:
    """What one visitor has before him; ``questions`` are the examples, ``listed`` the articles' ids."""

    words: Strings = STRINGS["zh"]
    turns: tuple[page.Turn, ...] = ()
    place: page.Place | None = None
    questions: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()


def build(engine: Engine, lang: str = "auto") -> gr.Blocks:
    """The page over ``engine``; ``lang`` is "zh", "en", or "auto" for the browser's own."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported
    import gradio as gr

    from qa.examples import examples

    @lru_cache(maxsize=8)
    def tried(_revision: int, language: str) -> tuple[str, ...]:
        return tuple(examples(engine.library.snapshot(), engine.ask, EXAMPLES, language))

    def arrive(request: gr.Request) -> list[Any]:
        language = choose(request.headers.get("accept-language", "")) if lang == "auto" else lang
        return painted(Session(STRINGS[language]))

    def painted(session: Session) -> list[Any]:
        """The session with the library as it is now, and all that shows it; in the order of ``shown``."""
        words = session.words
        view = engine.library.snapshot()
        rows = view.articles()
        questions = tried(view.revision, words.lang[:2])
        session = replace(session, questions=questions, listed=tuple(row.id for row in rows[:LISTED]))
        listed = [(row.title, row.author or "", row.date or "") for row in rows[:LISTED]]
        return [
            session,
            page.header(words),
            page.library(listed, len(rows), words),
            gr.update(label=words.upload),
            f"<p>{words.upload_hint.format(UPLOAD_MEGABYTES, UPLOAD_FILES)}</p>",
            page.conversation(session.turns, words, empty=not rows),
            page.examples(questions, words),
            gr.update(label=words.ask, placeholder=words.ask_hint),
            page.reader(session.place, words),
        ]

    def ask(question: str, session: Session) -> Iterator[list[Any]]:
        words = session.words
        waiting = (*session.turns, page.Turn(question[:2100]))
        yield ["", session, page.conversation(waiting[-KEPT:], words), gr.skip()]
        turn = answered(engine, question, words)
        place = first_place(turn) if turn.reply else None
        session = replace(session, turns=(*session.turns, turn)[-KEPT:], place=place)
        yield [gr.skip(), session, page.conversation(session.turns, words), page.reader(place, words)]

    def act_in_talk(session: Session, event: gr.EventData) -> Iterator[list[Any]]:
        clicked = event._data  # noqa: SLF001 -- the only way to all of a custom event's data
        if clicked["act"] == "example":
            yield from ask(session.questions[int(clicked["number"])], session)
            return
        place = place_of(session, clicked)
        yield [gr.skip(), replace(session, place=place), gr.skip(), page.reader(place, session.words)]

    def read(session: Session, event: gr.EventData) -> list[Any]:
        article_id = session.listed[int(event._data["number"])]  # noqa: SLF001
        try:
            place = page.Place(engine.library.snapshot().article(article_id))
        except KeyError:
            raise gr.Error(session.words.gone, print_exception=False) from None
        return [replace(session, place=place), page.reader(place, session.words)]

    def switch(session: Session) -> list[Any]:
        return painted(replace(session, words=STRINGS[session.words.other_lang[:2]]))

    def upload(paths: list[str] | None, session: Session, progress: gr.Progress = gr.Progress()) -> list[Any]:  # noqa: B008 -- gradio's way
        files = [Path(path) for path in paths or []]
        words = session.words

        def tell(step: Step) -> None:
            if step.kind == "read":
                progress((step.done, step.total), desc=words.reading.format(Path(step.source).name))

        lines = taken_in(engine, files, words, tell)
        return [page.report(lines, words), *painted(session)]

    with gr.Blocks(title="文章问答 · Article QA", fill_width=True, delete_cache=(3600, 3600)) as demo:
        session = gr.State(Session())
        script = page.resource("page.js")
        words = STRINGS["zh" if lang == "auto" else lang]
        with gr.Column(elem_id="page"):
            head = gr.HTML(page.header(words), js_on_load=script, elem_id="head")
            with gr.Row(elem_id="desk"):
                with gr.Column(elem_id="shelf"):
                    button = gr.UploadButton(
                        words.upload, file_count="multiple", file_types=list(TYPES), elem_id="upload", size="sm"
                    )
                    limits = gr.HTML(elem_id="limits")
                    report = gr.HTML(elem_id="report")
                    shelf = gr.HTML(js_on_load=script, elem_id="library")
                with gr.Column(elem_id="talk"):
                    chat = gr.HTML(page.conversation((), words), js_on_load=script, elem_id="chat")
                    chips = gr.HTML(js_on_load=script, elem_id="examples")
                    box = gr.Textbox(
                        label=words.ask, placeholder=words.ask_hint, show_label=False, container=False,
                        submit_btn=True, autofocus=True, max_lines=4, elem_id="ask",
                    )  # fmt: skip
                with gr.Column(elem_id="source"):
                    reader = gr.HTML(page.reader(None, words), js_on_load=script, elem_id="reader")
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        shown = [session, head, shelf, button, limits, chat, chips, box, reader]
        talk = [box, session, chat, reader]
        demo.load(arrive, None, shown, **quiet)
        box.submit(ask, [box, session], talk, **quiet)
        chat.act(act_in_talk, [session], talk, **quiet)
        chips.act(act_in_talk, [session], talk, **quiet)
        shelf.act(read, [session], [session, reader], **quiet)
        head.act(switch, [session], shown, **quiet)
        button.upload(
            upload, [button, session], [report, *shown], show_progress="full", show_progress_on=[report],
            api_visibility="private", concurrency_limit=1,
        )  # fmt: skip
    demo.queue(default_concurrency_limit=16, api_open=False)
    return demo


def answered(engine: Engine, question: str, words: Strings) -> page.Turn:
    """The turn that ``question`` makes; what goes wrong is said in the turn."""
    from embeddings.errors import ArticleQAError, QuestionError

    try:
        reply = engine.ask(question)
    except QuestionError:
        return page.Turn(question[:200], error=words.too_long if question.strip() else words.no_question)
    except ArticleQAError as error:
        return page.Turn(question[:200], error=words.broken.format(error))
    view = engine.library.snapshot()
    articles = {}
    for hit in reply.hits:
        try:
            articles[hit.passage.article_id] = view.article(hit.passage.article_id)
        except KeyError:  # removed since: the hit is shown without its title
            continue
    return page.Turn(question, reply, articles=articles)


def first_place(turn: page.Turn) -> page.Place | None:
    """Where the reader opens of itself: at the best answer; nowhere without one."""
    if not turn.reply or not turn.reply.answers:
        return None
    answer = turn.reply.answers[0]
    return page.place_of_source(answer, answer.source)


def place_of(session: Session, clicked: dict[str, str]) -> page.Place | None:
    """The place that a source or a passage of the conversation points at."""
    turn = session.turns[int(clicked["turn"])]
    assert turn.reply is not None
    number = int(clicked["number"])
    if clicked["act"] == "source":
        answer = turn.reply.answers[int(clicked["answer"])]
        return page.place_of_source(answer, answer.sources[number])
    hit = turn.reply.hits[number]
    article = turn.articles.get(hit.passage.article_id)
    return page.Place(article, passage=hit.passage.span) if article else session.place


def taken_in(
    engine: Engine, paths: Sequence[Path], words: Strings, tell: Callable[[Step], None]
) -> list[tuple[str, str, bool]]:
    """What became of each uploaded file: (name, what, whether it is in the library). The files are deleted."""
    from embeddings.errors import ArticleQAError, LoadError
    from embeddings.load import load_bytes
    from embeddings.update import add

    lines: list[tuple[str, str, bool]] = []
    articles = {}
    for path in paths:
        try:
            if len(paths) > UPLOAD_FILES:
                continue
            if path.stat().st_size > UPLOAD_MEGABYTES << 20:
                lines.append((path.name, f"{words.failed}: {words.too_large.format(UPLOAD_MEGABYTES)}", False))
                continue
            article = load_bytes(path.read_bytes(), path.name, source=f"upload/{path.name}")
            articles[article.source] = article
        except LoadError as error:
            lines.append((path.name, f"{words.failed}: {error.reason}", False))
        finally:
            path.unlink(missing_ok=True)
    if len(paths) > UPLOAD_FILES:
        return [(words.upload, words.too_many.format(UPLOAD_FILES, len(paths)), False)]
    try:
        library = engine.library
        done = add(library.path, list(articles.values()), library.embedder, progress=tell) if articles else None
    except ArticleQAError as error:
        return lines + [(Path(source).name, f"{words.failed}: {error}", False) for source in articles]
    failed = {failure.source: failure.reason for failure in done.failed} if done else {}
    for source in articles:
        what, good = words.unchanged, True
        if source in failed:
            what, good = f"{words.failed}: {failed[source]}", False
        elif done and source in done.added:
            what = words.added
        elif done and source in done.changed:
            what = words.changed
        lines.append((Path(source).name, what, good))
    return lines


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status: 0 after the page was closed, 1 for an error, which is said in one line."""
    options = _options().parse_args(argv)
    from embeddings.errors import ArticleQAError

    try:
        return serve(prepared(options), options)
    except (ArticleQAError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 0
