"""Upload many files through a cluster of Dask processes, kill a worker amid it; each is to arrive once.

``python tests/scale/dask_run.py --files 2000``; a smaller number is part of the test suite. The same files go
through one process first, for comparison. ``--journals each`` gives each worker a journal of its own, as on
machines that share nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import pickle
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

# A look takes the scheduler's time, which is to be spent on uploads.
LOOK_SECONDS = 2.0
KEY = "CANARYkeyCANARYkeyCANARYkeyCANARY"
OWN_HOME = """
import os, tempfile
os.environ["GEMFILES_HOME"] = tempfile.mkdtemp(prefix="gemfiles-worker-")
"""


@dataclass
class Outcome:
    """What came of one run."""

    files: int
    mib: float
    workers: int
    killed: int
    arrived: int
    stored: int
    wrong: int
    out_of_order: int
    twice: int
    failed: int
    key_seen: int
    looks: int
    seconds_alone: float
    seconds: float

    @property
    def is_good(self) -> bool:
        """Whether each file arrived once and whole, though a worker was killed, and the key stayed home."""
        wrong = self.wrong + self.out_of_order + self.twice + self.failed + self.key_seen
        return wrong == 0 and self.killed == 1 and self.files == self.arrived == self.stored


def make_sources(folder: Path, count: int, seed: int) -> list[Path]:
    """Write files of mixed sizes, most of them small, each unlike the others."""
    chance = random.Random(seed)
    folder.mkdir()
    for number in range(count):
        size = round(10 ** chance.uniform(2.0, 5.7 if number % 20 else 7.2))
        (folder / f"{number:05}.txt").write_bytes(f"{number} ".encode() + chance.randbytes(size))
    return sorted(folder.iterdir())


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def scheduler_state(dask_scheduler: Any) -> bytes:
    """Return all that a scheduler holds and says of its tasks: names, graph, events, log."""
    texts: list[bytes] = [
        repr(dask_scheduler.get_events()).encode(),
        repr(dask_scheduler.get_logs()).encode(),
    ]
    for task in dask_scheduler.tasks.values():
        texts += [repr(task).encode(), repr(task.run_spec).encode(), pickle.dumps(task.run_spec)]
    return b"\n".join(texts)


class Killer:
    """Kills a worker once a share of the files has arrived, and looks into the scheduler now and then."""

    def __init__(self, client: Any, share: float) -> None:
        self.killed = 0
        self.looks = 0
        self.key_seen = 0
        self._client = client
        self._share = share
        self._is_due = threading.Event()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def watch(self, batch: tuple[Any, ...]) -> None:
        """Take in how far the uploads are."""
        if sum(item.phase.is_over for item in batch) >= self._share * len(batch):
            self._is_due.set()

    def __enter__(self) -> Killer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._is_due.set()
        self._thread.join()

    def _run(self) -> None:
        self._is_due.wait()
        if self._is_over.is_set():
            return
        self._look()
        pids = self._client.run(os.getpid)
        busy = [address for address, tasks in self._client.processing().items() if tasks]
        os.kill(pids[(busy or list(pids))[0]], signal.SIGKILL)
        self.killed += 1
        while not self._is_over.wait(LOOK_SECONDS):
            self._look()

    def _look(self) -> None:
        seen = self._client.run_on_scheduler(scheduler_state)
        self.looks += seen.count(b"upload_parcel") > 0
        self.key_seen += KEY.encode() in seen


def run(count: int, workers: int, seed: int, journals: str) -> Outcome:
    """Make the files, and upload them once by one process and once by a cluster."""
    import dask
    from distributed import LocalCluster

    import gemfiles_jupyter as gf
    from gemfiles_jupyter.offline.testing import OfflineServer

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place, OfflineServer(key=KEY) as server:
        folder = Path(place)
        paths = make_sources(folder / "sources", count, seed)
        os.environ |= {"GOOGLE_GEMINI_BASE_URL": server.address, "GOOGLE_API_KEY": KEY}
        os.environ["GEMFILES_HOME"] = str(folder / "home-alone")
        start = time.monotonic()
        alone = gf.upload_many(paths)
        seconds_alone = time.monotonic() - start
        assert len(alone) == count, alone.failed
        server.reset()
        os.environ["GEMFILES_HOME"] = str(folder / "home")
        preload = [OWN_HOME] if journals == "each" else []
        with (
            dask.config.set({"distributed.worker.preload": preload}),
            LocalCluster(
                n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None
            ) as cluster,
            cluster.get_client() as client,
            Killer(client, 0.3) as killer,
        ):
            start = time.monotonic()
            files = gf.upload_many(paths, executor=client.get_executor(pure=False), on_progress=killer.watch)
            seconds = time.monotonic() - start
            logs = repr([client.get_scheduler_logs(), client.get_worker_logs(), client.get_events()])
        digests = {path.name: digest(path) for path in paths}
        stored = gf.list_files()
        names = Counter(file.display_name for file in stored)
        return Outcome(
            files=count,
            mib=round(sum(path.stat().st_size for path in paths) / 1024**2, 1),
            workers=workers,
            killed=killer.killed,
            arrived=len(files),
            stored=len(stored),
            wrong=sum(digests[str(file.display_name)] != file.sha256 for file in stored),
            out_of_order=sum(
                file.display_name != path.name for file, path in zip(files, paths, strict=False)
            ),
            twice=sum(number > 1 for number in names.values()),
            failed=len(files.failed),
            key_seen=killer.key_seen + (KEY in logs),
            looks=killer.looks,
            seconds_alone=round(seconds_alone, 1),
            seconds=round(seconds, 1),
        )


def main() -> int:
    """Run once, and say what came of it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--journals", choices=["shared", "each"], default="shared")
    chosen = parser.parse_args()
    outcome = run(chosen.files, chosen.workers, chosen.seed, chosen.journals)
    print(json.dumps(asdict(outcome)))
    return 0 if outcome.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
