"""What a cell or the command line does is heard of in the pages, and can be steered from there."""

from __future__ import annotations

import secrets
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from gemfiles_jupyter.offline.testing import OfflineServer

from .running import Listener, RunningJupyter, until

KEYS = {"id", "label", "size", "sent", "phase", "rate", "eta", "note", "hint", "variable", "file", "actions"}
UNDER_WAY = ("uploading", "retrying")
# Stands for a kernel that runs a cell.
CELL = """
import sys
import gemfiles_jupyter as gf
gf.upload(sys.argv[1], mime_type="text/plain")
"""


def start_cell(jupyter: RunningJupyter, path: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", CELL, str(path)]
    return subprocess.Popen(
        command, env=jupyter.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


@pytest.mark.usefixtures("slow")
def test_a_cells_upload_is_heard_of_from_beginning_to_end(jupyter: RunningJupyter, big: Path) -> None:
    jupyter.ask("GET", "transfers")
    with jupyter.listen() as page, start_cell(jupyter, big):
        page.await_row(big.name, "uploading")
        row = page.await_row(big.name, "done")
        files = until(lambda: [event for event in page.heard if event["kind"] == "files"])

    told = page.rows(big.name)
    sent = [row["sent"] for row in told]
    assert all(set(row) == KEYS for row in told)
    assert sent == sorted(sent)
    assert len(set(sent)) > 2, "it was told of on the way"
    assert any(row["rate"] and row["eta"] for row in told)
    assert row["file"].startswith("files/")
    assert files
    assert len({row["id"] for row in told}) == 1


def test_only_changes_are_told(jupyter: RunningJupyter, big: Path) -> None:
    with jupyter.listen() as page, start_cell(jupyter, big):
        page.await_row(big.name, "done")

    events = [
        {name: value for name, value in event.items() if "timestamp" not in name} for event in page.heard
    ]
    transfers = [event for event in events if event["kind"] == "transfers"]
    assert all(one != other for one, other in pairwise(transfers))


@pytest.mark.usefixtures("stuck")
def test_a_cells_upload_is_paused_gone_on_with_here_and_cancelled(jupyter: RunningJupyter, big: Path) -> None:
    jupyter.ask("GET", "transfers")
    with jupyter.listen() as page, start_cell(jupyter, big) as cell:
        id = page.await_row(big.name, *UNDER_WAY)["id"]  # noqa: A001

        assert act(jupyter, id, "pause")["note"] == "pausing"
        page.await_row(big.name, "paused")
        cell.wait(30)
        act(jupyter, id, "resume")
        page.await_row(big.name, *UNDER_WAY)
        act(jupyter, id, "cancel")
        row = page.await_row(big.name, "cancelled")

    assert row["id"] == id
    assert {told["id"] for told in page.rows(big.name)} == {id}


@pytest.mark.usefixtures("stuck")
def test_a_cells_upload_is_cancelled_while_the_cell_waits_for_it(jupyter: RunningJupyter, big: Path) -> None:
    jupyter.ask("GET", "transfers")
    with jupyter.listen() as page, start_cell(jupyter, big) as cell:
        id = page.await_row(big.name, *UNDER_WAY)["id"]  # noqa: A001

        act(jupyter, id, "cancel")
        page.await_row(big.name, "cancelled")

        assert cell.wait(30) != 0


def test_an_upload_whose_kernel_was_killed_is_gone_on_with(
    jupyter: RunningJupyter, stuck: OfflineServer, big: Path
) -> None:
    jupyter.ask("GET", "transfers")
    with jupyter.listen() as page, start_cell(jupyter, big) as cell:
        id = page.await_row(big.name, *UNDER_WAY)["id"]  # noqa: A001
        until(lambda: page.rows(big.name)[-1]["sent"] > 0)
        cell.kill()
        cell.wait()
        interrupted = page.await_row(big.name, "paused")
        stuck.clear_faults()

        act(jupyter, id, "resume")
        done = page.await_row(big.name, "done")

    assert (interrupted["note"], interrupted["actions"]) == ("interrupted", ["resume", "cancel"])
    assert done["id"] == id


@pytest.mark.usefixtures("stuck")
def test_the_command_line_pauses_what_the_page_began(jupyter: RunningJupyter) -> None:
    with (jupyter.root / "page.bin").open("wb") as file:
        file.write(secrets.token_bytes(64))
        file.truncate(40_000_000)
    with jupyter.listen() as page:
        (id,) = jupyter.ask("POST", "transfers", {"paths": ["page.bin"]}).json()["transfers"]  # noqa: A001
        page.await_row("page.bin", *UNDER_WAY)

        command = [str(Path(sys.executable).with_name("gemfiles")), "pause", "page.bin"]
        subprocess.run(command, env=jupyter.environ, check=True, capture_output=True)
        page.await_row("page.bin", "paused")

    act(jupyter, id, "cancel")
    jupyter.await_transfer(id, "cancelled")


def test_a_file_that_is_deleted_in_one_page_is_heard_of_in_another(jupyter: RunningJupyter) -> None:
    (jupyter.root / "gone.txt").write_text("to be deleted")
    (id,) = jupyter.ask("POST", "transfers", {"paths": ["gone.txt"]}).json()["transfers"]  # noqa: A001
    name = jupyter.await_transfer(id, "done")["file"]
    until(lambda: any(file["name"] == name for file in jupyter.ask("GET", "files").json()["files"]))

    with jupyter.listen() as page:
        jupyter.ask("DELETE", "files", name=name)

        until(lambda: heard_of_files(page))


def heard_of_files(page: Listener) -> bool:
    return any(event["kind"] == "files" for event in page.heard)


def act(jupyter: RunningJupyter, id: str, action: str) -> dict[str, Any]:  # noqa: A002
    answer = jupyter.ask("POST", f"transfers/{id}", {"action": action})
    assert answer.status_code == 200, answer.text
    row: dict[str, Any] = answer.json()
    return row
