"""One SQLite file that only its owner may read; safe to use from any thread, process or fork.

What is deleted is overwritten.  Where the file can't be written it is kept in memory; where it can't be
read it is put aside; both are said in a warning.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Generic, TypeVar

__all__ = ["Database", "is_on_network"]

BUSY_SECONDS = 10.0
# WAL needs shared memory, which these do not have.
_NETWORK_FILE_SYSTEMS = ("nfs", "cifs", "smb", "fuse", "9p", "lustre", "gluster", "ceph", "beegfs", "afs")


T = TypeVar("T")


class _Work(Generic[T]):
    """What one thread wants written."""

    def __init__(self, do: Callable[[sqlite3.Cursor], T]) -> None:
        self.do = do
        self.is_done = False
        self.result: T


class Database:
    """A database in a folder of ours, which is created with mode 0700.

    Parameters
    ----------
    path
        Of the file.
    schema
        Version of the tables; a file of another version counts as unreadable.
    create
        Creates the tables that are missing.
    """

    def __init__(self, path: Path, schema: int, create: Callable[[sqlite3.Connection], None]) -> None:
        self._path = path
        self._schema = schema
        self._create = create
        self._lock = threading.RLock()
        self._waiting: deque[_Work[Any]] = deque()
        self._pid = os.getpid()
        self._connection = self._open()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Cursor]:
        """Read with one statement, which needs no transaction and waits for no writer."""
        with self._lock:
            self._follow_fork()
            # Closed before others may commit: a statement with rows left would keep them from it.
            with closing(self._connection.cursor()) as cursor:
                yield cursor

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Cursor]:
        """Read and write all or nothing; short, and never around requests."""
        with self.reading() as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
                self._connection.commit()
            except BaseException:
                self._connection.rollback()
                raise

    def write(self, do: Callable[[sqlite3.Cursor], T]) -> T:
        """Do some work in a transaction, and return its result once that is on disk.

        Threads that would wait for each other share one transaction: who gets the lock does the work of
        all who wait for it. A commit for each would keep many small uploads waiting for the journal.

        Parameters
        ----------
        do
            Called again by itself if the shared transaction failed.
        """
        work = _Work(do)
        self._waiting.append(work)
        with self._lock:
            if not work.is_done:
                self._follow_fork()
                waiting = [self._waiting.popleft() for _ in range(len(self._waiting))]
                if len(waiting) > 1:
                    with suppress(sqlite3.Error):  # one of them fails for all
                        self._do(waiting)
            if not work.is_done:
                self._do([work])
        return work.result

    def _do(self, works: Sequence[_Work[Any]]) -> None:
        with self.transaction() as cursor:
            results = [work.do(cursor) for work in works]
        for work, result in zip(works, results, strict=True):
            work.result, work.is_done = result, True

    def changes(self) -> int:
        """Return a number that is another one once something was written; costs next to nothing."""
        with self.reading() as cursor:
            elsewhere = int(cursor.execute("PRAGMA data_version").fetchone()[0])
            return elsewhere + self._connection.total_changes

    def wipe_log(self) -> None:
        """Take what was erased out of the write-ahead log, too."""
        with self.reading() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def _follow_fork(self) -> None:
        if os.getpid() != self._pid:  # a connection must not cross a fork
            self._pid, self._connection = os.getpid(), self._open()
            self._waiting.clear()  # their threads are the parent's

    def _open(self) -> sqlite3.Connection:
        path = self._path
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.parent.chmod(0o700)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            path.chmod(0o600)  # one that others could read is repaired
            return self._prepared(str(path))
        except sqlite3.DatabaseError:
            aside = path.with_name(f"{path.stem}-unreadable-{time.time_ns()}{path.suffix}")
            with suppress(OSError):
                path.replace(aside)
                warnings.warn("The journal was unreadable; a new one begins.", stacklevel=5)
                return self._prepared(str(path))
        except OSError:
            pass
        warnings.warn(
            "The journal can't be written: transfers are remembered only until the end.", stacklevel=5
        )
        return self._prepared(":memory:")

    def _prepared(self, place: str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            place, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        mode = "DELETE" if is_on_network(self._path.parent) else "WAL"
        for pragma in (f"journal_mode = {mode}", "synchronous = NORMAL", "secure_delete = ON"):
            connection.execute(f"PRAGMA {pragma}")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, self._schema):
            connection.close()
            raise sqlite3.DatabaseError("written by another version")
        self._create(connection)
        connection.execute(f"PRAGMA user_version = {self._schema}")
        return connection


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
