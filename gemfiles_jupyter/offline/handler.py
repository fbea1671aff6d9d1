"""What all handlers share: the caller's key, the body, faults, the log."""

from __future__ import annotations

import asyncio
import hashlib
import re
import socket
import struct
import time
from collections.abc import Awaitable, Callable
from typing import Any

from tornado.iostream import StreamClosedError
from tornado.web import stream_request_body

from . import problems
from .answering import AnsweringHandler
from .backend import Backend
from .faults import Fault
from .problems import Problem, ProtocolProblem
from .request_log import LoggedRequest, fingerprint, printable

_KEY = re.compile(r"[\x21-\x7e]{1,512}")


@stream_request_body
class Handler(AnsweringHandler):
    """A request, from its headers to its line in the log.

    Subclasses write ``on_get``, ``on_post``, ... and raise a problem for an error
    answer.
    """

    needs_key = True
    max_body_bytes = 1024**2

    def initialize(self, backend: Backend) -> None:
        """Begin a request."""
        super().initialize(backend)
        self.body = bytearray()
        self.received_bytes = 0
        self.is_body_complete = False
        self.key_hash = ""
        self._refusal: Problem | ProtocolProblem | None = None
        self._fault: Fault | None = None
        self._is_logged = False
        self._last_byte = self._began = time.monotonic()
        self._watch: asyncio.TimerHandle | None = None
        backend.log.begin()

    # What subclasses may override

    def planes(self) -> tuple[str, ...]:
        """Return the planes of the request: which planned faults may hit it."""
        return ()

    async def begin(self) -> None:
        """Look at the headers, before any of the body is read."""

    def receive(self, block: bytes) -> Awaitable[None] | None:
        """Take a block of the body; by default it is collected up to a limit."""
        if len(self.body) + len(block) > self.max_body_bytes:
            self.body.clear()
            raise problems.bad_json(f"Request payload size exceeds the limit: {self.max_body_bytes} bytes.")
        self.body += block
        return None

    def abandon(self) -> None:
        """Clean up after the connection broke before the body was complete."""

    # The life of a request

    async def prepare(self) -> None:
        """Decide from the headers whether the body is wanted."""
        self._watch = asyncio.get_running_loop().call_later(1, self._check_idleness)
        self._fault = self.backend.faults.take(self.planes())
        try:
            if self._fault is not None and not await self._meet(self._fault):
                return
            if self._answer_method() is None:
                raise Problem(405, "The method is not allowed here.")
            if self.needs_key:
                self.key_hash = self._identify()
            await self.begin()
        except (Problem, ProtocolProblem) as problem:
            self._refusal = problem
            if "Expect" in self.request.headers:
                # The client waits for a word before it sends the body: this is it.
                raise

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Take a block of the body; of a refused request it is only counted.

        The rest of a refused body is read and dropped: a client that is cut off
        while it sends would not see the answer.
        """
        self.received_bytes += len(chunk)
        self._last_byte = time.monotonic()
        if self._refusal is not None:
            return None
        fault = self._fault
        if fault is not None and fault.action == "keep" and self.received_bytes >= fault.keep_bytes:
            kept = chunk[: max(0, fault.keep_bytes - (self.received_bytes - len(chunk)))]
            if kept:
                self._receive(kept)
            self.drop(reset=fault.reset)
            return None
        return self._receive(chunk)

    def _receive(self, block: bytes) -> Awaitable[None] | None:
        try:
            return self.receive(block)
        except (Problem, ProtocolProblem) as problem:
            self._refusal = problem
            return None

    async def respond(self, *args: str) -> None:
        """Answer, now that the whole body is here."""
        self.is_body_complete = True
        if self._is_dropped():
            return
        if self._refusal is not None:
            raise self._refusal
        answer = self._answer_method()
        assert answer is not None, "prepare has refused other methods"
        await answer(*args)

    async def get(self, *args: str) -> None:
        """Go the way that all methods go."""
        await self.respond(*args)

    head = post = put = patch = delete = options = get

    def on_connection_close(self) -> None:
        """Notice that the client went away."""
        super().on_connection_close()
        self._record(status=0)
        if not self.is_body_complete:
            self.abandon()

    def on_finish(self) -> None:
        """Log what was answered."""
        self._record(status=self.get_status())

    # Answers

    def finish_with(self, body: bytes) -> None:
        """Send the whole body, unless a fault stands between."""
        action = self._fault.action if self._fault else ""
        if self._fault is not None and action in ("drop-answer", "keep"):
            self.drop(reset=self._fault.reset)
            return
        if action == "truncate":
            body = body[: len(body) // 2]
        elif action == "empty":
            self.clear()
            body = b""
        super().finish_with(body)

    def answer_problem(self, problem: Problem) -> None:
        """Answer with the error, or with what a test has planned in its place."""
        if isinstance(problem, ScriptedAnswer):
            self._answer_script(problem.fault)
        else:
            super().answer_problem(problem)

    async def send(self, piece: bytes) -> bool:
        """Send a piece of a long answer; False when the client is gone."""
        self.write(piece)
        try:
            await self.flush()
        except StreamClosedError:
            self._record(status=0)
            return False
        return True

    def _answer_script(self, fault: Fault) -> None:
        self.set_status(fault.status, "Scripted")
        self.set_header("Content-Type", fault.content_type)
        if fault.upload_status is not None:
            self.set_header("X-Goog-Upload-Status", fault.upload_status)
        for name, value in fault.headers.items():
            self.set_header(name, value)
        self.finish(fault.body.encode())

    def drop(self, *, reset: bool = False) -> None:
        """Close the connection without an answer."""
        self._auto_finish = False
        stream: Any = getattr(self.request.connection, "stream", None)
        if stream is None or stream.closed():
            return
        if reset:
            stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._record(status=0)
        stream.close()

    # The caller

    def argument(self, name: str, default: str = "") -> str:
        """Return an argument of the address; one that is no UTF-8 is no reason to fail."""
        values = self.request.query_arguments.get(name)
        return values[-1].decode("utf-8", "replace") if values else default

    def caller_key(self) -> str:
        """Return the key of the request, from the header or the address, or else its token; or nothing.

        SDKs that register files send both, and go on with the key alone: the files are the key's.
        """
        key = self.request.headers.get("X-Goog-Api-Key", "") or self.argument("key", "")
        bearer = self.request.headers.get("Authorization", "")
        if not key and bearer.lower().startswith("bearer "):
            return f"bearer:{bearer[7:].strip()}"
        return key

    def _identify(self) -> str:
        key = self.caller_key()
        if not key:
            raise problems.no_key()
        accepted = self.backend.settings.accepted_keys
        if not _KEY.fullmatch(key) or (accepted and key not in accepted):
            raise problems.bad_key()
        return hash_of(key)

    # Faults, time, the log

    async def _meet(self, fault: Fault) -> bool:
        """Do the part of a fault that comes before the work; False when there is to be no work."""
        if fault.action == "drop" or (fault.action == "keep" and not fault.keep_bytes):
            self.drop(reset=fault.reset)
            return False
        if fault.action == "delay":
            await asyncio.sleep(fault.delay_seconds)
        if fault.action == "answer":
            raise ScriptedAnswer(fault)
        return True

    def _check_idleness(self) -> None:
        """Close a connection whose body has stopped coming."""
        if self.is_body_complete or self._is_dropped():
            return
        if time.monotonic() - self._last_byte > self.backend.settings.body_idle_seconds:
            self.drop()
            return
        self._watch = asyncio.get_running_loop().call_later(1, self._check_idleness)

    def _is_dropped(self) -> bool:
        stream: Any = getattr(self.request.connection, "stream", None)
        return not self._auto_finish or self._finished or stream is None or stream.closed()

    def _answer_method(self) -> Callable[..., Awaitable[None]] | None:
        return getattr(self, f"on_{(self.request.method or '').lower()}", None)

    def _record(self, status: int) -> None:
        if self._watch is not None:
            self._watch.cancel()
        if self._is_logged:
            return
        self._is_logged = True
        self.backend.log.add(
            LoggedRequest(
                method=printable(self.request.method or ""),
                path=printable(self.request.path),
                status=status,
                received_bytes=self.received_bytes,
                command=printable(self.request.headers.get("X-Goog-Upload-Command", "")),
                offset=printable(self.request.headers.get("X-Goog-Upload-Offset", "")),
                key=fingerprint(self.caller_key()),
                planes=list(self.planes()),
                fault=self._fault.action if self._fault else "",
                seconds=time.monotonic() - self._began,
            )
        )


def hash_of(key: str) -> str:
    """Return what stands for a key on disk: files are scoped by it, and the key itself is not kept."""
    return hashlib.sha256(key.encode()).hexdigest()


class ScriptedAnswer(Problem):
    """The answer that a test has planned instead of the real one."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.status, "scripted")
        self.fault = fault
