"""The extension itself: what its routes speak to, and how pages are told of changes."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jupyter_server.extension.application import ExtensionApp

from ..workspace.panel import PanelService
from .files import (
    CodeHandler,
    FilesHandler,
    NamesHandler,
    RenewHandler,
    StatusHandler,
    VariableHandler,
)
from .handler import SETTING, Parts
from .transfers import TransferHandler, TransfersHandler
from .uploads import UploadHandler, UploadsHandler

__all__ = ["EVENT_SCHEMA", "GemfilesExtension"]

EVENT_SCHEMA = "https://gemfiles-jupyter.readthedocs.io/events/state/v1"
_SCHEMA_FILE = Path(__file__).parent / "event_schemas" / "state" / "v1.yaml"
_BASE = "gemfiles/api"
THREADS = 8


class GemfilesExtension(ExtensionApp):
    """Files with Gemini, for the panel in JupyterLab."""

    name = "gemfiles_jupyter"

    def initialize_settings(self) -> None:
        """Make what the routes speak to; nothing runs before the first of them is asked."""
        assert self.serverapp is not None, "it is linked before"
        assert self.serverapp.event_logger is not None, "it is made before"
        self.serverapp.event_logger.register_event_schema(_SCHEMA_FILE)
        self._parts = Parts(PanelService(self._tell, self.log), _threads("service"), _threads("disk"))
        self.settings[SETTING] = self._parts

    def initialize_handlers(self) -> None:
        """Add the routes."""
        self.handlers.extend(
            [
                (f"/{_BASE}/status", StatusHandler),
                (f"/{_BASE}/files", FilesHandler),
                (f"/{_BASE}/files/code", CodeHandler),
                (f"/{_BASE}/files/renew", RenewHandler),
                (f"/{_BASE}/files/variable", VariableHandler),
                (f"/{_BASE}/names", NamesHandler),
                (f"/{_BASE}/transfers", TransfersHandler),
                (rf"/{_BASE}/transfers/(?P<id>\w+)", TransferHandler),
                (f"/{_BASE}/uploads", UploadsHandler),
                (rf"/{_BASE}/uploads/(?P<id>\w+)", UploadHandler),
            ]
        )

    async def stop_extension(self) -> None:
        """Pause what this server uploads; it goes on when asked to after the next start."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self._parts.panel.close)
        for pool in (self._parts.service, self._parts.disk):
            pool.shutdown(wait=False, cancel_futures=True)

    def _tell(self, event: dict[str, object]) -> None:
        """Tell the pages that listen; called from the watch's thread."""
        server = self.serverapp
        assert server is not None, "it is linked before"
        assert server.event_logger is not None, "it is made before"
        server.io_loop.add_callback(server.event_logger.emit, schema_id=EVENT_SCHEMA, data=event)


def _threads(kind: str) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix=f"gemfiles-{kind}")
