"""Files and sessions, kept on disk: the catalogue and the blobs behind one door.

The event loop asks here and awaits; SQLite works on a thread of its own, bytes
and hashes on a few others.
"""

from __future__ import annotations

import asyncio
import functools
import os
import stat
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import ParamSpec, TypeVar

from . import problems
from .blobs import Blobs, PartialBlob
from .catalogue import Catalogue, SessionRecord
from .clock import NANOSECONDS, Clock
from .locks import ProcessLock
from .media import Facts, inspect
from .resources import StoredFile, is_processed
from .runtime import private_folder
from .settings import SESSION_TTL_SECONDS, Settings

P = ParamSpec("P")
T = TypeVar("T")

_POLL_SECONDS = 0.05


class StorageError(RuntimeError):
    """The data folder can't be used; the text says why."""


class Storage:
    """One data folder.

    Parameters
    ----------
    folder
        Where everything is.
    clock, settings
        Of the server.
    patience_seconds
        How long to wait for another server to let go of the folder.

    Raises
    ------
    StorageError
        Another server uses the folder, or it can't be written.
    """

    def __init__(
        self, folder: Path, clock: Clock, settings: Settings, *, patience_seconds: float = 0.0
    ) -> None:
        self.folder = folder
        self.clock = clock
        self.settings = settings
        self._lock = _own(folder, patience_seconds)
        try:
            self.blobs = Blobs(private_folder(folder / "blobs"))
            self.catalogue = _open_catalogue(folder / "catalogue.db")
            self._recover()
        except BaseException:
            self._lock.release()
            raise
        self._database = ThreadPoolExecutor(1, thread_name_prefix="catalogue")
        self._workers = ThreadPoolExecutor(max(4, (os.cpu_count() or 1) * 2), thread_name_prefix="bytes")
        self._inspections: set[asyncio.Future[None]] = set()

    def _recover(self) -> None:
        """Bring disk and catalogue together again, whatever moment the last server died in."""
        self.clock.offset_ns = int(self.catalogue.setting("clock_offset_ns") or 0)
        self._sweep()
        self.catalogue.drop_single_sessions()
        self.catalogue.stores.tidy()
        self.blobs.remove_all_but(self.catalogue.blobs() | self.catalogue.stores.blobs())

    def close(self) -> None:
        """Finish what is under way and let the folder go."""
        self._workers.shutdown()
        self._database.shutdown()
        self.catalogue.close()
        self._lock.release()

    async def ask(self, question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a method of the catalogue on the database thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._database, functools.partial(question, *args, **kwargs))

    def work(self, task: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """Run slow work (bytes, hashes, inspection) on a worker thread."""
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._workers, functools.partial(task, *args, **kwargs))

    # Files

    async def find(self, file_id: str, key_hash: str) -> StoredFile | None:
        """Return a live file of this key."""
        file = await self.ask(self.catalogue.file, file_id, key_hash, self.clock.now_ns())
        return None if file is None else await self.settled(file)

    async def settled(self, file: StoredFile) -> StoredFile:
        """Return the file with its inspection done, if its time of processing is over."""
        if not is_processed(file.mime_type) or file.facts is not None or self.clock.now_ns() < file.ready_ns:
            return file
        return replace(file, facts=await self.facts(file))

    async def remove(self, file_id: str, key_hash: str) -> bool:
        """Delete a file; False when this key has none of that name."""
        blob = await self.ask(self.catalogue.remove_file, file_id, key_hash, self.clock.now_ns())
        if blob is None:
            return False
        await self.work(self.blobs.remove, blob)
        return True

    async def facts(self, file: StoredFile) -> Facts:
        """Return what is in a file, inspected when first asked for."""
        if file.facts is not None:
            return file.facts
        facts = await self.work(_inspect_blob, self.blobs.path(file.blob), file.mime_type)
        if is_processed(file.mime_type):
            facts = self._with_outcome(facts)
        await self.ask(self.catalogue.keep_facts, file.file_id, file.blob, facts)
        return facts

    def _with_outcome(self, facts: Facts) -> Facts:
        """Let a test decide how processing ends."""
        if self.settings.processing_outcome == "failed":
            return replace(facts, problem=facts.problem or "The file could not be processed.")
        if self.settings.processing_outcome == "active":
            return replace(facts, problem="")
        return facts

    def start_processing(self, file: StoredFile) -> None:
        """Inspect a new video in the background; its state changes when that and its time are over."""
        if is_processed(file.mime_type) and file.facts is None:
            task = asyncio.ensure_future(self._process(file))
            self._inspections.add(task)
            task.add_done_callback(self._inspections.discard)

    async def _process(self, file: StoredFile) -> None:
        await self.facts(file)

    async def resume_processing(self) -> None:
        """Go on with the inspections that a restart cut short."""
        for file in await self.ask(self.catalogue.uninspected):
            self.start_processing(file)

    def ready_ns(self, mime_type: str, now_ns: int) -> int:
        """Return when a file that arrives now is done with its processing."""
        if not is_processed(mime_type):
            return now_ns
        return now_ns + round(self.settings.processing_seconds * NANOSECONDS)

    def expires_ns(self, now_ns: int) -> int:
        """Return when a file that arrives now expires."""
        return now_ns + round(self.settings.ttl_seconds * NANOSECONDS)

    def check_quota(self, key_hash: str, more_bytes: int) -> None:
        """Refuse what does not fit; on the database thread."""
        stored = self.catalogue.stored_bytes(key_hash, self.clock.now_ns())
        if stored + more_bytes > self.settings.quota_bytes:
            raise problems.quota_exceeded(self.settings.quota_bytes)

    async def add(self, file: StoredFile, content: bytes = b"") -> StoredFile:
        """Store a file that was not uploaded.

        Raises
        ------
        Problem
            The name is taken, or the storage is full.
        """
        await self.work(self.blobs.create, file.blob, content)
        try:
            await self.ask(self.catalogue.add_file, file, file.created_ns, self.settings.quota_bytes)
        except problems.Problem:
            await self.work(self.blobs.remove, file.blob)
            raise
        self.start_processing(file)
        return await self.settled(file)

    # Sessions

    def open_partial(self, record: SessionRecord) -> PartialBlob:
        """Return the bytes of an unfinished session."""
        return PartialBlob(self.blobs.path(record.blob))

    # Housekeeping

    async def sweep(self) -> int:
        """Remove what has expired; return how many files that were."""
        return await self.ask(self._sweep)

    def _sweep(self) -> int:
        expired, blobs = self.catalogue.sweep(self.clock.now_ns(), self.oldest_session_ns())
        for blob in blobs:
            self.blobs.remove(blob)
        return expired

    def oldest_session_ns(self) -> int:
        """Return since when sessions may have been open."""
        return self.clock.now_ns() - round(SESSION_TTL_SECONDS * NANOSECONDS)

    async def reset(self) -> int:
        """Forget everything: an empty server again; return how many files there were."""
        removed = await self.ask(self.catalogue.clear)
        await self.ask(self.catalogue.stores.clear)
        await self.work(self.blobs.remove_all_but, set())
        return removed

    async def advance(self, seconds: float) -> int:
        """Move the clock, and remember it: a restart must not bring expired files back.

        Returns how many files have expired.
        """
        self.clock.advance(seconds)
        await self.ask(self.catalogue.keep_setting, "clock_offset_ns", str(self.clock.offset_ns))
        return await self.sweep()


