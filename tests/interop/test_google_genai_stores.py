"""The file search stores through Google's own Python client, called as its documentation does."""

from __future__ import annotations

import asyncio
import time

import pytest
from google import genai
from google.genai import errors, types

from gemfiles_jupyter.offline.pytest_plugin import gemfiles_offline, gemfiles_offline_process

__all__ = ["gemfiles_offline", "gemfiles_offline_process"]

# google-genai derives its session from aiohttp's, and aiohttp would rather it did not.
pytestmark = pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning")

MODEL = "gemini-2.5-flash"


@pytest.fixture
def client(gemfiles_offline):
    gemfiles_offline.set(processing_seconds=0.2)
    options = types.HttpOptions(base_url=gemfiles_offline.address)
    with genai.Client(api_key=gemfiles_offline.key, http_options=options) as client:
        yield client


@pytest.fixture
def store(client):
    return client.file_search_stores.create(config={"display_name": "lectures"})


@pytest.fixture
def notes(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("Owls hunt at night. " * 100 + "Robert Graves wrote I, Claudius.", encoding="utf-8")
    return path


def finished(client, operation):
    """Poll as the documentation does."""
    while not operation.done:
        time.sleep(0.05)
        operation = client.operations.get(operation)
    return operation


def test_stores_are_created_shown_listed_and_deleted(client):
    made = [client.file_search_stores.create(config={"display_name": f"store {n}"}) for n in range(5)]

    shown = client.file_search_stores.get(name=made[0].name)
    listed = [store.name for store in client.file_search_stores.list(config={"page_size": 2})]
    for store in made:
        client.file_search_stores.delete(name=store.name)

    assert shown.display_name == "store 0"
    assert shown.create_time == made[0].create_time
    assert listed == [store.name for store in made][::-1]
    assert list(client.file_search_stores.list()) == []


def test_a_path_with_metadata_and_chunking_becomes_a_document(client, store, notes):
    operation = client.file_search_stores.upload_to_file_search_store(
        file_search_store_name=store.name,
        file=notes,
        config={
            "display_name": "Größe.txt",
            "custom_metadata": [
                {"key": "author", "string_value": "Robert Graves"},
                {"key": "year", "numeric_value": 1934},
                {"key": "tags", "string_list_value": {"values": ["history", "novel"]}},
            ],
            "chunking_config": {"white_space_config": {"max_tokens_per_chunk": 50, "max_overlap_tokens": 5}},
        },
    )
    operation = finished(client, operation)

    document = client.file_search_stores.documents.get(name=operation.response.document_name)
    store = client.file_search_stores.get(name=store.name)
    assert operation.response.parent == store.name
    assert document.state == types.DocumentState.STATE_ACTIVE
    assert document.display_name == "Größe.txt"
    assert document.mime_type == "text/plain"
    assert document.size_bytes == store.size_bytes == notes.stat().st_size
    assert [item.key for item in document.custom_metadata] == ["author", "year", "tags"]
    assert document.custom_metadata[0].string_value == "Robert Graves"
    assert document.custom_metadata[1].numeric_value == 1934
    assert document.custom_metadata[2].string_list_value.values == ["history", "novel"]
    assert (store.active_documents_count, store.pending_documents_count) == (1, None)


def test_the_upload_is_pending_at_first(client, gemfiles_offline, store, notes):
    gemfiles_offline.set(processing_seconds=60)

    operation = client.file_search_stores.upload_to_file_search_store(
        file_search_store_name=store.name, file=notes
    )

    assert not operation.done
    assert not client.operations.get(operation).done
    (document,) = client.file_search_stores.documents.list(parent=store.name)
    assert document.state == types.DocumentState.STATE_PENDING
    assert client.file_search_stores.get(name=store.name).pending_documents_count == 1


def test_a_stored_file_is_imported(client, store, notes):
    file = client.files.upload(file=notes, config={"display_name": "notes"})

    operation = client.file_search_stores.import_file(
        file_search_store_name=store.name,
        file_name=file.name,
        config={"custom_metadata": [{"key": "author", "string_value": "Graves"}]},
    )
    operation = finished(client, operation)
    client.files.delete(name=file.name)

    document = client.file_search_stores.documents.get(name=operation.response.document_name)
    assert operation.response.parent == store.name
    assert document.display_name == "notes"
    assert document.custom_metadata[0].string_value == "Graves"
    assert document.state == types.DocumentState.STATE_ACTIVE


def test_a_failed_document_ends_the_loop_with_its_reason(client, store, tmp_path):
    path = tmp_path / "broken.pdf"
    path.write_bytes(b"%PDF-1.7 nothing more")

    operation = client.file_search_stores.upload_to_file_search_store(
        file_search_store_name=store.name, file=path
    )
    operation = finished(client, operation)

    assert "could not be read" in operation.error["message"]
    assert client.file_search_stores.get(name=store.name).failed_documents_count == 1


def test_deleting_what_is_not_empty_takes_force(client, store, notes):
    operation = client.file_search_stores.upload_to_file_search_store(
        file_search_store_name=store.name, file=notes
    )
    document_name = finished(client, operation).response.document_name

    with pytest.raises(errors.ClientError, match="Cannot delete non-empty FileSearchStore") as caught:
        client.file_search_stores.delete(name=store.name)
    with pytest.raises(errors.ClientError, match="Cannot delete non-empty Document"):
        client.file_search_stores.documents.delete(name=document_name)
    client.file_search_stores.documents.delete(name=document_name, config={"force": True})
    assert list(client.file_search_stores.documents.list(parent=store.name)) == []
    client.file_search_stores.upload_to_file_search_store(file_search_store_name=store.name, file=notes)
    client.file_search_stores.delete(name=store.name, config={"force": True})

    assert (caught.value.code, caught.value.status) == (400, "FAILED_PRECONDITION")
    with pytest.raises(errors.ClientError, match="may not exist"):
        client.file_search_stores.get(name=store.name)


def test_documents_are_listed_over_pages(client, store, notes):
    for _ in range(5):
        client.file_search_stores.upload_to_file_search_store(file_search_store_name=store.name, file=notes)

    documents = client.file_search_stores.documents.list(parent=store.name, config={"page_size": 2})

    assert len({document.name for document in documents}) == 5


def test_a_prompt_with_the_store_is_answered_with_the_best_chunk(client, store, notes):
    operation = client.file_search_stores.upload_to_file_search_store(
        file_search_store_name=store.name, file=notes, config={"display_name": "notes.txt"}
    )
    finished(client, operation)
    tool = types.Tool(file_search=types.FileSearch(file_search_store_names=[store.name], top_k=1))

    answer = client.models.generate_content(
        model=MODEL,
        contents="Who wrote Claudius?",
        config=types.GenerateContentConfig(tools=[tool]),
    )

    (chunk,) = answer.candidates[0].grounding_metadata.grounding_chunks
    assert "Robert Graves wrote I, Claudius." in chunk.retrieved_context.text
    assert chunk.retrieved_context.title == "notes.txt"
    assert chunk.retrieved_context.file_search_store == store.name
    assert "Robert Graves wrote I, Claudius." in (answer.text or "")
    assert "not a model" in (answer.text or "")


def test_everything_works_asynchronously(client, notes):
    async def walk(aio):
        store = await aio.file_search_stores.create(config={"display_name": "async"})
        operation = await aio.file_search_stores.upload_to_file_search_store(
            file_search_store_name=store.name, file=notes
        )
        while not operation.done:
            await asyncio.sleep(0.05)
            operation = await aio.operations.get(operation)
        documents = [item async for item in await aio.file_search_stores.documents.list(parent=store.name)]
        await aio.file_search_stores.delete(name=store.name, config={"force": True})
        stores = [item async for item in await aio.file_search_stores.list()]
        return documents, operation.response.document_name, stores

    async def walk_and_close():
        try:
            return await walk(client.aio)
        finally:
            await client.aio.aclose()

    documents, name, stores = asyncio.run(walk_and_close())

    assert [document.name for document in documents] == [name]
    assert stores == []
