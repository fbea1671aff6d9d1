"""What was acknowledged survives; what a crash leaves behind is cleared up."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.client
import importlib.util
import sqlite3
import sys
import time
from pathlib import Path

import pytest

from gemfiles_jupyter.offline.testing import OfflineServer

MIB = 1024**2
CHUNK = 8 * MIB


@pytest.fixture
def own(tmp_path, wire_to):
    """A server of the test's own, and the wire to it."""
    with OfflineServer(tmp_path / "data") as server:
        yield server, wire_to(server)


def test_kills_under_uploaders_lose_nothing(tmp_path):
    spec = importlib.util.spec_from_file_location("kill_loop", Path(__file__).with_name("kill_loop.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["kill_loop"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)

    report = module.kill_loop(tmp_path / "data", runs=6)

    assert report.losses == []
    assert report.kills == 6


def test_a_session_goes_on_after_a_kill_between_two_chunks(own):
    server, wire = own
    content = bytes(range(256)) * 4096 * 12
    session = wire.start(len(content))
    wire.command(session, "upload", content[:CHUNK], 0)

    server.kill()
    server.start()
    received = wire.query(session).received
    answer = wire.command(session, "upload, finalize", content[received:], received)

    assert received == CHUNK
    assert answer.json["file"]["sizeBytes"] == str(len(content))


def test_what_came_of_a_chunk_before_a_kill_is_a_beginning_to_go_on_from(own):
    server, wire = own
    content = bytes(range(251)) * (CHUNK // 100)
    session = wire.start(len(content))
    blobs = server.data / "blobs"

    with wire.half_open(session, content[: 5 * MIB], len(content), "upload, finalize"):
        while not sum(path.stat().st_size for path in blobs.iterdir()):
            pass
        server.kill()
    on_disk = sum(path.stat().st_size for path in blobs.iterdir())
    server.start()
    received = wire.query(session).received
    answer = wire.command(session, "upload, finalize", content[received:], received)

    assert 0 < received <= on_disk <= 5 * MIB
    assert base64.b64decode(answer.json["file"]["sha256Hash"]).decode() == hashlib.sha256(content).hexdigest()


def test_what_expired_while_no_server_ran_is_swept_at_the_start(own):
    server, wire = own
    server.set(ttl_seconds=0.5)
    wire.upload(b"x")
    server.kill()
    lasting = len(list((server.data / "blobs").iterdir()))
    time.sleep(0.5)

    server.start()

    assert lasting == 1
    assert wire.names() == []
    assert list((server.data / "blobs").iterdir()) == []


def test_files_sessions_and_outcomes_survive_a_restart(own):
    server, wire = own
    name = wire.upload(b"abc")["name"]
    ended, cancelled, refused = wire.start(1), wire.start(1), wire.start(1, "application/zip")
    final = wire.command(ended, "upload, finalize", b"x", 0)
    wire.command(cancelled, "cancel")
    rejection = wire.command(refused, "upload, finalize", b"x", 0)

    server.restart()

    assert wire.get(f"/v1beta/{name}").status == 200
    assert wire.command(ended, "finalize").body == final.body
    assert wire.query(cancelled).status == 410
    again = wire.query(refused)
    assert (again.status, again.upload_status, again.body) == (400, "final", rejection.body)


def test_addresses_follow_the_port_of_a_restart(tmp_path, wire_to):
    with OfflineServer(tmp_path / "data") as first:
        old = wire_to(first).upload(b"x")
    with OfflineServer(tmp_path / "data") as second:
        wire = wire_to(second)
        new = wire.get(f"/v1beta/{old['name']}").json

        assert new["uri"] == f"{second.address}/v1beta/{old['name']}"
        assert "`files/" in wire.answer_text([{"fileData": {"fileUri": old["uri"]}}])


def test_the_clock_stays_where_a_test_moved_it(own):
    server, wire = own
    name = wire.upload(b"x")["name"]

    server.advance(49 * 3600)
    server.restart()

    assert wire.get(f"/v1beta/{name}").status == 403
    server.advance(-98 * 3600)
    assert wire.upload(b"y")["state"] == "ACTIVE"


def test_orphans_are_swept_at_the_start(own):
    server, wire = own
    name = wire.upload(b"x")["name"]
    server.stop()
    (server.data / "blobs" / "0123456789abcdef").write_bytes(b"left behind")

    server.start()

    assert len(list((server.data / "blobs").iterdir())) == 1
    assert wire.names() == [name]


def test_an_upload_in_one_request_that_died_with_the_server_is_swept(own):
    server, wire = own
    head = (
        f"POST /upload/v1/files HTTP/1.1\r\nHost: {wire.netloc}\r\nX-Goog-Upload-Protocol: raw\r\n"
        f"x-goog-api-key: k\r\nContent-Length: {10 * MIB}\r\n\r\n"
    )
    with contextlib.ExitStack() as stack:
        import socket

        port = int(wire.netloc.rpartition(":")[2])
        connection = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        connection.sendall(head.encode() + bytes(2 * MIB))
        while not list((server.data / "blobs").iterdir()):
            pass
        server.kill()
    server.start()

    assert list((server.data / "blobs").iterdir()) == []


def test_a_broken_catalogue_is_put_aside(own):
    server, wire = own
    wire.upload(b"x")
    server.kill()
    for path in server.data.glob("catalogue.db*"):
        path.write_bytes(b"this is no database" * 1000)

    server.start()

    assert wire.names() == []
    assert wire.upload(b"y")["state"] == "ACTIVE"
    assert (server.data / "broken-catalogue.db").exists()


def test_blobs_changed_behind_our_back_are_no_500(own, mp4):
    server, wire = own
    file = wire.upload(b"text", "text/plain")
    film = wire.upload(mp4, "video/mp4")
    session = wire.start(5)
    for path in (server.data / "blobs").iterdir():
        path.unlink()

    assert {file["name"], film["name"]} == set(wire.names())
    assert wire.get(f"/v1beta/{film['name']}").status == 200
    assert wire.generate([{"fileData": {"fileUri": file["uri"]}}]).status == 200
    assert wire.command(session, "upload, finalize", b"12345", 0).status in (404, 503)
    assert wire.request("DELETE", f"/v1beta/{file['name']}").status == 200


@pytest.mark.parametrize(
    "content", [None, b"", b"shorter", bytes(2 * MIB)], ids=["gone", "0", "short", "long"]
)
def test_a_download_of_bytes_changed_behind_our_back_is_never_taken_for_whole(own, content):
    server, wire = own
    name = server.add_generated(bytes(MIB), "video/mp4")
    (blob,) = (server.data / "blobs").iterdir()
    blob.unlink()
    if content is not None:
        blob.write_bytes(content)

    try:
        answer = wire.get(f"/v1beta/{name}:download?alt=media")
    except http.client.HTTPException:
        outcome = "cut"
    else:
        outcome = f"{answer.status}, {len(answer.body)} B" if answer.status == 200 else f"{answer.status}"

    wanted = {None: "404", 2 * MIB: f"200, {MIB} B"}
    assert outcome == wanted.get(content if content is None else len(content), "cut")
    assert server.log() == ""


def test_nothing_in_the_folder_is_readable_by_others_or_holds_a_credential(own):
    server, wire = own
    session = wire.start(5)
    wire.upload(b"x")

    modes = {oct(path.stat().st_mode & 0o077) for path in server.data.rglob("*")}
    upload_id = session.partition("upload_id=")[2].partition("&")[0]
    server.stop()

    assert modes == {"0o0"}
    for path in server.data.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert server.key.encode() not in content
            assert upload_id.encode() not in content
    with contextlib.closing(sqlite3.connect(server.data / "catalogue.db")) as database:
        assert database.execute("SELECT count(*) FROM files").fetchone() == (1,)


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process are set on Linux only")
def test_a_full_disk_stops_one_upload_and_keeps_the_rest(own):
    import resource

    server, wire = own
    session = wire.start(10 * MIB)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (4 * MIB, resource.RLIM_INFINITY))

    full = wire.command(session, "upload, finalize", bytes(10 * MIB), 0)
    other = wire.upload(bytes(MIB))
    received = wire.query(session).received
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    rest = wire.command(session, "upload, finalize", bytes(10 * MIB - received), received)

    assert (full.status, full.upload_status) == (503, "active")
    assert other["state"] == "ACTIVE"
    assert received == 4 * MIB
    assert rest.json["file"]["sha256Hash"] == wire.upload(bytes(10 * MIB))["sha256Hash"]


@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory of another process from /proc")
def test_memory_does_not_grow_with_the_file(own):
    server, wire = own

    def megabytes() -> int:
        status = Path(f"/proc/{server.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) // 1024

    wire.upload(bytes(16 * MIB))
    before = megabytes()
    wire.upload(bytes(300 * MIB))

    assert megabytes() - before < 60
