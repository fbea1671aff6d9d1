"""The upload protocol of older Google clients: ``uploadType=resumable`` with Content-Range."""

from __future__ import annotations

import re

from . import lenient_json
from .problems import ProtocolProblem
from .resumable import SessionHandler
from .sessions import Session
from .upload_handler import UploadHandler, whole_number

_RANGE = re.compile(r"bytes (?:([0-9]{1,18})-([0-9]{1,18})|\*)/([0-9]{1,18}|\*)")


class LegacyStartHandler(UploadHandler):
    """Opens a session; its address is the answer's Location."""

    def planes(self) -> tuple[str, ...]:
        """Be a start."""
        return ("start",)

    async def on_post(self, *_: str) -> None:
        """Open the session."""
        header = self.request.headers.get
        length = header("X-Upload-Content-Length")
        declared = None if length is None else whole_number(length, "X-Upload-Content-Length")
        message = lenient_json.parse_object(bytes(self.body))
        upload_id = await self.open_session(message, header("X-Upload-Content-Type", ""), declared, "legacy")
        self.set_header("Location", self.upload_url(upload_id, "uploadType=resumable"))
        self.answer_text("")


class LegacySessionHandler(SessionHandler):
    """Takes the bytes; 308 says how far it is."""

    def planes(self) -> tuple[str, ...]:
        """Derive the planes from the range."""
        if self.request.headers.get("Content-Range", "").startswith("bytes */"):
            return ("query",)
        return ("data", "finalize")

    def check(self, session: Session) -> None:
        """Check the range.  Without one, the body is all that is missing."""
        if session.record.status != "active":
            return
        text = self.request.headers.get("Content-Range")
        if text is None:
            self.expect(session, session.received_bytes, is_last=True)
            return
        match = _RANGE.fullmatch(text)
        if match is None:
            raise ProtocolProblem(400, "Invalid Content-Range.", None)
        if match.group(1) is not None:
            # Chunks of old clients have their own sizes: no granularity is asked of them.
            self.expect(session, int(match.group(1)), is_last=True)

    async def on_put(self, *_: str) -> None:
        """Go on, or end when the total is reached."""
        session = self.session
        assert session is not None, "begin has found it"
        if session.record.status == "final":
            await self.answer_outcome(session)
            return
        if session.record.status != "active":
            raise ProtocolProblem(410, "The upload was cancelled.", None)
        total = self._total(session)
        if total is None or session.received_bytes < total:
            self._answer_so_far(session)
            return
        if session.received_bytes > total:
            raise ProtocolProblem(400, f"Too many bytes: {session.received_bytes} of {total}", None)
        self.answer_json(await self.conclude(session))

    on_post = on_put

    async def on_delete(self, *_: str) -> None:
        """Cancel."""
        if self.session is not None and self.session.record.status == "active":
            await self.backend.sessions.end(self.session, "cancelled")
        self.answer_text("", 499)

    def _total(self, session: Session) -> int | None:
        match = _RANGE.fullmatch(self.request.headers.get("Content-Range", ""))
        if match is None:
            return session.received_bytes
        return session.record.declared_bytes if match.group(3) == "*" else int(match.group(3))

    def _answer_so_far(self, session: Session) -> None:
        if session.received_bytes:
            self.set_header("Range", f"bytes=0-{session.received_bytes - 1}")
        self.set_status(308, "Resume Incomplete")
        self.finish()
