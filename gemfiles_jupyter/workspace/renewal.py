"""Files live for 48 hours, notebooks longer: a file that is gone is sent again from its source."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path

from ..client import Client
from ..client.models import File, FileState
from ..client.prompts import Part, file_of, with_file
from ..errors import FileUnavailable
from ..transfers.addresses import can_reopen, is_address
from ..transfers.entries import REMOVED, Entry
from ..transfers.journal import Journal
from ..transfers.manager import TransferOptions, upload_all
from ..transfers.progress import Progress
from ..transfers.sources import expand
from .results import FileList

__all__ = ["Renewer", "remembered"]

OnProgress = Callable[[tuple[Progress, ...]], None]
OnRenewed = Callable[[File, File], None]


def _silent(batch: tuple[Progress, ...]) -> None:
    """Show nothing."""


def _unnoticed(old: File, new: File) -> None:
    """Tell no one."""


def remembered(entry: Entry) -> File:
    """Return a file that the service has forgotten, as the journal knew it."""
    return File(
        entry.file_name,
        display_name=entry.display_name or entry.label,
        mime_type=entry.mime_type,
        size_bytes=entry.size,
        expiration_time=datetime.fromtimestamp(entry.expires, timezone.utc) if entry.expires else None,
        state=FileState.ACTIVE,
    )


class Renewer:
    """Brings back files that have expired, from where the journal says they came.

    Parameters
    ----------
    on_progress
        Shows the upload.
    on_renewed
        Told the old file and the new one, so that variables can follow.
    """

    def __init__(
        self,
        client: Client,
        journal: Journal,
        on_progress: OnProgress = _silent,
        on_renewed: OnRenewed = _unnoticed,
    ) -> None:
        self._client = client
        self._journal = journal
        self._on_progress = on_progress
        self._on_renewed = on_renewed
        self._renewed: dict[str, File] = {}
        self._ended: list[Progress] = []

    def has_expired(self, file: File) -> bool:
        """Whether a file's time is over, by the service's clock."""
        left = file.expires_in(self._client.transport.now())
        return left is not None and left.total_seconds() <= 0

    def is_from_elsewhere(self, file: File) -> bool:
        """Whether a file was sent to another service, such as the offline server, or with another key."""
        entry = self._journal.of_file(file.name)
        endpoint = self._client.endpoint
        return entry is not None and (entry.endpoint, entry.key) != (endpoint.place, endpoint.key_fingerprint)

    def renew(self, file: File, why: str) -> File:
        """Send a file again from its source; once, however often a prompt names it.

        Parameters
        ----------
        why
            What the service said of the old one.

        Raises
        ------
        FileUnavailable
            It was deleted on purpose, or its source is not to be had.
        """
        if file.name in self._renewed:
            return self._renewed[file.name]
        source = self.source_of(file, why)
        options = TransferOptions(display_name=file.display_name, mime_type=file.mime_type)
        before = tuple(self._ended)  # shown with those that follow, so that each is seen in the end

        def show(batch: tuple[Progress, ...]) -> None:
            self._on_progress((*before, *batch))

        ended = upload_all(self._client, expand([source]), options, show, self._journal)
        self._ended += ended
        files = FileList.of(ended)
        if not files:
            raise ended[0].error or FileUnavailable(f"{file.label} did not arrive again.", status=404)
        self._renewed[file.name] = files[0]
        self._on_renewed(file, files[0])
        return files[0]

    def replace_missing(self, parts: Sequence[Part], error: FileUnavailable) -> tuple[Part, ...]:
        """Return the parts of a prompt with the file that the service does not have sent again.

        Raises
        ------
        FileUnavailable
            It can't be.
        """
        files = [file for part in parts if (file := file_of(part))]
        missing = [file for file in files if _is_named(file, error.message)]
        if not missing or any(file in self._renewed.values() for file in missing):
            raise error
        return tuple(
            with_file(part, self.renew(file, error.message))
            if (file := file_of(part)) and file in missing
            else part
            for part in parts
        )

    def source_of(self, file: File, why: str) -> str:
        """Return where a file came from, a path or an address.

        Raises
        ------
        FileUnavailable
            As `renew`.
        """
        entry = self._entry_of(file)
        happened = (
            "has expired"
            if self.has_expired(file)
            else "was sent with another key, or to another service"
            if self.is_from_elsewhere(file)
            else "is gone"
        )
        if entry and entry.phase == REMOVED:
            raise FileUnavailable(
                f"{file.label} was deleted: {why}", status=404, hint="Upload it again if it is still wanted."
            )
        if entry is None or not entry.path:
            raise FileUnavailable(
                f"{file.label} {happened}, and where it came from is not known: {why}",
                status=404,
                hint="Upload it again.",
            )
        if not can_reopen(entry.path):
            raise FileUnavailable(
                f"{file.label} {happened}, and its source {_why_not(entry.path)}.",
                status=404,
                hint="Put it back, or upload another copy.",
            )
        return entry.path

    def _entry_of(self, file: File) -> Entry | None:
        """Return the transfer whose source a file is sent again from.

        Copies of a source are stored once. The one that gave the file its name comes first, if it is
        still there.
        """
        entries = self._journal.all_of_file(file.name)
        return max(entries, key=lambda it: (can_reopen(it.path), it.label == file.label), default=None)


def _why_not(place: str) -> str:
    if is_address(place):
        return "needs credentials that are not kept"
    return f"{Path(place).name} is no longer where it was"


def _is_named(file: File, message: str) -> bool:
    """Whether the service speaks of this file: `lecture` is not `lecture-2`."""
    return re.search(rf"\bFile {re.escape(file.id)}(?![\w-])", message) is not None
