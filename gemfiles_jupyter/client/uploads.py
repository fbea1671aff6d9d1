"""Drive one upload: send what the protocol decides, and prove that the right bytes arrived."""

from __future__ import annotations

import json
import random
import secrets
import string
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from ..config import API_VERSION, CONTROL_SECONDS, FINALIZE_SECONDS, Secret
from ..errors import BadResponse, CorruptUpload, GemfilesError, NameTaken, UploadInterrupted
from .content import Content, HashingReader, OpenContent
from .models import File
from .problems import error_of
from .protocol import MIB, Answer, Broken, Do, Done, Event, Plane, UploadState, decide
from .transport import Reply, Transport

__all__ = ["NewFile", "Pulse", "Stopped", "Uploaded", "Uploads", "choose_id"]

SHORTEST_DEADLINE_SECONDS = 3600.0
SLOWEST_BYTES_PER_SECOND = MIB


class Stopped(BaseException):
    """Raised inside an upload that was asked to stop; no error of the user's."""


@dataclass(frozen=True, slots=True)
class NewFile:
    """What the service is told about a file before its bytes.

    Attributes
    ----------
    id
        Chosen by us and kept over retries, so that a lost answer can't make a second file.
    """

    id: str
    mime_type: str
    display_name: str | None = None


@dataclass(frozen=True, slots=True)
class Pulse:
    """A sign of life of one upload.

    Attributes
    ----------
    sent
        Bytes that the service may have; goes down when it turns out to have kept less.
    attempt
        Failures since the last progress; 0 while all goes well.
    trouble
        What the last failure was, in words.
    wait_seconds
        How long the next try is waited for.
    """

    sent: int
    attempt: int = 0
    trouble: str = ""
    wait_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A stored file, and whether the service's own digest proved it right.

    Attributes
    ----------
    sent_bytes
        Content bytes that went over the wire, repeats included.
    """

    file: File
    is_verified: bool
    sent_bytes: int


PulseSink = Callable[[Pulse], None]


def choose_id() -> str:
    """Return a fresh random file id, short enough to be read, that says where it comes from."""
    alphabet = string.ascii_lowercase + string.digits
    return "gf" + "".join(secrets.choice(alphabet) for _ in range(14))


class Uploads:
    """Uploads over one transport."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def send(self, content: Content, new: NewFile, on_pulse: PulseSink, stop: threading.Event) -> Uploaded:
        """Send one source, going on where the service stands after every fault.

        Raises
        ------
        SourceChanged
            It was modified while it was being sent; nothing of it stays on the service.
        CorruptUpload
            Size or sha256 of the stored file differ; it was deleted.
        UploadInterrupted
            No progress within the budget; ``error.sent`` says how far it got.
        ServiceError, KeyProblem, NetworkError
            The service refused it, or could not be reached.
        """
        opened = content.open()
        reader = HashingReader(opened, content.size, content.label)
        try:
            drive = _Drive(self._transport, opened, content, new, reader, on_pulse, stop)
            file = drive.run()
            return self._verified(file, content, reader, opened.check_unchanged, drive)
        finally:
            reader.close()
            opened.close()

    def _verified(
        self,
        file: File,
        content: Content,
        reader: HashingReader,
        check_unchanged: Callable[[], None],
        drive: _Drive,
    ) -> Uploaded:
        try:
            check_unchanged()
            digest = reader.sha256()
            check_unchanged()
        except GemfilesError:
            self._discard(file, drive)
            raise
        problem = ""
        if file.size_bytes is not None and file.size_bytes != content.size:
            problem = f"the service has {file.size_bytes} bytes of {content.size}"
        elif file.sha256 is not None and file.sha256 != digest:
            problem = f"the service's sha256 is {file.sha256[:12]}…, the source's {digest[:12]}…"
        if not problem:
            return Uploaded(file, file.sha256 is not None, drive.sent_bytes)
        if drive.state.is_name_taken:
            raise NameTaken(
                f"The id {file.id} belongs to another file", status=409, hint="Choose another --id."
            )
        self._discard(file, drive)
        raise CorruptUpload(
            f"{content.label} did not arrive whole: {problem}", hint="The copy was removed; run it again."
        )

    def _discard(self, file: File, drive: _Drive) -> None:
        if drive.state.is_name_taken:
            return  # not ours to delete
        with suppress(GemfilesError):
            self._transport.call("DELETE", f"/{API_VERSION}/{file.name}")


