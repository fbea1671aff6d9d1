"""``%gemupload`` with values of variables, and ``%%gemupload`` with a cell, in a real kernel."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gemfiles_jupyter.magics.notebook import split

from .conftest import RunCells


def test_each_kind_of_value_is_uploaded_and_named_after_its_variable(
    run_cells: RunCells, media: Path, tmp_path: Path
) -> None:
    shutil.copy(media / "chart.png", tmp_path)
    (tmp_path / "notes.txt").write_text("notes")

    ran = run_cells(
        "import io, PIL.Image, pandas\n"
        "from matplotlib.figure import Figure\n"
        "from pathlib import Path\n"
        "text, path, data = 'notes.txt', Path('notes.txt'), b'bytes'\n"
        "array, view, stream = bytearray(b'array'), memoryview(b'view'), io.BytesIO(b'stream')\n"
        "opened = open('chart.png', 'rb')\n"
        "photo = PIL.Image.new('RGB', (8, 6), 'teal')\n"
        "plot = Figure(figsize=(2, 1), dpi=50); plot.subplots().plot([1, 2])\n"
        "table = pandas.DataFrame({'port': ['Brest'], 'metres': [7.1]})\n"
        "several = [photo, 'notes.txt']\n"
        "named = {'sea.png': photo, 'tides': table}",
        "def show(x): return [(f.display_name, f.mime_type) for f in (x if isinstance(x, list) else [x])]",
        "a = %gemupload $text -q\nb = %gemupload {path} -q\nc = %gemupload $data -q\n"
        "d = %gemupload $array -q\ne = %gemupload $view -q\nf = %gemupload $stream -q\n"
        "g = %gemupload $opened -q\n"
        "h = %gemupload $photo -q\ni = %gemupload $plot -q\nj = %gemupload $table -q\n"
        "k = %gemupload $several -q\nl = %gemupload $named -q",
        "for x in (a, b, c, d, e, f, g, h, i, j, k, l): print(show(x), type(x).__name__)\n"
        "print(l['sea.png'].name == h.name and l['tides.csv'].name == j.name)",  # stored under another name
    )

    assert ran.text(4).splitlines() == [
        "[('notes.txt', 'text/plain')] File",
        "[('notes.txt', 'text/plain')] File",
        "[('data.txt', 'text/plain')] File",
        "[('array.txt', 'text/plain')] File",
        "[('view.txt', 'text/plain')] File",
        "[('stream.txt', 'text/plain')] File",
        "[('chart.png', 'image/png')] File",
        "[('photo.png', 'image/png')] File",
        "[('plot.png', 'image/png')] File",
        "[('table.csv', 'text/csv')] File",
        "[('photo.png', 'image/png'), ('notes.txt', 'text/plain')] FileList",
        "[('photo.png', 'image/png'), ('table.csv', 'text/csv')] FileList",
        "True",
    ]


def test_a_figure_drawn_anew_is_not_sent_anew(run_cells: RunCells) -> None:
    draw = (
        "from matplotlib.figure import Figure\n"
        "plot = Figure(); plot.subplots().plot([3, 1, 2])\n"
        "%gemupload $plot -v drawn"
    )

    ran = run_cells(draw, draw, "import gemfiles_jupyter as gf\ngf.upload(plot).name == drawn.name")

    assert ran.text(1).startswith("✓ plot.png → drawn · image/png · ")
    assert ran.text(2).startswith("✓ plot.png → drawn · reused, 0 B sent · ")
    assert ran.text(3) == "True"


def test_variables_stand_within_paths_and_for_the_values_of_options(
    run_cells: RunCells, tmp_path: Path
) -> None:
    for name in ("notes/week/a.md", "notes/week/b.md", "notes/week/c.txt", "tide{n}.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)

    ran = run_cells(
        "from pathlib import Path\n"
        "folder, sub, n, title, kind = Path('notes'), 'week', 7, 'The tides', 'text/x-mine'",
        "x = %gemupload $folder/week/*.md -q",
        "y = %gemupload {folder}/{sub}/c.txt --name $title --mime={kind} -q",
        "z = %gemupload tide{n}.txt --name 'Tides {n}: {{n}} $other' -q",
        "[f.display_name for f in x], y.display_name, y.mime_type, z.display_name",
        "%%gemupload {sub}-{n}.md -q\nwords",
        "_.display_name",
        "%gemupload $nowhere/a.md",
        "%gemupload {nowhere}/a.md",
        "%gemupload a.md --name $nowhere",
        "several = [1]\n%gemupload a.md --name $several",
        "%gemfiles ls week-{n}*",
        "%gemfiles rm week-{n}.md",
        "model = 'gemini-2.5-pro'\nlate = '1d'",
        "%%gemprompt -m $model --system 'As {sub}'\nHi",
        "%gemfiles ls --younger $late",
        "%gemfiles ls x $y",
        f"%gemupload {'a' * 300}.txt",
    )

    assert ran.text(5) == "(['a.md', 'b.md'], 'The tides', 'text/x-mine', 'Tides 7: {n} $other')"
    assert ran.text(7) == "'week-7.md'"
    assert ran.error(8) == (
        "UnknownVariable",
        "UnknownVariable: There is no variable nowhere. Run the cell that makes it, or check the name.",
    )
    assert "There is no file {nowhere}/a.md." in ran.error(9)[1]
    assert ran.error(10)[0] == "UnknownVariable"
    assert "$several is of type list, and this is a place for text." in ran.error(11)[1]
    assert ran.text(12).splitlines()[-1].startswith("1 file, ")
    assert ran.text(13).startswith("✓ deleted 1 file: week-7.md")
    assert "gemini-2.5-pro · " in ran.text(15)
    assert "“As week”" in ran.text(15)
    assert ran.text(16).splitlines()[-1].startswith("4 files, ")
    assert ran.text(17).splitlines()[-1].startswith("3 files, ")
    assert ran.error(18)[0] == "SourceNotFound"


def test_a_name_may_be_given(run_cells: RunCells) -> None:
    ran = run_cells(
        "data = b'a,b'", "x = %gemupload $data --name 'The tides.csv'", "x.display_name, x.mime_type"
    )

    assert ran.text(3) == "('The tides.csv', 'text/plain')"


@pytest.mark.parametrize(
    ("setup", "line", "error", "words"),
    [
        ("x = 3.5", "%gemupload $x", "InvalidUsage", ["x is of type float", "Give a path, bytes"]),
        (
            "import numpy; x = numpy.zeros(3)",
            "%gemupload $x",
            "InvalidUsage",
            ["type ndarray", "PIL.Image.fromarray(x)", "pandas.DataFrame(x)"],
        ),
        ("x = b'data'", "%gemupload x", "SourceNotFound", ["no file x", "write $x"]),
        ("x = [b'data']", "%gemupload $x[0]", "InvalidUsage", ["$x[0] is more than", "source = x[0]"]),
        ("x = [b'data']", "%gemupload {x[0]}", "InvalidUsage", ["{x[0]} is more than", "source = x[0]"]),
        ("x = 'two\\nlines'", "%gemupload $x", "InvalidUsage", ["x holds text", "%%gemupload NAME.txt"]),
        ("x, y = 1, 2", "%gemupload $x $y", "SourceError", ["2 sources", "x is of", "y is of"]),
        ("", "%gemupload keep << $data", "UnknownVariable", ["no variable data"]),
        ("", "%gemupload # of today", "InvalidUsage", ["takes no comment"]),
    ],
    ids=["number", "array", "without $", "item", "item in braces", "text", "two", "none", "comment"],
)
def test_what_can_not_be_uploaded_says_what_to_do(
    run_cells: RunCells, setup: str, line: str, error: str, words: list[str]
) -> None:
    ran = run_cells(f"{setup}\n{line}")

    name, shown = ran.error(1)
    assert name == error
    for word in words:
        assert word in shown


@pytest.mark.parametrize(
    ("platform", "line", "words"),
    [
        (
            "win32",
            r"C:\Users\me\a.mp4 'D:\my films\b.mp4' -v x",
            [r"C:\Users\me\a.mp4", r"D:\my films\b.mp4", "-v", "x"],
        ),
        (
            "linux",
            r"""my\ film.mp4 'a b.txt' --name="x y" it\'s""",
            ["my film.mp4", "a b.txt", "--name=x y", "it's"],
        ),
        ("linux", "a.txt # b.txt;", ["a.txt", "#", "b.txt"]),
    ],
)
def test_a_line_is_split_as_the_shell_of_the_machine_does(
    monkeypatch: pytest.MonkeyPatch, platform: str, line: str, words: list[str]
) -> None:
    monkeypatch.setattr("sys.platform", platform)

    assert split(line) == words


