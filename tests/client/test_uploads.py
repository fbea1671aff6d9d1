"""Every fault of an upload: the right bytes arrive, once, or it is said why not."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import random
import socket
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from gemfiles_jupyter.client import connections as connections_module
from gemfiles_jupyter.client import content as content_module
from gemfiles_jupyter.client import drive as drive_module
from gemfiles_jupyter.client.files import Files
from gemfiles_jupyter.client.uploads import Pulse, Stopped, Uploaded, choose_id
from gemfiles_jupyter.config import Endpoint, Secret
from gemfiles_jupyter.errors import (
    BadResponse,
    CorruptUpload,
    GemfilesError,
    KeyProblem,
    NameTaken,
    QuotaExceeded,
    RedirectRefused,
    ServiceError,
    SourceChanged,
    UploadCancelled,
    UploadInterrupted,
)
from gemfiles_jupyter.offline.testing import OfflineServer
from gemfiles_jupyter.transfers.sources import BytesSource

from .conftest import Asked, Given, OddServers, Sender

MIB = 1024 * 1024
DATA = random.Random(7).randbytes(17 * MIB + 5)
SHA256 = hashlib.sha256(DATA).hexdigest()
FULL = {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "Your storage is full."}
LAST = 9 * MIB + 5


def fault(plane: str, action: str = "answer", nth: int = 1, **more: Any) -> dict[str, Any]:
    scripted = {"upload_status": ""} if action == "answer" else {}
    return {"plane": plane, "action": action, "nth": nth, **scripted, **more}


def scripted(plane: str, status: int, nth: int = 1, **more: Any) -> dict[str, Any]:
    return fault(plane, nth=nth, status=status, **more)


def received(value: str) -> dict[str, Any]:
    return {"upload_status": "active", "headers": {"X-Goog-Upload-Size-Received": value}}


def offsets(server: OfflineServer) -> list[float]:
    """Return where each request with bytes began, in MiB."""
    return [int(r["offset"]) / MIB for r in server.requests() if "upload" in r["command"]]


def stored(sender: Sender) -> list[tuple[str, str | None, int | None]]:
    return [(file.name, file.sha256, file.size_bytes) for file in Files(sender.transport).list()]


def assert_arrived(sender: Sender, server: OfflineServer, uploaded: Uploaded, data: bytes = DATA) -> None:
    digest = hashlib.sha256(data).hexdigest()
    assert stored(sender) == [(uploaded.file.name, digest, len(data))]
    assert uploaded.is_verified
    assert uploaded.sha256 == digest
    assert server.all_fired(), server.fired()


# Faults that an upload gets over. The numbers are where each request with bytes began, in MiB, and how
# many bytes had to be sent again; None where that depends on when the break is noticed.
FRESH = [0, 8]
SURVIVED = {
    "C1 start reset": ([fault("start", "drop", reset=True)], FRESH, 0),
    "C1 start closed twice": ([fault("start", "drop", count=2)], FRESH, 0),
    "C2 start done, answer lost": ([fault("start", "drop-answer")], FRESH, 0),
    "C3 start without an address": ([fault("start", "empty")], FRESH, 0),
    "C5 start 429": ([scripted("start", 429, headers={"Retry-After": "7"})], FRESH, 0),
    **{f"C8 start {s}": ([scripted("start", s)], FRESH, 0) for s in (408, 409, 499, 500, 502, 503, 504)},
    "C9 data reset": ([fault("data", "drop", reset=True)], [0, 0, 8], None),
    "C9 data closed": ([fault("data", "drop")], [0, 0, 8], None),
    "C9 last data reset": ([fault("data", "drop", nth=2, reset=True)], [0, 8, 8], None),
    "C10 data kept in part, reset": (
        [fault("data", "keep", keep_bytes=3 * MIB, reset=True)],
        [0, 3, 11],
        None,
    ),
    "C10 data kept in part, closed": ([fault("data", "keep", keep_bytes=3 * MIB)], [0, 3, 11], None),
    "C10 last data kept in part": ([fault("data", "keep", nth=2, keep_bytes=4 * MIB)], [0, 8, 12], None),
    "C11 data not kept": ([fault("data", "keep", keep_bytes=0, reset=True)], [0, 0, 8], None),
    "C12 data kept, answer lost": ([fault("data", "drop-answer")], [0, 8, 16], 0),
    "C14 data 503 active": ([scripted("data", 503, upload_status="active")], [0, 0, 8], 8 * MIB),
    "C14 last data 503 active": ([scripted("data", 503, 2, upload_status="active")], [0, 8, 8], LAST),
    **{f"C14 data {s}": ([scripted("data", s)], [0, 0, 8], 8 * MIB) for s in (408, 412, 416, 499, 500, 504)},
    "C15 data 502 page": (
        [scripted("data", 502, content_type="text/html", body="<html>")],
        [0, 0, 8],
        8 * MIB,
    ),
    "C16 data 429": ([scripted("data", 429, headers={"Retry-After": "7"})], [0, 0, 8], 8 * MIB),
    "C17 data 308": ([scripted("data", 308, headers={"Range": "bytes=0-5"})], [0, 0, 8], 8 * MIB),
    "C19 data 409": ([scripted("data", 409, upload_status="active")], [0, 0, 8], 8 * MIB),
    "C19 data 400": ([scripted("data", 400, upload_status="active")], [0, 0, 8], 8 * MIB),
    "C20 data 404": ([scripted("data", 404)], [0, 0, 8], 8 * MIB),
    "C20 data 410": ([scripted("data", 410)], [0, 0, 8], 8 * MIB),
    "C20 last data 404": ([scripted("data", 404, 2)], [0, 8, 0, 8], 17 * MIB + 5),
    "C20 query 404": ([scripted("data", 503), scripted("query", 404)], [0, 0, 8], 8 * MIB),
    "C22 last data 413": ([scripted("data", 413, 2)], [0, 8, 8, 16], LAST),
    "C25 end done, answer lost": ([fault("finalize", "drop-answer")], FRESH, 0),
    "C25 end done, answer reset": ([fault("finalize", "drop-answer", reset=True)], FRESH, 0),
    "C26 end done, answer cut": ([fault("finalize", "truncate")], FRESH, 0),
    "C26 end done, answer empty": ([fault("finalize", "empty")], FRESH, 0),
    "C26 end and lookups lost": (
        [
            fault("finalize", "truncate"),
            scripted("get", 503),
            fault("get", "drop", 2),
            fault("get", "empty", 3),
        ],
        FRESH,
        0,
    ),
    "C25 end and session lost": ([fault("finalize", "drop-answer"), scripted("query", 404)], FRESH, 0),
    "C23 end too early": ([scripted("data", 200, upload_status="final")], [0, 0, 8], 8 * MIB),
    **{
        f"C30 query says {value or 'nothing'}": (
            [scripted("data", 503), scripted("query", 200, **received(value))],
            [0, 0, 8],
            8 * MIB,
        )
        for value in ("", "abc", "-1")
    },
    "C31 query goes back": (
        [fault("data", "drop-answer"), scripted("query", 200, **received("0"))],
        [0, 0, 8, 16],
        8 * MIB,
    ),
    **{
        f"C33 query {s}": ([scripted("data", 503), scripted("query", s)], [0, 0, 8], 8 * MIB)
        for s in (409, 502)
    },
    "C33 query lost three times": (
        [fault("data", "drop-answer"), fault("query", "drop", count=3)],
        [0, 8, 16],
        0,
    ),
    "C33 query done, answer lost": (
        [fault("data", "drop-answer"), fault("query", "drop-answer")],
        [0, 8, 16],
        0,
    ),
}


@pytest.mark.parametrize(("faults", "begins", "again"), SURVIVED.values(), ids=SURVIVED.keys())
def test_an_upload_gets_over(
    sender: Sender,
    server: OfflineServer,
    faults: list[dict[str, Any]],
    begins: list[float],
    again: int | None,
) -> None:
    server.faults(*faults)

    uploaded = sender.send(DATA)

    assert_arrived(sender, server, uploaded)
    assert offsets(server) == begins
    assert again is None or uploaded.sent_bytes == len(DATA) + again


SMALL = {
    "lost": [fault("start", "drop", reset=True)],
    "lost three times": [fault("start", "drop", count=3)],
    "done, answer lost": [fault("start", "drop-answer")],
    "done, answer cut": [fault("start", "truncate")],
    "done, answer empty": [fault("start", "empty")],
    "done, answer and lookup lost": [fault("start", "drop-answer"), scripted("get", 503)],
    "cut in its body": [fault("start", "keep", keep_bytes=50)],
    "503": [scripted("start", 503)],
    "503 four times": [scripted("start", 503, count=4)],
    "503 active": [scripted("start", 503, upload_status="active")],
    "429": [scripted("start", 429, headers={"Retry-After": "7"})],
    "not taken this way": [scripted("start", 400)],
    "no such address": [scripted("start", 404)],
    "200 and nothing": [scripted("start", 200)],
}


@pytest.mark.parametrize("size", [0, MIB])
@pytest.mark.parametrize("faults", SMALL.values(), ids=SMALL.keys())
def test_a_small_source_gets_over(
    sender: Sender, server: OfflineServer, faults: list[dict[str, Any]], size: int
) -> None:
    server.faults(*faults)

    uploaded = sender.send(DATA[:size])

    assert_arrived(sender, server, uploaded, DATA[:size])


@pytest.mark.parametrize(
    "size", [0, 1, MIB, MIB + 1, 8 * MIB, 8 * MIB + 1, 16 * MIB], ids=lambda size: f"{size} B"
)
@pytest.mark.parametrize("is_whole", [True, False], ids=["small ones whole", "all in sessions"])
def test_sources_of_any_size_arrive(
    sender: Sender, server: OfflineServer, monkeypatch: pytest.MonkeyPatch, size: int, is_whole: bool
) -> None:
    if not is_whole:
        monkeypatch.setattr(drive_module, "SMALL_BYTES", -1)

    uploaded = sender.send(DATA[:size])

    assert_arrived(sender, server, uploaded, DATA[:size])
    assert uploaded.sent_bytes == size


def test_a_file_on_disk_arrives(sender: Sender, server: OfflineServer, tmp_path: Path) -> None:
    (tmp_path / "lecture ☀.bin").write_bytes(DATA)

    uploaded = sender.send(tmp_path / "lecture ☀.bin")

    assert_arrived(sender, server, uploaded)
    assert uploaded.file.display_name == "lecture ☀.bin"


def test_after_413_smaller_pieces_are_sent(sender: Sender, server: OfflineServer) -> None:
    data = DATA * 2
    server.faults(scripted("data", 413, 2))

    uploaded = sender.send(data)

    assert_arrived(sender, server, uploaded, data)
    assert offsets(server) == [0, 8, 8, 16, 24, 32]


def test_a_broken_request_that_lives_on_keeps_no_buffer(
    sender: Sender, server: OfflineServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content_module, "RING_BLOCKS", 2)
    attempt, bodies, got = sender.transport.attempt, [], []

    def keep_the_body(*args: Any, **options: Any) -> Any:
        bodies.append(options.get("body"))  # as an exception of requests does until it is collected
        return attempt(*args, **options)

    monkeypatch.setattr(sender.transport, "attempt", keep_the_body)
    server.faults(*(fault("data", "drop", nth=nth, reset=nth % 2 == 0) for nth in range(1, 6)))
    thread = threading.Thread(target=lambda: got.append(sender.send(DATA)), daemon=True)

    thread.start()
    thread.join(20)

    assert got, "it waits for a buffer for ever"
    assert_arrived(sender, server, got[0])


def test_progress_goes_up_and_steps_back_truthfully(sender: Sender, server: OfflineServer) -> None:
    server.faults(scripted("data", 503, 2))

    sender.send(DATA)

    sent = [pulse.sent for pulse in sender.pulses]
    confirmed = [pulse.confirmed for pulse in sender.pulses]
    retry = [pulse for pulse in sender.pulses if pulse.attempt]
    assert confirmed == sorted(confirmed)
    assert sent[-1] == len(DATA)
    assert 8 * MIB in sent[sent.index(len(DATA)) :]
    assert retry[0].trouble == "answered 503"


# Faults that end an upload

ENDED: dict[str, tuple[list[dict[str, Any]], type[GemfilesError]]] = {
    **{f"C4 start {s}": ([scripted("start", s)], GemfilesError) for s in (400, 403, 404, 413)},
    "C4 start 401": ([scripted("start", 401)], KeyProblem),
    "C6 quota": ([scripted("start", 429, count=3, body=json.dumps({"error": FULL}))], QuotaExceeded),
    "C18 data redirected": (
        [scripted("data", 302, headers={"Location": "http://evil.test"})],
        RedirectRefused,
    ),
    "C17 data 308 elsewhere": (
        [scripted("data", 308, headers={"Location": "http://evil.test"})],
        RedirectRefused,
    ),
    "C20 session lost twice": ([scripted("data", 404, count=2)], UploadInterrupted),
    "C21 data 401": ([scripted("data", 401)], KeyProblem),
    "C21 data 403": (
        [scripted("data", 403, body='{"error": {"message": "no", "status": "PERMISSION_DENIED"}}')],
        ServiceError,
    ),
    "C22 data 413": ([scripted("data", 413)], GemfilesError),
    "C24 cancelled": ([scripted("data", 200, upload_status="cancelled")], UploadCancelled),
    "C30 query never says": (
        [scripted("data", 503), scripted("query", 200, count=3, **received("abc"))],
        BadResponse,
    ),
    "C30 query says too much": (
        [scripted("data", 503), scripted("query", 200, **received("99999999999"))],
        BadResponse,
    ),
    "rejected": (
        [
            scripted(
                "data",
                400,
                2,
                upload_status="final",
                body='{"error": {"message": "Unsupported MIME type: x/y"}}',
            )
        ],
        ServiceError,
    ),
    "rejected with 503": ([scripted("data", 503, 2, upload_status="final")], GemfilesError),
}


@pytest.mark.parametrize(("faults", "kind"), ENDED.values(), ids=ENDED.keys())
def test_an_upload_ends_with(
    sender: Sender, server: OfflineServer, faults: list[dict[str, Any]], kind: type[GemfilesError]
) -> None:
    server.faults(*faults)

    with pytest.raises(kind) as caught:
        sender.send(DATA)

    assert stored(sender) == []
    assert server.all_fired()
    assert "upload_id" not in str(caught.value)
    assert kind is GemfilesError or type(caught.value) is kind


def test_a_service_that_never_comes_back_ends_the_upload_after_its_budget(
    sender: Sender, server: OfflineServer
) -> None:
    server.faults(scripted("data", 503, nth=2, count=1000), scripted("query", 503, count=1000))

    with pytest.raises(UploadInterrupted, match="No progress for 120 s") as caught:
        sender.send(DATA)

    assert caught.value.sent == 8 * MIB
    assert 120 < sender.stop.waited < 240


def test_a_real_rejection_is_the_services_own_words(sender: Sender, server: OfflineServer) -> None:
    with pytest.raises(ServiceError, match="Unsupported MIME type: application/x-msdownload"):
        sender.send(DATA, mime_type="application/x-msdownload")

    assert len([r for r in server.requests() if "finalize" in r["planes"]]) == 1
    assert sender.stop.waited == 0


def test_quota_that_runs_out_on_the_way_ends_the_upload(sender: Sender, server: OfflineServer) -> None:
    def fill(pulse: Pulse) -> None:
        if pulse.sent == 8 * MIB:
            server.set(quota_bytes=1000)

    sender.on_pulse = fill

    with pytest.raises(QuotaExceeded):
        sender.send(DATA)

    assert stored(sender) == []
    assert len([r for r in server.requests() if "finalize" in r["planes"]]) == 1


# Names


@pytest.mark.parametrize("size", [1000, 2 * MIB], ids=["small", "large"])
def test_a_name_that_holds_the_same_bytes_is_the_file(
    sender: Sender, server: OfflineServer, size: int
) -> None:
    first = sender.send(DATA[:size], id="lecture")

    again = sender.send(DATA[:size], id="lecture")

    assert again.file.name == first.file.name == "files/lecture"
    assert_arrived(sender, server, again, DATA[:size])


@pytest.mark.parametrize("size", [1000, 2 * MIB], ids=["small", "large"])
def test_a_name_that_holds_other_bytes_is_taken_and_left_alone(
    sender: Sender, server: OfflineServer, size: int
) -> None:
    first = sender.send(DATA[:size], id="lecture")

    with pytest.raises(NameTaken):
        sender.send(DATA[1 : size + 1], id="lecture")

    assert_arrived(sender, server, first, DATA[:size])


def test_a_taken_name_whose_answer_is_lost_is_found_by_the_query(
    sender: Sender, server: OfflineServer
) -> None:
    first = sender.send(DATA[: 2 * MIB], id="lecture")
    server.clear_requests()
    server.faults(fault("finalize", "drop-answer"))

    with pytest.raises(NameTaken):
        sender.send(DATA[1 : 2 * MIB + 1], id="lecture")

    assert_arrived(sender, server, first, DATA[: 2 * MIB])
    assert sum("query" in r["planes"] for r in server.requests()) <= 1


def test_ids_are_short_random_and_legal() -> None:
    ids = {choose_id() for _ in range(1000)}

    assert len(ids) == 1000
    assert all(len(name) == 16 and name.isalnum() and name.islower() for name in ids)


# The source changes


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def rewrite(path: Path) -> None:
    facts = path.stat()
    path.write_bytes(bytes(len(DATA)))
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns + 1_000_000))


def replace_by_another(path: Path) -> None:
    other = path.with_suffix(".new")
    other.write_bytes(bytes(len(DATA)))
    other.replace(path)


CHANGES = {
    "truncated": lambda path: os.truncate(path, 9 * MIB),
    "emptied": lambda path: os.truncate(path, 0),
    "grown": grow,
    "rewritten": rewrite,
    "replaced": replace_by_another,
    "removed": lambda path: path.unlink(),
}


@pytest.mark.parametrize(
    "after", [1, 10 * MIB, len(DATA) - MIB, len(DATA)], ids=["first block", "middle", "near the end", "last"]
)
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_source_that_changes_is_not_stored(sender: Sender, tmp_path: Path, change: Any, after: int) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(DATA)
    changes = [change]

    def meddle(pulse: Pulse) -> None:
        if pulse.sent >= after and changes:
            changes.pop()(path)

    sender.on_pulse = meddle

    with pytest.raises(SourceChanged) as caught:
        sender.send(path)

    assert stored(sender) == []
    assert str(tmp_path) not in str(caught.value)


# What the service has is not what was sent


class Service:
    """An upload service of its own kind: it keeps bytes, and says of them what a test wants."""

    def __init__(self, **said: Any) -> None:
        self.kept = b""
        self.said = said
        self.is_final = False
        self.deleted: list[str] = []

    def __call__(self, asked: Asked) -> Given:
        if asked.method == "DELETE":
            self.deleted.append(asked.path)
            return Given(200, {}, b"{}")
        if asked.method == "GET":
            return Given(200, {}, json.dumps(self.described()).encode()) if self.is_final else Given(404)
        if asked.command == "start":
            return Given(200, {"X-Goog-Upload-URL": "/upload?upload_id=1", "X-Goog-Upload-Status": "active"})
        if asked.command == "query":
            return self.answer_query()
        return self.take(asked)

    def described(self) -> dict[str, Any]:
        digest = base64.b64encode(hashlib.sha256(self.kept).hexdigest().encode()).decode()
        file = {"name": "files/abc", "sizeBytes": str(len(self.kept)), "sha256Hash": digest, **self.said}
        return {name: value for name, value in file.items() if value is not None}

    def answer_query(self) -> Given:
        size = str(len(self.kept))
        return Given(200, {"X-Goog-Upload-Status": "active", "X-Goog-Upload-Size-Received": size})

    def take(self, asked: Asked) -> Given:
        if int(asked.headers["x-goog-upload-offset"]) != len(self.kept):
            return Given(409, {"X-Goog-Upload-Status": "active"})
        self.kept += asked.body
        if "finalize" not in asked.command:
            return Given(200, {"X-Goog-Upload-Status": "active"})
        self.is_final = True
        return Given(200, {"X-Goog-Upload-Status": "final"}, json.dumps({"file": self.described()}).encode())


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"sizeBytes": "0"}, "0 bytes of"),
        ({"sizeBytes": str(len(DATA) - 1)}, "bytes of"),
        ({"sha256Hash": base64.b64encode(b"0" * 64).decode()}, "sha256"),
    ],
    ids=["C27 empty", "C27 short", "C28 other digest"],
)
def test_a_copy_that_is_not_the_source_is_removed(odd: OddServers, said: dict[str, Any], words: str) -> None:
    service = Service(**said)

    with pytest.raises(CorruptUpload, match=words):
        Sender(odd(service).endpoint()).send(DATA)

    assert service.deleted == ["/v1beta/files/abc"]


def test_a_copy_without_a_digest_is_not_called_verified(odd: OddServers) -> None:
    uploaded = Sender(odd(Service(sha256Hash=None)).endpoint()).send(DATA)

    assert not uploaded.is_verified
    assert uploaded.sha256 == SHA256


def test_an_early_end_that_holds_half_is_corrupt(odd: OddServers) -> None:
    class Hasty(Service):
        def take(self, asked: Asked) -> Given:
            return super().take(
                Asked("POST", asked.path, {**asked.headers, "x-goog-upload-command": "finalize"}, asked.body)
            )

    service = Hasty()

    with pytest.raises(CorruptUpload):
        Sender(odd(service).endpoint()).send(DATA)

    assert service.deleted == ["/v1beta/files/abc"]


def test_a_part_that_is_kept_though_the_answer_is_503_is_not_sent_again(odd: OddServers) -> None:
    class Weary(Service):
        def take(self, asked: Asked) -> Given:
            given = super().take(asked)
            return Given(503, {"X-Goog-Upload-Status": "active"}) if len(self.kept) == 8 * MIB else given

    service = Weary()

    uploaded = Sender(odd(service).endpoint()).send(DATA)

    assert service.kept == DATA
    assert uploaded.sent_bytes == len(DATA)


def test_a_service_that_forgets_what_it_had_gets_it_again(odd: OddServers) -> None:
    class Forgetful(Service):
        def take(self, asked: Asked) -> Given:
            if "finalize" in asked.command and self.kept and not self.said:
                self.said, self.kept = {"source": "UPLOADED"}, self.kept[: 3 * MIB]
                return Given(503)
            return super().take(asked)

    service = Forgetful()

    uploaded = Sender(odd(service).endpoint()).send(DATA)

    assert service.kept == DATA
    assert uploaded.is_verified


def test_a_service_that_goes_to_and_fro_is_given_up(odd: OddServers) -> None:
    class Swaying(Service):
        def answer_query(self) -> Given:
            self.kept = b"" if self.kept else bytes(8 * MIB)
            return super().answer_query()

        def take(self, asked: Asked) -> Given:
            del asked
            return Given(503, {"X-Goog-Upload-Status": "active"})

    sender = Sender(odd(Swaying()).endpoint())

    with pytest.raises(UploadInterrupted):
        sender.send(DATA)

    assert sender.stop.waited > 60


def test_a_whole_request_that_stores_other_bytes_is_corrupt(odd: OddServers) -> None:
    deleted: list[str] = []

    def answer(asked: Asked) -> Given:
        if asked.method == "DELETE":
            deleted.append(asked.path)
        file = {"name": "files/abc", "sizeBytes": "3"}
        return Given(200, {"X-Goog-Upload-Status": "final"}, json.dumps({"file": file}).encode())

    with pytest.raises(CorruptUpload):
        Sender(odd(answer).endpoint()).send(b"tide")

    assert deleted == ["/v1beta/files/abc"]


# Reading and memory


class Counting:
    """A source that counts what is read of it."""

    label = "counted"

    def __init__(self, data: bytes) -> None:
        self.size = len(data)
        self.read_bytes = 0
        self._opened = BytesSource(data, self.label).open()

    def open(self) -> Counting:
        return self

    def read_into(self, offset: int, buffer: memoryview) -> int:
        count = self._opened.read_into(offset, buffer)
        self.read_bytes += count
        return count

    def check_unchanged(self) -> None:
        """Accept."""

    def close(self) -> None:
        """Keep the data."""


@pytest.mark.parametrize("size", [1000, len(DATA)], ids=["small", "large"])
def test_each_byte_is_read_once_for_sending_and_hashing(sender: Sender, size: int) -> None:
    source = Counting(DATA[:size])

    sender.send_content(source)

    assert source.read_bytes == size


def test_bytes_sent_again_are_read_again_and_hashed_once(sender: Sender, server: OfflineServer) -> None:
    source = Counting(DATA)
    server.faults(scripted("data", 503, 1), scripted("data", 503, 3))

    uploaded = sender.send_content(source)

    assert_arrived(sender, server, uploaded)
    assert source.read_bytes == uploaded.sent_bytes


def test_memory_does_not_grow_with_the_source(sender: Sender, tmp_path: Path) -> None:
    path = tmp_path / "sparse.bin"
    with path.open("wb") as file:
        file.truncate(256 * MIB)
    tracemalloc.start()
    try:
        sender.send(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 8 * MIB


# Stopping and going on


@pytest.mark.parametrize(
    "after",
    [0, 1, 5 * MIB, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1, 17 * MIB, len(DATA)],
    ids=lambda after: f"{after} bytes",
)
def test_an_interrupted_upload_is_gone_on_with(sender: Sender, server: OfflineServer, after: int) -> None:
    def interrupt(pulse: Pulse) -> None:
        if pulse.sent >= after:
            raise KeyboardInterrupt

    sender.on_pulse = interrupt
    with pytest.raises(KeyboardInterrupt):
        sender.send(DATA, id="lecture")
    left = stored(sender)

    sender.on_pulse = lambda _: None
    uploaded = sender.send(DATA, id="lecture", session=sender.sessions[-1] if sender.sessions else None)

    assert left == []
    assert_arrived(sender, server, uploaded)
    assert uploaded.file.name == "files/lecture"
    assert uploaded.sent_bytes <= len(DATA)


def test_an_upload_whose_end_was_interrupted_is_found_complete(sender: Sender, server: OfflineServer) -> None:
    first = sender.send(DATA, id="lecture")

    again = sender.send(DATA, id="lecture", session=sender.sessions[0])

    assert again.sent_bytes == 0
    assert_arrived(sender, server, again)
    assert again.file.name == first.file.name


def test_a_session_that_is_gone_is_started_again(sender: Sender, server: OfflineServer) -> None:
    session = Secret(f"{server.address}/upload/v1beta/files?upload_id=gone&upload_protocol=resumable")

    uploaded = sender.send(DATA, session=session)

    assert_arrived(sender, server, uploaded)


def test_a_stopped_upload_sends_no_more(sender: Sender, server: OfflineServer) -> None:
    def stop(pulse: Pulse) -> None:
        if pulse.sent > MIB:
            sender.stop.set()

    sender.on_pulse = stop

    with pytest.raises(Stopped):
        sender.send(DATA)

    assert stored(sender) == []
    assert len(offsets(server)) == 1


def test_a_session_that_a_dead_connection_still_holds_is_taken_over(
    sender: Sender, server: OfflineServer
) -> None:
    sender.on_pulse = lambda pulse: sender.stop.set() if pulse.sent else None
    with pytest.raises(Stopped):
        sender.send(DATA, id="lecture")
    parts = urlsplit(sender.sessions[-1].reveal())
    head = (
        f"POST {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: {8 * MIB}\r\n"
        "X-Goog-Upload-Command: upload\r\nX-Goog-Upload-Offset: 0\r\n\r\n"
    )

    with socket.create_connection((parts.hostname or "", parts.port or 0)) as dead:
        dead.sendall(head.encode() + DATA[:100])
        sender.stop.clear()
        sender.on_pulse = lambda _: None
        uploaded = sender.send(DATA, id="lecture", session=sender.sessions[0])

    assert_arrived(sender, server, uploaded)


def test_a_server_that_stops_reading_is_a_broken_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections_module, "CONNECT_SECONDS", 0.3)
    monkeypatch.setattr(drive_module, "FINALIZE_SECONDS", 0.3)
    service, done = Service(), threading.Event()
    commands: list[str] = []

    class Stalling(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            commands.append(self.headers.get("X-Goog-Upload-Command", ""))
            self.close_connection = True
            if commands.count("upload, finalize") == 1 and commands[-1] == "upload, finalize":
                done.wait(30)
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            given = service(Asked("POST", self.path, headers, body))
            self.send_response_only(given.status)
            for name, value in {**given.headers, "Content-Length": str(len(given.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(given.body)

    with ThreadingHTTPServer(("127.0.0.1", 0), Stalling) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        sender = Sender(Endpoint(f"http://127.0.0.1:{server.server_address[1]}"))
        try:
            uploaded = sender.send(DATA * 2)
        finally:
            done.set()
            server.shutdown()
            thread.join()

    assert service.kept == DATA * 2
    assert uploaded.is_verified
    assert "query" in commands
    assert any("fell silent" in pulse.trouble for pulse in sender.pulses)


def test_of_eight_uploads_at_a_time_one_fails_and_seven_arrive(
    endpoint: Endpoint, server: OfflineServer
) -> None:
    sender = Sender(endpoint)
    sources = [DATA[: 2 * MIB + n] for n in range(8)]
    server.faults(
        fault("data", "drop", nth=2, reset=True), scripted("start", 503, 4), fault("data", "keep", 7)
    )

    def upload(n: int) -> Uploaded | GemfilesError:
        own = Sender(endpoint, transport=sender.transport)
        try:
            return own.send(sources[n], id="-bad-" if n == 3 else "")
        except GemfilesError as error:
            return error

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(upload, range(8)))

    arrived = sorted(size for _, _, size in stored(sender) if size)
    assert isinstance(results[3], ServiceError)
    assert arrived == [2 * MIB + n for n in range(8) if n != 3]
    assert all(isinstance(result, Uploaded) and result.is_verified for result in results[:3] + results[4:])
    assert server.all_fired()


@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "missing"])
def test_what_is_no_regular_file_is_refused_before_anything_is_sent(
    sender: Sender, server: OfflineServer, tmp_path: Path, kind: str
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    path = Path("/dev/null") if kind == "device" else tmp_path / kind

    with pytest.raises(GemfilesError):
        sender.send(path)

    assert server.requests() == []
