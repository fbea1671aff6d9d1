"""Routes about transfers: of this server, of kernels, of the command line."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

from tornado import web

from ..errors import InvalidUsage
from ..transfers.manager import TransferOptions
from ..workspace.activity import ACTIONS
from .handler import GemfilesHandler, text_of
from .paths import confined, shown_name

__all__ = ["TransferHandler", "TransfersHandler"]


class TransfersHandler(GemfilesHandler):
    """All of them."""

    @web.authenticated
    async def get(self) -> None:
        """List those under way, and those that ended a while ago."""
        await self.answer(lambda: {"transfers": [row.record() for row in self.parts.activity.rows()]})

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

        def start() -> dict[str, object]:
            found = [(path, confined(path, root, allows_hidden=allows_hidden)) for path in paths]
            options = TransferOptions(variable=variable)
            activity = self.parts.activity
            ids = [activity.start(real, shown_name(path), options) for path, real in found]
            return {"transfers": ids}

        await self.answer(start)
        self.parts.watch.wake()

    @web.authenticated
    async def delete(self) -> None:
        """Take what has ended off the list."""
        await self.off_loop(self.parts.activity.clear)
        self.set_status(HTTPStatus.NO_CONTENT)
        self.parts.watch.wake()


class TransferHandler(GemfilesHandler):
    """One of them."""

    @web.authenticated
    async def post(self, id: str) -> None:  # noqa: A002
        """Pause, resume, cancel or retry it, wherever it runs."""
        action = text_of(self.message(), "action")
        if action not in ACTIONS:
            raise InvalidUsage(f"{action!r} can't be done.", hint=f"Known are {', '.join(ACTIONS)}.")
        await self.answer(lambda: self.parts.activity.act(id, action).record())
        self.parts.watch.wake()
