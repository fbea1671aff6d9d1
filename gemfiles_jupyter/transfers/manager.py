"""Run many transfers with bounded workers; one failure never stops the rest."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence

from ..client import Client
from ..client.drive import SMALL_BYTES
from ..client.uploads import Stopped
from ..errors import GemfilesError
from .journal import Journal, user_journal
from .processing import Watcher
from .progress import Meter, Phase, Progress
from .reuse import LIST_FROM, Finder
from .sources import Source
from .transfer import Transfer, TransferOptions

__all__ = ["BIG_WORKERS", "SMALL_WORKERS", "TransferOptions", "upload_all"]

# A big source fills the link by itself; small ones mostly wait for answers.
BIG_WORKERS = 4
SMALL_WORKERS = 32
TICK_SECONDS = 0.1
MANY = 500
MANY_TICK_SECONDS = 0.5
FAREWELL_SECONDS = 0.8

OnProgress = Callable[[tuple[Progress, ...]], None]


def upload_all(
    client: Client,
    sources: Sequence[Source],
    options: TransferOptions | Sequence[TransferOptions],
    on_progress: OnProgress,
    journal: Journal | None = None,
    finder: Finder | None = None,
) -> tuple[Progress, ...]:
    """Upload every source, and return how each ended, in the order of the sources.

    ``on_progress`` is called from this thread, about ten times a second and once at the end.

    Parameters
    ----------
    options
        For all sources, or for each of them.
    journal
        Default: the user's own.
    finder
        Shared with calls at the same time, which then list the service once.

    Raises
    ------
    KeyboardInterrupt
        Passed on once the workers have stopped; the last call of ``on_progress`` shows where.
    """
    each = [options] * len(sources) if isinstance(options, TransferOptions) else list(options)
    batch = _Batch(client, list(zip(sources, each, strict=True)), journal or user_journal(), finder)
    try:
        batch.start()
        while not batch.is_over.wait(TICK_SECONDS if len(sources) < MANY else MANY_TICK_SECONDS):
            now = batch.snapshot()
            if not all(item.phase.is_over for item in now):  # the end is told once, below
                on_progress(now)
    finally:
        batch.stop()
        ended = batch.snapshot()
        on_progress(ended)
    return ended


class _Batch:
    """The transfers of one call: two queues, few workers for big sources and more for small ones."""

    def __init__(
        self,
        client: Client,
        jobs: Sequence[tuple[Source, TransferOptions]],
        journal: Journal,
        finder: Finder | None,
    ) -> None:
        self.is_over = threading.Event()
        self._journal = journal
        self._meters = [Meter(source.label, source.size) for source, _ in jobs]
        self._left = len(jobs)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        first = jobs[0][1] if jobs else TransferOptions()
        self._is_waiting = first.is_waiting
        self._watcher = Watcher(client.files, first.timeout_seconds)
        finder = finder or Finder(client, journal, first.reuse, is_for_many=len(jobs) >= LIST_FROM)
        self._transfers = [
            Transfer(client, journal, finder, source, options, meter, self._stop)
            for (source, options), meter in zip(jobs, self._meters, strict=True)
        ]
        self._threads = self._workers(jobs, first.workers)

    def start(self) -> None:
        """Start the workers."""
        if not self._transfers:
            self.is_over.set()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop what still runs, waiting a moment for it; what it left is shown as paused."""
        self._stop.set()
        self._watcher.stop()
        if not self.is_over.is_set():
            for thread in self._threads:
                thread.join(FAREWELL_SECONDS / len(self._threads))
        for meter, transfer in zip(self._meters, self._transfers, strict=True):
            if not meter.snapshot().phase.is_over:
                transfer.pause()
                meter.enter(Phase.PAUSED)
        self._journal.wipe()

    def snapshot(self) -> tuple[Progress, ...]:
        """Return where each transfer stands."""
        return tuple(meter.snapshot() for meter in self._meters)

    def _workers(
        self, jobs: Sequence[tuple[Source, TransferOptions]], asked: int | None
    ) -> list[threading.Thread]:
        sizes = [source.size for source, _ in jobs]
        if asked:
            lanes = [(list(range(len(jobs))), asked)]
        else:
            small = [index for index, size in enumerate(sizes) if size <= SMALL_BYTES]
            big = [index for index, size in enumerate(sizes) if size > SMALL_BYTES]
            lanes = [(big, BIG_WORKERS), (small, SMALL_WORKERS)]
        threads = []
        for indices, most in lanes:
            lane: queue.SimpleQueue[int] = queue.SimpleQueue()
            for index in indices:
                lane.put(index)
            threads += [
                threading.Thread(target=self._work, args=(lane,), daemon=True)
                for _ in range(min(most, len(indices)))
            ]
        return threads

    def _work(self, lane: queue.SimpleQueue[int]) -> None:
        while not self._stop.is_set():
            try:
                index = lane.get_nowait()
            except queue.Empty:
                return
            meter = self._meters[index]
            try:
                self._settle(meter, self._transfers[index])
            except Stopped:
                return
            except GemfilesError as error:
                self._end(meter, Phase.FAILED, error=error)
            except Exception as error:  # a defect of ours must not leave the cell waiting for ever
                label = meter.snapshot().label
                surprise = GemfilesError(f"Unexpected {type(error).__name__} while sending {label}: {error}")
                self._end(meter, Phase.FAILED, error=surprise)

    def _settle(self, meter: Meter, transfer: Transfer) -> None:
        file = transfer.run()
        if file is None:  # paused or cancelled from elsewhere, which the meter shows
            self._count_down()
        elif file.is_active or not self._is_waiting:
            self._end(meter, Phase.DONE)
        else:
            meter.enter(Phase.PROCESSING)
            self._watcher.add(
                file,
                lambda file: self._end(meter, Phase.DONE, file=file),
                lambda error: self._end(meter, Phase.FAILED, error=error),
            )

    def _end(self, meter: Meter, phase: Phase, **result: object) -> None:
        meter.enter(phase, **result)  # type: ignore[arg-type]
        self._count_down()

    def _count_down(self) -> None:
        with self._lock:
            self._left -= 1
            if self._left == 0:
                self.is_over.set()
