"""How the page is served: what a browser may fetch and send, on which port, until it is told to stop."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import threading
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import uvicorn
from starlette.requests import cookie_parser

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from qa.gate import Throttle

MANAGING, LANGUAGE = "article-qa-manage", "article-qa-lang"
"""The cookies that hold the token of who may manage, and the language chosen; the page's script sets them."""

# The page fetches nothing from elsewhere, whatever an article says.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)

PATIENCE = 10
"""Seconds that a stopping server gives the answers under way."""

LARGEST_EVENT = 2 << 20
"""Bytes of an event that a page sends, at most: uploads go their own way."""

_LOGIN, _UPLOAD, _HEALTH, _EVENT = "/login", "/gradio_api/upload", "/healthz", "/gradio_api/queue/join"

# What a page asks of its server. Gradio has more: files by their path, other servers through this one, ...
_ROUTES = frozenset(
    (
        "", "/config", "/login", "/logout", "/theme.css", "/robots.txt", "/favicon.ico", "/manifest.json", "/pwa_icon",
        _UPLOAD, _EVENT, "/gradio_api/queue/data", "/gradio_api/upload_progress", "/gradio_api/startup-events",
        "/gradio_api/cancel", "/gradio_api/reset", "/gradio_api/login_check", "/gradio_api/info",
        "/gradio_api/app_id", "/gradio_api/token",
    )
)  # fmt: skip
_UNDER = ("/assets/", "/static/", "/svelte/", "/gradio_api/heartbeat/")


class Guarded:
    """The application under ``root_path``, with :data:`POLICY` on all that it serves.

    ``/healthz`` says ``health()`` as JSON; what no page asks for is not found, and an event carries text only.
    Files can be uploaded only by whom ``may_upload``, given his token, lets; passwords for ``/login`` can be
    tried only as fast as ``throttle`` allows. A proxy may have taken ``root_path`` off, or not. A ``local``
    page answers only to the names of this machine: else a foreign site could give its own name our address.
    """

    def __init__(
        self,
        app: ASGIApp,
        health: Callable[[], Mapping[str, Any]],
        may_upload: Callable[[str], bool],
        throttle: Throttle,
        root_path: str = "",
        *,
        local: bool = False,
    ) -> None:
        self.app = app
        self._health = health
        self._may_upload = may_upload
        self._throttle = throttle
        self._root = root_path
        self._local = local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        while self._root and (path + "/").startswith(self._root + "/"):  # what is inside takes it off again
            path = path.removeprefix(self._root) or "/"
        scope = {**scope, "path": path, "raw_path": path.encode()}
        path, posts = scope["path"].rstrip("/"), scope["method"] == "POST"
        address = scope["client"][0] if scope.get("client") else ""
        signing_in = posts and path == _LOGIN

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    (b"content-security-policy", POLICY.encode("ascii")),
                    (b"x-content-type-options", b"nosniff"),
                    (b"referrer-policy", b"no-referrer"),
                ]
                if signing_in and message["status"] == 200:
                    self._throttle.taken_back(address)
            await send(message)

        if path == _HEALTH:
            await _answer(guarded, *await self._healthy())
            return
        refused, inward = self._refused(path, address, scope), receive
        if not refused and posts and path == _EVENT:
            sent = await _body(receive)
            refused = () if _is_event(sent) else (400, {"detail": "no event of this page"})
            inward = _given(sent)
        if refused:
            await _answer(guarded, *refused)
            return
        await self.app(scope, inward, guarded)

    def _refused(self, path: str, address: str, scope: Scope) -> tuple[()] | tuple[int, Mapping[str, Any]]:
        """Status and body of the answer to a request that goes no further; () for one that does."""
        if self._local and not _is_here(scope):
            return 403, {"detail": "this page answers only to the names of its own machine"}
        if path not in _ROUTES and not path.startswith(_UNDER):
            return 404, {"detail": "not found"}
        if scope["method"] != "POST":
            return ()
        if path == _UPLOAD and not self._may_upload(_token(scope)):
            return 403, {"detail": "uploads are closed"}
        if path == _LOGIN and (wait := self._throttle.attempt(address)):
            return 429, {"detail": f"too many attempts; wait {wait:.0f} s"}
        return ()

    async def _healthy(self) -> tuple[int, Mapping[str, Any]]:
        from anyio.to_thread import run_sync

        try:
            return 200, {"status": "ok", **await run_sync(self._health)}
        except Exception as error:  # noqa: BLE001 -- whatever it is, the page is not healthy
            return 503, {"status": "error", "detail": type(error).__name__}


