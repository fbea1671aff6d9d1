"""The stored files over REST: listed, renewed, named, deleted; and what is said when that fails."""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from gemfiles_jupyter.client import Client
from gemfiles_jupyter.client.models import File
from gemfiles_jupyter.config import Endpoint, Secret
from gemfiles_jupyter.offline.testing import OfflineServer
from gemfiles_jupyter.transfers.transfer import TransferOptions
from gemfiles_jupyter.workspace.workspace import Workspace

from .conftest import Ask, Until

# The keys of labextension/src/model.ts.
FILE_KEYS = {
    "name",
    "uri",
    "label",
    "mimeType",
    "size",
    "state",
    "error",
    "created",
    "expires",
    "variable",
    "suggestion",
    "isRenewable",
}
TWO_DAYS = 48 * 3600 + 60
Transfer = Callable[..., Awaitable[dict[str, Any]]]


def silent(batch: object) -> None:
    """Show nothing."""


@pytest.fixture
def workspace(server: OfflineServer) -> Workspace:
    """What a kernel of the same user has."""
    return Workspace(Client(endpoint=Endpoint(server.address, Secret(server.key))))


@pytest.fixture
def notes(workspace: Workspace, tmp_path: Path) -> File:
    """A file that a kernel uploaded."""
    path = tmp_path / "notes.txt"
    path.write_text("The tide turns at noon.")
    return workspace.upload([path], TransferOptions(variable="tide"), silent)[0]


async def listed(ask: Ask) -> dict[str, Any]:
    answer = await ask("GET", "files")
    assert answer.status == 200
    return {item["name"]: item for item in answer.json["files"]}


async def test_status_says_where_requests_go(ask: Ask) -> None:
    status = (await ask("GET", "status")).json

    assert (status["place"], status["isOffline"], status["problem"]) == ("127.0.0.1", False, None)
    assert status["now"].endswith("Z")


