"""IPython in a real terminal: one moving line, one result, no escape sequences in what stays."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from gemfiles_jupyter.offline.testing import OfflineServer

from .kernels import PYTHON

pexpect = pytest.importorskip("pexpect", reason="needs a terminal", exc_type=ImportError)


def test_a_line_moves_and_the_result_is_shown_once(
    at_server: OfflineServer, media: Path, tmp_path: Path
) -> None:
    at_server.set(processing_seconds=2.0)
    shutil.copy(media / "lecture.mp4", tmp_path)
    environ = {**os.environ, "TERM": "xterm", "IPYTHONDIR": str(tmp_path / "ipython")}
    command = ["-m", "IPython", "--no-banner", "--colors=NoColor", "--simple-prompt"]
    with pexpect.spawn(
        PYTHON, command, env=environ, cwd=tmp_path, encoding="utf-8", timeout=60, dimensions=(40, 160)
    ) as terminal:
        terminal.expect_exact("In [1]: ")
        terminal.sendline("%load_ext gemfiles_jupyter")
        terminal.expect_exact("In [2]: ")
        terminal.sendline("%gemupload lecture.mp4")
        terminal.expect_exact("In [3]: ")
        shown = terminal.before
        terminal.sendline("_.display_name")
        terminal.expect_exact("In [4]: ")
        kept = terminal.before
        terminal.sendline("exit")
        terminal.expect(pexpect.EOF)

    assert "uploaded, processing 0:01" in shown
    assert shown.count("✓ lecture.mp4 · video/mp4") == 1
    assert shown.count("\r\x1b[2K") >= 3, "it moves in place"
    assert "'lecture.mp4'" in kept


def test_a_pipe_is_never_asked(at_server: OfflineServer, tmp_path: Path) -> None:
    assert at_server.address
    (tmp_path / "a.txt").write_text("a")
    lines = ["%load_ext gemfiles_jupyter", "%gemupload a.txt -q", "%gemfiles rm --all", "y", "%gemfiles ls"]

    run = subprocess.run(
        [PYTHON, "-m", "IPython", "--no-banner", "--colors=NoColor", "--simple-prompt"],
        input="\n".join(lines) + "\n",
        env={**os.environ, "IPYTHONDIR": str(tmp_path / "ipython")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )

    assert "InvalidUsage: This deletes 1 file, 1 B: a.txt. Add -y to say that you mean it." in run.stdout
    assert "1 file, 1 B" in run.stdout.rpartition("InvalidUsage")[2].rpartition("a.txt")[2]
