"""Connections before they are requests: how many, how slow, and which heads are refused unread.

Tornado reads a request's head with one limit of time for it and for the pause before it, takes heads
that proxies read in two ways, and ends the connection without a word when one is too long.
"""

from __future__ import annotations

import asyncio
import re
import socket
import sys
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream, StreamClosedError

from .settings import MAX_CONNECTIONS, Settings

MAX_HEAD_BYTES = 64 * 1024
MAX_HEADERS = 256

_READ_HEAD_BYTES = 4 * MAX_HEAD_BYTES  # so much is read to be able to answer; beyond, the line is cut
_RESERVED_FILES = 64
_AMBIGUOUS = re.compile(
    rb"(?<!\r)\n|\r(?!\n)"  # lines that end in another way than CRLF
    rb"|\n[ \t]"  # a header over several lines
    rb"|\0"
)
_LENGTH = re.compile(rb"\ncontent-length[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE)
_ENCODING = re.compile(rb"\ntransfer-encoding[ \t]*:", re.IGNORECASE)


class GuardedServer(HTTPServer):
    """An HTTP server with room for so many connections, each watched."""

    max_connections = MAX_CONNECTIONS
    settings: Settings

    def handle_stream(self, stream: IOStream, address: Any) -> None:
        """Serve a connection, or say at once that there is no room."""
        guarded = GuardedStream(
            stream.socket,
            self.settings,
            max_buffer_size=stream.max_buffer_size,
            read_chunk_size=stream.read_chunk_size,
        )
        if len(self._connections) < self.max_connections:
            super().handle_stream(guarded, address)
        else:
            guarded.refuse("503 Service Unavailable")


class GuardedStream(IOStream):
    """The socket of a client that may be slow, silent, or up to something."""

    def __init__(self, connection: socket.socket, settings: Settings, **options: Any) -> None:
        super().__init__(connection, **options)
        self._settings = settings

    async def read_until_regex(self, regex: bytes, max_bytes: int | None = None) -> bytes:
        """Read the head of a request, the only thing that is read by a pattern.

        A connection may rest between two requests for longer than a head may take.
        """
        del max_bytes
        loop = asyncio.get_running_loop()
        rest_ends = loop.call_later(self._settings.idle_connection_seconds, self.close)
        try:
            first = await self.read_bytes(1)
        finally:
            rest_ends.cancel()
        head_ends = loop.call_later(self._settings.header_seconds, self.refuse, "408 Request Timeout")
        try:
            head = first + await super().read_until_regex(regex, max_bytes=_READ_HEAD_BYTES)
        finally:
            head_ends.cancel()
        problem = _problem_of(head)
        if problem:
            self.refuse(problem)
            raise StreamClosedError
        return head

    def write(self, data: bytes | memoryview) -> asyncio.Future[None]:
        """Write; a client that takes nothing of it for long is let go."""
        written = super().write(data)
        if not written.done():
            patience = asyncio.get_running_loop().call_later(self._settings.body_idle_seconds, self.close)
            written.add_done_callback(lambda _: patience.cancel())
        return written

    def refuse(self, status: str) -> None:
        """Answer with a bare status, and close."""
        if not self.closed():
            super().write(f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode())
            self.close()


def _problem_of(head: bytes) -> str:
    """Return the status of a head that is refused; nothing for a good one."""
    head = head.lstrip(b"\r\n")  # some clients end a request with a line too much
    if head.find(b"\r\n") > MAX_HEAD_BYTES:
        return "414 URI Too Long"
    if len(head) > MAX_HEAD_BYTES or head.count(b"\n") > MAX_HEADERS:
        return "431 Request Header Fields Too Large"
    return "400 Bad Request" if _is_ambiguous(head) else ""


def _is_ambiguous(head: bytes) -> bool:
    """Tell whether two servers in a row could see different requests here."""
    lengths = _LENGTH.findall(head)
    if len(lengths) > 1 or (lengths and not lengths[0].strip().isdigit()):
        return True
    return bool(_AMBIGUOUS.search(head) or (lengths and _ENCODING.search(head)))


def room_for_connections() -> int:
    """Return how many connections may be open: each may need a second file for its upload.

    Without files to open, nothing works any more, so the limit of the system is kept well away from.
    """
    if sys.platform == "win32":
        return MAX_CONNECTIONS
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * MAX_CONNECTIONS + _RESERVED_FILES
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(8, min(MAX_CONNECTIONS, (soft - _RESERVED_FILES) // 2))
