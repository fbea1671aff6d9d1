"""Uploads through a TCP proxy that breaks connections under random plans.

``python tests/faults/tcp_runs.py --runs 500 [--seed N]`` plays them.  Every run must end with exactly one
file that holds the right bytes, and everything that was planned must have happened.  The seed of a run
that did not is printed; ``--runs 1 --seed N`` plays it again.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import hashlib
import queue
import random
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

from gemfiles_jupyter import config
from gemfiles_jupyter.client import connections, drive, transport
from gemfiles_jupyter.client.files import Files
from gemfiles_jupyter.client.uploads import NewFile, Uploads, Watch, choose_id
from gemfiles_jupyter.config import Endpoint, Secret
from gemfiles_jupyter.offline.testing import OfflineServer
from gemfiles_jupyter.transfers.sources import expand

if __package__:
    from .proxy import Cut, FaultProxy, Plan
else:
    sys.path.insert(0, str(Path(__file__).parent))
    from proxy import Cut, FaultProxy, Plan

MIB = 1024 * 1024
SIZES = (0, 100 * 1024, 3 * MIB, 20 * MIB)
CONNECT_SECONDS = 0.7
ANSWER_SECONDS = 0.5
FINAL_SECONDS = 1.5
HUNG_SECONDS = 100.0
# Every request is longer than this, and so is every answer.
FIRST_BYTES = 100


class HastyTransport(transport.Transport):
    """Gives up on an answer within seconds, not minutes."""

    def attempt(self, *args: Any, read_seconds: float = ANSWER_SECONDS, **kwargs: Any) -> Any:
        hasty = FINAL_SECONDS if read_seconds > config.CONTROL_SECONDS else ANSWER_SECONDS
        return super().attempt(*args, read_seconds=hasty, **kwargs)


class Haste:
    """Stands for the jitter of the back-off: a thousandth of each wait instead of about all of it."""

    @staticmethod
    def uniform(_least: float, _most: float) -> float:
        return 0.001


@contextlib.contextmanager
def short_waits() -> Iterator[None]:
    """Notice a silent connection sooner, and wait less; what is done about it stays as it is."""
    with (
        patch.object(connections, "CONNECT_SECONDS", CONNECT_SECONDS),
        patch.object(drive, "random", Haste),
    ):
        yield


def plans_of(seed: int) -> tuple[int, list[Plan]]:
    """Return the size to upload and what its connections meet: one to four cuts, some on bad links."""
    chance = random.Random(seed)
    size = chance.choice(SIZES)
    count = chance.randint(1, 4)
    return size, [_plan(chance, size, count, index) for index in range(count)]


def _plan(chance: random.Random, size: int, count: int, index: int) -> Plan:
    """Plan one connection, such that it is sure to get there whatever became of those before."""
    cut = chance.choice(list(Cut))
    if cut is Cut.REFUSE:
        return Plan(cut)
    answer_bytes = chance.choice([None, None, 0, 1, 50])
    after = chance.randint(1, FIRST_BYTES)
    if size > MIB and answer_bytes is None and chance.random() < 0.8:
        after = chance.randint(1, size // (count + 1))
    if size > MIB and answer_bytes is not None and index == count - 1:
        after = size // (count + 1)  # loses the answer to data, perhaps the last
    if 0 < size < MIB and answer_bytes is None and index == 0:
        after = chance.randint(1, size)  # amid the one request that carries all
    bad_link: dict[str, Any] = {}
    if chance.random() < 0.3:
        bad_link["slice_bytes"] = chance.choice([1, 7, 100, 1460])
    if chance.random() < 0.3:
        bad_link["delay_seconds"] = chance.choice([0.001, 0.01, 0.05])
    if chance.random() < 0.2:
        bad_link["bytes_per_second"] = max(size / 0.5, 2.0 * MIB)
    return Plan(cut, after, answer_bytes, **bad_link)


def play(seed: int, server: OfflineServer, proxy: FaultProxy) -> list[str]:
    """Upload once under the plans of a seed; return what is wrong."""
    size, plans = plans_of(seed)
    data = random.Random(seed).randbytes(size)
    server.reset()
    proxy.plan(*plans)
    client = HastyTransport(Endpoint(proxy.address, Secret(server.key)))
    watch = Watch(lambda _: None, lambda _: None, threading.Event())
    began = time.monotonic()
    try:
        new = NewFile(choose_id(), "application/octet-stream", "run")
        uploaded = Uploads(client).send(expand([data])[0], new, watch)
    except Exception as error:
        return [f"{type(error).__name__}: {error}"]
    finally:
        client.close()
    direct = transport.Transport(Endpoint(server.address, Secret(server.key)))
    files = list(Files(direct).list())
    direct.close()
    digest = hashlib.sha256(data).hexdigest()
    checks = {
        "unfired: " + "; ".join(proxy.unfired()): not proxy.unfired(),
        f"{len(files)} files": len(files) == 1,
        "another name": [file.id for file in files] == [new.id],
        "another digest": all(file.sha256 == digest and file.size_bytes == size for file in files),
        "not verified": uploaded.is_verified and uploaded.sha256 == digest,
        "hung": time.monotonic() - began < HUNG_SECONDS,
    }
    return [problem for problem, is_right in checks.items() if not is_right]


def told(seed: int) -> str:
    """Return a seed and what it means, to be printed with its problems."""
    size, plans = plans_of(seed)
    return f"seed {seed} ({size} bytes): " + " | ".join(str(plan) for plan in plans)


def play_all(seeds: range, workers: int) -> dict[int, list[str]]:
    """Play seeds, each worker at a server and a proxy of its own; return the problems by seed."""
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for seed in seeds:
        waiting.put(seed)
    problems: dict[int, list[str]] = {}

    def work() -> None:
        with OfflineServer() as server, FaultProxy(int(server.address.rpartition(":")[2])) as proxy:
            while True:
                try:
                    seed = waiting.get_nowait()
                except queue.Empty:
                    return
                found = play(seed, server, proxy)
                if found:
                    problems[seed] = found
                    print(told(seed), *found, sep="\n    ", flush=True)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0, help="of the first run")
    parser.add_argument("--workers", type=int, default=4)
    options = parser.parse_args()
    seeds = range(options.seed, options.seed + options.runs)
    began = time.monotonic()
    with short_waits():
        problems = play_all(seeds, min(options.workers, options.runs))
    cuts = collections.Counter(
        f"{plan.cut.value}{' of an answer' if plan.answer_bytes is not None else ''}"
        for seed in seeds
        for plan in plans_of(seed)[1]
        if plan.cut
    )
    links = collections.Counter(
        name for seed in seeds for plan in plans_of(seed)[1] for name in plan.features() - {"cut"}
    )
    print(f"{options.runs} runs from seed {options.seed} in {time.monotonic() - began:.0f} s")
    print(", ".join(f"{count} x {name}" for name, count in (cuts + links).most_common()))
    print(f"{len(problems)} runs went wrong")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
