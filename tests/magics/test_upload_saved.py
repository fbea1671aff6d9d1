"""What uploads leave in a saved notebook: small, static, without a path of this machine."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter

from gemfiles_jupyter.offline.testing import OfflineServer

from .conftest import Ran, RunCells
from .kernels import INTERRUPT_ONCE_SENT

MOST_BYTES = 2048


@pytest.fixture
def ran(run_cells: RunCells, media: Path, tmp_path: Path) -> Ran:
    """One notebook with every way that uploads end."""
    shutil.copytree(media, tmp_path / "media", ignore=shutil.ignore_patterns("*.py", "*.md"))
    (tmp_path / "many").mkdir()
    for number in range(60):
        (tmp_path / "many" / f"take-{number:02}.txt").write_text(f"take {number}")
    (tmp_path / "bad.mp4").write_bytes(b"\x00\x00\x00\x18ftypmp42" + bytes(500))
    return run_cells(
        "one = %gemupload media/lecture.mp4",
        "five = %gemupload media",
        "sixty = %gemupload many",
        "again = %gemupload many",
        "mixed = %gemupload many/take-01.txt bad.mp4",
        "lost = %gemupload bad.mp4",
        "planned = %gemupload media bad.mp4 --dry-run",
        "%%capture\n%gemupload media/chart.png",
        "silent = %gemupload media/chart.png -q",
        "%gemupload ./media/nothing.mp4",
    )


def test_each_ending_is_calm_and_says_what_happened(ran: Ran) -> None:
    assert ran.text(1).startswith("✓ lecture.mp4 → one · video/mp4 · 92.2 kB · ")
    assert ran.text(2).splitlines()[0].startswith("5 files → five · 5 ✓ · 1 reused · 161 kB")
    assert len(ran.text(2).splitlines()) == 6
    assert ran.text(3).startswith("60 files → sixty · 60 ✓ · 410 B")
    assert ran.text(4) == "60 files → again · 60 ✓ · reused, 0 B sent"
    assert ran.text(5).splitlines()[0].startswith("2 files → mixed · 1 ✓ · 1 reused · 1 ✗ · ")
    assert ran.text(5).splitlines()[1].startswith("✗ The service could not process bad.mp4: ")
    assert ran.error(6)[0] == "ProcessingFailed"
    assert ran.text(7).splitlines()[0].startswith("source")
    assert [ran.outputs(8), ran.outputs(9)] == [[], []]
    assert ran.error(10)[0] == "SourceNotFound"


def test_an_interruption_is_calm_too(run_cells: RunCells, server: OfflineServer, tmp_path: Path) -> None:
    (tmp_path / "small.txt").write_text("small")
    with (tmp_path / "big.txt").open("wb") as file:
        file.truncate(64 * 1024**2)
    server.fail_next("data", nth=2, count=4, delay_seconds=30)

    ran = run_cells(
        "%gemupload small.txt",
        f"{INTERRUPT_ONCE_SENT}x = %gemupload small.txt big.txt",
        GEMFILES_HOME=str(tmp_path / "home"),  # what stays paused is no other test's
    )

    assert [line.partition(" · ")[0] for line in ran.text(2).splitlines()] == [
        "2 files → x",
        "✓ small.txt",
        "‖ big.txt",
    ]
    assert "2 files → x · 1 ✓ · 1 reused · 1 stopped · 67.1 MB" in ran.text(2)
    assert "run the cell again to go on" in ran.error(2)[1]
    assert len(json.dumps(ran.outputs(2))) < 3 * MOST_BYTES


def test_what_is_saved_is_small_and_names_no_place_of_this_machine(
    ran: Ran, server: OfflineServer, tmp_path: Path
) -> None:
    files = {1: 1, 2: 6, 3: 1, 4: 1, 5: 3, 6: 2, 7: 7}  # lines, each of which may take so much

    for cell, lines in files.items():
        for output in ran.outputs(cell):
            assert len(json.dumps(output)) < MOST_BYTES * lines
    assert sum(len(ran.outputs(cell)) for cell in (1, 2, 3, 4, 5, 7)) == 6, "one place that is drawn over"
    assert "application/vnd.jupyter.widget" not in ran.saved
    for secret in (str(tmp_path), str(Path.home()), server.key, "upload_id"):
        assert secret not in ran.saved


def test_the_notebook_reads_the_same_as_a_web_page(ran: Ran) -> None:
    page, _ = HTMLExporter(template_name="lab").from_notebook_node(nbformat.from_dict(ran.notebook))

    for words in ("lecture.mp4", "60 files → sixty", "could not process bad.mp4", "would be"):
        assert words in page
    assert "vnd.jupyter.widget-view+json" not in page
