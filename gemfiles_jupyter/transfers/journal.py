"""The record of all transfers of this user: who sends what, how far it is, what was stored where.

It is what lets a transfer outlive its kernel, be paused or cancelled from another process, and not be
sent twice. One SQLite file in a folder that only its owner may read, for it holds upload URLs, which
are credentials; they are erased when a transfer ends. Transactions are short and never span I/O.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
import warnings
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ..config import home
from . import claims
from .database import Database
from .entries import REMOVED, STOPPED, Claim, Entry, Request, Verdict
from .entry_table import IS_UNFINISHED, SCHEMA, create, insert, select, update

__all__ = ["Journal", "user_journal"]

KEPT_ENDED = 5000
# Erasing a log costs a write to disk: at once after a big transfer, at the end of the batch after small ones.
WIPE_BYTES = 1024 * 1024


class Journal:
    """The journal in one folder; safe to use from any thread, process or fork.

    Where it can't be written, transfers go on without it, and a warning says so once.

    Parameters
    ----------
    folder
        Where its database is.
    """

    def __init__(self, folder: Path) -> None:
        self.database = Database(folder / "journal.db", SCHEMA, create)
        self._has_complained = False

    def begin(self, wanted: Entry) -> Entry | None:
        """Enter a transfer of which nothing is known here, as mostly; None where something is.

        Known is what has the same content, and what was left unfinished of the same source.
        """
        entry = claims.entry_of_ours(wanted)
        try:
            is_new = self.database.write(lambda cursor: claims.begin(cursor, entry))
        except sqlite3.Error as error:
            self._complain(error)
            is_new = True
        return entry if is_new else None

    def claim(self, wanted: Entry, since: float, *, has_chosen_id: bool = False) -> Claim:
        """Enter a transfer, unless it is already there.

        The same source to the same place is adopted if it was left unfinished; the same content is
        busy if another worker is sending it right now, or has stored it since a time.

        Parameters
        ----------
        since
            When the caller began to look for a stored file (seconds since the epoch).
        has_chosen_id
            Only a transfer of that very file id may be gone on with.
        """
        entry = claims.entry_of_ours(wanted)
        try:
            return self.database.write(
                lambda cursor: claims.claim(cursor, entry, since, has_chosen_id=has_chosen_id)
            )
        except sqlite3.Error as error:
            self._complain(error)
            return Claim(Verdict.NEW, entry)

    def record(self, ended: Entry) -> str:
        """Write down a transfer that needed no sending, once for each source and file; return its id."""
        now = time.time()
        entry = replace(ended, id=secrets.token_hex(4), created=now, heartbeat=now, phase="done")

        def enter(cursor: sqlite3.Cursor) -> str:
            claims.give_up_same(cursor, ended)
            known = select(
                cursor,
                "path = ? AND size = ? AND modified_ns = ? AND file_name = ?",
                (ended.path, ended.size, ended.modified_ns, ended.file_name),
            )
            if known:
                return known[0].id
            insert(cursor, entry)
            return entry.id

        return self.database.write(enter)

    def note(self, entry: Entry, **changes: object) -> None:
        """Write down what is new about a transfer of ours."""
        new = {**changes, "heartbeat": time.time()}
        try:
            self.database.write(lambda cursor: update(cursor, entry.id, new, owner=entry.owner))
        except sqlite3.Error as error:
            self._complain(error)

    def beat(self, entry: Entry, sent: int, phase: str) -> Request:
        """Give a sign of life, and return what is asked of us; a transfer that we lost is to be paused."""
        try:
            with self.database.transaction() as cursor:
                changes = {"sent": sent, "phase": phase, "heartbeat": time.time()}
                is_ours = update(cursor, entry.id, changes, owner=entry.owner)
                now = _get(cursor, entry.id)
        except sqlite3.Error as error:
            self._complain(error)
            return Request.NONE
        return Request(now.request) if is_ours and now else Request.PAUSE

    def end(self, entry: Entry, phase: str, **changes: object) -> None:
        """Write down how a transfer ended, and erase its upload URL unless it is only paused."""
        kept: dict[str, object] = {} if phase in STOPPED else {"session": ""}
        over = {**changes, **kept, "phase": phase, "request": "", "owner": "", "pid": 0}
        over["heartbeat"] = time.time()
        try:
            self.database.write(lambda cursor: update(cursor, entry.id, over, owner=entry.owner))
            if kept and entry.size > WIPE_BYTES:
                self.wipe()
        except sqlite3.Error as error:
            self._complain(error)

    def wipe(self) -> None:
        """Take what was erased out of the log as well, and forget the oldest of many transfers."""
        with suppress(sqlite3.Error):
            with self.database.transaction() as cursor:
                cursor.execute(
                    f"DELETE FROM transfers WHERE NOT {IS_UNFINISHED} AND created <"  # noqa: S608
                    " (SELECT created FROM transfers ORDER BY created DESC LIMIT 1 OFFSET ?)",
                    (KEPT_ENDED,),
                )
            self.database.wipe_log()

    def ask(self, id: str, request: Request) -> None:  # noqa: A002
        """Ask the worker of a transfer, wherever it is, to pause or cancel."""
        with self.database.transaction() as cursor:
            update(cursor, id, {"request": request.value})

    def discard(self, entry: Entry) -> None:
        """Give up a transfer that nobody is at."""
        self.end(entry, "cancelled")

    def get(self, id: str) -> Entry | None:  # noqa: A002
        """Return one transfer."""
        with self.database.reading() as cursor:
            return _get(cursor, id)

    def entries(self, *, is_open: bool = False, limit: int = 200) -> list[Entry]:
        """Return transfers, newest first.

        Parameters
        ----------
        is_open
            Only those that have not ended.
        """
        where = IS_UNFINISHED if is_open else "1"
        with self.database.reading() as cursor:
            return select(cursor, f"{where} ORDER BY created DESC LIMIT ?", (limit,))

    def recent(self, since: float, limit: int = 200) -> list[Entry]:
        """Return the transfers that have not ended, or ended since a time, newest first."""
        with self.database.reading() as cursor:
            return select(
                cursor,
                f"{IS_UNFINISHED} OR heartbeat >= ? ORDER BY created DESC LIMIT ?",
                (since, limit),
            )

    def at(self, endpoint: str, key: str) -> list[Entry]:
        """Return the transfers that stored a file at a place with a key, newest first."""
        with self.database.reading() as cursor:
            return select(
                cursor,
                "phase = 'done' AND file_name != '' AND endpoint = ? AND key = ? ORDER BY created DESC",
                (endpoint, key),
            )

    def set_variable(self, stored: Entry, variable: str) -> None:
        """Note which variable holds a file; no other file of that place is held by it then.

        Parameters
        ----------
        stored
            The file; what is written down where another machine stored it.
        """
        with self.database.transaction() as cursor:
            place = (stored.endpoint, stored.key)
            if variable:
                cursor.execute(
                    "UPDATE transfers SET variable = '' WHERE variable = ? AND endpoint = ? AND key = ?",
                    (variable, *place),
                )
            cursor.execute(
                "UPDATE transfers SET variable = ? WHERE file_name = ? AND endpoint = ? AND key = ?",
                (variable, stored.file_name, *place),
            )
            if not cursor.rowcount:
                now = time.time()
                entry = replace(stored, id=secrets.token_hex(4), created=now, variable=variable, phase="done")
                insert(cursor, entry)

    def stored(self, wanted: Entry) -> list[Entry]:
        """Return what was stored of this size and type at the same place and has not expired."""
        with self.database.reading() as cursor:
            return select(
                cursor,
                "phase = 'done' AND file_name != '' AND endpoint = ? AND key = ? AND size = ?"
                " AND mime_type = ? AND sample = ? ORDER BY expires DESC LIMIT 20",
                (wanted.endpoint, wanted.key, wanted.size, wanted.mime_type, wanted.sample),
            )

    def known(self, path: str, size: int, modified_ns: int) -> Entry | None:
        """Return the transfer of a source that was read before and has not changed since."""
        with self.database.reading() as cursor:
            found = select(
                cursor,
                "path = ? AND size = ? AND modified_ns = ? AND sha256 != '' ORDER BY created DESC LIMIT 1",
                (path, size, modified_ns),
            )
        return found[0] if path and found else None

    def of_file(self, file_name: str) -> Entry | None:
        """Return the last transfer that stored a file, or that found it stored."""
        return next(iter(self.all_of_file(file_name)), None)

    def all_of_file(self, file_name: str) -> list[Entry]:
        """Return the transfer that stored a file, and those that found it stored; newest first."""
        with self.database.reading() as cursor:
            return select(cursor, "file_name = ? ORDER BY created DESC", (file_name,))

    def forget_file(self, file_name: str, *, is_removed: bool = False) -> None:
        """Note that a file is gone, so that it is not looked for again.

        Parameters
        ----------
        is_removed
            The user deleted it, so nothing should bring it back.
        """
        phase = REMOVED if is_removed else "gone"
        with self.database.transaction() as cursor:
            cursor.execute("UPDATE transfers SET phase = ? WHERE file_name = ?", (phase, file_name))

    def _complain(self, error: sqlite3.Error) -> None:
        """Say once that the journal does not work; a transfer goes on without it."""
        if not self._has_complained:
            self._has_complained = True
            warnings.warn(
                f"The journal can't be written ({error}); transfers go on without it.", stacklevel=4
            )


_opened: dict[Path, Journal] = {}


def user_journal() -> Journal:
    """Return the journal of this user, opened once a process and home."""
    folder = home()
    if folder not in _opened:
        _opened[folder] = Journal(folder)
    return _opened[folder]


def _get(cursor: sqlite3.Cursor, id: str) -> Entry | None:  # noqa: A002
    return next(iter(select(cursor, "id = ?", (id,))), None)
