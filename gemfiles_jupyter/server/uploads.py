"""Routes that take files of the browser, slice by slice."""

from __future__ import annotations

from http import HTTPStatus

from tornado import web

from ..errors import GemfilesError, InvalidUsage
from ..workspace.spool import Incoming, Receiver
from .handler import GemfilesHandler

__all__ = ["SLICE_BYTES", "UploadHandler", "UploadsHandler"]

SLICE_BYTES = 8 * 1024 * 1024


class UploadsHandler(GemfilesHandler):
    """Beginning an upload, or going on with one."""

    @web.authenticated
    async def post(self) -> None:
        """Return the upload's id, which is its transfer's too, and how many bytes are there."""
        message = self.message()
        await self.answer(lambda: self.panel.open_upload(message))


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
        self._incoming = self.panel.spool.get(self.path_kwargs["id"])
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
        incoming = self.panel.incoming(id)
        await self.answer(lambda: {"id": id, "offset": incoming.offset})

    @web.authenticated
    async def put(self, id: str) -> None:  # noqa: A002
        """Take one slice; the last one begins the transfer."""
        incoming, receiver = self._incoming or self.panel.incoming(id), self._receiver
        if self._error:
            self.refuse(self._error)
        elif receiver is None:  # another request took over
            self.refuse(await self.on_disk(lambda: self.panel.misplaced(incoming)))
        else:
            await self.answer(lambda: self.panel.received(incoming, receiver))

    @web.authenticated
    async def delete(self, id: str) -> None:  # noqa: A002
        """Give it up."""
        await self.on_disk(lambda: self.panel.spool.drop(id))
        self.set_status(HTTPStatus.NO_CONTENT)

    def on_finish(self) -> None:
        """Let go of the file, however the request ended."""
        if self._receiver:
            self._receiver.close()

    def on_connection_close(self) -> None:
        """Let go of the file: the page was closed, or the connection broke."""
        super().on_connection_close()
        self.on_finish()

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
        length = self.content_length
        try:
            self._receiver = await self.on_disk(lambda: self.panel.receiver(incoming, offset, length))
        except GemfilesError as error:
            self._error = error
