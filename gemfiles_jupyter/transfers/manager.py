"""Run many uploads with bounded workers; one failure never stops the rest."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..client import Client
from ..client.files import DEFAULT_WAIT_SECONDS
from ..client.uploads import NewFile, Pulse, Stopped, Watch, choose_id
from ..config import Secret
from ..errors import GemfilesError
from .processing import Watcher
from .progress import Meter, Phase, Progress
from .sources import Source, check_limits

__all__ = ["TransferOptions", "upload_all"]

DEFAULT_WORKERS = 4
TICK_SECONDS = 0.1
FAREWELL_SECONDS = 0.8
DISPLAY_NAME_CHARACTERS = 512

OnProgress = Callable[[tuple[Progress, ...]], None]


@dataclass(frozen=True, slots=True)
class TransferOptions:
    """How sources are uploaded.

    Attributes
    ----------
    display_name
        Instead of the source's name; only for a single source.
    id
        File id to ask for; random by default.
    mime_type
        Instead of recognising it.
    is_waiting
        Wait until the files are ACTIVE.
    timeout_seconds
        How long to wait for that.
    is_forced
        Try even what the service is known to refuse for its size.
    """

    display_name: str | None = None
    id: str | None = None
    mime_type: str | None = None
    is_waiting: bool = True
    timeout_seconds: float = DEFAULT_WAIT_SECONDS
    workers: int = DEFAULT_WORKERS
    is_forced: bool = False


def upload_all(
    client: Client, sources: Sequence[Source], options: TransferOptions, on_progress: OnProgress
) -> tuple[Progress, ...]:
    """Upload every source, and return how each ended, in the order of the sources.

    ``on_progress`` is called from this thread, about ten times a second and once at the end.

    Raises
    ------
    KeyboardInterrupt
        Passed on once the workers have stopped; the last call of ``on_progress`` shows where.
    """
    batch = _Batch(client, sources, options)
    try:
        batch.start()
        while not batch.is_over.wait(TICK_SECONDS):
            on_progress(batch.snapshot())
    finally:
        batch.stop()
        on_progress(batch.snapshot())
    return batch.snapshot()


class _Batch:
    """The uploads of one call: a queue of sources, a few workers, one watcher."""

    def __init__(self, client: Client, sources: Sequence[Source], options: TransferOptions) -> None:
        self.is_over = threading.Event()
        self._client = client
        self._sources = sources
        self._options = options
        self._meters = [Meter(source.label, source.size) for source in sources]
        self._queue: queue.SimpleQueue[int] = queue.SimpleQueue()
        for index in range(len(sources)):
            self._queue.put(index)
        self._left = len(sources)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._watcher = Watcher(client.files, options.timeout_seconds)
        count = min(options.workers, len(sources))
        self._threads = [
            threading.Thread(target=self._work, name=f"gemfiles-upload-{number}", daemon=True)
            for number in range(count)
        ]

    def start(self) -> None:
        """Start the workers."""
        if not self._sources:
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
        for meter in self._meters:
            if not meter.snapshot().phase.is_over:
                meter.enter(Phase.PAUSED)

    def snapshot(self) -> tuple[Progress, ...]:
        """Return where each transfer stands."""
        return tuple(meter.snapshot() for meter in self._meters)

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                index = self._queue.get_nowait()
            except queue.Empty:
                return
            try:
                self._upload(self._sources[index], self._meters[index])
            except Stopped:
                return
            except GemfilesError as error:
                self._end(self._meters[index], Phase.FAILED, error=error)
            except Exception as error:  # a defect of ours must not leave the cell waiting for ever
                surprise = GemfilesError(
                    f"Unexpected {type(error).__name__} while sending {self._sources[index].label}: {error}"
                )
                self._end(self._meters[index], Phase.FAILED, error=surprise)

    def _upload(self, source: Source, meter: Meter) -> None:
        options = self._options
        mime_type = options.mime_type or source.mime_type
        meter.declare(mime_type)
        if not options.is_forced:
            check_limits(source, mime_type)
        new = NewFile(
            options.id or choose_id(), mime_type, options.display_name or _display_name(source.label)
        )
        meter.enter(Phase.UPLOADING)

        def on_pulse(pulse: Pulse) -> None:
            meter.pulse(pulse.sent, pulse.attempt, pulse.trouble)

        watch = Watch(on_pulse, _forget_session, self._stop)
        uploaded = self._client.uploads.send(source, new, watch)
        meter.uploaded(uploaded.file, is_verified=uploaded.is_verified, sent_bytes=uploaded.sent_bytes)
        if uploaded.file.is_active or not options.is_waiting:
            self._end(meter, Phase.DONE)
            return
        meter.enter(Phase.PROCESSING)
        self._watcher.add(
            uploaded.file,
            lambda file: self._end(meter, Phase.DONE, file=file),
            lambda error: self._end(meter, Phase.FAILED, error=error),
        )

    def _end(self, meter: Meter, phase: Phase, **result: object) -> None:
        meter.enter(phase, **result)  # type: ignore[arg-type]
        with self._lock:
            self._left -= 1
            if self._left == 0:
                self.is_over.set()


def _forget_session(session: Secret) -> None:
    """Keep no upload URL."""


def _display_name(label: str) -> str:
    """Return a label as the service takes it: the end of a long one, bytes that are no text replaced."""
    return label.encode("utf-8", "replace").decode()[-DISPLAY_NAME_CHARACTERS:]