async def _body(receive: Receive) -> bytes:
    """The body of a request; b"" of one that is larger than :data:`LARGEST_EVENT`."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b""
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST_EVENT:
            return b""
        if not message.get("more_body"):
            return b"".join(parts)


def _is_event(body: bytes) -> bool:
    """Whether the data of an event are texts: Gradio fetches what an object in them names, file or address."""
    try:
        data = json.loads(body)["data"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
    return isinstance(data, list) and all(entry is None or isinstance(entry, str) for entry in data)


def _given(body: bytes) -> Receive:
    """What gives ``body`` once, as a request that was not read yet, and then waits."""
    left = [body]

    async def receive() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        await asyncio.Event().wait()
        raise AssertionError("an event that nobody sets")

    return receive


async def _answer(send: Send, status: int, body: Mapping[str, Any]) -> None:
    content = json.dumps(body).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def _token(scope: Scope) -> str:
    return cookie_parser(_header(scope, b"cookie")).get(MANAGING, "")


def _is_here(scope: Scope) -> bool:
    """Whether the Host of a request is a name of this machine."""
    try:
        name = urlsplit(f"//{_header(scope, b'host')}").hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def _header(scope: Scope, wanted: bytes) -> str:
    return b"; ".join(value for name, value in scope["headers"] if name == wanted).decode("latin-1")


class Server:
    """A page being served at ``address``; ``host`` and ``port`` as uvicorn takes them.

    ``closing`` is called once it is told to stop: it ends what would keep connections open for ever.
    """

    def __init__(
        self,
        app: ASGIApp,
        host: str,
        port: int,
        root_path: str = "",
        closing: Callable[[], None] | None = None,
    ) -> None:
        shown = f"[{host}]" if ":" in host else host
        self.address = f"http://{shown}:{port}{root_path}/"
        config = uvicorn.Config(
            app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=PATIENCE, ws="none"
        )  # fmt: skip
        self._server = _Uvicorn(config, closing)
        self._thread: threading.Thread | None = None

    def run(self) -> None:
        """Serves until the process is told to stop (SIGTERM, SIGINT), and the answers under way are given."""
        # Uvicorn sends itself the signal once more when it has stopped; by then there is nothing left to end.
        before = {name: signal.signal(name, _nothing) for name in (signal.SIGTERM, signal.SIGINT)}
        try:
            self._server.run()
        finally:
            for name, handler in before.items():
                signal.signal(name, handler)

    def start(self) -> None:
        """Serves from a thread of its own; returns once the page can be opened."""
        self._thread = threading.Thread(target=self._server.run, name="page", daemon=True)
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise OSError(f"{self.address} could not be served")
            self._thread.join(0.02)

    def stop(self) -> None:
        """Ends what :meth:`start` began."""
        self._server.should_exit = True
        if self._thread:
            self._thread.join(PATIENCE + 5)


class _Uvicorn(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, closing: Callable[[], None] | None) -> None:
        super().__init__(config)
        self._closing = closing

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._closing:
            self._closing()
        await super().shutdown(sockets)


def _nothing(*_: object) -> None:
    pass


def free_port(host: str, wanted: int | None) -> int:
    """``wanted`` if it is free, OSError if not; without it, the first free port from 7860."""
    for port in [wanted] if wanted is not None else range(7860, 7960):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except (OSError, OverflowError) as error:
                failure = getattr(error, "strerror", None) or str(error)
            else:
                return port
    ports = wanted or "7860 to 7959"
    raise OSError(f"port {ports} of {host} cannot be used ({failure}) -- name another with --port")
