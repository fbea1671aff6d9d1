"""Read a remote file ahead of the upload: a thread fills a bounded buffer, so that both go at a time."""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress
from typing import Any

from .remote_problems import is_final

__all__ = ["BLOCK_BYTES", "ReadAhead", "Stream"]

BLOCK_BYTES = 4 * 1024 * 1024
BUFFER_BLOCKS = 4
MOST_TRIES = 6
FIRST_WAIT_SECONDS = 0.25


class Stream:
    """A file of an fsspec file system, read from any offset.

    By ranges; where the other side sends the whole nevertheless, from its start, passing over what is
    not wanted. Not safe to share among threads.

    Parameters
    ----------
    filesystem, path
        As ``fsspec.core.url_to_fs`` gives them, whose types differ from version to version.
    """

    def __init__(self, filesystem: Any, path: str) -> None:
        self._filesystem = filesystem
        self._path = path
        self._file: Any = None
        self._at = 0
        self._has_ranges = True

    def read(self, offset: int, count: int) -> bytes:
        """Return so many bytes from an offset; fewer only at the end."""
        try:
            return self._read(offset, count)
        except ValueError:  # fsspec's word for the answer to a range that is longer than the range
            if not self._has_ranges:
                raise
            self._has_ranges = False
            self.close()
            return self._read(offset, count)

    def close(self) -> None:
        """Close the file; the next `read` opens it again."""
        with suppress(Exception):  # foreign code, and a broken connection may not close well
            if self._file is not None:
                self._file.close()
        self._file = None

    def _read(self, offset: int, count: int) -> bytes:
        if self._file is None or self._at != offset:
            self._open(offset)
        parts: list[bytes] = []
        while count > 0:
            part = self._file.read(count)
            if not part:
                break
            parts.append(part)
            count -= len(part)
            self._at += len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _open(self, offset: int) -> None:
        self.close()
        how = {"block_size": BLOCK_BYTES, "cache_type": "none"} if self._has_ranges else {"block_size": 0}
        self._file = self._filesystem.open(self._path, "rb", **how)
        self._at = offset
        try:
            self._file.seek(offset)
        except (OSError, ValueError):
            self._pass_over(offset)

    def _pass_over(self, count: int) -> None:
        while count > 0:
            part = self._file.read(min(count, BLOCK_BYTES))
            if not part:
                return
            count -= len(part)


class ReadAhead:
    """A stream read from an offset on, by a thread of its own that is at most a few blocks ahead.

    A read that fails is tried again for some seconds; what then remains is raised by `read_into`.

    Parameters
    ----------
    end
        Where to stop, in bytes from the start of the stream.
    """

    def __init__(self, stream: Stream, offset: int, end: int) -> None:
        self.position = offset
        self._stream = stream
        self._fetched = offset
        self._end = end
        self._blocks: deque[memoryview] = deque()
        self._changed = threading.Condition()
        self._error: Exception | None = None
        self._is_over = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._fill, name="gemfiles-read-ahead", daemon=True)
        self._thread.start()

    def read_into(self, buffer: memoryview) -> int:
        """Fill the buffer with what comes next; return 0 at the end.

        Raises
        ------
        Exception
            What the file system says, whatever it is.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._blocks or self._is_over)
            if not self._blocks:
                if self._error:
                    raise self._error
                return 0
            block = self._blocks[0]
            count = min(len(block), len(buffer))
            buffer[:count] = block[:count]
            if count < len(block):
                self._blocks[0] = block[count:]
            else:
                self._blocks.popleft()
                self._changed.notify_all()
        self.position += count
        return count

    def close(self) -> None:
        """Stop reading; what is being read just now may still come, and is dropped."""
        self._stop.set()
        with self._changed:
            self._changed.notify_all()

    def _fill(self) -> None:
        try:
            while self._fetched < self._end and self._has_room():
                block = self._fetch()
                if not block:
                    break
                self._fetched += len(block)
                with self._changed:
                    self._blocks.append(memoryview(block))
                    self._changed.notify_all()
        except Exception as error:  # handed over to who reads
            self._error = error
        finally:
            self._stream.close()
            with self._changed:
                self._is_over = True
                self._changed.notify_all()

    def _has_room(self) -> bool:
        """Wait for room in the buffer; False once nobody reads any more."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._blocks) < BUFFER_BLOCKS or self._stop.is_set())
        return not self._stop.is_set()

    def _fetch(self) -> bytes:
        wait = FIRST_WAIT_SECONDS
        for _ in range(MOST_TRIES - 1):
            try:
                return self._stream.read(self._fetched, min(BLOCK_BYTES, self._end - self._fetched))
            except Exception as error:  # foreign code: whatever its network stumbles over
                self._stream.close()
                if is_final(error):
                    raise
                if self._stop.wait(wait):
                    return b""
                wait *= 2
        return self._stream.read(self._fetched, min(BLOCK_BYTES, self._end - self._fetched))
