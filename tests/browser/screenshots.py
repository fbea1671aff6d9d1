"""Make the README's pictures: ``python -m tests.browser.screenshots [first-upload sidebar panel]``.

Each is to be looked at before it is committed.
"""

from __future__ import annotations

import json
import os
import struct
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, expect

from gemfiles_jupyter.offline.runtime import Runtime, private_folder
from gemfiles_jupyter.offline.testing import OfflineServer

from . import lab
from .panel import MIB, Desk, LabPanel
from .panels import PANEL, file_row

IMAGES = lab.NOTEBOOKS / "images"
MEDIA = lab.NOTEBOOKS / "media"
HOUR = 3600.0
NARROW, WIDE = 300, 900
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark", "contrast": "JupyterLab Dark High Contrast"}
SLOWLY = {"plane": "data", "action": "delay", "delay_seconds": 6.0, "count": 10_000}
SCALE = 1.5


def first_upload(folder: Path, browser: Browser) -> None:
    """Run the first tutorial in light and dark, and take a picture of what it shows."""
    root = lab.copy_notebooks(folder / "notebooks")
    with lab.running_lab(root) as address:
        for theme in ("light", "dark"):
            page = lab.open_notebook(
                browser, address, "01-first-upload.ipynb", is_dark=theme == "dark", height=920
            )
            lab.run_all(page)
            page.locator(".jp-CodeCell").nth(1).locator(".jp-InputArea-prompt").click()
            heading = page.get_by_role("heading", name="One file")
            heading.evaluate("it => it.closest('.jp-Cell').scrollIntoView({block: 'start'})")
            take(page.locator(".jp-NotebookPanel-notebook"), f"first-upload-{theme}")
            page.close()


def sidebar(folder: Path, browser: Browser) -> None:
    """Take pictures of JupyterLab and of its sidebar, with files of all ages and transfers of all kinds."""
    with offline_desk(folder) as desk:
        panel = open_panel(browser, desk)
        stock(panel)
        begin_transfers(panel)
        for theme in THEMES:
            use_theme(panel, theme)
            for name, width in (("narrow", NARROW), ("wide", WIDE)):
                resize(panel, width)
                expect(panel.transfer("lecture.mp4")).to_contain_text("left", timeout=30_000)
                take(panel.page.locator("#gemfiles-panel"), f"sidebar-{theme}-{name}")
        use_theme(panel, "light")
        resize(panel, 400)
        take(panel.page.locator("#main"), "sidebar")


def panel(folder: Path, browser: Browser) -> None:
    """Take pictures of the panel below a cell, in light and dark, and of a form with a button."""
    with offline_desk(folder) as desk:
        page = open_panel(browser, desk)
        stock(page)
        page.page.get_by_role("tab", name="Gemini files").click()  # closes the sidebar
        shown = page.add_cell("import gemfiles_jupyter as gf\ngf.Panel()")
        page.run(shown)
        row = file_row(page.page.locator(PANEL), "interview.m4a")
        expect(row).to_be_visible(timeout=30_000)
        row.click()
        form = page.add_cell(FORM)
        page.run(form)
        page.await_cell(form)
        for theme in ("light", "dark"):
            use_theme(page, theme)
            take(page.cells.nth(shown), f"panel-{theme}")
            take(page.cells.nth(form), f"form-{theme}")


FORM = """from ipywidgets import HTML, Output, VBox

hand_in = gf.UploadButton(accept=".pdf,.txt", description="Hand in")
out = Output()
with out:
    print("Waiting for an essay.")
VBox([HTML("<b>Essays</b>"), hand_in, out])"""


@contextmanager
def offline_desk(folder: Path) -> Iterator[Desk]:
    """Run a JupyterLab whose offline server can be slowed down, and whose clock can be moved."""
    for name in ("GOOGLE_API_KEY", "GEMINI_API_KEY", "GOOGLE_GEMINI_BASE_URL"):
        os.environ.pop(name, None)
    root = folder / "root"
    root.mkdir()
    runtime = private_folder(folder / "home" / "offline") / "server.json"
    with OfflineServer() as service:
        with urllib.request.urlopen(f"{service.address}/offline-server") as answer:
            instance = json.load(answer)["instance"]
        Runtime(service.address, service.pid, str(service.data), instance, service.key).write(runtime)
        with lab.running_lab(root) as address:
            try:
                yield Desk(address, root, service)
            finally:
                runtime.unlink()  # it is no server that Lab's end is to stop


