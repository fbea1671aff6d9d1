"""The I/O of one upload: turns the protocol's states into requests, and answers into events."""

from __future__ import annotations

import json
import random
import secrets
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ..config import API_VERSION, CONTROL_SECONDS, FINALIZE_SECONDS, Secret
from ..errors import BadResponse, InvalidUsage, UploadInterrupted
from .content import Content, HashingReader, OpenContent
from .models import File
from .problems import error_of
from .protocol import decide
from .reply import Reply
from .transport import Transport
from .upload_state import MIB, Answer, Broken, Do, Done, Event, Plane, UploadState

__all__ = ["SMALL_BYTES", "Drive", "NewFile", "Pulse", "Stopped", "Watch"]

# Up to here a source goes in one request: a round trip costs more than its bytes.
SMALL_BYTES = MIB
SHORTEST_DEADLINE_SECONDS = 3600.0
SLOWEST_BYTES_PER_SECOND = MIB
LONGEST_SILENCE_SECONDS = 0.5
# How often bytes are told of: at this pace of either, for a block may take microseconds or seconds.
PULSE_SECONDS = 0.01
PULSE_BYTES = MIB


class Stopped(BaseException):
    """Raised inside an upload that was asked to stop; no error of the user's."""


@dataclass(frozen=True, slots=True)
class NewFile:
    """What the service is told about a file before its bytes.

    Attributes
    ----------
    id
        Chosen by us and kept over retries, so that a lost answer can't make a second file.

    Raises
    ------
    InvalidUsage
        The type holds what a header can't carry, such as a line feed.
    """

    id: str
    mime_type: str
    display_name: str | None = None

    def __post_init__(self) -> None:
        if not (self.mime_type.isascii() and self.mime_type.isprintable()):
            raise InvalidUsage(f"{self.mime_type!r} is no MIME type.", hint="One looks like video/mp4.")


class Pulse(NamedTuple):
    """A sign of life of one upload.

    Attributes
    ----------
    sent
        Bytes that the service may have; goes down when it turns out to have kept less.
    confirmed
        Bytes that it said it has.
    attempt
        Failures since the last progress; 0 while all goes well.
    trouble
        What the last failure was, in words.
    wait_seconds
        How long the next try is waited for.
    """

    sent: int
    confirmed: int = 0
    attempt: int = 0
    trouble: str = ""
    wait_seconds: float = 0.0


class Watch(NamedTuple):
    """How an upload is watched and stopped from outside.

    Attributes
    ----------
    on_pulse
        Told of failures and of bytes, of these at least once a MiB; at least twice a second while the
        upload waits. May raise `Stopped`.
    on_session
        Told the upload URL of each new session: a credential, with which the upload can be gone on
        with later. Told an empty one when that is over.
    stop
        Set it to stop the upload at the next block.
    """

    on_pulse: Callable[[Pulse], None]
    on_session: Callable[[Secret], None]
    stop: threading.Event


