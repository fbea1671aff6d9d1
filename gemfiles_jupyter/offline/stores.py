"""File search stores: create, get, list, delete; their documents and operations; import of a file."""

from __future__ import annotations

from . import lenient_json, names, problems
from .files import PageToken, page_size
from .handler import Handler
from .problems import JsonObject, Problem
from .store_documents import add_empty, import_file
from .store_resources import DocumentRequest, StoredDocument, StoredStore, id_from

MAX_PAGE_SIZE = 20
_FLAGS = {"": False, "false": False, "0": False, "true": True, "1": True}


class StoreRouteHandler(Handler):
    """What the routes below a store share.

    Each gets the collection from the address: ``fileSearchStores``, or ``ragStores`` for older
    clients; both show the same stores.
    """

    def planes(self) -> tuple[str, ...]:
        """Tell the methods apart."""
        return {"GET": ("get",), "DELETE": ("delete",)}.get(self.request.method or "", ("start",))

    async def find_store(self, store_id: str) -> StoredStore:
        """Return a store of the caller."""
        storage = self.backend.storage
        now = self.backend.clock.now_ns()
        store = await storage.ask(storage.catalogue.stores.store, store_id, self.key_hash, now)
        if store is None:
            raise problems.no_such_store(store_id)
        return store

    async def find_document(self, store_id: str, document_id: str) -> StoredDocument:
        """Return a document of one of the caller's stores."""
        await self.find_store(store_id)
        storage = self.backend.storage
        document = await storage.ask(storage.catalogue.stores.document, store_id, document_id)
        if document is None:
            raise problems.no_such_document(document_id)
        return document

    def flag(self, name: str) -> bool:
        """Return a boolean argument; SDKs write it as True, true or 1."""
        text = self.argument(name, "")
        if text.lower() not in _FLAGS:
            raise problems.bad_value(name, "TYPE_BOOL", text)
        return _FLAGS[text.lower()]

    def message(self) -> JsonObject:
        """Return the body."""
        return lenient_json.parse_object(bytes(self.body))

    def pages(self, scope: str) -> tuple[PageToken, int | None, int]:
        """Return the maker of page tokens, where this page begins, and its size."""
        tokens = PageToken(self.backend.storage.catalogue.cursor_secret, f"{self.key_hash}:{scope}")
        before = tokens.read(self.argument("pageToken", self.argument("page_token", "")))
        return tokens, before, page_size(self, MAX_PAGE_SIZE, "ListRequest")


class StoresHandler(StoreRouteHandler):
    """``/{v}/fileSearchStores``."""

    def planes(self) -> tuple[str, ...]:
        """Tell list from create."""
        return ("list",) if self.request.method == "GET" else ("start",)

    async def on_get(self, collection: str) -> None:
        """Answer with a page of stores, newest first."""
        storage = self.backend.storage
        tokens, before, size = self.pages("stores")
        now = self.backend.clock.now_ns()
        found = await storage.ask(storage.catalogue.stores.page, self.key_hash, before, size + 1, now)
        message: JsonObject = {}
        if found:
            message[collection] = [store.to_json(collection) for store in found[:size]]
        if len(found) > size:
            message["nextPageToken"] = tokens.write(found[size - 1].sequence)
        self.answer_json(message)

    async def on_post(self, collection: str) -> None:
        """Create a store."""
        message = self.message()
        display_name = lenient_json.text_field(message, "displayName", "file_search_store")
        store = StoredStore(
            store_id=id_from(names.checked_display_name(display_name)),
            display_name=display_name,
            embedding_model=lenient_json.text_field(message, "embeddingModel", "file_search_store"),
            created_ns=self.backend.clock.now_ns(),
        )
        await self.backend.storage.ask(self.backend.storage.catalogue.stores.add, store, self.key_hash)
        self.answer_json(store.to_json(collection))


class StoreHandler(StoreRouteHandler):
    """``/{v}/fileSearchStores/{store}``."""

    async def on_get(self, collection: str, store_id: str) -> None:
        """Answer with the store."""
        self.answer_json((await self.find_store(store_id)).to_json(collection))

    async def on_delete(self, _: str, store_id: str) -> None:
        """Delete the store; one that holds documents only with ``force``."""
        is_forced = self.flag("force")
        await self.find_store(store_id)
        storage = self.backend.storage
        blobs = await storage.ask(storage.catalogue.stores.remove, store_id, is_forced=is_forced)
        for blob in blobs:
            await storage.work(storage.blobs.remove, blob)
        self.answer_json({})


class DocumentsHandler(StoreRouteHandler):
    """``/{v}/fileSearchStores/{store}/documents``."""

    def planes(self) -> tuple[str, ...]:
        """Be a list."""
        return ("list",)

    async def on_get(self, collection: str, store_id: str) -> None:
        """Answer with a page of documents, newest first."""
        await self.find_store(store_id)
        storage = self.backend.storage
        tokens, before, size = self.pages(store_id)
        found = await storage.ask(storage.catalogue.stores.documents, store_id, before, size + 1)
        now = self.backend.clock.now_ns()
        message: JsonObject = {}
        if found:
            message["documents"] = [document.to_json(collection, now) for document in found[:size]]
        if len(found) > size:
            message["nextPageToken"] = tokens.write(found[size - 1].sequence)
        self.answer_json(message)


class DocumentHandler(StoreRouteHandler):
    """``/{v}/fileSearchStores/{store}/documents/{document}``."""

    async def on_get(self, collection: str, store_id: str, document_id: str) -> None:
        """Answer with the document."""
        document = await self.find_document(store_id, document_id)
        self.answer_json(document.to_json(collection, self.backend.clock.now_ns()))

    async def on_delete(self, _: str, store_id: str, document_id: str) -> None:
        """Delete the document; one that has chunks only with ``force``."""
        is_forced = self.flag("force")
        document = await self.find_document(store_id, document_id)
        storage = self.backend.storage
        await storage.ask(storage.catalogue.stores.remove_document, document, is_forced=is_forced)
        await storage.work(storage.blobs.remove, document.blob)
        self.answer_json({})


class OperationHandler(StoreRouteHandler):
    """``/{v}/fileSearchStores/{store}/upload/operations/{id}``, for an import without ``upload/``."""

    async def on_get(self, collection: str, store_id: str, kind: str, operation_id: str) -> None:
        """Answer with how far it is."""
        try:
            document = await self.find_document(store_id, operation_id)
        except Problem as problem:
            raise problems.not_found() from problem
        if document.is_import == bool(kind):
            raise problems.not_found()
        self.answer_json(document.operation_json(collection, self.backend.clock.now_ns()))


class ImportHandler(StoreRouteHandler):
    """``/{v}/fileSearchStores/{store}:importFile``."""

    async def on_post(self, collection: str, store_id: str) -> None:
        """Start to import a stored file."""
        await self.find_store(store_id)
        message = self.message()
        file_name = lenient_json.text_field(message, "fileName", "import_file_request")
        request = DocumentRequest.read(message)
        document = await import_file(self.backend, self.key_hash, store_id, file_name, request)
        self.answer_json({"name": document.operation_name(collection)})


class MetadataHandler(StoreRouteHandler):
    """``/{v}/fileSearchStores/{store}:uploadToFileSearchStore``, without ``/upload``: no bytes."""

    async def on_post(self, collection: str, store_id: str, _: str) -> None:
        """Make an empty document."""
        await self.find_store(store_id)
        request = DocumentRequest.read(self.message())
        document = await add_empty(self.backend, store_id, request)
        self.answer_json(document.upload_json(collection))
