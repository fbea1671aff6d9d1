"""``%gemfiles offline`` in a real kernel: a clock that can be moved on, and a server that can be emptied."""

from __future__ import annotations

from pathlib import Path

import pytest

from gemfiles_jupyter.offline import launcher

from .kernels import StartKernel


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A user without a key, who has an offline server of their own."""
    return {"GOOGLE_API_KEY": "", "GOOGLE_GEMINI_BASE_URL": "", "GEMFILES_HOME": str(tmp_path / "home")}


def test_the_clock_is_moved_on_and_everything_is_reset(
    start_kernel: StartKernel, environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("a text")
    kernel = start_kernel(**environ)
    try:
        before = kernel.run("%gemfiles offline").text
        kernel.run("a = %gemupload a.txt")
        moved = kernel.run("%gemfiles offline advance 49h").text
        status = kernel.run("%gemfiles offline status").text
        gone = kernel.run("%gemfiles ls").text
        kernel.run("b = %gemupload a.txt --reuse never")
        unasked = kernel.run("%gemfiles offline reset")
        declined = kernel.run("%gemfiles offline reset", "n")
        still = kernel.run("%gemfiles ls").text
        agreed = kernel.run("%gemfiles offline reset", "y").text
        sure = kernel.run("%gemfiles offline reset -y").text
        stopped = kernel.run("%gemfiles offline stop").text
        started = kernel.run("%gemfiles offline start").text
    finally:
        launcher.stop(tmp_path / "home")

    assert "not running" in before
    assert "clock is 2 days 1 hour ahead; 1 file has expired." in moved
    assert "Its clock is 2 days 1 hour ahead." in status
    assert "0 files" in gone
    assert "This deletes all files and stores of the offline server. Add -y" in unasked.error
    assert declined.asked == [
        "Delete all files and stores of the offline server, and set its clock right? [y/N] "
    ]
    assert "Nothing was deleted." in declined.text
    assert "1 file" in still
    assert "as new: 1 file removed, and its clock is right." in agreed
    assert "there were no files" in sure
    assert "has stopped" in stopped
    assert "runs at http://127.0.0.1:" in started


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("advance", "The following arguments are required: TIME"),
        ("advance soon", "'soon' is not a time such as 90s, 10m, 1h or 2d"),
        ("advence 1h", "Did you mean advance?"),
    ],
)
def test_a_line_that_makes_no_sense_is_refused(
    start_kernel: StartKernel, environ: dict[str, str], line: str, said: str
) -> None:
    assert said in start_kernel(**environ).run(f"%gemfiles offline {line}").error
