"""Uploads in one request: ``multipart`` (metadata and bytes) and ``raw`` (the bytes alone)."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable

from . import lenient_json, problems
from .multipart import RelatedParser
from .problems import JsonObject, Problem, ProtocolProblem
from .receiving import Receiver
from .sessions import Session
from .upload_handler import UploadHandler


class RawHandler(UploadHandler):
    """The bytes are the body, straight into a session that lives for one request; headers give type and name.

    Is the connection broken, nothing is kept: the client has no way to go on.
    """

    _session: Session | None = None
    _receiver: Receiver | None = None
    _left = 0

    def planes(self) -> tuple[str, ...]:
        """Be start, data and end at once."""
        return ("start", "data", "finalize")

    async def begin(self) -> None:
        """Open the session."""
        length = self.request.headers.get("Content-Length")
        limit = self.max_upload_bytes
        if length is not None and int(length) > limit + self.max_body_bytes:
            raise problems.too_large(limit)
        upload_id = await self.open_session({}, "", None, "single")
        self._session = await self.backend.sessions.find(upload_id)
        assert self._session is not None, "it was started just now"
        assert self._session.partial is not None, "a new session is active"
        self._receiver = Receiver(self.backend.storage, self._session.partial)
        self._left = limit

    def receive(self, block: bytes) -> Awaitable[None] | None:
        """Pass content on to the disk."""
        content = self.content_of(block)
        self._left -= len(content)
        if self._left < 0:
            raise problems.too_large(self.max_upload_bytes)
        assert self._receiver is not None, "begin comes before the body"
        return self._receiver.put(content) if content else None

    def abandon(self) -> None:
        """Forget a broken upload."""
        self.backend.spawn(self._forget())

    async def on_post(self, *_: str) -> None:
        """Make the bytes a file."""
        session, receiver = self._session, self._receiver
        assert session is not None, "begin has opened it"
        assert receiver is not None, "begin has opened it"
        try:
            await receiver.finish()
            await self.describe(session, *self.description())
            answer = await self.conclude(session)
        except OSError as error:
            await self._forget()
            raise problems.storage_failed(error.strerror or "unknown error") from error
        except (Problem, ProtocolProblem):
            await self._forget()
            raise
        self.set_header("X-Goog-Upload-Status", "final")
        self.answer_json(answer)

    async def respond(self, *args: str) -> None:
        """Answer; a refused body leaves nothing behind."""
        if self._refusal is not None:
            await self._forget()
        await super().respond(*args)

    def content_of(self, block: bytes) -> bytes:
        """Return what belongs to the file."""
        return block

    def description(self) -> tuple[JsonObject, str]:
        """Return the JSON and the type that came with the bytes."""
        header = self.request.headers.get
        return {}, header("X-Goog-Upload-Header-Content-Type") or header("Content-Type", "")

    async def _forget(self) -> None:
        if self._session is None:
            return
        if self._receiver is not None:
            with contextlib.suppress(OSError):
                await self._receiver.finish()
        if self._session.record.status == "active":
            await self.backend.sessions.end(self._session, "cancelled")


class MultipartHandler(RawHandler):
    """The body is the metadata, then the bytes."""

    async def begin(self) -> None:
        """Find the boundary."""
        self._parser = RelatedParser(self.request.headers.get("Content-Type", ""))
        await super().begin()

    def content_of(self, block: bytes) -> bytes:
        """Leave out the metadata and the delimiters."""
        return self._parser.feed(block)

    def description(self) -> tuple[JsonObject, str]:
        """Read the first part."""
        if not self._parser.is_complete:
            raise ProtocolProblem(400, "Multipart body without an end.", None)
        return lenient_json.parse_object(self._parser.metadata or b""), self._parser.content_type
