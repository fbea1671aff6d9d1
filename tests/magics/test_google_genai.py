"""A file that google-genai uploaded, in its own variable, is a file for the magics too."""

from __future__ import annotations

from pathlib import Path

from .conftest import RunCells

UPLOAD = """
import gemfiles_jupyter as gf
client = gf.Client().to_genai()
tides = client.files.upload(file="tides.txt")
"""


def test_the_magics_take_a_variable_with_a_file_of_google_genai(run_cells: RunCells, tmp_path: Path) -> None:
    (tmp_path / "tides.txt").write_text("High water is at 07:10.")

    ran = run_cells(UPLOAD, "%%gemprompt\nWhen, {tides}?", "%gemfiles ls", "%gemfiles rm tides")

    assert "High water is at 07:10." in ran.text(2)
    assert "{tides}" not in ran.text(2)
    assert ran.text(3).splitlines()[1].endswith("tides")
    assert "deleted 1 file" in ran.text(4)
