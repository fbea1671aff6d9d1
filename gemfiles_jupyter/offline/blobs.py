"""The bytes, one file on disk for each upload.

Names are random and made here: nothing that a client says is ever part of a path.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
from collections.abc import Sequence
from io import FileIO
from pathlib import Path

_READ_BYTES = 1024**2


class Blobs:
    """The folder of blobs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @staticmethod
    def new_name() -> str:
        """Return a name for a blob that does not exist yet."""
        return secrets.token_hex(16)

    def create(self, blob: str, content: bytes = b"") -> None:
        """Create a blob."""
        self.path(blob).touch(mode=0o600, exist_ok=False)
        if content:
            self.path(blob).write_bytes(content)

    def copy(self, blob: str, other: str) -> None:
        """Give a finished blob a second name, which lives on when the first is removed."""
        try:
            os.link(self.path(blob), self.path(other))
        except OSError:  # not on this file system
            shutil.copyfile(self.path(blob), self.path(other))

    def path(self, blob: str) -> Path:
        """Return where a blob lies."""
        return self._folder / blob

    def remove(self, blob: str) -> None:
        """Remove a blob; one that is gone already is fine."""
        if blob:
            self.path(blob).unlink(missing_ok=True)

    def remove_all_but(self, wanted: set[str]) -> None:
        """Remove what no file and no session needs: what a crash left behind."""
        for path in self._folder.iterdir():
            if path.name not in wanted:
                with contextlib.suppress(OSError):
                    path.unlink()


class PartialBlob:
    """A blob that is being received.

    Writing and hashing may run on two threads at once, each on its own.  The
    size on disk is the truth about what was received; the digest may lag behind
    it (after a restart) and catches up at the end.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size_bytes = path.stat().st_size
        self._file: FileIO | None = None
        self._digest = hashlib.sha256()
        self._digested_bytes = 0

    def write(self, blocks: Sequence[bytes]) -> None:
        """Append blocks.  When it raises, `size_bytes` still says what is on disk."""
        if self._file is None:
            self._file = FileIO(self.path, "ab")
        for block in blocks:
            rest = memoryview(block)
            while rest:
                written = self._file.write(rest) or 0
                self.size_bytes += written
                rest = rest[written:]

    def digest(self, start: int, blocks: Sequence[bytes]) -> None:
        """Hash blocks that begin at `start`, if the digest has come that far."""
        if self._digested_bytes != start:
            return
        for block in blocks:
            self._digest.update(block)
            self._digested_bytes += len(block)

    def hexdigest(self) -> str:
        """Return the hash of everything received, reading from disk what was not hashed yet."""
        if self._digested_bytes > self.size_bytes:  # a write failed after its blocks were hashed
            self._digest = hashlib.sha256()
            self._digested_bytes = 0
        if self._digested_bytes < self.size_bytes:
            with self.path.open("rb") as file:
                file.seek(self._digested_bytes)
                while block := file.read(_READ_BYTES):
                    self._digest.update(block)
                    self._digested_bytes += len(block)
        return self._digest.hexdigest()

    def close(self) -> None:
        """Close the file on disk; a later write opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None
