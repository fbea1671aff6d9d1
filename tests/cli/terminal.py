"""A command in a real terminal: tmux draws what a person would see."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from .running import GEMFILES

COLUMNS, LINES = 110, 60
# The shell says at the end how the command ended, and stays, so that there is a screen to look at.
SHELL_LINE = 'trap : INT; {}; echo "[exit code $?]"; exec sleep 600'
ENDED = re.compile(r"\n?\[exit code (\d+)\]\Z")
LOOK_SECONDS = 0.1
PATIENCE_SECONDS = 60.0


class Terminal:
    """One command in a terminal of its own, from start to end.

    Parameters
    ----------
    line
        For the shell.
    folder
        Where it runs; the environment is that of the test.
    """

    def __init__(self, line: str, folder: Path) -> None:
        # Not below the test's own folder: the path of a socket may only be so long.
        self._place = Path(tempfile.mkdtemp(prefix="tmux-"))
        start = ["-f", os.devnull, "new-session", "-d", "-x", str(COLUMNS), "-y", str(LINES)]
        path = f"{GEMFILES.parent}{os.pathsep}{os.environ['PATH']}"
        self._tmux(
            *start, "-c", str(folder), SHELL_LINE.format(line), PATH=path, LC_ALL="C.UTF-8", SHELL="/bin/sh"
        )

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tmux("kill-server")
        shutil.rmtree(self._place)

    @property
    def screen(self) -> str:
        """What is to be seen of the command, lines that were broken as one."""
        return ENDED.sub("", self._all())

    def wait_for(self, text: str) -> None:
        """Wait until a text is to be seen."""
        self._wait_until(lambda: text in self._all())

    def press(self, *keys: str) -> None:
        """Press keys, by tmux's names for them, or type texts."""
        self._tmux("send-keys", *keys)

    def end(self) -> int:
        """Wait until the command has ended, and return its exit code."""
        self._wait_until(lambda: ENDED.search(self._all()) is not None)
        ended = ENDED.search(self._all())
        assert ended is not None
        return int(ended[1])

    def _all(self) -> str:
        return self._tmux("capture-pane", "-p", "-J", "-S", "-").rstrip()

    def _wait_until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            assert time.monotonic() < deadline, self._all()
            time.sleep(LOOK_SECONDS)

    def _tmux(self, *arguments: str, **variables: str) -> str:
        command = ["tmux", "-u", "-S", str(self._place / "socket"), *arguments]
        environ = {**os.environ, **variables}
        environ.pop("TMUX", None)
        run = subprocess.run(
            command, env=environ, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True
        )
        return run.stdout
