"""The workspace: upload, find, list, remove, wait and ask, the same for every front end."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ..client import Client
from ..client.files import DEFAULT_WAIT_SECONDS
from ..client.models import File, file_id
from ..config import Secret, choose_endpoint, reached
from ..errors import (
    AllFailed,
    FileUnavailable,
    InvalidUsage,
    SourceNotFound,
    UploadCancelled,
    UploadInterrupted,
)
from ..transfers.addresses import can_reopen
from ..transfers.entries import Entry, Request
from ..transfers.journal import Journal, user_journal
from ..transfers.manager import TransferOptions, upload_all
from ..transfers.progress import Phase, Progress
from ..transfers.sources import SourceSpec, expand
from .preflight import check
from .results import FileList

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from .questions import Questions
    from .renewal import Renewer

__all__ = ["Workspace", "current_workspace", "known_workspace"]

OnProgress = Callable[[tuple[Progress, ...]], None]
OnPoll = Callable[[File, float], None]


class Workspace:
    """One client, and what a user does with it."""

    def __init__(self, client: Client) -> None:
        self.client = client

    @property
    def journal(self) -> Journal:
        """The record of this user's transfers."""
        return user_journal()

    @property
    def is_offline(self) -> bool:
        """Whether this is the offline server, which every output says."""
        return self.client.endpoint.is_offline

    @property
    def note(self) -> str:
        """What every table says below it; empty for the service."""
        from ..views.rows import OFFLINE  # an upload should not wait for the views

        return OFFLINE if self.is_offline else ""

    def now(self) -> datetime:
        """Return the service's time."""
        return self.client.transport.now()

    def upload(
        self,
        specs: Sequence[SourceSpec],
        options: TransferOptions,
        on_progress: OnProgress,
        *,
        is_recursive: bool = False,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        executor: Executor | None = None,
    ) -> FileList:
        """Upload paths, patterns, folders, addresses and values.

        Parameters
        ----------
        executor
            Its workers read and send the sources, instead of threads of this process.

        Raises
        ------
        SourceError
            Something named can't be sent at all; nothing was sent then.
        QuotaExceeded
            All together are more than the storage has room for; nothing was sent then.
        GemfilesError
            The only source failed.
        AllFailed
            Each of several sources failed. When some arrive, the rest is in ``.failed``.
        """
        sources = expand(specs, is_recursive=is_recursive, include=include, exclude=exclude)
        check(self.client, sources, options)
        if executor is not None:
            from .scale import upload_through  # only where there is an executor

            ended = upload_through(executor, self.client, sources, options, on_progress, self.journal)
        else:
            ended = upload_all(self.client, sources, options, on_progress, self.journal)
        return self._collected(ended)

    def transfers(self, *, is_open: bool = False) -> list[Entry]:
        """Return the transfers of this user, of every process, newest first.

        Parameters
        ----------
        is_open
            Only those that have not ended.
        """
        return self.journal.entries(is_open=is_open)

    def ask_transfers(self, references: Sequence[str], request: Request) -> list[Entry]:
        """Pause or cancel transfers, wherever they run; return those that were asked.

        Parameters
        ----------
        references
            Ids or names; none for all that are open.
        """
        chosen = self._open_transfers(references)
        for entry in chosen:
            if entry.is_live:
                self.journal.ask(entry.id, request)
            elif request is Request.CANCEL:
                self.journal.discard(entry)
                if entry.session and entry.endpoint == self.client.endpoint.place:
                    self.client.uploads.cancel(Secret(entry.session))
        return chosen

    def resume(self, references: Sequence[str], on_progress: OnProgress) -> tuple[FileList, list[Entry]]:
        """Go on with transfers that were left unfinished, here or by a kernel that is gone.

        Parameters
        ----------
        references
            Ids or names; none for all that can be resumed.

        Returns
        -------
        files, entries
            What arrived, and the transfers that were gone on with, in the same order.
        """
        place, key = self.client.endpoint.place, self.client.endpoint.key_fingerprint
        entries = [
            entry
            for entry in self._open_transfers(references)
            if entry.is_resumable and (entry.endpoint, entry.key) == (place, key)
        ]
        here = [entry for entry in entries if can_reopen(entry.path)]
        for entry in entries:
            if entry not in here:
                self.journal.end(entry, Phase.FAILED.value, error="its source is gone")
        if entries and not here:
            raise SourceNotFound(
                f"The source of {entries[0].label} is no longer where it was.", hint="Upload another copy."
            )
        options = [
            TransferOptions(
                display_name=entry.display_name, mime_type=entry.mime_type, variable=entry.variable
            )
            for entry in here
        ]
        sources = [source for entry in here for source in expand([entry.path])]
        ended = upload_all(self.client, sources, options, on_progress, self.journal)
        return self._collected(ended), here

    def _open_transfers(self, references: Sequence[str]) -> list[Entry]:
        entries = self.transfers(is_open=True)
        for reference in references:
            if not any(reference in (entry.id, entry.label) for entry in entries):
                raise InvalidUsage(
                    f"There is no unfinished transfer {reference}.", hint="%gemfiles transfers lists them."
                )
        return [entry for entry in entries if not references or {entry.id, entry.label} & set(references)]

    @staticmethod
    def _collected(ended: Sequence[Progress]) -> FileList:
        """Return what arrived, or raise if nothing did."""
        files = FileList.of(ended)
        if files or not ended:
            return files
        if len(ended) > 1:
            raise AllFailed(f"None of {len(ended)} files arrived.", hint="Each line above says why.")
        only = ended[0]
        if only.error:
            raise only.error
        if only.phase is Phase.CANCELLED:
            raise UploadCancelled(f"{only.label} was cancelled from elsewhere.")
        raise UploadInterrupted(
            f"{only.label} was paused from elsewhere.", sent=only.sent, hint="Go on with %gemfiles resume."
        )

    def files(self) -> list[File]:
        """Return the stored files, newest first."""
        from .selection import in_order  # only for lists

        return in_order(self.client.files.list())

    def find(self, reference: str | File, listed: Sequence[File] | None = None) -> File:
        """Return the stored file that a name, URI or display name means.

        Parameters
        ----------
        listed
            The stored files, where they are known already.

        Raises
        ------
        FileUnavailable
            There is no such file.
        InvalidUsage
            Several files have that display name.
        """
        if isinstance(reference, File):
            reference = reference.name
        if reference.startswith("files/") or "://" in reference:
            known = next((file for file in listed or () if file.name == reference), None)
            return known or self.client.files.get(reference)
        files = self.client.files.list() if listed is None else listed
        same = [file for file in files if reference in (file.display_name, file.id)]
        if len(same) > 1:
            raise InvalidUsage(
                f"{len(same)} files are called {reference}.",
                hint=f"Say which one: {', '.join(file.name for file in same[:4])}.",
            )
        if same:
            return same[0]
        try:
            return self.client.files.get(file_id(reference))
        except (FileUnavailable, ValueError):
            raise FileUnavailable(
                f"There is no file {reference}.", status=404, hint="%gemfiles ls shows what is stored."
            ) from None

    def remove(self, file: File) -> None:
        """Delete a stored file."""
        self.client.files.delete(file.name)
        self.journal.forget_file(file.name, is_removed=True)

    def wait(
        self,
        file: File,
        *,
        timeout_seconds: float = DEFAULT_WAIT_SECONDS,
        on_poll: OnPoll | None = None,
    ) -> File:
        """Wait until a file is ACTIVE."""
        return self.client.files.wait(file, timeout_seconds=timeout_seconds, on_poll=on_poll)

    def renewer(self, on_progress: OnProgress, on_renewed: Callable[[File, File], None]) -> Renewer:
        """Return what brings expired files back, and says so."""
        from .renewal import Renewer

        return Renewer(self.client, self.journal, on_progress, on_renewed)

    @property
    def questions(self) -> Questions:
        """What can be asked about files; loaded when somebody asks."""
        from .questions import Questions

        return Questions(self.client, self.journal)


_current: list[Workspace] = []
if hasattr(os, "register_at_fork"):  # connections must not be shared with a process that was forked
    os.register_at_fork(after_in_child=_current.clear)


def current_workspace() -> Workspace:
    """Return the workspace of the present settings, starting the offline server if it is meant.

    Asked anew for each command, because a key may have been set since, and the offline server stops
    when it is idle.
    """
    endpoint = reached(choose_endpoint())
    if not _current or _current[0].client.endpoint != endpoint:
        _current[:] = [Workspace(Client(endpoint=endpoint))]
    return _current[0]


def known_workspace() -> Workspace | None:
    """Return the workspace that was used last, without looking at the settings or starting anything."""
    return _current[0] if _current else None
