"""The file search stores through Google's JavaScript client, called as its documentation does."""

from __future__ import annotations

import pytest

from .conftest import ClientError

TEXT = "Owls hunt at night. Robert Graves wrote I, Claudius."


@pytest.fixture
def client(server, start_client):
    server.set(processing_seconds=0.2)
    return start_client("js/google_genai_stores.mjs", server)


@pytest.fixture
def store(client):
    return client("create", display_name="lectures")["name"]


@pytest.fixture
def notes(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text(TEXT)
    return str(path)


def test_stores_are_made_shown_listed_and_deleted(client):
    made = [client("create", display_name=f"store {number}")["name"] for number in range(5)]

    shown = client("get", name=made[0])
    listed = client("list")
    for name in made:
        client("delete", name=name)

    assert shown["displayName"] == "store 0"
    assert listed == made[::-1]
    assert client("list") == []


@pytest.mark.parametrize("is_blob", [False, True], ids=["path", "blob"])
def test_an_upload_is_polled_to_its_document(client, store, notes, is_blob):
    config = {
        "displayName": "Größe.txt",
        "mimeType": "text/plain",
        "customMetadata": [
            {"key": "author", "stringValue": "Graves"},
            {"key": "year", "numericValue": 1934},
            {"key": "tags", "stringListValue": {"values": ["a", "b"]}},
        ],
        "chunkingConfig": {"whiteSpaceConfig": {"maxTokensPerChunk": 4, "maxOverlapTokens": 1}},
    }

    operation = client("upload", store=store, path=notes, is_blob=is_blob, config=config)

    document = client("document", name=operation["response"]["documentName"])
    assert operation["done"]
    assert operation["response"]["parent"] == store
    assert document["state"] == "STATE_ACTIVE"
    assert document["displayName"] == "Größe.txt"
    assert document["sizeBytes"] == str(len(TEXT))
    assert document["customMetadata"] == config["customMetadata"]
    assert client("get", name=store)["activeDocumentsCount"] == "1"
    found = client("ask", store=store, text="Who hunts at night?")
    assert found[0]["retrievedContext"]["text"] == "Owls hunt at night."


def test_a_stored_file_is_imported(client, store, notes):
    operation = client("import", store=store, path=notes)

    assert operation["done"]
    assert client("documents", store=store) == [operation["response"]["documentName"]]


def test_deleting_what_is_not_empty_takes_force(client, store, notes):
    config = {"mimeType": "text/plain"}
    names = [client("upload", store=store, path=notes, config=config) for _ in range(3)]
    names = [operation["response"]["documentName"] for operation in names]

    assert client("documents", store=store) == names[::-1]
    with pytest.raises(ClientError, match="Cannot delete non-empty Document"):
        client("remove", name=names[0])
    client("remove", name=names[0], force=True)
    with pytest.raises(ClientError, match="Cannot delete non-empty FileSearchStore"):
        client("delete", name=store)
    client("delete", name=store, force=True)

    with pytest.raises(ClientError, match="may not exist"):
        client("get", name=store)
