"""Slow, silent and odd clients, over sockets of their own."""

from __future__ import annotations

import contextlib
import os
import socket
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gemfiles_jupyter.offline.settings import Settings
from gemfiles_jupyter.offline.testing import OfflineServer

KIB = 1024
MIB = 1024**2
GET_FILES = b"GET /v1beta/files HTTP/1.1\r\n"


@pytest.fixture
def connect() -> Iterator:
    with contextlib.ExitStack() as stack:

        def connect(server: OfflineServer, received_bytes: int | None = None) -> socket.socket:
            connection = socket.socket()
            stack.enter_context(connection)
            if received_bytes is not None:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, received_bytes)
            connection.settimeout(30)
            connection.connect(("127.0.0.1", int(server.address.rpartition(":")[2])))
            return connection

        yield connect


@pytest.fixture
def head(wire) -> bytes:
    """What a good request needs, but for the line that ends its head."""
    return f"Host: {wire.netloc}\r\nx-goog-api-key: {wire.server.key}\r\n".encode()


def until_end(connection: socket.socket) -> bytes:
    with contextlib.suppress(ConnectionError):
        return b"".join(iter(lambda: connection.recv(64 * KIB), b""))
    return b""


def answer_of(connection: socket.socket) -> bytes:
    """Read one answer that has a length."""
    text = b""
    while b"\r\n\r\n" not in text:
        block = connection.recv(64 * KIB)
        assert block, "the connection was closed"
        text += block
    start, _, body = text.partition(b"\r\n\r\n")
    length = int(start.lower().partition(b"content-length:")[2].split()[0])
    while len(body) < length:
        block = connection.recv(64 * KIB)
        assert block, "the connection was closed"
        body += block
    return start


# Slow


def test_the_limits_are_those_of_the_fault_matrix():
    limits = Settings()

    assert (limits.header_seconds, limits.body_idle_seconds) == (10, 30)


def test_headers_that_do_not_come_end_the_connection(connect, server, head):
    server.set(header_seconds=0.3)
    connection = connect(server)

    connection.sendall(GET_FILES + head)
    answer = until_end(connection)

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert server.requests() == []


def test_headers_that_drip_end_the_connection(connect, server, head):
    server.set(header_seconds=0.5)
    connection = connect(server)
    connection.sendall(GET_FILES + head + b"X-Slow: ")
    began = time.monotonic()

    for _ in range(10_000):
        try:
            connection.sendall(b"x")
        except ConnectionError:
            break
        time.sleep(0.02)

    assert time.monotonic() - began < 10


def test_a_connection_rests_between_two_requests_for_longer_than_headers_may_take(connect, server, head):
    server.set(header_seconds=0.2)
    connection = connect(server)

    for _ in range(3):
        connection.sendall(GET_FILES + head + b"\r\n")
        assert answer_of(connection).startswith(b"HTTP/1.1 200 ")
        time.sleep(0.5)

    assert len(server.requests()) == 3


def test_a_connection_that_rests_too_long_is_closed_without_a_word(connect, server, head):
    server.set(idle_connection_seconds=0.3)
    silent, used = connect(server), connect(server)

    used.sendall(GET_FILES + head + b"\r\n")

    assert until_end(silent) == b""
    assert until_end(used).endswith(b"{}\n")


def test_headers_in_pieces_are_whole_in_the_end(connect, server, head):
    connection = connect(server)

    for byte in GET_FILES + head + b"\r\n":
        connection.sendall(bytes([byte]))

    assert answer_of(connection).startswith(b"HTTP/1.1 200 ")


def test_a_line_too_much_between_requests_is_no_fault(connect, server, head):
    connection = connect(server)

    connection.sendall(
        (GET_FILES + head + b"\r\n") + b"\r\n" + (GET_FILES + head + b"Connection: close\r\n\r\n")
    )

    assert until_end(connection).count(b"HTTP/1.1 200 ") == 2


# Silent: clients that do not read


@pytest.fixture
def film(tmp_path, wire_to) -> Iterator:
    """A server with a generated file of 2 GiB, which takes no room on disk."""
    with OfflineServer(tmp_path / "data") as server:
        name = server.add_generated(b"x", "video/mp4")
        server.stop()
        (blob,) = (server.data / "blobs").iterdir()
        os.truncate(blob, 2 * KIB * MIB)
        with contextlib.closing(sqlite3.connect(server.data / "catalogue.db")) as database:
            database.execute("UPDATE files SET size_bytes = ?", (2 * KIB * MIB,))
            database.commit()
        server.start()
        request = f"GET /v1beta/{name}:download?alt=media HTTP/1.1\r\nHost: {server.address[7:]}\r\n"
        yield server, wire_to(server), f"{request}x-goog-api-key: {server.key}\r\n\r\n".encode()


def statuses(server: OfflineServer) -> list[int]:
    """Wait until a download has ended; return how."""
    deadline = time.monotonic() + 20
    found: list[int] = []
    while not found and time.monotonic() < deadline:
        found = [request["status"] for request in server.requests() if ":download" in request["path"]]
    return found


def test_a_client_that_reads_nothing_is_let_go(film, connect):
    server, wire, request = film
    server.set(body_idle_seconds=0.5)
    connection = connect(server, 64 * KIB)
    connection.sendall(request)

    assert statuses(server) == [0]
    assert wire.get("/v1beta/files").status == 200
    assert server.log() == ""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory of another process from /proc")
