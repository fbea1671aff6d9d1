"""The commands of the offline server, and the demo that runs against it."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from gemfiles_jupyter.config import home
from gemfiles_jupyter.offline import launcher

from .running import GEMFILES, Run


def test_the_offline_server_is_started_asked_for_and_stopped(gemfiles: Run, own_home: Path) -> None:
    before, start, status, stop, after = (
        gemfiles("offline", *action).stdout for action in ([], ["start"], ["status"], ["stop"], ["status"])
    )

    assert "is not running" in before
    assert start == status
    assert "runs at http://127.0.0.1:" in start
    assert "has stopped" in stop
    assert after == before
    assert home() == own_home


@pytest.mark.usefixtures("own_home")
def test_without_a_key_the_offline_server_is_used_and_named(gemfiles: Run) -> None:
    run = gemfiles("upload", "notes.txt")

    assert run.returncode == 0
    assert run.stdout.rstrip().endswith("· offline server")
    assert gemfiles("ls").stdout.rstrip().endswith("· offline server")


def test_no_key_is_in_an_argument_of_a_process_or_in_an_output(gemfiles: Run, own_home: Path) -> None:
    real = "AIzaSyA-test-key_0123456789abcdefghijkl"

    run = gemfiles("upload", "notes.txt", GOOGLE_API_KEY=real, GEMFILES_OFFLINE="always")

    server = launcher.find(own_home)
    assert server is not None
    shown = run.stdout + run.stderr
    assert real not in shown
    assert server.key not in shown
    if sys.platform == "linux":
        command = Path(f"/proc/{server.pid}/cmdline").read_text()
        assert "gemfiles_jupyter.offline" in command
        assert real not in command
        assert server.key not in command


def test_serve_prints_its_address_first_and_serves(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [GEMFILES, "offline", "serve", "--port", "0", "--data", str(tmp_path / "data")],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        request = urllib.request.Request(f"{address}/v1beta/files", headers={"x-goog-api-key": "any"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            assert json.load(answer) == {}
    finally:
        process.terminate()
        assert process.wait(30) == 0
        process.stdout.close()  # type: ignore[union-attr]


@pytest.mark.usefixtures("own_home")
def test_the_demo_runs_from_end_to_end(gemfiles: Run) -> None:
    run = gemfiles("demo", GEMFILES_OFFLINE_PROCESSING_SECONDS="0.3")

    assert run.returncode == 0
    for word in ("lecture.mp4", "handout.pdf", "chart.png", "interview.m4a", "video/mp4", "offline server"):
        assert word in run.stdout
    answer = run.stdout.partition("\n> ")[2]
    assert "lecture.mp4" in answer
    assert "pixels" in answer
    assert "This is the offline server, not a model" in answer
    assert "%load_ext gemfiles_jupyter" in answer