def open_panel(browser: Browser, desk: Desk) -> LabPanel:
    for name in ("handout.pdf", "chart.png"):
        (desk.root / name).write_bytes((MEDIA / name).read_bytes())
    (desk.root / "notes.txt").write_text("The tide turns at noon.\n" * 40)
    (desk.root / "clip.mp4").write_bytes(bytes(3_400_000))
    write_media(desk.root / "keynote.mp4", "lecture.mp4", 1_120 * MIB)
    write_media(desk.root / "interview.m4a", "interview.m4a", 58 * MIB)
    write_media(desk.root / "lecture.mp4", "lecture.mp4", 786 * MIB)
    write_media(desk.root / "field recording, second day (final).m4a", "interview.m4a", 140 * MIB)
    context = browser.new_context(viewport={"width": 1400, "height": 820}, device_scale_factor=SCALE)
    panel = LabPanel.open(context, desk)
    panel.run(0)
    panel.await_cell(0)
    return panel


def write_media(path: Path, sample: str, size: int) -> None:
    """Write a film that plays, made larger by a box that players skip."""
    film = (MEDIA / sample).read_bytes()
    with path.open("wb") as file:
        file.write(film + struct.pack(">I4s", size - len(film), b"free"))
        file.truncate(size)


def stock(panel: LabPanel) -> None:
    """Have files stored that are of several kinds and ages, most of them in variables."""
    service = panel.desk.service
    run(panel, "keynote = %gemupload keynote.mp4\nhandout = %gemupload handout.pdf")
    service.advance(20 * HOUR)
    run(panel, "interview = %gemupload interview.m4a\nchart = %gemupload chart.png")
    service.advance(24.4 * HOUR)
    run(panel, "notes = %gemupload notes.txt")
    panel.press("Refresh")
    expect(panel.file("notes.txt")).to_be_visible()
    panel.clear()


def begin_transfers(panel: LabPanel) -> None:
    """Have a transfer that has failed, one that is done, one paused and one under way."""
    panel.choose("clip.mp4", "Upload to Gemini")
    panel.expect_phase("clip.mp4", "failed")
    panel.desk.service.faults(SLOWLY)
    panel.choose("field recording", "Upload to Gemini")
    expect(panel.transfer("field recording")).to_contain_text("left", timeout=60_000)
    panel.press("Pause field recording, second day (final).m4a")
    panel.expect_phase("field recording", "paused")
    panel.choose("lecture.mp4", "Upload to Gemini")
    expect(panel.transfer("lecture.mp4")).to_contain_text("left", timeout=60_000)


def run(panel: LabPanel, code: str) -> None:
    """Write a cell, and run it to its end."""
    cell = panel.add_cell(code)
    panel.run(cell)
    panel.await_cell(cell)


def use_theme(panel: LabPanel, theme: str) -> None:
    """Choose a theme in the menu."""
    panel.page.get_by_role("menuitem", name="Settings", exact=True).click()
    for item in ("Theme", THEMES[theme]):
        panel.page.locator(".lm-Menu-itemLabel").get_by_text(item, exact=True).click()
    expect(panel.page.locator("body")).to_have_attribute("data-jp-theme-name", THEMES[theme])


def resize(panel: LabPanel, width: int) -> None:
    """Drag the edge of the sidebar."""
    box = panel.root.bounding_box()
    assert box, "it is open"
    mouse = panel.page.mouse
    mouse.move(box["x"] - 2, 500)
    mouse.down()
    mouse.move(box["x"] - 2 + box["width"] - width, 500, steps=5)
    mouse.up()


def take(element: Locator, name: str) -> None:
    """Take a picture of something, at rest."""
    element.page.mouse.move(5, 5)  # nothing is to look hovered
    element.page.wait_for_timeout(1000)
    path = IMAGES / f"{name}.png"
    element.screenshot(path=path)
    # A palette makes it a third as large.
    Image.open(path).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


PICTURES: dict[str, Callable[[Path, Browser], None]] = {
    "first-upload": first_upload,
    "sidebar": sidebar,
    "panel": panel,
}


def main(names: list[str]) -> None:
    """Make the pictures of these names, or all."""
    IMAGES.mkdir(exist_ok=True)
    with lab.running_browser() as browser:
        for name in names or PICTURES:
            with tempfile.TemporaryDirectory() as folder:
                PICTURES[name](Path(folder), browser)


if __name__ == "__main__":
    main(sys.argv[1:])
