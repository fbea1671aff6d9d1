"""Takes the body of a data request onto the disk, hashing on the way.

The event loop only collects blocks; two worker threads write and hash them while
the next ones arrive.  What is held in memory is bounded, whatever the size.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from .blobs import PartialBlob
from .storage import Storage

_BATCH_BYTES = 1024**2
_SMALL_BYTES = 128 * 1024
_MAX_QUEUED_BYTES = 4 * 1024**2


class Receiver:
    """The bytes of one request on their way into a partial blob."""

    def __init__(self, storage: Storage, partial: PartialBlob) -> None:
        self._storage = storage
        self._partial = partial
        self._queue: list[bytes] = []
        self._queued_bytes = 0
        self._pump: asyncio.Task[None] | None = None
        self._room: asyncio.Future[None] | None = None
        self._error: OSError | None = None

    def put(self, block: bytes) -> Awaitable[None] | None:
        """Take a block; the awaitable, if any, is to be awaited before the next."""
        if self._error is not None:
            return None
        self._queue.append(block)
        self._queued_bytes += len(block)
        if self._queued_bytes >= _BATCH_BYTES and self._pump is None:
            self._pump = asyncio.ensure_future(self._drain())
        if self._queued_bytes < _MAX_QUEUED_BYTES:
            return None
        self._room = asyncio.get_running_loop().create_future()
        return self._room

    async def finish(self) -> None:
        """Wait until everything is on disk.

        Raises
        ------
        OSError
            The disk took only a part; the partial blob knows how much.
        """
        if self._pump is None:
            self._pump = asyncio.ensure_future(self._drain())
        while self._pump is not None:
            await self._pump
            if self._queue and self._pump is None:
                self._pump = asyncio.ensure_future(self._drain())
        if self._error is not None:
            raise self._error

    async def _drain(self) -> None:
        try:
            while self._queue:
                batch, self._queue, self._queued_bytes = self._queue, [], 0
                self._make_room()
                await self._keep(batch)
        except OSError as error:
            self._error = error
            self._queue.clear()
        finally:
            self._pump = None
            self._make_room()

    async def _keep(self, batch: list[bytes]) -> None:
        start = self._partial.size_bytes
        if sum(map(len, batch)) < _SMALL_BYTES:
            await self._storage.work(self._write_and_digest, start, batch)
            return
        results = await asyncio.gather(
            self._storage.work(self._partial.write, batch),
            self._storage.work(self._partial.digest, start, batch),
            return_exceptions=True,
        )
        for result in results:
            if isinstance(result, BaseException):
                raise result

    def _write_and_digest(self, start: int, batch: list[bytes]) -> None:
        """Do both on one thread: for little, handing it over would take longer than the work."""
        self._partial.write(batch)
        self._partial.digest(start, batch)

    def _make_room(self) -> None:
        if self._room is not None and not self._room.done():
            self._room.set_result(None)
        self._room = None
