"""Uploads that run beside everything else, for front ends that stay: nobody waits for them.

The same transfers as any other, with the same journal; a job is what this process knows of one
before it is written down there, and after.
"""

from __future__ import annotations

import queue
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from ..client import Client
from ..client.drive import SMALL_BYTES
from ..errors import GemfilesError, SourceNotFound
from ..transfers.addresses import can_reopen
from ..transfers.entries import Request
from ..transfers.manager import BIG_WORKERS, SMALL_WORKERS, TransferOptions, upload_all
from ..transfers.progress import Phase, Progress
from ..transfers.remote import RemoteSource, SpooledSource
from ..transfers.reuse import Finder, ReusePolicy
from ..transfers.sources import PathSource, Source, expand
from .workspace import Workspace, current_workspace

__all__ = ["Job", "Jobs"]

# What was deleted elsewhere since the list was read might pass for stored, so it is not kept for long.
SHARED_SECONDS = 10.0


class _Asked(BaseException):
    """Raised inside an upload that the user wants stopped."""


class Job:
    """One upload of this process.

    Attributes
    ----------
    place, label
        Path or address of the source, and what the user calls it.
    progress
        How far it is; ``progress.id`` is its id in the journal, once it is there.
    asked
        What the user wants of it: to be PAUSED or CANCELLED; None for to go on.
    started, ended
        Seconds since the epoch; 0 while it has not ended.
    """

    def __init__(self, id: str, place: str, label: str, options: TransferOptions) -> None:  # noqa: A002
        self.id = id
        self.place = place
        self.label = label
        self.options = replace(options, is_waiting=False)
        self.source = _source(place, label)
        self.progress = Progress(label, self.source.size)
        self.asked: Phase | None = None
        self.started = time.time()
        self.ended = 0.0
        self.turn = 0
        self.is_running = False

    def watch(self, batch: tuple[Progress, ...]) -> None:
        """Take in how far it is, and stop it there if the user wants that."""
        (self.progress,) = batch
        if self.asked and not self.progress.phase.is_over:
            raise _Asked


