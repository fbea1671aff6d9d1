"""``GET /offline-server``: which server this is, so that a runtime file can be trusted."""

from __future__ import annotations

from .handler import Handler
from .runtime import SERVER_NAME, SERVER_VERSION


class IdentityHandler(Handler):
    """Says what listens here; open to everybody who passes the doors, and no secret."""

    needs_key = False

    async def on_get(self) -> None:
        """Answer."""
        self.answer_json(
            {
                "server": SERVER_NAME,
                "version": SERVER_VERSION,
                "instance": self.backend.instance,
                "clockAheadSeconds": self.backend.clock.ahead_seconds,
            }
        )
