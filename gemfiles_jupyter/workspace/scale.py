"""Uploads by many processes or machines, through any executor of ``concurrent.futures``.

Sources go out in parcels, a few at a time, so that requests and bytes under way stay bounded however many
workers there are. A worker reads the sources itself, by path or address. What a worker that died had is
given out again: the file ids are chosen here, and the journal, where workers share it, knows how far each
got, so nothing is stored twice.

The key never travels. A parcel names where it goes and a fingerprint of the key; a worker looks up its own
key, and refuses if that is another one. A parcel shows nothing of what is in it: dashboards and logs of
clusters print what tasks are given.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pickle import PicklingError

from ..client import Client
from ..client.uploads import choose_id
from ..config import Endpoint, choose_endpoint, reached
from ..errors import GemfilesError, InvalidUsage, KeyProblem
from ..transfers.entries import LIVE, Entry, Request
from ..transfers.journal import Journal, user_journal
from ..transfers.manager import TransferOptions, upload_all
from ..transfers.progress import Meter, Phase, Progress
from ..transfers.remote import RemoteSource
from ..transfers.reuse import Finder
from ..transfers.sources import PathSource, Source

__all__ = ["Parcel", "upload_parcel", "upload_through"]

PARCEL_FILES = 16
PARCEL_BYTES = 64 * 1024**2
PARCELS_AT_A_TIME = 8
REQUESTS_AT_A_TIME = 32
BYTES_AT_A_TIME = 4 * 1024**3
MOST_DELIVERIES = 4
TICK_SECONDS = 0.25
FAREWELL_SECONDS = 1.0

OnProgress = Callable[[tuple[Progress, ...]], None]


@dataclass(frozen=True, slots=True)
class Parcel:
    """Sources for one worker; it shows none of them.

    Attributes
    ----------
    run
        The same for all parcels of one call.
    base_url, is_offline, place, key_fingerprint
        Where they go; whose key that takes is all that is said of it.
    indices
        Which of the call's sources they are.
    jobs
        The sources, and how each is uploaded.
    delivery
        How often it was given out.
    """

    run: str
    base_url: str = field(repr=False)
    is_offline: bool = field(repr=False)
    place: str = field(repr=False)
    key_fingerprint: str = field(repr=False)
    indices: tuple[int, ...] = field(repr=False)
    jobs: tuple[tuple[Source, TransferOptions], ...] = field(repr=False)
    delivery: int = 1

    @property
    def size(self) -> int:
        """Bytes of all sources together."""
        return sum(source.size for source, _ in self.jobs)


def upload_parcel(parcel: Parcel) -> tuple[Progress, ...]:
    """Upload what is in a parcel, and return how each ended: what a worker does."""
    sources = [source for source, _ in parcel.jobs]
    try:
        client, finder = _Post.of(parcel)
    except GemfilesError as error:
        return tuple(_failed(source, error) for source in sources)
    options = [options for _, options in parcel.jobs]
    return upload_all(client, sources, options, _silent, user_journal(), finder)


def upload_through(
    executor: Executor,
    client: Client,
    sources: Sequence[Source],
    options: TransferOptions,
    on_progress: OnProgress,
    journal: Journal,
) -> tuple[Progress, ...]:
    """Upload sources with the workers of an executor, and return how each ended, in their order.

    ``on_progress`` is called from this thread, some four times a second and once at the end.

    Parameters
    ----------
    options
        ``workers`` is how many parcels are out at a time.
    journal
        Where workers on this machine say how far they are.

    Raises
    ------
    InvalidUsage
        A source is of this process alone, such as bytes.
    KeyboardInterrupt
        Passed on once the workers were asked to pause.
    """
    for source in sources:
        if not isinstance(source, (PathSource, RemoteSource)):
            raise InvalidUsage(
                f"{source.label} is in this process, where the workers of an executor can't read it.",
                hint="Give paths that they share, or addresses; or leave out the executor.",
            )
    run = _Run(executor, client.endpoint, sources, options, journal)
    try:
        while run.step():
            now = run.snapshot()
            if not all(item.phase.is_over for item in now):  # the end is told once, below
                on_progress(now)
    except BaseException:
        run.stop()
        raise
    finally:
        run.close()
        on_progress(run.snapshot())
    return run.snapshot()


class _Run:
    """One call: parcels that wait, parcels that are out, and how their sources stand."""

    def __init__(
        self,
        executor: Executor,
        endpoint: Endpoint,
        sources: Sequence[Source],
        options: TransferOptions,
        journal: Journal,
    ) -> None:
        self._executor = executor
        self._own: ThreadPoolExecutor | None = None
        self._most = options.workers or PARCELS_AT_A_TIME
        self._journal = journal
        self._meters = [Meter(source.label, source.size) for source in sources]
        self._ended: dict[int, Progress] = {}
        each = [self._options(source, options) for source in sources]
        self._ids = {chosen.planned_id: index for index, chosen in enumerate(each)}
        self._waiting = deque(_parcels(endpoint, list(zip(sources, each, strict=True))))
        self._out: dict[Future[tuple[Progress, ...]], Parcel] = {}
        self._looked = time.time()

    def _options(self, source: Source, options: TransferOptions) -> TransferOptions:
        requests = max(1, REQUESTS_AT_A_TIME // self._most)
        kind = options.mime_type or source.mime_type
        return replace(options, mime_type=kind, workers=requests, planned_id=choose_id())

    def step(self) -> bool:
        """Give out what there is room for, and take in what has come; False once all is done."""
        self._give_out()
        if not self._out:
            return False
        done, _ = wait(self._out, TICK_SECONDS, FIRST_COMPLETED)
        for future in done:
            self._take_in(future, self._out.pop(future))
        self._look_around()
        return True

    def snapshot(self) -> tuple[Progress, ...]:
        """Return where each source stands."""
        return tuple(self._ended.get(index) or meter.snapshot() for index, meter in enumerate(self._meters))

    def stop(self) -> None:
        """Take back what has not begun, and ask workers to pause that share the journal."""
        for future in self._out:
            future.cancel()
        deadline = time.monotonic() + FAREWELL_SECONDS
        for entry in self._entries():
            self._journal.ask(entry.id, Request.PAUSE)
        wait([future for future in self._out if future.running()], deadline - time.monotonic())
        for index, meter in enumerate(self._meters):
            if index not in self._ended:
                meter.enter(Phase.PAUSED)

    def close(self) -> None:
        """End the workers that are this process' own."""
        if self._own:
            self._own.shutdown(wait=False, cancel_futures=True)

    def _give_out(self) -> None:
        while self._waiting and len(self._out) < self._most:
            parcel = self._waiting[0]
            bytes_out = sum(other.size for other in self._out.values())
            if self._out and bytes_out + parcel.size > BYTES_AT_A_TIME:
                return
            try:
                future = (self._own or self._executor).submit(upload_parcel, parcel)
            except RuntimeError:  # broken, or shut down
                self._take_over()
                continue
            self._out[future] = self._waiting.popleft()

    def _take_in(self, future: Future[tuple[Progress, ...]], parcel: Parcel) -> None:
        if future.cancelled():
            self._again(parcel, "its task was cancelled")
            return
        error = future.exception()
        if error is None:
            self._ended.update(zip(parcel.indices, future.result(), strict=True))
        elif isinstance(error, (ImportError, AttributeError, PicklingError)):
            why = "the workers can't run it: they need the same version of gemfiles-jupyter"
            self._give_up(parcel, why)
        else:
            if isinstance(error, BrokenExecutor):
                self._take_over()
            self._again(parcel, f"its worker ended ({type(error).__name__})")

    def _again(self, parcel: Parcel, why: str) -> None:
        """Give a parcel out once more; what was stored already is found, and not sent again."""
        if parcel.delivery >= MOST_DELIVERIES:
            self._give_up(parcel, f"{why}, {parcel.delivery} times")
        else:
            self._waiting.append(replace(parcel, delivery=parcel.delivery + 1))

    def _give_up(self, parcel: Parcel, why: str) -> None:
        for index, (source, _) in zip(parcel.indices, parcel.jobs, strict=True):
            self._ended[index] = _failed(source, GemfilesError(f"{source.label} was not sent: {why}."))

    def _take_over(self) -> None:
        """Do the rest in this process: the executor takes no more."""
        self._own = self._own or ThreadPoolExecutor(self._most)

    def _look_around(self) -> None:
        """Read how far workers are that share the journal; of others only the end is heard."""
        for entry in self._entries():
            meter = self._meters[self._ids[entry.file_id]]
            is_done = entry.phase == Phase.DONE.value
            if is_done or (entry.phase in LIVE and entry.phase != Phase.QUEUED.value):
                meter.enter(Phase.UPLOADING)
                meter.pulse(entry.size if is_done else entry.sent, int(entry.phase == "retrying"), "")

    def _entries(self) -> list[Entry]:
        since, self._looked = self._looked - 2 * TICK_SECONDS, time.time()
        return [entry for entry in self._journal.recent(since, limit=1000) if entry.file_id in self._ids]


