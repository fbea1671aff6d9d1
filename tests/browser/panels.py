"""Panels in notebooks, in a real browser on a real kernel: notebooks to begin with, and what a hand does."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Locator, Page, expect

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
AXE = Path(__file__).parents[2] / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
SECONDS = 60_000

PANEL = ".jp-Notebook .jp-gemfiles-Panel"
BUTTON = ".jp-Notebook .jp-gemfiles-UploadButton"


def write_notebook(folder: Path, *cells: str, name: str = "panel.ipynb") -> str:
    """Write a notebook of these cells, and return its name."""
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells], metadata=KERNEL)
    nbformat.write(notebook, folder / name)
    return name


def cell_output(page: Page, index: int) -> Locator:
    return page.locator(".jp-CodeCell").nth(index).locator(".jp-Cell-outputArea")


def begin_cell(page: Page, index: int) -> Locator:
    """Run a cell, and return its prompt, which has a number once it has run."""
    prompt = page.locator(".jp-CodeCell").nth(index).locator(".jp-InputArea-prompt")
    prompt.click()
    page.keyboard.press("Shift+Enter")
    return prompt


def run_cell(page: Page, index: int) -> str:
    """Run a cell to its end, and return what it shows."""
    expect(begin_cell(page, index)).to_have_text(re.compile(r"\[\d+\]:"), timeout=SECONDS)
    return cell_output(page, index).inner_text()


def file_row(panel: Locator, label: str) -> Locator:
    """Return the row of a stored file."""
    return panel.get_by_role("row").filter(has_text=label)


def transfer_row(panel: Locator, label: str) -> Locator:
    """Return the row of a transfer."""
    return panel.locator(".jp-gemfiles-Transfer").filter(has_text=label)


def violations(page: Page, selector: str) -> Sequence[str]:
    """Return what axe finds that is serious or critical."""
    page.add_script_tag(path=AXE)
    found = page.evaluate(
        "async selector => (await axe.run(document.querySelector(selector))).violations", selector
    )
    return [
        f"{rule['id']}: {json.dumps(rule['nodes'][0]['html'])}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
    ]


def settings(root: Path, plugin: str, values: dict[str, object]) -> None:
    """Set what a user could set in JupyterLab's settings, before it is started."""
    folder, _, file = plugin.partition(":")
    path = root.parent / "settings" / folder / f"{file}.jupyterlab-settings"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values))
