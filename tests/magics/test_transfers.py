"""Uploads that outlive a cell, a kernel and a notebook."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gemfiles_jupyter.offline.testing import OfflineServer

from .conftest import RunCells
from .kernels import INTERRUPT_ONCE_SENT

MIB = 1024 * 1024
# A script of its own stands for a kernel: it shows how far it is, so that it can be stopped on the way.
SCRIPT = """
import sys
import gemfiles_jupyter as gf
def show(batch):
    print(batch[0].sent, flush=True)
gf.upload(sys.argv[1], mime_type="text/plain", on_progress=show)
"""


@pytest.fixture(autouse=True)
def _own_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What other tests left unfinished is not on these tables."""
    monkeypatch.setenv("GEMFILES_HOME", str(tmp_path / "home"))


@pytest.fixture
def big(tmp_path: Path) -> Path:
    """A source that takes a while."""
    path = tmp_path / "big.bin"
    with path.open("wb") as file:
        for block in range(96):
            file.write(bytes([block]) * MIB)
    return path


def start_and_stop(big: Path, how: signal.Signals, after_bytes: int) -> int:
    """Upload in another process, stop it on the way, and return how many bytes it had sent."""
    command = [sys.executable, "-c", SCRIPT, str(big)]
    sent = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            sent = int(line)
            if sent >= after_bytes:
                os.kill(process.pid, how)
                break
        process.stdout.read()
    return sent


def content_bytes(server: OfflineServer) -> int:
    """Return how many bytes of content the server received."""
    data = [it for it in server.requests() if "upload" in it["command"]]
    return sum(int(it["received_bytes"]) for it in data)


@pytest.fixture
def slow(server: OfflineServer) -> OfflineServer:
    """Data requests take a moment, so that a process can be stopped between two of them."""
    server.faults(*[{"plane": "data", "action": "delay", "delay_seconds": 1.0, "count": 50}])
    return server


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["killed", "interrupted"])
def test_a_new_kernel_sends_only_the_rest(
    run_cells: RunCells, slow: OfflineServer, big: Path, how: signal.Signals
) -> None:
    start_and_stop(big, how, 24 * MIB)
    slow.clear_faults()

    ran = run_cells("%gemfiles transfers", "%gemfiles resume", "%gemfiles transfers", "%gemfiles ls")

    assert "big.bin" in ran.text(1)
    assert ("interrupted" if how is signal.SIGKILL else "paused") in ran.text(1)
    assert "✓ big.bin" in ran.text(2)
    assert "No upload is under way" in ran.text(3)
    assert ran.text(4).splitlines()[-1].startswith("1 file, ")
    assert content_bytes(slow) < (96 + 8) * MIB, "what the service had was not sent again"


def test_the_same_line_again_goes_on_and_the_next_time_sends_nothing(
    run_cells: RunCells, slow: OfflineServer, big: Path
) -> None:
    start_and_stop(big, signal.SIGKILL, 24 * MIB)
    slow.clear_faults()

    ran = run_cells(
        "x = %gemupload big.bin --mime text/plain",
        "y = %gemupload big.bin --mime text/plain",
        "x.name == y.name",
    )

    assert content_bytes(slow) < (96 + 8) * MIB
    assert "reused, 0 B sent" in ran.text(2)
    assert ran.text(3) == "True"


def test_an_upload_is_paused_and_cancelled_from_another_process(
    run_cells: RunCells, server: OfflineServer, big: Path
) -> None:
    # Commands take seconds to start on a busy machine, and it has to be under way still.
    server.faults({"plane": "data", "action": "delay", "delay_seconds": 5.0, "count": 50})
    command = [str(Path(sys.executable).with_name("gemfiles"))]
    process = subprocess.Popen(
        [*command, "upload", str(big), "--mime", "text/plain"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    process.stderr.readline()  # it has begun

    paused = subprocess.run([*command, "pause"], capture_output=True, text=True, check=True, timeout=30)
    _, error = process.communicate(timeout=60)
    listed = subprocess.run([*command, "transfers"], capture_output=True, text=True, check=True, timeout=30)
    cancelled = subprocess.run([*command, "cancel"], capture_output=True, text=True, check=True, timeout=30)
    ran = run_cells("%gemfiles transfers", "%gemfiles ls", "%gemfiles transfers --all")

    assert "paused big.bin" in paused.stdout
    assert "was paused from elsewhere" in error
    assert process.returncode == 5
    assert "paused" in listed.stdout
    assert "cancelled big.bin" in cancelled.stdout
    assert "No upload is under way" in ran.text(1)
    assert ran.text(2).startswith("0 files")
    assert "cancelled" in ran.text(3)


def test_running_a_notebook_again_sends_no_content(
    run_cells: RunCells, server: OfflineServer, media: Path
) -> None:
    cells = [f"x = %gemupload {media / name}" for name in ("lecture.mp4", "handout.pdf", "chart.png")]

    run_cells(*cells)
    before = [it for it in server.requests() if it["method"] == "POST"]
    again = run_cells(*cells)

    assert [it for it in server.requests() if it["method"] == "POST"] == before
    for cell in (1, 2, 3):
        assert "reused, 0 B sent" in again.text(cell)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        pytest.param("open('a.txt', 'r+b').write(b'B')", "one byte edited", id="edit"),
        pytest.param("gf.delete_file(x)", "deleted on the service", id="delete"),
        pytest.param("os.environ['GOOGLE_API_KEY'] = 'another-key'", "another key", id="key"),
    ],
)
def test_what_is_not_there_any_more_is_sent_again(
    run_cells: RunCells, tmp_path: Path, change: str, why: str
) -> None:
    (tmp_path / "a.txt").write_text("a" * 1000)

    ran = run_cells(
        "import os, gemfiles_jupyter as gf",
        "x = %gemupload a.txt",
        change,
        "y = %gemupload a.txt",
        "x.name != y.name",
    )

    assert "reused" not in ran.text(4), why
    assert ran.text(5) == "True"


def test_reuse_ends_with_the_lifetime_and_can_be_switched_off(
    run_cells: RunCells, server: OfflineServer, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("a" * 1000)
    server.set(ttl_seconds=300)  # less than the ten minutes that a reused file has to live

    ran = run_cells(
        "x = %gemupload a.txt",
        "%gemupload a.txt",
        "%gemupload a.txt --reuse always",
        "%gemupload a.txt --reuse never",
    )

    assert "reused" not in ran.text(2)
    assert "reused" in ran.text(3)
    assert "reused" not in ran.text(4)


@pytest.mark.usefixtures("slow", "big")
def test_interrupting_a_cell_says_how_far_it_got_and_how_to_go_on(run_cells: RunCells) -> None:
    ran = run_cells(
        f"{INTERRUPT_ONCE_SENT}x = %gemupload big.bin --mime text/plain",
        "'x' in globals()",
        "x = %gemupload big.bin --mime text/plain",
    )

    name, shown = ran.error(1)
    assert name == "KeyboardInterrupt"
    assert "run the cell again to go on" in shown
    assert "‖ big.bin · 101 MB · stopped at" in ran.text(1)
    assert ran.text(2) == "False"
    assert "✓ big.bin → x" in ran.text(3)
