"""What would become of each source, told before a byte of it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from ..client import Client
from ..client.models import File
from ..errors import GemfilesError, SourceError
from .entries import Entry
from .journal import Journal
from .limits import refusal_of
from .reuse import LIST_FROM, Finder, ReusePolicy
from .sources import Source
from .transfer import TransferOptions, wanted_entry

__all__ = ["Fate", "Planned", "plan_all"]


class Fate(str, Enum):
    """What would become of a source."""

    SEND = "send"
    RESUME = "resume"
    REUSE = "reuse"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Planned:
    """What would become of one source.

    Attributes
    ----------
    to_send
        Bytes that would go over the wire.
    file
        The stored file that would stand for it.
    same_as
        The source before it that has the same content, and would be sent in its place.
    error
        Why it would be refused.
    """

    source: Source
    fate: Fate
    mime_type: str = ""
    to_send: int = 0
    file: File | None = None
    same_as: str = ""
    error: GemfilesError | None = None


def plan_all(
    client: Client, journal: Journal, sources: Sequence[Source], options: TransferOptions
) -> tuple[Planned, ...]:
    """Return what would become of sources, in their order."""
    planner = _Planner(client, journal, options, len(sources))
    return tuple(planner.plan(source) for source in sources)


class _Planner:
    """Looks at one source after the other, and remembers those before."""

    def __init__(self, client: Client, journal: Journal, options: TransferOptions, count: int) -> None:
        self._client = client
        self._options = options
        self._finder = Finder(client, journal, options.reuse, is_for_many=count >= LIST_FROM)
        self._unfinished = [entry for entry in journal.entries(is_open=True) if entry.is_resumable]
        self._before: dict[tuple[object, ...], str] = {}

    def plan(self, source: Source) -> Planned:
        options = self._options
        error = None if options.is_forced else refusal_of(source, options.mime_type)
        try:
            mime_type = options.mime_type or source.mime_type
            if error:
                return Planned(source, Fate.REFUSE, mime_type, error=error)
            return self._planned(source, wanted_entry(self._client, source, options, mime_type))
        except SourceError as unreadable:
            return Planned(source, Fate.REFUSE, error=unreadable)

    def _planned(self, source: Source, wanted: Entry) -> Planned:
        mime_type = wanted.mime_type
        content = (wanted.size, mime_type, wanted.sample)
        if not self._options.id:
            named = self._options.display_name is not None
            file, _ = self._finder.find(source, wanted, has_chosen_name=named)
            if file:
                return Planned(source, Fate.REUSE, mime_type, file=file)
            if content in self._before and self._options.reuse is not ReusePolicy.NEVER:
                return Planned(source, Fate.REUSE, mime_type, same_as=self._before[content])
        self._before[content] = source.label
        sent = next((entry.sent for entry in self._unfinished if _goes_on(entry, wanted)), 0)
        return Planned(source, Fate.RESUME if sent else Fate.SEND, mime_type, to_send=source.size - sent)


def _goes_on(entry: Entry, wanted: Entry) -> bool:
    """Whether a transfer that was left unfinished is of the very source that is wanted."""
    same = ("path", "modified_ns", "size", "mime_type", "sample", "endpoint", "key", "display_name")
    return bool(entry.session) and all(getattr(entry, name) == getattr(wanted, name) for name in same)
