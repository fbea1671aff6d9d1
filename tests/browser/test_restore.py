"""A kernel that is restarted from the menu: each notebook has its own variables back."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

pytest.importorskip("playwright", reason="playwright is not installed")

from playwright.sync_api import Page, expect

from . import lab

pytestmark = pytest.mark.skipif(lab.find_chromium() is None, reason="chromium is not installed")

FIRST = "%load_ext gemfiles_jupyter"
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def run_cell(page: Page, index: int) -> None:
    page.locator(".jp-CodeCell").nth(index).locator(".jp-InputArea-prompt").click()
    page.keyboard.press("Shift+Enter")


def test_each_notebook_has_its_variables_back(tmp_path: Path) -> None:
    root = lab.copy_notebooks(tmp_path / "notebooks")
    for name in ("chart.png", "handout.pdf"):
        cells = [FIRST, f"kept = %gemupload media/{name} -q", "%gemfiles restore", "%gemfiles code kept"]
        notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells], metadata=KERNEL)
        nbformat.write(notebook, root / f"{name}.ipynb")
    with lab.running_lab(root) as address, lab.running_browser() as browser:
        pages = [
            lab.open_notebook(browser, address, f"{name}.ipynb") for name in ("chart.png", "handout.pdf")
        ]
        for page in pages:
            cells = page.locator(".jp-CodeCell")
            for index in (0, 1):
                run_cell(page, index)
                expect(cells.nth(index).locator(".jp-InputArea-prompt")).to_have_text(
                    f"[{index + 1}]:", timeout=60_000
                )
        for page, name in zip(pages, ("chart.png", "handout.pdf"), strict=True):
            page.get_by_role("menuitem", name="Kernel", exact=True).click()
            page.get_by_role("menuitem", name=re.compile("^Restart Kernel and Clear Outputs")).click()
            page.locator(".jp-Dialog .jp-mod-accept").click()
            cells = page.locator(".jp-CodeCell")
            prompt = cells.nth(0).locator(".jp-InputArea-prompt")
            expect(prompt).to_have_text("[ ]:", timeout=60_000)  # cleared once the kernel is there again
            run_cell(page, 0)
            expect(prompt).to_have_text("[1]:", timeout=60_000)
            run_cell(page, 2)

            restored = cells.nth(2).locator(".jp-OutputArea-output")
            expect(restored).to_contain_text(f"✓ {name} → kept · ", timeout=60_000)
            assert restored.inner_text().count("→") == 1, "and not the other's"

            run_cell(page, 3)
            below = cells.nth(4).locator(".jp-InputArea-editor")
            expect(below).to_contain_text("kept_file = client.files.get(", timeout=60_000)
            expect(cells.nth(4).locator(".jp-InputArea-prompt")).to_have_text("[ ]:")
