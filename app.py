"""The page: ask a folder of articles in a browser. Layout and wiring only."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator  # noqa: TC003 -- Gradio resolves the annotations of handlers
from functools import partial
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # gradio reads it when it is imported

import gradio as gr
from fastapi import FastAPI
from gradio.utils import get_upload_folder
from starlette.requests import cookie_parser
from threadpoolctl import threadpool_limits

from embeddings.errors import ArticleQAError
from qa import page
from qa.bring import bring, keep_watch, sample_library
from qa.desk import SLOW, Desk
from qa.gate import Throttle, same
from qa.serve import LANGUAGE, MANAGING, Guarded, Server, free_port
from qa.settings import Settings, read
from qa.strings import STRINGS
from qa.visit import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.engine import Engine
    from qa.strings import Strings

PARTS = ("head", "add", "facets", "shelf", "foot", "report", "tools", "chat", "chips", "reader", "outbox")
"""The parts of the page that are HTML; beside them there are "find" and "box", to type in."""

ON_LOAD = "articleQA(element, (clicked, slow) => trigger(slow ? 'work' : 'act', clicked), watch, upload)"
"""What each part runs: the script itself is loaded once, for Gradio reads this with every painting."""

TALK = ("tools", "chat", "chips", "box", "reader", "outbox")
"""The parts that a conversation paints."""


def _part(name: str, value: str = "") -> gr.HTML:
    return gr.HTML(value, js_on_load=ON_LOAD, apply_default_css=False, elem_id=name)


def _layout(words: Strings) -> dict[str, Any]:
    """The parts of the page by name, laid out in three places side by side."""
    shown: dict[str, Any] = {}
    with gr.Column(elem_id="page"):
        shown["head"] = _part("head", page.header(words))
        with gr.Row(elem_id="desk"):
            with gr.Column(elem_id="library"):
                shown["add"] = _part("add")
                shown["report"] = _part("report")
                shown["find"] = gr.Textbox(
                    label=words.find, placeholder=words.find, show_label=False, container=False, max_lines=1,
                    elem_id="find",
                )  # fmt: skip
                shown["facets"] = _part("facets")
                shown["shelf"] = _part("shelf")
                shown["foot"] = _part("foot")
            with gr.Column(elem_id="talk"):
                shown["tools"] = _part("tools")
                shown["chat"] = _part("chat", page.conversation((), words))
                shown["chips"] = _part("chips")
                shown["box"] = gr.Textbox(
                    label=words.ask, placeholder=words.ask_hint, show_label=False, container=False,
                    submit_btn=True, autofocus=True, max_lines=4, elem_id="box",
                )  # fmt: skip
            with gr.Column(elem_id="source"):
                shown["reader"] = _part("reader", page.reader(None, words))
        shown["outbox"] = _part("outbox")
    return shown


def _painted(shown: dict[str, Any], paintings: Iterator[dict[str, Any]]) -> Iterator[dict[Any, Any]]:
    """The paintings as Gradio takes them."""
    empty = True
    for painting in paintings:
        empty = False
        yield {
            shown[name]: gr.update(**value) if isinstance(value, dict) else value
            for name, value in painting.items()
        }
    if empty:  # else Gradio would blank all that the event may paint
        yield {shown["chat"]: gr.skip()}


def build(desk: Desk) -> gr.Blocks:
    """The page of ``desk``: its parts, and what happens when they are used."""
    demo: gr.Blocks = gr.Blocks(title="文章问答 · Article QA", fill_width=True, delete_cache=(3600, 3600))
    with demo:
        session = gr.State(Session())
        shown = _layout(STRINGS["zh" if desk.settings.lang == "auto" else desk.settings.lang])

        painted = partial(_painted, shown)

        def arrive(held: Session, request: gr.Request) -> Iterator[dict[Any, Any]]:
            headers, cookies = request.headers, cookie_parser(request.headers.get("cookie", ""))
            accepted = cookies.get(LANGUAGE) or headers.get("accept-language", "")
            address = request.client.host if request.client else ""
            yield from painted(
                desk.arrive(held, accepted, dict(request.query_params), address, cookies.get(MANAGING, ""))
            )

        def ask(question: str, held: Session) -> Iterator[dict[Any, Any]]:
            yield from painted(desk.ask(question, held))

        def suggest(held: Session) -> Iterator[dict[Any, Any]]:
            yield from painted(desk.suggest(held))

        def find(text: str, held: Session) -> Iterator[dict[Any, Any]]:
            yield from painted(desk.find(text, held))

        def work(held: Session, event: gr.EventData) -> Iterator[dict[Any, Any]]:
            yield from painted(desk.act(held, event._data))  # noqa: SLF001 -- the only way to all that it carries

        def act(held: Session, event: gr.EventData) -> Iterator[dict[Any, Any]]:
            if event._data["act"] in SLOW:  # noqa: SLF001
                raise ValueError("no mere click")
            yield from work(held, event)

        everything = list(shown.values())
        # What an event leaves as it is costs Gradio as much as what it paints, so it names no more than it may paint.
        talk = [shown[name] for name in TALK]
        quiet: dict[str, Any] = {
            "show_progress": "hidden", "api_visibility": "private", "trigger_mode": "multiple",
        }  # fmt: skip
        demo.load(arrive, session, everything, **quiet)
        chips = [shown["chips"]]
        shown["box"].submit(ask, [shown["box"], session], talk, **quiet).then(
            suggest, session, chips, **quiet
        )
        lists = [shown[name] for name in ("facets", "shelf", "foot")]
        shown["find"].input(find, [shown["find"], session], lists, **quiet | {"trigger_mode": "always_last"})
        for name in PARTS:
            parts = talk if name in TALK and name != "reader" else everything
            # Clicks wait for no answer, whoever asks for how many.
            shown[name].act(act, session, parts, concurrency_id="clicks", **quiet)
            shown[name].work(work, session, parts, concurrency_id="work", **quiet).then(
                suggest, session, chips, **quiet
            )
    demo.queue(default_concurrency_limit=desk.settings.at_once, max_size=1_000, api_open=False)
    # Gradio checks which files an event may name only once a page is launched; ours is mounted.
    demo.has_launched = True
    return demo


def served(desk: Desk, host: str, port: int) -> Server:
    """A server of the page of ``desk``; it does not run yet."""
    settings = desk.settings
    users = settings.users
    # Questions share the cores: with a thread for each, one costs half the processor time that it costs with two.
    threadpool_limits(limits=1, user_api="blas")
    script = f"const SLOW_ACTS = {json.dumps(sorted(SLOW))};{page.resource('page.js')}"
    outer = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    gr.mount_gradio_app(
        outer, build(desk), path="/", footer_links=[], run_history=False, enable_monitoring=False, ssr_mode=False,
        theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        css=page.resource("page.css"), head=f"<script>{script}</script>",
        max_file_size=settings.most_megabytes << 20, root_path=settings.root_path or None,
        app_kwargs={"docs_url": None, "openapi_url": None},
        auth=(lambda name, password: same(password, users.get(name, "")) and name in users) if users else None,
    )  # fmt: skip
    guarded = Guarded(
        outer, desk.health, desk.may_upload, Throttle(), settings.root_path, local=settings.is_open
    )
    # Every open page holds a connection that says "alive" until this is set.
    mounted: Any = outer.routes[-1]
    return Server(guarded, host, port, settings.root_path, closing=mounted.app.stop_event.set)


def opened(settings: Settings) -> Server:
    """A server of the page that ``settings`` describe, its library brought up to date; it does not run yet."""
    port = free_port(settings.host, settings.port)
    desk = Desk(prepared(settings), settings, Path(get_upload_folder()))
    return served(desk, settings.host, port)


def prepared(settings: Settings) -> Engine:
    """An engine over the library that ``settings`` name, brought up to date with their folder."""
    from embeddings.encode import embedder
    from qa.engine import Engine

    library = Path(settings.library or "library")
    if settings.folder or not settings.library:
        model = embedder(settings.model or None, allow_download=settings.allow_download)
        if settings.folder:
            bring(library, Path(settings.folder), model)
            if settings.watch:
                keep_watch(library, Path(settings.folder), model)
        else:
            with as_file(files("qa") / "samples") as samples:
                library = sample_library(samples)
                bring(library, samples, model, anew=True)
    return Engine.open(
        library,
        embedder=settings.model or None,
        reader=settings.reader or None,
        allow_download=settings.allow_download,
    )


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status: 0 once the page is closed, 1 after an error, which is said in one line."""
    try:
        settings = read(argv, os.environ)
        server = opened(settings)
        if not (settings.is_open or settings.admin_password or settings.read_only):
            sys.stderr.write(
                "visitors may ask, and change nothing; --admin-password lets who knows it change the library\n"
            )
        sys.stdout.write(f"{server.address}\n")
        sys.stdout.flush()
        server.run()
    except (ArticleQAError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
