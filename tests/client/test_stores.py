"""Stores and documents as a client sees them: against the offline server, and against odd answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from gemfiles_jupyter.client import stores as stores_module
from gemfiles_jupyter.client.models import File
from gemfiles_jupyter.client.operation import Operation
from gemfiles_jupyter.client.store_models import Document, DocumentOptions, FileSearchStore
from gemfiles_jupyter.client.stores import Stores
from gemfiles_jupyter.client.transport import Transport
from gemfiles_jupyter.errors import (
    BadResponse,
    InvalidUsage,
    ProcessingFailed,
    ProcessingTimeout,
    ServiceError,
    StoreUnavailable,
)
from gemfiles_jupyter.offline.testing import OfflineServer

from .conftest import Asked, Given, OddServer, OddServers, Sender
from .fault_schedules import CLOCK

STORE = "fileSearchStores/lectures-1"
DOCUMENT = f"{STORE}/documents/notes-1"
OPERATION = f"{STORE}/operations/notes-1"


@pytest.fixture
def stores(sender: Sender) -> Stores:
    """The stores at the offline server."""
    return Stores(sender.transport)


@pytest.fixture
def file(sender: Sender) -> File:
    """A stored file."""
    return sender.send(b"Owls hunt at night.").file


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting takes no time."""
    monkeypatch.setattr(stores_module, "time", CLOCK)


def stores_of(server: OddServer) -> Stores:
    return Stores(Transport(server.endpoint(), sleep=CLOCK.skip))


def answering(*answers: dict[str, Any]) -> Callable[[Asked], Given]:
    """Answer one after the other, and the last one for ever."""
    left = list(answers)

    def answer(_: Asked) -> Given:
        data = left.pop(0) if len(left) > 1 else left[0]
        status = data.get("error", {}).get("code", 200) if "name" not in data else 200
        return Given(status, {"Content-Type": "application/json"}, json.dumps(data).encode())

    return answer


# Against the offline server


def test_a_store_is_created_found_listed_and_deleted(stores: Stores) -> None:
    made = [stores.create(f"store {number}") for number in range(23)]

    assert stores.get(made[0].name) == stores.get(made[0].id) == made[0]
    assert [store.name for store in stores.list()] == [store.name for store in made][::-1]
    for store in made:
        stores.delete(store.name)
    assert list(stores.list()) == []
    assert (made[0].label, made[0].document_count, made[0].size_bytes) == ("store 0", 0, 0)
    assert made[0].create_time


def test_a_stored_file_becomes_a_document(stores: Stores, file: File) -> None:
    store = stores.create("lectures")
    options = DocumentOptions({"author": "Graves", "year": 1934, "tags": ["a", "b"]}, 10, 2)
    polls: list[float] = []

    begun = stores.import_file(store.name, file.name, options)
    document = stores.wait(begun, "notes", on_poll=polls.append)

    assert document.is_active
    assert document.name.startswith(f"{store.name}/documents/")
    assert document.metadata == {"author": "Graves", "year": 1934, "tags": ("a", "b")}
    assert (document.mime_type, document.size_bytes) == ("text/plain", 19)
    assert [item.name for item in stores.documents(store.name)] == [document.name]
    assert polls == sorted(polls)
    now = stores.get(store.name)
    assert (now.active, now.pending, now.failed, now.size_bytes) == (1, 0, 0, 19)


def test_a_document_that_fails_raises_the_services_reason(
    stores: Stores, file: File, server: OfflineServer
) -> None:
    server.set(processing_outcome="failed")
    store = stores.create("lectures")

    with pytest.raises(ProcessingFailed, match="read notes: The document could not be processed") as caught:
        stores.wait(stores.import_file(store.name, file.name, DocumentOptions()), "notes")

    assert isinstance(caught.value.file, Document)
    assert stores.get(store.name).failed == 1


