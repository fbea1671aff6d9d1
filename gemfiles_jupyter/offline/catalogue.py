"""The metadata, in SQLite: files, upload sessions and a few settings; stores have a module of their own.

Every method is one transaction and is called on the one database thread of
:class:`~.storage.Storage`, so the connection needs no lock and the event loop never
waits for the disk.
"""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import problems
from .media import Facts
from .resources import Source, StoredFile
from .store_catalogue import StoreCatalogue

_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, file_id TEXT UNIQUE NOT NULL, key_hash TEXT NOT NULL,
    display_name TEXT NOT NULL, mime_type TEXT NOT NULL, size_bytes INTEGER NOT NULL, sha256 TEXT NOT NULL,
    blob TEXT NOT NULL, created_ns INTEGER NOT NULL, ready_ns INTEGER NOT NULL, expires_ns INTEGER NOT NULL,
    facts TEXT, source TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS files_of_key ON files (key_hash, sequence);
CREATE INDEX IF NOT EXISTS files_by_expiration ON files (expires_ns);
CREATE TABLE IF NOT EXISTS sessions (
    session_hash TEXT PRIMARY KEY, key_hash TEXT NOT NULL, blob TEXT NOT NULL, file_id TEXT NOT NULL,
    display_name TEXT NOT NULL, mime_type TEXT NOT NULL, declared_bytes INTEGER, created_ns INTEGER NOT NULL,
    status TEXT NOT NULL, outcome_code INTEGER, outcome TEXT, protocol TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

# In the order of the fields of StoredFile and SessionRecord; a file's sequence number comes first.
_FILE_COLUMNS = (
    "sequence, file_id, key_hash, display_name, mime_type, size_bytes, sha256, blob, "
    "created_ns, ready_ns, expires_ns, facts, source"
)
_SESSION_COLUMNS = (
    "session_hash, key_hash, blob, file_id, display_name, mime_type, declared_bytes, created_ns, "
    "status, outcome_code, outcome, protocol"
)


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """An upload session as it is kept on disk.

    How many bytes were received is not in it: that is the size of its blob, so
    the two can't disagree after a crash.
    """

    session_hash: str
    key_hash: str
    blob: str
    file_id: str
    display_name: str
    mime_type: str
    declared_bytes: int | None
    created_ns: int
    status: str = "active"
    outcome_code: int | None = None
    outcome: str | None = None
    protocol: str = "resumable"


class Catalogue:
    """The tables, one method a question or change."""

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)  # the write-ahead log takes its mode from here
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        # One process owns the folder: exclusive locking needs no shared memory, so
        # the write-ahead log is safe on network file systems too.
        self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_SCHEMA)
        self.stores = StoreCatalogue(self._connection, self._durable_transaction)
        self.cursor_secret = bytes.fromhex(self.setting("cursor_secret") or self._new_secret())

    def close(self) -> None:
        """Write everything back and close."""
        self._connection.close()

    def is_healthy(self) -> bool:
        """Tell whether SQLite finds its own file in order."""
        return bool(self._connection.execute("PRAGMA quick_check").fetchone()[0] == "ok")

    # Settings

    def setting(self, name: str) -> str | None:
        """Return a kept setting."""
        row = self._connection.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def keep_setting(self, name: str, value: str) -> None:
        """Keep a setting over restarts."""
        self._connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))

    def _new_secret(self) -> str:
        secret = secrets.token_hex(32)
        self.keep_setting("cursor_secret", secret)
        return secret

    # Files

    def file(self, file_id: str, key_hash: str, now_ns: int) -> StoredFile | None:
        """Return a live file of this key."""
        row = self._connection.execute(
            f"SELECT {_FILE_COLUMNS} FROM files WHERE file_id = ? AND key_hash = ? AND expires_ns > ?",  # noqa: S608
            (file_id, key_hash, now_ns),
        ).fetchone()
        return None if row is None else _file_of(row)

    def page(self, key_hash: str, before: int | None, limit: int, now_ns: int) -> list[StoredFile]:
        """Return live files of this key, newest first, from below the sequence number `before`."""
        rows = self._connection.execute(
            f"SELECT {_FILE_COLUMNS} FROM files WHERE key_hash = ? AND sequence < ? AND expires_ns > ? "  # noqa: S608
            "ORDER BY sequence DESC LIMIT ?",
            (key_hash, 2**62 if before is None else before, now_ns, limit),
        )
        return [_file_of(row) for row in rows]

    def add_file(self, file: StoredFile, now_ns: int, quota_bytes: int) -> None:
        """Add a file outside an upload session."""
        with self._durable_transaction():
            self._insert_file(file, now_ns, quota_bytes)

    def finish_session(self, session_hash: str, file: StoredFile, now_ns: int, quota_bytes: int) -> None:
        """Make a session's bytes a file, in one step: after a crash it is either, never half.

        Raises
        ------
        Problem
            The name is taken, or the storage is full; nothing was changed.
        """
        with self._durable_transaction():
            self._insert_file(file, now_ns, quota_bytes)
            self._connection.execute(
                "UPDATE sessions SET status = 'final', outcome_code = 200, blob = '' WHERE session_hash = ?",
                (session_hash,),
            )

    def _insert_file(self, file: StoredFile, now_ns: int, quota_bytes: int) -> None:
        self._connection.execute(
            "DELETE FROM files WHERE file_id = ? AND expires_ns <= ?", (file.file_id, now_ns)
        )
        if self.stored_bytes(file.key_hash, now_ns) + file.size_bytes > quota_bytes:
            raise problems.quota_exceeded(quota_bytes)
        values = (
            *(file.file_id, file.key_hash, file.display_name, file.mime_type, file.size_bytes, file.sha256),
            *(file.blob, file.created_ns, file.ready_ns, file.expires_ns),
            *(file.facts.dump() if file.facts else None, file.source.value),
        )
        try:
            self._connection.execute(
                f"INSERT INTO files ({_FILE_COLUMNS}) VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
                values,
            )
        except sqlite3.IntegrityError as error:
            raise problems.id_taken(file.file_id) from error

    def stored_bytes(self, key_hash: str, now_ns: int) -> int:
        """Return the size of all live files of this key."""
        row = self._connection.execute(
            "SELECT COALESCE(SUM(size_bytes), 0) FROM files WHERE key_hash = ? AND expires_ns > ?",
            (key_hash, now_ns),
        ).fetchone()
        return int(row[0])

    def keep_facts(self, file_id: str, blob: str, facts: Facts) -> None:
        """Remember what an inspection found, if the file is still the one inspected."""
        self._connection.execute(
            "UPDATE files SET facts = ? WHERE file_id = ? AND blob = ?", (facts.dump(), file_id, blob)
        )

    def remove_file(self, file_id: str, key_hash: str, now_ns: int) -> str | None:
        """Forget a file; return its blob, or None when this key has no such file."""
        with self._durable_transaction():
            file = self.file(file_id, key_hash, now_ns)
            if file is not None:
                self._connection.execute("DELETE FROM files WHERE sequence = ?", (file.sequence,))
        return None if file is None else file.blob

    def uninspected(self) -> list[StoredFile]:
        """Return the videos whose inspection a restart cut short."""
        rows = self._connection.execute(
            f"SELECT {_FILE_COLUMNS} FROM files WHERE facts IS NULL AND mime_type LIKE 'video/%'"  # noqa: S608
        )
        return [_file_of(row) for row in rows]

    # Sessions

    def add_session(self, record: SessionRecord) -> None:
        """Keep a new upload session."""
        self._connection.execute(
            f"INSERT INTO sessions ({_SESSION_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            (
                *(record.session_hash, record.key_hash, record.blob, record.file_id, record.display_name),
                *(record.mime_type, record.declared_bytes, record.created_ns),
                *(record.status, record.outcome_code, record.outcome, record.protocol),
            ),
        )

    def session(self, session_hash: str) -> SessionRecord | None:
        """Return a session, whatever its status."""
        row = self._connection.execute(
            f"SELECT {_SESSION_COLUMNS} FROM sessions WHERE session_hash = ?",  # noqa: S608
            (session_hash,),
        ).fetchone()
        return None if row is None else SessionRecord(*row)

    def end_session(self, session_hash: str, status: str, code: int | None, outcome: str | None) -> None:
        """End a session without a file: cancelled, or rejected for good."""
        with self._durable_transaction():
            self._connection.execute(
                "UPDATE sessions SET status = ?, outcome_code = ?, outcome = ?, blob = '' "
                "WHERE session_hash = ?",
                (status, code, outcome, session_hash),
            )

    # Housekeeping

    def sweep(self, now_ns: int, sessions_before_ns: int) -> tuple[int, list[str]]:
        """Forget expired files and abandoned sessions.

        Returns how many files expired, and the blobs that nothing needs any more.
        """
        with self._durable_transaction():
            rows = self._connection.execute(
                "SELECT blob FROM files WHERE expires_ns <= ? "
                "UNION SELECT blob FROM sessions WHERE created_ns <= ? AND status = 'active'",
                (now_ns, sessions_before_ns),
            ).fetchall()
            expired = self._connection.execute("DELETE FROM files WHERE expires_ns <= ?", (now_ns,)).rowcount
            self._connection.execute("DELETE FROM sessions WHERE created_ns <= ?", (sessions_before_ns,))
        return expired, [str(row[0]) for row in rows]

    def drop_single_sessions(self) -> None:
        """Forget uploads in one request that the last server died in: nobody can resume them."""
        self._connection.execute("DELETE FROM sessions WHERE protocol = 'single' AND status = 'active'")

    def blobs(self) -> set[str]:
        """Return every blob that a file or an open session needs."""
        rows = self._connection.execute(
            "SELECT blob FROM files UNION SELECT blob FROM sessions WHERE status = 'active'"
        )
        return {str(row[0]) for row in rows}

    def clear(self) -> int:
        """Forget all files and sessions; return how many files there were."""
        with self._durable_transaction():
            removed = self._connection.execute("DELETE FROM files").rowcount
            self._connection.execute("DELETE FROM sessions")
        return removed

    @contextlib.contextmanager
    def _durable_transaction(self) -> Iterator[None]:
        """Change several things at once, on the disk itself when it ends."""
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        else:
            self._connection.execute("COMMIT")
        finally:
            self._connection.execute("PRAGMA synchronous = NORMAL")


def _file_of(row: tuple[Any, ...]) -> StoredFile:
    sequence, *columns, facts, source = row
    columns += [Facts.load(facts), Source(source), sequence]
    return StoredFile(*columns)
