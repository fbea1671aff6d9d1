"""The bytes of a source on their way out: read in blocks, hashed once, never held in memory."""

from __future__ import annotations

import hashlib
import queue
import threading
from collections.abc import Iterator
from typing import Protocol

from ..errors import SourceChanged

__all__ = ["BLOCK_BYTES", "Content", "HashingReader", "OpenContent"]

BLOCK_BYTES = 256 * 1024
RING_BLOCKS = 8


class OpenContent(Protocol):
    """A source that is open for reading."""

    def read_into(self, offset: int, buffer: memoryview) -> int:
        """Fill the buffer from an offset, and return the bytes read; 0 at the end."""

    def check_unchanged(self) -> None:
        """Raise `SourceChanged` if the source is not what it was when it was opened."""

    def close(self) -> None:
        """Release it."""


class Content(Protocol):
    """What can be sent: it knows its size, and can be opened."""

    @property
    def label(self) -> str:
        """What a person calls it."""

    @property
    def size(self) -> int:
        """Bytes."""

    def open(self) -> OpenContent:
        """Open it for one upload."""


class HashingReader:
    """Read blocks for sending while a thread of its own hashes each byte once.

    sha256 can be slower than the link, so it never runs in the sending thread; a bounded ring of
    buffers keeps memory constant and lets the two overlap. Bytes sent again after a broken
    connection are not hashed again. What fits into a few blocks is not worth a thread.
    """

    def __init__(self, content: OpenContent, size: int, label: str) -> None:
        self._content = content
        self._size = size
        self._label = label
        self._sha256 = hashlib.sha256()
        self._hashed_to = 0
        self._free: queue.SimpleQueue[bytearray] = queue.SimpleQueue()
        self._full: queue.SimpleQueue[tuple[bytearray, int, int] | None] = queue.SimpleQueue()
        is_small = size <= RING_BLOCKS * BLOCK_BYTES
        for _ in range(1 if is_small else RING_BLOCKS):
            self._free.put(bytearray(min(BLOCK_BYTES, max(size, 1))))
        self._thread: threading.Thread | None = None
        if not is_small:
            self._thread = threading.Thread(target=self._hash, name="gemfiles-sha256", daemon=True)
            self._thread.start()

    def blocks(self, offset: int, length: int) -> Iterator[memoryview]:
        """Yield ``length`` bytes from ``offset``; each block is good until the next is asked for.

        Raises
        ------
        SourceChanged
            The source ended early.
        """
        if offset > self._hashed_to:  # the service has more than this reader ever saw
            for _ in self.blocks(self._hashed_to, offset - self._hashed_to):
                pass
        end = offset + length
        while offset < end:
            buffer = self._free.get()
            is_handed_over = False
            try:
                block = memoryview(buffer)[: min(len(buffer), end - offset)]
                count = self._content.read_into(offset, block)
                if count == 0:
                    self._content.check_unchanged()
                    raise SourceChanged(
                        f"{self._label} ended after {offset} of {self._size} bytes while it was being sent."
                    )
                is_handed_over = self._hand_over(buffer, offset, count)
                yield block[:count]
                offset += count
            finally:
                if not is_handed_over:
                    self._free.put(buffer)

    def sha256(self) -> str:
        """Hash what was not read yet, and return the digest of the whole source."""
        for _ in self.blocks(self._hashed_to, self._size - self._hashed_to):
            pass
        self.close()
        return self._sha256.hexdigest()

    def close(self) -> None:
        """Let the hashing thread finish what it has."""
        if self._thread and self._thread.is_alive():
            self._full.put(None)
            self._thread.join()

    def _hand_over(self, buffer: bytearray, offset: int, count: int) -> bool:
        """Give the hashing thread the part of a block that it has not seen; it frees the buffer."""
        seen = self._hashed_to - offset
        if seen >= count:
            return False
        self._hashed_to = offset + count
        if self._thread is None:
            self._sha256.update(memoryview(buffer)[seen:count])
            return False
        self._full.put((buffer, seen, count))
        return True

    def _hash(self) -> None:
        while (item := self._full.get()) is not None:
            buffer, start, end = item
            self._sha256.update(memoryview(buffer)[start:end])
            self._free.put(buffer)
