"""The panel in a real JupyterLab, and what a person does there with mouse and keyboard."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import BrowserContext, Error, Locator, Page, Response, WebSocket, expect

from gemfiles_jupyter.client import Client
from gemfiles_jupyter.client.models import File
from gemfiles_jupyter.config import Endpoint, Secret
from gemfiles_jupyter.offline.testing import OfflineServer

from . import lab

__all__ = ["SLOWLY", "Desk", "Heard", "LabPanel", "running_desk"]

MIB = 1024 * 1024
CANARY = "canary-of-the-key-AIzaNot"
NOTEBOOK = "desk.ipynb"
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
# Each segment waits, so that there is time to look.
SLOWLY = {"plane": "data", "action": "delay", "delay_seconds": 1.0, "count": 10_000}


@dataclass
class Desk:
    """A JupyterLab, the service behind it, and the folder that it shows."""

    address: str
    root: Path
    service: OfflineServer

    def write(self, name: str, size: int) -> Path:
        """Put a file there that no other test has."""
        path = self.root / name
        with path.open("wb") as file:
            file.write(name.encode())
            file.truncate(size)
        return path

    def write_notebook(self, name: str = NOTEBOOK) -> None:
        """Put a notebook there with one cell that has no output."""
        notebook = new_notebook(cells=[new_code_cell("%load_ext gemfiles_jupyter")], metadata=KERNEL)
        nbformat.write(notebook, self.root / name)

    @property
    def desktop(self) -> Path:
        """A folder that the server does not show."""
        return self.root.parent / "desktop"

    @property
    def home(self) -> Path:
        """Where the server and its kernels keep what they remember."""
        return self.root.parent / "home"

    def upload_ids(self) -> set[str]:
        """Return what the journal now knows of upload URLs, each long enough to be told from others."""
        journal = b"".join(path.read_bytes() for path in self.home.glob("journal.db*"))
        return {part.split(b"&")[0][:12].decode() for part in journal.split(b"upload_id=")[1:]}

    def peak_bytes(self, *, is_reset: bool = False) -> int:
        """Return the most memory that the server has had, since that was reset."""
        process = Path("/proc") / (self.root.parent / "lab.pid").read_text()
        if is_reset:
            (process / "clear_refs").write_text("5")
        return 1024 * int(re.findall(r"VmHWM:\s+(\d+) kB", (process / "status").read_text())[0])

    def stored(self, label: str) -> File:
        """Return a file of the service."""
        files = Client(endpoint=Endpoint(self.service.address, Secret(self.service.key))).files
        return next(file for file in files.list() if file.label == label)


@contextmanager
def running_desk(folder: Path) -> Iterator[Desk]:
    """Run it all, in processes of their own."""
    root = folder / "root"
    root.mkdir()
    with OfflineServer(key=CANARY, processing_seconds=0.5) as service, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOOGLE_GEMINI_BASE_URL", service.address)
        patch.setenv("GOOGLE_API_KEY", service.key)
        with lab.running_lab(root) as address:
            yield Desk(address, root, service)


@dataclass
class LabPanel:
    """A page with a notebook in the middle and the panel at the right."""

    page: Page
    desk: Desk
    errors: list[str] = field(default_factory=list)

    @classmethod
    def open(
        cls, context: BrowserContext, desk: Desk, *, app: str = "lab/tree", is_shown: bool = True
    ) -> LabPanel:
        """Open JupyterLab, or with ``notebooks`` Notebook 7, and the panel in it unless it is not to be."""
        page = context.new_page()
        panel = cls(page, desk)
        page.on("pageerror", lambda error: panel.errors.append(str(error.stack)))
        desk.write_notebook()
        page.goto(f"{desk.address}/{app}/{NOTEBOOK}?token={lab.TOKEN}&reset")
        panel.wait()
        if is_shown:
            panel.show()
        return panel

    def wait(self) -> None:
        """Wait until the page is there, with a kernel at rest."""
        expect(self.page.locator(".jp-NotebookPanel")).to_be_visible(timeout=60_000)
        # Without a kernel it is called idle, too.
        expect(self.page.locator(".jp-Toolbar-kernelName")).to_contain_text("Python 3", timeout=60_000)
        kernel = self.page.locator(".jp-NotebookPanel .jp-Notebook-ExecutionIndicator")
        expect(kernel).to_have_attribute("data-status", "idle", timeout=60_000)

    def show(self) -> None:
        """Open the panel where it is closed."""
        if not self.root.is_visible():
            self.page.get_by_role("menuitem", name="View", exact=True).click()
            self.page.get_by_role("menuitem", name="Show Gemini Files").click()
            self.await_focus()
        expect(self.root).to_be_visible()

    def await_focus(self) -> None:
        """Wait until the panel that was opened has the focus."""
        self.page.wait_for_function("() => document.activeElement.closest('#gemfiles-panel')")

    @property
    def root(self) -> Locator:
        """The panel."""
        return self.page.locator("#gemfiles-panel .jp-gemfiles-Panel")

    @property
    def status(self) -> Locator:
        """Its item in the status bar."""
        return self.page.locator(".jp-gemfiles-Status")

    @property
    def cells(self) -> Locator:
        """The cells of the notebook."""
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell")

    def transfer(self, label: str) -> Locator:
        """Return the row of a transfer."""
        return self.root.locator(".jp-gemfiles-Transfer", has_text=label)

    def file(self, label: str) -> Locator:
        """Return the row of a stored file."""
        return self.root.locator(".jp-gemfiles-Panel-row", has_text=label)

    def tab_to(self, name: str) -> None:
        """Press Tab until something of a name has the focus."""
        told = "() => (document.activeElement.ariaLabel ?? document.activeElement.textContent).trim()"
        for _ in range(40):
            if self.page.evaluate(told) == name:
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not get to {name}")

    def press(self, name: str | re.Pattern[str]) -> None:
        """Press a button of the panel."""
        self.root.get_by_role("button", name=name).click()

    def expect_phase(self, label: str, phase: str, *, seconds: float = 30) -> None:
        """Wait until a transfer is in a phase."""
        expect(self.transfer(label)).to_have_attribute("data-phase", phase, timeout=seconds * 1000)

    def clear(self) -> None:
        """Take what has ended off the list."""
        button = self.root.get_by_role("button", name="Clear", exact=True)
        if button.is_visible():
            button.click()

    def item(self, name: str) -> Locator:
        """Return a file in the file browser, which is made to look for it."""
        item = self.page.locator(".jp-DirListing-item", has_text=name)
        if not item.is_visible():
            self.page.locator(".jp-FileBrowser jp-button[data-command='filebrowser:refresh']").click()
        expect(item).to_be_visible()
        return item

    def choose(self, name: str, command: str) -> None:
        """Choose a command of a file's context menu."""
        self.item(name).click(button="right")
        self.page.get_by_role("menuitem", name=command, exact=True).click()

    def drop(self, *names: str) -> None:
        """Drop files of the desktop on the panel."""
        lab.drop_files(self.root, *(self.desk.desktop / name for name in names))

    def upload(self, name: str) -> None:
        """Have a small text stored."""
        self.desk.desktop.mkdir(exist_ok=True)
        (self.desk.desktop / name).write_text(f"What {name} says, once: {secrets.token_hex(200)}")
        self.drop(name)
        expect(self.file(name)).to_be_visible(timeout=30_000)
        expect(self.file(name)).to_have_attribute("data-state", "ACTIVE", timeout=30_000)

    def add_cell(self, source: str) -> int:
        """Write a cell at the end of the notebook; return its index."""
        last = self.cells.last
        last.locator(".jp-InputArea-prompt").click()
        count = self.cells.count()
        self.page.keyboard.press("b")
        expect(self.cells).to_have_count(count + 1)
        self.page.keyboard.press("Enter")
        self.page.keyboard.insert_text(source)
        return count

    def run(self, index: int) -> None:
        """Run a cell, and wait for nothing."""
        self.cells.nth(index).locator(".jp-InputArea-prompt").click()
        self.page.keyboard.press("Control+Enter")

    def await_cell(self, index: int) -> str:
        """Wait until a cell has run, and return what it shows."""
        prompt = self.cells.nth(index).locator(".jp-InputArea-prompt")
        expect(prompt).to_have_text(re.compile(r"\[\d+\]:"), timeout=60_000)
        outputs = self.cells.nth(index).locator(".jp-OutputArea-output")
        return "\n".join(outputs.all_inner_texts())

    def source(self, index: int) -> str:
        """Return what is written in a cell."""
        return "\n".join(self.cells.nth(index).locator(".cm-line").all_inner_texts())


