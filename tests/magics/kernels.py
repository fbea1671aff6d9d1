"""Real kernels: which Python runs them, and one that can be typed at and asked for completions."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client import AsyncKernelManager, BlockingKernelClient, KernelManager
from jupyter_client.kernelspec import KernelSpec

# Another environment's Python, such as one with the versions that Colab has; the package is installed there.
PYTHON = os.environ.get("GEMFILES_TEST_PYTHON", sys.executable)
# What a cell begins with that is to be interrupted as soon as the service has a part of a file.
INTERRUPT_ONCE_SENT = """
import os, signal, threading, time
from gemfiles_jupyter.transfers.journal import user_journal
def stop():
    while not any(entry.is_mine and entry.sent for entry in user_journal().entries(is_open=True)):
        time.sleep(0.02)
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=stop, daemon=True).start()
"""
SECONDS = 60
TERMINAL_COLOURS = re.compile(r"\x1b\[[0-9;]*m")

_SPEC = KernelSpec(
    argv=[PYTHON, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
    display_name="test",
    language="python",
)


def tested_environ(**more: str) -> dict[str, str]:
    """Return the environment of a kernel: commands of cells are those of its own installation."""
    path = os.pathsep.join([str(Path(PYTHON).parent), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path, **more}


class TestedKernels(AsyncKernelManager):
    """Kernels of the tested environment, for nbclient."""

    __test__ = False

    @property
    def kernel_spec(self) -> KernelSpec:
        return _SPEC


class _TestedKernel(KernelManager):
    @property
    def kernel_spec(self) -> KernelSpec:
        return _SPEC


@dataclass
class Said:
    """What one cell said: its outputs as text, its error, and what it asked."""

    text: str = ""
    error: str = ""
    asked: list[str] = field(default_factory=list)
    messages: list[Any] = field(default_factory=list)


class Kernel:
    """A kernel with a user at it, who answers questions and presses Tab."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self._client = client

    def run(self, code: str, *answers: str) -> Said:
        """Run a cell, and type these answers when it asks."""
        said, left = Said(), list(answers)

        def on_output(message: Any) -> None:
            said.messages.append(message)
            content = message["content"]
            if message["msg_type"] == "error":
                said.error = TERMINAL_COLOURS.sub("", "\n".join(content["traceback"]))
            elif message["msg_type"] == "stream":
                said.text += content["text"]
            elif message["msg_type"] in ("execute_result", "display_data", "update_display_data"):
                said.text += content["data"].get("text/plain", "") + "\n"

        def on_question(message: Any) -> None:
            said.asked.append(message["content"]["prompt"])
            self._client.input(left.pop(0))

        reply = self._client.execute_interactive(
            code,
            output_hook=on_output,
            stdin_hook=on_question,
            allow_stdin=bool(answers),
            timeout=SECONDS,
            stop_on_error=False,  # else ipykernel 6 drops what comes right after a cell that failed
        )
        for payload in reply["content"].get("payload", ()):  # what `?` shows in a pager
            said.text += payload.get("data", {}).get("text/plain", "")
        return said

    def complete(self, code: str) -> list[str]:
        """Press Tab at ``|`` of a cell, else at its end; return the cell as it would be with each offer."""
        before, _, after = code.rpartition("|") if "|" in code else (code, "", "")
        reply = self._client.complete(before + after, len(before), reply=True, timeout=SECONDS)
        content = reply["content"]
        start, end = content["cursor_start"], content["cursor_end"]
        text = before + after
        return [text[:start] + match + text[end:] for match in content["matches"]]


StartKernel = Callable[..., Kernel]


@contextmanager
def running_kernel(folder: Path, **environ: str) -> Iterator[Kernel]:
    """Run a kernel in a folder, with a user at it."""
    with running_client(folder, **environ) as client:
        yield Kernel(client)


@contextmanager
def running_client(folder: Path, **environ: str) -> Iterator[BlockingKernelClient]:
    """Run a kernel in a folder."""
    manager = _TestedKernel()
    manager.start_kernel(cwd=str(folder), env=tested_environ(**environ))
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(SECONDS)
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
