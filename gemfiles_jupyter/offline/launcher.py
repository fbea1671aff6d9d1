"""Finds the user's offline server, starts it when it does not run, stops it, moves its clock, empties it.

Standard library only and quick to import: every first use without a key comes
through here.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import sysconfig
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .locks import ProcessLock
from .runtime import CONTROL_PATH, IDENTITY_PATH, SERVER_NAME, Runtime, private_folder

START_SECONDS = 15.0
STOP_SECONDS = 8.0
IDLE_MINUTES = 30
_POLL_SECONDS = 0.02
_ANSWER_SECONDS = 2.0
_CONTROL_SECONDS = 30.0
_REAL_KEYS = ("GOOGLE_API_KEY", "GEMINI_API_KEY")


class OfflineServerError(RuntimeError):
    """The offline server could not be started or stopped; the text says why."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A live offline server of this user."""

    address: str
    key: str = field(repr=False)
    pid: int
    data: Path
    clock_ahead_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class MovedClock:
    """How far the clock of a server is ahead now, and how many files expired on the way."""

    ahead_seconds: float
    expired_files: int


def find(home: Path) -> RunningServer | None:
    """Return the server that runs for this home folder; None when none answers."""
    runtime = Runtime.read(_folder(home) / "server.json")
    identity = None if runtime is None else _identity(runtime)
    if runtime is None or identity is None:
        return None
    return RunningServer(
        address=runtime.address,
        key=runtime.key,
        pid=runtime.pid,
        data=Path(runtime.data),
        clock_ahead_seconds=float(identity.get("clockAheadSeconds", 0.0)),
    )


def ensure(home: Path, *, processing_seconds: float | None = None) -> RunningServer:
    """Return the server of this home folder, started if need be.

    Any number of processes may call this at once; one server is started.

    Raises
    ------
    OfflineServerError
        It did not answer in time; the text ends with the last lines of its log.
    """
    running = find(home)
    if running is not None:
        return running
    folder = private_folder(_folder(home))
    with ProcessLock(folder / "start.lock"):
        return find(home) or _start(home, folder, processing_seconds)


def stop(home: Path) -> bool:
    """Stop the server of this home folder; False when none ran."""
    runtime = Runtime.read(_folder(home) / "server.json")
    if runtime is None or _identity(runtime) is None:
        return False
    os.kill(runtime.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while _identity(runtime) is not None or (_folder(home) / "server.json").exists():
        if time.monotonic() > deadline:
            raise OfflineServerError(f"The offline server (process {runtime.pid}) does not stop.")
        time.sleep(_POLL_SECONDS)
    return True


def advance(home: Path, seconds: float) -> MovedClock:
    """Move the clock of this home folder's server, which is started if need be; negative moves it back.

    Raises
    ------
    ValueError
        The server refuses to go that far.
    OfflineServerError
        It does not start, or it does not take orders.
    """
    answer = _control(home, "advance", {"seconds": seconds})
    return MovedClock(float(answer["clockAheadSeconds"]), int(answer["expiredFiles"]))


def reset(home: Path) -> int:
    """Empty the server of this home folder and set its clock right; return how many files are gone.

    Raises
    ------
    OfflineServerError
        It does not start, or it does not take orders.
    """
    return int(_control(home, "reset", {})["removedFiles"])


def _folder(home: Path) -> Path:
    return home / "offline"


def _start(home: Path, folder: Path, processing_seconds: float | None) -> RunningServer:
    log = folder / "server.log"
    command = [sys.executable, "-m", "gemfiles_jupyter.offline"]
    command += ["--data", str(folder / "data"), "--runtime", str(folder / "server.json")]
    command += ["--idle-minutes", str(IDLE_MINUTES)]
    if processing_seconds is not None:
        command += ["--processing-seconds", str(processing_seconds)]
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            cwd=folder,
            env=child_environment(),
            start_new_session=True,
        )
    finally:
        os.close(descriptor)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        running = find(home)
        if running is not None:
            _let_go(process)
            return running
        if process.poll() is not None:
            break
        time.sleep(_POLL_SECONDS)
    with contextlib.suppress(OSError):
        process.kill()
    process.wait()
    raise OfflineServerError(f"The offline server did not start.\n{_last_lines(log)}")


def child_environment() -> dict[str, str]:
    """Return the environment of a server process: this one without real keys."""
    environment = {name: value for name, value in os.environ.items() if name not in _REAL_KEYS}
    root = Path(__file__).resolve().parents[2]
    installed = {Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib")}
    if root not in installed:
        # Run from a checkout: the child would not find the package by itself.
        paths = [str(root), environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    return environment


def _let_go(process: subprocess.Popen[bytes]) -> None:
    """Leave the server alone, but collect it when it ends while we still live: else it stays a zombie."""
    threading.Thread(target=process.wait, name="offline-server-ends", daemon=True).start()


def _identity(runtime: Runtime) -> dict[str, Any] | None:
    """Return what the very server that wrote the runtime file says of itself; None when it is not there."""
    try:
        _, identity = _exchange(runtime, "GET", IDENTITY_PATH, seconds=_ANSWER_SECONDS)
        is_ours = identity["server"] == SERVER_NAME and identity["instance"] == runtime.instance
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return identity if is_ours else None


def _control(home: Path, action: str, message: dict[str, Any]) -> dict[str, Any]:
    """Have the owner's server do something, by the token that lies beside its key."""
    ensure(home)
    runtime = Runtime.read(_folder(home) / "server.json")
    if runtime is None or not runtime.owner_token:
        raise OfflineServerError(
            "The offline server that runs is of an older version: stop it, it starts again by itself."
        )
    try:
        status, answer = _exchange(
            runtime, "POST", CONTROL_PATH + action, message, runtime.owner_token, seconds=_CONTROL_SECONDS
        )
    except (OSError, ValueError, LookupError) as error:
        # The request that failed holds the token: it has no place in a traceback.
        raise OfflineServerError(f"The offline server did not answer: {error}") from None
    if status == 400:
        raise ValueError(answer["error"]["message"])
    if status != 200:
        raise OfflineServerError(f"The offline server refuses: {answer['error']['message']}")
    return answer


def _exchange(
    runtime: Runtime,
    method: str,
    path: str,
    message: dict[str, Any] | None = None,
    token: str = "",
    *,
    seconds: float,
) -> tuple[int, dict[str, Any]]:
    """Send one request; return the status and the JSON of its answer.

    A bare socket: it is several times quicker than importing an HTTP client,
    and knows nothing of proxies.
    """
    host, _, port = runtime.address.removeprefix("http://").rpartition(":")
    body = b"" if message is None else json.dumps(message).encode()
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}:{port}", "Connection: close"]
    lines += [f"Content-Length: {len(body)}"] if body else []
    lines += [f"X-Control-Token: {token}"] if token else []
    head = "".join(f"{line}\r\n" for line in lines)
    with socket.create_connection((host.strip("[]"), int(port)), timeout=seconds) as connection:
        connection.sendall(f"{head}\r\n".encode("ascii") + body)
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    start, _, content = answer.partition(b"\r\n\r\n")
    return int(start.split()[1]), json.loads(content)


def _last_lines(log: Path, count: int = 8) -> str:
    try:
        return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])
    except OSError:
        return ""
