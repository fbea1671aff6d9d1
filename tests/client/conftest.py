"""A server that answers whatever a test says, and an upload that waits for nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from gemfiles_jupyter.client import drive
from gemfiles_jupyter.client.content import Content
from gemfiles_jupyter.client.transport import Transport
from gemfiles_jupyter.client.uploads import NewFile, Pulse, Uploaded, Uploads, Watch, choose_id
from gemfiles_jupyter.config import Endpoint, Secret
from gemfiles_jupyter.transfers.sources import SourceSpec, expand

from .fault_schedules import CLOCK, NoWait

KEY = "AIza" + "Sy0_canary-" * 3 + "xy"


@dataclass(frozen=True)
class Asked:
    """A request, with header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def command(self) -> str:
        return self.headers.get("x-goog-upload-command", "")


@dataclass(frozen=True)
class Given:
    """An answer; the body may be cut short of what Content-Length promises, or never end."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    chunks: Iterator[bytes] | None = None


Answers = Callable[[Asked], Given | None]


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Say nothing: clients that break off are what these tests are about."""


class OddServer:
    """Answers what a function says; None drops the connection."""

    def __init__(self, answer: Answers) -> None:
        self.asked: list[Asked] = []
        self.answer = answer
        self._server = _QuietServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def endpoint(self, prefix: str = "") -> Endpoint:
        return Endpoint(self.address + prefix, Secret(KEY))

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        odd = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.command, self.path, headers, body)
                odd.asked.append(asked)
                given = odd.answer(asked)
                self.close_connection = given is None or given.chunks is not None
                if given is not None:
                    self.write(given)

            def write(self, given: Given) -> None:
                self.send_response_only(given.status)
                headers = dict(given.headers)
                if given.chunks is None:
                    headers.setdefault("Content-Length", str(len(given.body)))
                self.close_connection |= int(headers.get("Content-Length", 0)) != len(given.body)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self.wfile.write(given.body)
                    for chunk in given.chunks or ():
                        self.wfile.write(chunk)
                except OSError:
                    self.close_connection = True  # the client has read enough

            do_GET = do_POST = do_PUT = do_DELETE = do_CONNECT = do_any  # noqa: N815

            def log_message(self, *_: Any) -> None:
                """Keep quiet."""

        return Handler


OddServers = Callable[[Answers], OddServer]


@pytest.fixture
def odd() -> Iterator[OddServers]:
    """Start servers that answer what a function says."""
    servers: list[OddServer] = []

    def start(answer: Answers) -> OddServer:
        servers.append(OddServer(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drive, "time", CLOCK)


@pytest.fixture
def in_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small sources too go through an upload session."""
    monkeypatch.setattr(drive, "SMALL_BYTES", -1)


@dataclass
class Sender:
    """Uploads to one endpoint, with what happened on the way."""

    endpoint: Endpoint
    stop: NoWait = field(default_factory=NoWait)
    pulses: list[Pulse] = field(default_factory=list)
    sessions: list[Secret] = field(default_factory=list)
    on_pulse: Callable[[Pulse], None] = lambda _: None
    transport: Transport = field(default=None)  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self.transport = self.transport or Transport(self.endpoint, sleep=CLOCK.skip)

    def note(self, pulse: Pulse) -> None:
        self.pulses.append(pulse)
        self.on_pulse(pulse)

    def send(
        self,
        source: SourceSpec,
        *,
        id: str = "",  # noqa: A002
        mime_type: str = "text/plain",
        session: Secret | None = None,
    ) -> Uploaded:
        return self.send_content(expand([source])[0], id=id, mime_type=mime_type, session=session)

    def send_content(
        self,
        content: Content,
        *,
        id: str = "",  # noqa: A002
        mime_type: str = "text/plain",
        session: Secret | None = None,
    ) -> Uploaded:
        new = NewFile(id or choose_id(), mime_type, content.label)
        watch = Watch(self.note, self.sessions.append, self.stop)
        return Uploads(self.transport).send(content, new, watch, session=session)


@pytest.fixture
def sender(endpoint: Endpoint) -> Sender:
    """Uploads to the offline server."""
    return Sender(endpoint)
