"""Uploads by many processes or machines, through any executor of ``concurrent.futures``.

Sources go out in parcels, a few at a time, so that requests and bytes under way stay bounded however many
workers there are. What a worker that died had is given out again: the file ids are chosen here, and the
journal, where workers share it, knows how far each got, so nothing is stored twice.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from pickle import PicklingError

from ..client import Client
from ..client.uploads import choose_id
from ..config import Endpoint
from ..errors import GemfilesError, InvalidUsage
from ..transfers.entries import LIVE, Entry, Request
from ..transfers.journal import Journal
from ..transfers.manager import TransferOptions
from ..transfers.progress import Meter, Phase, Progress
from ..transfers.remote import RemoteSource
from ..transfers.sources import PathSource, Source
from .parcels import Parcel, failed, pack, upload_parcel

__all__ = ["upload_through"]

PARCELS_AT_A_TIME = 8
REQUESTS_AT_A_TIME = 32
BYTES_AT_A_TIME = 4 * 1024**3
MOST_DELIVERIES = 4
TICK_SECONDS = 0.25
FAREWELL_SECONDS = 1.0

OnProgress = Callable[[tuple[Progress, ...]], None]


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
        self._waiting = deque(pack(endpoint, list(zip(sources, each, strict=True))))
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
            self._ended[index] = failed(source, GemfilesError(f"{source.label} was not sent: {why}."))

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
