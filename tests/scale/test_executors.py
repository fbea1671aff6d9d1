"""`upload_many(executor=...)` on the executors of the standard library."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import gemfiles_jupyter as gf
from gemfiles_jupyter.config import Endpoint
from gemfiles_jupyter.errors import AllFailed, InvalidUsage, KeyProblem
from gemfiles_jupyter.offline.testing import OfflineServer
from gemfiles_jupyter.transfers.progress import Phase
from gemfiles_jupyter.transfers.sources import expand
from gemfiles_jupyter.transfers.transfer import TransferOptions
from gemfiles_jupyter.workspace import parcels, scale

MIB = 1024 * 1024
SPAWN = multiprocessing.get_context("spawn")

pytestmark = pytest.mark.usefixtures("at_server")


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    for number in range(40):
        (tmp_path / f"{number:02}.txt").write_bytes(f"file {number} ".encode() * (number + 1) * 50)
    return sorted(tmp_path.glob("*.txt"))


def processes(count: int = 2, **options: Any) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(count, mp_context=SPAWN, **options)


def digests(paths: list[Path]) -> list[str]:
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]


@pytest.mark.parametrize("make", [lambda: ThreadPoolExecutor(3), processes], ids=["threads", "processes"])
def test_results_come_in_order_whoever_sent_them(make: Any, paths: list[Path]) -> None:
    seen = []
    with make() as executor:
        files = gf.upload_many(paths, executor=executor, on_progress=seen.append)

    assert [file.display_name for file in files] == [path.name for path in paths]
    assert [file.sha256 for file in files] == digests(paths)
    assert files.failed == ()
    assert all(item.phase is Phase.DONE for item in seen[-1])
    assert len(gf.list_files()) == len(paths)


def test_nothing_is_sent_twice(paths: list[Path], server: OfflineServer) -> None:
    with ThreadPoolExecutor(2) as executor:
        first = gf.upload_many(paths, executor=executor)
        server.clear_requests()
        again = gf.upload_many(paths, executor=executor)

    assert [file.name for file in again] == [file.name for file in first]
    assert [it for it in server.requests() if "upload" in it["path"]] == []


def test_a_failure_is_told_in_its_place_and_stops_nobody(paths: list[Path], server: OfflineServer) -> None:
    server.set(processing_outcome="failed")
    video = paths[0].with_name("00.mp4")
    video.write_bytes(b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(64))
    with ThreadPoolExecutor(2) as executor:
        files = gf.upload_many([*paths[:3], video, *paths[3:6]], executor=executor)

    assert [file.display_name for file in files] == [path.name for path in paths[:6]]
    assert [(item.label, type(item.error).__name__) for item in files.failed] == [
        ("00.mp4", "ProcessingFailed")
    ]


def test_values_of_this_process_are_refused(paths: list[Path], server: OfflineServer) -> None:
    with (
        ThreadPoolExecutor(1) as executor,
        pytest.raises(InvalidUsage, match="is in this process, where the workers"),
    ):
        gf.upload_many([paths[0], b"bytes"], executor=executor)

    assert [it for it in server.requests() if "upload" in it["path"]] == []


def die_once(flag: str) -> None:
    """Run in each new worker: the first to come kills itself a moment later."""
    import threading

    try:
        os.close(os.open(flag, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGKILL)).start()


def test_a_pool_that_breaks_is_taken_over_by_this_process(
    tmp_path: Path, server: OfflineServer, paths: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    # What the killed worker had sent may arrive after the test, among the files of this key.
    monkeypatch.setenv("GOOGLE_API_KEY", "the-key-of-one-test")
    server.fail_next("start", delay_seconds=3.0, count=2)
    for path in paths[:8]:
        path.write_bytes(path.read_bytes() * 4000)

    with processes(2, initializer=die_once, initargs=(str(tmp_path / "flag"),)) as executor:
        files = gf.upload_many(paths, executor=executor)
        is_broken = executor._broken  # type: ignore[attr-defined]

    assert is_broken
    assert [file.sha256 for file in files] == digests(paths)
    names = [file.display_name for file in gf.list_files()]
    assert sorted(names) == [path.name for path in paths], "each once"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("os.environ['GOOGLE_API_KEY'] = 'another-key'", "A worker has another API key"),
        ("del os.environ['GOOGLE_API_KEY']", "A worker has no API key"),
    ],
)
def test_a_worker_looks_up_its_own_key(change: str, said: str, paths: list[Path]) -> None:
    # As code: what a new process runs has to be where it can import it, and these tests are not.
    changed = {"initializer": exec, "initargs": (f"import os; {change}",)}
    with processes(1, **changed) as executor, pytest.raises(KeyProblem, match=said):
        gf.upload_many(paths[:1], executor=executor)

    assert gf.list_files() == []


def test_a_parcel_shows_nothing_and_holds_no_key(paths: list[Path], endpoint: Endpoint) -> None:
    sources = expand([*paths[:3], str(paths[3])])
    jobs = [(source, TransferOptions()) for source in sources]
    (parcel,) = parcels.pack(endpoint, jobs)

    assert endpoint.key is not None
    assert endpoint.key.reveal().encode() not in pickle.dumps(parcel)
    assert pickle.loads(pickle.dumps(parcel)) == parcel
    assert not any(path.name in repr(parcel) for path in paths)
    assert endpoint.base_url not in repr(parcel)


class Counting(ThreadPoolExecutor):
    """Notes how many tasks, and bytes in them, were out at once."""

    def __init__(self) -> None:
        super().__init__(16)
        self.out: set[Any] = set()
        self.most = 0

    def submit(self, function: Any, /, *args: Any, **options: Any) -> Any:
        future = super().submit(function, *args, **options)
        self.out = {other for other in self.out if not other.done()} | {future}
        self.most = max(self.most, len(self.out))
        return future


def test_only_so_many_parcels_are_out_at_a_time(paths: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parcels, "PARCEL_FILES", 2)
    with Counting() as executor:
        files = gf.upload_many(paths, executor=executor, workers=3)

    assert len(files) == len(paths)
    assert executor.most == 3


def test_only_so_many_bytes_are_out_at_a_time(paths: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parcels, "PARCEL_FILES", 1)
    monkeypatch.setattr(scale, "BYTES_AT_A_TIME", 1)
    with Counting() as executor:
        files = gf.upload_many(paths[:6], executor=executor)

    assert len(files) == 6
    assert executor.most == 1


class Vanishing(Executor):
    """An executor whose workers always end without a word."""

    def __init__(self) -> None:
        self.deliveries: list[int] = []

    def submit(self, function: Any, /, *args: Any, **options: Any) -> Any:  # noqa: ARG002
        from concurrent.futures import Future

        future: Future[Any] = Future()
        self.deliveries.append(args[0].delivery)
        future.set_exception(OSError("the worker is gone"))
        return future


def test_what_no_worker_survives_is_given_up_and_says_so(paths: list[Path]) -> None:
    executor = Vanishing()

    with pytest.raises(gf.GemfilesError, match=r"was not sent: its worker ended \(OSError\), 4 times"):
        gf.upload_many(paths[:1], executor=executor)
    with pytest.raises(AllFailed):
        gf.upload_many(paths[:2], executor=executor)

    assert executor.deliveries == [1, 2, 3, 4] * 2


def test_an_interrupt_pauses_the_workers(tmp_path: Path, server: OfflineServer) -> None:
    path = tmp_path / "big.bin"
    path.write_bytes(os.urandom(MIB) * 160)  # three pieces
    server.fail_next("data", count=3, delay_seconds=1.5)
    shown: list[Any] = []

    def stop(batch: Any) -> None:
        shown.append(batch)
        if batch[0].sent and not batch[0].phase.is_over:
            raise KeyboardInterrupt

    with processes(1) as executor, pytest.raises(KeyboardInterrupt):
        gf.upload_many([path], executor=executor, on_progress=stop)

    assert shown[-1][0].phase is Phase.PAUSED
    assert gf.list_files() == []
    file = gf.upload(path)
    assert file.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert any(it["command"] == "query" for it in server.requests()), "it goes on where it stopped"


def test_progress_of_workers_is_read_from_the_journal(tmp_path: Path, server: OfflineServer) -> None:
    path = tmp_path / "big.bin"
    path.write_bytes(os.urandom(MIB) * 96)
    server.fail_next("data", count=3, delay_seconds=1.5)
    between: list[int] = []

    def look(batch: Any) -> None:
        if 0 < batch[0].sent < batch[0].total:
            between.append(batch[0].sent)

    with processes(1) as executor:
        gf.upload_many([path], executor=executor, on_progress=look)

    assert between


def test_without_dask_it_says_what_to_install(paths: list[Path]) -> None:
    code = """
import sys
sys.modules["distributed"] = None
from gemfiles_jupyter.cli import main
sys.exit(main(["upload", "--dask", "tcp://localhost:1", sys.argv[1]]))
"""
    run = subprocess.run(
        [sys.executable, "-c", code, str(paths[0])], capture_output=True, text=True, check=False
    )

    assert run.returncode == 2
    assert 'pip install "gemfiles-jupyter[dask]"' in run.stderr
