"""BBR, where the kernel lets a process choose it: at once for big bodies, after losses for small ones."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest

from gemfiles_jupyter.client import congestion, connections
from gemfiles_jupyter.client.congestion import SENT_AGAIN_AND_SENT, Congestion, SocketOption
from gemfiles_jupyter.client.transport import Transport
from gemfiles_jupyter.client.uploads import NewFile, Uploads, Watch, choose_id
from gemfiles_jupyter.config import Endpoint, Secret
from gemfiles_jupyter.offline.testing import OfflineServer
from gemfiles_jupyter.transfers.sources import BytesSource


def option(name: str) -> SocketOption:
    return (socket.IPPROTO_TCP, getattr(socket, "TCP_CONGESTION", 0), name.encode())


def can_choose(name: str) -> bool:
    try:
        with socket.socket() as connection:
            connection.setsockopt(*option(name))
    except OSError:
        return False
    return True


def chosen(*, are_for_big_bodies: bool = True) -> list[SocketOption]:
    return Congestion(are_for_big_bodies=are_for_big_bodies).socket_options


@pytest.fixture
def allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "tcp_allowed_congestion_control"
    monkeypatch.setattr(congestion, "ALLOWED", path)
    return path


def test_bbr_is_chosen_for_big_bodies_where_it_may_be(allowed: Path) -> None:
    allowed.write_text("reno bbr cubic\n")

    assert chosen() == ([option("bbr")] if can_choose("bbr") else [])


def test_what_sends_at_once_is_chosen_for_small_bodies(allowed: Path) -> None:
    allowed.write_text("bbr reno\n")

    assert chosen(are_for_big_bodies=False) == ([option("reno")] if can_choose("bbr") else [])


@pytest.mark.parametrize("are_for_big_bodies", [True, False], ids=["big", "small"])
@pytest.mark.parametrize("text", ["reno cubic\n", "reno bbr2\n", ""], ids=["others", "alike", "none"])
def test_nothing_changes_where_bbr_may_not_be_chosen(
    allowed: Path, text: str, are_for_big_bodies: bool
) -> None:
    allowed.write_text(text)

    assert chosen(are_for_big_bodies=are_for_big_bodies) == []


def test_nothing_changes_on_other_systems(allowed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not allowed.exists()
    assert chosen() == []

    allowed.write_text("bbr")
    monkeypatch.delattr(socket, "TCP_CONGESTION", raising=False)
    assert chosen() == []


def test_a_sandbox_that_refuses_it_breaks_no_connection(
    allowed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed.write_text("bbr")

    class Refusing(socket.socket):
        def setsockopt(self, *_: object) -> None:
            raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(congestion.socket, "socket", Refusing)

    assert chosen() == []


def opened(of: connections.Connections) -> int:
    return sum(pool.num_connections for pool in of._adapter._pools.values())


@pytest.mark.parametrize(
    ("size", "others", "for_big_bodies"), [(1000, 1, 0), (3 * 1024 * 1024, 0, 1)], ids=["small", "big"]
)
def test_a_big_file_has_a_connection_of_its_own(
    server: OfflineServer, size: int, others: int, for_big_bodies: int
) -> None:
    transport = Transport(Endpoint(server.address, Secret(server.key)))
    watch = Watch(lambda _: None, lambda _: None, threading.Event())

    Uploads(transport).send(BytesSource(bytes(size), "a.txt"), NewFile(choose_id(), "text/plain"), watch)

    assert opened(transport._connections) == others
    assert opened(transport._for_big_bodies) == for_big_bodies


def prepare(connection: socket.socket) -> None:
    for each in chosen(are_for_big_bodies=False):
        connection.setsockopt(*each)


@pytest.fixture
def lossy() -> Iterator[socket.socket]:
    """A connection whose first packets the other end dropped: its queue was full until then."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        stack.enter_context(socket.create_connection(listener.getsockname()))
        connection = stack.enter_context(socket.socket())
        prepare(connection)
        connection.setblocking(False)
        connection.connect_ex(listener.getsockname())
        while sent_again(connection) == 0:
            select.select([], [connection], [], 0.1)
        stack.enter_context(listener.accept()[0])
        select.select([], [connection], [])
        yield connection


@pytest.fixture
def clean() -> Iterator[socket.socket]:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as connection,
    ):
        prepare(connection)
        yield connection


def sent_again(connection: socket.socket) -> int:
    facts = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, SENT_AGAIN_AND_SENT.size)
    again: int = SENT_AGAIN_AND_SENT.unpack(facts)[0]
    return again


def used_by(connection: socket.socket) -> str:
    return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16).rstrip(b"\0").decode()


@pytest.mark.skipif(not Path("/proc/sys/net/ipv4").exists(), reason="only Linux tells what was sent again")
class TestLosses:
    def test_a_connection_that_lost_packets_goes_over_to_bbr(self, lossy: socket.socket) -> None:
        before = used_by(lossy)

        Congestion(are_for_big_bodies=False).mind_losses(SimpleNamespace(sock=lossy))

        assert sent_again(lossy) >= 2
        assert used_by(lossy) == ("bbr" if can_choose("bbr") else before)
        assert before != "bbr" or not can_choose("reno")

    def test_one_that_lost_none_stays_as_it_is(self, clean: socket.socket) -> None:
        before = used_by(clean)

        Congestion(are_for_big_bodies=False).mind_losses(SimpleNamespace(sock=clean))

        assert used_by(clean) == before

    def test_one_that_is_closed_is_left_alone(self, clean: socket.socket) -> None:
        clean.close()
        for gone in (SimpleNamespace(sock=clean), SimpleNamespace(sock=None), None):
            Congestion(are_for_big_bodies=False).mind_losses(gone)
