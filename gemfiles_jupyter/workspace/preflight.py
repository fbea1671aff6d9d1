"""What is looked at before a byte is sent: limits, types, room in the storage; and the plan of a dry run."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from ..client import Client
from ..client.models import File
from ..config import STORAGE_BYTES
from ..errors import GemfilesError, InvalidUsage, QuotaExceeded
from ..transfers.journal import Journal
from ..transfers.plan import Fate, Planned, plan_all, refusal_of
from ..transfers.sources import Source, raise_all
from ..transfers.transfer import TransferOptions
from ..views.quantities import size_text
from .estimate import tokens_of

__all__ = ["Plan", "check", "plan"]

# Below this nobody is short of room, and it is not worth a request.
ROOM_MATTERS_BYTES = 1024**3
# Looking into media takes time; a table shows no more rows than this.
MOST_ESTIMATED = 100


@dataclass(frozen=True, slots=True)
class Plan:
    """What an upload would do.

    Attributes
    ----------
    tokens
        About how many tokens each source takes in a prompt; None where that can't be told.
    problem
        Why the whole would not fit; None if it does.
    """

    rows: tuple[Planned, ...]
    tokens: tuple[int | None, ...]
    problem: QuotaExceeded | None = None

    @property
    def failed(self) -> tuple[Planned, ...]:
        """What would be refused."""
        return tuple(row for row in self.rows if row.fate is Fate.REFUSE)


def check(client: Client, sources: Sequence[Source], options: TransferOptions) -> None:
    """Raise before a byte is sent where the whole is sure to be refused.

    One source of many that the service is known not to take fails by itself, and the others go.

    Raises
    ------
    SourceError
        The service is known not to take any of the sources.
    QuotaExceeded
        All together are more than the storage has room for.
    InvalidUsage
        A name or an id is for one source, and this is more.
    """
    _check_names(sources, options)
    if options.is_forced:
        return
    refusals = [refusal_of(source, options.mime_type) for source in sources]
    if all(refusals):
        raise_all([refusal for refusal in refusals if refusal])
    taken = [source for source, refusal in zip(sources, refusals, strict=True) if not refusal]
    problem = _lack_of_room(client, taken)
    if problem:
        raise problem


def plan(client: Client, journal: Journal, sources: Sequence[Source], options: TransferOptions) -> Plan:
    """Return what an upload would do; nothing is sent."""
    _check_names(sources, options)
    rows = plan_all(client, journal, sources, options)
    tokens = [
        tokens_of(row.source, row.mime_type) if row.fate is not Fate.REFUSE else None
        for row in rows[:MOST_ESTIMATED]
    ]
    tokens += [None] * (len(rows) - len(tokens))
    new = [row.source for row in rows if row.fate in (Fate.SEND, Fate.RESUME)]
    problem = None if options.is_forced else _lack_of_room(client, new)
    return Plan(rows, tuple(tokens), problem)


def _check_names(sources: Sequence[Source], options: TransferOptions) -> None:
    if len(sources) > 1 and (options.id or options.display_name):
        raise InvalidUsage(f"--id and --name are for one file, and this is {len(sources)}.")


def _lack_of_room(client: Client, sources: Sequence[Source]) -> QuotaExceeded | None:
    """Return why sources do not fit into the storage; None if they do, or if they are small."""
    if sum(source.size for source in sources) < ROOM_MATTERS_BYTES:
        return None
    stored: list[File] = []
    with suppress(GemfilesError):  # what can't be listed can't be counted: the service decides
        stored += client.files.list(retries=0)
    used = sum(file.size_bytes or 0 for file in stored)
    sizes = {file.size_bytes for file in stored}  # what has the size of a stored file may be that file
    needed = sum(source.size for source in sources if source.size not in sizes)
    if used + needed <= STORAGE_BYTES:
        return None
    return QuotaExceeded(
        f"This needs {size_text(needed)}, and of the storage of {size_text(STORAGE_BYTES)} only "
        f"{size_text(max(0, STORAGE_BYTES - used))} are free.",
        status=0,  # the service was not asked
        hint="Free some with %gemfiles rm, or pass --force to try anyway.",
    )
