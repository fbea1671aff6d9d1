"""A server that speaks enough of the upload protocol to finish one, and discards the bytes.

    python tests/benchmarks/sink.py [--host 127.0.0.1] [--tls CERTIFICATE_AND_KEY]

One thread a connection and nothing but `recv_into`, so that the sender is what is measured.  Prints its
address. ``GET /facts`` tells what arrived since the last ``DELETE /facts``; ``POST /cut`` breaks the
connection once so many content bytes have come.
"""

from __future__ import annotations

import argparse
import json
import re
import secrets
import socket
import ssl
import struct
import threading
import time
from dataclasses import dataclass, field

BUFFER_BYTES = 1024**2
GRANULARITY = 8 * 1024**2


@dataclass
class Session:
    """One resumable upload."""

    name: str
    total: int
    received: int = 0


@dataclass
class Facts:
    """What arrived; times are `time.monotonic`, which all processes of a machine share."""

    requests: int = 0
    content_bytes: int = 0
    first_body: float = 0.0
    cut_after: int = 0
    sessions: dict[str, Session] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def clear(self) -> None:
        self.requests = self.content_bytes = self.cut_after = 0
        self.first_body = 0.0
        self.sessions.clear()

    def as_json(self) -> dict[str, float]:
        return {
            "requests": self.requests,
            "content_bytes": self.content_bytes,
            "first_body": self.first_body,
        }


class Gone(Exception):
    """The client closed, or the connection was cut on purpose."""


