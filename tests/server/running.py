"""A Jupyter server in a process of its own, with the extension; and what its pages hear of."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import requests
import websocket

from gemfiles_jupyter.offline.testing import OfflineServer

TOKEN = "server-test-token"
START_SECONDS = 60.0
SCHEMA = "https://gemfiles-jupyter.readthedocs.io/events/state/v1"


class RunningJupyter:
    """A Jupyter server, for as long as the ``with`` block lasts.

    Parameters
    ----------
    folder
        Holds its root, its home and its log.
    """

    def __init__(self, folder: Path, offline: OfflineServer) -> None:
        self.root, self.home = folder / "root", folder / "home"
        self.root.mkdir(parents=True, exist_ok=True)
        self.environ = {
            **os.environ,
            "JUPYTER_NO_CONFIG": "1",
            "GEMFILES_HOME": str(self.home),
            "GOOGLE_GEMINI_BASE_URL": offline.address,
            "GOOGLE_API_KEY": offline.key,
        }
        self._log = folder / "jupyter.log"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"token {TOKEN}"
        self.bodies: list[str] = []

    def __enter__(self) -> RunningJupyter:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._session.close()

    def start(self) -> RunningJupyter:
        """Start it, and wait until it answers."""
        command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--log-level=INFO"]
        command += [f"--ServerApp.port={self._port}", "--ServerApp.port_retries=0"]
        command += [f"--ServerApp.root_dir={self.root}", f"--IdentityProvider.token={TOKEN}"]
        command += ["--ServerApp.jpserver_extensions={'gemfiles_jupyter.server': True}"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=self.environ, cwd=self.root)
        end = time.monotonic() + START_SECONDS
        while True:
            with suppress(requests.ConnectionError):
                self._session.get(f"http://127.0.0.1:{self._port}/api/status").raise_for_status()
                return self
            assert self._process.poll() is None, self.log()
            assert time.monotonic() < end, self.log()
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop it in good order."""
        assert self._process is not None, "it was started"
        self._process.terminate()
        self._process.wait(30)

    def kill(self) -> None:
        """Kill it as a crash would."""
        assert self._process is not None, "it was started"
        self._process.kill()
        self._process.wait(30)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return "127.0.0.1", self._port

    def log(self) -> str:
        """Return what it has logged."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def peak_bytes(self) -> int:
        """Return the most memory it has had."""
        assert self._process is not None, "it was started"
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return 1024 * int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0])

    def ask(
        self, method: str, route: str, message: object = None, *, body: Any = None, **params: object
    ) -> requests.Response:
        """Ask a route; what it answers is kept in `bodies`."""
        url = f"http://127.0.0.1:{self._port}/gemfiles/api/{route}"
        answer = self._session.request(
            method, url, json=message, data=body, params=params, timeout=60, allow_redirects=False
        )
        self.bodies.append(answer.text + str(answer.headers))
        return answer

    def transfers(self) -> list[dict[str, Any]]:
        """Return the rows."""
        rows: list[dict[str, Any]] = self.ask("GET", "transfers").json()["transfers"]
        return rows

    def await_transfer(self, id: str, *phases: str) -> dict[str, Any]:  # noqa: A002
        """Wait until a transfer is in one of some phases, and return it."""

        def look() -> dict[str, Any] | None:
            rows = self.transfers()
            return next((row for row in rows if row["id"] == id and row["phase"] in phases), None)

        found: dict[str, Any] = until(look)
        return found

    def listen(self) -> Listener:
        """Listen as a page does."""
        return Listener(f"ws://127.0.0.1:{self._port}/api/events/subscribe")


class Listener:
    """Hears of what changes, in a thread of its own."""

    def __init__(self, url: str) -> None:
        self.heard: list[dict[str, Any]] = []
        self._socket = websocket.create_connection(
            url, header=[f"Authorization: token {TOKEN}"], timeout=60, suppress_origin=True
        )
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Listener:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
        self._thread.join(10)

    def rows(self, label: str) -> list[dict[str, Any]]:
        """Return all that was heard of the transfers of a source, oldest first."""
        told = [event["transfers"] for event in self.heard if event["kind"] == "transfers"]
        return [row for rows in told for row in rows if row["label"] == label]

    def await_row(self, label: str, *phases: str) -> dict[str, Any]:
        """Wait until a transfer is told of in one of some phases, and return it as told last."""

        def look() -> dict[str, Any] | None:
            rows = self.rows(label)
            return rows[-1] if rows and rows[-1]["phase"] in phases else None

        found: dict[str, Any] = until(look)
        return found

    def _run(self) -> None:
        with suppress(websocket.WebSocketException, OSError, ValueError):
            while True:
                event = json.loads(self._socket.recv())
                if event["__schema__" if "__schema__" in event else "schema_id"] == SCHEMA:
                    self.heard.append(event)


def until(look: Callable[[], Any], seconds: float = 30.0) -> Any:
    """Look again until there is what is waited for."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)
    return found
