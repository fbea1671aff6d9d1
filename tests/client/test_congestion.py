"""BBR, where the kernel lets a process choose it: for big bodies, and once packets are lost."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gemfiles_jupyter.client import congestion
from gemfiles_jupyter.client.congestion import FACTS, Congestion, SocketOption
from gemfiles_jupyter.client.transport import Transport
from gemfiles_jupyter.client.upload_state import FIRST_SEGMENT_BYTES
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


def first_options() -> list[SocketOption]:
    return Congestion().first_options


@pytest.fixture
def allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "tcp_allowed_congestion_control"
    monkeypatch.setattr(congestion, "ALLOWED", path)
    return path


@pytest.mark.parametrize("text", ["bbr reno\n", "reno bbr unknown"])
def test_connections_begin_with_what_sends_at_once(allowed: Path, text: str) -> None:
    allowed.write_text(text)

    assert first_options() == ([option("reno")] if can_choose("bbr") else [])


@pytest.mark.parametrize("text", ["reno cubic\n", "reno bbr2\n", ""], ids=["others", "alike", "none"])
def test_nothing_changes_where_bbr_may_not_be_chosen(allowed: Path, text: str, clean: socket.socket) -> None:
    allowed.write_text(text)
    before = used_by(clean)

    Congestion().choose(SimpleNamespace(sock=clean), is_of_big_upload=True)

    assert first_options() == []
    assert used_by(clean) == before


def test_nothing_changes_on_other_systems(allowed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not allowed.exists()
    assert first_options() == []

    allowed.write_text("bbr")
    monkeypatch.delattr(socket, "TCP_CONGESTION", raising=False)
    assert first_options() == []


def test_a_sandbox_that_refuses_it_breaks_no_connection(
    allowed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed.write_text("bbr")

    class Refusing(socket.socket):
        def setsockopt(self, *_: object) -> None:
            raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(congestion.socket, "socket", Refusing)

    assert first_options() == []


@pytest.mark.parametrize(
    ("size", "expected"), [(1000, "reno"), (3 * 1024 * 1024, "bbr")], ids=["small", "big"]
)
def test_only_a_big_body_goes_by_bbr(
    server: OfflineServer, allowed: Path, monkeypatch: pytest.MonkeyPatch, size: int, expected: str
) -> None:
    allowed.write_text("reno bbr")
    if not can_choose("bbr"):
        with socket.socket() as fresh:
            expected = used_by(fresh)
    used: list[str] = []
    sendall = socket.socket.sendall

    class Noting(socket.socket):
        def sendall(self, data: Any, *flags: int) -> None:
            used.append(used_by(self))
            sendall(self, data, *flags)

    monkeypatch.setattr(socket, "socket", Noting)
    watch = Watch(lambda _: None, lambda _: None, threading.Event())
    uploads = Uploads(Transport(Endpoint(server.address, Secret(server.key))))

    uploads.send(BytesSource(bytes(size), "a.txt"), NewFile(choose_id(), "text/plain"), watch)

    assert used[-1] == expected


def prepare(connection: socket.socket) -> None:
    for each in first_options():
        connection.setsockopt(*each)


@pytest.fixture
def lossy_ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """A connection whose first packets the other end dropped: its queue was full until then."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        stack.enter_context(socket.create_connection(listener.getsockname()))
        connection = stack.enter_context(socket.socket())
        prepare(connection)
        connection.setblocking(False)
        connection.connect_ex(listener.getsockname())
        for _ in range(600):  # a minute; the first is sent again after a second
            if sent_again(connection):
                break
            select.select([], [connection], [], 0.1)
        stack.enter_context(listener.accept()[0])
        select.select([], [connection], [])
        connection.setblocking(True)
        yield connection, stack.enter_context(listener.accept()[0])


@pytest.fixture
def lossy(lossy_ends: tuple[socket.socket, socket.socket]) -> socket.socket:
    return lossy_ends[0]


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as connection,
        listener.accept()[0] as other,
    ):
        prepare(connection)
        yield connection, other


@pytest.fixture
def clean(ends: tuple[socket.socket, socket.socket]) -> socket.socket:
    return ends[0]


def send_a_piece(connection: socket.socket, other_end: socket.socket) -> None:
    sending = threading.Thread(target=connection.sendall, args=(bytes(FIRST_SEGMENT_BYTES),))
    sending.start()
    left = FIRST_SEGMENT_BYTES
    while left:
        left -= len(other_end.recv(left))
    sending.join()


def sent_again(connection: socket.socket) -> int:
    facts = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, FACTS.size)
    again: int = FACTS.unpack(facts)[0]
    return again


def used_by(connection: socket.socket) -> str:
    if not hasattr(socket, "TCP_CONGESTION"):
        return ""
    return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16).rstrip(b"\0").decode()


@pytest.mark.skipif(not Path("/proc/sys/net/ipv4").exists(), reason="only Linux tells what was sent again")
class TestLosses:
    def test_a_connection_that_lost_packets_goes_over_to_bbr(self, lossy: socket.socket) -> None:
        before = used_by(lossy)

        Congestion().choose(SimpleNamespace(sock=lossy), is_of_big_upload=False)

        assert sent_again(lossy) >= 2
        assert used_by(lossy) == ("bbr" if can_choose("bbr") else before)
        assert before != "bbr" or not can_choose("reno")

    def test_one_without_losses_comes_back_after_a_big_upload(self, clean: socket.socket) -> None:
        before = used_by(clean)
        Congestion().choose(SimpleNamespace(sock=clean), is_of_big_upload=True)
        between = used_by(clean)

        Congestion().choose(SimpleNamespace(sock=clean), is_of_big_upload=False)

        assert between == ("bbr" if can_choose("bbr") else before)
        assert used_by(clean) == before

    def test_a_big_upload_goes_on_without_bbr_once_a_piece_of_it_met_no_losses(
        self, ends: tuple[socket.socket, socket.socket]
    ) -> None:
        before = used_by(ends[0])
        Congestion().choose(SimpleNamespace(sock=ends[0]), is_of_big_upload=True)
        send_a_piece(*ends)

        Congestion().choose(SimpleNamespace(sock=ends[0]), is_of_big_upload=True)

        assert used_by(ends[0]) == before

    def test_a_big_upload_that_lost_packets_goes_on_with_bbr(
        self, lossy_ends: tuple[socket.socket, socket.socket]
    ) -> None:
        before = used_by(lossy_ends[0])
        send_a_piece(*lossy_ends)

        Congestion().choose(SimpleNamespace(sock=lossy_ends[0]), is_of_big_upload=True)

        assert used_by(lossy_ends[0]) == ("bbr" if can_choose("bbr") else before)

    def test_one_that_lost_none_stays_as_it_is(self, clean: socket.socket) -> None:
        before = used_by(clean)

        Congestion().choose(SimpleNamespace(sock=clean), is_of_big_upload=False)

        assert used_by(clean) == before

    def test_one_that_is_closed_or_no_plain_socket_is_left_alone(self, clean: socket.socket) -> None:
        clean.close()
        for gone in (*(SimpleNamespace(sock=sock) for sock in (clean, None, object())), None):
            Congestion().choose(gone, is_of_big_upload=True)
