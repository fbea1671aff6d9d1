"""The resumable upload protocol: start, upload, query, finalize, cancel."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable

from . import lenient_json, problems
from .handler import Handler
from .problems import ProtocolProblem
from .receiving import Receiver
from .sessions import Session
from .settings import CHUNK_GRANULARITY
from .upload_handler import UploadHandler, whole_number

_MOVING_SECONDS = 0.25
_COMMANDS = ({"upload"}, {"upload", "finalize"}, {"finalize"}, {"query"}, {"cancel"})


def commands(handler: Handler) -> set[str]:
    """Return the words of X-Goog-Upload-Command."""
    header = handler.request.headers.get("X-Goog-Upload-Command", "")
    return {word.strip().lower() for word in header.split(",") if word.strip()}


class StartHandler(UploadHandler):
    """The request that opens a session."""

    def planes(self) -> tuple[str, ...]:
        """Be a start."""
        return ("start",)

    async def begin(self) -> None:
        """Check the command."""
        if commands(self) != {"start"}:
            raise ProtocolProblem(400, "Invalid upload command: expected start", None)

    async def on_post(self, *_: str) -> None:
        """Open the session."""
        header = self.request.headers.get
        length = header("X-Goog-Upload-Header-Content-Length")
        declared = None if length is None else whole_number(length, "X-Goog-Upload-Header-Content-Length")
        message = lenient_json.parse_object(bytes(self.body))
        header_type = header("X-Goog-Upload-Header-Content-Type", "")
        upload_id = await self.open_session(message, header_type, declared, "resumable")
        url = self.upload_url(upload_id, "upload_protocol=resumable")
        self.set_header("X-Goog-Upload-URL", url)
        self.set_header("X-Goog-Upload-Control-URL", url)
        self.set_header("X-Goog-Upload-Status", "active")
        self.set_header("X-Goog-Upload-Chunk-Granularity", str(CHUNK_GRANULARITY))
        # The same session in the service; here the id is a secret, so a log mark stands in.
        self.set_header("X-GUploader-UploadID", upload_id[:12])
        self.answer_text("")

    on_put = on_post


class SessionHandler(UploadHandler):
    """A request to the address of a session; its upload id is the credential, so it needs no key."""

    needs_key = False
    session: Session | None = None
    _receiver: Receiver | None = None
    _is_released = False

    def planes(self) -> tuple[str, ...]:
        """Derive the planes from the command."""
        plane_of_word = {"upload": "data", "finalize": "finalize", "query": "query", "cancel": "cancel"}
        return tuple(plane for word, plane in plane_of_word.items() if word in commands(self))

    # Before the body

    async def begin(self) -> None:
        """Take the session's turn, and check what can be checked before any byte is read."""
        session = await self.backend.sessions.find(self.argument("upload_id", ""))
        if session is None:
            raise ProtocolProblem(404, "Upload session not found.", None)
        await session.acquire(self)
        self.session = session
        try:
            self.check(session)
        except BaseException:
            self._release()
            raise

    def check(self, session: Session) -> None:
        """Check the command, and make ready for the bytes of an `upload`."""
        words = commands(self)
        if words not in _COMMANDS:
            raise ProtocolProblem(400, "Invalid upload command.", session.record.status)
        if "upload" in words and session.record.status == "active":
            offset = self.request.headers.get("X-Goog-Upload-Offset", "")
            self.expect(session, whole_number(offset, "X-Goog-Upload-Offset"), is_last="finalize" in words)

    def expect(self, session: Session, offset: int, *, is_last: bool) -> None:
        """Make ready for bytes that begin at `offset`."""
        assert session.partial is not None, "an active session has a partial blob"
        received = session.received_bytes
        if offset != received:
            raise ProtocolProblem(409, f"Invalid offset: expected {received}, got {offset}")
        length = self.request.headers.get("Content-Length")
        if length is not None:
            self._check_length(session, int(length), is_last=is_last)
        self._receiver = Receiver(self.backend.storage, session.partial)
        self._left = self._limit(session) - received

    def _check_length(self, session: Session, length: int, *, is_last: bool) -> None:
        end = session.received_bytes + length
        if end > self._limit(session):
            raise ProtocolProblem(400, f"Too many bytes: {end} of {self._limit(session)}")
        if not is_last and length % CHUNK_GRANULARITY:
            raise ProtocolProblem(
                400, f"Invalid chunk size: {length} is not a multiple of {CHUNK_GRANULARITY}"
            )

    def _limit(self, session: Session) -> int:
        declared = session.record.declared_bytes
        return self.max_upload_bytes if declared is None else declared

    # The body

    def receive(self, block: bytes) -> Awaitable[None] | None:
        """Pass a block on to the disk; commands without bytes ignore theirs."""
        if self._receiver is None:
            return None
        fitting = block[: self._left]
        self._left -= len(fitting)
        room = self._receiver.put(fitting) if fitting else None
        if len(fitting) < len(block):
            raise ProtocolProblem(400, "Too many bytes.")
        return room

    def abandon(self) -> None:
        """Keep what has come of a broken body."""
        if self.session is not None:
            self.backend.spawn(self._settle())

    async def _settle(self) -> None:
        try:
            if self._receiver is not None:
                await self._receiver.finish()
        except OSError:
            pass  # the disk is full: what fitted is kept
        finally:
            self._release()

    def is_moving(self) -> bool:
        """Tell whether bytes have arrived just now."""
        return self.is_body_complete or time.monotonic() - self._last_byte < _MOVING_SECONDS

    def give_way(self) -> None:
        """Let a newer request have the session."""
        if not self.is_body_complete:
            self.drop()

    # After the body

    async def respond(self, *args: str) -> None:
        """Answer, and end the turn."""
        try:
            if self._receiver is not None:
                self.is_body_complete = True
                await self._receiver.finish()
            await super().respond(*args)
        except OSError as error:
            raise problems.storage_failed(error.strerror or "unknown error") from error
        finally:
            self._release()

    async def on_post(self, *_: str) -> None:
        """Do what the command says."""
        session = self.session
        assert session is not None, "begin has found it"
        words = commands(self)
        if words == {"query"}:
            await self.answer_query(session)
        elif words == {"cancel"}:
            await self._cancel(session)
        elif "finalize" in words:
            await self.answer_finalize(session)
        else:
            self._answer_upload(session)

    on_put = on_post

    async def answer_query(self, session: Session) -> None:
        """Say how far the upload is."""
        if session.record.status == "cancelled":
            raise ProtocolProblem(410, "The upload was cancelled.", "cancelled")
        if session.record.status == "final":
            await self.answer_outcome(session)
            return
        self.set_header("X-Goog-Upload-Status", "active")
        self.set_header("X-Goog-Upload-Size-Received", str(session.received_bytes))
        self.answer_text("")

    async def answer_finalize(self, session: Session) -> None:
        """End the upload; to do so again gives the same answer."""
        record = session.record
        if record.status == "final" and "upload" not in commands(self):
            await self.answer_outcome(session)
            return
        if record.status != "active":
            raise ProtocolProblem(400, f"The upload is {record.status}.", record.status)
        declared = record.declared_bytes
        if declared is not None and session.received_bytes != declared:
            raise ProtocolProblem(
                400, f"Upload incomplete: {session.received_bytes} of {declared} bytes received."
            )
        answer = await self.conclude(session)
        self.set_header("X-Goog-Upload-Status", "final")
        self.answer_json(answer)

    async def answer_outcome(self, session: Session) -> None:
        """Answer what the end of the upload was answered."""
        self.set_header("X-Goog-Upload-Status", "final")
        outcome = session.record.outcome
        if outcome is not None:
            self.answer_json(json.loads(outcome), session.record.outcome_code or 400)
            return
        self.answer_json(await self.concluded(session))

    def _answer_upload(self, session: Session) -> None:
        if session.record.status != "active":
            raise ProtocolProblem(400, f"The upload is {session.record.status}.", session.record.status)
        if self.received_bytes % CHUNK_GRANULARITY:
            # Only a body without a length comes so far: its bytes are kept, a query tells.
            raise ProtocolProblem(400, "Invalid chunk size: not a multiple of the granularity")
        self.set_header("X-Goog-Upload-Status", "active")
        self.set_header("X-Goog-Upload-Size-Received", str(session.received_bytes))
        self.answer_text("")

    async def _cancel(self, session: Session) -> None:
        if session.record.status == "final":
            raise ProtocolProblem(400, "The upload is final.", "final")
        if session.record.status == "active":
            await self.backend.sessions.end(session, "cancelled")
        self.set_header("X-Goog-Upload-Status", "cancelled")
        self.answer_text("")

    def _release(self) -> None:
        if self.session is not None and not self._is_released:
            self._is_released = True
            self.session.release()
