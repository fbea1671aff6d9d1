"""What is looked at before a byte is sent: limits, types, room in the storage."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from ..client import Client
from ..client.models import File
from ..config import STORAGE_BYTES
from ..errors import GemfilesError, InvalidUsage, QuotaExceeded
from ..transfers.limits import refusal_of
from ..transfers.sources import Source, raise_all
from ..transfers.transfer import TransferOptions
from ..views.quantities import size_text

__all__ = ["check", "check_names", "lack_of_room"]

# Below this nobody is short of room, and it is not worth a request.
ROOM_MATTERS_BYTES = 1024**3


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
    check_names(sources, options)
    if options.is_forced:
        return
    refusals = [refusal_of(source, options.mime_type) for source in sources]
    if all(refusals):
        raise_all([refusal for refusal in refusals if refusal])
    taken = [source for source, refusal in zip(sources, refusals, strict=True) if not refusal]
    problem = lack_of_room(client, taken)
    if problem:
        raise problem


def check_names(sources: Sequence[Source], options: TransferOptions) -> None:
    """Raise `InvalidUsage` where a name or an id is for one source, and this is more."""
    if len(sources) > 1 and (options.id or options.display_name):
        raise InvalidUsage(f"--id and --name are for one file, and this is {len(sources)}.")


def lack_of_room(client: Client, sources: Sequence[Source]) -> QuotaExceeded | None:
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
