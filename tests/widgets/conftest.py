"""A page at a kernel: what a browser's half of a widget says and hears, over a real kernel's messages."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client import BlockingKernelClient

from gemfiles_jupyter.offline.testing import OfflineServer

from ..magics.kernels import SECONDS, running_client

SLICE = 1024 * 1024


class Page:
    """A page that shows widgets: it knows their state, asks, and hears."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self._client = client
        self.states: dict[str, dict[str, Any]] = {}
        self.heard: list[tuple[str, dict[str, Any], list[bytes]]] = []
        self._count = 0

    def run(self, code: str) -> dict[str, str]:
        """Run a cell; return what it prints as ``text``, and what it shows by MIME type."""
        shown: dict[str, Any] = {"text": ""}
        request = self._client.execute(code)
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            message = self._next()
            content = message["content"]
            if message["parent_header"].get("msg_id") != request:
                continue
            kind = message["msg_type"]
            if kind == "stream":
                shown["text"] += content["text"]
            elif kind in ("execute_result", "display_data"):
                shown.update(content["data"])
            elif kind == "error":
                shown["error"] = f"{content['ename']}: {content['evalue']}"
            elif kind == "status" and content["execution_state"] == "idle":
                self._client.get_shell_msg(timeout=SECONDS)
                return shown
        raise AssertionError(f"the cell does not end: {code}")

    def run_until(self, code: str, printed: str) -> None:
        """Run a cell until it prints that: what comes is let in after a cell, and never while one runs."""
        end = time.monotonic() + SECONDS
        while (said := self.run(code)["text"]) != f"{printed}\n":
            assert time.monotonic() < end, f"{code} prints {said!r}"

    def open(self, code: str) -> str:
        """Run a cell that shows a widget of ours; return its id."""
        shown: Any = self.run(code)
        assert "error" not in shown, shown
        return str(shown["application/vnd.jupyter.widget-view+json"]["model_id"])

    def send(self, widget: str, content: dict[str, Any], *buffers: bytes) -> None:
        """Send a custom message to a widget."""
        session = self._client.session
        data = {"method": "custom", "content": content}
        message = session.msg("comm_msg", {"comm_id": widget, "data": data})
        session.send(self._client.shell_channel.socket, message, buffers=list(buffers))

    def ask(
        self, widget: str, method: str, path: str, body: object = None, *buffers: bytes
    ) -> tuple[int, Any]:
        """Ask as the panel does, and return status and answer."""
        self._count += 1
        request = {"kind": "request", "id": self._count, "method": method, "path": path, "body": body}
        self.send(widget, request, *buffers)
        answer = self.hear(widget, lambda content: content.get("id") == request["id"] and "status" in content)
        return answer["status"], answer["body"]

    def hear(self, widget: str, is_wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait for a message of a widget."""
        return self.hear_with_bytes(widget, is_wanted)[0]

    def hear_with_bytes(
        self, widget: str, is_wanted: Callable[[dict[str, Any]], bool]
    ) -> tuple[dict[str, Any], list[bytes]]:
        """Wait for a message of a widget, and return its buffers, too."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            for position, (sender, content, buffers) in enumerate(self.heard):
                if sender == widget and is_wanted(content):
                    del self.heard[position]
                    return content, buffers
            self._next()
        raise AssertionError("the kernel did not say that")

    def upload(self, widget: str, name: str, data: bytes) -> str:
        """Hand a file over as the browser does, and return the transfer's id."""
        opened = self.ask(widget, "POST", "uploads", {"name": name, "size": len(data), "lastModified": 1})
        assert opened[0] == 200, opened
        upload, offset = opened[1]["id"], opened[1]["offset"]
        while offset < len(data):
            path = f"uploads/{upload}?offset={offset}"
            status, answer = self.ask(widget, "PUT", path, None, data[offset : offset + SLICE])
            assert status == 200, answer
            offset = answer["offset"]
        return str(upload)

    def arrival(self, widget: str, transfer: str) -> dict[str, Any]:
        """Wait until a transfer is done, and return its row."""

        def row(content: dict[str, Any]) -> dict[str, Any] | None:
            rows = content.get("event", {}).get("transfers", ())
            return next((row for row in rows if row["id"] == transfer and row["phase"] == "done"), None)

        found = row(self.hear(widget, lambda content: row(content) is not None))
        assert found is not None
        return found

    def _next(self) -> Any:
        message = self._client.get_iopub_msg(timeout=SECONDS)
        content = message["content"]
        if message["msg_type"] == "comm_open":
            self.states[content["comm_id"]] = content["data"]["state"]
        elif message["msg_type"] == "comm_msg" and content["data"].get("method") == "custom":
            buffers = [bytes(buffer) for buffer in message["buffers"]]
            self.heard.append((content["comm_id"], content["data"]["content"], buffers))
        return message


@pytest.fixture
def page(tmp_path: Path, server: OfflineServer) -> Iterator[Page]:
    """A page at a kernel whose service is the offline server."""
    environ = {
        "GEMFILES_HOME": str(tmp_path / "home"),
        "GOOGLE_GEMINI_BASE_URL": server.address,
        "GOOGLE_API_KEY": server.key,
    }
    with running_client(tmp_path, **environ) as client:
        page = Page(client)
        page.run("import gemfiles_jupyter as gf")
        yield page


def size_of(state: dict[str, Any]) -> int:
    """Return how much a saved notebook would hold of a widget's state."""
    return len(json.dumps(state))
