"""``!gemfiles`` in a cell: what the notebook keeps of it."""

from __future__ import annotations

from pathlib import Path

from gemfiles_jupyter.offline.testing import OfflineServer

from .conftest import RunCells


def test_a_command_in_a_cell_leaves_lines_and_no_codes_of_a_terminal(
    run_cells: RunCells, at_server: OfflineServer, tmp_path: Path
) -> None:
    (tmp_path / "lecture.mp4").write_bytes(b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(64))
    at_server.set(processing_seconds=1.0, processing_outcome="active")

    ran = run_cells(
        "!gemfiles upload lecture.mp4",
        "!gemfiles prompt 'When is high tide?' --files lecture.mp4",
        "!gemfiles ls",
    )

    lines = ran.text(1).splitlines()
    assert any(line.startswith("lecture.mp4   88 B   uploaded, processing 0:0") for line in lines)
    assert any(line.startswith("✓ lecture.mp4 · video/mp4 · 88 B") for line in lines)
    assert "> When is high tide?" in ran.text(2)
    assert "lecture.mp4  video/mp4" in ran.text(3)
    shown = ran.text(1) + ran.text(2) + ran.text(3)
    assert "\x1b" not in shown
    assert "\r" not in shown.replace("\r\n", "")
