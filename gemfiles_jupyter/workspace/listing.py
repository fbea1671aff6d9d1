"""The stored files as last heard: listed once for many askers, asked after while they are processing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from ..client.files import poll_delay
from ..client.models import File
from ..config import Endpoint
from ..errors import FileUnavailable, GemfilesError
from ..transfers.addresses import can_reopen
from ..transfers.entries import Entry
from .renewal import remembered
from .selection import in_order
from .storage import remove_files
from .workspace import Workspace, current_workspace

__all__ = ["Listed", "ListedFile", "Listing"]

FRESH_SECONDS = 5.0
# Up to so many files that are processing are asked for one by one.
FEW = 8
# How long a file that has expired is shown, while its source is there to send it again.
MOURNED_SECONDS = 7 * 86400.0


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A stored file, and what the journal knows of it."""

    file: File
    variable: str = ""
    is_renewable: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """The stored files, newest first, at a time of the service's clock.

    Attributes
    ----------
    problem
        Why they could not be listed just now; the files are the last known then.
    """

    files: tuple[ListedFile, ...]
    now: datetime
    problem: GemfilesError | None = None

    @property
    def used_bytes(self) -> int:
        """Bytes that the files take, as far as the service says."""
        return sum(item.file.size_bytes or 0 for item in self.files if not _is_expired(item.file, self.now))


class Listing:
    """The stored files of the present settings; safe to ask from any thread.

    Attributes
    ----------
    version
        Another number after each change.
    """

    def __init__(self) -> None:
        self.version = 0
        self._lock = threading.Lock()
        self._listing = threading.Lock()
        self._endpoint: Endpoint | None = None
        self._files: dict[str, File] = {}
        self._heard = float("-inf")
        self._waits: dict[str, tuple[float, float]] = {}

    def listed(self) -> Listed:
        """Return all stored files; the service is asked at most once in some seconds.

        Raises
        ------
        GemfilesError
            The settings make no sense, or the offline server does not start.
        """
        workspace = current_workspace()
        problem = None
        with self._listing:  # who comes meanwhile waits, and is served from what came
            try:
                if not self._is_fresh(workspace):
                    self._list(workspace)
            except GemfilesError as error:
                problem = error
        with self._lock:
            files = list(self._files.values())
        return Listed(_with_journal(workspace, files), workspace.now(), problem)

    def expire(self) -> None:
        """Have the service asked when the files are needed next."""
        with self._lock:
            self._heard = float("-inf")
            self.version += 1

    def known(self, name: str) -> File | None:
        """Return a file as last heard of, without asking."""
        with self._lock:
            return self._files.get(name)

    def remove(self, names: Iterable[str]) -> dict[str, GemfilesError | None]:
        """Delete files; return the error of each that could not be deleted, and None for the others.

        One that is gone already counts as deleted.
        """
        files = [File(name) for name in dict.fromkeys(names)]
        removals = remove_files(current_workspace(), files, _uncounted)
        gone = {removal.file.name for removal in removals if not removal.error}
        with self._lock:
            self._files = {name: file for name, file in self._files.items() if name not in gone}
        self.expire()
        return {removal.file.name: removal.error for removal in removals}

    def follow(self, names: Iterable[str]) -> None:
        """Ask after files that were just stored, and those that are processing, when it is time to.

        Parameters
        ----------
        names
            Files that the listing may not know yet.
        """
        now = time.monotonic()
        with self._lock:
            wanted = {name for name, file in self._files.items() if _is_processing(file)}
            wanted |= {name for name in names if name not in self._files}
            self._waits = {name: wait for name, wait in self._waits.items() if name in wanted}
            asked = [name for name in wanted if name not in self._waits or self._waits[name][1] <= now]
        if not asked:
            return
        with suppress(GemfilesError):  # what can't be told now is asked again
            workspace = current_workspace()
            if len(asked) > FEW:
                with self._listing:
                    self._list(workspace)
            else:
                for name in asked:
                    self._ask(workspace, name)
        self._plan_next(asked, time.monotonic() - now)

    def _plan_next(self, asked: Iterable[str], cost_seconds: float) -> None:
        """Say when files are asked for next; what took long is not asked for often."""
        now = time.monotonic()
        with self._lock:
            for name in asked:
                since, _ = self._waits.get(name, (now, now))
                self._waits[name] = (since, now + max(poll_delay(now - since), 10 * cost_seconds))

    def _is_fresh(self, workspace: Workspace) -> bool:
        is_same = workspace.client.endpoint == self._endpoint
        return is_same and time.monotonic() - self._heard < FRESH_SECONDS

    def _list(self, workspace: Workspace) -> None:
        if workspace.client.endpoint != self._endpoint:  # a key was set, say: these are no files of it
            self._replace({}, float("-inf"), workspace)
        # Once more at most: who looks at a panel wants to know soon that the service does not answer.
        found = in_order(workspace.client.files.list(retries=1))
        self._replace({file.name: file for file in found}, time.monotonic(), workspace)

    def _replace(self, files: dict[str, File], heard: float, workspace: Workspace) -> None:
        with self._lock:
            is_news = self._heard > float("-inf")  # who had it expire has told of it
            if is_news and files != self._files:
                self.version += 1
            self._files, self._heard, self._endpoint = files, heard, workspace.client.endpoint

    def _ask(self, workspace: Workspace, name: str) -> None:
        try:
            file: File | None = workspace.client.files.get(name)
        except FileUnavailable:
            file = None
        with self._lock:
            if self._endpoint not in (None, workspace.client.endpoint) or self._files.get(name) == file:
                return
            self.version += 1
            others = {other: known for other, known in self._files.items() if other != name}
            self._files = {name: file, **others} if file else others


def _with_journal(workspace: Workspace, files: list[File]) -> tuple[ListedFile, ...]:
    """Return files with their variables and sources, and those that have expired and can be brought back."""
    endpoint = workspace.client.endpoint
    names = {file.name for file in files}
    now = workspace.now().timestamp()
    entries: dict[str, Entry] = {}
    variables: dict[str, str] = {}
    held: set[str] = set()
    expired: list[ListedFile] = []
    sources: set[str] = set()
    for entry in workspace.journal.at(endpoint.place, endpoint.key_fingerprint):
        entries.setdefault(entry.file_name, entry)
        if entry.variable and entry.variable not in held:  # the newest holds it
            held.add(entry.variable)
            variables.setdefault(entry.file_name, entry.variable)
        is_over = entry.file_name not in names and 0 < now - entry.expires < MOURNED_SECONDS
        if is_over and entry.path not in sources and can_reopen(entry.path):
            variable = variables.get(entry.file_name, "")
            expired.append(ListedFile(remembered(entry), variable, is_renewable=True))
        sources.add(entry.path)
    return (
        *(
            ListedFile(
                file,
                variables.get(file.name, ""),
                file.name in entries and can_reopen(entries[file.name].path),
            )
            for file in files
        ),
        *expired,
    )


def _uncounted(count: int) -> None:
    """Tell no one."""


def _is_processing(file: File) -> bool:
    return not file.is_active and not file.is_failed


def _is_expired(file: File, now: datetime) -> bool:
    left = file.expires_in(now)
    return left is not None and left.total_seconds() <= 0
