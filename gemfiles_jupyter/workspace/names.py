"""Names on the service, for completion: told from memory at once, asked for in the background."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import islice

from ..client import Client
from ..client.models import File
from ..config import Endpoint, choose_endpoint
from ..errors import GemfilesError
from ..transfers.journal import user_journal
from .offline import running_endpoint
from .selection import in_order
from .workspace import known_workspace

__all__ = ["FILE_NAMES", "STORE_NAMES", "TRANSFER_NAMES", "Names", "names_of"]

FRESH_SECONDS = 20.0
MOST = 10_000
# So long the very first asker waits, for a server that is near; whoever comes later waits for nothing.
FIRST_SECONDS = 0.03


class Names:
    """Names of one kind as last heard; safe to ask from any thread.

    Parameters
    ----------
    ask
        Yields them; called in a thread of its own, now and then.
    """

    def __init__(self, ask: Callable[[Client], Iterable[str]]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._names: tuple[str, ...] = ()
        self._endpoint: Endpoint | None = None
        self._asked = float("-inf")
        self._thread: threading.Thread | None = None

    def known(self) -> tuple[str, ...]:
        """Return the names of the last time, and have them asked for again if that is a while ago."""
        with self._lock:
            is_first = self._asked == float("-inf")
            is_running = self._thread is not None and self._thread.is_alive()
            if not is_running and time.monotonic() - self._asked > FRESH_SECONDS:
                self._asked = time.monotonic()
                self._thread = threading.Thread(target=self._refresh, name="gemfiles-names", daemon=True)
                self._thread.start()
        if is_first and self._thread:
            self._thread.join(FIRST_SECONDS)
        with self._lock:
            return self._names if self._is_current() else ()

    def learn(self, names: Iterable[str], endpoint: Endpoint) -> None:
        """Take names that were heard at an endpoint."""
        learned = tuple(dict.fromkeys(islice(names, MOST)))
        with self._lock:
            self._names, self._endpoint, self._asked = learned, endpoint, time.monotonic()

    def _is_current(self) -> bool:
        """Whether they are of the place and key that were used last."""
        used = known_workspace()
        return used is None or used.client.endpoint == self._endpoint

    def _refresh(self) -> None:
        with suppress(GemfilesError, sqlite3.Error):  # nothing new then
            used = known_workspace()
            client = used.client if used else _client_at_hand()
            if client:
                self.learn(self._ask(client), client.endpoint)


def names_of(files: Iterable[File]) -> Iterable[str]:
    """Yield what files answer to, newest first: display names, then ids."""
    ordered = in_order(files)
    yield from (file.display_name for file in ordered if file.display_name)
    yield from (file.name for file in ordered)


def _client_at_hand() -> Client | None:
    """Return a client of the present settings, unless the offline server would have to be started."""
    endpoint: Endpoint | None = choose_endpoint()
    if endpoint and endpoint.is_offline:
        endpoint = running_endpoint()
    return Client(endpoint=endpoint) if endpoint else None


def _store_names(client: Client) -> Iterable[str]:
    stores = list(client.stores.list())
    yield from (store.display_name for store in stores if store.display_name)
    yield from (store.name for store in stores)


def _transfer_names(_: Client) -> Iterable[str]:
    return (entry.label for entry in user_journal().entries(is_open=True))


FILE_NAMES = Names(lambda client: names_of(client.files.list(retries=1)))
STORE_NAMES = Names(_store_names)
TRANSFER_NAMES = Names(_transfer_names)
