"""Waiting for many files at once takes few requests."""

from __future__ import annotations

import queue
from pathlib import Path

import pytest

from gemfiles_jupyter.client import Client
from gemfiles_jupyter.client.files import Files, poll_delay
from gemfiles_jupyter.client.models import File
from gemfiles_jupyter.client.transport import Transport
from gemfiles_jupyter.config import Endpoint
from gemfiles_jupyter.errors import FileUnavailable, GemfilesError, ProcessingFailed, ProcessingTimeout
from gemfiles_jupyter.offline.testing import OfflineServer
from gemfiles_jupyter.transfers.manager import TransferOptions, upload_all
from gemfiles_jupyter.transfers.processing import Watcher
from gemfiles_jupyter.transfers.sources import BytesSource, Source, expand

Outcome = File | GemfilesError


@pytest.fixture
def client(endpoint: Endpoint) -> Client:
    return Client(endpoint=endpoint)


def upload(client: Client, *sources: Source) -> list[File]:
    """Upload without waiting."""
    batch = upload_all(client, sources, TransferOptions(is_waiting=False), lambda _: None)
    return [item.file for item in batch if item.file]


def watch(files: Files, *watched: File, timeout_seconds: float = 60.0) -> list[Outcome]:
    """Watch files to their ends, and return these in the order in which they came."""
    ends: queue.Queue[Outcome] = queue.Queue()
    watcher = Watcher(files, timeout_seconds)
    for file in watched:
        watcher.add(file, ends.put, ends.put)
    outcomes = [ends.get(timeout=30) for _ in watched]
    watcher.stop()
    return outcomes


def count(server: OfflineServer, plane: str) -> int:
    return sum(plane in request["planes"] for request in server.requests())


def test_one_file_is_asked_for_by_itself(client: Client, server: OfflineServer, media: Path) -> None:
    server.set(processing_seconds=1.0)
    files = upload(client, *expand([media / "lecture.mp4"]))
    server.clear_requests()

    (ready,) = watch(client.files, *files)

    assert isinstance(ready, File)
    assert ready.is_active
    assert count(server, "get") >= 1
    assert count(server, "list") == 0


def test_many_files_are_asked_for_by_lists(client: Client, server: OfflineServer, media: Path) -> None:
    data = (media / "lecture.mp4").read_bytes()
    server.set(processing_seconds=2.0)
    files = upload(client, *(BytesSource(data, f"{number}.mp4") for number in range(12)))
    server.clear_requests()

    outcomes = watch(client.files, *files)

    assert {file.name for file in outcomes if isinstance(file, File)} == {file.name for file in files}
    assert count(server, "list") >= 1
    assert count(server, "get") <= 3, "only the last few are asked for one by one"
    assert len(server.requests()) < 2 * len(files)


def test_many_files_that_come_one_after_another_are_asked_for_by_lists_too(
    client: Client, server: OfflineServer, media: Path
) -> None:
    data = (media / "lecture.mp4").read_bytes()
    server.set(processing_seconds=2.0)
    sources = [BytesSource(data, f"{number}.mp4") for number in range(12)]

    batch = upload_all(client, sources, TransferOptions(workers=2), lambda _: None)

    assert all(item.file and item.file.is_active for item in batch)
    assert count(server, "list") >= 1
    assert count(server, "get") <= 2 * len(sources)


def test_a_list_that_breaks_is_made_up_for_by_asking_one_by_one(
    client: Client, server: OfflineServer, media: Path
) -> None:
    data = (media / "lecture.mp4").read_bytes()
    files = upload(client, *(BytesSource(data, f"{number}.mp4") for number in range(6)))
    server.clear_requests()
    server.fail_next("list", status=400, body="No lists today.", count=1000)

    outcomes = watch(client.files, *files)

    assert all(isinstance(file, File) and file.is_active for file in outcomes)
    assert count(server, "get") >= len(files)


def test_each_file_has_its_own_end(client: Client, media: Path) -> None:
    good, bad, gone = upload(
        client,
        *expand([media / "lecture.mp4"]),
        BytesSource(b"\x00\x00\x00\x18ftypmp42" + bytes(64), "broken.mp4"),
        BytesSource(b"x", "gone.txt"),
    )
    client.files.delete(gone.name)

    outcomes = watch(client.files, good, bad, gone)

    assert {type(outcome) for outcome in outcomes} == {File, ProcessingFailed, FileUnavailable}


def test_time_runs_out_for_a_file_that_stays_in_processing(
    client: Client, server: OfflineServer, media: Path
) -> None:
    server.set(processing_seconds=3600)
    files = upload(client, *expand([media / "lecture.mp4"]))

    (outcome,) = watch(client.files, *files, timeout_seconds=0.0)

    assert isinstance(outcome, ProcessingTimeout)
    assert outcome.file.name == files[0].name


def test_a_stopped_watcher_calls_nobody(client: Client, server: OfflineServer, media: Path) -> None:
    server.set(processing_seconds=3600)
    (file,) = upload(client, *expand([media / "lecture.mp4"]))
    calls: list[Outcome] = []
    watcher = Watcher(client.files, 60.0)

    watcher.stop()
    watcher.add(file, calls.append, calls.append)

    assert watcher._thread is not None
    watcher._thread.join(10)
    assert not watcher._thread.is_alive()
    assert calls == []


def test_a_defect_while_asking_is_the_end_of_that_file_and_does_not_hang(
    endpoint: Endpoint, server: OfflineServer, client: Client, media: Path
) -> None:
    def broken_sleep(seconds: float) -> None:
        raise ZeroDivisionError(seconds)

    server.set(processing_seconds=3600)
    files = upload(client, *expand([media / "lecture.mp4"]))
    server.fail_next("get", status=503, count=1000)

    (outcome,) = watch(Files(Transport(endpoint, sleep=broken_sleep)), *files)

    assert type(outcome) is GemfilesError
    assert "Unexpected ZeroDivisionError while waiting for lecture.mp4" in str(outcome)


@pytest.mark.parametrize(
    ("waited", "delay"), [(0, 0.25), (1, 0.25), (4, 0.6), (20, 3.0), (60, 5.0), (3600, 5.0)]
)
def test_polls_grow_apart_with_the_time_waited(waited: float, delay: float) -> None:
    assert poll_delay(waited) == pytest.approx(delay)
