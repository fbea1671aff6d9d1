"""What goes to a worker of an executor, and what the worker does with it.

A worker reads the sources itself, by path or address. The key never travels: a parcel names where it goes
and a fingerprint of the key; a worker looks up its own, and refuses if that is another one. A parcel shows
nothing of what is in it, for dashboards and logs of clusters print what tasks are given.
"""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ..client import Client
from ..config import Endpoint, choose_endpoint, reached
from ..errors import GemfilesError, InvalidUsage, KeyProblem
from ..transfers.journal import user_journal
from ..transfers.manager import TransferOptions, upload_all
from ..transfers.progress import Phase, Progress
from ..transfers.reuse import Finder
from ..transfers.sources import Source

__all__ = ["Parcel", "failed", "pack", "upload_parcel"]

PARCEL_FILES = 16
PARCEL_BYTES = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class Parcel:
    """Sources for one worker; it shows none of them.

    Attributes
    ----------
    run
        The same for all parcels of one call.
    base_url, is_offline, place, key_fingerprint
        Where they go; whose key that takes is all that is said of it.
    indices
        Which of the call's sources they are.
    jobs
        The sources, and how each is uploaded.
    delivery
        How often it was given out.
    """

    run: str
    base_url: str = field(repr=False)
    is_offline: bool = field(repr=False)
    place: str = field(repr=False)
    key_fingerprint: str = field(repr=False)
    indices: tuple[int, ...] = field(repr=False)
    jobs: tuple[tuple[Source, TransferOptions], ...] = field(repr=False)
    delivery: int = 1

    @property
    def size(self) -> int:
        """Bytes of all sources together."""
        return sum(source.size for source, _ in self.jobs)


def upload_parcel(parcel: Parcel) -> tuple[Progress, ...]:
    """Upload what is in a parcel, and return how each ended: what a worker does."""
    sources = [source for source, _ in parcel.jobs]
    try:
        client, finder = _Post.of(parcel)
    except GemfilesError as error:
        return tuple(failed(source, error) for source in sources)
    options = [options for _, options in parcel.jobs]
    return upload_all(client, sources, options, _silent, user_journal(), finder)


def pack(endpoint: Endpoint, jobs: Sequence[tuple[Source, TransferOptions]]) -> list[Parcel]:
    """Divide sources into parcels, in their order."""
    first = Parcel(
        secrets.token_hex(4),
        endpoint.base_url,
        endpoint.is_offline,
        endpoint.place,
        endpoint.key_fingerprint,
        (),
        (),
    )
    parcels: list[Parcel] = []
    for index, job in enumerate(jobs):
        last = parcels[-1] if parcels else first
        is_full = len(last.jobs) >= PARCEL_FILES or last.size + job[0].size > PARCEL_BYTES
        if not parcels or is_full:
            parcels.append(replace(first, indices=(index,), jobs=(job,)))
        else:
            parcels[-1] = replace(last, indices=(*last.indices, index), jobs=(*last.jobs, job))
    return parcels


def failed(source: Source, error: GemfilesError) -> Progress:
    """Return how a source ended that was not sent."""
    return Progress(source.label, source.size, phase=Phase.FAILED, error=error)


class _Post:
    """What a worker keeps from parcel to parcel: connections, and the list of stored files of one call."""

    _lock = threading.Lock()
    _kept: tuple[int, Endpoint, str, Client, Finder] | None = None

    @classmethod
    def of(cls, parcel: Parcel) -> tuple[Client, Finder]:
        """Return what uploads a parcel takes; its key is the worker's own.

        Raises
        ------
        KeyProblem
            The worker has no key, or another one.
        """
        endpoint = _endpoint(parcel)
        now = (os.getpid(), endpoint, parcel.run)
        with cls._lock:
            if cls._kept is None or cls._kept[:3] != now:
                client = Client(endpoint=endpoint)
                reuse = parcel.jobs[0][1].reuse
                finder = Finder(client, user_journal(), reuse, is_for_many=True)
                cls._kept = (*now, client, finder)
            return cls._kept[3:]


def _endpoint(parcel: Parcel) -> Endpoint:
    """Return where a parcel goes, with this worker's own key."""
    endpoint = reached(choose_endpoint(base_url=None if parcel.is_offline else parcel.base_url))
    if (endpoint.place, endpoint.key_fingerprint) == (parcel.place, parcel.key_fingerprint):
        return endpoint
    if parcel.is_offline:
        raise InvalidUsage(
            "A worker does not reach the offline server, which is for one machine and user.",
            hint="Set a key, here and where the workers run.",
        )
    raise KeyProblem(
        "A worker has another API key." if endpoint.key else "A worker has no API key.",
        hint="Keys are not sent to workers: set GOOGLE_API_KEY where they run, before they start.",
    )


def _silent(batch: tuple[Progress, ...]) -> None:
    """Show nothing."""
