"""Uploads in one request: ``multipart`` (metadata and bytes) and ``raw`` (the bytes alone)."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable

from . import lenient_json, problems
from .files import FileRequest, file_json
from .multipart import RelatedParser
from .problems import Problem, ProtocolProblem
from .receiving import Receiver
from .resumable import UploadHandler
from .sessions import Session
from .uploads import finalize


class SingleRequestHandler(UploadHandler):
    """What both have in common: bytes straight into a session that lives for one request.

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
        limit = self.backend.settings.max_file_bytes
        if length is not None and int(length) > limit + self.max_body_bytes:
            raise problems.too_large(limit)
        upload_id = await self.backend.sessions.start(
            key_hash=self.key_hash,
            file_id=None,
            display_name="",
            mime_type="",
            declared_bytes=None,
            protocol="single",
        )
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
            raise problems.too_large(self.backend.settings.max_file_bytes)
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
            request = self.file_request()
            session.describe(request.file_id, request.display_name, request.mime_type)
            file = await finalize(self.backend, session)
        except OSError as error:
            await self._forget()
            raise problems.storage_failed(error.strerror or "unknown error") from error
        except (Problem, ProtocolProblem):
            await self._forget()
            raise
        self.set_header("X-Goog-Upload-Status", "final")
        self.answer_json({"file": file_json(self, file)})

    async def respond(self, *args: str) -> None:
        """Answer; a refused body leaves nothing behind."""
        if self._refusal is not None:
            await self._forget()
        await super().respond(*args)

    def content_of(self, block: bytes) -> bytes:
        """Return what belongs to the file."""
        return block

    def file_request(self) -> FileRequest:
        """Return what the client wants the file to be."""
        raise NotImplementedError

    async def _forget(self) -> None:
        if self._session is None:
            return
        if self._receiver is not None:
            with contextlib.suppress(OSError):
                await self._receiver.finish()
        if self._session.record.status == "active":
            await self.backend.sessions.end(self._session, "cancelled")


class RawHandler(SingleRequestHandler):
    """The bytes are the body; type and name come in headers."""

    def file_request(self) -> FileRequest:
        """Read the headers."""
        header = self.request.headers.get
        mime_type = header("X-Goog-Upload-Header-Content-Type") or header("Content-Type", "")
        return FileRequest.read({}, header_type=mime_type)


class MultipartHandler(SingleRequestHandler):
    """The metadata, then the bytes."""

    async def begin(self) -> None:
        """Find the boundary."""
        self._parser = RelatedParser(self.request.headers.get("Content-Type", ""))
        await super().begin()

    def content_of(self, block: bytes) -> bytes:
        """Leave out the metadata and the delimiters."""
        return self._parser.feed(block)

    def file_request(self) -> FileRequest:
        """Read the first part."""
        if not self._parser.is_complete:
            raise ProtocolProblem(400, "Multipart body without an end.", None)
        message = lenient_json.parse_object(self._parser.metadata or b"")
        return FileRequest.read(message, header_type=self._parser.content_type)
