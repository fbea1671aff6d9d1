"""The workspace as plain functions, for scripts and for cells without magics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ..client.files import DEFAULT_WAIT_SECONDS
from ..client.models import File
from ..errors import InvalidUsage
from ..transfers.progress import Progress
from ..transfers.sources import SourceSpec, expand
from ..transfers.transfer import TransferOptions
from ..transfers.values import can_open
from .results import FileList
from .workspace import OnProgress, current_workspace

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = [
    "delete_file",
    "get_file",
    "list_files",
    "upload",
    "upload_many",
    "wait",
]


def upload(
    source: SourceSpec,
    *,
    name: str | None = None,
    id: str | None = None,  # noqa: A002 (the wire's word)
    mime_type: str | None = None,
    wait: bool = True,
    timeout_seconds: float = DEFAULT_WAIT_SECONDS,
    on_progress: OnProgress | None = None,
) -> File:
    """Upload one file or bytes, and return the stored file.

    Parameters
    ----------
    source
        A path, an address (``https://``, ``s3://`` and whatever else fsspec reads), bytes, an open file, a
        PIL image, a matplotlib figure (PNG) or a DataFrame (CSV).
    name
        Display name; default: the file's own.
    id
        Id to ask for; random by default.
    wait
        Until it is ACTIVE, at most ``timeout_seconds``.
    on_progress
        Called about ten times a second with a tuple of one `Progress`.

    Raises
    ------
    GemfilesError
        What happened, why, and what to do.
    """
    sources = expand([source])
    if len(sources) != 1:
        raise InvalidUsage(f"upload is for one file, and this is {len(sources)}.", hint="Use upload_many.")
    options = TransferOptions(
        display_name=name, id=id, mime_type=mime_type, is_waiting=wait, timeout_seconds=timeout_seconds
    )
    files = current_workspace().upload(sources, options, on_progress or _silent)
    return files[0]


def upload_many(
    sources: SourceSpec,
    *,
    recursive: bool = False,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    wait: bool = True,
    timeout_seconds: float = DEFAULT_WAIT_SECONDS,
    workers: int | None = None,
    executor: Executor | None = None,
    on_progress: OnProgress | None = None,
) -> FileList:
    """Upload paths, patterns, folders, addresses and values; one failure does not stop the rest.

    Parameters
    ----------
    sources
        Several of what `upload` takes, in any iterable, or one folder or pattern; a dict's keys are names.
    workers
        Uploads at a time; default: few of big sources and many of small ones. With an executor: how many
        parcels of up to 16 sources are out at a time.
    executor
        Of ``concurrent.futures``, such as Dask's ``client.get_executor(pure=False)``: its workers read and
        send the sources, which are then paths that they share, or addresses. Keys are not sent to them:
        each looks up its own, which has to be the same.

    Returns
    -------
    FileList
        The stored files in the order of their sources; what failed is in ``.failed``.

    Raises
    ------
    SourceError
        Something named can't be sent at all; nothing was sent.
    AllFailed
        Nothing arrived.
    """
    if workers is not None and workers < 1:
        raise InvalidUsage(f"workers={workers} would send nothing.", hint="Give 1 or more.")
    options = TransferOptions(is_waiting=wait, timeout_seconds=timeout_seconds, workers=workers)
    specs = list(sources) if isinstance(sources, Iterable) and not can_open(sources) else [sources]
    return current_workspace().upload(
        specs,
        options,
        on_progress or _silent,
        is_recursive=recursive,
        include=include,
        exclude=exclude,
        executor=executor,
    )


def list_files() -> list[File]:
    """Return all stored files, newest first."""
    return current_workspace().files()


def get_file(name: str | File) -> File:
    """Return a file as it is now, by ``files/ID``, URI or display name."""
    return current_workspace().find(name)


def delete_file(name: str | File) -> None:
    """Delete a stored file."""
    workspace = current_workspace()
    workspace.remove(name if isinstance(name, File) else workspace.find(name))


def wait(file: File, *, timeout_seconds: float = DEFAULT_WAIT_SECONDS) -> File:
    """Wait until a file is ACTIVE, and return it so.

    Raises
    ------
    ProcessingFailed, ProcessingTimeout
        It never became ACTIVE.
    """
    return current_workspace().wait(file, timeout_seconds=timeout_seconds)


def _silent(batch: tuple[Progress, ...]) -> None:
    """Show nothing."""
