"""BBR for big bodies, where the kernel lets a process choose it: it keeps them going on a lossy link."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from gemfiles_jupyter.client import connections
from gemfiles_jupyter.client.transport import Transport
from gemfiles_jupyter.client.uploads import NewFile, Uploads, Watch, choose_id
from gemfiles_jupyter.config import Endpoint, Secret
from gemfiles_jupyter.offline.testing import OfflineServer
from gemfiles_jupyter.transfers.sources import BytesSource

NODELAY = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
BBR = (socket.IPPROTO_TCP, getattr(socket, "TCP_CONGESTION", 0), b"bbr")


def can_choose_bbr() -> bool:
    try:
        with socket.socket() as connection:
            connection.setsockopt(*BBR)
    except OSError:
        return False
    return True


def options_of_connections() -> list[tuple[int, int, int | bytes]]:
    big = connections.Connections("http://127.0.0.1:9", 1, are_for_big_bodies=True)
    manager = big._adapter.poolmanager
    return list(manager.connection_pool_kw["socket_options"])


@pytest.fixture
def allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "tcp_allowed_congestion_control"
    monkeypatch.setattr(connections, "ALLOWED_CONGESTION_CONTROL", path)
    return path


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


def test_bbr_is_chosen_where_it_may_be(allowed: Path) -> None:
    allowed.write_text("reno bbr cubic\n")

    options = options_of_connections()

    assert options == ([NODELAY, BBR] if can_choose_bbr() else [NODELAY])


@pytest.mark.parametrize("text", ["reno cubic\n", "reno bbr2\n", ""], ids=["others", "alike", "none"])
def test_nothing_changes_where_it_may_not(allowed: Path, text: str) -> None:
    allowed.write_text(text)

    assert options_of_connections() == [NODELAY]


def test_nothing_changes_on_other_systems(allowed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not allowed.exists()
    assert options_of_connections() == [NODELAY]

    allowed.write_text("bbr")
    monkeypatch.delattr(socket, "TCP_CONGESTION", raising=False)
    assert options_of_connections() == [NODELAY]


def test_a_sandbox_that_refuses_it_breaks_no_connection(
    allowed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed.write_text("bbr")

    class Refusing(socket.socket):
        def setsockopt(self, *_: object) -> None:
            raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(connections.socket, "socket", Refusing)

    assert options_of_connections() == [NODELAY]
