"""The page as a process: started, asked by several at once, told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fake_engine import FakeEngine, FakeLibrary, article
from fastapi import FastAPI
from gradio.utils import get_upload_folder
from visitor import Visitor, crowd

import app
from qa import serve
from qa.desk import Desk
from qa.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qa.serve import Server

ROOT = Path(__file__).parents[1]
ARTICLES = [article("a", "老铁山灯塔位于旅顺口区。老铁山灯塔很高。", "老铁山灯塔")]


class Slow(FakeEngine):
    """Waits over a question with "慢" until it is let go."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.waiting, self.go = threading.Event(), threading.Event()

    def ask(self, question: str, *more: Any) -> Any:
        if "慢" in question:
            self.waiting.set()
            assert self.go.wait(30)
        return super().ask(question, *more)


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[tuple[Slow, Server]]:
    engine = Slow(FakeLibrary(ARTICLES, tmp_path), enough=0.6)
    server = app.served(Desk(engine, Settings()), "127.0.0.1", app.free_port("127.0.0.1", None))
    server.start()
    yield engine, server
    engine.go.set()
    server.stop()


def test_running_a_slow_question_blocks_no_other(slow: tuple[Slow, Server]) -> None:
    engine, address = slow[0], slow[1].address

    async def both() -> tuple[list[str], list[str]]:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            one, other = await Visitor.arrive(client, address), await Visitor.arrive(client, address)
            waiting = asyncio.create_task(one.ask("慢吞吞的老铁山灯塔位于哪里"))
            while not engine.waiting.is_set():
                await asyncio.sleep(0.01)
            quick = await other.ask("老铁山灯塔位于哪里")
            assert not waiting.done()
            assert (await client.get(address + "healthz")).json()["status"] == "ok"
            engine.go.set()
            return quick, await waiting

    quick, late = asyncio.run(both())
    assert "旅顺口区" in quick[-1]
    assert "慢吞吞" in late[0]
    assert "card waiting" in late[0]


def test_running_many_are_answered_and_nobody_sees_what_another_asked(slow: tuple[Slow, Server]) -> None:
    address = slow[1].address
    took, wrong = asyncio.run(crowd(address, ["老铁山灯塔位于哪里", "老铁山灯塔高吗"], 10, 2))
    assert wrong == []
    assert len(took) >= 10


@pytest.mark.parametrize("bare", [False, True], ids=["guarded", "Gradio alone"])
def test_running_no_event_reads_a_file_of_the_server(
    slow: tuple[Slow, Server], tmp_path: Path, bare: bool
) -> None:
    engine, server = slow
    secret = tmp_path / "secret.txt"
    secret.write_text("the password is sesame")
    named = {"path": str(secret), "meta": {"_type": "gradio.FileData"}}

    async def asked(address: str) -> str:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            visitor = await Visitor.arrive(client, address)
            with pytest.raises((httpx.HTTPStatusError, RuntimeError)) as told:
                await visitor.ask(named)  # type: ignore[arg-type]
            return str(told.value)

    if bare:  # Gradio's own check stands behind ours
        page = app.gr.mount_gradio_app(FastAPI(), app.build(Desk(engine, Settings())), path="/")
        server = serve.Server(page, "127.0.0.1", app.free_port("127.0.0.1", None))
        server.start()
    told = asyncio.run(asked(server.address))
    assert ("400" in told) is not bare
    cached = list(Path(get_upload_folder()).rglob("secret.txt"))
    assert [path for path in cached if "sesame" in path.read_text()] == []
    if bare:
        server.stop()


def test_running_the_page_answers_what_is_under_way_when_it_is_told_to_stop(
    slow: tuple[Slow, Server],
) -> None:
    engine, server = slow

    async def asked() -> list[str]:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            return await (await Visitor.arrive(client, server.address)).ask("慢吞吞的老铁山灯塔位于哪里")

    answers: list[list[str]] = []
    asking = threading.Thread(target=lambda: answers.append(asyncio.run(asked())))
    asking.start()
    assert engine.waiting.wait(20)
    threading.Timer(0.5, engine.go.set).start()
    server.stop()
    asking.join(20)
    assert "旅顺口区" in answers[0][-1]


@pytest.mark.skipif(os.name == "nt", reason="no SIGTERM")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_running_the_process_ends_well_when_it_is_told_to(tmp_path: Path, name: str) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "a.md").write_text("海是咸的。", "utf-8")
    environ = {**os.environ, "ARTICLE_QA_LIBRARY": str(tmp_path / "library"), "PYTHONPATH": str(ROOT)}
    page = subprocess.Popen(
        [sys.executable, str(ROOT / "app.py"), str(tmp_path / "articles"), "--host", "127.0.0.1"],
        cwd=tmp_path, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert page.stdout
        address = page.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        with httpx.Client(trust_env=False, timeout=30) as client:
            assert client.get(address + "healthz").json()["passages"] == 1
            # An open page holds a connection; it must not keep the process from ending.
            with client.stream("GET", address + "gradio_api/heartbeat/x") as alive:
                next(alive.iter_lines())
                begun = time.monotonic()
                page.send_signal(getattr(signal, name))
                out, error = page.communicate(timeout=30)
        assert page.returncode == 0
        assert time.monotonic() - begun < 8
        assert "Traceback" not in out + error
    finally:
        page.kill()
        page.wait()
