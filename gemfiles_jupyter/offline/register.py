"""``files:register``: objects of Google Cloud Storage as files, by their names alone."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from pathlib import PurePosixPath

from . import lenient_json, mime_types, names
from .files import file_json
from .handler import Handler
from .media import Facts
from .problems import Problem
from .resources import Source, StoredFile

_OBJECT = re.compile(r"gs://[a-z0-9][a-z0-9._-]{1,220}/\S{1,1024}")
_MAX_URIS = 100


class RegisterHandler(Handler):
    """All of the given objects become files, or none.

    Nothing is fetched: the offline server has no network.  The files are empty and say so.
    """

    def planes(self) -> tuple[str, ...]:
        """Count as a start."""
        return ("start",)

    async def on_post(self) -> None:
        """Register."""
        if not self.request.headers.get("Authorization", "").lower().startswith("bearer "):
            raise Problem(
                401,
                "Request is missing required authentication credential. Expected OAuth 2 access token, "
                "login cookie or other valid authentication credential.",
            )
        uris = lenient_json.list_field(lenient_json.parse_object(bytes(self.body)), "uris")
        if not 1 <= len(uris) <= _MAX_URIS:
            raise Problem(400, f"* RegisterFilesRequest.uris: give 1 to {_MAX_URIS} URIs.")
        for uri in uris:
            if not isinstance(uri, str) or not _OBJECT.fullmatch(uri):
                raise Problem(400, f"* RegisterFilesRequest.uris: not a Cloud Storage URI: {str(uri)[:200]}")
        files = [await self._register(uri) for uri in uris]
        self.answer_json({"files": [file_json(self, file) for file in files]})

    async def _register(self, uri: str) -> StoredFile:
        storage = self.backend.storage
        now = self.backend.clock.now_ns()
        name = PurePosixPath(uri).name
        file = StoredFile(
            file_id=names.new_id(),
            key_hash=self.key_hash,
            display_name=name[: names.MAX_DISPLAY_NAME_CHARACTERS],
            mime_type=mimetypes.guess_type(name)[0] or mime_types.DEFAULT_TYPE,
            size_bytes=0,
            sha256=hashlib.sha256().hexdigest(),
            blob=storage.blobs.new_name(),
            created_ns=now,
            ready_ns=now,
            expires_ns=storage.expires_ns(now),
            facts=Facts(),
            source=Source.REGISTERED,
        )
        return await storage.add(file)
