"""The panel in a notebook, in a real browser on a real kernel."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright is not installed")

from playwright.sync_api import Browser, Page, expect

from . import lab
from .panels import (
    AXE,
    BUTTON,
    PANEL,
    SECONDS,
    begin_cell,
    cell_output,
    file_row,
    run_cell,
    settings,
    transfer_row,
    violations,
    write_notebook,
)

pytestmark = [
    pytest.mark.skipif(lab.find_chromium() is None, reason="chromium is not installed"),
    pytest.mark.skipif(
        not (Path(__file__).parents[2] / "gemfiles_jupyter/widgets/static/panel.js").exists(),
        reason="the panel is not built",
    ),
]

MIB = 1024 * 1024
DROP_MIB = int(os.environ.get("GEMFILES_DROP_MIB", "48"))
MOST_GROWTH = 32 * MIB
IMPORT = "import gemfiles_jupyter as gf"
OpenCells = Callable[..., Page]
Drop = Callable[..., str]
OPEN = f"{IMPORT}\npanel = gf.Panel()\npanel"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lab.copy_notebooks(tmp_path_factory.mktemp("panels") / "notebooks")


@pytest.fixture(scope="module")
def address(root: Path) -> Iterator[str]:
    with lab.running_lab(root) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with lab.running_browser() as browser:
        yield browser


@pytest.fixture
def open_cells(
    root: Path, address: str, browser: Browser, request: pytest.FixtureRequest
) -> Iterator[OpenCells]:
    """Open a notebook of some cells, and close it at the end."""
    pages = []

    def opened(*cells: str, is_dark: bool = False) -> Page:
        name = write_notebook(root, *cells, name=f"{request.node.name[:60]}.ipynb")
        page = lab.open_notebook(browser, address, name, is_dark=is_dark)
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.close()


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    """Drop a file of the desktop on a panel, and return its sha256."""

    def dropped(page: Page, name: str, size: int, *, selector: str = PANEL, index: int = 0) -> str:
        path = tmp_path / "desktop" / name
        digest = lab.make_file(path, size)
        target = page.locator(selector).nth(index)
        expect(target).to_be_visible(timeout=SECONDS)
        lab.drop_files(target, path)
        return digest

    return dropped


def test_a_drop_arrives_whole_and_the_kernel_does_not_grow(open_cells: OpenCells, drop: Drop) -> None:
    memory = "print('KiB', *re.findall(r'Vm(?:RSS|HWM):\\s+(\\d+)', open('/proc/self/status').read()))"
    page = open_cells(f"import re\n{OPEN}", memory, "print('sha', gf.list_files()[0].sha256)", memory)
    run_cell(page, 0)
    panel = page.locator(PANEL)
    drop(page, "small.bin", MIB)  # what is loaded only once does not count
    expect(file_row(panel, "small.bin")).to_be_visible(timeout=SECONDS)
    before = numbers(run_cell(page, 1))

    digest = drop(page, "big.bin", DROP_MIB * MIB)

    expect(file_row(panel, "big.bin")).to_contain_text("ready", timeout=5 * SECONDS)
    after = numbers(run_cell(page, 3))
    assert f"sha {digest}" in run_cell(page, 2)
    print(f"kernel RSS and peak, KiB: {before} before, {after} after {DROP_MIB} MiB")
    assert (max(after) - max(before)) * 1024 < MOST_GROWTH, f"from {before} to {after} KiB"


def test_cancelling_takes_less_than_a_second(open_cells: OpenCells, drop: Drop) -> None:
    page = open_cells(OPEN)
    run_cell(page, 0)
    panel = page.locator(PANEL)
    drop(page, "unwanted.bin", 256 * MIB)
    row = transfer_row(panel, "unwanted.bin")
    cancel = row.get_by_role("button", name="Cancel unwanted.bin")
    expect(cancel).to_be_visible(timeout=SECONDS)

    cancel.click()
    began = time.monotonic()

    expect(row.get_by_role("button", name="Cancel unwanted.bin")).to_have_count(0, timeout=1000)
    assert time.monotonic() - began < 1.0
    expect(file_row(panel, "unwanted.bin")).to_have_count(0)


def test_two_panels_of_a_kernel_stay_in_step(open_cells: OpenCells, drop: Drop) -> None:
    page = open_cells(OPEN, "gf.Panel()")
    run_cell(page, 0)
    run_cell(page, 1)
    first, second = page.locator(PANEL).nth(0), page.locator(PANEL).nth(1)

    drop(page, "shared.txt", 2000, index=0)
    expect(file_row(second, "shared.txt")).to_be_visible(timeout=SECONDS)

    row = file_row(second, "shared.txt")
    row.click()
    page.keyboard.press("Delete")
    expect(file_row(first, "shared.txt")).to_be_visible()  # nothing goes before the question is answered
    second.get_by_role("button", name="Delete", exact=True).last.click()
    expect(file_row(second, "shared.txt")).to_have_count(0, timeout=SECONDS)
    expect(file_row(first, "shared.txt")).to_have_count(0, timeout=SECONDS)


def test_a_variable_is_set_renamed_and_never_taken_from_others(open_cells: OpenCells, drop: Drop) -> None:
    page = open_cells(
        f"{OPEN[: -len('panel')]}mine = 5\npanel",
        "print(notes.label)",
        "print('notes' in vars(), words.label, mine)",
    )
    run_cell(page, 0)
    panel = page.locator(PANEL)
    drop(page, "my words.txt", 3000)
    row = file_row(panel, "my words.txt")
    expect(row).to_be_visible(timeout=SECONDS)

    set_variable(page, "my words.txt", "notes")
    expect(row).to_contain_text("notes", timeout=SECONDS)
    assert "my words.txt" in run_cell(page, 1)

    set_variable(page, "my words.txt", "mine")
    expect(page.get_by_text("mine already holds a value of type int.")).to_be_visible(timeout=SECONDS)
    page.keyboard.press("Escape")

    set_variable(page, "my words.txt", "words")
    expect(row).to_contain_text("words", timeout=SECONDS)
    assert "False my words.txt 5" in run_cell(page, 2)


def test_what_is_selected_is_known_to_python(open_cells: OpenCells, drop: Drop) -> None:
    page = open_cells(f"""{IMPORT}
