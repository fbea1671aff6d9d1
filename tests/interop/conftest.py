"""Starts the other clients: programs that take one call a line and answer with what their client returned."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest

from gemfiles_jupyter.offline.testing import OfflineServer

HERE = Path(__file__).parent
INSTALL_SECONDS = 600


class ClientError(Exception):
    """The client raised an error; its message is what its user sees."""


class OtherClient:
    """A program that calls a public client of the Files API."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __call__(self, call: str, **given: Any) -> Any:
        """Have the client do something; return what it returned."""
        assert self._process.stdin is not None, "it is a pipe"
        assert self._process.stdout is not None, "it is a pipe"
        self._process.stdin.write(json.dumps({"call": call, **given}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the client ended with {self._process.wait()}"
        answer = json.loads(line)
        if "error" in answer:
            raise ClientError(answer["error"])
        return answer["result"]


def needed(program: str) -> str:
    """Return the path of a program, or skip the test."""
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path


def install(command: list[str], folder: Path) -> None:
    """Run an installer."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def javascript(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The JavaScript clients, installed outside of the repository."""
    needed("node")
    folder = tmp_path_factory.mktemp("javascript") / "js"
    shutil.copytree(HERE / "js", folder, ignore=shutil.ignore_patterns("node_modules"))
    install([needed("npm"), "ci", "--ignore-scripts"], folder)
    return folder


@pytest.fixture(scope="session")
def go(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Go client, built."""
    program = tmp_path_factory.mktemp("go") / "client"
    # Without optimisation and symbols, as a first build takes a minute even so.
    flags = ["-mod=readonly", "-gcflags=all=-N -l", "-ldflags=-s -w"]
    install([needed("go"), "build", *flags, "-o", str(program), "."], HERE / "go")
    return program


@pytest.fixture(scope="session")
def start_client(request: pytest.FixtureRequest) -> Iterator[Callable[[str, OfflineServer], OtherClient]]:
    """Start clients by name; each runs until the end of the session."""
    started: dict[str, OtherClient] = {}

    def command(name: str) -> list[str]:
        kind, _, program = name.partition("/")
        if kind == "go":
            return [str(request.getfixturevalue("go"))]
        if kind == "js":
            return [needed("node"), str(request.getfixturevalue("javascript") / program)]
        package = program.removesuffix("_client.py").replace("_", "-")
        try:
            version(package)
        except PackageNotFoundError:
            pytest.skip(f"{package} is not installed: pip install '.[interop]'")
        return [sys.executable, str(HERE / name)]

    with ExitStack() as running:

        def start(name: str, server: OfflineServer) -> OtherClient:
            if name not in started:
                process = subprocess.Popen(
                    command(name),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    env={**os.environ, "GEMINI_ADDRESS": server.address, "GEMINI_KEY": server.key},
                )
                running.enter_context(process)  # closes its stdin, which ends it, and waits
                started[name] = OtherClient(process)
            return started[name]

        yield start


@pytest.fixture
def stored(server: OfflineServer) -> Callable[[str], dict[str, Any]]:
    """What the server says of a file, asked without any client."""

    def stored(name: str) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{server.address}/v1beta/{name}", headers={"x-goog-api-key": server.key}
        )
        with urllib.request.urlopen(request) as answer:
            file: dict[str, Any] = json.load(answer)
        return file

    return stored
