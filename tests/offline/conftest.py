"""A client that speaks HTTP and nothing else, and tiny media made on the spot."""

from __future__ import annotations

import http.client
import io
import json
import socket
import struct
import wave
import zlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from gemfiles_jupyter.offline.pytest_plugin import gemfiles_offline, gemfiles_offline_process
from gemfiles_jupyter.offline.testing import OfflineServer

__all__ = ["gemfiles_offline", "gemfiles_offline_process"]


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def message(self) -> str:
        return self.json["error"]["message"]

    @property
    def upload_status(self) -> str | None:
        return self.headers.get("X-Goog-Upload-Status")

    @property
    def received(self) -> int:
        return int(self.headers["X-Goog-Upload-Size-Received"])


class Wire:
    """Requests to an offline server, each on a connection of its own."""

    def __init__(self, server: OfflineServer) -> None:
        self.server = server

    @property
    def netloc(self) -> str:
        return urlsplit(self.server.address).netloc

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        *,
        key: str | None = "",
        timeout: float = 30,
    ) -> Answer:
        sent = dict(headers or {})
        if key is not None:
            sent.setdefault("x-goog-api-key", key or self.server.key)
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        connection = http.client.HTTPConnection(self.netloc, timeout=timeout)
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def get(self, path: str, **options: Any) -> Answer:
        return self.request("GET", path, **options)

    def begin(
        self,
        size: int | None = None,
        mime_type: str = "text/plain",
        headers: dict[str, str] | None = None,
        key: str | None = "",
        **file: Any,
    ) -> Answer:
        sent = {
            "X-Goog-Upload-Protocol": "resumable",
            "X-Goog-Upload-Command": "start",
            "X-Goog-Upload-Header-Content-Type": mime_type,
            "Content-Type": "application/json",
        }
        if size is not None:
            sent["X-Goog-Upload-Header-Content-Length"] = str(size)
        return self.request(
            "POST", "/upload/v1beta/files", {"file": file}, {**sent, **(headers or {})}, key=key
        )

    def start(self, size: int | None = None, mime_type: str = "text/plain", **file: Any) -> str:
        answer = self.begin(size, mime_type, **file)
        assert answer.status == 200, answer.body
        parts = urlsplit(answer.headers["X-Goog-Upload-URL"])
        return f"{parts.path}?{parts.query}"

    def command(
        self, session: str, command: str, body: Any = b"", offset: Any = None, headers: Any = None
    ) -> Answer:
        sent = {"X-Goog-Upload-Command": command, **(headers or {})}
        if offset is not None:
            sent["X-Goog-Upload-Offset"] = str(offset)
        return self.request("POST", session, body, sent, key=None)

    def query(self, session: str) -> Answer:
        return self.command(session, "query")

    def upload(self, content: bytes, mime_type: str = "text/plain", **file: Any) -> dict[str, Any]:
        session = self.start(len(content), mime_type, **file)
        answer = self.command(session, "upload, finalize", content, 0)
        assert answer.status == 200, answer.body
        return answer.json["file"]

    def names(self) -> list[str]:
        return [file["name"] for file in self.get("/v1beta/files?pageSize=100").json.get("files", [])]

    def half_open(self, session: str, content: bytes, total: int, command: str = "upload") -> socket.socket:
        """Begin a data request of `total` bytes, send only `content`, and keep the connection."""
        connection = socket.create_connection(("127.0.0.1", int(self.netloc.rpartition(":")[2])), timeout=30)
        head = (
            f"POST {session} HTTP/1.1\r\nHost: {self.netloc}\r\nContent-Length: {total}\r\n"
            f"X-Goog-Upload-Command: {command}\r\nX-Goog-Upload-Offset: 0\r\n\r\n"
        )
        connection.sendall(head.encode() + content)
        return connection

    def raw(self, request: bytes) -> bytes:
        """Send bytes as they are and return all that comes back."""
        port = int(self.netloc.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(request)
            answer = b""
            try:
                while block := connection.recv(65536):
                    answer += block
            except ConnectionError:
                pass
            return answer

    def generate(self, parts: list[Any], method: str = "generateContent", **more: Any) -> Answer:
        body = {"contents": [{"role": "user", "parts": parts}], **more}
        return self.request("POST", f"/v1beta/models/gemini-2.5-flash:{method}", body)

    def answer_text(self, parts: list[Any], **more: Any) -> str:
        answer = self.generate(parts, **more)
        assert answer.status == 200, answer.body
        return answer.json["candidates"][0]["content"]["parts"][0]["text"]


@pytest.fixture
def server(gemfiles_offline: OfflineServer) -> OfflineServer:
    return gemfiles_offline


@pytest.fixture
def wire(server: OfflineServer) -> Wire:
    return Wire(server)


@pytest.fixture(scope="session")
def wire_to() -> type[Wire]:
    """For tests that run a server of their own."""
    return Wire


@pytest.fixture(scope="session")
def mp4() -> bytes:
    """A film of 3.5 s, 320 x 240, that has all its boxes and no picture."""
    matrix = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)

    def box(kind: bytes, *content: bytes) -> bytes:
        body = b"".join(content)
        return struct.pack(">I", len(body) + 8) + kind + body

    sample = struct.pack(">6xH16xHHII4xH32xHh", 1, 320, 240, 0x480000, 0x480000, 1, 24, -1)
    avc = box(b"avcC", bytes([1, 66, 0, 10, 255, 224, 0]))
    header = struct.pack(">4xIIIIIH10x", 0, 0, 1000, 3500, 0x10000, 0x100) + matrix
    table = box(
        b"stbl",
        box(b"stsd", struct.pack(">4xI", 1), box(b"avc1", sample, avc)),
        box(b"stts", struct.pack(">4xIII", 1, 35, 100)),
        box(b"stsc", struct.pack(">4xI", 0)),
        box(b"stsz", struct.pack(">4xII", 0, 0)),
        box(b"stco", struct.pack(">4xI", 0)),
    )
    media = box(
        b"mdia",
        box(b"mdhd", struct.pack(">4xIIIIHH", 0, 0, 1000, 3500, 0x55C4, 0)),
        box(b"hdlr", struct.pack(">8x4s12x", b"vide") + b"v\0"),
        box(b"minf", box(b"vmhd", bytes([0, 0, 0, 1]) + bytes(8)), table),
    )
    track = box(
        b"tkhd",
        struct.pack(">IIIIIIQHHHH", 7, 0, 0, 1, 0, 3500, 0, 0, 0, 0, 0) + matrix,
        struct.pack(">II", 320 << 16, 240 << 16),
    )
    movie = box(b"moov", box(b"mvhd", header, bytes(24), struct.pack(">I", 2)), box(b"trak", track, media))
    return box(b"ftyp", b"isom", bytes(4), b"isomavc1") + movie + box(b"mdat", bytes(64))


@pytest.fixture(scope="session")
def png() -> bytes:
    """A picture of 1000 x 300 pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)

    rows = b"".join(b"\0" + bytes(1000) for _ in range(300))
    head = struct.pack(">IIBBBBB", 1000, 300, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.fixture(scope="session")
def wav() -> bytes:
    """Two seconds of silence."""
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(bytes([128]) * 16000)
    return content.getvalue()


@pytest.fixture(scope="session")
def pdf() -> bytes:
    """Three empty pages."""
    from pypdf import PdfWriter

    writer = PdfWriter()
    for _ in range(3):
        writer.add_blank_page(200, 200)
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


@pytest.fixture
def one_of_each(wire, mp4, png, wav, pdf) -> list[dict[str, Any]]:
    """A stored file of each kind."""
    return [
        wire.upload(mp4, "video/mp4", display_name="lecture"),
        wire.upload(png, "image/png", display_name="board"),
        wire.upload(wav, "audio/wav", display_name="voice"),
        wire.upload(pdf, "application/pdf", display_name="paper"),
        wire.upload(b"erste Zeile\nzweite", "text/plain", display_name="notes"),
    ]