async def test_status_without_a_key_says_what_to_do(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOOGLE_API_KEY")
    monkeypatch.delenv("GOOGLE_GEMINI_BASE_URL")
    monkeypatch.setenv("GEMFILES_OFFLINE", "never")

    status, files = (await ask("GET", "status")).json, (await ask("GET", "files")).json

    assert status["problem"]["kind"] == files["problem"]["kind"] == "no-key"
    assert "GOOGLE_API_KEY" in status["problem"]["hint"]
    assert files["files"] == []


async def test_a_file_has_the_keys_of_the_model(ask: Ask, notes: File) -> None:
    answer = (await ask("GET", "files")).json

    (file,) = answer["files"]
    assert set(file) == FILE_KEYS
    assert (file["name"], file["label"], file["state"]) == (notes.name, "notes.txt", "ACTIVE")
    assert (file["variable"], file["isRenewable"]) == ("tide", True)
    assert (answer["used"], answer["limit"], answer["problem"]) == (23, 20 * 1024**3, None)


async def test_a_list_is_asked_for_once_in_a_while(ask: Ask, server: OfflineServer) -> None:
    server.clear_requests()

    answers = await asyncio.gather(*(ask("GET", "files") for _ in range(20)))

    assert {answer.status for answer in answers} == {200}
    assert len(server.requests()) == 1


async def test_a_service_that_does_not_answer_leaves_the_last_list(
    ask: Ask, notes: File, server: OfflineServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask("GET", "files")
    monkeypatch.setattr("gemfiles_jupyter.workspace.listing.FRESH_SECONDS", 0.0)
    server.fail_next("list", status=503, count=2)

    answer = (await ask("GET", "files")).json

    assert [file["name"] for file in answer["files"]] == [notes.name]
    assert answer["problem"]["kind"] == "server"


async def test_a_key_that_is_refused_is_the_problem(ask: Ask, server: OfflineServer) -> None:
    server.set(accepted_keys=["another"])

    answer = (await ask("GET", "files")).json

    assert (answer["files"], answer["problem"]["kind"]) == ([], "key")


async def test_files_are_deleted_and_what_is_gone_already_counts(ask: Ask, notes: File) -> None:
    await ask("GET", "files")

    answer = await ask("DELETE", "files", name=[notes.name, "files/never-was"])

    assert answer.json == {"removed": [notes.name, "files/never-was"], "failed": []}
    assert await listed(ask) == {}


async def test_a_file_that_can_not_be_deleted_is_told_with_the_reason(
    ask: Ask, notes: File, server: OfflineServer
) -> None:
    server.fail_next("delete", status=400, body=json.dumps({"error": {"message": "not now", "code": 400}}))

    answer = (await ask("DELETE", "files", name=notes.name)).json

    assert answer["removed"] == []
    assert answer["failed"] == [{"name": notes.name, "message": "not now", "hint": ""}]


@pytest.mark.parametrize("name", ["", "../a", "files/a/b", "files/a?x=1", "https://evil.example/files/a?"])
async def test_what_is_no_name_of_a_file_is_refused(ask: Ask, name: str, server: OfflineServer) -> None:
    server.clear_requests()

    answers = [
        await ask("DELETE", "files", name=name),
        await ask("POST", "files/renew", {"name": name}),
        await ask("POST", "files/variable", {"name": name, "variable": "x"}),
    ]

    assert [answer.status for answer in answers] == [400, 400, 400]
    assert server.requests() == []


async def test_a_variable_is_written_down_and_leaves_the_file_it_held(
    ask: Ask, notes: File, workspace: Workspace
) -> None:
    other = workspace.upload([b"other"], TransferOptions(), silent)[0]

    answer = await ask("POST", "files/variable", {"name": other.name, "variable": "tide"})

    assert (answer.json["name"], answer.json["variable"]) == (other.name, "tide")
    files = await listed(ask)
    assert [files[file.name]["variable"] for file in (other, notes)] == ["tide", ""]


async def test_a_file_of_another_machine_can_be_held_by_a_variable(
    ask: Ask, notes: File, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMFILES_HOME", str(tmp_path / "another machine"))

    answer = await ask("POST", "files/variable", {"name": notes.name, "variable": "ebb"})

    assert (answer.json["variable"], answer.json["isRenewable"]) == ("ebb", False)


@pytest.mark.parametrize("variable", ["class", "1st", "a b", "a.b", "é!", "x;import os"])
async def test_what_is_no_name_of_a_variable_is_refused(ask: Ask, notes: File, variable: str) -> None:
    answer = await ask("POST", "files/variable", {"name": notes.name, "variable": variable})

    assert (answer.status, answer.json["kind"]) == (400, "other")
    assert (await listed(ask))[notes.name]["variable"] == "tide"


async def test_renewing_sends_the_source_again(ask: Ask, notes: File, transfer: Transfer) -> None:
    begun = (await ask("POST", "files/renew", {"name": notes.name})).json

    row = await transfer(begun["transfer"], "done")

    assert row["file"] not in ("", notes.name)
    assert (await listed(ask))[row["file"]]["variable"] == "tide"


async def test_an_expired_file_is_shown_until_it_is_renewed(
    ask: Ask, notes: File, server: OfflineServer, transfer: Transfer, until: Until
) -> None:
    server.advance(TWO_DAYS)
    await ask("GET", "files")  # by its answer the service's clock is known

    async def expired() -> bool:
        return (await listed(ask)).get(notes.name, {}).get("state") == "EXPIRED"

    await until(expired)
    begun = (await ask("POST", "files/renew", {"name": notes.name})).json
    row = await transfer(begun["transfer"], "done")

    async def names() -> bool:
        return set(await listed(ask)) == {row["file"]}

    await until(names)


async def test_a_file_whose_source_is_gone_can_not_be_renewed(ask: Ask, notes: File, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").unlink()

    answer = await ask("POST", "files/renew", {"name": notes.name})

    assert answer.status == 404
    assert "is not where it was" in answer.json["message"]
    assert not (await listed(ask))[notes.name]["isRenewable"]


async def test_a_file_of_unknown_origin_can_not_be_renewed(ask: Ask) -> None:
    answer = await ask("POST", "files/renew", {"name": "files/abc"})

    assert answer.status == 404
    assert "not known" in answer.json["message"]


async def test_many_files_are_listed_whole_and_then_from_memory(ask: Ask, server: OfflineServer) -> None:
    fill(server, 1_050)
    server.clear_requests()

    answers = [(await ask("GET", "files")).json for _ in range(2)]

    assert [len(answer["files"]) for answer in answers] == [1_050, 1_050]
    assert len(server.requests()) == 11, "pages of 100"


def fill(server: OfflineServer, count: int) -> None:
    """Store files without content, over one connection."""
    connection = http.client.HTTPConnection(urlsplit(server.address).netloc)
    headers = {"x-goog-api-key": server.key, "Content-Type": "application/json"}
    for _ in range(count):
        connection.request("POST", "/v1beta/files", '{"file": {}}', headers)
        connection.getresponse().read()
    connection.close()


async def test_names_are_suggested_for_what_is_not_there_yet(ask: Ask) -> None:
    answer = await ask("GET", "names", label=["week 3: notes.pdf", "talks/list.txt"])

    assert answer.json == {"names": ["week_3_notes", "list_2"]}


async def test_code_uses_files_without_us(ask: Ask, notes: File) -> None:
    answer = await ask("GET", "files/code", name=notes.name)

    code = answer.json["code"]
    assert f"tide_file = client.files.get(name='{notes.name}')" in code
    assert "gemfiles" not in code
    compile(code, "cell", "exec")


@pytest.mark.parametrize(("name", "status"), [("files/gone", 404), ("../secret", 400)])
async def test_there_is_no_code_for_what_is_not_there(ask: Ask, name: str, status: int) -> None:
    assert (await ask("GET", "files/code", name=name)).status == status
