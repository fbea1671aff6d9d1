"""A user's folder, and the command in it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gemfiles_jupyter.offline import launcher
from gemfiles_jupyter.offline.testing import OfflineServer

from .running import GEMFILES, Run, lines_of


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the user's with two notes."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("The tide turns at noon.")
    (tmp_path / "plan.txt").write_text("Leave before the tide.")
    return tmp_path


@pytest.fixture
def gemfiles(here: Path) -> Run:
    """Run the command in the user's folder, as the environment says."""

    def run(*arguments: str, stdin: str | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [GEMFILES, *arguments],
            cwd=here,
            env={**os.environ, **variables},
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def notes(gemfiles: Run, at_server: OfflineServer) -> str:
    """The name of a stored file."""
    assert at_server.address
    (uploaded,) = lines_of(gemfiles("upload", "notes.txt", "--json"))
    return str(uploaded["name"])


@pytest.fixture
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home without a server, which is stopped in the end."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("GEMFILES_HOME", str(folder))
    yield folder
    launcher.stop(folder)
