"""BBR, where the kernel lets a process choose it: on a lossy link it is what keeps an upload going."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from gemfiles_jupyter.client import connections

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
    manager = connections.Connections("http://127.0.0.1:9", 1)._adapter.poolmanager
    options: list[tuple[int, int, int | bytes]] = manager.connection_pool_kw["socket_options"]
    return options


@pytest.fixture
def allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "tcp_allowed_congestion_control"
    monkeypatch.setattr(connections, "ALLOWED_CONGESTION_CONTROL", path)
    return path


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