class Heard:
    """All that a browser is told by the server, and all that its pages hold.

    Parameters
    ----------
    context
        Its pages that are opened from now on are listened to.
    """

    def __init__(self, context: BrowserContext) -> None:
        self._context = context
        self._responses: list[Response] = []
        self.messages: list[str] = []  # of web sockets
        context.on("response", lambda response: self._responses.append(response))
        context.on("page", lambda page: page.on("websocket", self._listen))

    def page_texts(self, page: Page) -> list[str]:
        """Return the document, its address, what its fields hold, and what the browser stores for it."""
        fields = page.locator("input, textarea").evaluate_all("fields => fields.map(field => field.value)")
        session = page.evaluate("() => JSON.stringify(sessionStorage)")
        return [page.content(), page.url, *fields, session, str(self._context.storage_state(indexed_db=True))]

    def answer_texts(self) -> list[str]:
        """Return the addresses, headers and bodies of what was answered."""
        return [_text(response) for response in self._responses]

    def _listen(self, socket: WebSocket) -> None:
        for event in ("framereceived", "framesent"):
            socket.on(event, lambda data: self.messages.append(str(data)))


def _text(response: Response) -> str:
    try:
        body = response.text()
    except (Error, UnicodeDecodeError):  # a redirect, an answer to a reload, a picture
        body = ""
    return f"{response.url} {response.headers} {body}"
