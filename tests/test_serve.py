from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import pytest

from qa.gate import Throttle
from qa.serve import MANAGING, POLICY, Guarded, Server, free_port

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


class Inner:
    """An application that says which path it was asked for; /login fails but for the body "right"."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.paths.append(scope["path"])
        status = 200
        if scope["path"] == "/login":
            status = 200 if (await receive())["body"] == b"right" else 400
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": scope["path"].encode()})


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def asked(guarded: Guarded, method: str, path: str, **more: Any) -> httpx.Response:
    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(guarded)
        async with httpx.AsyncClient(transport=transport, base_url="http://page") as client:
            return await client.request(method, path, **more)

    return anyio.run(run)


def guarded(inner: Inner, root: str = "", throttle: Throttle | None = None) -> Guarded:
    return Guarded(
        inner, lambda: {"revision": 3}, lambda token: token == "known", throttle or Throttle(), root
    )


def test_serve_lets_a_page_fetch_only_from_itself() -> None:
    reply = asked(guarded(Inner()), "GET", "/")
    assert reply.headers["content-security-policy"] == POLICY
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'self'" in POLICY
    assert "http" not in POLICY


def test_serve_says_that_it_is_healthy_or_not() -> None:
    inner = Inner()
    reply = asked(guarded(inner), "GET", "/healthz")
    assert (reply.status_code, reply.json()) == (200, {"status": "ok", "revision": 3})
    assert inner.paths == []

    def broken() -> dict[str, Any]:
        raise OSError("the disk is gone, at /secret")

    reply = asked(Guarded(inner, broken, lambda _: True, Throttle()), "GET", "/healthz")
    assert (reply.status_code, reply.json()) == (503, {"status": "error", "detail": "OSError"})


@pytest.mark.parametrize(
    ("cookie", "status"),
    [
        ("", 403),
        (f"{MANAGING}=other", 403),
        (f"a=b; {MANAGING}=known", 200),
        ("\x01=;;", 403),
        (f'a={{"x":1}}; {MANAGING}=known', 200),
    ],
)
def test_serve_takes_files_only_from_whom_it_may(cookie: str, status: int) -> None:
    inner = Inner()
    reply = asked(guarded(inner), "POST", "/gradio_api/upload?id=1", headers={"cookie": cookie})
    assert reply.status_code == status
    assert bool(inner.paths) is (status == 200)
    assert asked(guarded(inner), "GET", "/gradio_api/upload", headers={"cookie": cookie}).status_code == 200


@pytest.mark.parametrize("path", ["/qa/config", "/config"])
def test_serve_knows_its_path_whether_the_proxy_takes_it_off_or_not(path: str) -> None:
    inner = Inner()
    assert asked(guarded(inner, "/qa"), "GET", path).text == "/config"


@pytest.mark.parametrize(("path", "seen"), [("/qa", "/"), ("/qa/", "/"), ("/qa/qa/config", "/config")])
def test_serve_takes_its_path_off_wholly(path: str, seen: str) -> None:
    assert asked(guarded(Inner(), "/qa"), "GET", path).text == seen


@pytest.mark.parametrize(
    "path", ["/qanda", "/gradio_api/file=/etc/passwd", "/gradio_api/process_recording", "/gradio_api/proxy=http://x/",
             "/gradio_api/component_server", "/gradio_api/deep_link", "/monitoring", "//login", "/gradio_api/stream/x"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_serve_finds_only_what_a_page_asks_for(method: str, path: str) -> None:
    inner = Inner()
    assert asked(guarded(inner, "/qa"), method, "http://page" + path).status_code == 404
    assert inner.paths == []


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (["text", None], 200),
        ([], 200),
        ([{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}], 400),
        (["a", [{"path": "http://elsewhere.test/", "meta": {"_type": "gradio.FileData"}}]], 400),
        ("text", 400),
        (["x" * (2 << 20)], 400),
    ],
)
def test_serve_takes_events_of_text_only(data: object, status: int) -> None:
    inner = Inner()
    reply = asked(guarded(inner), "POST", "/gradio_api/queue/join", json={"data": data, "fn_index": 1})
    assert reply.status_code == status
    assert bool(inner.paths) is (status == 200)


def test_serve_slows_down_who_tries_passwords() -> None:
    clock = Clock()
    page, inner = None, Inner()
    page = guarded(inner, throttle=Throttle(clock))
    statuses = [asked(page, "POST", "/login", content=b"wrong").status_code for _ in range(6)]
    assert statuses == [400] * 5 + [429]
    assert len(inner.paths) == 5
    clock.now = 1.0
    assert asked(page, "POST", "/login", content=b"right").status_code == 200
    assert asked(page, "POST", "/login", content=b"wrong").status_code == 429  # the others stay counted
    clock.now = 2.0
    assert asked(page, "POST", "/login", content=b"wrong").status_code == 400
    assert asked(page, "GET", "/login").status_code != 429


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:7860", 200), ("localhost:7860", 200), ("[::1]:7860", 200), ("127.8.8.8", 200),
        ("evil.test:7860", 403), ("localhost.evil.test", 403), ("10.0.0.1", 403), ("", 403), ("[", 403),
    ],
)  # fmt: skip
def test_serve_a_local_page_answers_only_to_names_of_its_machine(host: str, status: int) -> None:
    local = Guarded(Inner(), dict, lambda _: True, Throttle(), local=True)
    assert asked(local, "GET", "/", headers={"host": host}).status_code == status
    assert asked(guarded(Inner()), "GET", "/", headers={"host": "evil.test"}).status_code == 200


def test_serve_runs_and_stops() -> None:
    server = Server(guarded(Inner()), "127.0.0.1", free_port("127.0.0.1", None))
    server.start()
    with httpx.Client(trust_env=False) as client:
        assert json.loads(client.get(server.address + "healthz").text)["status"] == "ok"
        server.stop()
        with pytest.raises(httpx.TransportError):
            client.get(server.address + "healthz")


def test_serve_names_the_address_of_its_path() -> None:
    assert Server(guarded(Inner()), "::1", 7861, "/qa").address == "http://[::1]:7861/qa/"


def test_serve_takes_the_first_free_port() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"port {port} of 127.0.0.1 cannot be used"):
            free_port("127.0.0.1", port)
    assert free_port("127.0.0.1", port) == port
    assert 7860 <= free_port("127.0.0.1", None) < 7960
