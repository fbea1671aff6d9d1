"""Sizes, durations and times the way people say them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

__all__ = ["age_text", "clock_text", "count_text", "lifetime_text", "moment_text", "rate_text", "size_text"]

_UNITS = ("B", "kB", "MB", "GB", "TB")


def count_text(count: int, noun: str) -> str:
    """Return ``1 file`` or ``3 files``; a noun whose plural has an s."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def size_text(count: float | None) -> str:
    """Return bytes in decimal units: ``0 B``, ``4.2 MB``, ``412 MB``."""
    if count is None:
        return "? B"
    for unit in _UNITS:
        digits = 0 if unit == "B" or count >= 99.95 else 1
        rounded = round(count, digits)
        if rounded < 1000 or unit == _UNITS[-1]:
            return f"{rounded:.{digits}f} {unit}"
        count /= 1000
    raise AssertionError("the last unit takes everything")


def rate_text(bytes_per_second: float | None) -> str:
    """Return ``18.2 MB/s``; nothing while there is nothing to measure."""
    return "" if bytes_per_second is None else f"{size_text(bytes_per_second)}/s"


def clock_text(seconds: float | None) -> str:
    """Return ``0:37``, ``12:05`` or ``1:02:03``."""
    if seconds is None:
        return ""
    minutes, second = divmod(max(0, round(seconds)), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def moment_text(when: datetime | None) -> str:
    """Return ``2026-11-23 21:05 UTC``."""
    return "" if when is None else f"{when.astimezone(timezone.utc):%Y-%m-%d %H:%M} UTC"


def lifetime_text(left: timedelta | None) -> str:
    """Return ``31 h``, ``12 min`` or ``expired``."""
    if left is None:
        return ""
    seconds = left.total_seconds()
    return "expired" if seconds <= 0 else _span_text(seconds)


def age_text(age: timedelta | None) -> str:
    """Return ``17 h``, ``5 min`` or ``12 s``."""
    if age is None:
        return ""
    seconds = max(0.0, age.total_seconds())
    return f"{seconds:.0f} s" if seconds < 59.5 else _span_text(seconds)


def _span_text(seconds: float) -> str:
    if seconds < 5400:
        return f"{max(1, round(seconds / 60))} min"
    return f"{round(seconds / 3600)} h"
