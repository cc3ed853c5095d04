from __future__ import annotations

import sys
import threading
from ipaddress import IPv6Address
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa import gate
from qa.gate import Gate, Throttle, same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throttle(clock: Clock) -> Throttle:
    return Throttle(clock)


@pytest.fixture
def eager() -> Iterator[None]:
    """Threads that take turns as often as can be."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def at_once(count: int, do: Callable[[], None]) -> None:
    barrier = threading.Barrier(count)

    def run() -> None:
        barrier.wait(10)
        do()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)


@pytest.mark.parametrize(
    ("wrong", "wait"),
    [(0, 0), (1, 0), (4, 0), (5, 1), (6, 2), (7, 4), (8, 8), (9, 16), (12, 128), (13, 256), (14, 300), (200, 300)],
)  # fmt: skip
def test_gate_the_wait_doubles_after_five_wrong_passwords(
    throttle: Throttle, wrong: int, wait: float
) -> None:
    for _ in range(wrong):
        throttle.wrong("192.0.2.1")
    assert throttle.wait("192.0.2.1") == wait


def test_gate_the_wait_runs_out(throttle: Throttle, clock: Clock) -> None:
    for _ in range(7):
        throttle.wrong("192.0.2.1")
    waits = []
    for _ in range(4):
        waits.append(throttle.wait("192.0.2.1"))
        clock.now += 1.5
    assert waits == [4.0, 2.5, 1.0, 0.0]


def test_gate_the_wait_counts_from_the_last_wrong_password(throttle: Throttle, clock: Clock) -> None:
    for _ in range(5):
        throttle.wrong("192.0.2.1")
    clock.now += 0.25
    throttle.wrong("192.0.2.1")
    assert throttle.wait("192.0.2.1") == 2.0


@pytest.mark.parametrize(("later", "wait"), [(3600.0, 2.0), (3600.5, 0.0)])
def test_gate_wrong_passwords_are_forgotten_after_an_hour(
    throttle: Throttle, clock: Clock, later: float, wait: float
) -> None:
    for _ in range(5):
        throttle.wrong("192.0.2.1")
    clock.now += later
    assert throttle.wait("192.0.2.1") == 0.0
    throttle.wrong("192.0.2.1")
    assert throttle.wait("192.0.2.1") == wait


def test_gate_a_right_password_forgets_the_wrong_ones_of_its_address(throttle: Throttle) -> None:
    for address in ("192.0.2.1", "192.0.2.2"):
        for _ in range(5):
            throttle.wrong(address)
    throttle.right("192.0.2.1")
    throttle.right("192.0.2.99")
    assert throttle.wait("192.0.2.1") == 0.0
    assert throttle.wait("192.0.2.2") == 1.0


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:DB8:1:2:0::99", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("testclient", "testclient", True),
        ("testclient", "", False),
    ],
)
def test_gate_addresses_of_one_ipv6_network_count_as_one(
    throttle: Throttle, one: str, other: str, together: bool
) -> None:
    for _ in range(5):
        throttle.wrong(one)
    assert throttle.wait(one) == 1.0
    assert throttle.wait(other) == (1.0 if together else 0.0)


@given(st.integers(1, 2**64 - 1), st.integers(0, 2**64 - 6))
def test_gate_no_address_of_a_network_gets_round_the_wait(network: int, host: int) -> None:
    throttle = Throttle(Clock())
    addresses = [str(IPv6Address((network << 64) + host + number)) for number in range(6)]
    for address in addresses[:5]:
        throttle.wrong(address)
    assert throttle.wait(addresses[5]) == 1.0


def test_gate_of_too_many_addresses_the_longest_quiet_one_is_forgotten(
    throttle: Throttle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "MOST_ADDRESSES", 2)
    for address in ("192.0.2.1", "192.0.2.2"):
        for _ in range(5):
            throttle.wrong(address)
    throttle.wrong("192.0.2.1")
    throttle.wrong("192.0.2.3")
    assert [throttle.wait(f"192.0.2.{n}") for n in (1, 2, 3)] == [2.0, 0.0, 0.0]


def test_gate_no_wrong_password_of_many_threads_is_lost(
    throttle: Throttle, monkeypatch: pytest.MonkeyPatch, eager: None
) -> None:
    monkeypatch.setattr(gate, "FREE", 400)

    def do() -> None:
        for _ in range(50):
            throttle.wrong("192.0.2.1")

    at_once(8, do)
    assert throttle.wait("192.0.2.1") == 1.0  # the first wait there is: exactly 400 were counted


def test_gate_an_attempt_counts_as_wrong_until_it_is_right(throttle: Throttle) -> None:
    assert [throttle.attempt("192.0.2.1") for _ in range(7)] == [0.0] * 5 + [1.0] * 2
    throttle.right("192.0.2.1")
    assert throttle.attempt("192.0.2.1") == 0.0


def test_gate_many_attempts_at_once_do_not_slip_through(throttle: Throttle, eager: None) -> None:
    for _ in range(20):
        guarded = Gate("secret", Throttle(Clock()))
        told: list[tuple[str, float]] = []
        at_once(12, lambda guarded=guarded, told=told: told.append(guarded.unlock("x", "192.0.2.1")))  # type: ignore[misc]
        assert sorted(told) == [("", 0.0)] * 5 + [("", 1.0)] * 7


def test_gate_the_password_opens_it(throttle: Throttle) -> None:
    guarded = Gate("开门", throttle)
    first, second = guarded.unlock("开门", "192.0.2.1"), guarded.unlock("开门", "192.0.2.1")
    assert first[1] == second[1] == 0.0
    assert first[0] != second[0]
    assert len(first[0]) == 32  # 24 random bytes in base64
    assert guarded.knows(first[0])
    assert guarded.knows(second[0])


@pytest.mark.parametrize("password", ["", "Secret", "secret ", "secre", "\ud800"])
def test_gate_another_password_does_not_open_it(throttle: Throttle, password: str) -> None:
    assert Gate("secret", throttle).unlock(password, "192.0.2.1") == ("", 0.0)


@pytest.mark.parametrize("password", ["", "x"])
def test_gate_without_a_password_nothing_opens_it(throttle: Throttle, password: str) -> None:
    assert Gate("", throttle).unlock(password, "192.0.2.1") == ("", 0.0)


def test_gate_even_the_right_password_has_to_wait(throttle: Throttle, clock: Clock) -> None:
    guarded = Gate("secret", throttle)
    told = [guarded.unlock("wrong", "192.0.2.1") for _ in range(6)]
    assert told == [("", 0.0)] * 5 + [("", 1.0)]
    assert guarded.unlock("secret", "192.0.2.1") == ("", 1.0)
    assert guarded.unlock("secret", "192.0.2.2")[0]
    clock.now += 1
    assert guarded.unlock("secret", "192.0.2.1")[0]
    assert [guarded.unlock("wrong", "192.0.2.1") for _ in range(6)] == [("", 0.0)] * 5 + [("", 1.0)]


def test_gate_a_token_is_taken_back(throttle: Throttle) -> None:
    guarded = Gate("secret", throttle)
    (kept, _), (gone, _) = guarded.unlock("secret", "a"), guarded.unlock("secret", "b")
    guarded.lock(gone)
    guarded.lock(gone)
    assert guarded.knows(kept)
    assert not guarded.knows(gone)


@pytest.mark.parametrize("token", ["", "x", "secret"])
def test_gate_knows_no_token_that_it_has_not_given(throttle: Throttle, token: str) -> None:
    guarded = Gate("secret", throttle)
    guarded.unlock("secret", "a")
    assert not guarded.knows(token)


def test_gate_of_too_many_tokens_the_first_is_taken_back(
    throttle: Throttle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "TOKENS", 2)
    guarded = Gate("secret", throttle)
    tokens = [guarded.unlock("secret", "a")[0] for _ in range(3)]
    assert [guarded.knows(token) for token in tokens] == [False, True, True]


def test_gate_gives_each_of_many_threads_a_token(throttle: Throttle, eager: None) -> None:
    guarded = Gate("secret", throttle)
    told: list[str] = []
    addresses = iter(f"192.0.2.{n}" for n in range(16))
    lock = threading.Lock()

    def do() -> None:
        with lock:
            address = next(addresses)
        told.append(guarded.unlock("secret", address)[0])

    at_once(16, do)
    assert len(set(told)) == 16
    assert all(guarded.knows(token) for token in told)


ANY = st.text(alphabet=st.characters())


@given(ANY, ANY)
def test_gate_same_is_equality(given_: str, wanted: str) -> None:
    assert same(given_, wanted) is (given_ == wanted)
    assert same(wanted, wanted)


def test_gate_a_login_takes_back_only_its_own_attempt() -> None:
    throttle = Throttle(lambda: 0.0)
    for _ in range(4):
        throttle.attempt("1.2.3.4")
    throttle.attempt("1.2.3.4")
    throttle.taken_back("1.2.3.4")
    assert throttle.attempt("1.2.3.4") == 0.0
    assert throttle.attempt("1.2.3.4") == 1.0
    throttle.taken_back("5.6.7.8")
    assert throttle.wait("5.6.7.8") == 0.0
