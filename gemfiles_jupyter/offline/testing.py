"""``OfflineServer``: a Files API for tests, with a clock to move and faults to script.

with OfflineServer() as server:
    server.fail_next("data", status=503)
    client = genai.Client(api_key=server.key, http_options={"base_url": server.address})
"""

from __future__ import annotations

import base64
import json
import secrets
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from .launcher import OfflineServerError, child_environment
from .runtime import CONTROL_PATH

DEFAULT_KEY = "offline-test-key"
_CONTROL_SECONDS = 30.0
_STOP_SECONDS = 10.0


class OfflineServer:
    """An offline server in a process of its own, for as long as the ``with`` block lasts.

    Parameters
    ----------
    data
        The data folder; a temporary one by default.
    processing_seconds
        How long a video stays PROCESSING.
    key
        The key that tests use.  Any other works too, and sees other files.
    port
        The port; by default any free one.
    """

    def __init__(
        self,
        data: Path | None = None,
        *,
        processing_seconds: float = 0.0,
        key: str = DEFAULT_KEY,
        port: int = 0,
    ) -> None:
        self.address = ""
        self.key = key
        self.processing_seconds = processing_seconds
        self._given_data = data
        self._port = port
        self._token = secrets.token_hex(16)
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        # Control calls go to this machine, whatever proxies the environment names.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    # Running it

    def start(self) -> OfflineServer:
        """Start the process and wait until it answers."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="gemfiles-offline-", ignore_cleanup_errors=True)
        command = [sys.executable, "-m", "gemfiles_jupyter.offline", "--data", str(self.data)]
        command += ["--port", str(self._port), "--control", self._token]
        command += ["--processing-seconds", str(self.processing_seconds)]
        log = Path(self._folder.name) / "server.log"
        with log.open("ab") as stderr:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=self._folder.name,
                env=child_environment(),
            )
        assert self._process.stdout is not None, "it is a pipe"
        self.address = self._process.stdout.readline().decode().strip()
        if not self.address:
            reason = self.log()
            self.close()
            raise OfflineServerError(f"The offline server did not start.\n{reason}")
        # A restart comes back to the same address, as tests of reconnecting need it.
        self._port = int(self.address.rpartition(":")[2])
        return self

    def stop(self) -> int:
        """Stop the process in good order; return its exit code."""
        if self._process is None:
            return 0
        self._process.terminate()
        return self._end()

    def kill(self) -> None:
        """Kill the process at once, as a crash or a power cut would (SIGKILL)."""
        if self._process is not None:
            self._process.kill()
            self._end()

    def close(self) -> None:
        """Stop the process and remove what is temporary."""
        self.stop()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def restart(self) -> OfflineServer:
        """Start again on the same data and port; stop it first if it still runs."""
        self.stop()
        return self.start()

    @property
    def data(self) -> Path:
        """The data folder."""
        if self._given_data is not None:
            return self._given_data
        assert self._folder is not None, "the server was started"
        return Path(self._folder.name) / "data"

    @property
    def pid(self) -> int:
        """The process id while it runs."""
        assert self._process is not None, "the server runs"
        return self._process.pid

    def log(self) -> str:
        """Return what the process wrote to stderr."""
        if self._folder is None:
            return ""
        return (Path(self._folder.name) / "server.log").read_text(encoding="utf-8", errors="replace")

    def __enter__(self) -> OfflineServer:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Time and limits

    def reset(self) -> None:
        """Forget files, sessions, faults and requests; set clock and limits back."""
        self._control("POST", "reset")

    def advance(self, seconds: float) -> None:
        """Move the server's clock."""
        self._control("POST", "advance", {"seconds": seconds})

    def set(
        self,
        *,
        processing_seconds: float | None = None,
        ttl_seconds: float | None = None,
        quota_bytes: int | None = None,
        max_file_bytes: int | None = None,
        header_seconds: float | None = None,
        body_idle_seconds: float | None = None,
        idle_connection_seconds: float | None = None,
        processing_outcome: Literal["inspect", "active", "failed"] | None = None,
        accepted_keys: list[str] | None = None,
    ) -> None:
        """Change limits from now on; :meth:`reset` sets them back.

        `processing_outcome` decides what becomes of videos; ``inspect`` looks into them.
        Keys other than `accepted_keys` are refused as not valid; an empty list takes any.
        """
        settings = {
            "processing_seconds": processing_seconds,
            "ttl_seconds": ttl_seconds,
            "quota_bytes": quota_bytes,
            "max_file_bytes": max_file_bytes,
            "header_seconds": header_seconds,
            "body_idle_seconds": body_idle_seconds,
            "idle_connection_seconds": idle_connection_seconds,
            "processing_outcome": processing_outcome,
            "accepted_keys": accepted_keys,
        }
        given = {name: value for name, value in settings.items() if value is not None}
        self._control("POST", "settings", given)

    def add_generated(self, content: bytes, mime_type: str, *, display_name: str = "") -> str:
        """Make a file such as a model makes, which can be downloaded; return its name."""
        data = base64.b64encode(content).decode()
        message = {"data": data, "mimeType": mime_type, "displayName": display_name, "key": self.key}
        return str(self._control("POST", "generated", message)["name"])

    # Faults

    def faults(self, *faults: dict[str, Any]) -> None:
        """Plan faults, each given by the fields of :class:`~.faults.Fault`."""
        if faults:
            self._control("POST", "faults", {"faults": list(faults)})

    def clear_faults(self) -> None:
        """Forget the planned faults."""
        self._control("POST", "faults", {"faults": []})

    def fail_next(
        self,
        plane: str,
        *,
        action: str | None = None,
        status: int = 503,
        nth: int = 1,
        count: int = 1,
        retry_after: float | str | None = None,
        upload_status: str | None = None,
        body: str = "",
        content_type: str = "text/plain",
        keep_bytes: int | None = None,
        reset: bool = False,
        delay_seconds: float | None = None,
    ) -> None:
        """Plan one fault.

        By default the request is answered with `status` and not processed.
        `keep_bytes` keeps so much of its body and closes the connection,
        `delay_seconds` waits first; other actions are named by `action`, see
        :class:`~.faults.Fault`.
        """
        if action is None:
            action = "keep" if keep_bytes is not None else "delay" if delay_seconds is not None else "answer"
        self.faults(
            {
                "plane": plane,
                "action": action,
                "status": status,
                "nth": nth,
                "count": count,
                "headers": {} if retry_after is None else {"Retry-After": str(retry_after)},
                "upload_status": upload_status,
                "body": body,
                "content_type": content_type,
                "keep_bytes": keep_bytes or 0,
                "reset": reset,
                "delay_seconds": delay_seconds or 0.0,
            }
        )

    def fired(self) -> list[int]:
        """Return how often each planned fault fired, in the order of planning."""
        return [fault["fired"] for fault in self._control("GET", "faults")["faults"]]

    def all_fired(self) -> bool:
        """Tell whether every planned fault fired as often as planned."""
        faults = self._control("GET", "faults")["faults"]
        return all(fault["fired"] == fault["count"] for fault in faults)

    # Requests

    def requests(self) -> list[dict[str, Any]]:
        """Return the requests since the start or :meth:`clear_requests`, oldest first, without secrets.

        Each has method, path, status (0: no answer was sent), received_bytes, command, offset, key
        (a fingerprint), planes, fault and seconds.
        """
        requests: list[dict[str, Any]] = self._control("GET", "requests")["requests"]
        return [request for request in requests if not request["path"].startswith(CONTROL_PATH)]

    def clear_requests(self) -> None:
        """Forget the requests so far."""
        self._control("POST", "clear-requests")

    def _control(self, method: str, action: str, message: dict[str, Any] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - our own address
            f"{self.address}{CONTROL_PATH}{action}",
            data=json.dumps(message or {}).encode() if method == "POST" else None,
            headers={"X-Control-Token": self._token, "Content-Type": "application/json"},
            method=method,
        )
        try:
            with self._opener.open(request, timeout=_CONTROL_SECONDS) as answer:
                content: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                problem = json.load(error)
            raise ValueError(problem["error"]["message"]) from error
        return content

    def _end(self) -> int:
        assert self._process is not None, "called while there is a process"
        try:
            code = self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None
        return code
