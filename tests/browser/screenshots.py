"""Make the README's pictures: ``python tests/browser/screenshots.py``.

Each is to be looked at before it is committed.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import lab

IMAGES = lab.NOTEBOOKS / "images"


def main() -> None:
    """Run the first tutorial in light and dark, and take a picture of what it shows."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        root = lab.copy_notebooks(Path(folder) / "notebooks")
        with lab.running_lab(root) as address, lab.running_browser() as browser:
            for theme in ("light", "dark"):
                page = lab.open_notebook(
                    browser, address, "01-first-upload.ipynb", is_dark=theme == "dark", height=920
                )
                lab.run_all(page)
                page.locator(".jp-CodeCell").nth(1).locator(".jp-InputArea-prompt").click()
                heading = page.get_by_role("heading", name="One file")
                heading.evaluate("it => it.closest('.jp-Cell').scrollIntoView({block: 'start'})")
                page.mouse.move(5, 5)  # nothing is to look hovered
                page.wait_for_timeout(1000)
                page.locator(".jp-NotebookPanel-notebook").screenshot(
                    path=IMAGES / f"first-upload-{theme}.png"
                )
                page.close()


if __name__ == "__main__":
    main()