class _Drive:
    """The I/O of one upload: turns states into requests and answers into events."""

    def __init__(
        self,
        transport: Transport,
        opened: OpenContent,
        content: Content,
        new: NewFile,
        reader: HashingReader,
        on_pulse: PulseSink,
        stop: threading.Event,
    ) -> None:
        self.state = UploadState(content.size)
        self.sent_bytes = 0
        self._transport = transport
        self._opened = opened
        self._content = content
        self._new = new
        self._reader = reader
        self._on_pulse = on_pulse
        self._stop = stop
        self._session = Secret("")
        seconds = max(SHORTEST_DEADLINE_SECONDS, content.size / SLOWEST_BYTES_PER_SECOND)
        self._deadline = time.monotonic() + seconds

    def run(self) -> File:
        """Ask and answer until the file is there or the upload has failed."""
        while True:
            self._check()
            event = self._ask()
            self.state, action = decide(self.state, event)
            if isinstance(action, Done):
                return action.file
            if not isinstance(action, Do):
                raise action.error
            self._pause(action)

    def _check(self) -> None:
        if self._stop.is_set():
            raise Stopped
        if time.monotonic() > self._deadline:
            raise UploadInterrupted(
                f"{self._content.label} is far too slow to arrive.", sent=self.state.confirmed
            )

    def _pause(self, action: Do) -> None:
        wait = max(action.wait_seconds * random.uniform(0.5, 1.5), action.least_seconds)  # noqa: S311
        self._on_pulse(Pulse(self.state.offset, self.state.attempt, self.state.trouble, wait))
        if wait and self._stop.wait(wait):
            raise Stopped

    def _ask(self) -> Event:
        asks = {
            Plane.START: self._start,
            Plane.DATA: self._data,
            Plane.QUERY: self._query,
            Plane.LOOKUP: self._lookup,
        }
        return asks[self.state.plane]()

    def _start(self) -> Event:
        new, size = self._new, str(self._content.size)
        described: dict[str, Any] = {
            "name": f"files/{new.id}",
            "mimeType": new.mime_type,
            "sizeBytes": size,
        }
        if new.display_name:
            described["displayName"] = new.display_name
        headers = {
            "Content-Type": "application/json",
            "X-Goog-Upload-Protocol": "resumable",
            "X-Goog-Upload-Command": "start",
            "X-Goog-Upload-Header-Content-Length": size,
            "X-Goog-Upload-Header-Content-Type": new.mime_type,
        }
        url = Secret(self._transport.url(f"/upload/{API_VERSION}/files"))
        outcome = self._transport.attempt(
            "POST", url, headers=headers, body=json.dumps({"file": described}).encode()
        )
        if isinstance(outcome, Reply) and outcome.status == 200:
            given = Secret(outcome.header("X-Goog-Upload-URL"))
            self._session = self._transport.session_url(given) if given else given
        return self._event(outcome)

    def _data(self) -> Event:
        self._opened.check_unchanged()
        state = self.state
        headers = {
            "Content-Type": "application/octet-stream",
            "X-Goog-Upload-Command": "upload, finalize" if state.is_last else "upload",
            "X-Goog-Upload-Offset": str(state.offset),
        }
        seconds = FINALIZE_SECONDS if state.is_last else CONTROL_SECONDS
        # Closed at once: a broken request may keep them, and the buffer they hold, until the next collection.
        with closing(self._blocks(state.offset, state.length)) as blocks:
            body = _Segment(blocks, state.length) if state.length else b""
            return self._event(self._to_session(headers, body, seconds))

    def _query(self) -> Event:
        return self._event(self._to_session({"X-Goog-Upload-Command": "query"}, b"", CONTROL_SECONDS))

    def _lookup(self) -> Event:
        url = Secret(self._transport.url(f"/{API_VERSION}/files/{self._new.id}"))
        return self._event(self._transport.attempt("GET", url))

    def _to_session(self, headers: dict[str, str], body: object, seconds: float) -> Reply | Broken:
        # The upload URL is the credential: no key goes with it.
        return self._transport.attempt(
            "POST", self._session, headers=headers, body=body, with_key=False, read_seconds=seconds
        )

    def _blocks(self, offset: int, length: int) -> Generator[memoryview, None, None]:
        sent = offset
        for block in self._reader.blocks(offset, length):
            if self._stop.is_set():
                raise Stopped
            yield block
            sent += len(block)
            self.sent_bytes += len(block)
            self._on_pulse(Pulse(sent, self.state.attempt, self.state.trouble))

    def _event(self, outcome: Reply | Broken) -> Event:
        if isinstance(outcome, Broken):
            return replace(outcome, now=time.monotonic())
        return _answer(outcome, self.state.plane, bool(self._session))


class _Segment:
    """A request body with a length that streams; having no ``read`` keeps requests from copying it."""

    def __init__(self, blocks: Iterator[memoryview], length: int) -> None:
        self._blocks = blocks
        self._length = length

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[memoryview]:
        return self._blocks


def _answer(reply: Reply, plane: Plane, has_session: bool) -> Answer:
    error = None if reply.status == 200 else error_of(reply)
    location = reply.header("Location")
    retry_after = reply.retry_after()
    granularity = reply.header("X-Goog-Upload-Chunk-Granularity").strip()
    return Answer(
        status=reply.status,
        upload_status=reply.header("X-Goog-Upload-Status").strip().lower(),
        received=reply.headers.get("X-Goog-Upload-Size-Received"),
        has_session=has_session,
        granularity=int(granularity) if granularity.isascii() and granularity.isdigit() else 0,
        retry_after=retry_after,
        location=_host(location),
        file=_file(reply, plane) if reply.status == 200 else None,
        error=error,
        is_quota=getattr(error, "reason", "") == "RESOURCE_EXHAUSTED" and retry_after is None,
        now=time.monotonic(),
        seconds=reply.seconds,
    )


def _file(reply: Reply, plane: Plane) -> File | None:
    """Return the file that an answer describes; a cut or foreign body describes none."""
    try:
        data = reply.json()
        described = data if plane is Plane.LOOKUP else data.get("file")
        return File.from_json(described) if isinstance(described, dict) else None
    except BadResponse:
        return None


def _host(location: str) -> str:
    return urlsplit(location).hostname or location[:40]
