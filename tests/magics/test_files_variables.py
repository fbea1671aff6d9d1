"""``%gemfiles use`` and ``restore``: variables for stored files, also after the kernel was restarted."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gemfiles_jupyter.offline.testing import OfflineServer

from .conftest import RunCells

HOUR = 3600
NOTEBOOK = {"JPY_SESSION_NAME": "/home/someone/a.ipynb"}
ANOTHER = {"JPY_SESSION_NAME": "/home/someone/b.ipynb"}


@pytest.fixture(autouse=True)
def sources(media: Path, tmp_path: Path) -> None:
    shutil.copy(media / "lecture.mp4", tmp_path)
    shutil.copy(media / "chart.png", tmp_path)
    for name in ("a.txt", "b.txt", "3 tides & more.txt", "list.txt"):
        (tmp_path / name).write_text(name)


def test_use_binds_a_file_that_was_made_elsewhere(run_cells: RunCells) -> None:
    run_cells("%gemupload lecture.mp4 '3 tides & more.txt' list.txt a.txt -q")

    ran = run_cells(
        "a = 5",
        "%gemfiles use lecture.mp4",
        "%gemfiles use lecture.mp4 talk",
        "%gemfiles use '3 tides & more.txt'",
        "%gemfiles use list.txt",
        "%gemfiles use a.txt",
        "%gemfiles use a.txt a",
        "%gemfiles use a.txt not-a-name",
        "%gemfiles use nothing.txt",
        "lecture.display_name, talk.name == lecture.name, file_3_tides_more.size_bytes, list, a, a_2.label",
        "%gemfiles use lecture.mp4",
        "mine = %gemfiles use list.txt",
        "a = %gemfiles use a.txt",
        "mine.label, a.label, 'list_3' in globals(), a_2.label",
    )

    assert ran.text(2).startswith("✓ lecture.mp4 → lecture · video/mp4 · 92.2 kB · files/")
    assert " → talk · " in ran.text(3)
    assert " → file_3_tides_more · " in ran.text(4)
    assert " → list_2 · " in ran.text(5), "never a built-in name"
    assert " → a_2 · " in ran.text(6), "never what is not ours"
    assert "a already holds a value of type int" in ran.error(7)[1]
    assert "not-a-name is not a name for a variable" in ran.error(8)[1]
    assert ran.error(9)[0] == "FileUnavailable"
    assert ran.text(10) == "('lecture.mp4', True, 18, list, 5, 'a.txt')"
    assert " → lecture · " in ran.text(11), "the variable that holds it already"
    assert " → mine · " in ran.text(12)
    assert " → a · " in ran.text(13), "the user's own assignment"
    assert ran.text(14) == "('list.txt', 'a.txt', False, 'a.txt')"


def test_restore_binds_again_what_this_notebook_had(run_cells: RunCells) -> None:
    run_cells(
        "lecture = %gemupload lecture.mp4 -q",
        "%gemupload chart.png -v chart -q",
        "notes = %gemupload *.txt -q",
        "copy = notes[0]",
        "chart_too, lost = chart, chart\ndel lost",
        "%gemfiles use lecture.mp4 talk",
        **NOTEBOOK,
    )
    run_cells("lecture = %gemupload a.txt -q\nother = lecture", **ANOTHER)

    ran = run_cells(
        "%gemfiles restore",
        "lecture.label, chart.label, len(notes), copy == notes[0], chart_too == chart, talk == lecture",
        "lost",
        "other",
        "%gemfiles restore",
        **NOTEBOOK,
    )
    by_name = run_cells("%gemfiles restore other", "%gemfiles restore nothing", "lecture", **ANOTHER)

    rows = ran.text(1).splitlines()
    assert len(rows) == 6
    assert rows[0].startswith("✓ lecture.mp4 → lecture · video/mp4 · ")
    assert rows[2].startswith("✓ 4 files → notes · ")
    assert ran.text(2) == "('lecture.mp4', 'chart.png', 4, True, True, True)"
    assert ran.outputs(3)[0].ename == ran.outputs(4)[0].ename == "NameError"
    assert len(ran.text(5).splitlines()) == 6, "it may be said twice"
    assert by_name.text(1).startswith("✓ a.txt → other")
    assert "nothing held no file in this notebook" in by_name.error(2)[1]
    assert by_name.outputs(3)[0].ename == "NameError"
    assert "someone" not in ran.saved + by_name.saved


def test_vs_code_says_which_notebook_it_is(run_cells: RunCells) -> None:
    said = "__vsc_ipynb_file__ = '/home/someone/c.ipynb'\n%load_ext gemfiles_jupyter"
    run_cells("x = %gemupload a.txt -q", first=said)

    another = run_cells("%gemfiles restore")
    same = run_cells("%gemfiles restore", first=said)

    assert another.text(1).startswith("No variable of this notebook held a file")
    assert same.text(1).startswith("✓ a.txt → x")
    assert "home/someone" not in same.text(1)


def test_restore_leaves_what_holds_something_else(run_cells: RunCells) -> None:
    run_cells("x = %gemupload a.txt -q\ny = x")

    ran = run_cells("x = 'mine'", "%gemfiles restore", "x, y.label", "%gemfiles restore x")

    assert "– x · left alone: it holds a value of type str now" in ran.text(2)
    assert "✓ a.txt → y" in ran.text(2)
    assert ran.text(3) == "('mine', 'a.txt')"
    assert "left alone" in ran.text(4)


def test_restore_says_what_has_expired_and_renews_it_where_asked(
    run_cells: RunCells, server: OfflineServer, tmp_path: Path
) -> None:
    run_cells("a = %gemupload a.txt -q\nb = %gemupload b.txt -q\nc = %gemupload chart.png -q")
    run_cells("%gemfiles rm chart.png")
    (tmp_path / "b.txt").unlink()
    server.advance(49 * HOUR)

    ran = run_cells(
        "%gemfiles restore", "%gemfiles restore --renew", "a.label, a.is_active", "%gemfiles restore"
    )

    assert ran.text(1).splitlines() == [
        "✗ a · a.txt has expired",
        "✗ b · b.txt has expired",
        "✗ c · chart.png was deleted",
        "%gemfiles restore --renew sends again what has expired.",
    ]
    assert "✓ a.txt → a" in ran.text(2)
    assert "b.txt has expired, and its source b.txt is no longer where it was" in ran.text(2)
    assert "chart.png was deleted" in ran.text(2)
    assert ran.text(3) == "('a.txt', True)"
    assert "✓ a.txt → a" in ran.text(4)
    assert str(tmp_path) not in ran.saved


def test_restore_of_a_list_says_what_is_missing(run_cells: RunCells) -> None:
    run_cells("notes = %gemupload a.txt b.txt list.txt -q\none = notes[2]")
    run_cells("%gemfiles rm b.txt")
    elsewhere = run_cells(
        "import gemfiles_jupyter as gf\ngf.Client().files.delete(gf.get_file('list.txt').name)"
    )

    ran = run_cells("%gemfiles restore", "[file.label for file in notes]")

    assert elsewhere.text(1) == ""
    assert ran.text(1).splitlines() == [
        "✓ 1 file → notes · a.txt · 2 missing: b.txt was deleted, and 1 more",
        "✗ one · list.txt is gone",
    ]
    assert ran.text(2) == "['a.txt']"


def test_a_notebook_that_had_none_says_so(run_cells: RunCells) -> None:
    ran = run_cells("%gemfiles restore")

    assert ran.text(1).startswith("No variable of this notebook held a file")


def test_after_unloading_nothing_is_remembered(run_cells: RunCells) -> None:
    run_cells(
        "x = %gemupload a.txt -q",
        "ip = get_ipython()\nbefore = len(ip.events.callbacks['post_run_cell'])",
        "%unload_ext gemfiles_jupyter",
        "y = x",
    )

    ran = run_cells("%gemfiles restore", "x.label", "y")

    assert ran.text(2) == "'a.txt'"
    assert ran.outputs(3)[0].ename == "NameError"
