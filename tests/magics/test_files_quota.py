"""``%gemfiles quota``, ``count`` and ``code``."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gemfiles_jupyter.offline.testing import OfflineServer

from .conftest import RunCells

HOUR = 3600


@pytest.fixture(autouse=True)
def sources(media: Path, tmp_path: Path) -> None:
    for name in ("lecture.mp4", "handout.pdf", "chart.png"):
        shutil.copy(media / name, tmp_path)


def test_quota_shows_what_fills_the_storage_and_when_it_gets_free(
    run_cells: RunCells, server: OfflineServer
) -> None:
    run_cells("%gemupload handout.pdf -q")
    server.advance(10 * HOUR)

    ran = run_cells(
        "%gemupload lecture.mp4 chart.png -q", "%gemfiles quota", "%gemfiles rm --all -y", "%gemfiles quota"
    )

    text = ran.text(2)
    assert "of 21.5 GB (20 GiB) used, under 0.1 % · 3 files" in text
    kinds, biggest, releases = (part.splitlines() for part in text.split("\n\n")[1:])
    assert [row.split()[0] for row in kinds] == ["by", "video", "image", "pdf"] or kinds[1].startswith(
        "video"
    )
    assert biggest[1].startswith("lecture.mp4")
    assert releases[1].startswith("36–42 h "), "the handout, in 38 hours"
    assert releases[2].startswith("42–48 h ")
    assert [row.split()[-1] for row in releases[1:]] == ["1", "2"]
    assert len(ran.outputs(2)) == 1
    assert "<svg" not in ran.html(2)
    assert "<script" not in ran.html(2)
    assert ran.text(4).splitlines()[0] == "0 B of 21.5 GB (20 GiB) used, 0.0 % · 0 files"


def test_count_says_each_and_all_of_files_and_texts(run_cells: RunCells) -> None:
    ran = run_cells(
        "lecture = %gemupload lecture.mp4 --no-wait -q",
        "notes = %gemupload chart.png handout.pdf -q",
        "question = 'What is shown?'",
        "total = %gemfiles count lecture $notes handout.pdf question",
        "one = %gemfiles count lecture --model gemini-2.5-pro",
        "total > one > 0",
        "%gemfiles count nothing.pdf",
    )

    rows = ran.text(4).splitlines()
    assert [row.split()[0] for row in rows[1:-1]] == [
        *("lecture.mp4", "chart.png", "handout.pdf", "handout.pdf", "question")
    ]
    counts = [int(row.split()[-1].replace(",", "")) for row in rows[1:-1]]
    assert rows[-1].startswith(f"{sum(counts):,} tokens · gemini-2.5-flash")
    assert counts[2] == counts[3]
    assert "gemini-2.5-pro" in ran.text(5)
    assert ran.text(6) == "True"
    assert ran.error(7)[0] == "FileUnavailable"


def test_count_sends_again_what_is_gone(run_cells: RunCells) -> None:
    ran = run_cells(
        "x = %gemupload chart.png -q\nbefore = x.name",
        "import gemfiles_jupyter as gf\ngf.Client().files.delete(before)  # from elsewhere",
        "%gemfiles count x",
        "x.name == before",
    )

    assert "chart.png" in ran.text(3)
    assert ran.text(4) == "False", "the variable follows"


def test_code_is_plain_google_genai_and_runs(run_cells: RunCells) -> None:
    pytest.importorskip("google.genai", reason="google-genai is not installed")
    ran = run_cells(
        "lecture = %gemupload lecture.mp4 -q\n%gemupload chart.png -q",
        "%gemfiles code lecture chart.png",
        "lecture_file = 5",
        "%gemfiles code lecture -m gemini-2.5-pro",
        "%gemfiles code",
    )

    code = ran.text(2)
    assert code.startswith("from google import genai\n")
    assert "lecture_file = client.files.get(name='files/" in code
    assert "contents=[lecture_file, chart_file, 'Describe this.']" in code
    assert "gemfiles" not in code
    assert "lecture_file_2 = " in ran.text(4)
    assert "model='gemini-2.5-pro'" in ran.text(4)
    assert ran.error(5)[0] == "InvalidUsage"
    again = run_cells(code, first="pass")
    assert "lecture.mp4" in again.text(1)


def test_code_that_a_name_tries_to_break_out_of_stays_a_comment(run_cells: RunCells, tmp_path: Path) -> None:
    (tmp_path / "x\nimport os.txt").write_text("x")

    ran = run_cells("x = %gemupload 'x*.txt' -q", "%gemfiles code $x")

    assert not [line for line in ran.text(2).splitlines() if line.startswith("import os")]
