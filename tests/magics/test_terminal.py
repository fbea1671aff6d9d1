"""IPython in a real terminal: one moving line, one result, no escape sequences in what stays."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from gemfiles_jupyter.offline.testing import OfflineServer

pexpect = pytest.importorskip("pexpect", reason="needs a terminal", exc_type=ImportError)


def test_a_line_moves_and_the_result_is_shown_once(
    at_server: OfflineServer, media: Path, tmp_path: Path
) -> None:
    at_server.set(processing_seconds=2.0)
    shutil.copy(media / "lecture.mp4", tmp_path)
    environ = {**os.environ, "TERM": "xterm", "IPYTHONDIR": str(tmp_path / "ipython")}
    command = ["-m", "IPython", "--no-banner", "--colors=NoColor", "--simple-prompt"]
    with pexpect.spawn(
        sys.executable, command, env=environ, cwd=tmp_path, encoding="utf-8", timeout=60, dimensions=(40, 160)
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
