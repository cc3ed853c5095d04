"""Passwords, and how slowly they can be tried."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

FREE = 5
"""Wrong passwords of one address that cost no wait."""

LONGEST, FORGOTTEN = 300.0, 3600.0
"""Seconds: the longest wait after a wrong password, and after how long without one it is forgotten."""

MOST_ADDRESSES = 10_000
"""Addresses remembered; of more, the one whose last wrong password is longest ago is forgotten."""

TOKENS = 1_000
"""Browsers that may manage at a time; of more, the first to unlock has to unlock again."""


class _Tries(NamedTuple):
    wrong: int
    last: float


class Throttle:
    """How long each address has to wait until it may try a password again; safe for threads.

    After :data:`FREE` wrong ones a second, doubled with each further one. Addresses of one IPv6 network
    (/64) count as one.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tries: dict[str, _Tries] = {}
        self._lock = threading.RLock()

    def wait(self, address: str) -> float:
        """Seconds until ``address`` may try again; 0 if it may now."""
        with self._lock:
            tries, now = self._tries.get(_network(address)), self._clock()
            if tries is None or now - tries.last > FORGOTTEN or tries.wrong < FREE:
                return 0.0
            pause = min(2.0 ** min(tries.wrong - FREE, 20), LONGEST)
            return max(0.0, tries.last + pause - now)

    def wrong(self, address: str) -> None:
        """Remembers that ``address`` gave a wrong password."""
        name = _network(address)
        with self._lock:
            before, now = self._tries.pop(name, None), self._clock()
            again = before is not None and now - before.last <= FORGOTTEN
            self._tries[name] = _Tries(before.wrong + 1 if before and again else 1, now)
            if len(self._tries) > MOST_ADDRESSES:
                del self._tries[next(iter(self._tries))]

    def attempt(self, address: str) -> float:
        """As :meth:`wait`; what may be tried now counts as wrong, until :meth:`right` says otherwise."""
        with self._lock:
            wait = self.wait(address)
            if not wait:
                self.wrong(address)
            return wait

    def taken_back(self, address: str) -> None:
        """Counts one wrong password less: who knows one of several may not try the others for ever."""
        name = _network(address)
        with self._lock:
            before = self._tries.get(name)
            if before and before.wrong > 1:
                self._tries[name] = _Tries(before.wrong - 1, before.last)
            else:
                self._tries.pop(name, None)

    def right(self, address: str) -> None:
        """Forgets the wrong passwords of ``address``."""
        with self._lock:
            self._tries.pop(_network(address), None)


class Gate:
    """Who may manage the library: whoever gives ``password`` gets a token that says so."""

    def __init__(self, password: str, throttle: Throttle | None = None) -> None:
        self._password = password
        self._throttle = throttle or Throttle()
        self._tokens: dict[str, None] = {}
        self._lock = threading.Lock()

    def unlock(self, password: str, address: str) -> tuple[str, float]:
        """A token, and 0; or "", and the seconds to wait (0: the password was wrong)."""
        # An attempt counts as wrong until it is seen to be right, so that many at once do not slip through.
        if wait := self._throttle.attempt(address):
            return "", wait
        if not self._password or not same(password, self._password):
            return "", 0.0
        self._throttle.right(address)
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._tokens[token] = None
            if len(self._tokens) > TOKENS:
                del self._tokens[next(iter(self._tokens))]
        return token, 0.0

    def knows(self, token: str) -> bool:
        """Whether ``token`` was given out and not taken back."""
        with self._lock:
            return token in self._tokens

    def lock(self, token: str) -> None:
        """Takes ``token`` back."""
        with self._lock:
            self._tokens.pop(token, None)


def same(given: str, wanted: str) -> bool:
    """Whether the two are equal, told in a time that does not depend on where they differ."""
    a, b = (hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in (given, wanted))
    return hmac.compare_digest(a, b)


def _network(address: str) -> str:
    try:
        given = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(given, ipaddress.IPv6Address):
        mapped = given.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((given, 64), strict=False))
    return str(given)
