"""Bytes on their way from a browser: kept on disk, in order, until there are all of them.

A browser that reloads asks for the same upload again and goes on at the offset that was reached.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import InvalidUsage, SourceRefused
from ..transfers.limits import check_limits
from ..transfers.mime import guess_mime
from ..transfers.sources import HEAD_BYTES, PathSource

__all__ = ["Incoming", "Receiver", "Spool"]

MOST_OPEN = 1000
# Never fill the disk to the brim: notebooks have to be saved.
SPARE_BYTES = 256 * 1024**2
KEPT_SECONDS = 2 * 86400.0
_UNKNOWN_TYPE = "application/octet-stream"
_PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class Incoming:
    """One upload of a browser.

    Attributes
    ----------
    id
        The same for the same owner, name, size and time of change.
    name
        What the user calls it.
    size
        Bytes, once all have come.
    mime_type
        What the browser takes it for; may be empty.
    """

    id: str
    name: str
    size: int
    mime_type: str
    variable: str
    path: Path

    @property
    def offset(self) -> int:
        """Bytes that have come."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:  # none has come yet
            return 0

    @property
    def is_whole(self) -> bool:
        """Whether all bytes have come."""
        return self.offset >= self.size

    def type(self) -> str:
        """Return the type to declare, from the name and the first bytes, else what the browser says."""
        with self.path.open("rb") as file:
            guessed = guess_mime(self.name, file.read(HEAD_BYTES))
        return self.mime_type if guessed == _UNKNOWN_TYPE and self.mime_type else guessed


class Spool:
    """The folder where they are kept, which only its owner may read.

    Parameters
    ----------
    folder
        Created when it is first needed.
    owner
        Keeps its uploads apart from those of other processes that share the folder.
    """

    def __init__(self, folder: Path, owner: str = "") -> None:
        self._folder = folder
        self._owner = owner
        self._lock = threading.Lock()
        self._open: dict[str, Incoming] = {}
        self._receivers: dict[str, Receiver] = {}

    def open(self, name: str, size: int, modified: int, mime_type: str, variable: str) -> Incoming:
        """Return the upload of a file, which may have been begun before.

        Raises
        ------
        SourceRefused
            The service would refuse it, or the disk has no room for it.
        InvalidUsage
            It has no name, or there are too many others.
        """
        if not name or size < 0:
            raise InvalidUsage("An upload needs a name and a size.")
        known_by = f"{self._owner}{name}\n{size}\n{modified}"
        id = hashlib.sha256(known_by.encode("utf-8", "replace")).hexdigest()[:16]  # noqa: A001
        incoming = Incoming(id, name, size, mime_type, variable, self._folder / id)
        declared = mime_type if mime_type == _PDF else guess_mime(name, b"")
        check_limits(PathSource(incoming.path, name, size), declared)
        with _disk_problems():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.chmod(0o700)
        with self._lock:
            others = [other for other in self._open.values() if other.id != id]
            if len(others) >= MOST_OPEN:
                raise InvalidUsage(
                    f"{len(others)} uploads are under way.", hint="Wait until some of them have arrived."
                )
            promised = sum(max(0, other.size - other.offset) for other in others)
            free = shutil.disk_usage(self._folder).free - promised - SPARE_BYTES
            if size - incoming.offset > free:
                raise SourceRefused(
                    f"{name} is {size / 1e6:.0f} MB, and the disk of the notebook server has room for"
                    f" {max(0, free) / 1e6:.0f} MB.",
                    hint="Make room there, or upload the file where it is.",
                )
            if not size:
                incoming.path.touch(0o600)
            self._open[id] = incoming
        return incoming

    def get(self, id: str) -> Incoming | None:  # noqa: A002
        """Return an upload that has been opened and not been taken or dropped since."""
        with self._lock:
            return self._open.get(id)

    def receiver(self, incoming: Incoming, offset: int) -> Receiver | None:
        """Return what takes the bytes from an offset on; nothing where that is not what has been reached.

        The newest wins: what took bytes of the same upload before takes no more of them.

        Raises
        ------
        SourceRefused
            The disk does not take them.
        """
        with self._lock:
            before = self._receivers.get(incoming.id)
            if before:
                before.close()
            if offset != incoming.offset:
                return None
            receiver = self._receivers[incoming.id] = Receiver(incoming)
            return receiver

    def take(self, incoming: Incoming) -> bool:
        """Close an upload that is whole; return whether it was still open: only one may go on with it."""
        with self._lock:
            self._receivers.pop(incoming.id, None)
            return self._open.pop(incoming.id, None) is not None

    def drop(self, id: str) -> None:  # noqa: A002
        """Give an upload up."""
        with self._lock:
            incoming = self._open.pop(id, None)
            receiver = self._receivers.pop(id, None)
        if receiver:
            receiver.close()
        if incoming:
            self.release(incoming.path)

    def release(self, path: Path) -> None:
        """Remove a file, if it is one of ours, for its transfer has ended."""
        if path.parent == self._folder:
            with suppress(OSError):  # what can't be removed now is swept later
                path.unlink()

    def sweep(self, kept: Collection[str]) -> None:
        """Remove what was left long ago.

        Parameters
        ----------
        kept
            Paths that unfinished transfers still need.
        """
        if not self._folder.is_dir():
            return
        for path in self._folder.iterdir():
            with suppress(OSError):
                is_old = time.time() - path.stat().st_mtime > KEPT_SECONDS
                if is_old and str(path) not in kept:
                    path.unlink()


class Receiver:
    """Takes the bytes of one request, in order."""

    def __init__(self, incoming: Incoming) -> None:
        self._lock = threading.Lock()
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        with _disk_problems():
            self._file: int | None = os.open(incoming.path, flags, 0o600)

    def write(self, data: bytes | memoryview) -> bool:
        """Write; return whether that was still wanted.

        Raises
        ------
        SourceRefused
            The disk does not take it.
        """
        with self._lock:
            if self._file is None:
                return False
            view = memoryview(data)
            with _disk_problems():
                while view:
                    view = view[os.write(self._file, view) :]
            return True

    def close(self) -> None:
        """Take no more bytes."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None


@contextmanager
def _disk_problems() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SourceRefused(
            f"The notebook server can't keep the bytes: {error.strerror}.",
            hint="Make room on its disk, or upload the file where it is.",
        ) from None
