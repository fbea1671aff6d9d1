"""What fills the storage, and when it gets free: the figures behind `quota`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ..client.models import File
from ..config import STORAGE_BYTES

__all__ = ["Release", "Share", "Usage"]

BIGGEST = 5
STEP_HOURS = 6
HOURS = 48
_FAMILIES = ("video", "audio", "image", "text")


@dataclass(frozen=True, slots=True)
class Share:
    """What the files of one kind take."""

    kind: str
    size_bytes: int
    count: int


@dataclass(frozen=True, slots=True)
class Release:
    """What expires within some hours from now; `until_hours` is None for all that comes later."""

    from_hours: int
    until_hours: int | None
    size_bytes: int
    count: int


@dataclass(frozen=True, slots=True)
class Usage:
    """How full the storage is at one moment.

    Attributes
    ----------
    shares
        By kind, the biggest first.
    biggest
        The biggest files.
    releases
        In steps of a few hours; the last one, of what comes later, only where there is such a file.
    """

    used_bytes: int
    limit_bytes: int
    count: int
    shares: tuple[Share, ...]
    biggest: tuple[File, ...]
    releases: tuple[Release, ...]

    @classmethod
    def of(cls, files: Iterable[File], now: datetime) -> Usage:
        """Add up the stored files."""
        files = list(files)
        return cls(
            sum(map(_size, files)),
            STORAGE_BYTES,
            len(files),
            _shares(files),
            tuple(sorted(files, key=_size, reverse=True)[:BIGGEST]),
            _releases(files, now),
        )

    @property
    def used_share(self) -> float:
        """From 0 to 1."""
        return min(1.0, self.used_bytes / self.limit_bytes)


def _shares(files: list[File]) -> tuple[Share, ...]:
    by_kind: dict[str, list[File]] = {}
    for file in files:
        by_kind.setdefault(_kind(file), []).append(file)
    shares = (Share(kind, sum(map(_size, members)), len(members)) for kind, members in by_kind.items())
    return tuple(sorted(shares, key=lambda share: (-share.size_bytes, share.kind)))


def _releases(files: list[File], now: datetime) -> tuple[Release, ...]:
    steps: dict[int, list[File]] = {step: [] for step in range(HOURS // STEP_HOURS)}
    later: list[File] = []
    for file in files:
        left = file.expires_in(now)
        hours = left.total_seconds() / 3600 if left is not None else float("inf")
        if hours < HOURS + 1:  # one that was stored just now, by a clock that is a little ahead, is no later
            steps[min(int(max(hours, 0) / STEP_HOURS), len(steps) - 1)].append(file)
        else:
            later.append(file)
    releases = [
        Release(step * STEP_HOURS, (step + 1) * STEP_HOURS, sum(map(_size, members)), len(members))
        for step, members in steps.items()
    ]
    if later:
        releases.append(Release(HOURS, None, sum(map(_size, later)), len(later)))
    return tuple(releases)


def _size(file: File) -> int:
    return file.size_bytes or 0


def _kind(file: File) -> str:
    mime_type = file.mime_type or ""
    if mime_type == "application/pdf":
        return "pdf"
    family = mime_type.partition("/")[0]
    return family if family in _FAMILIES else "other"
