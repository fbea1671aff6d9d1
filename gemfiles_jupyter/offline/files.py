"""The file methods: get, list, delete, create from metadata, register, download."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import Any

from . import lenient_json, mime_types, names, problems
from .handler import Handler
from .problems import Problem
from .resources import Source, StoredFile

DEFAULT_PAGE_SIZE = 10
MAX_PAGE_SIZE = 100

_DOWNLOAD_BLOCK = 256 * 1024


class FileHandler(Handler):
    """``/{v}/files/{id}``."""

    def planes(self) -> tuple[str, ...]:
        """Tell get from delete."""
        return ("delete",) if self.request.method == "DELETE" else ("get",)

    async def on_get(self, file_id: str) -> None:
        """Answer with the file's resource."""
        file = await self.backend.storage.find(file_id, self.key_hash)
        if file is None:
            raise problems.no_such_file(file_id)
        self.answer_json(file_json(self, file))

    async def on_delete(self, file_id: str) -> None:
        """Delete the file."""
        if not await self.backend.storage.remove(file_id, self.key_hash):
            raise problems.no_such_file(file_id)
        self.answer_json({})


class FilesHandler(Handler):
    """``/{v}/files``."""

    def planes(self) -> tuple[str, ...]:
        """Tell list from create."""
        return ("list",) if self.request.method == "GET" else ("start",)

    async def on_get(self) -> None:
        """Answer with a page of files, newest first."""
        storage = self.backend.storage
        size = page_size(self, MAX_PAGE_SIZE, "ListFilesRequest")
        cursor = PageToken(storage.catalogue.cursor_secret, self.key_hash)
        before = cursor.read(self.argument("pageToken", self.argument("page_token", "")))
        now = self.backend.clock.now_ns()
        found = await storage.ask(storage.catalogue.page, self.key_hash, before, size + 1, now)
        message: dict[str, Any] = {}
        if found:
            message["files"] = [file_json(self, await storage.settled(file)) for file in found[:size]]
        if len(found) > size:
            message["nextPageToken"] = cursor.write(found[size - 1].sequence)
        self.answer_json(message)

    async def on_post(self) -> None:
        """Create a file of 0 bytes from its metadata."""
        request = FileRequest.read(lenient_json.parse_object(bytes(self.body)))
        if not mime_types.is_storable(request.mime_type):
            raise problems.unsupported_type(request.mime_type)
        storage = self.backend.storage
        now = self.backend.clock.now_ns()
        file = StoredFile(
            file_id=request.file_id or names.new_id(),
            key_hash=self.key_hash,
            display_name=request.display_name,
            mime_type=request.mime_type,
            size_bytes=0,
            sha256=hashlib.sha256().hexdigest(),
            blob=storage.blobs.new_name(),
            created_ns=now,
            ready_ns=storage.ready_ns(request.mime_type, now),
            expires_ns=storage.expires_ns(now),
        )
        self.answer_json({"file": file_json(self, await storage.add(file))})


class DownloadHandler(Handler):
    """``/{v}/files/{id}:download``: the bytes of a generated file; uploaded ones can't be had back."""

    def planes(self) -> tuple[str, ...]:
        """Count as a get."""
        return ("get",)

    async def on_get(self, file_id: str) -> None:
        """Send the bytes."""
        storage = self.backend.storage
        file = await storage.find(file_id, self.key_hash)
        if file is None:
            raise problems.no_such_file(file_id)
        if file.source is not Source.GENERATED:
            raise Problem(400, "Only generated files can be downloaded; this one was uploaded.")
        try:
            content = storage.blobs.path(file.blob).open("rb")
        except OSError as error:
            raise problems.not_found("The bytes of this file are gone.") from error
        self.set_header("Content-Type", file.mime_type)
        self.set_header("Content-Length", str(file.size_bytes))
        left = file.size_bytes
        with content:
            while left and (block := await storage.work(content.read, min(_DOWNLOAD_BLOCK, left))):
                left -= len(block)
                if not await self.send(block):
                    return
        if left:  # somebody cut it behind our back: nobody shall take it for whole
            self.drop()
        else:
            self.finish()


class FileRequest:
    """What a client asks for when it creates a file."""

    def __init__(self, file_id: str | None, display_name: str, mime_type: str) -> None:
        self.file_id = file_id
        self.display_name = display_name
        self.mime_type = mime_type

    @classmethod
    def read(cls, message: dict[str, Any], *, header_type: str = "") -> FileRequest:
        """Read ``{"file": {...}}``; a type in the upload's headers wins over the one in the body."""
        file = lenient_json.object_field(message, "file")
        mime_type = header_type or lenient_json.text_field(file, "mimeType", "file")
        return cls(
            file_id=names.chosen_id(lenient_json.text_field(file, "name", "file")),
            display_name=names.checked_display_name(lenient_json.text_field(file, "displayName", "file")),
            mime_type=mime_type.strip() or mime_types.DEFAULT_TYPE,
        )


class PageToken:
    """Where the next page begins: signed, so that only our own are taken, and only from the same key."""

    def __init__(self, secret: bytes, key_hash: str) -> None:
        self._secret = secret
        self._key_hash = key_hash

    def write(self, sequence: int) -> str:
        """Return the token of the page below a file."""
        return base64.urlsafe_b64encode(self._sign(sequence) + str(sequence).encode()).decode().rstrip("=")

    def read(self, token: str) -> int | None:
        """Return the sequence number in a token; None for the first page."""
        if not token:
            return None
        try:
            content = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            sequence = int(content[16:])
        except ValueError:
            sequence, content = -1, b""
        if not hmac.compare_digest(content[:16], self._sign(sequence)):
            raise Problem(400, "The page token is invalid.")
        return sequence

    def _sign(self, sequence: int) -> bytes:
        text = f"{self._key_hash}:{sequence}".encode()
        return hmac.new(self._secret, text, hashlib.sha256).digest()[:16]


def file_json(handler: Handler, file: StoredFile) -> dict[str, Any]:
    """Return a file's resource, as this request wants it."""
    encoding = handler.argument("$alt", "").replace(" ", "")
    return file.to_json(
        handler.backend.address,
        handler.backend.clock.now_ns(),
        enums_as_numbers="enum-encoding=int" in encoding,
    )


def page_size(handler: Handler, most: int, request: str) -> int:
    """Return how many items a page of a list is to have; too many is not an error."""
    text = handler.argument("pageSize", handler.argument("page_size", ""))
    if not re.fullmatch(r"-?[0-9]{1,18}|", text):
        raise problems.bad_value("page_size", "TYPE_INT32", text)
    size = int(text or 0)
    if size < 0:
        raise Problem(400, f"* {request}.page_size: page_size must not be negative.")
    return min(size or DEFAULT_PAGE_SIZE, most)
