"""``gemfiles upload`` of sources that are elsewhere; ``remote_run.py --mib 1024`` is the whole of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("remote_run.py")


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_the_command_line_sends_what_is_elsewhere_in_constant_memory() -> None:
    command = [sys.executable, str(SCRIPT), "--mib", "96"]

    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)

    assert run.returncode == 0, run.stdout + run.stderr
    assert [json.loads(line)["address"].partition("://")[0] for line in run.stdout.splitlines()] == [
        *["https"] * 3,
        "s3",
        "zip",
        "memory",
    ]
