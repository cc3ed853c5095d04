"""A visitor of the page without a browser: he speaks the protocol of Gradio's queue."""

from __future__ import annotations

import asyncio
import json
import random
import string
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Visitor:
    """One page that is open; ``asks`` and ``config`` are of all."""

    def __init__(self, client: httpx.AsyncClient, address: str, config: dict[str, Any]) -> None:
        self._client = client
        self._address = address
        self._session = "".join(random.choices(string.ascii_lowercase, k=11))
        events = config["dependencies"]
        self._load, self._ask = (next(e for e in events if _is(e, kind)) for kind in ("load", "submit"))

    @classmethod
    async def arrive(cls, client: httpx.AsyncClient, address: str) -> Visitor:
        """A visitor for whom the page is there."""
        config = (await client.get(address + "config")).raise_for_status().json()
        visitor = cls(client, address, config)
        async for _ in visitor._event(visitor._load, [None]):
            pass
        return visitor

    async def ask(self, question: str) -> list[str]:
        """What the page showed of the conversation, one painting after the other, until the answer stands."""
        shown: list[str] = []
        async for data in self._event(self._ask, [question, None]):
            shown += [part for part in data if isinstance(part, str) and 'class="turn' in part]
            if shown and "card waiting" not in shown[-1]:
                return shown
        raise RuntimeError(f"no answer to {question!r}")

    async def _event(self, event: dict[str, Any], data: list[Any]) -> AsyncIterator[list[Any]]:
        body = {
            "data": data, "event_data": None, "fn_index": event["id"], "trigger_id": event["targets"][0][0],
            "session_hash": self._session,
        }  # fmt: skip
        joined = await self._client.post(self._address + "gradio_api/queue/join?", json=body)
        event_id = joined.raise_for_status().json()["event_id"]
        held: list[Any] = []
        stream = self._client.stream(
            "GET", self._address + "gradio_api/queue/data", params={"session_hash": self._session}
        )
        async with stream as reply:
            async for line in reply.aiter_lines():
                if not line.startswith("data: "):
                    continue
                message = json.loads(line[6:])
                if message.get("event_id") != event_id:
                    continue
                if message["msg"] == "process_generating":
                    # After the first, only what has changed is sent.
                    sent = message["output"]["data"]
                    held = (
                        [_changed(old, edits) for old, edits in zip(held, sent, strict=True)]
                        if held
                        else sent
                    )
                    yield held
                elif message["msg"] == "process_completed":
                    if not message["success"]:
                        raise RuntimeError(str(message["output"]))
                    return


def _is(event: dict[str, Any], kind: str) -> bool:
    return any(target[1] == kind for target in event["targets"])


def _changed(old: Any, edits: list[list[Any]]) -> Any:
    for action, path, value in edits:
        if not path:
            old = value if action == "replace" else old + value
    return old


async def crowd(
    address: str, questions: list[str], visitors: int, seconds: float
) -> tuple[list[float], list[str]]:
    """The seconds that each answer took, and what went wrong, of so many asking at once for so long."""
    took: list[float] = []
    wrong: list[str] = []
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(trust_env=False, timeout=600, limits=limits) as client:
        loop = asyncio.get_running_loop()
        here = [await Visitor.arrive(client, address) for _ in range(visitors)]
        until = loop.time() + seconds

        async def asking(visitor: Visitor, number: int) -> None:
            while loop.time() < until:
                begun = loop.time()
                try:
                    await visitor.ask(questions[number % len(questions)])
                except Exception as error:  # noqa: BLE001 -- whatever it is, it is counted
                    wrong.append(f"{type(error).__name__}: {error}")
                    return
                took.append(loop.time() - begun)
                number += visitors

        await asyncio.gather(*(asking(visitor, number) for number, visitor in enumerate(here)))
    return took, wrong