from ipywidgets import Output, VBox
out = Output()
panel = gf.Panel(on_upload=lambda file: out.append_stdout(f"came {{file.label}} "))
panel.observe(lambda _: out.append_stdout(f"chosen {{[file.label for file in panel.files]}}"), "selected")
VBox([panel, out])""")
    run_cell(page, 0)
    panel = page.locator(PANEL)

    drop(page, "chosen.txt", 1234)
    expect(cell_output(page, 0)).to_contain_text("came chosen.txt", timeout=SECONDS)
    file_row(panel, "chosen.txt").click()

    expect(cell_output(page, 0)).to_contain_text("chosen ['chosen.txt']", timeout=SECONDS)


def test_a_prompt_cell_is_inserted_and_not_run(open_cells: OpenCells, drop: Drop) -> None:
    page = open_cells(OPEN)
    run_cell(page, 0)
    panel = page.locator(PANEL)
    drop(page, "asked about.txt", 1500)
    file_row(panel, "asked about.txt").click()

    panel.get_by_role("button", name="Insert prompt cell").click()

    cell = page.locator(".jp-CodeCell").filter(has_text="%%gemprompt")
    expect(cell).to_contain_text("Summarise {asked_about}.", timeout=SECONDS)
    expect(cell.locator(".jp-InputArea-prompt")).to_have_text("[ ]:")
    expect(file_row(panel, "asked about.txt")).to_contain_text("asked_about", timeout=SECONDS)


def test_a_button_in_a_form_has_the_files_as_its_value(open_cells: OpenCells, drop: Drop) -> None:
    form = f"""{IMPORT}
