"""``%gemfiles ls`` and ``rm``: which files are meant, and that nothing goes unasked."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from gemfiles_jupyter.offline.testing import OfflineServer

from .conftest import Ran, RunCells

HOUR = 3600


@pytest.fixture(autouse=True)
def sources(media: Path, tmp_path: Path) -> None:
    for name in ("lecture.mp4", "handout.pdf", "chart.png"):
        shutil.copy(media / name, tmp_path)
    for name in ("a.tmp", "b.tmp"):
        (tmp_path / name).write_text(name)
    (tmp_path / "broken.mp4").write_bytes(b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(64))


UPLOAD = "files = %gemupload *.* -q"


def names(ran: Ran, cell: int) -> list[str]:
    """Return the first column of a cell's table."""
    rows = ran.text(cell).splitlines()
    return [row.split()[0] for row in rows[1:-1]]


def test_ls_filters_by_pattern_type_and_state(run_cells: RunCells) -> None:
    ran = run_cells(
        UPLOAD,
        "%gemfiles ls *.tmp chart.*",
        "%gemfiles ls --type video",
        "%gemfiles ls --type pdf",
        "%gemfiles ls --type image/*",
        "%gemfiles ls --state failed",
        "%gemfiles ls --state active --type mp4",
        "%gemfiles ls --state processing",
        "%gemfiles ls --state broken",
        "%gemfiles ls text*",
        "%gemfiles ls --type pdf --type image",
        "%gemfiles ls --state failed --state processing",
        "%gemfiles ls --sort name --sort size",
        "%gemfiles ls $files",
    )

    assert sorted(names(ran, 2)) == ["a.tmp", "b.tmp", "chart.png"]
    assert sorted(names(ran, 3)) == ["broken.mp4", "lecture.mp4"]
    assert names(ran, 4) == ["handout.pdf"]
    assert names(ran, 5) == ["chart.png"]
    assert names(ran, 6) == ["broken.mp4"]
    assert names(ran, 7) == ["lecture.mp4"]
    assert ran.text(8).startswith("0 files")
    assert "choose from" in ran.error(9)[1]
    assert ran.text(10).startswith("0 files"), "text* means names, not types"
    assert sorted(names(ran, 11)) == ["chart.png", "handout.pdf"]
    assert names(ran, 12) == ["broken.mp4"]
    assert "--sort: given twice" in ran.error(13)[1]
    assert len(names(ran, 14)) == 5, "all that arrived"


def test_ls_sorts_and_reverses(run_cells: RunCells) -> None:
    ran = run_cells(
        *(f"%gemupload {name} -q" for name in ("handout.pdf", "lecture.mp4", "a.tmp")),
        "%gemfiles ls",
        "%gemfiles ls --sort name",
        "%gemfiles ls --sort size",
        "%gemfiles ls --sort expires",
        "%gemfiles ls --sort type",
        "%gemfiles ls --sort age --reverse",
    )

    assert names(ran, 4) == ["a.tmp", "lecture.mp4", "handout.pdf"]
    assert names(ran, 5) == ["a.tmp", "handout.pdf", "lecture.mp4"]
    assert names(ran, 6) == ["lecture.mp4", "handout.pdf", "a.tmp"]
    assert names(ran, 7) == ["handout.pdf", "lecture.mp4", "a.tmp"]
    assert names(ran, 8) == ["handout.pdf", "a.tmp", "lecture.mp4"]
    assert names(ran, 9) == names(ran, 4)[::-1]


def test_ls_says_age_time_to_live_and_what_holds_it(run_cells: RunCells, server: OfflineServer) -> None:
    run_cells("%gemupload a.tmp -q")
    server.advance(5 * HOUR)

    ran = run_cells(
        "b = %gemupload b.tmp -q\nlist_ = %gemupload chart.png handout.pdf -q",
        "%gemfiles ls --sort name",
        "%gemfiles ls --older 2h",
        "%gemfiles ls --younger 2h --type tmp",
        "%gemfiles ls --older 1w",
    )

    rows = [re.split(r"\s{2,}", row) for row in ran.text(2).splitlines()]
    assert rows[1][4:6] == ["5 h", "43 h"]
    assert re.fullmatch(r"\d+ s", rows[2][4])
    assert rows[2][-1] == "b"
    assert [rows[3][-1], rows[4][-1]] == ["list_[0]", "list_[1]"]
    assert names(ran, 3) == ["a.tmp"]
    assert names(ran, 4) == ["b.tmp"]
    assert "is not a time such as" in ran.error(5)[1]


