"""What the journal says of a transfer: its entry, a claim to it, a request to its worker."""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import NamedTuple

__all__ = ["LIVE", "REMOVED", "STOPPED", "Claim", "Entry", "Request", "Verdict", "this_host"]

# A worker gives a sign of life every second or so, but the last answer may take the service minutes
# (it hashes the file). One that was silent for longer is gone.
ORPHAN_SECONDS = 360.0

LIVE = ("queued", "checking", "uploading", "retrying", "processing")
STOPPED = ("paused",)
# Stored once, and then deleted on purpose.
REMOVED = "removed"


class Request(str, Enum):
    """What another process asks of a transfer's worker."""

    NONE = ""
    PAUSE = "pause"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Entry:
    """One transfer, as it is on disk.

    Attributes
    ----------
    path
        Absolute path of the source; empty for bytes, which can't be resumed.
    size, modified_ns
        Bytes, and the source's own time: with the path they say that it is the same source.
    sample
        sha256 of a few blocks: cheap to compare before the whole is read.
    sha256
        Of the whole; empty until it is known.
    endpoint, key
        Where it goes, and a fingerprint of the key.
    session
        The upload URL while the transfer lives.
    sent
        Bytes that the service confirmed.
    owner
        A random token of the worker that has it; a worker whose token is gone has lost the transfer.
    heartbeat, created, expires
        Seconds since the epoch; the heartbeat of an ended transfer says when it ended.
    """

    id: str
    label: str
    size: int
    mime_type: str
    endpoint: str
    key: str
    file_id: str
    display_name: str = ""
    path: str = ""
    modified_ns: int = 0
    sample: str = ""
    sha256: str = ""
    phase: str = "queued"
    sent: int = 0
    session: str = field(default="", repr=False)
    file_name: str = ""
    expires: float = 0.0
    error: str = ""
    owner: str = ""
    host: str = ""
    pid: int = 0
    heartbeat: float = 0.0
    request: str = ""
    variable: str = ""
    created: float = 0.0

    @property
    def is_live(self) -> bool:
        """Whether a worker is at it, as far as can be told from here."""
        if self.phase not in LIVE or time.time() - self.heartbeat > ORPHAN_SECONDS:
            return False
        return self.host != this_host() or _is_running(self.pid)

    @property
    def is_mine(self) -> bool:
        """Whether this process is at it."""
        return self.host == this_host() and self.pid == os.getpid()

    @property
    def is_resumable(self) -> bool:
        """Whether it can be gone on with: it stopped, or its worker is gone, and its source has a path."""
        return bool(self.path) and self.phase in LIVE + STOPPED and not self.is_live


class Verdict(str, Enum):
    """What came of asking for a transfer."""

    NEW = "new"
    ADOPTED = "adopted"
    BUSY = "busy"


class Claim(NamedTuple):
    """The right to do a transfer, or the entry of the worker that is doing it.

    Attributes
    ----------
    entry
        Ours when new or adopted (then with the session to go on with), another's when busy.
    """

    verdict: Verdict
    entry: Entry


@cache
def this_host() -> str:
    """Return the name of this machine."""
    return socket.gethostname()


def _is_running(pid: int) -> bool:
    if pid <= 0:
        return False
    if os.name == "nt":
        return True  # there is no harmless way to ask; the heartbeat decides
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
