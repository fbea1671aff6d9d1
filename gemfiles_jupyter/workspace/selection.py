"""Which stored files are meant, and in which order: filters and sorting, once for all front ends."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from fnmatch import fnmatchcase

from ..client.models import File

__all__ = ["ORDERS", "STATES", "Selection", "in_order", "is_pattern"]

_LONG_AGO = datetime.min.replace(tzinfo=timezone.utc)
_NEVER = datetime.max.replace(tzinfo=timezone.utc)

STATES: dict[str, Callable[[File], bool]] = {
    "active": lambda file: file.is_active,
    "processing": lambda file: not file.is_active and not file.is_failed,
    "failed": lambda file: file.is_failed,
}
# The first of each is what people look for: the newest, the biggest, the one that goes next.
_KEYS: dict[str, Callable[[File], tuple[object, ...]]] = {
    "age": lambda file: (_NEVER - (file.create_time or _LONG_AGO), file.name),
    "name": lambda file: (file.label.casefold(), file.name),
    "size": lambda file: (-(file.size_bytes or 0), file.name),
    "expires": lambda file: (file.expiration_time or _NEVER, file.name),
    "type": lambda file: (file.mime_type or "", file.label.casefold()),
}
ORDERS = tuple(_KEYS)


@dataclass(frozen=True, slots=True)
class Selection:
    """What a file has to be; a selection that asks for nothing takes every file.

    Attributes
    ----------
    patterns
        Its display name matches one of these; with a slash, also its name or MIME type: ``video/*``.
    kinds
        Its MIME type matches one of these, or has the word in it, or its name ends so: ``video``, ``pdf``,
        ``text/*``.
    states
        It is in one of these, of `STATES`.
    older_seconds, younger_seconds
        It was stored before, or after, so long ago.
    names
        It is one of these, by ``files/ID``.
    """

    patterns: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    older_seconds: float | None = None
    younger_seconds: float | None = None
    names: Collection[str] | None = None

    @property
    def has_filter(self) -> bool:
        """Whether it asks for something besides patterns."""
        filters = (self.kinds, self.states)
        limits = (self.older_seconds, self.younger_seconds, self.names)
        return any(filters) or any(limit is not None for limit in limits)

    def of(self, files: Iterable[File], now: datetime) -> list[File]:
        """Return the files that are meant, in the order given.

        Parameters
        ----------
        now
            The service's time, for ages.
        """
        return [file for file in files if self._takes(file, now)]

    def _takes(self, file: File, now: datetime) -> bool:
        return (
            (not self.patterns or any(_matches(file, pattern) for pattern in self.patterns))
            and (not self.kinds or any(_is_kind(file, kind) for kind in self.kinds))
            and (not self.states or any(STATES[state](file) for state in self.states))
            and (self.names is None or file.name in self.names)
            and self._has_age(file, now)
        )

    def _has_age(self, file: File, now: datetime) -> bool:
        if self.older_seconds is None and self.younger_seconds is None:
            return True
        age = file.age(now)
        if age is None:
            return False
        is_old = self.older_seconds is None or age >= timedelta(seconds=self.older_seconds)
        return is_old and (self.younger_seconds is None or age < timedelta(seconds=self.younger_seconds))


def in_order(files: Iterable[File], order: str = "age", *, is_reversed: bool = False) -> list[File]:
    """Return files sorted by one of `ORDERS`."""
    return sorted(files, key=_KEYS[order], reverse=is_reversed)


def is_pattern(text: str) -> bool:
    """Whether a word means every name that it matches, rather than one."""
    return any(char in text for char in "*?[")


def _matches(file: File, pattern: str) -> bool:
    """Whether a file is meant: `text*` means names, and never all that is text/plain."""
    texts = [file.label, *([file.name, file.mime_type or ""] if "/" in pattern else [])]
    return any(fnmatchcase(text, pattern) for text in texts)


def _is_kind(file: File, kind: str) -> bool:
    mime_type, word = (file.mime_type or "").lower(), kind.lower()
    if "/" in word or is_pattern(word):
        return fnmatchcase(mime_type, word)
    return word in mime_type.split("/") or file.label.lower().endswith(f".{word}")
