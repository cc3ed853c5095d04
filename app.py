"""The page: ask a folder of articles in a browser. Layout and wiring only."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator  # noqa: TC003 -- Gradio resolves the annotations of handlers
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # gradio reads it when it is imported

import gradio as gr
from starlette.middleware import Middleware

from embeddings.errors import ArticleQAError
from qa import page
from qa.examples import examples
from qa.serve import Guarded, bring, free_port, keep_watch, sample_library
from qa.strings import STRINGS, choose
from qa.upload import MOST_FILES, MOST_MEGABYTES, take
from qa.visit import Session, answered, first_place, place_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embeddings.report import Step
    from qa.engine import Engine

TYPES = (".md", ".markdown", ".txt", ".html", ".htm", ".pdf", ".docx")
EXAMPLES = 6
LISTED = 200
"""Articles listed on the page at most."""
KEPT = 50
"""Turns of a conversation that stay on the page."""
AT_ONCE = 16
"""Questions worked on at the same time."""


class Desk:
    """What the page does when something is clicked, for one engine; a visitor's state is his Session."""

    def __init__(self, engine: Engine, lang: str = "auto") -> None:
        self.engine = engine
        self.lang = lang
        self._examples = lru_cache(maxsize=8)(self._tried)

    def _tried(self, _revision: int, lang: str) -> tuple[str, ...]:
        return tuple(examples(self.engine.library.snapshot(), self.engine.ask, EXAMPLES, lang))

    def arrive(self, request: gr.Request) -> list[Any]:
        """The page in the visitor's language."""
        accepted = request.headers.get("accept-language", "")
        return self.painted(Session(choose(accepted) if self.lang == "auto" else self.lang))

    def painted(self, session: Session) -> list[Any]:
        """The session with the library as it is now, and the value of each component that shows it."""
        words = session.words
        shelf, chips = self._shelf(session)
        return [
            session,
            page.header(words),
            shelf,
            gr.update(label=words.upload),
            f"<p>{words.upload_hint.format(MOST_MEGABYTES, MOST_FILES)}</p>",
            page.conversation(session.turns, words, empty=not session.listed),
            chips,
            gr.update(label=words.ask, placeholder=words.ask_hint),
            page.reader(session.place, words),
        ]

    def _shelf(self, session: Session) -> tuple[str, str]:
        """The list of articles and the examples, as the library is now."""
        view = self.engine.library.snapshot()
        rows = view.articles()
        session.questions = self._examples(view.revision, session.lang)
        session.listed = tuple(row.id for row in rows[:LISTED])
        listed = [(row.title, row.author or "", row.date or "") for row in rows[:LISTED]]
        words = session.words
        return page.library(listed, len(rows), words), page.examples(session.questions, words)

    def ask(self, question: str, session: Session) -> Iterator[list[Any]]:
        """The question at once, then its answer, with the source opened; nothing for white space."""
        if question.strip():
            yield from self._ask(question, session, list(session.turns))

    def _ask(self, question: str, session: Session, before: Sequence[page.Turn]) -> Iterator[list[Any]]:
        words = session.words
        waiting = [*session.turns, page.Turn(question[:2000])]
        yield ["", gr.skip(), page.conversation(waiting[-KEPT:], words), gr.skip()]
        turn = answered(self.engine, question, words, before)
        session.turns.append(turn)
        del session.turns[:-KEPT]
        session.place = first_place(turn)
        yield [gr.skip(), session, page.conversation(session.turns, words), page.reader(session.place, words)]

    def talk(self, session: Session, event: gr.EventData) -> Iterator[list[Any]]:
        """What a click in the conversation opens, or what an example asked."""
        clicked = event._data  # noqa: SLF001 -- the only way to all that a custom event carries
        if clicked["act"] == "example":
            yield from self.ask(session.questions[int(clicked["number"])], session)
            return
        if clicked["act"] in ("edit", "plain"):
            turn = session.turns[int(clicked["turn"])]
            if clicked["act"] == "plain":
                yield from self._ask(turn.question, session, [])
            elif turn.reply:
                yield [turn.reply.standalone_question, gr.skip(), gr.skip(), gr.skip()]
            return
        session.place = place_of(session, clicked)
        yield [gr.skip(), session, gr.skip(), page.reader(session.place, session.words)]

    def read(self, session: Session, event: gr.EventData) -> list[Any]:
        """The article that was clicked in the list, open."""
        article_id = session.listed[int(event._data["number"])]  # noqa: SLF001
        try:
            place = page.Place(self.engine.library.snapshot().article(article_id))
        except KeyError:
            raise gr.Error(session.words.gone, print_exception=False) from None
        session.place = place
        return [session, page.reader(place, session.words)]

    def switch(self, session: Session) -> list[Any]:
        """The page in the other language."""
        session.lang = "en" if session.lang == "zh" else "zh"
        return self.painted(session)

    def upload(self, paths: list[str], session: Session, progress: gr.Progress = gr.Progress()) -> list[Any]:  # noqa: B008
        """What became of the files, and the list and the examples with them in the library."""

        def tell(step: Step) -> None:
            if step.kind == "read":
                reading = session.words.reading.format(Path(step.source).name)
                progress((step.done, step.total), desc=reading)

        lines = take(self.engine.library, [Path(path) for path in paths], session.words, tell)
        return [page.report(lines, session.words), *self._shelf(session)]


