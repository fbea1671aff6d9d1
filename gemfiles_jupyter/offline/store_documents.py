"""How a document comes into a store: from an upload's bytes, from a stored file, and then in chunks."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import islice
from pathlib import Path

from . import mime_types, names, problems
from .backend import Backend
from .chunking import chunks, sniffed_type, text_of
from .clock import NANOSECONDS
from .problems import JsonObject, Problem, ProtocolProblem
from .resources import State
from .sessions import Session
from .settings import MAX_DOCUMENT_BYTES
from .store_resources import DocumentRequest, StoredDocument, id_from

_BATCH_CHUNKS = 200


async def finish_upload(backend: Backend, session: Session, collection: str) -> JsonObject:
    """Make a session's bytes a document, and return the upload's answer.

    Raises
    ------
    Problem
        The upload is rejected for good; the session is over and remembers why.
    """
    storage, record = backend.storage, session.record
    stores = storage.catalogue.stores
    upload = await storage.ask(stores.upload, record.session_hash)
    assert session.partial is not None, "only an active session is finalized"
    if upload is None:
        raise ProtocolProblem(404, "Upload session not found.", None)
    store_id, request = upload
    try:
        request = await _typed(backend, request, record.blob)
        document = _new_document(backend, store_id, request, session.partial.size_bytes, record.blob)
        answer = document.upload_json(collection)
        outcome = json.dumps(answer)
        added = await storage.ask(stores.finish_upload, record.session_hash, document, outcome)
        backend.sessions.finished(session, outcome)
    except Problem as problem:
        await backend.sessions.end(session, "final", problem.code, json.dumps(problem.to_json()))
        raise
    backend.spawn(_chunk(backend, added))
    return answer


async def add_empty(backend: Backend, store_id: str, request: DocumentRequest) -> StoredDocument:
    """Make a document of 0 bytes from its metadata alone."""
    blob = backend.storage.blobs.new_name()
    await backend.storage.work(backend.storage.blobs.create, blob)
    request = await _typed(backend, request, blob)
    return await _add(backend, _new_document(backend, store_id, request, 0, blob))


async def import_file(
    backend: Backend, key_hash: str, store_id: str, file_name: str, request: DocumentRequest
) -> StoredDocument:
    """Make a stored file a document; it outlives the file.

    Raises
    ------
    Problem
        There is no such file, or it can't be used.
    """
    storage = backend.storage
    file_id = names.id_in_uri(file_name)
    file = await storage.find(file_id, key_hash)
    if file is None:
        raise problems.no_such_file(file_id)
    if file.state_at(backend.clock.now_ns()) is not State.ACTIVE:
        raise problems.not_active(file_id)
    if file.size_bytes > MAX_DOCUMENT_BYTES:
        raise problems.too_large(MAX_DOCUMENT_BYTES)
    blob = storage.blobs.new_name()
    await storage.work(storage.blobs.copy, file.blob, blob)
    request = replace(
        request, display_name=request.display_name or file.display_name, mime_type=file.mime_type
    )
    document = _new_document(backend, store_id, request, file.size_bytes, blob)
    return await _add(backend, replace(document, is_import=True))


async def resume_chunking(backend: Backend) -> None:
    """Go on with the documents that a restart cut short."""
    for document in await backend.storage.ask(backend.storage.catalogue.stores.unchunked):
        backend.spawn(_chunk(backend, document))


def _new_document(
    backend: Backend, store_id: str, request: DocumentRequest, size_bytes: int, blob: str
) -> StoredDocument:
    now = backend.clock.now_ns()
    return StoredDocument(
        document_id=id_from(request.display_name),
        store_id=store_id,
        request=request,
        size_bytes=size_bytes,
        blob=blob,
        created_ns=now,
        ready_ns=now + round(backend.settings.processing_seconds * NANOSECONDS),
    )


async def _add(backend: Backend, document: StoredDocument) -> StoredDocument:
    storage = backend.storage
    try:
        added = await storage.ask(storage.catalogue.stores.add_document, document)
    except Problem:
        await storage.work(storage.blobs.remove, document.blob)
        raise
    backend.spawn(_chunk(backend, added))
    return added


async def _typed(backend: Backend, request: DocumentRequest, blob: str) -> DocumentRequest:
    """Return the request with a type: its own, or one that the bytes show."""
    mime_type = mime_types.essence(request.mime_type)
    if mime_type in ("", mime_types.DEFAULT_TYPE):
        mime_type = await backend.storage.work(sniffed_type, backend.storage.blobs.path(blob))
    if not mime_types.is_storable(mime_type):
        raise problems.unsupported_type(request.mime_type)
    return replace(request, mime_type=mime_type)


async def _chunk(backend: Backend, document: StoredDocument) -> None:
    """Read a document and keep its chunks; then its bytes are needed no more."""
    storage = backend.storage
    try:
        path = storage.blobs.path(document.blob)
        text, problem = await storage.work(_read, path, document.request.mime_type)
        if backend.settings.processing_outcome == "failed":
            problem = problem or "The document could not be processed."
        elif backend.settings.processing_outcome == "active":
            problem = ""
        count = 0 if problem else await _keep_chunks(backend, document, text)
        await storage.ask(storage.catalogue.stores.finish_chunking, document.sequence, count, problem)
        await storage.work(storage.blobs.remove, document.blob)
    except RuntimeError:
        pass  # the server is ending: its threads take no more work, and the next start goes on


def _read(path: Path, mime_type: str) -> tuple[str, str]:
    """Return the text of a document, and why it can't be read."""
    try:
        text = text_of(path, mime_type)
    except Exception as error:  # a parser on hostile input: it raises whatever it stumbles over
        return "", f"The document could not be read ({type(error).__name__})."
    if text is None:
        return "", f"The offline server reads text and PDF, not {mime_type}."
    return text, ""


async def _keep_chunks(backend: Backend, document: StoredDocument, text: str) -> int:
    """Keep the chunks of a text; return how many there are."""
    storage = backend.storage
    pieces = chunks(text, document.request.chunk_size)
    count = 0
    while batch := await storage.work(lambda: list(islice(pieces, _BATCH_CHUNKS))):
        if not await storage.ask(storage.catalogue.stores.add_chunks, document.sequence, count, batch):
            break  # it was deleted meanwhile
        count += len(batch)
    return count