# %%gemupload


def test_a_cell_becomes_a_text_file_as_it_was_typed(run_cells: RunCells) -> None:
    body = "# Übung – 潮汐 🌊\n\n  {not} a $variable, and no %magic\n!neither"

    ran = run_cells(
        f"%%gemupload notes.md -v notes\n{body}",
        "import gemfiles_jupyter as gf\n"
        "notes.display_name, notes.mime_type, gf.upload("
        + repr((body + "\n").encode())
        + ", mime_type='text/markdown').name == notes.name",
        '%%gemupload data.json -q\n{"a": 1}',
        "_.mime_type",
        "%%gemupload note --name 'A note' --mime text/x-mine\nwords",
        "_.display_name, _.mime_type",
        "%%gemupload /home/someone/plan.txt\nnext",
    )

    assert ran.text(1).startswith("✓ notes.md → notes · text/markdown · ")
    assert ran.text(2) == "('notes.md', 'text/markdown', True)"
    assert ran.text(4) == "'application/json'"
    assert ran.text(6) == "('A note', 'text/x-mine')"
    assert ran.text(7).startswith("✓ plan.txt · ")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("%%gemupload a.md b.md", ["makes one file of the cell", "%%gemupload notes.md"]),
        ("%%gemupload", ["SOURCE"]),
        ("%%gemupload chart.png", ["chart.png is not the name of a text file", "NAME.md", "--mime"]),
        ("%%gemupload notes.md -v 1x", ["1x is not a name"]),
    ],
    ids=["two names", "no name", "no text", "bad variable"],
)
def test_a_cell_that_is_no_file_says_why(run_cells: RunCells, line: str, words: list[str]) -> None:
    ran = run_cells(f"{line}\nwords")

    name, shown = ran.error(1)
    assert name == "InvalidUsage"
    for word in words:
        assert word in shown


def test_a_cell_can_be_tried_first_too(run_cells: RunCells) -> None:
    ran = run_cells("%%gemupload notes.md --dry-run\nwords", "%gemfiles ls")

    assert "notes.md  text/markdown" in ran.text(1)
    assert "0 files" in ran.text(2)
