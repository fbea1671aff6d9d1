"""What came in: a log for people on stderr, and one for tests.  Neither holds a secret."""

from __future__ import annotations

import hashlib
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

_KEPT_REQUESTS = 20_000


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request.  `status` is 0 when the connection was closed without an answer."""

    method: str
    path: str
    status: int
    received_bytes: int
    command: str
    offset: str
    key: str
    planes: list[str]
    fault: str
    seconds: float


class RequestLog:
    """The latest requests, oldest first."""

    def __init__(self, *, verbose: bool = False) -> None:
        self._requests: deque[LoggedRequest] = deque(maxlen=_KEPT_REQUESTS)
        self._verbose = verbose
        self.under_way = 0
        self.last_ns = time.monotonic_ns()

    def begin(self) -> None:
        """Count a request as under way."""
        self.under_way += 1
        self.last_ns = time.monotonic_ns()

    def add(self, request: LoggedRequest) -> None:
        """Log a request that has ended."""
        self.under_way -= 1
        self._requests.append(request)
        self.last_ns = time.monotonic_ns()
        if self._verbose:
            what = f" [{request.command}]" if request.command else ""
            print(
                f"{time.strftime('%H:%M:%S')} {request.method} {request.path}{what} "
                f"{request.status or 'dropped'} {request.received_bytes} B {request.seconds * 1000:.1f} ms",
                file=sys.stderr,
                flush=True,
            )

    def clear(self) -> None:
        """Forget all requests."""
        self._requests.clear()

    def to_json(self) -> list[dict[str, Any]]:
        """Return the requests for a test."""
        return [asdict(request) for request in self._requests]


def printable(text: str) -> str:
    """Escape what could forge a log line or move a terminal's cursor."""
    return "".join(
        character if character.isprintable() else f"\\x{ord(character):02x}" for character in text[:500]
    )


def fingerprint(key: str) -> str:
    """Return a short mark by which requests of one key are told from another's."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:12] if key else ""