def test_a_client_that_reads_nothing_takes_no_memory(film, connect):
    server, wire, request = film

    def megabytes() -> int:
        status = Path(f"/proc/{server.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) // KIB

    before = megabytes()
    for _ in range(10):
        connection = connect(server, 64 * KIB)
        connection.sendall(request)
        assert connection.recv(KIB).startswith(b"HTTP/1.1 200 ")
    answered = [wire.get("/v1beta/files").status for _ in range(20)]

    assert set(answered) == {200}
    assert megabytes() - before < 60


def test_a_client_that_reads_slowly_gets_everything(server, connect, head):
    server.set(body_idle_seconds=1)
    content = os.urandom(12 * MIB)
    name = server.add_generated(content, "video/mp4")
    connection = connect(server, 64 * KIB)
    connection.sendall(
        f"GET /v1beta/{name}:download?alt=media HTTP/1.1\r\n".encode() + head + b"Connection: close\r\n\r\n"
    )

    began = time.monotonic()
    read = bytearray()
    while block := connection.recv(64 * KIB):
        read += block
        time.sleep(0.005)

    assert read.partition(b"\r\n\r\n")[2] == content
    assert time.monotonic() - began > 1, "it took longer than the server waits for a byte"


def test_a_client_that_leaves_in_the_middle_of_a_download_leaves_no_trace(film, connect):
    server, _, request = film
    connection = connect(server, 64 * KIB)
    connection.sendall(request)
    connection.recv(KIB)

    connection.close()

    assert statuses(server) == [0]
    assert server.log() == ""


# Too much


@pytest.mark.parametrize(
    ("start", "more", "status"),
    [
        (GET_FILES, b"X: " + b"x" * 70_000 + b"\r\n", 431),
        (GET_FILES, b"".join(b"X-%d: %s\r\n" % (i, b"x" * 700) for i in range(100)), 431),
        (GET_FILES, b"".join(b"X-%d: x\r\n" % i for i in range(1000)), 431),
        (b"GET /v1beta/files?x=" + b"x" * 100_000 + b" HTTP/1.1\r\n", b"", 414),
        (b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n", b"", 414),
    ],
    ids=["long-header", "many-bytes", "1000-headers", "100-KB-query", "100-KB-path"],
)
def test_heads_that_are_too_long_are_refused_and_the_connection_closed(
    connect, server, head, start, more, status
):
    connection = connect(server)

    connection.sendall(start + head + more + b"\r\n")
    answer = until_end(connection)

    assert int(answer.split()[1]) == status
    assert b"Connection: close" in answer
    assert server.requests() == []


def test_a_head_without_an_end_is_cut(connect, server, wire):
    connection = connect(server)

    for sent in range(1000):  # noqa: B007 - it is looked at in the end
        try:
            connection.sendall(b"x" * 64 * KIB)
        except ConnectionError:
            break

    assert sent < 200  # what was read, and what the system holds
    assert wire.get("/v1beta/files").status == 200


# Odd: what two servers in a row could read in two ways


@pytest.mark.parametrize(
    "more",
    [
        b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        b"Content-Length: 2\r\nContent-Length: 4\r\n\r\n{}ab",
        b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        b"Content-Length: 2, 2\r\n\r\n{}",
        b"Content-Length: +2\r\n\r\n{}",
        b"Content-Length: 0x2\r\n\r\n{}",
        b"Content-Length : 2\r\n\r\n{}",
        b"Transfer-Encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"Transfer-Encoding:\r\n chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"X: a\r\n b\r\nContent-Length: 2\r\n\r\n{}",
        b"X: a\nContent-Length: 2\r\n\r\n{}",
        b"Content-Length: 2\n\n{}",
        b"X: a\rContent-Length: 9\r\nContent-Length: 2\r\n\r\n{}",
        b"X: a\0b\r\nContent-Length: 2\r\n\r\n{}",
    ],
    ids=[
        *("length-and-chunks", "chunks-and-length", "two-lengths", "equal-lengths", "length-list"),
        *("signed-length", "hex-length", "space-before-colon", "other-encoding", "two-encodings"),
        *("folded-encoding", "folded-header", "lf-in-a-line", "lf-only", "cr-in-a-line", "nul"),
    ],
)
def test_requests_that_could_be_read_in_two_ways_are_refused(connect, server, wire, head, more):
    connection = connect(server)
    smuggled = f"DELETE /v1beta/{wire.upload(b'x')['name']} HTTP/1.1\r\n".encode() + head + b"\r\n"
    server.clear_requests()

    connection.sendall(b"POST /v1beta/files HTTP/1.1\r\n" + head + more + smuggled)
    answer = until_end(connection)

    assert answer.split()[1] == b"400"
    assert answer.count(b"HTTP/1.1") == 1
    assert [request["method"] for request in server.requests() if request["status"]] == []
    assert len(wire.names()) == 1


def test_lf_only_requests_are_refused(connect, server, head):
    connection = connect(server)

    connection.sendall((GET_FILES + head + b"\r\n").replace(b"\r\n", b"\n"))

    assert until_end(connection).split()[1] == b"400"
    assert server.requests() == []
