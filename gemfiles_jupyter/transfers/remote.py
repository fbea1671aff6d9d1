"""Sources that are somewhere else, as fsspec reaches them: https, s3, gs, az, hf, zip, memory and others.

They stream through: a thread reads ahead while what came is sent, and nothing is ever held whole in memory.
What the other side says of a file (its ETag, else its time) stands for what ``fstat`` says of one on disk.
Where it gives no size, the file is first brought into a temporary one, for the service is told the size
before the bytes.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ..client.content import OpenContent
from ..errors import CannotConnect, InvalidUsage, SourceChanged, SourceNotFound
from .addresses import kept_address, shown_address
from .journal import user_journal
from .mime import guess_mime
from .read_ahead import ReadAhead, Stream
from .remote_problems import no_fsspec, problem_of
from .sources import SourceBase
from .values import HEAD_BYTES

__all__ = ["DIGESTS", "Copy", "Info", "RemoteSource", "SpooledSource", "look_at", "reach", "version_of"]

# While a source is being read, so often it is asked whether it is still the same.
RECHECK_SECONDS = 10.0
# What file systems call what is another once the content is; the first that is there counts. Of times
# a list and a look at one file do not tell the same.
DIGESTS = ("etag", "blobid", "md5hash", "contentmd5", "crc32c", "sha256", "checksum", "digest", "crc", "sha")
_TIMES = ("generation", "mtime", "lastmodified", "updated", "modified", "modify", "created", "datetime")

Info = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RemoteSource(SourceBase):
    """A file somewhere else.

    Attributes
    ----------
    address
        Where, with all that it takes to read it: it may hold a credential.
    version
        What the other side says that changes with the content; empty where it says nothing.
    modified_ns
        A number that is another once the version is; never the same where there is no version, so that
        such a source is not taken for one that was read before.
    """

    address: str = field(repr=False)
    label: str
    size: int
    version: str = ""
    modified_ns: int = 0

    @property
    def place(self) -> str:
        """Its address as far as it may be kept, for the journal alone."""
        return kept_address(self.address)

    @property
    def identity(self) -> str:
        """Its address."""
        return self.address

    @property
    def sample(self) -> str:
        """A digest that stands for one of its content, and takes no reading."""
        return hashlib.sha256(f"{self.place}\n{self.modified_ns}".encode()).hexdigest()

    @property
    def mime_type(self) -> str:
        """The type to declare, from its name and first bytes."""
        return _mime_type(self)

    def open(self) -> OpenContent:
        """Open it for one upload; it is reached at the first read."""
        return _OpenRemote(self)


class Copy:
    """A temporary file that is gone once nobody holds it; safe to read from several threads."""

    def __init__(self) -> None:
        self.size = 0
        self._file = tempfile.TemporaryFile(prefix="gemfiles-")  # noqa: SIM115 (closed below)
        self._lock = threading.Lock()

    def add(self, block: bytes) -> None:
        """Write what comes next."""
        self._file.write(block)
        self.size += len(block)

    def read_into(self, offset: int, buffer: memoryview) -> int:
        """Fill the buffer from an offset."""
        with self._lock:
            self._file.seek(offset)
            data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def check_unchanged(self) -> None:
        """Accept: nobody else has the file."""

    def close(self) -> None:
        """Keep it for the next upload."""

    def __del__(self) -> None:
        self._file.close()


@dataclass(frozen=True, slots=True)
class SpooledSource(SourceBase):
    """A file from somewhere else whose size was not known, brought here."""

    label: str
    place: str
    modified_ns: int
    copy: Copy = field(repr=False)

    @property
    def size(self) -> int:
        """Bytes."""
        return self.copy.size

    @property
    def mime_type(self) -> str:
        """The type to declare, from its name and first bytes."""
        head = bytearray(HEAD_BYTES)
        return guess_mime(self.label, bytes(head[: self.copy.read_into(0, memoryview(head))]))

    def open(self) -> OpenContent:
        """Open it for one upload."""
        return self.copy


def reach(address: str) -> tuple[Any, str]:
    """Return the file system of an address, and the path in it."""
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise no_fsspec(address) from None
    try:
        filesystem, path = url_to_fs(address)
    except ValueError:
        raise InvalidUsage(
            f"{shown_address(address)} is no kind of address that fsspec knows.",
            hint="They begin with https://, s3://, gs://, az://, hf:// and others.",
        ) from None
    except Exception as error:  # foreign code
        raise problem_of(error, address) from None
    return filesystem, str(path)


def look_at(filesystem: Any, path: str, address: str) -> Info:
    """Return what the other side says of a file now, and not what it said before."""
    try:
        filesystem.invalidate_cache()
        info: Info = filesystem.info(path)
    except Exception as error:  # foreign code
        raise problem_of(error, address) from None
    return info


def version_of(info: Info, fields: Sequence[str] = (*DIGESTS, *_TIMES)) -> str:
    """Return what a file system says that changes with the content; empty where it says nothing."""
    plain = {re.sub("[^a-z0-9]", "", str(name).lower()): value for name, value in info.items()}
    for name in fields:
        if plain.get(name):
            return f"{name}={str(plain[name]).removeprefix('W/').strip(chr(34))}"
    return ""


@lru_cache(maxsize=10_000)
def _mime_type(source: RemoteSource) -> str:
    """Return the type of a source; nothing is read of one that was sent before as what its name says."""
    by_name = guess_mime(source.label, b"")
    known = user_journal().known(source.place, source.size, source.modified_ns)
    if source.size == 0 or (known and known.mime_type == by_name):
        return by_name
    stream = Stream(*reach(source.address))
    try:
        return guess_mime(source.label, stream.read(0, min(HEAD_BYTES, source.size)))
    except Exception as error:  # foreign code
        raise problem_of(error, source.address) from None
    finally:
        stream.close()


class _OpenRemote:
    """A remote file open for one upload, which notices when it changes."""

    def __init__(self, source: RemoteSource) -> None:
        self._source = source
        self._ahead: ReadAhead | None = None
        self._read_to = 0
        self._asked = time.monotonic()
        self._is_settled = False

    def read_into(self, offset: int, buffer: memoryview) -> int:
        """Fill the buffer from an offset."""
        try:
            if self._ahead is None or self._ahead.position != offset:
                self._restart(offset)
            assert self._ahead is not None, "just started"
            count = self._ahead.read_into(buffer)
        except Exception as error:  # foreign code; as an OSError it would pass for a broken upload
            raise problem_of(error, self._source.address) from None
        if offset <= self._read_to:
            self._read_to = max(self._read_to, offset + count)
        return count

    def check_unchanged(self) -> None:
        """Raise `SourceChanged` unless size and version are what they were.

        Asked now and then while it is read, and once after all of it was: what was read before is of the
        version that is there then.
        """
        has_all = self._read_to >= self._source.size
        if self._is_settled or (not has_all and time.monotonic() - self._asked < RECHECK_SECONDS):
            return
        source = self._source
        info = self._looked()
        size, version = info.get("size"), version_of(info)
        if size is not None and int(size) != source.size:
            raise SourceChanged(
                f"{source.label} changed while it was being sent: {source.size} bytes became {size}.",
                hint="Run it again once nothing writes to the file.",
            )
        if version != source.version:
            raise SourceChanged(
                f"{source.label} was rewritten while it was being sent.",
                hint="Run it again once nothing writes to the file.",
            )
        self._asked, self._is_settled = time.monotonic(), has_all

    def close(self) -> None:
        """Stop reading."""
        if self._ahead:
            self._ahead.close()
        self._ahead = None

    def _looked(self) -> Info:
        """Return what the other side says now, asking again if it does not answer."""
        source = self._source
        for wait in (0.5, 2.0, 0.0):
            try:
                return look_at(*reach(source.address), source.address)
            except SourceNotFound:
                raise SourceChanged(f"{source.label} was removed while it was being sent.") from None
            except CannotConnect:
                if not wait:
                    raise
                time.sleep(wait)
        raise AssertionError("the last try returned or raised")

    def _restart(self, offset: int) -> None:
        self.close()
        self._ahead = ReadAhead(Stream(*reach(self._source.address)), offset, self._source.size)
