"""Transfers over REST: begun from the file browser, paused, gone on with, cancelled, tried again, cleared."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from gemfiles_jupyter.client import Client
from gemfiles_jupyter.config import Endpoint, Secret
from gemfiles_jupyter.offline.testing import OfflineServer
from gemfiles_jupyter.transfers.journal import user_journal
from gemfiles_jupyter.transfers.transfer import TransferOptions
from gemfiles_jupyter.workspace.workspace import Workspace

from .conftest import Ask

MIB = 1024 * 1024
TRANSFER_KEYS = {
    "id",
    "label",
    "size",
    "sent",
    "phase",
    "rate",
    "eta",
    "note",
    "hint",
    "variable",
    "file",
    "actions",
}
NO_VIDEO = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(64)
Transfer = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def notes(jp_root_dir: Path) -> str:
    (jp_root_dir / "notes.txt").write_text("The tide turns at noon.")
    return "notes.txt"


@pytest.fixture
def big(jp_root_dir: Path) -> str:
    """A source of several segments."""
    with (jp_root_dir / "big.bin").open("wb") as file:
        for block in range(24):
            file.write(bytes([block]) * MIB)
    return "big.bin"


@pytest.fixture
def slow(server: OfflineServer) -> OfflineServer:
    """Data requests take a moment."""
    server.faults({"plane": "data", "action": "delay", "delay_seconds": 0.7, "count": 200})
    return server


async def begin(ask: Ask, *paths: str, variable: str = "") -> list[str]:
    answer = await ask("POST", "transfers", {"paths": paths, "variable": variable})
    assert answer.status == 200, answer.text
    ids: list[str] = answer.json["transfers"]
    return ids


async def rows(ask: Ask) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await ask("GET", "transfers")).json["transfers"]
    return found


async def test_a_file_of_the_file_browser_is_uploaded(ask: Ask, notes: str, transfer: Transfer) -> None:
    (id,) = await begin(ask, notes, variable="tide")  # noqa: A001

    row = await transfer(id, "done")

    assert set(row) == TRANSFER_KEYS
    assert (row["label"], row["size"], row["sent"], row["variable"]) == ("notes.txt", 23, 23, "tide")
    assert row["file"].startswith("files/")
    assert len(await rows(ask)) == 1, "the job and its entry of the journal are one row"


async def test_the_same_again_sends_nothing_and_is_a_row_of_its_own(
    ask: Ask, notes: str, transfer: Transfer, server: OfflineServer
) -> None:
    (first,) = await begin(ask, notes)
    one = await transfer(first, "done")
    server.clear_requests()

    (second,) = await begin(ask, notes)
    other = await transfer(second, "done")

    assert one["file"] == other["file"]
    assert sum(request["received_bytes"] for request in server.requests()) == 0


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"paths": []},
        {"paths": "notes.txt"},
        {"paths": [1]},
        {"paths": ["notes.txt"], "variable": 1},
        {"paths": ["notes.txt"], "variable": "not this"},
        {"paths": ["notes.txt", "notes.txt"], "variable": "x"},
        ["notes.txt"],
        "notes.txt",
    ],
)
@pytest.mark.usefixtures("notes")
async def test_a_request_that_makes_no_sense_is_refused(ask: Ask, message: object) -> None:
    answer = await ask("POST", "transfers", message)

    assert answer.status == 400
    assert set(answer.json) == {"message", "hint", "kind"}
    assert await rows(ask) == []


async def test_one_path_that_is_refused_stops_all_before_anything_is_sent(
    ask: Ask, notes: str, server: OfflineServer
) -> None:
    server.clear_requests()

    answer = await ask("POST", "transfers", {"paths": [notes, "../notes.txt"]})

    assert answer.status == 404
    assert await rows(ask) == []
    assert server.requests() == []


async def test_a_service_limit_is_told_in_the_row(ask: Ask, jp_root_dir: Path, transfer: Transfer) -> None:
    with (jp_root_dir / "scan.pdf").open("wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(61_000_000)

    (id,) = await begin(ask, "scan.pdf")  # noqa: A001
    row = await transfer(id, "failed")

    assert "PDFs up to 50 MB" in row["note"]
    assert row["actions"] == ["retry"]


async def test_a_video_is_processing_until_the_service_says_otherwise(
    ask: Ask, jp_root_dir: Path, transfer: Transfer, server: OfflineServer
) -> None:
    server.set(processing_seconds=1.5, processing_outcome="active")
    (jp_root_dir / "a.mp4").write_bytes(NO_VIDEO)

    (id,) = await begin(ask, "a.mp4")  # noqa: A001

    assert (await transfer(id, "processing"))["actions"] == []
    assert (await transfer(id, "done"))["file"]


async def test_a_video_that_can_not_be_processed_has_failed(
    ask: Ask, jp_root_dir: Path, transfer: Transfer
) -> None:
    (jp_root_dir / "a.mp4").write_bytes(NO_VIDEO)

    (id,) = await begin(ask, "a.mp4")  # noqa: A001

    assert "no readable video" in (await transfer(id, "failed"))["note"]


async def test_pause_and_resume(ask: Ask, big: str, transfer: Transfer, slow: OfflineServer) -> None:
    (id,) = await begin(ask, big)  # noqa: A001
    assert (await transfer(id, "uploading"))["actions"] == ["pause", "cancel"]

    asked = (await ask("POST", f"transfers/{id}", {"action": "pause"})).json
    paused = await transfer(id, "paused")
    slow.clear_faults()
    await ask("POST", f"transfers/{id}", {"action": "resume"})
    done = await transfer(id, "done")

    assert asked["id"] == id
    assert paused["actions"] == ["resume", "cancel"]
    assert done["file"]
    assert len(await rows(ask)) == 1
    assert len(user_journal().entries()) == 1, "it was gone on with, not begun anew"


@pytest.mark.usefixtures("slow")
async def test_cancel_leaves_nothing(ask: Ask, big: str, transfer: Transfer) -> None:
    (id,) = await begin(ask, big)  # noqa: A001
    await transfer(id, "uploading")

    await ask("POST", f"transfers/{id}", {"action": "cancel"})
    row = await transfer(id, "cancelled")

    assert row["actions"] == ["retry"]
    assert user_journal().entries()[0].session == ""
    assert (await ask("GET", "files")).json["files"] == []


@pytest.mark.usefixtures("slow")
async def test_what_was_paused_can_be_cancelled(ask: Ask, big: str, transfer: Transfer) -> None:
    (id,) = await begin(ask, big)  # noqa: A001
    await transfer(id, "uploading")
    await ask("POST", f"transfers/{id}", {"action": "pause"})
    await transfer(id, "paused")

    await ask("POST", f"transfers/{id}", {"action": "cancel"})

    await transfer(id, "cancelled")
    assert [entry.phase for entry in user_journal().entries()] == ["cancelled"]


async def test_a_failure_is_tried_again(
    ask: Ask, notes: str, transfer: Transfer, server: OfflineServer
) -> None:
    server.set(accepted_keys=["another"])
    (id,) = await begin(ask, notes)  # noqa: A001
    failed = await transfer(id, "failed")
    server.set(accepted_keys=[])

    await ask("POST", f"transfers/{id}", {"action": "retry"})

    assert failed["note"]
    assert failed["actions"] == ["retry"]
    assert (await transfer(id, "done"))["note"] == ""


@pytest.mark.parametrize("action", ["pause", "resume", "cancel", "retry", "explode", ""])
async def test_what_can_not_be_done_is_refused(ask: Ask, notes: str, transfer: Transfer, action: str) -> None:
    (id,) = await begin(ask, notes)  # noqa: A001
    await transfer(id, "done")

    answers = [await ask("POST", f"transfers/{name}", {"action": action}) for name in (id, "abcd")]

    assert [answer.status for answer in answers] == [400, 400]


async def test_clearing_takes_what_has_ended_off_the_list_but_not_out_of_the_journal(
    ask: Ask, notes: str, big: str, transfer: Transfer, server: OfflineServer
) -> None:
    (ended,) = await begin(ask, notes)
    await transfer(ended, "done")
    server.faults({"plane": "data", "action": "delay", "delay_seconds": 0.7, "count": 200})
    (going,) = await begin(ask, big)
    await transfer(going, "uploading")

    answer = await ask("DELETE", "transfers")

    assert (answer.status, answer.text) == (204, "")
    assert [row["id"] for row in await rows(ask)] == [going]
    assert len(user_journal().entries()) == 2
    await ask("POST", f"transfers/{going}", {"action": "cancel"})
    await transfer(going, "cancelled")


async def test_a_kernels_transfer_is_a_row_too(ask: Ask, server: OfflineServer, tmp_path: Path) -> None:
    path = tmp_path / "kernel.txt"
    path.write_text("from a cell")
    workspace = Workspace(Client(endpoint=Endpoint(server.address, Secret(server.key))))
    workspace.upload([path], TransferOptions(variable="x"), lambda batch: None)  # noqa: ARG005

    (row,) = await rows(ask)

    assert (row["label"], row["phase"], row["variable"], row["actions"]) == ("kernel.txt", "done", "x", [])


async def test_no_address_and_no_path_is_in_an_answer(
    ask: Ask, notes: str, jp_root_dir: Path, transfer: Transfer
) -> None:
    (id,) = await begin(ask, notes)  # noqa: A001
    await transfer(id, "done")

    texts = [(await ask("GET", route)).text for route in ("status", "files", "transfers")]

    assert not any(str(jp_root_dir.parent) in text for text in texts)
