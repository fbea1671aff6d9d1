"""``%gemupload`` in a real kernel."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from gemfiles_jupyter.magics.upload import PARSER
from gemfiles_jupyter.offline.testing import OfflineServer

from .conftest import RunCells


def test_saves_one_line_that_names_file_and_variable(
    run_cells: RunCells, media: Path, tmp_path: Path
) -> None:
    shutil.copy(media / "lecture.mp4", tmp_path)

    ran = run_cells("lecture = %gemupload lecture.mp4", "lecture.state, lecture.video_seconds")

    outputs = ran.outputs(1)
    assert [out.output_type for out in outputs] == ["display_data"]
    assert ran.text(1).count("\n") == 0
    assert ran.text(1).startswith("✓ lecture.mp4 → lecture · video/mp4 · 92.2 kB · ")
    assert "expires 20" in ran.text(1)
    assert len(json.dumps(outputs)) < 2048
    assert "ACTIVE" in ran.text(2)
    assert "8.0" in ran.text(2)


def test_shows_bytes_and_then_processing_while_it_runs(
    run_cells: RunCells, server: OfflineServer, media: Path, tmp_path: Path
) -> None:
    server.set(processing_seconds=2.5)
    padding = (64 * 1024 * 1024).to_bytes(4, "big") + b"free"
    with (tmp_path / "lecture.mp4").open("wb") as video:
        video.write((media / "lecture.mp4").read_bytes() + padding)
        video.truncate(video.tell() + 64 * 1024 * 1024 - 8)

    ran = run_cells(
        "from IPython.utils.capture import capture_output\n"
        "with capture_output() as seen:\n"
        "    lecture = get_ipython().run_line_magic('gemupload', 'lecture.mp4')\n"
        "for output in seen.outputs: print(output.data['text/plain'])"
    )

    states = ran.text(1).splitlines()
    assert any("67.2 MB" in state and " %" in state for state in states)
    assert any("uploaded, processing 0:01" in state for state in states)
    assert states[-1].startswith("✓ lecture.mp4 → lecture")
    assert len(states) <= 4 * 5, "at most four updates a second"


def test_gives_a_list_for_a_folder_and_shows_each_file(
    run_cells: RunCells, media: Path, tmp_path: Path
) -> None:
    shutil.copytree(media, tmp_path / "media", ignore=shutil.ignore_patterns("*.py", "*.md"))

    ran = run_cells("material = %gemupload media", "len(material), material['chart.png'].mime_type")

    lines = ran.text(1).splitlines()
    assert lines[0].startswith("5 files → material · 5 ✓")
    assert [line.split(" · ")[0] for line in lines[1:]] == [
        "✓ chart.png",
        "✓ handout.pdf",
        "✓ interview.m4a",
        "✓ lecture.mp4",
        "✓ Übung – 潮汐.txt",
    ]
    assert "(5, 'image/png')" in ran.text(2)


def test_binds_the_name_given_by_v_but_never_overwrites_what_is_not_ours(
    run_cells: RunCells, media: Path, tmp_path: Path
) -> None:
    shutil.copy(media / "chart.png", tmp_path)

    ran = run_cells(
        "%gemupload chart.png -v plot",
        "plot.display_name",
        "keep = 5",
        "%gemupload chart.png -v keep",
        "keep",
    )

    assert "→ plot" in ran.text(1)
    assert "chart.png" in ran.text(2)
    assert ran.error(4)[0] == "InvalidUsage"
    assert ran.text(5) == "5"


def test_shows_the_result_once_and_keeps_it_in_underscore(
    run_cells: RunCells, media: Path, tmp_path: Path
) -> None:
    shutil.copy(media / "chart.png", tmp_path)

    ran = run_cells("%gemupload chart.png", "_.display_name", "x = %gemupload chart.png\nx")

    assert len(ran.outputs(1)) == 1
    assert "chart.png" in ran.text(2)
    assert len(ran.outputs(3)) == 2, "asked for in the same cell, it is shown"


def test_options_reach_the_service(run_cells: RunCells, tmp_path: Path) -> None:
    (tmp_path / "notes.dat").write_text("a,b\n1,2\n")

    ran = run_cells(
        "x = %gemupload notes.dat --name 'Tide table' --id tide-table --mime text/csv",
        "x.name, x.display_name, x.mime_type",
    )

    assert ran.text(2) == "('files/tide-table', 'Tide table', 'text/csv')"


def test_include_exclude_and_recursion_choose_among_the_files_of_a_folder(
    run_cells: RunCells, tmp_path: Path
) -> None:
    for name in ("a.txt", "b.md", "draft.txt", "below/c.txt"):
        path = tmp_path / "notes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)

    ran = run_cells(
        "x = %gemupload notes -r --include *.txt --exclude draft* -j 2", "[f.display_name for f in x]"
    )

    assert ran.text(2) == "['a.txt', 'below/c.txt']"


def test_no_wait_returns_while_the_service_still_processes(
    run_cells: RunCells, server: OfflineServer, media: Path, tmp_path: Path
) -> None:
    server.set(processing_seconds=60)
    shutil.copy(media / "lecture.mp4", tmp_path)

    ran = run_cells("x = %gemupload lecture.mp4 --no-wait", "x.state")

    assert "still processing" in ran.text(1)
    assert "PROCESSING" in ran.text(2)


def test_quiet_shows_nothing(run_cells: RunCells, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")

    ran = run_cells("x = %gemupload a.txt -q")

    assert ran.outputs(1) == []


def test_some_failures_are_listed_and_the_rest_arrives(run_cells: RunCells, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("good")
    (tmp_path / "bad.mp4").write_bytes(b"\x00\x00\x00\x18ftypmp42" + bytes(500))

    ran = run_cells("x = %gemupload good.txt bad.mp4", "len(x), x.failed[0].label")

    assert "2 files → x · 1 ✓ · 1 ✗" in ran.text(1)
    assert "✗ " in ran.text(1)
    assert "could not process bad.mp4" in ran.text(1)
    assert ran.text(2) == "(1, 'bad.mp4')"


@pytest.mark.parametrize(
    ("line", "error", "words"),
    [
        pytest.param(
            "%gemupload lectur.mp4",
            "SourceNotFound",
            ["no file lectur.mp4", "Did you mean lecture.mp4?"],
            id="missing file",
        ),
        pytest.param("%gemupload empty", "SourceNotFound", ["empty holds no files", "-r"], id="empty folder"),
        pytest.param("%gemupload *.nothing", "SourceNotFound", ["No file matches *.nothing."], id="pattern"),
        pytest.param(
            "%gemupload a.txt --nam x", "InvalidUsage", ["--nam", "Did you mean --name?"], id="option"
        ),
        pytest.param("%gemupload", "InvalidUsage", ["SOURCE", "--help"], id="no source"),
        pytest.param("%gemupload 'a.txt", "InvalidUsage", ["quote is not closed"], id="open quote"),
        pytest.param("%gemupload $nowhere", "UnknownVariable", ["no variable nowhere"], id="variable"),
        pytest.param("%gemupload $len", "UnknownVariable", ["no variable len"], id="builtin"),
        pytest.param("x = 3.5\n%gemupload $x", "InvalidUsage", ["type float"], id="wrong type"),
        pytest.param(
            "%gemupload bad.mp4",
            "ProcessingFailed",
            ["could not process bad.mp4", "convert it"],
            id="failed video",
        ),
        pytest.param("%gemupload a.txt -v 1x", "InvalidUsage", ["1x is not a name"], id="bad variable name"),
        pytest.param("%gemupload a.txt --timeout soon", "InvalidUsage", ["soon", "10m"], id="bad time"),
    ],
)
def test_errors_are_short_and_fail_the_cell(
    run_cells: RunCells, tmp_path: Path, line: str, error: str, words: list[str]
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "lecture.mp4").write_bytes(b"")
    (tmp_path / "bad.mp4").write_bytes(b"\x00\x00\x00\x18ftypmp42" + bytes(500))

    ran = run_cells(line)

    name, shown = ran.error(1)
    assert name == error
    for word in words:
        assert word in shown


def test_a_dead_server_is_one_line_that_says_where_and_what_to_do(
    run_cells: RunCells, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("a")

    ran = run_cells("x = %gemupload a.txt", GOOGLE_GEMINI_BASE_URL="http://127.0.0.1:9")

    name, shown = ran.error(1)
    assert name == "CannotConnect"
    assert "Nothing answers at 127.0.0.1:9" in shown
    assert "Check" in shown


def test_capture_keeps_the_cell_silent(run_cells: RunCells, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")

    ran = run_cells("%%capture seen\nx = %gemupload a.txt", "x.display_name, len(seen.outputs) >= 1")

    assert ran.outputs(1) == []
    assert ran.text(2) == "('a.txt', True)"


def test_names_with_spaces_quotes_and_emoji(run_cells: RunCells, tmp_path: Path) -> None:
    (tmp_path / "my 🌊 notes{1}.txt").write_text("a")

    ran = run_cells("x = %gemupload 'my 🌊 notes{1}.txt'", "x.display_name")

    assert ran.text(2) == "'my 🌊 notes{1}.txt'"


# Options, and how a result is named


def test_a_result_is_named_as_in_magics_for_sql(run_cells: RunCells, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "b.txt").write_text("b")

    ran = run_cells(
        "%gemupload x << a.txt",
        "x.display_name",
        "%gemupload -q both << a.txt b.txt",
        "[file.display_name for file in both]",
        "keep = 5",
        "%gemupload keep << a.txt",
        "%gemupload 1x << a.txt",
        "%gemupload y << a.txt -v z",
        "keep, 'y' in globals(), 'z' in globals()",
    )

    assert ran.text(1).startswith("✓ a.txt → x · ")
    assert ran.text(2) == "'a.txt'"
    assert ran.text(4) == "['a.txt', 'b.txt']"
    assert ran.error(6) == (
        "InvalidUsage",
        "InvalidUsage: keep already holds a value of type int. Choose another name, or delete it first.",
    )
    assert "1x is not a name for a variable" in ran.error(7)[1]
    assert "The variable is named twice" in ran.error(8)[1]
    assert ran.text(9) == "(5, False, False)"


def test_results_keep_the_order_of_the_line(run_cells: RunCells, tmp_path: Path) -> None:
    (tmp_path / "slow.txt").write_bytes(b"s" * 3_000_000)
    (tmp_path / "quick.txt").write_text("q")

    ran = run_cells("x = %gemupload slow.txt quick.txt", "[f.display_name for f in x], x.failed")

    assert ran.text(2) == "(['slow.txt', 'quick.txt'], ())"
    assert [line.split(" · ")[0] for line in ran.text(1).splitlines()[1:]] == ["✓ slow.txt", "✓ quick.txt"]


def test_a_semicolon_belongs_to_ipython(run_cells: RunCells, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "b;").write_text("b")

    ran = run_cells("%gemupload a.txt;", "x = %gemupload a.txt -q;", "x.display_name", "%gemupload 'b;'")

    assert len(ran.outputs(1)) == 1
    assert ran.text(1).startswith("✓ a.txt · ")
    assert ran.text(3) == "'a.txt'"
    assert ran.text(4).startswith("✓ b; · ")


def test_reuse_says_whether_stored_files_may_stand_for_sources(run_cells: RunCells, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")

    ran = run_cells(
        "a = %gemupload a.txt",
        "b = %gemupload a.txt",
        "c = %gemupload a.txt --reuse never",
        "d = %gemupload a.txt --reuse always --mime text/x-mine",
        "e = %gemupload a.txt --reuse auto --mime text/x-mine",
        "b.name == a.name, c.name == a.name, d.name in (a.name, c.name), e.mime_type",
    )

    assert "reused, 0 B sent" in ran.text(2)
    assert ran.text(6) == "(True, False, True, 'text/x-mine')"


def test_timeout_ends_the_wait(
    run_cells: RunCells, server: OfflineServer, media: Path, tmp_path: Path
) -> None:
    server.set(processing_seconds=60)
    shutil.copy(media / "lecture.mp4", tmp_path)

    ran = run_cells("x = %gemupload lecture.mp4 --timeout 1s")

    assert ran.error(1)[0] == "ProcessingTimeout"
    assert "lecture.mp4 is still processing after 1 s. Wait on with %gemfiles wait files/" in ran.error(1)[1]


def test_what_would_be_refused_is_named_before_a_byte_is_sent_and_stops_no_other(
    run_cells: RunCells, tmp_path: Path
) -> None:
    for name, head, size in (("scan.pdf", b"%PDF-1.7", 61_000_000), ("big.mp4", b"", 2 * 1024**3 + 1)):
        with (tmp_path / name).open("wb") as file:
            file.write(head)
            file.truncate(size)
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04" + bytes(30))
    (tmp_path / "a.txt").write_text("a")

    ran = run_cells(
        "x = %gemupload scan.pdf big.mp4 a.zip",
        "%gemfiles ls",
        "%gemupload a.zip --force",
        "y = %gemupload scan.pdf a.txt\n[file.label for file in y], [lost.label for lost in y.failed]",
    )

    name, said = ran.error(1)
    assert name == "SourceError"
    for word in ("3 sources can't be sent", "scan.pdf is 61 MB", "big.mp4 is 2.15 GB", "a.zip is of type"):
        assert word in said
    assert ran.text(2).startswith("0 files")
    assert "Unsupported MIME type: application/zip" in ran.error(3)[1], "the service's own word"
    assert "✗ scan.pdf is 61 MB; " in ran.text(4)
    assert "the service takes PDFs up to 50 MB" in ran.text(4)
    assert "(['a.txt'], ['scan.pdf'])" in ran.text(4)


def test_a_dry_run_shows_a_table_and_sends_nothing(run_cells: RunCells, media: Path, tmp_path: Path) -> None:
    for name in ("chart.png", "handout.pdf"):
        shutil.copy(media / name, tmp_path)
    with (tmp_path / "scan.pdf").open("wb") as file:
        file.write(b"%PDF-1.7")
        file.truncate(61_000_000)

    ran = run_cells(
        "x = %gemupload chart.png -q",
        "x = %gemupload chart.png handout.pdf scan.pdf --dry-run -v y",
        "x, 'y' in globals()",
        "%gemfiles ls",
        "%gemupload $x --dry-run",
    )

    lines = ran.text(2).splitlines()
    assert lines[0].split() == ["source", "type", "size", "tokens", "would", "be", "because"]
    assert lines[1].split()[:2] == ["chart.png", "image/png"]
    assert "reused" in lines[1]
    assert "sent" in lines[2]
    assert "refused" in lines[3]
    assert "the service takes PDFs up to 50 MB" in lines[3]
    assert "3 sources · 1 sent · 1 reused · 1 refused · " in lines[4]
    assert "dry run: nothing was sent" in lines[4]
    assert "<table" in ran.html(2)
    assert ran.text(3) == "(None, False)"
    assert "1 file, " in ran.text(4)


def test_help_is_shown_where_a_person_looks_for_it(run_cells: RunCells) -> None:
    ran = run_cells("%gemupload --help", "%gemupload?", "x = %gemupload --help\nx is None")

    for action in PARSER._actions:
        for option in action.option_strings:
            assert option in ran.text(1)
    assert ran.outputs(3)[-1].data["text/plain"] == "True"


# Unusual files


def test_unusual_files(run_cells: RunCells, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "👩‍🔬 lab 🌊.txt").write_text("a")
    os.mkfifo(tmp_path / "pipe")

    ran = run_cells(
        "x = %gemupload empty.txt",
        "x.size_bytes, x.state.value",
        "x = %gemupload '👩‍🔬 lab 🌊.txt'",
        "%gemupload pipe",
        "%gemupload /dev/null",
        "import os; os.environ['HOME'] = os.getcwd()\n%gemupload ~/empty.txt",
    )

    assert ran.text(2) == "(0, 'ACTIVE')"
    assert ran.text(3).startswith("✓ 👩‍🔬 lab 🌊.txt → x")
    assert "pipe is not a regular file" in ran.error(4)[1]
    assert "null is not a regular file" in ran.error(5)[1]
    assert ran.text(6).startswith("✓ empty.txt · reused")


def test_none_of_several_arrived(run_cells: RunCells, tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).write_bytes(b"\x00\x00\x00\x18ftypmp42" + bytes(500) + name.encode())

    ran = run_cells("x = %gemupload a.mp4 b.mp4", "'x' in globals()")

    assert "2 files → x · 2 ✗" in ran.text(1)
    assert ran.text(1).count("could not process") == 2
    assert ran.error(1) == ("AllFailed", "AllFailed: None of 2 files arrived. Each line above says why.")
    assert ran.text(2) == "False"