from ipywidgets import Output, VBox
out = Output()
button = gf.UploadButton(accept=".txt", description="Hand in")
button.observe(lambda change: out.append_stdout(f"got {{[file.label for file in change.new]}}"), "value")
VBox([button, out])"""
    page = open_cells(form, "print(type(button.value[0]).__name__, len(button.value))")
    run_cell(page, 0)
    button = page.locator(BUTTON)
    expect(button.get_by_role("button", name="Hand in")).to_be_visible(timeout=SECONDS)

    drop(page, "essay.txt", 4000, selector=BUTTON)

    expect(cell_output(page, 0)).to_contain_text("got ['essay.txt']", timeout=SECONDS)
    assert "File 1" in run_cell(page, 1)
    drop(page, "picture.png", 100, selector=BUTTON)
    expect(button).to_contain_text("1 file is not taken here: only .txt")


def test_a_notebook_whose_kernel_is_gone_shows_what_was_saved(open_cells: OpenCells, root: Path) -> None:
    page = open_cells(f"{IMPORT}\nupload = gf.upload('media/chart.png')\ngf.Panel()")
    run_cell(page, 0)
    expect(file_row(page.locator(PANEL), "chart.png")).to_be_visible(timeout=SECONDS)
    page.keyboard.press("Control+s")
    (path,) = root.glob("test_a_notebook_whose_kernel*.ipynb")
    saved_when(path, "Gemini files")
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_role("menuitem", name=re.compile("^Shut Down Kernel")).click()
    expect(page.get_by_text(re.compile("No Kernel")).first).to_be_visible(timeout=SECONDS)

    page.reload()

    output = cell_output(page, 0)
    expect(output).to_contain_text("chart.png · image/png", timeout=SECONDS)
    expect(output.get_by_text("Error displaying widget")).to_be_hidden()
    assert len(path.read_text()) < 6000, "cells, metadata and all"


def test_a_panel_whose_kernel_was_restarted_says_so(open_cells: OpenCells) -> None:
    page = open_cells(OPEN)
    run_cell(page, 0)
    panel = page.locator(PANEL)
    expect(panel.get_by_text("offline server").first).to_be_visible(timeout=SECONDS)
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_role("menuitem", name=re.compile("^Restart Kernel…")).click()
    page.locator(".jp-Dialog .jp-mod-accept").click()

    panel.get_by_role("button", name="Refresh").click()

    expect(panel.get_by_text("The kernel of this panel was restarted or is gone.")).to_be_visible(
        timeout=SECONDS
    )
    idle = page.get_by_text(re.compile(r"Python 3 .*\| Idle"))
    expect(idle).to_be_visible(timeout=SECONDS)  # a server that stops while a kernel starts trips over it


def test_axe_finds_nothing_serious(open_cells: OpenCells, drop: Drop) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm ci in labextension")
    page = open_cells(OPEN, "gf.UploadButton()")
    run_cell(page, 0)
    run_cell(page, 1)
    drop(page, "looked-at.txt", 1000)
    expect(file_row(page.locator(PANEL), "looked-at.txt")).to_be_visible(timeout=SECONDS)
    file_row(page.locator(PANEL), "looked-at.txt").click()

    assert violations(page, PANEL) == []
    assert violations(page, BUTTON) == []


def test_in_notebook_7(root: Path, address: str, browser: Browser, drop: Drop) -> None:
    name = write_notebook(root, OPEN, name="seven.ipynb")
    page = browser.new_page(viewport={"width": 1100, "height": 900})
    page.goto(f"{address}/notebooks/{name}?token={lab.TOKEN}")
    kernel = page.locator(".jp-Toolbar-kernelName")
    expect(kernel).to_contain_text("Python 3", timeout=SECONDS)  # without a kernel it is idle, too
    status = page.locator(".jp-Notebook-ExecutionIndicator")
    expect(status).to_have_attribute("data-status", "idle", timeout=SECONDS)
    run_cell(page, 0)
    panel = page.locator(PANEL)

    drop(page, "seven.txt", 7000)

    expect(file_row(panel, "seven.txt")).to_be_visible(timeout=SECONDS)
    page.close()


def test_a_drop_while_a_cell_runs_waits_and_then_completes(
    tmp_path: Path, browser: Browser, drop: Drop
) -> None:
    root = lab.copy_notebooks(tmp_path / "notebooks")
    settings(root, "@jupyterlab/apputils-extension:kernels-settings", {"commsOverSubshells": "disabled"})
    long = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.05)"
    name = write_notebook(root, OPEN, long)
    with lab.running_lab(root) as address:
        page = lab.open_notebook(browser, address, name)
        run_cell(page, 0)
        panel = page.locator(PANEL)
        expect(panel.get_by_text("offline server").first).to_be_visible(timeout=SECONDS)
        prompt = begin_cell(page, 1)
        expect(prompt).to_have_text("[*]:")

        drop(page, "patient.bin", 5 * MIB)

        expect(panel.get_by_text("The kernel is busy; what is under way goes on.")).to_be_visible(
            timeout=SECONDS
        )
        expect(panel.locator('.jp-gemfiles-Transfer[data-phase="waiting"]')).to_contain_text("patient.bin")
        (root / "go").touch()
        expect(prompt).to_have_text("[2]:", timeout=SECONDS)
        expect(file_row(panel, "patient.bin")).to_be_visible(timeout=SECONDS)
        expect(panel.get_by_text("The kernel is busy")).to_be_hidden()
        page.close()


def set_variable(page: Page, label: str, variable: str) -> None:
    """Edit the variable of a file in its row."""
    row = file_row(page.locator(PANEL), label)
    row.hover()
    row.locator('[data-part="variable"]').click()
    field = page.get_by_role("textbox", name=f"Variable of {label}")
    field.fill(variable)
    field.press("Enter")


def numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d{4,}", text)]


def saved_when(path: Path, text: str) -> None:
    """Wait until a notebook on disk has a text."""
    end = time.monotonic() + 30
    while text not in path.read_text():
        assert time.monotonic() < end, f"{path.name} was not saved"
        time.sleep(0.1)
