"""``%gemfiles doctor`` in a real kernel: what it finds, what to do, and that it ends."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gemfiles_jupyter.offline.testing import OfflineServer

from .conftest import RunCells

KEY = "AIzaSyB-canary-key_0123456789abcdefghijk"


@pytest.fixture
def silent() -> Iterator[str]:
    """A service that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_all_is_well_where_the_service_answers(run_cells: RunCells, tmp_path: Path) -> None:
    ran = run_cells("d = %gemfiles doctor", "d.failed", "%gemfiles doctor")

    shown = ran.text(1)
    for line in (
        "✓  key           from GOOGLE_API_KEY (fingerprint ",
        "because of GOOGLE_GEMINI_BASE_URL",
        "✓  proxy         none",
        "✓  network       127.0.0.1 has 1 address; connected in ",
        "and accepts the key",
        "✓  clock         agrees with the service's",
        "✓  versions      gemfiles-jupyter ",
        "✓  journal       in $GEMFILES_HOME",
        "✓  disk          ",
    ):
        assert line in shown, shown
    assert ran.text(2) == "()"
    assert (
        len([out for out in ran.outputs(3) if out.output_type != "stream"]) == 1
        or ran.html(3).count("<table") == 1
    )
    assert os.environ["GEMFILES_HOME"] not in ran.saved
    assert str(tmp_path) not in ran.saved


def test_a_service_out_of_reach_is_said_with_what_to_do(run_cells: RunCells) -> None:
    ran = run_cells("d = %gemfiles doctor", "len(d.failed)", GOOGLE_GEMINI_BASE_URL="http://127.0.0.1:9")

    assert "✗  network       127.0.0.1:9 is not reached: nothing listens there" in ran.text(1)
    assert "✗  service       Nothing answers at 127.0.0.1:9" in ran.text(1)
    assert "→ Check the network" in ran.text(1)
    assert "2 to fix" in ran.text(1).splitlines()[-1]
    assert ran.text(2) == "2"


def test_a_host_that_is_not_known_is_said(run_cells: RunCells) -> None:
    ran = run_cells("d = %gemfiles doctor", GOOGLE_GEMINI_BASE_URL="http://no-such-host.invalid")

    assert "✗  network       DNS does not know no-such-host.invalid" in ran.text(1)


def test_a_silent_service_is_given_up(run_cells: RunCells, silent: str) -> None:
    began = time.monotonic()
    ran = run_cells("d = %gemfiles doctor", GOOGLE_GEMINI_BASE_URL=silent)

    assert time.monotonic() - began < 30
    assert "✗  service       " in ran.text(1)


def test_a_refused_key_a_proxy_and_missing_certificates_are_said(
    run_cells: RunCells, server: OfflineServer
) -> None:
    body = '{"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "API key not valid."}}'
    server.fail_next("list", status=400, body=body, content_type="application/json")
    refused = run_cells("d = %gemfiles doctor")
    proxied = run_cells(
        "d = %gemfiles doctor",
        GOOGLE_GEMINI_BASE_URL="http://gateway.example",
        http_proxy="http://someone:hunter2@127.0.0.1:9",
        REQUESTS_CA_BUNDLE="/secret-folder/no-such.pem",
    )

    assert "✗  service       refuses the key: API key not valid." in refused.text(1)
    assert "→ Give another with %gemfiles key." in refused.text(1)
    assert "✗  proxy         127.0.0.1:9 is not reached" in proxied.text(1)
    assert "✗  certificates  REQUESTS_CA_BUNDLE names a file that is not there" in proxied.text(1)
    assert "hunter2" not in proxied.saved
    assert "secret-folder" not in proxied.saved.replace(proxied.notebook.cells[1].source, "")


def test_settings_that_contradict_each_other_are_a_finding(run_cells: RunCells) -> None:
    ran = run_cells("d = %gemfiles doctor", GEMFILES_OFFLINE="yes")

    assert "✗  settings" in ran.text(1)
    assert "→ Use auto, never or always." in ran.text(1)


def test_without_a_key_it_tells_of_the_offline_server_and_starts_none(
    run_cells: RunCells, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    ran = run_cells(
        "d = %gemfiles doctor",
        GOOGLE_API_KEY="",
        GOOGLE_GEMINI_BASE_URL="",
        GEMFILES_HOME=str(home),
    )

    assert "!  key             none" in ran.text(1)
    assert "the offline server, because there is no key" in ran.text(1)
    assert "The offline server is not running" in ran.text(1)
    assert not (home / "offline").exists()


@pytest.mark.skipif(os.name != "posix", reason="POSIX modes")
def test_a_journal_that_others_may_read_is_doubtful(run_cells: RunCells, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "journal.db").touch(mode=0o644)
    (home / "journal.db").chmod(0o644)

    ran = run_cells("d = %gemfiles doctor", GEMFILES_HOME=str(home))

    assert "!  journal       in $GEMFILES_HOME, where others may read it" in ran.text(1)


def test_the_command_has_records_and_a_code(server: OfflineServer, tmp_path: Path) -> None:
    base = {**os.environ, "GEMFILES_HOME": str(tmp_path), "GOOGLE_API_KEY": KEY}
    code = "import sys; from gemfiles_jupyter.cli import main; sys.exit(main(['doctor', '--json']))"
    command = [sys.executable, "-c", code]

    well = subprocess.run(
        command, capture_output=True, text=True, env={**base, "GOOGLE_GEMINI_BASE_URL": server.address}
    )
    ill = subprocess.run(
        command, capture_output=True, text=True, env={**base, "GOOGLE_GEMINI_BASE_URL": "http://127.0.0.1:9"}
    )

    records = [json.loads(line) for line in well.stdout.splitlines()]
    assert {"check", "verdict", "found", "fix"} == set(records[0])
    assert (well.returncode, ill.returncode) == (0, 1)
    assert KEY not in well.stdout + ill.stdout + well.stderr + ill.stderr
