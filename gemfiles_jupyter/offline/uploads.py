"""The end of every upload, whichever protocol it came by: checks, hash, one file."""

from __future__ import annotations

import json

from . import mime_types, problems
from .backend import Backend
from .problems import Problem
from .resources import StoredFile
from .sessions import Session


def check_size(limit: int, declared_bytes: int | None) -> None:
    """Refuse a file that is too large before its bytes are sent."""
    if declared_bytes is not None and declared_bytes > limit:
        raise problems.too_large(limit)


async def finalize(backend: Backend, session: Session) -> StoredFile:
    """Make a session's bytes a file.

    Raises
    ------
    Problem
        The upload is rejected for good; the session is over and remembers why.
    """
    storage = backend.storage
    record = session.record
    partial = session.partial
    assert partial is not None, "only an active session is finalized"
    now = backend.clock.now_ns()
    try:
        if not mime_types.is_storable(record.mime_type):
            raise problems.unsupported_type(record.mime_type)
        file = StoredFile(
            file_id=record.file_id,
            key_hash=record.key_hash,
            display_name=record.display_name,
            mime_type=mime_types.essence(record.mime_type),
            size_bytes=partial.size_bytes,
            sha256=await storage.work(partial.hexdigest),
            blob=record.blob,
            created_ns=now,
            ready_ns=storage.ready_ns(record.mime_type, now),
            expires_ns=storage.expires_ns(now),
        )
        await backend.sessions.finish(session, file)
    except Problem as problem:
        await backend.sessions.end(session, "final", problem.code, json.dumps(problem.to_json()))
        raise
    storage.start_processing(file)
    return await storage.settled(file)


async def finished_file(backend: Backend, session: Session) -> StoredFile | None:
    """Return the file that an ended session made, if it still lives."""
    return await backend.storage.find(session.record.file_id, session.record.key_hash)
