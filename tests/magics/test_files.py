"""``%gemfiles`` in a real kernel."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gemfiles_jupyter.offline.testing import OfflineServer

from .conftest import RunCells
from .kernels import StartKernel

HOUR = 3600


@pytest.fixture(autouse=True)
def sources(media: Path, tmp_path: Path) -> None:
    shutil.copy(media / "lecture.mp4", tmp_path)
    shutil.copy(media / "chart.png", tmp_path)
    (tmp_path / "a.txt").write_text("a")


def test_lists_what_is_stored_and_which_variable_holds_it(run_cells: RunCells) -> None:
    ran = run_cells(
        "lecture = %gemupload lecture.mp4 -q",
        "chart = %gemupload chart.png -q",
        "%gemfiles",
        "found = %gemfiles ls video/*",
        "len(found), found[0].display_name",
    )

    rows = ran.text(3).splitlines()
    assert rows[0].split() == [*("file", "type", "size", "state", "age", "expires", "in", "name", "variable")]
    assert rows[1].startswith("chart.png")
    assert rows[1].endswith("chart")
    assert rows[2].startswith("lecture.mp4")
    assert rows[-1].startswith("2 files, ")
    assert len(ran.outputs(3)) == 1
    assert ran.text(5) == "(1, 'lecture.mp4')"


def test_shows_one_file_by_variable_name_or_display_name(run_cells: RunCells) -> None:
    ran = run_cells(
        "lecture = %gemupload lecture.mp4 -q",
        "%gemfiles info lecture",
        "%gemfiles info lecture.mp4",
        "print(lecture.name)",
    )

    assert "duration  0:08" in ran.text(2)
    assert ran.text(2) == ran.text(3)
    assert ran.text(4).strip() in ran.text(2)


def test_removes_a_named_file_and_says_so(run_cells: RunCells) -> None:
    ran = run_cells("x = %gemupload a.txt -q", "%gemfiles rm x", "%gemfiles ls", "%gemfiles info x")

    assert ran.text(2).startswith("✓ deleted 1 file: a.txt")
    assert ran.text(3).startswith("0 files")
    assert ran.error(4)[0] == "FileUnavailable"


def test_never_deletes_many_unasked_where_there_is_no_one_to_ask(run_cells: RunCells) -> None:
    ran = run_cells(
        "x = %gemupload a.txt chart.png -q", "%gemfiles rm --all", "%gemfiles rm --all -y", "%gemfiles ls"
    )

    name, shown = ran.error(2)
    assert name == "InvalidUsage"
    assert "deletes 2 files" in shown
    assert "-y" in shown
    assert ran.text(3).startswith("✓ deleted 2 files")
    assert ran.text(4).startswith("0 files")


def test_waits_and_refreshes_the_variable(start_kernel: StartKernel, server: OfflineServer) -> None:
    server.set(processing_seconds=HOUR)
    kernel = start_kernel()
    kernel.run("x = %gemupload lecture.mp4 --no-wait -q\nbefore = x.state.value")

    too_soon = kernel.run("%gemfiles wait x --timeout 0")
    server.advance(HOUR)
    waited = kernel.run("%gemfiles wait x")

    assert too_soon.error.startswith("ProcessingTimeout: ")
    assert "ACTIVE" in waited.text
    assert kernel.run("before, x.state.value").text == "('PROCESSING', 'ACTIVE')\n"
    kernel.run("both = %gemfiles wait $x lecture.*")
    assert kernel.run("both == x").text == "True\n"


def test_help_lists_the_verbs_and_a_typo_gets_the_nearest(run_cells: RunCells) -> None:
    ran = run_cells(
        "%gemfiles help",
        "%gemfiles lss",
        "%gemfiles rm",
        "%gemfiles info nothing-here",
        "%gemfiles restoer",
        "x = %gemfiles remove a.txt",
        "%gemfiles upload a.txt",
        "%gemfiles store lst",
    )

    for verb in ("ls", "info", "use", "restore", "wait", "rm", "quota", "count", "code", "offline"):
        assert verb in ran.text(1)
    assert "Did you mean ls?" in ran.error(2)[1]
    assert "Say which files" in ran.error(3)[1]
    assert ran.error(4)[0] == "FileUnavailable"
    assert "no file nothing-here" in ran.error(4)[1]
    assert ran.error(5)[1] == "InvalidUsage: Argument VERB: invalid choice: 'restoer'. Did you mean restore?"
    assert "Did you mean rm?" in ran.error(6)[1]
    assert "Did you mean %gemupload?" in ran.error(7)[1]
    assert "Did you mean ls?" in ran.error(8)[1]


def test_offline_server_starts_on_demand_is_shown_and_stops(run_cells: RunCells, tmp_path: Path) -> None:
    home = {"GEMFILES_HOME": str(tmp_path / "home"), "GOOGLE_GEMINI_BASE_URL": "", "GOOGLE_API_KEY": ""}

    ran = run_cells(
        "%gemfiles offline",
        "x = %gemupload a.txt",
        "%gemfiles offline status",
        "%gemfiles offline stop",
        "%gemfiles offline",
        "%gemfiles ls",
        "%gemfiles offline stop",
        **home,
    )

    assert "not running" in ran.text(1)
    assert ran.text(2).endswith("offline server")
    assert "runs at http://127.0.0.1:" in ran.text(3)
    assert "has stopped" in ran.text(4)
    assert "not running" in ran.text(5)
    assert "a.txt" in ran.text(6), "its files stay for the next time"
    assert str(tmp_path) not in ran.saved


def test_unloading_removes_the_magics_and_reloading_brings_them_back(run_cells: RunCells) -> None:
    ran = run_cells(
        "%unload_ext gemfiles_jupyter",
        "ip = get_ipython()\nip.find_line_magic('gemfiles') is None, ip.find_cell_magic('gemprompt') is None",
        "%load_ext gemfiles_jupyter",
        "%gemfiles ls",
    )

    assert ran.text(2) == "(True, True)"
    assert ran.text(4).startswith("0 files")