class _Post:
    """What a worker keeps from parcel to parcel: connections, and the list of stored files of one call."""

    _lock = threading.Lock()
    _kept: tuple[int, Endpoint, str, Client, Finder] | None = None

    @classmethod
    def of(cls, parcel: Parcel) -> tuple[Client, Finder]:
        """Return what uploads a parcel takes; its key is the worker's own.

        Raises
        ------
        KeyProblem
            The worker has no key, or another one.
        """
        endpoint = _endpoint(parcel)
        now = (os.getpid(), endpoint, parcel.run)
        with cls._lock:
            if cls._kept is None or cls._kept[:3] != now:
                client = Client(endpoint=endpoint)
                reuse = parcel.jobs[0][1].reuse
                finder = Finder(client, user_journal(), reuse, is_for_many=True)
                cls._kept = (*now, client, finder)
            return cls._kept[3:]


def _endpoint(parcel: Parcel) -> Endpoint:
    """Return where a parcel goes, with this worker's own key."""
    endpoint = reached(choose_endpoint(base_url=None if parcel.is_offline else parcel.base_url))
    if (endpoint.place, endpoint.key_fingerprint) == (parcel.place, parcel.key_fingerprint):
        return endpoint
    if parcel.is_offline:
        raise InvalidUsage(
            "A worker does not reach the offline server, which is for one machine and user.",
            hint="Set a key, here and where the workers run.",
        )
    raise KeyProblem(
        "A worker has another API key." if endpoint.key else "A worker has no API key.",
        hint="Keys are not sent to workers: set GOOGLE_API_KEY where they run, before they start.",
    )


def _parcels(endpoint: Endpoint, jobs: Sequence[tuple[Source, TransferOptions]]) -> list[Parcel]:
    """Divide sources into parcels, in their order."""
    first = Parcel(
        secrets.token_hex(4),
        endpoint.base_url,
        endpoint.is_offline,
        endpoint.place,
        endpoint.key_fingerprint,
        (),
        (),
    )
    parcels: list[Parcel] = []
    for index, job in enumerate(jobs):
        last = parcels[-1] if parcels else first
        is_full = len(last.jobs) >= PARCEL_FILES or last.size + job[0].size > PARCEL_BYTES
        if not parcels or is_full:
            parcels.append(replace(first, indices=(index,), jobs=(job,)))
        else:
            parcels[-1] = replace(last, indices=(*last.indices, index), jobs=(*last.jobs, job))
    return parcels


def _failed(source: Source, error: GemfilesError) -> Progress:
    return Progress(source.label, source.size, phase=Phase.FAILED, error=error)


def _silent(batch: tuple[Progress, ...]) -> None:
    """Show nothing."""
