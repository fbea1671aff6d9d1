"""The server's clock: the wall clock, which a test may move forward."""

from __future__ import annotations

import time
from datetime import datetime, timezone

NANOSECONDS = 1_000_000_000


class Clock:
    """Wall time in nanoseconds since 1970, plus an offset that only test control sets."""

    def __init__(self, offset_ns: int = 0) -> None:
        self.offset_ns = offset_ns

    def now_ns(self) -> int:
        """Return the current time."""
        return time.time_ns() + self.offset_ns

    @property
    def ahead_seconds(self) -> float:
        """How far the clock was moved; negative when it is behind."""
        return self.offset_ns / NANOSECONDS

    def advance(self, seconds: float) -> None:
        """Move the clock; a negative number moves it back."""
        self.offset_ns += round(seconds * NANOSECONDS)


def rfc3339(moment_ns: int, digits: int) -> str:
    """Return a moment as the service prints it, with `digits` fraction digits.

    >>> rfc3339(1_500_000_000, 6)
    '1970-01-01T00:00:01.500000Z'
    >>> rfc3339(1_500_000_000, 0)
    '1970-01-01T00:00:01Z'
    """
    seconds, fraction = divmod(moment_ns, NANOSECONDS)
    day = datetime.fromtimestamp(seconds, tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return (f"{day}.{fraction:09d}"[: len(day) + 1 + digits] if digits else day) + "Z"


def duration(milliseconds: int) -> str:
    """Return a length of time as JSON writes it, for example ``3.5s``."""
    seconds, rest = divmod(milliseconds, 1000)
    fraction = f".{rest:03d}".rstrip("0") if rest else ""
    return f"{seconds}{fraction}s"