def _own(folder: Path, patience_seconds: float) -> ProcessLock:
    deadline = time.monotonic() + patience_seconds
    try:
        _check_folder(folder)
        private_folder(folder)
        lock = ProcessLock(folder / "lock")
        while not (owned := lock.acquire(wait=False)) and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
    except OSError as error:
        raise StorageError(f"The data folder {folder} can't be written: {error.strerror}.") from error
    if not owned:
        raise StorageError(f"Another offline server already uses the data folder {folder}.")
    return lock


def _check_folder(folder: Path) -> None:
    """Refuse a folder that was meant for something else, rather than bend it to our needs."""
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return
    if stat.S_ISLNK(found.st_mode):
        raise StorageError(f"The data folder {folder} is a symbolic link; give the folder itself.")
    if not stat.S_ISDIR(found.st_mode):
        raise StorageError(f"The data folder {folder} is no folder.")
    if sys.platform != "win32" and found.st_uid != os.geteuid():
        raise StorageError(f"The data folder {folder} belongs to another user; give one of your own.")
    if not found.st_mode & stat.S_IWUSR:
        raise StorageError(f"The data folder {folder} is read-only; give one that can be written.")


def _open_catalogue(path: Path) -> Catalogue:
    """Open the catalogue; one that SQLite can't read is put aside and begun anew."""
    import sqlite3

    try:
        catalogue = Catalogue(path)
        if catalogue.is_healthy():
            return catalogue
        catalogue.close()
    except sqlite3.DatabaseError:
        pass
    for suffix in ("", "-wal", "-shm"):
        broken = path.with_name(path.name + suffix)
        if broken.exists():
            broken.replace(path.with_name(f"broken-{path.name}{suffix}"))
    return Catalogue(path)


def _inspect_blob(path: Path, mime_type: str) -> Facts:
    try:
        return inspect(path, mime_type)
    except OSError as error:  # somebody removed it behind our back
        return Facts(problem=f"The file could not be read: {error.strerror}.")
