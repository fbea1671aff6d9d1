"""Upload sessions: one at work at a time, and a stalled one gives way.

The upload id is the credential of a session: it is random, and only its hash is
kept.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from . import names
from .blobs import PartialBlob
from .catalogue import SessionRecord
from .resources import StoredFile
from .storage import Storage

_PATIENCE_SECONDS = 0.25
_MAX_WAIT_SECONDS = 0.75


class Holder(Protocol):
    """A request that works on a session."""

    def is_moving(self) -> bool:
        """Tell whether bytes have arrived just now."""

    def give_way(self) -> None:
        """Drop the connection if the body is still coming; keep what has come."""


class Session:
    """One upload session in memory."""

    def __init__(self, record: SessionRecord, partial: PartialBlob | None) -> None:
        self.record = record
        self.partial = partial
        self._lock = asyncio.Lock()
        self._holder: Holder | None = None

    @property
    def received_bytes(self) -> int:
        """How far the upload has come."""
        return self.partial.size_bytes if self.partial else 0

    async def acquire(self, holder: Holder) -> None:
        """Wait for the turn of a request.

        A client that lost its connection comes back while the server still holds
        the dead one: an earlier request that stands still is dropped after a
        moment, one that still moves a little later.
        """
        waited = 0.0
        while not await self._try_to_acquire():
            waited += _PATIENCE_SECONDS
            if self._holder is not None and (waited >= _MAX_WAIT_SECONDS or not self._holder.is_moving()):
                self._holder.give_way()
        self._holder = holder

    async def _try_to_acquire(self) -> bool:
        if not self._lock.locked():
            return await self._lock.acquire()
        try:
            return await asyncio.wait_for(self._lock.acquire(), _PATIENCE_SECONDS)
        except asyncio.TimeoutError:
            return False

    def release(self) -> None:
        """End the turn.

        The file on disk is closed: any number of sessions may wait for their next chunk.
        """
        if self.partial is not None:
            self.partial.close()
        self._holder = None
        self._lock.release()

    def describe(self, file_id: str | None, display_name: str, mime_type: str) -> None:
        """Say what the file is to be, when that is known only after the session began."""
        self.record = replace(
            self.record,
            file_id=file_id or self.record.file_id,
            display_name=display_name,
            mime_type=mime_type,
        )

    def is_idle(self) -> bool:
        """Tell whether no request works on the session."""
        return not self._lock.locked()


class Sessions:
    """All sessions: those at work in memory, the others in the catalogue."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._open: dict[str, Session] = {}

    async def start(
        self,
        *,
        key_hash: str,
        file_id: str | None,
        display_name: str,
        mime_type: str,
        declared_bytes: int | None,
        protocol: str = "resumable",
        keep: Callable[[SessionRecord], None] | None = None,
    ) -> str:
        """Create a session and return its upload id.

        Parameters
        ----------
        keep
            What else to keep of it, on the database thread, where the bytes are not to be a file and
            so take nothing of the files' storage.

        Raises
        ------
        Problem
            What was declared does not fit into the storage.
        """
        upload_id = secrets.token_urlsafe(48)
        record = SessionRecord(
            session_hash=_hash(upload_id),
            key_hash=key_hash,
            blob=self._storage.blobs.new_name(),
            file_id=file_id or names.new_id(),
            display_name=display_name,
            mime_type=mime_type,
            declared_bytes=declared_bytes,
            created_ns=self._storage.clock.now_ns(),
            protocol=protocol,
        )
        await self._storage.ask(self._create, record, keep)
        return upload_id

    def _create(self, record: SessionRecord, keep: Callable[[SessionRecord], None] | None) -> None:
        """Do on the database thread, in one go, all that a start needs of the disk."""
        if keep is not None:
            keep(record)
        elif record.declared_bytes is not None:
            self._storage.check_quota(record.key_hash, record.declared_bytes)
        self._storage.blobs.create(record.blob)
        self._storage.catalogue.add_session(record)

    async def find(self, upload_id: str) -> Session | None:
        """Return the session of an upload id; None when there is none."""
        session_hash = _hash(upload_id)
        open_session = self._open.get(session_hash)
        if open_session is not None and self._is_abandoned(open_session):
            del self._open[session_hash]
        if session_hash not in self._open:
            record = await self._storage.ask(self._storage.catalogue.session, session_hash)
            if record is None:
                return None
            if record.status != "active":
                return Session(record, None)
            try:
                partial = self._storage.open_partial(record)
            except FileNotFoundError:  # somebody removed it behind our back
                return None
            self._open.setdefault(session_hash, Session(record, partial))
        return self._open[session_hash]

    async def finish(self, session: Session, file: StoredFile) -> None:
        """Make the session's bytes a file."""
        now = self._storage.clock.now_ns()
        await self._storage.ask(
            self._storage.catalogue.finish_session,
            session.record.session_hash,
            file,
            now,
            self._storage.settings.quota_bytes,
        )
        self.finished(session)

    def finished(self, session: Session, outcome: str | None = None) -> None:
        """Take note that the bytes have become what they were to be; the catalogue knows it already.

        Parameters
        ----------
        outcome
            The answer, as JSON, where it can't be made anew.
        """
        ended = replace(session.record, status="final", outcome_code=200, outcome=outcome, blob="")
        self._close(session, ended)

    async def end(
        self, session: Session, status: str, code: int | None = None, outcome: str | None = None
    ) -> None:
        """End a session without a file, and free its bytes."""
        blob = session.record.blob
        await self._storage.ask(
            self._storage.catalogue.end_session, session.record.session_hash, status, code, outcome
        )
        ended = replace(session.record, status=status, outcome_code=code, outcome=outcome, blob="")
        self._close(session, ended)
        await self._storage.work(self._storage.blobs.remove, blob)

    def forget_abandoned(self) -> None:
        """Let go of sessions that are too old; the storage sweeps their bytes."""
        for session_hash, session in list(self._open.items()):
            if self._is_abandoned(session):
                del self._open[session_hash]

    def _is_abandoned(self, session: Session) -> bool:
        return session.is_idle() and session.record.created_ns <= self._storage.oldest_session_ns()

    def clear(self) -> None:
        """Forget what is in memory, after the storage was emptied."""
        self._open.clear()

    def _close(self, session: Session, record: SessionRecord) -> None:
        if session.partial is not None:
            session.partial.close()
        session.partial = None
        session.record = record
        self._open.pop(record.session_hash, None)


def _hash(upload_id: str) -> str:
    return hashlib.sha256(upload_id.encode("utf-8", "replace")).hexdigest()
