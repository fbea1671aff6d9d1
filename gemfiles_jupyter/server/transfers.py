"""Routes about transfers: of this server, of kernels, of the command line."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

from tornado import web

from ..errors import InvalidUsage
from ..workspace.panel import Record, text_of
from .handler import GemfilesHandler
from .paths import confined, shown_name

__all__ = ["TransferHandler", "TransfersHandler"]


class TransfersHandler(GemfilesHandler):
    """All of them."""

    @web.authenticated
    async def get(self) -> None:
        """List those under way, and those that ended a while ago."""
        await self.answer(self.panel.transfers)

    @web.authenticated
    async def post(self) -> None:
        """Begin to upload files of the file browser; all of them, or none where one is refused."""
        message = self.message()
        variable = text_of(message, "variable", default="")
        paths = message.get("paths")
        if not isinstance(paths, list) or not paths or not all(isinstance(path, str) for path in paths):
            raise InvalidUsage("The request needs a list of paths.")
        if variable and len(paths) > 1:
            raise InvalidUsage(f"A variable is for one file, and this is {len(paths)}.")
        contents = self.contents_manager
        root, allows_hidden = Path(getattr(contents, "root_dir", "")), bool(contents.allow_hidden)
        if not root.is_absolute():
            raise InvalidUsage("The file browser shows no files of this machine.")

        def start() -> Record:
            found = [(confined(path, root, allows_hidden=allows_hidden), shown_name(path)) for path in paths]
            return {"transfers": self.panel.start(found, variable)}

        await self.answer(start)

    @web.authenticated
    async def delete(self) -> None:
        """Take what has ended off the list."""
        await self.off_loop(self.panel.clear)
        self.set_status(HTTPStatus.NO_CONTENT)


class TransferHandler(GemfilesHandler):
    """One of them."""

    @web.authenticated
    async def post(self, id: str) -> None:  # noqa: A002
        """Pause, resume, cancel or retry it, wherever it runs."""
        message = self.message()
        await self.answer(lambda: self.panel.act(id, message))
