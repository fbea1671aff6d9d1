"""Notices what changes, whoever changes it, and tells the pages that listen."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from ..transfers.journal import user_journal
from ..views.panel import TransferRow
from .activity import Activity
from .listing import Listing

__all__ = ["Tell", "Watch"]

TICK_SECONDS = 0.5
# Many rows are told of more seldom.
MANY = 100
MANY_TICK_SECONDS = 1.0
# Even when nothing is written, a worker may have died, and what has ended is shown only for a while.
IDLE_LOOK_SECONDS = 10.0

Tell = Callable[[dict[str, object]], None]


class Watch:
    """A thread that looks at the journal twice a second, and tells only of changes.

    Parameters
    ----------
    tell
        Called from the thread with each event.
    log
        Where a look that fails is written down.
    """

    def __init__(self, activity: Activity, listing: Listing, tell: Tell, log: logging.Logger) -> None:
        self._activity = activity
        self._listing = listing
        self._tell = tell
        self._log = log
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_over = False
        self._wake = threading.Event()
        self._rows: tuple[TransferRow, ...] = ()
        self._version = 0
        self._changes = -1
        self._next_look = 0.0

    def start(self) -> None:
        """Begin, unless it has begun: when the first page asks for something."""
        with self._lock:
            if self._thread is None and not self._is_over:
                self._thread = threading.Thread(target=self._run, name="gemfiles-watch", daemon=True)
                self._thread.start()

    def wake(self) -> None:
        """Look at once: something was done here."""
        self._next_look = 0.0
        self._wake.set()

    def close(self) -> None:
        """End the thread."""
        with self._lock:
            self._is_over = True
            thread = self._thread
        self._wake.set()
        if thread:
            thread.join(5.0)

    def _run(self) -> None:
        has_failed = False
        self._activity.sweep()
        while not self._is_over:
            try:
                self._look()
                has_failed = False
            except Exception:  # whatever it is, the next look may go well
                if not has_failed:
                    self._log.exception("The journal can't be looked at; it is tried again.")
                has_failed = True
            self._wake.wait(MANY_TICK_SECONDS if len(self._rows) > MANY else TICK_SECONDS)
            self._wake.clear()

    def _look(self) -> None:
        now, changes = time.monotonic(), user_journal().database.changes()
        is_moving = any(not row.is_over and row.phase != "paused" for row in self._rows)
        if is_moving or changes != self._changes or now >= self._next_look:
            self._changes, self._next_look = changes, now + IDLE_LOOK_SECONDS
            self._activity.follow(self._activity.rows())
            rows = self._activity.rows()  # with what was just heard
            if rows != self._rows:
                self._rows = rows
                self._tell({"kind": "transfers", "transfers": [row.record() for row in rows]})
        else:
            self._activity.follow(())
        if self._listing.version != self._version:
            self._version = self._listing.version
            self._tell({"kind": "files"})
