"""A Jupyter server inside the test, with the extension and an offline server of its own."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pytest_jupyter.jupyter_server import *  # noqa: F403 (fixtures, some of them used by others)
from tornado.httpclient import HTTPClientError

from gemfiles_jupyter.offline.testing import OfflineServer


@dataclass(frozen=True)
class Answered:
    """What a route answered."""

    status: int
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


Ask = Callable[..., Awaitable[Answered]]


@pytest.fixture
def is_lax() -> bool:
    """Whether Jupyter leaves it to each route to ask who comes, as it does unless told otherwise."""
    return True


@pytest.fixture
def jp_server_config(is_lax: bool) -> dict[str, Any]:
    extensions = {"gemfiles_jupyter.server": True}
    return {"ServerApp": {"jpserver_extensions": extensions, "allow_unauthenticated_access": is_lax}}


@pytest.fixture(autouse=True)
def home(server: OfflineServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of this test's journal and spool; the offline server stands for the service."""
    folder = tmp_path / "gemfiles"
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.address)
    monkeypatch.setenv("GOOGLE_API_KEY", server.key)
    monkeypatch.setenv("GEMFILES_HOME", str(folder))
    return folder


@pytest.fixture
def ask(jp_fetch: Any) -> Ask:
    """Ask a route; an answer that says no is an answer."""

    async def fetch(
        method: str, route: str, message: object = None, *, body: bytes | None = None, **params: object
    ) -> Answered:
        content = json.dumps(message).encode() if message is not None else body
        try:
            answer = await jp_fetch(
                "gemfiles",
                "api",
                *route.split("/"),
                method=method,
                body=content,
                params=[(name, each) for name, value in params.items() for each in _several(value)],
                allow_nonstandard_methods=True,
            )
        except HTTPClientError as error:
            if error.response is None:  # none came
                raise
            answer = error.response
        return Answered(answer.code, (answer.body or b"").decode())

    return fetch


def _several(value: object) -> list[object]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


Until = Callable[..., Awaitable[Any]]


@pytest.fixture
def until() -> Until:
    """Ask again until an answer is what is waited for."""

    async def wait(look: Callable[[], Awaitable[Any]], seconds: float = 15.0) -> Any:
        end = time.monotonic() + seconds
        while not (found := await look()):
            assert time.monotonic() < end, "it never came"
            await asyncio.sleep(0.05)
        return found

    return wait


@pytest.fixture
def transfer(ask: Ask, until: Until) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Wait until a transfer is in one of some phases, and return it."""

    async def wait(id: str, *phases: str) -> dict[str, Any]:  # noqa: A002
        async def look() -> dict[str, Any] | None:
            rows = (await ask("GET", "transfers")).json["transfers"]
            return next((row for row in rows if row["id"] == id and row["phase"] in phases), None)

        found: dict[str, Any] = await until(look)
        return found

    return wait
