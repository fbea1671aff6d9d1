"""How one transfer stands, as a row of the panel: what is told of it, and what can be done with it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from ..client.models import File
from ..transfers.addresses import can_reopen
from ..transfers.entries import STOPPED, Entry, Request
from ..transfers.progress import Phase
from ..views.panel import TransferRow
from .jobs import Job

__all__ = ["Pace", "row_of_entry", "row_of_job"]

# A worker writes down what was confirmed, and that moves once a segment, which takes up to some 8 s.
PACE_SECONDS = 20.0

_WAITING = {Phase.PAUSED: "pausing", Phase.CANCELLED: "cancelling"}
_ASKED = {Request.PAUSE.value: "pausing", Request.CANCEL.value: "cancelling"}

# A stored file as last heard of.
Known = Callable[[str], File | None]


class Pace:
    """How fast the offset moves that a journal shows."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()

    def rate(self, now: float, sent: int) -> float | None:
        """Note an offset, and return bytes a second over the last moves; None while there is no telling."""
        if self._samples and sent < self._samples[-1][1]:  # the service kept less than was sent
            self._samples.clear()
        if not self._samples or sent > self._samples[-1][1]:
            self._samples.append((now, sent))
        while len(self._samples) > 2 and now - self._samples[0][0] > PACE_SECONDS:
            self._samples.popleft()
        (then, before), (last, after) = self._samples[0], self._samples[-1]
        is_silent = now - last > PACE_SECONDS
        return None if is_silent or last - then < 0.2 else (after - before) / (last - then)


def row_of_job(job: Job, known: Known) -> TransferRow:
    """Return the row of an upload of this process."""
    progress = job.progress
    row = TransferRow(
        id=job.id,
        label=job.label,
        size=progress.total,
        sent=progress.sent,
        phase=progress.phase.value,
        rate=progress.rate,
        eta=progress.eta_seconds,
        note=progress.trouble,
        variable=job.options.variable,
        file=progress.file.name if progress.file else "",
    )
    if not job.ended:
        if job.asked:
            return replace(row, note=_WAITING[job.asked])
        return replace(row, actions=("pause", "cancel"))
    if progress.error:
        note, hint = progress.error.message, progress.error.hint
        return replace(row, note=note, hint=hint, actions=_again(job.place))
    return _settled(row, job.place, known)


def row_of_entry(entry: Entry, pace: Pace, known: Known) -> TransferRow:
    """Return the row of an upload that the journal tells of.

    Parameters
    ----------
    pace
        Its own, kept from look to look.
    """
    row = TransferRow(
        id=entry.id,
        label=entry.label,
        size=entry.size,
        sent=entry.sent,
        phase=entry.phase,
        note=entry.error,
        variable=entry.variable,
        file=entry.file_name,
    )
    if entry.is_live:
        rate = pace.rate(time.monotonic(), entry.sent)
        eta = (entry.size - entry.sent) / rate if rate else None
        asked = _ASKED.get(entry.request, "")
        row = replace(row, rate=rate, eta=eta, note=asked or entry.error)
        return row if asked else replace(row, actions=("pause", "cancel"))
    if entry.file_name or entry.phase in ("failed", "cancelled"):
        return _settled(row, entry.path, known)
    if entry.error:
        return replace(row, phase="failed", actions=_again(entry.path))
    note = "" if entry.phase in STOPPED else "interrupted"
    again = ("resume",) if entry.path else ()
    return replace(row, phase="paused", note=note, actions=(*again, "cancel"))


def _settled(row: TransferRow, path: str, known: Known) -> TransferRow:
    """Return the row of a transfer that stopped: what the service made of its file, what can be done."""
    row = replace(row, rate=None, eta=None)
    if row.phase == "paused":
        return replace(row, actions=("resume", "cancel"))
    if row.phase in ("failed", "cancelled"):
        return replace(row, actions=_again(path))
    file = known(row.file)
    row = replace(row, sent=row.size, note="")
    if file is None or file.is_active:
        return row
    if file.is_failed:
        reason = file.error.message if file.error and file.error.message else "it gave no reason"
        note = f"The service could not process it: {reason}"
        return replace(row, phase="failed", note=note, hint="Check that it plays or opens.")
    return replace(row, phase="processing")


def _again(place: str) -> tuple[str, ...]:
    return ("retry",) if can_reopen(place) else ()
