"""Uploads under random schedules of faults.

``python tests/client/fault_schedules.py --runs 1000 [--seed N]`` plays them. Each run has one to six
faults, all of which must fire, and must end with exactly one file that holds the right bytes. The seed
of a run that did not is printed; ``--runs 1 --seed N`` plays it again.
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import random
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from gemfiles_jupyter.client import drive
from gemfiles_jupyter.client.files import Files
from gemfiles_jupyter.client.transport import Transport
from gemfiles_jupyter.client.uploads import NewFile, Uploaded, Uploads, Watch, choose_id
from gemfiles_jupyter.config import Endpoint, Secret
from gemfiles_jupyter.offline.testing import OfflineServer
from gemfiles_jupyter.transfers.sources import expand

MIB = 1024 * 1024
HUNG_SECONDS = 60.0


class Clock:
    """The time that uploads see: real time, and the waits that were skipped in this thread."""

    def __init__(self) -> None:
        self._local = threading.local()

    def monotonic(self) -> float:
        return time.monotonic() + getattr(self._local, "skipped", 0.0)

    def skip(self, seconds: float) -> None:
        self._local.skipped = getattr(self._local, "skipped", 0.0) + seconds


CLOCK = Clock()


class NoWait(threading.Event):
    """A stop signal whose waits end at once: it moves the clock instead, and remembers."""

    def __init__(self) -> None:
        super().__init__()
        self.waited = 0.0

    def wait(self, timeout: float | None = None) -> bool:
        self.waited += timeout or 0.0
        CLOCK.skip(timeout or 0.0)
        return self.is_set()


def answer(status: int, **more: Any) -> dict[str, Any]:
    return {"action": "answer", "status": status, "upload_status": "", **more}


RESET = {"action": "drop", "reset": True}
BUSY = answer(429, headers={"Retry-After": "7"}, upload_status="active")
PAGE = answer(502, content_type="text/html", body="<html>Bad gateway</html>")

# After none of these is anything there that was not there before.
LOST = {
    "drop": {"action": "drop"},
    "reset": RESET,
    "500": answer(500),
    "502 page": PAGE,
    "503": answer(503),
    "503 active": answer(503, upload_status="active"),
    "408": answer(408),
    "429 busy": BUSY,
}
STARTS = {**LOST, "409": answer(409), "drop-answer": {"action": "drop-answer"}, "empty": {"action": "empty"}}
KEPT = {
    "keep": {"action": "keep", "keep_bytes": 200_000},
    "keep reset": {"action": "keep", "keep_bytes": 70_001, "reset": True},
}
DATA = {
    **LOST,
    **KEPT,
    "400 active": answer(400, upload_status="active"),
    "409 active": answer(409, upload_status="active"),
    "412": answer(412),
    "308": answer(308),
    "empty 200": answer(200),
}
# The bytes are there, the answer is not: once, so that the first segment is never the last one.
COMMITTED = {"drop-answer": {"action": "drop-answer"}, "empty": {"action": "empty"}}
GONE = {"404": answer(404), "410": answer(410)}
LOST_QUERIES = {
    **LOST,
    "409": answer(409),
    "drop-answer": {"action": "drop-answer"},
    "garbled": answer(200, upload_status="active", headers={"X-Goog-Upload-Size-Received": "abc"}),
}
# An answer that is believed, so that no other query follows.
QUERIES = {
    **LOST_QUERIES,
    "behind": answer(200, upload_status="active", headers={"X-Goog-Upload-Size-Received": "0"}),
}
ENDS = {**COMMITTED, "truncate": {"action": "truncate"}, "keep": KEPT["keep"], "503": answer(503)}
LOOKUPS = {**LOST, "truncate": {"action": "truncate"}, "empty": {"action": "empty"}}


@dataclass
class Schedule:
    """What goes wrong in one upload.

    Attributes
    ----------
    kinds
        The faults in words.
    """

    size: int
    faults: list[dict[str, Any]] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    def add(self, plane: str, name: str, fault: dict[str, Any]) -> None:
        """Plan a fault for the next request of a plane that none is planned for yet."""
        nth = sum(other["plane"] == plane for other in self.faults) + 1
        self.faults.append({"plane": plane, "nth": nth, **fault})
        self.kinds.append(f"{plane}: {name}")


def schedule(seed: int) -> Schedule:
    """Return the schedule of a seed."""
    chance = random.Random(seed)
    count = chance.randint(1, 6)
    return _small(chance, count) if chance.random() < 0.25 else _large(chance, count)


def _small(chance: random.Random, count: int) -> Schedule:
    """Plan faults for a source that goes in one request."""
    plan = Schedule(chance.choice([0, 1, 1000, 300_000, MIB]))
    lookups = chance.randint(0, count - 1)
    for index in range(count - lookups):
        is_end = index == count - lookups - 1
        # A lookup follows what may have arrived: the first fault leaves that open.
        kinds = {"503": answer(503)} if not index else ENDS if is_end and not lookups else LOST
        plan.add("start", *chance.choice(list(kinds.items())))
    for _ in range(lookups):
        plan.add("get", *chance.choice(list(LOST.items())))
    return plan


def _large(chance: random.Random, count: int) -> Schedule:
    """Plan faults for an upload session; those of the first segment come before those of the last."""
    plan = Schedule(18 * MIB + chance.randrange(MIB))
    left = count
    if chance.random() < 0.4:
        plan.add("start", *chance.choice(list(STARTS.items())))
        left -= 1
    if left and chance.random() < 0.4:
        left -= _plan_end(chance, plan, left)
    once = [*COMMITTED.items(), *GONE.items()]
    data = chance.randint(1, left) if left else 0
    for index in range(data):
        plan.add(
            "data", *(chance.choice(once) if index == 0 and chance.random() < 0.3 else _of(chance, DATA))
        )
    # A query follows each data fault but a lost session.
    is_asked = any("404" not in kind and "410" not in kind for kind in plan.kinds if kind.startswith("data"))
    queries = left - data if is_asked else 0
    for index in range(queries):
        kinds = QUERIES if index == queries - 1 else LOST_QUERIES
        # The third garbled answer in a row is one too many.
        is_enough = plan.kinds.count("query: garbled") == 2
        plan.add("query", *_of(chance, LOST if is_enough else kinds))
    return plan


def _plan_end(chance: random.Random, plan: Schedule, left: int) -> int:
    name, fault = _of(chance, ENDS)
    plan.add("finalize", name, fault)
    lookups = chance.randint(0, left - 1) if name == "truncate" else 0
    for _ in range(lookups):
        plan.add("get", *_of(chance, LOOKUPS))
    return 1 + lookups


def _of(chance: random.Random, kinds: dict[str, dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    return chance.choice(list(kinds.items()))


@dataclass(frozen=True)
class Outcome:
    """How one run ended."""

    seed: int
    kinds: list[str]
    verdict: str
    is_all_fired: bool
    sent_again: int
    waited: float

    def __str__(self) -> str:
        fired = "" if self.is_all_fired else ", not all fired"
        return f"seed {self.seed}: {self.verdict}{fired} after {', '.join(self.kinds)}"


def run(seed: int, server: OfflineServer) -> Outcome:
    """Upload once under the schedule of a seed."""
    plan = schedule(seed)
    server.reset()
    server.faults(*plan.faults)
    data = random.Random(seed).randbytes(plan.size)
    transport = Transport(Endpoint(server.address, Secret(server.key)), sleep=CLOCK.skip)
    stop, got = NoWait(), []
    thread = threading.Thread(target=lambda: got.append(_upload(transport, data, stop)), daemon=True)
    thread.start()
    thread.join(HUNG_SECONDS)
    is_all_fired = server.all_fired()
    server.clear_faults()
    uploaded = got[0] if got else None
    verdict = "hung" if thread.is_alive() else _verdict(transport, data, uploaded)
    again = uploaded.sent_bytes - len(data) if isinstance(uploaded, Uploaded) else 0
    transport.close()
    return Outcome(seed, plan.kinds, verdict, is_all_fired, again, stop.waited)


def _upload(transport: Transport, data: bytes, stop: NoWait) -> Uploaded | BaseException:
    content = expand([data])[0]
    watch = Watch(lambda _: None, lambda _: None, stop)
    try:
        return Uploads(transport).send(content, NewFile(choose_id(), "text/plain"), watch)
    except BaseException as error:  # whatever it is, the run is lost
        return error


def _verdict(transport: Transport, data: bytes, uploaded: Uploaded | BaseException | None) -> str:
    stored = list(Files(transport).list())
    if not isinstance(uploaded, Uploaded):
        return f"lost ({uploaded!r}, {len(stored)} files)"
    if len(stored) > 1:
        return "duplicated"
    digest = hashlib.sha256(data).hexdigest()
    is_right = [(file.name, file.sha256, file.size_bytes) for file in stored] == [
        (uploaded.file.name, digest, len(data))
    ]
    return "finished" if is_right and uploaded.is_verified else "corrupted"


def main() -> int:
    """Run and print a summary; 1 if anything but success happened."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0, help="the first seed; each run takes the next")
    options = parser.parse_args()
    drive.time = CLOCK  # type: ignore[attr-defined]
    verdicts: collections.Counter[str] = collections.Counter()
    kinds: collections.Counter[str] = collections.Counter()
    not_fired = waited = sent_again = 0.0
    with OfflineServer() as server:
        for seed in range(options.seed, options.seed + options.runs):
            outcome = run(seed, server)
            verdicts[outcome.verdict.split(" ")[0]] += 1
            kinds.update(outcome.kinds)
            not_fired += not outcome.is_all_fired
            waited += outcome.waited
            sent_again += outcome.sent_again
            if outcome.verdict != "finished" or not outcome.is_all_fired:
                print(outcome, flush=True)
    words = ("finished", "corrupted", "duplicated", "lost", "hung")
    print(", ".join(f"{verdicts[word]} {word}" for word in words))
    print(f"{kinds.total()} faults of {len(kinds)} kinds; {not_fired:.0f} runs in which not all fired")
    print(f"{waited:.0f} s of waiting skipped; {sent_again / MIB:.0f} MiB sent again")
    return 0 if verdicts["finished"] == options.runs and not not_fired else 1


if __name__ == "__main__":
    sys.exit(main())
