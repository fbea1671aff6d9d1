"""What a command says when it fails, and with which exit code."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gemfiles_jupyter.offline.testing import OfflineServer

from .running import GEMFILES, Run


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ([], "gemfiles: The following arguments are required: VERB. See gemfiles --help.\n"),
        (["upload"], "gemfiles: The following arguments are required: SOURCE. See gemfiles upload --help.\n"),
        (["ls", "--jsn"], "gemfiles: Unrecognized arguments: --jsn. Did you mean --json?\n"),
        (["rm"], "gemfiles: Say which files, or --all. gemfiles ls shows what is stored.\n"),
    ],
    ids=["no verb", "no source", "misspelt", "nothing to delete"],
)
@pytest.mark.usefixtures("at_server")
def test_a_wrong_line_is_exit_code_2(line: list[str], said: str, gemfiles: Run) -> None:
    run = gemfiles(*line)

    assert (run.returncode, run.stdout, run.stderr) == (2, "", said)


def test_help_is_no_error(gemfiles: Run) -> None:
    run = gemfiles("upload", "--help")

    assert run.returncode == 0
    assert run.stdout.startswith("usage: gemfiles upload")


def test_a_refused_key_is_exit_code_3_and_not_shown(gemfiles: Run, at_server: OfflineServer) -> None:
    at_server.set(accepted_keys=["another"])

    run = gemfiles("ls", GOOGLE_API_KEY="hunter2-hunter2")

    assert run.returncode == 3
    assert run.stderr.startswith("gemfiles: API key not valid.")
    assert "hunter2" not in run.stdout + run.stderr


def test_no_key_where_the_offline_server_is_forbidden_is_exit_code_3(gemfiles: Run) -> None:
    run = gemfiles("ls", GEMFILES_OFFLINE="never")

    assert run.returncode == 3
    assert "GEMFILES_OFFLINE=never" in run.stderr


def test_a_full_storage_is_exit_code_4(gemfiles: Run, at_server: OfflineServer) -> None:
    at_server.set(quota_bytes=10)

    run = gemfiles("upload", "notes.txt")

    assert run.returncode == 4
    assert "gemfiles rm" in run.stderr


def test_a_server_that_is_not_there_is_exit_code_5(gemfiles: Run) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    run = gemfiles("ls", GOOGLE_GEMINI_BASE_URL=f"http://127.0.0.1:{port}", GOOGLE_API_KEY="x")

    assert run.returncode == 5
    assert "Traceback" not in run.stderr
    assert f"127.0.0.1:{port}" in run.stderr


@pytest.mark.parametrize("is_unbuffered", ["", "1"], ids=["at the end", "at once"])
@pytest.mark.parametrize("line", [["ls"], ["ls", "--json"], ["upload", "--help"]], ids=" ".join)
def test_a_reader_that_has_seen_enough_is_no_error(
    line: list[str], is_unbuffered: str, here: Path, notes: str
) -> None:
    assert notes
    with subprocess.Popen(
        [GEMFILES, *line],
        cwd=here,
        env={**os.environ, "PYTHONUNBUFFERED": is_unbuffered},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()  # before anything was written: every write breaks

        complaint = process.stderr.read()

        assert process.wait(60) == 0
        assert complaint == ""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT for one process")
def test_ctrl_c_pauses_and_is_exit_code_130(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with OfflineServer() as slow:
        slow.fail_next("data", delay_seconds=300)
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", slow.address)
        monkeypatch.setenv("GOOGLE_API_KEY", slow.key)
        process = subprocess.Popen(
            [GEMFILES, "upload", "notes.txt"],
            cwd=here,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        while sum(slow.fired()) == 0:
            assert process.poll() is None

        process.send_signal(signal.SIGINT)
        shown, complaint = process.communicate(timeout=60)

        assert process.returncode == 130
        assert shown.startswith("‖ notes.txt")
        assert complaint.splitlines()[-1].startswith("gemfiles: interrupted; run the same line again")
        assert "Traceback" not in complaint
        slow.kill()
