"""Get, list, delete, wait, download and register, with everything that pages and answers can do."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gemfiles_jupyter.client import files as files_module
from gemfiles_jupyter.client.files import Files, poll_delay
from gemfiles_jupyter.client.models import File, FileState
from gemfiles_jupyter.client.transport import Transport
from gemfiles_jupyter.config import Secret
from gemfiles_jupyter.errors import (
    BadResponse,
    FileUnavailable,
    GemfilesError,
    InvalidUsage,
    KeyProblem,
    NetworkError,
    ProcessingFailed,
    ProcessingTimeout,
    ServiceError,
)
from gemfiles_jupyter.offline.testing import OfflineServer

from .conftest import Asked, Given, NoWait, OddServer, OddServers, Sender
from .fault_schedules import CLOCK


@pytest.fixture
def files(sender: Sender) -> Files:
    """The files at the offline server."""
    return Files(sender.transport)


@pytest.fixture(autouse=True)
def _no_waiting_for_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files_module, "time", CLOCK)


def files_of(server: OddServer) -> Files:
    return Files(Transport(server.endpoint(), sleep=CLOCK.skip))


def json_answer(**fields: Any) -> Given:
    return Given(200, {"Content-Type": "application/json"}, json.dumps(fields).encode())


def refusal(status: int, message: str, reason: str = "INVALID_ARGUMENT") -> Given:
    error = {"error": {"code": status, "message": message, "status": reason}}
    return Given(status, {"Content-Type": "application/json"}, json.dumps(error).encode())


GONE = refusal(
    403, "You do not have permission to access the File x or it may not exist.", "PERMISSION_DENIED"
)


def named(*names: str) -> list[dict[str, str]]:
    return [{"name": f"files/{name}"} for name in names]


# Get


@pytest.mark.parametrize("reference", ["lecture-1", "files/lecture-1", "{address}/v1beta/files/lecture-1"])
def test_get_takes_an_id_a_name_or_an_address(
    sender: Sender, files: Files, server: OfflineServer, reference: str
) -> None:
    sender.send(b"tide", id="lecture-1")

    file = files.get(reference.format(address=server.address))

    assert (file.name, file.size_bytes, file.state) == ("files/lecture-1", 4, FileState.ACTIVE)


@pytest.mark.parametrize("reference", ["", "../x", "files/a/b", "a?b", "https://evil.test/x"])
def test_what_is_no_name_is_never_asked_for(files: Files, server: OfflineServer, reference: str) -> None:
    with pytest.raises(InvalidUsage):
        files.get(reference)

    assert server.requests() == []


def test_a_missing_file_says_what_may_have_happened(files: Files) -> None:
    with pytest.raises(FileUnavailable, match=r"permission to access the File nope") as caught:
        files.get("nope")

    assert "48 hours" in caught.value.hint
    assert (caught.value.status, caught.value.reason) == (403, "PERMISSION_DENIED")


# List


def test_list_yields_every_file_over_all_pages(sender: Sender, files: Files) -> None:
    for n in range(7):
        sender.send(b"tide", id=f"file-{n}")

    assert sorted(file.id for file in files.list(page_size=3)) == [f"file-{n}" for n in range(7)]


def test_an_empty_list_is_empty(files: Files) -> None:
    assert list(files.list()) == []


def test_an_empty_page_in_between_is_no_end(odd: OddServers) -> None:
    pages = iter(
        [
            json_answer(files=named("a"), nextPageToken="1"),
            json_answer(nextPageToken="2"),
            json_answer(files=[], nextPageToken="3"),
            json_answer(files=named("b")),
        ]
    )
    server = odd(lambda _: next(pages))

    assert [file.id for file in files_of(server).list()] == ["a", "b"]
    assert [asked.path.rpartition("pageToken=")[2] for asked in server.asked[1:]] == ["1", "2", "3"]


def test_a_token_that_comes_back_ends_the_list(odd: OddServers) -> None:
    server = odd(lambda _: json_answer(files=named("a"), nextPageToken="again"))

    assert [file.id for file in files_of(server).list()] == ["a"]
    assert len(server.asked) == 2


def test_a_file_that_is_on_two_pages_is_listed_once(odd: OddServers) -> None:
    pages = iter([json_answer(files=named("a", "b"), nextPageToken="1"), json_answer(files=named("b", "c"))])
    server = odd(lambda _: next(pages))

    assert [file.id for file in files_of(server).list()] == ["a", "b", "c"]


def test_a_token_that_is_not_taken_any_more_begins_the_list_again(odd: OddServers) -> None:
    stale = refusal(400, "The page token is invalid.")
    pages = iter(
        [
            json_answer(files=named("a"), nextPageToken="1"),
            stale,
            json_answer(files=named("a", "b"), nextPageToken="1"),
            json_answer(files=named("c")),
        ]
    )
    server = odd(lambda _: next(pages))

    assert [file.id for file in files_of(server).list()] == ["a", "b", "c"]


def test_a_list_is_begun_again_only_once(odd: OddServers) -> None:
    def answer(asked: Asked) -> Given:
        is_first = "pageToken" not in asked.path
        return json_answer(files=named("a"), nextPageToken="1") if is_first else refusal(400, "stale")

    server = odd(answer)

    with pytest.raises(ServiceError, match="stale"):
        list(files_of(server).list())

    assert len(server.asked) == 4


def test_a_list_that_is_refused_is_not_begun_again(odd: OddServers) -> None:
    server = odd(lambda _: refusal(400, "no"))

    with pytest.raises(ServiceError):
        list(files_of(server).list())

    assert len(server.asked) == 1


@pytest.mark.parametrize("page", [{"files": "abc"}, {"files": {"name": "files/a"}}, {"files": None}], ids=str)
def test_a_page_of_another_shape_is_no_crash(odd: OddServers, page: dict[str, Any]) -> None:
    server = odd(lambda _: json_answer(**page))

    with contextlib.suppress(BadResponse):
        assert list(files_of(server).list()) == []


@pytest.mark.parametrize(
    "fault", [{"action": "drop"}, {"action": "drop-answer"}, {"action": "answer"}], ids=str
)
def test_a_page_that_gets_lost_is_asked_for_again(
    sender: Sender, files: Files, server: OfflineServer, fault: dict[str, Any]
) -> None:
    sender.send(b"tide", id="a")
    sender.send(b"tide", id="b")
    server.faults({"plane": "list", "nth": 2, **fault})

    assert [file.id for file in files.list(page_size=1)] == ["b", "a"]
    assert server.all_fired()


# Delete


def test_delete_removes_the_file_with_one_request(
    sender: Sender, files: Files, server: OfflineServer
) -> None:
    sender.send(b"tide", id="a")

    files.delete("files/a")

    assert list(files.list()) == []
    assert sum("delete" in r["planes"] for r in server.requests()) == 1


def test_a_file_that_was_never_there_is_an_error_after_one_request(
    files: Files, server: OfflineServer
) -> None:
    with pytest.raises(FileUnavailable):
        files.delete("nope")

    assert sum("delete" in r["planes"] for r in server.requests()) == 1


def test_deleting_twice_is_an_error_the_second_time(sender: Sender, files: Files) -> None:
    sender.send(b"tide", id="a")
    files.delete("a")

    with pytest.raises(FileUnavailable):
        files.delete("a")


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "drop-answer"},
        {"action": "drop-answer", "reset": True},
        {"action": "drop"},
        {"action": "answer", "status": 503},
        {"action": "answer", "status": 502, "content_type": "text/html", "body": "<html>"},
    ],
    ids=["done, answer lost", "done, answer reset", "lost", "503", "502 page"],
)
def test_a_deletion_that_gets_lost_is_done_all_the_same(
    sender: Sender, files: Files, server: OfflineServer, fault: dict[str, Any]
) -> None:
    sender.send(b"tide", id="a")
    server.faults({"plane": "delete", **fault})

    files.delete("a")

    assert list(files.list()) == []
    assert server.all_fired()


@pytest.mark.parametrize("status", [403, 404])
def test_after_a_lost_answer_gone_is_deleted_however_it_is_said(odd: OddServers, status: int) -> None:
    said = {403: GONE, 404: refusal(404, "Requested entity was not found.", "NOT_FOUND")}
    answers: list[Given | None] = [None, said[status]]
    server = odd(lambda _: answers.pop(0))

    files_of(server).delete("x")

    assert answers == []


def test_a_key_that_is_refused_is_no_deleted_file(odd: OddServers) -> None:
    bad_key = refusal(403, "Method doesn't allow unregistered callers.", "PERMISSION_DENIED")
    answers: list[Given | None] = [None, bad_key]
    server = odd(lambda _: answers.pop(0))

    with pytest.raises(KeyProblem):
        files_of(server).delete("x")


# Wait


def test_wait_returns_the_file_once_it_is_active(
    sender: Sender, files: Files, server: OfflineServer, media: Path
) -> None:
    server.set(processing_seconds=3600, processing_outcome="active")
    film = sorted(media.glob("*.mp4"))[0]
    file = sender.send(film, mime_type="video/mp4").file
    polls: list[tuple[object, float]] = []
    stop = NoWait()

    def on_poll(polled: File, waited: float) -> None:
        polls.append((polled.state, waited))
        if len(polls) == 5:
            server.advance(3601)

    ready = files.wait(file, timeout_seconds=1e6, on_poll=on_poll, stop=stop)

    assert file.state is FileState.PROCESSING
    assert ready.is_active
    assert [state for state, _ in polls[:-1]] == [FileState.PROCESSING] * (len(polls) - 1)
    assert [waited for _, waited in polls] == sorted(waited for _, waited in polls)


def test_wait_on_an_active_file_asks_nothing(sender: Sender, files: Files, server: OfflineServer) -> None:
    file = sender.send(b"tide").file
    server.clear_requests()

    assert files.wait(file) is file
    assert server.requests() == []


def test_a_failed_file_says_why(sender: Sender, files: Files, server: OfflineServer) -> None:
    server.set(processing_seconds=0.0, processing_outcome="failed")
    file = sender.send(b"not a film", mime_type="video/mp4").file

    with pytest.raises(ProcessingFailed) as caught:
        files.wait(file, stop=NoWait())

    assert caught.value.file.is_failed
    assert caught.value.file.error is not None
    assert (caught.value.file.error.message or "?") in caught.value.message


def test_a_failed_file_without_a_reason_says_so() -> None:
    with pytest.raises(ProcessingFailed, match="gave no reason"):
        files_module.check_usable(File("files/x", state=FileState.FAILED))


def test_processing_that_never_ends_is_a_timeout_that_keeps_the_file(odd: OddServers) -> None:
    server = odd(lambda _: json_answer(name="files/x", state="PROCESSING", displayName="tide.mp4"))
    stop = NoWait()

    with pytest.raises(ProcessingTimeout, match=r"tide\.mp4 is still processing after 60 s") as caught:
        files_of(server).wait(File("files/x", state=FileState.PROCESSING), timeout_seconds=60, stop=stop)

    assert caught.value.file.name == "files/x"
    assert 50 < stop.waited < 66


def test_a_state_of_tomorrow_is_waited_for(odd: OddServers) -> None:
    states = iter(["TRANSCODING", "", "ACTIVE"])
    server = odd(lambda _: json_answer(name="files/x", state=next(states)))

    assert files_of(server).wait(File("files/x"), stop=NoWait()).is_active


def test_waiting_stops_when_it_is_told_to(odd: OddServers) -> None:
    server = odd(lambda _: json_answer(name="files/x"))
    stop = NoWait()
    stop.set()

    file = File("files/x", state=FileState.PROCESSING)

    assert files_of(server).wait(file, stop=stop) is file
    assert server.asked == []


def test_an_error_while_waiting_is_the_services_own(odd: OddServers) -> None:
    server = odd(lambda _: GONE)

    with pytest.raises(FileUnavailable):
        files_of(server).wait(File("files/x"), stop=NoWait())


@pytest.mark.parametrize(
    ("waited", "delay"), [(0, 0.25), (1, 0.25), (2, 0.3), (20, 3.0), (40, 5.0), (1e6, 5.0)]
)
def test_polls_are_a_share_of_the_time_waited(waited: float, delay: float) -> None:
    assert poll_delay(waited) == pytest.approx(delay)


# Download


def generated(content: Callable[[], Given]) -> Callable[[Asked], Given]:
    def answer(asked: Asked) -> Given:
        is_content = asked.path.startswith("/v1beta/files/x:download")
        return content() if is_content else json_answer(name="files/x", source="GENERATED")

    return answer


def test_a_generated_file_is_saved(odd: OddServers, tmp_path: Path) -> None:
    server = odd(generated(lambda: Given(200, {}, b"film" * 100_000)))

    path = files_of(server).download("x", tmp_path / "film.mp4")

    assert path.read_bytes() == b"film" * 100_000
    assert server.asked[-1].path == "/v1beta/files/x:download?alt=media"


def test_an_uploaded_file_is_refused_without_asking_for_its_bytes(
    sender: Sender, files: Files, server: OfflineServer, tmp_path: Path
) -> None:
    sender.send(b"tide", id="a")
    server.clear_requests()

    with pytest.raises(InvalidUsage, match="only files that it generated"):
        files.download("a", tmp_path / "a.txt")

    assert len(server.requests()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [Given(200, {"Content-Length": "1000"}, b"half"), refusal(400, "no"), Given(503)],
    ids=["cut", "400", "503"],
)
def test_a_broken_download_leaves_nothing_behind(odd: OddServers, tmp_path: Path, content: Given) -> None:
    server = odd(generated(lambda: content))

    with pytest.raises((ServiceError, NetworkError)):
        files_of(server).download("x", tmp_path / "film.mp4")

    assert list(tmp_path.iterdir()) == []


def test_a_broken_download_keeps_what_was_there_before(odd: OddServers, tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"old")
    server = odd(generated(lambda: Given(200, {"Content-Length": "1000"}, b"half")))

    with pytest.raises(NetworkError):
        files_of(server).download("x", tmp_path / "film.mp4")

    assert (tmp_path / "film.mp4").read_bytes() == b"old"


# Register


def test_register_sends_addresses_with_a_token(odd: OddServers) -> None:
    server = odd(lambda _: json_answer(files=[{"name": "files/a", "source": "REGISTERED"}]))

    (file,) = files_of(server).register(["gs://bucket/tide.mp4"], Secret("ya29.token"))

    asked = server.asked[0]
    assert file.name == "files/a"
    assert (asked.method, asked.path) == ("POST", "/v1beta/files:register")
    assert json.loads(asked.body) == {"uris": ["gs://bucket/tide.mp4"]}
    assert asked.headers["authorization"] == "Bearer ya29.token"
    assert "x-goog-api-key" not in asked.headers


def test_register_at_the_offline_server(files: Files) -> None:
    (file,) = files.register(["gs://bucket/tide.mp4"], Secret("ya29.token"))

    assert file.source == "REGISTERED"


@pytest.mark.parametrize("answer", [json_answer(), json_answer(files=5), Given(200, {}, b"<html>")], ids=repr)
def test_register_that_registers_nothing_is_an_error(odd: OddServers, answer: Given) -> None:
    with pytest.raises(GemfilesError):
        files_of(odd(lambda _: answer)).register(["gs://b/o"], Secret("t"))
