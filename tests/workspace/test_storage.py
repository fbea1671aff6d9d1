"""Many files at once: which are meant, and what becomes of them."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from gemfiles_jupyter.client import Client
from gemfiles_jupyter.client.models import File
from gemfiles_jupyter.config import Endpoint
from gemfiles_jupyter.errors import FileUnavailable, InvalidUsage
from gemfiles_jupyter.offline.testing import OfflineServer
from gemfiles_jupyter.transfers.progress import Progress
from gemfiles_jupyter.transfers.transfer import TransferOptions
from gemfiles_jupyter.workspace.renewal import Renewer
from gemfiles_jupyter.workspace.selection import Selection
from gemfiles_jupyter.workspace.storage import each, files_meant, remove_files, uploaded_here
from gemfiles_jupyter.workspace.workspace import Workspace


@pytest.fixture
def workspace(endpoint: Endpoint) -> Workspace:
    return Workspace(Client(endpoint=endpoint))


def silent(batch: tuple[Progress, ...]) -> None:
    """Show nothing."""


def upload(workspace: Workspace, *names: str) -> list[File]:
    return [
        workspace.upload([name.encode()], TransferOptions(display_name=name, mime_type="text/plain"), silent)[
            0
        ]
        for name in names
    ]


def labels(files: list[File]) -> list[str]:
    return sorted(file.label for file in files)


def test_names_patterns_and_files_are_meant_each_once(workspace: Workspace) -> None:
    one, two, three = upload(workspace, "a.txt", "b.txt", "c.md")

    assert labels(files_meant(workspace, ["*.txt", one, "b.txt", two.name, three.id])) == [
        *("a.txt", "b.txt", "c.md")
    ]
    assert labels(files_meant(workspace, [])) == ["a.txt", "b.txt", "c.md"]
    assert labels(files_meant(workspace, ["*.txt"], Selection(names=[one.name]))) == ["a.txt"]


def test_a_name_with_brackets_is_a_name_where_there_is_such_a_file(workspace: Workspace) -> None:
    upload(workspace, "a[1].txt", "a1.txt")

    assert labels(files_meant(workspace, ["a[1].txt"])) == ["a[1].txt"]
    assert labels(files_meant(workspace, ["a[12].txt"])) == ["a1.txt"]


@pytest.mark.parametrize(
    "references", [["gone.txt"], ["*.gone"], ["a.txt", "files/gone"], [File("files/gone")]]
)
def test_what_is_not_there_is_an_error(references: list[str | File], workspace: Workspace) -> None:
    upload(workspace, "a.txt")

    with pytest.raises(FileUnavailable, match="gone"):
        files_meant(workspace, references)


def test_a_name_of_two_files_asks_which_one(workspace: Workspace) -> None:
    upload(workspace, "twin.txt", "other.txt")
    workspace.upload([b"another"], TransferOptions(display_name="twin.txt"), silent)

    with pytest.raises(InvalidUsage, match="2 files are called twin"):
        files_meant(workspace, ["twin.txt", "other.txt"])


def test_many_names_are_one_list(workspace: Workspace, server: OfflineServer) -> None:
    files = upload(workspace, *(f"{number}.txt" for number in range(12)))
    server.clear_requests()

    files_meant(workspace, [*files, "3.txt", "*.txt"])

    assert len(server.requests()) == 1


def test_files_are_removed_and_never_brought_back(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("a")
    (file,) = workspace.upload([path], TransferOptions(), silent)

    (removal,) = remove_files(workspace, [file])

    assert removal.error is None
    assert workspace.files() == []
    with pytest.raises(FileUnavailable, match="was deleted"):
        Renewer(workspace.client, workspace.journal).renew(file, "gone")


def test_one_that_is_gone_counts_as_removed_and_one_that_fails_is_said(
    workspace: Workspace, server: OfflineServer
) -> None:
    files = upload(workspace, "a.txt", "b.txt", "c.txt")
    workspace.client.files.delete(files[0].name)
    server.faults({"plane": "delete", "action": "answer", "status": 400, "nth": 3})

    removals = remove_files(workspace, files)

    assert [removal.file.label for removal in removals] == ["a.txt", "b.txt", "c.txt"]
    assert sum(removal.error is not None for removal in removals) == 1
    assert len(workspace.files()) == 1


def test_removing_is_done_several_at_a_time(workspace: Workspace, server: OfflineServer) -> None:
    files = upload(workspace, *(f"{number}.txt" for number in range(16)))
    server.faults({"plane": "delete", "action": "delay", "delay_seconds": 0.5, "count": 16})
    seen: list[int] = []
    began = time.monotonic()

    remove_files(workspace, files, seen.append)

    assert time.monotonic() - began < 16 * 0.5 / 3
    assert seen == sorted(seen)
    assert all(done < 16 for done in seen)
    assert seen, "it was told on the way"


def test_an_interrupt_leaves_what_has_not_begun() -> None:
    begun: list[int] = []
    is_over = threading.Event()

    def slow(number: int) -> None:
        begun.append(number)
        is_over.wait(10)

    def stop(_: int) -> None:
        is_over.set()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        each(slow, range(1000), stop)

    assert len(begun) < 1000


def test_mine_is_what_was_sent_from_here_and_is_still_there(workspace: Workspace) -> None:
    kept, removed = upload(workspace, "kept.txt", "removed.txt")
    workspace.remove(removed)

    assert kept.name in uploaded_here(workspace)
    assert removed.name not in uploaded_here(workspace)
