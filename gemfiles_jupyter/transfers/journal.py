"""The record of all transfers of this user: who sends what, how far it is, what was stored where.

It is what lets a transfer outlive its kernel, be paused or cancelled from another process, and not be
sent twice. One SQLite file in a folder that only its owner may read, for it holds upload URLs, which
are credentials; they are erased when a transfer ends. Transactions are short and never span I/O.
"""

from __future__ import annotations

import os
import secrets
import socket
import sqlite3
import threading
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from ..config import home
from .entries import LIVE, REMOVED, STOPPED, Claim, Entry, Request, Verdict

__all__ = ["Journal", "is_on_network", "user_journal"]

SCHEMA = 2
BUSY_SECONDS = 10.0
KEPT_ENDED = 5000
# Erasing a log costs a write to disk: at once after a big transfer, at the end of the batch after small ones.
WIPE_BYTES = 1024 * 1024


# WAL needs shared memory, which these do not have.
_NETWORK_FILE_SYSTEMS = ("nfs", "cifs", "smb", "fuse", "9p", "lustre", "gluster", "ceph", "beegfs", "afs")


_COLUMNS = tuple(item.name for item in fields(Entry))
_NUMBERS = ("size", "modified_ns", "sent", "pid")
_TIMES = ("expires", "heartbeat", "created")