def build(engine: Engine, lang: str = "auto") -> gr.Blocks:
    """The page over ``engine``; ``lang`` is "zh", "en", or "auto" for the browser's own."""
    desk = Desk(engine, lang)
    words = STRINGS["zh" if lang == "auto" else lang]
    script = page.resource("page.js")
    demo: gr.Blocks = gr.Blocks(title="文章问答 · Article QA", fill_width=True, delete_cache=(3600, 3600))
    with demo:
        session = gr.State(Session())
        with gr.Column(elem_id="page"):
            head = gr.HTML(page.header(words), js_on_load=script, apply_default_css=False, elem_id="head")
            with gr.Row(elem_id="desk"):
                with gr.Column(elem_id="shelf"):
                    button = gr.UploadButton(
                        words.upload,
                        file_count="multiple",
                        file_types=list(TYPES),
                        elem_id="upload",
                        size="sm",
                    )
                    limits = gr.HTML(elem_id="limits")
                    report = gr.HTML(elem_id="report")
                    shelf = gr.HTML(js_on_load=script, apply_default_css=False, elem_id="library")
                with gr.Column(elem_id="talk"):
                    chat = gr.HTML(
                        page.conversation((), words),
                        js_on_load=script,
                        apply_default_css=False,
                        elem_id="chat",
                    )
                    chips = gr.HTML(js_on_load=script, apply_default_css=False, elem_id="examples")
                    box = gr.Textbox(
                        label=words.ask, placeholder=words.ask_hint, show_label=False, container=False,
                        submit_btn=True, autofocus=True, max_lines=4, elem_id="ask",
                    )  # fmt: skip
                with gr.Column(elem_id="source"):
                    reader = gr.HTML(
                        page.reader(None, words), js_on_load=script, apply_default_css=False, elem_id="reader"
                    )
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        shown = [session, head, shelf, button, limits, chat, chips, box, reader]
        talk = [box, session, chat, reader]
        demo.load(desk.arrive, None, shown, **quiet)
        box.submit(desk.ask, [box, session], talk, **quiet)
        chat.act(desk.talk, [session], talk, **quiet)
        chips.act(desk.talk, [session], talk, **quiet)
        shelf.act(desk.read, [session], [session, reader], **quiet)
        head.act(desk.switch, [session], shown, **quiet)
        button.upload(
            desk.upload, [button, session], [report, shelf, chips], show_progress="full", show_progress_on=[report],
            api_visibility="private", concurrency_limit=1,
        )  # fmt: skip
    demo.queue(default_concurrency_limit=AT_ONCE, api_open=False)
    return demo


def launch(demo: gr.Blocks, host: str, port: int, *, block: bool = True) -> str:
    """The address at which the page is served; with ``block``, only once it is closed."""
    # Gradio asks its own server whether it is up: never through a proxy.
    local = "localhost,127.0.0.1,::1"
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, [os.environ.get(name, ""), local]))
    _, address, _ = demo.launch(
        server_name=host, server_port=port, quiet=True, prevent_thread_lock=True, show_error=True,
        footer_links=[], run_history=False, enable_monitoring=False, ssr_mode=False, share=False,
        theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        css=page.resource("page.css"), max_file_size=MOST_MEGABYTES << 20,
        app_kwargs={"middleware": [Middleware(Guarded)], "docs_url": None, "openapi_url": None},
    )  # fmt: skip
    if block:
        sys.stdout.write(f"{address}\n")
        sys.stdout.flush()
        demo.block_thread()
    return address


def prepared(options: argparse.Namespace) -> Engine:
    """An engine over the library that the options name, brought up to date with their folder."""
    from embeddings.encode import embedder
    from qa.engine import Engine

    library = Path(options.library or "library")
    if options.folder or not options.library:
        model = embedder(options.model, allow_download=options.allow_download)
        if options.folder:
            bring(library, Path(options.folder), model)
            if options.watch:
                keep_watch(library, Path(options.folder), model)
        else:
            with as_file(files("qa") / "samples") as samples:
                library = sample_library(samples)
                bring(library, samples, model, anew=True)
    return Engine.open(
        library, embedder=options.model, reader=options.reader, allow_download=options.allow_download
    )


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status: 0 once the page is closed, 1 after an error, which is said in one line."""
    parser = _options()
    options = parser.parse_args(argv)
    if options.watch and not options.folder:
        parser.error("--watch needs a FOLDER to watch")
    try:
        port = free_port(options.host, options.port)
        launch(build(prepared(options), options.lang), options.host, port)
    except (ArticleQAError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python app.py", description="Ask a folder of articles in a browser."
    )
    parser.add_argument("folder", nargs="?", metavar="FOLDER", help="articles; without it, sample articles")
    parser.add_argument("--library", metavar="DIR", help="where the library lies (with FOLDER: ./library)")
    parser.add_argument("--watch", action="store_true", help="take over what changes in FOLDER meanwhile")
    parser.add_argument("--host", default="127.0.0.1", help="address to serve on (127.0.0.1)")
    parser.add_argument(
        "--port", type=int, metavar="N", help="port to serve on (the first free one from 7860)"
    )
    parser.add_argument("--model", metavar="NAME", help="embedding model (the bundled one)")
    parser.add_argument("--reader", metavar="NAME", help="extractive reader (the bundled one)")
    parser.add_argument("--allow-download", action="store_true", help="let named models be fetched")
    parser.add_argument("--lang", choices=("auto", "zh", "en"), default="auto", help="language of the page")
    return parser


if __name__ == "__main__":
    sys.exit(main())
