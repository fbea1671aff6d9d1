"""``uploadToFileSearchStore`` and the older ``uploadToRagStore``, by every upload protocol."""

from __future__ import annotations

from . import problems
from .legacy import LegacySessionHandler, LegacyStartHandler
from .problems import JsonObject
from .resumable import SessionHandler, StartHandler
from .sessions import Session
from .settings import MAX_DOCUMENT_BYTES
from .single_request import MultipartHandler, RawHandler
from .store_documents import finish_upload
from .store_resources import DocumentRequest
from .upload_handler import UploadHandler
from .uploads import check_size


class ToStore(UploadHandler):
    """An upload whose bytes become a document; the path says of which store."""

    @property
    def upload_path(self) -> str:
        """The path of this upload's sessions."""
        version, collection, store_id, method = self.path_args
        return f"/upload/{version}/{collection}/{store_id}:{method}"

    @property
    def max_upload_bytes(self) -> int:
        """The most bytes that a document may have."""
        return min(MAX_DOCUMENT_BYTES, self.backend.settings.max_file_bytes)

    async def open_session(
        self, message: JsonObject, header_type: str, declared_bytes: int | None, protocol: str
    ) -> str:
        """Open a session that remembers what it is for."""
        storage, store_id = self.backend.storage, self.path_args[2]
        stores = storage.catalogue.stores
        now = self.backend.clock.now_ns()
        if await storage.ask(stores.store, store_id, self.key_hash, now) is None:
            raise problems.no_such_store(store_id)
        request = DocumentRequest.read(message, header_type=header_type)
        check_size(self.max_upload_bytes, declared_bytes)
        return await self.backend.sessions.start(
            key_hash=self.key_hash,
            file_id=None,
            display_name=request.display_name,
            mime_type=request.mime_type,
            declared_bytes=declared_bytes,
            protocol=protocol,
            keep=lambda record: stores.keep_upload(record.session_hash, store_id, request),
        )

    async def describe(self, session: Session, message: JsonObject, header_type: str) -> None:
        """Remember what the bytes are, now that it is known."""
        storage = self.backend.storage
        request = DocumentRequest.read(message, header_type=header_type)
        await storage.ask(
            storage.catalogue.stores.keep_upload, session.record.session_hash, self.path_args[2], request
        )

    async def conclude(self, session: Session) -> JsonObject:
        """Make the bytes a document."""
        return await finish_upload(self.backend, session, self.path_args[1])


class StoreStartHandler(ToStore, StartHandler):
    """Opens a session."""


class StoreSessionHandler(ToStore, SessionHandler):
    """A request to a session."""


class StoreLegacyStartHandler(ToStore, LegacyStartHandler):
    """Opens a session of the older protocol."""


class StoreLegacySessionHandler(ToStore, LegacySessionHandler):
    """A request to such a session."""


class StoreMultipartHandler(ToStore, MultipartHandler):
    """Metadata and bytes in one request."""


class StoreRawHandler(ToStore, RawHandler):
    """The bytes alone."""
