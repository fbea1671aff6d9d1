"""What is under way, in this process and every other: rows for a panel, and what can be done with them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from keyword import iskeyword
from pathlib import Path

from ..client.models import File
from ..config import choose_endpoint
from ..errors import FileUnavailable, GemfilesError, InvalidUsage
from ..transfers.entries import REMOVED, Entry, Request
from ..transfers.journal import user_journal
from ..transfers.manager import TransferOptions
from ..transfers.progress import Phase
from ..transfers.reuse import ReusePolicy
from ..views.panel import TransferRow
from .jobs import Job, Jobs
from .listing import Listing
from .spool import Incoming, Spool
from .standing import Pace, row_of_entry, row_of_job
from .workspace import Workspace, current_workspace

__all__ = ["ACTIONS", "Activity"]

ACTIONS = ("pause", "resume", "cancel", "retry")
# How long one that has ended is shown.
SHOWN_SECONDS = 600.0

_GONE = (REMOVED, "gone")


class Activity:
    """The transfers of this user: this process' own jobs, and what the journal says of the others.

    Parameters
    ----------
    listing
        Knows whether a file that was stored is processed.
    spool
        Where bytes wait that came from a browser; they go when their transfer has ended.
    on_end
        Told when a job of this process has ended, from its worker.
    """

    def __init__(self, listing: Listing, spool: Spool, on_end: Callable[[], None]) -> None:
        self._listing = listing
        self._spool = spool
        self._on_end = on_end
        self._jobs = Jobs(self._job_ended)
        self._lock = threading.Lock()
        self._paces: dict[str, Pace] = {}
        self._cleared = 0.0
        self._stored_here: set[str] = set()

    def rows(self) -> tuple[TransferRow, ...]:
        """Return the transfers, newest first; those that have ended only for a while."""
        with self._lock:
            return self._rows()

    def start(self, place: Path | str, label: str, options: TransferOptions, *, id: str = "") -> str:  # noqa: A002
        """Begin to upload a file, and return the transfer's id.

        Raises
        ------
        InvalidUsage
            The variable's name is none.
        SourceError
            There is no such file, or it can't be sent.
        """
        check_variable(options.variable)
        return self._jobs.start(str(place), label, options, id=id).id

    def open_upload(
        self, name: str, size: int, modified: int, mime_type: str, variable: str
    ) -> tuple[Incoming, int]:
        """Return the upload of a browser's file and the bytes there are; one that is whole goes its way.

        Raises
        ------
        SourceRefused, InvalidUsage
            It can't be taken.
        """
        check_variable(variable)
        incoming = self._spool.open(name, size, modified, mime_type, variable)
        job = self._jobs.get(incoming.id)
        if job and self._has_all(job):
            self._spool.take(incoming)
            return incoming, size
        if size and incoming.is_whole:
            self.start_upload(incoming)
        return incoming, incoming.offset

    def start_upload(self, incoming: Incoming) -> None:
        """Begin to send what has come from a browser; the transfer has the upload's id."""
        if self._spool.take(incoming):
            options = TransferOptions(mime_type=incoming.type(), variable=incoming.variable)
            self.start(incoming.path, incoming.name, options, id=incoming.id)

    def sweep(self) -> None:
        """Remove bytes of browsers that were left long ago, and that no transfer needs."""
        self._spool.sweep({entry.path for entry in user_journal().entries(is_open=True)})

    def close(self) -> None:
        """Pause what this process uploads."""
        self._jobs.close()

    def act(self, id: str, action: str) -> TransferRow:  # noqa: A002
        """Pause, resume, cancel or retry a transfer, wherever it runs, and return it as it is then.

        Raises
        ------
        InvalidUsage
            There is no such transfer, or that can't be done with it.
        SourceError
            Its source is gone.
        """
        row = next((row for row in self.rows() if row.id == id), None)
        if row is None:
            raise InvalidUsage("That transfer is not on the list any more.")
        if action not in row.actions:
            raise InvalidUsage(f"{row.label} is {row.phase}, so it can't be asked to {action}.")
        job = self._jobs.get(id)
        if job:
            self._act_on_job(job, action)
        else:
            entry = user_journal().get(id)
            assert entry is not None, "it has a row"
            self._act_on_entry(entry, action)
        return next((row for row in self.rows() if row.id == id), row)

    def clear(self) -> None:
        """Take what has ended off the list; the journal keeps its record."""
        over = {row.id for row in self.rows() if row.is_over}
        self._cleared = time.time()
        for job in self._jobs.all():
            if job.id in over:
                self._jobs.drop(job)
                self._spool.release(Path(job.place))

    def renew(self, name: str) -> str:
        """Begin to send a stored file again from its source, and return the transfer's id.

        Raises
        ------
        FileUnavailable
            Its source is not known.
        SourceNotFound
            Its source is gone.
        """
        entry = current_workspace().journal.of_file(name)
        if entry is None or not entry.path:
            raise FileUnavailable(
                f"Where {name} came from is not known.", status=404, hint="Upload it again from its source."
            )
        options = TransferOptions(
            display_name=entry.display_name or None,
            mime_type=entry.mime_type,
            variable=entry.variable,
            reuse=ReusePolicy.NEVER,
        )
        return self.start(entry.path, entry.display_name or entry.label, options)

    def set_variable(self, name: str, variable: str) -> None:
        """Note which variable holds a file; an empty one for none.

        Raises
        ------
        InvalidUsage
            The variable's name is none.
        FileUnavailable
            There is no such file.
        """
        check_variable(variable)
        workspace = current_workspace()
        file = self._listing.known(name) or workspace.find(name)
        workspace.journal.set_variable(_stored(workspace, file), variable)
        self._listing.expire()

    def follow(self, rows: Sequence[TransferRow]) -> None:
        """Ask the service after what was stored just now and may still be processed."""
        stored = {row.file for row in rows if row.phase in ("done", "processing")}
        self._listing.follow(stored & self._stored_here)

    def _rows(self) -> tuple[TransferRow, ...]:
        now = time.time()
        entries = user_journal().recent(max(now - SHOWN_SECONDS, self._cleared))
        jobs = self._jobs.all()  # after the journal: what is new there is known here
        own = {name for job in jobs for name in (job.id, job.progress.id)}
        unwritten = {job.source.place: job for job in jobs if not job.progress.id}
        others = [
            entry
            for entry in entries
            if entry.id not in own
            and entry.phase not in _GONE
            and not (entry.path in unwritten and _is_of(entry, unwritten[entry.path]))
        ]
        known = self._listing.known
        shown = [(job.started, job.ended, row_of_job(job, known)) for job in jobs]
        shown += [
            (
                entry.created,
                entry.heartbeat,
                row_of_entry(entry, self._paces.setdefault(entry.id, Pace()), known),
            )
            for entry in others
        ]
        here = _place()
        self._stored_here = {
            entry.file_name for entry in entries if entry.endpoint == here and entry.phase == "done"
        }
        self._paces = {entry.id: self._paces[entry.id] for entry in others}
        shown.sort(key=lambda item: item[0], reverse=True)
        past = {row.id for _, ended, row in shown if self._is_past(row, ended, now)}
        for job in jobs:
            if job.id in past:
                self._jobs.drop(job)
        return tuple(row for _, _, row in shown if row.id not in past)

    def _has_all(self, job: Job) -> bool:
        """Whether a job has a browser's bytes, so that they need not come again."""
        if job.progress.phase is not Phase.DONE:
            return not job.ended or job.progress.phase is Phase.PAUSED
        entry = user_journal().get(job.progress.id)
        return entry is not None and entry.phase == "done" and entry.expires > time.time()

    def _job_ended(self, job: Job) -> None:
        if job.progress.phase in (Phase.DONE, Phase.CANCELLED):
            self._spool.release(Path(job.place))
        self._on_end()

    def _is_past(self, row: TransferRow, ended: float, now: float) -> bool:
        """Whether a row was cleared away or has been shown for long enough; a failure stays until cleared."""
        longest = float("inf") if row.phase == "failed" else SHOWN_SECONDS
        return row.is_over and ended < max(self._cleared, now - longest)

    def _act_on_job(self, job: Job, action: str) -> None:
        if action in ("resume", "retry"):
            self._jobs.go_on(job)
        elif action == "pause":
            self._jobs.stop(job, Phase.PAUSED)
        else:
            self._jobs.stop(job, Phase.CANCELLED)

    def _act_on_entry(self, entry: Entry, action: str) -> None:
        workspace = current_workspace()
        if action in ("pause", "cancel"):
            workspace.ask_transfers([entry.id], Request(action))
            if action == "cancel" and not entry.is_live:
                self._spool.release(Path(entry.path))
            return
        endpoint = workspace.client.endpoint
        if (entry.endpoint, entry.key) != (endpoint.place, endpoint.key_fingerprint):
            raise InvalidUsage(
                f"{entry.label} was going elsewhere, or with another key.",
                hint="Go on with it where it was started.",
            )
        options = TransferOptions(
            display_name=entry.display_name or None, mime_type=entry.mime_type, variable=entry.variable
        )
        self._jobs.start(entry.path, entry.label, options, id=entry.id)


def check_variable(name: str) -> None:
    """Raise `InvalidUsage` unless a name is empty or a variable could be called so."""
    if name and (not name.isidentifier() or iskeyword(name)):
        raise InvalidUsage(f"{name!r} can't be the name of a variable.", hint="Use letters, digits and _.")


def _is_of(entry: Entry, job: Job) -> bool:
    """Whether an entry is a job's that has not heard of it yet, as it looks only ten times a second."""
    return entry.heartbeat >= job.started and (entry.is_mine or not entry.is_live)


def _stored(workspace: Workspace, file: File) -> Entry:
    """Return what the journal would say of a file that another machine stored."""
    endpoint = workspace.client.endpoint
    return Entry(
        id="",
        label=file.label,
        size=file.size_bytes or 0,
        mime_type=file.mime_type or "",
        endpoint=endpoint.place,
        key=endpoint.key_fingerprint,
        file_id=file.id,
        display_name=file.display_name or "",
        file_name=file.name,
        expires=file.expiration_time.timestamp() if file.expiration_time else 0.0,
    )


def _place() -> str:
    """Return what this process' files are stored at; nothing where the settings make no sense."""
    try:
        return choose_endpoint().place
    except GemfilesError:
        return ""
