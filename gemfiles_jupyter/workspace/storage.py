"""What is done with many stored files at once: say which are meant, count their tokens, delete them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TypeVar

from ..client.models import File
from ..client.prompts import Part
from ..errors import FileUnavailable, GemfilesError
from .renewal import Renewer
from .selection import Selection, is_pattern
from .workspace import Workspace

__all__ = ["Removal", "count_each", "each", "files_meant", "remove_files", "uploaded_here"]

AT_A_TIME = 8
TICK_SECONDS = 0.25

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Removal:
    """What became of a file that was to be deleted; `error` says why it is still there."""

    file: File
    error: GemfilesError | None = None


def uploaded_here(workspace: Workspace) -> frozenset[str]:
    """Return the names of the files that this user sent from this machine, as the journal says.

    A file that another machine sent, and that was only found or bound here, is none of them.
    """
    endpoint = workspace.client.endpoint
    entries = workspace.journal.at(endpoint.place, endpoint.key_fingerprint)
    return frozenset(entry.file_name for entry in entries if entry.host)


def files_meant(
    workspace: Workspace, references: Sequence[str | File], selection: Selection | None = None
) -> list[File]:
    """Return the stored files that names, patterns and a selection mean, each once.

    Parameters
    ----------
    references
        Names, patterns or files; none for all files.
    selection
        Only those of them.

    Raises
    ------
    FileUnavailable
        There is no such file, or none that a pattern matches.
    InvalidUsage
        Several files have that name.
    """
    is_one = len(references) == 1 and not _is_pattern(references[0])
    listed = None if is_one else workspace.files()
    found = list(listed or ()) if not references else []
    for reference in references:
        found += _meant_by(workspace, reference, listed)
    once = list({file.name: file for file in found}.values())
    return selection.of(once, workspace.now()) if selection else once


def remove_files(
    workspace: Workspace, files: Sequence[File], on_progress: Callable[[int], None] | None = None
) -> list[Removal]:
    """Delete files, several at a time; one that can't be deleted stops no other.

    One that is gone already counts as deleted.

    Parameters
    ----------
    on_progress
        Told how many are done, from this thread, a few times a second.
    """

    def remove(file: File) -> Removal:
        try:
            workspace.remove(file)
        except FileUnavailable:
            workspace.journal.forget_file(file.name, is_removed=True)
        except GemfilesError as error:
            return Removal(file, error)
        return Removal(file)

    return each(remove, files, on_progress)


def count_each(
    workspace: Workspace, prompts: Sequence[Sequence[Part]], model: str, renewer: Renewer
) -> list[int]:
    """Return how many tokens each of several prompts takes, several counted at a time."""

    def count(parts: Sequence[Part]) -> int | None:
        try:
            return workspace.client.prompts.count_tokens(parts, model)
        except FileUnavailable:
            return None

    counts = each(count, prompts)
    # What has to be sent again is shown while it is, and only this thread may do that.
    return [
        workspace.questions.count_tokens(parts, model, renewer) if known is None else known
        for known, parts in zip(counts, prompts, strict=True)
    ]


def each(
    do: Callable[[_Item], _Result],
    items: Sequence[_Item],
    on_progress: Callable[[int], None] | None = None,
) -> list[_Result]:
    """Do the same for many items, several at a time, and return the results in their order.

    An interrupt waits only for what is being done.
    """
    pool = ThreadPoolExecutor(AT_A_TIME)
    futures = [pool.submit(do, item) for item in items]
    try:
        for done in _counts(futures):
            if on_progress:
                on_progress(done)
        return [future.result() for future in futures]
    finally:
        pool.shutdown(cancel_futures=True)


def _counts(futures: Sequence[Future[_Result]]) -> Iterator[int]:
    """Yield how many have ended, while some have not."""
    waiting = set(futures)
    while waiting:
        _, waiting = wait(waiting, TICK_SECONDS)
        if waiting:
            yield len(futures) - len(waiting)


def _is_pattern(reference: str | File) -> bool:
    return isinstance(reference, str) and is_pattern(reference)


def _meant_by(workspace: Workspace, reference: str | File, listed: list[File] | None) -> list[File]:
    if isinstance(reference, str) and is_pattern(reference):
        files = listed or []
        same = [file for file in files if reference == file.display_name]
        found = same or Selection((reference,)).of(files, workspace.now())
        if not found:
            raise FileUnavailable(
                f"No file matches {reference}.", status=404, hint="%gemfiles ls shows what is stored."
            )
        return found
    return [workspace.find(reference, listed)]
