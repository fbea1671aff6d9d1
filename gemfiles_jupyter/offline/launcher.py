"""Finds the user's offline server, starts it when it does not run, stops it.

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

from .locks import ProcessLock
from .runtime import IDENTITY_PATH, SERVER_NAME, Runtime, private_folder

START_SECONDS = 15.0
STOP_SECONDS = 8.0
IDLE_MINUTES = 30
_POLL_SECONDS = 0.02
_ANSWER_SECONDS = 2.0
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


def find(home: Path) -> RunningServer | None:
    """Return the server that runs for this home folder; None when none answers."""
    runtime = Runtime.read(_folder(home) / "server.json")
    if runtime is None or not _answers(runtime):
        return None
    return RunningServer(runtime.address, runtime.key, runtime.pid, Path(runtime.data))


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
    if runtime is None or not _answers(runtime):
        return False
    os.kill(runtime.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while _answers(runtime) or (_folder(home) / "server.json").exists():
        if time.monotonic() > deadline:
            raise OfflineServerError(f"The offline server (process {runtime.pid}) does not stop.")
        time.sleep(_POLL_SECONDS)
    return True


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


def _answers(runtime: Runtime) -> bool:
    """Tell whether the very server that wrote the runtime file listens at its address.

    A bare socket: it is several times quicker than importing an HTTP client,
    and knows nothing of proxies.
    """
    host, _, port = runtime.address.removeprefix("http://").rpartition(":")
    request = f"GET {IDENTITY_PATH} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=_ANSWER_SECONDS) as connection:
            connection.sendall(request.encode("ascii"))
            answer = b"".join(iter(lambda: connection.recv(4096), b""))
        identity = json.loads(answer.partition(b"\r\n\r\n")[2])
        return bool(identity["server"] == SERVER_NAME and identity["instance"] == runtime.instance)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _last_lines(log: Path, count: int = 8) -> str:
    try:
        return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])
    except OSError:
        return ""
