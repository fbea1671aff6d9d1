"""Uploads get through whatever TCP does to them, and the proxy that does it does what it says."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from gemfiles_jupyter.offline.testing import OfflineServer

from .proxy import Cut, FaultProxy, Plan
from .tcp_runs import play, short_waits, told

RUNS = 40


@pytest.fixture(scope="module")
def proxy(shared_server: OfflineServer) -> Iterator[FaultProxy]:
    port = int(shared_server.address.rpartition(":")[2])
    with short_waits(), FaultProxy(port) as proxy:
        yield proxy


@pytest.mark.parametrize("seed", range(RUNS), ids=lambda seed: f"seed {seed}")
def test_an_upload_gets_through(seed: int, shared_server: OfflineServer, proxy: FaultProxy) -> None:
    problems = play(seed, shared_server, proxy)

    assert not problems, told(seed)


# The proxy itself, against a server that sends back what it hears


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that echoes one connection after the other."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
                with connection:
                    while block := connection.recv(65536):
                        connection.sendall(block)
            except OSError:
                if listener.fileno() < 0:
                    return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def talk(port: int, data: bytes) -> bytes:
    """Send data and return what comes back, until all is back or the connection ends."""
    heard = b""
    with socket.create_connection(("::1", port), timeout=1.0) as connection:
        connection.sendall(data)
        while len(heard) < len(data):
            block = connection.recv(65536)
            if not block:
                break
            heard += block
    return heard


def talk_on(port: int, data: bytes) -> None:
    """Talk until it goes wrong: the proxy may hear late that an earlier connection has ended."""
    for _ in range(100):
        talk(port, data)


def test_without_a_plan_everything_passes(echo: int) -> None:
    data = bytes(range(256)) * 1000

    with FaultProxy(echo) as proxy:
        heard = talk(echo, data)

    assert heard == data
    assert proxy.connections == 1


@pytest.mark.parametrize(
    "plan",
    [Plan(Cut.REFUSE), Plan(Cut.RESET, after=100), Plan(Cut.RESET, after=5, answer_bytes=3)],
    ids=["refuse", "reset on the way up", "reset on the way down"],
)
def test_a_reset_ends_the_connection_and_only_that_one(echo: int, plan: Plan) -> None:
    data = bytes(1000)

    with FaultProxy(echo, plan) as proxy:
        with pytest.raises(ConnectionResetError):
            talk(echo, data)
        unfired = proxy.unfired()
        heard = talk(echo, data)

    assert unfired == []
    assert heard == data


def test_exactly_the_planned_bytes_of_an_answer_pass(echo: int) -> None:
    with (
        FaultProxy(echo, Plan(Cut.HALF_OPEN, after=10, answer_bytes=3)),
        socket.create_connection(("::1", echo), timeout=0.5) as connection,
    ):
        connection.sendall(b"0123456789")
        heard = connection.recv(3, socket.MSG_WAITALL)

        with pytest.raises(TimeoutError):
            connection.recv(1)

    assert len(heard) == 3


def test_half_open_means_silence(echo: int) -> None:
    with FaultProxy(echo, Plan(Cut.HALF_OPEN, after=4)) as proxy:
        with pytest.raises(TimeoutError):
            talk(echo, bytes(100))
        unfired = proxy.unfired()

    assert unfired == []


def test_a_plan_that_did_not_happen_is_told_and_comes_again(echo: int) -> None:
    with FaultProxy(echo, Plan(Cut.RESET, after=1000)) as proxy:
        assert talk(echo, bytes(10)) == bytes(10)
        unfired = proxy.unfired()
        with pytest.raises(ConnectionResetError):
            talk_on(echo, bytes(2000))

        assert len(unfired) == 1
        assert "cut of plan 0" in unfired[0]
        assert proxy.unfired() == []


def test_small_pieces_arrive_whole_and_in_order(echo: int) -> None:
    data = bytes(range(256)) * 40

    with FaultProxy(echo, Plan(slice_bytes=7)) as proxy:
        heard = talk(echo, data)
        unfired = proxy.unfired()

    assert heard == data
    assert unfired == []


def test_a_delay_does_not_wait_for_what_is_under_way(echo: int) -> None:
    with FaultProxy(echo, Plan(slice_bytes=10, delay_seconds=0.05)):
        began = time.monotonic()
        heard = talk(echo, bytes(10_000))
        seconds = time.monotonic() - began

    assert len(heard) == 10_000
    assert seconds >= 0.1  # one round trip; piece by piece it would be a minute
    assert seconds < 20


def test_a_rate_is_kept(echo: int) -> None:
    with FaultProxy(echo, Plan(bytes_per_second=1_000_000)):
        began = time.monotonic()
        talk(echo, bytes(200_000))
        seconds = time.monotonic() - began

    assert seconds >= 0.2
