"""One transfer from claim to end: look whether the service has it, send it, write down how it went."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from typing import Any

from ..client import Client
from ..client.files import DEFAULT_WAIT_SECONDS
from ..client.models import File
from ..client.uploads import NewFile, Pulse, Stopped, Watch, choose_id
from ..config import Secret
from ..errors import GemfilesError, SourceError
from .entries import Entry, Request, Verdict
from .held import held
from .journal import Journal
from .limits import check_limits
from .progress import Meter, Phase
from .reuse import Finder, ReusePolicy, sample_of
from .sources import Source

__all__ = ["Transfer", "TransferOptions", "wanted_entry"]

BEAT_SECONDS = 1.0
OTHER_SECONDS = 0.5
DISPLAY_NAME_CHARACTERS = 512


@dataclass(frozen=True, slots=True)
class TransferOptions:
    """How sources are uploaded.

    Attributes
    ----------
    display_name
        Instead of the source's name; only for a single source.
    id
        File id to ask for; random by default.
    mime_type
        Instead of recognising it.
    is_waiting
        Wait until the files are ACTIVE.
    timeout_seconds
        How long to wait for that.
    workers
        Uploads at a time; by default few for big sources and many for small ones.
    is_forced
        Try even what the service is known to refuse for its size.
    reuse
        When a stored file may stand for a source.
    variable
        Variable that the result goes to, remembered for when the notebook is restarted.
    planned_id
        File id to take if it has to be sent: the same again, whoever takes the transfer over.
    """

    display_name: str | None = None
    id: str | None = None
    mime_type: str | None = None
    is_waiting: bool = True
    timeout_seconds: float = DEFAULT_WAIT_SECONDS
    workers: int | None = None
    is_forced: bool = False
    reuse: ReusePolicy = ReusePolicy.AUTO
    variable: str = ""
    planned_id: str = ""


class Transfer:
    """One source on its way.

    Parameters
    ----------
    meter
        Shows where it stands.
    stop
        Set it to pause.
    """

    def __init__(
        self,
        client: Client,
        journal: Journal,
        finder: Finder,
        source: Source,
        options: TransferOptions,
        meter: Meter,
        stop: threading.Event,
    ) -> None:
        self._client = client
        self._journal = journal
        self._finder = finder
        self._source = source
        self._options = options
        self._meter = meter
        self._stop = stop
        self._entry: Entry | None = None
        self._session = Secret("")
        self._asked = Request.NONE
        self._confirmed = 0
        self._claimed_at = 0.0
        self._next_beat = 0.0

    def run(self) -> File | None:
        """Bring the source to the service; return the file, which may still be PROCESSING.

        Returns nothing where another process paused or cancelled it.

        Raises
        ------
        GemfilesError
            It did not arrive.
        Stopped
            `stop` was set; the journal holds what is needed to go on.
        """
        with held(self._source) as source:
            mime_type = self._options.mime_type or source.mime_type
            self._meter.declare(mime_type)
            if not self._options.is_forced:
                check_limits(source, mime_type)
            self._meter.enter(Phase.CHECKING)
            wanted = wanted_entry(self._client, source, self._options, mime_type)
            try:
                file = self._begun(source, wanted)
                if not self._entry:
                    file = self._reused(source, wanted)
                return file or self._sent(source, wanted)
            except Stopped:
                if self._asked is Request.NONE:
                    raise
                return None

    def pause(self) -> None:
        """Write down that the transfer is left where it stands; also from another thread."""
        if self._entry:
            self._journal.end(self._entry, Phase.PAUSED.value, sent=self._confirmed)

    def _begun(self, source: Source, wanted: Entry) -> File | None:
        """Claim a transfer of which the journal knows nothing; return its file if the service has that."""
        entry = self._journal.begin(wanted)
        if not entry:
            return None
        self._claimed(entry)
        try:
            file, digest = self._find(source, wanted, is_known=False)
        except Exception as error:
            self._failed(entry, error)
            raise
        if file:
            self._meter.reused(file)
            # It was not sent from here, and perhaps as another type.
            self._stored(entry, file, digest, sent=0, host="", mime_type=file.mime_type or entry.mime_type)
        return file

    def _reused(self, source: Source, wanted: Entry) -> File | None:
        """Return the stored file that already holds these bytes, else claim the transfer."""
        since = time.time()
        while True:
            file, digest = self._find(source, wanted)
            if file:
                self._meter.reused(file)
                stored = replace(wanted, **_facts(file, digest), mime_type=file.mime_type or wanted.mime_type)
                self._meter.written_down(self._journal.record(stored))
                return file
            claim = self._journal.claim(wanted, since, has_chosen_id=bool(self._options.id))
            if claim.verdict is not Verdict.BUSY:
                self._claimed(claim.entry)
                return None
            self._await(claim.entry)
            since = time.time()

    def _claimed(self, entry: Entry) -> None:
        self._entry = entry
        self._claimed_at = time.monotonic()
        self._meter.written_down(entry.id)

    def _find(self, source: Source, wanted: Entry, *, is_known: bool = True) -> tuple[File | None, str]:
        if self._options.id:  # a chosen id is meant to be a file of its own
            return None, ""
        has_chosen_name = self._options.display_name is not None
        return self._finder.find(source, wanted, has_chosen_name=has_chosen_name, is_known=is_known)

    def _await(self, other: Entry) -> None:
        """Wait while another worker, here or in another process, sends the same content."""
        self._meter.explain("the same content is being sent elsewhere")
        current: Entry | None = other
        while current and current.is_live:
            if self._stop.wait(OTHER_SECONDS):
                raise Stopped
            current = self._journal.get(other.id)
        self._meter.explain("")

    def _sent(self, source: Source, wanted: Entry) -> File:
        entry = self._entry
        assert entry is not None, "claimed before it is sent"
        self._meter.enter(Phase.UPLOADING)
        self._session = Secret(entry.session)
        new = NewFile(entry.file_id, wanted.mime_type, wanted.display_name)
        watch = Watch(self._on_pulse, self._on_session, self._stop)
        try:
            if time.monotonic() - self._claimed_at > BEAT_SECONDS:  # it may have been cancelled meanwhile
                self._beat(entry, Phase.UPLOADING)
            uploaded = self._client.uploads.send(
                source, new, watch, session=self._session if entry.session else None
            )
        except Stopped:
            self._stopped()
            raise
        except GemfilesError as error:
            self._failed(entry, error)
            raise
        self._meter.uploaded(uploaded.file, is_verified=uploaded.is_verified, sent_bytes=uploaded.sent_bytes)
        self._stored(entry, uploaded.file, uploaded.sha256, sent=entry.size)
        return uploaded.file

    def _stored(self, entry: Entry, file: File, digest: str, **changes: object) -> None:
        self._journal.end(entry, Phase.DONE.value, **_facts(file, digest), error="", **changes)

    def _failed(self, entry: Entry, error: Exception) -> None:
        if isinstance(error, SourceError) and self._session:  # what was sent is of no use
            self._client.uploads.cancel(self._session)
            self._session = Secret("")
        phase = Phase.PAUSED if self._session else Phase.FAILED
        self._journal.end(entry, phase.value, error=str(error), sent=self._confirmed)

    def _stopped(self) -> None:
        entry = self._entry
        assert entry is not None, "only what was claimed is sent"
        if self._asked is not Request.CANCEL:
            self._journal.end(entry, Phase.PAUSED.value, sent=self._confirmed)
            self._meter.enter(Phase.PAUSED)
            return
        self._journal.end(entry, Phase.CANCELLED.value)
        self._meter.enter(Phase.CANCELLED)
        if self._session:
            self._client.uploads.cancel(self._session)

    def _on_session(self, session: Secret) -> None:
        self._session = session
        if self._entry and session:
            self._journal.note(self._entry, session=session.reveal(), sent=0)

    def _on_pulse(self, pulse: Pulse) -> None:
        is_piece_done = pulse.confirmed > self._confirmed
        self._confirmed = pulse.confirmed
        self._meter.pulse(pulse.sent, pulse.attempt, pulse.trouble)
        now = time.monotonic()
        if self._entry and (is_piece_done or now >= self._next_beat):
            self._next_beat = now + BEAT_SECONDS
            self._beat(self._entry, Phase.RETRYING if pulse.attempt else Phase.UPLOADING)

    def _beat(self, entry: Entry, phase: Phase) -> None:
        self._asked = self._journal.beat(entry, self._confirmed, phase.value)
        if self._asked is not Request.NONE:
            raise Stopped


def wanted_entry(client: Client, source: Source, options: TransferOptions, mime_type: str) -> Entry:
    """Return what the journal is to say of a source that is to be sent."""
    return Entry(
        id="",
        label=_as_text(source.label),
        size=source.size,
        mime_type=mime_type,
        endpoint=client.endpoint.place,
        key=client.endpoint.key_fingerprint,
        file_id=options.id or options.planned_id or choose_id(),
        display_name=options.display_name or _as_text(source.label)[-DISPLAY_NAME_CHARACTERS:],
        path=source.place if source.place == _as_text(source.place) else "",
        modified_ns=source.modified_ns,
        sample=sample_of(source),
        variable=options.variable,
    )


def _facts(file: File, digest: str) -> dict[str, Any]:
    """Return what the journal is to say of a file that is stored."""
    expires = file.expiration_time.timestamp() if file.expiration_time else 0.0
    return {"sha256": digest, "file_name": file.name, "expires": expires}


def _as_text(name: str) -> str:
    """Return a name that can be stored and sent: on Linux a file's may hold bytes that are no text."""
    return name.encode("utf-8", "replace").decode()
