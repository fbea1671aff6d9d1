"""What every handler works with: one object for the parts of a running server."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from .clock import Clock
from .faults import Faults
from .interactions_store import Interactions
from .request_log import RequestLog
from .sessions import Sessions
from .settings import Settings
from .storage import Storage


@dataclass(frozen=True, slots=True)
class Backend:
    """The parts of a server, and the address it was configured with.

    URLs in answers are built from `address`, never from what a request claims.
    """

    address: str
    instance: str
    control_token: str | None
    owner_token: str | None
    clock: Clock
    settings: Settings
    initial_settings: Settings
    storage: Storage
    sessions: Sessions
    faults: Faults
    log: RequestLog
    interactions: Interactions = field(default_factory=Interactions)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that no request waits for; asyncio itself keeps no hold of tasks."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