class Journal:
    """The journal in one folder; safe to use from any thread, process or fork.

    Parameters
    ----------
    folder
        Created with mode 0700. Where it can't be written, the journal is kept in memory, and a
        warning says so once.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.RLock()
        self._pid = os.getpid()
        self._has_complained = False
        self._connection = self._open()

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
        now = time.time()
        claimed = replace(
            wanted,
            id=secrets.token_hex(4),
            owner=secrets.token_hex(8),
            host=socket.gethostname(),
            pid=os.getpid(),
            heartbeat=now,
            created=now,
        )
        try:
            with self.transaction() as cursor:
                return self._claim(cursor, wanted, claimed, since, has_chosen_id=has_chosen_id)
        except sqlite3.Error as error:
            self._complain(error)
            return Claim(Verdict.NEW, claimed)

    def _claim(
        self,
        cursor: sqlite3.Cursor,
        wanted: Entry,
        claimed: Entry,
        since: float,
        *,
        has_chosen_id: bool,
    ) -> Claim:
        content = (wanted.endpoint, wanted.key, wanted.size, wanted.mime_type, wanted.sample)
        same = self._select(
            cursor,
            "endpoint = ? AND key = ? AND size = ? AND mime_type = ? AND sample = ?"
            f" AND (phase IN ({_marks(LIVE + STOPPED)}) OR phase = 'done' AND heartbeat >= ?)"
            " ORDER BY created",
            (*content, *LIVE, *STOPPED, since),
        )
        for entry in same:
            if entry.is_live or entry.phase == "done":
                return Claim(Verdict.BUSY, entry)
        for entry in same:
            is_same_source = (entry.path, entry.modified_ns) == (wanted.path, wanted.modified_ns)
            is_same_id = entry.file_id == wanted.file_id or not has_chosen_id
            if entry.path and is_same_source and is_same_id and entry.display_name == wanted.display_name:
                mine = {name: getattr(claimed, name) for name in ("owner", "host", "pid", "heartbeat")}
                self._update(cursor, entry.id, {**mine, "phase": "queued", "request": "", "error": ""})
                return Claim(Verdict.ADOPTED, self._get(cursor, entry.id) or entry)
        self._give_up_others(cursor, wanted)
        self._insert(cursor, claimed)
        return Claim(Verdict.NEW, claimed)

    def _give_up_others(self, cursor: sqlite3.Cursor, wanted: Entry) -> None:
        """End what was left unfinished of a source that is sent anew, because it has changed."""
        if not wanted.path:
            return
        left = self._select(
            cursor,
            f"path = ? AND endpoint = ? AND key = ? AND phase IN ({_marks(LIVE + STOPPED)})",
            (wanted.path, wanted.endpoint, wanted.key, *LIVE, *STOPPED),
        )
        for entry in left:
            is_another = (entry.size, entry.modified_ns) != (wanted.size, wanted.modified_ns)
            if is_another and not entry.is_live:
                changes = {"phase": "cancelled", "session": "", "error": "its source changed"}
                self._update(cursor, entry.id, changes)

    def record(self, ended: Entry) -> str:
        """Write down a transfer that needed no sending, once for each source and file; return its id."""
        with self.transaction() as cursor:
            known = self._select(
                cursor,
                "path = ? AND size = ? AND modified_ns = ? AND file_name = ?",
                (ended.path, ended.size, ended.modified_ns, ended.file_name),
            )
            if known:
                return known[0].id
            now = time.time()
            entry = replace(ended, id=secrets.token_hex(4), created=now, heartbeat=now, phase="done")
            self._insert(cursor, entry)
            return entry.id

    def note(self, entry: Entry, **changes: object) -> None:
        """Write down what is new about a transfer of ours."""
        try:
            with self.transaction() as cursor:
                self._update(cursor, entry.id, {**changes, "heartbeat": time.time()}, owner=entry.owner)
        except sqlite3.Error as error:
            self._complain(error)

    def beat(self, entry: Entry, sent: int, phase: str) -> Request:
        """Give a sign of life, and return what is asked of us; a transfer that we lost is to be paused."""
        try:
            with self.transaction() as cursor:
                changes = {"sent": sent, "phase": phase, "heartbeat": time.time()}
                is_ours = self._update(cursor, entry.id, changes, owner=entry.owner)
                now = self._get(cursor, entry.id)
        except sqlite3.Error as error:
            self._complain(error)
            return Request.NONE
        return Request(now.request) if is_ours and now else Request.PAUSE

    def end(self, entry: Entry, phase: str, **changes: object) -> None:
        """Write down how a transfer ended, and erase its upload URL unless it is only paused."""
        kept: dict[str, object] = {} if phase in STOPPED else {"session": ""}
        over = {**changes, **kept, "phase": phase, "request": "", "owner": "", "pid": 0}
        try:
            with self.transaction() as cursor:
                self._update(cursor, entry.id, {**over, "heartbeat": time.time()}, owner=entry.owner)
            if kept and entry.size > WIPE_BYTES:
                self.wipe()
        except sqlite3.Error as error:
            self._complain(error)

    def wipe(self) -> None:
        """Take what was erased out of the log as well, and forget the oldest of many transfers."""
        with self._lock, suppress(sqlite3.Error):
            self._connection.execute(
                f"DELETE FROM transfers WHERE phase NOT IN ({_marks(LIVE + STOPPED)}) AND created <"  # noqa: S608
                " (SELECT created FROM transfers ORDER BY created DESC LIMIT 1 OFFSET ?)",
                (*LIVE, *STOPPED, KEPT_ENDED),
            )
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def ask(self, id: str, request: Request) -> None:  # noqa: A002
        """Ask the worker of a transfer, wherever it is, to pause or cancel."""
        with self.transaction() as cursor:
            self._update(cursor, id, {"request": request.value})

    def discard(self, entry: Entry) -> None:
        """Give up a transfer that nobody is at."""
        self.end(entry, "cancelled")

    def get(self, id: str) -> Entry | None:  # noqa: A002
        """Return one transfer."""
        with self._reading() as cursor:
            return self._get(cursor, id)

    def entries(self, *, is_open: bool = False, limit: int = 200) -> list[Entry]:
        """Return transfers, newest first.

        Parameters
        ----------
        is_open
            Only those that have not ended.
        """
        where = f"phase IN ({_marks(LIVE + STOPPED)})" if is_open else "1"
        values: tuple[object, ...] = LIVE + STOPPED if is_open else ()
        with self._reading() as cursor:
            return self._select(cursor, f"{where} ORDER BY created DESC LIMIT ?", (*values, limit))

    def recent(self, since: float, limit: int = 200) -> list[Entry]:
        """Return the transfers that have not ended, or ended since a time, newest first."""
        with self._reading() as cursor:
            return self._select(
                cursor,
                f"phase IN ({_marks(LIVE + STOPPED)}) OR heartbeat >= ? ORDER BY created DESC LIMIT ?",
                (*LIVE, *STOPPED, since, limit),
            )

    def changes(self) -> int:
        """Return a number that is another one once something was written; costs next to nothing."""
        with self._lock:
            elsewhere = int(self._connection.execute("PRAGMA data_version").fetchone()[0])
            return elsewhere + self._connection.total_changes

    def at(self, endpoint: str, key: str) -> list[Entry]:
        """Return the transfers that stored a file at a place with a key, newest first."""
        with self._reading() as cursor:
            return self._select(
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
        with self.transaction() as cursor:
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
                self._insert(cursor, entry)

    def stored(self, wanted: Entry) -> list[Entry]:
        """Return what was stored of this size and type at the same place and has not expired."""
        with self._reading() as cursor:
            return self._select(
                cursor,
                "phase = 'done' AND file_name != '' AND endpoint = ? AND key = ? AND size = ?"
                " AND mime_type = ? AND sample = ? ORDER BY expires DESC LIMIT 20",
                (wanted.endpoint, wanted.key, wanted.size, wanted.mime_type, wanted.sample),
            )

    def known(self, path: str, size: int, modified_ns: int) -> Entry | None:
        """Return the transfer of a source that was read before and has not changed since."""
        with self._reading() as cursor:
            found = self._select(
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
        with self._reading() as cursor:
            return self._select(cursor, "file_name = ? ORDER BY created DESC", (file_name,))

    def forget_file(self, file_name: str, *, is_removed: bool = False) -> None:
        """Note that a file is gone, so that it is not looked for again.

        Parameters
        ----------
        is_removed
            The user deleted it, so nothing should bring it back.
        """
        phase = REMOVED if is_removed else "gone"
        with self.transaction() as cursor:
            cursor.execute("UPDATE transfers SET phase = ? WHERE file_name = ?", (phase, file_name))

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._connection.close()

    # The database

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Cursor]:
        """Read with one statement, which needs no transaction and waits for no writer."""
        with self._lock:
            self._follow_fork()
            yield self._connection.cursor()

    def _follow_fork(self) -> None:
        if os.getpid() != self._pid:  # a connection must not cross a fork
            self._pid, self._connection = os.getpid(), self._open()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Cursor]:
        """Read and write all or nothing; short, and never around requests."""
        with self._lock:
            self._follow_fork()
            cursor = self._connection.cursor()
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
            except BaseException:
                self._connection.rollback()
                raise
            self._connection.commit()

    def _open(self) -> sqlite3.Connection:
        path = self._folder / "journal.db"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.chmod(0o700)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            path.chmod(0o600)  # one that others could read is repaired
            return self._prepared(str(path))
        except sqlite3.DatabaseError:
            aside = path.with_name(f"journal-unreadable-{time.time_ns()}.db")
            with suppress(OSError):
                path.replace(aside)
                warnings.warn("The journal was unreadable; a new one begins.", stacklevel=4)
                return self._prepared(str(path))
        except OSError:
            pass
        warnings.warn(
            "The journal can't be written: transfers are remembered only until the end.", stacklevel=4
        )
        return self._prepared(":memory:")

    def _prepared(self, place: str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            place, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        mode = "DELETE" if is_on_network(self._folder) else "WAL"
        for pragma in (f"journal_mode = {mode}", "synchronous = NORMAL", "secure_delete = ON"):
            connection.execute(f"PRAGMA {pragma}")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, SCHEMA):
            connection.close()
            raise sqlite3.DatabaseError("written by another version")
        kinds = dict.fromkeys(_NUMBERS, "INTEGER") | dict.fromkeys(_TIMES, "REAL")
        columns = ", ".join(f"{name} {kinds.get(name, 'TEXT')} NOT NULL" for name in _COLUMNS)
        connection.execute(f"CREATE TABLE IF NOT EXISTS transfers ({columns}, PRIMARY KEY (id))")
        connection.execute("CREATE INDEX IF NOT EXISTS by_content ON transfers (size, sample)")
        connection.execute("CREATE INDEX IF NOT EXISTS by_path ON transfers (path)")
        connection.execute("CREATE INDEX IF NOT EXISTS by_file ON transfers (file_name)")
        connection.execute("CREATE INDEX IF NOT EXISTS by_time ON transfers (created)")
        connection.execute(f"PRAGMA user_version = {SCHEMA}")
        return connection

    @staticmethod
    def _select(cursor: sqlite3.Cursor, where: str, values: tuple[object, ...]) -> list[Entry]:
        rows = cursor.execute(f"SELECT * FROM transfers WHERE {where}", values)  # noqa: S608 (our own text)
        return [Entry(**dict(row)) for row in rows.fetchall()]

    def _get(self, cursor: sqlite3.Cursor, id: str) -> Entry | None:  # noqa: A002
        found = self._select(cursor, "id = ?", (id,))
        return found[0] if found else None

    @staticmethod
    def _insert(cursor: sqlite3.Cursor, entry: Entry) -> None:
        cursor.execute(
            f"INSERT INTO transfers ({', '.join(_COLUMNS)}) VALUES ({_marks(_COLUMNS)})",  # noqa: S608
            [getattr(entry, name) for name in _COLUMNS],
        )

    @staticmethod
    def _update(
        cursor: sqlite3.Cursor,
        id: str,  # noqa: A002
        changes: Mapping[str, Any],
        owner: str | None = None,
    ) -> bool:
        """Change an entry, if it is still the owner's; return whether it was."""
        unknown = set(changes) - set(_COLUMNS)
        assert not unknown, unknown
        names = ", ".join(f"{name} = ?" for name in changes)
        where = "id = ?" if owner is None else "id = ? AND owner = ?"
        who = [id] if owner is None else [id, owner]
        cursor.execute(f"UPDATE transfers SET {names} WHERE {where}", [*changes.values(), *who])  # noqa: S608
        return cursor.rowcount > 0

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


def _marks(items: tuple[str, ...]) -> str:
    return ", ".join("?" for _ in items)


def is_on_network(folder: Path) -> bool:
    """Whether a folder is on a network file system, as homes on hubs often are."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
        real = str(folder.resolve())
    except OSError:
        return False
    best, kind = "", ""
    for line in mounts:
        _, place, system, *_ = [*line.split(" "), "", "", ""]
        place = place.replace("\\040", " ")
        is_above = real == place or real.startswith(place.rstrip("/") + "/")
        if is_above and len(place) >= len(best):
            best, kind = place, system
    return kind.startswith(_NETWORK_FILE_SYSTEMS)
