"""A small file that is read once: its type, its digests and the request's body come from the same bytes.

Each look at the disk lets go of Python's lock, which a thread among many gets back late.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..client.content import OpenContent
from ..client.drive import SMALL_BYTES
from .mime import guess_mime
from .sources import PathSource, Source, SourceBase
from .values import HEAD_BYTES

__all__ = ["held"]


@contextmanager
def held(source: Source) -> Iterator[Source]:
    """Give a source for one transfer: a small file with its bytes in memory, anything else as it is.

    Raises
    ------
    SourceRefused, SourceChanged
        As opening and reading it does.
    """
    if not isinstance(source, PathSource) or source.size > SMALL_BYTES:
        yield source
        return
    opened = source.open()
    try:
        yield _HeldSource(source, opened)
    finally:
        opened.close()


class _HeldSource(SourceBase):
    """The bytes of an open file; whether it has changed since is asked of the file."""

    def __init__(self, source: PathSource, opened: OpenContent) -> None:
        self._source = source
        self._opened = opened
        data = memoryview(bytearray(source.size))
        count = 0
        while count < source.size and (more := opened.read_into(count, data[count:])):
            count += more
        self._data = data[:count]  # fewer than its size tells the reader that it changed

    @property
    def label(self) -> str:
        return self._source.label

    @property
    def size(self) -> int:
        return self._source.size

    @property
    def place(self) -> str:
        return self._source.place

    @property
    def modified_ns(self) -> int:
        return self._source.modified_ns

    @property
    def mime_type(self) -> str:
        return guess_mime(self._source.path.name, bytes(self._data[:HEAD_BYTES]))

    def open(self) -> OpenContent:
        return self

    def read_into(self, offset: int, buffer: memoryview) -> int:
        block = self._data[offset : offset + len(buffer)]
        buffer[: len(block)] = block
        return len(block)

    def check_unchanged(self) -> None:
        self._opened.check_unchanged()

    def close(self) -> None:
        """Leave it open: who held it closes it."""
