"""What all panels of a kernel share: its files and transfers, its variables, its threads."""

from __future__ import annotations

import asyncio
import atexit
import logging
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, Protocol
from weakref import WeakSet

from IPython.core.getipython import get_ipython

from ..client.models import File
from ..errors import GemfilesError
from ..transfers.progress import Phase
from ..views.panel import TransferRow
from ..workspace.namespace import Namespace
from ..workspace.panel import PanelService

__all__ = ["Kernel", "Listener", "this_kernel"]

THREADS = 4

Arrival = Callable[[File], None]


class Listener(Protocol):
    """A panel that shows what happens."""

    def tell(self, event: dict[str, object]) -> None:
        """Take an event; called from any thread."""


class Kernel:
    """One of these a process; safe to ask from any thread.

    Attributes
    ----------
    panel
        Answers what a panel asks.
    service, disk
        Threads for what may wait for the service, and the one that writes slices, in the order they come in.
    """

    def __init__(self) -> None:
        shell: Any = get_ipython()  # type: ignore[no-untyped-call, unused-ignore]
        self._namespace = Namespace(shell.user_ns) if shell else None
        self.panel = PanelService(
            self._tell, logging.getLogger(__name__), owner=secrets.token_hex(8), namespace=self._namespace
        )
        self.service = ThreadPoolExecutor(THREADS, thread_name_prefix="gemfiles-service")
        self.disk = ThreadPoolExecutor(1, thread_name_prefix="gemfiles-disk")
        self._lock = threading.Lock()
        self._listeners: WeakSet[Listener] = WeakSet()
        self._expected: dict[str, Arrival] = {}
        self._held: dict[str, str] = {}
        self._loop = _running_loop()
        if shell:
            shell.events.register("post_run_cell", self._cell_has_run)
        atexit.register(self.panel.close)

    def listen(self, listener: Listener) -> None:
        """Tell a panel of what happens, for as long as it is there."""
        with self._lock:
            self._listeners.add(listener)
        self.panel.watch.start()

    def expect(self, transfer: str, then: Arrival) -> None:
        """Do something with the file of a transfer once a prompt may use it, which may be now."""
        with self._lock:
            self._expected[transfer] = then
        self._settle(self.panel.activity.rows())

    def renew(self, message: dict[str, object]) -> dict[str, object]:
        """Begin to send a file again; variables that hold it follow."""
        answer = self.panel.renew(message)
        namespace = self._namespace
        if namespace:
            self.expect(str(answer["transfer"]), lambda new: namespace.follow(str(message["name"]), new))
        return answer

    def between_cells(self, work: Callable[[], None]) -> None:
        """Do what is the user's own where cells run, once none does; at once where there are no cells."""
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(work)
        else:
            work()

    def _tell(self, event: dict[str, object]) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener.tell(event)
        if event["kind"] == "transfers" and self._expected:
            self._settle(self.panel.activity.rows())

    def _settle(self, rows: tuple[TransferRow, ...]) -> None:
        with self._lock:
            arrived = [row for row in rows if row.id in self._expected and row.phase == Phase.DONE.value]
        for row in arrived:
            self.service.submit(self._arrive, row.id, row.file)

    def _arrive(self, transfer: str, name: str) -> None:
        try:
            file = self.panel.file(name)
        except GemfilesError:  # the next event tells again
            return
        if not file.is_active:
            return
        with self._lock:
            then = self._expected.pop(transfer, None)
        if then:
            self.between_cells(lambda: then(file))

    def _cell_has_run(self, *_: object) -> None:
        held = self._namespace.holders() if self._namespace else {}
        if held != self._held:
            self._held = held
            self._tell({"kind": "files"})


@cache
def this_kernel() -> Kernel:
    """Return the one of this process; made when the first panel is."""
    return Kernel()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the loop that runs cells; none in a plain interpreter."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
