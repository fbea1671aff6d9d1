"""The stored files: get, list, delete, wait, download, register.

Source: https://ai.google.dev/api/files
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ..config import API_VERSION, Secret
from ..errors import (
    BadResponse,
    InvalidUsage,
    ProcessingFailed,
    ProcessingTimeout,
)
from .models import File, FileSource, file_id
from .paging import every
from .transport import CONTROL_RETRIES, Transport

__all__ = ["DEFAULT_WAIT_SECONDS", "Files", "check_usable", "poll_delay"]

PAGE_SIZE = 100
DEFAULT_WAIT_SECONDS = 600.0
FIRST_POLL_SECONDS = 0.25
LONGEST_POLL_SECONDS = 5.0
POLL_SHARE = 0.15


class Files:
    """Files of one key at one endpoint."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get(self, name: str) -> File:
        """Return a file as the service describes it now.

        Parameters
        ----------
        name
            ``files/abc``, ``abc``, or the file's URI.

        Raises
        ------
        FileUnavailable
            It does not exist (any more) for this key.
        """
        return File.from_json(self._transport.call("GET", _path(name)).json())

    def list(self, page_size: int = PAGE_SIZE, *, retries: int = CONTROL_RETRIES) -> Iterator[File]:
        """Yield every file once, page by page; an empty page in between is no end.

        Parameters
        ----------
        retries
            0 where the list is only useful, not needed: one file that FAILED can break it.
        """
        for item in every(self._transport, f"/{API_VERSION}/files", "files", page_size, retries):
            yield File.from_json(item)

    def delete(self, name: str) -> None:
        """Delete a file.

        Raises
        ------
        FileUnavailable
            It did not exist.
        """
        self._transport.call("DELETE", _path(name))

    def wait(
        self,
        file: File,
        *,
        timeout_seconds: float = DEFAULT_WAIT_SECONDS,
        on_poll: Callable[[File, float], None] | None = None,
        stop: threading.Event | None = None,
    ) -> File:
        """Poll until a file is ACTIVE.

        ACTIVE is noticed at most about 15 % of the processing time late.

        Parameters
        ----------
        on_poll
            Called with the file and the seconds waited, after each poll.
        stop
            Set it to give up waiting; the file is then returned as it is.

        Raises
        ------
        ProcessingFailed
            The service gave up on the file.
        ProcessingTimeout
            It is still not ACTIVE.
        """
        stop = stop or threading.Event()
        start = time.monotonic()
        while not check_usable(file).is_active:
            waited = time.monotonic() - start
            if waited > timeout_seconds:
                raise ProcessingTimeout.after(file, timeout_seconds)
            if stop.wait(poll_delay(waited)):
                return file
            file = self.get(file.name)
            if on_poll:
                on_poll(file, time.monotonic() - start)
        return file

    def download(self, name: str, destination: Path) -> Path:
        """Save a file that the service generated; uploaded files can't be downloaded.

        Raises
        ------
        InvalidUsage
            It was uploaded, not generated.
        """
        file = self.get(name)
        if file.source not in (FileSource.GENERATED, None):
            raise InvalidUsage(
                f"{file.label} was uploaded, and the service gives back only files that it generated."
            )
        with self._transport.download(_path(name) + ":download") as blocks:
            return _save(blocks, destination)

    def register(self, uris: Sequence[str], access_token: Secret) -> tuple[File, ...]:
        """Make Google Cloud Storage objects usable in prompts; all of them or none.

        Parameters
        ----------
        uris
            ``gs://bucket/object``.
        access_token
            OAuth access token of an account that may read them.
        """
        answer = self._transport.call(
            "POST", f"/{API_VERSION}/files:register", data={"uris": list(uris)}, bearer=access_token
        ).json()
        files = answer.get("files")
        if not isinstance(files, list):
            raise BadResponse("The service registered nothing.")
        return tuple(File.from_json(item) for item in files)


def poll_delay(waited_seconds: float) -> float:
    """Return the seconds until the next poll: soon at first, then in proportion to the wait."""
    return min(max(FIRST_POLL_SECONDS, POLL_SHARE * waited_seconds), LONGEST_POLL_SECONDS)


def check_usable(file: File) -> File:
    """Return a file that is ACTIVE or may become so.

    Raises
    ------
    ProcessingFailed
        The service gave up on it; the message has its reason.
    """
    if not file.is_failed:
        return file
    reason = file.error.message if file.error and file.error.message else "it gave no reason"
    raise ProcessingFailed(
        f"The service could not process {file.label}: {reason}",
        hint="Check that the file plays or opens, convert it, and upload it again.",
        file=file,
    )


def _path(name: str) -> str:
    try:
        return f"/{API_VERSION}/files/{file_id(name)}"
    except ValueError:
        raise InvalidUsage(
            f"{name!r} is not the name of a file.", hint="Names look like files/abc123; see %gemfiles ls."
        ) from None


def _save(blocks: Iterator[bytes], destination: Path) -> Path:
    """Write beside the destination and rename, so that a broken download leaves no half file."""
    import tempfile  # only where something is fetched

    handle, partial = tempfile.mkstemp(prefix=".gemfiles-", dir=destination.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            for block in blocks:
                out.write(block)
        return Path(partial).replace(destination)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise
