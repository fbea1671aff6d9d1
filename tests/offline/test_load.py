"""Many files, many connections, slow ones among them."""

from __future__ import annotations

import contextlib
import socket
import sqlite3
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from gemfiles_jupyter.offline.settings import MAX_CONNECTIONS
from gemfiles_jupyter.offline.testing import OfflineServer

MIB = 1024**2


@pytest.fixture
def own(tmp_path, wire_to):
    with OfflineServer(tmp_path / "data") as server:
        yield server, wire_to(server)


def connect(wire) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(wire.netloc.rpartition(":")[2])), timeout=30)


def test_ten_thousand_files_are_listed_in_a_hundred_pages(own):
    server, wire = own
    first = wire.upload(b"x")["name"]
    server.stop()
    with contextlib.closing(sqlite3.connect(server.data / "catalogue.db")) as database:
        columns = (
            "key_hash, display_name, mime_type, size_bytes, sha256, blob, created_ns, ready_ns, expires_ns"
        )
        database.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999) "
            f"INSERT INTO files (file_id, {columns}, facts, source) "
            f"SELECT 'bulk-' || i, {columns}, facts, source FROM files, n"
        )
        database.commit()
    server.start()

    names, token = [], ""
    while True:
        page = wire.get(f"/v1beta/files?pageSize=100&pageToken={token}").json
        names += [file["name"] for file in page["files"]]
        token = page.get("nextPageToken", "")
        if not token:
            break
    seconds = [request["seconds"] for request in server.requests()]

    assert len(set(names)) == len(names) == 10_000
    assert names[-1] == first
    assert len(seconds) == 100
    # The goal is 0.05 s; the machine may be busy, and a page that scans everything takes far longer.
    assert sorted(seconds)[50] < 1


def test_slow_connections_do_not_disturb_uploads(own):
    server, wire = own
    server.set(header_seconds=600)  # else a busy machine has fewer of them in the end
    with contextlib.ExitStack() as stack:
        slow = []
        for index in range(200):
            connection = stack.enter_context(connect(wire))
            if index % 2:
                connection.sendall(
                    f"POST /upload/v1/files HTTP/1.1\r\nHost: {wire.netloc}\r\nX-Slow: ".encode()
                )
            else:
                session = wire.start(MIB)
                connection.sendall(
                    f"POST {session} HTTP/1.1\r\nHost: {wire.netloc}\r\nContent-Length: {MIB}\r\n"
                    "X-Goog-Upload-Command: upload, finalize\r\nX-Goog-Upload-Offset: 0\r\n\r\n".encode()
                )
            slow.append(connection)

        def drip() -> None:
            for connection in slow:
                connection.sendall(b"x")

        server.clear_requests()
        with ThreadPoolExecutor(4) as pool:
            uploads = [pool.submit(wire.upload, bytes(MIB)) for _ in range(20)]
            while not all(upload.done() for upload in uploads):
                drip()
                time.sleep(0.01)
        states = [upload.result()["state"] for upload in uploads]

    assert states == ["ACTIVE"] * 20
    assert max(request["seconds"] for request in server.requests() if request["status"] == 200) < 10


def test_a_body_that_stops_coming_is_dropped_and_kept(own):
    server, wire = own
    server.set(body_idle_seconds=0.5)
    session = wire.start(10 * MIB)

    with (
        wire.half_open(session, bytes(MIB), 10 * MIB, "upload, finalize") as connection,
        contextlib.suppress(ConnectionError),
    ):
        assert connection.recv(1) == b""
    received = wire.query(session).received

    assert received == MIB


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process are set on Linux only")
def test_a_server_without_files_to_open_recovers(own):
    import resource

    server, wire = own
    limits = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)
    session = wire.start(3)
    resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (40, limits[1]))

    with contextlib.ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(connect(wire))
    resource.prlimit(server.pid, resource.RLIMIT_NOFILE, limits)

    assert wire.command(session, "upload, finalize", b"abc", 0).status == 200
    assert len(server.log()) < 100_000


def test_connections_beyond_the_cap_are_turned_away(own):
    _, wire = own
    with contextlib.ExitStack() as stack:
        for _ in range(MAX_CONNECTIONS):
            stack.enter_context(connect(wire))
        while (turned_away := wire.get("/v1beta/files")).status == 200:
            pass
    while (taken := wire.get("/v1beta/files")).status == 503:
        pass

    assert (turned_away.status, taken.status) == (503, 200)


def test_many_sessions_at_once(own):
    server, wire = own

    with ThreadPoolExecutor(32) as pool:
        files = list(pool.map(lambda index: wire.upload(b"%d" % index), range(500)))

    assert len({file["name"] for file in files}) == 500
    assert len(server.requests()) == 1000
