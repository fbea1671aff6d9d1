"""The first tutorial as a person runs it: JupyterLab, a browser, the Run menu."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright is not installed")

from . import lab

pytestmark = pytest.mark.skipif(lab.find_chromium() is None, reason="chromium is not installed")


def test_first_tutorial_moves_and_ends_in_one_line(tmp_path: Path) -> None:
    root = lab.copy_notebooks(tmp_path / "notebooks")
    with lab.running_lab(root) as address, lab.running_browser() as browser:
        page = lab.open_notebook(browser, address, "01-first-upload.ipynb")
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))

        lab.run_all(page)

        upload = page.locator(".jp-CodeCell").nth(1).locator(".jp-OutputArea-output")
        assert upload.count() == 1
        line = upload.inner_text()
        assert line.startswith("✓ lecture.mp4 → lecture · video/mp4 · 92.2 kB")
        assert line.strip().endswith("offline server")
        assert page.locator(".jp-Notebook .jupyter-widgets").count() == 0
        assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
        assert errors == []