class Connection:
    """One client's connection: request after request."""

    def __init__(self, connection: socket.socket, facts: Facts, base: str, late: float) -> None:
        self._socket = connection
        self._late = late
        self._facts = facts
        self._base = base
        self._buffer = memoryview(bytearray(BUFFER_BYTES))
        self._ahead = b""

    def serve(self) -> None:
        with self._socket:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                time.sleep(self._late)  # the handshake's round trip
                while True:
                    self._one()
            except (Gone, OSError, ValueError):
                return

    def _one(self) -> None:
        head = self._read_head()
        line, *rest = head.decode("latin-1").split("\r\n")
        method, target, _ = line.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (part.partition(":") for part in rest)}
        length = int(headers.get("content-length", 0))
        if headers.get("expect", "").lower() == "100-continue":
            self._socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if target in ("/facts", "/cut"):
            self._control(method, target, length)
            return
        self._facts.requests += 1
        if "upload_id=" in target:
            self._session(target.partition("upload_id=")[2], headers, length)
        elif method == "GET":  # the list of files, which is empty
            self._answer(200, {})
        elif headers.get("x-goog-upload-protocol") == "multipart":
            self._whole(length)
        elif headers.get("x-goog-upload-command") == "start":
            self._start(headers, length)
        else:
            self._answer(404, {})

    def _control(self, method: str, target: str, length: int) -> None:
        body = self._read(length)
        if target == "/cut":
            self._facts.cut_after = int(body)
        if method == "DELETE":
            self._facts.clear()
        self._answer(200, self._facts.as_json())

    def _start(self, headers: dict[str, str], length: int) -> None:
        body = self._read(length)
        total = int(headers.get("x-goog-upload-header-content-length", 0))
        key = secrets.token_hex(8)
        with self._facts.lock:
            self._facts.sessions[key] = Session(_name(body), total)
        self._answer(
            200,
            {},
            f"X-Goog-Upload-Status: active\r\nX-Goog-Upload-Chunk-Granularity: {GRANULARITY}\r\n"
            f"X-Goog-Upload-URL: {self._base}/upload/v1beta/files?upload_id={key}\r\n",
        )

    def _whole(self, length: int) -> None:
        self._note_body(length)
        body = self._read(length)
        self._facts.content_bytes += length
        self._answer(200, {"file": _file(_name(body), 0)}, "X-Goog-Upload-Status: final\r\n")

    def _session(self, key: str, headers: dict[str, str], length: int) -> None:
        session = self._facts.sessions[key]
        command = headers.get("x-goog-upload-command", "")
        if command == "query":
            status = f"active\r\nX-Goog-Upload-Size-Received: {session.received}"
            self._answer(200, {}, f"X-Goog-Upload-Status: {status}\r\n")
            return
        if int(headers.get("x-goog-upload-offset", 0)) != session.received:
            self._discard(length)
            self._answer(400, {}, "X-Goog-Upload-Status: active\r\n")
            return
        self._note_body(length)
        self._discard(length, session)
        is_final = "finalize" in command
        body = {"file": _file(session.name, session.received)} if is_final else {}
        self._answer(200, body, f"X-Goog-Upload-Status: {'final' if is_final else 'active'}\r\n")

    def _note_body(self, length: int) -> None:
        """Wait for a body's first byte, and remember when the very first came."""
        if not length or self._facts.first_body:
            return
        if not self._ahead:
            self._ahead = self._socket.recv(65536)
        self._facts.first_body = time.monotonic()

    def _discard(self, length: int, session: Session | None = None) -> None:
        left = length - len(self._ahead)
        self._count(min(len(self._ahead), length), session)
        self._ahead = self._ahead[length:]
        while left > 0:
            count = self._socket.recv_into(self._buffer, min(left, BUFFER_BYTES))
            if not count:
                raise Gone
            left -= count
            self._count(count, session)

    def _count(self, count: int, session: Session | None) -> None:
        if session is None:
            return
        session.received += count
        self._facts.content_bytes += count
        if self._facts.cut_after and self._facts.content_bytes >= self._facts.cut_after:
            self._facts.cut_after = 0
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raise Gone

    def _read_head(self) -> bytes:
        while b"\r\n\r\n" not in self._ahead:
            block = self._socket.recv(65536)
            if not block:
                raise Gone
            self._ahead += block
        head, _, self._ahead = self._ahead.partition(b"\r\n\r\n")
        return head

    def _read(self, length: int) -> bytes:
        while len(self._ahead) < length:
            block = self._socket.recv(BUFFER_BYTES)
            if not block:
                raise Gone
            self._ahead += block
        body, self._ahead = self._ahead[:length], self._ahead[length:]
        return body

    def _answer(self, status: int, body: dict[str, object], headers: str = "") -> None:
        if self._late:
            time.sleep(self._late)
        content = json.dumps(body).encode()
        head = f"HTTP/1.1 {status} Well\r\nContent-Type: application/json\r\n{headers}"
        self._socket.sendall(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)


def _name(body: bytes) -> str:
    found = re.search(rb'"name": ?"(files/[a-z0-9-]+)"', body)
    return found[1].decode() if found else "files/sink"


def _file(name: str, size: int) -> dict[str, str]:
    file = {"name": name, "uri": f"https://sink.invalid/{name}", "mimeType": "text/plain", "state": "ACTIVE"}
    return file | ({"sizeBytes": str(size)} if size else {})


def _accept(
    connection: socket.socket, context: ssl.SSLContext | None, facts: Facts, base: str, late: float
) -> None:
    try:
        if context:
            connection = context.wrap_socket(connection, server_side=True)
    except OSError:
        connection.close()
        return
    Connection(connection, facts, base, late).serve()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--tls")
    parser.add_argument("--late", type=float, default=0.0, help="seconds that each answer comes late")
    options = parser.parse_args()
    context = None
    if options.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.tls)
    with socket.create_server((options.host, 0), backlog=128) as listener:
        base = f"http{'s' if context else ''}://{options.host}:{listener.getsockname()[1]}"
        print(base, flush=True)
        facts = Facts()
        while True:
            connection, _ = listener.accept()
            arguments = (connection, context, facts, base, options.late)
            threading.Thread(target=_accept, args=arguments, daemon=True).start()


if __name__ == "__main__":
    main()