class Drive:
    """One upload under way.

    Parameters
    ----------
    session
        The upload URL of a session to go on with; the service is asked first how far it got.
    """

    def __init__(
        self,
        transport: Transport,
        opened: OpenContent,
        content: Content,
        new: NewFile,
        reader: HashingReader,
        watch: Watch,
        session: Secret | None = None,
    ) -> None:
        self.state = _first_state(content.size, has_session=bool(session))
        self.sent_bytes = 0
        self._transport = transport
        self._opened = opened
        self._content = content
        self._new = new
        self._reader = reader
        self._watch = watch
        self._session = session or Secret("")
        seconds = max(SHORTEST_DEADLINE_SECONDS, content.size / SLOWEST_BYTES_PER_SECOND)
        self._deadline = time.monotonic() + seconds

    def run(self) -> File:
        """Ask and answer until the file is there or the upload has failed."""
        while True:
            self._check()
            event = self._ask()
            self.state, action = decide(self.state, event)
            if isinstance(action, Done):
                self._leave_session()
                return action.file
            if not isinstance(action, Do):
                if not action.is_resumable:
                    self._leave_session()
                raise action.error
            self._pause(action)

    def _leave_session(self) -> None:
        """Say that there is no session to go on with any more."""
        if self._session:
            self._session = Secret("")
            self._watch.on_session(self._session)

    def _check(self) -> None:
        if self._watch.stop.is_set():
            raise Stopped
        if time.monotonic() > self._deadline:
            raise UploadInterrupted(
                f"{self._content.label} is far too slow to arrive.", sent=self.state.confirmed
            )

    def _pause(self, action: Do) -> None:
        wait = max(action.wait_seconds * random.uniform(0.5, 1.5), action.least_seconds)  # noqa: S311
        pulse = Pulse(self.state.offset, self.state.offset, self.state.attempt, self.state.trouble)
        end = time.monotonic() + wait
        while True:
            left = max(0.0, end - time.monotonic())
            self._watch.on_pulse(pulse._replace(wait_seconds=left))
            if not left:
                return
            if self._watch.stop.wait(min(left, LONGEST_SILENCE_SECONDS)):
                raise Stopped

    def _ask(self) -> Event:
        asks = {
            Plane.WHOLE: self._whole,
            Plane.START: self._start,
            Plane.DATA: self._data,
            Plane.QUERY: self._query,
            Plane.LOOKUP: self._lookup,
        }
        return asks[self.state.plane]()

    def _described(self) -> bytes:
        """Return what the service is told about the file, as JSON."""
        described: dict[str, Any] = {
            "name": f"files/{self._new.id}",
            "mimeType": self._new.mime_type,
            "sizeBytes": str(self._content.size),
        }
        if self._new.display_name:
            described["displayName"] = self._new.display_name
        return json.dumps({"file": described}).encode()

    def _whole(self) -> Event:
        """Send description and bytes in one request, as multipart/related."""
        boundary = secrets.token_hex(16)
        head = f"--{boundary}\r\nContent-Type: application/json; charset=utf-8\r\n\r\n".encode()
        middle = f"\r\n--{boundary}\r\nContent-Type: {self._new.mime_type}\r\n\r\n".encode()
        blocks = [bytes(block) for block in self._reader.blocks(0, self._content.size)]
        body = b"".join((head, self._described(), middle, *blocks, f"\r\n--{boundary}--".encode()))
        headers = {
            "Content-Type": f"multipart/related; boundary={boundary}",
            "X-Goog-Upload-Protocol": "multipart",
        }
        url = Secret(self._transport.url(f"/upload/{API_VERSION}/files"))
        outcome = self._transport.attempt("POST", url, headers=headers, body=body)
        self.sent_bytes += self._content.size
        return self._event(outcome)

    def _start(self) -> Event:
        headers = {
            "Content-Type": "application/json",
            "X-Goog-Upload-Protocol": "resumable",
            "X-Goog-Upload-Command": "start",
            "X-Goog-Upload-Header-Content-Length": str(self._content.size),
            "X-Goog-Upload-Header-Content-Type": self._new.mime_type,
        }
        url = Secret(self._transport.url(f"/upload/{API_VERSION}/files"))
        outcome = self._transport.attempt(
            "POST", url, headers=headers, body=self._described(), is_of_big_upload=True
        )
        if isinstance(outcome, Reply) and outcome.status == 200:
            given = Secret(outcome.header("X-Goog-Upload-URL"))
            self._session = self._transport.session_url(given) if given else given
            if given:
                self._watch.on_session(given)
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
            "POST",
            self._session,
            headers=headers,
            body=body,
            with_key=False,
            read_seconds=seconds,
            is_of_big_upload=True,
        )

    def _blocks(self, offset: int, length: int) -> Generator[memoryview, None, None]:
        sent, end = offset, offset + length
        next_bytes, next_time = offset, 0.0
        for block in self._reader.blocks(offset, length):
            if self._watch.stop.is_set():
                raise Stopped
            yield block
            sent += len(block)
            self.sent_bytes += len(block)
            now = time.monotonic()
            if sent >= next_bytes or now >= next_time or sent == end:
                next_bytes, next_time = sent + PULSE_BYTES, now + PULSE_SECONDS
                self._watch.on_pulse(Pulse(sent, offset, self.state.attempt, self.state.trouble))

    def _event(self, outcome: Reply | Broken) -> Event:
        if isinstance(outcome, Broken):
            return outcome._replace(now=time.monotonic())
        return _answer(outcome, self.state.plane, bool(self._session))


def _first_state(total: int, *, has_session: bool) -> UploadState:
    if has_session:
        return UploadState(total, plane=Plane.QUERY)
    if total <= SMALL_BYTES:
        return UploadState(total, plane=Plane.WHOLE, is_whole=True, was_finalized=True)
    return UploadState(total)


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