@pytest.mark.usefixtures("clock")
def test_waiting_ends(stores: Stores, file: File, server: OfflineServer) -> None:
    server.set(processing_seconds=3600)
    store = stores.create("lectures")

    with pytest.raises(ProcessingTimeout, match="notes is still being read after 5 s"):
        stores.wait(stores.import_file(store.name, file.name, DocumentOptions()), "notes", timeout_seconds=5)


def test_what_is_not_empty_is_deleted_by_force(stores: Stores, file: File) -> None:
    store = stores.create("lectures")
    document = stores.wait(stores.import_file(store.name, file.name, DocumentOptions()), "notes")

    with pytest.raises(ServiceError, match="non-empty") as caught:
        stores.delete(store.name)
    assert caught.value.reason == "FAILED_PRECONDITION"
    stores.delete_document(document.name)
    assert list(stores.documents(store.name)) == []
    stores.import_file(store.name, file.name, DocumentOptions())
    stores.delete(store.name, is_forced=True)

    with pytest.raises(StoreUnavailable, match="may not exist"):
        stores.get(store.name)


def test_what_is_missing_says_where_to_look(stores: Stores) -> None:
    store = stores.create("lectures")

    for ask in (
        lambda: stores.get("nothing"),
        lambda: list(stores.documents("nothing")),
        lambda: stores.document(f"{store.name}/documents/nothing"),
        lambda: stores.delete("nothing"),
    ):
        with pytest.raises(StoreUnavailable) as caught:
            ask()
        assert caught.value.status == 403
        assert "%gemfiles store ls" in str(caught.value)


def test_a_delete_whose_answer_was_lost_is_done(stores: Stores, server: OfflineServer) -> None:
    store = stores.create("lectures")
    server.fail_next("delete", action="drop-answer")

    stores.delete(store.name)

    assert server.all_fired()
    assert list(stores.list()) == []


# Against odd answers


@pytest.mark.parametrize(
    "name", ["", "files/abc", "fileSearchStores/", "a/b", "../x", "fileSearchStores/a/b"]
)
def test_what_is_no_name_of_a_store_is_never_sent(odd: OddServers, name: str) -> None:
    server = odd(answering({}))

    for ask in (lambda: stores_of(server).get(name), lambda: stores_of(server).delete(name, is_forced=True)):
        with pytest.raises(InvalidUsage, match="not the name of a store"):
            ask()

    assert server.asked == []


@pytest.mark.parametrize("name", ["notes", STORE, f"{DOCUMENT}/x", f"{STORE}/documents/"])
def test_what_is_no_name_of_a_document_is_never_sent(odd: OddServers, name: str) -> None:
    server = odd(answering({}))

    with pytest.raises(InvalidUsage, match="not the name of a document"):
        stores_of(server).delete_document(name)

    assert server.asked == []


@pytest.mark.usefixtures("clock")
def test_a_bare_id_in_the_response_is_the_document(odd: OddServers) -> None:
    response = {"parent": "lectures-1", "documentName": "other-2"}
    server = odd(
        answering(
            {"name": OPERATION},
            {"name": OPERATION, "done": True, "response": response},
            {"name": f"{STORE}/documents/other-2", "state": "STATE_ACTIVE"},
        )
    )

    document = stores_of(server).wait(Operation(OPERATION), "notes")

    assert document.is_active
    assert [asked.path for asked in server.asked] == [
        f"/v1beta/{OPERATION}",
        f"/v1beta/{OPERATION}",
        f"/v1beta/{STORE}/documents/other-2",
    ]


