"""Never send twice: what counts as the same, and what it costs to find out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from gemfiles_jupyter.client import Client
from gemfiles_jupyter.config import Endpoint
from gemfiles_jupyter.errors import SourceChanged
from gemfiles_jupyter.offline.testing import OfflineServer
from gemfiles_jupyter.transfers.entries import Request
from gemfiles_jupyter.transfers.entry_table import insert
from gemfiles_jupyter.transfers.journal import Journal
from gemfiles_jupyter.transfers.manager import TransferOptions, upload_all
from gemfiles_jupyter.transfers.progress import Phase, Progress
from gemfiles_jupyter.transfers.reuse import ReusePolicy
from gemfiles_jupyter.transfers.sources import BytesSource, PathSource, Source, expand

MIB = 1024 * 1024
SAMPLED = 3 * 16 * 1024


@dataclass(frozen=True)
class CountingSource:
    """A source that counts the bytes read from it."""

    inner: PathSource
    reads: list[int] = field(default_factory=list)

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)

    def open(self) -> object:
        opened, reads = self.inner.open(), self.reads
        original = opened.read_into

        def read_into(offset: int, buffer: memoryview) -> int:
            count = original(offset, buffer)
            reads.append(count)
            return count

        opened.read_into = read_into  # type: ignore[method-assign]
        return opened


class GoneSource(CountingSource):
    """A source that is not there any more once its sample was taken."""

    def open(self) -> object:
        if self.reads:
            raise SourceChanged("notes.txt was removed.")
        return super().open()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "home")
    yield journal
    journal.database.close()


@pytest.fixture
def client(endpoint: Endpoint) -> Client:
    return Client(endpoint=endpoint)


@pytest.fixture
def source(tmp_path: Path) -> PathSource:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"tide\n" * MIB)
    (found,) = expand([path])
    assert isinstance(found, PathSource)
    return found


def silent(batch: tuple[Progress, ...]) -> None:
    """Show nothing."""


def send(client: Client, journal: Journal, *sources: Source, **options: object) -> tuple[Progress, ...]:
    """Upload, and return how each ended."""
    chosen = TransferOptions(**options)  # type: ignore[arg-type]
    return upload_all(client, sources, chosen, silent, journal)


def test_the_first_upload_reads_each_byte_once(client: Client, journal: Journal, source: PathSource) -> None:
    counting = CountingSource(source)

    (ended,) = send(client, journal, counting)  # type: ignore[arg-type]

    assert ended.sent_bytes == source.size
    assert sum(counting.reads) == source.size + SAMPLED


def test_the_second_time_nothing_is_read_but_a_sample(
    client: Client, journal: Journal, source: PathSource
) -> None:
    send(client, journal, source)
    counting = CountingSource(source)

    (ended,) = send(client, journal, counting)  # type: ignore[arg-type]

    assert (ended.is_reused, ended.sent_bytes) == (True, 0)
    assert sum(counting.reads) == SAMPLED


def test_another_machine_finds_it_in_the_list_of_the_service(
    client: Client, journal: Journal, source: PathSource, tmp_path: Path
) -> None:
    (first,) = send(client, journal, source)
    elsewhere = Journal(tmp_path / "another-home")

    (ended,) = send(client, elsewhere, source)
    found = elsewhere.entries()
    (again,) = send(client, elsewhere, source)
    elsewhere.database.close()

    assert [(entry.phase, entry.host, entry.sent) for entry in found] == [("done", "", 0)]
    assert ended.is_reused
    assert again.is_reused
    assert ended.file
    assert first.file
    assert ended.file.name == first.file.name


@pytest.mark.parametrize("phase", ["paused", "queued"])
def test_what_was_left_unfinished_ends_when_the_content_is_found(
    client: Client, journal: Journal, source: PathSource, phase: str
) -> None:
    send(client, journal, source)
    (stored,) = journal.entries()
    left = replace(stored, id="left", phase=phase, owner="gone", pid=0, file_name="", sha256="")
    with journal.database.transaction() as cursor:
        insert(cursor, left)

    (ended,) = send(client, journal, source)

    assert ended.is_reused
    assert journal.entries(is_open=True) == []


def test_a_request_that_came_while_the_service_was_listed_is_heard(
    client: Client, journal: Journal, server: OfflineServer, tmp_path: Path
) -> None:
    server.faults({"plane": "list", "action": "delay", "delay_seconds": 1.5})
    path = tmp_path / "small.txt"
    path.write_text("tide")
    other = threading.Thread(target=cancel_what_is_open, args=(journal,))
    other.start()

    (ended,) = send(client, journal, *expand([path]))
    other.join()

    assert ended.phase is Phase.CANCELLED
    assert [entry.phase for entry in journal.entries()] == ["cancelled"]
    assert not [it for it in server.requests() if it["method"] == "POST"]


def cancel_what_is_open(journal: Journal) -> None:
    open_ones = journal.entries(is_open=True)
    while not open_ones:
        open_ones = journal.entries(is_open=True)
    journal.ask(open_ones[0].id, Request.CANCEL)


def test_a_source_that_goes_while_it_is_compared_leaves_nothing_unfinished(
    client: Client, journal: Journal, source: PathSource, tmp_path: Path
) -> None:
    send(client, journal, source)
    elsewhere = Journal(tmp_path / "another-home")

    (ended,) = send(client, elsewhere, GoneSource(source))  # type: ignore[arg-type]
    entries = elsewhere.entries()
    elsewhere.database.close()

    assert isinstance(ended.error, SourceChanged)
    assert [entry.phase for entry in entries] == ["failed"]


def test_the_same_content_under_another_name_is_the_same(
    client: Client, journal: Journal, source: PathSource
) -> None:
    send(client, journal, source)

    (ended,) = send(client, journal, BytesSource(source.path.read_bytes(), "copy.txt"))

    assert ended.is_reused


def test_twice_the_same_content_in_one_batch_is_sent_once(
    client: Client, journal: Journal, server: OfflineServer, tmp_path: Path
) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_bytes(b"same\n" * MIB)

    ended = send(client, journal, *expand([tmp_path / "a.txt", tmp_path / "b.txt"]))

    assert sorted(item.is_reused for item in ended) == [False, True]
    starts = [it for it in server.requests() if it["command"] == "start"]
    assert len(starts) == 1


@pytest.mark.parametrize(
    ("options", "is_reused"),
    [
        pytest.param({}, True, id="auto"),
        pytest.param({"reuse": ReusePolicy.NEVER}, False, id="never"),
        pytest.param({"mime_type": "text/csv"}, False, id="another type"),
        pytest.param({"mime_type": "text/csv", "reuse": ReusePolicy.ALWAYS}, True, id="another type, always"),
        pytest.param({"display_name": "Tides"}, False, id="another name asked for"),
        pytest.param({"id": "tides"}, False, id="an id of its own"),
    ],
)
def test_options_decide_what_will_do(
    client: Client, journal: Journal, source: PathSource, options: dict[str, object], is_reused: bool
) -> None:
    send(client, journal, source)

    (ended,) = send(client, journal, source, **options)

    assert ended.phase is Phase.DONE
    assert ended.is_reused is is_reused


def test_a_file_that_failed_or_soon_expires_is_not_reused(
    client: Client, journal: Journal, server: OfflineServer, tmp_path: Path, source: PathSource
) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"\x00\x00\x00\x18ftypmp42" + bytes(500))
    send(client, journal, *expand([broken]))
    send(client, journal, source)
    server.advance(48 * 3600 - 300)

    (failed,) = send(client, journal, *expand([broken]))
    (late,) = send(client, journal, source)

    assert not failed.is_reused
    assert not late.is_reused


def test_many_files_of_one_size_are_not_read_twice(client: Client, journal: Journal, tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / f"{number}.txt").write_bytes(bytes([65 + number]) * MIB * 2)
    counting = [CountingSource(item) for item in expand([tmp_path / "*.txt"]) if isinstance(item, PathSource)]

    ended = send(client, journal, *counting)  # type: ignore[arg-type]

    assert not any(item.is_reused for item in ended)
    assert {sum(item.reads) for item in counting} == {2 * MIB + SAMPLED}


def test_a_list_that_is_broken_delays_nothing(
    client: Client, journal: Journal, server: OfflineServer, source: PathSource
) -> None:
    server.faults({"plane": "list", "action": "answer", "status": 500, "count": 20})

    (ended,) = send(client, journal, source)

    assert ended.phase is Phase.DONE
    assert sum("list" in it["planes"] for it in server.requests()) == 1