class Jobs:
    """The uploads of this process: few big ones at a time, and more small ones.

    Parameters
    ----------
    on_end
        Told of each job that has ended, from its worker.
    """

    def __init__(self, on_end: Callable[[Job], None]) -> None:
        self._on_end = on_end
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._shared: tuple[Client, float, Finder] | None = None
        self._lanes = {True: _Lane(SMALL_WORKERS), False: _Lane(BIG_WORKERS)}

    def all(self) -> list[Job]:
        """Return the jobs, those that have ended too, until they are dropped."""
        with self._lock:
            return list(self._jobs.values())

    def get(self, id: str) -> Job | None:  # noqa: A002
        """Return the job of that id, if it is one of this process."""
        with self._lock:
            return self._jobs.get(id)

    def start(self, place: str, label: str, options: TransferOptions, *, id: str = "") -> Job:  # noqa: A002
        """Begin an upload, and return at once.

        Parameters
        ----------
        id
            What it is called by; default: a new one.

        Raises
        ------
        SourceError
            There is no such file, or it is none that can be sent.
        """
        job = Job(id or secrets.token_hex(4), place, label, options)
        with self._lock:
            self._jobs[job.id] = job
        self._queue(job)
        return job

    def go_on(self, job: Job) -> None:
        """Begin again with a job that was paused, was cancelled or has failed.

        Raises
        ------
        SourceError
            Its source is gone.
        """
        job.source = _source(job.place, job.label)
        with self._lock:
            if not job.ended:
                return
            job.asked, job.ended = None, 0.0
            job.progress = Progress(job.label, job.source.size, sent=job.progress.sent, id=job.progress.id)
        self._queue(job)

    def stop(self, job: Job, phase: Phase) -> None:
        """Pause or cancel a job; soon, if it runs. One that was paused can still be cancelled."""
        with self._lock:
            if job.ended and job.progress.phase is not Phase.PAUSED:
                return
            job.asked = phase
            is_running = job.is_running
        if not is_running:
            self._end(job)

    def drop(self, job: Job) -> None:
        """Forget a job that has ended."""
        with self._lock:
            if job.ended and self._jobs.get(job.id) is job:
                del self._jobs[job.id]

    def close(self) -> None:
        """Pause what runs, and wait a moment for it; the journal holds what is needed to go on."""
        for job in self.all():
            self.stop(job, Phase.PAUSED)
        for lane in self._lanes.values():
            lane.close()

    def _queue(self, job: Job) -> None:
        job.turn += 1
        lane = self._lanes[job.source.size <= SMALL_BYTES]
        turn = job.turn
        lane.put(lambda: self._run(job, turn))

    def _run(self, job: Job, turn: int) -> None:
        with self._lock:
            if job.asked or job.turn != turn:  # stopped while it waited
                return
            job.is_running = True
        try:
            workspace = current_workspace()
            finder = self._finder(workspace) if job.options.reuse is ReusePolicy.AUTO else None
            upload_all(workspace.client, [job.source], job.options, job.watch, workspace.journal, finder)
        except _Asked:
            pass
        except GemfilesError as error:  # no key, or the offline server does not start
            job.progress = replace(job.progress, phase=Phase.FAILED, error=error)
        except Exception as error:  # a defect of ours must not end the worker
            surprise = GemfilesError(f"Unexpected {type(error).__name__} while sending {job.label}: {error}")
            job.progress = replace(job.progress, phase=Phase.FAILED, error=surprise)
        self._end(job)

    def _finder(self, workspace: Workspace) -> Finder:
        """Return what looks for stored files; jobs that begin soon after each other share a list."""
        now = time.monotonic()
        with self._lock:
            client, since, finder = self._shared or (None, 0.0, None)
            if finder is None or client is not workspace.client or now - since > SHARED_SECONDS:
                finder = Finder(workspace.client, workspace.journal, ReusePolicy.AUTO, is_for_many=True)
                self._shared = (workspace.client, now, finder)
            return finder

    def _end(self, job: Job) -> None:
        progress = job.progress
        if job.asked and progress.phase not in (Phase.DONE, Phase.FAILED):
            if job.asked is Phase.CANCELLED and progress.id:
                _give_up(progress.id)
            job.progress = replace(progress, phase=job.asked)
        with self._lock:
            job.is_running = False
            job.ended = time.time()
        self._on_end(job)


class _Lane:
    """A queue, and threads that are started as they are needed."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._idle = 0

    def put(self, work: Callable[[], None]) -> None:
        """Have something done."""
        with self._lock:
            self._work.put(work)
            if self._idle > 0:
                self._idle -= 1
            elif len(self._threads) < self._most:
                thread = threading.Thread(target=self._run, name="gemfiles-job", daemon=True)
                self._threads.append(thread)
                thread.start()

    def close(self) -> None:
        """Let the threads end after what they do now."""
        for _ in self._threads:
            self._work.put(None)
        for thread in self._threads:
            thread.join(2.0)

    def _run(self) -> None:
        while True:
            work = self._work.get()
            if work is None:
                return
            work()
            with self._lock:
                self._idle += 1


def _source(place: str, label: str) -> Source:
    if not can_reopen(place):
        raise SourceNotFound(f"{label} is not where it was.", hint="Upload another copy.")
    (source,) = expand([place])
    assert isinstance(source, (PathSource, RemoteSource, SpooledSource)), "a place stands for one"
    return replace(source, label=label)


def _give_up(id: str) -> None:  # noqa: A002
    """Take a transfer that was stopped out of the journal and off the service."""
    workspace = current_workspace()
    if any(entry.id == id for entry in workspace.transfers(is_open=True)):
        workspace.ask_transfers([id], Request.CANCEL)
