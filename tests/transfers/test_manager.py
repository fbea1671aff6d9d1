"""Many uploads at once, against an offline server: order, failures, waiting, stopping."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gemfiles_jupyter.client import Client
from gemfiles_jupyter.client.content import OpenContent
from gemfiles_jupyter.config import Endpoint, Secret
from gemfiles_jupyter.errors import (
    GemfilesError,
    ProcessingFailed,
    ProcessingTimeout,
    SourceChanged,
    SourceRefused,
)
from gemfiles_jupyter.offline.testing import OfflineServer
from gemfiles_jupyter.transfers.manager import TransferOptions, upload_all
from gemfiles_jupyter.transfers.progress import Phase, Progress
from gemfiles_jupyter.transfers.reuse import ReusePolicy
from gemfiles_jupyter.transfers.sources import BytesSource, Source, SourceBase, expand

Batch = tuple[Progress, ...]
MIB = 1024**2
NO_VIDEO = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(64)


@pytest.fixture
def client(endpoint: Endpoint) -> Client:
    return Client(endpoint=endpoint)


def silent(batch: Batch) -> None:
    """Show nothing."""


def run(client: Client, *sources: Source, **options: object) -> Batch:
    return upload_all(client, sources, TransferOptions(**options), silent)  # type: ignore[arg-type]


def text(name: str, size: int | None = None) -> BytesSource:
    """Return a source whose content is like no other's: equal ones would be sent once."""
    start = name.encode("utf-8", "replace")
    return BytesSource(start if size is None else start.ljust(size, b"."), name)


class Gate(SourceBase):
    """A source that can't be opened before its gate is, and notes that someone tries."""

    mime_type = "text/plain"
    place = ""
    modified_ns = 0

    def __init__(self, label: str, gate: threading.Event, tried: set[str]) -> None:
        self.label = label
        self.size = len(label)
        self._gate = gate
        self._tried = tried

    def open(self) -> OpenContent:
        self._tried.add(self.label)
        self._gate.wait(30)
        return text(self.label).open()


class Broken(SourceBase):
    """A source whose reader has a defect."""

    mime_type = "text/plain"
    size = 5
    label = "broken.txt"
    place = ""
    modified_ns = 0

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def open(self) -> OpenContent:
        raise self._error


def test_results_come_in_the_order_of_the_sources(client: Client) -> None:
    names = [f"{number}.txt" for number in range(12)]
    sizes = [200_000 if number % 3 == 0 else 50 for number in range(12)]

    batch = run(client, *(text(name, size) for name, size in zip(names, sizes, strict=True)))

    assert [item.label for item in batch] == names
    assert [item.file and item.file.display_name for item in batch] == names
    assert [item.file and item.file.size_bytes for item in batch] == sizes
    assert {item.phase for item in batch} == {Phase.DONE}


def test_what_arrived_is_verified_and_counted(client: Client) -> None:
    (item,) = run(client, text("notes.txt", 3 * MIB))

    assert item.is_verified
    assert item.sent == item.sent_bytes == item.total == 3 * MIB
    assert item.mime_type == "text/plain"


def test_nothing_to_upload_ends_at_once(client: Client, server: OfflineServer) -> None:
    seen: list[Batch] = []

    assert upload_all(client, (), TransferOptions(), seen.append) == ()

    assert seen == [()]
    assert server.requests() == []


def test_an_empty_file_arrives(client: Client) -> None:
    (item,) = run(client, BytesSource(b"", "empty.txt"))

    assert item.phase is Phase.DONE
    assert item.file is not None
    assert item.file.size_bytes == 0


