"""``%%gemprompt`` in a real kernel."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gemfiles_jupyter.offline.testing import OfflineServer

from .conftest import RunCells
from .kernels import StartKernel

EXPIRED = 49 * 3600


@pytest.fixture(autouse=True)
def sources(media: Path, tmp_path: Path) -> None:
    shutil.copy(media / "lecture.mp4", tmp_path)
    shutil.copy(media / "chart.png", tmp_path)


def test_puts_files_where_the_placeholders_are_and_shows_markdown(run_cells: RunCells) -> None:
    ran = run_cells(
        "lecture = %gemupload lecture.mp4 -q",
        "chart = %gemupload chart.png -q",
        "points = 5",
        "%%gemprompt -o answer\n"
        "Compare {chart} with {lecture} in {points} points; {unknown} and {{points}} stay.",
        "answer.text.index('chart.png') < answer.text.index('lecture.mp4'), answer.usage.total > 0",
    )

    assert "offline server" in ran.text(4)
    assert "in 5 points; {unknown} and {points} stay." in ran.text(4)
    assert [sorted(out.data) for out in ran.outputs(4)] == [["text/markdown", "text/plain"]]
    assert ran.text(5) == "(True, True)"


def test_awaits_a_file_that_is_still_processing(run_cells: RunCells, server: OfflineServer) -> None:
    server.set(processing_seconds=1.0)

    ran = run_cells(
        "x = %gemupload lecture.mp4 --no-wait -q", "x.state.value", "%%gemprompt\nHow long is {x}?"
    )

    assert ran.text(2) == "'PROCESSING'"
    assert "8 s" in ran.text(3)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        pytest.param("gf.delete_file(x)", ["chart.png was deleted", "Upload it again"], id="deleted"),
        pytest.param("del x", None, id="unknown"),
    ],
)
def test_a_file_that_is_gone_is_named(run_cells: RunCells, spoil: str, words: list[str] | None) -> None:
    ran = run_cells(
        "import gemfiles_jupyter as gf\nx = %gemupload chart.png -q", spoil, "%%gemprompt\nWhat is {x}?"
    )

    if words is None:
        assert "What is {x}?" in ran.text(3), "an unknown name is left alone"
        return
    name, shown = ran.error(3)
    assert name == "FileUnavailable"
    for word in words:
        assert word in shown


def test_an_expired_file_is_sent_again_once_and_its_variable_follows(
    start_kernel: StartKernel, server: OfflineServer
) -> None:
    kernel = start_kernel()
    kernel.run("x = %gemupload chart.png -q\ny = x\nold = x.name")

    server.advance(EXPIRED)
    said = kernel.run("%%gemprompt\nWhat is {x}, and again {y}?")

    assert "✓ chart.png" in said.text
    assert kernel.run("x.name != old, x.name == y.name").text == "(True, True)\n"
    uploads = [it for it in server.requests() if it["method"] == "POST" and "/upload/" in it["path"]]
    assert len(uploads) == 2, "the first time, and the renewal"


def test_an_expired_file_whose_source_is_gone_is_named_with_what_to_do(
    start_kernel: StartKernel, server: OfflineServer, tmp_path: Path
) -> None:
    kernel = start_kernel()
    kernel.run("x = %gemupload chart.png -q")

    server.advance(EXPIRED)
    (tmp_path / "chart.png").unlink()
    error = kernel.run("%%gemprompt\nWhat is {x}?").error

    assert error.startswith(
        "FileUnavailable: chart.png has expired, and its source chart.png is no longer where it was"
    )
    assert "Put it back" in error


def test_options_reach_the_model(run_cells: RunCells) -> None:
    ran = run_cells(
        "%%gemprompt -m gemini-2.5-pro --system 'Answer like a pirate' --temperature 0.5 -f text -o a\nHello",
        "a.model",
        "x = %gemupload chart.png -q",
        "%%gemprompt --files x --no-stream\nWhat is this?",
    )

    assert "pirate" in ran.text(1)
    assert [list(out.data) for out in ran.outputs(1)] == [["text/plain"]]
    assert ran.text(2) == "'gemini-2.5-pro'"
    assert "chart.png" in ran.text(4)


@pytest.mark.parametrize(
    ("cell", "error", "word"),
    [
        pytest.param("%%gemprompt\n   \n", "InvalidUsage", "prompt is empty", id="empty"),
        pytest.param("%%gemprompt --modle x\nHi", "InvalidUsage", "Did you mean --model?", id="option"),
        pytest.param("%%gemprompt {x}\nHi", "InvalidUsage", "The text goes below, with {name}", id="words"),
        pytest.param("%%gemprompt --files nope\nHi", "FileUnavailable", "no file nope", id="no such file"),
        pytest.param(
            "x = 5\nget_ipython().run_cell_magic('gemprompt', '-o x', 'Hi')",
            "InvalidUsage",
            "x already",
            id="-o",
        ),
    ],
)
def test_errors_are_short_and_fail_the_cell(run_cells: RunCells, cell: str, error: str, word: str) -> None:
    ran = run_cells(cell)

    name, shown = ran.error(1)
    assert name == error
    assert word in shown
