"""Where a transfer stands, as immutable snapshots that any thread may read."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from ..client.models import File
from ..errors import GemfilesError

__all__ = ["Meter", "Phase", "Progress"]

RATE_WINDOW_SECONDS = 5.0
SILENT_SECONDS = 3.0
SAMPLE_SECONDS = 0.05


class Phase(str, Enum):
    """Where a transfer stands."""

    QUEUED = "queued"
    CHECKING = "checking"
    UPLOADING = "uploading"
    RETRYING = "retrying"
    PROCESSING = "processing"
    DONE = "done"
    PAUSED = "paused"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self in (Phase.DONE, Phase.PAUSED, Phase.FAILED, Phase.CANCELLED)


@dataclass(frozen=True, slots=True)
class Progress:
    """One transfer at one moment.

    Attributes
    ----------
    sent
        Bytes that the service may have; may go down after a fault.
    total
        Size of the source in bytes.
    rate
        Bytes per second over the last few seconds; None before there is anything to measure.
    attempt, trouble
        Failures since the last progress, and what the last one was.
    phase_seconds
        How long the phase has lasted; 0 in the queue, where there may be thousands.
    total_seconds
        From the first byte to the end, or to now.
    file, error
        The result, once there is one.
    is_verified
        The service's digest equals the source's.
    is_reused
        The service had these bytes already, so none were sent.
    sent_bytes
        Content bytes that went over the wire in all.
    id
        Its id in the journal; empty until it is written down there.
    """

    label: str
    total: int
    mime_type: str = ""
    phase: Phase = Phase.QUEUED
    sent: int = 0
    rate: float | None = None
    attempt: int = 0
    trouble: str = ""
    phase_seconds: float = 0.0
    total_seconds: float = 0.0
    file: File | None = None
    error: GemfilesError | None = None
    is_verified: bool = False
    is_reused: bool = False
    sent_bytes: int = 0
    id: str = ""

    @property
    def eta_seconds(self) -> float | None:
        """Seconds until all bytes are sent, at the present rate."""
        if not self.rate or self.phase is not Phase.UPLOADING:
            return None
        return (self.total - self.sent) / self.rate


class Meter:
    """Measures one transfer; its worker writes, anyone may ask for a snapshot."""

    def __init__(self, label: str, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._queued = Progress(label, total)
        # Fields of the next snapshot; one update changes what belongs together.
        self._fields: dict[str, Any] = {"phase": Phase.QUEUED, "attempt": 0, "trouble": ""}
        self._sent = 0
        self._samples: deque[tuple[float, int]] = deque()
        self._start: float | None = None
        self._phase_start = clock()
        self._end: float | None = None
        self._ended: Progress | None = None

    def snapshot(self) -> Progress:
        """Return where the transfer stands now."""
        if self._ended:
            return self._ended
        if self._start is None:
            return self._queued
        now = self._end or self._clock()
        shown = replace(
            self._queued,
            **self._fields.copy(),
            sent=self._sent,
            rate=self._rate(now),
            phase_seconds=now - self._phase_start,
            total_seconds=now - self._start,
        )
        if shown.phase.is_over:  # it will not change any more, and there may be thousands
            self._ended = shown
        return shown

    def declare(self, mime_type: str) -> None:
        """Note the type that was recognised."""
        self._fields["mime_type"] = mime_type

    def written_down(self, id: str) -> None:  # noqa: A002
        """Note the transfer's id in the journal."""
        self._fields["id"] = id

    def enter(self, phase: Phase, file: File | None = None, error: GemfilesError | None = None) -> None:
        """Note that a phase begins, with the result where it brings one; what is over stays so."""
        if self._fields["phase"].is_over:
            return
        now = self._clock()
        if self._start is None:
            self._start = now
        if phase is not self._fields["phase"]:
            self._phase_start = now
        if phase.is_over:
            self._end = now
        file = file or self._fields.get("file")
        self._fields.update(phase=phase, file=file, error=error, attempt=0, trouble="")

    def uploaded(self, file: File, *, is_verified: bool, sent_bytes: int) -> None:
        """Note that the service has all bytes."""
        self._sent = self._queued.total
        self._samples.clear()
        self._fields.update(file=file, is_verified=is_verified, sent_bytes=sent_bytes)

    def reused(self, file: File) -> None:
        """Note that the service had these bytes already."""
        self._sent = self._queued.total
        self._fields.update(file=file, is_verified=True, is_reused=True)

    def explain(self, trouble: str) -> None:
        """Note what is being waited for."""
        self._fields["trouble"] = trouble

    def pulse(self, sent: int, attempt: int, trouble: str) -> None:
        """Note bytes sent, or a failure that is being retried.

        Called for every block, so it writes down little; `snapshot` does the rest.
        """
        fields = self._fields
        if fields["phase"].is_over:  # a worker that was told to stop had one more block
            return
        now = self._clock()
        if sent < self._sent:  # the service kept less than was sent
            self._samples.clear()
        self._sent = sent
        if not self._samples or now - self._samples[-1][0] > SAMPLE_SECONDS:
            self._samples.append((now, sent))
            while now - self._samples[0][0] > RATE_WINDOW_SECONDS and len(self._samples) > 2:
                self._samples.popleft()
        phase = Phase.RETRYING if attempt else Phase.UPLOADING
        if phase is not fields["phase"]:
            self._phase_start = now
        if (phase, attempt, trouble) != (fields["phase"], fields["attempt"], fields["trouble"]):
            fields.update(phase=phase, attempt=attempt, trouble=trouble)

    def _rate(self, now: float) -> float | None:
        """Return bytes a second over the last few seconds; None while there is no telling."""
        samples = list(self._samples)  # the worker may write meanwhile
        if not samples or now - samples[-1][0] > SILENT_SECONDS:
            return None
        then, before = samples[0]
        return (self._sent - before) / (now - then) if now - then > 0.2 else None
