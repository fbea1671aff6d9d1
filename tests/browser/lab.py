"""A real JupyterLab in a real browser, on a copy of the notebooks, for tests and pictures."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from gemfiles_jupyter.offline import launcher

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
TOKEN = "lab-test-token"
START_SECONDS = 60


def find_chromium() -> str | None:
    """Return the system's browser, if there is one."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def running_lab(root: Path) -> Iterator[str]:
    """Serve a folder in JupyterLab, and yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={root}"]
    command += [f"--IdentityProvider.token={TOKEN}"]
    settings = root.parent / "settings"
    quiet = settings / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    quiet.parent.mkdir(parents=True, exist_ok=True)
    quiet.write_text('{"fetchNews": "false", "checkForUpdates": false}')
    environ = {**os.environ, "JUPYTERLAB_SETTINGS_DIR": str(settings)}
    environ["JUPYTER_CONFIG_DIR"] = str(root.parent / "config")  # the environment's own still counts
    environ["GEMFILES_HOME"] = str(root.parent / "home")
    environ["JUPYTERLAB_WORKSPACES_DIR"] = str(root.parent / "workspaces")
    with (root.parent / "lab.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environ, cwd=root)
    (root.parent / "lab.pid").write_text(str(process.pid))
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/api/status?token={TOKEN}", process)
        yield address
    finally:
        process.terminate()
        process.wait(20)
        launcher.stop(root.parent / "home")


@contextmanager
def running_browser(*more: str) -> Iterator[Browser]:
    """Start the system's chromium, headless, with more flags where asked."""
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=[*flags, *more])
        try:
            yield browser
        finally:
            browser.close()


def copy_notebooks(root: Path) -> Path:
    """Copy the tutorials, without what they showed, to a folder that may be written to."""
    target = shutil.copytree(NOTEBOOKS, root, ignore=shutil.ignore_patterns("images", ".*", "__pycache__"))
    return Path(target)


def open_notebook(
    browser: Browser, address: str, name: str, *, is_dark: bool = False, height: int = 900
) -> Page:
    """Open a notebook on its own, ready to be run."""
    page = browser.new_page(viewport={"width": 1100, "height": height}, device_scale_factor=1.5)
    if is_dark:
        theme = {"raw": '{"theme": "JupyterLab Dark"}'}
        url = f"{address}/lab/api/settings/@jupyterlab/apputils-extension:themes?token={TOKEN}"
        page.request.put(url, data=theme, headers={"Authorization": f"token {TOKEN}"})
    page.goto(f"{address}/doc/tree/{name}?token={TOKEN}&reset")
    expect(page.locator(".jp-NotebookPanel")).to_be_visible(timeout=60_000)
    select = page.get_by_role("button", name="Select Kernel")
    idle = page.get_by_text(re.compile(r"Python 3 .*\| Idle"))
    expect(select.or_(idle).first).to_be_visible(timeout=60_000)
    if select.is_visible():
        select.click()
    expect(idle).to_be_visible(timeout=60_000)
    return page


def make_file(path: Path, size: int) -> str:
    """Write a file that no other is like, and return its sha256."""
    digest = hashlib.sha256()
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        for start in range(0, size, 1024**2):
            block = os.urandom(min(1024**2, size - start))
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def drop_files(target: Locator, *paths: Path) -> None:
    """Drop files of this computer on something, as the desktop does: what comes of it is the browser's."""
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box, "it can be seen"
    # Near the top: JupyterLab's notifications may lie over what is further down.
    place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + min(40, box["height"] / 2)}
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    session = target.page.context.new_cdp_session(target.page)
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, **place, "data": data})
    session.detach()


def run_all(page: Page) -> None:
    """Run every cell from the menu, as a person does, and wait for the last one."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    cells = page.locator(".jp-CodeCell")
    expect(cells.last.locator(".jp-InputArea-prompt")).to_have_text(re.compile(r"\[\d+\]:"), timeout=120_000)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"JupyterLab ended with {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError("JupyterLab does not answer")
