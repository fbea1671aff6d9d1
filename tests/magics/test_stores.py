"""``%gemfiles store`` in a real kernel."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .conftest import RunCells


@pytest.fixture(autouse=True)
def sources(media: Path, tmp_path: Path) -> None:
    (tmp_path / "owls.txt").write_text("Owls hunt at night.")
    (tmp_path / "books.md").write_text("Robert Graves wrote I, Claudius.")
    shutil.copy(media / "chart.png", tmp_path)


def test_a_store_from_its_making_to_its_end(run_cells: RunCells, tmp_path: Path) -> None:
    ran = run_cells(
        "lectures = %gemfiles store create lectures",
        "%gemfiles store upload lectures owls.txt books.md --meta year=1934",
        "%gemfiles store documents $lectures",
        "%gemfiles store",
        "shown = %gemfiles store info lectures",
        "type(shown).__name__, shown.facts.active, lectures.facts.active",
        "%gemfiles store rm lectures owls.txt",
        "%gemfiles store rm lectures",
        "%gemfiles store rm lectures -y",
        "%gemfiles store ls",
    )

    assert ran.text(1).startswith("✓ lectures · created · fileSearchStores/lectures-")
    rows = ran.text(2).splitlines()
    assert [row.partition(" · ")[0] for row in rows] == ["✓ owls.txt → lectures", "✓ books.md → lectures"]
    assert "text/plain · 19 B · documents/owlstxt-" in rows[0]
    assert len(ran.outputs(2)) == 1, "what moved is in one place, and the store is not shown once more"
    assert ran.text(3).splitlines()[-1] == "2 documents"
    assert "year=1934" in ran.text(3)
    assert ran.text(4).splitlines()[1].split()[:2] == ["lectures", "2"]
    assert len(ran.outputs(4)) == 1
    assert ran.text(6) == "('Store', 2, 0)"
    assert ran.text(7).startswith("✓ lectures · deleted owls.txt")
    name, said = ran.error(8)
    assert name == "InvalidUsage"
    assert "This deletes lectures with its 1 document. Add -y" in said
    assert "deleted with its 1 document" in ran.text(9)
    assert ran.text(10) == "0 stores"
    assert str(tmp_path) not in ran.saved


def test_the_same_line_again_adds_nothing(run_cells: RunCells) -> None:
    ran = run_cells(
        "%gemfiles store create lectures",
        "%gemfiles store create lectures",
        "x = %gemfiles store upload lectures owls.txt",
        "x = %gemfiles store upload lectures owls.txt",
        "x.facts.active",
    )

    assert "exists already" in ran.text(2)
    assert "is in it already" in ran.text(4)
    assert ran.text(5) == "1"


def test_a_prompt_searches_stores_by_variable_and_by_name(run_cells: RunCells) -> None:
    ran = run_cells(
        "s = %gemfiles store create lectures",
        "%gemfiles store upload s owls.txt books.md",
        "%%gemprompt --stores s\nWho wrote Claudius?",
        "%%gemprompt --stores lectures\nWho hunts at night?",
        "%%gemprompt --stores nothing\nWho?",
    )

    assert "Robert Graves wrote I, Claudius." in ran.text(3)
    assert "Owls hunt at night." in ran.text(4)
    assert ran.error(5)[0] == "StoreUnavailable"


def test_variables_hold_what_is_uploaded_and_imported(run_cells: RunCells) -> None:
    ran = run_cells(
        "s = %gemfiles store create lectures",
        "notes = b'Owls sleep by day.'",
        "%gemfiles store upload s $notes --name day.txt -q",
        "%gemfiles store upload s $notes --name day.txt",
        "owls = %gemupload owls.txt -q",
        "%gemfiles store import s owls",
        "number = 3",
        "%gemfiles store info $number",
        "%gemfiles store upload s $number",
        "s",
    )

    assert "Unrecognized arguments: -q" in ran.error(3)[1]
    assert ran.text(4).startswith("✓ day.txt → lectures · text/plain")
    assert ran.text(6).startswith("✓ owls.txt → lectures")
    assert "holds neither a file nor a store" in ran.error(8)[1]
    assert "is of type int, which can't be uploaded" in ran.error(9)[1]
    assert "lectures" in ran.text(10)
    assert "<table" in ran.html(10)


def test_options_say_which_documents_how_they_are_cut_and_whether_to_wait(
    run_cells: RunCells, tmp_path: Path
) -> None:
    for name in ("a.txt", "b.md", "draft.txt", "below/c.txt"):
        path = tmp_path / "notes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"This is {name}. " * 20)
    (tmp_path / "tides.dat").write_text("High water at noon.")

    ran = run_cells(
        "s = %gemfiles store create lectures",
        "%gemfiles store upload s notes -r --include *.txt --exclude draft*",
        "%gemfiles store upload s tides.dat --mime text/plain --chunk-words 20 --overlap-words 5",
        "%gemfiles store upload s owls.txt --no-wait",
        "%gemfiles store upload s books.md --timeout 1m",
        "owls = %gemupload owls.txt -q\nbooks = %gemupload books.md -q",
        "t = %gemfiles store create more\n"
        "%gemfiles store import t owls --meta kind=owls --chunk-words 30 --overlap-words 3 --timeout 60",
        "%gemfiles store import t books --no-wait",
        "%gemfiles store documents more",
        "%gemfiles store upload s owls.txt --chunk-words none",
    )

    assert [row.partition(" →")[0] for row in ran.text(2).splitlines()] == ["✓ a.txt", "✓ below/c.txt"]
    assert ran.text(3).startswith("✓ tides.dat → lectures · text/plain")
    assert "being read" in ran.text(4) or "is in it" in ran.text(4)
    assert ran.text(5).startswith("✓ books.md → lectures · text/markdown")
    assert "✓ owls.txt → more · text/plain" in ran.text(7)
    assert "being read" in ran.text(8)
    assert "kind=owls" in ran.text(9)
    assert "'none' is not a number from 1 on" in ran.error(10)[1]


def test_what_fails_fails_in_one_line(run_cells: RunCells) -> None:
    ran = run_cells(
        "%gemfiles store create lectures",
        "%gemfiles store upload lectures chart.png",
        "%gemfiles store upload lectures owls.txt chart.png",
        "%gemfiles store info nothing",
        "%gemfiles store uplaod lectures owls.txt",
        "%gemfiles store upload lectures --help",
    )

    name, said = ran.error(2)
    assert name == "ProcessingFailed"
    assert "The service could not read chart.png: The offline server reads text and PDF" in said
    rows = ran.text(3).splitlines()
    assert rows[0].startswith("✓ owls.txt → lectures")
    assert rows[1].startswith("✗ ")
    assert "chart.png" in rows[1]
    assert ran.error(4)[0] == "StoreUnavailable"
    assert "Did you mean upload?" in ran.error(5)[1]
    assert "--meta KEY=VALUE" in ran.text(6)


def test_the_offline_server_is_named(run_cells: RunCells, tmp_path: Path) -> None:
    home = {"GEMFILES_HOME": str(tmp_path / "home"), "GOOGLE_GEMINI_BASE_URL": "", "GOOGLE_API_KEY": ""}

    ran = run_cells(
        "%gemfiles store create lectures",
        "%gemfiles store upload lectures owls.txt",
        "%gemfiles store documents lectures",
        "%gemfiles store rm lectures -y",
        "%gemfiles offline stop",
        **home,
    )

    for cell in (1, 2, 3, 4):
        assert ran.text(cell).endswith("offline server")