def test_one_failure_does_not_stop_the_rest(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "gone.txt"
    path.write_text("x")
    sources = [text("a.txt"), *expand([path]), text("b.txt")]
    path.unlink()

    batch = run(client, *sources, workers=1)

    assert [item.phase for item in batch] == [Phase.DONE, Phase.FAILED, Phase.DONE]
    assert isinstance(batch[1].error, SourceRefused)
    assert [item.error for item in (batch[0], batch[2])] == [None, None]


def test_a_refusal_of_the_service_is_the_error_of_its_source(client: Client, server: OfflineServer) -> None:
    server.fail_next("start", status=400, body="No, thank you.", nth=2)

    batch = run(client, text("a.txt"), text("b.txt"), text("c.txt"), workers=1)

    assert [item.phase for item in batch] == [Phase.DONE, Phase.FAILED, Phase.DONE]
    assert "No, thank you." in str(batch[1].error)


def test_a_source_over_a_limit_is_refused_before_anything_is_sent(
    client: Client, server: OfflineServer, tmp_path: Path
) -> None:
    path = tmp_path / "scan.pdf"
    with path.open("wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(61_000_000)

    (item,) = run(client, *expand([path]))

    assert isinstance(item.error, SourceRefused)
    assert server.requests() == []


def test_force_tries_even_so(client: Client, server: OfflineServer, tmp_path: Path) -> None:
    server.set(max_file_bytes=1000)
    path = tmp_path / "scan.pdf"
    with path.open("wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(61_000_000)

    (item,) = run(client, *expand([path]), is_forced=True)

    assert item.phase is Phase.FAILED
    assert not isinstance(item.error, SourceRefused)
    assert server.requests() != []


def test_name_id_and_type_may_be_chosen(client: Client) -> None:
    (item,) = run(client, text("notes.txt"), display_name="My notes", id="my-notes", mime_type="text/x-mine")

    assert item.file is not None
    assert (item.file.name, item.file.display_name) == ("files/my-notes", "My notes")
    assert item.file.mime_type == item.mime_type == "text/x-mine"


@pytest.mark.parametrize(
    "name",
    ["x" * 600 + ".txt", b"\xff\xfe.txt".decode("utf-8", "surrogateescape"), "a\x1b]0;x\x07.txt", "👩‍🔬.txt"],
)
def test_any_file_name_makes_a_display_name_that_the_service_takes(name: str, client: Client) -> None:
    (item,) = run(client, text(name))

    assert item.error is None
    assert item.phase is Phase.DONE


@pytest.mark.parametrize("workers", [1, 3])
def test_so_many_are_sent_at_a_time_as_there_are_workers(workers: int, client: Client) -> None:
    gate, tried = threading.Event(), set[str]()
    sources = [Gate(f"{number}.txt", gate, tried) for number in range(8)]
    under_way: list[int] = []

    def on_progress(batch: Batch) -> None:
        under_way.append(sum(item.phase in (Phase.CHECKING, Phase.UPLOADING) for item in batch))
        if len(tried) >= workers:
            gate.set()

    batch = upload_all(client, sources, TransferOptions(workers=workers), on_progress)

    assert {item.phase for item in batch} == {Phase.DONE}
    assert max(under_way) == workers
    assert len(tried) == 8


def test_progress_is_told_from_the_callers_thread_and_ends_with_the_result(client: Client) -> None:
    seen: list[Batch] = []
    threads: set[int] = set()

    def on_progress(batch: Batch) -> None:
        seen.append(batch)
        threads.add(threading.get_ident())

    batch = upload_all(client, [text("a.txt"), text("b.txt")], TransferOptions(), on_progress)

    assert seen[-1] == batch
    assert threads == {threading.get_ident()}


# Processing


def test_a_video_is_done_when_it_is_active(client: Client, media: Path) -> None:
    phases: set[Phase] = set()

    def on_progress(batch: Batch) -> None:
        phases.update(item.phase for item in batch)

    (item,) = upload_all(client, expand([media / "lecture.mp4"]), TransferOptions(), on_progress)

    assert item.phase is Phase.DONE
    assert item.file is not None
    assert item.file.is_active
    assert item.file.video_seconds
    assert Phase.PROCESSING in phases


def test_a_video_need_not_be_waited_for(client: Client, server: OfflineServer, media: Path) -> None:
    server.set(processing_seconds=3600)

    (item,) = run(client, *expand([media / "lecture.mp4"]), is_waiting=False, reuse=ReusePolicy.NEVER)

    assert item.phase is Phase.DONE
    assert item.file is not None
    assert not item.file.is_active
    assert [request["method"] for request in server.requests() if "get" in request["planes"]] == []


def test_what_claims_to_be_a_video_fails_with_the_services_reason(client: Client) -> None:
    good, bad = run(client, text("notes.txt"), BytesSource(NO_VIDEO, "broken.mp4"))

    assert good.phase is Phase.DONE
    assert bad.phase is Phase.FAILED
    assert isinstance(bad.error, ProcessingFailed)
    assert bad.error.file.is_failed
    assert "could not process broken.mp4" in str(bad.error)
    assert bad.file is not None


def test_waiting_ends_in_time(client: Client, server: OfflineServer, media: Path) -> None:
    server.set(processing_seconds=3600)

    (item,) = run(client, *expand([media / "lecture.mp4"]), timeout_seconds=0.0)

    assert isinstance(item.error, ProcessingTimeout)
    assert "gemfiles wait files/" in str(item.error)


def test_a_file_deleted_while_it_is_processed_is_an_error(
    client: Client, server: OfflineServer, media: Path
) -> None:
    server.set(processing_seconds=3600)

    def on_progress(batch: Batch) -> None:
        for item in batch:
            if item.phase is Phase.PROCESSING and item.file and client.endpoint not in deleted:
                deleted.append(client.endpoint)
                client.files.delete(item.file.name)

    deleted: list[Endpoint] = []
    (item,) = upload_all(client, expand([media / "lecture.mp4"]), TransferOptions(), on_progress)

    assert item.phase is Phase.FAILED
    assert "permission" in str(item.error)


# Faults and defects


def test_a_broken_connection_shows_as_retrying_and_is_survived(client: Client, server: OfflineServer) -> None:
    server.fail_next("data", keep_bytes=1 * MIB)

    (item,) = run(client, text("big.bin", 30 * MIB), mime_type="application/octet-stream")

    assert item.phase is Phase.DONE
    assert item.is_verified
    assert server.all_fired()
    assert item.sent_bytes > item.total


def test_a_source_that_changes_is_an_error_and_leaves_nothing_behind(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "growing.log"
    path.write_bytes(bytes(3 * MIB))
    sources = expand([path])
    path.write_bytes(bytes(4 * MIB))

    (item,) = run(client, *sources)

    assert isinstance(item.error, SourceChanged)
    assert list(client.files.list()) == []


@pytest.mark.parametrize("error", [ZeroDivisionError("oops"), RecursionError("deep"), MemoryError()])
def test_a_defect_is_an_error_of_its_source_and_does_not_hang(error: Exception, client: Client) -> None:
    batch = run(client, text("a.txt"), Broken(error), text("b.txt"), workers=1)

    assert [item.phase for item in batch] == [Phase.DONE, Phase.FAILED, Phase.DONE]
    assert type(batch[1].error) is GemfilesError
    assert f"Unexpected {type(error).__name__} while sending broken.txt" in str(batch[1].error)


# Stopping


@pytest.fixture
def stalling() -> Iterator[OfflineServer]:
    """A server of the test's own: its late requests are no other test's."""
    with OfflineServer() as server:
        yield server
        server.kill()  # it would wait for the answers that it owes


def client_of(server: OfflineServer) -> Client:
    return Client(endpoint=Endpoint(server.address, Secret(server.key), is_offline=True))


def answered(server: OfflineServer) -> list[str]:
    """Return the paths of data requests that were answered."""
    return [request["path"] for request in server.requests() if "data" in request["planes"]]


def test_an_interruption_pauses_what_is_under_way_and_what_waits(stalling: OfflineServer) -> None:
    stalling.fail_next("data", delay_seconds=60, count=2)
    seen: list[Batch] = []

    def on_progress(batch: Batch) -> None:
        seen.append(batch)
        if sum(stalling.fired()) == 2 and batch[0].phase is not Phase.PAUSED:
            raise KeyboardInterrupt

    sources = [text(f"{number}.txt") for number in range(5)]
    with pytest.raises(KeyboardInterrupt):
        upload_all(client_of(stalling), sources, TransferOptions(workers=2), on_progress)

    assert answered(stalling) == [], "it came back before the server did"
    assert {item.phase for item in seen[-1]} == {Phase.PAUSED}


def test_an_interruption_leaves_what_is_done_as_done(stalling: OfflineServer) -> None:
    stalling.fail_next("data", delay_seconds=60, nth=2)
    seen: list[Batch] = []

    def on_progress(batch: Batch) -> None:
        seen.append(batch)
        if sum(stalling.fired()) == 1 and batch[1].phase is not Phase.PAUSED:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        upload_all(
            client_of(stalling), [text("a.txt"), text("b.txt")], TransferOptions(workers=1), on_progress
        )

    assert [item.phase for item in seen[-1]] == [Phase.DONE, Phase.PAUSED]


def test_an_interruption_while_processing_pauses_too(
    client: Client, server: OfflineServer, media: Path
) -> None:
    server.set(processing_seconds=3600)
    seen: list[Batch] = []

    def on_progress(batch: Batch) -> None:
        seen.append(batch)
        if batch[0].phase is Phase.PROCESSING:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        upload_all(client, expand([media / "lecture.mp4"]), TransferOptions(), on_progress)

    assert seen[-1][0].phase is Phase.PAUSED
    assert seen[-1][0].file is not None


def test_no_thread_is_left_behind(client: Client, media: Path) -> None:
    before = set(threading.enumerate())

    run(client, *expand([media / "lecture.mp4", media / "chart.png"]))

    left = set(threading.enumerate()) - before
    for thread in left:
        thread.join(10)
    assert not [thread.name for thread in left if thread.is_alive()]