def test_mine_is_what_this_machine_sent(run_cells: RunCells, tmp_path: Path) -> None:
    run_cells("x = %gemupload a.tmp -q", GEMFILES_HOME=str(tmp_path / "another"))

    ran = run_cells(
        "again = %gemupload a.tmp -q",
        "b = %gemupload b.tmp -q",
        "%gemfiles ls --mine",
        "%gemfiles rm --mine -y",
        "%gemfiles ls",
    )

    assert names(ran, 3) == ["b.tmp"], "a file that another machine sent is only used here"
    assert ran.text(4).startswith("✓ deleted 1 file: b.tmp")
    assert names(ran, 5) == ["a.tmp"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("*.tmp", "This deletes 2 files, 10 B: "),
        ("--all", "This deletes 6 files, "),
        ("--state failed", "This deletes 1 file, 88 B: broken.mp4."),
        ("--mine --type video", "This deletes 2 files, "),
        ("files", "This deletes 5 files, "),
        ("$files", "This deletes 5 files, "),
    ],
)
def test_rm_says_what_would_go_and_asks_where_someone_can_answer(
    line: str, said: str, run_cells: RunCells
) -> None:
    ran = run_cells(UPLOAD, f"%gemfiles rm {line}", "print(len(_gf.list_files()))", first=FIRST)

    name, shown = ran.error(2)
    assert name == "InvalidUsage"
    assert said in shown
    assert shown.endswith("Add -y to say that you mean it.")
    assert ran.text(3).strip() == "6"


FIRST = "%load_ext gemfiles_jupyter\nimport gemfiles_jupyter as _gf"


def test_rm_deletes_what_is_meant(run_cells: RunCells, server: OfflineServer) -> None:
    run_cells("%gemupload a.tmp -q")
    server.advance(25 * HOUR)

    ran = run_cells(
        "%gemupload chart.png b.tmp lecture.mp4 -q",
        "%gemfiles rm --older 24h --dry-run",
        "%gemfiles rm --older 24h -y",
        "%gemfiles rm *.tmp",
        "%gemfiles rm --younger 1h --type image -y",
        "%gemfiles ls",
        "%gemfiles rm *.tmp",
        "%gemfiles rm --older 24h -y",
        "%gemfiles rm lecture.mp4 --all",
    )

    assert names(ran, 2) == ["a.tmp"]
    assert "nothing was deleted" in ran.text(2)
    assert ran.text(3).startswith("✓ deleted 1 file: a.tmp")
    assert ran.text(4).startswith("✓ deleted 1 file: b.tmp"), "one that was named is meant"
    assert ran.text(5).startswith("✓ deleted 1 file: chart.png")
    assert names(ran, 6) == ["lecture.mp4"]
    assert "No file matches *.tmp" in ran.error(7)[1]
    assert ran.text(8).startswith("✓ deleted 0 files")
    assert "Say which files, or --all" in ran.error(9)[1]


def test_rm_clears_up_what_failed(run_cells: RunCells) -> None:
    ran = run_cells(UPLOAD, "%gemfiles rm --state failed -y", "%gemfiles ls --state failed")

    assert ran.text(2).startswith("✓ deleted 1 file: broken.mp4")
    assert ran.text(3).startswith("0 files")


def test_one_that_can_not_be_deleted_stops_no_other_and_is_said(
    run_cells: RunCells, server: OfflineServer
) -> None:
    run_cells("%gemupload a.tmp b.tmp chart.png handout.pdf -q")
    server.faults({"plane": "delete", "action": "answer", "status": 400, "body": "no <b>way</b>"})

    ran = run_cells("%gemfiles rm --all -y", "%gemfiles ls")

    lines = ran.outputs(1)[0].data["text/plain"].splitlines()
    assert lines[0].startswith("✓ deleted 3 files: ")
    assert lines[1].startswith("✗ ")
    assert "<b>" not in ran.html(1)
    assert "1 of 4 files were not deleted" in str(ran.outputs(1)[-1].evalue)
    assert len(names(ran, 2)) == 1


def test_deleting_many_shows_how_far_it_is(
    run_cells: RunCells, server: OfflineServer, tmp_path: Path
) -> None:
    for number in range(30):
        (tmp_path / f"many-{number:02}.txt").write_text(str(number))
    run_cells("%gemupload many-*.txt -q")
    server.faults({"plane": "delete", "action": "delay", "delay_seconds": 0.5, "count": 30})

    ran = run_cells(
        "%%capture seen\n%gemfiles rm many-*.txt -y",
        "print([out.data['text/plain'] for out in seen.outputs])",
        "%gemfiles ls",
    )

    assert "deleting 30 files · " in ran.text(2)
    assert ran.text(2).count("✓ deleted 30 files") == 1
    assert ran.text(3).startswith("0 files")


def test_a_file_that_was_gone_already_counts_as_deleted(run_cells: RunCells) -> None:
    ran = run_cells(
        "x = %gemupload a.tmp b.tmp -q\ny = x[0]\n_gf.delete_file(y.name)",
        "%gemfiles rm $y",
        "%gemfiles rm b.tmp",
        first=FIRST,
    )

    assert ran.error(2)[0] == "FileUnavailable", "one that was named and is not there is an error"
    assert ran.text(3).startswith("✓ deleted 1 file: b.tmp")
