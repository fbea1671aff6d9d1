"""What all routes share: who may ask, how big a body may be, work off the event loop, errors as JSON."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar

from jupyter_server.auth.utils import HTTP_METHOD_TO_AUTH_ACTION
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import ensure_async
from tornado import web

from ..errors import GemfilesError, InvalidUsage
from ..workspace.panel import PanelService, refusal, status_of

__all__ = ["SETTING", "GemfilesHandler", "Parts"]

SETTING = "gemfiles_parts"
RESOURCE = "gemfiles"
MESSAGE_BYTES = 1024 * 1024

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Parts:
    """What the routes speak to, one set a Jupyter server.

    Attributes
    ----------
    service, disk
        Threads for what may wait for the service, and for what only writes: a service that does not
        answer must not hold up the bytes of a browser.
    """

    panel: PanelService
    service: Executor
    disk: Executor


@web.stream_request_body
class GemfilesHandler(APIHandler):
    """A route of ours.

    Bodies are streamed, so that nothing of one is taken from a caller who is not known, may not do
    this, or carries no XSRF token.
    """

    auth_resource = RESOURCE
    body_bytes = MESSAGE_BYTES
    _is_let_in = False

    async def prepare(self) -> None:  # type: ignore[override]
        """Decide, before a byte of the body comes, whether the request may go on."""
        self._body = bytearray()
        await super().prepare()  # who asks, from where, with which XSRF token
        method = self.request.method or ""
        if method == "OPTIONS":
            return
        if not self.current_user:
            raise web.HTTPError(HTTPStatus.FORBIDDEN)
        action = HTTP_METHOD_TO_AUTH_ACTION[method]
        user = self.current_user
        if not await ensure_async(self.authorizer.is_authorized(self, user, action, RESOURCE)):
            raise web.HTTPError(HTTPStatus.FORBIDDEN)
        if self.content_length > self.body_bytes:
            raise web.HTTPError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        self.request.connection.set_max_body_size(self.body_bytes)  # type: ignore[union-attr]
        self._is_let_in = True
        self.panel.watch.start()

    async def data_received(self, chunk: bytes) -> None:
        """Take in a piece of the body."""
        self._body += chunk

    @property
    def parts(self) -> Parts:
        """What the routes speak to."""
        parts: Parts = self.settings[SETTING]
        return parts

    @property
    def panel(self) -> PanelService:
        """What the answers come from."""
        return self.parts.panel

    @property
    def content_length(self) -> int:
        """Bytes of the body; 0 where the request does not say."""
        length = self.request.headers.get("Content-Length", "0")
        return int(length) if length.isascii() and length.isdigit() else 0

    def message(self) -> dict[str, Any]:
        """Return the body, a JSON object."""
        try:
            message = json.loads(bytes(self._body))
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict):
            raise InvalidUsage("The request is no JSON object.")
        return message

    async def off_loop(self, work: Callable[[], _Result]) -> _Result:
        """Do what may wait for the journal or the service in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self.parts.service, work)

    async def on_disk(self, work: Callable[[], _Result]) -> _Result:
        """Do what only reads or writes files in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self.parts.disk, work)

    async def answer(self, work: Callable[[], object]) -> None:
        """Do work in a thread, and answer with its result, or with the error it raises."""
        try:
            text = await self.off_loop(lambda: json.dumps(work()))
        except GemfilesError as error:
            self.refuse(error)
        else:
            await self.finish(text)

    def refuse(self, error: GemfilesError) -> None:
        """Answer with an error."""
        self.set_status(status_of(error))
        self.finish(refusal(error))

    def log_exception(self, kind: Any, error: Any, trace: Any) -> None:
        """Log what is unexpected; an error of ours is an answer."""
        if not isinstance(error, GemfilesError):
            super().log_exception(kind, error, trace)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with an error of HTTP, or of ours that was raised, in the same shape."""
        if not self._is_let_in:  # what it still sends is not read, so the connection can't be used again
            self.set_header("Connection", "close")
        error = kwargs.get("exc_info", (None, None))[1]
        if isinstance(error, GemfilesError):
            self.refuse(error)
            return
        phrase = HTTPStatus(status_code).phrase if status_code in HTTPStatus._value2member_map_ else "Error"
        said = error.log_message if isinstance(error, web.HTTPError) else None
        self.finish({"message": said or phrase, "hint": "", "kind": "other"})
