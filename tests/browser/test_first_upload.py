"""The first tutorial as a person runs it: JupyterLab, a browser, the Run menu."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright is not installed")

from playwright.sync_api import expect

from . import lab

pytestmark = pytest.mark.skipif(lab.find_chromium() is None, reason="chromium is not installed")


def test_first_tutorial_moves_and_ends_in_one_line(tmp_path: Path) -> None:
    root = lab.copy_notebooks(tmp_path / "notebooks")
    with lab.running_lab(root) as address, lab.running_browser() as browser:
        page = lab.open_notebook(browser, address, "01-first-upload.ipynb")
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))

        cells = page.locator(".jp-CodeCell")
        cells.nth(0).locator(".jp-InputArea-prompt").click()
        page.keyboard.press("Shift+Enter")
        cells.nth(1).locator(".jp-InputArea-prompt").click()
        page.keyboard.press("Shift+Enter")
        expect(cells.nth(1).get_by_text("uploaded, processing 0:01")).to_be_visible(timeout=60_000)
        upload = cells.nth(1).locator(".jp-OutputArea-output")
        expect(upload).to_have_text(
            re.compile("✓ lecture.mp4 → lecture · video/mp4 · 92.2 kB.*offline server$")
        )

        lab.run_all(page)

        assert page.locator(".jp-Notebook .jupyter-widgets").count() == 0
        assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
        assert errors == []