@pytest.mark.usefixtures("clock")
def test_a_document_that_lags_behind_its_operation_is_awaited(odd: OddServers) -> None:
    operation = {"name": OPERATION, "response": {"documentName": DOCUMENT}}
    server = odd(
        answering(
            {"name": DOCUMENT, "state": "STATE_PENDING"},
            {"name": DOCUMENT},
            {"name": DOCUMENT, "state": "STATE_ACTIVE"},
        )
    )

    document = stores_of(server).wait(Operation.from_json(operation), "notes")

    assert document.is_active
    assert len(server.asked) == 3


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([{"name": OPERATION, "done": True, "error": {"code": 3, "message": "No text."}}], "No text."),
        ([{"name": OPERATION, "done": True, "error": {}}], "it gave no reason"),
        (
            [{"name": OPERATION, "done": True}, {"name": DOCUMENT, "state": "STATE_FAILED"}],
            "it gave no reason",
        ),
    ],
    ids=["with a reason", "without", "by its document"],
)
def test_a_failure_is_raised_however_it_is_told(
    odd: OddServers, answers: list[dict[str, Any]], reason: str
) -> None:
    server = odd(answering(*answers))

    with pytest.raises(ProcessingFailed, match=f"could not read notes: {reason}"):
        stores_of(server).wait(Operation(OPERATION), "notes")


def test_a_new_state_is_kept_as_text() -> None:
    document = Document.from_json({"name": DOCUMENT, "state": "STATE_ARCHIVED"})

    assert document.state == "STATE_ARCHIVED"
    assert not document.is_active
    assert not document.is_pending


@pytest.mark.parametrize(
    ("state", "word"), [("STATE_ACTIVE", "ACTIVE"), ("STATE_NEW", "NEW"), (None, "UNSPECIFIED")]
)
def test_a_document_shows_itself_in_one_short_line(state: str | None, word: str) -> None:
    data = {"displayName": "notes.pdf", "mimeType": "application/pdf", "sizeBytes": "12", "state": state}

    document = Document.from_json({"name": DOCUMENT, **data})

    assert repr(document) == (
        f"Document(name={DOCUMENT!r}, display_name='notes.pdf', mime_type='application/pdf', "
        f"size_bytes=12, state={word!r})"
    )


def test_a_document_is_read_tolerantly() -> None:
    document = Document.from_json(
        {
            "name": DOCUMENT,
            "displayName": 3,
            "sizeBytes": "many",
            "createTime": "soon",
            "customMetadata": [
                {"key": "a", "stringValue": "x"},
                {"key": "b", "numericValue": 1.5},
                {"key": "c", "stringListValue": {"values": ["x", "y"]}},
                {"key": "d", "stringListValue": {}},
                {"key": "e"},
                {"stringValue": "no key"},
                "nonsense",
            ],
            "tomorrow": {},
        }
    )

    assert (document.display_name, document.size_bytes, document.create_time) == (None, None, None)
    assert document.metadata == {"a": "x", "b": 1.5, "c": ("x", "y"), "d": ()}
    assert document.label == document.id == "notes-1"


def test_a_store_is_read_tolerantly() -> None:
    store = FileSearchStore.from_json(
        {"name": STORE, "activeDocumentsCount": "3", "pendingDocumentsCount": 2, "failedDocumentsCount": "x"}
    )

    assert (store.active, store.pending, store.failed, store.document_count) == (3, 2, 0, 5)
    assert store.label == STORE


@pytest.mark.parametrize("data", [{}, {"name": ""}, {"name": 3}, [], "x"], ids=str)
def test_what_has_no_name_is_a_bad_answer(data: Any) -> None:
    with pytest.raises(BadResponse, match="store without a name"):
        FileSearchStore.from_json(data)
    with pytest.raises(BadResponse, match="document without a name"):
        Document.from_json(data)


def test_only_what_was_asked_for_is_sent() -> None:
    assert DocumentOptions().to_json() == {}
    assert DocumentOptions(chunk_words=5).to_json() == {
        "chunkingConfig": {"whiteSpaceConfig": {"maxTokensPerChunk": 5}}
    }


@pytest.mark.parametrize(
    "options",
    [
        {"chunk_words": 0},
        {"chunk_words": 513},
        {"chunk_words": 5, "overlap_words": 5},
        {"overlap_words": -1},
        {"overlap_words": 512},
        {"metadata": {f"k{number}": "" for number in range(21)}},
    ],
    ids=["no words", "many words", "all shared", "less than none", "more than any", "many keys"],
)
def test_what_the_service_would_refuse_is_refused_before_anything_is_sent(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidUsage):
        DocumentOptions(**options)
