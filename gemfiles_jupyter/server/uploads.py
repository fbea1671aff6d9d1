"""Routes that take files of the browser, slice by slice."""

from __future__ import annotations

from http import HTTPStatus

from tornado import web

from ..errors import GemfilesError, InvalidUsage
from ..workspace.spool import Incoming, Receiver
from .handler import GemfilesHandler, text_of

__all__ = ["SLICE_BYTES", "UploadHandler", "UploadsHandler"]

SLICE_BYTES = 8 * 1024 * 1024


class UploadsHandler(GemfilesHandler):
    """Beginning an upload, or going on with one."""

    @web.authenticated
    async def post(self) -> None:
        """Return the upload's id, which is its transfer's too, and how many bytes are there."""
        message = self.message()
        numbers = [message.get("size"), message.get("lastModified", 0)]
        if not all(isinstance(number, int) and not isinstance(number, bool) for number in numbers):
            raise InvalidUsage("The request needs a size in bytes.")
        size, modified = numbers
        name = text_of(message, "name").replace("\\", "/").rpartition("/")[2]
        mime_type = text_of(message, "mimeType", default="")
        variable = text_of(message, "variable", default="")

        def begin() -> dict[str, object]:
            incoming, offset = self.parts.activity.open_upload(name, size, modified, mime_type, variable)
            return {"id": incoming.id, "offset": offset}

        await self.answer(begin)
        self.parts.watch.wake()


class UploadHandler(GemfilesHandler):
    """One upload."""

    body_bytes = SLICE_BYTES

    async def prepare(self) -> None:  # type: ignore[override]
        """Open the upload for the bytes to come.

        Bytes that can't be used are read and thrown away: a connection that is closed on a browser
        that still sends loses the answer, which says where to go on.
        """
        self._receiver: Receiver | None = None
        self._incoming: Incoming | None = None
        self._error: GemfilesError | None = None
        await super().prepare()
        if not self.current_user:
            return
        self._incoming = self.parts.spool.get(self.path_kwargs["id"])
        if self.request.method == "PUT":
            await self._receive()

    async def data_received(self, chunk: bytes) -> None:
        """Write a piece to disk before the next one is read."""
        receiver = self._receiver
        if receiver is None:
            return
        is_wanted = False
        try:
            is_wanted = await self.on_disk(lambda: receiver.write(chunk))
        except GemfilesError as error:
            self._error = error
        if not is_wanted:  # the disk is full, or another request goes on with this upload
            receiver.close()
            self._receiver = None

    @web.authenticated
    async def get(self, id: str) -> None:  # noqa: A002
        """Say how many bytes are there."""
        incoming = self._known()
        await self.answer(lambda: {"id": id, "offset": incoming.offset})

    @web.authenticated
    async def put(self, id: str) -> None:  # noqa: A002, ARG002 (looked up before)
        """Take one slice; the last one begins the transfer."""
        incoming, receiver = self._known(), self._receiver
        if self._error:
            self.refuse(self._error)
            return
        if receiver is None:
            await self._misplaced(incoming)
            return

        def taken() -> dict[str, object]:
            receiver.close()
            offset = incoming.offset
            if incoming.is_whole:
                self.parts.activity.start_upload(incoming)
            return {"offset": offset}

        await self.answer(taken)
        self.parts.watch.wake()

    @web.authenticated
    async def delete(self, id: str) -> None:  # noqa: A002
        """Give it up."""
        await self.on_disk(lambda: self.parts.spool.drop(id))
        self.set_status(HTTPStatus.NO_CONTENT)

    def on_finish(self) -> None:
        """Let go of the file, however the request ended."""
        if self._receiver:
            self._receiver.close()

    def on_connection_close(self) -> None:
        """Let go of the file: the page was closed, or the connection broke."""
        super().on_connection_close()
        self.on_finish()

    def _known(self) -> Incoming:
        if self._incoming is None:
            raise web.HTTPError(HTTPStatus.NOT_FOUND, "There is no such upload.")
        return self._incoming

    async def _receive(self) -> None:
        """Make ready for a slice that begins where the last one ended, and does not go beyond the end."""
        incoming = self._incoming
        if incoming is None:
            return
        asked = self.get_query_argument("offset", "")
        offset = int(asked) if asked.isascii() and asked.isdigit() else -1
        if "Content-Length" not in self.request.headers:
            self._error = InvalidUsage("The request does not say how long the slice is.")
            return
        if offset + self.content_length > incoming.size:
            self._error = InvalidUsage(f"That is more than the {incoming.size} bytes of {incoming.name}.")
            return
        try:
            self._receiver = await self.on_disk(lambda: self.parts.spool.receiver(incoming, offset))
        except GemfilesError as error:
            self._error = error

    async def _misplaced(self, incoming: Incoming) -> None:
        """Refuse bytes that do not begin where the upload stands, and say where that is."""
        offset = await self.on_disk(lambda: incoming.offset)
        self.set_status(HTTPStatus.CONFLICT)
        message = f"The upload of {incoming.name} stands elsewhere."
        await self.finish({"message": message, "hint": "", "kind": "other", "offset": offset})
