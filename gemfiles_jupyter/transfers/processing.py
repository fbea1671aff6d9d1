"""Wait until many files are ACTIVE, with one thread and few requests."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from ..client.files import Files, check_usable, poll_delay
from ..client.models import File
from ..errors import GemfilesError, ProcessingTimeout

__all__ = ["Watcher"]

# From so many files on, one files.list is cheaper than asking for each.
LIST_FROM = 4

OnReady = Callable[[File], None]
OnFailed = Callable[[GemfilesError], None]


@dataclass(slots=True)
class _Waiting:
    """A file that is waited for, and who is told what came of it."""

    file: File
    start: float
    due: float
    on_ready: OnReady
    on_failed: OnFailed


class Watcher:
    """Polls the files given to it until each is ACTIVE, FAILED or out of time."""

    def __init__(self, files: Files, timeout_seconds: float) -> None:
        self._files = files
        self._timeout_seconds = timeout_seconds
        self._waiting: list[_Waiting] = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, file: File, on_ready: OnReady, on_failed: OnFailed) -> None:
        """Watch a file; one of the two is called from the watcher's thread."""
        now = time.monotonic()
        with self._lock:
            self._waiting.append(_Waiting(file, now, now + poll_delay(0), on_ready, on_failed))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="gemfiles-watch", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Stop asking; what is still waited for gets no call."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            with self._lock:
                now = time.monotonic()
                due = [item for item in self._waiting if item.due <= now]
                if due and len(self._waiting) >= LIST_FROM:  # one list answers for all of them
                    due = list(self._waiting)
                next_due = min((item.due for item in self._waiting), default=now + poll_delay(0))
            if due:
                self._ask(due)
            else:
                self._stop.wait(max(0.01, next_due - now))

    def _ask(self, due: list[_Waiting]) -> None:
        listed: dict[str, File] = {}
        if len(due) >= LIST_FROM:
            with suppress(GemfilesError):  # a file that breaks the list can still be asked for by itself
                listed = self._listed({item.file.name for item in due})
        for item in due:
            if not self._stop.is_set():
                self._settle(item, listed.get(item.file.name))

    def _listed(self, names: set[str]) -> dict[str, File]:
        """Return these files by name, from no more pages of the list than hold them."""
        found: dict[str, File] = {}
        for file in self._files.list():
            if file.name in names:
                found[file.name] = file
            if len(found) == len(names):
                break
        return found

    def _settle(self, item: _Waiting, file: File | None) -> None:
        waited = time.monotonic() - item.start
        try:
            item.file = check_usable(file or self._files.get(item.file.name))
            if not item.file.is_active and waited > self._timeout_seconds:
                raise ProcessingTimeout.after(item.file, self._timeout_seconds)
        except GemfilesError as error:
            self._give_up(item, error)
            return
        except Exception as error:  # a defect of ours must not leave the cell waiting for ever
            label = item.file.label
            self._give_up(
                item, GemfilesError(f"Unexpected {type(error).__name__} while waiting for {label}: {error}")
            )
            return
        if item.file.is_active:
            self._forget(item)
            item.on_ready(item.file)
        else:
            item.due = time.monotonic() + poll_delay(waited)

    def _give_up(self, item: _Waiting, error: GemfilesError) -> None:
        self._forget(item)
        item.on_failed(error)

    def _forget(self, item: _Waiting) -> None:
        with self._lock:
            self._waiting.remove(item)
