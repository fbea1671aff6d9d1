"""What a page asks of a kernel: the requests of the panel, over the messages of a widget."""

from __future__ import annotations

import hashlib
import os

import pytest

from gemfiles_jupyter.offline.testing import OfflineServer

from .conftest import SLICE, Page

PANEL = "panel = gf.Panel(); panel"


def test_the_code_of_the_panel_comes_in_a_message_when_it_is_asked_for(page: Page) -> None:
    panel = page.open(PANEL)

    page.send(panel, {"kind": "code"})

    _, buffers = page.hear_with_bytes(panel, lambda content: content["kind"] == "code")
    assert hashlib.sha256(buffers[0]).hexdigest()[:16] == page.states[panel]["_code"]


def test_a_request_is_taken_in_before_it_is_answered(page: Page) -> None:
    panel = page.open(PANEL)

    page.send(panel, {"kind": "request", "id": 7, "method": "GET", "path": "status", "body": None})

    assert page.hear(panel, lambda content: content.get("id") == 7) == {"kind": "taken", "id": 7}
    answer = page.hear(panel, lambda content: content.get("id") == 7)
    assert answer["status"] == 200
    assert answer["body"]["problem"] is None


def test_a_file_that_comes_in_slices_is_stored_as_it_was(page: Page) -> None:
    panel = page.open(PANEL)
    data = os.urandom(2 * SLICE + 1234)

    transfer = page.upload(panel, "noise.bin", data)

    row = page.arrival(panel, transfer)
    _, listed = page.ask(panel, "GET", "files")
    assert [(file["name"], file["size"]) for file in listed["files"]] == [(row["file"], len(data))]
    said = page.run(f"print(gf.get_file({row['file']!r}).sha256)")
    assert said["text"].strip() == hashlib.sha256(data).hexdigest()


def test_slices_that_are_under_way_at_once_are_written_in_their_order(page: Page) -> None:
    panel = page.open(PANEL)
    data = os.urandom(9 * SLICE)
    _, opened = page.ask(panel, "POST", "uploads", {"name": "fast.bin", "size": len(data)})

    for number in range(9):
        path = f"uploads/{opened['id']}?offset={number * SLICE}"
        request = {"kind": "request", "id": f"slice-{number}", "method": "PUT", "path": path}
        page.send(panel, request, data[number * SLICE :][:SLICE])

    row = page.arrival(panel, opened["id"])
    said = page.run(f"print(gf.get_file({row['file']!r}).sha256)")
    assert said["text"].strip() == hashlib.sha256(data).hexdigest()


def test_an_empty_file_is_not_forgotten(page: Page) -> None:
    panel = page.open(PANEL)
    _, opened = page.ask(panel, "POST", "uploads", {"name": "empty.txt", "size": 0})

    status, _ = page.ask(panel, "PUT", f"uploads/{opened['id']}?offset=0")

    assert status in (200, 422)  # the service takes none; the panel says so in the transfer's row


def test_a_slice_that_begins_elsewhere_is_told_where_the_upload_stands(page: Page) -> None:
    panel = page.open(PANEL)
    _, opened = page.ask(panel, "POST", "uploads", {"name": "a.bin", "size": 10, "lastModified": 1})
    page.ask(panel, "PUT", f"uploads/{opened['id']}?offset=0", None, b"1234")

    status, answer = page.ask(panel, "PUT", f"uploads/{opened['id']}?offset=0", None, b"1234")

    assert (status, answer["offset"]) == (409, 4)
    again = page.ask(panel, "POST", "uploads", {"name": "a.bin", "size": 10, "lastModified": 1})
    assert again == (200, {"id": opened["id"], "offset": 4}), "the same file goes on there"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "uploads/unknown?offset=0", None, 404),
        ("POST", "uploads", {"name": "x"}, 400),
        ("POST", "transfers/unknown", {"action": "cancel"}, 400),
        ("POST", "transfers", {"paths": ["/etc/passwd"]}, 400),
        ("DELETE", "files?name=../secret", None, 400),
        ("GET", "files/code?name=files/gone", None, 404),
        ("GET", "nonsense", None, 400),
        ("DELETE", "transfers", None, 204),
        ("DELETE", "uploads/unknown", None, 204),
    ],
)
def test_a_request_that_makes_no_sense_is_answered_too(
    page: Page, method: str, path: str, body: object, status: int
) -> None:
    panel = page.open(PANEL)

    assert page.ask(panel, method, path, body)[0] == status


def test_two_panels_hear_the_same(page: Page) -> None:
    one, other = page.open(PANEL), page.open("gf.Panel()")

    transfer = page.upload(one, "shared.txt", b"for both")

    assert page.arrival(one, transfer) == page.arrival(other, transfer)


def test_what_is_under_way_goes_on_while_a_cell_runs(page: Page, server: OfflineServer) -> None:
    panel = page.open(PANEL)
    server.set(processing_seconds=1.0)
    transfer = page.upload(panel, "talk.txt", b"0123456789" * 1000)

    said = page.run(
        "import time\nwhile not any(f.is_active for f in gf.list_files()): time.sleep(0.05)\n'there'"
    )

    assert said["text/plain"] == "'there'"
    assert page.arrival(panel, transfer)["label"] == "talk.txt"


def test_what_a_cell_uploads_is_heard_of(page: Page) -> None:
    panel = page.open(PANEL)

    page.run("note = gf.upload(b'from a cell', name='note.txt', mime_type='text/plain')")

    def is_told(content: dict[str, object]) -> bool:
        event = content.get("event")
        rows = event.get("transfers", ()) if isinstance(event, dict) else ()
        return any(row["phase"] == "done" for row in rows)

    page.hear(panel, is_told)
