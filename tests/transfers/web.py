"""A web server for tests of remote sources: with and without ranges, sizes, ETags; it counts and breaks."""

from __future__ import annotations

import hashlib
import ssl
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import urlsplit

BLOCK = 64 * 1024


@dataclass
class Page:
    """What the server has at one path.

    Attributes
    ----------
    has_ranges
        Whether it heeds ``Range``.
    has_length
        Whether it says how long it is.
    has_version
        Whether it gives an ETag.
    breaks
        How many of its answers break off in the middle.
    parts
        Makes the bytes from ``start`` to ``end``; default: of ``data``.
    """

    data: bytes = b""
    size: int = -1
    has_ranges: bool = True
    has_length: bool = True
    has_version: bool = True
    breaks: int = 0
    needs: str = ""
    parts: Callable[[int, int], bytes] | None = None
    after: Callable[[], None] | None = field(default=None)

    def __post_init__(self) -> None:
        self.size = len(self.data) if self.size < 0 else self.size

    @property
    def etag(self) -> str:
        return '"' + hashlib.sha256(self.data + str(self.size).encode()).hexdigest()[:12] + '"'

    def read(self, start: int, end: int) -> bytes:
        return self.parts(start, end) if self.parts else self.data[start:end]


class Web:
    """The server, on this machine, for as long as the ``with`` block lasts.

    Attributes
    ----------
    sent
        Bytes of content that went out, by path.
    methods
        Requests by method.
    """

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.pages: dict[str, Page] = {}
        self.sent: Counter[str] = Counter()
        self.methods: Counter[str] = Counter()
        self.lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        self._server.daemon_threads = True
        self._scheme = "https" if context else "http"
        if context:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def url(self, path: str) -> str:
        return f"{self._scheme}://localhost:{self._server.server_address[1]}/{path}"

    def forget(self) -> None:
        self.sent.clear()
        self.methods.clear()

    def __enter__(self) -> Web:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def handler_of(web: Web) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(has_body=False)

        def do_GET(self) -> None:
            self._answer(has_body=True)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

        def _answer(self, *, has_body: bool) -> None:
            with web.lock:
                web.methods[self.command] += 1
            parts = urlsplit(self.path)
            page = web.pages.get(parts.path.lstrip("/"))
            if page is None or (page.needs and page.needs not in self.path):
                self.send_response(404 if page is None else 403)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            start, end = self._range(page)
            self.send_response(206 if (start, end) != (0, page.size) else 200)
            if (start, end) != (0, page.size):
                self.send_header("Content-Range", f"bytes {start}-{end - 1}/{page.size}")
            if page.has_version:
                self.send_header("ETag", page.etag)
            if page.has_length:
                self.send_header("Content-Length", str(end - start))
            else:
                self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            if has_body:
                self._send(page, parts.path.lstrip("/"), start, end)

        def _range(self, page: Page) -> tuple[int, int]:
            wanted = self.headers.get("Range", "")
            if not page.has_ranges or not wanted:
                return 0, page.size
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            return int(first), min(page.size, int(last) + 1 if last else page.size)

        def _send(self, page: Page, path: str, start: int, end: int) -> None:
            is_breaking = page.breaks > 0 and end - start > BLOCK
            if is_breaking:
                page.breaks -= 1
            stop = (start + end) // 2 if is_breaking else end
            try:
                for at in range(start, stop, BLOCK):
                    block = page.read(at, min(stop, at + BLOCK))
                    with web.lock:
                        web.sent[path] += len(block)
                    chunk = block if page.has_length else b"%x\r\n%s\r\n" % (len(block), block)
                    self.wfile.write(chunk)
                if not page.has_length and not is_breaking:
                    self.wfile.write(b"0\r\n\r\n")
            except OSError:  # the reader has enough
                is_breaking = True
            self.close_connection = is_breaking
            if page.after and not is_breaking:
                page.after()

    return Handler
