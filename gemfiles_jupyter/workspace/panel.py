"""What a panel can ask for, once for all its homes: records in, records out, errors of ours.

The Jupyter server answers with these over REST, a kernel over the messages of a widget.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path

from ..client.models import File, file_id
from ..config import DEFAULT_MODEL, STORAGE_BYTES, choose_endpoint, home
from ..errors import (
    FileUnavailable,
    GemfilesError,
    InvalidUsage,
    KeyProblem,
    QuotaExceeded,
    SourceError,
    SourceNotFound,
    UploadMisplaced,
)
from ..transfers.manager import TransferOptions
from ..views.panel import file_record, hint_text, place_text, problem_record
from .activity import ACTIONS, Activity
from .listing import Listed, Listing
from .namespace import Namespace
from .snippets import genai_code
from .spool import Incoming, Receiver, Spool
from .variables import free_name
from .watch import Tell, Watch
from .workspace import current_workspace

__all__ = ["PanelService", "Record", "refusal", "status_of", "text_of"]

Record = dict[str, object]

# The first that fits. 401 and 403 would mean that Jupyter itself refuses; what the service refuses is 502,
# the only status above 500 with which Jupyter does not log the request's headers.
_STATUSES = (
    (InvalidUsage, HTTPStatus.BAD_REQUEST),
    (SourceNotFound, HTTPStatus.NOT_FOUND),
    (SourceError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (KeyProblem, HTTPStatus.FAILED_DEPENDENCY),
    (QuotaExceeded, HTTPStatus.TOO_MANY_REQUESTS),
    (FileUnavailable, HTTPStatus.NOT_FOUND),
    (UploadMisplaced, HTTPStatus.CONFLICT),
)


class PanelService:
    """The files and transfers of this user, one of these a process; safe to ask from any thread.

    Parameters
    ----------
    tell
        Called with each event, from a thread of the watch.
    log
        Where a look that fails is written down.
    owner
        Keeps bytes of browsers apart from those that other processes take in; empty for the one that
        goes on with them after it was started again.
    namespace
        The variables of this process' notebook, where it has one: they are what the panel shows then, and
        what it binds; else the names are only written down.
    """

    def __init__(
        self, tell: Tell, log: logging.Logger, *, owner: str = "", namespace: Namespace | None = None
    ) -> None:
        self._namespace = namespace
        self.listing = Listing()
        self.spool = Spool(home() / "spool", owner)
        self.activity = Activity(self.listing, self.spool, lambda: self.watch.wake())
        self.watch = Watch(self.activity, self.listing, tell, log)

    def close(self) -> None:
        """Pause what this process uploads; it goes on when asked to."""
        self.watch.close()
        self.activity.close()

    def status(self) -> Record:
        """Return where requests go, and whether that makes sense; the service is not asked."""
        facts: Record = {"version": version("gemfiles-jupyter"), "now": _iso(datetime.now(timezone.utc))}
        try:
            endpoint = choose_endpoint()
        except GemfilesError as error:
            return {**facts, "place": "", "isOffline": False, "problem": problem_record(error)}
        return {**facts, "place": place_text(endpoint), "isOffline": endpoint.is_offline, "problem": None}

    def files(self) -> Record:
        """Return the stored files; what is wrong comes with the last that is known."""
        try:
            listed = self.listing.listed()
        except GemfilesError as error:  # there is nothing to list from
            listed = Listed((), datetime.now(timezone.utc), error)
        return {
            "files": self._file_records(listed),
            "used": listed.used_bytes,
            "limit": STORAGE_BYTES,
            "now": _iso(listed.now),
            "problem": problem_record(listed.problem) if listed.problem else None,
        }

    def remove(self, names: Sequence[str]) -> Record:
        """Delete files that are named, and return what became of them."""
        checked = [checked_name(name) for name in names]
        if not checked:
            raise InvalidUsage("Say which files.")
        outcomes = self.listing.remove(checked)
        failed = [
            {"name": name, "message": error.message, "hint": hint_text(error.hint)}
            for name, error in outcomes.items()
            if error
        ]
        self.watch.wake()
        return {"removed": [name for name, error in outcomes.items() if not error], "failed": failed}

    def renew(self, message: Mapping[str, object]) -> Record:
        """Begin to send a stored file again; the transfer is told of as any other."""
        transfer = self.activity.renew(checked_name(text_of(message, "name")))
        self.watch.wake()
        return {"transfer": transfer}

    def set_variable(self, message: Mapping[str, object]) -> Record:
        """Write down which variable holds a file, and return the file."""
        name, variable = checked_name(text_of(message, "name")), text_of(message, "variable")
        if self._namespace and variable:
            self._namespace.check(variable)
        self.activity.set_variable(name, variable)
        listed = self.listing.listed()
        found = next((item.file for item in listed.files if item.file.name == name), None)
        if found is None:
            raise listed.problem or InvalidUsage(f"{name} is gone.")
        if self._namespace:
            self._namespace.rename(found, variable)
        self.watch.wake()
        return next(record for record in self._file_records(listed) if record["name"] == name)

    def names(self, labels: Sequence[str]) -> Record:
        """Return names for variables that are to hold sources of these labels."""
        return {"names": [free_name(File("", display_name=label), {}) for label in labels]}

    def code(self, names: Sequence[str]) -> Record:
        """Return plain google-genai code that asks about stored files."""
        code = genai_code(
            [self.file(checked_name(name)) for name in names],
            DEFAULT_MODEL,
            taken=self._namespace.names if self._namespace else (),
            held_by=self._holders(self.listing.listed()),
            is_offline=current_workspace().is_offline,
        )
        return {"code": code}

    def file(self, name: str) -> File:
        """Return a stored file as last heard of, else as it is.

        Raises
        ------
        FileUnavailable
            There is none of that name.
        """
        return self.listing.known(name) or current_workspace().client.files.get(name)

    def transfers(self) -> Record:
        """Return those under way, and those that ended a while ago."""
        return {"transfers": [row.record() for row in self.activity.rows()]}

    def start(self, sources: Sequence[tuple[Path, str]], variable: str = "") -> list[str]:
        """Begin to upload files of this machine, each under its label, and return the transfers' ids."""
        options = TransferOptions(variable=variable)
        ids = [self.activity.start(path, label, options) for path, label in sources]
        self.watch.wake()
        return ids

    def act(self, id: str, message: Mapping[str, object]) -> Record:  # noqa: A002
        """Pause, resume, cancel or retry a transfer, wherever it runs."""
        action = text_of(message, "action")
        if action not in ACTIONS:
            raise InvalidUsage(f"{action!r} can't be done.", hint=f"Known are {', '.join(ACTIONS)}.")
        row = self.activity.act(id, action)
        self.watch.wake()
        return row.record()

    def clear(self) -> None:
        """Take what has ended off the list."""
        self.activity.clear()
        self.watch.wake()

    def open_upload(self, message: Mapping[str, object]) -> Record:
        """Begin to take a browser's file, or go on with it; return its id (its transfer's too) and offset."""
        size, modified = message.get("size"), message.get("lastModified", 0)
        if type(size) is not int or type(modified) is not int:  # a bool is no number
            raise InvalidUsage("The request needs a size in bytes.")
        name = text_of(message, "name").replace("\\", "/").rpartition("/")[2]
        mime_type = text_of(message, "mimeType", default="")
        variable = text_of(message, "variable", default="")
        incoming, offset = self.activity.open_upload(name, size, modified, mime_type, variable)
        self.watch.wake()
        return {"id": incoming.id, "offset": offset}

    def incoming(self, id: str) -> Incoming:  # noqa: A002
        """Return an upload that was begun and has not all of its bytes.

        Raises
        ------
        SourceNotFound
            There is none of that id, or not any more.
        """
        incoming = self.spool.get(id)
        if incoming is None:
            raise SourceNotFound("There is no such upload.")
        return incoming

    def receiver(self, incoming: Incoming, offset: int, length: int) -> Receiver:
        """Return what takes a slice, which is to begin where the last one ended.

        Raises
        ------
        InvalidUsage
            It goes beyond the end.
        UploadMisplaced
            It begins elsewhere.
        """
        if offset + length > incoming.size:
            raise InvalidUsage(f"That is more than the {incoming.size} bytes of {incoming.name}.")
        receiver = self.spool.receiver(incoming, offset)
        if receiver is None:
            raise self.misplaced(incoming)
        return receiver

    def misplaced(self, incoming: Incoming) -> UploadMisplaced:
        """Return the error that says where an upload stands."""
        return UploadMisplaced(f"The upload of {incoming.name} stands elsewhere.", offset=incoming.offset)

    def received(self, incoming: Incoming, receiver: Receiver) -> Record:
        """Note the end of a slice, and return the offset reached; the last slice begins the transfer."""
        receiver.close()
        offset = incoming.offset
        if incoming.is_whole:
            self.activity.start_upload(incoming)
        self.watch.wake()
        return {"offset": offset}

    def _file_records(self, listed: Listed) -> list[Record]:
        held = self._holders(listed)
        return [
            file_record(
                item.file,
                listed.now,
                variable=held.get(item.file.name, ""),
                suggestion=free_name(item.file, {}),
                is_renewable=item.is_renewable,
            )
            for item in listed.files
        ]

    def _holders(self, listed: Listed) -> dict[str, str]:
        """Return which variable holds each file, by file name."""
        if self._namespace:
            return self._namespace.holders()
        return {item.file.name: item.variable for item in listed.files}


def status_of(error: GemfilesError) -> HTTPStatus:
    """Return the HTTP status that fits an error."""
    return next((status for family, status in _STATUSES if isinstance(error, family)), HTTPStatus.BAD_GATEWAY)


def refusal(error: GemfilesError) -> Record:
    """Return what is answered when something fails."""
    where = {"offset": error.offset} if isinstance(error, UploadMisplaced) else {}
    return {**problem_record(error), **where}


def text_of(message: Mapping[str, object], name: str, *, default: str | None = None) -> str:
    """Return a text of a message.

    Raises
    ------
    InvalidUsage
        It is missing, or no text.
    """
    value = message.get(name, default)
    if not isinstance(value, str) or "\x00" in value:
        raise InvalidUsage(f"The request needs a text {name}.")
    return value


def checked_name(name: str) -> str:
    """Return the name of a file, and of nothing else."""
    try:
        return f"files/{file_id(name)}"
    except ValueError:
        raise InvalidUsage(
            f"{name!r} is not the name of a file.", hint="Names look like files/abc123."
        ) from None


def _iso(when: datetime) -> str:
    return when.isoformat().replace("+00:00", "Z")
