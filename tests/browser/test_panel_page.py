"""The panel in a page of its own: its states and themes by axe, by keyboard, with ten thousand files."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright is not installed")

from playwright.sync_api import Browser, Page, expect

from . import lab

LABEXTENSION = Path(__file__).parents[2] / "labextension"
MODULES = LABEXTENSION / "node_modules"
ESBUILD = MODULES / ".bin" / "esbuild"
AXE = MODULES / "axe-core" / "axe.min.js"

pytestmark = [
    pytest.mark.skipif(lab.find_chromium() is None, reason="chromium is not installed"),
    pytest.mark.skipif(not ESBUILD.exists(), reason="npm ci was not run in labextension"),
]

SCENES = ("empty", "loading", "problem", "full", "busy", "batch")
THEMES = ("", "light", "dark", "dark-high-contrast")
NARROW, WIDE = 260, 900

MEASURE = """async () => {
    const painted = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    const timed = async work => { const began = performance.now(); await work(); await painted();
        return performance.now() - began; };
    const opened = await timed(() => model.set({ files: tenThousand }));
    const input = document.querySelector('[role=searchbox]');
    const value = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value');
    const type = text => { value.set.call(input, text);
        input.dispatchEvent(new Event('input', { bubbles: true })); };
    const first = await timed(() => type('sample-1'));
    const second = await timed(() => type('sample-12 mp4'));
    await timed(() => type(''));
    const scroller = document.querySelector('.jp-gemfiles-Rows');
    const frames = [];
    let last = await new Promise(requestAnimationFrame);
    for (let step = 0; step < 120; step += 1) {
        scroller.scrollTop += 700;
        const now = await new Promise(requestAnimationFrame);
        frames.push(now - last);
        last = now;
    }
    frames.sort((a, b) => a - b);
    const rows = document.querySelectorAll('.jp-gemfiles-Panel-row').length;
    return { opened, first, second, median: frames[60], p95: frames[114], longest: frames[119], rows };
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the page once, for each theme that JupyterLab has, and without any."""
    folder = tmp_path_factory.mktemp("panel")
    command = [str(ESBUILD), "--bundle", "--jsx=automatic", '--define:process.env.NODE_ENV="production"']
    for source, built in (("tests/panel/scenes.tsx", "page.js"), ("style/panel.css", "panel.css")):
        target = f"--outfile={folder / built}"
        subprocess.run([*command, str(LABEXTENSION / source), target, "--log-level=error"], check=True)
    for theme in THEMES:
        themes = Path(sys.prefix) / "share" / "jupyter" / "lab" / "themes" / "@jupyterlab"
        variables = (themes / f"theme-{theme}-extension" / "index.css").read_text() if theme else ""
        (folder / f"{theme or 'none'}.html").write_text(
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>panel</title>'
            f"<style>{variables}\nbody {{ margin: 0; background: var(--jp-layout-color1, #fff); }}"
            '\n#home { height: 100vh; }</style><link rel="stylesheet" href="panel.css"></head>'
            '<body><main id="home"></main><script src="page.js"></script></body></html>'
        )
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with lab.running_browser() as browser:
        yield browser


def open_page(browser: Browser, folder: Path, scene: str, theme: str = "", width: int = WIDE) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 720})
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(f"file://{folder}/{theme or 'none'}.html?scene={scene}")
    expect(page.get_by_role("region", name="Gemini files")).to_be_visible()
    return page


def serious_findings(page: Page) -> list[list[object]]:
    """Return what axe finds that keeps people out."""
    page.add_script_tag(path=AXE)
    found: list[list[object]] = page.evaluate(
        "async () => (await axe.run()).violations"
        ".map(({id, impact, nodes}) => [impact, id, nodes.map(node => node.html.slice(0, 200))])"
    )
    return [it for it in found if it[0] in ("serious", "critical")]


@pytest.mark.parametrize(("theme", "width"), [(THEMES[1], NARROW), *((theme, WIDE) for theme in THEMES)])
def test_axe_finds_nothing_serious(browser: Browser, folder: Path, theme: str, width: int) -> None:
    for scene in SCENES:
        page = open_page(browser, folder, scene, theme, width)
        if scene == "full":
            page.get_by_role("row").nth(2).click()
        assert serious_findings(page) == [], scene
        page.close()


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_serious_in_what_opens(browser: Browser, folder: Path, theme: str) -> None:
    page = open_page(browser, folder, "full", theme, NARROW)
    page.get_by_role("row").nth(2).click()
    keys = page.keyboard

    keys.press("Enter")
    expect(page.get_by_role("menu")).to_be_visible()
    assert serious_findings(page) == [], "menu"
    keys.press("Escape")
    keys.press("Delete")
    expect(page.get_by_role("alertdialog")).to_be_visible()
    assert serious_findings(page) == [], "question"
    keys.press("Escape")
    keys.press("F2")
    page.evaluate("model.fault = 'That is no name in Python'")
    keys.type("2nd")
    keys.press("Enter")
    expect(page.locator(".jp-gemfiles-FieldError")).to_be_visible()
    assert serious_findings(page) == [], "refused name"
    page.close()


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_serious_in_the_upload_button(browser: Browser, folder: Path, theme: str) -> None:
    page = browser.new_page(viewport={"width": NARROW, "height": 300})
    page.goto(f"file://{folder}/{theme or 'none'}.html?scene=button")
    expect(page.get_by_role("progressbar")).to_be_visible()

    assert serious_findings(page) == []
    page.close()


def test_nothing_is_wider_than_the_panel(browser: Browser, folder: Path) -> None:
    for scene in SCENES:
        page = open_page(browser, folder, scene, "light", NARROW)
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW, scene
        page.close()


def test_the_whole_way_by_keyboard(browser: Browser, folder: Path) -> None:
    page = open_page(browser, folder, "full")
    keys = page.keyboard

    page.get_by_role("button", name="Upload").first.focus()
    for _ in range(30):
        if page.evaluate("document.activeElement.getAttribute('role')") == "grid":
            break
        keys.press("Tab")
    keys.press("Home")
    keys.press("ArrowDown")
    keys.press("Shift+ArrowDown")
    expect(page.get_by_text("2 selected")).to_be_visible()
    keys.press("Delete")
    expect(page.get_by_role("alertdialog")).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    keys.press("Delete")
    question = page.get_by_role("alertdialog")
    for _ in range(4):
        if page.evaluate("document.activeElement.textContent") == "Delete":
            break
        keys.press("Tab")
    keys.press("Enter")
    expect(question).to_have_count(0)
    calls = page.evaluate("model.calls")
    assert len(calls) == 1
    assert calls[0].startswith("remove files/")
    assert len(calls[0].split()) == 3
    keys.press("/")
    keys.type("figure")
    expect(page.locator(".jp-gemfiles-Panel-row")).to_have_count(1)
    page.close()


def test_ten_thousand_files_make_few_rows(browser: Browser, folder: Path) -> None:
    page = open_page(browser, folder, "many")

    figures = page.evaluate(MEASURE)
    print({name: round(value, 1) for name, value in figures.items()})

    assert figures["rows"] < 80
    page.close()
