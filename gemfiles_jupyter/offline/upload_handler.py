"""What the upload protocols share: what becomes of the bytes, and how errors end an upload."""

from __future__ import annotations

import re
from urllib.parse import quote

from .files import FileRequest, file_json
from .handler import Handler
from .problems import JsonObject, Problem, ProtocolProblem
from .sessions import Session
from .settings import MAX_METADATA_BYTES
from .uploads import check_size, finalize, finished_file

_NUMBER = re.compile(r"[0-9]{1,18}")


class UploadHandler(Handler):
    """A request of any upload protocol.

    The first methods say what becomes of the bytes: here a file, in subclasses something else.
    """

    server_name = "UploadServer"
    max_body_bytes = MAX_METADATA_BYTES

    @property
    def upload_path(self) -> str:
        """The path of this upload's sessions."""
        return f"/upload/{self.path_args[0]}/files"

    @property
    def max_upload_bytes(self) -> int:
        """The most bytes that are taken."""
        return self.backend.settings.max_file_bytes

    async def open_session(
        self, message: JsonObject, header_type: str, declared_bytes: int | None, protocol: str
    ) -> str:
        """Open a session for what the start's JSON and its type header describe; return the upload id."""
        request = FileRequest.read(message, header_type=header_type)
        check_size(self.max_upload_bytes, declared_bytes)
        return await self.backend.sessions.start(
            key_hash=self.key_hash,
            file_id=request.file_id,
            display_name=request.display_name,
            mime_type=request.mime_type,
            declared_bytes=declared_bytes,
            protocol=protocol,
        )

    async def describe(self, session: Session, message: JsonObject, header_type: str) -> None:
        """Say what the bytes are, where that is known only once they are here."""
        request = FileRequest.read(message, header_type=header_type)
        session.describe(request.file_id, request.display_name, request.mime_type)

    async def conclude(self, session: Session) -> JsonObject:
        """Make the bytes what they are to be; return the answer to the upload."""
        return {"file": file_json(self, await finalize(self.backend, session))}

    async def concluded(self, session: Session) -> JsonObject:
        """Return that answer once more."""
        file = await finished_file(self.backend, session)
        return {} if file is None else {"file": file_json(self, file)}

    # What is the same for all

    def upload_url(self, upload_id: str, protocol: str) -> str:
        """Return the address of a session; a key in the start's address is repeated in it."""
        url = f"{self.backend.address}{self.upload_path}?upload_id={upload_id}&{protocol}"
        key = self.argument("key", "")
        return f"{url}&key={quote(key, safe='')}" if key else url

    def answer_problem(self, problem: Problem) -> None:
        """Say that an upload is over when the API refuses it, and not when our own disk fails."""
        if problem.code != 405:
            self.set_header("X-Goog-Upload-Status", "final" if problem.code < 500 else "active")
        super().answer_problem(problem)


def whole_number(text: str, what: str) -> int:
    """Return a header's number; signs, spaces inside, other digits and huge values are refused."""
    if not _NUMBER.fullmatch(text):
        raise ProtocolProblem(400, f"Invalid {what}: {text[:40]!r}")
    return int(text)
