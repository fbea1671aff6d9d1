"""The plan of a dry run: what an upload would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..client import Client
from ..errors import QuotaExceeded
from ..transfers.journal import Journal
from ..transfers.plan import Fate, Planned, plan_all
from ..transfers.sources import Source
from ..transfers.transfer import TransferOptions
from .estimate import tokens_of
from .preflight import check_names, lack_of_room

__all__ = ["Plan", "plan"]

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


def plan(client: Client, journal: Journal, sources: Sequence[Source], options: TransferOptions) -> Plan:
    """Return what an upload would do; nothing is sent."""
    check_names(sources, options)
    rows = plan_all(client, journal, sources, options)
    tokens = [
        tokens_of(row.source, row.mime_type) if row.fate is not Fate.REFUSE else None
        for row in rows[:MOST_ESTIMATED]
    ]
    tokens += [None] * (len(rows) - len(tokens))
    new = [row.source for row in rows if row.fate in (Fate.SEND, Fate.RESUME)]
    problem = None if options.is_forced else lack_of_room(client, new)
    return Plan(rows, tuple(tokens), problem)
