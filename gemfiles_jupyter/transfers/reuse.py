"""Never send twice: find a stored file that holds the very bytes of a source.

The journal knows what this user stored; the service's own list knows what another machine stored.
A source is read for its digest only when something of its size and type is there to compare with, so
the first upload of a new file costs no extra pass.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from enum import Enum
from itertools import islice

from ..client import Client
from ..client.content import HashingReader
from ..client.models import File
from ..errors import FileUnavailable, GemfilesError
from .entries import Entry
from .journal import Journal
from .sources import Source

__all__ = ["LIST_FROM", "Finder", "ReusePolicy", "sample_of"]

LEAST_LIFE_SECONDS = 600.0
MOST_LISTED = 10_000
SAMPLE_BYTES = 16 * 1024
# From so many sources on, one list costs less than asking for each file.
LIST_FROM = 8


class ReusePolicy(str, Enum):
    """When a stored file may stand for a source.

    AUTO
        Same content and type, and at least 10 minutes to live.
    ALWAYS
        Same content, whatever its type, name and time to live.
    NEVER
        Send the bytes.
    """

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class _Listing:
    """The stored files at one moment, by name and by size."""

    def __init__(self) -> None:
        self.by_name: dict[str, File] = {}
        self.by_size: dict[int | None, list[File]] = {}
        self.is_whole = False
        self.began = time.time()

    def read(self, files: Iterator[File]) -> None:
        """Take in the files of a list, up to a limit."""
        for file in islice(files, MOST_LISTED):
            self.by_name[file.name] = file
            self.by_size.setdefault(file.size_bytes, []).append(file)
        self.is_whole = next(files, None) is None


class Finder:
    """Finds stored files for the sources of one batch; the service is listed at most once."""

    def __init__(
        self, client: Client, journal: Journal, policy: ReusePolicy, *, is_for_many: bool = False
    ) -> None:
        self._client = client
        self._journal = journal
        self._policy = policy
        self._is_for_many = is_for_many
        self._lock = threading.Lock()
        self._listing: _Listing | None = None

    def find(
        self, source: Source, wanted: Entry, *, has_chosen_name: bool, is_known: bool = True
    ) -> tuple[File | None, str]:
        """Return a stored file with the bytes of a source, and the source's sha256 where it was needed.

        Parameters
        ----------
        has_chosen_name
            The user asked for this display name, so a file of another name will not do.
        is_known
            False if the journal knows nothing of this content: then only the service's list can have it.
        """
        if self._policy is ReusePolicy.NEVER:
            return None, ""
        digest = ""
        for file in self._candidates(wanted, is_known=is_known):
            if has_chosen_name and file.display_name != wanted.display_name and not self._is_lenient:
                continue
            digest = digest or self._digest(source, wanted)
            if file.sha256 == digest and self._is_good(file):
                return file, digest
        return None, digest

    @property
    def _is_lenient(self) -> bool:
        return self._policy is ReusePolicy.ALWAYS

    def _candidates(self, wanted: Entry, *, is_known: bool) -> Iterator[File]:
        """Yield files that might do, the journal's first; each as the service describes it now."""
        seen: set[str] = set()
        for entry in self._journal.stored(wanted) if is_known else ():
            seen.add(entry.file_name)
            file = self._now(entry)
            if file:
                yield file
        for file in self._listed().by_size.get(wanted.size, ()):
            is_typed = file.mime_type == wanted.mime_type or self._is_lenient
            if is_typed and file.sha256 is not None and file.name not in seen:
                yield file

    def _now(self, entry: Entry) -> File | None:
        """Return an entry's file as it is now; for many, one list says it of all that is older."""
        if self._is_for_many:
            listed = self._listed()
            is_older = entry.heartbeat < listed.began
            if entry.file_name in listed.by_name:
                return listed.by_name[entry.file_name]
            if listed.is_whole and is_older:
                self._journal.forget_file(entry.file_name)
                return None
        try:
            return self._client.files.get(entry.file_name)
        except FileUnavailable:
            self._journal.forget_file(entry.file_name)
        except GemfilesError:  # whether it is there can't be told now: the source is sent
            pass
        return None

    def _listed(self) -> _Listing:
        with self._lock:
            if self._listing is None:
                self._listing = _Listing()
                with suppress(GemfilesError):  # what can't be listed is asked for, or sent
                    self._listing.read(self._client.files.list(retries=0))
            return self._listing

    def _digest(self, source: Source, wanted: Entry) -> str:
        known = self._journal.known(wanted.path, wanted.size, wanted.modified_ns)
        return known.sha256 if known else _sha256_of(source)

    def _is_good(self, file: File) -> bool:
        left = file.expires_in(self._client.transport.now())
        is_long_lived = left is None or left.total_seconds() > (0 if self._is_lenient else LEAST_LIFE_SECONDS)
        return is_long_lived and not file.is_failed


def sample_of(source: Source) -> str:
    """Return the sha256 of a few blocks of a source, which tells most different sources apart.

    Not of the first alone: recordings begin with the same silence, tables with the same columns. A remote
    one is not read for that: what its address and version say has to do.
    """
    if source.sample:
        return source.sample
    opened = source.open()
    try:
        last = max(0, source.size - SAMPLE_BYTES)
        offsets = sorted({0, last // 2, last})
        sample = memoryview(bytearray(len(offsets) * SAMPLE_BYTES))
        count = 0
        for offset in offsets:
            count += opened.read_into(offset, sample[count : count + SAMPLE_BYTES])
        return hashlib.sha256(sample[:count]).hexdigest()
    finally:
        opened.close()


def _sha256_of(source: Source) -> str:
    opened = source.open()
    reader = HashingReader(opened, source.size, source.label)
    try:
        digest = reader.sha256()
        opened.check_unchanged()
        return digest
    finally:
        reader.close()
        opened.close()
